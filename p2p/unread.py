"""What all peers together make one host hold: a budget of received bytes over every session.

Windows bound a stream, places bound streams and connections; their product is more than a computer
should lend to strangers. So two sums are kept for the whole host. Bytes in streams that the other
sides opened count while nobody has read them: when they are too many, the session that holds most
is ended. The windows that bulk reading opens wider (we asked for it) are taken from a fixed
stock: when it is used up, a stream keeps the window it began with. So are streams above the few
that every connection has: each may hold a message that is begun.
"""

from collections.abc import Callable

from p2p.limits import STREAMS_MORE, UNREAD_BYTES, WIDE_WINDOWS_BYTES


class Unread:
    """``most`` unread bytes of sessions, ``wide`` bytes of wider windows, ``streams`` above the few
    of each connection."""

    def __init__(
        self,
        most: int = UNREAD_BYTES,
        wide: int = WIDE_WINDOWS_BYTES,
        streams: int = STREAMS_MORE,
    ) -> None:
        self._most = most
        self._wide = wide
        self._streams = streams
        self._sessions: dict[Callable[[], None], int] = {}
        self.total = 0

    def add(self, end: Callable[[], None], size: int) -> None:
        """A session holds ``size`` bytes more (or fewer); ``end`` ends it, and stands for it.

        The worst is ended when all hold too much. By then it holds more than the mean: whoever
        holds less than ``most`` divided by the number of sessions is never the one.
        """
        self.total += size
        self._sessions[end] = self._sessions.get(end, 0) + size
        while self.total > self._most:
            worst = max(self._sessions, key=self._sessions.__getitem__)
            self.forget(worst)
            worst()

    def forget(self, end: Callable[[], None]) -> None:
        """That session is over: what it held is let go."""
        self.total -= self._sessions.pop(end, 0)

    def widen(self, wanted: int) -> int:
        """How much wider a window may be, up to ``wanted`` bytes; to be given back."""
        given = min(wanted, self._wide)
        self._wide -= given
        return given

    def give_back(self, size: int) -> None:
        """A window that was wider is no more."""
        self._wide += size

    def lend_stream(self) -> bool:
        """Whether there may be one stream more; to be given back."""
        lent = self._streams > 0
        self._streams -= lent
        return lent

    def stream_over(self) -> None:
        """One that was lent is no more."""
        self._streams += 1
