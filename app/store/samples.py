"""Samples: those an owner gave, by dataset and buyer, and those a buyer asked for, by dataset.

What was opened is kept on both sides, so that asking again gives the same records and costs
nothing; it is loaded only by who needs it (`opened`).
"""

from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.answers import asked_once
from app.store.tables import SampleGivenRow, SampleRow

SampleState = Literal["asked", "granted", "given", "refused", "unopened", "false"]
"""``asked``: no answer yet. ``granted``: the block that draws is to come, or its records are.
``given``: opened and proven. ``refused``: the owner said no. ``unopened``: it agreed, and did not
open what was drawn. ``false``: it opened something else."""


@dataclass(frozen=True, slots=True)
class Given:
    """What this owner agreed to. ``at`` in the chain's seconds; ``tries``: how often a block was
    named; ``block_hash`` is empty until records were opened."""

    dataset: bytes
    buyer: str
    at: int
    tries: int
    block: int
    records: int
    signature: bytes
    block_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Asked:
    """What this buyer asked for. ``late``: the block of an answer that came too late to count, 0 if
    none did. ``block_hash`` and ``block_time`` are those of the block that drew."""

    dataset: bytes
    owner: str
    state: SampleState
    asked_at: int
    reason: str = ""
    late: int = 0
    block: int = 0
    block_time: int = 0
    block_hash: bytes = b""
    records: int = 0
    signature: bytes = b""


# the owner's


def given(session: Session, dataset: bytes, buyer: str) -> Given | None:
    row = session.get(SampleGivenRow, (dataset, buyer))
    return None if row is None else _given(row)


@asked_once
def all_given(session: Session, dataset: bytes) -> list[Given]:
    """The newest first."""
    found = (
        select(SampleGivenRow)
        .where(SampleGivenRow.dataset == dataset)
        .order_by(SampleGivenRow.at.desc(), SampleGivenRow.buyer)
    )
    return [_given(row) for row in session.scalars(found)]


def totals(session: Session, dataset: bytes, since: int) -> tuple[int, int]:
    """(samples agreed to since a moment, records agreed to at any time), for this dataset."""
    table = SampleGivenRow
    recent = select(func.count()).where(table.dataset == dataset, table.at >= since)
    records = select(func.coalesce(func.sum(table.records), 0)).where(table.dataset == dataset)
    return session.scalar(recent) or 0, session.scalar(records) or 0


def save_given(session: Session, kept: Given) -> None:
    """In place of what was agreed to before, of which nothing was opened."""
    session.merge(
        SampleGivenRow(
            dataset=kept.dataset,
            buyer=kept.buyer,
            at=kept.at,
            tries=kept.tries,
            block=kept.block,
            records=kept.records,
            signature=kept.signature,
            block_hash=kept.block_hash,
            opened=b"",
        )
    )
    session.flush()


def keep_given(session: Session, dataset: bytes, buyer: str, hash_: bytes, opened: bytes) -> None:
    """What the block with this hash drew, and was opened."""
    row = session.get_one(SampleGivenRow, (dataset, buyer))
    row.block_hash, row.opened = hash_, opened
    session.flush()


def given_bytes(session: Session, dataset: bytes, buyer: str) -> bytes:
    return session.get_one(SampleGivenRow, (dataset, buyer)).opened


# the buyer's


@asked_once
def asked(session: Session, dataset: bytes) -> Asked | None:
    row = session.get(SampleRow, dataset)
    return None if row is None else _asked(row)


def waiting(session: Session) -> list[Asked]:
    """Those that are not over yet, the oldest first."""
    found = (
        select(SampleRow)
        .where(SampleRow.state.in_(("asked", "granted")))
        .order_by(SampleRow.asked_at, SampleRow.dataset)
    )
    return [_asked(row) for row in session.scalars(found)]


def save_asked(session: Session, kept: Asked, opened: bytes = b"") -> None:
    session.merge(
        SampleRow(
            dataset=kept.dataset,
            owner=kept.owner,
            state=kept.state,
            reason=kept.reason,
            asked_at=kept.asked_at,
            late=kept.late,
            block=kept.block,
            block_time=kept.block_time,
            block_hash=kept.block_hash,
            records=kept.records,
            signature=kept.signature,
            opened=opened,
        )
    )
    session.flush()


@asked_once
def asked_bytes(session: Session, dataset: bytes) -> bytes:
    row = session.get(SampleRow, dataset)
    return b"" if row is None else row.opened


def _given(row: SampleGivenRow) -> Given:
    return Given(
        row.dataset,
        row.buyer,
        row.at,
        row.tries,
        row.block,
        row.records,
        row.signature,
        row.block_hash,
    )


def _asked(row: SampleRow) -> Asked:
    return Asked(
        dataset=row.dataset,
        owner=row.owner,
        state=cast(SampleState, row.state),
        asked_at=row.asked_at,
        reason=row.reason,
        late=row.late,
        block=row.block,
        block_time=row.block_time,
        block_hash=row.block_hash,
        records=row.records,
        signature=row.signature,
    )
