"""What both apps do by themselves when the other side does nothing: reveal, accept, refund."""

from __future__ import annotations

from pathlib import Path

from app.cli.story import SCORES, same_files
from app.domain import commands as cmd
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.orders import OrderSnapshot
from chain import exchange
from tests.story.people import Human, World
from tests.story.trading import (
    PRICE_UNITS,
    SOLD,
    WINDOW_SECONDS,
    notice_request,
    order_rows,
    press,
    register,
    request,
    shows,
)

REVEAL_SECONDS = 1800


def agree(owner: Human, buyer: Human, dataset: str) -> tuple[str, OrderSnapshot]:
    """As far as a signed offer that the buyer can pay; thread and the buyer's page."""
    known = order_rows(owner)
    thread = request(buyer, dataset)
    assert notice_request(owner, known) == thread
    page = owner.wait(
        OrderSnapshot, lambda page: page.order == thread and page.least_bond is not None
    )
    assert page.least_bond is not None
    read = (page.price.units, page.terms_fingerprint)
    press(owner, thread, "sign", cmd.SignOffer(thread, page.least_bond.units, *read), *SOLD)
    ready = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    return thread, ready


def money(human: Human) -> int:
    """Available units of the first currency, as the Money page shows them."""
    return human.wait(MoneySnapshot, lambda shown: shown.accounts).accounts[0].available_units


def chain_state(world: World, page: OrderSnapshot) -> int:
    return exchange.read_order(world.gateway, world.network, bytes.fromhex(page.order_id)).state


def test_the_owner_is_paid_although_the_buyer_never_confirms(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    data = tmp_path / "paid.txt"
    data.write_text("reveal me\n" * 9000)
    owner, buyer = pair
    thread, page = agree(owner, buyer, register(owner, data, "Paid without a word"))
    pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
    press(buyer, thread, "pay", pay, "check")
    before = money(owner)
    world.let_pass(REVEAL_SECONDS - 60)
    owner.wait(OrderSnapshot, lambda page: "reveal" in {line.what for line in page.records})
    revealed = buyer.wait(
        OrderSnapshot, lambda page: "reveal" in {line.what for line in page.records}
    )
    assert revealed.held
    assert chain_state(world, page) == exchange.REVEALED
    world.let_pass(WINDOW_SECONDS + 60)
    shows(owner, thread, "paid")
    assert chain_state(world, page) == exchange.PAID
    owner.wait(
        MoneySnapshot,
        lambda shown: shown.accounts[0].available_units == before + PRICE_UNITS,
    )
    press(buyer, thread, "rate", cmd.RateOrder(thread, SCORES, "Late, but good."), "done")
    assert chain_state(world, page) == exchange.PAID_RATED
    delivered = buyer.wait(OrderSnapshot, lambda page: page.delivery and page.delivery.folder)
    assert delivered.delivery is not None
    assert same_files(data, Path(delivered.delivery.folder))


def test_the_buyer_gets_the_money_back_from_an_owner_who_vanished(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    data = tmp_path / "gone.txt"
    data.write_text("never sent\n" * 9000)
    owner, buyer = pair
    thread, page = agree(owner, buyer, register(owner, data, "Never sent"))
    before = money(buyer)
    owner.kill()
    try:
        pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
        press(buyer, thread, "pay", pay, "receive", "wait_peer")
        world.let_pass(REVEAL_SECONDS + 60)
        shows(buyer, thread, "refunded")
        assert chain_state(world, page) == exchange.REFUNDED
        buyer.wait(MoneySnapshot, lambda shown: shown.accounts[0].available_units == before)
    finally:
        owner.come_back()
    owner.open(cmd.OpenOrder(thread))
    shows(owner, thread, "refunded")


def test_before_the_deadline_nothing_comes_back_by_itself(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    data = tmp_path / "patience.txt"
    data.write_text("not yet\n" * 9000)
    owner, buyer = pair
    thread, page = agree(owner, buyer, register(owner, data, "Not yet"))
    owner.kill()
    try:
        pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
        press(buyer, thread, "pay", pay, "receive", "wait_peer")
        world.let_pass(REVEAL_SECONDS - 120)
    finally:
        owner.come_back()
    owner.open(cmd.OpenOrder(thread))
    shows(buyer, thread, "check", seconds=120)
    assert chain_state(world, page) in (exchange.FUNDED, exchange.REVEALED)
