"""Ports of routers: kept open while wanted, closed after; what routers say is not believed blindly.

The gateways that really open something are in ``tests/network``.
"""

import ipaddress
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from p2p import natpmp, upnp
from p2p.carriers import Address
from p2p.errors import P2PError, PeerError, Unreachable
from p2p.limits import ROUTER_AGAIN_SECONDS, ROUTER_LEASE_SECONDS, ROUTER_SECONDS
from p2p.natpmp import NatPmp
from p2p.routers import Lease, OpenPort
from p2p.upnp import Upnp
from tests.p2p.people import Person, on_line
from tests.p2p.relayed import until
from tests.p2p.seeds import seeds

PORT = 4001
PLACE = Address("203.0.113.7", PORT)


class Box:
    """A router as the test wants it; ``asked`` and ``closed`` are the moments of it."""

    def __init__(self, answer: Callable[[], Lease]) -> None:
        self.answer = answer
        self.asked: list[float] = []
        self.closed: list[Lease] = []

    async def open(self, port: int, seconds: int) -> Lease:
        assert (port, seconds) == (PORT, ROUTER_LEASE_SECONDS)
        self.asked.append(trio.current_time())
        return self.answer()

    async def close(self, port: int, lease: Lease) -> None:
        self.closed.append(lease)


def gives(seconds: int = 1000, host: str = PLACE.host) -> Box:
    return Box(lambda: Lease(Address(host, PORT), seconds))


def refuses(error: Exception) -> Box:
    def answer() -> Lease:
        raise error

    return Box(answer)


@asynccontextmanager
async def wanted(*boxes: Box) -> AsyncIterator[OpenPort]:
    port = OpenPort(lambda: boxes, lambda: None)
    port.want(True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(port.run, PORT)
        await trio.testing.wait_all_tasks_blocked()
        yield port
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_it_is_renewed_at_half_its_time_and_closed_when_the_app_ends(
    autojump_clock: trio.testing.MockClock,
) -> None:
    box = gives(1000)
    async with wanted(box) as port:
        assert (port.state, port.place) == ("open", PLACE)
        await trio.sleep(1600)
        assert [round(at - box.asked[0]) for at in box.asked] == [0, 500, 1000, 1500]
        assert not box.closed
    assert box.closed == [Lease(PLACE, 1000)]


@pytest.mark.trio
async def test_who_does_not_want_it_any_more_has_it_closed_at_once(
    autojump_clock: trio.testing.MockClock,
) -> None:
    box = gives()
    async with wanted(box) as port:
        port.want(False)
        await trio.testing.wait_all_tasks_blocked()
        assert (port.state, port.place) == ("off", None)
        assert len(box.closed) == 1
        port.want(True)
        await trio.testing.wait_all_tasks_blocked()
        assert port.state == "open"


@pytest.mark.trio
@pytest.mark.parametrize(
    "bad",
    [
        refuses(Unreachable("no")),
        refuses(PeerError("nonsense")),
        gives(0),
        gives(20),
        *(gives(host=host) for host in ("192.168.0.2", "100.64.0.9", "0.0.0.0", "127.0.0.1")),
    ],
)
async def test_the_next_router_is_asked_when_one_is_no_use(
    autojump_clock: trio.testing.MockClock, bad: Box
) -> None:
    good = gives()
    async with wanted(bad, good) as port:
        assert (port.state, port.place) == ("open", PLACE)
    async with wanted(bad) as port:
        assert (port.state, port.place) == ("closed", None)
        before = len(bad.asked)
        await trio.sleep(ROUTER_AGAIN_SECONDS + 1)
        assert len(bad.asked) == before + 1


@pytest.mark.trio
async def test_a_router_that_forgets_is_noticed(autojump_clock: trio.testing.MockClock) -> None:
    box = gives(1000)
    async with wanted(box) as port:
        box.answer = refuses(Unreachable("restarted")).answer
        await trio.sleep(501)
        assert (port.state, port.place) == ("closed", None)


@pytest.mark.trio
async def test_a_router_that_never_answers_is_left(autojump_clock: trio.testing.MockClock) -> None:
    class Mute(Box):
        async def open(self, port: int, seconds: int) -> Lease:
            await trio.sleep_forever()
            raise AssertionError

    async with wanted(Mute(lambda: Lease(PLACE, 1)), gives()) as port:
        assert port.state == "asking"
        await trio.sleep(ROUTER_SECONDS + 1)
        assert port.state == "open"


@pytest.mark.trio
async def test_the_place_is_among_the_addresses_of_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    class Any(Box):
        async def open(self, port: int, seconds: int) -> Lease:
            return self.answer()

    monkeypatch.setattr("p2p.host._routers", lambda: [Any(lambda: Lease(PLACE, 1000))])
    anna = Person("anna")
    async with on_line(anna):
        own = anna.addresses
        assert anna.host.router == "off"
        anna.host.use_router(True)
        await until(lambda: anna.host.router == "open")
        assert anna.addresses == (PLACE.multiaddr(anna.peer_id), *own)
        anna.host.use_router(False)
        await until(lambda: anna.host.router == "off")
        assert anna.addresses == own


# NAT-PMP.

HOME = socket.inet_aton(PLACE.host)


def whereabouts(result: int = 0) -> bytes:
    return struct.pack("!BBHI", 0, 128, result, 9) + HOME


def mapped(inside: int, outside: int, seconds: int, result: int = 0) -> bytes:
    return struct.pack("!BBHIHHI", 0, 130, result, 9, inside, outside, seconds)


@asynccontextmanager
async def router(*answers: list[bytes]) -> AsyncIterator[tuple[NatPmp, list[bytes]]]:
    """Answers each question with the next list of datagrams, and then with none."""
    asked: list[bytes] = []
    with trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        await own.bind(("127.0.0.1", 0))

        async def serve() -> None:
            left = list(answers)
            while True:
                message, sender = await own.recvfrom(64)
                asked.append(message)
                for answer in left.pop(0) if left else []:
                    await own.sendto(answer, sender)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(serve)
            yield NatPmp("127.0.0.1", own.getsockname()[1]), asked
            nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_natpmp_says_what_the_rfc_says() -> None:
    async with router([whereabouts()], [mapped(PORT, 5002, 1800)], [mapped(PORT, 0, 0)]) as (
        it,
        asked,
    ):
        lease = await it.open(PORT, 3600)
        assert lease == Lease(Address(PLACE.host, 5002), 1800)
        await it.close(PORT, lease)
    assert asked[0] == b"\x00\x00"
    assert asked[1] == bytes.fromhex("0002 0000 0fa1 0fa1 00000e10")
    assert asked[2] == bytes.fromhex("0002 0000 0fa1 0000 00000000")


@pytest.mark.trio
@pytest.mark.parametrize(
    ("answers", "raised"),
    [
        ([[whereabouts(result=3)]], Unreachable),
        ([[whereabouts()], [mapped(PORT, PORT, 60, result=2)]], Unreachable),
        ([[whereabouts()], [mapped(PORT + 1, PORT, 60)]], PeerError),
        ([[whereabouts()], [mapped(PORT, 0, 60)]], PeerError),
        ([[whereabouts()], [mapped(PORT, PORT, 0)]], PeerError),
        (
            [[b"", b"\x00", b"\x00\x80", b"\xff" * 12, b"x" * 2000, whereabouts() + b"x"]],
            Unreachable,
        ),
        ([[b"\x00\x81" + bytes(10)] * 20], Unreachable),
    ],
)
async def test_natpmp_believes_nothing_else(
    monkeypatch: pytest.MonkeyPatch, answers: list[list[bytes]], raised: type[P2PError]
) -> None:
    monkeypatch.setattr(natpmp, "_WAITS", (0.2, 0.2))
    async with router(*answers) as (it, _):
        with pytest.raises(raised):
            await it.open(PORT, 3600)


class Saying:
    """A socket on which the router says these datagrams, and then nothing more."""

    def __init__(self, said: list[bytes]) -> None:
        self.left = list(said)

    def __enter__(self) -> "Saying":
        return self

    def __exit__(self, *_: object) -> None: ...

    async def connect(self, place: tuple[str, int]) -> None: ...

    async def send(self, message: bytes) -> None: ...

    async def recv(self, size: int) -> bytes:
        if not self.left:
            await trio.sleep_forever()
        return self.left.pop(0)[:size]


_NUMBERS = st.integers(0, 65535) | st.sampled_from([0, PORT])
_LONG = st.integers(0, 2**32 - 1)


@seeds(
    ([],),
    ([whereabouts(), mapped(PORT, PORT, 60)],),
    ([whereabouts(), mapped(PORT, 1, 2**32 - 1)],),
    ([whereabouts(), mapped(PORT, 0, 60)],),
    ([whereabouts(result=65535)],),
    ([whereabouts(), mapped(PORT, PORT, 60, result=1)],),
    ([whereabouts()[:-1], whereabouts() + b"x", b"", bytes(12), whereabouts()],),
    ([b"\0\x81" + bytes(10)] * 9,),
)
@given(
    st.lists(
        st.binary(max_size=20)
        | st.builds(whereabouts, _NUMBERS)
        | st.builds(mapped, _NUMBERS, _NUMBERS, _LONG, st.sampled_from([0, 1, 65535])),
        max_size=12,
    )
)
def test_whatever_natpmp_answers_is_a_lease_or_an_error(said: list[bytes]) -> None:
    saying = Saying(said)
    clock = trio.testing.MockClock(autojump_threshold=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trio.socket, "socket", lambda *_: saying)
        try:
            lease = trio.run(NatPmp("192.0.2.1").open, PORT, 3600, clock=clock)
        except (PeerError, Unreachable):
            return
    assert 0 < lease.seconds <= 3600
    assert 0 < lease.place.port < 65536
    assert ipaddress.ip_address(lease.place.host).version == 4


@pytest.mark.trio
async def test_a_lost_question_is_asked_again_and_a_longer_time_is_not_believed() -> None:
    async with router([], [whereabouts()], [mapped(PORT, PORT, 2**32 - 1)]) as (it, asked):
        assert (await it.open(PORT, 3600)).seconds == 3600
        assert asked[0] == asked[1]


@pytest.mark.trio
async def test_where_nobody_speaks_natpmp_it_is_said_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable):
        await NatPmp("127.0.0.1", port).open(PORT, 3600)


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("Iface\teth0\n", ""),
        ("Iface\neth0\t00000000\t0102A8C0\t0003\t0\n", "192.168.2.1"),
        ("Iface\neth0\t0002A8C0\t00000000\t0001\t0\n", ""),
        ("Iface\nlo\t00000000\t00000000\t0001\t0\neth0\t00000000\t010A000A\t0003\n", "10.0.10.1"),
    ],
)
def test_the_router_that_leads_out(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, routes: str, expected: str
) -> None:
    place = tmp_path / "route"
    monkeypatch.setattr(natpmp, "_ROUTES", place)
    assert natpmp.default_router() == ""
    place.write_text(routes)
    assert natpmp.default_router() == expected


# UPnP: the library is spoken to as it is; what it returns is a router's word.


class Igd:
    """What the library's object is, once it has found a router."""

    lanaddr = "192.168.1.2"

    def __init__(self, host: Any = PLACE.host, only_for_ever: bool = False) -> None:
        self.host = host
        self.only_for_ever = only_for_ever
        self.opened: list[tuple[Any, ...]] = []

    def externalipaddress(self) -> Any:
        return self.host

    def addportmapping(self, *asked: Any) -> bool:
        if self.only_for_ever and asked[-1]:
            raise Exception("OnlyPermanentLeasesSupported")
        self.opened.append(asked)
        return True

    def deleteportmapping(self, port: int, protocol: str) -> bool:
        self.opened = [each for each in self.opened if each[:2] != (port, protocol)]
        return True


@pytest.mark.trio
@pytest.mark.parametrize("only_for_ever", [False, True])
async def test_upnp_opens_and_closes(monkeypatch: pytest.MonkeyPatch, only_for_ever: bool) -> None:
    igd = Igd(only_for_ever=only_for_ever)
    monkeypatch.setattr(upnp, "_find", lambda: igd)
    it = Upnp()
    lease = await it.open(PORT, 3600)
    assert lease == Lease(PLACE, 3600)
    assert igd.opened == [
        (PORT, "TCP", "192.168.1.2", PORT, "Lading", "", 0 if only_for_ever else 3600)
    ]
    await it.close(PORT, lease)
    assert not igd.opened


@pytest.mark.trio
@pytest.mark.parametrize("host", [None, "", "nobody", "::1", "1.2.3.4.5", 7.5])
async def test_upnp_that_does_not_say_where_it_is(
    monkeypatch: pytest.MonkeyPatch, host: Any
) -> None:
    igd = Igd(host)
    monkeypatch.setattr(upnp, "_find", lambda: igd)
    with pytest.raises(PeerError):
        await Upnp().open(PORT, 3600)
    assert not igd.opened


@seeds(
    (PLACE.host,),
    ("192.168.1.1",),
    ("0300.0.2.7",),
    ("\u0661.2.3.4",),  # a digit elsewhere
    ("1.2.3.4\0",),
    ("1.2.3.4/24",),
    ("::ffff:1.2.3.4",),
    ("<NewExternalIPAddress>1.2.3.4",),
    ("9" * 5000,),
)
@given(st.text(max_size=20) | st.ip_addresses().map(str))
def test_whatever_upnp_names_is_an_ipv4_address_or_an_error(host: str) -> None:
    igd = Igd(host)
    try:
        lease = upnp._open(igd, PORT, 3600)
    except PeerError:
        assert not igd.opened
    else:
        assert str(ipaddress.IPv4Address(host)) == lease.place.host


@pytest.mark.trio
async def test_upnp_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Any:
        raise Exception("No UPnP device discovered")

    monkeypatch.setattr(upnp, "_find", nobody)
    with pytest.raises(Unreachable, match="No UPnP"):
        await Upnp().open(PORT, 3600)
