"""``/lading/kept/1``: a sealed delivery left at a relay, for a buyer who is off line.

The owner's and the buyer's side; a relay's is `p2p.keeper`. What is left is what a parcel holds,
block by block (`p2p.parcels`), each sealed once more under a key that the two sides have and the
relay has not. So a relay knows for whom it keeps how many bytes, and nothing else: leaf hashes
would tell which dataset it is, and sealed chunks could be opened once a complaint has made the
order's secrets public. Without a hello (a relay has no identity), once Noise has proved both peers:

    terms   → {"type":"terms","v":1}
            ← {"bytes":largest parcel it takes from us now,"seconds":n,"type":"terms","v":1}
    leave   → {"for":buyer's peer id,"parcel":hex,"records":n,"type":"leave","v":1}
            ← {"blocks":k,"type":"kept","until":unix seconds,"v":1}      k of them are there
            → BLOCK k, k+1, …                 at most 4 of them not answered
            ← STORED after each
            ← {"blocks":all,"type":"kept","until":…,"v":1}     on its disk
    fetch   → {"block":first wanted,"parcel":hex,"type":"fetch","v":1}
            ← {"blocks":all,"type":"kept","until":…,"v":1}
            ← BLOCK*                          to the last; the buyer ends the stream
    drop    → {"parcel":hex,"type":"drop","v":1}
            ← {"type":"end","v":1}

    BLOCK   0x01 ‖ u32 index ‖ SHA-256 of what follows (32) ‖ sealed block
    STORED  0x04 ‖ u32 number of blocks that are there

    name, key     = SHA-256("lading/kept/name" ‖ shared ‖ order id), the same with "key"
    sealed block  = ChaCha20-Poly1305 (RFC 8439) under key, nonce: index as 12 bytes big-endian,
                    associated data: name; 16 bytes longer than the block

``shared`` is a secret of the two sides that never becomes public. A name says nothing to who has
not got it, so that nobody asks for another's parcel, or takes its place.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import trio
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from p2p.buffers import Buffer
from p2p.errors import Cancelled, PeerError, Unreachable
from p2p.limits import CHUNK_SECONDS, KEPT_UNANSWERED, WORK_SECONDS
from p2p.parcels import LEAF_BLOCK, Label
from p2p.records import CHUNK, LEAF, MAX_RECORDS
from p2p.spool import Spool
from p2p.wire import Wire, parse, read_hash

PROTOCOL: Final = "/lading/kept/1"
BLOCK, STORED = b"\x01", b"\x04"
TAG: Final = 16
CHECK: Final = 32
_HEAD: Final = 1 + 4 + CHECK
FRAME_BYTES: Final = _HEAD + max(CHUNK, LEAF_BLOCK) + TAG
_MOST_TIME: Final = 1 << 53
NO_PARCEL: Final = "There is no parcel of that name for you here."


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """What owner and buyer know of a parcel: its ``name`` at a relay, and the ``key`` (32 bytes
    each) to its blocks, which is never shown."""

    name: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Terms:
    """What a relay takes: at most ``largest_bytes`` as one parcel, for ``seconds``."""

    largest_bytes: int
    seconds: int


def ticket(shared: bytes, order_id: bytes) -> Ticket:
    """shared: 32 bytes that owner and buyer have and nobody else ever gets."""

    def derived(what: bytes) -> bytes:
        return hashlib.sha256(b"lading/kept/" + what + shared + order_id).digest()

    return Ticket(derived(b"name"), derived(b"key"))


def shape(records: int) -> Label:
    """Which blocks a parcel of so many records has. ValueError if there is none."""
    return Label(bytes(32), bytes(32), records, (1 << 32) - 1)


def sealed_size(records: int) -> int:
    """Bytes of all its sealed blocks with their hashes."""
    layout = shape(records)
    return sum_before(layout, layout.blocks)


def sum_before(layout: Label, block: int) -> int:
    """Bytes of the sealed blocks before ``block``, with their hashes."""
    plain = layout.place(block) - layout.place(0) - block * CHECK
    return plain + block * (CHECK + TAG)


def seal(ticket: Ticket, index: int, block: Buffer) -> bytes:
    """A block as a relay keeps it."""
    return ChaCha20Poly1305(ticket.key).encrypt(_nonce(index), bytes(block), ticket.name)


def unseal(ticket: Ticket, index: int, sealed: Buffer) -> bytes:
    """The block that the owner left. Raises PeerError if it is another one."""
    try:
        return ChaCha20Poly1305(ticket.key).decrypt(_nonce(index), bytes(sealed), ticket.name)
    except InvalidTag:
        raise PeerError("The relay gives something else than the owner left there.") from None


# The owner and the buyer


async def ask_terms(wire: Wire) -> Terms:
    """Raises PeerError, Unreachable."""
    await wire.write_object("terms")
    said = await wire.read_object()
    if said["type"] != "terms" or said.keys() != {"v", "type", "bytes", "seconds"}:
        raise PeerError("The relay's answer is not an answer.")
    return Terms(number(said, "bytes", _MOST_TIME), number(said, "seconds", _MOST_TIME))


async def leave(
    wire: Wire,
    ticket: Ticket,
    buyer: str,
    records: int,
    block: Callable[[int], Awaitable[bytes]],
    *,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> int:
    """Leave a parcel for the peer ``buyer``, from the block on that the relay has not; until when
    it is kept, in unix seconds.

    block: gives a block by its index. progress: (blocks that are there, of all). Raises Cancelled
    when ``stopped`` says so, PeerError (the relay refuses), Unreachable (for now).
    """
    layout = shape(records)
    name = ticket.name.hex()
    await wire.write_object("leave", parcel=name, records=records, **{"for": buyer})
    there, until = _kept(await wire.read_object(wait=WORK_SECONDS), layout)
    progress(there, layout.blocks)
    sent = first = there
    taken = True  # whether it takes more; if not, what it said before it ended comes yet
    while there < layout.blocks:
        if stopped():
            raise Cancelled("Leaving the parcel was stopped. It can go on at any time.")
        if taken and sent < layout.blocks and sent - there < KEPT_UNANSWERED:
            plain = await block(sent)
            sealed = await trio.to_thread.run_sync(seal, ticket, sent, plain)
            try:
                await wire.write(*framed(sent, sealed))
                sent += 1
            except Unreachable:
                taken = False
            continue
        answer = await wire.read(wait=CHUNK_SECONDS)
        if answer is None:
            raise Unreachable("The relay ended the exchange early. It will be tried again.")
        if answer[:1] == b"{" or answer != STORED + (there + 1).to_bytes(4, "big"):
            _refusal(answer)
        there += 1
        progress(there, layout.blocks)
    if sent > first:
        there, until = _kept(await wire.read_object(), layout)
    if there != layout.blocks:
        raise PeerError("The relay's answer is not an answer.")
    return until


async def fetch(
    wire: Wire,
    ticket: Ticket,
    spool: Spool,
    *,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> None:
    """Take what the owner left into the store, from the first block on that is missing there.

    progress: (chunks stored, of all). Raises Cancelled when ``stopped`` says so, PeerError (there
    is none, or it is not what the owner left), ContentError (our disk), Unreachable.
    """
    layout = shape(spool.records)
    first = wanted_block(layout, spool)
    await wire.write_object("fetch", block=first, parcel=ticket.name.hex())
    there, _ = _kept(await wire.read_object(), layout)
    if there != layout.blocks:
        raise PeerError("The relay keeps another parcel than this order's.")
    for index in range(first, layout.blocks):
        if stopped():
            raise Cancelled("Fetching from the relay was stopped. It can go on at any time.")
        frame = await wire.read(FRAME_BYTES)
        if frame is None:
            raise Unreachable("The relay ended the exchange early. It will be tried again.")
        sealed = read_block(frame, index, layout)
        await trio.to_thread.run_sync(_store, ticket, index, sealed, layout, spool)
        progress(spool.next_chunk, spool.chunks)


async def drop(wire: Wire, ticket: Ticket) -> None:
    """The parcel is not needed any more. Raises PeerError, Unreachable."""
    await wire.write_object("drop", parcel=ticket.name.hex())
    await wire.read_object()


def wanted_block(layout: Label, spool: Spool) -> int:
    """The first block of which the store has not everything."""
    if spool.leaves_complete:
        return layout.leaf_blocks + spool.next_chunk
    return spool.leaves_received * LEAF // LEAF_BLOCK


def _store(ticket: Ticket, index: int, sealed: bytes, layout: Label, spool: Spool) -> None:
    block = unseal(ticket, index, sealed)
    if index < layout.leaf_blocks:
        spool.put_leaves(block[spool.leaves_received * LEAF - index * LEAF_BLOCK :])
    else:
        spool.put_chunk(index - layout.leaf_blocks, block)


# Frames, for both ends


def framed(index: int, sealed: bytes, check: bytes = b"") -> tuple[bytes, ...]:
    """A BLOCK frame's parts."""
    check = check or hashlib.sha256(sealed).digest()
    return BLOCK + index.to_bytes(4, "big") + check, sealed


def read_block(frame: bytes, index: int, layout: Label) -> bytes:
    """The sealed block of a BLOCK frame, if it is the one with this index and whole. PeerError."""
    if frame[:1] == b"{":
        _refusal(frame)
    if frame[:5] != BLOCK + index.to_bytes(4, "big"):
        raise PeerError("Another block came than the next.")
    sealed = frame[_HEAD:]
    if len(sealed) != layout.block_size(index) + TAG:
        raise PeerError("A block has a wrong length.")
    if hashlib.sha256(sealed).digest() != frame[5:_HEAD]:
        raise PeerError("A block is not the one its hash names.")
    return sealed


def number(document: dict[str, Any], key: str, most: int) -> int:
    """A whole number from 0. PeerError."""
    value = document.get(key)
    if type(value) is not int or not 0 <= value <= most:
        raise PeerError("A number is none, or too large.")
    return value


def name_of(document: dict[str, Any]) -> bytes:
    """The parcel's name. PeerError."""
    raw = read_hash(document.get("parcel"))
    if raw is None:
        raise PeerError("No parcel is named.")
    return raw


def shape_of(document: dict[str, Any]) -> Label:
    """The blocks of a parcel that is announced. PeerError."""
    records = number(document, "records", MAX_RECORDS)
    if not records:
        raise PeerError("A parcel has at least one record.")
    return shape(records)


def _kept(said: dict[str, Any], layout: Label) -> tuple[int, int]:
    if said["type"] != "kept" or said.keys() != {"v", "type", "blocks", "until"}:
        raise PeerError("The relay's answer is not an answer.")
    return number(said, "blocks", layout.blocks), number(said, "until", _MOST_TIME)


def _refusal(frame: bytes) -> NoReturn:
    parse(frame)  # raises what it says
    raise PeerError("The relay's answer is not an answer.")


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")
