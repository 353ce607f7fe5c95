"""An entry that no block takes is sent for more, and the sooner the nearer its deadline is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
import trio

from app.domain.order import Order, Stage
from app.engine.due import Due
from app.engine.entries import Entries
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.store import entries as journal
from app.store.database import Database
from app.store.entries import Entry
from chain.gateway import Call
from chain.network import Network
from chain.transactions import Fees, SignedTx, raised, sign_transaction
from tests.app.domain.test_deadlines import DEADLINE, KEYED, RECEIPTED, WRONG, buyer, owner
from tests.app.engine.sides import NETWORK, OWNER

FEES = Fees(10**9, 10**8)
LEFT = 100  # seconds before the deadline when it is sent first


@dataclass
class Chain:
    """Takes every transaction and mines none. ``gateway`` and ``ledger`` at once."""

    now: int
    network: Network = NETWORK
    final_block: int = 0
    sent: list[bytes] = field(default_factory=list)

    @property
    def gateway(self) -> Chain:
        return self

    def receipt(self, hash_: bytes) -> None:
        return None

    def mined_nonce(self, address: str) -> int:
        return 0

    pending_nonce = mined_nonce

    def sign(self, call: Call, key: bytes, nonce: int) -> SignedTx:
        return sign_transaction(self.network.chain_id, call, nonce, 50_000, FEES, key)

    def bump(self, call: Call, previous: SignedTx, key: bytes) -> SignedTx:
        fees = raised(FEES, previous)
        return sign_transaction(self.network.chain_id, call, previous.nonce, 50_000, fees, key)

    def broadcast(self, raw: bytes) -> None:
        self.sent.append(raw)


@dataclass
class Waiting:
    """One entry on its way, and the orders that the app has."""

    database: Database
    chain: Chain
    entries: Entries
    due: Due
    orders: list[Order] = field(default_factory=list)

    def after(self, seconds: int) -> Entry:
        """As at the next look: the entry then."""
        self.chain.now += seconds
        self.due.hurry(self.orders)
        trio.run(self.entries._step, self.entry)
        return self.entry

    @property
    def entry(self) -> Entry:
        with self.database.read() as session:
            (entry,) = journal.unfinished(session)
        return entry


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    database, chain = Database.open(tmp_path / "lading.sqlite"), Chain(DEADLINE - LEFT)
    ledger: Any = chain
    made = Entries(
        database,
        cast(Ledger, ledger),
        OWNER.account_key,
        OWNER.address,
        lambda entry: Call(NETWORK.exchange, b"reveal"),
        lambda entry: None,
    )
    due = Due(database, cast(Journal, None), cast(Ledger, ledger), made)
    made.want("order:reveal", "reveal")
    yield Waiting(database, chain, made, due)
    database.close()


@pytest.mark.parametrize("order", [owner(**KEYED), buyer(Stage.REVEALED, **WRONG)])
def test_near_a_deadline_it_is_sent_for_more_and_sooner_each_time(
    waiting: Waiting, order: Order
) -> None:
    waiting.orders = [owner(Stage.OFFERED), order]
    assert len(waiting.after(0).attempts) == 1
    assert len(waiting.after(3).attempts) == 1
    assert waiting.chain.sent == [waiting.entry.attempts[0].raw] * 2  # the same once more
    assert len(waiting.after(2).attempts) == 2  # 95 s are left, a twentieth of that is 4
    while waiting.chain.now < DEADLINE:
        waiting.after(1)
    attempts = waiting.entry.attempts
    assert all(b.max_fee_wei * 8 >= a.max_fee_wei * 9 for a, b in pairwise(attempts))
    waits = [later.at - earlier.at for earlier, later in pairwise(attempts)]
    assert waits == sorted(waits, reverse=True)
    assert waits[-1] == 2
    assert {attempt.raw for attempt in attempts} == set(waiting.chain.sent)


@pytest.mark.parametrize("order", [owner(**RECEIPTED), buyer(Stage.REVEALED)])
def test_where_nothing_can_be_missed_it_has_its_time(waiting: Waiting, order: Order) -> None:
    waiting.orders = [order]
    waiting.after(0)
    assert len(waiting.after(19).attempts) == 1
    assert len(waiting.after(1).attempts) == 2
