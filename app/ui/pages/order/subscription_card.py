"""One subscription: what it is about, how it stands, what to do, and the orders it made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QLayout, QWidget

from app.domain.commands import OpenDataset, OpenOrder, SaveAgreement
from app.domain.snapshots.orders import OrderRow
from app.domain.snapshots.subscriptions import SubscriptionCard
from app.ui.dialogs.sheet import Sheet
from app.ui.dialogs.subscription import (
    AcceptSubscriptionSheet,
    CounterSubscriptionSheet,
    EndSubscriptionSheet,
    PayingSheet,
)
from app.ui.pages.overview.rows import Line
from app.ui.phrases import endings, words
from app.ui.phrases import orders as order_phrases
from app.ui.phrases import subscriptions as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Stat
from app.ui.widgets.layout import Flow, card, clear, column, frame, row, rule
from app.ui.widgets.text import Badge, Icon, label

_INKS = {"accent": "accent", "warn": "warn", "quiet": "ink3"}
_OPEN = ("asked", "waiting", "running")
_AGREED = ("running", "over", "ended")


class SubscriptionView(Line):
    """Made anew when what it shows has changed, and only then."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: SubscriptionCard | None = None
        self._box = column()
        self.setLayout(self._box)

    def say(self, value: SubscriptionCard) -> None:
        if value == self._shown:
            return
        self._shown = value
        clear(self._box)
        parts = [self._head(value), _figures(value), _facts(value)]
        if note := phrases.said(value):
            parts.append(label(note, wrap=True))
        if value.standing == "asked":
            parts.append(self._asked(value))
        elif situation := phrases.situation(value):
            parts.append(label(situation, "hint", wrap=True))
        if value.orders:
            parts.append(rule())
            parts += [self._order(order) for order in value.orders]
        name = f"subscription.card.{value.subscription[:8]}"
        self._box.addWidget(card(*parts, name=name, spacing=12))

    def _head(self, one: SubscriptionCard) -> QWidget:
        name = label(one.title, "h2", wrap=True)
        badge = Badge(phrases.standing(one), phrases.TONES.get(one.standing, "quiet"))
        text = column(name, label(phrases.between(one), "hint", wrap=True), spacing=2)
        box = row(text, badge, *self._buttons(one), spacing=10)
        box.setStretch(0, 1)
        return _whole(box)

    def _buttons(self, one: SubscriptionCard) -> list[Button]:
        made = []
        if not one.selling and one.standing in ("waiting", "running"):
            made.append(self._button(phrases.change_paying(), "paying", one, PayingSheet))
        if one.standing in ("waiting", "running"):
            made.append(self._button(phrases.end_do(one), "end", one, EndSubscriptionSheet))
        if one.standing in _AGREED:
            about = phrases.about(phrases.save_agreement(), one)
            save = Button(
                phrases.save_agreement(), icon="download", name="subscription.save", meaning=about
            )
            save.clicked.connect(lambda: self._save(one))
            made.append(save)
        if one.standing not in _OPEN:
            about = phrases.about(phrases.open_dataset(), one)
            show = Button(phrases.open_dataset(), name="subscription.dataset", meaning=about)
            show.clicked.connect(lambda: self.asked.emit(OpenDataset(one.dataset)))
            made.append(show)
        return made

    def _asked(self, one: SubscriptionCard) -> QFrame:
        text = label(phrases.situation(one), "strong", wrap=True)
        other = self._button(phrases.propose_other(), "counter", one, CounterSubscriptionSheet)
        decline = self._button(phrases.decline(), "decline", one, EndSubscriptionSheet)
        accept = self._button(
            phrases.review(), "accept", one, AcceptSubscriptionSheet, kind="primary"
        )
        head = row(Icon("handshake", "warn", 20, 2), text, spacing=12)
        head.setStretch(1, 1)
        box = column(head, row(None, decline, other, accept), margins=(16, 12, 12, 12), spacing=10)
        return frame("act", box)

    def _order(self, order: OrderRow) -> QWidget:
        name = label(order.title, wrap=True)
        standing = label(order_phrases.chip(order), "hint")
        mark = Icon("circle-dot", _INKS[order.tone], 16, 2)
        about = f"{phrases.open_order()}: {order.title}"
        show = Button(phrases.open_order(), "link", name="subscription.order", meaning=about)
        show.clicked.connect(partial(self._open, order.order))
        box = row(mark, name, standing, show, spacing=10)
        box.setStretch(1, 1)
        return _whole(box)

    def _button(
        self,
        text: str,
        what: str,
        one: SubscriptionCard,
        sheet: Callable[[SubscriptionCard, QWidget], Sheet],
        kind: str = "",
    ) -> Button:
        meaning = phrases.about(text, one)
        made = Button(text, kind, name=f"subscription.{what}", meaning=meaning, needs_chain=True)
        made.clicked.connect(lambda: self._review(sheet(one, self.window())))
        return made

    def _open(self, order: str, _: bool = False) -> None:
        self.asked.emit(OpenOrder(order))

    def _save(self, one: SubscriptionCard) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.window(),
            phrases.save_agreement(),
            phrases.agreement_file(one),
            endings.proof_filter(),
        )
        if path:
            self.asked.emit(SaveAgreement(one.subscription, Path(path)))

    def _review(self, sheet: Sheet) -> None:
        sheet.asked.connect(self.asked)
        sheet.open()


def _figures(one: SubscriptionCard) -> QWidget:
    made = QWidget()
    made.setLayout(
        Flow(
            Stat(phrases.price_each(), words.money(one.price)),
            Stat(phrases.delivered_caption(), phrases.delivered(one)),
            Stat(phrases.until_caption(one), phrases.until(one)),
            Stat(phrases.spent(one), words.money(one.spent)),
            spacing=36,
        )
    )
    return made


def _facts(one: SubscriptionCard) -> QWidget:
    said = (phrases.licence(one), phrases.paying(one))
    lines = (label(text, "muted", wrap=True) for text in said if text)
    return _whole(column(*lines, spacing=3))


def _whole(layout: QLayout) -> QWidget:
    made = QWidget()
    made.setLayout(layout)
    return made
