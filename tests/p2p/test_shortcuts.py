"""A delivery that began at a relay goes directly once an address is known that can be dialled."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from p2p import connections, host, neighbours
from p2p.carriers import Address, usable_addresses
from p2p.connections import Connection
from p2p.limits import SHORTCUTS
from p2p.relay import Bounds
from tests.network.trade import LONG
from tests.p2p.people import Person
from tests.p2p.relayed import Post, until
from tests.p2p.test_punching import SLOW, Trade, trading

EVERYWHERE = ("/ip4/0.0.0.0/tcp/0",)
STILL = Bounds(bytes_per_second=50_000)  # what goes through it is under way at the test's end


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of this computer: private ones, so that no router is punched through."""
    addresses = ["10.255.0.1"]
    monkeypatch.setattr(neighbours, "_interfaces", lambda version: list(addresses))
    return addresses


@asynccontextmanager
async def apart_at_first(folder: Path, bounds: Bounds = SLOW) -> AsyncIterator[Trade]:
    owner, buyer = (Person(name, listen=EVERYWHERE) for name in ("anna", "ben"))
    async with trading(folder, Post(bounds=bounds), owner, buyer, LONG) as trade:
        yield trade


def at_loopback(person: Person) -> tuple[str, ...]:
    """Where a neighbour would see it, if this computer were the local network."""
    (listening,) = person.host._connections.listening
    return (Address("127.0.0.1", listening.port).multiaddr(person.peer_id),)


@pytest.mark.trio
@pytest.mark.parametrize("who", ["buyer", "owner"])
async def test_what_is_seen_on_the_local_network_on_the_way_is_dialled(
    tmp_path: Path, who: str
) -> None:
    """Whichever of the two sees the other."""
    async with apart_at_first(tmp_path) as trade, trio.open_nursery() as nursery:
        nursery.start_soon(trade.fetch)
        await until(lambda: trade.ways)
        one, other = trade.buyer, trade.owner
        if who == "owner":
            one, other = other, one
        one.host._found(other.peer_id, at_loopback(other))
        await until(lambda: trade.ways[-1])
    assert trade.ways[0] is False
    assert sorted(trade.ways) == trade.ways  # never back


@pytest.mark.trio
async def test_what_the_relay_knows_better_than_the_profile_is_dialled(tmp_path: Path) -> None:
    async with apart_at_first(tmp_path) as trade:
        trade.owner.host.tell(at_loopback(trade.owner))
        await trade.fetch()
    assert trade.ways[0] is False
    assert trade.ways[-1] is True


@pytest.mark.trio
async def test_in_another_network_the_same_addresses_are_dialled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: list[str]
) -> None:
    monkeypatch.setattr(host, "OWN_ADDRESSES_SECONDS", 0.05)
    dialled: list[tuple[str, ...]] = []
    async with apart_at_first(tmp_path, STILL) as trade, trio.open_nursery() as nursery:
        dials = trade.buyer.host._connections

        async def dial(peer_id: str, addresses: list[Address]) -> None:
            dialled.append(tuple(each.host for each in addresses))

        monkeypatch.setattr(dials, "dial_directly", dial)
        nursery.start_soon(trade.fetch)
        await until(lambda: trade.ways)
        trade.buyer.host._found(trade.owner.peer_id, at_loopback(trade.owner))
        await until(lambda: len(dialled) == 1)
        here[:] = ["10.255.0.2"]
        await until(lambda: len(dialled) == 2)
        nursery.cancel_scope.cancel()
    assert dialled == 2 * [("127.0.0.1",)]


@pytest.mark.trio
async def test_a_neighbour_that_is_somewhere_else_all_the_time_is_not_dialled_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[Address] = []
    async with apart_at_first(tmp_path, STILL) as trade, trio.open_nursery() as nursery:
        dials = trade.buyer.host._connections

        async def dial(peer_id: str, addresses: list[Address]) -> None:
            dialled.extend(addresses)

        def reached(count: int) -> bool:
            return len(dialled) >= count

        monkeypatch.setattr(dials, "dial_directly", dial)
        nursery.start_soon(trade.fetch)
        await until(lambda: trade.ways)
        for port in range(1, 2 * SHORTCUTS):
            place = Address("192.0.2.9", port).multiaddr(trade.owner.peer_id)
            for _ in "twice":  # what is known already is no news
                trade.buyer.host._found(trade.owner.peer_id, (place,))
                await until(partial(reached, min(port, SHORTCUTS)))
                for _ in range(5):  # a second dial would have begun by then
                    await trio.lowlevel.checkpoint()
        nursery.cancel_scope.cancel()
    assert [each.port for each in dialled] == list(range(1, SHORTCUTS + 1))


@pytest.mark.trio
async def test_a_direct_session_waits_for_a_slow_chunk_to_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody introduces himself on it meanwhile: the same peer has, on the relayed one."""
    looked: set[Connection] = set()
    mute = Connection.mute.__get__

    def noted(connection: Connection) -> bool:
        looked.add(connection)
        return mute(connection)

    async with (
        apart_at_first(tmp_path, Bounds(bytes_per_second=300_000)) as trade,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(trade.fetch)
        await until(lambda: trade.ways)
        (place,) = usable_addresses(at_loopback(trade.owner), trade.owner.peer_id)
        with monkeypatch.context() as hurried:  # whoever changes over may take his time
            hurried.setattr(connections, "HELLO_SECONDS", 0.01)
            hurried.setattr(Connection, "mute", property(noted))
            await trade.buyer.host._connections.dial_directly(trade.owner.peer_id, [place])
            await until(lambda: len([each for each in looked if each.via is None]) == 2)
        assert all(each.muxer.usable for each in looked)
        await until(lambda: trade.ways[-1])
    assert sorted(trade.ways) == trade.ways
