"""One dataset: what it is, its columns, what buyers found, its history; and making an offer."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QWidget

from app.domain.commands import (
    AskOwner,
    OpenChallenge,
    OpenDataset,
    OpenOrder,
    RequestOffer,
    Subscribe,
)
from app.domain.snapshots.datasets import DatasetSnapshot, DatasetsSnapshot, Newer
from app.domain.snapshots.money import Amount
from app.domain.snapshots.shell import Notice
from app.ui.dialogs.offer import OfferSheet, QuestionSheet
from app.ui.dialogs.own_dataset import PriceSheet
from app.ui.dialogs.sheet import Sheet
from app.ui.dialogs.subscription import SubscribeSheet
from app.ui.dialogs.valuation import ValuationSheet
from app.ui.page import ScrollPage
from app.ui.pages.listings.columns import ColumnsTable
from app.ui.pages.listings.history import HistoryTab
from app.ui.pages.listings.overview import OverviewTab
from app.ui.pages.listings.own_note import OwnNoteCard
from app.ui.pages.listings.quality import QualityTab
from app.ui.pages.listings.sample import SampleTab
from app.ui.phrases import alike as alike_phrases
from app.ui.phrases import browse as browse_phrases
from app.ui.phrases import dataset as phrases
from app.ui.phrases import subscriptions as subscription_phrases
from app.ui.phrases import valuation as valuation_phrases
from app.ui.widgets.buttons import Button, tabs
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import card, column, frame, row
from app.ui.widgets.text import Badge, Icon, Lead, label, set_property

# what the strip says → surface, icon, colour
_STRIPS = {
    "withdrawn": ("act", "ban", "warn"),
    "later_copy": ("act", "copy", "warn"),
    "unclear": ("act", "copy", "warn"),
    "alike": ("act", "copy", "warn"),
    "newer": ("next", "git-branch", "accent"),
    "order": ("next", "inbox", "accent"),
    "mine": ("next", "info", "accent"),
}


class DatasetPage(ScrollPage):
    shows = (DatasetSnapshot, DatasetsSnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self._shown: DatasetSnapshot | None = None
        self._own = DatasetsSnapshot()
        self._sent: dict[type, object] = {}  # what was sent about this dataset, by kind
        self._refused: dict[type, object] = {}  # what came back, so that it can be mended
        self._none = card(Empty("database", *phrases.loading(), name="dataset.none"))
        self._tabs = tabs("dataset.tabs", *phrases.tab_names(), meaning=phrases.tabs_meaning())
        self._overview, self._quality, self._history = OverviewTab(), QualityTab(), HistoryTab()
        self._history.opened.connect(lambda other: self.asked.emit(OpenDataset(other)))
        self._history.compared.connect(self._compare)
        self._sample = SampleTab()
        self._sample.asked.connect(self._send)
        self._quality.asked.connect(self.asked)
        self._own_note = OwnNoteCard()
        self._own_note.asked.connect(self.asked)
        self._stack = _OpenTab()
        tabs_shown = (self._overview, self._build_columns(), self._sample, self._quality)
        for tab in (*tabs_shown, self._history):
            self._stack.addWidget(tab)
        self._tabs.currentChanged.connect(self._stack.open)
        self._whole = QWidget()
        self._whole.setLayout(
            column(
                self._build_head(),
                self._build_strip(),
                self._tabs,
                self._stack,
                self._own_note,
                spacing=14,
            )
        )
        back = Button(phrases.back(), "link", icon="arrow-left", name="dataset.back")
        back.clicked.connect(lambda: self.went.emit("browse"))
        self.column.addLayout(row(back, None))
        self.column.addWidget(self._none)
        self.column.addWidget(self._whole)
        self.column.addStretch(1)
        self._whole.hide()
        self._stack.open(0)

    def show_snapshot(self, snapshot: DatasetSnapshot | DatasetsSnapshot | Notice) -> None:
        if isinstance(snapshot, DatasetsSnapshot):
            self._own = snapshot
            return
        if isinstance(snapshot, Notice):
            self._note(snapshot)
            return
        before, self._shown = self._shown, snapshot
        about = snapshot.card
        if before is None or before.card.dataset != about.dataset:
            self._sent, self._refused = {}, {}
            self._tabs.setCurrentIndex(0)
            self.area.verticalScrollBar().setValue(0)
        self._none.hide()
        self._whole.show()
        self._by.setText(phrases.by(about))
        online = about.online and not about.mine
        self._online.say(phrases.online(about.online), "accent" if online else "quiet")
        self._online.setVisible(not about.mine)
        self._title.setText(about.title or phrases.untitled())
        self._price.setText(browse_phrases.price(about))
        self._rated.setText(
            f"{phrases.rating(about.rating)}  ·  {phrases.ratings(about.ratings)}"
            if about.ratings
            else phrases.ratings(0)
        )
        self._offer.setVisible(snapshot.can_offer and not snapshot.open_order)
        self._offer.setEnabled(bool(snapshot.currencies) or about.price is not None)
        self._ask.setVisible(not about.mine and not snapshot.withdrawn)
        self._subscribe.setVisible(snapshot.can_offer and not snapshot.subscription)
        self._subscribe.setEnabled(bool(snapshot.currencies) or about.price is not None)
        self._subscription.setVisible(bool(snapshot.subscription))
        self._show_strip(snapshot)
        self._overview.say(snapshot)
        self._show_columns(snapshot)
        self._sample.say(snapshot)
        self._quality.say_claims(snapshot.claims)
        self._quality.say(snapshot.ratings, snapshot.means)
        self._quality.say_words(snapshot)
        self._history.say(snapshot.history, about.dataset)
        self._history.say_alike(snapshot.alike)
        self._own_note.say(snapshot)

    def _show_strip(self, snapshot: DatasetSnapshot) -> None:
        """The one line one should know before doing anything here."""
        copied = [
            one
            for one in snapshot.alike
            if one.standing != "later"
            and not snapshot.card.mine
            and one.match.by != snapshot.card.by
        ]
        copied.sort(key=lambda one: one.standing != "first")  # what is certain says more
        said = {
            "withdrawn": (snapshot.withdrawn, phrases.is_withdrawn),
            "order": (bool(snapshot.open_order), phrases.your_order),
            "later_copy": (snapshot.card.later_copy, phrases.is_later_copy),
            "unclear": (snapshot.card.unclear, phrases.is_unclear),
            "alike": (bool(copied), lambda: alike_phrases.strip(copied[0])),
            "newer": (bool(snapshot.newer), lambda: phrases.is_newer(_some(snapshot.newer))),
            "mine": (snapshot.card.mine, phrases.my_own),
        }
        which = next((name for name, (true, _) in said.items() if true), "")
        self._strip.setVisible(bool(which))
        self._open_order.setVisible(bool(snapshot.open_order))
        self._newer.setVisible(bool(snapshot.newer))
        self._mine.setVisible(snapshot.card.mine)
        self._worth.setVisible(snapshot.valuation is not None and which == "mine")
        if which:
            surface, icon, token = _STRIPS[which]
            self._lead.say(*said[which][1]())
            self._icon.set_icon(icon, token)
            set_property(self._strip, "surface", surface)

    def _show_columns(self, snapshot: DatasetSnapshot) -> None:
        some = bool(snapshot.columns)
        self._columns.say(snapshot.columns)
        self._columns_lead.setText(phrases.columns_lead(len(snapshot.columns), snapshot.rows))
        self._columns_card.setVisible(some)
        self._no_columns.setVisible(not some)

    # --- doing ------------------------------------------------------------------------------

    def _make_offer(self) -> None:
        if self._shown is not None:
            before = self._refused.get(RequestOffer)
            assert before is None or isinstance(before, RequestOffer)
            self._review(OfferSheet(self._shown, self, before))

    def _begin_subscription(self) -> None:
        if self._shown is not None:
            before = self._refused.get(Subscribe)
            assert before is None or isinstance(before, Subscribe)
            sheet = SubscribeSheet(self._shown, self, before)
            sheet.accepted.connect(lambda: self.went.emit("subscriptions"))
            self._review(sheet)

    def _ask_owner(self) -> None:
        if self._shown is not None:
            before = self._refused.get(AskOwner)
            assert before is None or isinstance(before, AskOwner)
            sheet = QuestionSheet(self._shown, self, before)
            sheet.accepted.connect(lambda: self.went.emit("orders"))  # where the answer comes
            self._review(sheet)

    def _review(self, sheet: Sheet) -> None:
        sheet.asked.connect(self._send)
        sheet.open()

    def _send(self, command: object) -> None:
        self._sent[type(command)] = command
        self._refused.pop(type(command), None)
        self.asked.emit(command)

    def _note(self, notice: Notice) -> None:
        """Something sent about this dataset was refused: its words are kept for the next try."""
        if self._shown is not None and notice.about == self._shown.card.dataset:
            self._refused = self._refused | self._sent
            self._sent = {}

    def _compare(self, other: str, chain_id: int) -> None:
        if self._shown is not None:
            self.asked.emit(OpenChallenge(self._shown.card.dataset, other, chain_id))

    def _value(self) -> None:
        facts = self._shown.valuation if self._shown is not None else None
        if facts is not None:
            if facts.price is not None:  # on record a price stays in its currency
                facts = replace(facts, currencies=(facts.price.currency,))
            sheet = ValuationSheet(facts, self)
            sheet.taken.connect(self._take_price)
            self._review(sheet)

    def _take_price(self, price: Amount) -> None:
        """A new price is reviewed before it is recorded."""
        key = self._shown.card.dataset if self._shown is not None else ""
        own = next((one for one in self._own.rows if one.key == key), None)
        if own is not None and own.price is not None:
            self._review(PriceSheet(own, own.price, self._own, self, price))

    def _go_to_order(self) -> None:
        if self._shown is not None:
            self.asked.emit(OpenOrder(self._shown.open_order))
            self.went.emit("orders")

    def _go_to_newer(self) -> None:
        if self._shown is not None and self._shown.newer is not None:
            self.asked.emit(OpenDataset(self._shown.newer.dataset))

    # --- building ---------------------------------------------------------------------------

    def _build_head(self) -> QWidget:
        self._by = label(role="muted", wrap=True, name="dataset.by")
        self._online = Badge(name="dataset.online")
        self._title = label(role="h1", wrap=True, name="dataset.title")
        self._price = label(role="h1", name="dataset.price")
        self._rated = label(role="hint", name="dataset.rated")
        for part in (self._price, self._rated):
            part.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._offer = Button(
            phrases.make_offer(),
            "primary",
            icon="hand-coins",
            name="dataset.offer",
            needs_chain=True,
        )
        self._ask = Button(phrases.ask_owner(), icon="message-circle", name="dataset.ask")
        self._offer.clicked.connect(self._make_offer)
        self._ask.clicked.connect(self._ask_owner)
        who = row(self._online, self._by, spacing=10)
        who.setStretch(1, 1)
        left = column(who, self._title, None, spacing=6)
        self._subscribe = Button(
            subscription_phrases.subscribe(),
            "link",
            icon="refresh-cw",
            name="dataset.subscribe",
            needs_chain=True,
        )
        self._subscribe.clicked.connect(self._begin_subscription)
        self._subscription = Button(
            subscription_phrases.yours(), "link", icon="refresh-cw", name="dataset.subscription"
        )
        self._subscription.clicked.connect(lambda: self.went.emit("subscriptions"))
        right = column(
            self._price,
            self._rated,
            6,
            row(None, self._ask, self._offer),
            row(None, self._subscribe, self._subscription),
            None,
            spacing=4,
        )
        box = row(left, right, spacing=24)
        box.setStretch(0, 1)
        made = QWidget()
        made.setLayout(box)
        return made

    def _build_strip(self) -> QFrame:
        self._lead = Lead("dataset.strip")
        self._icon = Icon("info", "accent", 20, 2)
        self._open_order = Button(phrases.open_order(), "primary", name="dataset.open_order")
        self._mine = Button(phrases.my_datasets(), name="dataset.mine")
        self._newer = Button(phrases.open_newer(), name="dataset.newer")
        self._newer.clicked.connect(self._go_to_newer)
        self._worth = Button(valuation_phrases.text("open"), icon="scale", name="dataset.worth")
        self._worth.clicked.connect(self._value)
        self._open_order.clicked.connect(self._go_to_order)
        self._mine.clicked.connect(lambda: self.went.emit("datasets"))
        box = row(
            self._icon,
            self._lead,
            self._newer,
            self._worth,
            self._mine,
            self._open_order,
            margins=(16, 10, 12, 10),
            spacing=12,
        )
        box.setStretch(1, 1)
        self._strip = frame("next", box)
        return self._strip

    def _build_columns(self) -> QWidget:
        self._columns = ColumnsTable("dataset.columns")
        self._columns_lead = label(role="h2", name="dataset.columns_lead")
        self._columns_card = card(
            self._columns_lead,
            label(phrases.columns_claim(), "hint", wrap=True),
            self._columns,
        )
        self._no_columns = card(Empty("table", *phrases.no_columns(), name="dataset.no_columns"))
        made = QWidget()
        made.setLayout(column(self._columns_card, self._no_columns, None))
        return made


def _some(newer: Newer | None) -> Newer:
    assert newer is not None
    return newer


class _OpenTab(QStackedWidget):
    """A stack as tall as the open tab, so that a short tab does not scroll like a long one."""

    def open(self, index: int) -> None:
        ignored, plain = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
        for at in range(self.count()):
            tab = self.widget(at)
            if tab is not None:
                tab.setSizePolicy(plain, plain if at == index else ignored)
        self.setCurrentIndex(index)
        self.updateGeometry()
