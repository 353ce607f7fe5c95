"""Browse: what is on offer, found by words and filters."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.domain.commands import OpenDataset, Search, ShowResults
from app.domain.snapshots.datasets import BrowseSnapshot
from app.ui.page import Page
from app.ui.pages.listings.cards import CardList
from app.ui.pages.listings.filters import Filters
from app.ui.phrases import browse as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import card, column, row
from app.ui.widgets.text import Icon, label


class BrowsePage(Page):
    shows = (BrowseSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self._asked_last = Search()
        self._shown = Search()
        self._count = label(role="muted", name="browse.count")
        self._filters = Filters()
        self._filters.changed.connect(self._search)
        self._list = CardList("browse.results", self._open, self._want)
        self._price_error = label(role="error", name="browse.price_error")
        self._clear = Button(phrases.clear(), "link", icon="x", name="browse.clear")
        self._clear.clicked.connect(self._filters.clear)
        self._note = label(phrases.syncing(), "hint", name="browse.syncing")
        self._syncing = QWidget()
        self._syncing.setLayout(row(Icon("refresh-cw", "accent", 16, 2), self._note, spacing=6))
        self._stack = QStackedWidget()
        for part in (self._list, *self._build_empty()):
            self._stack.addWidget(part)
        wanted = Button(phrases.wanted(), icon="search", name="browse.wanted")
        wanted.clicked.connect(lambda: self.went.emit("wanted"))
        title = row(label(phrases.title(), "h1"), None, self._syncing, wanted, spacing=12)
        head = column(title, self._filters, spacing=14, margins=(28, 22, 28, 10))
        under = row(self._count, self._price_error, None, self._clear, margins=(28, 0, 28, 8))
        body = column(self._stack, margins=(28, 0, 10, 0))
        outer = column(head, under, body, spacing=0)
        outer.setStretch(2, 1)
        self.setLayout(outer)
        self._price_error.hide()
        self.show_snapshot(BrowseSnapshot())

    # --- in ---------------------------------------------------------------------------------

    def opened(self) -> None:
        self._search(again=True)
        self._filters.text.setFocus()

    def show_snapshot(self, snapshot: BrowseSnapshot) -> None:
        self._filters.show_snapshot(snapshot)
        new, self._shown = snapshot.search != self._shown, snapshot.search
        self._list.say(snapshot, new=new)
        unread = snapshot.read < snapshot.to_read
        self._note.setText(
            phrases.indexing(snapshot.read, snapshot.to_read, snapshot.read_per_second)
            if unread
            else phrases.syncing()
        )
        self._syncing.setVisible(snapshot.syncing or unread)
        total = max(snapshot.total, len(snapshot.cards))
        self._count.setText(phrases.found(total, more=snapshot.more, looking=snapshot.looking))
        self._show_state(snapshot)

    def _show_state(self, snapshot: BrowseSnapshot) -> None:
        filtered = replace(self._asked_last, order="best") != Search()
        self._clear.setVisible(filtered)
        self._count.setVisible(bool(snapshot.cards) or snapshot.looking)
        if snapshot.cards:
            self._stack.setCurrentIndex(0)
        elif filtered and not snapshot.looking:
            self._stack.setCurrentIndex(1)
        else:
            busy = snapshot.syncing or snapshot.looking or snapshot.read < snapshot.to_read
            self._stack.setCurrentIndex(3 if busy else 2)

    # --- out --------------------------------------------------------------------------------

    def _search(self, *, again: bool = False) -> None:
        wanted = self._filters.search()
        problem = self._filters.problem()
        self._price_error.setText(problem)
        self._price_error.setVisible(bool(problem))
        if again or wanted != self._asked_last:
            self._asked_last = wanted
            self.asked.emit(wanted)

    def _want(self, first: int) -> None:
        self.asked.emit(ShowResults(first))

    def _open(self, dataset: str) -> None:
        self.asked.emit(OpenDataset(dataset))
        self.went.emit("dataset")

    # --- building ---------------------------------------------------------------------------

    def _build_empty(self) -> tuple[QWidget, ...]:
        clear = Button(phrases.clear(), name="browse.clear_nothing")
        clear.clicked.connect(self._filters.clear)
        register = Button(phrases.register(), "primary", icon="plus", name="browse.register")
        register.clicked.connect(lambda: self.went.emit("register"))
        states = (
            Empty("search", *phrases.nothing_found(), clear, name="browse.nothing_found"),
            Empty("package-open", *phrases.nothing_yet(), register, name="browse.nothing_yet"),
            Empty("refresh-cw", *phrases.reading(), name="browse.reading"),
        )
        made = []
        for state in states:
            box = QWidget()
            box.setLayout(column(card(state), None, margins=(0, 8, 18, 0)))
            made.append(box)
        return tuple(made)
