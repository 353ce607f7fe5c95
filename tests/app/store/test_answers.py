"""What the database answered is not asked again while it stays as it is, and never told late."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from app.store import datasets, private, settings, texts
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.private import Private


@contextmanager
def asked() -> Iterator[list[str]]:
    """The statements that go to any database meanwhile."""
    found: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def look(session: Session) -> tuple[object, ...]:
    return (
        settings.get(session, "a"),
        datasets.list_own(session),
        datasets.load(session, "k"),
        private.get(session, "0x1"),
        private.everything(session),
        texts.for_thread(session, "t"),
    )


def test_nothing_is_asked_twice_of_the_same_state(database: Database) -> None:
    with database.glance() as session:
        first = look(session)
    with asked() as statements, database.glance() as session:
        assert look(session) == first
    # One, with which the moment begins.
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


@pytest.mark.parametrize(
    "write",
    [
        lambda session: settings.put(session, "a", 1),
        lambda session: datasets.save(session, OwnDataset("k", "/data", 1)),
        lambda session: private.put(session, "0x1", Private("mine")),
        lambda session: texts.add(session, "m", "t", "", "0x1", True, 1, "Hello"),
    ],
    ids=["settings", "datasets", "private", "texts"],
)
def test_a_commit_is_seen_at_once(database: Database, write: Callable[[Session], object]) -> None:
    with database.glance() as session:
        before = look(session)
    with database.begin() as session:
        write(session)
    with database.glance() as session:
        kept = look(session)
    with database.read() as session:
        assert kept == look(session) != before


def test_what_was_undone_is_not_seen(database: Database) -> None:
    def interrupted() -> None:
        with database.begin() as session:
            settings.put(session, "a", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with database.glance() as session:
        assert settings.get(session, "a") is None


def test_a_glance_while_a_commit_is_made_sees_one_moment(database: Database) -> None:
    with database.glance() as session:
        assert settings.get(session, "a") is None  # kept, "b" is not
    seen = []

    def look_at_once(_: Session) -> None:
        with database.glance() as session:
            seen.append((settings.get(session, "a"), settings.get(session, "b")))

    with database.begin() as session:
        settings.put(session, "a", 1)
        settings.put(session, "b", 1)
        event.listen(session, "after_commit", look_at_once)
    assert seen == [(1, 1)]
    with database.glance() as session:
        assert (settings.get(session, "a"), settings.get(session, "b")) == (1, 1)
