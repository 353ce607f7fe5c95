"""Circuit relay v2, the messages: how a peer is asked for, offered and reached through a relay.

Whoever cannot be dialled keeps a *reservation* with a relay (``hop`` protocol, RESERVE). Who wants
to reach it asks the relay for it (``hop``, CONNECT), the relay asks it (``stop``, CONNECT), and
from then on the two streams are one byte stream, on which the ends run Noise and Yamux as on a
socket: a relay sees sizes and times. Source:
https://github.com/libp2p/specs/blob/master/relay/circuit-v2.md; the messages' encoding is the
library's, their bounds, time limits and order are here.
"""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import trio
from libp2p.peer.id import ID
from libp2p.relay.circuit_v2.pb.circuit_pb2 import (
    HopMessage,
    Limit,
    PeerId,
    Reservation,
    Status,
    StopMessage,
)

from p2p import multiaddrs, protobuf
from p2p.carriers import Address, read_address
from p2p.errors import PeerError, Unreachable
from p2p.limits import (
    ADDRESSES,
    CIRCUIT_LEAST_BYTES,
    CIRCUIT_MESSAGE_BYTES,
    CIRCUIT_WINDOW_BYTES,
    RESERVATION_LEAST_SECONDS,
    RESERVATION_SECONDS,
)
from p2p.protobuf import varint
from p2p.wire import ByteStream
from p2p.yamux import Stream

HOP: Final = "/libp2p/circuit/relay/0.2.0/hop"
STOP: Final = "/libp2p/circuit/relay/0.2.0/stop"
_MARK: Final = "/p2p-circuit"
_P2P, _CIRCUIT = 0x01A5, 0x0122  # multicodec numbers
_PIECE: Final = 65536
_PEER_ID_BYTES: Final = 38  # the identity multihash of an ed25519 key, the only kind we dial

_Message = TypeVar("_Message", HopMessage, StopMessage)

REASONS: Final = {
    Status.RESERVATION_REFUSED: "The relay has no free place now.",
    Status.RESOURCE_LIMIT_EXCEEDED: "The relay is busy: one of its limits is reached.",
    Status.PERMISSION_DENIED: "The relay does not serve this peer.",
    Status.CONNECTION_FAILED: "The relay could not reach the other side.",
    Status.NO_RESERVATION: "The other side is not at this relay.",
}


@dataclass(frozen=True, slots=True)
class Circuit:
    """A way through a relay: where the relay listens, and its peer id."""

    relay: Address
    relay_id: str

    def multiaddr(self, peer_id: str = "") -> str:
        """``/ip4/…/tcp/…/p2p/RELAY/p2p-circuit``, and ``/p2p/PEER`` where one is named."""
        return self.relay.multiaddr(self.relay_id) + _MARK + (f"/p2p/{peer_id}" if peer_id else "")


def read_circuit(text: str, peer_id: str = "") -> Circuit | None:
    """A multiaddr with ``/p2p-circuit``; None for anything else, as `carriers.read_address`."""
    head, mark, tail = text.partition(_MARK)
    circuit = read_relay(head) if mark else None
    named = tail.removeprefix("/p2p/")
    if circuit is None or (tail and named == tail) or "/" in named:
        return None
    return None if peer_id and named not in ("", peer_id) else circuit


def read_relay(text: str) -> Circuit | None:
    """A relay's own multiaddr, which has to name its peer id; None for anything else."""
    address = read_address(text)
    relay_id = text.rpartition("/p2p/")[2] if "/p2p/" in text else ""
    if address is None or not address.port or not is_peer_id(relay_id):
        return None
    return Circuit(address, relay_id)


def is_peer_id(text: str) -> bool:
    """Whether it is the base58 peer id of an ed25519 key."""
    try:
        raw = ID.from_base58(text).to_bytes() if len(text) <= 64 else b""
    except ValueError:
        return False
    return len(raw) == _PEER_ID_BYTES and ID(raw).to_base58() == text


def usable_circuits(texts: Sequence[str], peer_id: str, own_id: str) -> list[Circuit]:
    """The circuits among ``texts`` by which ``own_id`` can reach ``peer_id``, at most ADDRESSES."""
    if not is_peer_id(peer_id):
        return []
    found = (read_circuit(text, peer_id) for text in texts)
    others = (c for c in found if c is not None and c.relay_id not in (peer_id, own_id))
    return list(dict.fromkeys(others))[:ADDRESSES]


class CircuitStream(trio.abc.Stream):
    """A stream through a relay, as a byte stream that can be secured like a socket."""

    def __init__(self, stream: Stream) -> None:
        stream.widen(CIRCUIT_WINDOW_BYTES)
        self._stream = stream

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        with _as_broken():
            await self._stream.write(memoryview(data))

    async def wait_send_all_might_not_block(self) -> None:
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        with _as_broken():
            return bytes(await self._stream.read(max_bytes or _PIECE))

    async def aclose(self) -> None:
        self._stream.reset()
        await trio.lowlevel.checkpoint()


# What a client says to a relay, on a stream for HOP.


async def reserve(stream: ByteStream) -> float:
    """Ask for a place; for how many seconds it was given. Raises PeerError, Unreachable."""
    await _write(stream, HopMessage(type=HopMessage.RESERVE))
    answer = await _read(stream, HopMessage)
    _check_hop(answer)
    seconds = answer.reservation.expire - time.time()
    return min(max(seconds, RESERVATION_LEAST_SECONDS), RESERVATION_SECONDS)


async def connect(stream: ByteStream, peer_id: str) -> None:
    """Ask for a peer; the stream leads to it afterwards. Raises PeerError, Unreachable."""
    peer = PeerId(id=ID.from_base58(peer_id).to_bytes())
    await _write(stream, HopMessage(type=HopMessage.CONNECT, peer=peer))
    _check_hop(await _read(stream, HopMessage))


async def called_by(stream: ByteStream) -> str:
    """The peer id that a relay says is calling, on a stream for STOP. Raises PeerError,
    Unreachable."""
    asked = await _read(stream, StopMessage)
    if asked.type != StopMessage.CONNECT:
        await answer_call(stream, Status.UNEXPECTED_MESSAGE)
        raise PeerError("The relay says something that is not a call.")
    return _peer_id(asked.peer)


async def answer_call(stream: ByteStream, status: "Status.ValueType") -> None:
    """Take the call (OK) or not; after OK the stream leads to the caller."""
    await _write(stream, StopMessage(type=StopMessage.STATUS, status=status))


# What a relay says.


async def asked_for(stream: ByteStream) -> str:
    """Read a request on a stream for HOP: the id of the peer to connect to, or nothing where a
    place is wanted. Raises PeerError (who asked was told), Unreachable."""
    try:
        message = await _read(stream, HopMessage)
        if message.type == HopMessage.RESERVE and message.HasField("type"):
            return ""
        if message.type == HopMessage.CONNECT:
            return _peer_id(message.peer)
        raise PeerError("The peer asks a relay for nothing a relay does.")
    except PeerError:
        await refuse(stream, Status.MALFORMED_MESSAGE)
        raise


async def refuse(stream: ByteStream, status: "Status.ValueType") -> None:
    """Say no, on a stream for HOP."""
    await _write(stream, HopMessage(type=HopMessage.STATUS, status=status))


async def give_place(
    stream: ByteStream, relay: Sequence[Circuit], seconds: int, limit: tuple[int, int]
) -> None:
    """Grant a reservation. relay: where it is reached. limit: (seconds, bytes each way) of one
    circuit, 0 for none."""
    addresses = [_binary(each.relay, each.relay_id) for each in relay[:ADDRESSES]]
    reservation = Reservation(expire=int(time.time()) + seconds, addrs=addresses)
    answer = HopMessage(type=HopMessage.STATUS, status=Status.OK, reservation=reservation)
    await _write(stream, _limited(answer, limit))


async def say_connected(stream: ByteStream, limit: tuple[int, int]) -> None:
    """The circuit stands: from here on the stream leads to the other peer."""
    await _write(stream, _limited(HopMessage(type=HopMessage.STATUS, status=Status.OK), limit))


async def call(stream: ByteStream, peer_id: str, limit: tuple[int, int]) -> None:
    """Offer a caller to the peer behind a stream for STOP. Raises PeerError, Unreachable if it does
    not want it."""
    caller = PeerId(id=ID.from_base58(peer_id).to_bytes())
    await _write(stream, _limited(StopMessage(type=StopMessage.CONNECT, peer=caller), limit))
    answer = await _read(stream, StopMessage)
    _check(answer.type == StopMessage.STATUS, answer.status)


def to_bytes(address: str, peer_id: str) -> bytes | None:
    """A peer's multiaddr, direct or through a relay, in bytes; None for any other."""
    direct, through = read_address(address, peer_id), read_circuit(address, peer_id)
    if direct is not None:
        return _binary(direct, peer_id)
    if through is None:
        return None
    return _binary(through.relay, through.relay_id) + varint(_CIRCUIT) + _named(peer_id)


def _binary(address: Address, peer_id: str) -> bytes:
    """``/…/tcp/…/p2p/…`` in bytes."""
    return multiaddrs.encode(address) + _named(peer_id)


def _named(peer_id: str) -> bytes:
    raw = ID.from_base58(peer_id).to_bytes()
    return varint(_P2P) + varint(len(raw)) + raw


def _limited(message: _Message, limit: tuple[int, int]) -> _Message:
    seconds, size = limit
    if seconds or size:
        message.limit.CopyFrom(Limit(duration=seconds, data=size))
    return message


def _peer_id(peer: PeerId) -> str:
    if len(peer.id) != _PEER_ID_BYTES:
        raise PeerError("A peer id of this kind is not known here.")
    return ID(peer.id).to_base58()


def _check_hop(answer: HopMessage) -> None:
    _check(answer.type == HopMessage.STATUS, answer.status)
    if 0 < answer.limit.data < CIRCUIT_LEAST_BYTES:
        raise Unreachable("The relay carries too little for a delivery.")


def _check(is_status: bool, status: "Status.ValueType") -> None:
    """Unreachable for every answer but OK: another relay, or a later moment, may do."""
    if not is_status:
        raise PeerError("The relay's answer is not an answer.")
    if status != Status.OK:
        raise Unreachable(REASONS.get(status, f"The relay refused with the number {status}."))


async def _write(stream: ByteStream, message: HopMessage | StopMessage) -> None:
    await protobuf.write(stream, message.SerializeToString())


async def _read(stream: ByteStream, kind: type[_Message]) -> _Message:
    return await protobuf.read_message(stream, kind, CIRCUIT_MESSAGE_BYTES)


@contextlib.contextmanager
def _as_broken() -> Iterator[None]:
    try:
        yield
    except Unreachable as error:
        raise trio.BrokenResourceError from error
