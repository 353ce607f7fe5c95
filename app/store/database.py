"""The database of one profile: opened checked and migrated, written in whole transactions.

SQLite in WAL mode with ``synchronous=FULL``: what was committed survives a crash and a power cut,
what was not leaves no trace. A transaction that writes takes the write lock when it begins
(``BEGIN IMMEDIATE``), so that it cannot lose a race half-way; one that reads sees one moment and
cannot write. Several threads may use one `Database`. Any other SQLAlchemy URL works too, without
SQLite's own precautions.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import (
    SQLITE_BUSY,
    SQLITE_CANTOPEN,
    SQLITE_CORRUPT,
    SQLITE_FULL,
    SQLITE_IOERR,
    SQLITE_NOTADB,
    SQLITE_PERM,
    SQLITE_READONLY,
)
from threading import Lock
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from app.store import answers
from app.store.tables import SettingRow

BUSY_SECONDS = 30
"""How long a transaction waits for another thread's or window's to end."""

CHECKED_BYTES = 256 * 2**20
"""Larger files are not checked page by page at every start; damage then shows when it is read."""


CACHE_KIB = 32 * 1024
"""Pages a connection keeps: what is stored by hashes goes all over the file."""

LOG_PAGES = 65_536
"""What is committed stays in the log (256 MiB) until it is this long: a page that many transactions
change is then moved to its place once."""

_MIGRATING = Lock()
"""Alembic keeps what it is doing in its module: two databases are migrated one after the other."""


class StoreError(Exception):
    """The profile's database cannot be used. The sentence says why and what to do next."""

    def __init__(self, sentence: str, where: str) -> None:
        super().__init__(f"{sentence} ({where})")
        self.where = where


class DatabaseDamaged(StoreError):
    """The file is not what was written, not ours, or of a newer version. It is left as it is."""


class DatabaseUnavailable(StoreError):
    """The file is whole as far as is known, but cannot be used now: disk full, no permission."""


class Database:
    """One open database. Make it with `Database.open`."""

    def __init__(self, engine: Engine, where: str) -> None:
        self._where = where
        self._reader = engine
        self._writer = engine.execution_options(lading_writes=True)
        self._counting = Lock()
        self._committing = self._commits = 0
        self._answers: answers.Answers = {}
        self._answered_in = 0

    @classmethod
    def open(cls, url_or_path: Path | str) -> "Database":
        """The database at a path (made if missing, for its owner's eyes only) or SQLAlchemy URL.

        Raises:
            DatabaseDamaged: the file is damaged, is not a Lading database or of a newer version.
            DatabaseUnavailable: it cannot be read or written.
        """
        if isinstance(url_or_path, str) and "://" in url_or_path:
            engine = create_engine(url_or_path)
            database = cls(engine, engine.url.render_as_string(hide_password=True))
        else:
            path = Path(url_or_path)
            _make_private(path)
            engine = create_engine(
                URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS}
            )
            database = cls(engine, str(path))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
        try:
            with database._sentences():
                database._check()
                database._migrate()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, undone when it raises."""
        session = Session(self._writer, expire_on_commit=False)
        with self._sentences(), session, session.begin() as transaction:
            yield session
            with self._changing():
                transaction.commit()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One moment of the database; writing in it is an error."""
        with self._sentences(writes=False), Session(self._reader) as session:
            yield session

    @contextmanager
    def glance(self) -> Iterator[Session]:
        """As `read`, for one thread that does so again and again: what it asked in the same state
        of the database is not asked again (`app.store.answers`)."""
        with self.read() as session:
            before = self._state()
            session.execute(select(SettingRow.key).limit(1))  # the moment that is seen begins here
            if before is not None and before == self._state():
                if before != self._answered_in:
                    self._answered_in, self._answers = before, {}
                answers.keep(session, self._answers)
            else:
                answers.keep(session, {})
            yield session

    def _state(self) -> int | None:
        """How many commits there were; None while one is being made, which a reader that begins
        now may see or not."""
        with self._counting:
            return None if self._committing else self._commits

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._counting:
            self._committing += 1
        try:
            yield
        finally:
            with self._counting:
                self._committing -= 1
                self._commits += 1

    def close(self) -> None:
        self._reader.dispose()

    def _check(self) -> None:
        if self._reader.dialect.name != "sqlite":
            return
        file = self._reader.url.database
        small = file is None or not os.path.exists(file) or os.path.getsize(file) <= CHECKED_BYTES
        with self._reader.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if small else "ok"
        if found != "ok":
            raise self._damaged()

    def _migrate(self) -> None:
        """Bring the tables to this version, in one transaction."""
        config = Config()
        config.set_main_option("script_location", "app.store:migrations")
        with self._reader.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            found = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(config)
        if found is None and tables:
            raise DatabaseDamaged(
                "This file is a database of another program. Lading left it as it is; move it "
                "away, or choose another profile folder.",
                self._where,
            )
        if found is not None and found not in {
            script.revision for script in scripts.walk_revisions()
        }:
            raise DatabaseDamaged(
                "This profile was used with a newer version of Lading. Update Lading to open it.",
                self._where,
            )
        if found != scripts.get_current_head():
            with _MIGRATING, self._writer.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")

    def _damaged(self) -> DatabaseDamaged:
        return DatabaseDamaged(
            "The profile's database is damaged. Lading left it as it is; put back a copy of it, or "
            "move it away: the 24 words restore the identity, and the record is read again.",
            self._where,
        )

    @contextmanager
    def _sentences(self, writes: bool = True) -> Iterator[None]:
        """Turn the driver's errors that a person can do something about into sentences."""
        try:
            yield
        except DatabaseError as error:
            code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
            if code in (SQLITE_CORRUPT, SQLITE_NOTADB):
                raise self._damaged() from error
            if code == SQLITE_FULL:
                raise DatabaseUnavailable(
                    "The disk is full. Nothing was lost; free some space and try again.",
                    self._where,
                ) from error
            if code in _UNAVAILABLE and (writes or code != SQLITE_READONLY):
                raise DatabaseUnavailable(
                    f"The profile's database cannot be used: {error.orig}. Check the disk and "
                    "who may write to the folder, then try again.",
                    self._where,
                ) from error
            raise


_UNAVAILABLE = (SQLITE_PERM, SQLITE_BUSY, SQLITE_READONLY, SQLITE_IOERR, SQLITE_CANTOPEN)


def _make_private(path: Path) -> None:
    """Make the file, if there is none, so that only its owner may read it; SQLite gives its
    companions (-wal, -shm) the same permissions."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise DatabaseUnavailable(
            f"The profile's database cannot be opened: {error.strerror}. Check the folder and who "
            "may write to it, or choose another profile folder.",
            str(path),
        ) from error


def _prepare(connection: Any, record: object) -> None:
    # The driver must not begin transactions by its own rules; `_begin` does.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{CACHE_KIB}",
        f"wal_autocheckpoint={LOG_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("lading_writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
