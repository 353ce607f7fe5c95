"""After "Save to the record": being recorded → recorded → final, and what stands there now."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import OpenDataset, OpenRecords, RegisterDraft
from app.domain.snapshots.datasets import RegisterSnapshot
from app.ui.phrases import content as content_phrases
from app.ui.phrases import dataset as shared
from app.ui.phrases import describing as describing_phrases
from app.ui.phrases import registered as phrases
from app.ui.phrases import saving as saving_phrases
from app.ui.phrases import terms as term_words
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import Code, KeyValues
from app.ui.widgets.layout import Flow, card, column, frame, row, rule
from app.ui.widgets.text import Icon, Lead, label, set_property
from app.ui.widgets.timeline import Mark, Timeline

Standing = Literal["done", "now", "to_come", "failed"]
_LOOKS = {
    "being_recorded": ("next", "stamp", "accent"),
    "recorded": ("next", "stamp", "accent"),
    "final": ("next", "badge-check", "accent"),
    "failed": ("stop", "triangle-alert", "danger"),
    "withdrawn": ("act", "ban", "warn"),
}
_REACHED = {"being_recorded": 1, "recorded": 2, "final": 4, "failed": 1, "withdrawn": 4}


class Outcome(QWidget):
    asked = Signal(object)
    went = Signal(str)
    another = Signal()
    changes = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._draft = RegisterSnapshot("")
        self._icon = Icon("stamp", "accent", 24, 2)
        self._lead = Lead("register.outcome")
        self._retry = Button(
            phrases.try_again(), "primary", name="register.try_again", needs_chain=True
        )
        self._retry.clicked.connect(self._again)
        self._change = Button(phrases.change_first(), name="register.change_first")
        self._change.clicked.connect(self.changes)
        box = row(
            self._icon, self._lead, self._change, self._retry, margins=(18, 14, 16, 14), spacing=14
        )
        box.setStretch(1, 1)
        self._banner = frame("next", box)
        self._what = label(role="h2", name="register.what_recorded")
        self._timeline = Timeline("register.timeline")
        self._timeline.setFixedHeight(64)  # its marks have no dates
        self._lines = KeyValues(key_width=120, name="register.recorded")
        self._dataset_name = label(phrases.key_dataset(), "muted")
        self._dataset = Code(name="register.dataset")
        self._fingerprint = Code(name="register.recorded_fingerprint", whole=True)
        self._open = Button(phrases.open_page(), "primary", icon="eye", name="register.open_page")
        self._records = Button(phrases.open_records(), icon="stamp", name="register.open_records")
        self._another = Button(phrases.register_another(), icon="plus", name="register.another")
        self._all = Button(phrases.all_datasets(), icon="database", name="register.all")
        self._open.clicked.connect(lambda: self.asked.emit(OpenDataset(self._draft.dataset)))
        self._records.clicked.connect(self._show_records)
        self._another.clicked.connect(self.another)
        self._all.clicked.connect(lambda: self.went.emit("datasets"))
        self._actions = QWidget()
        self._actions.setLayout(Flow(self._open, self._records, self._all, self._another))
        self.setLayout(
            column(
                self._banner,
                card(self._timeline),
                card(
                    self._what,
                    self._lines,
                    rule(),
                    row(self._dataset_name, 12, self._dataset, None),
                    label(content_phrases.fingerprint(), "strong"),
                    self._fingerprint,
                    spacing=12,
                ),
                self._actions,
                spacing=14,
            )
        )

    def show_draft(self, draft: RegisterSnapshot) -> None:
        self._draft = draft
        surface, icon, token = _LOOKS[draft.state]
        self._icon.set_icon(icon, token)
        self._lead.say(*phrases.outcome(draft.state))
        set_property(self._banner, "surface", surface)
        failed = draft.state == "failed"
        self._retry.setVisible(failed)
        self._change.setVisible(failed)
        self._retry.setEnabled(True)
        self._open.setVisible(bool(draft.dataset) and not failed)
        self._records.setVisible(bool(draft.dataset))
        self._mark(draft.state)
        self._what.setText(phrases.what_was_recorded(draft.state))
        for part in (self._dataset, self._dataset_name):
            part.setVisible(bool(draft.dataset))
        text = draft.description
        where = (shared.field_of_data(text.field), text.region, text.period)
        self._lines.say(
            (describing_phrases.title_field(), text.title),
            (shared.about(), "  ·  ".join(part for part in where if part) or "–"),
            (saving_phrases.price_field(), words.money(draft.price) if draft.price else "–"),
            (describing_phrases.licence_title(), term_words.short(draft.terms)),
            (shared.key_size(), f"{words.size(draft.size_bytes)}  ·  {shared.files(draft.files)}"),
        )
        self._dataset.say(draft.dataset)
        self._fingerprint.say(draft.fingerprint)

    def _mark(self, state: str) -> None:
        reached = _REACHED[state]
        marks = []
        for i, name in enumerate(phrases.marks()):
            standing: Standing = "done" if i < reached else "to_come"
            if i == reached:
                standing = "failed" if state == "failed" else "now"
            marks.append(Mark(name, "", standing))
        self._timeline.say(tuple(marks), phrases.outcome(state)[0])

    def _again(self) -> None:
        self._retry.setEnabled(False)
        self.asked.emit(RegisterDraft(self._draft.draft))

    def _show_records(self) -> None:
        self.asked.emit(OpenRecords(self._draft.dataset))
        self.went.emit("records")
