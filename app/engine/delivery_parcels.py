"""Delivery parcels: the owner saves one, the buyer opens it, and the order goes on as always.

A parcel carries what the network would have carried, and nothing else: it ends up in the same
store, and then the owner is asked for the delivery root over the network before anything is signed.
That is why a parcel needs no trust, and why the two ways can take turns.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import trio
from sqlalchemy.orm import Session

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.domain.order import Delivery, Order, Stage
from app.domain.snapshots.datasets import Progress
from app.domain.snapshots.orders import ParcelView
from app.engine.deliveries import Deliveries
from app.engine.journal import Journal
from app.engine.outbox import Later
from app.engine.profile import Profile
from app.store import orders, settings
from app.store.database import Database
from p2p import parcel_saving, parcel_taking
from p2p.errors import Cancelled, PeerError, Unreachable
from p2p.manifest import shown
from p2p.parcel_taking import Found, Taken
from p2p.parcels import Label

NAMES_SHOWN = 3
RUNS_KEPT = 100

Doing = Literal["saving", "opening", "leaving"]
Parts = tuple[tuple[Path, Label], ...]


@dataclass(frozen=True, slots=True)
class SavedParcel:
    """What was saved for the order ``thread``."""

    thread: str
    parts: int
    size_bytes: int


class DeliveryParcels:
    """``failed`` hears what went wrong after a command was answered, ``changed`` (also from worker
    threads) that there is news to show, ``came`` that more of an order's data is here."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        journal: Journal,
        deliveries: Deliveries,
        failed: Callable[[Exception, str], None],
        changed: Callable[[], None],
        came: Callable[[str], None],
    ) -> None:
        self._profile = profile
        self._database = database
        self._journal = journal
        self._deliveries = deliveries
        self._failed = failed
        self._changed = changed
        self._came = came
        self._nursery: trio.Nursery | None = None
        self._work: dict[str, ParcelView] = {}
        self._stopping: set[str] = set()
        deliveries.ask_before_blame(self._was_forged)

    def use(self, nursery: trio.Nursery) -> None:
        """Where parcels are opened while other commands are answered."""
        self._nursery = nursery

    def view(self, session: Session, thread: str) -> ParcelView | None:
        """What is being done with a parcel of this order, or what the last one still lacks."""
        if thread in self._work:
            return self._work[thread]
        kept = settings.get(session, f"parcel:{thread}", None)
        if not kept or not kept["missing"]:
            return None
        return ParcelView("", None, kept["parts"], tuple(map(tuple, kept["missing"])))

    def stop(self, command: cmd.StopParcel) -> None:
        if command.order in self._work:
            self._stopping.add(command.order)

    # the owner

    async def save(self, command: cmd.ExportParcel) -> SavedParcel | None:
        """Write the parcel; None if that was stopped. RuleError, ParcelError, ContentError."""
        order = self._journal.order(command.order)
        if order.role != "owner" or not awaits(order):
            raise RuleError(
                "parcel.save_not_now",
                "A parcel is saved while the payment is held and the data not received yet.",
            )
        with self.begun(order.thread, "saving"):
            try:
                source = await self._deliveries.source_of(order)
                save = partial(
                    parcel_saving.save,
                    source,
                    order.order_id,
                    command.folder,
                    f"order-{order.order_id.hex()[:8]}",
                    command.part_bytes,
                    progress=self.meter(order.thread, "saving"),
                    cancelled=partial(self._is_to_stop, order.thread),
                )
                parts, size = await trio.to_thread.run_sync(save)
            except Cancelled:
                return None
            except (PeerError, Unreachable) as error:  # about our own side, not somebody else's
                raise RuleError("parcel.unpaid", str(error)) from error
        return SavedParcel(order.thread, parts, size)

    # the buyer

    async def open(self, command: cmd.ImportParcel) -> str:
        """Begin to take in what was chosen; the order it is for, whose page shows how it goes on.

        ParcelError: it is no parcel. RuleError: not one that is waited for.
        """
        found = await trio.to_thread.run_sync(parcel_taking.find_parts, command.paths)
        wanted = self._journal.order(command.order) if command.order else None
        by_order: defaultdict[bytes, list[tuple[Path, Label]]] = defaultdict(list)
        for path, label in found.parts:
            if wanted is not None and label.order_id != wanted.order_id:
                raise RuleError(
                    "parcel.other",
                    f"“{shown(path.name)}” belongs to another order than this one.",
                    name=shown(path.name),
                )
            by_order[label.order_id].append((path, label))
        awaiting = [(self._order_of(*parts[0]), tuple(parts)) for parts in by_order.values()]
        assert self._nursery is not None
        for order, parts in awaiting:
            self._nursery.start_soon(self._take, order, Found(parts, found.spoiled))
        return awaiting[0][0].thread

    def _order_of(self, path: Path, label: Label) -> Order:
        name = shown(path.name)
        with self._database.read() as session:
            order = orders.by_order_id(session, label.order_id)
        if order is None:
            raise RuleError(
                "parcel.unknown", f"“{name}” is for an order that is not yours.", name=name
            )
        if order.role == "owner":
            raise RuleError("parcel.own", "This parcel is for the buyer: only they can open it.")
        if not awaits(order):
            raise _not_now()
        self._look_free(order.thread)
        return order

    async def _take(self, order: Order, found: Found) -> None:
        """In the background: whatever comes of it is told, and never ends what runs beside it."""
        thread = order.thread
        try:
            with self.begun(thread, "opening"):
                taken = await self._taken(order, found.parts)
            self._keep(thread, taken)
            self._say_spoiled(thread, (*found.spoiled, *taken.spoiled))
        except Cancelled:
            pass
        except Later:
            self._failed(_not_now(), thread)
        except Exception as error:
            self._failed(error, thread)
        self._came(thread)

    async def _taken(self, order: Order, parts: Parts) -> Taken:
        thread = order.thread
        self._mark(thread)
        async with self._deliveries.stores.instead(order) as spool:
            token = trio.lowlevel.current_trio_token()
            count = self.meter(thread, "opening")

            def progress(done: int, total: int) -> None:
                count(done, total)
                token.run_sync_soon(self._deliveries.found, order, spool)

            try:
                return await trio.to_thread.run_sync(
                    partial(
                        parcel_taking.take,
                        parts,
                        spool,
                        order.order_id,
                        self._profile.waiting_parts(thread),
                        progress=progress,
                        cancelled=partial(self._is_to_stop, thread),
                    )
                )
            finally:
                self._deliveries.found(order, spool)
                if spool.complete:
                    # Who brings the rest by hand wants it to go on; there is nothing left to pause.
                    self._deliveries.pause(thread, False)

    def _mark(self, thread: str) -> None:
        """Before the first byte: from now on what is stored may be forged."""
        with self._database.begin() as session:
            if settings.get(session, f"parcel:{thread}", None) is None:
                settings.put(session, f"parcel:{thread}", {"parts": 0, "missing": []})

    def _keep(self, thread: str, taken: Taken) -> None:
        kept = {"parts": taken.parts, "missing": taken.missing[:RUNS_KEPT]}
        with self._database.begin() as session:
            settings.put(session, f"parcel:{thread}", kept)

    def _say_spoiled(self, thread: str, names: Sequence[str]) -> None:
        if names:
            more = ", …" if len(names) > NAMES_SHOWN else ""
            text = ", ".join(names[:NAMES_SHOWN]) + more
            sentence = f"Damaged or cut short: {text}. Copy it again; everything else was taken."
            self._failed(RuleError("parcel.spoiled", sentence, names=text), thread)

    def _was_forged(self, thread: str) -> bool:
        """The owner names another delivery root than what is stored here has: whether a parcel can
        be the reason. It is told then, once, and what is stored is fetched again."""
        with self._database.begin() as session:
            by_parcel = settings.get(session, f"parcel:{thread}", None) is not None
            settings.put(session, f"parcel:{thread}", None)
        if by_parcel:
            sentence = "The parcel did not hold what the owner sealed. It is fetched again."
            self._failed(RuleError("parcel.forged", sentence), thread)
        return by_parcel

    # both

    @contextmanager
    def begun(self, thread: str, doing: Doing) -> Iterator[None]:
        """One thing at a time is done with an order's parcel, and shown. RuleError: another is."""
        self._look_free(thread)
        self._stopping.discard(thread)
        self._work[thread] = ParcelView(doing, Progress(0, 0, 0, None))
        self._changed()
        try:
            yield
        finally:
            del self._work[thread]
            self._changed()

    def _look_free(self, thread: str) -> None:
        if thread in self._work:
            raise RuleError(
                "parcel.running", "A parcel of this order is being worked on: wait, or stop it."
            )

    def stopping(self, thread: str) -> bool:
        """Whether somebody has pressed Stop since it was begun."""
        return thread in self._stopping

    def _is_to_stop(self, thread: str) -> bool:
        """Called in the worker thread; when the app ends, trio's own cancellation is raised."""
        trio.from_thread.check_cancelled()
        return self.stopping(thread)

    def meter(self, thread: str, doing: Doing) -> Callable[[int, int], None]:
        began = time.monotonic()

        def further(done: int, total: int) -> None:
            """Called in the worker thread; the value is replaced whole, so no lock is needed."""
            seconds = time.monotonic() - began
            self._work[thread] = ParcelView(doing, Progress.after(seconds, done, total))
            self._changed()

        return further


def awaits(order: Order) -> bool:
    return order.stage == Stage.FUNDED and order.delivery == Delivery.AWAITED


def _not_now() -> RuleError:
    return RuleError(
        "parcel.not_now", "A parcel is opened while the payment is held and the data not all here."
    )
