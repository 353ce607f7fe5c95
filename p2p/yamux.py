"""Yamux (the multiplexer libp2p speaks as ``/yamux/1.0.0``), with bounds that hold.

Source: https://github.com/hashicorp/yamux/blob/master/spec.md. The wire format is the library's;
this session differs where a peer could hurt us: the receive window is enforced, inbound streams
are counted, writers wait for credit as long as the peer shows signs of life, silence ends the
session, and a broken connection never looks like a clean end of a stream.

One task writes to the secured connection. Streams hand it whole frames, so a cancelled writer
leaves at worst an unfinished stream and never half a frame on the connection.
"""

import struct
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

import trio

from p2p.buffers import Buffer
from p2p.errors import PeerError, Unreachable
from p2p.limits import (
    ASKED_BURST_BYTES,
    ASKED_PER_SECOND,
    BULK_BYTES,
    CONTROL_FRAMES,
    FRAME_COST_BYTES,
    HELLO_SECONDS,
    NOISE_BYTES,
    OPENINGS_BURST,
    OPENINGS_PER_SECOND,
    PARTING_BYTES,
    PING_SECONDS,
    SILENCE_SECONDS,
    STREAMS_ALWAYS,
    STREAMS_PER_CONNECTION,
    UNASKED_BURST_BYTES,
    UNASKED_PER_SECOND,
    WINDOW_BYTES,
    YAMUX_FRAME_BYTES,
)
from p2p.pace import Pace
from p2p.unread import Unread

PROTOCOL: Final = "/yamux/1.0.0"
_HEADER: Final = struct.Struct("!BBHII")  # version, type, flags, stream, length
_DATA, _WINDOW, _PING, _GO_AWAY = range(4)
_SYN, _ACK, _FIN, _RST = 1, 2, 4, 8
_JOINED_BYTES: Final = 4096
_GRANT_BYTES: Final = 256 * 1024
_GRANT_SECONDS: Final = 0.5
_JOINED: Final = 32
_LOOK_BYTES: Final = 32 * FRAME_COST_BYTES
_LOST: Final = "The connection to the peer broke off. It will be tried again."


class Session(Protocol):
    """A secured, ordered connection. ``read(None)`` returns what is there, at least one byte."""

    async def read(self, n: int | None = None) -> bytes: ...

    async def write(self, *parts: Buffer) -> None:
        """All of the parts, one behind the other; they may change from when it first waits."""

    async def close(self) -> None: ...


class _Said:
    """A frame of data that waits for its turn, and whoever says it with it."""

    __slots__ = ("data", "header", "settled", "taken")

    def __init__(self, header: bytes, data: memoryview) -> None:
        self.header = header
        self.data = data
        self.taken = False
        self.settled = trio.Event()

    def take(self) -> tuple[bytes, memoryview]:
        """It goes out now; who has said it goes on when this has been written, or waits."""
        self.taken = True
        self.settled.set()
        return self.header, self.data


class Stream:
    """One ordered, bounded, two-way stream of a session."""

    def __init__(self, muxer: "Yamux", number: int, asked: bool) -> None:
        """asked: it is we who opened it."""
        self.number = number
        self.asked = asked
        self.protocol = ""  # once it is agreed on
        self._muxer = muxer
        self._pieces: deque[bytes | memoryview] = deque()
        self._window = WINDOW_BYTES
        self._receive_credit = WINDOW_BYTES
        self._send_credit = WINDOW_BYTES
        self._consumed = 0
        self._granted = 0.0  # when
        self._wider = 0  # lent by the host's stock of wide windows
        self.lent = False  # by its stock of streams
        self._ended = False  # the peer has sent everything
        self._finished = False  # we have sent everything
        self._broken = ""
        self._arrived = trio.lowlevel.ParkingLot()
        self._credited = trio.lowlevel.ParkingLot()

    async def read(self, n: int) -> bytes | memoryview:
        """1 to ``n`` bytes, or none at the peer's clean end. Raises Unreachable if it broke."""
        while not self._pieces:
            if self._ended:
                return b""
            if self._broken:
                raise Unreachable(self._broken)
            await self._arrived.park()
        piece = self._pieces.popleft()
        if len(piece) > n:
            self._pieces.appendleft(_alone(piece[n:]))
            piece = piece[:n]
        self._consumed += len(piece)
        if not self.asked:
            self._muxer.held(-len(piece))
        if self._consumed >= min(self._window // 2, _GRANT_BYTES) and not self._ended:
            # Soon, so that a writer is not kept waiting by a reader who reads slowly on purpose;
            # but a wide window in steps that are worth a message to one who reads fast.
            now = trio.current_time()
            if self._consumed >= self._window // 8 or now >= self._granted + _GRANT_SECONDS:
                self._grant(self._consumed)
                self._consumed = 0
                self._granted = now
        return piece

    async def write(self, data: bytes | memoryview) -> None:
        """All of ``data``: when it returns, it is as good as in the socket. Raises Unreachable if
        the stream broke."""
        view = memoryview(data)
        if not view:
            await trio.lowlevel.checkpoint()
        while view:
            if self._broken or self._finished:
                await trio.lowlevel.checkpoint()
                raise Unreachable(self._broken or _LOST)
            if self._send_credit == 0:
                await self._credited.park()
                continue
            size = min(len(view), self._send_credit, YAMUX_FRAME_BYTES)
            said = _Said(_HEADER.pack(0, _DATA, 0, self.number, size), view[:size])
            self._send_credit -= size
            try:
                await self._muxer.say(said)
            finally:
                self._send_credit += 0 if said.taken else size
            view = view[size:]

    def finish(self) -> None:
        """Say that nothing more will be written; reading goes on."""
        if not self._finished and not self._broken:
            self._finished = True
            self._muxer.send(_HEADER.pack(0, _WINDOW, _FIN, self.number, 0))
            self._forget_if_done()

    def reset(self) -> None:
        """End both directions at once. On a stream that is already over nothing is sent; what
        nobody has read of it is let go."""
        self._let_go()
        if self._muxer.forget(self, 0 if self._ended else self._receive_credit):
            self._muxer.send(_HEADER.pack(0, _WINDOW, _RST, self.number, 0))
            self.lose(_LOST)

    async def part(self) -> None:
        """End our side of a finished exchange and wait for the peer to end its own.

        What it said before it heard of the end (a buyer's acknowledgements) is read over, or the
        reset would overtake our last word; one that talks on is not listened to.
        """
        self.finish()
        left = PARTING_BYTES
        with trio.move_on_after(HELLO_SECONDS), suppress(Unreachable):
            while left and (piece := await self.read(left)):
                left -= len(piece)

    def widen(self, window: int) -> None:
        """Let the peer have up to ``window`` unread bytes under way, for bulk reading; fewer where
        the host has lent out all it lends."""
        if window > self._window and not self._ended and not self._broken:
            wider = self._muxer.unread.widen(window - self._window)
            self._wider += wider
            if wider:
                self._grant(wider)
                self._window += wider

    def narrow(self) -> None:
        """The stream is over: give the wider window back."""
        self._muxer.unread.give_back(self._wider)
        self._wider = 0

    def _grant(self, more: int) -> None:
        self._receive_credit += more
        self._muxer.send(_HEADER.pack(0, _WINDOW, 0, self.number, more))

    def _forget_if_done(self) -> None:
        if self._ended and self._finished:
            self._muxer.forget(self)

    def _let_go(self) -> None:
        if not self.asked:
            self._muxer.held(-sum(len(piece) for piece in self._pieces))
            self._pieces.clear()

    # What the session tells its streams.

    def expects(self, size: int) -> bool:
        """Take ``size`` announced bytes off the peer's credit; False if it has too little."""
        self._receive_credit -= size
        return self._receive_credit >= 0

    def arrived(self, piece: memoryview) -> None:
        added = len(piece)
        kept: bytes | memoryview = piece
        # Small pieces are joined: a window full of single bytes must not cost 40 times its size.
        if self._pieces and len(self._pieces[-1]) + added <= _JOINED_BYTES:
            kept = b"".join((self._pieces.pop(), piece))
        else:
            kept = _alone(piece)
        self._pieces.append(kept)
        self._arrived.unpark_all()
        if not self.asked:
            self._muxer.held(added)

    def credited(self, more: int) -> None:
        self._send_credit = min(self._send_credit + more, 2**32 - 1)
        self._credited.unpark_all()

    def ended(self) -> None:
        self._ended = True
        self._arrived.unpark_all()
        self._forget_if_done()

    def lose(self, reason: str) -> None:
        self._broken = reason
        self._let_go()
        self._arrived.unpark_all()
        self._credited.unpark_all()


def _alone(piece: bytes | memoryview) -> bytes | memoryview:
    """As it is, or a copy where it would keep a message in memory of which much is not counted."""
    if isinstance(piece, memoryview) and 8 * len(piece) < 7 * memoryview(piece.obj).nbytes:
        return bytes(piece)
    return piece


class Yamux:
    """A multiplexed session. ``run`` drives it until either side or the caller ends it."""

    def __init__(
        self,
        session: Session,
        initiator: bool,
        accepted: Callable[[Stream], Awaitable[None]],
        *,
        unread: Unread | None = None,
        ping_seconds: float = PING_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """unread: the sum over all sessions of the host; None where this is the only one."""
        self.unread = unread or Unread()
        self._session = session
        self._accepted = accepted
        self._ping_seconds = ping_seconds
        self._silence_seconds = silence_seconds
        self._parity = 1 if initiator else 0
        self._next = 1 if initiator else 2
        self._streams: dict[int, Stream] = {}
        self._places = trio.Semaphore(STREAMS_PER_CONNECTION)
        self._outgoing: deque[bytes | _Said] = deque()
        self._answers = 0  # of those, frames that nobody waits for
        self._to_send = trio.lowlevel.ParkingLot()
        self._header = bytearray()
        self._into: Stream | None = None
        self._body = 0
        self._flags_after = 0
        self._stray = 0  # bytes that may still come for streams we have reset
        self._asked_cost = self._cost = self._openings = 0
        self._haste: Pace | None = None
        self._waiting = False
        self._heard = 0.0
        self._scope: trio.CancelScope | None = None
        self._nursery: trio.Nursery | None = None
        self._over = False
        self.fault = False  # the peer broke the protocol, or was a burden: that is what ended it

    @property
    def usable(self) -> bool:
        """Whether new streams can be opened."""
        return not self._over

    @property
    def idle(self) -> bool:
        """Whether nothing is said on any stream."""
        return not self._streams

    async def run(self) -> None:
        """Read, write and ping until the session is over. Never raises what a peer caused."""
        self._heard = trio.current_time()
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                self._scope = nursery.cancel_scope
                if self._over:
                    return
                nursery.start_soon(self._write_frames)
                nursery.start_soon(self._ping)
                await self._read_frames()
        finally:
            self._end()
            with trio.CancelScope(shield=True), trio.move_on_after(1):
                await self._session.close()

    def close(self) -> None:
        """End the session and every stream of it."""
        self._end()

    async def open(self) -> Stream:
        """A new stream, as soon as fewer than the agreed number are open. Raises Unreachable."""
        await self._places.acquire()
        if self._over:
            self._places.release()
            raise Unreachable(_LOST)
        stream = Stream(self, self._next, True)
        self._next += 2
        self._streams[stream.number] = stream
        self.send(_HEADER.pack(0, _WINDOW, _SYN, stream.number, 0))
        return stream

    # What streams ask of the session.

    def held(self, more: int) -> None:
        """So many unread bytes more, or fewer, in streams the other side opened."""
        if more and not self._over:
            self.unread.add(self._evict, more)

    def send(self, frame: bytes) -> None:
        """A frame without data, in its turn."""
        if self._over:
            return
        if self._answers >= CONTROL_FRAMES:
            self._evict()  # the peer makes us owe answers and reads none
            return
        self._answers += 1
        self._outgoing.append(frame)
        self._to_send.unpark_all()

    async def say(self, said: "_Said") -> None:
        """A frame with data, in its turn. Cancelled, all of it is said or nothing. Unreachable."""
        if not self._over:
            self._outgoing.append(said)
            self._to_send.unpark_all()
            try:
                await said.settled.wait()
            except trio.Cancelled:
                with suppress(ValueError):  # on its way already
                    self._outgoing.remove(said)
                raise
        if not said.taken:
            raise Unreachable(_LOST)

    def forget(self, stream: Stream, stray: int = 0) -> bool:
        """Drop a stream that is over; False if it was already dropped.

        ``stray``: the bytes the peer may have sent before it hears of it.
        """
        if self._streams.get(stream.number) is not stream:
            return False
        self._stray += stray
        del self._streams[stream.number]
        stream.narrow()
        if stream.lent:
            self.unread.stream_over()
        if stream.number % 2 == self._parity:
            self._places.release()
        return True

    # The three tasks.

    async def _write_frames(self) -> None:
        try:
            while True:
                while not self._outgoing:
                    await self._to_send.park()
                # Together: a message of Noise costs more than what answers say, and a call of the
                # system as much as many bytes.
                parts: list[Buffer] = []
                size = 0
                while self._outgoing and len(parts) < _JOINED and size < YAMUX_FRAME_BYTES:
                    frame = self._outgoing.popleft()
                    if isinstance(frame, _Said):
                        parts += frame.take()
                        size += len(frame.data)
                        if self._haste is not None:  # who gets data has to answer
                            self._haste.give_back(
                                FRAME_COST_BYTES * -(-len(frame.data) // NOISE_BYTES)
                            )
                    else:
                        self._answers -= 1
                        parts.append(frame)
                await self._session.write(*parts)
        except Exception:  # the library has no common root for a connection that is gone
            self._end()

    async def _ping(self) -> None:
        number = 0
        due = self._heard + self._ping_seconds
        while True:
            now = trio.current_time()
            if now >= self._heard + self._silence_seconds:
                self.fault |= self._waiting  # it is we who read no more, of all it says
                self._end()
            if now >= due:
                due = now + self._ping_seconds
                number = (number + 1) % 2**32
                self.send(_HEADER.pack(0, _PING, _SYN, 0, number))
            await trio.sleep_until(min(due, self._heard + self._silence_seconds))

    async def _read_frames(self) -> None:
        self._haste = haste = Pace(UNASKED_BURST_BYTES, UNASKED_PER_SECOND)
        asked = Pace(ASKED_BURST_BYTES, ASKED_PER_SECOND)
        openings = Pace(OPENINGS_BURST, OPENINGS_PER_SECOND)
        try:
            while not self._over:
                data = memoryview(await self._session.read(None))
                self._heard = trio.current_time()
                small = len(data) < BULK_BYTES  # its Noise costs as much as a frame
                while data and not self._over:
                    into = self._into if self._body else None
                    data = self._feed(data)
                    if small and not self._cost and not self._asked_cost:
                        if into is not None and into.asked:
                            self._asked_cost = FRAME_COST_BYTES
                        else:
                            self._cost = FRAME_COST_BYTES
                    self._waiting = True
                    for pace, cost in (
                        (haste, self._cost),
                        (asked, self._asked_cost),
                        (openings, self._openings),
                    ):
                        if cost:
                            await pace.wait(cost)
                    self._waiting = False
                    self._asked_cost = self._cost = self._openings = 0
        except PeerError:
            self.fault = True
        except Exception:  # a broken connection, or forged bytes inside it
            pass
        self._end()

    def _feed(self, data: memoryview) -> memoryview:
        """Take the next bytes of the session apart; what is left when so much has come that it
        is time to look whether the peer is in haste. Raises PeerError."""
        while data and not self._over and self._cost < _LOOK_BYTES and not self._openings:
            if self._body:
                take = min(self._body, len(data))
                if self._into is not None:
                    self._into.arrived(data[:take])
                self._body -= take
                data = data[take:]
                if not self._body:
                    self._apply(self._into, self._flags_after)
                continue
            take = min(_HEADER.size - len(self._header), len(data))
            self._header += data[:take]
            data = data[take:]
            if len(self._header) == _HEADER.size:
                version, kind, flags, number, length = _HEADER.unpack(self._header)
                self._header.clear()
                if version != 0:
                    raise PeerError("The peer does not speak yamux version 0.")
                self._frame(kind, flags, number, length)
        return data

    def _frame(self, kind: int, flags: int, number: int, length: int) -> None:
        known = self._streams.get(number)
        if known is not None and known.asked:
            self._asked_cost += FRAME_COST_BYTES
        elif known is None or kind != _DATA or length < BULK_BYTES:
            self._cost += FRAME_COST_BYTES
        if kind == _PING:
            if flags & _SYN:
                self.send(_HEADER.pack(0, _PING, _ACK, 0, length))
        elif kind == _GO_AWAY:
            self._end()
        elif kind in (_DATA, _WINDOW):
            if flags & _SYN:
                self._opened(number)
            stream = self._streams.get(number)
            if kind == _WINDOW:
                if stream is not None:
                    stream.credited(length)
                self._apply(stream, flags)
                return
            if not (stream.expects(length) if stream is not None else self._strays(length)):
                raise PeerError("The peer sends more than it was given credit for.")
            self._into, self._body, self._flags_after = stream, length, flags
            if not length:
                self._apply(stream, flags)
        else:
            raise PeerError("The peer sends unknown yamux frames.")

    def _strays(self, length: int) -> bool:
        """Whether bytes for a stream that is over were under way: they are read over."""
        self._stray -= length
        self._asked_cost += length
        return self._stray >= 0

    def _opened(self, number: int) -> None:
        self._openings += 1
        if number == 0 or number % 2 == self._parity or number in self._streams:
            raise PeerError("The peer opens a stream it may not open.")
        inbound = sum(1 for known in self._streams if known % 2 != self._parity)
        more = inbound >= STREAMS_ALWAYS
        if inbound >= STREAMS_PER_CONNECTION or (more and not self.unread.lend_stream()):
            self.send(_HEADER.pack(0, _WINDOW, _RST, number, 0))
            self._stray += WINDOW_BYTES
            return
        stream = Stream(self, number, False)
        stream.lent = more
        self._streams[number] = stream
        self.send(_HEADER.pack(0, _WINDOW, _ACK, number, 0))
        if self._nursery is not None:
            self._nursery.start_soon(self._accepted, stream)

    def _apply(self, stream: Stream | None, flags: int) -> None:
        if stream is None:
            return
        if flags & _RST:
            self.forget(stream)
            stream.lose("The peer ended the exchange.")
        elif flags & _FIN:
            stream.ended()

    def _evict(self) -> None:
        self.fault = True
        self._end()

    def _end(self) -> None:
        if self._over:
            return
        self._over = True
        self.unread.forget(self._evict)
        for stream in list(self._streams.values()):
            self.forget(stream)
            stream.lose(_LOST)
        for frame in self._outgoing:
            if isinstance(frame, _Said):
                frame.settled.set()
        self._outgoing.clear()
        # Whoever waits for a place finds the session over and passes the place on.
        self._places.release()
        if self._scope is not None:
            self._scope.cancel()
