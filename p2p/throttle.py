"""A limit of bytes a second that several deliveries share and that can change at any moment.

A token bucket without a burst: whatever passed must be paid off at the rate of the moment before
the next may pass, so that in any stretch of time no more goes through than rate times time and one
piece. Who waits, waits in turn; several deliveries get equal shares piece by piece.
"""

from typing import Protocol

import trio


class Brake(Protocol):
    """What slows data down: ``wait`` returns when ``cost`` bytes may pass. A ``limit`` of 0: at
    once."""

    @property
    def limit(self) -> float: ...

    async def wait(self, cost: int, /) -> None: ...


class Bucket:
    """The arithmetic; ``now`` is seconds of any clock that does not go back. Rate 0: no limit."""

    def __init__(self, now: float, rate: float = 0) -> None:
        self._rate = rate
        self._debt = 0.0
        self._at = now

    def set_rate(self, now: float, rate: float) -> None:
        """From ``now`` on, also for what passed before and is not paid off."""
        self._pay(now)
        self._rate = rate

    def delay(self, now: float) -> float:
        """Seconds until the next piece may pass, at the rate of now; 0 if it may now. Less than a
        byte keeps nobody waiting: so short a time may be none for a clock."""
        self._pay(now)
        return self._debt / self._rate if self._rate and self._debt >= 1 else 0.0

    def take(self, now: float, cost: int) -> None:
        """A piece of ``cost`` bytes passes."""
        self._pay(now)
        if self._rate:
            self._debt += cost

    def _pay(self, now: float) -> None:
        paid = (now - self._at) * self._rate if self._rate else self._debt
        self._debt = max(0.0, self._debt - paid)
        self._at = now


class Throttle:
    """``limit`` is bytes a second, 0 for none."""

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._bucket: Bucket | None = None
        self._turn = trio.Lock()
        self._changed = trio.Event()

    @property
    def limit(self) -> int:
        return self._limit

    def set_limit(self, limit: int) -> None:
        """Holds at once, also for who is waiting. Called in the trio loop."""
        self._limit = limit
        if self._bucket is not None:
            self._bucket.set_rate(trio.current_time(), limit)
        self._changed.set()
        self._changed = trio.Event()

    async def wait(self, cost: int) -> None:
        """Return when ``cost`` bytes may pass."""
        if not self._limit and not self._turn.locked():
            return
        async with self._turn:
            if self._bucket is None:
                self._bucket = Bucket(trio.current_time(), self._limit)
            while (seconds := self._bucket.delay(trio.current_time())) > 0:
                with trio.move_on_after(seconds):
                    await self._changed.wait()
            self._bucket.take(trio.current_time(), cost)
