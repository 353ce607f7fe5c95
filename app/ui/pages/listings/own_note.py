"""What the person keeps to itself about a dataset and who offers it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import BlockParty, KeepContact, WriteNote
from app.domain.snapshots.datasets import DatasetSnapshot
from app.ui.phrases import private as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, TextEdit, line_edit
from app.ui.widgets.layout import Flow, card, column
from app.ui.widgets.text import label


class OwnNoteCard(QWidget):
    """What is being typed is never replaced, until another dataset is shown."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown: DatasetSnapshot | None = None
        self._note = TextEdit("dataset.note", meaning=phrases.note(), rows=2)
        self._labels = line_edit("dataset.labels", meaning=phrases.labels(), most=400)
        self._keep = Button(phrases.keep(), name="dataset.note.keep")
        self._kept = label(phrases.kept(), "hint", name="dataset.note.kept")
        self._owner = label(wrap=True, name="dataset.owner_note")
        self._contact = Button(icon="user", name="dataset.contact")
        self._block = Button(icon="ban", name="dataset.block")
        self._people = QWidget()
        self._people.setLayout(Flow(self._contact, self._block, spacing=8))
        keeping = QWidget()
        keeping.setLayout(Flow(self._keep, self._kept, spacing=8))
        box = card(
            label(phrases.title(), "h2"),
            label(phrases.hint(), "hint", wrap=True),
            Field(phrases.note(), self._note),
            Field(phrases.labels(), self._labels, phrases.labels_hint()),
            keeping,
            self._owner,
            self._people,
        )
        self.setLayout(column(box))
        self._note.textChanged.connect(self._typed)
        self._labels.textChanged.connect(lambda _: self._typed())
        self._labels.returnPressed.connect(self._write)
        self._keep.clicked.connect(self._write)
        self._contact.clicked.connect(self._change_contact)
        self._block.clicked.connect(self._change_block)

    def say(self, shown: DatasetSnapshot) -> None:
        before, self._shown = self._shown, shown
        if before is None or before.card.dataset != shown.card.dataset:
            if before is not None:
                kept, written = before.private, self._written()
                if written != (kept.note, kept.labels):  # what was typed is not lost
                    self.asked.emit(WriteNote(before.card.dataset, *written))
            self._note.setPlainText(shown.private.note)
            self._labels.setText(", ".join(shown.private.labels))
        private, name = shown.private, shown.card.by or shown.card.by_code
        self._owner.setText(
            phrases.about_owner(name, contact=private.contact, blocked=private.blocked)
        )
        self._contact.say(phrases.contact(private.contact))
        self._block.say(phrases.block(private.blocked))
        for part in (self._owner, self._people):
            part.setVisible(not shown.card.mine and bool(shown.owner))
        self._typed()

    def _written(self) -> tuple[str, tuple[str, ...]]:
        labels = (one.strip() for one in self._labels.text().replace("，", ",").split(","))
        return self._note.toPlainText().strip(), tuple(dict.fromkeys(one for one in labels if one))

    def _typed(self) -> None:
        if self._shown is not None:
            private = self._shown.private
            same = self._written() == (private.note, private.labels)
            self._keep.allow(not same)
            self._kept.setVisible(same and bool(private.note or private.labels))

    def _write(self) -> None:
        if self._shown is not None:
            self.asked.emit(WriteNote(self._shown.card.dataset, *self._written()))

    def _change_contact(self) -> None:
        if self._shown is not None:
            self.asked.emit(KeepContact(self._shown.owner, not self._shown.private.contact))

    def _change_block(self) -> None:
        if self._shown is not None:
            self.asked.emit(BlockParty(self._shown.owner, not self._shown.private.blocked))
