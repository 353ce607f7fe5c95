"""How many deliveries run at once, each way, and which of those that wait is next."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.domain.errors import RuleError
from app.domain.turns import AT_ONCE, HELD_SECONDS, MOST_AT_ONCE, Lane
from app.store import settings
from app.store.database import Database

FIRST_KEPT = 100


def checked(at_once: int) -> int:
    """RuleError unless it is a number of deliveries that can run at once."""
    if not 1 <= at_once <= MOST_AT_ONCE:
        raise RuleError("settings.at_once", f"From 1 to {MOST_AT_ONCE} deliveries run at once.")
    return at_once


class Turns:
    """One lane for what is sent and one for what is received: neither waits for the other.

    What is sent asks before each part, so that its place can be taken from a buyer that is silent;
    what is received asks once, and its place is one of the outbox's.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lanes = {"owner": Lane(HELD_SECONDS), "buyer": Lane()}
        with database.read() as session:
            self._first: list[str] = settings.get(session, "deliver_first", [])

    def asks(self, role: str, thread: str) -> bool:
        """Whether a delivery of ours in this role may move data now; it runs until `ends`."""
        lane = self._lanes[role]
        if lane.runs(thread):
            return lane.asks(thread, self._clock(), 0)
        with self._database.read() as session:
            most = int(settings.get(session, "at_once", AT_ONCE))
        return lane.asks(thread, self._clock(), most, self._first)

    def ends(self, thread: str) -> bool:
        """Whether it had a place, which is free now."""
        had = [lane.ends(thread) for lane in self._lanes.values()]
        return any(had)

    def next(self, role: str) -> str:
        """Whose turn it is as soon as a place is free, "" if nobody waits for one."""
        return self._lanes[role].next(self._clock(), self._first)

    def place(self, thread: str) -> int:
        """1 for who is next in its lane, 0 for who does not wait for its turn."""
        now = self._clock()
        return max(lane.place(thread, now, self._first) for lane in self._lanes.values())

    def others_wait(self, role: str, thread: str) -> bool:
        """Whether a delivery of ours in this role, other than that one, waits for its turn."""
        return self._lanes[role].others_wait(thread, self._clock())

    def waiting(self, thread: str) -> int:
        """How many wait in the lane where this one does, 0 if it does not."""
        lanes = (lane.waiting(self._clock(), self._first) for lane in self._lanes.values())
        return max(len(waiting) if thread in waiting else 0 for waiting in lanes)

    def put_first(self, thread: str) -> None:
        """Before all that wait; those that run go on."""
        self._keep([thread])

    def move(self, thread: str, by: int) -> None:
        """So many places back among those that wait in its lane, forward if less than 0."""
        for lane in self._lanes.values():
            waiting = lane.waiting(self._clock(), self._first)
            if thread in waiting:
                to = max(0, waiting.index(thread) + by)
                waiting.remove(thread)
                waiting.insert(to, thread)
                self._keep(waiting)

    def _keep(self, order: list[str]) -> None:
        """These in this order, before those that were put first earlier."""
        first = [*order, *(one for one in self._first if one not in order)]
        self._first = first[:FIRST_KEPT]
        with self._database.begin() as session:
            settings.put(session, "deliver_first", self._first)
