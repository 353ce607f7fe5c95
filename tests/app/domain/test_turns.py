"""Whose turn it is: never too many, in order, and nobody waits for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.turns import FRESH_SECONDS, HELD_SECONDS, SLOW_SECONDS, Lane

NAMES = st.sampled_from("abcdefgh")
MOVES = st.lists(
    st.tuples(st.sampled_from(["asks", "ends", "later"]), NAMES, st.integers(1, 8)), max_size=60
)
FIRST = st.lists(NAMES, unique=True, max_size=4)


@given(MOVES, FIRST)
def test_no_more_begin_than_may_run_and_none_before_who_is_ahead(
    moves: list[tuple[str, str, int]], first: list[str]
) -> None:
    lane, now, running = Lane(), 0.0, set[str]()
    for kind, name, number in moves:
        if kind == "later":
            now += number
        elif kind == "ends":
            lane.ends(name)
            running.discard(name)
        else:
            before = [one for one in "abcdefgh" if lane.place(one, now, first)]
            began = lane.asks(name, now, number, first)
            if began and name not in running:
                assert len(running) < number
                running.add(name)
                ahead = [one for one in before if one != name and one in first]
                rank = first.index(name) if name in first else len(first)
                free = number - len(running) + 1
                assert sum(first.index(one) < rank for one in ahead) < free
            assert began == (name in running)
        waiting = sorted(lane.place(one, now, first) for one in "abcdefgh")
        waiting = [place for place in waiting if place]
        assert waiting == list(range(1, len(waiting) + 1))
        assert all(lane.runs(one) == (one in running) for one in "abcdefgh")


@given(st.lists(NAMES, unique=True, min_size=1), st.integers(1, 4), FIRST)
def test_all_who_go_on_asking_have_their_turn_in_order(
    names: list[str], most: int, first: list[str]
) -> None:
    lane, began = Lane(), list[str]()
    lane.asks("another", 0, 1)
    for name in names:
        assert not lane.asks(name, 0, 1, first)
    order = sorted(names, key=lambda one: lane.place(one, 0, first))
    lane.ends("another")
    while len(began) < len(names):
        for name in names:
            if name not in began and lane.asks(name, 1, most, first):
                began.append(name)
        assert began
        for name in began:
            lane.ends(name)
    if most == 1:
        assert began == order
    ranked = [one for one in first if one in names]
    assert order == ranked + [one for one in names if one not in first]


def test_who_asks_no_more_keeps_nobody_waiting() -> None:
    lane = Lane()
    assert lane.asks("a", 0, 1)
    assert not lane.asks("b", 0, 1)
    assert not lane.asks("c", 1, 1)
    assert [lane.place(one, 1) for one in "abc"] == [0, 1, 2]
    lane.ends("a")
    assert not lane.asks("c", 2, 1)
    assert lane.place("b", FRESH_SECONDS + 1) == 0
    assert lane.asks("c", FRESH_SECONDS + 1, 1)


def test_who_asks_more_rarely_keeps_the_place_it_was_given() -> None:
    """Put first, it has its turn though others ask in between."""
    lane, first = Lane(), ["rare"]
    assert lane.asks("runs", 0, 1)
    for now in range(0, 50, 5):
        assert not lane.asks("often", now, 1, first)
        if not now % 25:
            assert not lane.asks("rare", now, 1, first)
    lane.ends("runs")
    assert lane.next(49, first) == "rare"
    assert not lane.asks("often", 49, 1, first)
    assert lane.asks("rare", 50, 1, first)


def test_who_asked_more_rarely_and_does_no_more_is_not_waited_for_without_end() -> None:
    lane = Lane()
    assert lane.asks("runs", 0, 1)
    assert not lane.asks("gone", 0, 1)
    assert not lane.asks("gone", 1000, 1)
    assert not lane.asks("waits", 1000, 1)
    lane.ends("runs")
    assert not lane.asks("waits", 1000 + SLOW_SECONDS, 1)
    assert lane.asks("waits", 1001 + SLOW_SECONDS, 1)


def test_who_left_begins_at_the_end_again() -> None:
    lane = Lane()
    lane.asks("a", 0, 1)
    for one in "bc":
        lane.asks(one, 0, 1)
    lane.ends("b")
    lane.asks("b", 1, 1)
    assert [lane.place(one, 1) for one in "bc"] == [2, 1]
    assert [lane.place(one, 1, ["b"]) for one in "bc"] == [1, 2]


def test_who_is_silent_in_its_place_keeps_nobody_waiting() -> None:
    lane = Lane(HELD_SECONDS)
    assert lane.asks("silent", 0, 2)
    assert lane.asks("busy", 0, 2)
    assert not lane.asks("waits", HELD_SECONDS, 2)
    assert lane.asks("busy", HELD_SECONDS, 2)
    assert lane.asks("waits", HELD_SECONDS + 1, 2)
    assert not lane.asks("another", HELD_SECONDS + 1, 2)
    assert lane.asks("silent", HELD_SECONDS + 1, 2)  # it goes on all the same
    lane.ends("busy")
    assert not lane.asks("another", HELD_SECONDS + 2, 2)
