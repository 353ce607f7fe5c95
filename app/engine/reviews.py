"""The words behind ratings: given to whoever asks, and asked for where they are not here.

A rating on record names its review by a hash; the document is with its buyer and the owner. What
came is kept, so nobody is asked twice. Whoever is asked learns who is looking at the dataset, which
is why opening its page asks nobody: the person does.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import trio
from sqlalchemy.orm import Session

from app.domain.review_commands import AskReviews
from app.domain.snapshots.datasets import WordsState
from app.engine.letters import Letters
from app.store import index
from app.store import reviews as rows
from app.store.database import Database
from app.store.index import RecordedOrder
from p2p.errors import P2PError, Unreachable
from p2p.host import Host, Peer
from p2p.reviews import Wanted

log = logging.getLogger(__name__)

MOST = 200
"""Ratings whose words are asked for at a time, the newest first: as many as the page shows."""
AT_ONCE = 8
PARTY_SECONDS = 30.0
ALL_SECONDS = 90.0


def missing(session: Session, dataset: bytes) -> list[RecordedOrder]:
    """Rated orders of a dataset whose review is not here, the newest first."""
    return [
        order
        for order in reversed(index.ratings(session, dataset))
        if rows.load(session, order.review) is None
    ][:MOST]


class Reviews:
    """``changed`` is called when words came, and when all were asked."""

    def __init__(self, database: Database, address: str, changed: Callable[[], None]) -> None:
        self._database = database
        self._address = address
        self._changed = changed
        self._host: Host | None = None
        self._letters: Letters | None = None
        self._asking: set[bytes] = set()
        self._asked: set[bytes] = set()

    def connect(self, host: Host, letters: Letters) -> None:
        self._host, self._letters = host, letters

    def state(self, dataset: bytes) -> WordsState:
        if dataset in self._asking:
            return "asking"
        return "asked" if dataset in self._asked else "can"

    async def give(self, peer: Peer, wanted: Wanted) -> dict[str, Any] | None:
        """Answers `p2p.reviews`: what is on record is public, whoever asks."""
        with self._database.read() as session:
            order = index.recorded_order(session, wanted.order)
            if order is None or not order.scores or order.review != wanted.review:
                return None
            return rows.load(session, wanted.review)

    async def ask(self, command: AskReviews) -> None:
        """Returns when everybody was asked who could be reached in time."""
        dataset = bytes.fromhex(command.dataset)
        if self._host is None or self._letters is None:
            raise Unreachable("Lading is not on line yet.")
        if dataset in self._asking:
            return
        self._asking.add(dataset)
        self._changed()
        try:
            with trio.move_on_after(ALL_SECONDS):
                # An owner has the words of every buyer.
                await self._ask_each(dataset, lambda order: order.owner)
                await self._ask_each(dataset, lambda order: order.buyer)
        finally:
            self._asking.discard(dataset)
            self._asked.add(dataset)
            self._changed()

    async def _ask_each(self, dataset: bytes, who: Callable[[RecordedOrder], str]) -> None:
        with self._database.read() as session:
            wanted = missing(session, dataset)
        by_party: dict[str, list[Wanted]] = defaultdict(list)
        for order in wanted:
            by_party[who(order)].append(Wanted(order.order_id, order.review))
        by_party.pop(self._address, None)
        at_once = trio.CapacityLimiter(AT_ONCE)
        async with trio.open_nursery() as nursery:
            for party, asked in by_party.items():
                nursery.start_soon(self._ask_party, party, asked, at_once)

    async def _ask_party(
        self, party: str, wanted: Sequence[Wanted], at_once: trio.CapacityLimiter
    ) -> None:
        assert self._host is not None
        assert self._letters is not None
        async with at_once:
            with trio.move_on_after(PARTY_SECONDS):
                try:
                    peer_id, addresses = self._letters.whereabouts(party)
                    await self._host.fetch_reviews(
                        peer_id, addresses, wanted, self._got, identity=party
                    )
                except P2PError as error:
                    log.debug("no words from %s: %s", party, error)

    def _got(self, wanted: Wanted, document: dict[str, Any]) -> None:
        with self._database.begin() as session:
            rows.keep(session, wanted.review, document)
        self._changed()
