"""The messages of a relay: the standard's bytes, and whatever else may come instead."""

import time
from collections.abc import Awaitable, Callable

import pytest
import trio
import trio.testing
from hypothesis import example, given
from hypothesis import strategies as st
from libp2p.peer.id import ID
from libp2p.relay.circuit_v2.pb.circuit_pb2 import HopMessage, Status, StopMessage
from multiaddr import Multiaddr

from p2p import circuit
from p2p.carriers import Address
from p2p.circuit import Circuit, read_circuit, read_relay, usable_circuits
from p2p.errors import PeerError, Unreachable
from p2p.identity import peer_id_of
from p2p.limits import (
    ADDRESSES,
    CIRCUIT_MESSAGE_BYTES,
    RESERVATION_LEAST_SECONDS,
    RESERVATION_SECONDS,
)
from tests.p2p.seeds import seeds
from tests.p2p.streams import Pieces, stream_pair
from tests.p2p.test_strangers import varint

RELAY, ANNA, BEN = (peer_id_of(name * 16) for name in (b"rl", b"an", b"be"))
PLACE = f"/ip4/192.0.2.7/tcp/4001/p2p/{RELAY}"


@pytest.mark.parametrize("host", ["/ip4/192.0.2.7", "/ip6/2001:db8::1", "/dns/relay.example"])
def test_an_address_through_a_relay_is_read_and_written(host: str) -> None:
    text = f"{host}/tcp/4001/p2p/{RELAY}/p2p-circuit/p2p/{BEN}"
    found = read_circuit(text, BEN)
    assert found is not None
    assert (found.relay.port, found.relay_id) == (4001, RELAY)
    assert found.multiaddr(BEN) == text
    assert read_circuit(text.removesuffix(f"/p2p/{BEN}"), BEN) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        PLACE,
        f"{PLACE}/p2p-circuit/p2p/{ANNA}",
        f"{PLACE}/p2p-circuit/p2p/{BEN}/p2p/{BEN}",
        f"{PLACE}/p2p-circuit/{BEN}",
        f"{PLACE}/p2p-circuit/tcp/4001",
        f"{PLACE}/p2p-circuit/p2p-circuit/p2p/{BEN}",
        f"{PLACE}/p2p-circuit/p2p/{RELAY}/p2p-circuit/p2p/{BEN}",
        f"/p2p/{RELAY}/p2p-circuit/p2p/{BEN}",
        f"/ip4/192.0.2.7/tcp/4001/p2p-circuit/p2p/{BEN}",
        f"/ip4/192.0.2.7/udp/4001/quic-v1/p2p/{RELAY}/p2p-circuit/p2p/{BEN}",
        f"/ip4/192.0.2.7/tcp/4001/p2p/12D3Koo/p2p-circuit/p2p/{BEN}",
        f"/ip4/192.0.2.7/tcp/0/p2p/{RELAY}/p2p-circuit/p2p/{BEN}",
    ],
)
def test_other_addresses_lead_through_no_relay(text: str) -> None:
    assert read_circuit(text, BEN) is None


@pytest.mark.parametrize(
    "text", ["", RELAY, f"/p2p/{RELAY}", "/ip4/192.0.2.7/tcp/4001", PLACE[:-1]]
)
def test_a_relay_is_an_address_and_a_whole_peer_id(text: str) -> None:
    assert read_relay(PLACE) == Circuit(Address("192.0.2.7", 4001), RELAY)
    assert read_relay(text) is None


NEARLY = st.builds(
    lambda text, at, more: text[:at] + more + text[at:],
    st.sampled_from([PLACE, f"{PLACE}/p2p-circuit", f"{PLACE}/p2p-circuit/p2p/{BEN}"]),
    st.integers(0, 160),
    st.text(max_size=5),
)


@seeds(
    ("",),
    ("/p2p-circuit",),
    (PLACE,),
    (f"{PLACE}/p2p-circuit",),
    (f"{PLACE}/p2p-circuit/p2p/{BEN}",),
    (f"{PLACE}/p2p-circuit/p2p/",),
    (f"{PLACE}/p2p-circuit/p2p/{BEN}/p2p-circuit",),
    (f"/ip6/fe80::1%eth0/tcp/1/p2p/{RELAY}/p2p-circuit",),
    ("/ip4/192.0.2.7/tcp/4001/p2p/" + "1" * 64,),
    ("/ip4/192.0.2.7/tcp/4001/p2p/" + "é" * 20,),
    ("/p2p/" * 1000,),
)
@given(st.text(max_size=60) | NEARLY)
def test_any_text_leads_through_a_relay_or_nowhere(text: str) -> None:
    found, relay = read_circuit(text), read_relay(text)
    assert found is None or read_circuit(found.multiaddr()) == found
    assert relay is None or read_relay(relay.relay.multiaddr(relay.relay_id)) == relay
    assert len(usable_circuits([text], BEN, ANNA)) <= (found is not None)
    for peer_id in (text, text.rpartition("/")[2]):
        assert circuit.is_peer_id(peer_id) == (peer_id in (RELAY, BEN))


def test_nobody_is_reached_through_himself_and_not_through_us() -> None:
    def through(relay_id: str, port: int = 4001) -> str:
        return f"/ip4/192.0.2.7/tcp/{port}/p2p/{relay_id}/p2p-circuit/p2p/{BEN}"

    told = [through(BEN), through(ANNA), through(RELAY), through(RELAY), "nonsense"]
    assert [c.relay_id for c in usable_circuits(told, BEN, ANNA)] == [RELAY]
    for nobody in ("", "x", BEN[:-1], "é" * 20):
        assert usable_circuits([f"{PLACE}/p2p-circuit"], nobody, ANNA) == []
    assert len(usable_circuits([f"{PLACE}/p2p-circuit"], BEN, ANNA)) == 1
    many = [through(RELAY, port) for port in range(1, 100)]
    assert len(usable_circuits(many, BEN, ANNA)) == ADDRESSES


async def both(one: Awaitable[object], other: Awaitable[object]) -> tuple[object, object]:
    said: dict[int, object] = {}

    async def run(number: int, work: Awaitable[object]) -> None:
        said[number] = await work

    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run, 0, one)
            nursery.start_soon(run, 1, other)
    return said[0], said[1]


@pytest.mark.trio
async def test_a_place_is_asked_for_and_given() -> None:
    ours, theirs = stream_pair()
    relays = [Circuit(Address(host, 4001), RELAY) for host in ("192.0.2.7", "::1", "relay.example")]

    async def relay() -> None:
        assert await circuit.asked_for(theirs) == ""
        await circuit.give_place(theirs, relays, 600, (60, 1 << 40))

    seconds, _ = await both(circuit.reserve(ours), relay())
    assert isinstance(seconds, float)
    assert 0 < 600 - seconds < 60


@pytest.mark.trio
async def test_the_bytes_are_what_the_librarys_own_classes_read() -> None:
    relays = [Circuit(Address(host, 4001), RELAY) for host in ("192.0.2.7", "::1", "relay.example")]
    kept = Kept()
    await circuit.give_place(kept, relays, 600, (60, 1 << 40))
    length, body = varint(kept.written)
    read = HopMessage.FromString(body)
    assert length == len(body)
    assert (read.type, read.status) == (HopMessage.STATUS, Status.OK)
    assert [str(Multiaddr(raw)) for raw in read.reservation.addrs] == [
        f"/ip4/192.0.2.7/tcp/4001/p2p/{RELAY}",
        f"/ip6/::1/tcp/4001/p2p/{RELAY}",
        f"/dns/relay.example/tcp/4001/p2p/{RELAY}",
    ]
    assert (read.limit.duration, read.limit.data) == (60, 1 << 40)
    unlimited = Kept()
    await circuit.give_place(unlimited, relays, 600, (0, 0))
    assert not HopMessage.FromString(varint(unlimited.written)[1]).HasField("limit")


@pytest.mark.trio
async def test_a_peer_is_asked_for_and_called() -> None:
    ours, theirs = stream_pair()

    async def relay() -> str:
        wanted = await circuit.asked_for(theirs)
        await circuit.say_connected(theirs, (0, 0))
        await theirs.write(b"now its bytes")
        return wanted

    _, wanted = await both(circuit.connect(ours, BEN), relay())
    assert wanted == BEN
    assert await ours.read(100) == b"now its bytes"

    async def callee() -> str:
        caller = await circuit.called_by(ours)
        await circuit.answer_call(ours, Status.OK)
        return caller

    _, caller = await both(circuit.call(theirs, ANNA, (60, 0)), callee())
    assert caller == ANNA


def framed(message: HopMessage | StopMessage) -> bytes:
    body = message.SerializeToString()
    assert len(body) < 128
    return bytes([len(body)]) + body


class Kept(Pieces):
    """Fixed bytes to read; what is written is kept."""

    def __init__(self, data: bytes = b"", size: int = 64) -> None:
        super().__init__(data, size)
        self.written = b""

    async def write(self, data: bytes | memoryview) -> None:
        self.written += bytes(data)


STATUS, STOPPED = HopMessage.STATUS, StopMessage.STATUS


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (Status.RESERVATION_REFUSED, "no free place"),
        (Status.RESOURCE_LIMIT_EXCEEDED, "busy"),
        (Status.NO_RESERVATION, "not at this relay"),
        (Status.CONNECTION_FAILED, "could not reach"),
        (Status.PERMISSION_DENIED, "does not serve"),
        (999, "999"),
        (Status.UNUSED, "0"),
    ],
)
def test_a_relay_that_refuses_says_why(status: int, says: str) -> None:
    refusal = framed(HopMessage(type=STATUS, status=status))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=says):
        trio.run(circuit.reserve, Kept(refusal))
    with pytest.raises(Unreachable, match=says):
        trio.run(circuit.connect, Kept(refusal), BEN)
    stopped = framed(StopMessage(type=STOPPED, status=status))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=says):
        trio.run(circuit.call, Kept(stopped), ANNA, (0, 0))


@pytest.mark.parametrize("expire", [0, 1, 2**64 - 1])
def test_no_relay_makes_us_ask_all_the_time_or_never(expire: int) -> None:
    granted = HopMessage(type=STATUS, status=Status.OK)
    granted.reservation.expire = expire
    seconds = trio.run(circuit.reserve, Kept(framed(granted)))
    late = expire > time.time()
    assert seconds == (RESERVATION_SECONDS if late else RESERVATION_LEAST_SECONDS)


def known(peer: bytes) -> bytes:
    message = HopMessage(type=HopMessage.CONNECT)
    message.peer.id = peer
    return framed(message)


@pytest.mark.parametrize(
    "said",
    [
        framed(HopMessage()),
        framed(HopMessage(type=STATUS, status=Status.OK)),
        framed(HopMessage(type=HopMessage.CONNECT)),
        known(b""),
        known(ID.from_base58(BEN).to_bytes()[:-1]),
        b"\x05\xff\xff\xff\xff\xff",
        b"\x80\x80\x80\x80\x80\x80\x01",
        b"\x81\x20" + bytes(CIRCUIT_MESSAGE_BYTES + 1),
        b"",
        b"\x05ab",
    ],
)
def test_who_asks_for_nothing_is_told_so(said: bytes) -> None:
    stream = Kept(said)
    with pytest.raises(PeerError):
        trio.run(circuit.asked_for, stream)
    answer = HopMessage.FromString(varint(stream.written)[1])
    assert (answer.type, answer.status) == (STATUS, Status.MALFORMED_MESSAGE)


@given(st.binary(max_size=300), st.integers(1, 90))
@example(b"\x02\x08\x01", 1)
@example(framed(HopMessage(type=HopMessage.RESERVE)), 1)
@example(framed(HopMessage(type=STATUS, status=Status.OK)), 90)
@example(framed(HopMessage(type=STATUS, status=Status.NO_RESERVATION)), 90)
@example(framed(StopMessage(type=STOPPED, status=Status.OK)), 90)
@example(known(ID.from_base58(BEN).to_bytes()), 7)
@example(known(b"\xff" * 38), 7)
@example(b"\x81\x20" + bytes(CIRCUIT_MESSAGE_BYTES + 1), 90)
@example(b"\xff" * 10, 1)
def test_any_bytes_are_a_message_or_an_error(data: bytes, size: int) -> None:
    readers: list[Callable[[Kept], Awaitable[object]]] = [
        circuit.asked_for,
        circuit.called_by,
        circuit.reserve,
        lambda stream: circuit.connect(stream, BEN),
        lambda stream: circuit.call(stream, ANNA, (0, 0)),
    ]
    for read in readers:
        try:
            trio.run(read, Kept(data, size))
        except (PeerError, Unreachable):
            continue


@pytest.mark.trio
async def test_silence_is_not_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = stream_pair()
    with pytest.raises(Unreachable, match="does not answer"):
        await circuit.reserve(ours)
    await theirs.read(100)
    with pytest.raises(Unreachable, match="does not answer"):
        await circuit.called_by(theirs)


@pytest.mark.trio
async def test_a_call_that_is_none_is_refused() -> None:
    stream = Kept(framed(StopMessage(type=STOPPED, status=Status.OK)))
    with pytest.raises(PeerError, match="not a call"):
        await circuit.called_by(stream)
    answer = StopMessage.FromString(varint(stream.written)[1])
    assert (answer.type, answer.status) == (STOPPED, Status.UNEXPECTED_MESSAGE)
