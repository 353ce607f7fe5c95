"""The buyer's stores of what is delivered, one writer at a time: the network, or a parcel instead.

A store is opened anew by whoever is to write to it, so that it always goes on at what lies on the
disk.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import trio

from app.domain.order import Order
from app.engine.content_check import registered
from app.engine.outbox import Later
from app.engine.profile import Profile
from app.store.database import Database
from p2p.spool import Spool

TAKEN_LOOK_SECONDS = 2


class Stores:
    def __init__(self, profile: Profile, database: Database) -> None:
        self._profile = profile
        self._database = database
        self._taken: set[str] = set()
        self._fetching: dict[str, trio.CancelScope] = {}
        self._locks: defaultdict[str, trio.Lock] = defaultdict(trio.Lock)

    @asynccontextmanager
    async def to_fetch(self, order: Order) -> AsyncIterator[Spool]:
        """For the network. `Later` while somebody else has the store, or takes it meanwhile."""
        thread = order.thread
        if thread in self._taken:
            raise Later(TAKEN_LOOK_SECONDS, "a parcel is being opened")
        with trio.CancelScope() as scope:
            self._fetching[thread] = scope
            try:
                async with self._locks[thread]:
                    yield await self._open(order)
            finally:
                del self._fetching[thread]
        if scope.cancelled_caught:
            raise Later(TAKEN_LOOK_SECONDS, "a parcel is being opened")

    @asynccontextmanager
    async def instead(self, order: Order) -> AsyncIterator[Spool]:
        """For whoever brings the data another way: nothing is fetched meanwhile, and what is being
        fetched stops where it is."""
        thread = order.thread
        self._taken.add(thread)
        try:
            if thread in self._fetching:
                self._fetching[thread].cancel()
            async with self._locks[thread]:
                yield await self._open(order)
        finally:
            self._taken.discard(thread)

    async def _open(self, order: Order) -> Spool:
        root = registered(self._database, order).root
        folder = self._profile.delivery(order.thread)
        return await trio.to_thread.run_sync(partial(Spool, folder, order.records, root))
