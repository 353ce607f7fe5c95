"""What the person keeps to itself about a dataset and who offers it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.snapshots.datasets import DatasetSnapshot
from app.ui.phrases import private as phrases
from app.ui.widgets.layout import card, column
from app.ui.widgets.private import NoteForm, Standing
from app.ui.widgets.text import label


class OwnNoteCard(QWidget):
    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._form, self._owner = NoteForm("dataset"), Standing("dataset")
        for part in (self._form, self._owner):
            part.asked.connect(self.asked)
        self.setLayout(
            column(
                card(
                    label(phrases.title(), "h2"),
                    label(phrases.hint(), "hint", wrap=True),
                    self._form,
                    self._owner,
                )
            )
        )

    def say(self, shown: DatasetSnapshot) -> None:
        private, name = shown.private, shown.card.by or shown.card.by_code
        self._form.say(shown.card.dataset, private.note, private.labels)
        self._owner.say(
            shown.owner,
            phrases.about_owner(name, contact=private.contact, blocked=private.blocked),
            contact=private.contact,
            blocked=private.blocked,
        )
        self._owner.setVisible(not shown.card.mine and bool(shown.owner))
