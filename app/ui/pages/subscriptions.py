"""Subscriptions to new versions, of both sides; reached from Orders."""

from __future__ import annotations

from app.domain.snapshots.subscriptions import SubscriptionsSnapshot
from app.ui.page import ScrollPage
from app.ui.pages.order.subscription_card import SubscriptionView
from app.ui.pages.overview.rows import Rows
from app.ui.phrases import subscriptions as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import card, row
from app.ui.widgets.text import label


class SubscriptionsPage(ScrollPage):
    shows = (SubscriptionsSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("subscriptions")
        back = Button(phrases.back(), "link", icon="arrow-left", name="subscriptions.back")
        back.clicked.connect(lambda: self.went.emit("orders"))
        browse = Button(phrases.browse(), "primary", name="subscriptions.browse")
        browse.clicked.connect(lambda: self.went.emit("browse"))
        self._none = card(
            Empty("refresh-cw", *phrases.nothing(), browse, name="subscriptions.none")
        )
        self._list = Rows(self._view, "subscriptions.list", ruled=False)
        self.column.addLayout(row(back, None))
        for part in (
            label(phrases.title(), "h1"),
            label(phrases.lead(), "muted", wrap=True),
            self._none,
            self._list,
        ):
            self.column.addWidget(part)
        self.column.addStretch(1)

    def show_snapshot(self, snapshot: SubscriptionsSnapshot) -> None:
        self._none.setVisible(not snapshot.cards)
        self._list.say((one.subscription, one) for one in snapshot.cards)

    def _view(self) -> SubscriptionView:
        made = SubscriptionView()
        made.asked.connect(self.asked)
        return made
