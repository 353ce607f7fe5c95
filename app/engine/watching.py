"""From the record to the orders: final chain events become events of orders, and time makes due.

What a reorganisation took back was dropped from orders and entries with the index, in one commit.
Each advance of the ledger is then taken in this order: exchange events in final blocks are appended
to the orders they are about; what block time makes due is wanted. All of it is idempotent, so a
crash anywhere is repaired by the next advance.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import trio

from app.domain import deadlines
from app.domain import events as ev
from app.domain.errors import IllegalTransitionError
from app.domain.order import RUNNING, Order, Stage
from app.engine import holding
from app.engine.due import Due
from app.engine.entries import Entries
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.points import reached
from app.store import index, orders
from app.store.database import Database
from chain import exchange
from chain.errors import ChainError
from chain.indexer import Advance, ChainEvent

log = logging.getLogger(__name__)

COMPARE_SECONDS = 300
COMPARE_SECONDS_PRACTICE = 20
"""Block time after which a running order is compared with the contract again; twice as long each
time that it was ahead and asking for the events did not help."""


class Watching:
    """``changed`` is called when anything on the record moved."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        entries: Entries,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._entries = entries
        self._due = Due(database, journal, ledger, entries)
        self._changed = changed
        self._bonds: dict[tuple[str, str], int] = {}
        self._compared: dict[str, tuple[int, int]] = {}
        self._taken: dict[str, tuple[Order, int]] = {}

    async def advanced(self, advance: Advance) -> None:
        if advance.rewound_to is not None:
            log.info("the chain was reorganised above block %d", advance.rewound_to)
            self._entries.retry()
        every = self._journal.all()
        if self._take_all(every):
            every = self._journal.all()
        for order in every:
            if await self._was_kept_from_us(order):
                self._changed()
                return
            self._due.look(order)
        self._due.hurry(every)
        if not self._ledger.hurries:
            await trio.to_thread.run_sync(self._look_at_bonds, every)
        if advance.events or advance.rewound_to is not None:
            self._changed()

    async def _was_kept_from_us(self, order: Order) -> bool:
        """Whether the contract is further on with an order than its events are; they are asked for
        once more then."""
        if order.stage not in RUNNING:
            return False
        now, practice = self._ledger.now, self._ledger.network.practice
        at, misses = self._compared.get(order.thread, (0, 0))
        waits = (COMPARE_SECONDS_PRACTICE if practice else COMPARE_SECONDS) << min(misses, 6)
        if now < at + waits and (misses or not deadlines.due(order, now, practice)):
            return False
        try:
            ahead = await trio.to_thread.run_sync(partial(holding.is_ahead, self._ledger, order))
        except ChainError as error:
            log.info("an order cannot be compared with the contract: %s", error)
            return False
        self._compared[order.thread] = now, misses + 1 if ahead else 0
        if not ahead:
            return False
        log.warning("events of order %s are missing; they are read again", order.thread[:8])
        with self._database.read() as session:
            blocks = [
                event.block
                for event in orders.events(session, order.thread)
                if isinstance(event, ev.CHAIN_EVENTS)
            ]
        await trio.to_thread.run_sync(self._ledger.read_again, max(blocks, default=-1))
        return True

    def bond_in_place(self, order: Order) -> bool:
        """Whether the owner's free bond was enough for a signed offer at the last look."""
        free = self._bonds.get((order.owner, order.proposal.token), 0)
        return free >= order.proposal.bond_units

    def _look_at_bonds(self, every: list[Order]) -> None:
        """In a worker thread, for the offers a buyer may pay now."""
        wanted = {
            (order.owner, order.proposal.token)
            for order in every
            if order.role == "buyer" and order.stage == Stage.OFFERED
        }
        state = self._ledger.final_state() if wanted else None
        found = {
            (owner, token): state.free_bond(owner, token)
            for owner, token in wanted
            if state is not None
        }
        if found != self._bonds:
            self._bonds = found
            self._changed()

    def _take_all(self, every: list[Order]) -> bool:
        """Of the orders that can still take an event, those where something moved: what is final
        of them on record, or the order itself, also where a reorganisation took either back.
        Whether there were any."""
        waiting = [
            order
            for order in every
            if order.order_id and order.stage not in (Stage.PAID_RATED, Stage.REFUNDED)
        ]
        with self._database.read() as session:
            ids = [order.order_id for order in waiting]
            newest = index.newest_events(session, ids, self._ledger.final_block)
        stand = {order.thread: (order, newest.get(order.order_id, 0)) for order in waiting}
        moved = [order for order in waiting if self._taken.get(order.thread) != stand[order.thread]]
        for order in moved:
            self._take(order)
        self._taken = stand
        return bool(moved)

    def _take(self, order: Order) -> None:
        """Append the final exchange events of an order that it does not have yet."""
        with self._database.read() as session:
            recorded = index.order_events(session, order.order_id, self._ledger.final_block)
            known = {
                (type(event), event.block)
                for event in orders.events(session, order.thread)
                if isinstance(event, ev.CHAIN_EVENTS)
            }
        for fact in recorded:
            event = order_event(fact)
            if event is None or (type(event), event.block) in known:
                continue
            try:
                self._journal.record(order.thread, event)
            except IllegalTransitionError as error:
                # The contract is what is true; this would be a bug of ours, and is shown as one.
                log.error("order %s cannot take a chain event: %s", order.thread[:8], error)
            else:
                reached(f"{type(event).__name__.lower()}_taken")


def order_event(fact: ChainEvent) -> ev.ChainEvent | None:
    """The order's event for an event of the exchange; None if it says nothing about an order."""
    at, block = fact.block_time, fact.block_number
    match fact.body:
        case exchange.Funded(deadline=deadline):
            return ev.Funded(at, block, deadline)
        case exchange.Revealed() as body:
            return ev.Revealed(at, block, body.delivery_root, body.secret, body.deadline)
        case exchange.Confirmed() as body:
            return ev.Confirmed(at, block, body.scores, body.review)
        case exchange.Accepted():
            return ev.Accepted(at, block)
        case exchange.Refunded(by_owner=by_owner):
            return ev.Refunded(at, block, by_owner)
        case exchange.Acknowledged() as body:
            return ev.Acknowledged(at, block, body.delivery_root)
        case exchange.Complained() as body:
            return ev.Complained(at, block, body.index, body.mask, body.delivery_root)
        case exchange.Rated() as body:
            return ev.Rated(at, block, body.scores, body.review)
    return None
