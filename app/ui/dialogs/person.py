"""What the person keeps to itself about somebody: note, labels, contact or blocked."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.domain.snapshots.people import Person
from app.ui.dialogs.sheet import Sheet
from app.ui.phrases import private as phrases
from app.ui.widgets.layout import card
from app.ui.widgets.private import NoteForm, Standing


class PersonSheet(Sheet):
    """Stays open while contact and block are changed; `say` shows what came of it."""

    def __init__(self, person: Person, parent: QWidget | None = None) -> None:
        name = phrases.with_code(person)
        super().__init__("person", name, phrases.hint(), "", parent, width=520)
        self._address = person.address
        self._shown: Person | None = None
        self._form, self._standing = NoteForm("person"), Standing("person")
        for part in (self._form, self._standing):
            part.asked.connect(self.asked)
        self.say(person)
        self.fill(card(self._form, self._standing), answer=None)

    def say(self, person: Person) -> None:
        """Nothing of somebody else is shown here."""
        if person.address != self._address or person == self._shown:
            return
        self._shown = person
        self._form.say(person.address, person.note, person.labels)
        self._standing.say(
            person.address,
            phrases.about(person.name, contact=person.contact, blocked=person.blocked),
            contact=person.contact,
            blocked=person.blocked,
        )
        self.fit()

    def done(self, result: int) -> None:
        if self._form.leave():
            super().done(result)
