"""Subscriptions, each as its side keeps it; the message a change asks for is saved with it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.domain import codec
from app.domain.effects import Effect
from app.domain.subscriptions import Subscription
from app.store import outbox
from app.store.answers import asked_once
from app.store.tables import SubscriptionRow


def save(session: Session, subscription: Subscription, effect: Effect | None = None) -> None:
    """Keep it, in place of what was kept for its thread, and promise the effect."""
    session.merge(
        SubscriptionRow(
            thread=subscription.thread,
            id=subscription.id,
            changed_at=subscription.changed_at,
            body=codec.encode(subscription),
        )
    )
    session.flush()
    if effect is not None:
        outbox.add(session, subscription.thread, effect, 0)


def load(session: Session, thread: str) -> Subscription | None:
    row = session.get(SubscriptionRow, thread)
    return None if row is None else _read(row)


@asked_once
def by_id(session: Session, id: bytes) -> Subscription | None:
    """The one whose last proposal has this id."""
    row = session.scalar(select(SubscriptionRow).where(SubscriptionRow.id == id))
    return None if row is None else _read(row)


@asked_once
def every(session: Session) -> list[Subscription]:
    """The one that changed last comes first."""
    found = select(SubscriptionRow).order_by(
        SubscriptionRow.changed_at.desc(), SubscriptionRow.thread
    )
    return [_read(row) for row in session.scalars(found)]


def _read(row: SubscriptionRow) -> Subscription:
    found: Subscription = codec.decode(Subscription, row.body)
    return found
