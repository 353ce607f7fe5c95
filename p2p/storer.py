"""The buyer's bulk work: chunks that lie in the window or come over a line hashed and written to a
spool.

`delivery` runs it, in a process of its own where much is to come.
"""

from contextlib import suppress

from p2p import files
from p2p.bodies import OnLine
from p2p.errors import ContentError
from p2p.records import CHUNK
from p2p.spool import Spool


class Storer(OnLine):
    """A job (`p2p.worker`). Methods raise what `Spool` raises. Whoever acknowledges forces what is
    stored to the disk (`Spool.force`), and nobody else.

    `put`, `take` and `settle` tell how many chunks are stored, the one that was taken last perhaps
    not among them: it is being written while the next one comes.
    """

    def __init__(self, window: memoryview) -> None:
        self._window = window
        self._room, self._other = files.room(CHUNK), files.room(CHUNK)

    def begin(self, spool: Spool) -> None:
        """What is stored from now on goes there."""
        self._spool = spool

    def put(self, index: int, slot: int, size: int) -> int:
        """What lies in the slot."""
        self._spool.begin_chunk(index, self._window[slot * CHUNK :][:size])
        return self.settle()

    def receive(self, index: int, at: int, size: int) -> bool:
        """What begins ``at`` in the next chunk; whether it came."""
        place = self._room[at : at + size]
        return self._bodies is not None and self._bodies.receive(index, at, place)

    def take(self, index: int, at: int, size: int, name: bytes) -> int | None:
        """The rest of a chunk of ``size`` bytes, the chunk then begun. None, and nothing of it, or
        of what may be asked for already behind it, is stored, but all before it is: it did not
        come, or is not the one named."""
        came = self.receive(index, at, size - at)
        if came and self._spool.begin_chunk(index, self._room[:size], name):
            self._room, self._other = self._other, self._room
            return self._spool.next_chunk
        self.no_line()
        self._spool.settle()
        return None

    def settle(self) -> int:
        self._spool.settle()
        return self._spool.next_chunk

    def delivery_root(self) -> bytes:
        self._spool.settle()
        return self._spool.tree_root()

    def spool(self) -> Spool:
        """As it is now: small, it holds no data."""
        with suppress(ContentError):  # then it is as if that chunk had not come
            self._spool.settle()
        return self._spool
