"""A sheet that asks for something and stays until it is known what came of it.

What was typed is there again when it was refused; once it succeeded, or the sheet is closed,
nothing secret of it is left.
"""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from app.domain.snapshots.shell import Notice
from app.ui.dialogs.sheet import Sheet
from app.ui.phrases import settings as phrases
from app.ui.widgets.fields import Field, PasswordEdit
from app.ui.widgets.layout import column
from app.ui.widgets.notice import NoticeBar


class SecretField(Field):
    """The password asked for once more, before something that needs it."""

    def __init__(self, name: str, title: str) -> None:
        self.edit = PasswordEdit(name)
        super().__init__(title, self.edit)
        self.edit.textEdited.connect(lambda _: self.set_error())

    def accepted(self) -> str:
        """The password, or "" after saying that it is missing."""
        if not self.edit.text():
            self.set_error(phrases.text("password.missing"))
            self.edit.setFocus()
        return self.edit.text()


class AskSheet(Sheet):
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
        super().__init__(name, title, explained, action, parent, kind=kind, width=width)
        self._awaited = ""  # the command whose answer is awaited, as notices name it
        self.problem = NoticeBar(f"{name}.problem")
        self.head.addWidget(self.problem)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(action)
        self._bar.hide()
        self._outer.insertLayout(2, column(self._bar, margins=(24, 0, 24, 0)))
        self.action.setAutoDefault(True)
        self.action.setDefault(True)

    def awaits_anything(self) -> bool:
        return bool(self._awaited)

    def told(self, notice: Notice) -> None:
        """What came of what was asked here, if ``notice`` is about that: closed when it is done,
        else the reason stands above the fields."""
        if not self._awaited or notice.about != self._awaited:
            return
        if notice.kind == "done":
            self.accept()
            return
        self.wait_for("")
        self.problem.say(notice)
        self.fit()

    def done(self, result: int) -> None:
        for secret in self.findChildren(PasswordEdit):
            secret.take()
        self.wait_for("")
        super().done(result)

    def wait_for(self, awaited: str) -> None:
        """The name of the command whose answer is awaited, "" for none."""
        self._awaited = awaited
        self._bar.setVisible(bool(awaited))
        self.action.setEnabled(not awaited)

    def _send(self, command: object) -> None:
        self.problem.hide()
        self.wait_for(type(command).__name__)
        self.asked.emit(command)
