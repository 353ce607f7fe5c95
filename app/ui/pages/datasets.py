"""My datasets: drafts and registrations, how they stand, and the way to the next one."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.domain.commands import OpenDataset, OpenDraft
from app.domain.snapshots.datasets import DatasetsSnapshot, OwnDataset
from app.ui.dialogs.own_dataset import DiscardSheet, LocateSheet, PriceSheet, WithdrawSheet
from app.ui.dialogs.sheet import Sheet
from app.ui.page import ScrollPage
from app.ui.pages.listings.own_card import OwnCard
from app.ui.phrases import datasets as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import card, column, row
from app.ui.widgets.text import label


class DatasetsPage(ScrollPage):
    shows = (DatasetsSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self._all = DatasetsSnapshot()
        self._cards: dict[str, OwnCard] = {}
        self._summary = label(role="muted", name="datasets.summary")
        self._register = Button(
            phrases.register(), "primary", icon="plus", name="datasets.register"
        )
        self._register.clicked.connect(lambda: self.went.emit("register"))
        first = Button(phrases.register(), "primary", icon="plus", name="datasets.register_first")
        first.clicked.connect(lambda: self.went.emit("register"))
        self._empty = card(Empty("database", *phrases.empty(), first, name="datasets.empty"))
        title = column(label(phrases.title(), "h1"), self._summary, spacing=4)
        head = row(title, None, self._register)
        head.setAlignment(self._register, Qt.AlignmentFlag.AlignTop)
        self._list = column(spacing=12)
        self.column.addLayout(head)
        self.column.addWidget(self._empty)
        self.column.addLayout(self._list)
        self.column.addStretch(1)
        self.show_snapshot(self._all)

    def show_snapshot(self, snapshot: DatasetsSnapshot) -> None:
        self._all = snapshot
        some = bool(snapshot.rows)
        self._empty.setVisible(not some)
        self._register.setVisible(some)
        self._summary.setText(phrases.summary(snapshot.rows))
        self._summary.setVisible(some)
        for key in self._cards.keys() - {shown.key for shown in snapshot.rows}:
            gone = self._cards.pop(key)
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for at, shown in enumerate(snapshot.rows):
            self._place(at, shown)

    def _place(self, at: int, shown: OwnDataset) -> None:
        """Show ``shown`` as the card at ``at``; a card that is there already only changes."""
        made = self._cards.get(shown.key)
        if made is None:
            made = self._cards[shown.key] = OwnCard(shown)
            made.wanted.connect(self._do)
            self._list.insertWidget(at, made)
            return
        if self._list.indexOf(made) != at:
            self._list.removeWidget(made)
            self._list.insertWidget(at, made)
        made.show_row(shown)

    def _do(self, what: str, shown: OwnDataset) -> None:
        if what == "continue":
            self.asked.emit(OpenDraft(shown.key))
            self.went.emit("register")
        elif what == "open":
            self.asked.emit(OpenDataset(shown.key))
            self.went.emit("dataset")
        elif what == "price" and shown.price is not None:
            self._review(PriceSheet(shown, shown.price, self._all, self))
        elif what == "withdraw":
            self._review(WithdrawSheet(shown, self._all, self))
        elif what == "discard":
            self._review(DiscardSheet(shown, self))
        elif what == "locate":
            self._review(LocateSheet(shown, self))

    def _review(self, sheet: Sheet) -> None:
        sheet.asked.connect(self.asked)
        sheet.open()
