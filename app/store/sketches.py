"""Registered sketches, found by what they have in common with another.

Each sketch has some dozens of bands (`app.domain.similarity.bands`); tables that are alike share
some of them. Who shares most is compared; what is on record is anyone's bytes, so what one band or
one question may bring is bounded. The oldest registrations of a band come first: those that are
registered later cannot push them out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.orm import Session

from app.domain.similarity import bands
from app.store.answers import asked_once
from app.store.tables import Base, SketchBandRow

MOST_OF_A_BAND = 500

_BANDS = Base.metadata.tables["sketch_bands"]
_NAMES = ("band", "block", "log_index")
_DELETE = delete(_BANDS).where(*(_BANDS.c[name] == bindparam(name) for name in _NAMES))

Place = tuple[int, int]
"""Block and log index of a registration."""


def put(session: Session, found: Iterable[tuple[Place, bytes]]) -> None:
    """Keep the bands of these sketches. They may be kept: a profile whose listings are read again
    goes on comparing meanwhile."""
    if rows := _rows(found):
        session.execute(insert(_BANDS).prefix_with("OR IGNORE"), rows)


def take(session: Session, found: Iterable[tuple[Place, bytes]]) -> None:
    """Forget the bands of these sketches."""
    if rows := _rows(found):
        session.execute(_DELETE, rows)


@asked_once
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


def _rows(found: Iterable[tuple[Place, bytes]]) -> list[dict[str, int]]:
    every = {(band, *place) for place, sketch in found if sketch for band in bands(sketch)}
    return [dict(zip(_NAMES, row, strict=True)) for row in sorted(every)]
