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

Names, keys and sealed blocks are `p2p.kept_sealing`'s. A name says nothing to who has not got it,
so that nobody asks for another's parcel, or takes its place.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn

from p2p import worker
from p2p.buffers import Buffer
from p2p.delivery import storing
from p2p.errands import Errand, Errands, errands
from p2p.errors import Cancelled, PeerError, Unreachable
from p2p.kept_sealing import (
    MOST_SEALED,
    SLOTS,
    TAG,
    WINDOW_CHUNKS,
    KeptSealer,
    KeptStorer,
    Ticket,
    check_of,
    slot_of,
)
from p2p.limits import CHUNK_SECONDS, KEPT_UNANSWERED, WORK_SECONDS
from p2p.parcel_taking import wanted_block
from p2p.parcels import Label, ParcelError
from p2p.records import MAX_RECORDS
from p2p.sealer import Source, apart
from p2p.spool import Spool
from p2p.wire import Place, Wire, parse, read_hash

PROTOCOL: Final = "/lading/kept/1"
BLOCK, STORED = b"\x01", b"\x04"
CHECK: Final = 32
_INDEXED: Final = 1 + 4
_HEAD: Final = _INDEXED + CHECK
FRAME_BYTES: Final = _HEAD + MOST_SEALED
_MOST_TIME: Final = 1 << 53
NO_PARCEL: Final = "There is no parcel of that name for you here."


@dataclass(frozen=True, slots=True)
class Terms:
    """What a relay takes: at most ``largest_bytes`` as one parcel, for ``seconds``."""

    largest_bytes: int
    seconds: int


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
    source: Source,
    *,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> int:
    """Leave a parcel for the peer ``buyer``, from the block on that the relay has not; until when
    it is kept, in unix seconds.

    source: with its delivery key. progress: (blocks that are there, of all). Raises Cancelled when
    ``stopped`` says so, PeerError (the relay refuses), Unreachable (for now), ContentError
    (ContentChanged: the files are not the registered ones; our disk; our process was ended).
    """
    layout = shape(source.records)
    name = ticket.name.hex()
    await wire.write_object("leave", parcel=name, records=source.records, **{"for": buyer})
    there, until = _kept(await wire.read_object(wait=WORK_SECONDS), layout)
    progress(there, layout.blocks)
    if there < layout.blocks:
        away = layout.blocks - there >= worker.LEAST_CHUNKS
        job = KeptSealer, apart(source), ticket
        async with errands(partial(worker.hands, away, WINDOW_CHUNKS, *job)) as hands:
            await _leave_blocks(wire, hands, there, layout.blocks, progress, stopped)
        there, until = _kept(await wire.read_object(), layout)
    if there != layout.blocks:
        raise PeerError("The relay's answer is not an answer.")
    return until


async def _leave_blocks(
    wire: Wire,
    hands: Errands,
    there: int,
    blocks: int,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> None:
    """All from ``there`` on, some sealed ahead."""
    sealing = deque(_seal(hands, index) for index in range(there, min(there + SLOTS, blocks)))
    sent = there
    taken = True  # whether it takes more; if not, what it said before it ended comes yet
    while there < blocks:
        if stopped():
            raise Cancelled("Leaving the parcel was stopped. It can go on at any time.")
        if taken and sealing and sent - there < KEPT_UNANSWERED:
            size, check = await _sealed(sealing.popleft())
            try:
                await wire.write(*framed(sent, slot_of(hands.window, sent)[:size], check))
            except Unreachable:
                taken = False
                continue
            if sent + SLOTS < blocks:
                sealing.append(_seal(hands, sent + SLOTS))
            sent += 1
            continue
        answer = await wire.read(wait=CHUNK_SECONDS)
        if answer is None:
            raise Unreachable("The relay ended the exchange early. It will be tried again.")
        if answer[:1] == b"{" or answer != STORED + (there + 1).to_bytes(4, "big"):
            _refusal(answer)
        there += 1
        progress(there, blocks)


def _seal(hands: Errands, index: int) -> Errand:
    try:
        return hands.ask("seal", index)
    except Unreachable as error:
        raise _ended() from error


async def _sealed(errand: Errand) -> tuple[int, bytes]:
    try:
        size, check = await errand.answer()
    except Unreachable as error:
        raise _ended() from error
    return size, check


def _ended() -> ParcelError:
    """Nothing that a relay has done."""
    return ParcelError(
        "ended", "What sealed the parcel was ended. Leave it again: it goes on where it was."
    )


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
    is none, or it is not what the owner left), ContentError (our disk), Unreachable. Whatever ends
    it, what has come is stored.
    """
    layout = shape(spool.records)
    first = wanted_block(spool, layout)
    await wire.write_object("fetch", block=first, parcel=ticket.name.hex())
    there, _ = _kept(await wire.read_object(), layout)
    if there != layout.blocks:
        raise PeerError("The relay keeps another parcel than this order's.")
    away = layout.blocks - first >= worker.LEAST_CHUNKS
    asked: deque[Errand] = deque()

    async def stored() -> None:
        progress(await asked.popleft().answer(), spool.chunks)

    async with storing(spool, away, WINDOW_CHUNKS, KeptStorer, ticket, first) as hands:

        async def room(index: int, size: int) -> memoryview:
            if len(asked) == SLOTS:
                await stored()
            return slot_of(hands.window, index)[:size]

        for index in range(first, layout.blocks):
            if stopped():
                raise Cancelled("Fetching from the relay was stopped. It can go on at any time.")
            size = layout.block_size(index) + TAG
            head = await wire.read(
                FRAME_BYTES, place=Place(BLOCK, _HEAD, partial(room, index, size))
            )
            if head is None:
                raise Unreachable("The relay ended the exchange early. It will be tried again.")
            _expect_block(head, index)
            asked.append(hands.ask("store", index, size, head[_INDEXED:]))
        while asked:
            await stored()


async def drop(wire: Wire, ticket: Ticket) -> None:
    """The parcel is not needed any more. Raises PeerError, Unreachable."""
    await wire.write_object("drop", parcel=ticket.name.hex())
    await wire.read_object()


# Frames, for both ends


def framed(index: int, sealed: Buffer, check: bytes = b"") -> tuple[bytes, Buffer]:
    """A BLOCK frame's parts."""
    return BLOCK + index.to_bytes(4, "big") + (check or check_of(sealed)), sealed


def read_block(frame: bytes, index: int, layout: Label) -> bytes:
    """The sealed block of a BLOCK frame, if it is the one with this index and whole. PeerError."""
    _expect_block(frame, index)
    sealed = frame[_HEAD:]
    if len(sealed) != layout.block_size(index) + TAG:
        raise PeerError("A block has a wrong length.")
    if check_of(sealed) != frame[_INDEXED:_HEAD]:
        raise PeerError("A block is not the one its hash names.")
    return sealed


def _expect_block(frame: bytes, index: int) -> None:
    if frame[:1] == b"{":
        _refusal(frame)
    if frame[:_INDEXED] != BLOCK + index.to_bytes(4, "big"):
        raise PeerError("Another block came than the next.")


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
