"""What the dataset page shows of a sample: to its buyer what was drawn and proven, to the owner
what may be seen and who has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.samples import SamplePolicy

SampleKind = Literal["table", "text", "other"]
SampleStep = Literal["none", "asked", "granted", "given", "refused", "unopened", "false"]


@dataclass(frozen=True, slots=True)
class SampleRows:
    """Rows cut out of opened records: ``header`` names the columns of a table, a row of text has
    one cell. ``cut`` lines were dropped because a record held a part of them only; ``odd`` lines
    did not have the columns. ``more``: rows beyond those here. ``unreadable`` records hold no
    text."""

    kind: SampleKind
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    cut: int = 0
    odd: int = 0
    more: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """A buyer's. ``proven`` of the ``drawn`` records are here, ``withheld`` the owner keeps back;
    the dataset has ``of``. ``reason`` is why there is nothing (yet), in the owner's or the
    engine's words. ``list_of_files`` of the proven records hold no data."""

    step: SampleStep = "none"
    reason: str = ""
    drawn: int = 0
    proven: int = 0
    withheld: int = 0
    of: int = 0
    block: int = 0
    block_at: int = 0
    blocks_left: int = 0
    list_of_files: int = 0
    rows: SampleRows = SampleRows("other")


@dataclass(frozen=True, slots=True)
class SampleSeen:
    """A buyer with a sample; ``records`` is 0 until it has fetched them."""

    by: str
    at: int
    records: int


@dataclass(frozen=True, slots=True)
class SampleAllowance:
    """An owner's. ``for_one``: the records a buyer would see now, of ``of``; ``personal``: the
    owner, or a column, says that it holds personal data."""

    policy: SamplePolicy
    for_one: int
    of: int
    personal: bool
    seen: tuple[SampleSeen, ...] = ()
