"""What a person keeps to itself about others: it never leaves this computer."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_NOTE = 4_000
LONGEST_LABEL = 40
MOST_LABELS = 10


@dataclass(frozen=True, slots=True)
class WriteNote:
    """``about`` is a dataset's id (hex) or a person's address; the note and labels take the place
    of those before."""

    about: str
    note: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepContact:
    party: str  # address
    yes: bool


@dataclass(frozen=True, slots=True)
class BlockParty:
    """Hide what they offer and refuse what they write; running orders go on."""

    party: str  # address
    yes: bool
