"""Subscriptions are kept with the message a change asks for; profiles of before get their table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, inspect, text

from app.domain import subscriptions as rules
from app.domain.effects import SendMessage
from app.store import outbox, settings, subscriptions
from app.store.database import Database
from tests.app.domain.test_subscriptions import START, agreed, begun, ended, proposed


def test_what_is_kept_is_found_by_its_thread_and_its_last_proposal(database: Database) -> None:
    said = begun()
    with database.begin() as session:
        subscriptions.save(session, said, SendMessage("subscription", 0))
    countered = rules.counter(said, proposed("owner", 2))
    other = replace(agreed("owner"), thread="cd" * 16, changed_at=START + 9)
    with database.begin() as session:
        subscriptions.save(session, countered, SendMessage("subscription", 1))
        subscriptions.save(session, other)
    with database.read() as session:
        assert subscriptions.load(session, said.thread) == countered
        assert subscriptions.by_id(session, b"\2" * 32) == countered
        assert subscriptions.by_id(session, b"\1" * 32) == other
        assert subscriptions.by_id(session, b"\3" * 32) is None
        assert subscriptions.load(session, "ef" * 16) is None
        assert subscriptions.every(session) == [other, countered]
        waiting = [task.effect for task in outbox.pending(session, said.thread)]
    assert waiting == [SendMessage("subscription", 0), SendMessage("subscription", 1)]


def test_a_change_that_is_not_kept_promises_nothing(database: Database) -> None:
    said = agreed()
    try:
        with database.begin() as session:
            subscriptions.save(session, ended(said), SendMessage("ending", 0))
            raise KeyError
    except KeyError:
        pass
    with database.read() as session:
        assert subscriptions.load(session, said.thread) is None
        assert outbox.pending(session, said.thread) == []


def test_a_profile_of_version_5_keeps_what_it_has_and_can_subscribe(path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", "app.store:migrations")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "5")
        connection.execute(text("INSERT INTO settings (key, value) VALUES ('name', '\"Anna\"')"))
        assert "subscriptions" not in inspect(connection).get_table_names()
    engine.dispose()
    database = Database.open(path)
    with database.begin() as session:
        assert settings.get(session, "name") == "Anna"
        assert subscriptions.every(session) == []
        subscriptions.save(session, agreed())
    database.close()
    database = Database.open(path)
    with database.read() as session:
        assert subscriptions.every(session) == [agreed()]
    database.close()
