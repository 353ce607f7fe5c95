"""``/lading/delivery/1`` and ``/2``, the buyer's side: opened records before paying, sealed chunks
after.

The buyer pulls. After both hellos it asks for one thing and gets it, or ``refused``/``later`` with
a reason at any point:

    manifest   → {"type":"manifest","order":hex}
               ← OPENING*  {"type":"end"}
    delivery   → {"type":"fetch","leaves":index of the first leaf wanted,"order":hex}
               ← {"type":"delivery","records":n}
               ← LEAVES*              in order, to the last; none if the index is n
               → {"type":"start","chunk":k}     only after root(leaves) = R
               ← CHUNK k, k+1, …      at most 16 of them not acknowledged
               → STORED               so many are on the disk: after each, or after some
               ← {"type":"end","root":R_x}
    paused     → {"type":"paused","order":hex}      the buyer will not fetch for now
               ← {"type":"end"}

Binary frames: one byte that names it ‖ fields. OPENING 0x01 ‖ u32 index ‖ record (4096) ‖ path
(32 each). LEAVES 0x02 ‖ leaf hashes (32 each). CHUNK 0x03 ‖ u32 index ‖ ciphertext (4096 a record).
STORED 0x04 ‖ u32 number of chunks that are stored.

In version 2 the body of a chunk may take a *line*, a connection of its own (`p2p.direct`):

               ← {"type":"direct","secret":hex,"addresses":[multiaddr…]}    the owner waits for one
               → {"type":"dial","addresses":[multiaddr…]}    cannot be dialled: dial me
               ← NAMED k              in place of CHUNK k: its body comes over the line
               → LOST k               it did not, or is another: k and all after it once more

NAMED 0x05 ‖ u32 index ‖ name (32, `sealing.chunk_name`). LOST 0x06 ‖ u32 number of chunks stored.
An offer ends the line before it. After LOST the buyer passes over NAMED until an offer or a CHUNK.

Ciphertext cannot be judged before the key is known. What is checked while it arrives is order and
size; what is signed later is R_x over the bytes on disk, and only if the owner names the same.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import trio

from p2p import records, worker
from p2p.direct import Direct, Line, Way, at_once, read_offer
from p2p.errands import Errand, Errands, errands, nothing
from p2p.errors import Cancelled, ContentError, PeerError, Unreachable
from p2p.limits import (
    ADDRESSES,
    CHUNKS_TOGETHER,
    CHUNKS_UNACKNOWLEDGED,
    LEAVES_BYTES,
    LINE_AGAIN_CHUNKS,
    LINE_SECONDS,
    LINE_SILENCE_SECONDS,
    OPENING_RECORDS,
    PATH_HASHES,
    PROGRESS_SECONDS,
    WORK_SECONDS,
)
from p2p.manifest import Manifest
from p2p.openings import Opening, check_manifest, manifest_records
from p2p.records import LEAF, RECORD, Fingerprint
from p2p.spool import Spool
from p2p.storer import Storer
from p2p.wire import Place, Wire, parse

PROTOCOL: Final = "/lading/delivery/1"
DIRECT_PROTOCOL: Final = "/lading/delivery/2"
OPENING, LEAVES, CHUNK, STORED = b"\x01", b"\x02", b"\x03", b"\x04"
NAMED, LOST = b"\x05", b"\x06"
OPENING_BYTES: Final = 5 + RECORD + 32 * PATH_HASHES
_HEAD: Final = 5  # name and index
_CHUNK_BYTES: Final = _HEAD + records.CHUNK
_TOGETHER_SECONDS: Final = 0.1
UNASKED: Final = "The owner sent something else than was asked for."


class Meter:
    """Calls a progress function often enough to look alive and no more than 20 times a second."""

    def __init__(self, progress: Callable[[int, int], None]) -> None:
        self._progress = progress
        self._next = 0.0

    def show(self, first: int, second: int, *, last: bool = False) -> None:
        """Report two counts; ``last`` is always passed on."""
        now = trio.current_time()
        if last or now >= self._next:
            self._next = now + PROGRESS_SECONDS
            self._progress(first, second)


async def fetch_manifest(wire: Wire, order_id: bytes, fingerprint: Fingerprint) -> Manifest:
    """Every manifest record, opened under the registered root and checked.

    Raises PeerError if the owner refuses or lies, Unreachable.
    """
    await wire.write_object("manifest", order=order_id.hex())
    openings: list[Opening] = []
    expected = 1
    wait: float | None = WORK_SECONDS  # the owner hashes its whole tree before the first one
    while len(openings) < expected:
        opening = read_opening(await _binary(wire, OPENING, OPENING_BYTES, wait=wait))
        wait = None
        openings.append(opening)
        if len(openings) == 1:
            expected = manifest_records(opening.record)
            if expected > min(OPENING_RECORDS, fingerprint.records):
                raise PeerError("The owner's manifest is longer than the dataset.")
    expect(await wire.read_object(), "end")
    return await trio.to_thread.run_sync(check_manifest, openings, fingerprint)


async def say_paused(wire: Wire, order_id: bytes) -> None:
    """Tell the owner that nothing is fetched until this side resumes. PeerError, Unreachable."""
    await wire.write_object("paused", order=order_id.hex())
    expect(await wire.read_object(), "end")


async def fetch(
    wire: Wire,
    order_id: bytes,
    spool: Spool,
    *,
    progress: Callable[[int, int], None],
    paused: Callable[[], bool],
    direct: Direct | None = None,
) -> bytes:
    """Everything the spool lacks, written to disk; returns R_x, which both sides computed alike.

    direct: what is needed for version 2. ``progress(chunks stored, chunks)``, at most 20 times a
    second. ``paused`` is asked before each chunk; true raises Cancelled. However it ends, another
    call goes on at the first missing chunk. Raises PeerError (refused, or a lie), NotNow (the owner
    has put it off), Unreachable,
    ContentError (this disk).
    """
    meter = Meter(progress)
    await wire.write_object("fetch", order=order_id.hex(), leaves=spool.leaves_received)
    reply = expect(await wire.read_object(wait=WORK_SECONDS), "delivery", "records")
    if reply["records"] != spool.records:
        raise PeerError("The owner wants to deliver another number of records than registered.")

    async def start() -> None:
        while not spool.leaves_complete:
            leaves = await _binary(wire, LEAVES, 1 + LEAVES_BYTES)
            # The last block makes the spool compare the root, which takes as long as it takes.
            await trio.to_thread.run_sync(spool.put_leaves, bytes(leaves))
        await wire.write_object("start", chunk=spool.next_chunk)

    left = spool.chunks - spool.next_chunk
    away, slots = left >= worker.LEAST_CHUNKS, min(left, CHUNKS_UNACKNOWLEDGED)
    async with storing(spool, away, slots, Storer, meanwhile=start) as hands:
        await _Fetching(wire, spool, hands, meter, paused, direct).run()
        end = expect(await wire.read_object(wait=WORK_SECONDS), "end", "root")
        root: bytes = await hands.call("delivery_root")
    if end["root"] != root.hex():
        raise PeerError(
            "The owner names another delivery root than what lies on this disk: nothing is signed."
        )
    return root


@asynccontextmanager
async def storing(
    spool: Spool,
    away: bool,
    slots: int,
    job: worker.Job,
    *arguments: Any,
    meanwhile: Callable[[], Awaitable[None]] = nothing,
) -> AsyncIterator[Errands]:
    """Whoever hashes and writes chunks, as `worker.hands`: a job that begins with the store, by the
    method ``begin``, and has it by the method ``spool``. Afterwards ``spool`` knows what is there.
    meanwhile: as `errands`; the store may change by it."""
    start = partial(worker.hands, away, slots, job, *arguments)
    kept: Spool | None = None
    begun = False

    def end() -> None:
        if begun or spool.failed:  # leaves that came stay
            spool.let_go(kept)
        with suppress(ContentError):
            spool.sync()  # whatever ended it, what has come counts

    try:
        await trio.to_thread.run_sync(spool.sync)  # what an earlier process left unforced
        async with errands(start, meanwhile) as hands:
            begun = True
            try:
                await hands.call("begin", spool)
                yield hands
            finally:
                with trio.CancelScope(shield=True), suppress(Unreachable):
                    kept = await hands.call("spool")
    finally:
        with trio.CancelScope(shield=True):
            await trio.to_thread.run_sync(end)


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A chunk in its slot; or only its name: its body comes over the line."""

    index: int
    slot: int
    size: int
    name: bytes
    line: Line | None


_Next = _Arrived | None
"""None: what follows did not arrive."""


class _Fetching:
    """Chunks on their way to the disk, each by the way the owner has chosen for it.

    Five steps, each as far ahead of the next as there are slots: arrived (or named), asked to be
    written, answered (the last of these is perhaps still being written), written, stored (forced to
    the disk) and acknowledged.
    """

    def __init__(
        self,
        wire: Wire,
        spool: Spool,
        hands: Errands,
        meter: Meter,
        paused: Callable[[], bool],
        direct: Direct | None,
    ) -> None:
        self._wire = wire
        self._spool = spool
        self._chunks = spool.chunks
        self._hands = hands
        self._meter = meter
        self._paused = paused
        self._direct = direct
        self._way: Way | None = None
        self._coming = 0, 0  # slot and size of what comes over the session
        first = spool.next_chunk
        self._arrived = self._asked = self._answered = self._written = self._stored = first
        self._under_way = 0  # asked, and not yet written or found to be lost
        self._offered_at = first - LINE_AGAIN_CHUNKS
        self._lost = False  # what is named now was sent before the owner heard of it
        self._passed_over = 0
        self._moved = trio.lowlevel.ParkingLot()
        self._kept = trio.Event()
        self._ending = False  # nothing is said any more
        self._failures: list[Exception] = []
        self._nursery: trio.Nursery | None = None
        slots = len(hands.window) // records.CHUNK
        self._free = list(range(slots))
        # Each chunk in it has a slot; between two of them a line can have been lost.
        self._put, self._take = trio.open_memory_channel[_Next](2 * slots + 2)
        self._ask, self._answers = trio.open_memory_channel[tuple[_Arrived, Errand]](slots)

    async def run(self) -> None:
        """Everything the spool lacks. What is raised comes as it is, not as a group."""
        try:
            async with trio.open_nursery() as self._nursery:
                nursery = self._nursery

                async def step(work: Callable[[], Awaitable[None]]) -> None:
                    try:
                        await work()
                    except Exception as error:
                        self._failures.append(error)
                        nursery.cancel_scope.cancel()

                nursery.start_soon(step, self._write)
                nursery.start_soon(step, self._count)
                nursery.start_soon(step, self._force)
                try:
                    await self._all()
                except Exception as error:
                    self._failures.append(error)
                    self._ending = True
                    self._moved.unpark_all()
                self._put.close()
                # What has come, or was named, is worth keeping, whatever ended it.
                with trio.move_on_after(LINE_SILENCE_SECONDS):
                    await self._kept.wait()
                self._drop()
                await self._kept.wait()
                nursery.cancel_scope.cancel()
        finally:
            self._drop()
        if self._failures:
            raise self._failures[0]

    async def _all(self) -> None:
        self._meter.show(self._stored, self._chunks, last=True)
        wait: float | None = WORK_SECONDS  # the owner may have to catch up on its own tree first
        place = Place(CHUNK, _HEAD, self._room)
        while self._stored < self._chunks:
            if self._arrived == self._chunks and not self._lost:
                await self._moved.park()  # the last ones are being stored, or turn out lost
                continue
            self._look_whether_paused()
            body = await _frame(self._wire, _CHUNK_BYTES, wait=wait, place=place)
            wait = None
            if body[:1] == b"{":
                self._offered(parse(body))
            elif body[:1] == CHUNK:
                self._lost = False
                self._came(body)
            elif body[:1] == NAMED and self._way is not None:
                await self._named(body, self._way)
            else:
                raise PeerError(UNASKED)

    def _look_whether_paused(self) -> None:
        if self._paused():
            raise Cancelled("The delivery is paused. It goes on where it stopped.")

    def _size(self) -> int:
        """Of the next chunk."""
        return records.chunk_records(self._arrived, self._spool.records) * RECORD

    def _expect_next(self, body: bytes, size: int) -> None:
        """A frame that begins with the index of the next chunk, of ``size`` bytes."""
        if len(body) != size or int.from_bytes(body[1:_HEAD], "big") != self._arrived:
            raise PeerError("The owner sent another chunk than the next one.")

    async def _slot(self) -> int:
        while not self._free:
            await self._moved.park()
        return self._free.pop()

    async def _room(self) -> memoryview:
        """For the chunk that comes over the session."""
        slot, size = await self._slot(), self._size()
        self._coming = slot, size
        return self._hands.window[slot * records.CHUNK :][:size]

    def _came(self, body: bytes) -> None:
        """It lies in its room."""
        self._expect_next(body, _HEAD)
        slot, size = self._coming
        if size != self._size():
            raise PeerError(UNASKED)
        self._hand_on(slot)

    def _hand_on(self, slot: int, name: bytes = b"", line: Line | None = None) -> None:
        self._put.send_nowait(_Arrived(self._arrived, slot, self._size(), name, line))
        self._arrived += 1

    async def _named(self, body: bytes, way: Way) -> None:
        """The next chunk comes over the line, or is said to be lost."""
        if self._lost:
            self._passed_over += 1
            if self._passed_over > CHUNKS_UNACKNOWLEDGED:
                raise PeerError("The owner goes on with a direct connection that is lost.")
            return
        self._expect_next(body, _HEAD + LEAF)
        name = body[_HEAD:]
        if not way.settled.is_set():
            with trio.move_on_after(LINE_SECONDS):
                await way.settled.wait()
        slot = await self._slot()
        if way.line is not None and not self._lost:
            self._hand_on(slot, name, way.line)
            return
        self._free.append(slot)
        if self._lose():
            self._put.send_nowait(None)  # what came before is stored before that is said

    def _lose(self) -> bool:
        """The line is lost, whoever finds out first."""
        first, self._lost = not self._lost, True
        if first:
            self._passed_over = 0
            self._drop()
        return first

    async def _write(self) -> None:
        """Chunks in their order, some ahead of what is written."""
        async with self._ask:
            async for chunk in self._take:
                await self._no_more_than(0 if chunk is None else self._hands.ahead - 1)
                if chunk is None:
                    await self._say_lost()
                elif not await self._written_if_next(chunk):
                    self._free.append(chunk.slot)
                    self._moved.unpark_all()

    async def _no_more_than(self, under_way: int) -> None:
        while self._under_way > under_way:
            await self._moved.park()

    async def _written_if_next(self, chunk: _Arrived) -> bool:
        """Whether it is asked to be written: not if one before it was lost."""
        if chunk.index == self._asked and self._paused():
            await self._no_more_than(0)
            await self._all_forced()  # what is on the disk counts
            self._look_whether_paused()
        at, throttle = 0, self._wire.reading
        if chunk.line is not None:
            chunk.line.hand_to(self._hands, LINE_SILENCE_SECONDS)
            while chunk.index == self._asked and not chunk.line.over.is_set():
                piece = at_once(chunk.size - at, throttle)
                if piece == chunk.size - at:
                    break
                await self._hands.call("receive", chunk.index, at, piece)
                await throttle.wait(piece)
                at += piece
        if chunk.index != self._asked:
            return False
        if chunk.line is None:
            errand = self._hands.ask("put", chunk.index, chunk.slot, chunk.size)
        else:
            errand = self._hands.ask("take", chunk.index, at, chunk.size, chunk.name)
        self._asked += 1
        self._under_way += 1
        self._ask.send_nowait((chunk, errand))
        if chunk.line is not None:
            await throttle.wait(chunk.size - at)
        return True

    async def _count(self) -> None:
        """What is written; the first that did not come, or is not the one named, and all behind
        it, are not."""
        async for first in self._answers:
            some = [first]
            with suppress(trio.WouldBlock, trio.EndOfChannel):
                while len(some) < CHUNKS_TOGETHER:
                    some.append(self._answers.receive_nowait())
            with trio.move_on_after(_TOGETHER_SECONDS):  # wakes us once, if they come soon
                await some[-1][1].done()
            for chunk, errand in some:
                written = await errand.answer()
                self._free.append(chunk.slot)
                lost = written is None and chunk.index == self._answered
                if lost:
                    self._written = self._asked = self._answered
                elif chunk.index == self._answered:
                    self._answered += 1
                    self._written = written
                    if written < self._answered and self._under_way == 1:
                        # Nothing was asked behind it that would tell when it is.
                        self._written = await self._hands.call("settle")
                self._under_way -= 1
                self._moved.unpark_all()
                if lost and self._lose():
                    await self._say_lost()
        self._kept.set()

    async def _say_lost(self) -> None:
        await self._all_forced()
        if self._ending:
            return
        self._arrived = self._asked = self._written
        await self._wire.write(LOST + self._written.to_bytes(4, "big"))
        self._moved.unpark_all()

    async def _all_forced(self) -> None:
        """Return when all that was written is on the disk, or nothing is forced any more."""
        while self._stored < self._written and not self._ending:
            await self._moved.park()

    async def _force(self) -> None:
        """What was written is forced to the disk, as much as there is at once, and acknowledged.
        A few together, if they come soon: that costs as much as one."""
        while True:
            while self._stored == self._written or self._ending:
                await self._moved.park()
            with trio.move_on_after(_TOGETHER_SECONDS):
                while self._under_way and self._written - self._stored < CHUNKS_TOGETHER:
                    await self._moved.park()
            written = self._written
            await trio.to_thread.run_sync(self._spool.force, written)
            last = written == self._chunks
            if last:
                self._drop()  # before the last word: nothing may be said behind it
            await self._wire.write(STORED + written.to_bytes(4, "big"))
            self._stored = written
            self._meter.show(written, self._chunks, last=last)
            self._moved.unpark_all()

    def _offered(self, document: dict[str, Any]) -> None:
        """The owner waits for a line: find a way to it meanwhile."""
        if self._direct is None or self._nursery is None or document["type"] != "direct":
            raise PeerError(UNASKED)
        offer = read_offer(document)
        if self._arrived - self._offered_at < LINE_AGAIN_CHUNKS:
            raise PeerError("The owner offers direct connections without end.")
        self._offered_at = self._arrived
        self._drop()
        self._lost = False
        self._way = Way(self._direct, offer)
        self._nursery.start_soon(self._meet, self._direct, self._way)

    async def _meet(self, direct: Direct, way: Way) -> None:
        await way.dial(way.offer.addresses)
        if way.line is not None or way.closed:
            return
        way.expect()
        with suppress(Unreachable):  # whoever reads finds out
            await self._wire.write_object("dial", addresses=list(direct.ours()[:ADDRESSES]))

    def _drop(self) -> None:
        if self._way is not None:
            self._way.close()


async def _frame(
    wire: Wire, limit: int, *, wait: float | None = None, place: Place | None = None
) -> bytes:
    """The body of the next frame, whatever it is."""
    body = await wire.read(limit, wait=wait, place=place)
    if body is None:
        raise PeerError("The owner ended the delivery early.")
    return body


async def _binary(wire: Wire, kind: bytes, limit: int, *, wait: float | None = None) -> memoryview:
    """The body of the next binary frame after its first byte; a refusal instead is raised."""
    body = await _frame(wire, max(limit, 1024), wait=wait)
    if body[:1] == b"{":
        parse(body)
    return binary(body, kind)


def binary(body: bytes, kind: bytes) -> memoryview:
    """What follows the byte that names a binary frame; PeerError if it names another."""
    if body[:1] != kind:
        raise PeerError(UNASKED)
    return memoryview(body)[1:]


def read_opening(body: memoryview) -> Opening:
    """The opening in such a frame; PeerError if its length is no opening's."""
    path = bytes(body[4 + RECORD :])
    if len(body) < 4 + RECORD or len(path) % 32:
        raise PeerError("The owner sent an opening of a wrong length.")
    return Opening(
        int.from_bytes(body[:4], "big"),
        bytes(body[4 : 4 + RECORD]),
        tuple(path[at : at + 32] for at in range(0, len(path), 32)),
    )


def expect(document: dict[str, Any], kind: str, *fields: str) -> dict[str, Any]:
    """The JSON frame, if it is of this type with exactly these fields; PeerError otherwise."""
    if document["type"] != kind or document.keys() != {"v", "type", *fields}:
        raise PeerError(UNASKED)
    return document
