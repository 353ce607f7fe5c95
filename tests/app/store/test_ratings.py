"""Ratings on record: marked where buyer and owner are close, and what the others come to."""

from __future__ import annotations

from app.store import index, ratings
from app.store.database import Database
from app.store.index import Index
from tests.app.store.happenings import (
    BUYER,
    OWNER,
    SUN,
    THIRD,
    WIND,
    confirmed,
    funded,
    mined,
    registered,
    sold,
)

FIRST, SECOND, BACK = b"1" * 32, b"2" * 32, b"3" * 32


def _read(database: Database, *bodies: object) -> None:
    reading = Index(database)
    for number, body in enumerate(bodies, start=1):
        block = mined(number, body)
        reading.apply(block.events, [block.block], block.cursor)


def test_buyers_who_sell_elsewhere_count(database: Database) -> None:
    honest = sold(FIRST, OWNER, BUYER, WIND, 2)
    suspect = sold(SECOND, OWNER, THIRD, WIND, 5)
    _read(database, registered(), registered(SUN, registrant=THIRD), *honest, *suspect)
    with database.read() as session:
        found = index.ratings(session, WIND)
        assert ratings.marks(session, found) == ("", "")
        assert ratings.overall(session, found) == 3.5


def test_selling_back_makes_the_ring(database: Database) -> None:
    _read(
        database,
        registered(),
        registered(SUN, registrant=THIRD),
        *sold(FIRST, OWNER, BUYER, WIND, 2),
        *sold(SECOND, OWNER, THIRD, WIND, 5),
        *sold(BACK, THIRD, OWNER, SUN, 5),
    )
    with database.read() as session:
        found = index.ratings(session, WIND)
        assert sorted(ratings.marks(session, found)) == ["", "ring"]
        assert ratings.overall(session, found) == 2.0
        assert ratings.marks(session, index.ratings(session, SUN)) == ("ring",)
        assert ratings.overall(session, index.ratings(session, SUN)) is None


def test_whoever_registered_it_does_not_count(database: Database) -> None:
    _read(database, registered(registrant=BUYER), funded(FIRST), confirmed(FIRST))
    with database.read() as session:
        assert ratings.marks(session, index.ratings(session, WIND)) == ("self",)
