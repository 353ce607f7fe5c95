"""Ratings as they are shown: which of them are marked, and what the others come to."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.domain import ratings
from app.domain.snapshots.datasets import Mark
from app.store import index
from app.store.index import RecordedOrder


def marks(session: Session, orders: Sequence[RecordedOrder]) -> tuple[Mark, ...]:
    """Of each order why its rating does not count: "self" if the buyer registered the dataset
    itself, "ring" if what the buyer sells leads back to the owner, else nothing."""
    buyers = {order.buyer for order in orders}
    near = index.sold_by(session, buyers)
    far = index.sold_by(session, {other for found in near.values() for other in found} - buyers)
    found: list[Mark] = []
    registrants: dict[bytes, str] = {}
    for order in orders:
        if order.dataset not in registrants:
            row = index.registration(session, order.dataset)
            registrants[order.dataset] = row.registrant if row else ""
        if registrants[order.dataset] == order.buyer:
            found.append("self")
        else:
            found.append("ring" if ratings.ring(order.owner, order.buyer, far | near) else "")
    return tuple(found)


def means(session: Session, orders: Sequence[RecordedOrder]) -> tuple[float, ...]:
    """The six means of the ratings that count; nothing of none."""
    if not orders:
        return ()
    return ratings.means(
        [
            ratings.Rated(order.buyer, order.owner, order.token, order.price, order.scores)
            for order, mark in zip(orders, marks(session, orders), strict=True)
            if not mark
        ]
    )


def overall(session: Session, orders: Sequence[RecordedOrder]) -> float | None:
    found = means(session, orders)
    return round(found[0], 1) if found else None
