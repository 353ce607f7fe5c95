"""Wants on record, and those of this profile that are on their way there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.domain import wants
from app.domain.wants import Want
from app.store.answers import asked_once
from app.store.tables import WantRow
from chain.listing import decode_listing

MOST_COMPARED = 1000
"""More that stand at the same time are not looked at, the oldest of them."""
MOST_OF_ONE = 10
"""More of one account are not looked at: nobody hides what others look for behind its own."""


@dataclass(frozen=True, slots=True)
class RecordedWant:
    """``said`` is what its content says; ``expires_at`` unix seconds."""

    want_id: bytes
    account: str
    expires_at: int
    at: int
    block: int
    said: Want


@asked_once
def standing(session: Session, now: int, limit: int = MOST_COMPARED) -> list[RecordedWant]:
    """Those that have not expired at ``now``, the newest first, of each account its newest."""
    newest = (WantRow.block.desc(), WantRow.want_id)
    place = func.row_number().over(partition_by=WantRow.account, order_by=newest)
    placed = select(WantRow.want_id, place.label("place")).where(WantRow.expires > now).subquery()
    found = (
        select(WantRow)
        .join(placed, placed.c.want_id == WantRow.want_id)
        .where(placed.c.place <= MOST_OF_ONE)
        .order_by(*newest)
        .limit(limit)
    )
    return [_want(row) for row in session.scalars(found)]


def load(session: Session, want_id: bytes) -> RecordedWant | None:
    row = session.get(WantRow, want_id)
    return None if row is None else _want(row)


@lru_cache(maxsize=MOST_COMPARED)
def _said(content: bytes) -> Want:
    try:
        return wants.read(decode_listing(content))
    except ValueError:
        return Want()


def _want(row: WantRow) -> RecordedWant:
    said = _said(row.content)
    return RecordedWant(row.want_id, row.account, row.expires, row.at, row.block, said)
