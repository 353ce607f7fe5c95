"""What an event makes the engine do: imperative, saved in the outbox with the event itself.

Effects name things, they hold no bytes to send: the outbox builds message and record entry from
the folded order when it runs them, so that a secret is never at rest and a repeat is the same.
``seq`` is the number of the order's event that asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MessageKind = Literal[
    "request",
    "counter",
    "offer",
    "decline",
    "receipt",
    "key",
    "confirmation",
    "subscription",
    "ending",
]
EntryKind = Literal["fund", "reveal", "confirm", "complain", "accept", "refund", "rate"]


@dataclass(frozen=True, slots=True)
class SendMessage:
    """To the other side; tried until its app says it is stored."""

    kind: MessageKind
    seq: int


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """A transaction about the order; tried until it is final or the chain says it cannot be."""

    kind: EntryKind
    seq: int


@dataclass(frozen=True, slots=True)
class FetchManifest:
    """The buyer asks for the manifest's records, to check them before paying."""

    seq: int


@dataclass(frozen=True, slots=True)
class FetchContent:
    """The buyer asks for leaf hashes and sealed chunks; resumes at the chunk."""

    seq: int


@dataclass(frozen=True, slots=True)
class SignReceipt:
    """The buyer signs what it computed: at most one receipt an order."""

    seq: int


@dataclass(frozen=True, slots=True)
class GiveKey:
    """The owner gives the key for a receipt, unless that moment has passed (the margin)."""

    seq: int


@dataclass(frozen=True, slots=True)
class CheckContent:
    """The buyer opens the sealed records, checks all of it and moves the files into place."""

    seq: int


Effect = (
    SendMessage | RecordEntry | FetchManifest | FetchContent | SignReceipt | GiveKey | CheckContent
)
EFFECT_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        SendMessage,
        RecordEntry,
        FetchManifest,
        FetchContent,
        SignReceipt,
        GiveKey,
        CheckContent,
    )
}
