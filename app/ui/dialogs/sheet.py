"""A page over the window: title, explanation, what is to be read or typed, [Cancel] [action]."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.ui.page import scrolling
from app.ui.phrases import words
from app.ui.reading import put_in_order, stops
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import label

_LEFT_OF_WINDOW = 40  # pixels of the window's height that stay visible around a tall sheet
_TALLEST_ALONE = 760

Answer = Callable[[], object | None]
"""The command for what was typed; None while something is missing, which is said by the field."""


class Sheet(QDialog):
    """``name`` prefixes the object names: ``name.title``, ``name.do``, ``name.cancel``. `fill`
    puts the content in; until then there is nothing to do here."""

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
        width: int = 620,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"sheet.{name}")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._answer: Answer | None = None
        self.title = label(title, "h1", wrap=True, name=f"{name}.title")
        self.explained = label(explained, "muted", wrap=True)
        self.head = column(self.title, self.explained, margins=(24, 20, 24, 12), spacing=8)
        self._body = column(spacing=14, margins=(24, 4, 24, 12))
        self._area = scrolling(self._body)
        self.action = Button(action, kind, name=f"{name}.do")
        self.cancel = Button(words.cancel(), name=f"{name}.cancel")
        self.action.clicked.connect(self._do)
        self.cancel.clicked.connect(self.reject)
        self.finished.connect(self.deleteLater)
        self.foot = row(None, self.cancel, self.action, margins=(24, 12, 24, 18), spacing=10)
        self._outer = column(self.head, self._area, self.foot, spacing=0)
        self._outer.setStretch(1, 1)
        self.setLayout(self._outer)
        self.setMinimumWidth(width)

    def fill(self, *content: QWidget, answer: Answer | None) -> None:
        """``content`` from top to bottom, the first editor focused; without ``answer`` there is
        only reading and [Close]."""
        self._answer = answer
        for part in content:
            self._body.addWidget(part)
        self._body.addStretch(1)
        self._area.setVisible(bool(content))
        if answer is None:
            self.action.hide()
            self.cancel.say(words.close())
        first = next((stop for stop in stops(self) if stop.isVisibleTo(self)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fit()

    def fit(self) -> None:
        """As tall as its content, at most the height of the window; once more when parts that
        are new in it have been shown."""
        self._fit()
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        wide = max(self.minimumWidth(), self.width())
        need = 0
        for layout in (self.head, self._body, self.foot):
            layout.invalidate()
        for at in range(self._outer.count()):
            item = self._outer.itemAt(at)
            part = item.layout() if item is not None else None
            if part is not None:
                tall = part.heightForWidth(wide)
                need += tall if tall >= 0 else part.sizeHint().height()
        if not self._area.isHidden():
            tall = self._body.heightForWidth(wide - 12)  # less a scroll bar
            need += tall if tall >= 0 else self._body.sizeHint().height()
        over = self.parentWidget()
        most = over.window().height() - _LEFT_OF_WINDOW if over else _TALLEST_ALONE
        self.resize(wide, min(most, need + 2))

    def focusNextPrevChild(self, next: bool) -> bool:
        put_in_order(self)
        return super().focusNextPrevChild(next)

    def _do(self) -> None:
        command = self._answer() if self._answer is not None else None
        if command is not None:
            self._send(command)

    def _send(self, command: object) -> None:
        self.asked.emit(command)
        self.accept()
