"""Add bond, or take out what is free."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.commands import AddBond, TakeOut
from app.domain.snapshots.money import Account, Amount
from app.ui.dialogs.asking import AskSheet
from app.ui.phrases import money as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, MoneyEdit
from app.ui.widgets.layout import column, row


class BondSheet(AskSheet):
    """``way`` is "add" (from the account into the bond) or "take" (back into the account)."""

    def __init__(self, way: str, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(
            f"bond.{way}",
            phrases.text(f"{way}.title"),
            phrases.text(f"{way}.text"),
            phrases.text(f"{way}.do"),
            parent,
        )
        self._way, self._account = way, account
        adding = way == "add"
        self._most = account.available_units if adding else account.bond_free_units
        there = Amount(self._most, account.currency)
        self.amount = MoneyEdit(f"bond.{way}.amount", account.currency)
        hint = phrases.at_hand(there) if adding else phrases.free(there)
        self._field = Field(phrases.text("amount"), self.amount, hint)
        self.all = Button(phrases.text("all"), "link", name=f"bond.{way}.all")
        self.all.clicked.connect(lambda: self.amount.set_units(self._most))
        self.amount.changed.connect(lambda: self._field.set_error())
        inside = QWidget()
        inside.setLayout(column(self._field, row(self.all, None), spacing=4))
        self.fill(inside, answer=self._moved)

    def _moved(self) -> AddBond | TakeOut | None:
        units, said = self.amount.units(), self.amount.problem()
        if units is not None and units > self._most:
            said = phrases.too_much(self._account, self._most)
        self._field.set_error(said)
        if units is None or said:
            return None
        make = AddBond if self._way == "add" else TakeOut
        return make(self._account.currency.token, units)
