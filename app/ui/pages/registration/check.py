"""Step 2: whether the same content stands on the record already, or something much like it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.commands import OpenChallenge, OpenDataset, Reconnect, RelateDraft
from app.domain.snapshots.datasets import Alike, Match, RegisterSnapshot
from app.ui.pages.listings.alike import told
from app.ui.phrases import alike as alike_phrases
from app.ui.phrases import challenge as challenge_phrases
from app.ui.phrases import content as phrases
from app.ui.phrases import elsewhere as elsewhere_phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Code
from app.ui.widgets.fields import Choice, Field
from app.ui.widgets.layout import card, clear, column, frame, row
from app.ui.widgets.text import Icon, Lead, label, set_property

_LOOKS = {
    "none_yet": ("card", "clock", "ink3"),
    "checking": ("card", "search", "accent"),
    "new": ("next", "circle-check", "accent"),
    "known": ("act", "copy", "warn"),
    "not_comparable": ("card", "eye-off", "ink2"),
    "unreachable": ("act", "wifi-off", "warn"),
    "alike": ("act", "copy", "warn"),
    "related": ("next", "circle-check", "accent"),
}
_ALIKE_COUNTS = ("new", "not_comparable")  # the same content is more than something like it


class AlikeCard(QFrame):
    """A dataset that is much like the draft, and what the draft is to it. ``related`` emits the
    answer: its id for a new version, nothing for different data."""

    related = Signal(str)

    def __init__(self, one: Alike, open_it: Button | None, compare: Button) -> None:
        super().__init__()
        self.setProperty("surface", "card")
        self._key = one.match.dataset
        head = row(Icon("copy", "warn", 18, 2), told(one), spacing=12)
        head.setStretch(1, 1)
        if open_it is not None:
            head.addWidget(open_it)
        self._version = Button(
            alike_phrases.new_version(),
            "chip",
            name=f"register.version.{self._key[:8]}",
            meaning=alike_phrases.new_version_meaning(one),
        )
        self._different = Button(
            alike_phrases.different(),
            "chip",
            name=f"register.different.{self._key[:8]}",
            meaning=alike_phrases.different_meaning(),
        )
        self._version.clicked.connect(lambda: self.related.emit(self._key))
        self._different.clicked.connect(lambda: self.related.emit(""))
        answers = row(32, self._version, self._different, None, compare, spacing=8)
        # What it is a new version of stands on the same network.
        self._version.setVisible(not one.match.elsewhere)
        self.setLayout(column(head, answers, margins=(20, 16, 20, 16), spacing=10))

    def say(self, parent: str | None) -> None:
        """``parent`` as in `RegisterSnapshot`."""
        self._version.setChecked(parent == self._key)
        self._different.setChecked(parent == "")


class CheckStep(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._draft = ""
        self._parent: str | None = None
        self._shown: tuple[object, ...] | None = None
        self._alike: list[AlikeCard] = []
        self._icon = Icon("clock", "ink3", 22, 2)
        self._lead = Lead("register.check")
        self._again = Button(phrases.try_now(), icon="refresh-cw", name="register.try_now")
        self._again.clicked.connect(lambda: self.asked.emit(Reconnect()))
        box = row(self._icon, self._lead, self._again, margins=(18, 14, 14, 14), spacing=14)
        box.setStretch(1, 1)
        self._result = frame("card", box, "register.check_result")
        self._lines = column(spacing=8)
        self._before = Choice("register.before", [("", alike_phrases.no_version())])
        self._before.activated.connect(self._chosen)
        self._version = card(
            Field(alike_phrases.version_of(), self._before, alike_phrases.version_hint())
        )
        self._networks = label(role="muted", wrap=True, name="register.networks")
        self._content = Code(name="register.content_id", whole=True)
        self._proof = card(
            label(phrases.fingerprint(), "h2"),
            self._content,
            label(phrases.fingerprint_hint(), "hint", wrap=True),
        )
        self.setLayout(
            column(
                self._result, self._networks, self._lines, self._version, self._proof, spacing=14
            )
        )
        self.show_draft(RegisterSnapshot(""))

    def show_draft(self, draft: RegisterSnapshot) -> None:
        self._draft = draft.draft
        look: str = draft.check
        said = phrases.check(look)
        if is_alike(draft):
            look = "alike" if draft.parent is None else "related"
            said = alike_phrases.lead(draft.parent)
        surface, icon, token = _LOOKS[look]
        self._icon.set_icon(icon, token)
        self._lead.say(*said)
        self._again.setVisible(draft.check == "unreachable")
        set_property(self._result, "surface", surface)
        networks = elsewhere_phrases.about(draft)
        self._networks.setText(networks)
        self._networks.setVisible(bool(networks))
        self._content.say(draft.fingerprint)
        self._proof.setVisible(bool(draft.fingerprint))
        self._before.set_options([("", alike_phrases.no_version()), *draft.before])
        self._before.set_value(draft.parent or "")
        self._version.setVisible(bool(draft.before))
        self._parent = draft.parent
        shown = (draft.matches, draft.alike)
        if shown != self._shown:  # rebuilt only when it changed: it holds buttons
            self._shown = shown
            clear(self._lines)
            for found in draft.matches:
                self._lines.addWidget(self._line(found))
            self._alike = [self._alike_card(one) for one in draft.alike]
            for made in self._alike:
                self._lines.addWidget(made)
        for made in self._alike:
            made.say(draft.parent)

    def _chosen(self) -> None:
        if self._before.value() != (self._parent or ""):
            self.asked.emit(RelateDraft(self._draft, self._before.value()))

    def _line(self, found: Match) -> QFrame:
        button = self._open(found, phrases.open_match_meaning(found.title))
        text = column(
            label(found.title, "strong", wrap=True),
            label(phrases.match(found), "muted", wrap=True),
            label(found.network, "hint", wrap=True),
            spacing=2,
        )
        box = row(Icon("globe" if found.elsewhere else "stamp", "accent", 18, 2), text, spacing=12)
        box.setStretch(1, 1)
        box.addWidget(self._compare(found))
        if button is not None:
            box.addWidget(button)
        return card(box)

    def _alike_card(self, one: Alike) -> AlikeCard:
        opening = self._open(one.match, alike_phrases.open_meaning(one))
        made = AlikeCard(one, opening, self._compare(one.match))
        made.related.connect(lambda parent: self.asked.emit(RelateDraft(self._draft, parent)))
        return made

    def _compare(self, found: Match) -> Button:
        button = Button(
            challenge_phrases.text("compare"),
            "link",
            name=f"register.compare.{found.dataset[:8]}",
            meaning=challenge_phrases.compare_meaning(found.title),
        )
        button.clicked.connect(
            lambda: self.asked.emit(
                OpenChallenge(self._draft, found.dataset, found.chain_id, back="register")
            )
        )
        return button

    def _open(self, found: Match, meaning: str) -> Button | None:
        """None for what is on another network: there is no page of it."""
        if found.elsewhere:
            return None
        name = f"register.match.{found.dataset[:8]}"
        button = Button(phrases.open_match(), "link", name=name, meaning=meaning)
        button.clicked.connect(lambda: self.asked.emit(OpenDataset(found.dataset)))
        return button


def is_alike(draft: RegisterSnapshot) -> bool:
    """Whether likeness is what there is to say about it."""
    return bool(draft.alike) and draft.check in _ALIKE_COUNTS


def check_short(draft: RegisterSnapshot) -> str:
    """What came of the check, in a few words."""
    if is_alike(draft):
        return alike_phrases.lead(draft.parent)[0].rstrip(".")
    return phrases.check_short(draft.check)
