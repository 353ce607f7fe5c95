"""Contacts and blocked parties: the list, and the way to undo either."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.commands import BlockParty, KeepContact
from app.domain.snapshots.people import Person
from app.domain.snapshots.shell import SettingsSnapshot
from app.ui.pages.choices.section import Section
from app.ui.phrases import private as phrases
from app.ui.widgets.buttons import Button
from app.ui.widgets.layout import clear, column, row
from app.ui.widgets.text import Badge, label


class PeopleSection(Section):
    asked = Signal(object)

    def __init__(self) -> None:
        self._people: tuple[Person, ...] = ()
        self._box = column(spacing=10)
        self._list = QWidget()
        self._list.setLayout(self._box)
        self._none = label(phrases.nobody(), "muted", name="settings.people.none")
        super().__init__(
            phrases.people(), phrases.people_hint(), self._none, self._list, name="settings.people"
        )

    def say(self, snapshot: SettingsSnapshot) -> None:
        self.setVisible(bool(snapshot.address))
        self._none.setVisible(not snapshot.people)
        self._list.setVisible(bool(snapshot.people))
        if snapshot.people == self._people:
            return
        self._people = snapshot.people
        clear(self._box)
        for person in snapshot.people:
            for blocked in (True, False):
                if person.blocked if blocked else person.contact:
                    self._box.addWidget(self._line(person, blocked=blocked))

    def _line(self, person: Person, *, blocked: bool) -> QWidget:
        what = phrases.block(True) if blocked else phrases.contact(True)
        undo = Button(
            what,
            "link",
            name=f"settings.people.{'unblock' if blocked else 'remove'}",
            meaning=phrases.for_whom(what, person.name),
        )
        undone = (
            BlockParty(person.address, False) if blocked else KeepContact(person.address, False)
        )
        undo.clicked.connect(lambda: self.asked.emit(undone))
        badge = Badge()
        badge.say(phrases.state(blocked=blocked), "warn" if blocked else "accent")
        name = label(phrases.with_code(person), wrap=True)
        box = row(name, badge, undo, spacing=10)
        box.setStretch(0, 1)
        made = QWidget()
        made.setLayout(box)
        return made
