"""A second device watches while the buyer's own computer is off: it complains and it refunds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from app.domain import commands as cmd
from app.engine.handing import WATCH_GAS
from app.engine.watcher import Happening, Watcher, own_code
from chain import exchange
from chain.exchange import PAID, REFUNDED
from p2p import messages as m
from tests.adversary.cheating_owner import REVEAL_SECONDS, CheatingOwner, Deal
from tests.adversary.stage import MONEY_BACK, Honest, jump, mine, mine_until, money_of, state_of
from tests.adversary.test_cheating_owner import agree, pay
from tests.story.people import World
from tests.story.trading import WINDOW_SECONDS, shows

BAD_RECORD = 300


@pytest.fixture
def cheat(world: World, data: Path) -> Iterator[CheatingOwner]:
    with CheatingOwner(world) as owner:
        owner.prepare(data)
        yield owner


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """The second device's folder."""
    return tmp_path / "device"


@contextmanager
def watching(device: Path) -> Iterator[IO[str]]:
    """``lading node --watch`` in a process of its own; its lines."""
    command = [sys.executable, "-m", "app", "node", "--watch", "--json", "--profile", device]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout
        finally:
            process.terminate()
        assert process.wait() == 0


def says(lines: IO[str], what: str) -> str:
    """Read on until the watcher says this; its sentence."""
    for line in lines:
        said = json.loads(line)
        assert said["what"] not in ("failed", "refused"), said
        if said["what"] == what:
            return str(said["sentence"])
    raise AssertionError(f"the watcher ended and never said {what}")


def hand_over(world: World, buyer: Honest, deal: Deal, device: Path) -> None:
    """The buyer lets the device watch; the coins are there when this returns."""
    code = own_code(device)
    inbox = device / "inbox"
    inbox.mkdir(exist_ok=True)
    coins = world.gateway.fee_wei(WATCH_GAS)
    buyer.person.ask(cmd.LetWatch(deal.thread, code, inbox / "order.parcel", coins))
    buyer.told("done.LetWatch")
    mine_until(
        world,
        lambda: any(e.what == "send" and e.recorded_at for e in buyer.entries(deal.thread)),
    )
    mine(world)


def test_a_buyer_whose_power_failed_after_the_receipt_wins_by_its_watching_device(
    world: World, buyer: Honest, cheat: CheatingOwner, device: Path
) -> None:
    cheat.goods.spoil(BAD_RECORD)
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Watched")
    pay(world, buyer, deal)
    receipt = cheat.hear(m.DeliveryReceipt)
    hand_over(world, buyer, deal, device)
    buyer.kill()
    try:
        with watching(device) as lines:
            says(lines, "taken")
            cheat.reveal(deal, receipt)
            assert says(lines, "bad_record") == f"Record {BAD_RECORD} is not the registered one."
            says(lines, "complain")
            mine_until(world, lambda: state_of(world, deal.order_id) == REFUNDED)
            mine(world)
            assert "back with the buyer" in says(lines, "ended")
        assert money_of(world, deal.buyer) == before + deal.offer.bond
        assert list((device / "orders").iterdir()) == []  # nothing is kept of it
    finally:
        buyer.come_back()
    buyer.open(cmd.OpenOrder(deal.thread))
    shows(buyer, deal.thread, *MONEY_BACK)
    complaint = next(e for e in buyer.events(deal.thread) if type(e).__name__ == "Complained")
    assert complaint.index == BAD_RECORD


class Device:
    """A watcher in this process, looking when the test says so."""

    def __init__(self, world: World, folder: Path) -> None:
        self.said: list[Happening] = []
        self.watcher = Watcher(folder, self.said.append)
        self._world = world

    def look_until(self, what: str) -> Happening:
        def seen() -> bool:
            self.watcher.look()
            return what in self.did

        mine_until(self._world, seen)
        return next(one for one in self.said if one.what == what)

    @property
    def did(self) -> set[str]:
        return {one.what for one in self.said}


def test_a_device_calls_the_refund_when_nothing_was_revealed_in_time(
    world: World, buyer: Honest, cheat: CheatingOwner, device: Path
) -> None:
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Watched in vain")
    pay(world, buyer, deal)
    cheat.hear(m.DeliveryReceipt)
    hand_over(world, buyer, deal, device)
    buyer.kill()
    try:
        watched = Device(world, device)
        with watched.watcher as watcher:
            watched.look_until("taken")
            for _ in range(3):
                watcher.look()
            assert watched.did == {"taken"}  # not before the deadline
            jump(world, REVEAL_SECONDS)
            watched.look_until("refund")
            watched.look_until("return")
            watched.look_until("ended")
        assert watched.did == {"taken", "refund", "return", "ended"}
        assert state_of(world, deal.order_id) == REFUNDED
        assert money_of(world, deal.buyer) == before
    finally:
        buyer.come_back()


def test_a_device_finds_nothing_to_complain_about_where_all_is_well(
    world: World, buyer: Honest, cheat: CheatingOwner, device: Path
) -> None:
    deal = agree(world, cheat, buyer, "Watched and well")
    pay(world, buyer, deal)
    receipt = cheat.hear(m.DeliveryReceipt)
    hand_over(world, buyer, deal, device)
    cheat.reveal(deal, receipt)
    watched = Device(world, device)
    with watched.watcher:
        watched.look_until("fine")
    again = Device(world, device)  # after a restart it knows what it watches
    with again.watcher:
        assert again.watcher.watched == (deal.order_id.hex(),)
        again.look_until("fine")
        jump(world, WINDOW_SECONDS + 60)
        cheat.final(exchange.accept_call(world.network, deal.offer))
        again.look_until("ended")
    assert state_of(world, deal.order_id) == PAID
    assert "complain" not in watched.did | again.did
