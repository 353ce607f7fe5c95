"""Subscriptions to new versions, of both sides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.snapshots.money import Amount
from app.domain.snapshots.orders import OrderRow
from app.domain.terms import TermsChoice

Standing = Literal[
    "asked",  # the other side's proposal waits for my answer
    "waiting",  # mine waits for theirs
    "running",
    "over",  # the period has passed
    "ended",  # by one of both, before that
    "declined",  # before it was agreed
    "expired",  # nobody answered in time
]


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """``subscription`` is its thread, ``id`` (hex) the proposal that is on the table or agreed;
    ``changed`` names what the last proposal changed, of "price", "versions", "until", "terms",
    "begins", "bond", "window".
    ``limit``: paid without asking, in all; None asks each time, as for the owner."""

    subscription: str
    id: str
    dataset: str
    title: str
    selling: bool
    other: str
    standing: Standing
    price: Amount
    most: Amount  # for all versions together
    bond: Amount  # behind each version
    versions: int
    delivered: int
    begins: int
    until: int
    days: int
    answer_by: int
    window_seconds: int
    terms: TermsChoice
    note: str
    spent: Amount
    limit: Amount | None = None
    changed: tuple[str, ...] = ()
    ended_by_me: bool = False
    ended_at: int | None = None
    ending_note: str = ""
    orders: tuple[OrderRow, ...] = ()


@dataclass(frozen=True, slots=True)
class SubscriptionsSnapshot:
    """Those that need me first, then those that run, then the others."""

    cards: tuple[SubscriptionCard, ...] = ()
