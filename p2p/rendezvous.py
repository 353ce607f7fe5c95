"""Rendezvous: a peer tells a relay where it is reached, and who knows the peer asks there.

Where a peer is reached stands in a record that it signs (RFC 0003 in an envelope of RFC 0002); the
relay and whoever asks it check the signature, and an older record never takes the place of a newer
one. Each peer has one namespace, its own: nobody registers another, and a relay lists nobody.
Source: https://github.com/libp2p/specs/blob/master/rendezvous/README.md, RFC/0002 and RFC/0003. The
library has the envelope; its messages (0.8.1) are those of an older version that signs nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import trio
from libp2p.crypto.keys import PrivateKey
from libp2p.peer.envelope import consume_envelope, seal_record
from libp2p.peer.id import ID
from libp2p.peer.pb import peer_record_pb2
from libp2p.peer.peer_record import (
    PEER_RECORD_ENVELOPE_DOMAIN,
    PeerRecord,
    addrs_from_protobuf,
)

from p2p import circuit, protobuf
from p2p.errors import PeerError, Unreachable
from p2p.limits import ADDRESSES, RENDEZVOUS_BYTES, RENDEZVOUS_SECONDS
from p2p.protobuf import bytes_of, field, fields, number_of
from p2p.wire import ByteStream

PROTOCOL: Final = "/rendezvous/1.0.0"
_NAMESPACE: Final = "lading/"
# Message types, and the fields that carry them.
REGISTER, REGISTER_RESPONSE, DISCOVER, DISCOVER_RESPONSE = 0, 1, 3, 4
_TYPE, _REGISTER, _REGISTER_RESPONSE, _DISCOVER, _DISCOVER_RESPONSE = 1, 2, 3, 5, 6
_NS, _RECORD, _TTL = 1, 2, 3  # of Register; Discover has a limit in place of the record
_REGISTRATIONS, _DISCOVER_STATUS = 1, 3
OK, INVALID_NAMESPACE, INVALID_RECORD, INVALID_TTL, UNAVAILABLE = 0, 100, 101, 102, 400


@dataclass(frozen=True, slots=True)
class Record:
    """Where a peer says it is reached (multiaddrs, at most ADDRESSES). A higher ``seq`` is newer;
    ``signed`` is the envelope, as others are given it."""

    seq: int
    addresses: tuple[str, ...]
    signed: bytes


def namespace(peer_id: str) -> str:
    """Where a peer registers, and where it is asked for."""
    return _NAMESPACE + peer_id


def sign_record(key: PrivateKey, addresses: Sequence[str], seq: int) -> Record:
    """A record of the peer with this key; what nobody could dial is left out."""
    peer_id = ID.from_pubkey(key.get_public_key())
    told = {a: circuit.to_bytes(a, peer_id.to_base58()) for a in addresses[:ADDRESSES]}
    infos = [peer_record_pb2.PeerRecord.AddressInfo(multiaddr=raw) for raw in told.values() if raw]
    record = PeerRecord(peer_id, addrs_from_protobuf(infos), seq)
    known = tuple(address for address, raw in told.items() if raw)
    return Record(seq, known, seal_record(record, key).marshal_envelope())


def read_record(signed: bytes, peer_id: str) -> Record:
    """What the peer signed. Raises PeerError if it did not, or if that is no peer record."""
    try:
        envelope, record = consume_envelope(signed, PEER_RECORD_ENVELOPE_DOMAIN)
        signer = ID.from_pubkey(envelope.public_key).to_base58()
        addresses = tuple(str(address) for address in record.addrs[:ADDRESSES])
        named = record.peer_id.to_base58()
    except Exception as error:  # the library has no common root for bytes that are no record
        raise PeerError("A peer's record cannot be read, or is not signed by it.") from error
    if not signer == named == peer_id:
        raise PeerError("A peer's record is another one's.")
    return Record(record.seq, addresses, signed)


# What a client says to a relay, on a stream for PROTOCOL.


async def register(stream: ByteStream, peer_id: str, record: Record) -> float:
    """Tell where we are reached; for how many seconds the relay keeps it. Raises PeerError,
    Unreachable."""
    said = field(_NS, namespace(peer_id).encode()) + field(_RECORD, record.signed)
    await _write(stream, REGISTER, _REGISTER, said + field(_TTL, RENDEZVOUS_SECONDS))
    answer = await _read(stream, REGISTER_RESPONSE, _REGISTER_RESPONSE)
    status, seconds = number_of(answer, 1), number_of(answer, _TTL)
    if status != OK:
        raise Unreachable(f"The relay does not keep where we are: it answered {status}.")
    return float(min(seconds or RENDEZVOUS_SECONDS, RENDEZVOUS_SECONDS))


async def discover(stream: ByteStream, peer_id: str) -> Record | None:
    """Where a peer says it is, None if the relay does not know. Raises PeerError (also for a record
    the peer did not sign), Unreachable."""
    said = field(_NS, namespace(peer_id).encode()) + field(2, 1)
    await _write(stream, DISCOVER, _DISCOVER, said)
    answer = await _read(stream, DISCOVER_RESPONSE, _DISCOVER_RESPONSE)
    if number_of(answer, _DISCOVER_STATUS) != OK or not answer.get(_REGISTRATIONS):
        return None
    registration = fields(bytes_of(answer, _REGISTRATIONS))
    return read_record(bytes_of(registration, _RECORD), peer_id)


# What a relay does.


class Registrations:
    """Where peers say they are, one record each, for a while, in memory only.

    most: of all together. per_address: told from one IP address. here: whether a peer is connected;
    when all places are taken, one whose peer is not gives way (of the same address, when those are
    taken), so that whoever comes with many keys displaces nobody who is there, and few others.
    """

    def __init__(self, most: int, per_address: int, here: Callable[[str], bool]) -> None:
        self._most = most
        self._per_address = per_address
        self._here = here
        # With the address it came from and until when; the oldest first.
        self._kept: OrderedDict[str, tuple[Record, str, float]] = OrderedDict()

    def __len__(self) -> int:
        self._forget()
        return len(self._kept)

    def put(self, peer_id: str, record: Record, seconds: float, address: str) -> int:
        """Keep a record that was read; the status to answer with."""
        before = self.get(peer_id)
        if before is not None and record.seq <= before.seq and record.signed != before.signed:
            return INVALID_RECORD
        in_the_way = None if before is not None else self._in_the_way(address)
        if in_the_way is not None:
            gone = next((peer for peer in in_the_way if not self._here(peer)), None)
            if gone is None:
                return UNAVAILABLE
            del self._kept[gone]
        self._kept[peer_id] = (record, address, trio.current_time() + seconds)
        self._kept.move_to_end(peer_id)
        return OK

    def get(self, peer_id: str) -> Record | None:
        self._forget()
        kept = self._kept.get(peer_id)
        return kept[0] if kept is not None else None

    def _in_the_way(self, address: str) -> list[str] | None:
        """Of whom one has to go before another comes from this address, the oldest first; None
        while there is room."""
        there = [peer for peer, (_, where, _) in self._kept.items() if where == address]
        if len(there) >= self._per_address:
            return there
        return list(self._kept) if len(self._kept) >= self._most else None

    def _forget(self) -> None:
        """Those whose time is over; they all have about the same time, so the first go first."""
        now = trio.current_time()
        for peer_id in [peer for peer, (_, _, until) in self._kept.items() if until <= now]:
            del self._kept[peer_id]


async def answer(
    stream: ByteStream, peer_id: str, address: str, registrations: Registrations
) -> None:
    """Serve one request of a peer that Noise has proved, from an address as `Connection` counts
    them. Raises PeerError, Unreachable."""
    message = fields(await protobuf.read(stream, RENDEZVOUS_BYTES))
    kind = number_of(message, _TYPE)
    if kind == REGISTER:
        asked = fields(bytes_of(message, _REGISTER))
        seconds = number_of(asked, _TTL) or RENDEZVOUS_SECONDS
        seconds = min(seconds, RENDEZVOUS_SECONDS)
        status = _register(asked, peer_id, address, seconds, registrations)
        said = field(1, status) + field(_TTL, seconds)
        await _write(stream, REGISTER_RESPONSE, _REGISTER_RESPONSE, said)
    elif kind == DISCOVER:
        asked = fields(bytes_of(message, _DISCOVER))
        ns = bytes_of(asked, _NS).decode(errors="replace")
        wanted = ns.removeprefix(_NAMESPACE)
        if wanted == ns:
            said = field(_DISCOVER_STATUS, INVALID_NAMESPACE)
        else:
            record = registrations.get(wanted)
            found = field(_NS, ns.encode()) + field(_RECORD, record.signed) if record else b""
            said = (field(_REGISTRATIONS, found) if found else b"") + field(_DISCOVER_STATUS, OK)
        await _write(stream, DISCOVER_RESPONSE, _DISCOVER_RESPONSE, said)
    else:
        raise PeerError("The peer asks a relay for nothing a relay does.")


def _register(
    asked: protobuf.Fields, peer_id: str, address: str, seconds: int, registrations: Registrations
) -> int:
    if bytes_of(asked, _NS) != namespace(peer_id).encode():
        return INVALID_NAMESPACE
    try:
        record = read_record(bytes_of(asked, _RECORD), peer_id)
    except PeerError:
        return INVALID_RECORD
    return registrations.put(peer_id, record, seconds, address)


async def _write(stream: ByteStream, kind: int, place: int, said: bytes) -> None:
    await protobuf.write(stream, field(_TYPE, kind) + field(place, said))


async def _read(stream: ByteStream, kind: int, place: int) -> protobuf.Fields:
    message = fields(await protobuf.read(stream, RENDEZVOUS_BYTES))
    if number_of(message, _TYPE) != kind:
        raise PeerError("The relay's answer is not an answer.")
    return fields(bytes_of(message, place))
