"""The buyer's bulk work: chunks that lie in the window hashed and written to a spool.

Nothing here needs a network; `delivery` runs it, in a process of its own where much is to come.
"""

from p2p import chacha20
from p2p.records import CHUNK
from p2p.sealing import chunk_nonce
from p2p.spool import Spool


class Storer:
    """A job (`p2p.worker`). Methods raise what `Spool` raises."""

    def __init__(self, spool: Spool, window: memoryview) -> None:
        self._spool, self._window = spool, window

    def put(self, index: int, slot: int, size: int, name: bytes | None, key: bytes | None) -> bool:
        """`Spool.put_chunk` of what lies in the slot, veiled under ``key`` if it came over a
        line."""
        sealed = self._window[slot * CHUNK :][:size]
        if key is not None:
            chacha20.xor_into(key, chunk_nonce(index), 0, sealed, sealed)
        return self._spool.put_chunk(index, sealed, name)

    def delivery_root(self) -> bytes:
        return self._spool.delivery_root()

    def spool(self) -> Spool:
        """As it is now: small, it holds no data."""
        return self._spool
