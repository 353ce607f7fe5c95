"""A cheat has an endpoint on its side: one of the three that the other side's app asks lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain import commands as cmd
from chain import exchange
from p2p import messages as m
from tests.adversary.cheating_buyer import REVEAL_SECONDS, CheatingBuyer
from tests.adversary.cheating_owner import CheatingOwner
from tests.adversary.stage import MONEY_BACK, Honest, jump, mine, mine_until, money_of, state_of
from tests.adversary.test_cheating_buyer import agree as agree_to_sell
from tests.adversary.test_cheating_buyer import assert_paid, goods_of
from tests.adversary.test_cheating_owner import agree, pay
from tests.adversary.test_watching import Device, hand_over
from tests.chain import liar as lies
from tests.chain.liar import Liar, Lie
from tests.story.people import World
from tests.story.trading import WINDOW_SECONDS, register, shows

BAD_RECORD = 300
MONTH = 30 * 86_400
EVERY_FIELD: list[Lie] = [
    lies.shifted_time(MONTH),
    lies.hidden_logs(),
    lies.storage_word(exchange.PAID),
    lies.balance(0),
    lies.field("eth_getBlockByNumber", "hash", "0x" + "13" * 32),
    lies.field("eth_getBlockByNumber", "stateRoot", "0x" + "77" * 32),
    lies.field("eth_getTransactionReceipt", "status", "0x0"),
    lies.instead("eth_getTransactionCount", "0xffff"),
    lies.instead("eth_estimateGas", "0x1"),
    lies.instead("eth_gasPrice", hex(10**15)),
    lies.instead("eth_maxPriorityFeePerGas", hex(10**15)),
]
WAYS: dict[str, list[Lie]] = {
    "every field": EVERY_FIELD,
    "hidden logs": [lies.hidden_logs()],
    "lagging": [lies.lagging(40)],
    "silent": [lies.silent],
}


@pytest.fixture(scope="module")
def endpoints(world: World) -> Iterator[list[Liar]]:
    """Three, of which the first may lie."""
    made = [Liar(world.network.rpc_urls[0]) for _ in range(3)]
    try:
        yield made
    finally:
        for endpoint in made:
            endpoint.close()


@pytest.fixture
def liar(endpoints: list[Liar]) -> Iterator[Liar]:
    yield endpoints[0]
    endpoints[0].lies = []


def _somebody(world: World, endpoints: list[Liar], name: str) -> Honest:
    file = world.folder / "three.json"
    replace(world.network, rpc_urls=tuple(one.url for one in endpoints)).save(file)
    place = world.folder / f"three {name.split()[0].lower()}"
    return Honest(name, place, Path(world.practice.status()["folder"]))


def _enter(world: World, person: Honest) -> None:
    person.enter_network(world.folder / "three.json")
    world.practice.fund(person.address)


@pytest.fixture(scope="module")
def careful_buyer(world: World, endpoints: list[Liar]) -> Iterator[Honest]:
    with _somebody(world, endpoints, "Baltic Grid Analytics") as buyer:
        _enter(world, buyer)
        yield buyer


@pytest.fixture(scope="module")
def careful_owner(world: World, endpoints: list[Liar]) -> Iterator[Honest]:
    with _somebody(world, endpoints, "Nordhaven Energy") as owner:
        _enter(world, owner)
        yield owner


@pytest.fixture
def cheat(world: World, data: Path) -> Iterator[CheatingOwner]:
    with CheatingOwner(world) as owner:
        owner.prepare(data)
        yield owner


@pytest.mark.parametrize("way", list(WAYS))
def test_garbage_is_complained_about_although_an_endpoint_would_hide_it(
    world: World, careful_buyer: Honest, cheat: CheatingOwner, liar: Liar, way: str
) -> None:
    buyer = careful_buyer
    before = money_of(world, buyer.address)
    cheat.goods.spoil(BAD_RECORD)
    liar.lies = WAYS[way]
    deal = agree(world, cheat, buyer, f"Garbage, {way}")
    pay(world, buyer, deal)
    cheat.reveal(deal, cheat.hear(m.DeliveryReceipt))
    mine_until(world, lambda: state_of(world, deal.order_id) == exchange.REFUNDED)
    mine(world)
    shows(buyer, deal.thread, *MONEY_BACK)
    assert money_of(world, buyer.address) == before + deal.offer.bond
    assert liar.asked


def test_an_owner_is_paid_although_an_endpoint_is_on_the_buyer_s_side(
    world: World, careful_owner: Honest, liar: Liar, data: Path
) -> None:
    owner = careful_owner
    goods = goods_of(world, register(owner, data, "Soundings"))
    before = money_of(world, owner.address)
    liar.lies = EVERY_FIELD
    with CheatingBuyer(world) as cheat:
        purchase = agree_to_sell(owner, cheat, goods)
        cheat.fund(purchase)
        cheat.fetch(purchase)
        cheat.say(owner.address, cheat.receipt(purchase))
        cheat.key(purchase)
    jump(world, REVEAL_SECONDS * 3 // 4)
    mine_until(world, lambda: state_of(world, purchase.order_id) == exchange.REVEALED)
    jump(world, WINDOW_SECONDS + 60)
    assert_paid(world, owner, purchase, before)


def test_a_watching_device_is_not_misled_by_an_endpoint_either(
    world: World, careful_buyer: Honest, cheat: CheatingOwner, liar: Liar, tmp_path: Path
) -> None:
    buyer = careful_buyer
    before = money_of(world, buyer.address)
    cheat.goods.spoil(BAD_RECORD)
    deal = agree(world, cheat, buyer, "Garbage, watched")
    pay(world, buyer, deal)
    receipt = cheat.hear(m.DeliveryReceipt)
    hand_over(world, buyer, deal, tmp_path / "device")
    buyer.kill()
    try:
        liar.lies = EVERY_FIELD
        cheat.reveal(deal, receipt)
        watched = Device(world, tmp_path / "device")
        with watched.watcher:
            watched.look_until("complain")
            watched.look_until("ended")
        assert money_of(world, deal.buyer) == before + deal.offer.bond
    finally:
        buyer.come_back()
    buyer.open(cmd.OpenOrder(deal.thread))
    shows(buyer, deal.thread, *MONEY_BACK)
