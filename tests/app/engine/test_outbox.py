"""What becomes of an effect that cannot be done: tried again, or given up, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import trio
from trio.testing import MockClock

from app.domain import effects as fx
from app.domain.effects import Effect
from app.engine.outbox import LONGEST_WAIT_SECONDS, Later, Outbox
from app.store import outbox as tasks
from p2p.errors import ContentError, PeerError, Unreachable
from tests.app.engine.sides import THREAD, Pair

EFFECT = fx.FetchContent(3)


class Tried:
    """An outbox with one effect, run for as long as it takes to try it again ``times`` times."""

    def __init__(self, pair: Pair, errors: Iterator[Exception]) -> None:
        self.count = 0
        self.told: list[Exception] = []
        self._errors = errors
        self._database = pair.buyer.database
        with self._database.begin() as session:
            tasks.add(session, THREAD, EFFECT, 0)

    async def _try(self, thread: str, effect: Effect) -> None:
        self.count += 1
        error = next(self._errors, None)
        if error is not None:
            raise error

    def run(self, times: int) -> None:
        async def main() -> None:
            outbox = Outbox(
                self._database,
                {fx.FetchContent: self._try},
                lambda thread, effect, error: self.told.append(error),
                lambda: None,
                trio.current_time,
            )
            with trio.move_on_after(times * (LONGEST_WAIT_SECONDS + 5)):
                await outbox.run()

        trio.run(main, clock=MockClock(autojump_threshold=0))

    @property
    def waits_because(self) -> str:
        with self._database.read() as session:
            waiting = tasks.pending(session, THREAD)
        return waiting[0].reason if waiting else ""


FULL = ContentError("The disk is full. Free some space and try again.")


def test_a_full_disk_is_said_once_and_tried_until_there_is_space(pair: Pair) -> None:
    tried = Tried(pair, iter([FULL, FULL]))
    tried.run(4)
    assert tried.count == 3
    assert tried.told == [FULL]
    assert tried.waits_because == ""


def test_while_the_disk_is_full_the_effect_stays_and_says_why(pair: Pair) -> None:
    tried = Tried(pair, iter([FULL] * 100))
    tried.run(2)
    assert 2 <= tried.count <= 4
    assert tried.waits_because == str(FULL)


@pytest.mark.parametrize(
    "error", [PeerError("A lie."), ValueError("nonsense"), LookupError("none")]
)
def test_what_can_never_be_done_is_given_up_and_said(pair: Pair, error: Exception) -> None:
    tried = Tried(pair, iter([error]))
    tried.run(2)
    assert tried.count == 1
    assert tried.told == [error]
    assert tried.waits_because == ""


@pytest.mark.parametrize("error", [Unreachable("Nobody is there."), Later(1, "paused")])
def test_what_passes_by_itself_is_tried_again_and_nobody_is_told(
    pair: Pair, error: Exception
) -> None:
    tried = Tried(pair, iter([error]))
    tried.run(1)
    assert tried.count == 2
    assert tried.told == []


def test_a_bug_is_said_and_does_not_end_the_others(pair: Pair) -> None:
    bug = RuntimeError("a bug")
    tried = Tried(pair, iter([bug]))
    tried.run(2)
    assert tried.count == 2
    assert tried.told == [bug]
