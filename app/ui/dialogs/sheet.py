"""A review page over the window: everything to be read, then one button.

What is read is what is done: when the order changes under an open sheet, the button goes and the
sheet says so.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QWidget

from app.domain.snapshots.orders import OrderSnapshot
from app.ui.page import scrolling
from app.ui.phrases import sheets as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import Item, column, frame, row
from app.ui.widgets.text import Icon, Lead, label

_TAB = Qt.FocusPolicy.TabFocus


class Sheet(QDialog):
    """Title, explanation, body, [Cancel] [action]. Subclasses add to ``body`` and override
    `command`, which returns None while something is missing (and says what, by the field)."""

    asked = Signal(object)

    def __init__(
        self, kind: str, order: OrderSnapshot, parent: QWidget | None = None, *, width: int = 620
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self.order = order
        self._stopped = False
        self.setObjectName(f"sheet.{kind}")
        self.setWindowTitle(phrases.title(kind))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.body = column(spacing=14, margins=(24, 4, 24, 12))
        self._lead = Lead(f"sheet.{kind}.changed")
        banner = row(Icon("circle-alert", "warn", 20, 2), self._lead, spacing=12)
        banner.setContentsMargins(16, 12, 16, 12)
        self._banner = frame("act", banner)
        self._banner.hide()
        self.action = Button(
            phrases.button(kind, words.money(order.price)), "primary", name=f"{kind}.do"
        )
        self.cancel = Button(words.cancel(), name=f"{kind}.cancel")
        self.action.clicked.connect(self._do)
        self.cancel.clicked.connect(self.reject)
        self._head = column(
            label(phrases.title(kind), "h1", wrap=True, name=f"sheet.{kind}.title"),
            label(phrases.explained(kind, order.other), "muted", wrap=True),
            self._banner,
            margins=(24, 20, 24, 12),
            spacing=8,
        )
        self._fee = label(role="hint", name=f"{kind}.fee")
        self._say_fee(order)
        foot = row(self._fee, None, self.cancel, self.action, margins=(24, 12, 24, 18), spacing=10)
        self._area = scrolling(self.body)
        outer = column(self._head, self._area, foot, spacing=0)
        outer.setStretch(1, 1)
        self.setLayout(outer)
        self.setMinimumWidth(width)
        self.resize(width, 640)

    def add(self, *items: Item) -> None:
        for item in items:
            if isinstance(item, QWidget):
                self.body.addWidget(item)
            elif isinstance(item, int):
                self.body.addSpacing(item)

    def fit(self) -> None:
        """As tall as its content, at most the height of the window."""
        self._area.setVisible(self.body.count() > 0)
        self.body.addStretch(1)
        inside = self._area.widget()
        outer = self.layout()
        if inside is not None and outer is not None:
            self._in_reading_order(inside)
            wide = max(self.minimumWidth(), self.width())
            need = self.body.heightForWidth(wide - 12)
            tall = need if need > 0 else self.body.sizeHint().height()
            tall = 0 if self._area.isHidden() else tall
            rest = self._head.heightForWidth(wide) + self.action.sizeHint().height() + 36
            above = self.parentWidget()
            most = above.window().height() - 40 if above else 760
            self.resize(wide, min(most, tall + rest))

    def _in_reading_order(self, inside: QWidget) -> None:
        """Tab goes through the body first and then to the buttons, which were made before it."""
        every = inside.findChildren(QWidget)  # among them the lists of closed combo boxes
        editors = [w for w in every if w.focusPolicy() & _TAB and w.window() is self]
        for one, next_one in pairwise((*editors, self.cancel, self.action)):
            QWidget.setTabOrder(one, next_one)
        (editors[0] if editors else self.cancel).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_snapshot(self, order: OrderSnapshot) -> None:
        """The order moved on while the sheet is open; nothing typed is touched."""
        if order.order != self.order.order:
            return
        self._say_fee(order)
        if not self.possible(order):
            self._stop(phrases.gone_lead(), phrases.gone_rest())
        elif self.read(order) != self.read(self.order):
            self._stop(phrases.changed_lead(), phrases.changed_rest())

    def possible(self, order: OrderSnapshot) -> bool:
        return self.kind in order.actions

    def read(self, order: OrderSnapshot) -> object:
        """What the person reads here and agrees to; a change of it stops the sheet."""
        return None

    def command(self) -> object | None:
        raise NotImplementedError

    def _say_fee(self, order: OrderSnapshot) -> None:
        """What recording costs; `PaySheet` says it beside the price."""
        shown = self.kind in ("confirm", "rate", "return_payment") and order.fee_wei is not None
        amount = words.fee(order.fee_wei, order.fee_currency)
        self._fee.setText(phrases.fee(amount) if shown else "")

    def allow(self, possible: bool) -> None:
        """Whether the action can be done; never again once the sheet was stopped."""
        self.action.setEnabled(possible and not self._stopped)

    def _stop(self, lead: str, rest: str) -> None:
        self._lead.say(lead, rest)
        self._banner.show()
        self._stopped = True
        self.allow(False)

    def _do(self) -> None:
        command = self.command()
        if command is not None:
            self.asked.emit(command)
            self.accept()


def agreed(order: OrderSnapshot) -> object:
    """All that a signature or a payment binds."""
    fixed = (order.price, order.terms, order.terms_fingerprint, order.window_seconds)
    return (*fixed, order.fingerprint, order.bond, order.proposal and order.proposal.expires_at)
