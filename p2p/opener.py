"""The buyer's bulk work once the key is there: stored chunks opened, each record compared with its
leaf under the registered root.

Nothing here writes a file; `unsealing` runs it, in processes of its own where there is much to do.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from p2p import chacha20, records, sealing
from p2p.errors import BadRecord
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD, RECORD
from p2p.room import Room
from p2p.spool import Spool

if TYPE_CHECKING:
    from concurrent.futures import Future

_ROOMS = 2
"""One is opened while others are read: a disk that is writing, too, answers late."""


class Opener:
    """A job (`p2p.worker`): opens stored chunks into slots of the window. It is made before there
    is a key, and begins with one."""

    def __init__(self, window: memoryview) -> None:
        self._rooms = [Room() for _ in range(_ROOMS)]
        self._slots = records.cut(window, CHUNK)
        self._places = [(-1, [slot]) for slot in self._slots]

    def begin(self, store: Spool, dk: bytes, chunks: Sequence[int]) -> None:
        """These are opened from now on, in that order."""
        self._store, self._dk = store, dk
        self._sealed = _read_ahead(store, chunks, self._rooms)

    def open(self, slot: int, lies: int) -> tuple[int, int]:
        """The next one: from where to where in the slot its payload lies then, ``lies`` bytes, less
        than 8192, behind its beginning. BadRecord, ContentError."""
        index, room = next(self._sealed)
        count = _open_read(self._store, self._dk, index, room)
        opened = zip(room.payloads[:count], self._payloads(slot, lies), strict=False)
        for payload, place in opened:
            place[:] = payload
        return lies, lies + count * PAYLOAD

    def _payloads(self, slot: int, lies: int) -> list[memoryview]:
        if self._places[slot][0] != lies:
            whole = self._slots[slot][lies:][: CHUNK_RECORDS * PAYLOAD]
            self._places[slot] = lies, records.cut(whole, PAYLOAD)
        return self._places[slot][1]


def open_chunk(store: Spool, dk: bytes, chunk_index: int, room: Room) -> int:
    """How many plain records of a stored chunk lie in ``room``, each the one under the root.

    Raises BadRecord for the first that is not, ContentError if this disk failed.
    """
    store.read_ciphertext(chunk_index, room.plain)
    return _open_read(store, dk, chunk_index, room)


def _read_ahead(
    store: Spool, chunks: Sequence[int], rooms: Sequence[Room]
) -> Iterator[tuple[int, Room]]:
    """Each with what is stored of it; its room is used again when the next one is asked for."""
    from concurrent.futures import ThreadPoolExecutor  # what brings logging along, only once needed

    ahead: deque[tuple[int, Room, Future[memoryview]]] = deque()
    with ThreadPoolExecutor(len(rooms)) as beside:
        for number, index in enumerate(chunks):
            room = rooms[number % len(rooms)]
            reading = beside.submit(store.read_ciphertext, index, room.plain)
            ahead.append((index, room, reading))
            if len(ahead) == len(rooms):
                yield _first(ahead)
        while ahead:
            yield _first(ahead)


def _first(ahead: "deque[tuple[int, Room, Future[memoryview]]]") -> tuple[int, Room]:
    index, room, reading = ahead.popleft()
    reading.result()
    return index, room


def _open_read(store: Spool, dk: bytes, chunk_index: int, room: Room) -> int:
    """`open_chunk` of one that was read."""
    leaves = store.leaves(chunk_index)
    count = len(leaves) // LEAF
    plain = room.plain[: count * RECORD]
    nonce = sealing.chunk_nonce(chunk_index)
    chacha20.xor_into(dk, nonce, 0, plain, plain)
    found = records.leaf_hashes(plain)
    if found == leaves:
        return count
    at = next(i for i in range(0, len(leaves), LEAF) if found[i : i + LEAF] != leaves[i : i + LEAF])
    number = at // LEAF
    leaf = leaves[at : at + LEAF]
    ciphertext = store.ciphertext(chunk_index)[number * RECORD : (number + 1) * RECORD]
    # Accuse the owner only of what the signed delivery root proves: this disk may have failed.
    store.check_evidence(chunk_index)
    if sealing.delivery_leaf(leaf, ciphertext) != store.entries(chunk_index)[at : at + LEAF]:
        raise store.damaged()
    if records.leaf_hashes(chacha20.xor(dk, nonce, 64 * number, ciphertext)) == leaf:
        raise store.damaged()  # what was read, or made of it, at first was not what lies there
    index = chunk_index * CHUNK_RECORDS + number
    raise BadRecord(index, leaf, ciphertext, tuple(store.delivery_path(index)))
