"""A sheet about an order. What is read is what is done: when the order changes under it, the
button goes and the sheet says so."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.sheet import Sheet
from app.ui.phrases import sheets as phrases
from app.ui.phrases import words
from app.ui.widgets.layout import frame, row
from app.ui.widgets.text import Icon, Lead, label

Read = Callable[[OrderSnapshot], object]


def agreed(order: OrderSnapshot) -> object:
    """All that a signature or a payment binds."""
    fixed = (order.price, order.terms, order.terms_fingerprint, order.window_seconds)
    return (*fixed, order.fingerprint, order.bond, order.proposal and order.proposal.expires_at)


def nothing(order: OrderSnapshot) -> object:
    """Nothing in the order is agreed to by the sheet."""
    return None


class OrderSheet(Sheet):
    """``read`` is what the person reads here and agrees to; a change of it stops the sheet."""

    def __init__(
        self,
        action: str,
        order: OrderSnapshot,
        parent: QWidget | None = None,
        *,
        read: Read = nothing,
        kind: str = "primary",
    ) -> None:
        super().__init__(
            action,
            phrases.title(action),
            phrases.explained(action, order.other),
            phrases.button(action, words.money(order.price)),
            parent,
            kind=kind,
        )
        self.order = order
        self._what = action
        self._read = read
        self._stopped = False
        self._lead = Lead(f"sheet.{action}.changed")
        said = row(Icon("circle-alert", "warn", 20, 2), self._lead, spacing=12)
        said.setContentsMargins(16, 12, 16, 12)
        self._banner = frame("act", said)
        self._banner.hide()
        self.head.addWidget(self._banner)
        self._fee = label(role="hint", wrap=True, name=f"{action}.fee")
        self.foot.insertWidget(0, self._fee, 1)
        self._say_fee(order)

    def show_snapshot(self, order: OrderSnapshot) -> None:
        """The order moved on while the sheet is open; nothing typed is touched."""
        if order.order != self.order.order or self._answer is None:
            return
        self._say_fee(order)
        if self._what not in order.actions:
            self._stop(phrases.gone_lead(), phrases.gone_rest())
        elif self._read(order) != self._read(self.order):
            self._stop(phrases.changed_lead(), phrases.changed_rest())

    def allow(self, possible: bool) -> None:
        """Whether the action can be done; never again once the sheet was stopped."""
        self.action.setEnabled(possible and not self._stopped)

    def _say_fee(self, order: OrderSnapshot) -> None:
        """What recording costs; `PaySheet` says it beside the price."""
        kinds = ("confirm", "rate", "return_payment", "let_watch")
        shown = self._what in kinds and order.fee_wei is not None
        amount = words.fee(order.fee_wei, order.fee_currency)
        self._fee.setText(phrases.fee(amount) if shown else "")

    def _stop(self, lead: str, rest: str) -> None:
        self._lead.say(lead, rest)
        self._banner.show()
        self._stopped = True
        self.allow(False)
        self.fit()
