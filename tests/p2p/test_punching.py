"""From a relay to a direct session: what is told to whom, what is dialled, what is left if not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio
from hypothesis import example, given
from hypothesis import strategies as st
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.relay.circuit_v2.pb.dcutr_pb2 import HolePunch
from multiaddr import Multiaddr

from p2p import multiaddrs, punching
from p2p.carriers import Address, ask_for
from p2p.connections import Connection
from p2p.errors import PeerError, Unreachable
from p2p.limits import HOLE_ADDRESSES, HOLE_MESSAGE_BYTES, IDENTIFY_BYTES
from p2p.records import Fingerprint
from p2p.relay import Bounds
from p2p.spool import Spool
from p2p.strangers import varint
from tests.network.trade import LONG, ORDER, assert_same
from tests.p2p.people import Dataset, Person, make_dataset, text
from tests.p2p.relayed import Post, apart, hidden, relays, until
from tests.p2p.seeds import seeds
from tests.p2p.streams import Pieces

SLOW = Bounds(bytes_per_second=1_000_000)  # a whole delivery would take half a minute


@dataclass
class Trade:
    """A paid order between two; the buyer knows the owner's place at the relay only."""

    owner: Person
    buyer: Person
    dataset: Dataset
    folder: Path
    ways: list[bool] = field(default_factory=list)  # of each chunk: whether it came directly
    spool: Spool = field(init=False)

    def __post_init__(self) -> None:
        made = self.dataset.made.fingerprint
        self.spool = Spool(self.folder / "spool", made.records, made.root)

    def between(self) -> list[Connection]:
        return self.buyer.host._connections.held(self.owner.peer_id)

    async def fetch(self) -> None:
        def paused() -> bool:
            (used,) = (each for each in self.between() if each.fetches)
            self.ways.append(used.via is None)
            return False

        await self.buyer.host.fetch(
            self.owner.peer_id,
            self.owner.host.circuits,
            ORDER,
            self.spool,
            Fingerprint(bytes(32), self.spool.root, self.spool.records, 0),
            progress=lambda stored, of: None,
            paused=paused,
        )
        assert_same(self.spool, self.dataset)


@asynccontextmanager
async def trading(
    folder: Path, post: Post, owner: Person, buyer: Person, size: int = 2_500_000
) -> AsyncIterator[Trade]:
    dataset = make_dataset(folder, size)
    owner.sources[ORDER] = dataset.source()
    async with relays(post), apart(owner, buyer, at=(post,)):
        yield Trade(owner, buyer, dataset, folder)


@pytest.mark.trio
async def test_a_delivery_leaves_the_relay_in_the_middle_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    post = Post(bounds=SLOW)
    async with trading(tmp_path, post, Person("anna"), Person("ben"), LONG) as trade:
        await trade.fetch()
        assert trade.ways[0] is False
        assert trade.ways[-1] is True
        assert sorted(trade.ways) == trade.ways  # never back
        assert post.relay.doing.passed_bytes < LONG / 2
        await until(lambda: not post.relay.doing.circuits)  # the old session is over
        assert [each.via for each in trade.between()] == [None]


@pytest.mark.trio
@pytest.mark.parametrize("listens", ["neither", "owner", "buyer"])
async def test_where_it_does_not_work_the_relay_stays_in_use(tmp_path: Path, listens: str) -> None:
    owner = Person("anna") if listens == "owner" else hidden("anna")
    buyer = Person("ben") if listens == "buyer" else hidden("ben")
    async with trading(tmp_path, Post(), owner, buyer) as trade:
        await trade.fetch()
        assert not any(trade.ways)


@pytest.mark.trio
async def test_who_wants_no_direct_connections_has_none(tmp_path: Path) -> None:
    owner, buyer = Person("anna", direct=False), Person("ben")
    async with trading(tmp_path, Post(), owner, buyer) as trade:
        await trade.fetch()
        assert not any(trade.ways)
        assert not any(each.punched for each in trade.between())


@pytest.mark.trio
async def test_after_a_direct_session_that_carried_nothing_the_relay_is_kept(
    tmp_path: Path,
) -> None:
    async with trading(tmp_path, Post(), Person("anna"), Person("ben")) as trade:
        trade.buyer.host._punching.carries_nothing(trade.owner.peer_id)
        await trade.fetch()
        assert not any(trade.ways)


@pytest.mark.trio
async def test_nobody_else_is_told_where_we_are() -> None:
    anna, ben, post = Person("anna"), Person("ben"), Post()
    async with relays(post), apart(anna, ben, at=(post,)):
        await anna.host.send(ben.peer_id, ben.host.circuits, [text()])
        (relayed,) = anna.host._connections.held(ben.peer_id)
        stream = await relayed.muxer.open()
        with pytest.raises(Unreachable):
            await ask_for(stream, punching.PROTOCOL)
        assert relayed.muxer.usable


@pytest.mark.trio
async def test_it_is_tried_once_for_each_session(tmp_path: Path) -> None:
    async with trading(tmp_path, Post(bounds=SLOW), Person("anna"), Person("ben")) as trade:
        await trade.buyer.host.send(trade.owner.peer_id, trade.owner.host.circuits, [text()])
        (relayed,) = trade.between()
        (other_end,) = trade.owner.host._connections.held(trade.buyer.peer_id)
        with relayed.fetching():
            for taken in (True, False):
                stream = await other_end.muxer.open()
                try:
                    await ask_for(stream, punching.PROTOCOL)
                    await punching._say(stream, HolePunch.CONNECT, [])
                    told = await punching._hear(stream, HolePunch.CONNECT)
                except Unreachable:
                    assert not taken
                else:
                    assert taken
                    (place,) = told
                    assert place.multiaddr() in trade.buyer.addresses[0]
                stream.reset()


# What a peer says.


def framed(message: bytes) -> bytes:
    return varint(len(message)) + message


async def heard(data: bytes, size: int = 7) -> list[Address] | None:
    try:
        stream = Pieces(data, size)
        return await punching._hear(stream, HolePunch.CONNECT)  # type: ignore[arg-type]
    except (PeerError, Unreachable):
        return None


@given(st.binary(max_size=300), st.integers(1, 50))
@example(framed(HolePunch(type=HolePunch.SYNC).SerializeToString()), 1)
@example(varint(HOLE_MESSAGE_BYTES + 1), 1)
@example(b"\xff" * 9, 1)
def test_any_bytes_are_a_message_or_an_error(data: bytes, size: int) -> None:
    assert not trio.run(heard, data, size)
    assert not trio.run(heard, framed(data), size) or data.startswith(b"\x08\x64")


class Answer(Pieces):
    def reset(self) -> None: ...


class Answering:
    """A session whose other side says this, whatever it is asked."""

    def __init__(self, said: bytes) -> None:
        self.said = said

    async def open(self) -> Answer:
        return Answer(self.said, 50)


async def agreed(stream: Answer, protocol: str) -> None: ...


SEEN = multiaddrs.encode(Address("203.0.113.9", 4001))


@seeds(
    (Identify(observed_addr=SEEN).SerializeToString(), True),
    (Identify(observed_addr=SEEN, protocols=["/x"], public_key=b"k").SerializeToString(), True),
    (Identify(observed_addr=SEEN[:-1]).SerializeToString(), True),
    (Identify(observed_addr=SEEN + b"\xff").SerializeToString(), True),
    (Identify().SerializeToString(), True),
    (b"\x1a\x01\xff", True),  # a protocol that is no text
    (b"\x22\x7f" + SEEN, True),  # longer than it is
    (varint(IDENTIFY_BYTES + 1), False),
    (b"\xff" * 10, False),
    (b"", False),
)
@given(st.binary(max_size=200), st.booleans())
def test_whatever_a_relay_says_of_where_it_sees_us_is_an_address_or_an_error(
    data: bytes, whole: bool
) -> None:
    session = Answering(framed(data) if whole else data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(punching, "ask_for", agreed)
        try:
            seen = trio.run(punching._observed, session)
        except (PeerError, Unreachable):
            return
    assert multiaddrs.decode(multiaddrs.encode(seen)) == seen


@seeds(([],), ([b""],), ([b"\xff" * 30] * 20,), ([SEEN[:-1], SEEN],), ([SEEN[:-2] + bytes(2)],))
@given(st.lists(st.binary(max_size=30), max_size=20))
def test_what_is_no_address_is_left_out(said: list[bytes]) -> None:
    good = Address("203.0.113.9", 4001)
    message = HolePunch(type=HolePunch.CONNECT, ObsAddrs=[multiaddrs.encode(good), *said])
    told = trio.run(heard, framed(message.SerializeToString()), 999)
    assert told is not None
    assert told[0] == good
    assert len(told) <= HOLE_ADDRESSES


# Addresses.


@given(st.ip_addresses(), st.integers(1, 65535))
def test_bytes_are_those_of_the_library_and_lead_back(ip: object, port: int) -> None:
    address = Address(str(ip), port)
    raw = multiaddrs.encode(address)
    assert raw == Multiaddr(address.multiaddr()).to_bytes()
    assert multiaddrs.decode(raw) == address
    assert multiaddrs.decode(raw + b"\xa5\x03\x00") == address  # whatever follows
    assert all(multiaddrs.decode(raw[:cut]) is None for cut in range(len(raw)))


def test_a_name_has_bytes_and_is_not_read() -> None:
    address = Address("relay.example.org", 4001)
    raw = multiaddrs.encode(address)
    assert raw == Multiaddr(address.multiaddr()).to_bytes()
    assert multiaddrs.decode(raw) is None


@seeds(
    (b"",),
    (SEEN,),
    (SEEN[:-1],),
    (b"\x04" + bytes(4) + b"\x06\0\0",),  # no port
    (b"\x04" + bytes(4) + b"\x11\0\x01",),  # UDP
    (b"\x29" + bytes(16) + b"\x06\xff\xff",),
    (b"\x35\x01a\x06\0\x01",),  # a name
    (b"\x04",),
)
@given(st.binary(max_size=40))
def test_any_bytes_are_an_address_or_none(raw: bytes) -> None:
    address = multiaddrs.decode(raw)
    assert address is None or 0 < address.port < 65536


@pytest.mark.parametrize("host", ["8.8.8.8", "172.32.0.1", "198.51.100.2", "2001:db8::1", "2a00::"])
def test_what_anybody_can_dial(host: str) -> None:
    assert multiaddrs.is_public(Address(host, 1))


@pytest.mark.parametrize(
    "host",
    [
        *("0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1"),
        *("172.31.255.255", "192.168.1.1", "224.0.0.1", "255.255.255.255", "example.org", ""),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1", "::ffff:192.168.1.1"),
        *("2002:c0a8:101::1", "64:ff9b::c0a8:101", "::192.168.1.1"),
    ],
)
def test_what_leads_into_somebodys_network(host: str) -> None:
    assert not multiaddrs.is_public(Address(host, 1))
