"""Peers that flood, stall and send huge frames: they end their own streams and nobody's trade."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
import trio

from app.domain import commands as cmd
from chain import agreement
from p2p import delivery, negotiation, serving
from p2p import messages as m
from p2p.carriers import read_address
from p2p.connections import Connection
from p2p.errors import P2PError
from p2p.host import Host, Peer
from p2p.limits import LEAVES_BYTES
from p2p.messages import encode
from p2p.wire import Wire
from tests.adversary.cheating_buyer import CheatingBuyer, Purchase
from tests.adversary.cheating_owner import REVEAL_SECONDS, CheatingOwner
from tests.adversary.stage import MONEY_BACK, Honest, jump, mine_until, money_of
from tests.adversary.test_cheating_buyer import Goods, agree, goods_of
from tests.adversary.test_cheating_owner import agree as agree_to_buy
from tests.adversary.test_cheating_owner import assert_refunded, pay
from tests.story.people import World
from tests.story.trading import register, shows

HUGE = (2**32 - 1).to_bytes(4, "big")
HUGE_TIMES = 5
STREAMS = 12
SILENT_SOCKETS = 8
WORDS = 400


# A buyer that is rude to an owner


class RudeBuyer(CheatingBuyer):
    """Has no purchase in mind. `shown_out` counts how often a stream of its was ended."""

    shown_out = 0

    async def huge_frames(self, other: str) -> None:
        """Announces 4 GiB, and begins to send them; again each time it is shown the door."""
        profile = self.profile(other)
        for _ in range(HUGE_TIMES):
            opened = self.host._stream(
                profile.peer_id, profile.addresses, negotiation.PROTOCOL, None
            )
            try:
                async with opened as (_, stream, _):
                    await stream.write(HUGE)
                    for _ in range(64):
                        await stream.write(bytes(65_536))
            except P2PError:
                self.shown_out += 1

    async def half_a_frame(self, other: str, protocol: str) -> None:
        """Begins a frame and leaves it at that."""
        profile = self.profile(other)
        opened = self.host._stream(profile.peer_id, profile.addresses, protocol, None)
        async with opened as (_, stream, _):
            await stream.write((60_000).to_bytes(4, "big") + b'{"v":1')
            await trio.sleep_forever()

    async def many_words(self, other: str) -> None:
        """Says more than anybody reads, and does not wait for an answer."""
        profile = self.profile(other)
        opened = self.host._stream(profile.peer_id, profile.addresses, negotiation.PROTOCOL, None)
        async with opened as (wire, _, _):
            for number in range(WORDS):
                await wire.write(encode(m.Text(**self.head(), text=f"{number} " * 300)))
            await trio.sleep_forever()

    async def nothing_stored(self, purchase: Purchase) -> None:
        """Fetches a delivery and never says that anything of it arrived."""
        profile = self.profile(purchase.owner)
        opened = self.host._stream(profile.peer_id, profile.addresses, delivery.PROTOCOL, None)
        async with opened as (wire, _, _):
            await wire.write_object("fetch", order=purchase.order_id.hex(), leaves=0)
            await trio.sleep_forever()


@pytest.fixture
def silent_sockets() -> Iterator[Callable[[str], None]]:
    """Connects to an address and says nothing, or nonsense, before any handshake."""
    with ExitStack() as opened:

        def connect(multiaddr: str) -> None:
            place = read_address(multiaddr)
            assert place is not None
            for number in range(SILENT_SOCKETS):
                made = socket.create_connection((place.host, place.port))
                opened.enter_context(made)
                if number % 2:
                    made.sendall(b"GET / HTTP/1.1\r\n\r\n" * 100)

        yield connect


@pytest.fixture(scope="module")
def goods(world: World, owner: Honest, data: Path) -> Goods:
    return goods_of(world, register(owner, data, "Soundings"))


def test_an_owner_beset_by_a_rude_peer_serves_another_buyer(
    world: World, owner: Honest, goods: Goods, silent_sockets: Callable[[str], None]
) -> None:
    with RudeBuyer(world) as rude, CheatingBuyer(world, "Patient Reader") as reader:
        held = agree(owner, rude, goods)
        rude.fund(held)
        rude.fetch(held)  # the owner's gate is open from here
        silent_sockets(rude.profile(owner.address).addresses[0])
        rude.keep_doing(partial(rude.nothing_stored, held))
        rude.keep_doing(partial(rude.huge_frames, owner.address))
        rude.keep_doing(partial(rude.many_words, owner.address))
        for number in range(STREAMS):
            protocol = (negotiation.PROTOCOL, delivery.PROTOCOL)[number % 2]
            rude.keep_doing(partial(rude.half_a_frame, owner.address, protocol))
        purchase = agree(owner, reader, goods)
        reader.fund(purchase)
        reader.fetch(purchase)
        reader.say(owner.address, reader.receipt(purchase))
        assert agreement.key_commit(reader.key(purchase)) == purchase.agreed.key_commit
        mine_until(world, lambda: rude.shown_out == HUGE_TIMES)
        assert not [notice for notice in owner.person.notices if notice.kind == "bug"]


# An owner that is rude to a buyer


Rudeness = Callable[[Wire], Awaitable[None]]


async def huge(wire: Wire) -> None:
    await wire._stream.write(HUGE + bytes(100_000))
    await trio.sleep_forever()


async def flood(wire: Wire) -> None:
    """Leaf hashes without end."""
    await wire.write_object("delivery", records=323)
    while True:
        await wire.write(delivery.LEAVES, bytes(LEAVES_BYTES))


async def stall(wire: Wire) -> None:
    await wire.write_object("delivery", records=323)
    await wire._stream.write((65).to_bytes(4, "big") + delivery.LEAVES + bytes(3))
    await trio.sleep_forever()


async def nonsense(wire: Wire) -> None:
    await wire._stream.write((2000).to_bytes(4, "big") + b"{" * 2000)
    await trio.sleep_forever()


class RudeHost(Host):
    """Opens manifests as it should, and has another way for each delivery."""

    ways: ClassVar[dict[bytes, Rudeness]] = {}
    gone: ClassVar[set[bytes]] = set()

    async def _deliver(self, wire: Wire, peer: Peer, connection: Connection, protocol: str) -> None:
        kind, order_id, _ = await serving.read_request(wire)
        source = await self._callbacks.source(peer, order_id)
        if kind == "manifest":
            await serving.serve_manifest(wire, source)
        else:
            self.gone.add(order_id)
            await self.ways[order_id](wire)


class RudeOwner(CheatingOwner):
    host_type = RudeHost


def test_a_buyer_gets_its_money_back_from_owners_that_flood_stall_and_send_huge_frames(
    world: World, buyer: Honest, data: Path
) -> None:
    before = money_of(world, buyer.address)
    with RudeOwner(world) as rude:
        rude.prepare(data)
        deals = []
        for way in (huge, flood, stall, nonsense):
            deal = agree_to_buy(world, rude, buyer, way.__name__)
            RudeHost.ways[deal.order_id] = way
            pay(world, buyer, deal)
            deals.append(deal)
            rude.prepare(data)  # another salt, so that the next one is another dataset
        mine_until(world, lambda: {deal.order_id for deal in deals} <= RudeHost.gone)
        jump(world, REVEAL_SECONDS + 60)
        for deal in deals[:-1]:
            buyer.open(cmd.OpenOrder(deal.thread))
            shows(buyer, deal.thread, *MONEY_BACK)
        buyer.open(cmd.OpenOrder(deals[-1].thread))
        assert_refunded(world, buyer, deals[-1], before)
        assert not rude.has_heard(m.DeliveryReceipt)
        assert not [notice for notice in buyer.person.notices if notice.kind == "bug"]
