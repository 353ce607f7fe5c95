"""The buyer's bulk work once the key is there: stored chunks opened, each record compared with its
leaf under the registered root.

Nothing here writes a file; `unsealing` runs it, in processes of its own where there is much to do.
"""

from p2p import chacha20, records, sealing
from p2p.errors import BadRecord
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD, RECORD
from p2p.room import Room
from p2p.spool import Spool


class Opener:
    """A job (`p2p.worker`): opens stored chunks into slots of the window. It is made before there
    is a key, and begins with one."""

    def __init__(self, window: memoryview) -> None:
        self._room = Room()
        self._slots = records.cut(window, CHUNK)
        self._places = [(-1, [slot]) for slot in self._slots]

    def begin(self, store: Spool, dk: bytes) -> None:
        """What is opened from now on."""
        self._store, self._dk = store, dk

    def open(self, slot: int, index: int, lies: int) -> tuple[int, int]:
        """From where to where in the slot the payload lies then: ``lies`` bytes, less than 8192,
        behind its beginning. BadRecord, ContentError."""
        count = open_chunk(self._store, self._dk, index, self._room)
        opened = zip(self._room.payloads[:count], self._payloads(slot, lies), strict=False)
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
    leaves = store.leaves(chunk_index)
    plain = store.read_ciphertext(chunk_index, room.plain)
    nonce = sealing.chunk_nonce(chunk_index)
    chacha20.xor_into(dk, nonce, 0, plain, plain)
    count = len(leaves) // LEAF
    found = records.leaf_hashes(room.plain[: count * RECORD])
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
