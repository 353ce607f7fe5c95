"""One of one's own datasets in My datasets: how it stands and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.snapshots.datasets import OwnDataset
from app.ui.phrases import dataset as shared
from app.ui.phrases import datasets as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Stat
from app.ui.widgets.layout import column, frame, row
from app.ui.widgets.text import Badge, Icon, Lead, label

_LISTED = ("recorded", "final")


class OwnCard(QFrame):
    """``wanted`` emits what a button asks for: "continue", "discard", "open", "price",
    "withdraw" or "locate". Updated in place by `show_row`, so that the focus stays."""

    wanted = Signal(str, object)

    def __init__(self, shown: OwnDataset) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self.setObjectName(f"datasets.card.{shown.key[:8]}")
        self._row = shown
        self._icon = Icon("database", "accent", 22)
        self._title = label(role="stat", wrap=True, name="datasets.card.title")
        self._badge = Badge(name="datasets.card.state")
        self._facts = label(role="muted", wrap=True, name="datasets.card.facts")
        self._price = Stat(phrases.price(), name="datasets.card.price")
        self._orders = Stat(phrases.orders(), name="datasets.card.orders")
        self._rating = Stat(phrases.rating(), name="datasets.card.rating")
        self._buttons = {
            "continue": Button(phrases.go_on(), "primary", name=self._named("continue")),
            "open": Button(phrases.open_page(), name=self._named("open")),
            "price": Button(phrases.change_price(), name=self._named("price"), needs_chain=True),
            "withdraw": Button(
                phrases.withdraw(), "link", name=self._named("withdraw"), needs_chain=True
            ),
            "discard": Button(phrases.discard(), "link", name=self._named("discard")),
            "locate": Button(phrases.locate(), name=self._named("locate")),
        }
        for what, button in self._buttons.items():
            button.clicked.connect(lambda _=False, to=what: self.wanted.emit(to, self._row))
        self._build()
        self.show_row(shown)

    def _named(self, what: str) -> str:
        return f"datasets.{what}.{self._row.key[:8]}"

    def _build(self) -> None:
        head = row(self._title, self._badge, spacing=12)
        head.setStretch(0, 1)
        text = column(head, self._facts, spacing=4)
        top = row(self._icon, text, spacing=14)
        top.setStretch(1, 1)
        self._moved = Lead("datasets.card.moved")
        self._was = label(role="hint", wrap=True, name="datasets.card.was_at")
        told = column(self._moved, self._was, spacing=2)
        warning = row(
            Icon("triangle-alert", "warn", 20, 2),
            told,
            self._buttons["locate"],
            margins=(14, 10, 12, 10),
            spacing=12,
        )
        warning.setStretch(1, 1)
        self._warning = frame("act", warning)
        self._stats = QWidget()
        self._stats.setLayout(row(self._price, self._orders, self._rating, spacing=32))
        act = [self._buttons[what] for what in ("withdraw", "discard", "price", "open", "continue")]
        under = row(self._stats, None, *act, spacing=8)
        self.setLayout(column(top, self._warning, under, margins=(20, 16, 20, 14), spacing=12))

    def show_row(self, shown: OwnDataset) -> None:
        self._row = shown
        draft, listed = shown.state in ("draft", "failed"), shown.state in _LISTED
        self._icon.set_icon("pencil" if draft else "database", "ink3" if draft else "accent")
        self._title.setText(phrases.name(shown))
        self._badge.say(phrases.state(shown.state), phrases.TONES[shown.state])
        self._facts.setText(phrases.facts(shown))
        self._price.say(words.money(shown.price) if shown.price else "–")
        self._orders.say(words.number(shown.orders))
        self._rating.say(shared.rating(shown.rating))
        self._stats.setVisible(not draft or shown.price is not None)
        self._orders.setVisible(not draft)
        self._rating.setVisible(not draft)
        lost = not shown.present and bool(shown.path)
        self._warning.setVisible(lost)
        self._moved.say(*phrases.moved())
        self._was.setText(phrases.was_at(shown.path))
        seen = {
            "continue": draft or shown.state == "being_recorded",
            "discard": draft,
            "open": not draft and shown.state != "being_recorded",
            "price": listed and shown.price is not None,
            "withdraw": listed,
            "locate": lost and not draft,
        }
        self._buttons["continue"].say(phrases.go_on() if draft else phrases.watch())
        for what, button in self._buttons.items():
            button.setVisible(seen[what])
            button.setAccessibleName(phrases.about(button.text().strip(), shown))
