"""Opening, whole transactions, damage, and writers that are killed."""

import json
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.domain import wording
from app.store import bodies, chainlog, index, orders, outbox, search, settings
from app.store.database import Database, DatabaseDamaged, DatabaseUnavailable
from app.store.index import Index
from app.store.tables import Base
from chain import registry_events as registry
from tests.app.store.happenings import (
    BUYER,
    OWNER,
    SUN,
    THIRD,
    WIND,
    listed,
    mined,
    registered,
    sold,
)
from tests.counts import JUDGED, PROVE


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """Made where it lies, not a copy as elsewhere: how a file is made is looked at here."""
    database = Database.open(path)
    yield database
    database.close()


def test_only_its_owner_can_read_the_file(database: Database, path: Path) -> None:
    with database.begin() as session:
        settings.put(session, "a", 1)
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_a_commit_reaches_the_disk_before_it_returns(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA synchronous")) == 2  # FULL


def test_what_was_committed_is_there_after_opening_again(database: Database, path: Path) -> None:
    with database.begin() as session:
        settings.put(session, "a", {"b": [1, None, "ü"]})
    database.close()
    again = Database.open(path)
    with again.read() as session:
        assert settings.get(session, "a") == {"b": [1, None, "ü"]}
        assert settings.get(session, "c", 7) == 7
    again.close()


def test_an_error_undoes_the_whole_transaction(database: Database) -> None:
    def interrupted() -> None:
        with database.begin() as session:
            settings.put(session, "a", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with database.read() as session:
        assert settings.get(session, "a") is None


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(OperationalError, match="readonly"), database.read() as session:
        settings.put(session, "a", 1)
    with database.begin() as session:
        settings.put(session, "a", 1)  # the same connection writes again when it may


def test_a_reader_sees_one_moment(database: Database) -> None:
    with database.read() as reader:
        assert settings.get(reader, "a") is None
        with database.begin() as writer:
            settings.put(writer, "a", 1)
        reader.expire_all()
        assert settings.get(reader, "a") is None
    with database.read() as reader:
        assert settings.get(reader, "a") == 1


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression")
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression")
def test_the_migrations_make_exactly_the_tables(database: Database, path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        # The full-text index is made by SQL of SQLite's own, and makes tables of its own.
        ours = {"include_name": lambda name, kind, _: "listing_words" not in str(name)}
        context = MigrationContext.configure(connection, opts=ours)
        assert compare_metadata(context, Base.metadata) == []
        connection.execute(text("ALTER TABLE texts DROP COLUMN mine"))
        assert compare_metadata(context, Base.metadata) != []
    engine.dispose()


def test_the_migrations_make_the_indexes_of_some_rows(database: Database) -> None:
    """Reflection does not compare what they leave out: their SQL is compared."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with engine.connect() as made, database.read() as session:
        migrated = _of_some_rows(session.connection())
        assert migrated == _of_some_rows(made)
        assert len(migrated) == 3
    engine.dispose()


def _of_some_rows(connection: Connection) -> dict[str, str]:
    found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
    return {row.name: row.sql for row in connection.execute(text(found))}


def closed(path: Path) -> bytes:
    """A database with something in it, closed: all of it is in the one file."""
    database = Database.open(path)
    with database.begin() as session:
        for n in range(500):
            settings.put(session, f"key {n}", "value " * 20)
    database.close()
    assert not path.with_name(path.name + "-wal").exists()
    return path.read_bytes()


def overwritten(whole: bytes) -> bytes:
    return whole[:-8192] + b"\xff" * 8192


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def other(whole: bytes) -> bytes:
    return b"not a database at all, but somebody's letter\n" * 200


def beheaded(whole: bytes) -> bytes:
    return bytes(100) + whole[100:]


@pytest.mark.parametrize("damage", [overwritten, cut, other, beheaded])
def test_a_damaged_file_is_named_and_left_alone(path: Path, damage: object) -> None:
    assert callable(damage)
    broken = damage(closed(path))
    path.write_bytes(broken)
    with pytest.raises(DatabaseDamaged, match="damaged") as caught:
        Database.open(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == broken


def test_a_whole_file_opens(path: Path) -> None:
    whole = closed(path)
    path.write_bytes(whole)
    Database.open(path).close()


def test_another_programs_database_is_left_alone(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseDamaged, match="another program"):
        Database.open(path)
    assert path.read_bytes()[100:] == before[100:]


def test_a_newer_version_asks_for_an_update(path: Path) -> None:
    closed(path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '999'")
    connection.close()
    with pytest.raises(DatabaseDamaged, match="newer version"):
        Database.open(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="No such file"):
        Database.open(tmp_path / "nowhere" / "lading.sqlite")


def pages(session: Session) -> int:
    count: int | None = session.scalar(text("PRAGMA page_count"))
    assert count
    return count


def test_a_full_disk_loses_nothing(database: Database) -> None:
    with database.begin() as session:
        settings.put(session, "a", 1)
        session.execute(text(f"PRAGMA max_page_count = {pages(session)}"))
    with pytest.raises(DatabaseUnavailable, match="disk is full"), database.begin() as session:
        settings.put(session, "a", "long " * 10_000)
    with database.read() as session:
        assert settings.get(session, "a") == 1


def test_damage_beyond_the_check_at_the_start_is_named_when_it_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(overwritten(closed(path)))
    monkeypatch.setattr("app.store.database.CHECKED_BYTES", 0)
    database = Database.open(path)
    with pytest.raises(DatabaseDamaged, match="damaged"), database.read() as session:
        list(session.scalars(text("SELECT value FROM settings")))
    database.close()


KILLED = textwrap.dedent(
    """
    import os, shutil, signal, sys
    from pathlib import Path
    from sqlalchemy import Engine, event
    from app.domain import events as ev, order as life
    from app.store import orders
    from app.store.database import Database

    folder = Path(sys.argv[1])
    proposal = ev.Proposal("token", 5, 2, 3, 4, 99, {}, "")
    request = ev.RequestMade(1, "owner", "buyer", bytes(32), 7, proposal, b"", b"", 0)

    def child(point):
        path = folder / f"{point}.sqlite"
        left = point
        def count(*_):
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
        event.listen(Engine, "before_cursor_execute", count)
        event.listen(Engine, "commit", count)
        database = Database.open(path)
        with database.begin() as session:
            order, effects = life.open_order("t" * 32, "buyer", request)
            orders.append(session, order, request, effects)
        os._exit(0)

    for point in range(0, 1000, int(sys.argv[2])):
        pid = os.fork()
        if pid == 0:
            child(point)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))
    """
)


@pytest.mark.timeout(900)
def test_a_killed_writer_leaves_all_or_nothing(tmp_path: Path) -> None:
    """Killed with SIGKILL before every statement and commit, or every third (ninth), from the empty
    file to the end."""
    every = 1 if PROVE else 3 if JUDGED else 9
    killed = [sys.executable, "-W", "error", "-c", KILLED, str(tmp_path), str(every)]
    subprocess.run(killed, check=True)
    points = sorted(tmp_path.glob("*.sqlite"), key=lambda path: int(path.stem))
    assert len(points) > 120 // every
    ends = [whats_left(path) for path in points]
    assert set(ends) == {(None, 0), (1, 1)}
    assert ends == sorted(ends, key=lambda end: end[0] or 0), "what was committed came back"


def whats_left(path: Path) -> tuple[int | None, int]:
    """Number of events of the order the cache knows of, and tasks in the outbox."""
    database = Database.open(path)
    with database.read() as session:
        order = orders.load(session, "t" * 32)
        listed = orders.list_orders(session)
        tasks = outbox.due(session, 10)
    database.close()
    assert listed == ([order] if order else [])
    return (order.number if order else None), len(tasks)


def test_two_threads_of_writers_wait_for_each_other(database: Database) -> None:
    def count(_: int) -> None:
        with database.begin() as session:
            settings.put(session, "n", settings.get(session, "n", 0) + 1)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(100)))
    with database.read() as session:
        assert settings.get(session, "n") == 100


def test_nothing_but_the_database_is_left_in_the_folder(path: Path) -> None:
    closed(path)
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_profile_of_version_2_keeps_its_record_and_is_searched(path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", "app.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "2")
        for n, title in ((2, "Sun"), (1, "Wind")):
            row = {name: bytes([n]) * 32 for name in ("dataset_id", "content_id", "root")}
            row |= {"salt_nonce": bytes(32), "parent": bytes(32), "tx_hash": bytes(32)}
            row |= dict.fromkeys(("what", "field", "region", "period", "token"), "")
            row |= {"registrant": OWNER, "title_holder": OWNER, "title": title, "price": None}
            row |= dict.fromkeys(("committed_at", "registered_at", "records", "length"), 9)
            row |= {"listing": listed(title), "withdrawn": 0, "block": n, "log_index": 0}
            names = ", ".join(row)
            places = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO registrations ({names}) VALUES ({places})"), row)
    engine.dispose()
    database = Database.open(path)
    with database.begin() as session:
        kept = index.by_numbers(session, [1, 2])
        assert [(row.number, row.title, row.block) for row in kept] == [
            (1, "Wind", 1),
            (2, "Sun", 2),
        ]
        assert index.registration(session, b"\2" * 32) == kept[1]
        assert index.registered_by(session, OWNER) == kept
        assert index.same_content(session, b"\1" * 32, b"\2" * 32) == kept
        assert search.state(session) == search.State(0, 2)
        assert search.follow(session, 10) == 2
        wanted = search.Wanted(words=(("sun", False),))
        found = search.hits(session, wanted, titles=True, least=0, below=9, most=9)
        assert [hit.number for hit in found] == [2]
    database.close()


def test_a_profile_of_version_8_keeps_its_log_in_which_a_registration_stands_once(
    path: Path,
) -> None:
    """Bodies of the log in both of their forms, starts in both of the tables there were."""
    wind, sun = registered(committed_at=5), registered(SUN)
    named = registry.ListingUpdated(WIND, OWNER, listed("Wind 2"))
    blocks = [mined(1, wind, sun), mined(2, named)]
    config = Config()
    config.set_main_option("script_location", "app.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "8")
        for n, (event, listing, table) in enumerate(
            zip(
                blocks[0].events,
                (named.listing, sun.listing),
                ("starts", "new_starts"),
                strict=True,
            ),
            1,
        ):
            body = event.body
            assert isinstance(body, registry.Registered)
            row = {"number": n, "title_holder": OWNER, "listing": listing, "withdrawn": 0}
            row |= {"block": 1, "log_index": n - 1, "tx_hash": event.tx_hash, "registered_at": 1001}
            said = vars_of(body)
            row = {"dataset_id": said.pop("dataset")} | said | row
            put(connection, "registrations", row)
            for kind, start in enumerate((body.dataset, body.content_id, body.root, b"01010101")):
                age = body.committed_at if kind in (1, 2) else 0
                put(connection, table, {"kind": kind, "start": start[:8], "age": age, "number": n})
        for event in (event for block in blocks for event in block.events):
            row = {"block": event.block_number, "log_index": event.log_index}
            row |= {"block_hash": event.block_hash, "block_time": event.block_time}
            row |= {"tx_hash": event.tx_hash, "kind": bodies.KINDS[type(event.body)]}
            put(
                connection,
                "chain_events",
                row
                | {"subject": bodies.subject(event.body)}
                | {
                    "body": text_then(event.body)
                    if event.body is wind
                    else bodies.encode(event.body)
                },
            )
        put(connection, "settings", {"key": "starts.new", "value": "1"})
        put(connection, "chain_blocks", {"number": 1, "hash": blocks[0].hash})
    engine.dispose()
    database = Database.open(path)
    with database.read() as session:
        assert index.history(session, WIND) == [blocks[0].events[0], *blocks[1].events]
        assert index.history(session, SUN) == [blocks[0].events[1]]
        assert chainlog.above(session, 0) == [event for block in blocks for event in block.events]
        held = index.registered_by(session, OWNER)
        assert [(row.title, row.number) for row in held] == [("Wind 2", 1), ("Wind", 2)]
        assert [row.number for row in index.same_content(session, sun.content_id, bytes(32))] == [
            1, 2,
        ]  # fmt: skip
        assert settings.get(session, "starts.new") is None
    Index(database).rewind(1)
    with database.read() as session:
        found = index.registration(session, WIND)
    assert found is not None
    assert found.listing == wind.listing
    database.close()


def test_a_profile_of_version_9_reads_its_listings_again_and_none_twice(
    database: Database, path: Path
) -> None:
    """Stars of a ring were searched by, and the beginnings of words gone through one by one."""
    ring = [*sold(b"1" * 32, OWNER, THIRD, WIND, 5), *sold(b"2" * 32, THIRD, OWNER, b"x" * 32, 5)]
    block = mined(1, registered(), registered(SUN), *ring, *sold(b"3" * 32, OWNER, BUYER, SUN, 4))
    Index(database).apply(block.events, [block.block], block.cursor)
    with database.begin() as session:
        session.execute(text("UPDATE listings SET rating = 50"))
        session.execute(text("DROP TABLE listing_words"))
        session.execute(text("CREATE VIRTUAL TABLE listing_words USING fts5(title, rest, marks)"))
        session.execute(text("INSERT INTO sketch_bands VALUES (1, 1, 0)"))
        session.execute(text("UPDATE alembic_version SET version_num = '9'"))
    database.close()
    database = Database.open(path)
    with database.begin() as session:
        assert search.state(session) == search.State(0, 2)
        assert search.follow(session, 10) == 2
        assert list(session.scalars(text("SELECT rating FROM listings ORDER BY number"))) == [
            None, 40,
        ]  # fmt: skip
        assert list(session.execute(text("SELECT * FROM sketch_bands"))) == [(1, 1, 0)]
        made = "SELECT sql FROM sqlite_master WHERE name = 'listing_words'"
        assert "prefix='3 4 5 6'" in str(session.scalar(text(made)))
        wanted = search.Wanted(words=tuple(wording.asked("spee")))
        found = search.hits(session, wanted, titles=False, least=0, below=9, most=9)
        assert [hit.number for hit in found] == [2, 1]
    database.close()


def put(connection: Connection, table: str, row: dict[str, Any]) -> None:
    places = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})"), row)


def text_then(body: object) -> str:
    """A body as it was written until version 7."""
    return json.dumps(vars_of(body), default=bytes.hex)


def vars_of(body: Any) -> dict[str, Any]:
    return {field.name: getattr(body, field.name) for field in fields(body)}
