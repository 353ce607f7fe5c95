"""The first offer for a dataset, and a question to its owner."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QWidget

from app.domain.commands import AskOwner, RequestOffer
from app.domain.listing import MAX_PRICE_UNITS
from app.domain.snapshots.datasets import DatasetSnapshot
from app.domain.snapshots.money import Currency
from app.ui.dialogs.sheet import Sheet
from app.ui.phrases import browse as browse_phrases
from app.ui.phrases import dataset as shared
from app.ui.phrases import offer as phrases
from app.ui.phrases import words
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Choice, Field, MoneyEdit, TextEdit
from app.ui.widgets.layout import Pair, card, column
from app.ui.widgets.terms_form import TermsForm
from app.ui.widgets.text import label

DAY = 86_400
VALID_DAYS = (1, 3, 7, 14, 30)
WINDOW_DAYS = (1, 3, 7, 14, 30)
USUAL_DAYS = 7
NOTE_BYTES = 4096  # what one message holds


class OfferSheet(Sheet):
    """``shown`` has at least one currency; ``before`` was sent and refused, to go on with."""

    def __init__(
        self,
        shown: DatasetSnapshot,
        parent: QWidget | None = None,
        before: RequestOffer | None = None,
    ) -> None:
        owner = shown.card.by or shown.card.by_code
        super().__init__("offer", phrases.title(), phrases.explained(owner), phrases.send(), parent)
        self._shown = shown
        self._build_price(shown, before)
        self._valid = Choice("offer.valid_for", _spans(VALID_DAYS, 0))
        self._valid.set_value(str(USUAL_DAYS * DAY))
        self._window = Choice("offer.window", _spans(WINDOW_DAYS, shown.min_window_seconds))
        self._window.set_value(str(max(USUAL_DAYS * DAY, shown.min_window_seconds)))
        self._terms = TermsForm("offer.terms")
        self._terms.set_value(before.terms if before else shown.terms)
        self._note = TextEdit("offer.note", placeholder=phrases.note_example(), rows=3)
        self._note.setPlainText(before.note if before else "")
        self._note_field = Field(phrases.note(), self._note)
        facts = KeyValues(
            (phrases.dataset(), shown.card.title or shared.untitled()),
            (phrases.asked_price(), browse_phrases.price(shown.card)),
            key_width=130,
            name="offer.facts",
        )
        times = Pair(
            _top(Field(phrases.valid_for(), self._valid)),
            _top(Field(phrases.window(), self._window, phrases.window_hint())),
            below=0,
        )
        prices = Pair(
            _top(self._price_field), _top(Field(phrases.currency(), self._currency)), below=0
        )
        self.fill(
            card(facts, 2, prices, times, spacing=12),
            card(
                label(phrases.terms(), "h2"),
                label(phrases.terms_hint(), "hint", wrap=True),
                self._terms,
                spacing=12,
            ),
            card(self._note_field),
            answer=self._requested,
        )

    def _build_price(self, shown: DatasetSnapshot, before: RequestOffer | None) -> None:
        asked = shown.card.price
        named = list(shown.currencies)
        if asked is not None and asked.currency not in named:
            named.insert(0, asked.currency)
        self._currencies: dict[str, Currency] = {c.token: c for c in named}
        first = asked.currency if asked is not None else named[0]
        self._price = MoneyEdit("offer.price", first)
        self._currency = Choice("offer.currency", [(c.token, c.symbol) for c in named])
        self._currency.set_value(first.token)
        if asked is not None:
            self._price.set_units(asked.units)
        if before is not None and before.token in self._currencies:
            self._currency.set_value(before.token)
            self._price.set_currency(self._currencies[before.token])
            self._price.set_units(before.price_units)
        self._price_field = Field(phrases.price(), self._price)
        self._price.changed.connect(lambda: self._price_field.set_error())
        self._currency.currentIndexChanged.connect(lambda _: self._use_currency())

    def _use_currency(self) -> None:
        self._price.set_currency(self._currencies[self._currency.value()])
        self._price_field.set_error()

    def _requested(self) -> RequestOffer | None:
        units, terms = self._price.units(), self._terms.value()
        note = self._note.toPlainText().strip()
        huge = units is not None and units > MAX_PRICE_UNITS
        self._price_field.set_error(phrases.price_huge() if huge else self._price.problem())
        long = len(note.encode()) > NOTE_BYTES
        self._note_field.set_error(phrases.too_long() if long else "")
        if units is None or huge or terms is None or long:
            return None
        return RequestOffer(
            dataset=self._shown.card.dataset,
            token=self._currency.value(),
            price_units=units,
            terms=terms,
            expires_at=int(time.time()) + int(self._valid.value()),
            window_seconds=int(self._window.value()),
            note=note,
        )


class QuestionSheet(Sheet):
    """``before`` is a question that was sent and refused, to go on with."""

    def __init__(
        self,
        shown: DatasetSnapshot,
        parent: QWidget | None = None,
        before: AskOwner | None = None,
    ) -> None:
        owner = shown.card.by or shown.card.by_code
        super().__init__(
            "ask", phrases.ask_title(), phrases.ask_explained(owner), phrases.ask_send(), parent
        )
        self._dataset = shown.card.dataset
        self._question = TextEdit("ask.question", rows=6)
        self._question.setPlainText(before.text if before else "")
        self._field = Field(phrases.question(), self._question)
        self._question.textChanged.connect(lambda: self._field.set_error())
        facts = KeyValues(
            (phrases.dataset(), shown.card.title or shared.untitled()),
            key_width=130,
            name="ask.facts",
        )
        self.fill(card(facts, 2, self._field), answer=self._asked)

    def _asked(self) -> AskOwner | None:
        text = self._question.toPlainText().strip()
        if not text:
            self._field.set_error(phrases.question_missing())
        elif len(text.encode()) > NOTE_BYTES:
            self._field.set_error(phrases.too_long())
        else:
            return AskOwner(self._dataset, text)
        return None


def _spans(days: tuple[int, ...], least: int) -> list[tuple[str, str]]:
    """Spans of ``days`` that are at least ``least`` seconds; shorter practice minima first."""
    options = [(str(n * DAY), phrases.days(n)) for n in days if n * DAY >= least]
    if 0 < least < DAY:
        options.insert(0, (str(least), words.duration(least)))
    return options


def _top(field: Field) -> QWidget:
    """Fields beside each other keep their names on one line, whatever stands under them."""
    made = QWidget()
    made.setLayout(column(field, None))
    return made
