"""Browse: what is on offer, found by words, field, region and price."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QStackedWidget, QWidget

from app.domain.commands import OpenDataset, Search
from app.domain.snapshots.datasets import BrowseSnapshot
from app.domain.snapshots.money import Currency
from app.ui import theme
from app.ui.page import Page
from app.ui.pages.listings.cards import CardList
from app.ui.phrases import browse as phrases
from app.ui.phrases import dataset as shared
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.fields import Choice, MoneyEdit, line_edit
from app.ui.widgets.layout import card, column, row
from app.ui.widgets.text import Icon, label, set_property

WAIT_MS = 250  # after the last key, so that a word is searched and not its letters
_NO_CURRENCY = Currency("", "", "", 2)


class BrowsePage(Page):
    shows = (BrowseSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self._asked_last = Search()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(WAIT_MS)
        self._wait.timeout.connect(self._search)
        self._count = label(role="muted", name="browse.count")
        self._build_filters()
        self._list = CardList("browse.results", self._open)
        self._stack = QStackedWidget()
        for part in (self._list, *self._build_empty()):
            self._stack.addWidget(part)
        title = row(label(phrases.title(), "h1"), None, self._syncing, spacing=8)
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
        self._text.setFocus()

    def show_snapshot(self, snapshot: BrowseSnapshot) -> None:
        self._field.set_options(
            [("", phrases.every_field())]
            + [(field, shared.field_of_data(field)) for field in self._kept(snapshot)]
        )
        regions = snapshot.regions
        if (chosen := self._region.value()) and chosen not in regions:
            regions = (*regions, chosen)
        self._region.set_options([("", phrases.every_region()), *((r, r) for r in regions)])
        if snapshot.currencies:
            self._price.set_currency(snapshot.currencies[0])
            self._price.setPlaceholderText(phrases.max_price_in(snapshot.currencies[0].symbol))
        self._price.setEnabled(bool(snapshot.currencies))
        self._list.say(snapshot.cards)
        self._syncing.setVisible(snapshot.syncing)
        self._count.setText(phrases.found(len(snapshot.cards), snapshot.total))
        self._show_state(snapshot)

    def _kept(self, snapshot: BrowseSnapshot) -> tuple[str, ...]:
        """The fields there are, with the chosen one among them even if nothing has it now."""
        chosen = self._field.value()
        if chosen and chosen not in snapshot.fields:
            return (*snapshot.fields, chosen)
        return snapshot.fields

    def _show_state(self, snapshot: BrowseSnapshot) -> None:
        filtered = self._asked_last != Search()
        self._clear.setVisible(filtered)
        self._count.setVisible(bool(snapshot.cards))
        if snapshot.cards:
            self._stack.setCurrentIndex(0)
        elif filtered:
            self._stack.setCurrentIndex(1)
        else:
            self._stack.setCurrentIndex(3 if snapshot.syncing else 2)

    # --- out --------------------------------------------------------------------------------

    def search(self) -> Search:
        """The filters as they are set; a highest price that is no amount does not count."""
        return Search(
            text=self._text.text().strip(),
            field=self._field.value(),
            region=self._region.value(),
            max_price_units=self._price.units() if self._price.isEnabled() else None,
            online_only=self._online.isChecked(),
        )

    def _search(self, *, again: bool = False) -> None:
        self._wait.stop()
        wanted = self.search()
        typed = bool(self._price.text().strip())
        problem = self._price.problem() if typed else ""
        self._price_error.setText(problem)
        self._price_error.setVisible(bool(problem))
        set_property(self._price, "invalid", "true" if problem else "false")
        if again or wanted != self._asked_last:
            self._asked_last = wanted
            self.asked.emit(wanted)

    def _open(self, dataset: str) -> None:
        self.asked.emit(OpenDataset(dataset))
        self.went.emit("dataset")

    def _clear_filters(self) -> None:
        self._text.clear()
        self._field.set_value("")
        self._region.set_value("")
        self._price.clear()
        self._online.setChecked(False)
        self._search()
        self._text.setFocus()

    # --- building ---------------------------------------------------------------------------

    def _build_filters(self) -> None:
        self._text = line_edit(
            "browse.search", placeholder=phrases.search(), meaning=phrases.search()
        )
        glass = QAction(theme.icon("search", "ink3", 16), "", self._text)
        self._text.addAction(glass, QLineEdit.ActionPosition.LeadingPosition)
        self._field = Choice("browse.field", [("", phrases.every_field())], phrases.field())
        self._region = Choice("browse.region", [("", phrases.every_region())], phrases.region())
        self._price = MoneyEdit("browse.max_price", _NO_CURRENCY, phrases.max_price())
        self._price.setPlaceholderText(phrases.max_price())
        self._price_error = label(role="error", name="browse.price_error")
        self._online = Button(phrases.online_only(), "chip", name="browse.online")
        self._online.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._clear = Button(phrases.clear(), "link", icon="x", name="browse.clear")
        self._clear.clicked.connect(self._clear_filters)
        note = row(
            Icon("refresh-cw", "accent", 16, 2),
            label(phrases.syncing(), "hint", name="browse.syncing"),
            spacing=6,
        )
        self._syncing = QWidget()
        self._syncing.setLayout(note)
        self._text.textChanged.connect(lambda _: self._wait.start())
        self._text.returnPressed.connect(self._search)
        self._price.changed.connect(self._wait.start)
        self._price.returnPressed.connect(self._search)
        self._field.currentIndexChanged.connect(lambda _: self._search())
        self._region.currentIndexChanged.connect(lambda _: self._search())
        self._online.toggled.connect(lambda _: self._search())
        box = row(self._text, self._field, self._region, self._price, self._online, spacing=10)
        for at, share in enumerate((8, 5, 5, 4, 0)):
            box.setStretch(at, share)
        self._filters = QWidget()
        self._filters.setLayout(box)

    def _build_empty(self) -> tuple[QWidget, ...]:
        clear = Button(phrases.clear(), name="browse.clear_nothing")
        clear.clicked.connect(self._clear_filters)
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
