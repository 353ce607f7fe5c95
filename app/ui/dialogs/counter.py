"""A counter-offer, and the acceptance of the other side's proposal, which is an equal one."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QWidget

from app.domain.commands import CounterOffer
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.order_sheet import OrderSheet, agreed
from app.ui.phrases import order as order_phrases
from app.ui.phrases import sheets as phrases
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Choice, Field, MoneyEdit, TextEdit
from app.ui.widgets.layout import Pair, card
from app.ui.widgets.terms_form import TermsForm

_DAY = 86_400
VALID_DAYS = (1, 3, 7, 14, 30)
WINDOW_DAYS = (1, 3, 7, 14, 30)
NOTE_BYTES = 4096


class CounterSheet(OrderSheet):
    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("counter", order, parent, read=lambda order: order.proposal)
        self._price = MoneyEdit("offer.price", order.price.currency)
        self._price.set_units(order.price.units)
        self._price_field = Field(phrases.price(order.price.currency.symbol), self._price)
        days = [(str(d * _DAY), phrases.span(d * _DAY)) for d in VALID_DAYS]
        self._valid = Choice("offer.valid_for", days)
        self._valid.set_value(str(7 * _DAY))
        spans = sorted({order.window_seconds, *(d * _DAY for d in WINDOW_DAYS)})
        spans = [s for s in spans if s >= min(order.window_seconds, _DAY)]
        self._window = Choice("offer.window", [(str(s), phrases.span(s)) for s in spans])
        self._window.set_value(str(order.window_seconds))
        self._terms = TermsForm("offer.terms")
        self._terms.set_value(order.terms)
        self._note = TextEdit("offer.note", rows=2)
        self._note_field = Field(phrases.note(), self._note)
        self._price.changed.connect(lambda: self._price_field.set_error())
        self.fill(
            card(
                Pair(
                    self._price_field,
                    Field(phrases.valid_for(), self._valid),
                    Field(phrases.check_period(), self._window),
                    below=0,
                ),
                spacing=12,
            ),
            card(self._terms),
            card(self._note_field),
            answer=self._countered,
        )

    def _countered(self) -> CounterOffer | None:
        units, terms = self._price.units(), self._terms.value()
        note = self._note.toPlainText().strip()
        self._price_field.set_error(self._price.problem())
        long = len(note.encode()) > NOTE_BYTES
        self._note_field.set_error(phrases.too_long() if long else "")
        if units is None or terms is None or long:
            return None
        return CounterOffer(
            order=self.order.order,
            price_units=units,
            terms=terms,
            expires_at=int(time.time()) + int(self._valid.value()),
            window_seconds=int(self._window.value()),
            note=note,
        )


class AcceptSheet(OrderSheet):
    """The buyer agrees to what the owner proposed; the owner's signature comes next."""

    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("accept", order, parent, read=agreed)
        lines = order_phrases.agreement_lines(order)
        read = card(KeyValues(*lines, key_width=140, name="agreement.lines"))
        self.fill(read, answer=self._accepted)

    def _accepted(self) -> CounterOffer | None:
        proposal = self.order.proposal
        if proposal is None:
            return None
        return CounterOffer(
            order=self.order.order,
            price_units=proposal.price.units,
            terms=proposal.terms,
            expires_at=proposal.expires_at,
            window_seconds=proposal.window_seconds,
        )
