"""The buyer's bulk work: chunks that lie in the window or come over a line hashed and written to a
spool.

`delivery` runs it, in a process of its own where much is to come.
"""

from p2p import files
from p2p.bodies import OnLine
from p2p.records import CHUNK
from p2p.spool import Spool


class Storer(OnLine):
    """A job (`p2p.worker`). Methods raise what `Spool` raises."""

    def __init__(self, spool: Spool, window: memoryview) -> None:
        self._spool, self._window = spool, window
        self._room = files.room(CHUNK)

    def put(self, index: int, slot: int, size: int) -> bool:
        """`Spool.put_chunk` of what lies in the slot."""
        return self._spool.put_chunk(index, self._window[slot * CHUNK :][:size])

    def receive(self, index: int, at: int, size: int) -> bool:
        """What begins ``at`` in the next chunk; whether it came."""
        place = self._room[at : at + size]
        return self._bodies is not None and self._bodies.receive(index, at, place)

    def take(self, index: int, at: int, size: int, name: bytes) -> bool:
        """The rest of a chunk of ``size`` bytes, the chunk then put. False, and nothing of it, or
        of what may be asked for already behind it, is stored: it did not come, or is not the one
        named."""
        came = self.receive(index, at, size - at)
        if came and self._spool.put_chunk(index, self._room[:size], name):
            return True
        self.no_line()
        return False

    def delivery_root(self) -> bytes:
        return self._spool.delivery_root()

    def spool(self) -> Spool:
        """As it is now: small, it holds no data."""
        return self._spool
