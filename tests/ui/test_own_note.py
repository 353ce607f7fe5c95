"""The person's own notes on a dataset, contacts and blocks: kept, undone, never lost in typing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton

from app.domain.commands import BlockParty, KeepContact, WriteNote
from app.domain.snapshots.datasets import OwnNote
from app.domain.snapshots.people import Person
from app.domain.snapshots.shell import SettingsSnapshot
from app.ui.dialogs.person import PersonSheet
from app.ui.pages.choices.people import PeopleSection
from app.ui.pages.listings.own_note import OwnNoteCard
from tests.ui.dataset_samples import OFFERED
from tests.ui.looking import nameless

OWNER = "0x" + "7c" * 20
SHOWN = replace(OFFERED, owner=OWNER)


@pytest.fixture
def card(qtbot) -> OwnNoteCard:
    made = OwnNoteCard()
    qtbot.addWidget(made)
    made.say(SHOWN)
    made.show()
    return made


@pytest.fixture
def asked(card: OwnNoteCard) -> list[object]:
    heard: list[object] = []
    card.asked.connect(heard.append)
    return heard


def test_a_note_and_labels_are_kept(card: OwnNoteCard, asked) -> None:
    keep = card.findChild(QPushButton, "dataset.note.keep")
    assert not keep.isEnabled()
    card.findChild(QPlainTextEdit, "dataset.note").setPlainText("gaps in May")
    card.findChild(QLineEdit, "dataset.labels").setText("energy，later, energy,")
    keep.click()
    about = SHOWN.card.dataset
    assert asked == [WriteNote(about, "gaps in May", ("energy", "later"))]
    card.say(replace(SHOWN, private=OwnNote("gaps in May", ("energy", "later"))))
    assert not keep.isEnabled()
    assert nameless(card) == []


def test_what_is_being_typed_is_not_replaced(card: OwnNoteCard) -> None:
    note = card.findChild(QPlainTextEdit, "dataset.note")
    note.setPlainText("half a sent")
    card.say(replace(SHOWN, withdrawn=True))
    assert note.toPlainText() == "half a sent"
    other = replace(SHOWN, card=replace(SHOWN.card, dataset="5" * 64))
    card.say(replace(other, private=OwnNote("of the other")))
    assert note.toPlainText() == "of the other"


def test_contact_and_block_can_be_undone_where_they_were_set(card: OwnNoteCard, asked) -> None:
    contact = card.findChild(QPushButton, "dataset.contact")
    block = card.findChild(QPushButton, "dataset.block")
    contact.click()
    block.click()
    card.say(replace(SHOWN, private=OwnNote(contact=True, blocked=True)))
    assert (contact.accessibleName(), block.accessibleName()) == (
        "Remove from contacts",
        "Unblock",
    )
    contact.click()
    block.click()
    assert asked == [
        KeepContact(OWNER, True),
        BlockParty(OWNER, True),
        KeepContact(OWNER, False),
        BlockParty(OWNER, False),
    ]
    card.say(replace(SHOWN, card=replace(SHOWN.card, mine=True)))
    assert not contact.isVisible()


def test_settings_list_people_and_undo(qtbot) -> None:
    section = PeopleSection()
    qtbot.addWidget(section)
    heard: list[object] = []
    section.asked.connect(heard.append)
    section.say(SettingsSnapshot(address="0x1"))
    section.say(
        SettingsSnapshot(
            address="0x1",
            people=(Person(OWNER, "Anna", "7c7c-7c7c", contact=True, blocked=True),),
        )
    )
    for name in ("unblock", "remove"):
        section.findChild(QPushButton, f"settings.people.{name}").click()
    assert heard == [BlockParty(OWNER, False), KeepContact(OWNER, False)]


PERSON = Person(OWNER, "Anna", "7c7c-7c7c", note="asks twice", labels=("slow",))


@pytest.fixture
def sheet(qtbot) -> Iterator[PersonSheet]:
    made = PersonSheet(PERSON)
    made.open()
    yield made
    made.close()


def test_of_a_person_note_and_standing_are_changed_in_one_place(sheet: PersonSheet) -> None:
    heard: list[object] = []
    sheet.asked.connect(heard.append)
    note = sheet.findChild(QPlainTextEdit, "person.note")
    assert note.toPlainText() == "asks twice"
    for name in ("person.contact", "person.block"):
        sheet.findChild(QPushButton, name).click()
    sheet.say(replace(PERSON, contact=True, blocked=True))
    sheet.say(replace(PERSON, address="0x" + "11" * 20, note="of somebody else"))
    for name in ("person.contact", "person.block"):
        sheet.findChild(QPushButton, name).click()
    assert heard == [
        KeepContact(OWNER, True),
        BlockParty(OWNER, True),
        KeepContact(OWNER, False),
        BlockParty(OWNER, False),
    ]
    assert note.toPlainText() == "asks twice"
    assert nameless(sheet) == []


def test_a_note_that_does_not_fit_is_said_before_it_can_be_lost(sheet: PersonSheet) -> None:
    heard: list[object] = []
    sheet.asked.connect(heard.append)
    note = sheet.findChild(QPlainTextEdit, "person.note")
    labels = sheet.findChild(QLineEdit, "person.labels")
    close = sheet.findChild(QPushButton, "person.cancel")
    keep = sheet.findChild(QPushButton, "person.note.keep")
    note.setPlainText("x" * 4001)
    assert "4,000 characters fit" in note.accessibleDescription()
    note.setPlainText("x" * 4000)
    assert note.accessibleDescription() == ""
    for wrong in ("y" * 41, ", ".join(f"label {number}" for number in range(11))):
        labels.setText(wrong)
        assert "10 labels of 40 characters" in labels.accessibleDescription()
        keep.click()
        close.click()
        assert sheet.isVisible()
    assert heard == []
    labels.setText("slow")
    close.click()
    assert not sheet.isVisible()
    assert heard == [WriteNote(OWNER, "x" * 4000, ("slow",))]


def test_what_was_typed_about_a_person_is_kept_when_the_sheet_is_closed(
    sheet: PersonSheet,
) -> None:
    heard: list[object] = []
    sheet.asked.connect(heard.append)
    sheet.findChild(QPlainTextEdit, "person.note").setPlainText("asks three times")
    sheet.findChild(QPushButton, "person.cancel").click()
    assert heard == [WriteNote(OWNER, "asks three times", ("slow",))]
