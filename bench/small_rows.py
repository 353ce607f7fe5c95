"""A small delivery between two people's apps: from the press of a button to the file in place.

Both engines run as they do behind their windows, each in a process of its own, with journal,
outbox, record and every check; in front of both is the order's page. Blocks are made by the bench:
a transaction that waits is mined at once, with the confirmations that make it final, so that no
time of the chain has to be taken out of what is measured. What the apps need to notice the block is
theirs, and counts.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from app.cli import story
from app.cli.person import Person
from app.domain import commands as cmd
from app.domain.snapshots.datasets import (
    BrowseSnapshot,
    DatasetSnapshot,
    DatasetsSnapshot,
    RegisterSnapshot,
)
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.orders import OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.records import RecordsSnapshot
from app.domain.snapshots.shell import SettingsSnapshot
from app.domain.snapshots.subscriptions import SubscriptionsSnapshot
from bench.rows import row
from chain.anvil import BLOCK_SECONDS
from chain.endpoint import Endpoint
from chain.practice import Practice

MIB = 2**20
RUNS = 5
PRICE_UNITS = 10 * 10**6
"""A practice account buys a thousand of them."""
SMALL = 0.5
"""The most seconds."""
WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.002
PRESSED_AFTER_SECONDS = 2.0
"""Who presses has read that it is paused: the other side has been told by then."""
CONFIRMATIONS = 2
ORDER_PAGE: frozenset[type] = frozenset(
    {OrdersSnapshot, OrderSnapshot, SubscriptionsSnapshot, SettingsSnapshot}
)
EVERY_PAGE: frozenset[type] = ORDER_PAGE | {
    BrowseSnapshot,
    DatasetSnapshot,
    DatasetsSnapshot,
    MoneySnapshot,
    RecordsSnapshot,
    RegisterSnapshot,
}


class AtOnce:
    """The practice chain while no transaction waits for a block's time; as a context manager, which
    ends with what has ended the mining. ``final_at``, behind it, is when the last transaction had
    its confirmations (`time.perf_counter`)."""

    def __init__(self, url: str) -> None:
        self._node = Endpoint(url)
        self._over = threading.Event()
        self._miner = ThreadPoolExecutor(1, "miner")
        self.final_at = 0.0

    def __enter__(self) -> AtOnce:
        self._node.ask("evm_setIntervalMining", 0)
        self._mining = self._miner.submit(self._mine)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        try:
            self._mining.result()
            self._node.ask("evm_setIntervalMining", BLOCK_SECONDS)
        finally:
            self._miner.shutdown()
            self._node.close()

    def _mine(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            if int(self._node.ask("txpool_status")["pending"], 16):
                for _ in range(1 + CONFIRMATIONS):
                    self._node.ask("evm_mine")
                self.final_at = time.perf_counter()


def rows() -> list[dict[str, Any]]:
    """Seconds from the press to the file in place, medians: of "Pay", and of "Resume" at the buyer
    and at the owner, who had paused the delivery before it was paid."""
    return [
        row(name, statistics.median(taken), "s", most=SMALL, ratio=False)
        for name, taken in _measured().items()
    ]


def _measured() -> dict[str, list[float]]:
    paid: list[float] = []
    by_buyer: list[float] = []
    by_owner: list[float] = []
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        place = Path(folder)
        with story.two_people(place, place / "practice", "error") as (owner, buyer):
            story.enter_together({owner: "Owner", buyer: "Buyer"})
            trade = _Trade(place, owner, buyer)
            for number in range(RUNS):
                paid.append(trade.paid(f"paid {number}"))
                by_buyer.append(trade.resumed(f"resumed by the buyer {number}", buyer))
                by_owner.append(trade.resumed(f"resumed by the owner {number}", owner))
    return {
        "small: 1 MiB, paid": paid,
        "… resumed by the buyer": by_buyer,
        "… resumed by the owner": by_owner,
    }


class _Trade:
    """Of new files of 1 MiB, one after the other, between the same two."""

    def __init__(self, place: Path, owner: Person, buyer: Person) -> None:
        self._place, self._owner, self._buyer = place, owner, buyer
        self._url = str(Practice(place / "practice").status()["url"])

    def paid(self, name: str) -> float:
        data, thread = self._agreed(name)
        pay = self._payment(thread)
        with AtOnce(self._url) as chain:
            started = time.perf_counter()
            self._buyer.ask(pay)
            seconds = self._in_place(data, started)
        final = chain.final_at - started
        _say(f"{name}: {seconds:.3f} s, the payment final after {final:.3f}")
        return seconds

    def resumed(self, name: str, by: Person) -> float:
        data, thread = self._agreed(name)
        by.ask(cmd.PauseDelivery(thread))
        self._buyer.ask(self._payment(thread))
        stands = "paused" if by is self._buyer else "other_paused"
        self._page(thread, lambda order: order.delivery and order.delivery.state == stands)
        time.sleep(PRESSED_AFTER_SECONDS)
        started = time.perf_counter()
        by.ask(cmd.ResumeDelivery(thread))
        seconds = self._in_place(data, started)
        _say(f"{name}: {seconds:.3f} s")
        return seconds

    def _agreed(self, name: str) -> tuple[Path, str]:
        """A new file, and the order for it that waits to be paid."""
        data = self._place / f"{name}.bin"
        data.write_bytes(os.urandom(MIB))
        for person in (self._owner, self._buyer):
            person.ask(cmd.LookAt(EVERY_PAGE))
        dataset = story.register(self._owner, data, lambda step: None, PRICE_UNITS)
        story.request(self._buyer, dataset, lambda step: None)
        page = self._buyer.see(OrderSnapshot)
        assert page is not None
        assert page.dataset == dataset
        story.sign(self._owner, page.order, lambda step: None)
        for person in (self._owner, self._buyer):
            person.ask(cmd.LookAt(ORDER_PAGE))
        return data, page.order

    def _payment(self, thread: str) -> cmd.FundOrder:
        page = self._page(thread, lambda order: "pay" in order.actions and order.ready_to_pay)
        return cmd.FundOrder(thread, page.price.units, page.terms_fingerprint)

    def _page(self, thread: str, until: Callable[[OrderSnapshot], Any]) -> OrderSnapshot:
        return self._buyer.wait(OrderSnapshot, lambda order: order.order == thread and until(order))

    def _in_place(self, data: Path, started: float) -> float:
        """Looked for on the disk, since the page shows it up to 50 ms later. The folder that is not
        hidden any more is there with all that is in it."""
        received = self._place / "buyer" / "received"
        while time.perf_counter() - started < WAIT_SECONDS:
            for path in received.glob(f"[!.]*/{data.name}"):
                seconds = time.perf_counter() - started
                if path.read_bytes() != data.read_bytes():
                    raise RuntimeError("the delivered file differs")
                return seconds
            time.sleep(LOOK_SECONDS)
        raise RuntimeError(f"the file did not come: {self._buyer.notices}")


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
