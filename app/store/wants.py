"""Wants on record, and those of this profile that are on their way there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import wants
from app.domain.wants import Want
from app.store.tables import WantRow
from chain.listing import decode_listing

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class RecordedWant:
    """``said`` is what its content says; ``expires_at`` unix seconds."""

    want_id: bytes
    account: str
    expires_at: int
    at: int
    block: int
    said: Want


def standing(session: Session, now: int, limit: int = MOST_SHOWN) -> list[RecordedWant]:
    """Those that have not expired at ``now``, the newest first."""
    found = (
        select(WantRow)
        .where(WantRow.expires > now)
        .order_by(WantRow.block.desc(), WantRow.want_id)
        .limit(limit)
    )
    return [_want(row) for row in session.scalars(found)]


def load(session: Session, want_id: bytes) -> RecordedWant | None:
    row = session.get(WantRow, want_id)
    return None if row is None else _want(row)


@lru_cache(maxsize=512)
def _said(content: bytes) -> Want:
    try:
        return wants.read(decode_listing(content))
    except ValueError:
        return Want()


def _want(row: WantRow) -> RecordedWant:
    said = _said(row.content)
    return RecordedWant(row.want_id, row.account, row.expires, row.at, row.block, said)
