"""What the person keeps to itself about something or somebody: the parts that show and change it,
wherever that is done."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import BlockParty, KeepContact, WriteNote
from app.domain.private_commands import LONGEST_LABEL, LONGEST_NOTE, MOST_LABELS
from app.domain.snapshots.people import Person
from app.ui.phrases import private as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Field, TextEdit, line_edit
from app.ui.widgets.layout import Flow, column, row
from app.ui.widgets.text import Badge, label

Written = tuple[str, tuple[str, ...]]


class NoteForm(QWidget):
    """A note and labels. What is being typed is never replaced, until it is about another."""

    asked = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._about = ""
        self._before: Written = "", ()
        self._note = TextEdit(f"{name}.note", meaning=phrases.note(), rows=2)
        self._labels = line_edit(f"{name}.labels", meaning=phrases.labels(), most=400)
        self._keep = Button(phrases.keep(), name=f"{name}.note.keep")
        self._kept = label(phrases.kept(), "hint", name=f"{name}.note.kept")
        keeping = QWidget()
        keeping.setLayout(Flow(self._keep, self._kept, spacing=8))
        self._note_field = Field(phrases.note(), self._note)
        self._labels_field = Field(phrases.labels(), self._labels, phrases.labels_hint())
        self.setLayout(column(self._note_field, self._labels_field, keeping, spacing=10))
        self._note.textChanged.connect(self._typed)
        self._labels.textChanged.connect(lambda _: self._typed())
        self._labels.returnPressed.connect(self._write)
        self._keep.clicked.connect(self._write)

    def say(self, about: str, note: str, labels: tuple[str, ...]) -> None:
        """``about`` is a dataset's id (hex) or a person's address."""
        other = about != self._about
        if other:
            self.leave()
        self._about, self._before = about, (note, labels)
        if other:
            self._note.setPlainText(note)
            self._labels.setText(", ".join(labels))
        self._typed()

    def leave(self) -> bool:
        """It is left or closed: what was typed is kept. False if it does not fit: the fields say
        why."""
        if self._about and self._written() != self._before:
            self._write()
        return self._fits()

    def _fits(self) -> bool:
        note, labels = self._written()
        long = len(note) > LONGEST_NOTE
        many = len(labels) > MOST_LABELS or any(len(one) > LONGEST_LABEL for one in labels)
        self._note_field.set_error(phrases.note_too_long() if long else "")
        self._labels_field.set_error(phrases.labels_too_many() if many else "")
        return not long and not many

    def _written(self) -> Written:
        labels = (one.strip() for one in self._labels.text().replace("，", ",").split(","))
        return self._note.toPlainText().strip(), tuple(dict.fromkeys(one for one in labels if one))

    def _typed(self) -> None:
        same = self._written() == self._before
        self._keep.allow(self._fits() and not same)
        self._kept.setVisible(same and self._before != ("", ()))

    def _write(self) -> None:
        if self._fits():
            self.asked.emit(WriteNote(self._about, *self._written()))


class Standing(QWidget):
    """Whether somebody is a contact or blocked, and the buttons that change it."""

    asked = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self._party, self._is_contact, self._is_blocked = "", False, False
        self._said = label(wrap=True, name=f"{name}.standing")
        self._contact = Button(icon="user", name=f"{name}.contact")
        self._block = Button(icon="ban", name=f"{name}.block")
        buttons = QWidget()
        buttons.setLayout(Flow(self._contact, self._block, spacing=8))
        self.setLayout(column(self._said, buttons, spacing=10))
        self._contact.clicked.connect(self._change_contact)
        self._block.clicked.connect(self._change_block)

    def say(self, party: str, said: str, *, contact: bool, blocked: bool) -> None:
        """``party`` is an address, ``said`` a sentence about who that is and how it stands."""
        self._party, self._is_contact, self._is_blocked = party, contact, blocked
        self._said.setText(said)
        self._contact.say(phrases.contact(contact))
        self._block.say(phrases.block(blocked))

    def _change_contact(self) -> None:
        self.asked.emit(KeepContact(self._party, not self._is_contact))

    def _change_block(self) -> None:
        self.asked.emit(BlockParty(self._party, not self._is_blocked))


class PersonLink(QWidget):
    """Beside somebody's name: how they stand, if they do, and the way to their note, to contact
    and block. ``name`` is that of the button; tests find the state at ``name.state``."""

    pressed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self._state = Badge(name=f"{name}.state")
        self._open = Button(phrases.keep_person(), "link", name=name)
        self._open.clicked.connect(lambda: self.pressed.emit())
        self.setLayout(row(self._state, self._open, None, spacing=8))

    def say(self, person: Person) -> None:
        self._state.setVisible(person.contact or person.blocked)
        if person.contact or person.blocked:
            self._state.say(
                phrases.state(blocked=person.blocked), "warn" if person.blocked else "accent"
            )
        self._open.setAccessibleName(phrases.for_whom(phrases.keep_person(), person.name))
