"""Step 2: whether the same content stands on the record already."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain.commands import OpenDataset, Reconnect
from app.domain.snapshots.datasets import Match, RegisterSnapshot
from app.ui.phrases import content as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Code
from app.ui.widgets.layout import card, clear, column, frame, row
from app.ui.widgets.text import Icon, Lead, label, set_property

_LOOKS = {
    "none_yet": ("card", "clock", "ink3"),
    "checking": ("card", "search", "accent"),
    "new": ("next", "circle-check", "accent"),
    "known": ("act", "copy", "warn"),
    "not_comparable": ("card", "eye-off", "ink2"),
    "unreachable": ("act", "wifi-off", "warn"),
}


class CheckStep(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._matches: tuple[Match, ...] | None = None
        self._icon = Icon("clock", "ink3", 22, 2)
        self._lead = Lead("register.check")
        self._again = Button(phrases.try_now(), icon="refresh-cw", name="register.try_now")
        self._again.clicked.connect(lambda: self.asked.emit(Reconnect()))
        box = row(self._icon, self._lead, self._again, margins=(18, 14, 14, 14), spacing=14)
        box.setStretch(1, 1)
        self._result = frame("card", box, "register.check_result")
        self._lines = column(spacing=8)
        self._content = Code(name="register.content_id", whole=True)
        self._proof = card(
            label(phrases.fingerprint(), "h2"),
            self._content,
            label(phrases.fingerprint_hint(), "hint", wrap=True),
        )
        self.setLayout(column(self._result, self._lines, self._proof, spacing=14))
        self.show_draft(RegisterSnapshot(""))

    def show_draft(self, draft: RegisterSnapshot) -> None:
        surface, icon, token = _LOOKS[draft.check]
        self._icon.set_icon(icon, token)
        self._lead.say(*phrases.check(draft.check))
        self._again.setVisible(draft.check == "unreachable")
        set_property(self._result, "surface", surface)
        self._content.say(draft.fingerprint)
        self._proof.setVisible(bool(draft.fingerprint))
        if draft.matches != self._matches:  # rebuilt only when it changed: it holds buttons
            self._matches = draft.matches
            clear(self._lines)
            for found in draft.matches:
                self._lines.addWidget(self._line(found))

    def _line(self, found: Match) -> QFrame:
        button = Button(
            phrases.open_match(),
            "link",
            name=f"register.match.{found.dataset[:8]}",
            meaning=phrases.open_match_meaning(found.title),
        )
        button.clicked.connect(lambda: self.asked.emit(OpenDataset(found.dataset)))
        text = column(
            label(found.title, "strong", wrap=True),
            label(phrases.match(found), "muted", wrap=True),
            label(found.network, "hint", wrap=True),
            spacing=2,
        )
        box = row(Icon("stamp", "accent", 18, 2), text, button, spacing=12)
        box.setStretch(1, 1)
        return card(box)
