"""The lock screen: one password, and what waits for it by name and deadline."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import Unlock
from app.domain.snapshots.shell import FirstRunSnapshot, Notice, WaitingOrder
from app.ui.phrases import notices
from app.ui.phrases import shell as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Lines
from app.ui.widgets.fields import Field, PasswordEdit
from app.ui.widgets.layout import card, column, frame, row
from app.ui.widgets.text import Icon, label

MOST_WAITING = 5  # named; of more the number is said


class LockScreen(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("lock")
        self._title = label(role="h1", wrap=True, name="lock.title")
        self._text = label(role="muted", wrap=True, name="lock.text")
        self._orders = Lines()
        self._shown: tuple[WaitingOrder, ...] = ()
        self._waiting = frame(
            "act",
            column(
                label(phrases.waiting(), "strong"),
                self._orders,
                margins=(16, 12, 16, 12),
                spacing=10,
            ),
            "lock.waiting",
        )
        self.password = PasswordEdit("lock.password")
        self._field = Field(phrases.password(), self.password)
        self._open = Button(phrases.unlock(), "primary", icon="lock-open", name="lock.unlock")
        self._open.clicked.connect(self._unlock)
        self.password.returnPressed.connect(self._unlock)
        self.password.textEdited.connect(lambda _: self._field.set_error())
        box = card(
            row(Icon("lock", "accent", 28, 1.75), None),
            self._title,
            self._text,
            self._waiting,
            self._field,
            row(self._open, None),
            spacing=12,
        )
        box.setFixedWidth(440)
        self.setLayout(column(None, row(None, box, None), None))
        self.say("", FirstRunSnapshot("locked"))

    def say(self, name: str, run: FirstRunSnapshot) -> None:
        busy = bool(run.busy)
        self._title.setText(phrases.locked_title(name))
        self._text.setText(phrases.locked_text(run.restarted))
        if run.waiting_orders != self._shown:
            self._shown = run.waiting_orders
            self._orders.say(*_lines(run.waiting_orders))
        self._waiting.setVisible(bool(run.waiting_orders))
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


def _lines(waiting: tuple[WaitingOrder, ...]) -> list[QWidget]:
    lines: list[QWidget] = []
    for one in waiting[:MOST_WAITING]:
        made = QWidget()
        due = label(phrases.waiting_order(one), "warn" if one.late else "muted", wrap=True)
        made.setLayout(column(label(one.title, wrap=True), due, spacing=1))
        lines.append(made)
    if len(waiting) > MOST_WAITING:
        lines.append(label(phrases.waiting_more(len(waiting) - MOST_WAITING), "hint"))
    return lines
