"""The number that is set, the order that is kept, and both directions by themselves."""

from __future__ import annotations

import pytest

from app.domain.errors import RuleError
from app.engine.turns import Turns, checked
from app.store import settings
from tests.app.engine.sides import Pair


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


@pytest.mark.parametrize("at_once", [0, -1, 9])
def test_a_number_that_cannot_work_is_refused(at_once: int) -> None:
    with pytest.raises(RuleError):
        checked(at_once)
    assert checked(8) == 8
