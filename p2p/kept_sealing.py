"""The bulk work of parcels at relays (`p2p.keeping`): each block sealed once more, for who fetches
it; what comes from a relay opened and stored.

    name, key     = SHA-256("lading/kept/name" ‖ shared ‖ order id), the same with "key"
    sealed block  = ChaCha20-Poly1305 (RFC 8439) under key, nonce: index as 12 bytes big-endian,
                    associated data: name; 16 bytes longer than the block

``shared`` is a secret of the two sides that never becomes public.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from p2p.buffers import Buffer
from p2p.errors import PeerError
from p2p.parcel_saving import KeptBlocks
from p2p.parcels import LEAF_BLOCK, part_label
from p2p.records import CHUNK, LEAF
from p2p.sealer import Source
from p2p.spool import Spool

TAG: Final = 16
MOST_SEALED: Final = max(CHUNK, LEAF_BLOCK) + TAG
"""Bytes of the longest sealed block: of a slot."""
SLOTS: Final = 2
"""One is worked on while the other one is on its way."""
WINDOW_CHUNKS: Final = -(-SLOTS * MOST_SEALED // CHUNK)


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """What owner and buyer know of a parcel: its ``name`` at a relay, and the ``key`` (32 bytes
    each) to its blocks, which is never shown."""

    name: bytes
    key: bytes


def ticket(shared: bytes, order_id: bytes) -> Ticket:
    """shared: 32 bytes that owner and buyer have and nobody else ever gets."""

    def derived(what: bytes) -> bytes:
        return hashlib.sha256(b"lading/kept/" + what + shared + order_id).digest()

    return Ticket(derived(b"name"), derived(b"key"))


def seal(ticket: Ticket, index: int, block: Buffer) -> bytes:
    """A block as a relay keeps it."""
    return ChaCha20Poly1305(ticket.key).encrypt(_nonce(index), block, ticket.name)


def unseal(ticket: Ticket, index: int, sealed: Buffer) -> bytes:
    """The block that the owner left. Raises PeerError if it is another one."""
    try:
        return ChaCha20Poly1305(ticket.key).decrypt(_nonce(index), sealed, ticket.name)
    except InvalidTag:
        raise PeerError("The relay gives something else than the owner left there.") from None


def slot_of(window: memoryview, index: int) -> memoryview:
    """Where the sealed block with this index has its turn."""
    return window[index % SLOTS * MOST_SEALED :][:MOST_SEALED]


def check_of(sealed: Buffer) -> bytes:
    """What a frame names a sealed block by."""
    return hashlib.sha256(sealed).digest()


class KeptSealer:
    """A job (`p2p.worker`): seals the blocks of a parcel that is left, into its slots of the
    window. Raises ContentError."""

    def __init__(self, source: Source, ticket: Ticket, window: memoryview) -> None:
        self._ticket, self._window = ticket, window
        self._blocks = KeptBlocks(source)

    def seal(self, index: int) -> tuple[int, bytes]:
        """The sealed block's size, and its check; it lies in its slot then."""
        sealed = seal(self._ticket, index, self._blocks.block(index))
        slot_of(self._window, index)[: len(sealed)] = sealed
        return len(sealed), check_of(sealed)


class KeptStorer:
    """A job (`p2p.worker`): opens the blocks that lie in their slots of the window, and stores
    them. The first is the one the store lacks; behind one that was wrong nothing is stored. Raises
    PeerError, ContentError."""

    def __init__(self, ticket: Ticket, first: int, window: memoryview) -> None:
        self._ticket, self._window = ticket, window
        self._next = first

    def begin(self, spool: Spool) -> None:
        """What is stored from now on goes there."""
        self._spool = spool
        self._layout = part_label(bytes(32), spool.root, spool.records, 0)

    def store(self, index: int, size: int, check: bytes) -> int:
        """So many chunks are stored then."""
        sealed = slot_of(self._window, index)[:size]
        if index != self._next:
            raise PeerError("Another block came than the next.")
        if check_of(sealed) != check:
            raise PeerError("A block is not the one its hash names.")
        block, spool = unseal(self._ticket, index, sealed), self._spool
        if index < self._layout.leaf_blocks:
            there = spool.leaves_received - self._layout.leaf_of(index)
            spool.put_leaves(block[there * LEAF :])
        else:
            spool.put_chunk(index - self._layout.leaf_blocks, block)
        self._next += 1
        return spool.next_chunk

    def spool(self) -> Spool:
        """As it is now: small, it holds no data."""
        return self._spool


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")
