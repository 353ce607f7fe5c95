"""Sealed chunks over a TCP connection of their own: used when either side can be dialled, checked
against the session, and given up for the session whenever it does not do."""

import errno
import hashlib
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import trio
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from p2p import bodies, connections, delivery, direct, sealer, sealing, serving, worker
from p2p import spool as spools
from p2p.bodies import Bodies
from p2p.buffers import Buffer
from p2p.carriers import Address
from p2p.content import read_leaves
from p2p.delivery import LEAVES, LOST, NAMED, STORED
from p2p.direct import Direct, Line, Lines, Offer, Way, at_once, dial, new_offer, read_offer
from p2p.errands import Errand, errands
from p2p.errors import (
    Cancelled,
    ContentChanged,
    ContentError,
    P2PError,
    PeerError,
    Unreachable,
)
from p2p.limits import ADDRESSES, CHUNKS_UNACKNOWLEDGED, LINE_SILENCE_SECONDS
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD, Fingerprint, chunk_count
from p2p.spool import Spool
from p2p.storer import Storer
from p2p.throttle import Throttle
from p2p.wire import Wire
from p2p.worker import Hands, Here, Worker
from tests.p2p.conversations import OBJECTS
from tests.p2p.people import Dataset, Person, make_dataset, on_line, text
from tests.p2p.streams import wire_pair
from tests.p2p.test_delivery import DK, ORDER, expected_root, open_spool

PATIENCE = 240  # seconds after which a test has failed
ASKED = b"\x13/multistream/1.0.0\n\x0f/lading/line/2\n"
NOWHERE = "/ip4/127.0.0.1/tcp/1"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first chunk waits for the line as long as it takes, so that a test knows its way."""
    monkeypatch.setattr(serving, "LINE_WAIT_SECONDS", PATIENCE)
    monkeypatch.setattr(delivery, "LINE_SECONDS", PATIENCE)
    monkeypatch.setattr(direct, "LINE_SECONDS", PATIENCE)
    monkeypatch.setattr(delivery, "LINE_SILENCE_SECONDS", PATIENCE)


@pytest.fixture(autouse=True)
def told_why(caplog: pytest.LogCaptureFixture) -> None:
    """Where a test fails because the other side has ended a stream, the report says why it did."""
    caplog.set_level(logging.DEBUG, "p2p")


@pytest.fixture
def by_line(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The chunks that owners have put on lines, in order."""
    sent: list[int] = []
    by_line = serving._Sending._by_line

    async def note(sending: Any, line: Line, sealed: Any, size: int) -> Errand:
        sent.append(sealed.index)
        return await by_line(sending, line, sealed, size)

    monkeypatch.setattr(serving._Sending, "_by_line", note)
    return sent


@pytest.fixture(params=["by the same process", "by processes"])
def hands(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever moves the bodies."""
    if request.param == "by processes":
        monkeypatch.setattr(worker, "LEAST_CHUNKS", 1)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Four chunks, the last one short."""
    return make_dataset(tmp_path, 3_500_000)


@pytest.fixture
def spool(dataset: Dataset, tmp_path: Path) -> Spool:
    return open_spool(dataset, tmp_path)


@dataclass
class Pair:
    """An owner and a buyer who have met, and where each says it can be dialled."""

    owner: Person
    buyer: Person
    spool: Spool

    def owner_at(self, *ports: int) -> None:
        _at(self.owner, *ports)

    def buyer_at(self, *ports: int) -> None:
        _at(self.buyer, *ports)

    async def fetch(self, paused: Callable[[], bool] = lambda: False) -> bytes:
        """Over the connection there is: no address is known but those that are told."""
        return await self.buyer.host.fetch(
            self.owner.peer_id,
            [],
            ORDER,
            self.spool,
            Fingerprint(bytes(32), self.spool.root, self.spool.records, 0),
            progress=lambda stored, of: None,
            paused=paused,
        )


def port_of(person: Person) -> int:
    return int(person.addresses[0].split("/")[4])


def _at(person: Person, *ports: int) -> None:
    """From now on the person says it listens there."""
    listening = tuple(Address("127.0.0.1", port) for port in ports)
    person.host._connections.listening = listening


@asynccontextmanager
async def pair(
    dataset: Dataset, spool: Spool, owner: Person | None = None, buyer: Person | None = None
) -> AsyncIterator[Pair]:
    owner, buyer = owner or Person("anna"), buyer or Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    with trio.fail_after(PATIENCE):
        async with on_line(owner, buyer):
            await owner.say(buyer, text())
            yield Pair(owner, buyer, spool)
            assert not owner.host._lines._awaited
            assert not buyer.host._lines._awaited


@dataclass
class Crook:
    """Between the two sides of a line. ``bodies``: what it makes of all that passes from owner to
    buyer: (bytes so far, piece) → piece; `Cut` is the last piece, and then it is honest. Waits
    for ever at ``stalls_at`` bytes."""

    target: int
    from_dialler: bool = False  # the bodies come from the one who dials
    bodies: Callable[[int, bytes], bytes] = lambda at, piece: piece
    stalls_at: int | None = None
    accepted: int = 0
    seen: bytearray = field(default_factory=bytearray)
    port: int = 0

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = listener.socket.getsockname()[1]
        task_status.started()
        await trio.serve_listeners(self._carry, [listener])

    async def _carry(self, near: trio.SocketStream) -> None:
        self.accepted += 1
        try:
            far = await trio.open_tcp_stream("127.0.0.1", self.target)
            async with near, far, trio.open_nursery() as nursery:
                up, down = (True, False) if self.from_dialler else (False, True)
                nursery.start_soon(self._pump, near, far, up, nursery.cancel_scope)
                nursery.start_soon(self._pump, far, near, down, nursery.cancel_scope)
        except* (OSError, trio.BrokenResourceError, trio.ClosedResourceError):
            pass

    async def _pump(
        self,
        source: trio.SocketStream,
        sink: trio.SocketStream,
        bodies: bool,
        scope: trio.CancelScope,
    ) -> None:
        greeting = len(ASKED) + 32  # asked, token one way; the same, answer the other
        async for piece in source:
            data = bytes(piece)
            before, data = data[:greeting], data[greeting:]
            greeting -= len(before)
            if bodies and data:
                at = len(self.seen)
                self.seen += data
                if self.stalls_at is not None and len(self.seen) > self.stalls_at:
                    await trio.sleep_forever()
                try:
                    data = self.bodies(at, data)
                except Cut as end:
                    self.bodies = lambda at, piece: piece
                    await sink.send_all(before + end.args[0])
                    break
            await sink.send_all(before + data)
        scope.cancel()


class Cut(Exception):
    """These bytes still, and then the end."""


def flipped(place: int) -> Callable[[int, bytes], bytes]:
    def change(at: int, piece: bytes) -> bytes:
        if not at <= place < at + len(piece):
            return piece
        changed = bytearray(piece)
        changed[place - at] ^= 1
        return bytes(changed)

    return change


def cut(place: int) -> Callable[[int, bytes], bytes]:
    def change(at: int, piece: bytes) -> bytes:
        if at + len(piece) > place:
            raise Cut(piece[: place - at])
        return piece

    return change


def longer(place: int) -> Callable[[int, bytes], bytes]:
    def change(at: int, piece: bytes) -> bytes:
        here = at <= place < at + len(piece)
        return piece[: place - at] + b"more" + piece[place - at :] if here else piece

    return change


def shorter(place: int) -> Callable[[int, bytes], bytes]:
    def change(at: int, piece: bytes) -> bytes:
        here = at <= place < at + len(piece)
        return piece[: place - at] + piece[place - at + 4 :] if here else piece

    return change


# Whole deliveries


@pytest.mark.trio
async def test_all_chunks_take_the_line_when_the_owner_can_be_dialled(
    dataset: Dataset, spool: Spool, by_line: list[int]
) -> None:
    async with pair(dataset, spool) as two:
        assert await two.fetch() == expected_root(dataset)
    assert by_line == [0, 1, 2, 3]
    assert two.owner.sent[-1] == (4, 4)


@pytest.mark.trio
@pytest.mark.usefixtures("hands")
async def test_chunks_that_are_ready_are_named_together_within_the_credit(
    tmp_path: Path, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sendings: list[Any] = []
    named: list[tuple[int, int]] = []  # the first one of some that went out together, and how many
    write_each, count = Wire.write_each, serving._Sending._count

    async def note(wire: Wire, bodies: Sequence[bytes]) -> None:
        indices = [int.from_bytes(body[1:5], "big") for body in bodies if body[:1] == NAMED]
        assert indices == list(range(indices[0], indices[0] + len(bodies)))
        named.append((indices[0], len(bodies)))
        (sending,) = sendings
        assert indices[-1] < sending._stored + CHUNKS_UNACKNOWLEDGED
        await write_each(wire, bodies)

    async def counting(sending: Any) -> None:
        sendings.append(sending)
        await count(sending)

    monkeypatch.setattr(Wire, "write_each", note)
    monkeypatch.setattr(serving._Sending, "_count", counting)
    large = make_dataset(tmp_path, 24_000_000)
    spool = open_spool(large, tmp_path)
    async with pair(large, spool) as two:
        assert await two.fetch() == expected_root(large)
    assert by_line == list(range(spool.chunks))
    assert named[0] == (0, 6)
    assert sum(size for _, size in named) == spool.chunks


@pytest.mark.trio
async def test_the_next_chunk_comes_while_one_is_written_and_only_what_is_forced_is_acknowledged(
    dataset: Dataset, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes nothing of chunk 1 until all of chunk 2 has come over the line."""
    monkeypatch.setattr(Here, "ahead", 8)
    came = [threading.Event() for _ in range(spool.chunks)]
    told: list[int] = []  # how many were acknowledged, each time
    told_early: list[int] = []
    safe = [0]  # chunks that were written when the disk was last asked to have all
    receive, write_at, force, write = Bodies.receive, spools._write_at, Spool.force, Wire.write

    def received(end: Bodies, index: int, at: int, place: memoryview) -> bool:
        done = receive(end, index, at, place)
        came[index].set()
        return done

    def slow(path: Path, offset: int, data: Buffer, past: bool = False) -> None:
        if path.name == "ciphertext.0" and offset == CHUNK:
            assert came[2].wait(60)
            told_early.extend(told)
        write_at(path, offset, data, past)

    def forced(this: Spool, chunks: int) -> None:
        whole = -(-(this.folder / "entries").stat().st_size // (CHUNK_RECORDS * LEAF))
        force(this, chunks)
        safe.append(whole)

    async def noted(wire: Wire, *parts: Buffer) -> None:
        if parts[0][:1] == STORED:
            told.append(int.from_bytes(parts[0][1:], "big"))
            assert told[-1] <= safe[-1]
        await write(wire, *parts)

    monkeypatch.setattr(Bodies, "receive", received)
    monkeypatch.setattr(spools, "_write_at", slow)
    monkeypatch.setattr(Spool, "force", forced)
    monkeypatch.setattr(Wire, "write", noted)
    async with pair(dataset, spool) as two:
        assert await two.fetch() == expected_root(dataset)
    assert not [number for number in told_early if number > 1]
    assert told[-1] == 4
    for index in range(4):
        spool.check_evidence(index)  # none was overwritten by the next


@pytest.mark.trio
async def test_a_disk_that_fails_behind_a_chunk_that_came_ends_it_and_it_goes_on_there(
    dataset: Dataset, spool: Spool, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found out when the next one has come already: that one is not stored either."""
    monkeypatch.setattr(Here, "ahead", 8)
    write_at = spools._write_at

    def full(path: Path, offset: int, data: Buffer, past: bool = False) -> None:
        if path.name == "ciphertext.0" and offset == CHUNK:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(path, offset, data, past)

    async with pair(dataset, spool) as two:
        with monkeypatch.context() as patch:
            patch.setattr(spools, "_write_at", full)
            with pytest.raises(ContentError, match="full"):
                await two.fetch()
        assert spool.next_chunk == 1
        assert await two.fetch() == expected_root(dataset)
    assert by_line[-3:] == [1, 2, 3]


@pytest.mark.parametrize("size", [CHUNK, 1000], ids=["another", "cut"])
def test_when_a_chunk_is_told_to_be_lost_all_before_it_are_stored(
    dataset: Dataset, spool: Spool, size: int
) -> None:
    source = dataset.source(DK)
    spool.put_leaves(source.leaves_path.read_bytes())
    sealed = [sealing.seal_chunk(DK, index, source.content.chunk(index)) for index in (0, 1)]
    names = [
        sealing.chunk_name(sealing.delivery_leaves(spool.leaves(index), data))
        for index, data in enumerate(sealed)
    ]
    storer = Storer(memoryview(b""))
    storer.begin(spool)
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as other:
        theirs = socket.create_connection(server.getsockname())
        storer.line(server.accept()[0], bytes(32), PATIENCE)
        with theirs:

            def send() -> None:
                theirs.sendall(veiled(0, sealed[0]) + veiled(1, bytes(size)))
                theirs.shutdown(socket.SHUT_WR)

            sending = other.submit(send)
            assert storer.take(0, 0, CHUNK, names[0]) == 0  # it came, and is being written
            assert storer.take(1, 0, CHUNK, names[1]) is None
            assert spool.next_chunk == 1
            sending.result()
    assert storer.take(1, 0, CHUNK, names[1]) is None
    assert storer.settle() == 1
    assert spool.ciphertext(0) == sealed[0]


@pytest.mark.trio
async def test_a_small_delivery_that_is_cancelled_keeps_the_chunk_that_came_last(
    dataset: Dataset, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was checked, and is being written: nothing is any more when the store is let go."""
    may_write = threading.Event()
    write_at, stored = spools._write_at, Storer.spool

    def slow(path: Path, offset: int, data: Buffer, past: bool = False) -> None:
        if path.name == "ciphertext.0":
            assert may_write.wait(60)
        write_at(path, offset, data, past)

    def asked(storer: Storer) -> Spool:
        may_write.set()
        return stored(storer)

    monkeypatch.setattr(spools, "_write_at", slow)
    monkeypatch.setattr(Storer, "spool", asked)
    source = dataset.source(DK)
    spool.put_leaves(source.leaves_path.read_bytes())
    sealed = sealing.seal_chunk(DK, 0, source.content.chunk(0))
    name = sealing.chunk_name(sealing.delivery_leaves(spool.leaves(0), sealed))
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs, ours = socket.create_connection(server.getsockname()), server.accept()[0]
    try:
        with theirs, trio.CancelScope() as scope:
            async with delivery.storing(spool, False, 1, Storer) as hands:
                await hands.call("line", ours, bytes(32), PATIENCE)
                taking = hands.ask("take", 0, 0, CHUNK, name)
                await trio.to_thread.run_sync(theirs.sendall, veiled(0, sealed))
                assert await taking.answer() == 0
                await hands.call("no_line")
                scope.cancel()
                await trio.lowlevel.checkpoint()
    finally:
        may_write.set()
    assert scope.cancelled_caught
    assert spool.next_chunk == 1
    assert spool.ciphertext(0) == sealed


@pytest.mark.trio
async def test_the_owner_dials_when_it_cannot_be_dialled(
    dataset: Dataset, spool: Spool, by_line: list[int]
) -> None:
    async with pair(dataset, spool) as two:
        two.owner_at(1)
        assert await two.fetch() == expected_root(dataset)
    assert by_line == [0, 1, 2, 3]


@pytest.mark.trio
@pytest.mark.parametrize("ports", [(), (1,)], ids=["no addresses", "closed ports"])
async def test_the_session_carries_all_when_neither_can_be_dialled(
    dataset: Dataset, spool: Spool, by_line: list[int], ports: tuple[int, ...]
) -> None:
    async with pair(dataset, spool) as two:
        two.owner_at(*ports)
        two.buyer_at(*ports)
        assert await two.fetch() == expected_root(dataset)
    assert by_line == []


@pytest.mark.trio
@pytest.mark.parametrize(
    "greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n", ASKED, ASKED + b"x" * 32]
)
async def test_somebody_else_at_the_owners_address_is_not_the_owner(
    dataset: Dataset,
    spool: Spool,
    by_line: list[int],
    greeting: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As with private addresses, which name other machines elsewhere: some never answer."""
    monkeypatch.setattr(direct, "LINE_SECONDS", 0.5)
    heard: list[bytes] = []

    async def stranger(stream: trio.SocketStream) -> None:
        await stream.send_all(greeting)
        heard.append(b"".join([bytes(piece) async for piece in stream]))

    async with pair(dataset, spool) as two, trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, stranger, [listener])
        two.owner_at(listener.socket.getsockname()[1])
        two.buyer_at(1)
        assert await two.fetch() == expected_root(dataset)
        while not heard:
            await trio.sleep(0.01)
        nursery.cancel_scope.cancel()
    assert by_line == []
    assert len(heard[0]) <= len(ASKED) + 32


@pytest.mark.trio
async def test_chunks_do_not_wait_for_a_line_that_takes_long_and_take_it_when_it_comes(
    dataset: Dataset, spool: Spool, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LINE_WAIT_SECONDS", 0)
    monkeypatch.setattr(serving, "CHUNKS_UNACKNOWLEDGED", 1)
    may_dial, is_there = trio.Event(), trio.Event()
    token = trio.lowlevel.current_trio_token()
    real_dial, real_seal, real_found = direct.dial, sealer.Desk.seal, Way.found

    async def late(*arguments: Any) -> Line | None:
        await may_dial.wait()
        return await real_dial(*arguments)

    def found(way: Way, line: Line) -> None:
        real_found(way, line)
        is_there.set()

    def seal(desk: sealer.Desk, index: int, out: memoryview) -> tuple[memoryview, bytes]:
        if index >= 2:
            trio.from_thread.run(is_there.wait, trio_token=token)
        return real_seal(desk, index, out)

    def paused() -> bool:
        if spool.next_chunk:
            may_dial.set()
        return False

    monkeypatch.setattr(direct, "dial", late)
    monkeypatch.setattr(Way, "found", found)
    monkeypatch.setattr(sealer.Desk, "seal", seal)
    async with pair(dataset, spool) as two:
        assert await two.fetch(paused) == expected_root(dataset)
    assert by_line in ([2, 3], [1, 2, 3])


@pytest.mark.trio
@pytest.mark.parametrize(("owners", "buyers"), [(False, True), (True, False), (False, False)])
async def test_a_peer_that_speaks_version_1_only_is_served_and_serves(
    dataset: Dataset, spool: Spool, by_line: list[int], owners: bool, buyers: bool
) -> None:
    owner, buyer = Person("anna", direct=owners), Person("ben", direct=buyers)
    async with pair(dataset, spool, owner, buyer) as two:
        assert await two.fetch() == expected_root(dataset)
        opened = await buyer.host.fetch_manifest(owner.peer_id, [], ORDER, dataset.made.fingerprint)
    assert by_line == []
    assert opened == dataset.made.manifest


@pytest.mark.parametrize("deliveries", [1, 8])
@given(limit=st.integers(100, 10**10), left=st.integers(1, CHUNK))
def test_under_a_limit_that_many_share_no_line_is_silent_until_it_is_lost(
    deliveries: int, limit: int, left: int
) -> None:
    piece = at_once(left, Throttle(limit))
    assert 0 < piece <= left
    assert deliveries * piece / limit < LINE_SILENCE_SECONDS / 1.5


class Noted(Throttle):
    """A limit that keeps nobody waiting and remembers what passed."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.passed: list[int] = []

    async def wait(self, cost: int) -> None:
        self.passed.append(cost)
        await trio.lowlevel.checkpoint()


@pytest.mark.trio
@pytest.mark.parametrize("side", ["uploads", "downloads"])
async def test_pieces_on_a_line_fit_the_limit_of_either_side(
    dataset: Dataset, spool: Spool, by_line: list[int], side: str
) -> None:
    """10 KB a second: a piece of 256 KiB would be followed by half a minute of silence."""
    limit = Noted(10_000)
    slow = {side: limit}
    owner = Person("anna", limits=slow if side == "uploads" else {})
    buyer = Person("ben", limits=slow if side == "downloads" else {})
    async with pair(dataset, spool, owner, buyer) as two:
        assert await two.fetch() == expected_root(dataset)
    assert by_line == [0, 1, 2, 3]
    bodies = [cost for cost in limit.passed if cost <= 10_000]
    assert sum(bodies) >= spool.records * 4096
    leaves = [cost for cost in limit.passed if cost > 10_000]
    assert sum(leaves) < 65_536


@pytest.mark.trio
async def test_a_paused_delivery_goes_on_at_the_chunk_over_another_line(
    dataset: Dataset, spool: Spool, by_line: list[int]
) -> None:
    async with pair(dataset, spool) as two:
        with pytest.raises(Cancelled):
            await two.fetch(lambda: spool.next_chunk == 2)
        assert await two.fetch() == expected_root(dataset)
        assert by_line[-2:] == [2, 3]
        sent = list(by_line)
        assert await two.fetch() == expected_root(dataset)  # nothing is left to be sent
    assert by_line == sent


@pytest.mark.trio
async def test_a_changed_file_stops_a_delivery_over_a_line_as_any_other(
    dataset: Dataset, spool: Spool, by_line: list[int]
) -> None:
    path = dataset.made.source
    data = path.read_bytes()
    path.write_bytes(data[:3_400_000] + b"?" + data[3_400_001:])
    async with pair(dataset, spool) as two:
        with pytest.raises(Unreachable, match="no longer"):
            await two.fetch()
        assert isinstance(two.owner.stopped[0], ContentChanged)
        path.write_bytes(data)
        assert await two.fetch() == expected_root(dataset)


@pytest.mark.trio
async def test_a_line_ends_with_its_session(tmp_path: Path, by_line: list[int]) -> None:
    (tmp_path / "large").mkdir()
    large = make_dataset(tmp_path / "large", 24_000_000)
    spool = open_spool(large, tmp_path)
    async with pair(large, spool) as two:

        def vanish() -> bool:
            if spool.next_chunk == 2:
                two.owner.host.disconnect(two.buyer.peer_id)
            return False

        with pytest.raises(Unreachable):
            await two.fetch(vanish)
        assert 2 <= spool.next_chunk < spool.chunks
        while two.owner.host._connections._inbound_from:  # no socket is left
            await trio.sleep(0.01)
        await two.owner.say(two.buyer, text())
        left = list(range(spool.next_chunk, spool.chunks))
        assert await two.fetch() == expected_root(large)
        assert by_line[-len(left) :] == left


# A line that is spoilt


CHANGES: dict[str, Callable[[int], Callable[[int, bytes], bytes]]] = {
    "flipped": flipped,
    "cut": cut,
    "longer": longer,
    "shorter": shorter,
}


@pytest.mark.trio
@pytest.mark.parametrize("dials", ["buyer", "owner"])
@pytest.mark.parametrize("place", [0, 2 * CHUNK + 70_000, 3_500_000])
@pytest.mark.parametrize("harm", sorted(CHANGES))
async def test_the_session_carries_on_at_the_chunk(
    dataset: Dataset,
    spool: Spool,
    by_line: list[int],
    harm: str,
    place: int,
    dials: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if harm == "shorter":  # the last bytes of all never come
        monkeypatch.setattr(delivery, "LINE_SILENCE_SECONDS", 1)
    async with pair(dataset, spool) as two, trio.open_nursery() as nursery:
        target = two.owner if dials == "buyer" else two.buyer
        crook = Crook(port_of(target), dials == "owner", CHANGES[harm](place))
        await nursery.start(crook.run)
        two.owner_at(crook.port if dials == "buyer" else 1)
        two.buyer_at(crook.port)
        assert await two.fetch() == expected_root(dataset)
        nursery.cancel_scope.cancel()
    assert crook.accepted == 1
    if harm != "shorter":
        assert by_line[: place // CHUNK + 1] == list(range(place // CHUNK + 1))
        assert len(crook.seen) > place
    assert [stored for _, stored in two.owner.sent] == sorted(s for _, s in two.owner.sent)


@pytest.mark.trio
@pytest.mark.usefixtures("hands")
@pytest.mark.parametrize("harm", sorted({*CHANGES} - {"shorter"}))
async def test_nothing_behind_a_spoilt_chunk_is_stored_though_it_was_asked_for_already(
    tmp_path: Path, by_line: list[int], harm: str
) -> None:
    (tmp_path / "large").mkdir()
    large = make_dataset(tmp_path / "large", 12_000_000)
    spool = open_spool(large, tmp_path)
    async with pair(large, spool) as two, trio.open_nursery() as nursery:
        crook = Crook(port_of(two.owner), bodies=CHANGES[harm](4 * CHUNK + 70_000))
        await nursery.start(crook.run)
        two.owner_at(crook.port)
        assert await two.fetch() == expected_root(large)
        nursery.cancel_scope.cancel()
    assert by_line[:5] == [0, 1, 2, 3, 4]
    assert crook.accepted == 1  # the session carries on


@pytest.mark.trio
@pytest.mark.usefixtures("hands")
async def test_a_line_that_falls_silent_is_given_up(
    dataset: Dataset, spool: Spool, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LINE_SILENCE_SECONDS", 0.5)
    async with pair(dataset, spool) as two, trio.open_nursery() as nursery:
        crook = Crook(port_of(two.owner), stalls_at=CHUNK + 100_000)
        await nursery.start(crook.run)
        two.owner_at(crook.port)
        assert await two.fetch() == expected_root(dataset)
        nursery.cancel_scope.cancel()
    assert by_line[:1] == [0]


@pytest.mark.trio
@pytest.mark.usefixtures("hands")
@pytest.mark.parametrize(("again", "lost"), [(2, 5), (4, 0)], ids=["enough", "too soon"])
async def test_a_lost_line_is_followed_by_another_in_due_time(
    again: int, lost: int, tmp_path: Path, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "large").mkdir()
    large = make_dataset(tmp_path / "large", 12_000_000)
    spool = open_spool(large, tmp_path)
    for module in (delivery, serving):
        monkeypatch.setattr(module, "LINE_AGAIN_CHUNKS", again)
    async with pair(large, spool) as two, trio.open_nursery() as nursery:
        crook = Crook(port_of(two.owner), bodies=cut(lost * CHUNK + 70_000))
        await nursery.start(crook.run)
        two.owner_at(crook.port)
        assert await two.fetch() == expected_root(large)
        nursery.cancel_scope.cancel()
    assert crook.accepted == 2
    begins = max(again, lost)
    assert by_line[: lost + 1] == list(range(lost + 1))
    assert by_line[begins - 12 :] == list(range(begins, 12))


class Counted(Throttle):
    """A limit that is never reached; ``costs``: what was asked for at once."""

    def __init__(self) -> None:
        super().__init__(1 << 40)
        self.costs: list[int] = []

    async def wait(self, cost: int) -> None:
        self.costs.append(cost)
        await super().wait(cost)


@pytest.mark.trio
@pytest.mark.usefixtures("hands")
@pytest.mark.parametrize("side", ["uploads", "downloads"])
async def test_all_that_takes_a_line_is_asked_of_the_limit_in_pieces(
    dataset: Dataset, spool: Spool, by_line: list[int], side: str
) -> None:
    throttle = Counted()
    owner = Person("anna", limits={"uploads": throttle} if side == "uploads" else {})
    buyer = Person("ben", limits={"downloads": throttle} if side == "downloads" else {})
    async with pair(dataset, spool, owner, buyer) as two:
        assert await two.fetch() == expected_root(dataset)
    assert by_line == [0, 1, 2, 3]
    assert max(throttle.costs) == CHUNK // 4
    sizes = [len(spool.ciphertext(index)) for index in range(4)]
    wanted = [min(CHUNK // 4, size - at) for size in sizes for at in range(0, size, CHUNK // 4)]
    assert [cost for cost in throttle.costs if cost > 100_000 or cost in wanted] == wanted


@pytest.mark.trio
async def test_a_storing_process_that_is_killed_while_it_waits_for_the_line_is_tried_again(
    dataset: Dataset, spool: Spool, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Worker] = []
    start = Worker.__init__

    def noted(this: Worker, *arguments: Any) -> None:
        start(this, *arguments)
        started.append(this)

    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1)
    monkeypatch.setattr(Worker, "__init__", noted)
    async with pair(dataset, spool) as two, trio.open_nursery() as nursery:
        honest = port_of(two.owner)
        crook = Crook(honest, stalls_at=CHUNK + 100_000)
        await nursery.start(crook.run)
        two.owner_at(crook.port)

        async def kill() -> None:
            while len(crook.seen) <= CHUNK + 100_000:
                await trio.sleep(0.01)
            for each in started:
                os.kill(each.pid, signal.SIGKILL)

        nursery.start_soon(kill)
        with pytest.raises(Unreachable):
            await two.fetch()
        assert spool.next_chunk <= 1
        two.owner_at(honest)
        assert await two.fetch() == expected_root(dataset)
        nursery.cancel_scope.cancel()
    assert len(started) == 4


@pytest.mark.trio
async def test_who_watches_the_line_sees_nothing_that_the_delivery_key_opens(
    dataset: Dataset, spool: Spool, by_line: list[int]
) -> None:
    async with pair(dataset, spool) as two, trio.open_nursery() as nursery:
        crook = Crook(port_of(two.owner))
        await nursery.start(crook.run)
        two.owner_at(crook.port)
        await two.fetch()
        nursery.cancel_scope.cancel()
    sealed = b"".join(spool.ciphertext(index) for index in range(spool.chunks))
    assert len(crook.seen) == len(sealed)
    blocks = range(0, len(sealed), 4096)
    assert not {bytes(crook.seen[at : at + 64]) for at in blocks} & {
        sealed[at : at + 64] for at in blocks
    }


# Strangers at the port


async def call(person: Person) -> trio.SocketStream:
    return await trio.open_tcp_stream("127.0.0.1", port_of(person))


async def until_closed(stream: trio.SocketStream) -> bytes:
    try:
        return b"".join([bytes(piece) async for piece in stream])
    except trio.BrokenResourceError:
        return b""


@pytest.mark.trio
async def test_a_wrong_token_and_a_used_one_are_shown_out(
    dataset: Dataset, spool: Spool, by_line: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    offers: list[Offer] = []
    real = serving.new_offer
    monkeypatch.setattr(
        serving, "new_offer", lambda told: (offers.append(real(told)), offers[-1])[1]
    )
    async with pair(dataset, spool) as two:

        async def say(token: bytes) -> None:
            async with await call(two.owner) as stream:
                await stream.send_all(ASKED)
                await stream.receive_some(len(ASKED))
                await stream.send_all(token)
                assert offers == [] or offers[0].answer not in await until_closed(stream)

        await say(bytes(32))
        assert await two.fetch() == expected_root(dataset)
        await say(offers[0].token)
        await say(offers[0].secret)
    assert by_line == [0, 1, 2, 3]


@pytest.mark.trio
@pytest.mark.parametrize("said", [b"", ASKED[:20], ASKED, ASKED + b"t" * 31])
async def test_who_asks_for_a_line_and_dawdles_is_shown_out(
    said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ben = Person("anna"), Person("ben")
    async with on_line(anna, ben), AsyncExitStack() as closing:
        monkeypatch.setattr(connections, "HANDSHAKE_SECONDS", 0.5)
        callers = [
            await closing.enter_async_context(await call(ben))
            for _ in range(connections.CONNECTIONS_PER_ADDRESS)
        ]
        for stream in callers:
            await stream.send_all(said)
        with trio.fail_after(PATIENCE):
            for stream in callers:
                await until_closed(stream)
            while ben.host._connections._inbound_from:
                await trio.sleep(0.01)
            monkeypatch.setattr(connections, "HANDSHAKE_SECONDS", PATIENCE)
            await anna.say(ben, text())
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_a_delivery_over_a_line_goes_on_while_strangers_take_every_place(
    dataset: Dataset, spool: Spool, by_line: list[int]
) -> None:
    async with pair(dataset, spool) as two, AsyncExitStack() as closing:
        for _ in range(connections.CONNECTIONS_PER_ADDRESS + 5):
            stream = await closing.enter_async_context(await call(two.owner))
            with suppress(trio.BrokenResourceError):
                await stream.send_all(ASKED + b"x" * 31)
        assert await two.fetch() == expected_root(dataset)
    assert by_line in ([], [0, 1, 2, 3])  # the owner dials when it has no place for the buyer


# Peers that break the protocol


def nowhere(lines: Lines | None = None) -> Direct:
    return Direct(lines or Lines(), lambda: (), (), "")


def offered(**changes: object) -> dict[str, object]:
    fields = {"kind": "direct", "secret": "5e" * 32, "addresses": [NOWHERE], **changes}
    return {key: value for key, value in fields.items() if value is not None}


async def scripted(side: Callable[[Wire], Awaitable[object]], answers: list[Any]) -> list[bytes]:
    """Run one side against a peer that sends these frames whatever it is told; what it was told.
    Raises what the side raises."""
    one, other = wire_pair()
    told: list[bytes] = []
    raised: list[P2PError] = []
    async with trio.open_nursery() as nursery:

        async def hear() -> None:
            while (body := await other.read()) is not None:
                told.append(body)

        async def answer() -> None:
            for frame in answers:
                if isinstance(frame, bytes):
                    await other.write(frame)
                else:
                    await other.write_object(**frame)

        nursery.start_soon(hear)
        nursery.start_soon(answer)
        try:
            with trio.fail_after(PATIENCE):
                await side(one)
        except P2PError as error:
            raised.append(error)
        nursery.cancel_scope.cancel()
    if raised:
        raise raised[0]
    return told


def named(index: int, name: bytes = bytes(32)) -> bytes:
    return NAMED + index.to_bytes(4, "big") + name


@pytest.mark.trio
@pytest.mark.parametrize(
    ("frames", "version_2"),
    [
        ([named(0)], False),
        ([named(0)], True),  # without an offer
        ([offered()], False),
        ([offered(), offered()], True),
        ([offered(), named(1)], True),
        ([offered(), named(0, bytes(31))], True),
        ([offered(), named(0, bytes(33))], True),
        ([offered(), named(0), *[named(k) for k in range(1, CHUNKS_UNACKNOWLEDGED + 2)]], True),
        ([offered(secret="5e" * 31)], True),
        ([offered(secret="5E" * 32)], True),
        ([offered(secret=None)], True),
        ([offered(more=1)], True),
        ([offered(addresses=None)], True),
        ([offered(addresses="/ip4/127.0.0.1/tcp/1")], True),
        ([offered(addresses=[7])], True),
        ([offered(addresses=[NOWHERE] * (ADDRESSES + 1))], True),
        ([offered(kind="dial", secret=None)], True),
        ([{"kind": "end", "root": "00" * 32}], True),
    ],
)
async def test_an_owner_that_breaks_the_protocol_of_lines(
    frames: list[Any],
    version_2: bool,
    dataset: Dataset,
    spool: Spool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(delivery, "LINE_SECONDS", 0.1)
    leaves = LEAVES + read_leaves(dataset.leaves_path, 0, spool.records)

    async def fetch(wire: Wire) -> None:
        await delivery.fetch(
            wire,
            ORDER,
            spool,
            progress=lambda a, b: None,
            paused=lambda: False,
            direct=nowhere() if version_2 else None,
        )

    with pytest.raises(PeerError):
        await scripted(fetch, [{"kind": "delivery", "records": spool.records}, leaves, *frames])
    assert spool.next_chunk == 0


@pytest.mark.trio
@pytest.mark.parametrize(
    ("frames", "version_2"),
    [
        ([LOST + bytes(4)], False),
        ([LOST + bytes(4)], True),  # nothing was named
        ([{"kind": "dial", "addresses": []}], False),
        ([{"kind": "dial", "addresses": []}] * 2, True),
        ([{"kind": "dial", "addresses": [NOWHERE] * (ADDRESSES + 1)}], True),
        ([{"kind": "dial", "addresses": [7]}], True),
        ([{"kind": "dial", "addresses": {}}], True),
        ([{"kind": "dial"}], True),
        ([{"kind": "dial", "addresses": [], "more": 1}], True),
        ([offered()], True),
        ([named(0)], True),
        ([STORED + bytes(7)], True),
    ],
)
async def test_a_buyer_that_breaks_the_protocol_of_lines(
    frames: list[Any], version_2: bool, dataset: Dataset
) -> None:
    source = dataset.source(DK)

    async def serve(wire: Wire) -> None:
        await serving.serve(
            wire,
            source,
            source.records,
            lambda a, b: None,
            nowhere() if version_2 else None,
        )

    with pytest.raises(PeerError):
        await scripted(serve, [{"kind": "start", "chunk": 0}, *frames])


@asynccontextmanager
async def by_hand(dataset: Dataset, failures: list[P2PError]) -> AsyncIterator[tuple[Wire, Line]]:
    """A buyer's end of version 2 once it has a line and the first chunk was named on it."""
    source = dataset.source(DK)
    lines = Lines()
    one, other = wire_pair()
    async with trio.open_nursery() as nursery:
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        calls = Direct(lines, lambda: [f"/ip4/127.0.0.1/tcp/{port(listener)}"], (), "")

        async def welcome(stream: trio.SocketStream) -> None:
            await stream.send_all(await direct._exactly(stream, len(ASKED)))
            await (await lines.welcome(stream)).stay()

        async def serve() -> None:
            try:
                await serving.serve(one, source, source.records, lambda a, b: None, calls)
            except PeerError as error:
                failures.append(error)
                nursery.cancel_scope.cancel()

        nursery.start_soon(trio.serve_listeners, welcome, [listener])
        nursery.start_soon(serve)
        await other.read_object()
        await other.write_object("start", chunk=0)
        offer = read_offer(await other.read_object())
        line = await dial(offer.addresses, offer, "")
        assert line is not None
        try:
            assert (await other.read() or b"")[:1] == NAMED
            yield other, line
            nursery.cancel_scope.cancel()
        finally:
            line.close()


@pytest.mark.trio
@pytest.mark.parametrize("number", [21, 20, CHUNKS_UNACKNOWLEDGED + 1, 2**32 - 1])
async def test_a_buyer_cannot_have_lost_what_was_not_named(tmp_path: Path, number: int) -> None:
    """As many are named as may be unacknowledged, and there are more."""
    failures: list[P2PError] = []
    async with by_hand(make_dataset(tmp_path, 20 * CHUNK_RECORDS * PAYLOAD), failures) as (wire, _):
        await wire.write(LOST + number.to_bytes(4, "big"))
        await trio.sleep_forever()
    assert failures


@pytest.mark.trio
async def test_no_more_are_named_than_may_be_unacknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where fewer may be than go together."""
    named: list[int] = []
    write_each, most = Wire.write_each, CHUNKS_UNACKNOWLEDGED

    async def note(wire: Wire, frames: Sequence[bytes]) -> None:
        named.extend(int.from_bytes(frame[1:5], "big") for frame in frames)
        await write_each(wire, frames)

    monkeypatch.setattr(Wire, "write_each", note)
    large = make_dataset(tmp_path, 20 * CHUNK_RECORDS * PAYLOAD)
    chunks = chunk_count(large.source(DK).records)
    async with by_hand(large, []) as (wire, line), trio.open_nursery() as nursery:
        ours = Bodies(line.socket.dup(), line.key, PATIENCE)

        def receive() -> None:
            room = memoryview(bytearray(CHUNK))
            assert all(ours.receive(index, 0, room) for index in range(most + 3))

        nursery.start_soon(trio.to_thread.run_sync, receive)
        for index in range(1, most):
            assert (await wire.read() or b"")[:5] == NAMED + index.to_bytes(4, "big")
        for stored in range(1, 4):
            assert named == list(range(most + stored - 1))
            await wire.write(STORED + stored.to_bytes(4, "big"))
            index = most + stored - 1
            assert (await wire.read() or b"")[:5] == NAMED + index.to_bytes(4, "big")
        assert len(named) == most + 3 < chunks
    ours.close()


@pytest.mark.trio
async def test_a_buyer_that_acknowledges_what_it_has_not_read_holds_nobody_up(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last chunk is still on its way into the line when all are acknowledged."""
    by_line = serving._Sending._by_line

    async def stuck(sending: Any, line: Line, sealed: Any, size: int) -> Errand:
        if sealed.index < 3:
            return await by_line(sending, line, sealed, size)
        await line.over.wait()
        went = Errand(trio.lowlevel.current_trio_token())
        went.settle(False, None)
        return went

    monkeypatch.setattr(serving._Sending, "_by_line", stuck)
    async with by_hand(dataset, []) as (wire, line):
        room = memoryview(bytearray(CHUNK))
        bodies = Bodies(line.socket.dup(), line.key, 60)
        for index in range(3):
            assert await trio.to_thread.run_sync(bodies.receive, index, 0, room)
            assert (await wire.read() or b"")[:1] == NAMED, index
        bodies.close()
        await wire.write(STORED + (4).to_bytes(4, "big"))
        assert (await wire.read_object())["type"] == "end"


def port(listener: trio.SocketListener) -> int:
    return int(listener.socket.getsockname()[1])


# Any bytes


quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(OBJECTS)
@example(b'{"addresses":[],"secret":"%b","type":"direct","v":1}' % (b"5e" * 32))
@example(b'{"addresses":["\xe2\x80\xae"],"secret":"%b","type":"direct","v":1}' % (b"5e" * 32))
@example(b'{"addresses":[[]],"secret":"%b","type":"direct","v":1}' % (b"5e" * 32))
@example(b'{"addresses":[],"secret":["5e"],"type":"direct","v":1}')
def test_any_offer_is_one_or_a_peer_error(body: bytes) -> None:
    document = json.loads(body)
    try:
        offer = read_offer(document)
    except PeerError:
        return
    assert len(offer.secret) == 32
    assert len(offer.addresses) <= ADDRESSES
    assert all(isinstance(address, str) for address in offer.addresses)


@settings(max_examples=40)
@given(st.binary(max_size=100))
@example(b"")
@example(bytes(32))
@example(bytes(31))
def test_any_token_is_the_one_or_the_socket_is_closed(data: bytes) -> None:
    async def run() -> None:
        lines = Lines()
        way = Way(nowhere(lines), Offer(bytes(32), ()))
        way.expect()
        ours, theirs = socket.socketpair()
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
        with theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            with pytest.raises(Unreachable):
                await lines.welcome(stream)
            assert stream.socket.fileno() == -1
            theirs.settimeout(PATIENCE)
            with suppress(ConnectionResetError):
                assert theirs.recv(100) == b""
        assert way.line is None
        way.close()

    trio.run(run)


@settings(max_examples=40)
@given(st.binary(max_size=100))
@example(ASKED)
@example(ASKED + bytes(32))
@example(ASKED + bytes(64))
def test_any_answer_but_the_right_one_is_no_line(data: bytes) -> None:
    async def run() -> None:
        async def listen(stream: trio.SocketStream) -> None:
            await stream.send_all(data)
            await stream.send_eof()
            await until_closed(stream)

        async with trio.open_nursery() as nursery:
            (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(trio.serve_listeners, listen, [listener])
            with trio.fail_after(PATIENCE):
                told = [f"/ip4/127.0.0.1/tcp/{port(listener)}"]
                assert await dial(told, new_offer(told), "") is None
            nursery.cancel_scope.cancel()

    trio.run(run)


def test_what_a_secret_stands_for() -> None:
    offer = Offer(bytes(range(32)), ())
    stands_for = {
        what: hashlib.sha256(f"lading/direct/{what}".encode() + bytes(range(32))).digest()
        for what in ("token", "answer", "key")
    }
    assert (offer.token, offer.answer) == (stands_for["token"], stands_for["answer"])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        made = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
        line = Line(made, offer.secret)
        assert line.key == stands_for["key"]
        line.close()
    assert offer.secret.hex() not in repr(offer)
    assert str(offer.secret) not in repr(offer)


# One end of a line, by itself


class Watched(socket.socket):
    """Calls ``come`` with the bytes that were received so far, each time that some were."""

    come: Callable[[int], Awaitable[None]]
    passed = 0

    def recv_into(self, *arguments: Any) -> int:
        got = super().recv_into(*arguments)
        self.passed += got
        trio.from_thread.run(self.come, self.passed)
        return got


@asynccontextmanager
async def one_end(
    come: Callable[[int], Awaitable[None]], seconds: float = PATIENCE
) -> AsyncIterator[tuple[trio.SocketStream, Bodies, Watched]]:
    """The other end, ours, and our socket. What is received is what was sent: the key is such."""
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    async with listener:
        other = await trio.open_tcp_stream("127.0.0.1", port(listener))
        async with other, await listener.accept() as ours:
            watched = Watched(fileno=ours.socket.detach())
            watched.come = come
            end = Bodies(watched, bytes(32), seconds)
            yield other, end, watched
            end.close()


def veiled(index: int, data: bytes) -> bytes:
    """In plain counter mode: from the second block behind the nonce."""
    first = index.to_bytes(12, "big") + (2).to_bytes(4, "big")
    return Cipher(algorithms.AES(bytes(32)), modes.CTR(first)).encryptor().update(data)


async def nothing(passed: int) -> None:
    pass


@pytest.mark.trio
async def test_a_chunk_that_comes_in_dribbles_is_taken_as_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Far less than is waited for at once: each piece is sent when the one before was taken."""
    monkeypatch.setattr(bodies, "_LOOK_SECONDS", 0.01)
    data = bytes(range(250))
    sent = veiled(3, data)

    async def more(passed: int) -> None:
        await other.send_all(sent[passed : passed + 10])

    async with one_end(more) as (other, end, _):
        room = memoryview(bytearray(len(data)))
        await more(0)
        assert await trio.to_thread.run_sync(end.receive, 3, 0, room)
        assert bytes(room) == data


@pytest.mark.trio
async def test_part_of_a_chunk_and_silence_is_a_lost_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "_LOOK_SECONDS", 0.01)
    async with one_end(nothing, 0.1) as (other, end, watched):
        await other.send_all(bytes(1000))
        room = memoryview(bytearray(CHUNK))
        assert not await trio.to_thread.run_sync(end.receive, 0, 0, room)
        assert watched.passed == 1000
        assert not end.receive(1, 0, room)
        assert not end.send(1, 0, room)
        assert watched.fileno() == -1


@pytest.mark.trio
@pytest.mark.skipif(sys.platform != "linux", reason="the system wakes for any byte there")
async def test_a_chunk_that_is_there_takes_a_few_calls() -> None:
    calls = []

    async def note(passed: int) -> None:
        calls.append(passed)

    data = bytes(range(256)) * 4096
    room = memoryview(bytearray(CHUNK))
    async with one_end(note) as (other, end, _), trio.open_nursery() as nursery:
        for index in range(4):
            calls.clear()
            nursery.start_soon(other.send_all, veiled(index, data))
            assert await trio.to_thread.run_sync(end.receive, index, 0, room)
            assert room == data
        assert len(calls) <= 3  # by then the system's buffer has grown


@pytest.mark.trio
async def test_what_goes_on_a_line_is_veiled_as_gcm_does_it() -> None:
    """Test case 14 of McGrew and Viega, "The Galois/Counter Mode of Operation": a key of 256 zero
    bits, a nonce of 96, a block of zeros."""
    async with one_end(nothing) as (other, end, _):
        assert await trio.to_thread.run_sync(end.send, 0, 0, memoryview(bytearray(16)))
        sent = await direct._exactly(other, 16)
        assert sent.hex() == "cea7403d4d606b6e074ec5d3baf39d18"


@pytest.mark.trio
async def test_pieces_of_a_chunk_are_veiled_as_the_whole_is() -> None:
    data = bytes(range(256)) * 4096
    memory, cuts = memoryview(bytearray(data)), [0, 1, 4321, CHUNK // 2, CHUNK]
    async with one_end(nothing) as (other, end, _), trio.open_nursery() as nursery:

        def send() -> None:
            for at, until in pairwise(cuts):
                assert end.send(7, at, memory[at:until])

        nursery.start_soon(trio.to_thread.run_sync, send)
        assert await direct._exactly(other, CHUNK) == veiled(7, data)


@pytest.mark.trio
@pytest.mark.parametrize("whose", [Here, Worker])
@pytest.mark.parametrize("work", ["receive", "send"])
async def test_a_line_that_is_closed_ends_what_is_done_with_it_elsewhere(
    whose: Callable[..., Hands], work: str, dataset: Dataset
) -> None:
    """It stands in the middle of a chunk, and no time limit is near."""
    job = Storer if work == "receive" else sealer.Sealer
    arguments = [] if work == "receive" else [dataset.source(DK)]
    async with AsyncExitStack() as stack:
        stack.enter_context(trio.fail_after(PATIENCE))
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        await stack.enter_async_context(listener)
        other = await trio.open_tcp_stream("127.0.0.1", port(listener))
        await stack.enter_async_context(other)
        hands = await stack.enter_async_context(errands(partial(whose, CHUNK, job, *arguments)))
        line = Line(await listener.accept(), bytes(32))
        line.hand_to(hands, PATIENCE)
        if work == "receive":
            await other.send_all(bytes(1000))
            moving = hands.ask("receive", 0, 0, CHUNK)
        else:  # more than both systems hold
            moving = [hands.ask("send", 0, 0, 0, CHUNK) for _ in range(64)][-1]
            assert await direct._exactly(other, 1000)
        line.close()
        assert not await moving.answer()
        await until_closed(other)  # the other side is told, too
        line.hand_to(hands, PATIENCE)  # nothing any more
