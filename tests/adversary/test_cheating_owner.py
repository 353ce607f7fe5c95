"""An owner that cheats: the buyer has the price back, or what was registered."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.snapshots.orders import OrderSnapshot
from chain import exchange
from chain.errors import Refused
from chain.practice import GIFT_DOLLARS_UNITS
from p2p import merkle
from p2p import messages as m
from p2p.errors import PeerError
from p2p.openings import Opening
from p2p.records import LEAF, Fingerprint
from tests.adversary.cheating_owner import REVEAL_SECONDS, CheatingOwner, Deal
from tests.adversary.stage import (
    MONEY_BACK,
    Honest,
    a_week_from_now,
    jump,
    mine,
    mine_until,
    money_of,
    state_of,
)
from tests.story.people import World
from tests.story.trading import PAYING, PRICE_UNITS, press, request, shows

BAD_RECORD = 300


@pytest.fixture
def cheat(world: World, data: Path) -> Iterator[CheatingOwner]:
    with CheatingOwner(world) as owner:
        owner.prepare(data)
        yield owner


def agree(world: World, cheat: CheatingOwner, buyer: Honest, title: str) -> Deal:
    """As far as the signed Offer on the buyer's page."""
    thread = request(buyer, cheat.register(title), a_week_from_now(world))
    deal = cheat.offered(cheat.hear(m.Request, lambda asked: asked.thread == thread))
    mine(world)  # the bond is final
    cheat.hand_over(deal)
    return deal


def pay(world: World, buyer: Honest, deal: Deal) -> None:
    """The buyer presses "pay"; final when this returns."""
    page = buyer.wait(OrderSnapshot, lambda page: page.order == deal.thread and page.ready_to_pay)
    read = (page.price.units, page.terms_fingerprint)
    press(buyer, deal.thread, "pay", cmd.FundOrder(deal.thread, *read), *PAYING)
    mine_until(world, lambda: state_of(world, deal.order_id) != exchange.NONE)
    mine(world)


def assert_refunded(world: World, buyer: Honest, deal: Deal, before: int) -> None:
    """The buyer's app has seen it, and the money is there."""
    shows(buyer, deal.thread, *MONEY_BACK)
    assert state_of(world, deal.order_id) == exchange.REFUNDED
    assert money_of(world, deal.buyer) == before


def happened(buyer: Honest, deal: Deal) -> list[str]:
    return [type(event).__name__ for event in buyer.events(deal.thread)]


def test_a_root_that_is_no_hash_of_anything_is_never_paid_for(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    said = cheat.goods.registered
    cheat.goods.registered = Fingerprint(
        said.content_id, secrets.token_bytes(32), said.records, said.length
    )
    deal = agree(world, cheat, buyer, "Nothing under its root")
    page = shows(buyer, deal.thread, "pay")
    assert "not the one that was registered" in buyer.sees_a_breach()
    assert not page.ready_to_pay
    buyer.person.ask(cmd.FundOrder(deal.thread, page.price.units, page.terms_fingerprint))
    buyer.told("fund.unchecked")
    assert "ManifestChecked" not in happened(buyer, deal)
    assert state_of(world, deal.order_id) == exchange.NONE


def test_a_root_that_opens_for_the_manifest_only_gives_the_price_back(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    # The first record is real, the rest of the tree is one made-up hash on each level.
    goods = cheat.goods
    first = next(goods.content.manifest_openings(goods.leaves_path))
    path = [secrets.token_bytes(32) for _ in first.path]
    leaf = merkle.leaf_hash(first.record)
    root = merkle.root_from_path(leaf, 0, goods.registered.records, path)
    said = goods.registered
    goods.registered = Fingerprint(said.content_id, root, said.records, said.length)
    goods.openings = [Opening(0, first.record, tuple(path))]
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Opens for a glance")
    pay(world, buyer, deal)
    assert "do not lead to the registered root" in buyer.sees_a_breach()
    jump(world, REVEAL_SECONDS)
    assert_refunded(world, buyer, deal, before)
    assert "ContentReceived" not in happened(buyer, deal)
    assert not cheat.has_heard(m.DeliveryReceipt)


def test_leaf_hashes_that_never_come_give_the_price_back(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    cheat.goods.there = False
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Never delivered")
    pay(world, buyer, deal)
    jump(world, REVEAL_SECONDS)
    assert_refunded(world, buyer, deal, before)
    assert not cheat.has_heard(m.DeliveryReceipt)


def test_leaf_hashes_of_other_data_stop_the_delivery_and_the_price_comes_back(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Other leaves")
    buyer.wait(OrderSnapshot, lambda page: page.order == deal.thread and page.ready_to_pay)
    cheat.goods.leaves_path.write_bytes(secrets.token_bytes(LEAF * cheat.goods.registered.records))
    pay(world, buyer, deal)
    assert "do not lead to the registered root" in buyer.sees_a_breach()
    jump(world, REVEAL_SECONDS)
    assert_refunded(world, buyer, deal, before)
    assert not cheat.has_heard(m.DeliveryReceipt)


def test_a_wrong_key_is_refused_and_cannot_be_revealed_either(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Wrong key")
    pay(world, buyer, deal)
    receipt = cheat.hear(m.DeliveryReceipt)
    wrong = secrets.token_bytes(32)
    with pytest.raises(PeerError, match="not the one the offer committed to"):
        cheat.give_key(deal, wrong)
    with pytest.raises(Refused):
        cheat.record(
            exchange.reveal_call(world.network, deal.offer, receipt.root, receipt.signature, wrong)
        )
    jump(world, REVEAL_SECONDS)
    assert_refunded(world, buyer, deal, before)
    assert "KeyGiven" not in happened(buyer, deal)
    with pytest.raises(Refused):  # too late for the right one as well
        cheat.reveal(deal, receipt)


def test_an_owner_that_never_reveals_gets_nothing(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Never revealed")
    pay(world, buyer, deal)
    cheat.hear(m.DeliveryReceipt)
    jump(world, REVEAL_SECONDS)
    assert_refunded(world, buyer, deal, before)
    assert cheat.money() == GIFT_DOLLARS_UNITS  # the bond is free again, no more


def test_a_key_that_was_offered_before_is_not_paid_for_again(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    title = "One key for two"
    thread = request(buyer, cheat.register(title), a_week_from_now(world))
    first = cheat.offered(cheat.hear(m.Request, lambda asked: asked.thread == thread))
    cheat.hand_over(first)
    again = request(buyer, cheat.dataset.hex(), a_week_from_now(world))
    asked = cheat.hear(m.Request, lambda asked: asked.thread == again)
    second = cheat.offered(asked, key_commit=first.offer.key_commit, nonce=secrets.token_bytes(32))
    with pytest.raises(PeerError, match="key commitment"):
        cheat.hand_over(second)
    assert [type(event) for event in buyer.events(again)] == [ev.RequestMade]
    assert second.offer.price == PRICE_UNITS


def test_garbage_is_complained_about_once_the_key_is_revealed_and_costs_the_bond(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    before, its = money_of(world, buyer.address), cheat.money()
    cheat.goods.spoil(5, BAD_RECORD)
    deal = agree(world, cheat, buyer, "Garbage")
    pay(world, buyer, deal)
    receipt = cheat.hear(m.DeliveryReceipt)
    cheat.give_key(deal)
    mine_until(world, lambda: "RecordFailed" in happened(buyer, deal))
    assert state_of(world, deal.order_id) == exchange.FUNDED  # there is nothing to complain yet
    cheat.reveal(deal, receipt)
    mine_until(world, lambda: state_of(world, deal.order_id) != exchange.REVEALED)
    mine(world)
    assert_refunded(world, buyer, deal, before + deal.offer.bond)
    assert cheat.money() == its - deal.offer.bond
    complained = next(e for e in buyer.events(deal.thread) if isinstance(e, ev.Complained))
    assert complained.index == 5  # the first of them


def test_garbage_revealed_without_a_word_is_complained_about_as_well(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    before = money_of(world, buyer.address)
    cheat.goods.spoil(BAD_RECORD)
    deal = agree(world, cheat, buyer, "Garbage without a word")
    pay(world, buyer, deal)
    cheat.reveal(deal, cheat.hear(m.DeliveryReceipt))
    mine_until(world, lambda: state_of(world, deal.order_id) != exchange.REVEALED)
    mine(world)
    assert_refunded(world, buyer, deal, before + deal.offer.bond)
    assert "KeyGiven" not in happened(buyer, deal)


def test_garbage_that_is_never_revealed_gives_the_price_back(
    world: World, buyer: Honest, cheat: CheatingOwner
) -> None:
    before, its = money_of(world, buyer.address), cheat.money()
    cheat.goods.spoil(BAD_RECORD)
    deal = agree(world, cheat, buyer, "Garbage in secret")
    pay(world, buyer, deal)
    cheat.hear(m.DeliveryReceipt)
    cheat.give_key(deal)
    jump(world, REVEAL_SECONDS)
    assert_refunded(world, buyer, deal, before)
    assert cheat.money() == its
