"""The one place where an order changes: event and effects in one commit, then everyone is told.

Nothing here waits: a change is complete when `record` returns, so what runs in the trio thread
never sees an order half changed. What an event makes necessary is in the outbox before anything
is sent (save, then send).
"""

from __future__ import annotations

from collections.abc import Callable

from app.domain import order as life
from app.domain.errors import IllegalTransitionError
from app.domain.events import CHAIN_EVENTS, Event, RequestMade, Side
from app.domain.order import Order
from app.store import orders, texts
from app.store.database import Database


class Journal:
    """Appends events to orders. ``changed`` is called after each commit with the thread."""

    def __init__(self, database: Database, changed: Callable[[str], None]) -> None:
        self._database = database
        self._changed = changed

    def begin(
        self, thread: str, role: Side, event: RequestMade, message_id: str = ""
    ) -> Order | None:
        """A new order; an existing thread is refused like any event out of place. None if the
        message that brings it was received before."""
        with self._database.begin() as session:
            if message_id and texts.seen(session, message_id):
                return None
            if orders.load(session, thread) is not None:
                raise IllegalTransitionError("begun already", "RequestMade")
            order, effects = life.open_order(thread, role, event)
            orders.append(session, order, event, effects)
        self._changed(thread)
        return order

    def record(self, thread: str, event: Event, message_id: str = "") -> Order | None:
        """The order after ``event``; None if the message that brings it was received before:
        event and message are kept in one commit, or neither.

        Raises:
            IllegalTransitionError: the order has no place for the event; nothing changed.
            LookupError: there is no such order.
        """
        with self._database.begin() as session:
            if message_id and texts.seen(session, message_id):
                return None
            before = orders.load(session, thread)
            if before is None:
                raise LookupError(thread)
            if isinstance(event, CHAIN_EVENTS):
                again = orders.put_back(session, thread, event)
            else:
                again = None
            if again is None:
                again, effects = life.advance(before, event)
                orders.append(session, again, event, effects)
        self._changed(thread)
        return again

    def order(self, thread: str) -> Order:
        """The order as it stands; LookupError if there is none."""
        with self._database.read() as session:
            order = orders.load(session, thread)
        if order is None:
            raise LookupError(thread)
        return order

    def all(self) -> list[Order]:
        with self._database.read() as session:
            return orders.list_orders(session)
