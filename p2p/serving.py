"""``/lading/delivery/1`` and ``/2``, the owner's side: see `p2p.delivery` for the frames.

Every record is compared with its registered leaf hash before it is sealed, so the delivery key
never meets other data; a changed file stops the delivery and the buyer is told so. What was
sealed is remembered as leaves of the delivery tree on disk: R_x is right after any restart.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, Final

import trio

from p2p import worker
from p2p.content import read_leaves
from p2p.delivery import CHUNK, LEAVES, LOST, NAMED, OPENING, STORED, Meter
from p2p.direct import Direct, Line, Way, at_once, new_offer, read_addresses
from p2p.errands import Errand, Errands, errands, nothing
from p2p.errors import (
    ContentChanged,
    ContentError,
    Interrupted,
    NotNow,
    P2PError,
    PeerError,
    Unreachable,
)
from p2p.limits import (
    CHUNK_BYTES,
    CHUNK_SECONDS,
    CHUNKS_TOGETHER,
    CHUNKS_UNACKNOWLEDGED,
    LEAVES_BYTES,
    LINE_AGAIN_CHUNKS,
    LINE_WAIT_SECONDS,
    OFFER_BYTES,
    WORK_SECONDS,
)
from p2p.records import LEAF, chunk_count
from p2p.sealer import Source, sealer_of
from p2p.wire import Wire, parse, read_hash

__all__ = ["Source", "read_request", "serve", "serve_manifest"]

# Sealed and not yet in the socket: while some go, others are sealed.
_SLOTS: Final = 2 * CHUNKS_TOGETHER
_OPENINGS_AT_ONCE: Final = 64
_STORED_BYTES: Final = 5


async def read_request(wire: Wire) -> tuple[str, bytes, int]:
    """What the buyer asks for: ("manifest", "fetch" or "paused", order id, first leaf wanted).

    Raises PeerError.
    """
    asked = await wire.read_object()
    kind, order, first_leaf = asked["type"], asked.get("order"), asked.get("leaves", 0)
    named = {"v", "type", "order"}
    fields = {"manifest": named, "paused": named, "fetch": {*named, "leaves"}}
    if asked.keys() != fields.get(kind) or type(first_leaf) is not int or first_leaf < 0:
        raise PeerError("The buyer asked for something that is not spoken here.")
    raw = read_hash(order)
    if raw is None:
        raise PeerError("The buyer named no order.")
    return kind, raw, first_leaf


async def serve_manifest(wire: Wire, source: Source) -> None:
    """Open every manifest record. Raises ContentError after telling the buyer, Unreachable."""
    async with _honest(wire):
        openings = source.content.manifest_openings(source.leaves_path)
        while True:
            some = await trio.to_thread.run_sync(lambda: list(islice(openings, _OPENINGS_AT_ONCE)))
            for opening in some:
                index = opening.index.to_bytes(4, "big")
                await wire.write(OPENING + index, opening.record, b"".join(opening.path))
            if len(some) < _OPENINGS_AT_ONCE:
                break
        await wire.write_object("end")


async def serve(
    wire: Wire,
    source: Source,
    first_leaf: int,
    sent: Callable[[int, int], None],
    direct: Direct | None = None,
) -> None:
    """Deliver from the chunk the buyer names. ``sent(chunks sent, chunks acknowledged)``.

    direct: what is needed for version 2, in which chunks may take a line of their own. Raises
    ContentError after telling the buyer (ContentChanged: the file is not what was
    registered), NotNow (`Source.put_off`), Interrupted, PeerError, Unreachable.
    """
    if source.dk is None:
        unpaid = Unreachable("The payment for this order is not final yet.")
        await wire.refuse(unpaid)
        raise unpaid
    async with _honest(wire):
        fresh = first_leaf < source.records  # who lacks leaves lacks all chunks
        if fresh:
            _look_whether(source)
        await wire.write_object("delivery", records=source.records)
        first = 0

        async def leaves() -> None:
            nonlocal first
            await _send_leaves(wire, source, first_leaf)
            first = _start(await wire.read_object(wait=WORK_SECONDS), source)
            if first < chunk_count(source.records):
                _look_whether(source)

        if not fresh:
            await leaves()
        away = chunk_count(source.records) - first >= worker.LEAST_CHUNKS
        start = partial(worker.hands, away, _SLOTS, *sealer_of(source))
        async with errands(start, leaves if fresh else nothing) as hands:
            for index in range(await hands.call("chunks"), first):
                await hands.call("seal", index, 0)  # a restart lost some: make them again
            await _send_chunks(wire, source, hands, first, sent, direct)
            root = await hands.call("root")
            await wire.write_object("end", root=root.hex())  # while the process ends
    # The buyer compares, and ends the stream when it has what it needs.
    if await wire.read(wait=WORK_SECONDS) is not None:
        raise PeerError("The buyer said something after the end.")


async def _send_chunks(
    wire: Wire,
    source: Source,
    hands: Errands,
    first: int,
    sent: Callable[[int, int], None],
    direct: Direct | None,
) -> None:
    """All chunks from ``first``. When a line is lost the session carries on at the chunk."""
    chunks = chunk_count(source.records)
    offered_at = first - LINE_AGAIN_CHUNKS
    while True:
        way = None
        if direct is not None and first < chunks and first - offered_at >= LINE_AGAIN_CHUNKS:
            way, offered_at = Way(direct, new_offer(direct.ours())), first
        # After a lost line the session has its turn until another one may be offered.
        until = chunks if direct is None or way else min(chunks, offered_at + LINE_AGAIN_CHUNKS)
        first = await _Sending(wire, source, hands, first, until, sent, way).run()
        if first == chunks:
            return


@dataclass(frozen=True, slots=True)
class _Sealed:
    """A chunk that has a slot of the window until it was sent: ``sealing`` brings its size and its
    name."""

    index: int
    slot: int
    sealing: Errand


class _Sending:
    """The chunks of one delivery under way: sealed ahead, sent, and counted when acknowledged."""

    def __init__(
        self,
        wire: Wire,
        source: Source,
        hands: Errands,
        first: int,
        until: int,
        sent: Callable[[int, int], None],
        way: Way | None,
    ) -> None:
        self._wire = wire
        self._source = source
        self._hands = hands
        self._next = first  # to be sealed
        self._until = until
        self._sealed = deque[_Sealed]()
        self._begun = first  # named, or on their way over the session
        self._going = deque[Errand]()  # on their way over the line
        self._sent = first
        self._stored = first
        self._way = way
        self._named = False  # a chunk was named whose body takes the line
        self._asked = False  # to dial
        self._lost = False  # the buyer has: everything from `_stored` is to be sent again
        self._moved = trio.lowlevel.ParkingLot()
        self._meter = Meter(sent)
        self._failures: list[P2PError] = []
        self._nursery: trio.Nursery | None = None

    async def run(self) -> int:
        """How many chunks are acknowledged: all, or fewer when the buyer has lost the line.

        Raises the first thing that went wrong.
        """
        try:
            for slot in range(_SLOTS):
                self._seal_next(slot)
            async with trio.open_nursery() as self._nursery:

                async def step(work: Callable[[], Awaitable[None]]) -> None:
                    try:
                        await work()
                    except P2PError as error:
                        self._failures.append(error)
                        nursery.cancel_scope.cancel()

                nursery = self._nursery
                nursery.start_soon(step, self._send)
                nursery.start_soon(step, self._count)
        finally:
            if self._way is not None:
                self._way.close()
        if self._failures:
            raise self._failures[0]
        return self._stored

    def _seal_next(self, slot: int) -> None:
        """Have the next chunk sealed there, after all that was asked before."""
        if self._next < self._until:
            sealing = self._hands.ask("seal", self._next, slot)
            self._sealed.append(_Sealed(self._next, slot, sealing))
            self._next += 1

    async def _send(self) -> None:
        if self._way is not None:
            await self._offer(self._way)
        failure: P2PError | None = None
        while self._sealed and failure is None:
            ready, failure = await self._ready()
            if self._lost:
                return
            line = self._line()
            if line is None:
                for each in ready:
                    await self._by_session(*each)
            elif ready:
                await self._name(line, ready)
            await self._all_went(wait=False)
        await self._all_went(wait=True)
        if failure is not None and not self._lost:
            raise failure

    def _line(self) -> Line | None:
        return None if self._way is None else self._way.line

    async def _ready(self) -> tuple[list[tuple[_Sealed, int, bytes]], P2PError | None]:
        """The next chunks that go together, sealed, with their sizes and names, and what stops the
        one behind them. One by one over the session, and where a limit is to be kept."""
        while self._begun - self._stored >= CHUNKS_UNACKNOWLEDGED and not self._lost:
            await self._moved.park()
        together = 1 if self._line() is None or self._wire.writing.limit else CHUNKS_TOGETHER
        credit = CHUNKS_UNACKNOWLEDGED - (self._begun - self._stored)
        ready: list[tuple[_Sealed, int, bytes]] = []
        last = min(together, max(credit, 1), len(self._sealed)) - 1
        await self._sealed[last].sealing.done()
        for _ in range(last + 1):
            if self._lost:
                break
            try:
                size, name = await self._sealed[0].sealing.answer()
                _look_whether(self._source)
            except P2PError as error:
                return ready, error
            ready.append((self._sealed.popleft(), size, name))
        return ready, None

    async def _all_went(self, *, wait: bool) -> None:
        """Look what has become of the bodies on their way over the line; or of those of which it is
        known. Where one did not go, the buyer finds out and says where to go on."""
        while self._going and (wait or self._going[0].settled) and not self._lost:
            if await self._going.popleft().answer():
                self._sent += 1
                self._meter.show(self._sent, self._stored)
                continue
            line = self._line()
            if line is not None:
                line.close()
            while not self._lost and self._stored < self._until:
                await self._moved.park()

    async def _offer(self, way: Way) -> None:
        """Say how there can be a line, and wait for it a moment. It may still come later."""
        way.expect()
        await self._wire.write_object(
            "direct", secret=way.offer.secret.hex(), addresses=list(way.offer.addresses)
        )
        with trio.move_on_after(LINE_WAIT_SECONDS):
            await way.settled.wait()

    async def _by_session(self, sealed: _Sealed, size: int, _: bytes) -> None:
        self._begun += 1
        body = self._hands.window[sealed.slot * CHUNK_BYTES :][:size]
        await self._wire.write(CHUNK + sealed.index.to_bytes(4, "big"), body)
        self._seal_next(sealed.slot)
        self._sent += 1
        self._meter.show(self._sent, self._stored)

    async def _name(self, line: Line, ready: list[tuple[_Sealed, int, bytes]]) -> None:
        self._named = True
        self._begun += len(ready)
        await self._wire.write_each(
            [NAMED + sealed.index.to_bytes(4, "big") + name for sealed, _, name in ready]
        )
        line.hand_to(self._hands, CHUNK_SECONDS)  # a buyer may have a limit
        for sealed, size, _ in ready:
            self._going.append(await self._by_line(line, sealed, size))

    async def _by_line(self, line: Line, sealed: _Sealed, size: int) -> Errand:
        """Have the body sent: what has become of the last of its pieces."""
        at, throttle = 0, self._wire.writing
        while True:
            piece = at_once(size - at, throttle)
            sending = self._hands.ask("send", sealed.index, sealed.slot, at, piece)
            at += piece
            if at == size:
                self._seal_next(sealed.slot)  # so that nobody waits for us in between
            elif not await sending.answer():
                return sending
            await throttle.wait(piece)
            if at == size:
                return sending

    async def _count(self) -> None:
        self._meter.show(self._sent, self._stored, last=True)
        while self._stored < self._until and not self._lost:
            body = await self._wire.read(OFFER_BYTES, wait=CHUNK_SECONDS)
            if body is None:
                raise Unreachable("The buyer stopped fetching. It can go on at any time.")
            if body[:1] == b"{":
                self._dial(parse(body))
                continue
            number = int.from_bytes(body[1:], "big")
            if len(body) != _STORED_BYTES or body[:1] not in (STORED, LOST):
                raise PeerError("The buyer sent something else than an acknowledgement.")
            if body[:1] == LOST:
                self._lose(number)
                continue
            if not self._stored < number <= self._begun:
                raise PeerError("The buyer acknowledged a chunk that was not sent.")
            self._stored = number
            self._moved.unpark_all()
            self._meter.show(max(self._sent, number), number, last=number == self._until)
        if self._way is not None:
            self._way.close()

    def _dial(self, asked: dict[str, Any]) -> None:
        """The buyer cannot dial us: dial it."""
        if self._way is None or self._asked or self._nursery is None:
            raise PeerError("The buyer asked for a direct connection that was not offered.")
        if asked["type"] != "dial" or asked.keys() != {"v", "type", "addresses"}:
            raise PeerError("The buyer sent something else than an acknowledgement.")
        self._asked = True
        self._nursery.start_soon(self._way.dial, read_addresses(asked), True)

    def _lose(self, number: int) -> None:
        if not self._named or not self._stored <= number <= self._begun:
            raise PeerError("The buyer lost a direct connection that there was not.")
        self._stored = number
        self._lost = True
        if self._way is not None:
            self._way.close()
        self._moved.unpark_all()


def _start(asked: dict[str, Any], source: Source) -> int:
    chunk = asked.get("chunk")
    if asked["type"] != "start" or asked.keys() != {"v", "type", "chunk"}:
        raise PeerError("The buyer did not start the delivery.")
    if type(chunk) is not int or not 0 <= chunk <= chunk_count(source.records):
        raise PeerError("The buyer wants to start at a chunk that does not exist.")
    return chunk


def _look_whether(source: Source) -> None:
    """Between two frames: NotNow if this side has put the delivery off."""
    put_off = source.put_off()
    if put_off is not None:
        raise put_off


async def _send_leaves(wire: Wire, source: Source, first_leaf: int) -> None:
    most = LEAVES_BYTES // LEAF
    for first in range(first_leaf, source.records, most):
        count = min(most, source.records - first)
        _look_whether(source)
        leaves = await trio.to_thread.run_sync(read_leaves, source.leaves_path, first, count)
        await wire.write(LEAVES, leaves)


@asynccontextmanager
async def _honest(wire: Wire) -> AsyncIterator[None]:
    """Tell the buyer when we put the delivery off, or when our own files, disk or process stop it;
    no local path is told."""
    try:
        yield
    except NotNow as error:
        await wire.refuse(error)  # if that fails: a reset, no clean end
        raise
    except Interrupted:
        await wire.refuse(
            Unreachable("The owner's computer was interrupted. It will be tried again.")
        )
        raise
    except ContentError as error:
        with suppress(Unreachable):
            if isinstance(error, ContentChanged):
                # Not for good: whoever was refused for good would never ask again.
                await wire.refuse(
                    Unreachable(
                        "The owner's files are no longer those that were registered. "
                        "The delivery can go on once the owner has put them back."
                    )
                )
            else:
                await wire.refuse(
                    Unreachable("The owner's disk stops the delivery. It will be tried again.")
                )
        raise
