"""Two people trade although an endpoint of each lies about everything it can; and what a single
endpoint withheld is found once it stops."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.order import Delivery, Stage
from app.domain.snapshots.shell import SettingsSnapshot
from app.store import orders
from chain import abi
from chain.answers import hex_text
from tests.app.engine.apps import App, World
from tests.app.engine.test_trading import (
    Two,
    assert_no_bugs,
    fund,
    payable,
    request,
    sign,
)
from tests.chain import liar as lies
from tests.chain.liar import Liar, Lie

EVERYTHING: list[Lie] = [
    lies.shifted_time(40 * 86_400),
    lies.hidden_logs(),
    lies.storage_word(0),
    lies.balance(0),
    lies.instead("eth_getTransactionReceipt", None),
    lies.instead("eth_getTransactionCount", "0xffff"),
    lies.instead("eth_estimateGas", "0x1"),
    lies.instead("eth_maxPriorityFeePerGas", hex(10**15)),
]


def content(key: str) -> bytes:
    """Content nobody else registers here; more than 64 KiB: it need not be confidential."""
    return key.encode() * 2_100


@pytest.fixture
def doors(world: World) -> Iterator[Any]:
    """Makes endpoints that lie as told."""
    with ExitStack() as made:

        def make(*some: Lie) -> Liar:
            door = Liar(world.network.rpc_urls[0], *some)
            made.callback(door.close)
            return door

        yield make


def person(apps: Any, world: World, place: Path, name: str, *endpoints: Liar) -> App:
    """An app on this network as these endpoints show it, with money."""
    app: App = apps(name)
    file = place / f"{secrets.token_hex(4)}.json"
    replace(world.network, rpc_urls=tuple(door.url for door in endpoints)).save(file)
    app.join(file)
    world.practice.fund(app.address)
    return app


def test_a_trade_goes_well_although_one_of_three_endpoints_lies(
    apps: Any, world: World, doors: Any, tmp_path: Path
) -> None:
    owner, buyer = (
        person(apps, world, tmp_path, name, doors(*EVERYTHING), doors(), doors())
        for name in ("Nordhaven Energy", "Baltic Grid")
    )
    key = secrets.token_hex(16)
    two = Two(owner, buyer, owner.register(key, tmp_path, content(key)), tmp_path / f"{key}.bin")
    thread = request(two, world)
    sign(two, thread)
    buyer.ask(fund(payable(two, thread)))

    def checked() -> bool:
        order = buyer.read(lambda session: orders.load(session, thread))
        return order is not None and order.delivery == Delivery.CHECKED

    buyer.eventually(checked)
    shown = buyer.wait(SettingsSnapshot, lambda page: page.endpoints_prove is not None)
    assert (shown.endpoints, shown.endpoints_needed, shown.endpoints_prove) == (3, 2, True)
    assert_no_bugs(two)


def test_an_ending_that_an_endpoint_withheld_is_found_when_it_tells(
    apps: Any, world: World, doors: Any, tmp_path: Path
) -> None:
    door = doors(lies.hidden_logs(hex_text(abi.interface("Exchange").topic("Refunded"))))
    owner = person(apps, world, tmp_path, "Nordhaven Energy", doors())
    buyer = person(apps, world, tmp_path, "Baltic Grid", door)
    key = secrets.token_hex(16)
    two = Two(owner, buyer, owner.register(key, tmp_path, content(key)), tmp_path / f"{key}.bin")
    thread = request(two, world)
    sign(two, thread)
    buyer.ask(fund(payable(two, thread)))

    def stage(app: App) -> Stage:
        order = app.read(lambda session: orders.load(session, thread))
        assert order is not None
        return order.stage

    owner.eventually(lambda: stage(owner) == Stage.FUNDED)
    owner.ask(cmd.ReturnPayment(thread))
    owner.eventually(lambda: stage(owner) == Stage.REFUNDED)
    asked = door.asked.count("eth_getLogs")
    buyer.eventually(lambda: door.asked.count("eth_getLogs") > asked + 3)
    assert stage(buyer) == Stage.FUNDED
    door.lies = ()
    world.pass_time(120)
    buyer.eventually(lambda: stage(buyer) == Stage.REFUNDED)
    assert_no_bugs(two)
