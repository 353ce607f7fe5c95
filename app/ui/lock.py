"""The lock screen: one password, nothing else to see."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import Unlock
from app.domain.snapshots.shell import Notice
from app.ui.phrases import notices
from app.ui.phrases import shell as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, PasswordEdit
from app.ui.widgets.layout import card, column, row
from app.ui.widgets.text import Icon, label


class LockScreen(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lock")
        self._title = label(role="h1", wrap=True, name="lock.title")
        self._waiting = label(role="muted", wrap=True, name="lock.waiting")
        self.password = PasswordEdit("lock.password")
        self._field = Field(phrases.password(), self.password)
        self._open = Button(phrases.unlock(), "primary", icon="lock-open", name="lock.unlock")
        self._open.clicked.connect(self._unlock)
        self.password.returnPressed.connect(self._unlock)
        self.password.textEdited.connect(lambda _: self._field.set_error())
        box = card(
            row(Icon("lock", "accent", 28, 1.75), None),
            self._title,
            label(phrases.locked_text(), "muted", wrap=True),
            self._waiting,
            self._field,
            row(self._open, None),
            spacing=12,
        )
        box.setFixedWidth(440)
        self.setLayout(column(None, row(None, box, None), None))
        self.say("")

    def say(self, name: str, waiting: tuple[str, ...] = (), busy: bool = False) -> None:
        self._title.setText(phrases.locked_title(name))
        self._waiting.setText(phrases.waiting(waiting))
        self._waiting.setVisible(bool(waiting))
        self._open.setEnabled(not busy)
        self._open.say(phrases.opening() if busy else phrases.unlock())

    def refuse(self, notice: Notice) -> None:
        """Opening failed; the reason stands under the field."""
        title, cause, advice = notices.written(notice)
        self._field.set_error(" ".join(part for part in (title, cause, advice) if part))
        self._open.setEnabled(True)
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _unlock(self) -> None:
        if self.password.text():
            self.asked.emit(Unlock(self.password.take()))
