"""Whose turn it is, where only so many deliveries run at once.

Times are seconds of any clock that does not go back; the caller gives them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

FRESH_SECONDS = 15
"""Who has not asked for so long does not wait any more: paused, off line, or done otherwise."""
SLOW_SECONDS = 60
"""Who asks more rarely, because it looks for its data elsewhere in between, is waited for twice as
long as it took the last time, but no longer than this."""
MOST_AT_ONCE = 8
"""Fewer than the outbox runs at once, so that data never keeps a receipt or a key waiting."""
AT_ONCE = 4
HELD_SECONDS = 120
"""A delivery that has moved nothing for so long goes on, but keeps nobody waiting any more: who
takes places and is silent in them would stop all others."""


class Lane:
    """Deliveries in one direction. Each asks again and again until it may run; those that were put
    first go first, the others in the order in which they began to ask. Those that run ask too, and
    after ``held_seconds`` of not asking their place is another's as well."""

    def __init__(self, held_seconds: float = math.inf) -> None:
        self._held_seconds = held_seconds
        self._running: dict[str, float] = {}  # asked last when
        # Since which call, asked last when, waited for until.
        self._waiting: dict[str, tuple[int, float, float]] = {}
        self._calls = 0

    def asks(self, thread: str, now: float, most: int, first: Sequence[str] = ()) -> bool:
        """Whether ``thread`` runs from now on, while at most ``most`` do; else it waits."""
        if thread in self._running:
            self._running[thread] = now
            return True
        self._calls += 1
        since, asked, _ = self._waiting.get(thread, (self._calls, now, now))
        patience = max(FRESH_SECONDS, min(2 * (now - asked), SLOW_SECONDS))
        self._waiting[thread] = (since, now, now + patience)
        busy = sum(now - asked <= self._held_seconds for asked in self._running.values())
        if self.place(thread, now, first) > most - busy:
            return False
        del self._waiting[thread]
        self._running[thread] = now
        return True

    def others_wait(self, thread: str, now: float) -> bool:
        """Whether anybody but ``thread`` waits."""
        return any(one != thread for one in self.waiting(now))

    def next(self, now: float, first: Sequence[str] = ()) -> str:
        """Who runs as soon as a place is free, "" if nobody waits."""
        return next(iter(self.waiting(now, first)), "")

    def runs(self, thread: str) -> bool:
        return thread in self._running

    def ends(self, thread: str) -> bool:
        """It neither runs nor waits any more. Whether it ran: its place is another's then."""
        self._waiting.pop(thread, None)
        return self._running.pop(thread, None) is not None

    def place(self, thread: str, now: float, first: Sequence[str] = ()) -> int:
        """1 for who is next, 0 for who does not wait."""
        waiting = self.waiting(now, first)
        return waiting.index(thread) + 1 if thread in waiting else 0

    def waiting(self, now: float, first: Sequence[str] = ()) -> list[str]:
        """Those that wait, in the order in which they will run."""
        waiting = [one for one, (_, _, until) in self._waiting.items() if now <= until]
        ranks = {one: rank for rank, one in reversed(list(enumerate(first)))}
        waiting.sort(key=lambda one: (ranks.get(one, len(first)), self._waiting[one][0]))
        return waiting
