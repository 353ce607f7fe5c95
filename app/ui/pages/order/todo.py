"""The one line "what you have to do now", with the buttons that work now."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.orders import OrderSnapshot
from app.ui.phrases import order as order_phrases
from app.ui.phrases import orders as phrases
from app.ui.phrases import sheets
from app.ui.phrases.words import say
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import Flow, column, row
from app.ui.widgets.text import Icon, Lead, label, set_property

# in the order of the buttons
_BUTTONS = {
    "dataset": ("primary", "database"),
    "pay": ("primary", "banknote"),
    "sign": ("primary", "pen-line"),
    "confirm": ("primary", "check"),
    "rate": ("primary", "star"),
    "accept": ("primary", "check"),
    "counter": ("", "message-square"),
    "report": ("", "flag"),
    "let_watch": ("", "eye"),
    "return_payment": ("", "undo-2"),
    "decline": ("", "x"),
}


class Todo(QFrame):
    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("order.todo")
        self.setProperty("surface", "next")
        self._icon = Icon("circle-check", "accent", 20, 2)
        self._lead = Lead("order.todo.text")
        self._due = label(role="hint", name="order.todo.due")
        self._short = label(order_phrases.cannot_pay(), "warn", wrap=True, name="order.short")
        self._early = label(sheets.not_ready(), "muted", wrap=True, name="order.not_ready")
        self.buttons: dict[str, Button] = {}
        for action, (kind, icon) in _BUTTONS.items():
            text = say(order_phrases.ACTIONS, action)
            button = Button(text, kind, icon=icon, name=f"order.{action}", needs_chain=True)
            button.clicked.connect(lambda _=False, a=action: self.chosen.emit(a))
            self.buttons[action] = button
        self._row = QWidget()
        self._row.setLayout(Flow(*self.buttons.values(), spacing=8))
        words = column(self._lead, self._due, self._short, self._early, self._row, spacing=6)
        box = row(self._icon, words, margins=(16, 12, 16, 12), spacing=12)
        box.setAlignment(self._icon, Qt.AlignmentFlag.AlignTop)
        box.setStretch(1, 1)
        self.setLayout(box)

    def say(self, order: OrderSnapshot) -> None:
        set_property(self, "surface", "act" if order.todo_warn else "next")
        icon = ("circle-alert", "warn") if order.todo_warn else ("circle-check", "accent")
        self._icon.set_icon(*icon)
        self._lead.say(*phrases.todo(order))
        due = order_phrases.due(order.todo_due_at)
        self._due.setText(due)
        self._due.setVisible(bool(due))
        actions = set(order.actions)
        self._short.setVisible("pay" in actions and not order.can_pay)
        self._early.setVisible("pay" in actions and not order.ready_to_pay)
        for action, button in self.buttons.items():
            kind = _BUTTONS[action][0]
            button.set_kind(kind or ("" if order.todo_warn else "link"))
            button.setVisible(action in actions)
        self._row.setVisible(bool(actions & set(self.buttons)))
