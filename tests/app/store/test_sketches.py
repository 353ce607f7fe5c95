"""Registered sketches: found by what they share, in step with the record, bounded."""

from __future__ import annotations

import random
from base64 import b64encode
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from app.domain.similarity import BINS, Pair, bands, encode
from app.store import index, search, settings, sketches
from app.store.database import Database
from app.store.tables import SketchBandRow
from chain import registry_events as registry
from chain.listing import encode_listing
from tests.app.store.happenings import OWNER, SUN, THIRD, WIND, listed, mined, registered
from tests.app.store.test_index import read


def sketch(seed: int, pairs: int = 3) -> bytes:
    chance = random.Random(seed)
    return encode(
        Pair(0, n, bytes(chance.randrange(1, 256) for _ in range(BINS)))
        for n in range(1, 1 + pairs)
    )


def near(made: bytes, seed: int, share: float = 0.8) -> bytes:
    """The same columns with this share of their bins."""
    chance = random.Random(seed)
    places = [at for at in range(1, len(made)) if (at - 1) % (2 + BINS) > 1]
    changed = bytearray(made)
    for at in places:
        if chance.random() > share:
            changed[at] = chance.randrange(1, 256)
    return bytes(changed)


def listing(made: bytes) -> bytes:
    return encode_listing({"title": "T", "sketch": b64encode(made).decode()})


def ids(database: Database, made: bytes, most: int = 10) -> list[bytes]:
    with database.read() as session:
        places = sketches.in_common(session, made, most)
        return [row.dataset_id for row in index.registered_in(session, places)]


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(SketchBandRow)) or 0


def test_who_has_much_in_common_is_found_first(database: Database) -> None:
    one, other = sketch(1), sketch(2)
    read(
        database,
        mined(1, registered(SUN, listing=listing(near(one, 7))), registered(listing=listing(one))),
        mined(2, registered(b"x" * 32, listing=listing(other)), registered(b"y" * 32)),
    )
    assert ids(database, one) == [WIND, SUN]
    assert ids(database, one, most=1) == [WIND]
    assert ids(database, other) == [b"x" * 32]
    assert ids(database, sketch(3)) == []
    assert ids(database, b"no sketch") == []


def test_listings_are_read_again_while_their_sketches_are_there(database: Database) -> None:
    made = sketch(1)
    read(database, mined(1, registered(WIND, listing=listing(made))))
    with database.begin() as session:
        settings.put(session, "search.read", 0)
        session.execute(text("DELETE FROM listings"))
    assert ids(database, made) == [WIND]
    with database.begin() as session:
        assert search.follow(session, 10) == 1
    assert ids(database, made) == [WIND]


def test_a_new_listing_replaces_the_old_sketch(database: Database) -> None:
    one, other = sketch(1), sketch(2)
    reading = read(
        database,
        mined(1, registered(listing=listing(one))),
        mined(2, registry.ListingUpdated(dataset=WIND, title=OWNER, listing=listing(one))),
    )
    assert ids(database, one) == [WIND]
    changed = mined(3, registry.ListingUpdated(dataset=WIND, title=OWNER, listing=listing(other)))
    reading.apply(changed.events, [changed.block], changed.cursor)
    assert (ids(database, one), ids(database, other)) == ([], [WIND])
    reading.rewind(2)
    assert (ids(database, one), ids(database, other)) == ([WIND], [])
    reading.rewind(0)
    assert stored(database) == 0


def test_what_is_withdrawn_or_handed_on_is_still_compared(database: Database) -> None:
    one = sketch(1)
    read(
        database,
        mined(1, registered(listing=listing(one))),
        mined(2, registry.TitleTransferred(dataset=WIND, sender=OWNER, receiver="0x" + "9" * 40)),
        mined(3, registry.Withdrawn(dataset=WIND, title=OWNER)),
    )
    assert ids(database, one) == [WIND]


def test_listings_of_anyone_are_stored_without_a_sketch(database: Database) -> None:
    hostile = (b"", b"\xff" * 50, listed("no sketch"), listing(b"\x01" + b"\xff" * 500))
    read(
        database,
        mined(1, *(registered(bytes([n]) * 32, listing=raw) for n, raw in enumerate(hostile))),
    )
    assert stored(database) == 0


def test_one_band_brings_only_its_oldest_registrations(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sketches, "MOST_OF_A_BAND", 3)
    one = sketch(1)
    read(
        database,
        *(mined(n, registered(bytes([n]) * 32, listing=listing(one))) for n in range(1, 9)),
    )
    assert ids(database, one) == [bytes([n]) * 32 for n in (1, 2, 3)]
    assert stored(database) == 8 * len(bands(one))


def test_new_versions_are_found_by_what_they_follow(database: Database) -> None:
    read(
        database,
        mined(1, registered()),
        mined(2, replace(registered(SUN), parent=WIND)),
        mined(3, replace(registered(b"x" * 32), parent=WIND, registrant=THIRD)),
    )
    with database.read() as session:
        assert [row.dataset_id for row in index.newer_versions(session, WIND, {OWNER})] == [SUN]
        assert index.newer_versions(session, SUN, {OWNER}) == []
