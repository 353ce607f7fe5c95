"""Addresses on the local network: what is told, and what is believed."""

import queue
import socket
import struct
from functools import partial

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from zeroconf import Zeroconf

from p2p import neighbours
from p2p.carriers import Address, read_address
from p2p.identity import peer_id_of
from p2p.limits import NEIGHBOURS
from p2p.neighbours import Neighbours, reachable
from tests.p2p import people
from tests.p2p.people import Person, on_line
from tests.p2p.seeds import seeds

ANNA = peer_id_of(b"a" * 32)
BEN = peer_id_of(b"b" * 32)


def record(*entries: str) -> bytes:
    return b"".join(bytes([len(e)]) + e for e in (entry.encode() for entry in entries))


def believed(*texts: bytes) -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    around = Neighbours(ANNA, (), lambda peer_id, addresses: found.append((peer_id, addresses)))
    for text in texts:
        around.read(text)
    return found


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/ip4/192.0.2.7/tcp/4001", Address("192.0.2.7", 4001)),
        (f"/ip4/192.0.2.7/tcp/4001/p2p/{BEN}", Address("192.0.2.7", 4001)),
        ("/ip6/2001:db8::1/tcp/1", Address("2001:db8::1", 1)),
        ("/dns4/peer.example/tcp/4001", Address("peer.example", 4001)),
        (f"/ip4/192.0.2.7/tcp/4001/p2p/{ANNA}", None),
        ("/ip4/192.0.2.7/udp/4001", None),
        ("/ip4/192.0.2.7/tcp/4001/ws", None),
        ("/ip4/2001:db8::1/tcp/1", None),
        ("/ip4/192.0.2.7/tcp/65536", None),
        ("/ip4/192.0.2.7/tcp/ 1", None),
        ("/ip4/192.0.2.7/tcp/4001/p2p-circuit", None),
        ("x/ip4/192.0.2.7/tcp/4001", None),
    ],
)
def test_an_address_is_read_or_left_out(text: str, address: Address | None) -> None:
    assert read_address(text, BEN) == address


@seeds(
    ("",),
    ("/",),
    ("/ip4/192.0.2.7/tcp/4001",),
    (f"/ip4/192.0.2.7/tcp/4001/p2p/{BEN}",),
    (f"/ip6/2001:db8::1/tcp/65535/p2p/{BEN}",),
    ("/ip6/fe80::1%eth0/tcp/1",),
    ("/ip6/::ffff:192.0.2.7/tcp/1",),
    (f"/dns4/peer.example/tcp/1/p2p/{BEN}",),
    ("/dns/xn--nxasmq6b.example/tcp/1",),
    (f"/ip4/192.0.2.7/tcp/4001/p2p/{ANNA}/p2p-circuit/p2p/{BEN}",),
    ("/ip4/192.0.2.7/tcp/0",),
    ("/ip4/192.0.2.7/tcp/65536",),
    ("/ip4/192.0.2.7/tcp/-1",),
    ("/ip4/192.0.2.7/tcp/\u0661",),  # a digit elsewhere
    ("/ip4/0300.0.2.7/tcp/1",),
    ("/ip4/192.0.2.7/tcp/1/p2p/",),
    (f"/dns4/{'a' * 300}/tcp/1",),
)
@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address = read_address(text)
    assert address is None or read_address(address.multiaddr()) is not None


def test_every_interface_is_told_as_addresses_that_can_be_dialled() -> None:
    told = reachable([Address("0.0.0.0", 4001)], BEN)
    assert told
    assert not any("/0.0.0.0/" in text for text in told)
    assert all(text.endswith(f"/tcp/4001/p2p/{BEN}") for text in told)
    assert reachable([Address("127.0.0.1", 1)], BEN) == (f"/ip4/127.0.0.1/tcp/1/p2p/{BEN}",)


def test_loopback_is_told_only_where_there_is_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [Address("0.0.0.0", 1), Address("::", 1)]
    here = {4: ["192.0.2.7"], 6: []}
    monkeypatch.setattr(neighbours, "_interfaces", lambda version: here[version])
    assert reachable(both, BEN) == (f"/ip4/192.0.2.7/tcp/1/p2p/{BEN}",)
    here[6] = ["2001:db8::7"]
    assert reachable(both, BEN)[1:] == (f"/ip6/2001:db8::7/tcp/1/p2p/{BEN}",)
    here.update({4: [], 6: []})
    assert reachable(both, BEN) == (
        f"/ip4/127.0.0.1/tcp/1/p2p/{BEN}",
        f"/ip6/::1/tcp/1/p2p/{BEN}",
    )


def test_a_neighbour_is_believed_with_what_can_be_dialled() -> None:
    good = f"/ip4/192.168.1.5/tcp/4001/p2p/{BEN}"
    assert believed(
        record(
            f"dnsaddr={good}",
            f"dnsaddr=/ip4/127.0.0.1/tcp/4001/p2p/{BEN}",
            f"dnsaddr=/ip4/0.0.0.0/tcp/4001/p2p/{BEN}",
            f"dnsaddr=/dns4/peer.example/tcp/4001/p2p/{BEN}",
            "other=1",
        )
    ) == [(BEN, (good,))]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        record("dnsaddr=/ip4/192.168.1.5/tcp/4001"),
        record(f"dnsaddr=/ip4/192.168.1.5/tcp/4001/p2p/{ANNA}"),  # an echo of ourselves
        record(f"/ip4/192.168.1.5/tcp/4001/p2p/{BEN}"),
    ],
)
def test_a_record_that_says_nothing_usable_is_left_out(text: bytes) -> None:
    assert believed(text) == []


def test_a_flood_of_neighbours_is_bounded() -> None:
    texts = [
        record(f"dnsaddr=/ip4/192.168.1.5/tcp/4001/p2p/{peer_id_of(i.to_bytes(32, 'big'))}")
        for i in range(NEIGHBOURS + 20)
    ]
    assert len(believed(*texts)) == NEIGHBOURS


@seeds(
    (b"",),
    (record(f"dnsaddr=/ip4/192.168.1.5/tcp/4001/p2p/{BEN}"),),
    (record("a=b", f"dnsaddr=/ip4/192.168.1.5/tcp/4001/p2p/{BEN}", "dnsaddr="),),
    (record(f"dnsaddr=/ip4/192.168.1.5/tcp/4001/p2p/{BEN}")[:-1],),  # longer than it is
    (b"\x00" * 9,),  # entries of nothing
    (b"\xff",),
    (b"\x0adnsaddr=\xff\xfe",),
    (record(*["dnsaddr=/ip4/192.168.1.5/tcp/1"] * 40),),
)
@given(st.binary(max_size=200))
def test_any_record_is_read(text: bytes) -> None:
    assert all(addresses for _, addresses in believed(text))


def test_on_loopback_nothing_is_told_or_searched() -> None:
    around = Neighbours(ANNA, (f"/ip4/127.0.0.1/tcp/4001/p2p/{ANNA}",), lambda p, a: None)
    around.open()
    assert around._zeroconf is None
    around.close()


@pytest.fixture
def loopback_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback stands for the local network: told, searched and believed like one."""
    if not _carries_multicast("127.0.0.1"):
        pytest.skip("loopback carries no multicast here")
    monkeypatch.setattr(neighbours, "Zeroconf", partial(Zeroconf, interfaces=["127.0.0.1"]))
    monkeypatch.setattr(neighbours, "_dialable", lambda text: read_address(text) is not None)


def _carries_multicast(interface: str) -> bool:
    group, here = "239.255.76.68", socket.inet_aton(interface)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiving,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending,
    ):
        receiving.settimeout(2)
        sending.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, here)
        try:
            receiving.bind((group, 0))
            joined = struct.pack("4s4s", socket.inet_aton(group), here)
            receiving.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
            sending.sendto(b"?", receiving.getsockname())
            return receiving.recv(1) == b"?"
        except OSError:
            return False


class Around:
    """Who a person finds near, one after the other."""

    def __init__(self, person: Person) -> None:
        self.found: dict[str, tuple[str, ...]] = {}
        self._news: queue.SimpleQueue[tuple[str, tuple[str, ...]]] = queue.SimpleQueue()
        self._neighbours = Neighbours(
            person.peer_id, person.addresses, lambda *found: self._news.put(found)
        )

    async def __aenter__(self) -> "Around":
        await trio.to_thread.run_sync(self._neighbours.open)
        return self

    async def __aexit__(self, *_: object) -> None:
        await trio.to_thread.run_sync(self._neighbours.close)

    async def wait_for(self, person: Person) -> tuple[str, ...]:
        """The addresses of one of them, once they are found."""
        while person.peer_id not in self.found:
            peer_id, addresses = await trio.to_thread.run_sync(partial(self._news.get, timeout=60))
            self.found[peer_id] = addresses
        return self.found[person.peer_id]


@pytest.mark.trio
async def test_two_hosts_find_each_other_and_who_left_is_not_found(loopback_network: None) -> None:
    anna, ben, carl = Person("anna near"), Person("ben near"), Person("carl near")
    async with on_line(anna, ben, carl), Around(anna) as annas:
        async with Around(ben) as bens:
            assert await annas.wait_for(ben) == ben.addresses
            assert await bens.wait_for(anna) == anna.addresses
            await anna.host.send(ben.peer_id, annas.found[ben.peer_id], [people.text()])
            assert len(ben.inbox) == 1
        async with Around(carl) as carls:
            assert await carls.wait_for(anna) == anna.addresses
            assert ben.peer_id not in carls.found
