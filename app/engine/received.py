"""What was delivered is measured again, and compared with what the owner had declared of it.

What counts is the listing that stood on record when the order was paid: a later one changes
nothing. The comparison is made once, as soon as the files are in place, and kept; it is shown, goes
into the review document that a Confirmation signs (PROTOCOL §6), and decides nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio
from sqlalchemy.orm import Session

from app.domain import claims, listing
from app.domain.order import Order
from app.domain.profile_check import UNSEEN
from app.domain.snapshots.datasets import Comparison
from app.engine.journal import Journal
from app.engine.looking import Looking
from app.store import index, settings
from app.store.database import Database
from chain.listing import decode_listing
from chain.registry_events import ListingUpdated, Registered

_log = logging.getLogger(__name__)


class Received:
    """Looks at what came, one order at a time. ``changed`` asks for new snapshots."""

    def __init__(
        self, folder: Path, database: Database, journal: Journal, changed: Callable[[], None]
    ) -> None:
        self._database = database
        self._journal = journal
        self._looking = Looking(folder, changed)
        self._wake = trio.Event()

    def look(self) -> None:
        """There may be something new in place."""
        self._wake.set()

    def comparing(self, thread: str) -> bool:
        return self._looking.progress(thread) is not None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake = trio.Event()
            for order in self._journal.all():
                if order.role == "buyer" and order.folder:
                    try:
                        await self._compare(order)
                    except Exception:  # its disk, not the trade: tried again at the next look
                        _log.exception("What came of %s cannot be compared now", order.thread)
            await self._wake.wait()

    async def _compare(self, order: Order) -> None:
        with self._database.read() as session:
            if settings.get(session, _key(order)) is not None:
                return
            said = declared(session, order)
        path = Path(order.folder)
        if not await trio.to_thread.run_sync(path.is_dir):
            return  # a disk that is not plugged in may come back
        lines: tuple[Comparison, ...] = ()
        if said.rows is not None or claims.document(said.claims):
            profile = await self._looking.look(order.thread, path, sketch=False)
            if profile is not None and profile.problem not in UNSEEN:
                lines = claims.compare(said.claims, said.rows, profile)
        with self._database.begin() as session:
            settings.put(session, _key(order), [_plain(line) for line in lines])
        self._looking.tell()


def declared(session: Session, order: Order) -> listing.Listing:
    """What the listing said that stood on record when the order was paid."""
    found = b""
    for event in index.history(session, order.dataset):
        if isinstance(event.body, Registered | ListingUpdated):
            if found and event.block_time > (order.funded_at or 0):
                break
            found = event.body.listing
    try:
        return listing.read(decode_listing(found))
    except ValueError:
        return listing.read({})


def comparisons(session: Session, order: Order) -> tuple[Comparison, ...]:
    """What was found when the order's files came; nothing before that, and of what is no table."""
    return tuple(Comparison(*line) for line in settings.get(session, _key(order), None) or ())


def document(lines: tuple[Comparison, ...]) -> dict[str, Any]:
    """As the review document has it: what was declared, what was found, which of them differ."""
    if not lines:
        return {}
    return {
        "declared": {line.what: line.declared for line in lines},
        "received": {line.what: line.received for line in lines if line.received is not None},
        "differs": [line.what for line in lines if line.verdict == "differs"],
    }


def _key(order: Order) -> str:
    return f"received:{order.thread}"


def _plain(line: Comparison) -> list[Any]:
    return [line.what, line.declared, line.received, line.verdict, line.tolerance]
