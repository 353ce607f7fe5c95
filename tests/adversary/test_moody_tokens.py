"""A token that pauses, blacklists or returns false when an order ends: no ending is stopped by it.

Each story has three orders at once, one in each such currency. What cannot be paid out is credited
in the contract and can be taken once the token is itself again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.orders import OrderSnapshot
from chain import exchange
from p2p import messages as m
from p2p.records import Fingerprint
from tests.adversary.cheating_buyer import CheatingBuyer, Purchase
from tests.adversary.cheating_owner import REVEAL_SECONDS, CheatingOwner, Deal
from tests.adversary.moody import Moody, moody_world
from tests.adversary.stage import (
    MONEY_BACK,
    Honest,
    a_week_from_now,
    jump,
    mine,
    mine_until,
    registered,
    state_of,
)
from tests.story.people import World
from tests.story.trading import (
    PAYING,
    PRICE_UNITS,
    SOLD,
    WINDOW_SECONDS,
    press,
    register,
    request,
    shows,
)

PURSE_UNITS = 100 * PRICE_UNITS


@pytest.fixture(scope="module")
def moody(world: World) -> tuple[World, list[Moody]]:
    return moody_world(world)


@pytest.fixture(scope="module")
def stage(moody: tuple[World, list[Moody]]) -> World:
    return moody[0]


@pytest.fixture(scope="module")
def tokens(moody: tuple[World, list[Moody]]) -> list[Moody]:
    return moody[1]


def _person(stage: World, name: str, tokens: list[Moody]) -> Honest:
    place = stage.folder / f"moody {name.split()[0].lower()}"
    return Honest(name, place, Path(stage.practice.status()["folder"]))


def _enter(stage: World, person: Honest, tokens: list[Moody]) -> None:
    file = stage.folder / "moody.json"
    stage.network.save(file)
    person.enter_network(file)
    stage.practice.fund(person.address, dollars=False)
    for token in tokens:
        token.give(person.address, PURSE_UNITS)


@pytest.fixture(scope="module")
def seller(stage: World, tokens: list[Moody]) -> Iterator[Honest]:
    with _person(stage, "Nordhaven Energy", tokens) as owner:
        _enter(stage, owner, tokens)
        yield owner


@pytest.fixture(scope="module")
def payer(stage: World, tokens: list[Moody]) -> Iterator[Honest]:
    with _person(stage, "Baltic Grid Analytics", tokens) as buyer:
        _enter(stage, buyer, tokens)
        yield buyer


@pytest.fixture(scope="module")
def goods(stage: World, seller: Honest, data: Path) -> tuple[bytes, Fingerprint]:
    row = registered(stage, bytes.fromhex(register(seller, data, "Soundings")))
    return row.dataset, Fingerprint(row.content_id, row.root, row.records, row.length)


@pytest.fixture
def cheat(stage: World, tokens: list[Moody]) -> Iterator[CheatingBuyer]:
    with CheatingBuyer(stage) as buyer:
        for token in tokens:
            token.give(buyer.address, PURSE_UNITS)
        yield buyer


@pytest.fixture
def crook(stage: World, tokens: list[Moody], data: Path) -> Iterator[CheatingOwner]:
    with CheatingOwner(stage) as owner:
        for token in tokens:
            token.give(owner.address, PURSE_UNITS)
        owner.prepare(data)
        yield owner


def credit(stage: World, account: str, token: Moody) -> int:
    """What lies in the contract for an account."""
    return exchange.read_free_bond(stage.gateway, stage.network, account, token.address)


def reached(stage: World, order_id: bytes, state: int) -> None:
    mine_until(stage, lambda: state_of(stage, order_id) == state)


def sold(
    seller: Honest, cheat: CheatingBuyer, goods: tuple[bytes, Fingerprint], token: Moody
) -> Purchase:
    """Signed by the honest owner, paid and fetched."""
    purchase = cheat.ask_for(seller.address, *goods, token=token.address)
    seller.open(cmd.OpenOrder(purchase.thread))
    page = seller.wait(
        OrderSnapshot, lambda page: page.order == purchase.thread and page.least_bond is not None
    )
    assert page.least_bond is not None
    command = cmd.SignOffer(
        purchase.thread, page.least_bond.units, page.price.units, page.terms_fingerprint
    )
    press(seller, purchase.thread, "sign", command, *SOLD)
    cheat.take_offer(purchase)
    cheat.fund(purchase)
    cheat.fetch(purchase)
    cheat.say(seller.address, cheat.receipt(purchase))
    cheat.key(purchase)
    return purchase


def test_who_is_paid_by_a_confirmation_has_it_credited_and_takes_it_later(
    stage: World,
    seller: Honest,
    cheat: CheatingBuyer,
    goods: tuple[bytes, Fingerprint],
    tokens: list[Moody],
) -> None:
    for token in tokens:
        purchase = sold(seller, cheat, goods, token)
        before = credit(stage, seller.address, token)
        token.turn(against=seller.address)
        cheat.final(
            exchange.confirm_call(
                stage.network, purchase.agreed, purchase.root, bytes([5] * 6), bytes(32)
            )
        )
        assert state_of(stage, purchase.order_id) == exchange.PAID_RATED
        bond = purchase.agreed.bond
        assert credit(stage, seller.address, token) == before + bond + PRICE_UNITS
        shows(seller, purchase.thread, "done")
        token.calm()
    token = tokens[0]
    there = credit(stage, seller.address, token)
    had = stage.gateway.token_balance(token.address, seller.address)
    seller.person.ask(cmd.TakeOut(token.address, there))
    mine_until(stage, lambda: credit(stage, seller.address, token) == 0)
    assert stage.gateway.token_balance(token.address, seller.address) == had + there


def test_who_is_paid_by_the_end_of_the_window_has_it_credited(
    stage: World,
    seller: Honest,
    cheat: CheatingBuyer,
    goods: tuple[bytes, Fingerprint],
    tokens: list[Moody],
) -> None:
    purchases = [sold(seller, cheat, goods, token) for token in tokens]
    before = [credit(stage, seller.address, token) for token in tokens]
    jump(stage, REVEAL_SECONDS * 3 // 4)
    for purchase in purchases:
        reached(stage, purchase.order_id, exchange.REVEALED)
    for token in tokens:
        token.turn(against=seller.address)
    jump(stage, WINDOW_SECONDS + 60)
    for purchase, token, had in zip(purchases, tokens, before, strict=True):
        seller.open(cmd.OpenOrder(purchase.thread))
        shows(seller, purchase.thread, "paid")
        assert state_of(stage, purchase.order_id) == exchange.PAID
        bond = purchase.agreed.bond
        assert credit(stage, seller.address, token) == had + bond + PRICE_UNITS
        token.calm()


def bought(stage: World, payer: Honest, crook: CheatingOwner, token: Moody) -> Deal:
    """Asked for in this currency, signed by the cheat, paid by the honest buyer."""
    thread = request(payer, crook.dataset.hex(), a_week_from_now(stage), token.address)
    asked = crook.hear(m.Request, lambda said: said.thread == thread)
    deal = crook.offered(asked)
    mine(stage)
    crook.hand_over(deal)
    page = payer.wait(OrderSnapshot, lambda page: page.order == deal.thread and page.ready_to_pay)
    read = (page.price.units, page.terms_fingerprint)
    press(payer, deal.thread, "pay", cmd.FundOrder(deal.thread, *read), *PAYING)
    reached(stage, deal.order_id, exchange.FUNDED)
    mine(stage)
    return deal


def assert_credited(stage: World, payer: Honest, deal: Deal, token: Moody, units: int) -> None:
    payer.open(cmd.OpenOrder(deal.thread))
    shows(payer, deal.thread, *MONEY_BACK)
    assert state_of(stage, deal.order_id) == exchange.REFUNDED
    assert credit(stage, payer.address, token) == units


def test_who_is_refunded_has_it_credited(
    stage: World, payer: Honest, crook: CheatingOwner, tokens: list[Moody]
) -> None:
    crook.goods.there = False
    crook.register("Never delivered")
    deals = [bought(stage, payer, crook, token) for token in tokens]
    before = [credit(stage, payer.address, token) for token in tokens]
    for token in tokens:
        token.turn(against=payer.address)
    jump(stage, REVEAL_SECONDS + 60)
    for deal, token, had in zip(deals, tokens, before, strict=True):
        assert_credited(stage, payer, deal, token, had + PRICE_UNITS)
        token.calm()
    seen = payer.wait(MoneySnapshot, lambda shown: shown.accounts)
    assert seen.accounts


def test_who_wins_a_complaint_has_price_and_bond_credited(
    stage: World, payer: Honest, crook: CheatingOwner, tokens: list[Moody]
) -> None:
    crook.goods.spoil(300)
    crook.register("Garbage in three currencies")
    deals = [bought(stage, payer, crook, token) for token in tokens]
    before = [credit(stage, payer.address, token) for token in tokens]
    for token in tokens:
        token.turn(against=payer.address)
    for deal in deals:
        crook.reveal(deal, crook.receipt_of(deal))
    for deal, token, had in zip(deals, tokens, before, strict=True):
        assert_credited(stage, payer, deal, token, had + PRICE_UNITS + deal.offer.bond)
        assert credit(stage, crook.address, token) == 0
        token.calm()
