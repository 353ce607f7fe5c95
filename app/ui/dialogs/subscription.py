"""Subscribing to new versions, answering it, changing how it is paid, ending it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import (
    AcceptSubscription,
    CounterSubscription,
    EndSubscription,
    LimitSubscription,
    Subscribe,
)
from app.domain.listing import MAX_PRICE_UNITS
from app.domain.snapshots.datasets import DatasetSnapshot
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.subscriptions import SubscriptionCard
from app.domain.terms import TermsChoice
from app.ui.dialogs.sheet import Sheet
from app.ui.phrases import dataset as shared
from app.ui.phrases import offer as offer_phrases
from app.ui.phrases import subscriptions as phrases
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Choice, Field, MoneyEdit, TextEdit, line_edit
from app.ui.widgets.layout import Pair, card, column
from app.ui.widgets.terms_form import TermsForm
from app.ui.widgets.text import label

NOTE_BYTES = 4096
MOST_VERSIONS = 1000
USUAL_VERSIONS, USUAL_DAYS = 12, 365


class _Conditions(QWidget):
    """Price, number, period, licence and a message; `read` gives them, or None and says why."""

    changed = Signal()

    def __init__(self, currency: Currency, days: int, terms: TermsChoice) -> None:
        super().__init__()
        self.price = MoneyEdit("subscribe.price", currency)
        self._price_field = Field(phrases.field_price(currency.symbol), self.price)
        self._versions = line_edit("subscribe.versions", most=6)
        self._versions.setText(str(USUAL_VERSIONS))
        self._versions_field = Field(phrases.field_versions(), self._versions)
        options = phrases.days()
        if days not in dict(options):
            options.append((days, phrases.other_days(days)))
        self._days = Choice("subscribe.days", [(str(n), said) for n, said in options])
        self._days.set_value(str(days))
        self._sum = label(role="hint", wrap=True, name="subscribe.sum")
        self._terms = TermsForm("subscribe.terms")
        self._terms.set_value(terms)
        self._note = TextEdit("subscribe.note", rows=2)
        self._note_field = Field(phrases.note(), self._note)
        numbers = card(
            Pair(
                _top(self._price_field),
                _top(self._versions_field),
                _top(Field(phrases.field_days(), self._days)),
                below=0,
            ),
            self._sum,
            spacing=12,
        )
        licence = card(label(phrases.licence_title(), "h2"), self._terms, spacing=12)
        self.between = column(spacing=0)
        self.setLayout(column(numbers, self.between, licence, card(self._note_field), spacing=14))
        self.price.changed.connect(self._moved)
        self._versions.textChanged.connect(lambda _: self._moved())

    def fill(self, price: Amount | None, versions: int = USUAL_VERSIONS, note: str = "") -> None:
        if price is not None:
            self.price.set_units(price.units)
        self._versions.setText(str(versions))
        self._note.setPlainText(note)
        self._moved()

    def most(self) -> int | None:
        """What all versions together cost at most, as far as it can be read."""
        units, versions = self.price.units(), self._count()
        return None if units is None or versions is None else units * versions

    def read(self) -> tuple[int, int, int, TermsChoice, str] | None:
        units, versions, terms = self.price.units(), self._count(), self._terms.value()
        note = self._note.toPlainText().strip()
        huge = units is not None and units > MAX_PRICE_UNITS
        self._price_field.set_error(offer_phrases.price_huge() if huge else self.price.problem())
        self._versions_field.set_error("" if versions else phrases.versions_wrong())
        long = len(note.encode()) > NOTE_BYTES
        self._note_field.set_error(offer_phrases.too_long() if long else "")
        if units is None or huge or versions is None or terms is None or long:
            return None
        return units, versions, int(self._days.value()), terms, note

    def _count(self) -> int | None:
        text = self._versions.text().strip().replace(",", "")
        count = int(text) if text.isascii() and text.isdecimal() else 0
        return count if 1 <= count <= MOST_VERSIONS else None

    def _moved(self) -> None:
        for field in (self._price_field, self._versions_field):
            field.set_error()
        units, versions = self.price.units(), self._count()
        known = units is not None and versions is not None
        price = Amount(units or 0, self.price.currency)
        self._sum.setText(phrases.in_all(versions or 0, price) if known else "")
        self.changed.emit()


class _Paying(QWidget):
    """Asked each time, or by itself up to a limit; `read` says which, or None and why not."""

    def __init__(self, currency: Currency, limit: Amount | None = None) -> None:
        super().__init__()
        self._how = Choice("subscribe.paying", phrases.paying_options())
        self._how.set_value("auto" if limit else "ask")
        self._limit = MoneyEdit("subscribe.limit", currency)
        self._field = Field(phrases.field_limit(currency.symbol), self._limit, phrases.limit_hint())
        self._typed = limit is not None
        if limit is not None:
            self._limit.set_units(limit.units)
        how = Field(phrases.field_paying(), self._how, phrases.paying_hint())
        self.setLayout(column(card(how, self._field, spacing=12)))
        self._how.currentIndexChanged.connect(lambda _: self._show())
        self._limit.changed.connect(lambda: self._field.set_error())
        self._limit.textEdited.connect(lambda _: self._keep())
        self._show()

    def suggest(self, units: int | None) -> None:
        """All that is agreed, until something else is typed."""
        if units is not None and not self._typed:
            self._limit.set_units(units)

    def read(self, price_units: int) -> tuple[bool, int | None]:
        """(whether it can be taken, the limit or None)."""
        if self._how.value() == "ask":
            return True, None
        units = self._limit.units()
        low = units is not None and units < price_units
        self._field.set_error(phrases.limit_low() if low else self._limit.problem())
        return units is not None and not low, units

    def _keep(self) -> None:
        self._typed = True

    def _show(self) -> None:
        self._field.setVisible(self._how.value() == "auto")
        sheet = self.window()
        if isinstance(sheet, Sheet):
            sheet.fit()


class SubscribeSheet(Sheet):
    """``before`` was sent and refused, to go on with. ``shown`` has a currency."""

    def __init__(
        self,
        shown: DatasetSnapshot,
        parent: QWidget | None = None,
        before: Subscribe | None = None,
    ) -> None:
        owner = shown.card.by or shown.card.by_code
        super().__init__(
            "subscribe",
            phrases.subscribe(),
            phrases.subscribe_explained(owner),
            phrases.subscribe_do(),
            parent,
        )
        self._dataset = shown.card.dataset
        asked = shown.card.price
        currency = asked.currency if asked is not None else shown.currencies[0]
        days, terms = (before.days, before.terms) if before else (USUAL_DAYS, shown.terms)
        limit = None
        if before is not None and before.limit_units is not None:
            limit = Amount(before.limit_units, currency)
        self._conditions = _Conditions(currency, days, terms)
        self._paying = _Paying(currency, limit)
        self._conditions.between.addWidget(self._paying)
        self._conditions.changed.connect(lambda: self._paying.suggest(self._conditions.most()))
        if before is not None:
            price = Amount(before.price_units, currency)
            self._conditions.fill(price, before.versions, before.note)
        else:
            self._conditions.fill(asked)
        facts = KeyValues(
            (offer_phrases.dataset(), shown.card.title or shared.untitled()),
            key_width=130,
            name="subscribe.facts",
        )
        self.fill(card(facts), self._conditions, answer=self._asked)

    def _asked(self) -> Subscribe | None:
        read = self._conditions.read()
        taken, limit = self._paying.read(read[0] if read else 0)
        if read is None or not taken:
            return None
        price, versions, days, terms, note = read
        token = self._conditions.price.currency.token
        return Subscribe(self._dataset, token, price, versions, days, terms, limit, note)


class CounterSubscriptionSheet(Sheet):
    def __init__(self, about: SubscriptionCard, parent: QWidget | None = None) -> None:
        super().__init__(
            "subscribe",
            phrases.propose_other(),
            phrases.counter_explained(about.other),
            phrases.subscribe_do(),
            parent,
        )
        self._card = about
        self._conditions = _Conditions(about.price.currency, about.days, about.terms)
        self._conditions.fill(about.price, about.versions)
        self.fill(self._conditions, answer=self._countered)

    def _countered(self) -> CounterSubscription | None:
        read = self._conditions.read()
        if read is None:
            return None
        return CounterSubscription(self._card.subscription, *read)


class AcceptSubscriptionSheet(Sheet):
    """All that is signed, to read."""

    def __init__(self, about: SubscriptionCard, parent: QWidget | None = None) -> None:
        super().__init__(
            "accept_subscription",
            phrases.accept_title(),
            phrases.accept_explained(about),
            phrases.accept_do(),
            parent,
        )
        read = KeyValues(*phrases.lines(about), key_width=140, name="subscription.lines")
        command = AcceptSubscription(about.subscription, about.id)
        self.fill(card(read), answer=lambda: command)


class PayingSheet(Sheet):
    def __init__(self, about: SubscriptionCard, parent: QWidget | None = None) -> None:
        super().__init__(
            "paying",
            phrases.field_paying(),
            phrases.paying_explained(),
            phrases.save(),
            parent,
        )
        self._card = about
        self._paying = _Paying(about.price.currency, about.limit)
        self._paying.suggest(about.most.units)
        self.fill(self._paying, answer=self._changed)

    def _changed(self) -> LimitSubscription | None:
        taken, limit = self._paying.read(self._card.price.units)
        return LimitSubscription(self._card.subscription, limit) if taken else None


class EndSubscriptionSheet(Sheet):
    def __init__(self, about: SubscriptionCard, parent: QWidget | None = None) -> None:
        super().__init__(
            "end_subscription",
            phrases.end_title(about),
            phrases.end_explained(about),
            phrases.end_do(about),
            parent,
            kind="danger",
        )
        self._card = about
        self._note = TextEdit("end_subscription.note", rows=3)
        self._field = Field(phrases.reason(), self._note)
        self._note.textChanged.connect(lambda: self._field.set_error())
        self.fill(card(self._field), answer=self._ended)

    def _ended(self) -> EndSubscription | None:
        note = self._note.toPlainText().strip()
        if len(note.encode()) > NOTE_BYTES:
            self._field.set_error(offer_phrases.too_long())
            return None
        return EndSubscription(self._card.subscription, note)


def _top(field: Field) -> QWidget:
    """Fields beside each other keep their names on one line, whatever stands under them."""
    made = QWidget()
    made.setLayout(column(field, None))
    return made
