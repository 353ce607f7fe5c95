"""The number that is set, the order that is kept, and both directions by themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.errors import RuleError
from app.domain.order import open_order
from app.domain.snapshots.datasets import Progress
from app.domain.snapshots.orders import ParcelView
from app.domain.snapshots.shell import Running
from app.domain.turns import HELD_SECONDS
from app.engine.projections.shell import _in_turn, _running
from app.engine.turns import Turns, checked
from app.store import settings
from tests.app.domain.parts import THREAD, request
from tests.app.engine.sides import Pair
from tests.app.engine.test_pauses import QUIET


def test_as_many_run_as_are_set_each_way_and_the_rest_says_its_place(pair: Pair) -> None:
    database = pair.owner.database
    with database.begin() as session:
        settings.put(session, "at_once", 1)
    turns = Turns(database, lambda: 0.0)
    assert turns.asks("owner", "a")
    assert turns.asks("buyer", "b")
    assert not turns.asks("owner", "c")
    assert not turns.asks("owner", "d")
    assert [turns.place(one) for one in "abcd"] == [0, 0, 1, 2]
    turns.put_first("d")
    assert [turns.place(one) for one in "cd"] == [2, 1]
    again = Turns(database, lambda: 0.0)  # after a start
    assert again.asks("owner", "a")
    for one in "cd":
        assert not again.asks("owner", one)
    assert [again.place(one) for one in "cd"] == [2, 1]
    with database.begin() as session:
        settings.put(session, "at_once", 2)
    assert not again.asks("owner", "c")  # whose place is the second
    assert again.asks("owner", "d")
    again.ends("a")
    assert again.asks("owner", "c")


def test_one_goes_earlier_or_later_among_those_of_its_direction_and_stays_so(pair: Pair) -> None:
    database = pair.owner.database
    with database.begin() as session:
        settings.put(session, "at_once", 1)
    turns = Turns(database, lambda: 0.0)

    def wait(on: Turns) -> None:
        for role, several in (("owner", "abcd"), ("buyer", "efg")):
            for one in several:
                on.asks(role, one)

    def order(on: Turns) -> str:
        return "".join(sorted("bcd", key=on.place)) + "".join(sorted("fg", key=on.place))

    wait(turns)
    assert [turns.waiting(one) for one in "abeg"] == [0, 3, 0, 2]
    assert (turns.next("owner"), turns.next("buyer")) == ("b", "f")
    for one, by, found in (
        ("d", -1, "bdcfg"),
        ("d", -1, "dbcfg"),
        ("d", -1, "dbcfg"),  # it is the first already
        ("b", 1, "dcbfg"),
        ("b", 1, "dcbfg"),
        ("g", -1, "dcbgf"),
        ("a", 1, "dcbgf"),  # it runs
    ):
        turns.move(one, by)
        assert order(turns) == found
    again = Turns(database, lambda: 0.0)  # after a start
    wait(again)
    assert order(again) == "dcbgf"
    again.ends("a")
    assert not again.asks("owner", "b")
    assert again.next("owner") == "d"
    assert again.asks("owner", "d")


def test_a_buyer_that_is_silent_in_its_place_keeps_no_other_waiting(pair: Pair) -> None:
    now = 0.0
    with pair.owner.database.begin() as session:
        settings.put(session, "at_once", 1)
    turns = Turns(pair.owner.database, lambda: now)
    assert turns.asks("owner", "silent")
    assert turns.asks("buyer", "slow")  # whose place is one of the outbox's
    now = HELD_SECONDS + 1
    assert turns.asks("owner", "next")
    assert not turns.asks("owner", "another")
    assert not turns.asks("buyer", "another")
    now += HELD_SECONDS
    assert turns.asks("owner", "next")
    assert turns.asks("owner", "silent")
    assert not turns.asks("owner", "another")


def test_home_has_what_moves_first_then_those_that_wait_as_they_will_go() -> None:
    lines = [
        Running(name, name, "", sending, 0.0, 0, state, place, 3 if place else 0)
        for name, sending, state, place in (
            ("paused", True, "paused", 0),
            ("third", True, "queued", 3),
            ("to come", False, "queued", 1),
            ("runs", False, "running", 0),
            ("first", True, "queued", 1),
            ("away", False, "waiting", 0),
            ("left", True, "leaving", 0),
            ("second", True, "queued", 2),
            ("checked", False, "checking", 0),
        )
    ]
    assert [line.title for line in sorted(lines, key=_in_turn)] == [
        *("runs", "left", "checked", "first", "second", "third", "to come", "paused", "away"),
    ]


@pytest.mark.parametrize(
    ("code", "waits", "state", "done"),
    [
        ("deliver", "", "leaving", 0.25),
        ("paused", "", "leaving", 0.25),  # alone, so that it goes this way
        ("paused", "paused_all", "paused", 0.0),
        ("queued", "queued", "queued", 0.0),
    ],
)
def test_home_says_what_is_being_left_at_a_relay_and_how_far(
    code: str, waits: str, state: str, done: float
) -> None:
    order, _ = open_order(THREAD, "owner", request())
    parcel = ParcelView("leaving", Progress(250, 1000, 9, None))
    trading = SimpleNamespace(
        deliveries=SimpleNamespace(transfer=lambda thread: None),
        parcels=SimpleNamespace(view=lambda session, thread: parcel),
        kept=SimpleNamespace(waits=lambda thread: waits),
    )
    frame: Any = SimpleNamespace(trading=trading, session=None, around={THREAD: QUIET})
    line = _running(frame, order, code, "Load", "Baltic Grid")
    assert (line.state, line.done) == (state, done)


@pytest.mark.parametrize("at_once", [0, -1, 9])
def test_a_number_that_cannot_work_is_refused(at_once: int) -> None:
    with pytest.raises(RuleError):
        checked(at_once)
    assert checked(8) == 8
