"""Whole trades, undisturbed, and the ways in which none comes about."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from app.domain import commands as cmd
from app.domain.snapshots.datasets import DatasetSnapshot
from app.domain.snapshots.orders import Line, OrderSnapshot
from chain import exchange, registry
from p2p.records import confidential_id
from tests.story.people import Human, World
from tests.story.trading import (
    PRICE_UNITS,
    assert_traded_once,
    at_once,
    buy,
    counter,
    haggle,
    notice_request,
    order_rows,
    press,
    register,
    request,
    sell,
    shows,
    sign,
    trade,
)


def folder_with_subfolders(place: Path) -> Path:
    folder = place / "river levels"
    (folder / "2024" / "März").mkdir(parents=True)
    (folder / "read me.txt").write_text("Levels in mm.\n")
    (folder / "2024" / "empty.csv").write_bytes(b"")
    (folder / "2024" / "März" / "levels.csv").write_text(
        "hour,level\n" + "".join(f"{hour},{hour * 7 % 113}\n" for hour in range(20_000))
    )
    (folder / "2024" / "zeros.bin").write_bytes(bytes(300_000))
    return folder


def ready_to_pay(thread: str) -> Callable[[OrderSnapshot], bool]:
    return lambda page: page.order == thread and page.ready_to_pay


def said(page: OrderSnapshot) -> list[Line]:
    return [line for line in page.thread if line.proposal is None]


def test_a_price_is_agreed_on_words_go_both_ways_and_a_folder_is_traded(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = folder_with_subfolders(tmp_path)
    dataset = register(owner, data, "River levels")
    thread = haggle(owner, buyer, dataset)
    buyer.person.ask(cmd.SendText(thread, "Is 2023 available as well?"))
    heard = owner.wait(OrderSnapshot, said)
    assert [(line.text, line.mine) for line in said(heard)] == [
        ("Is 2023 available as well?", False)
    ]
    owner.person.ask(cmd.SendText(thread, "In spring. — 春天"))
    heard = buyer.wait(
        OrderSnapshot, lambda page: len(said(page)) == 2 and all(x.delivered for x in said(page))
    )
    assert {line.text for line in said(heard) if not line.mine} == {"In spring. — 春天"}
    _, folder = at_once(lambda: sell(owner, thread), lambda: buy(buyer, thread))
    page = shows(buyer, thread, "done")
    assert page.price.units == PRICE_UNITS + 1_000_000
    order = exchange.read_order(world.gateway, world.network, bytes.fromhex(page.order_id))
    assert order.state == exchange.PAID_RATED
    happened = [type(event).__name__ for event in buyer.events(thread)]
    assert happened[:4] == ["RequestMade", "CounterMade", "CounterMade", "OfferSigned"]
    assert (folder / "2024" / "März" / "levels.csv").read_bytes() == (
        data / "2024" / "März" / "levels.csv"
    ).read_bytes()
    assert (folder / "2024" / "empty.csv").read_bytes() == b""


def test_a_small_file_is_registered_confidentially_and_traded(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "readings.txt"
    data.write_text("small enough to be guessed\n")
    dataset = register(owner, data, "Few readings")
    buyer.open(cmd.OpenDataset(dataset))
    shown = buyer.wait(DatasetSnapshot, lambda page: page.card.dataset == dataset)
    assert shown.confidential
    assert shown.content_id == confidential_id(bytes.fromhex(shown.fingerprint)).hex()
    row = registry.read_dataset(world.gateway, world.network, bytes.fromhex(dataset))
    assert row is not None
    thread, folder = trade(owner, buyer, dataset)
    assert_traded_once(world, owner, buyer, thread, data, folder)
    # The same once more: another order, another folder, never over what is there.
    again, second = trade(owner, buyer, dataset)
    assert (again != thread, second.name) == (True, f"{folder.name} (2)")
    assert_traded_once(world, owner, buyer, again, data, second)


def test_an_offer_that_lapsed_cannot_be_paid_and_another_can_be_made(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "late.txt"
    data.write_text("too late\n" * 9000)
    dataset = register(owner, data, "Too late")
    known = order_rows(owner)
    thread = request(buyer, dataset, expires_seconds=7200)
    assert notice_request(owner, known) == thread
    sign(owner, thread)
    ready = buyer.wait(OrderSnapshot, lambda page: page.order == thread and page.ready_to_pay)
    world.let_pass(7300)
    page = shows(buyer, thread, "lapsed")
    shows(owner, thread, "lapsed")
    assert "pay" not in page.actions
    order = exchange.read_order(world.gateway, world.network, bytes.fromhex(ready.order_id))
    assert order.state == exchange.NONE
    assert not [entry for entry in buyer.entries(thread) if entry.what == "fund"]

    counter(owner, thread, "counter", PRICE_UNITS, int(time.time()) + 7 * 86_400)
    counter(buyer, thread, "accept", PRICE_UNITS)
    at_once(lambda: sell(owner, thread), lambda: buy(buyer, thread))
    page = shows(buyer, thread, "done")
    assert page.order_id != ready.order_id
    order = exchange.read_order(world.gateway, world.network, bytes.fromhex(page.order_id))
    assert order.state == exchange.PAID_RATED


def test_what_was_declined_is_over_on_both_sides_and_costs_nothing(
    pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "no.txt"
    data.write_text("not for you\n" * 9000)
    dataset = register(owner, data, "Not for everyone")
    known = order_rows(owner)
    thread = request(buyer, dataset)
    assert notice_request(owner, known) == thread
    counter(owner, thread, "counter", PRICE_UNITS * 2)
    shows(buyer, thread, "answer")
    press(buyer, thread, "decline", cmd.DeclineOrder(thread, "Too expensive."), "declined")
    heard = shows(owner, thread, "declined")
    assert [line.text for line in said(heard)] == ["Too expensive."]
    for human in pair:
        assert not human.entries(thread)


def test_two_offers_do_not_count_on_the_same_bond(
    world: World, pair: tuple[Human, Human], tmp_path: Path
) -> None:
    owner, buyer = pair
    data = tmp_path / "twice.txt"
    data.write_text("two orders\n" * 9000)
    dataset = register(owner, data, "Wanted twice")
    bond = 50_000_000
    threads = []
    for _ in range(2):
        known = order_rows(owner)
        threads.append(request(buyer, dataset))
        assert notice_request(owner, known) == threads[-1]
        sign(owner, threads[-1], bond)
    for thread in threads:
        buyer.open(cmd.OpenOrder(thread))
        page = buyer.wait(OrderSnapshot, ready_to_pay(thread))
        pay = cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)
        press(buyer, thread, "pay", pay, "receive", "wait_peer", "wait_key", "checking", "check")
        order = exchange.read_order(world.gateway, world.network, bytes.fromhex(page.order_id))
        assert order.state == exchange.FUNDED
