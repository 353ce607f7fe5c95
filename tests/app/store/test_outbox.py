"""Promised effects: once each, in order, until they are done."""

from app.domain import effects as fx
from app.store import outbox
from app.store.database import Database

MINE, OTHER = "ab" * 16, "cd" * 16


def effects_due(database: Database, now: int) -> list[fx.Effect]:
    with database.read() as session:
        return [task.effect for task in outbox.due(session, now)]


def test_every_kind_of_effect_comes_back_as_it_was(database: Database) -> None:
    promised: list[fx.Effect] = [
        fx.SendMessage("offer", 1),
        fx.RecordEntry("fund", 2),
        fx.FetchManifest(3),
        fx.FetchContent(4),
        fx.SignReceipt(5),
        fx.GiveKey(6),
        fx.CheckContent(7),
    ]
    assert {type(effect).__name__ for effect in promised} == set(fx.EFFECT_TYPES)
    with database.begin() as session:
        for effect in promised:
            outbox.add(session, MINE, effect, 10)
    assert effects_due(database, 10) == promised
    assert effects_due(database, 9) == []


def test_a_repeat_is_the_same_promise_also_when_it_was_kept(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, MINE, fx.GiveKey(1), 0)
        outbox.add(session, MINE, fx.GiveKey(1), 50)
        outbox.add(session, MINE, fx.GiveKey(2), 0)
        outbox.add(session, OTHER, fx.GiveKey(1), 0)
        outbox.add(session, MINE, fx.SignReceipt(1), 0)
    assert len(effects_due(database, 0)) == 4
    with database.begin() as session:
        outbox.done(session, outbox.pending(session, MINE)[0].id)
        outbox.add(session, MINE, fx.GiveKey(1), 0)
    assert effects_due(database, 99) == [fx.GiveKey(2), fx.GiveKey(1), fx.SignReceipt(1)]


def test_what_came_to_nothing_waits_and_says_why(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, MINE, fx.GiveKey(1), 0)
        (task,) = outbox.due(session, 0)
        outbox.postpone(session, task.id, 60, "the other side is not there")
    assert effects_due(database, 59) == []
    with database.read() as session:
        (task,) = outbox.due(session, 60)
    assert (task.attempts, task.due_at, task.reason) == (1, 60, "the other side is not there")


def test_waking_makes_one_orders_tasks_due_or_all(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, MINE, fx.GiveKey(1), 100)
        outbox.add(session, OTHER, fx.GiveKey(2), 100)
        outbox.wake(session, MINE)
    assert effects_due(database, 0) == [fx.GiveKey(1)]
    with database.begin() as session:
        outbox.done(session, outbox.pending(session, MINE)[0].id)
        outbox.wake(session, None)
    assert effects_due(database, 0) == [fx.GiveKey(2)]


def test_a_limit_leaves_the_later_ones_for_later(database: Database) -> None:
    with database.begin() as session:
        for seq in range(5):
            outbox.add(session, MINE, fx.GiveKey(seq), 0)
        assert [task.effect.seq for task in outbox.due(session, 0, limit=2)] == [0, 1]


def test_a_message_waits_for_the_one_before_it_and_nothing_else_does(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, MINE, fx.SendMessage("request", 0), 0)
        outbox.add(session, MINE, fx.SendMessage("decline", 1), 0)
        outbox.add(session, MINE, fx.GiveKey(2), 0)
        outbox.add(session, OTHER, fx.SendMessage("decline", 3), 0)
        first = outbox.due(session, 0)[0]
        outbox.postpone(session, first.id, 60, "the other side is not there")
    assert effects_due(database, 0) == [fx.GiveKey(2), fx.SendMessage("decline", 3)]
    with database.begin() as session:
        outbox.done(session, first.id)
    assert fx.SendMessage("decline", 1) in effects_due(database, 0)


def test_a_task_that_was_taken_back_meanwhile_may_still_end(database: Database) -> None:
    with database.begin() as session:
        outbox.add(session, MINE, fx.GiveKey(1), 0)
        outbox.done(session, 7)
        outbox.postpone(session, 7, 60, "taken back")
    assert effects_due(database, 0) == [fx.GiveKey(1)]
