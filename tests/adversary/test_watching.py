"""A second device watches while the buyer's own computer is off: it complains and it refunds."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import IO

import pytest

from app.domain import commands as cmd
from app.engine import parcel
from app.engine import watched as watched_order
from app.engine.handing import WATCH_GAS
from app.engine.watcher import Happening, Watcher, own_code, watch_key
from chain import exchange
from chain.anvil import BLOCK_SECONDS
from chain.endpoint import Endpoint
from chain.exchange import PAID, REFUNDED
from chain.transactions import read_signed
from chain.wallet import key_address
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


def assert_raised_while_it_waits(
    world: World, watcher: Watcher, device: Path, deal: Deal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No block comes: the same refund is sent again, each time for at least an eighth more."""
    fees = []
    with no_blocks(world), monkeypatch.context() as hurried:
        hurried.setattr(watched_order, "BUMP_SECONDS", 0.0)
        for _ in range(3):
            watcher.look()
            sent = device / "orders" / deal.order_id.hex() / "sent.refund"
            fees.append(read_signed(sent.read_bytes()).max_fee_wei)
    assert all(later * 8 >= earlier * 9 for earlier, later in pairwise(fees))


@contextmanager
def no_blocks(world: World) -> Iterator[None]:
    endpoint = Endpoint(world.network.rpc_urls[0])
    try:
        endpoint.ask("evm_setIntervalMining", 0)
        yield
    finally:
        endpoint.ask("evm_setIntervalMining", BLOCK_SECONDS)
        endpoint.close()


def test_a_device_calls_the_refund_when_nothing_was_revealed_in_time(
    world: World,
    buyer: Honest,
    cheat: CheatingOwner,
    device: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = money_of(world, buyer.address)
    deal = agree(world, cheat, buyer, "Watched in vain")
    place = device / "order.parcel"
    buyer.person.ask(cmd.LetWatch(deal.thread, own_code(device), place, 0))
    buyer.told("watch.not_now")  # there is nothing to watch yet
    pay(world, buyer, deal)
    cheat.hear(m.DeliveryReceipt)
    buyer.person.ask(cmd.LetWatch(deal.thread, own_code(device)[:-1], place, 0))
    buyer.told("watch.code")
    buyer.person.ask(cmd.LetWatch(deal.thread, own_code(device), place, 10**30))
    buyer.told("fund.fee")
    assert not place.exists()
    hand_over(world, buyer, deal, device)
    mandate = parcel.read_mandate(device / "inbox" / "order.parcel", watch_key(device))
    assert key_address(mandate.fee_key) not in (deal.buyer, cheat.address)
    kept = b"".join(path.read_bytes() for path in buyer.profile.rglob("*") if path.is_file())
    assert len(kept) > 100_000
    for secret in (mandate.fee_key, mandate.mask):  # in the sealed parcel alone
        assert secret not in kept
        assert secret.hex().encode() not in kept
    hand_over(world, buyer, deal, device)  # once more: the same account, and its coins once
    again = parcel.read_mandate(device / "inbox" / "order.parcel", watch_key(device))
    assert again == mandate
    sent = [entry for entry in buyer.entries(deal.thread) if entry.what == "send"]
    assert [entry.value_wei for entry in sent] == [
        world.gateway.native_balance(key_address(mandate.fee_key))
    ]
    buyer.kill()
    try:
        watched = Device(world, device)
        with watched.watcher as watcher:
            watched.look_until("taken")
            for _ in range(3):
                watcher.look()
            assert watched.did == {"taken"}  # not before the deadline
            jump(world, REVEAL_SECONDS)
            assert_raised_while_it_waits(world, watcher, device, deal, monkeypatch)
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
