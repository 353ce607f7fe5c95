"""Money: per currency what there is, receiving, sending, bond, and the history."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.commands import GetPracticeDollars, OpenOrder
from app.domain.snapshots.money import Account, MoneySnapshot
from app.domain.snapshots.shell import Notice
from app.ui.dialogs.asking import AskSheet
from app.ui.dialogs.bonding import BondSheet
from app.ui.dialogs.paying import SendSheet
from app.ui.page import ScrollPage
from app.ui.pages.overview.rows import Rows
from app.ui.pages.purse.cards import AccountCard, CoinLine, ReceiveCard
from app.ui.pages.purse.history import History
from app.ui.phrases import money as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import Pair, column, row
from app.ui.widgets.text import label


class MoneyPage(ScrollPage):
    shows = (MoneySnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("money")
        self._snapshot = MoneySnapshot()
        self._sheet: AskSheet | None = None
        self._practice = Button(
            phrases.text("practice"), icon="coins", name="money.practice", needs_chain=True
        )
        self._practice.clicked.connect(lambda: self.asked.emit(GetPracticeDollars()))
        self._busy = label(phrases.text("busy"), "accent", name="money.busy")
        head = row(label(phrases.text("title"), "h1"), None, self._busy, self._practice, spacing=14)
        self._accounts = Rows(self._account, "money.accounts", ruled=False)
        self._coin = CoinLine()
        self._coin.wanted.connect(self._want)
        self._receive = ReceiveCard()
        self._history = History()
        self._history.opened.connect(lambda order: self.asked.emit(OpenOrder(order)))
        left, right = QWidget(), QWidget()
        left.setLayout(column(self._accounts))
        right.setLayout(column(self._receive, self._coin, None, spacing=12))
        self._all = QWidget()
        self._all.setLayout(column(Pair(left, right), self._history, spacing=14))
        create = Button(phrases.text("none.do"), "primary", name="money.create")
        create.clicked.connect(lambda: self.went.emit("firstrun"))
        self._none = Empty(
            "wallet", phrases.text("none.title"), phrases.text("none.text"), create, "money.none"
        )
        self.column.addLayout(head)
        self.column.addWidget(label(phrases.text("text"), "muted", wrap=True))
        self.column.addWidget(self._none)
        self.column.addWidget(self._all)
        self.column.addStretch(1)
        self.show_snapshot(self._snapshot)

    def show_snapshot(self, snapshot: MoneySnapshot | Notice) -> None:
        if isinstance(snapshot, Notice):
            if self._sheet is not None:
                self._sheet.told(snapshot)
            return
        more = len(snapshot.movements) > len(self._snapshot.movements)
        self._snapshot = snapshot
        if more and self._sheet is not None and self._sheet.awaits_anything():
            self._sheet.accept()  # on its way to the record: it stands in the history now
        self._none.setVisible(not snapshot.address)
        self._all.setVisible(bool(snapshot.address))
        self._practice.setVisible(snapshot.practice)
        self._busy.setVisible(snapshot.busy)
        self._accounts.say(
            (account.currency.token, account)
            for account in snapshot.accounts
            if not _is_coin(account)
        )
        self._coin.say(next((a for a in snapshot.accounts if _is_coin(a)), None))
        self._receive.say(snapshot.address, snapshot.practice)
        self._history.say(snapshot.movements)

    def _account(self) -> AccountCard:
        made = AccountCard()
        made.wanted.connect(self._want)
        return made

    def _want(self, what: str, account: Account) -> None:
        known = self._snapshot
        sheet: AskSheet
        if what == "send":
            sheet = SendSheet(known.accounts, account, known.address, known.fee_wei, self)
        else:
            sheet = BondSheet(what, account, self)
        self._sheet = sheet
        sheet.asked.connect(self.asked)
        sheet.finished.connect(self._closed)
        sheet.open()

    def _closed(self) -> None:
        self._sheet = None


def _is_coin(account: Account) -> bool:
    """The chain's own currency, which pays the recording fees."""
    return int(account.currency.token or "0", 16) == 0
