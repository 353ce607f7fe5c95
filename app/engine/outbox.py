"""Runs what the journal asked for: each effect is tried until it is done, across restarts.

The outbox knows no protocol: it looks up who runs a kind of effect and remembers when to try
again. Effects of one order run one after the other, those of different orders side by side.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

import trio

from app.domain.effects import Effect
from app.domain.errors import IllegalTransitionError
from app.store import outbox as tasks
from app.store.database import Database
from app.store.outbox import Task
from chain import errors as chain_errors
from p2p import errors as p2p_errors

log = logging.getLogger(__name__)

Run = Callable[[str, Effect], Awaitable[None]]
"""Runs one effect of a thread. Raises `Later`, an unreachable error (tried again), or anything
else (given up and reported)."""

FIRST_WAIT_SECONDS = 1
LONGEST_WAIT_SECONDS = 60
AT_ONCE = 16


class Later(Exception):
    """Try again in ``seconds``."""

    def __init__(self, seconds: int, why: str) -> None:
        super().__init__(why)
        self.seconds = seconds


class Outbox:
    """``runners`` by effect type name; ``gave_up`` hears of an effect that cannot succeed, or not
    before a person has mended something, ``changed`` of every one that was done or put off."""

    def __init__(
        self,
        database: Database,
        runners: Mapping[type, Run],
        gave_up: Callable[[str, Effect, Exception], None],
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._database = database
        self._runners = runners
        self._gave_up = gave_up
        self._changed = changed
        self._clock = clock
        self._wake = trio.Event()
        self._busy: set[str] = set()

    def look(self, thread: str | None = None, *, now: bool = False) -> None:
        """There may be something to do; with ``now`` what waits for ``thread`` waits no longer."""
        if now:
            with self._database.begin() as session:
                tasks.wake(session, thread)
        self._wake.set()

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            while True:
                self._wake = trio.Event()
                with self._database.read() as session:
                    due = tasks.due(session, int(self._clock()), limit=256)
                for task in due:
                    if task.thread in self._busy or len(self._busy) >= AT_ONCE:
                        continue
                    self._busy.add(task.thread)
                    nursery.start_soon(self._run, task)
                with trio.move_on_after(1.0):
                    await self._wake.wait()

    async def _run(self, task: Task) -> None:
        try:
            await self._try(task)
        finally:
            self._busy.discard(task.thread)
            self._wake.set()

    async def _try(self, task: Task) -> None:
        try:
            await self._runners[type(task.effect)](task.thread, task.effect)
        except Later as later:
            self._postpone(task, later.seconds, str(later))
        except (p2p_errors.Unreachable, chain_errors.Unreachable) as error:
            wait = min(FIRST_WAIT_SECONDS << min(task.attempts, 10), LONGEST_WAIT_SECONDS)
            self._postpone(task, wait, str(error))
        except p2p_errors.ContentError as error:
            # A full disk, say: a person has to mend it, is told once, and then it goes on.
            self._postpone(task, LONGEST_WAIT_SECONDS, str(error))
            if not task.attempts:
                self._gave_up(task.thread, task.effect, error)
        except (
            p2p_errors.P2PError,
            chain_errors.ChainError,
            IllegalTransitionError,
            LookupError,
            ValueError,
        ) as error:
            log.warning("%s of order %s was given up: %s", task.effect, task.thread[:8], error)
            self._done(task)
            self._gave_up(task.thread, task.effect, error)
        except Exception as error:
            # A bug of ours must not stop the other orders, nor be tried in a hot loop.
            log.exception("%s of order %s failed", task.effect, task.thread[:8])
            self._postpone(task, LONGEST_WAIT_SECONDS, "an error inside Lading")
            self._gave_up(task.thread, task.effect, error)
        else:
            self._done(task)

    def _done(self, task: Task) -> None:
        with self._database.begin() as session:
            tasks.done(session, task.id)
        self._changed()

    def _postpone(self, task: Task, seconds: int, why: str) -> None:
        with self._database.begin() as session:
            tasks.postpone(session, task.id, int(self._clock()) + seconds, why)
        self._changed()
