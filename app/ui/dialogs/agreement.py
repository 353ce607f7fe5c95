"""The agreement, readable in full: to look at, to sign, to pay."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import FundOrder, SignOffer
from app.domain.snapshots.money import Amount
from app.domain.snapshots.orders import OrderSnapshot
from app.ui.dialogs.order_sheet import OrderSheet, agreed
from app.ui.phrases import order as order_phrases
from app.ui.phrases import sheets as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues, Stat
from app.ui.widgets.fields import Field, MoneyEdit
from app.ui.widgets.layout import card, frame, row
from app.ui.widgets.text import Icon, Lead, label


def _readable(order: OrderSnapshot) -> QWidget:
    lines = order_phrases.agreement_lines(order)
    return card(KeyValues(*lines, key_width=140, name="agreement.lines"))


def _warned(name: str, lead: str, rest: str) -> QWidget:
    """Something to know before paying; nothing to press."""
    words_ = Lead(name)
    words_.say(lead, rest)
    said = row(Icon("triangle-alert", "warn", 20, 2), words_, spacing=12)
    said.setContentsMargins(16, 10, 12, 10)
    said.setStretch(1, 1)
    return frame("act", said)


class AgreementSheet(OrderSheet):
    """What was signed; nothing to do but read."""

    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("agreement", order, parent)
        self.fill(_readable(order), answer=None)


class SignSheet(OrderSheet):
    """The owner signs: the whole agreement, and how much bond stands behind it."""

    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("sign", order, parent, read=agreed)
        currency = order.price.currency
        least = order.least_bond or Amount(0, currency)
        free = order.bond_free or Amount(0, currency)
        self._least = least
        self._bond = MoneyEdit("sign.bond", currency, allow_zero=True)
        self._bond.set_units(least.units)
        hint = phrases.bond_hint(words.money(least), words.money(free))
        if order.complaints_wei is not None:
            coins = words.fee(order.complaints_wei, order.fee_currency)
            hint = f"{hint} {phrases.bond_coins(coins)}"
        self._field = Field(phrases.bond(currency.symbol), self._bond, hint)
        self._low = label(role="warn", wrap=True, name="sign.bond_low")
        self._bond.changed.connect(self._weigh)
        # the bond stands in the field alone: it is what is typed there, not what was proposed
        self._weigh()
        read = _readable(replace(order, bond=None))
        self.fill(card(self._field, self._low), read, answer=self._signed)

    def _signed(self) -> SignOffer | None:
        units = self._bond.units()
        if units is None:
            self._field.set_error(self._bond.problem())
            return None
        read = self.order
        return SignOffer(read.order, units, read.price.units, read.terms_fingerprint)

    def _weigh(self) -> None:
        units = self._bond.units()
        low = units is not None and units < self._least.units
        self._low.setText(phrases.bond_low(words.money(self._least)) if low else "")
        self._low.setVisible(low)
        self._field.set_error()


class PaySheet(OrderSheet):
    """The buyer signs by paying into holding: price, fee, agreement, one click. ``recover`` asks
    for the recovery sheet, which has to be saved before the first payment with real money."""

    recover = Signal()

    def __init__(self, order: OrderSnapshot, parent: QWidget | None = None) -> None:
        super().__init__("pay", order, parent, read=agreed)
        price = Stat(f"{phrases.you_pay()}, {phrases.held()}", words.money(order.price))
        self._cost = Stat(phrases.recording_fee(), name="pay.cost")
        self._short = label(order_phrases.cannot_pay(), "error", wrap=True, name="pay.short")
        self._early = label(phrases.not_ready(), "warn", wrap=True, name="pay.not_ready")
        first = Lead("pay.recovery_first")
        first.say(phrases.recovery_lead(), phrases.recovery_rest())
        self._words = Button(phrases.recovery_do(), icon="book-open", name="pay.recovery")
        self._words.clicked.connect(self.recover)
        said = row(Icon("circle-alert", "warn", 20, 2), first, self._words, spacing=12)
        said.setContentsMargins(16, 10, 12, 10)
        said.setStretch(1, 1)
        self._first = frame("act", said)
        self._beta = _warned("pay.unaudited", phrases.beta_lead(), phrases.beta_rest())
        watch = _warned("pay.watch", phrases.watch_lead(), phrases.watch_rest(order.window_seconds))
        low = label(role="warn", wrap=True, name="pay.bond_low")
        least = order.least_bond
        few = order.bond is not None and least is not None and order.bond.units < least.units
        low.setText(phrases.bond_low_pay(words.money(least)) if few and least else "")
        low.setVisible(few)
        money = card(row(price, self._cost, None, spacing=32), self._short, self._early, low)
        self._afford(order)
        self.fill(self._first, self._beta, money, watch, _readable(order), answer=self._funded)

    def show_snapshot(self, order: OrderSnapshot) -> None:
        if order.order == self.order.order:
            self._afford(order)
        super().show_snapshot(order)

    def _funded(self) -> FundOrder:
        read = self.order
        return FundOrder(read.order, read.price.units, read.terms_fingerprint)

    def _afford(self, order: OrderSnapshot) -> None:
        self._cost.say(words.fee(order.fee_wei, order.fee_currency))
        self._short.setVisible(not order.can_pay)
        self._early.setVisible(not order.ready_to_pay)
        self._first.setVisible(order.recovery_first)
        self._beta.setVisible(order.unaudited)
        self.allow(order.can_pay and order.ready_to_pay and not order.recovery_first)
