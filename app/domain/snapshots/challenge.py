"""Two registrations side by side: who, when, on which record, and how alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

First = Literal["one", "other", "unclear", "none"]
"""Whose commitment was first; none: one of them is not registered yet."""


@dataclass(frozen=True, slots=True)
class Side:
    """One registration, or a draft of mine (``dataset`` empty, no times). Hashes in hex."""

    title: str
    by: str
    by_me: bool
    network: str
    chain_id: int
    elsewhere: bool
    dataset: str
    committed_at: int | None
    registered_at: int | None
    block: int | None
    final: bool
    entry: str
    block_hash: str
    fingerprint: str
    content_id: str  # empty if it is confidential
    size_bytes: int
    records: int


@dataclass(frozen=True, slots=True)
class ColumnAlike:
    """A column of the first and what it was compared with; ``other`` is empty where nothing in
    the second is like it. ``score`` 0…1 is that of the best pair of columns it is in."""

    name: str
    other: str
    score: float


@dataclass(frozen=True, slots=True)
class ChallengeSnapshot:
    """``score`` is None where there are no two sketches to compare by; ``left_out`` are columns of
    the first that its sketch does not hold."""

    one: Side
    other: Side
    first: First
    same_content: bool
    score: float | None
    columns: tuple[ColumnAlike, ...] = ()
    left_out: tuple[str, ...] = ()
    back: str = "dataset"
