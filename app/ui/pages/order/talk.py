"""Messages with the other side. What is being typed stays, whatever arrives."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.commands import SendText
from app.domain.snapshots.orders import Line, OrderSnapshot
from app.ui.phrases import order as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Lines
from app.ui.widgets.fields import line_edit
from app.ui.widgets.layout import column, row
from app.ui.widgets.text import Icon, label

SHOWN = 3
TEXT_CHARACTERS = 1000  # ≤ 4 KiB in any script, see the protocol's Message


class Talk(QFrame):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.talk")
        self.setProperty("surface", "card")
        self._order = ""
        self._drafts: dict[str, str] = {}  # what was typed and not sent, by order
        self._texts: tuple[Line, ...] = ()
        self._shown: object = None
        self._all = False
        self._earlier = Button("", "link", name="order.earlier_messages")
        self._earlier.clicked.connect(self._show_all)
        self._lines = Lines("order.messages", spacing=8)
        self.input = line_edit("order.message", most=TEXT_CHARACTERS)
        self.input.returnPressed.connect(self._send)
        self._button = Button(phrases.send(), name="order.send")
        self._button.clicked.connect(self._send)
        bottom = row(self.input, self._button, spacing=8)
        self.setLayout(
            column(self._earlier, self._lines, bottom, margins=(20, 14, 20, 14), spacing=10)
        )

    def say(self, order: OrderSnapshot) -> None:
        if order.order != self._order:
            self._drafts[self._order] = self.input.text()
            self._order = order.order
            self._all = False
            self.input.setText(self._drafts.get(order.order, ""))
        hint = phrases.write_to(order.other)
        self.input.setPlaceholderText(hint)
        self.input.setAccessibleName(hint)
        self._texts = tuple(line for line in order.thread if line.text and not line.proposal)
        self._write()

    def _write(self) -> None:
        lines = self._texts if self._all else self._texts[-SHOWN:]
        hidden = len(self._texts) - len(lines)
        self._earlier.setVisible(hidden > 0)
        self._earlier.say(phrases.show_all(hidden))
        self._lines.setVisible(bool(lines))
        shown = (self._order, tuple((line, words.ago(line.at)) for line in lines))
        if shown != self._shown:
            self._shown = shown
            self._lines.say(*(_message(line) for line in lines))

    def _show_all(self) -> None:
        self._all = True
        self._write()

    def _send(self) -> None:
        text = self.input.text().strip()
        if text and self._order:
            self.asked.emit(SendText(self._order, text))
            self.input.clear()


def _message(line: Line) -> QWidget:
    who = phrases.you() if line.mine else line.who
    when = words.ago(line.at) if line.delivered else phrases.not_delivered()
    box = row(
        Icon("user" if line.mine else "users", "ink3", 16, 2),
        label(who, "strong"),
        label(line.text, wrap=True),
        label(when, "hint"),
        spacing=10,
    )
    box.setStretch(2, 1)
    made = QWidget()
    made.setAccessibleName(f"{who}, {when}: {line.text}")
    made.setLayout(box)
    return made
