"""What the person keeps to itself: notes and labels, contacts, and who is blocked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.domain.errors import RuleError
from app.domain.private_commands import (
    LONGEST_LABEL,
    LONGEST_NOTE,
    MOST_LABELS,
    BlockParty,
    KeepContact,
    WriteNote,
)
from app.store import private
from app.store.database import Database


class Private:
    """``me`` is the person's own address."""

    def __init__(self, database: Database, me: str, changed: Callable[[], None]) -> None:
        self._database = database
        self._me = me
        self._changed = changed

    def write(self, command: WriteNote) -> None:
        note = command.note.strip()
        labels = tuple(dict.fromkeys(label.strip() for label in command.labels if label.strip()))
        if len(note) > LONGEST_NOTE:
            raise RuleError("private.note", "This note is too long: 4,000 characters fit.")
        if len(labels) > MOST_LABELS or any(len(label) > LONGEST_LABEL for label in labels):
            raise RuleError("private.labels", "At most 10 labels of 40 characters each fit.")
        with self._database.begin() as session:
            kept = private.get(session, command.about)
            private.put(session, command.about, replace(kept, note=note, labels=labels))
        self._changed()

    def contact(self, command: KeepContact) -> None:
        with self._database.begin() as session:
            kept = private.get(session, command.party)
            private.put(session, command.party, replace(kept, contact=command.yes))
        self._changed()

    def block(self, command: BlockParty) -> None:
        if command.yes and command.party == self._me:
            raise RuleError("private.me", "You cannot block yourself.")
        with self._database.begin() as session:
            kept = private.get(session, command.party)
            private.put(session, command.party, replace(kept, blocked=command.yes))
        self._changed()
