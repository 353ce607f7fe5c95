"""What stands on the permanent record about a dataset, newest first, and what is much like it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.snapshots.datasets import Alike, Version
from app.ui.pages.listings.alike import told
from app.ui.phrases import alike as alike_phrases
from app.ui.phrases import challenge as challenge_phrases
from app.ui.phrases import dataset as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import card, clear, column, row
from app.ui.widgets.text import Icon, label

_ICONS = {
    "registered": ("stamp", "accent"),
    "price_changed": ("tag", "accent"),
    "withdrawn": ("ban", "warn"),
    "title_transferred": ("handshake", "accent"),
    "same_content": ("copy", "warn"),
    "same_elsewhere": ("globe", "warn"),
    "version_of": ("git-branch", "accent"),
    "newer_version": ("git-branch", "accent"),
}


class HistoryTab(QWidget):
    """``opened`` emits the id of another registration that was asked for, ``compared`` id and
    chain of one to put beside this."""

    opened = Signal(str)
    compared = Signal(str, object)  # a chain id can be larger than a C int

    def __init__(self) -> None:
        super().__init__()
        self._history: tuple[Version, ...] | None = None
        self._alike: tuple[Alike, ...] | None = None
        self._lines = column(spacing=12)
        box = card(label(phrases.history_lead(), "h2"), self._lines, spacing=14)
        self._others = column(spacing=14)
        hint = label(alike_phrases.title_hint(), "hint", wrap=True)
        self._much_like = card(label(alike_phrases.title(), "h2"), hint, self._others, spacing=14)
        self.setLayout(column(box, self._much_like, None, spacing=14))

    def say(self, history: tuple[Version, ...], dataset: str) -> None:
        if history == self._history:
            return
        self._history = history
        clear(self._lines)
        for entry in sorted(history, key=lambda entry: entry.at, reverse=True):
            icon, token = _ICONS.get(entry.what, ("stamp", "ink3"))
            text = label(phrases.version(entry), wrap=True)
            line = row(Icon(icon, token, 18, 2), text, spacing=12)
            line.setStretch(1, 1)
            if entry.what in ("same_content", "same_elsewhere"):
                line.addWidget(self._compare(entry.dataset, entry.chain_id, entry.by))
            if entry.dataset and entry.dataset != dataset and not entry.network:
                line.addWidget(self._link(entry))
            line.addWidget(label(words.moment(entry.at), "hint"))
            self._lines.addLayout(line)

    def say_alike(self, alike: tuple[Alike, ...]) -> None:
        self._much_like.setVisible(bool(alike))
        if alike == self._alike:
            return
        self._alike = alike
        clear(self._others)
        for one in alike:
            line = row(Icon("copy", "warn", 18, 2), told(one), spacing=12)
            line.setStretch(1, 1)
            to = one.match
            line.addWidget(self._compare(to.dataset, to.chain_id, to.title or to.by))
            if not to.elsewhere:
                button = Button(
                    phrases.open_other(),
                    "link",
                    name=f"dataset.alike.{one.match.dataset[:8]}",
                    meaning=alike_phrases.open_meaning(one),
                )
                button.clicked.connect(lambda _=False, to=to.dataset: self.opened.emit(to))
                line.addWidget(button)
            self._others.addLayout(line)

    def _compare(self, dataset: str, chain_id: int, what: str) -> Button:
        button = Button(
            challenge_phrases.text("compare"),
            "link",
            name=f"dataset.compare.{dataset[:8]}",
            meaning=challenge_phrases.compare_meaning(what),
        )
        button.clicked.connect(lambda: self.compared.emit(dataset, chain_id))
        return button

    def _link(self, entry: Version) -> Button:
        button = Button(
            phrases.open_other(),
            "link",
            name=f"dataset.other.{entry.dataset[:8]}",
            meaning=phrases.open_other_meaning(entry.by),
        )
        button.clicked.connect(lambda: self.opened.emit(entry.dataset))
        return button
