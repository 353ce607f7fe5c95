"""What the identity owns: a card for each currency, the coin for fees, and the address."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout

from app.domain.snapshots.money import Account, Amount
from app.ui.pages.overview.copying import CopyWords
from app.ui.pages.overview.rows import Line
from app.ui.pages.purse.code import QrCode
from app.ui.phrases import money as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Stat
from app.ui.widgets.layout import card, column, row, rule
from app.ui.widgets.text import Icon, label

_FIGURES = ("held", "incoming", "bond_free", "bond_locked")


class AccountCard(Line):
    """``wanted`` emits "send", "add" or "take" and the account."""

    wanted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._account: Account | None = None
        self._name = label(role="h2", wrap=True)
        self._available = label(role="big", name="money.available")
        self._caption = label(phrases.text("available"), "hint")
        self._stats = {code: Stat(phrases.text(code), name=f"money.{code}") for code in _FIGURES}
        figures = QGridLayout()
        figures.setContentsMargins(0, 0, 0, 0)
        figures.setVerticalSpacing(14)
        figures.setHorizontalSpacing(12)
        for i, stat in enumerate(self._stats.values()):
            figures.addWidget(stat, i // 2, i % 2)
            figures.setColumnStretch(i % 2, 1)
        self.send = Button(
            phrases.text("send"), "primary", icon="send", name="money.send", needs_chain=True
        )
        self.add = Button(phrases.text("add"), icon="plus", name="money.add", needs_chain=True)
        self.take = Button(
            phrases.text("take"), icon="arrow-down-left", name="money.take", needs_chain=True
        )
        for code in ("send", "add", "take"):
            button: Button = getattr(self, code)
            button.clicked.connect(lambda _=False, what=code: self._want(what))
        self.setLayout(
            column(
                card(
                    self._name,
                    column(self._available, self._caption, spacing=0),
                    rule(),
                    figures,
                    None,
                    row(self.send, self.add, self.take, None, margins=(0, 4, 0, 0)),
                    spacing=14,
                )
            )
        )

    def say(self, value: Account) -> None:
        self._account = value
        currency = value.currency
        self._name.setText(currency.name)
        self._available.setText(words.money(Amount(value.available_units, currency)))
        self._available.setAccessibleName(phrases.spoken_account(value))
        for code, stat in self._stats.items():
            stat.say(words.figure(getattr(value, f"{code}_units"), currency.decimals))
        for code in ("send", "add"):
            button: Button = getattr(self, code)
            button.allow(value.available_units > 0, phrases.text("nothing"))
        self.take.allow(value.bond_free_units > 0, phrases.text("take.nothing"))
        for code in ("send", "add", "take"):
            getattr(self, code).setAccessibleName(f"{phrases.text(code)}: {currency.symbol}")

    def _want(self, what: str) -> None:
        if self._account is not None:
            self.wanted.emit(what, self._account)


class CoinLine(QFrame):
    """The chain's own coin, modestly: it pays the recording fees."""

    wanted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "inset")
        self._account: Account | None = None
        self._amount = label(role="strong", name="money.coin")
        self.send = Button(
            phrases.text("coin.send"), "link", name="money.coin.send", needs_chain=True
        )
        self.send.clicked.connect(self._want)
        self.setLayout(
            row(
                Icon("stamp", "ink3", 16, 1.75),
                label(phrases.text("coin"), "muted"),
                None,
                self._amount,
                self.send,
                margins=(16, 8, 10, 8),
                spacing=10,
            )
        )

    def say(self, account: Account | None) -> None:
        self._account = account
        self.setVisible(account is not None)
        if account is not None:
            self._amount.setText(phrases.coin(Amount(account.available_units, account.currency)))
            self.send.allow(account.available_units > 0, phrases.text("nothing"))

    def _want(self) -> None:
        if self._account is not None:
            self.wanted.emit("send", self._account)


class ReceiveCard(QFrame):
    """The address: as text, as a picture, and to copy."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._address = ""
        self.code = QrCode("money.qr")
        self._text = label(role="mono", wrap=True, name="money.address")
        self._only = label(role="hint", wrap=True)
        self.copy = CopyWords(
            phrases.text("copy_address"),
            phrases.text("copied"),
            "money.copy",
            lambda: self._address,
        )
        side = column(self._text, self.copy, None, self._only, spacing=12)
        both = row(self.code, side, spacing=20)
        both.setStretch(1, 1)
        self.setLayout(
            column(
                label(phrases.text("receive"), "h2"),
                label(phrases.text("receive.text"), "muted", wrap=True),
                both,
                None,
                margins=(20, 16, 20, 18),
                spacing=12,
            )
        )

    def say(self, address: str, practice: bool) -> None:
        self._address = address
        self.code.say(address)
        self._text.setText(address[:2] + " " + words.grouped(address) if address else "")
        self._only.setText(phrases.text("receive.practice" if practice else "receive.real"))
