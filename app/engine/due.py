"""Wants the record entries that time makes necessary, as often as it takes.

An entry can fail for a reason that passes: no coins for the fee, a payment that a reorganisation
took back for a moment. It is wanted again then, a little later each time, and the more often the
nearer the deadline that it must not miss. Everything is asked anew at each newest block, so that a
crash or a reorganisation needs no care of its own.
"""

from __future__ import annotations

from app.domain import deadlines
from app.domain import events as ev
from app.domain.order import Order
from app.engine.entries import Entries
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.points import reached
from app.store import entries as entry_rows
from app.store.database import Database
from app.store.entries import Entry

FIRST_WAIT_SECONDS = 60
FIRST_WAIT_SECONDS_PRACTICE = 10
LONGEST_WAIT_SECONDS = 3600
UNDER_WAY = ("wanted", "signed", "recorded")


class Due:
    """For the orders of one identity on one network."""

    def __init__(
        self, database: Database, journal: Journal, ledger: Ledger, entries: Entries
    ) -> None:
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._entries = entries

    def look(self, order: Order) -> None:
        """Want what is due in ``order`` now and not on its way."""
        now = self._ledger.now
        # Only what the final blocks do not hold by then cannot come any more.
        if deadlines.lapsed(order, self._ledger.final_time) and not self._fund_under_way(order):
            self._journal.record(order.thread, ev.OfferLapsed(now))
            return
        kinds = deadlines.due(order, now, self._ledger.network.practice)
        if not kinds:
            return
        with self._database.read() as session:
            before = entry_rows.for_thread(session, order.thread)
        for kind in kinds:
            tries = [entry for entry in before if entry.what == kind]
            if any(entry.state in UNDER_WAY or entry.state == "final" for entry in tries):
                continue
            if tries and now < tries[-1].made_at + self._wait_seconds(order, tries):
                continue
            key = f"{order.thread}:{kind}:due{len(tries)}"
            self._entries.want(key, kind, thread=order.thread, made_at=now)
            reached(f"{kind}_wanted")

    def hurry(self, every: list[Order]) -> None:
        """Tell the entries how long they may wait in front of the nearest deadline."""
        now, practice = self._ledger.now, self._ledger.network.practice
        found = (deadlines.hurry_seconds(order, now, practice) for order in every)
        self._entries.hurry = min((one for one in found if one is not None), default=None)

    def _wait_seconds(self, order: Order, tries: list[Entry]) -> int:
        practice = self._ledger.network.practice
        first = FIRST_WAIT_SECONDS_PRACTICE if practice else FIRST_WAIT_SECONDS
        wait = min(first << min(len(tries) - 1, 10), LONGEST_WAIT_SECONDS)
        left = (order.deadline or 0) - self._ledger.now
        return max(first, min(wait, left // 8)) if left > 0 else wait

    def _fund_under_way(self, order: Order) -> bool:
        with self._database.read() as session:
            before = entry_rows.for_thread(session, order.thread)
        return any(entry.what == "fund" and entry.state != "failed" for entry in before)
