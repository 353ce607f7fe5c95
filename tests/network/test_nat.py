"""Deliveries between two who are each behind a router: real namespaces, nftables, relays.

Nobody can dial anybody here. Relays die, addresses change; what arrives is whole.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from p2p.spool import Spool
from tests.counts import PROVE
from tests.network.children import Child, child
from tests.network.nat import PUBLIC, Homes, Namespace, cable, homes, refusal
from tests.network.relays import Station, station
from tests.network.trade import LONG, PATIENCE, assert_same
from tests.p2p.people import make_dataset

SIZE = 20 * LONG if PROVE else 16_000_000
BANDWIDTH = 10_000_000  # bytes a second, of a relay
BUSY = 10  # a delivery may take so many times as long as by its bandwidth: all else runs beside it


@pytest.fixture(scope="module")
def _allowed() -> None:
    """On a developer's machine it may be forbidden."""
    if why := refusal():
        pytest.skip(why)


@pytest.fixture
def internet(_allowed: None) -> Iterator[Homes]:
    """With routers that only a relay helps against."""
    with homes(keep_ports=False) as made:
        yield made


@pytest.fixture
def open_internet(_allowed: None) -> Iterator[Homes]:
    """With routers as most are."""
    with homes(keep_ports=True) as made:
        yield made


@dataclass
class Delivery:
    """One of so many bytes under way from a to b; ``stations`` by peer id."""

    folder: Path
    size: int
    stations: dict[str, Station]
    owner: Child
    buyer: Child

    async def next(self, word: str) -> str:
        """What the buyer says after ``word``, as soon as it says it."""
        while True:
            line = await self.buyer.line()
            if line.startswith(word):
                return line.removeprefix(word).strip()

    async def relay_at(self, chunk: int) -> str:
        """By which relay the delivery goes at that chunk, or "itself"; the buyer stands still from
        there."""
        return await self.next(f"chunk {chunk} by")

    async def go_on(self) -> None:
        await self.buyer.say("go on")

    async def assert_arrives(self, *, at_once: bool = False, by_line: bool = False) -> None:
        """at_once: and nothing breaks off any more. by_line: all of it by the way that is neither
        the session nor a relay."""
        while not (line := await self.buyer.line()).startswith("all: "):
            assert not at_once or line.startswith("chunk")
        dataset = make_dataset(self.folder, self.size)
        made = dataset.made.fingerprint
        spool = Spool(self.folder / "b" / "spool", made.records, made.root)
        assert_same(spool, dataset)
        assert not by_line or line == f"all: {spool.chunks} by line, 0 by session"


def _circuit(address: str) -> bool:
    return "/p2p-circuit/" in address


@asynccontextmanager
async def delivering(
    internet: Homes,
    folder: Path,
    relays: int,
    *stops: int,
    anew: int | None = None,
    known: Callable[[str], bool] = _circuit,
    bandwidth: int = BANDWIDTH,
    owner_words: tuple[str, ...] = (),
    calm: bool = False,
    size: int = SIZE,
) -> AsyncIterator[Delivery]:
    """anew: where it stops once it was interrupted. known: which of the owner's addresses the buyer
    knows. calm: see `tests.network.home`."""
    async with AsyncExitStack() as stack:
        patience = PATIENCE + BUSY * size / BANDWIDTH
        stack.enter_context(trio.fail_after(patience))
        stations: dict[str, Station] = {}
        for number in range(relays):
            started = station(
                folder / f"relay-{number}",
                f"--bandwidth={bandwidth}",
                host=PUBLIC,
                within=internet.public.within,
            )
            each = await stack.enter_async_context(started)
            stations[each.address.rpartition("/")[2]] = each

        async def side(name: str, *words: str, within: tuple[str, ...]) -> Child:
            pace = ("calm",) if calm else ()
            made = child(
                folder / name,
                *pace,
                *words,
                module="tests.network.home",
                within=within,
                seconds=patience,
            )
            return await stack.enter_async_context(made)

        addresses = [each.address for each in stations.values()]
        at = ",".join(map(str, stops)) + (f"/{anew}" if anew else "")
        words = (*owner_words, *addresses)
        owner = await side("a", "owner", str(size), *words, within=internet.a.computer.within)
        told = (await owner.line()).split() + (await owner.line()).split()
        to = filter(known, told)
        buyer = await side("b", "buyer", str(size), at, *to, within=internet.b.computer.within)
        yield Delivery(folder, size, stations, owner, buyer)


@pytest.mark.trio
async def test_the_relay_between_two_routers_is_killed_and_the_other_is_taken(
    internet: Homes, tmp_path: Path
) -> None:
    async with delivering(internet, tmp_path, 2, 3, anew=8) as delivery:
        used = await delivery.relay_at(3)
        await delivery.stations[used].kill()
        await delivery.go_on()
        assert int(await delivery.next("stopped at")) >= 3
        other = await delivery.relay_at(8)
        assert {used, other} == delivery.stations.keys()
        await delivery.go_on()
        await delivery.assert_arrives()


@pytest.mark.trio
async def test_both_sides_get_other_addresses_on_the_way(internet: Homes, tmp_path: Path) -> None:
    """The buyer another one in its network, the owner one in another network."""
    async with delivering(internet, tmp_path, 1, 2, anew=8) as delivery:
        await delivery.relay_at(2)
        internet.b.renumber(internet.b.computer, 2, 77)
        await delivery.go_on()
        assert int(await delivery.next("stopped at")) >= 2
        await delivery.relay_at(8)
        internet.a.unplug(internet.a.computer)
        internet.b.plug_in(internet.a.computer, 5)
        await delivery.go_on()
        assert int(await delivery.next("stopped at")) >= 8
        await delivery.assert_arrives()


async def _directly_in_the_end(internet: Homes, folder: Path) -> None:
    """It begins at a slow relay and ends without one."""
    chunks = range(15)
    slow = BANDWIDTH // 20  # there is time
    async with delivering(internet, folder, 1, *chunks, bandwidth=slow) as delivery:
        (relay,) = delivery.stations
        for chunk in chunks:
            way = await delivery.relay_at(chunk)
            if way == "itself":
                break
            assert way == relay
            await delivery.go_on()
        else:
            pytest.fail("it never went directly")
        while not (await delivery.stations[relay].line())["passed_bytes"]:  # where it began
            pass
        await delivery.stations[relay].kill()
        for _ in range(chunk, chunks.stop):
            await delivery.go_on()
        await delivery.assert_arrives(at_once=True)


@pytest.mark.trio
async def test_two_routers_are_passed_without_the_relay_that_introduced_both(
    open_internet: Homes, tmp_path: Path
) -> None:
    await _directly_in_the_end(open_internet, tmp_path)


@pytest.mark.trio
async def test_ipv6_is_taken_through_its_walls(internet: Homes, tmp_path: Path) -> None:
    """The relay speaks IPv4 only, and by that there is no way."""
    internet.have_ipv6()
    await _directly_in_the_end(internet, tmp_path)


@pytest.mark.trio
@pytest.mark.parametrize("language", ["natpmp", "upnp"])
async def test_a_router_lets_them_in_as_long_as_it_is_wanted(
    internet: Homes, tmp_path: Path, language: str
) -> None:
    home = internet.a
    gateway = str(Path(__file__).with_name("gateway.py"))

    def opened(address: str) -> bool:
        return address.startswith(f"/ip4/{home.outside}/tcp/")

    def told(address: str) -> bool:
        return opened(address) or _circuit(address)

    with home.router.running("-S", gateway, language, home.inside(1)):
        async with delivering(
            internet, tmp_path, 1, 3, known=told, owner_words=("router",), calm=True
        ) as delivery:
            assert await delivery.relay_at(3) == "itself"
            assert home.inside(2) in home.router.said(
                "nft", "list", "map", "ip", "gateway", "ports"
            )
            await delivery.go_on()
            await delivery.assert_arrives(by_line=True)
            await delivery.owner.say("end")
            assert await delivery.owner.line() == "ended"
        left = home.router.said("nft", "list", "map", "ip", "gateway", "ports")
        assert home.inside(2) not in left


@pytest.mark.trio
async def test_where_ipv6_lets_in_the_chunks_take_a_line_by_it(
    internet: Homes, tmp_path: Path
) -> None:
    """By IPv4 there is only the relay, of which the buyer knows, too."""
    internet.have_ipv6()
    internet.a.let_in_ipv6()
    public = f"/ip6/2001:db8:{internet.a.number}:"

    def told(address: str) -> bool:
        return address.startswith(public) or _circuit(address)

    async with delivering(internet, tmp_path, 1, 3, known=told, calm=True) as delivery:
        assert await delivery.relay_at(3) == "itself"
        await delivery.go_on()
        await delivery.assert_arrives(by_line=True)


@pytest.mark.trio
@pytest.mark.usefixtures("_allowed")
@pytest.mark.parametrize(("lost", "held"), [(0, 20), (1, 10), (5, 10)])
async def test_packets_are_lost_and_overtake_each_other(
    tmp_path: Path, lost: int, held: int
) -> None:
    with cable(lost=lost, held=held) as ends:
        async with delivering(ends, tmp_path, 0, 3, known=lambda _: True) as delivery:
            assert await delivery.relay_at(3) == "itself"
            await delivery.go_on()
            await delivery.assert_arrives()
        assert _out_of_order(ends.b.computer) > 100


@pytest.mark.trio
@pytest.mark.usefixtures("_allowed")
async def test_far_apart_packets_are_lost_and_overtake_each_other(tmp_path: Path) -> None:
    """They take 0.2 s, those that are held back 0.4 s: TCP itself brings some 10 kB a second."""
    with cable(lost=5, held=10, takes=200) as ends:
        made = delivering(ends, tmp_path, 0, 0, known=lambda _: True, calm=True, size=150_000)
        async with made as delivery:
            assert await delivery.relay_at(0) == "itself"
            await delivery.go_on()
            await delivery.assert_arrives()
        assert _out_of_order(ends.b.computer) > 10


def _out_of_order(computer: Namespace) -> int:
    """Segments its TCP got before an earlier one (TcpExtTCPOFOQueue of Linux)."""
    names, values, *_ = [
        line.split()
        for line in computer.said("cat", "/proc/net/netstat").splitlines()
        if line.startswith("TcpExt:")
    ]
    return int(values[names.index("TCPOFOQueue")])


def test_nobody_outside_can_dial_a_computer_behind_a_router(internet: Homes) -> None:
    a, b = internet.a, internet.b
    with a.computer.listening() as port:
        assert a.router.reaches(a.inside(2), port)
        for stranger in (internet.public, b.computer):
            assert not stranger.reaches(a.outside, port)
            assert not stranger.reaches(a.inside(2), port)
    with internet.public.listening() as port:
        assert a.computer.reaches(PUBLIC, port)


@pytest.mark.usefixtures("_allowed")
def test_nothing_of_the_networks_is_left_behind() -> None:
    left: list[Path] = []

    def fail_in_them() -> None:
        with homes(keep_ports=True) as made:
            left.extend(Path("/run/netns", each.name) for each in (made.public, made.a.router))
            assert all(path.exists() for path in left)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_them()
    assert not any(path.exists() for path in left)
