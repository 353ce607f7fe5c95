"""Step 4: what one licence costs."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from app.domain.listing import MAX_PRICE_UNITS
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.valuation import ValuationFacts
from app.ui.dialogs.valuation import ValuationSheet
from app.ui.phrases import saving as phrases
from app.ui.phrases import valuation as valuation_phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice, Field, MoneyEdit
from app.ui.widgets.layout import Pair, card, column, frame, row
from app.ui.widgets.text import Icon, Lead, label

NO_CURRENCY = Currency("", "", "", 2)


class PriceStep(QWidget):
    """``left`` emits when the amount or the currency was left; see `value`."""

    left = Signal()
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._facts: ValuationFacts | None = None
        self._touched = False
        self._currencies: tuple[Currency, ...] = ()
        self._price = MoneyEdit("register.price", NO_CURRENCY)
        self._price.setPlaceholderText("0.00")
        self._currency = Choice("register.currency", [])
        self._price_field = Field(phrases.price_field(), self._price, phrases.price_hint())
        left, right = QWidget(), QWidget()
        left.setLayout(column(self._price_field, None))
        right.setLayout(column(Field(phrases.currency_field(), self._currency), None))
        pair = Pair(left, right, below=0, spacing=12)
        lead = Lead("register.price_yours")
        lead.say(*phrases.price_yours())
        yours = row(Icon("wallet", "accent", 20, 2), lead, margins=(16, 12, 16, 12), spacing=12)
        yours.setStretch(1, 1)
        self._worth = Button(valuation_phrases.text("open"), icon="scale", name="register.worth")
        self._worth.clicked.connect(self._value)
        self._worth.hide()
        title = row(label(phrases.price_title(), "h2"), None, self._worth)
        self.setLayout(
            column(
                card(title, pair, spacing=12),
                frame("next", yours),
                spacing=14,
            )
        )
        self._price.changed.connect(self._typed)
        self._price.returnPressed.connect(self.left)
        self._currency.currentIndexChanged.connect(lambda _: self._changed_currency())
        for editor in (self._price, self._currency):
            editor.installEventFilter(self)

    def value(self) -> Amount | None:
        """The price typed, None while it is no price (`complain` says why)."""
        units, currency = self._price.units(), self._chosen()
        if units is None or currency is None or units > MAX_PRICE_UNITS:
            return None
        return Amount(units, currency)

    def first(self) -> QWidget:
        """Where typing begins."""
        return self._price

    def complain(self) -> None:
        units = self._price.units()
        if self._chosen() is None:
            self._price_field.set_error(phrases.price_wait())
        elif units is not None and units > MAX_PRICE_UNITS:
            self._price_field.set_error(phrases.price_huge())
        else:
            self._price_field.set_error(self._price.problem())

    def open_draft(self, draft: RegisterSnapshot) -> None:
        self._touched = False
        blocked = QSignalBlocker(self._price)
        self._price.clear()
        blocked.unblock()
        self._price_field.set_error()
        self.show_draft(draft)

    def show_draft(self, draft: RegisterSnapshot) -> None:
        self._facts = draft.valuation
        self._worth.setVisible(draft.valuation is not None)
        if draft.currencies and draft.currencies != self._currencies:
            self._currencies = draft.currencies
            blocked = QSignalBlocker(self._currency)
            self._currency.set_options([(c.token, _named(c)) for c in draft.currencies])
            blocked.unblock()
            self._use_currency()
        if self._touched or draft.price is None or self.value() == draft.price:
            return
        blockers = (QSignalBlocker(self._price), QSignalBlocker(self._currency))
        self._currency.set_value(draft.price.currency.token)
        self._price.set_currency(draft.price.currency)
        self._price.set_units(draft.price.units)
        for block in blockers:
            block.unblock()

    def _value(self) -> None:
        if self._facts is not None:
            facts = replace(self._facts, price=self.value() or self._facts.price)
            sheet = ValuationSheet(facts, self)
            sheet.asked.connect(self.asked)
            sheet.taken.connect(self.take)
            sheet.open()

    def take(self, price: Amount) -> None:
        """This one, in place of what is typed."""
        self._touched = True
        self._currency.set_value(price.currency.token)
        self._use_currency()
        self._price.set_units(price.units)
        self.left.emit()

    def _chosen(self) -> Currency | None:
        token = self._currency.value()
        return next((c for c in self._currencies if c.token == token), None)

    def _use_currency(self) -> None:
        currency = self._chosen()
        if currency is not None:
            self._price.set_currency(currency)

    def _changed_currency(self) -> None:
        self._use_currency()
        self._typed()
        self.left.emit()

    def _typed(self) -> None:
        self._touched = True
        self._price_field.set_error()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and self._touched:
            if self._price.text().strip():
                self.complain()
            self.left.emit()
        return super().eventFilter(watched, event)


def _named(currency: Currency) -> str:
    return f"{currency.symbol}  ·  {currency.name}" if currency.name else currency.symbol
