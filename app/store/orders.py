"""Orders: each an append-only list of events, and beside it the fold of that list as a cache.

`append`, `drop_above` and `put_back` are the only ways an order changes; after each, `list_orders`
(from the cache) and `load` (from the events) give the same. Numbers of events never move: a chain
event that a reorganisation took back keeps its number and is left out of the fold.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.domain import codec
from app.domain.effects import Effect, RecordEntry
from app.domain.events import (
    CHAIN_EVENTS,
    EVENT_TYPES,
    ChainEvent,
    Event,
    OfferSigned,
    RequestMade,
    Side,
)
from app.domain.order import ENDED, Order, advance, fold
from app.store import outbox
from app.store.answers import asked_once
from app.store.tables import BuyerNonceRow, OrderEventRow, OrderRow, OutboxRow

AT_ONCE = 0
"""Due since ever: effects of an event may run as soon as it is saved."""

DECODED = 2048
"""Texts of orders and events whose meaning is kept: every look at the chain and every page reads
all orders, of which most say what they said before."""


def append(session: Session, order: Order, event: Event, effects: Iterable[Effect]) -> None:
    """Save ``event``, the order it led to and the effects it asks for.

    ``order`` is what `app.domain.order.open_order` or `advance` answered. LookupError if it does
    not follow on the last event that is saved: somebody else appended in between.
    """
    row = session.get(OrderRow, order.thread)
    saved = 0 if row is None else row.number
    if order.number != saved + 1:
        raise LookupError(f"order {order.thread} has {saved} events, not {order.number - 1}")
    if row is None and not isinstance(event, RequestMade):
        raise LookupError(f"order {order.thread} has no request to begin with")
    session.add(
        OrderEventRow(
            thread=order.thread,
            number=saved,
            kind=type(event).__name__,
            body=codec.encode(event),
            block=event.block if isinstance(event, CHAIN_EVENTS) else None,
            key_commit=_key_commit(event),
        )
    )
    _cache(session, order)
    for effect in effects:
        outbox.add(session, order.thread, effect, AT_ONCE)


@asked_once
def load(session: Session, thread: str) -> Order | None:
    """The fold of the order's events; None if there is no such order."""
    row = session.get(OrderRow, thread)
    if row is None:
        return None
    role: Side = "owner" if row.role == "owner" else "buyer"
    return replace(fold(thread, role, events(session, thread)), number=row.number)


@asked_once
def events(session: Session, thread: str) -> tuple[Event, ...]:
    """What happened, in order, without what a reorganisation took back. For the event an effect's
    ``seq`` names use `event`: positions here can differ from it."""
    kept = select(OrderEventRow).where(OrderEventRow.thread == thread, ~OrderEventRow.dropped)
    return tuple(_event(row) for row in session.scalars(kept.order_by(OrderEventRow.number)))


def event(session: Session, thread: str, seq: int) -> Event | None:
    """The event with this number, unless it was taken back."""
    row = session.get(OrderEventRow, (thread, seq))
    return None if row is None or row.dropped else _event(row)


@asked_once
def list_orders(session: Session, open_only: bool = False) -> list[Order]:
    """Every order, or those that have not ended; the one that changed last comes first."""
    found = select(OrderRow.fold).order_by(OrderRow.changed_at.desc(), OrderRow.thread)
    if open_only:
        found = found.where(OrderRow.open)
    return [_order(text) for text in session.scalars(found)]


def by_order_id(session: Session, order_id: bytes) -> Order | None:
    """The order whose newest signed Offer has this id."""
    text = session.scalar(select(OrderRow.fold).where(OrderRow.order_id == order_id))
    return None if text is None else _order(text)


def drop_above(session: Session, block: int) -> tuple[str, ...]:
    """Take back every chain event above ``block``: fold again and forget the effects they asked
    for. Gives the threads concerned, the same ones when asked again."""
    above = OrderEventRow.block > block
    threads = tuple(
        session.scalars(
            select(OrderEventRow.thread).where(above).distinct().order_by(OrderEventRow.thread)
        )
    )
    for thread in threads:
        fallen = select(OrderEventRow.number).where(above, OrderEventRow.thread == thread)
        # Record entries that time made necessary have seq 0; if they still are, they are asked for
        # again, and must not be taken for done.
        timely = (OutboxRow.kind == RecordEntry.__name__) & (OutboxRow.seq == 0)
        session.execute(
            delete(OutboxRow).where(OutboxRow.thread == thread, OutboxRow.seq.in_(fallen) | timely)
        )
    session.execute(update(OrderEventRow).where(above).values(dropped=True))
    session.expire_all()
    for thread in threads:
        order = load(session, thread)
        if order is not None:
            _cache(session, order)
    return threads


def put_back(session: Session, thread: str, event: ChainEvent) -> Order | None:
    """Give a chain event that a reorganisation took back its old place in the order, as it stands
    on record now, so that what followed from it has its footing again; and promise its effects
    anew. The order then; None if none of its kind was taken back."""
    row = session.scalar(
        select(OrderEventRow)
        .where(OrderEventRow.thread == thread, OrderEventRow.dropped)
        .where(OrderEventRow.kind == type(event).__name__)
        .order_by(OrderEventRow.number.desc())
        .limit(1)
    )
    saved = session.get(OrderRow, thread)
    if row is None or saved is None:
        return None
    row.body, row.block, row.dropped = codec.encode(event), event.block, False
    session.flush()
    kept = select(OrderEventRow).where(OrderEventRow.thread == thread, ~OrderEventRow.dropped)
    earlier = kept.where(OrderEventRow.number < row.number).order_by(OrderEventRow.number)
    role: Side = "owner" if saved.role == "owner" else "buyer"
    before = fold(thread, role, tuple(_event(one) for one in session.scalars(earlier)))
    _, effects = advance(replace(before, number=row.number), event)
    for effect in effects:
        outbox.add(session, thread, effect, AT_ONCE)
    order = load(session, thread)
    assert order is not None
    _cache(session, order)
    return order


def next_buyer_nonce(session: Session, owner: str) -> int:
    """A number never used before for the buyer's secrets towards ``owner``; it counts as used
    once the transaction is committed, whatever becomes of the request."""
    row = session.get(BuyerNonceRow, owner)
    if row is None:
        row = BuyerNonceRow(owner=owner, next=0)
        session.add(row)
    nonce = row.next
    row.next = nonce + 1
    session.flush()
    return nonce


def buyer_nonce(session: Session, owner: str) -> int:
    """The next number towards ``owner``, without using it."""
    row = session.get(BuyerNonceRow, owner)
    return 0 if row is None else row.next


def raise_buyer_nonce(session: Session, owner: str, least: int) -> None:
    """After a restore: the next number towards ``owner`` is ``least`` or more."""
    row = session.get(BuyerNonceRow, owner)
    if row is None:
        session.add(BuyerNonceRow(owner=owner, next=least))
    else:
        row.next = max(row.next, least)
    session.flush()


def seen_key_commit(session: Session, key_commit: bytes) -> bool:
    """Whether any Offer kept here carries this commitment to the owner's secret (32 bytes)."""
    found = select(OrderEventRow.thread).where(OrderEventRow.key_commit == key_commit).limit(1)
    return session.scalar(found) is not None


def _cache(session: Session, order: Order) -> None:
    session.merge(
        OrderRow(
            thread=order.thread,
            role=order.role,
            number=order.number,
            open=order.stage not in ENDED,
            order_id=order.order_id or None,
            changed_at=order.changed_at,
            fold=codec.encode(order),
        )
    )
    session.flush()


def _event(row: OrderEventRow) -> Event:
    saved: Event = _decoded(EVENT_TYPES[row.kind], row.body)
    return saved


def _key_commit(event: Event) -> bytes | None:
    return bytes.fromhex(event.offer["key_commit"]) if isinstance(event, OfferSigned) else None


def _order(text: str) -> Order:
    saved: Order = _decoded(Order, text)
    return saved


@lru_cache(DECODED)
def _decoded(kind: type, text: str) -> Any:
    """What is decoded is shared by all who read the same text: nobody may change it."""
    return codec.decode(kind, text)
