"""A sheet that asks for something and stays until it is known what came of it.

What was typed is there again when it was refused; once it succeeded, or the sheet is closed,
nothing of it is left.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QProgressBar, QWidget

from app.domain.snapshots.shell import Notice
from app.ui.page import scrolling
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import Item, column, row
from app.ui.widgets.notice import NoticeBar
from app.ui.widgets.text import label


class AskSheet(QDialog):
    """Title, explanation, body, [Cancel] [action]. Subclasses override `command`, which returns
    None while something is missing (and says what, by the field), and `forget`."""

    asked = Signal(object)

    def __init__(
        self,
        name: str,
        title: str,
        explained: str,
        action: str,
        parent: QWidget | None = None,
        *,
        kind: str = "primary",
        width: int = 520,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"sheet.{name}")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._awaited = ""  # the command whose answer is awaited, as notices name it
        self._title = label(title, "h1", wrap=True)
        self._explained = label(explained, "muted", wrap=True)
        self._problem = NoticeBar(f"{name}.problem")
        self.body = column(spacing=14, margins=(24, 6, 24, 6))
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(action)
        self._bar.hide()
        self.cancel = Button(words.cancel(), name=f"{name}.cancel")
        self.action = Button(action, kind, name=f"{name}.do")
        self.action.setAutoDefault(True)
        self.action.setDefault(True)
        self.action.clicked.connect(self._do)
        self.cancel.clicked.connect(self.reject)
        self._head = column(
            self._title, self._explained, self._problem, margins=(24, 20, 24, 10), spacing=8
        )
        self._foot = row(None, self.cancel, self.action, margins=(24, 12, 24, 18), spacing=10)
        wait = column(self._bar, margins=(24, 0, 24, 0))
        self._area = scrolling(self.body)
        outer = column(self._head, self._area, wait, self._foot, spacing=0)
        outer.setStretch(1, 1)
        self.setLayout(outer)
        self.setMinimumWidth(width)

    def add(self, *items: Item) -> None:
        for item in items:
            if isinstance(item, QWidget):
                self.body.addWidget(item)
            elif isinstance(item, int):
                self.body.addSpacing(item)

    def fit(self) -> None:
        """As tall as its content, at most the height of the window; once more when parts that
        are new in it have been shown."""
        self._fit()
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        for part in (self._head, self.body, self._foot):
            part.invalidate()
        wide = max(self.minimumWidth(), self.width())
        need = self.body.heightForWidth(wide)
        tall = need if need > 0 else self.body.sizeHint().height()
        head = self._head.heightForWidth(wide)
        rest = head + self._foot.sizeHint().height() + 12
        over = self.parentWidget()
        most = 760 if over is None else over.window().height() - 40
        self.resize(wide, min(most, tall + rest))

    def command(self) -> object | None:
        raise NotImplementedError

    def forget(self) -> None:
        """Empty every field that holds a secret."""

    def awaits_anything(self) -> bool:
        return bool(self._awaited)

    def waits_for(self, notice: Notice) -> bool:
        """Whether ``notice`` is about what was asked here."""
        return bool(self._awaited) and notice.about == self._awaited

    def answer(self, notice: Notice) -> None:
        """What came of it: closed when it is done, else the reason stands above the fields."""
        if notice.kind == "done":
            self.accept()
            return
        self._wait("")
        self._problem.say(notice)
        self.fit()

    def done(self, result: int) -> None:
        self.forget()
        self._wait("")
        super().done(result)

    def _do(self) -> None:
        command = self.command()
        if command is not None:
            self._problem.hide()
            self._wait(type(command).__name__)
            self.asked.emit(command)

    def _wait(self, awaited: str) -> None:
        self._awaited = awaited
        self._bar.setVisible(bool(awaited))
        self.action.setEnabled(not awaited)
