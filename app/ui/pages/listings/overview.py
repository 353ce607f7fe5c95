"""What a dataset is, on which terms it is offered, and the fingerprint that is paid for."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.snapshots.datasets import DatasetSnapshot
from app.ui.pages.listings.saving import SaveDescription
from app.ui.phrases import dataset as phrases
from app.ui.phrases import terms as term_words
from app.ui.phrases import words
from app.ui.widgets.facts import Code, KeyValues
from app.ui.widgets.layout import Pair, card, column, row
from app.ui.widgets.text import Icon, label


class OverviewTab(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._what = label(wrap=True, name="dataset.what")
        self._facts = KeyValues(key_width=116, name="dataset.facts")
        self._terms = KeyValues(key_width=116, name="dataset.terms")
        self._root = Code(name="dataset.fingerprint", whole=True)
        self._content = Code(name="dataset.content_id", whole=True)
        self._content_name = label(phrases.key_content(), "muted")
        self._confidential = label(phrases.confidential(), "muted", wrap=True)
        licence = card(
            label(phrases.licence(), "h2"),
            self._terms,
            label(phrases.licence_hint(), "hint", wrap=True),
            None,
        )
        self._save = SaveDescription()
        about = card(label(phrases.about(), "h2"), self._what, 2, self._facts, self._save, None)
        hint = row(
            Icon("shield-check", "accent", 18, 2),
            label(phrases.proof_hint(), "muted", wrap=True),
            spacing=10,
        )
        hint.setStretch(1, 1)
        proof = card(
            label(phrases.proof(), "h2"),
            hint,
            label(phrases.key_fingerprint(), "muted"),
            self._root,
            self._content_name,
            self._content,
            self._confidential,
            spacing=8,
        )
        self.setLayout(column(Pair(about, licence, spacing=14), proof, None, spacing=14))

    def say(self, shown: DatasetSnapshot) -> None:
        about = shown.card
        self._save.say(shown)
        self._what.setText(about.what or phrases.no_words())
        size = f"{words.size(about.size_bytes)}  ·  {phrases.files(shown.files)}"
        self._facts.say(
            (phrases.key_field(), phrases.field_of_data(about.field) or "–"),
            (phrases.key_region(), about.region or "–"),
            (phrases.key_period(), about.period or "–"),
            (phrases.key_size(), f"{size}  ·  {phrases.records(about.records)}"),
            (phrases.key_personal(), phrases.personal_data(shown.personal_data)),
            (phrases.key_registered(), words.moment(about.registered_at)),
        )
        self._terms.say(*((name, value) for _, name, value in term_words.lines(shown.terms)))
        self._root.say(shown.fingerprint)
        self._content.say(shown.content_id)
        for part in (self._content, self._content_name):
            part.setVisible(not shown.confidential)
        self._confidential.setVisible(shown.confidential)
