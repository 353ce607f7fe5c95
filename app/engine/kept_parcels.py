"""Parcels at relays: what reaches a buyer who is never on line at the same time as the owner.

The owner leaves one at a relay of its own that keeps some. A buyer that does not get its data from
the owner asks the relays both may know, by a name that only the two can work out. What comes is
stored like any other delivery, and the owner is asked for the delivery root before anything is
signed, so that nobody has to trust the relay.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import trio

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.domain.order import NEGOTIATING, Order
from app.engine.deliveries import Deliveries
from app.engine.delivery_parcels import DeliveryParcels, awaits
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.letters import Letters
from app.engine.relaying import told
from app.store import orders, settings
from app.store.database import Database
from p2p import keeping
from p2p.circuit import read_relay
from p2p.errors import Cancelled, P2PError, PeerError, Unreachable
from p2p.host import Host
from p2p.keeping import NO_PARCEL
from p2p.kept_sealing import Ticket, ticket
from p2p.kept_store import file_size
from p2p.sealer import Source
from p2p.spool import Spool

log = logging.getLogger(__name__)

Waits = Literal["", "paused_all", "unplugged", "queued"]

DROP_SECONDS = 15.0
WAIT_LOOK_SECONDS = 1.0
_KEPT = "kept:"  # before the order's thread: its place, in the settings


@dataclass(frozen=True, slots=True)
class LeftParcel:
    """The parcel of the order ``thread`` is at a relay."""

    thread: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a parcel of an order is, or came from: a relay's multiaddr, and (owner) until when it
    is kept there, in unix seconds; 0 while not all of it is there."""

    relay: str
    until: int = 0

    @property
    def host(self) -> str:
        """The relay as a person reads it."""
        relay = read_relay(self.relay)
        return self.relay if relay is None else relay.relay.host


class KeptParcels:
    """``changed`` asks for new snapshots."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        deliveries: Deliveries,
        parcels: DeliveryParcels,
        identity: Identity,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._journal = journal
        self._deliveries = deliveries
        self._parcels = parcels
        self._identity = identity
        self._changed = changed
        self._host: Host | None = None
        self._letters: Letters | None = None
        self._nursery: trio.Nursery | None = None
        self._useless: set[tuple[str, str]] = set()  # order and relay that gave something else
        deliveries.ask_elsewhere(self._fetch, self._received)

    def connect(self, host: Host, letters: Letters) -> None:
        self._host, self._letters = host, letters

    def use(self, nursery: trio.Nursery) -> None:
        """Where relays are told that a parcel is not needed any more."""
        self._nursery = nursery

    def place(self, thread: str) -> Place | None:
        """Where a parcel of this order is, or came from."""
        with self._database.read() as session:
            kept = settings.get(session, _KEPT + thread, None)
        if not kept or 0 < kept["until"] <= time.time():
            return None
        return Place(**kept)

    # the owner

    def useful(self, order: Order) -> bool:
        """Whether the buyer still waits for our data, and can get the key to it."""
        return order.role == "owner" and awaits(order) and self._deliveries.key_can_follow(order)

    def offered(self, order: Order) -> bool:
        """Whether a relay of ours would take this order's parcel now, and has not got it."""
        states = () if self._host is None else self._host.relays
        if not any(s.keeps for s in states) or not self.useful(order):
            return False
        place = self.place(order.thread)
        return bool(self._takers(order)) and (place is None or not place.until)

    async def leave(
        self, command: cmd.LeaveParcel, may_go: Callable[[], bool] | None = None
    ) -> LeftParcel | None:
        """Bring it to a relay, from where an earlier try stopped; None if that was stopped, it is
        of no use any more, or ``may_go`` says no. Nobody has asked for it where there is a
        ``may_go``. RuleError, ContentError."""
        order = self._journal.order(command.order)
        if not self.useful(order):
            raise RuleError(
                "parcel.leave_not_now",
                "A parcel is left at a relay while the payment is held and the data not received.",
            )
        takers = self._takers(order)
        if not takers:
            raise RuleError(
                "parcel.no_relay", "None of your relays has room for this parcel at the moment."
            )
        thread = order.thread

        def goes() -> bool:
            still = not self._parcels.stopping(thread) and self.useful(self._journal.order(thread))
            return still and (may_go is None or may_go())

        with self._parcels.begun(thread, "leaving"):
            if may_go is None:
                self._note_stopped(thread, False)
            try:
                return await self._leave_at_one(takers, order, goes)
            except Cancelled:
                return None
            finally:  # whatever ended it: who has pressed Stop finds it stopped
                if self._parcels.stopping(thread):
                    self._note_stopped(thread, True)
                self._deliveries.ends_turn(thread, "owner")

    async def _leave_at_one(
        self, relays: list[str], order: Order, goes: Callable[[], bool]
    ) -> LeftParcel:
        """At the first that takes it. Cancelled: see `_leave_in_turn`."""
        try:
            source = await self._deliveries.source_of(order)
        except (PeerError, Unreachable) as error:  # about our own side, not somebody else's
            raise RuleError("parcel.unpaid", str(error)) from error
        said = []
        for relay in relays:
            try:
                until = await self._leave_in_turn(relay, order, source, goes)
            except (PeerError, Unreachable) as error:
                log.info("the relay %s takes no parcel: %s", relay, error.reason)
                said.append(f"{Place(relay).host}: “{told(error.reason)}”")
            else:
                self._keep(order.thread, Place(relay, until))
                return LeftParcel(order.thread)
        if not goes():
            raise Cancelled
        text = " ".join(said)
        raise RuleError(
            "parcel.relay_failed",
            f"No relay took the whole parcel. {text} Leave it again.",
            said=text,
        )

    async def _leave_in_turn(
        self, relay: str, order: Order, source: Source, goes: Callable[[], bool]
    ) -> int:
        """It waits as a delivery does: while all are paused, on battery, while others have their
        turn. Cancelled: somebody has pressed Stop, or it is not to go on any more. Unreachable also
        where the relay is not ours any more."""
        thread, shown = order.thread, ""
        while True:
            if not goes():
                raise Cancelled
            if not self._is_ours(relay):
                raise Unreachable("You have removed this relay.")
            moves, waits = self._may_move(thread), self.waits(thread)
            if waits != shown:
                shown = waits
                self._changed()
            if moves:
                try:
                    return await self._leave_at(relay, order, source, goes)
                except Cancelled:  # perhaps only paused: it goes on at the missing block
                    continue
            await trio.sleep(WAIT_LOOK_SECONDS)

    def waits(self, thread: str) -> Waits:
        """What the parcel of this order that is being left waits for, if it does."""
        # Whoever has paused this delivery alone may well want it to go this way instead.
        if self._deliveries.pauses.all:
            return "paused_all"
        if self._deliveries.pauses.unplugged:
            return "unplugged"
        return "queued" if self._deliveries.turns.place(thread) else ""

    def _may_move(self, thread: str) -> bool:
        if self.waits(thread) in ("paused_all", "unplugged"):
            self._deliveries.ends_turn(thread, "owner")
            return False
        return self._deliveries.turns.asks("owner", thread)

    async def _leave_at(
        self, relay: str, order: Order, source: Source, goes: Callable[[], bool]
    ) -> int:
        thread, layout = order.thread, keeping.shape(order.records)
        host, letters, ticket = self._known(order)
        buyer, _ = letters.whereabouts(order.buyer)
        meter = self._parcels.meter(thread, "leaving")
        total = keeping.sum_before(layout, layout.blocks)

        def further(done: int, of: int) -> None:
            begun = self.place(thread)
            if begun is None or not self._is_ours(begun.relay):
                self._keep(thread, Place(relay))
            meter(keeping.sum_before(layout, done), total)

        return await host.kept.leave(
            relay,
            ticket,
            buyer,
            source,
            progress=further,
            stopped=lambda: not (goes() and self._is_ours(relay) and self._may_move(thread)),
        )

    def _is_ours(self, relay: str) -> bool:
        """Whether it is still one of those chosen in Settings."""
        return self._host is not None and any(s.address == relay for s in self._host.relays)

    def was_stopped(self, thread: str) -> bool:
        """Whether somebody has stopped leaving it, and has not asked for it since."""
        with self._database.read() as session:
            return bool(settings.get(session, f"leaving_stopped:{thread}", False))

    def _note_stopped(self, thread: str, yes: bool) -> None:
        if self.was_stopped(thread) != yes:
            with self._database.begin() as session:
                settings.put(session, f"leaving_stopped:{thread}", yes)

    def left_over(self) -> list[tuple[Order, Place]]:
        """What lies at relays though nobody waits for it any more: it came another way, or the
        order has ended."""
        with self._database.read() as session:
            found = [
                (orders.load(session, key.removeprefix(_KEPT)), Place(**kept))
                for key, kept in settings.named(session, _KEPT).items()
                if kept
            ]
        return [
            (order, place)
            for order, place in found
            if order is not None and not awaits(order) and order.stage not in NEGOTIATING
        ]

    async def take_back(self, order: Order, place: Place) -> bool:
        """Have it deleted at the relay, which does that for either side, and forget the place;
        False if the relay is not there now."""
        if not 0 < place.until <= time.time():
            try:
                with trio.fail_after(DROP_SECONDS):
                    host, _, ticket = self._known(order)
                    await host.kept.drop(place.relay, ticket)
            except PeerError as error:  # it keeps nothing of it
                log.debug("the relay %s: %s", place.relay, error.reason)
            except (Unreachable, trio.TooSlowError) as error:
                log.debug("the relay %s: %s", place.relay, error)
                return False
        self._keep(order.thread, None)
        return True

    def _takers(self, order: Order) -> list[str]:
        """Our relays that take it, the one that has its beginning first."""
        states = () if self._host is None else self._host.relays
        begun = self.place(order.thread)
        size = file_size(order.records)
        found = [
            state.address
            for state in states
            if state.keeps is not None
            and (
                state.keeps.largest_bytes >= size
                or (begun is not None and begun.relay == state.address)
            )
        ]
        return sorted(found, key=lambda address: begun is None or begun.relay != address)

    # the buyer

    async def _fetch(self, order: Order, spool: Spool) -> None:
        """What a relay keeps for us of this order. ContentError: our disk."""
        if spool.complete:
            return
        thread = order.thread
        try:
            host, letters, ticket = self._known(order)
            relays = host.relays_of(*letters.whereabouts(order.owner))
        except P2PError:
            return

        def stored(relay: str, chunks: int, of: int) -> None:
            if chunks and not self.place(thread):
                self._keep(thread, Place(relay))
            self._deliveries.stored(order, chunks, of)

        for relay in relays:
            if (thread, relay) in self._useless:
                continue
            try:
                await host.kept.fetch(
                    relay,
                    ticket,
                    spool,
                    progress=partial(stored, relay),
                    stopped=lambda: bool(self._deliveries.pauses.mine(thread)),
                )
                log.info("a parcel came from the relay %s", relay)
                return
            except Cancelled:
                return
            except PeerError as error:
                if error.reason != NO_PARCEL:
                    log.warning("the relay %s: %s", relay, error.reason)
                    self._useless.add((thread, relay))
            except Unreachable as error:
                log.debug("the relay %s: %s", relay, error.reason)

    def _received(self, order: Order) -> None:
        """Everything is here and is what the owner sealed: the relay need not keep it longer."""
        place = self.place(order.thread)
        if place is not None and self._nursery is not None:
            self._nursery.start_soon(self.take_back, order, place)

    # both

    def _known(self, order: Order) -> tuple[Host, Letters, Ticket]:
        """Raises Unreachable."""
        if self._host is None or self._letters is None:
            raise Unreachable("The connection to other people is switched off.")
        key = self._letters.seal_key(order.other)
        try:
            shared = self._identity.wallet.shared_with(key)
        except ValueError as error:
            raise Unreachable(str(error)) from error
        return self._host, self._letters, ticket(shared, order.order_id)

    def _keep(self, thread: str, place: Place | None) -> None:
        with self._database.begin() as session:
            kept = None if place is None else {"relay": place.relay, "until": place.until}
            settings.put(session, _KEPT + thread, kept)
        self._changed()
