"""Peers that mean harm, each with a way of its own, again and again until they are stopped.

``python -m tests.network.hostile ADDRESS`` sends all of them against one host, each from another
loopback address, so that each has the place an address is given.
"""

import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from itertools import count

import trio
from libp2p.abc import ISecureConn

from p2p import delivery, negotiation, strangers
from p2p.carriers import Address, Upgrader, ask_for, read_address
from p2p.limits import MESSAGE_BYTES, PING_BYTES, WINDOW_BYTES
from p2p.messages import encode
from p2p.wire import Wire
from p2p.yamux import Stream, Yamux
from tests.network.trade import THEIRS
from tests.p2p.people import text
from tests.p2p.test_yamux import RST, SYN, frame

DATA, WINDOW, PING, GO_AWAY = range(4)
HELLO_THERE = b"\x13/multistream/1.0.0\n"
TALK = b"\x0f/lading/talk/1\n"
HUGE = b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f"  # 2^63 − 1 as multistream writes lengths
WAIT = 0.05  # seconds between two attempts of one peer, and between two drops of a dribble


class Attacker:
    """One hostile peer: its key, where it comes from and whom it is after."""

    def __init__(self, number: int, target: Address, peer_id: str) -> None:
        self.name = f"hostile{number}"
        self.target = target
        self.peer_id = peer_id
        self.source = f"127.0.1.{number + 1}"
        self.upgrader = Upgrader(sha256(self.name.encode()).digest())

    async def dial(self) -> trio.SocketStream:
        return await trio.open_tcp_stream(
            self.target.host, self.target.port, local_address=self.source
        )

    @asynccontextmanager
    async def secured(self) -> AsyncIterator[ISecureConn]:
        """A session after Noise, on which any bytes can be said in place of yamux."""
        stream = await self.dial()
        try:
            _, session = await self.upgrader.upgrade(stream, self.peer_id)
            yield session
        finally:
            await trio.aclose_forcefully(stream)

    @asynccontextmanager
    async def muxed(self) -> AsyncIterator[Yamux]:
        async def refuse(stream: Stream) -> None:
            stream.reset()

        async with self.secured() as session, trio.open_nursery() as nursery:
            muxer = Yamux(session, True, refuse)
            nursery.start_soon(muxer.run)
            yield muxer
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def stream(self, protocol: str) -> AsyncIterator[Stream]:
        async with self.muxed() as muxer:
            stream = await muxer.open()
            await ask_for(stream, protocol)
            yield stream

    @asynccontextmanager
    async def introduced(self, protocol: str) -> AsyncIterator[tuple[Stream, Wire]]:
        """A stream after both hellos: this peer has an identity that is accepted."""
        async with self.stream(protocol) as stream:
            wire = Wire(stream)
            binding = f"{self.name}:{self.upgrader.peer_id}".encode()
            await wire.write_object("hello", binding=binding.hex())
            await wire.read_object()
            yield stream, wire


Way = Callable[[Attacker], Awaitable[None]]


def raw(first: bytes, again: bytes = b"", wait: float = 0.0) -> Way:
    """Bytes on the bare socket, then more for ever, or silence."""

    async def way(me: Attacker) -> None:
        async with await me.dial() as stream:
            await stream.send_all(first)
            while again:
                await stream.send_all(again)
                await trio.sleep(wait)
            await trio.sleep_forever()

    return way


def frames(first: bytes, again: Callable[[int], bytes] | None = None) -> Way:
    """Yamux frames after Noise; ``again`` makes more of them, from a number that counts."""

    async def way(me: Attacker) -> None:
        async with me.secured() as session:
            await session.write(first)
            for number in count():
                if again is None:
                    await trio.sleep_forever()
                else:
                    await session.write(again(number))

    return way


def says(protocol: str, first: bytes, again: bytes = b"", wait: float = 0.0) -> Way:
    """Bytes on a stream, in place of a hello."""

    async def way(me: Attacker) -> None:
        async with me.stream(protocol) as stream:
            await stream.write(first)
            while again:
                await stream.write(again)
                await trio.sleep(wait)
            await trio.sleep_forever()

    return way


def after_hello(protocol: str, first: bytes, again: bytes = b"", wait: float = 0.0) -> Way:
    """Bytes on a stream after both have introduced themselves."""

    async def way(me: Attacker) -> None:
        async with me.introduced(protocol) as (stream, _):
            await stream.write(first)
            while again:
                await stream.write(again)
                await trio.sleep(wait)
            await trio.sleep_forever()

    return way


def framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


async def handshakes(me: Attacker) -> None:
    while True:
        async with me.secured():
            pass


async def replayed_handshake(me: Attacker) -> None:
    """What the other side answered is sent back to it as if it were new."""
    async with await me.dial() as stream:
        await stream.send_all(HELLO_THERE + b"\x07/noise\n\x00\x20" + bytes(range(32)))
        heard = await stream.receive_some(4096)
        while heard:
            await stream.send_all(heard)
            heard = await stream.receive_some(4096)


async def spoilt_cipher(me: Attacker) -> None:
    stream = await me.dial()
    async with stream:
        await me.upgrader.upgrade(stream, me.peer_id)
        await stream.send_all(b"\xff\xff" + bytes(65535))


async def identify_flood(me: Attacker) -> None:
    """Asks on every stream and reads no answer."""
    async with me.muxed() as muxer:
        while True:
            stream = await muxer.open()
            await ask_for(stream, strangers.IDENTIFY)


async def half_open_streams(me: Attacker) -> None:
    async with me.muxed() as muxer:
        for _ in range(16):
            stream = await muxer.open()
            await stream.write(HELLO_THERE[:7])
        await trio.sleep_forever()


async def same_message_again(me: Attacker) -> None:
    message = framed(encode(text("again")))
    async with me.introduced(negotiation.PROTOCOL) as (stream, wire):
        while True:
            await stream.write(message)
            await wire.read_object()


def fetching(*said: bytes, reads: int = 0) -> Way:
    """Fetches a delivery it has paid for, says this and reads slowly or not at all."""

    async def way(me: Attacker) -> None:
        async with me.introduced(delivery.PROTOCOL) as (stream, wire):
            await wire.write_object("fetch", order=THEIRS.hex(), leaves=0)
            for body in said:
                await wire.write(body)
            while reads:
                await stream.read(reads)
                await trio.sleep(WAIT)
            await trio.sleep_forever()

    return way


START = b'{"chunk":0,"type":"start","v":1}'
ODD = 1
WAYS: dict[str, Way] = {
    # before a key is proved
    "silence": raw(b""),
    "HTTP": raw(b"GET / HTTP/1.1\r\n\r\n" * 50),
    "a line of 2^63 bytes": raw(HUGE, bytes(4096)),
    "a line byte by byte": raw(b"", b"\x13", WAIT),
    "half a handshake": raw(HELLO_THERE + b"\x07/noise\n\x00\x20" + bytes(20)),
    "a handshake of 64 KiB": raw(HELLO_THERE + b"\x07/noise\n\xff\xff", bytes(1024)),
    "a replayed handshake": replayed_handshake,
    "handshakes without end": handshakes,
    # after it, frames of the multiplexer
    "a spoilt cipher": spoilt_cipher,
    "empty noise messages": frames(b"", lambda n: b""),
    "no regard for the window": frames(
        frame(WINDOW, SYN, ODD, 0), lambda n: frame(DATA, 0, ODD, 60_000, bytes(60_000))
    ),
    "a frame of 4 GiB": frames(
        frame(WINDOW, SYN, ODD, 0) + frame(DATA, 0, ODD, 2**32 - 1), lambda n: bytes(60_000)
    ),
    "data for no stream": frames(b"", lambda n: frame(DATA, 0, 99, 60_000, bytes(60_000))),
    "4 GiB for no stream": frames(frame(DATA, 0, 99, 2**32 - 1), lambda n: bytes(60_000)),
    "streams without end": frames(b"", lambda n: frame(WINDOW, SYN, 2 * n + 1, 0)),
    "streams opened and reset": frames(
        b"",
        lambda n: b"".join(
            frame(WINDOW, SYN, i, 0) + frame(WINDOW, RST, i, 0)
            for i in range(4000 * n + 1, 4000 * n + 4001, 2)
        ),
    ),
    "pings without end": frames(b"", lambda n: frame(PING, SYN, 0, n) * 4000),
    "credit without end": frames(b"", lambda n: frame(WINDOW, 0, ODD, 2**32 - 1) * 4000),
    "single bytes": frames(
        frame(WINDOW, SYN, ODD, 0), lambda n: frame(DATA, 0, ODD, 1, b"\x13") * 4000
    ),
    "our stream numbers": frames(frame(WINDOW, SYN, 2, 0)),
    "unknown frames": frames(frame(9, 0, ODD, 5, b"12345")),
    "another yamux": frames(b"\x01" + frame(WINDOW, SYN, ODD, 0)[1:]),
    "going away and staying": frames(
        frame(GO_AWAY, 0, 0, 0), lambda n: frame(WINDOW, SYN, 2 * n + 1, 0)
    ),
    "a protocol of 2^63 bytes": frames(
        frame(WINDOW, SYN, ODD, 0) + frame(DATA, 0, ODD, len(HUGE) + 60_000, HUGE + bytes(60_000))
    ),
    "lists of protocols": frames(
        frame(WINDOW, SYN, ODD, 0)
        + frame(DATA, 0, ODD, 20 + 4 * 9000, HELLO_THERE + b"\x03ls\n" * 9000)
    ),
    # on streams, before and after a hello
    "streams half open": half_open_streams,
    "identify unread": identify_flood,
    "libp2p pings unread": says(strangers.PING, b"", bytes(PING_BYTES * 100)),
    "a frame of 4 GiB on a stream": says(negotiation.PROTOCOL, b"\xff" * 4, bytes(60_000)),
    "an empty frame": says(delivery.PROTOCOL, bytes(4)),
    "JSON instead of a hello": says(
        negotiation.PROTOCOL, framed(b'{"a":[' + b"1," * (MESSAGE_BYTES // 2 - 8) + b"1]}")
    ),
    "a hello byte by byte": says(negotiation.PROTOCOL, b"\0\0\x10\0", b"{", WAIT),
    "a false binding": says(
        negotiation.PROTOCOL, framed(b'{"binding":"616e6e61","type":"hello","v":1}')
    ),
    "nested JSON": after_hello(negotiation.PROTOCOL, framed(b'{"a":' * 12_000)),
    "numbers in JSON": after_hello(
        negotiation.PROTOCOL, b"", framed(b'{"a":[' + b"1," * 30_000 + b'1],"v":1}')
    ),
    "messages unread": after_hello(
        negotiation.PROTOCOL, b"", framed(encode(text("unread " * 500)))
    ),
    "the same message again": same_message_again,
    "half a message": after_hello(negotiation.PROTOCOL, b"\0\0\xff\0{"),
    "orders that do not exist": after_hello(
        delivery.PROTOCOL, framed(b'{"order":"%b","type":"manifest","v":1}' % (b"00" * 32))
    ),
    "a delivery unread": fetching(START),
    "a delivery read slowly": fetching(START, reads=100),
    "leaf hashes unread": fetching(),
    "acknowledging too much": fetching(START, delivery.STORED + b"\xff\xff\xff\xff"),
    "starting beyond the end": fetching(b'{"chunk":4294967295,"type":"start","v":1}'),
    "the window of a delivery wide open": frames(
        frame(WINDOW, SYN, ODD, 2**32 - 1 - WINDOW_BYTES), lambda n: frame(WINDOW, 0, ODD, 9) * 999
    ),
}


class Siege:
    """All of ``WAYS`` against one host; ``begun`` counts the attempts of each."""

    def __init__(self, multiaddr: str) -> None:
        address = read_address(multiaddr)
        assert address is not None
        self.target = address
        self.peer_id = multiaddr.rpartition("/")[2]
        self.begun: Counter[str] = Counter()

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            for number, (name, way) in enumerate(WAYS.items()):
                attacker = Attacker(number, self.target, self.peer_id)
                nursery.start_soon(self._again, name, way, attacker)

    async def all_begun(self) -> None:
        while self.begun.keys() != WAYS.keys():
            await trio.sleep(0.01)

    async def _again(self, name: str, way: Way, attacker: Attacker) -> None:
        while True:
            self.begun[name] += 1
            with suppress(Exception):  # shown out: in which words is their own affair
                await way(attacker)
            await trio.sleep(WAIT)


async def _until_killed(multiaddr: str) -> None:
    siege = Siege(multiaddr)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(siege.run)
        await siege.all_begun()
        print(json.dumps(len(WAYS)), flush=True)


if __name__ == "__main__":
    trio.run(_until_killed, sys.argv[1])
