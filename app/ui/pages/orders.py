"""Orders: the list at the left, the open order at the right."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QStackedWidget

from app.domain.commands import OpenOrder
from app.domain.snapshots.orders import OrderRow, OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.shell import Notice, SettingsSnapshot
from app.domain.snapshots.subscriptions import SubscriptionsSnapshot
from app.ui import theme
from app.ui.page import Page
from app.ui.pages.order.detail import OrderDetail
from app.ui.pages.order.list_model import OrderModel
from app.ui.pages.order.list_view import OrderList
from app.ui.phrases import orders as phrases
from app.ui.phrases import subscriptions as subscription_phrases
from app.ui.phrases.words import say
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.fields import line_edit
from app.ui.widgets.layout import Flow, column, frame, row
from app.ui.widgets.text import label

LIST_NARROW, LIST_WIDE, NARROW_BELOW = 308, 372, 1240


class OrdersPage(Page):
    shows = (OrdersSnapshot, OrderSnapshot, SubscriptionsSnapshot, SettingsSnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self._all: tuple[OrderRow, ...] = ()
        self._left = ""  # the order just left: what still arrives about it is not shown
        self._marking = False  # a line is marked because its order is shown, not chosen
        self.search = line_edit("orders.search", placeholder=phrases.search())
        self.search.setAccessibleName(phrases.search())
        self._glass = QAction(theme.icon("search", "ink3", 16), "", self.search)
        self.search.addAction(self._glass, self.search.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(lambda _: self._filter())
        self._filters = QButtonGroup(self)
        self._chips: dict[str, Button] = {}
        for code in phrases.FILTERS:
            chip = Button(say(phrases.FILTERS, code), "chip", name=f"orders.filter.{code}")
            chip.clicked.connect(self._filter)
            self._filters.addButton(chip)
            self._chips[code] = chip
        self._chips["all"].setChecked(True)
        self._model = OrderModel(self)
        self.list = OrderList()
        self.list.setModel(self._model)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        browse = Button(phrases.browse(), "primary", name="orders.browse")
        browse.clicked.connect(lambda: self.went.emit("browse"))
        self._empty = Empty("inbox", *phrases.none_yet(), browse, name="orders.empty")
        self._unfound = Empty("search", *phrases.none_found(), name="orders.unfound")
        self._lists = QStackedWidget()
        for part in (self.list, self._empty, self._unfound):
            self._lists.addWidget(part)
        self._subscriptions = Button("", "link", icon="refresh-cw", name="orders.subscriptions")
        self._subscriptions.clicked.connect(lambda: self.went.emit("subscriptions"))
        self._subscriptions.hide()
        top = column(
            label(phrases.title(), "h1"),
            self.search,
            Flow(*self._chips.values(), spacing=5),
            self._subscriptions,
            margins=(20, 0, 20, 0),
            spacing=12,
        )
        inside = column(top, 8, self._lists, margins=(0, 22, 0, 12), spacing=4)
        inside.setStretch(2, 1)
        self._pane = frame("pane", inside, "orders.pane")
        self.detail = OrderDetail()
        self.detail.asked.connect(self.asked)
        self.detail.went.connect(self.went)
        box = row(self._pane, self.detail, spacing=0)
        box.setStretch(1, 1)
        self.setLayout(box)
        self._pane.setFixedWidth(LIST_WIDE)
        self._filter()

    def show_snapshot(
        self,
        snapshot: OrdersSnapshot
        | OrderSnapshot
        | SubscriptionsSnapshot
        | SettingsSnapshot
        | Notice,
    ) -> None:
        if isinstance(snapshot, SettingsSnapshot | Notice):
            self.detail.tell(snapshot)
        elif isinstance(snapshot, SubscriptionsSnapshot):
            self._subscriptions.say(subscription_phrases.counted(len(snapshot.cards)))
            self._subscriptions.setVisible(bool(snapshot.cards))
        elif isinstance(snapshot, OrdersSnapshot):
            self._all = snapshot.rows
            self._filter()
        elif snapshot.order != self._left:
            self._left = ""
            self.detail.show_snapshot(snapshot)
            self._select(snapshot.order)

    def opened(self) -> None:
        if self._all:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        if self.detail.order is None and self._model.rows:
            self.list.setCurrentIndex(self._model.index(0))

    def _filter(self) -> None:
        chosen = next(code for code, chip in self._chips.items() if chip.isChecked())
        text = self.search.text().casefold().strip()
        rows = tuple(row for row in self._all if _fits(row, chosen, text))
        if self._model.set_rows(rows) and self.detail.order is not None:
            self._select(self.detail.order.order)
        shown = self.list if rows else self._unfound if self._all else self._empty
        self._lists.setCurrentWidget(shown)

    def _select(self, order: str) -> None:
        """Mark the line of ``order`` without asking for it again."""
        at = self._model.row_of(order)
        self._marking = True
        self.list.setCurrentIndex(self._model.index(at) if at >= 0 else QModelIndex())
        self._marking = False

    def _chosen(self, index: QModelIndex) -> None:
        if self._marking or not index.isValid():
            return
        order = self._model.rows[index.row()].order
        shown = self.detail.order
        if shown is None or shown.order != order:
            self._left = shown.order if shown else ""
            self.asked.emit(OpenOrder(order))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.window().width() < NARROW_BELOW
        self._pane.setFixedWidth(LIST_NARROW if narrow else LIST_WIDE)


def _fits(row: OrderRow, chosen: str, text: str) -> bool:
    kinds = {
        "all": True,
        "needs_you": row.needs_you,
        "active": not row.finished,
        "done": row.finished,
    }
    return kinds[chosen] and (not text or text in f"{row.title} {row.other}".casefold())
