"""Send money: what and where to, read once more, then the password."""

from __future__ import annotations

import re

from PySide6.QtWidgets import QWidget

from app.domain.commands import SendMoney
from app.domain.snapshots.money import Account, Amount
from app.ui.dialogs.asking import AskSheet
from app.ui.phrases import money as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Choice, Field, MoneyEdit, PasswordEdit, line_edit
from app.ui.widgets.layout import card, column, frame, row
from app.ui.widgets.text import Icon, Lead, label

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def address_problem(text: str, own: str) -> str:
    """The code of what is wrong with an address, or "". Its checksum is checked by the engine."""
    if not text:
        return "to.missing"
    if not _ADDRESS.fullmatch(text):
        return "to.wrong"
    if int(text, 16) == 0:
        return "to.zero"
    return "to.self" if text.lower() == own.lower() else ""


class SendSheet(AskSheet):
    """Two faces: the form, and the review with the password."""

    def __init__(
        self,
        accounts: tuple[Account, ...],
        chosen: Account,
        own: str,
        fee_wei: int | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            "send",
            phrases.text("send.title"),
            phrases.text("send.text"),
            phrases.text("review"),
            parent,
        )
        self._accounts = {account.currency.token: account for account in accounts}
        self._own, self._fee_wei = own, fee_wei
        options = [(a.currency.token, a.currency.symbol) for a in accounts]
        self.currency = Choice("send.currency", options)
        self.currency.set_value(chosen.currency.token)
        self.amount = MoneyEdit("send.amount", chosen.currency)
        self.all = Button(phrases.text("all"), "link", name="send.all")
        self.to = line_edit("send.to", placeholder=phrases.text("to.place"), most=100)
        self._amount = Field(phrases.text("amount"), self.amount)
        self._there = label(self._at_hand(), "hint", name="send.there")
        self._to = Field(phrases.text("to"), self.to)
        self._facts = KeyValues(key_width=130, name="send.facts")
        self.password = PasswordEdit("send.password")
        self._password = Field(phrases.text("password"), self.password)
        self._faces = (self._form(), self._review())
        self.back = Button(words.back(), icon="arrow-left", name="send.back")
        self.back.clicked.connect(lambda: self._turn(0))
        self.foot.insertWidget(0, self.back)
        self.currency.currentIndexChanged.connect(self._other_currency)
        self.all.clicked.connect(lambda: self.amount.set_units(self._account().available_units))
        self.amount.changed.connect(lambda: self._amount.set_error())
        self.to.textEdited.connect(lambda _: self._to.set_error())
        self.password.textEdited.connect(lambda _: self._password.set_error())
        self.fill(*self._faces, answer=self._sent)
        self._turn(0)

    def _form(self) -> QWidget:
        made = QWidget()
        money = row(
            column(self._amount, None),
            column(Field(phrases.text("currency"), self.currency), None),
            spacing=14,
        )
        money.setStretch(0, 3)
        money.setStretch(1, 2)
        inside = column(money, row(self._there, self.all, None), 6, self._to, None, spacing=6)
        made.setLayout(inside)
        return made

    def _review(self) -> QWidget:
        made = QWidget()
        lead = Lead("send.warning")
        lead.say(phrases.text("review.lead"), phrases.text("review.rest"))
        said = row(Icon("triangle-alert", "warn", 20, 2), lead, spacing=12)
        said.setContentsMargins(16, 10, 16, 10)
        said.setStretch(1, 1)
        made.setLayout(
            column(card(self._facts), frame("act", said), self._password, None, spacing=14)
        )
        return made

    def _sent(self) -> SendMoney | None:
        units, to = self._read()
        if units is None:
            self._turn(0)
            return None
        if self._faces[1].isHidden():
            self._turn(1)
            return None
        if not self.password.text():
            self._password.set_error(phrases.text("password.missing"))
            self.password.setFocus()
            return None
        return SendMoney(self._account().currency.token, to, units, self.password.text())

    def _account(self) -> Account:
        return self._accounts[self.currency.value()]

    def _at_hand(self) -> str:
        account = self._account()
        return phrases.at_hand(Amount(account.available_units, account.currency))

    def _read(self) -> tuple[int | None, str]:
        """The amount and the address, or None after saying what is wrong."""
        account, to = self._account(), self.to.text().strip()
        units, said = self.amount.units(), self.amount.problem()
        if units is not None and units > account.available_units:
            said = phrases.too_much(account, account.available_units)
        self._amount.set_error(said)
        wrong = address_problem(to, self._own)
        self._to.set_error(phrases.text(wrong) if wrong else "")
        return (None if said or wrong else units), to

    def _other_currency(self) -> None:
        self.amount.set_currency(self._account().currency)
        self._amount.set_error()
        self._there.setText(self._at_hand())

    def _turn(self, face: int) -> None:
        review = face == 1
        for i, shown in enumerate(self._faces):
            shown.setVisible(i == face)
        self.back.setVisible(review)
        self.title.setText(phrases.text("review.title" if review else "send.title"))
        self.explained.setText(phrases.text("review.text" if review else "send.text"))
        self.problem.hide()
        account, units = self._account(), self.amount.units()
        if review and units is not None:
            amount = Amount(units, account.currency)
            left = Amount(account.available_units - units, account.currency)
            to = self.to.text().strip()
            coin = next((a.currency for t, a in self._accounts.items() if int(t, 16) == 0), None)
            self._facts.say(
                (phrases.text("review.send"), words.money(amount), "strong"),
                (phrases.text("review.to"), f"0x {words.grouped(to)}", "mono"),
                (phrases.text("review.left"), words.money(left)),
                (phrases.text("review.fee"), words.fee(self._fee_wei, coin)),
            )
            self.action.say(phrases.send_now(amount))
            self.password.setFocus()
        else:
            self.password.take()
            self.action.say(phrases.text("review"))
            self.amount.setFocus()
        self.fit()
