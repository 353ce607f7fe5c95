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
MARGIN = REVEAL_SECONDS // 4


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


def pay(buyer: Human, thread: str) -> None:
    """Press the button; what comes of it is seen elsewhere."""
    page = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    buyer.person.ask(cmd.FundOrder(thread, page.price.units, page.terms_fingerprint))


def test_a_buyer_who_was_away_for_days_opens_the_data_with_what_is_on_record(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    """Gone after the receipt and before the key came: the owner reveals it and is paid; the buyer,
    back days later, needs nobody for the data."""
    data = tmp_path / "away.txt"
    data.write_text("back in a week\n" * 9000)
    owner, buyer = pair
    thread, page = agree(owner, buyer, register(owner, data, "Back in a week"))
    buyer.dies_at(("receipt_sent",))
    pay(buyer, thread)
    buyer.fall()
    world.let_pass(REVEAL_SECONDS - 60)
    owner.wait(
        OrderSnapshot,
        lambda page: ("reveal", "final") in {(line.what, line.state) for line in page.records},
    )
    world.let_pass(3 * 86_400)
    shows(owner, thread, "paid")
    owner.leave()
    try:
        buyer.come_back()
        back = buyer.wait(OrderSnapshot, lambda page: page.delivery and page.delivery.folder)
        assert back.todo == "order.rate"
        assert back.delivery is not None
        assert same_files(data, Path(back.delivery.folder))
    finally:
        owner.come_back()
    press(buyer, thread, "rate", cmd.RateOrder(thread, SCORES, "Away, but well served."), "done")
    assert chain_state(world, page) == exchange.PAID_RATED
    shows(owner, thread, "done")
    happened = {type(event).__name__ for event in buyer.events(thread)}
    assert {"ReceiptSigned", "Revealed", "Accepted", "ContentChecked", "Rated"} <= happened
    assert "KeyGiven" not in happened


def test_an_owner_who_was_away_past_the_deadline_does_not_give_the_key_for_nothing(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    """Gone between "the key is journalled" and sending it: what was paid back is not delivered."""
    data = tmp_path / "late.txt"
    data.write_text("not for nothing\n" * 9000)
    owner, buyer = pair
    thread, page = agree(owner, buyer, register(owner, data, "Not for nothing"))
    before = money(buyer)
    owner.dies_at(("key_journalled",))
    pay(buyer, thread)
    owner.fall()
    try:
        world.let_pass(REVEAL_SECONDS + 60)
        shows(buyer, thread, "refunded")
        buyer.wait(MoneySnapshot, lambda shown: shown.accounts[0].available_units == before)
        assert chain_state(world, page) == exchange.REFUNDED
    finally:
        owner.come_back()
    shows(owner, thread, "refunded")
    # What comes after it has come: nothing waits any more, and the key was not among it.
    buyer.person.ask(cmd.SendText(thread, "A pity."))
    owner.wait(OrderSnapshot, lambda page: any(line.text == "A pity." for line in page.thread))
    assert not owner.waiting(thread)
    assert "KeyGiven" not in {type(event).__name__ for event in buyer.events(thread)}
    shows(buyer, thread, "refunded")


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
        world.let_pass(REVEAL_SECONDS - MARGIN - 120)  # in the margin no key would be given
    finally:
        owner.come_back()
    owner.open(cmd.OpenOrder(thread))
    shows(buyer, thread, "check", seconds=120)
    world.let_pass(MARGIN)
    shows(buyer, thread, "check")
    assert chain_state(world, page) in (exchange.FUNDED, exchange.REVEALED)
