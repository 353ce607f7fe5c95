"""What was registered on other networks: kept apart, taken back with its blocks, bounded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.store import elsewhere, index
from app.store.database import Database
from app.store.elsewhere import Elsewhere, Gone, TooMany
from chain import registry_events as registry
from tests.app.store.happenings import OWNER, SUN, WIND, Mined, listed, mined, registered
from tests.app.store.test_index import read
from tests.app.store.test_sketches import listing, near, sketch

HERE, THERE, FURTHER = 1, 2, 3


def take(sink: Elsewhere, *blocks: Mined) -> None:
    for block in blocks:
        sink.apply(block.events, [block.block], block.cursor)


def found(database: Database, content_id: bytes, but: int = HERE) -> list[tuple[int, bytes]]:
    with database.read() as session:
        rows = elsewhere.same_content(session, content_id, b"?" * 32, but)
        return [(row.chain_id, row.dataset_id) for row in rows]


def test_the_first_by_commit_time_comes_first_whatever_the_chain(database: Database) -> None:
    late, early = registered(SUN, committed_at=900), registered(WIND, committed_at=500)
    take(Elsewhere(database, THERE), mined(1, late))
    take(Elsewhere(database, FURTHER), mined(7, early))
    assert found(database, late.content_id) == [(FURTHER, WIND), (THERE, SUN)]
    assert found(database, late.content_id, but=FURTHER) == [(THERE, SUN)]
    with database.read() as session:
        assert index.same_content(session, late.content_id, b"?" * 32) == []
        kept = elsewhere.registration(session, FURTHER, WIND)
        assert kept is not None
        assert (kept.registrant, kept.committed_at, kept.block) == (OWNER, 500, 7)
        assert elsewhere.registration(session, THERE, WIND) is None


def test_only_registrations_are_kept_and_go_with_their_blocks(database: Database) -> None:
    sink = Elsewhere(database, THERE)
    made = registered(SUN)
    take(
        sink,
        mined(1, made),
        mined(2, registry.ListingUpdated(SUN, OWNER, listed()), registered(WIND)),
    )
    assert sink.count() == 2
    sink.rewind(1)
    assert found(database, made.content_id) == [(THERE, SUN)]
    cursor = sink.cursor()
    assert cursor is not None
    assert (cursor.block_number, list(sink.hashes())) == (1, [1])
    take(sink, mined(2, registered(WIND)))
    assert sink.count() == 2
    sink.rewind(0)
    assert (sink.count(), sink.cursor(), sink.hashes()) == (0, None, {})


def test_a_forgotten_network_leaves_nothing(database: Database) -> None:
    read(database, mined(1, registered(SUN, listing=listing(sketch(1)))))
    take(Elsewhere(database, THERE), mined(1, registered(SUN, listing=listing(sketch(1)))))
    take(Elsewhere(database, FURTHER), mined(1, registered(SUN, listing=listing(sketch(1)))))
    with database.begin() as session:
        elsewhere.forget(session, THERE)
    with database.read() as session:
        like = elsewhere.in_common(session, sketch(1), 10, HERE)
        assert [row.chain_id for row in like] == [FURTHER]
        assert index.registration(session, SUN) is not None
    assert Elsewhere(database, THERE).cursor() is None


def test_edited_copies_are_found_there_too(database: Database) -> None:
    sink = Elsewhere(database, THERE)
    take(
        sink,
        mined(1, registered(SUN, listing=listing(near(sketch(1), 7)))),
        mined(2, registered(WIND, listing=listing(sketch(2)))),
    )
    with database.read() as session:
        assert [row.dataset_id for row in elsewhere.in_common(session, sketch(1), 9, HERE)] == [SUN]
        assert elsewhere.in_common(session, sketch(1), 9, THERE) == []
    sink.rewind(0)
    with database.read() as session:
        assert elsewhere.in_common(session, sketch(1), 9, HERE) == []


def test_what_is_followed_no_longer_writes_nothing(database: Database) -> None:
    sink = Elsewhere(database, THERE)
    sink.end()
    for use in (sink.cursor, sink.hashes, sink.count, lambda: sink.rewind(0)):
        with pytest.raises(Gone):
            use()
    with pytest.raises(Gone):
        take(sink, mined(1, registered(SUN)))
    assert Elsewhere(database, THERE).count() == 0


def test_a_network_can_cost_only_so_many_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elsewhere, "MOST_REGISTRATIONS", 2)
    sink = Elsewhere(database, THERE)
    take(sink, mined(1, registered(SUN), registered(WIND)))
    with pytest.raises(TooMany):
        take(sink, mined(2, registered(b"n" * 32)))
    assert sink.count() == 2
    cursor = sink.cursor()
    assert cursor is not None
    assert cursor.block_number == 1


def test_what_is_no_listing_has_no_title(database: Database) -> None:
    take(Elsewhere(database, THERE), mined(1, replace(registered(SUN), listing=b"\xff{")))
    with database.read() as session:
        kept = elsewhere.registration(session, THERE, SUN)
    assert kept is not None
    assert kept.title == ""
