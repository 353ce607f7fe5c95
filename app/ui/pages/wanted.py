"""Wanted: what buyers look for, which of my datasets may be that and why, and the answer."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QFrame, QWidget

from app.domain.commands import OpenOrder, PostWant
from app.domain.snapshots.people import Person
from app.domain.snapshots.shell import Notice
from app.domain.snapshots.wants import WantCard, WantedSnapshot, WantMatch
from app.ui.dialogs.person import PersonSheet
from app.ui.dialogs.sheet import Sheet
from app.ui.dialogs.wanted import AnswerSheet, PostSheet, TakeBackSheet
from app.ui.page import ScrollPage
from app.ui.phrases import dataset as shared
from app.ui.phrases import wanted as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Empty
from app.ui.widgets.layout import card, clear, column, frame, row
from app.ui.widgets.private import PersonLink
from app.ui.widgets.text import Icon, label


class WantedPage(ScrollPage):
    shows = (WantedSnapshot, Notice)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("wanted")
        self._board = WantedSnapshot()
        self._shown: tuple[WantCard, ...] | None = None
        self._person: PersonSheet | None = None
        self._sent: PostWant | None = None
        self._refused: PostWant | None = None
        back = Button(phrases.back(), "link", icon="arrow-left", name="wanted.back")
        back.clicked.connect(lambda: self.went.emit("browse"))
        self._post = Button(
            phrases.post(), "primary", icon="plus", name="wanted.post", needs_chain=True
        )
        self._post.clicked.connect(self._begin)
        self._posting = label(phrases.posting(), "muted", name="wanted.posting")
        self._none = card(Empty("search", *phrases.nothing(), name="wanted.none"))
        self._list = column(spacing=14)
        lead = label(phrases.lead(), "muted", wrap=True)
        self.column.addLayout(row(back, None))
        self.column.addLayout(row(label(phrases.title(), "h1"), None, self._post))
        for part in (lead, self._posting, self._none):
            self.column.addWidget(part)
        self.column.addLayout(self._list)
        self.column.addStretch(1)
        self.show_snapshot(self._board)

    def show_snapshot(self, snapshot: WantedSnapshot | Notice) -> None:
        if isinstance(snapshot, Notice):
            if snapshot.about == PostWant.__name__ and snapshot.kind != "done":
                self._refused, self._sent = self._sent, None
            return
        self._board = snapshot
        self._post.allow(snapshot.can_post)
        self._posting.setVisible(snapshot.posting)
        self._none.setVisible(not snapshot.wants)
        if snapshot.wants != self._shown:
            self._shown = snapshot.wants
            clear(self._list)
            for want in snapshot.wants:
                self._list.addWidget(self._card(want))
                if self._person is not None:
                    self._person.say(want.person)

    def _card(self, want: WantCard) -> QFrame:
        if want.person.blocked:
            return card(self._by(want))
        head = row(label(want.title or phrases.untitled(), "h2", wrap=True), spacing=10)
        head.setStretch(0, 1)
        if want.mine:
            button = self._button(phrases.take_back(), "take_back", want, "undo-2")
            button.clicked.connect(partial(self._take_back, want))
            head.addWidget(button)
        top = QWidget()
        top.setLayout(head)
        parts: list[QWidget] = [top]
        if want.what:
            parts.append(label(want.what, wrap=True))
        if facts := phrases.facts(want):
            parts.append(label(facts, "muted", wrap=True))
        if want.columns:
            parts.append(label(phrases.columns(want), "muted", wrap=True))
        parts.append(self._by(want))
        if want.matches:
            parts.append(label(phrases.fits(len(want.matches)), "strong", wrap=True))
        parts += [self._match(want, match) for match in want.matches]
        return card(*parts)

    def _by(self, want: WantCard) -> QWidget:
        """Whose it is, and of others how they stand."""
        said = label(phrases.by(want), "hint", wrap=True)
        if want.mine:
            return said
        link = PersonLink("wanted.person")
        link.say(want.person)
        link.pressed.connect(partial(self._open_person, want.person))
        made = QWidget()
        box = row(said, link, spacing=10)
        box.setStretch(0, 1)
        made.setLayout(box)
        return made

    def _match(self, want: WantCard, match: WantMatch) -> QFrame:
        text = column(
            label(match.title or shared.untitled(), "strong", wrap=True),
            label(phrases.reasons(match.reasons), "muted", wrap=True),
            spacing=2,
        )
        if match.thread:
            button = self._button(phrases.open_answer(), "open", want)
            button.clicked.connect(partial(self._open, match.thread))
        else:
            button = self._button(phrases.answer(), "answer", want, "message-circle")
            button.clicked.connect(partial(self._answer, want, match))
        icon = Icon("circle-check", "accent", 20, 2)
        box = row(icon, text, button, margins=(16, 10, 12, 10), spacing=12)
        box.setStretch(1, 1)
        return frame("next", box)

    def _button(self, text: str, what: str, want: WantCard, icon: str = "") -> Button:
        meaning = phrases.for_what(text, want)
        return Button(text, icon=icon, name=f"wanted.{what}", meaning=meaning)

    # --- doing ------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._review(PostSheet(self._board, self, self._refused))

    def _answer(self, want: WantCard, match: WantMatch, _: bool = False) -> None:
        sheet = AnswerSheet(want, match, self)
        sheet.accepted.connect(lambda: self.went.emit("orders"))  # where the conversation is
        self._review(sheet)

    def _take_back(self, want: WantCard, _: bool = False) -> None:
        fee = words.fee(self._board.fee_wei, self._board.fee_currency)
        self._review(TakeBackSheet(want, fee, self))

    def _open(self, thread: str, _: bool = False) -> None:
        self.asked.emit(OpenOrder(thread))
        self.went.emit("orders")

    def _open_person(self, person: Person) -> None:
        self._person = PersonSheet(person, self)
        self._person.finished.connect(self._left_person)
        self._review(self._person)

    def _left_person(self) -> None:
        self._person = None

    def _review(self, sheet: Sheet) -> None:
        sheet.asked.connect(self._send)
        sheet.open()

    def _send(self, command: object) -> None:
        if isinstance(command, PostWant):
            self._sent, self._refused = command, None
        self.asked.emit(command)
