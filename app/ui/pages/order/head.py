"""The head of an order: with whom, about what, for how much; and the steps."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.orders import OrderSnapshot
from app.ui.phrases import order as phrases
from app.ui.phrases import words
from app.ui.phrases.words import say
from app.ui.widgets.layout import column, row
from app.ui.widgets.private import PersonLink
from app.ui.widgets.text import label
from app.ui.widgets.timeline import Mark, Timeline


class Head(QWidget):
    chosen = Signal(str)  # "person"

    def __init__(self) -> None:
        super().__init__()
        self._heading = label(role="muted", wrap=True, name="order.heading")
        self._title = label(role="h1", wrap=True, name="order.title")
        self._price = label(role="h1", name="order.price")
        self._state = label(role="hint", name="order.price_state")
        self._person = PersonLink("order.person")
        self._person.pressed.connect(lambda: self.chosen.emit("person"))
        right = Qt.AlignmentFlag.AlignRight
        self._price.setAlignment(right)
        self._state.setAlignment(right)
        left = column(self._heading, self._title, self._person, None, spacing=6)
        box = row(left, column(self._price, self._state, None, spacing=6), spacing=12)
        box.setStretch(0, 1)
        self.setLayout(box)

    def say(self, order: OrderSnapshot) -> None:
        self._heading.setText(phrases.heading(order))
        self._heading.setToolTip(order.person.code)
        self._title.setText(order.title)
        self._person.say(order.person)
        self._price.setText(words.money(order.price))
        self._state.setText(phrases.price_state(order))


class Steps(QFrame):
    def __init__(self) -> None:
        super().__init__()
        self._timeline = Timeline("order.steps")
        self.setProperty("surface", "card")
        self.setLayout(column(self._timeline, margins=(10, 18, 10, 14)))

    def say(self, order: OrderSnapshot) -> None:
        self.setVisible(bool(order.steps))
        if order.steps:
            marks = tuple(
                Mark(say(phrases.STEPS, step.step), phrases.when(step), step.state)
                for step in order.steps
            )
            self._timeline.say(marks, phrases.progress(order.steps))
