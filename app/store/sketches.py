"""Registered sketches, found by what they have in common with another.

Each sketch has some dozens of bands (`app.domain.similarity.bands`); tables that are alike share
some of them. Who shares most is compared; what is on record is anyone's bytes, so what one band or
one question may bring is bounded. The oldest registrations of a band come first: those that are
registered later cannot push them out.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from app.domain import listing as listings
from app.domain.similarity import bands
from app.store.tables import Base, SketchBandRow
from chain.listing import decode_listing

MOST_OF_A_BAND = 500
SKETCH = "sketch"
"""What a row of `registrations` carries on its way to the table: the sketch in its listing."""

_BANDS = Base.metadata.tables["sketch_bands"]
_NAMES = ("band", "block", "log_index")
_DELETE = delete(_BANDS).where(*(_BANDS.c[name] == bindparam(name) for name in _NAMES))

Place = tuple[int, int]
"""Block and log index of a registration."""


def carry(session: Session, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Keep the bands in step with rows of `registrations`. Of those ``after``, which have a
    `SKETCH` only where their listing is new, it is taken; those that are gone have none."""
    new = {_place(row): row.pop(SKETCH) for row in after if SKETCH in row}
    stay = {_place(row) for row in after} - new.keys()
    old = {_place(row): sketch_of(row["listing"]) for row in before if _place(row) not in stay}
    was, will = _rows(old), _rows(new)
    gone, come = sorted(was - will), sorted(will - was)
    if gone:
        session.execute(_DELETE, [dict(zip(_NAMES, row, strict=True)) for row in gone])
    if come:
        session.execute(insert(_BANDS), [dict(zip(_NAMES, row, strict=True)) for row in come])


def in_common(session: Session, sketch: bytes, most: int) -> list[Place]:
    """Registrations that share bands with this sketch, at most ``most``: those that share most,
    of equal ones the oldest."""
    found: Counter[Place] = Counter()
    for band in bands(sketch):
        places = (
            select(SketchBandRow.block, SketchBandRow.log_index)
            .where(SketchBandRow.band == band)
            .order_by(SketchBandRow.block, SketchBandRow.log_index)
            .limit(MOST_OF_A_BAND)
        )
        found.update((block, log_index) for block, log_index in session.execute(places))
    return sorted(found, key=lambda place: (-found[place], place))[:most]


@lru_cache(maxsize=256)
def sketch_of(listing: bytes) -> bytes:
    """The sketch in a listing on record; no bytes where there is none."""
    try:
        return listings.read(decode_listing(listing)).sketch
    except ValueError:
        return b""


def _place(row: dict[str, Any]) -> Place:
    return row["block"], row["log_index"]


def _rows(found: dict[Place, bytes]) -> set[tuple[int, int, int]]:
    return {(band, *place) for place, sketch in found.items() for band in bands(sketch)}
