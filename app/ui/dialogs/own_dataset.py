"""What can be done with one's own dataset: change its price, withdraw, discard, find its files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.domain.commands import ChangePrice, DiscardDraft, LocateContent, WithdrawListing
from app.domain.listing import MAX_PRICE_UNITS
from app.domain.snapshots.datasets import DatasetsSnapshot, OwnDataset
from app.domain.snapshots.money import Amount
from app.ui.dialogs.sheet import Sheet
from app.ui.pages.registration.paths import PathPicker, typed_path
from app.ui.phrases import datasets as phrases
from app.ui.phrases import words
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Field, MoneyEdit
from app.ui.widgets.layout import card

_KEY = 130


class PriceSheet(Sheet):
    """``row`` is a registered dataset with a ``price``."""

    def __init__(
        self,
        row: OwnDataset,
        price: Amount,
        all_of_them: DatasetsSnapshot,
        parent: QWidget,
        new: Amount | None = None,
    ) -> None:
        super().__init__(
            "price", phrases.price_title(), phrases.price_explained(), phrases.price_save(), parent
        )
        self._row, self._old = row, price
        self._price = MoneyEdit("price.new", price.currency)
        self._field = Field(phrases.price_new(), self._price)
        if new is not None and new.currency == price.currency:
            self._price.set_units(new.units)
        self._price.changed.connect(lambda: self._field.set_error())
        facts = KeyValues(
            (phrases.dataset(), phrases.name(row)),
            (phrases.price_now(), words.money(price)),
            (phrases.fee(), words.fee(all_of_them.fee_wei, all_of_them.fee_currency)),
            key_width=_KEY,
            name="price.facts",
        )
        self.fill(card(facts, 4, self._field), answer=self._changed)

    def _changed(self) -> ChangePrice | None:
        units = self._price.units()
        if units is None:
            self._field.set_error(self._price.problem())
        elif units > MAX_PRICE_UNITS:
            self._field.set_error(phrases.price_huge())
        elif units == self._old.units:
            self._field.set_error(phrases.price_same())
        else:
            return ChangePrice(self._row.key, units)
        return None


class WithdrawSheet(Sheet):
    def __init__(self, row: OwnDataset, all_of_them: DatasetsSnapshot, parent: QWidget) -> None:
        super().__init__(
            "withdraw",
            phrases.withdraw_title(),
            phrases.withdraw_explained(),
            phrases.withdraw_do(),
            parent,
            kind="danger",
        )
        facts = KeyValues(
            (phrases.dataset(), phrases.name(row)),
            (phrases.orders().capitalize(), words.number(row.orders)),
            (phrases.fee(), words.fee(all_of_them.fee_wei, all_of_them.fee_currency)),
            key_width=_KEY,
            name="withdraw.facts",
        )
        self.fill(card(facts), answer=lambda: WithdrawListing(row.key))


class DiscardSheet(Sheet):
    def __init__(self, row: OwnDataset, parent: QWidget) -> None:
        super().__init__(
            "discard",
            phrases.discard_title(),
            phrases.discard_explained(),
            phrases.discard_do(),
            parent,
            kind="danger",
        )
        facts = KeyValues(
            (phrases.dataset(), phrases.name(row)),
            *([(phrases.last_seen(), row.path)] if row.path else []),
            key_width=_KEY,
            name="discard.facts",
        )
        self.fill(card(facts), answer=lambda: DiscardDraft(row.key))


class LocateSheet(Sheet):
    def __init__(self, row: OwnDataset, parent: QWidget) -> None:
        super().__init__(
            "locate",
            phrases.locate_title(),
            phrases.locate_explained(),
            phrases.locate_do(),
            parent,
        )
        self._row = row
        self._picker = PathPicker("locate", compact=True)
        facts = KeyValues(
            (phrases.dataset(), phrases.name(row)),
            *([(phrases.last_seen(), row.path)] if row.path else []),
            key_width=_KEY,
            name="locate.facts",
        )
        self.fill(card(facts), self._picker, answer=self._located)

    def _located(self) -> LocateContent | None:
        path, problem = typed_path(self._picker.path.text())
        if path is None:
            self._picker.refuse(problem)
            return None
        return LocateContent(self._row.key, Path(path))
