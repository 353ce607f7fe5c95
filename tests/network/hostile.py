"""Hostile peers in a process of their own: ``python -m tests.network.hostile FIRST COUNT SIZE``.

Peer number i, of FIRST … FIRST + COUNT − 1, commits the sin i modulo their number, over and over,
from an address of its own (127.0.2.i). The process prints the addresses of its owners that lie,
reads the address to besiege, and prints ``all`` when every peer has sinned once. When its standard
input ends it prints how often each began and how often it was shown out.
"""

import hashlib
import json
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import trio

from p2p import delivery, negotiation, strangers
from p2p.carriers import Upgrader, ask_for, read_address
from p2p.errors import P2PError
from p2p.host import Peer
from p2p.identity import peer_id_of, say_hello
from p2p.limits import WINDOW_BYTES
from p2p.messages import encode
from p2p.wire import Wire
from p2p.yamux import Stream, Yamux
from tests.network.side import dataset, said
from tests.p2p.people import Person, on_line, text

SINS_ORDER: Final = b"h" * 32
"""An order whose buyers are all hostile."""
STAY_SECONDS: Final = 5.0  # then the same again
SYN, FIN, RST = 1, 4, 8
PIECE: Final = bytes(65_000)


def frame(kind: int, flags: int, stream: int, length: int, body: bytes = b"") -> bytes:
    return struct.pack("!BBHII", 0, kind, flags, stream, length) + body


class Raw:
    """A secured connection that is written to as one likes."""

    def __init__(self, session: object) -> None:
        self._session = session

    async def write(self, data: bytes) -> None:
        await self._session.write(data)  # type: ignore[attr-defined]


class Hostile:
    """One peer; ``began`` and ``shown_out`` count its attempts and those the other side ended."""

    def __init__(self, number: int, target: str) -> None:
        self.name = f"hostile {number}"
        self.number = number
        self.source = f"127.0.2.{number + 1}"
        self.seed = hashlib.sha256(self.name.encode()).digest()
        place = read_address(target)
        assert place is not None
        self.place, self.victim = place, target.rpartition("/")[2]
        self.began = self.shown_out = 0
        self.turn = 0
        self.at_work = trio.Event()

    @property
    def sin(self) -> "Sin":
        return SINS[self.number % len(SINS)]

    async def run(self) -> None:
        while True:
            self.began += 1
            with trio.move_on_after(STAY_SECONDS) as stayed:
                with suppress(Exception):  # whatever the other side's answer is
                    await self.sin(self)
            self.shown_out += not stayed.cancelled_caught
            self.turn += 1
            self.at_work.set()
            await trio.sleep(0.02)

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[trio.SocketStream]:
        stream = await trio.open_tcp_stream(
            self.place.host, self.place.port, local_address=self.source
        )
        try:
            yield stream
        finally:
            await trio.aclose_forcefully(stream)

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[Raw]:
        """Inside Noise, before anything is said; what comes back is read and not heeded."""
        async with self.socket() as socket, trio.open_nursery() as nursery:
            _, session = await Upgrader(self.seed).upgrade(socket, self.victim)

            async def heed_nothing() -> None:
                while await session.read(None):
                    pass

            nursery.start_soon(heed_nothing)
            yield Raw(session)
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def stream(self, protocol: str, times: int = 1) -> AsyncIterator[list[Stream]]:
        """Streams of an honest session, with no word said."""
        async with self.socket() as socket, trio.open_nursery() as nursery:
            _, session = await Upgrader(self.seed).upgrade(socket, self.victim)
            muxer = Yamux(session, True, _no_answer)
            nursery.start_soon(muxer.run)
            opened = [await muxer.open() for _ in range(times)]
            for stream in opened:
                await ask_for(stream, protocol)
            yield opened
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def introduced(self, protocol: str, times: int = 1) -> AsyncIterator[list[Wire]]:
        """Streams after both hellos."""
        async with self.stream(protocol, times) as streams:
            wires = [Wire(stream) for stream in streams]
            for wire in wires:
                await say_hello(wire, self.binding(), self.victim, _believe)
            yield wires

    def binding(self) -> bytes:
        return f"{self.name}:{peer_id_of(self.seed)}".encode()


Sin = Callable[[Hostile], Awaitable[None]]


async def _no_answer(stream: Stream) -> None:
    stream.reset()


def _believe(binding: bytes, peer_id: str) -> Peer:
    return Peer("", peer_id, bytes(32))


async def flow_control_ignored(peer: Hostile) -> None:
    """Data beyond every credit, on a stream that takes none of it away."""
    async with peer.raw() as raw:
        asked = b"".join(
            bytes([len(line)]) + line
            for line in (b"/multistream/1.0.0\n", strangers.PING.encode() + b"\n")
        )
        await raw.write(frame(1, SYN, 1, 0) + frame(0, 0, 1, len(asked), asked))
        while True:
            await raw.write(frame(0, 0, 1, len(PIECE), PIECE[:100]) + PIECE[100:])


async def impossible_lengths(peer: Hostile) -> None:
    """2^63 in each place that has room for it, 2^32 − 1 where there is less."""
    match peer.turn % 5:
        case 0:
            async with peer.raw() as raw:
                await raw.write(frame(1, SYN, 1, 0) + frame(0, 0, 1, 2**32 - 1, PIECE))
                await trio.sleep_forever()
        case 1:
            async with peer.socket() as socket:
                await socket.send_all(strangers.varint(2**63) + PIECE)
                await socket.receive_some()
                await trio.sleep(1)
        case 2:
            async with peer.introduced(negotiation.PROTOCOL) as (wire,):
                await wire._stream.write(b"\xff\xff\xff\xff" + PIECE)
                await wire.read()
        case 3:
            async with peer.introduced(delivery.PROTOCOL) as (wire,):
                await wire.write_object("fetch", order=SINS_ORDER.hex(), leaves=2**53 - 1)
                while await wire.read():
                    pass
        case _:
            async with peer.introduced(delivery.PROTOCOL) as (wire,):
                leaves = b'{"leaves":9223372036854775808,"order":"' + b"68" * 32
                await wire.write(leaves + b'","type":"fetch","v":1}')
                await wire.read()


async def stream_flood(peer: Hostile) -> None:
    async with peer.raw() as raw:
        number = 1
        while True:
            rush = b""
            for _ in range(1000):
                rush += frame(1, SYN, number, 0) + frame(1, RST, number, 0)
                number += 2
            await raw.write(rush)


async def slow_writers(peer: Hostile) -> None:
    """A frame on each of sixteen streams, a byte at a time."""
    async with peer.introduced(negotiation.PROTOCOL, 16) as wires:
        for wire in wires:
            await wire._stream.write((60_000).to_bytes(4, "big") + PIECE[:50_000])
        while True:
            for wire in wires:
                await wire._stream.write(b"{")
                await trio.sleep(0.05)


async def false_numbers(peer: Hostile) -> None:
    """A buyer that acknowledges, loses and starts at what never was."""
    async with peer.introduced(delivery.DIRECT_PROTOCOL) as (wire,):
        await wire.write_object("fetch", order=SINS_ORDER.hex(), leaves=0)
        await wire.write_object("start", chunk=(0, 2**31, 0)[peer.turn % 3])
        await wire.write((delivery.STORED, delivery.LOST)[peer.turn % 2] + b"\xff\xff\xff\xff")
        while await wire.read():
            pass


async def replays(peer: Hostile) -> None:
    """Bytes of an earlier session; another peer's binding; one message without end."""
    match peer.turn % 3:
        case 0:
            async with peer.socket() as socket:
                tap = _Tap(socket)
                with suppress(P2PError):
                    await Upgrader(peer.seed).upgrade(tap, peer.victim)
            for _ in range(5):
                async with peer.socket() as socket:
                    await socket.send_all(bytes(tap.sent))
                    while await socket.receive_some():
                        pass
        case 1:
            async with peer.stream(negotiation.PROTOCOL) as (stream,):
                other = hashlib.sha256(b"ben").digest()
                binding = f"ben:{peer_id_of(other)}".encode()
                await say_hello(Wire(stream), binding, peer.victim, _believe)
        case _:
            async with peer.introduced(negotiation.PROTOCOL) as (wire,):
                message = encode(text("the same again"))
                while True:
                    await wire.write(message)
                    await wire.read_object()


async def handshakes(peer: Hostile) -> None:
    """Connections that never become one, as fast as they are ended."""
    asked = b"\x13/multistream/1.0.0\n\x07/noise\n"
    garbage = (b"GET / HTTP/1.1\r\n\r\n" * 50, asked + PIECE, asked + b"\x00\x20" + PIECE)
    async with peer.socket() as socket:
        await socket.send_all(garbage[peer.turn % len(garbage)])
        while await socket.receive_some():
            pass


async def frames_without_end(peer: Hostile) -> None:
    """Pings, pongs, credit and empty data: the frames that cost their sender least."""
    small = (frame(2, SYN, 0, 1), frame(2, 2, 0, 1), frame(1, 0, 1, 1), frame(0, 0, 1, 0))
    async with peer.raw() as raw:
        await raw.write(frame(1, SYN, 1, 0))
        times = (1, 5000)[peer.turn % 2]  # one frame in a Noise message, or as many as go in
        while True:
            for one in small:
                await raw.write(one * times)


async def filled_windows(peer: Hostile) -> None:
    """As many bytes as there is credit for, on all streams, for a protocol that reads few."""
    async with peer.stream(strangers.PING, 16) as streams, trio.open_nursery() as nursery:
        for stream in streams:
            nursery.start_soon(stream.write, bytes(2 * WINDOW_BYTES))


async def deaf(peer: Hostile) -> None:
    """Asks for a delivery and many answers, and reads nothing from its socket."""
    async with peer.socket() as socket:
        _, session = await Upgrader(peer.seed).upgrade(socket, peer.victim)
        while True:
            await session.write(frame(2, SYN, 0, 1) * 100)
            await trio.sleep(0.01)


SINS: Final[tuple[Sin, ...]] = (
    flow_control_ignored,
    impossible_lengths,
    stream_flood,
    slow_writers,
    false_numbers,
    replays,
    handshakes,
    frames_without_end,
    filled_windows,
    deaf,
)


class _Tap(trio.abc.Stream):
    """A stream whose sent bytes are kept."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self._stream = stream
        self.sent = bytearray()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        return await self._stream.receive_some(max_bytes)

    async def aclose(self) -> None:
        await self._stream.aclose()


async def main(first: int, count: int, size: int) -> None:
    """SIZE: of the data the liars deliver, which is not what their buyers expect."""
    liars = [Person(f"liar {number}") for number in range(first, first + 2)]
    made = dataset(size)
    for liar in liars:
        liar.sources[SINS_ORDER] = made.source()
    async with on_line(*liars), trio.open_nursery() as nursery:
        said(json.dumps([liar.addresses[0] for liar in liars]))
        target = (await trio.to_thread.run_sync(sys.stdin.readline)).strip()
        peers = [Hostile(number, target) for number in range(first, first + count)]
        for peer in peers:
            nursery.start_soon(peer.run)
        for peer in peers:
            await peer.at_work.wait()
        said("all")
        await trio.to_thread.run_sync(sys.stdin.read)
        did = {f"{p.sin.__name__} {p.number}": (p.began, p.shown_out) for p in peers}
        said(json.dumps(did))
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    Path("data.bin").unlink(missing_ok=True)
    trio.run(main, *(int(argument) for argument in sys.argv[1:4]))
