"""What a person keeps to itself: notes, labels, contacts, and who is blocked."""

from __future__ import annotations

from app.domain.snapshots.people import Person
from app.ui.phrases.rules import RULES
from app.ui.phrases.words import say, translate


def title() -> str:
    return translate("phrases", "Only for you")


def hint() -> str:
    return translate("phrases", "Notes, labels and contacts stay on this computer.")


def note() -> str:
    return translate("phrases", "Your note")


def labels() -> str:
    return translate("phrases", "Your labels")


def labels_hint() -> str:
    return translate("phrases", "With commas between them; Browse can filter by them.")


def keep() -> str:
    return translate("phrases", "Keep the note")


def kept() -> str:
    return translate("phrases", "Kept.")


def contact(yes: bool) -> str:
    if yes:
        return translate("phrases", "Remove from contacts")
    return translate("phrases", "Add to contacts")


def block(yes: bool) -> str:
    return translate("phrases", "Unblock") if yes else translate("phrases", "Block")


def about(name: str, *, contact: bool, blocked: bool) -> str:
    """How somebody stands; who blocks must know before what that does."""
    if blocked:
        return translate(
            "phrases",
            "{name} is blocked: what they offer and look for is hidden, their messages are refused,"
            " and no new version of theirs is ordered or paid by itself. Paid orders go on.",
        ).format(name=name)
    if contact:
        return translate("phrases", "{name} is one of your contacts.").format(name=name)
    return translate(
        "phrases",
        "Contacts can be searched alone in Browse. Of who is blocked no data and no wishes are"
        " shown, and their messages are refused; paid orders go on.",
    )


def about_owner(name: str, *, contact: bool, blocked: bool) -> str:
    if contact or blocked:
        return about(name, contact=contact, blocked=blocked)
    return translate("phrases", "Offered by {name}.").format(name=name)


def keep_person() -> str:
    """The way to somebody's note, to contact and block."""
    return translate("phrases", "Note, contact, block…")


def with_code(person: Person) -> str:
    named = person.name != person.code
    return f"{person.name}  ({person.code})" if named else person.code


def note_too_long() -> str:
    return say(RULES, "private.note")


def labels_too_many() -> str:
    return say(RULES, "private.labels")


def people() -> str:
    return translate("phrases", "People")


def people_hint() -> str:
    return translate(
        "phrases",
        "Your contacts, and who is blocked. Add them where you meet them: on the page of an order"
        " or a dataset, or in Wanted. Nobody else sees this.",
    )


def nobody() -> str:
    return translate("phrases", "Nobody yet.")


def state(*, blocked: bool) -> str:
    return translate("phrases", "blocked") if blocked else translate("phrases", "contact")


def for_whom(what: str, name: str) -> str:
    """A button among many, as a screen reader says it."""
    return translate("phrases", "{what}: {name}").format(what=what, name=name)


def contacts_only() -> str:
    return translate("phrases", "My contacts")


def any_label() -> str:
    return translate("phrases", "Any label")
