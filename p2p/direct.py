"""A plain TCP connection for sealed chunks, beside the session that says what they are.

The session (``/lading/delivery/2``, inside Noise) carries everything but the bodies of chunks. For
each *line* the owner draws a secret of 32 bytes and says it there; it serves once:

    token  = SHA-256("lading/direct/token" ‖ secret)     whoever dials says it
    answer = SHA-256("lading/direct/answer" ‖ secret)    whoever listens proves that it is the peer
    key    = SHA-256("lading/direct/key" ‖ secret)       hides the chunks on it (`p2p.bodies`)

    dialler → multistream-select /lading/line/2    ← the same    → token    ← answer
    owner → buyer: bodies, one after another

The port is the one the host listens on, and the bounds are those of any connection before its
handshake is over. Lengths follow from the chunks' numbers, and the hash of each comes over the
session: what arrives here is nothing until it agrees with that. The key hides the sealed data from
the network, as Noise does: a complaint makes public what opens it.
"""

import hashlib
import hmac
import secrets
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import trio

from p2p.carriers import LINE, Address, usable_addresses
from p2p.errands import Errands
from p2p.errors import PeerError, Unreachable
from p2p.limits import ADDRESSES, LINE_SECONDS
from p2p.throttle import Brake

_ASKED: Final = b"".join(
    bytes([len(line)]) + line for line in (b"/multistream/1.0.0\n", LINE.encode() + b"\n")
)
_HASH: Final = 32
_LIMITED_PIECE: Final = 262144  # passes a limit at once, at the most
_LIMITED_SECONDS: Final = 1.0  # and at the least after so long the next one does
_LOST: Final = "The direct connection broke off."


@dataclass(frozen=True, slots=True)
class Offer:
    """A line the owner waits for: its secret (32 bytes) and the owner's multiaddrs."""

    secret: bytes
    addresses: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Offer({self.addresses})"

    @property
    def token(self) -> bytes:
        return _derived("token", self.secret)

    @property
    def answer(self) -> bytes:
        return _derived("answer", self.secret)


def new_offer(addresses: Sequence[str]) -> Offer:
    """An offer under a fresh secret."""
    return Offer(secrets.token_bytes(_HASH), tuple(addresses[:ADDRESSES]))


def read_offer(document: dict[str, Any]) -> Offer:
    """What the owner's "direct" frame says. Raises PeerError."""
    secret = document.get("secret")
    if document.keys() != {"v", "type", "secret", "addresses"}:
        raise PeerError("The owner offers a direct connection that is not spoken here.")
    try:
        raw = bytes.fromhex(secret) if isinstance(secret, str) else b""
    except ValueError:
        raw = b""
    if len(raw) != _HASH or raw.hex() != secret:
        raise PeerError("The owner offers a direct connection without a secret.")
    return Offer(raw, read_addresses(document))


def read_addresses(document: dict[str, Any]) -> tuple[str, ...]:
    """The multiaddrs a frame names; what this host cannot dial is left to `dial`. PeerError."""
    texts = document.get("addresses")
    if not isinstance(texts, list) or len(texts) > ADDRESSES:
        raise PeerError("The peer names no addresses.")
    if not all(isinstance(text, str) for text in texts):
        raise PeerError("The peer names something else than addresses.")
    return tuple(texts)


class Line:
    """A direct connection both sides have agreed on. Whoever works on the chunks moves the bodies
    (`p2p.bodies`); this side of it says when it is over."""

    def __init__(self, stream: trio.SocketStream, secret: bytes) -> None:
        with suppress(AttributeError, OSError):  # not every system has it
            # Whoever seals the next chunk meanwhile leaves the system more than one of trio's
            # tasks would: as much as its buffer takes.
            stream.setsockopt(socket.IPPROTO_TCP, trio.socket.TCP_NOTSENT_LOWAT, 0)
        self.socket = socket.socket(fileno=stream.socket.detach())
        self.key = _derived("key", secret)
        """Hides the bodies on it: `p2p.bodies`."""
        self.over = trio.Event()
        self._hands: Errands | None = None

    def hand_to(self, hands: Errands, seconds: float) -> None:
        """Bodies of chunks are moved there from now on, and the line is lost there after so many
        seconds of silence. Once; not if it is over."""
        if self._hands is None and not self.over.is_set():
            try:
                hands.ask("line", self.socket.dup(), self.key, seconds)
            except OSError:  # too many files are open
                self.close()
            self._hands = hands

    async def stay(self) -> None:
        """Return when it is over; cancelled, end it."""
        try:
            await self.over.wait()
        finally:
            self.close()

    def close(self) -> None:
        """End it at once, also for whoever is sending or receiving."""
        if self.over.is_set():
            return
        self.over.set()
        with suppress(OSError):  # the other side was first
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        if self._hands is not None:
            with suppress(Unreachable):
                self._hands.ask("no_line")


class Lines:
    """The lines a host waits for, by token. A token is good for one connection."""

    def __init__(self) -> None:
        self._awaited: dict[bytes, Way] = {}

    def expect(self, way: "Way") -> None:
        self._awaited[way.offer.token] = way

    def forget(self, way: "Way") -> None:
        self._awaited.pop(way.offer.token, None)

    async def welcome(self, stream: trio.SocketStream) -> Line:
        """The line that an inbound connection is whose dialler has asked for one.

        The caller bounds the time. Raises Unreachable for anybody that is not waited for; then the
        stream is closed.
        """
        try:
            way = self._awaited.pop(await _exactly(stream, _HASH), None)
            if way is None:
                raise Unreachable("Nobody waits for this connection.")
            await stream.send_all(way.offer.answer)
        except BaseException as error:
            await trio.aclose_forcefully(stream)
            if isinstance(error, trio.BrokenResourceError):
                raise Unreachable(_LOST) from error
            raise
        line = Line(stream, way.offer.secret)
        way.found(line)
        return line


@dataclass(frozen=True, slots=True)
class Direct:
    """What a delivery needs of its host to have lines.

    ours: our own multiaddrs, asked anew for each line. theirs: those of the peer that are known.
    """

    lines: Lines
    ours: Callable[[], Sequence[str]]
    theirs: tuple[str, ...]
    peer_id: str


class Way:
    """One offer and what comes of it: nothing yet, a ``line``, or none. ``settled`` tells."""

    def __init__(self, direct: Direct, offer: Offer) -> None:
        self.offer = offer
        self.line: Line | None = None
        self.settled = trio.Event()
        self.closed = False
        self._direct = direct
        self._scope = trio.CancelScope()

    def expect(self) -> None:
        """From now on the other side can dial us, once."""
        self._direct.lines.expect(self)

    async def dial(self, addresses: Sequence[str], last: bool = False) -> None:
        """Dial the other side, at these addresses and those that are known.

        last: there will be no line if this fails.
        """
        self._direct.lines.forget(self)
        if self.line is not None:
            return
        with self._scope:
            theirs = (*self._direct.theirs, *addresses)
            line = await dial(theirs, self.offer, self._direct.peer_id)
            if line is not None:
                self.found(line)
            elif last:
                self.settled.set()

    def found(self, line: Line) -> None:
        """There is one. A second is closed."""
        if self.closed or self.line is not None:
            line.close()
            return
        self.line = line
        self.settled.set()

    def close(self) -> None:
        """No line any more, and none that still comes."""
        self.closed = True
        self._direct.lines.forget(self)
        self._scope.cancel()
        if self.line is not None:
            self.line.close()
        self.settled.set()


async def dial(addresses: Sequence[str], offer: Offer, peer_id: str) -> Line | None:
    """A line to whoever waits for one under that offer, at any of these addresses, or None."""
    won: list[Line] = []

    async def attempt(address: Address, race: trio.CancelScope) -> None:
        try:
            stream = await trio.open_tcp_stream(address.host, address.port)
        except (OSError, ValueError):  # ValueError: not a host name
            return
        try:
            await stream.send_all(_ASKED)
            if await _exactly(stream, len(_ASKED)) != _ASKED:
                return
            await stream.send_all(offer.token)
            told = await _exactly(stream, _HASH)
            if not won and hmac.compare_digest(told, offer.answer):
                won.append(Line(stream, offer.secret))
                race.cancel()
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            stream.socket.close()  # a line has taken its socket out

    try:
        async with trio.open_nursery() as race:
            race.cancel_scope.deadline = trio.current_time() + LINE_SECONDS
            for address in usable_addresses(addresses, peer_id):
                race.start_soon(attempt, address, race.cancel_scope)
    except BaseException:
        for line in won:
            line.close()
        raise
    return won[0] if won else None


def at_once(left: int, throttle: Brake) -> int:
    """Bytes that go through at once: a chunk's rest, or where a limit is to be kept to no more than
    pass in a second. So a line of which others have their shares, too, is not silent for so long
    that it is taken for lost."""
    if not throttle.limit:
        return left
    return min(left, _LIMITED_PIECE, max(1, int(throttle.limit * _LIMITED_SECONDS)))


async def _exactly(stream: trio.SocketStream, size: int) -> bytes:
    """The next ``size`` bytes and none beyond them. BrokenResourceError if they do not come."""
    data = b""
    while len(data) < size:
        piece = await stream.receive_some(size - len(data))
        if not piece:
            raise trio.BrokenResourceError
        data += piece
    return data


def _derived(what: str, secret: bytes) -> bytes:
    return hashlib.sha256(b"lading/direct/" + what.encode() + secret).digest()
