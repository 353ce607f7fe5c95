"""A buyer that cheats: the owner is paid for a key it gave, and gives none that is not paid for."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.snapshots.orders import OrderSnapshot
from chain import agreement, exchange
from chain.errors import Refused
from p2p import messages as m
from p2p.errors import PeerError
from p2p.records import Fingerprint
from p2p.sealing import delivery_leaf, seal_chunk
from tests.adversary.cheating_buyer import REVEAL_SECONDS, CheatingBuyer, Purchase
from tests.adversary.stage import (
    Honest,
    jump,
    mine,
    mine_until,
    money_of,
    now,
    registered,
    state_of,
)
from tests.story.people import World
from tests.story.trading import (
    PRICE_UNITS,
    SOLD,
    WINDOW_SECONDS,
    press,
    register,
    shows,
)

MARGIN_SECONDS = REVEAL_SECONDS // 4


@dataclass(frozen=True)
class Goods:
    dataset: bytes
    fingerprint: Fingerprint


@pytest.fixture(scope="module")
def goods(world: World, owner: Honest, data: Path) -> Goods:
    """What the honest owner registered, as everybody can read it."""
    return goods_of(world, register(owner, data, "Soundings"))


def goods_of(world: World, dataset: str) -> Goods:
    row = registered(world, bytes.fromhex(dataset))
    return Goods(row.dataset, Fingerprint(row.content_id, row.root, row.records, row.length))


@pytest.fixture
def cheat(world: World, goods: Goods) -> Iterator[CheatingBuyer]:
    with CheatingBuyer(world) as buyer:
        yield buyer


def agree(owner: Honest, cheat: CheatingBuyer, goods: Goods, **changed: object) -> Purchase:
    """As far as the owner's signature, which the owner gives on its page."""
    purchase = cheat.ask_for(owner.address, goods.dataset, goods.fingerprint, **changed)
    owner.open(cmd.OpenOrder(purchase.thread))
    page = owner.wait(
        OrderSnapshot, lambda page: page.order == purchase.thread and page.least_bond is not None
    )
    assert page.least_bond is not None
    command = cmd.SignOffer(
        purchase.thread, page.least_bond.units, page.price.units, page.terms_fingerprint
    )
    press(owner, purchase.thread, "sign", command, *SOLD)
    cheat.take_offer(purchase)
    return purchase


def happened(owner: Honest, purchase: Purchase) -> list[str]:
    return [type(event).__name__ for event in owner.events(purchase.thread)]


def to_the_margin(world: World) -> None:
    jump(world, REVEAL_SECONDS - MARGIN_SECONDS)


def until(world: World, purchase: Purchase, state: int) -> None:
    """The owner's app brings the order there."""
    mine_until(world, lambda: state_of(world, purchase.order_id) == state)
    mine(world)


def assert_refunded_without_a_key(
    world: World, owner: Honest, cheat: CheatingBuyer, purchase: Purchase, before: int
) -> None:
    shows(owner, purchase.thread, "refunded")
    assert state_of(world, purchase.order_id) == exchange.REFUNDED
    assert cheat.money() == before
    assert not {"KeyGiven", "Revealed"} & set(happened(owner, purchase))
    assert not cheat.has_heard(m.Key)


def assert_paid(world: World, owner: Honest, purchase: Purchase, before: int) -> None:
    shows(owner, purchase.thread, "paid")
    assert state_of(world, purchase.order_id) == exchange.PAID
    assert money_of(world, owner.address) == before + PRICE_UNITS


def test_a_buyer_that_never_signs_gets_no_key_and_its_money_back(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    before = cheat.money()
    purchase = agree(owner, cheat, goods)
    cheat.fund(purchase)
    cheat.fetch(purchase)
    to_the_margin(world)
    assert state_of(world, purchase.order_id) == exchange.FUNDED
    jump(world, MARGIN_SECONDS)
    assert_refunded_without_a_key(world, owner, cheat, purchase, before)


def test_a_buyer_that_vanishes_with_the_key_has_paid(
    world: World, owner: Honest, goods: Goods
) -> None:
    before = money_of(world, owner.address)
    with CheatingBuyer(world) as cheat:
        purchase = agree(owner, cheat, goods)
        cheat.fund(purchase)
        cheat.fetch(purchase)
        cheat.say(owner.address, cheat.receipt(purchase))
        assert agreement.key_commit(cheat.key(purchase)) == purchase.agreed.key_commit
    to_the_margin(world)
    until(world, purchase, exchange.REVEALED)
    jump(world, WINDOW_SECONDS)
    assert_paid(world, owner, purchase, before)


def test_another_root_signed_after_the_key_wins_nothing(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    before = money_of(world, owner.address)
    purchase = agree(owner, cheat, goods)
    cheat.fund(purchase)
    true_root = cheat.fetch(purchase)
    cheat.say(owner.address, cheat.receipt(purchase))
    secret = cheat.key(purchase)
    # A delivery of one bad record, made by the buyer with the key it now has.
    dk = agreement.delivery_key(secret, purchase.mask, purchase.order_id)
    leaf, bad = secrets.token_bytes(32), seal_chunk(dk, 0, bytes(4096))
    forged = delivery_leaf(leaf, bad)
    with pytest.raises(PeerError, match="receipt for this order already"):
        cheat.say(owner.address, cheat.receipt(purchase, forged))
    # Said on record just before the owner reveals: the Receipt it has counts all the same.
    cheat.record(exchange.acknowledge_call(world.network, purchase.agreed, forged))
    to_the_margin(world)
    until(world, purchase, exchange.REVEALED)
    word = exchange.read_order(world.gateway, world.network, purchase.order_id)
    assert word.root_prefix == exchange.root_prefix(true_root)
    for root, records in ((forged, 1), (true_root, goods.fingerprint.records)):
        offer = replace(purchase.agreed, records=records)
        with pytest.raises(Refused):
            cheat.record(
                exchange.complain_call(
                    world.network, offer, root, secret, purchase.mask, 0, bad, leaf, ()
                )
            )
    jump(world, WINDOW_SECONDS)
    assert_paid(world, owner, purchase, before)


def test_an_acknowledgement_without_a_receipt_gets_no_key(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    before = cheat.money()
    purchase = agree(owner, cheat, goods)
    cheat.fund(purchase)
    cheat.fetch(purchase)
    forged = secrets.token_bytes(32)
    cheat.final(exchange.acknowledge_call(world.network, purchase.agreed, forged))
    to_the_margin(world)
    assert state_of(world, purchase.order_id) == exchange.ACKED
    jump(world, MARGIN_SECONDS)
    assert_refunded_without_a_key(world, owner, cheat, purchase, before)


def test_a_receipt_for_other_data_or_another_order_gets_no_key(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    before = cheat.money()
    first = agree(owner, cheat, goods)
    cheat.fund(first)
    cheat.fetch(first)
    old = cheat.receipt(first)
    second = agree(owner, cheat, goods)
    cheat.fund(second)
    cheat.fetch(second)
    assert first.root != second.root
    with pytest.raises(PeerError, match="not for an order of yours"):
        cheat.say(owner.address, replace(old, **cheat.head(second.thread)))
    replayed = replace(old, **cheat.head(second.thread), order=second.order_id)
    with pytest.raises(PeerError, match="not signed by the buyer"):
        cheat.say(owner.address, replayed)
    with pytest.raises(PeerError, match="other data than was sent"):
        cheat.say(owner.address, cheat.receipt(second, first.root))
    jump(world, REVEAL_SECONDS)
    for purchase in (first, second):
        owner.open(cmd.OpenOrder(purchase.thread))
        assert_refunded_without_a_key(world, owner, cheat, purchase, before)


def test_the_same_secret_for_two_requests_gets_two_keys(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    first = agree(owner, cheat, goods)
    cheat.fund(first)
    cheat.fetch(first)
    second = agree(owner, cheat, goods, mask=first.mask)
    assert second.agreed.mask_commit == first.agreed.mask_commit
    assert second.agreed.key_commit != first.agreed.key_commit
    assert second.agreed.nonce != first.agreed.nonce
    cheat.say(owner.address, cheat.receipt(first))
    secret = cheat.key(first)
    cheat.fund(second)
    cheat.fetch(second)
    assert agreement.key_commit(secret) != second.agreed.key_commit
    assert first.root != second.root  # no key stream in common
    with pytest.raises(Refused):  # one Offer is paid once
        cheat.record(exchange.fund_call(world.network, first.agreed, first.signature))


def test_an_offer_is_paid_in_time_by_its_buyer_or_not_at_all(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    purchase = agree(owner, cheat, goods)
    offer = purchase.agreed
    with CheatingBuyer(world, "Somebody else") as other:
        other.record(exchange.approve_call(offer.token, world.network.exchange, offer.price))
        with pytest.raises(Refused):
            other.record(exchange.fund_call(world.network, offer, purchase.signature))
        mine_instead = replace(offer, buyer=other.address)
        with pytest.raises(Refused):
            other.record(exchange.fund_call(world.network, mine_instead, purchase.signature))
    jump(world, 86_400)
    cheat.record(exchange.approve_call(offer.token, world.network.exchange, offer.price))
    with pytest.raises(Refused):
        cheat.record(exchange.fund_call(world.network, offer, purchase.signature))
    shows(owner, purchase.thread, "lapsed")
    assert state_of(world, purchase.order_id) == exchange.NONE
    assert ev.Funded not in {type(event) for event in owner.events(purchase.thread)}


def test_an_owner_whose_files_changed_delivers_nothing_else_under_the_key(
    world: World, owner: Honest, cheat: CheatingBuyer, tmp_path: Path
) -> None:
    file = tmp_path / "changing.csv"
    file.write_text("".join(f"{n},{n * 31 % 101}\n" for n in range(60_000)))
    changing = goods_of(world, register(owner, file, "Changing"))
    before = cheat.money()
    purchase = agree(owner, cheat, changing)
    cheat.fund(purchase)
    said = file.read_bytes()
    file.write_bytes(said[:-5] + b"9,9,9")
    cheat.fetch_nothing(purchase, "no longer those that were registered")
    jump(world, REVEAL_SECONDS)
    assert_refunded_without_a_key(world, owner, cheat, purchase, before)


def deadline_of(world: World, purchase: Purchase) -> int:
    return exchange.read_order(world.gateway, world.network, purchase.order_id).deadline


def test_a_receipt_so_late_that_the_key_might_miss_the_deadline_gets_none(
    world: World, owner: Honest, cheat: CheatingBuyer, goods: Goods
) -> None:
    """Neither from peer to peer nor on record. Two other orders, in whose margins the key is shown,
    tell how far the owner's app has seen."""
    orders = [agree(owner, cheat, goods) for _ in range(3)]
    for at, purchase in enumerate(orders):
        cheat.fund(purchase)
        cheat.fetch(purchase)
        if at != 1:
            cheat.say(owner.address, cheat.receipt(purchase))
            cheat.key(purchase)
        jump(world, 100)
    first, late, last = orders
    before = cheat.money() + PRICE_UNITS
    jump(world, deadline_of(world, late) - MARGIN_SECONDS - now(world))
    until(world, first, exchange.REVEALED)
    cheat.say(owner.address, cheat.receipt(late))
    jump(world, deadline_of(world, last) - MARGIN_SECONDS - now(world))
    until(world, last, exchange.REVEALED)
    assert state_of(world, late.order_id) == exchange.FUNDED
    jump(world, deadline_of(world, late) + 1 - now(world))
    owner.open(cmd.OpenOrder(late.thread))
    assert_refunded_without_a_key(world, owner, cheat, late, before)
    assert "ReceiptSigned" in happened(owner, late)
    assert "reveal" not in {entry.what for entry in owner.entries(late.thread)}
    for purchase in (first, last):  # nothing is left for later tests
        cheat.final(
            exchange.confirm_call(
                world.network, purchase.agreed, purchase.root, bytes([5] * 6), bytes(32)
            )
        )
