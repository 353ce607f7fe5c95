"""How fast something is taken in: a burst at once, then so much each second (a token bucket).

Waiting is the answer to haste: whoever sends faster is read more slowly, which TCP tells it.
"""

import trio


class Pace:
    """``burst`` at once and ``per_second`` after that, in any unit."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self.limit = per_second  # see `p2p.throttle.Brake`
        self._allowance = burst
        self._at = trio.current_time()

    async def wait(self, cost: float = 1) -> None:
        """Return when ``cost`` more may be taken in."""
        self._refill()
        self._allowance -= cost
        if self._allowance < 0:
            await trio.sleep(-self._allowance / self.limit)

    def give_back(self, cost: float) -> None:
        """So much more may be taken in; never more than a burst."""
        self._allowance = min(self._burst, self._allowance + cost)

    def charge(self, cost: float, most: float) -> None:
        """``cost`` less may be taken in, and never so little that it takes more than ``most``
        until something may be again."""
        self._refill()
        self._allowance = max(self._allowance - cost, min(self._allowance, -most))

    def take(self) -> bool:
        """Whether one more may be taken in now; if so it is."""
        self._refill()
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _refill(self) -> None:
        now = trio.current_time()
        more = (now - self._at) * self.limit
        self._allowance = min(self._burst, self._allowance + more)
        self._at = now
