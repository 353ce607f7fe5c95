"""Deliveries left at a relay by themselves, where the owner has chosen so: the buyer is away, and
one of the owner's relays keeps parcels.

One at a time, and only what nobody has paused or stopped, by hand or because of the battery. It is
as slow as everything that is sent; it ends where another delivery waits for its turn, and when the
buyer is there again: then the data goes straight. What is at the relay by then stays there; the
rest follows when the buyer is away again, or all is taken back once nobody waits for it any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

import trio

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.domain.order import Order
from app.engine.deliveries import Deliveries
from app.engine.kept_parcels import KeptParcels
from app.store import orders, settings
from app.store.database import Database
from p2p.errors import ContentError
from p2p.host import Host

log = logging.getLogger(__name__)

SETTING: Final = "leave_by_itself"
LOOK_SECONDS: Final = 30.0
AWAY_SECONDS: Final = 600.0
"""A computer that starts again, or a router, is back sooner."""
AGAIN_SECONDS: Final = 3600.0
"""After no relay took it, or our own disk or files stopped it."""
BROKEN_SECONDS: Final = 60.0
"""After it broke off with a part of it there."""
ABSENT_SECONDS: Final = 60.0
LONGEST_ABSENT_SECONDS: Final = 86_400.0
"""A relay at which something is to be taken back and that is not there is asked again after so
long, then after twice as long each time."""


class Leaving:
    def __init__(
        self,
        database: Database,
        deliveries: Deliveries,
        kept: KeptParcels,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._kept = kept
        self._clock = clock
        self._host: Host | None = None
        self._away: dict[str, float] = {}  # since when, by order
        self._again: dict[str, float] = {}  # not before
        self._absent: dict[str, tuple[float, float]] = {}  # relays: not before, how long then

    def connect(self, host: Host) -> None:
        self._host = host

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # a bug, or our disk: it ends nothing else
                log.exception("Leaving deliveries at relays failed")
            await trio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Take back what nobody waits for; then leave the first that has waited long enough, if
        there is one."""
        await self._take_back()
        with self._database.read() as session:
            every = orders.list_orders(session, open_only=True)
        now = self._clock()
        waiting = [one for one in every if self._kept.useful(one) and not self._is_here(one.buyer)]
        self._away = {one.thread: self._away.get(one.thread, now) for one in waiting}
        for order in waiting:
            thread = order.thread
            long_enough = now - self._away[thread] >= AWAY_SECONDS
            its_time = long_enough and now >= self._again.get(thread, now)
            if its_time and self._kept.offered(order) and self._may_go(order):
                await self._leave(order)
                return

    async def _take_back(self) -> None:
        for order, place in self._kept.left_over():
            relay, now = place.relay, self._clock()
            again, wait = self._absent.get(relay, (now, ABSENT_SECONDS))
            if now < again:
                continue
            if await self._kept.take_back(order, place):
                self._absent.pop(relay, None)
            else:
                self._absent[relay] = (now + wait, min(2 * wait, LONGEST_ABSENT_SECONDS))

    def _may_go(self, order: Order) -> bool:
        thread, pauses = order.thread, self._deliveries.pauses
        with self._database.read() as session:
            wanted = bool(settings.get(session, SETTING, False))
        return (
            wanted
            and not self._is_here(order.buyer)
            and not pauses.mine(thread)
            and not pauses.by_other(thread)
            and not self._kept.was_stopped(thread)
            and not self._deliveries.turns.others_wait("owner", thread)
        )

    def _is_here(self, identity: str) -> bool:
        return self._host is not None and any(p.identity == identity for p in self._host.peers)

    async def _leave(self, order: Order) -> None:
        thread, wait = order.thread, AGAIN_SECONDS
        try:
            left = await self._kept.leave(cmd.LeaveParcel(thread), lambda: self._may_go(order))
            wait = 0.0
            if left is not None:
                self._deliveries.problem(thread, "")
        except RuleError as error:
            log.info("the order %s is not left at a relay: %s", thread, error)
            if self._kept.place(thread) is not None:
                wait = BROKEN_SECONDS
        except ContentError as error:  # told like where it stops what goes straight
            log.warning("the order %s cannot be left at a relay: %s", thread, error)
            self._deliveries.problem(thread, str(error))
        finally:
            self._again[thread] = self._clock() + wait
