"""Who bought a dataset hears once of its owner's new versions, and of nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.snapshots.shell import Notice
from app.engine import versions
from app.engine.versions import Versions
from app.store import index, private
from app.store.database import Database
from app.store.index import Index
from app.store.private import Private
from chain import registry_events as registry
from chain.answers import Block
from chain.indexer import Advance
from tests.app.store.happenings import OWNER, SUN, THIRD, WIND, listed, mined, registered

SECOND, THIRD_VERSION = b"2" * 32, b"3" * 32
MOVED = Advance(Block(9, bytes(32), 9), 1, None, done=True)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database.open(tmp_path / "lading.sqlite")
    yield made
    made.close()


def version(dataset: bytes, parent: bytes, title: str, by: str = OWNER) -> registry.Registered:
    made = registered(dataset, registrant=by, listing=listed(title))
    return replace(made, parent=parent)


def read(database: Database, number: int, *bodies: Any) -> None:
    block = mined(number, *bodies)
    Index(database).apply(block.events, [block.block], block.cursor)


def told(database: Database, *orders: Any) -> list[Notice]:
    heard: list[Notice] = []
    journal: Any = SimpleNamespace(all=lambda: list(orders))
    Versions(database, journal, heard.append).advanced(MOVED)
    return heard


def order(role: str = "buyer", dataset: bytes = WIND, made_at: int = 1_001) -> Any:
    return SimpleNamespace(role=role, dataset=dataset, made_at=made_at, thread="t" * 32)


def test_a_buyer_is_told_once_of_a_version_by_the_owner(database: Database) -> None:
    read(database, 1, registered(), version(b"1" * 32, WIND, "Before the order"))
    read(
        database,
        5,
        version(SECOND, WIND, "Wind 2"),
        version(SUN, WIND, "Anybody's", THIRD),
        version(b"4" * 32, SUN, "Of another"),
    )
    assert told(database, order("owner")) == []
    assert told(database, order(dataset=SUN)) == []
    assert told(database, order(made_at=1_006)) == []
    (notice,) = told(database, order(made_at=1_003))
    assert (notice.kind, notice.code, notice.about) == ("news", "version.new", "t" * 32)
    assert notice.values == {"title": "Wind 2"}
    assert told(database, order(made_at=1_003)) == []


def test_a_buyer_of_the_first_is_told_of_the_third(database: Database) -> None:
    read(database, 1, registered())
    read(database, 5, version(SECOND, WIND, "Wind 2"))
    assert [one.values["title"] for one in told(database, order())] == ["Wind 2"]
    read(database, 6, version(THIRD_VERSION, SECOND, "Wind 3"))
    assert [one.values["title"] for one in told(database, order())] == ["Wind 3"]
    assert told(database, order(), order(dataset=SECOND)) == []


def test_nothing_is_told_of_whoever_is_blocked(database: Database) -> None:
    read(database, 1, registered(), version(SECOND, WIND, "Wind 2"))
    with database.begin() as session:
        private.put(session, OWNER, Private(blocked=True))
    assert told(database, order(made_at=0)) == []
    with database.begin() as session:
        private.put(session, OWNER, Private())
    assert [one.values["title"] for one in told(database, order(made_at=0))] == ["Wind 2"]


def test_the_newest_version_is_the_last_on_offer(database: Database) -> None:
    read(database, 1, registered())
    with database.read() as session:
        wind = index.registration(session, WIND)
        assert wind is not None
        assert versions.newest(session, wind) is None
    read(database, 2, version(SECOND, WIND, "Wind 2"))
    read(database, 3, version(THIRD_VERSION, SECOND, "Wind 3"), version(SUN, SECOND, "X", THIRD))
    with database.read() as session:
        last = versions.newest(session, wind)
        assert last is not None
        assert last.title == "Wind 3"
    read(database, 4, registry.Withdrawn(dataset=THIRD_VERSION, title=OWNER))
    with database.read() as session:
        last = versions.newest(session, wind)
        assert last is not None
        assert last.title == "Wind 2"


def after(database: Database, dataset: bytes = WIND) -> list[bytes]:
    with database.read() as session:
        row = index.registration(session, dataset)
        assert row is not None
        return [newer.dataset_id for newer in versions.after(session, row)]


def test_a_long_chain_is_gone_through_to_its_end(database: Database) -> None:
    chain = [WIND, *(bytes([1, n]) * 16 for n in range(60))]
    later = [version(new, old, "Wind") for old, new in pairwise(chain)]
    read(database, 1, registered(), *later)
    assert after(database) == chain[1:]
    with database.read() as session:
        wind, last = (index.registration(session, one) for one in (WIND, chain[-1]))
        assert wind is not None
        assert last is not None
        assert versions.follows(session, last) == tuple(reversed(chain[:-1]))
        newest = versions.newest(session, wind)
        assert newest is not None
        assert newest.dataset_id == chain[-1]


def test_all_that_name_the_first_are_found(database: Database) -> None:
    mine = [bytes([1, n]) * 16 for n in range(110)]
    read(database, 1, registered(), *(version(one, WIND, "Wind") for one in mine))
    assert after(database) == mine


def test_strangers_hide_nothing_however_many(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "MOST_VERSIONS", 2)
    strange = [version(bytes([2, n]) * 16, WIND, "Anybody's", THIRD) for n in range(100)]
    read(database, 1, registered(), *strange, version(SECOND, WIND, "Wind 2"))
    read(database, 2, version(THIRD_VERSION, WIND, "Wind 3"))
    assert after(database) == [SECOND, THIRD_VERSION]
    with database.read() as session:
        wind = index.registration(session, WIND)
        assert wind is not None
        newest = versions.newest(session, wind)
        assert newest is not None
        assert newest.dataset_id == THIRD_VERSION


def test_versions_that_go_in_a_circle_end(database: Database) -> None:
    read(database, 1, replace(registered(), parent=SECOND), version(SECOND, WIND, "Wind 2"))
    with database.read() as session:
        wind = index.registration(session, WIND)
        assert wind is not None
        last = versions.newest(session, wind)
        assert last is not None
        assert last.dataset_id == SECOND
