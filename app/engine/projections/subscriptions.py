"""Subscriptions of both sides: what is on the table, what was agreed, what came of it."""

from __future__ import annotations

from dataclasses import replace

from app.domain.order import Delivery, Order, Stage
from app.domain.snapshots.subscriptions import Standing, SubscriptionCard, SubscriptionsSnapshot
from app.domain.subscriptions import Stage as Agreement
from app.domain.subscriptions import Subscription
from app.domain.terms import choice_of
from app.engine import subscribed
from app.engine.projections.frame import Frame
from app.engine.projections.orders import order_row, title_of

DAY_SECONDS = 86_400
ORDER: tuple[Standing, ...] = (
    "asked",
    "waiting",
    "running",
    "over",
    "ended",
    "declined",
    "expired",
)
OPEN: tuple[Standing, ...] = ("asked", "waiting", "running")


def subscription_list(frame: Frame) -> SubscriptionsSnapshot:
    cards = [card(frame, said) for said in frame.subscriptions]
    return SubscriptionsSnapshot(tuple(sorted(cards, key=lambda one: ORDER.index(one.standing))))


def standing(frame: Frame, said: Subscription) -> Standing:
    match said.stage:
        case Agreement.DECLINED:
            return "declined"
        case Agreement.ENDED:
            return "ended"
        case Agreement.AGREED:
            return "running" if said.is_open(frame.now) else "over"
    if not said.is_open(frame.now):
        return "expired"
    return "asked" if said.may_answer(said.role) else "waiting"


def open_for(frame: Frame, dataset: bytes) -> str:
    """The thread of my subscription to a dataset or what it is a version of, "" if there is none
    that stands."""
    for said in frame.subscriptions:
        mine = said.role == "buyer" and said.value.dataset == dataset
        if mine and standing(frame, said) in OPEN:
            return said.thread
    return ""


def card(frame: Frame, said: Subscription) -> SubscriptionCard:
    """Made once a moment; several pages ask."""
    if said.thread not in frame.cards:
        frame.cards[said.thread] = _card(frame, said)
    return frame.cards[said.thread]


def _card(frame: Frame, said: Subscription) -> SubscriptionCard:
    value = said.value
    mine = subscribed.orders_of(said, frame.orders)
    ending = said.ending
    return SubscriptionCard(
        subscription=said.thread,
        id=said.id.hex(),
        dataset=value.dataset.hex(),
        title=title_of(frame, value.dataset),
        selling=said.role == "owner",
        other=frame.name(said.other),
        standing=standing(frame, said),
        price=frame.amount(value.price, value.token),
        most=frame.amount(value.price * value.versions, value.token),
        bond=frame.amount(value.bond, value.token),
        versions=value.versions,
        delivered=sum(_is_delivered(order) for order in mine),
        begins=value.begins,
        until=value.until,
        days=(value.until - value.begins) // DAY_SECONDS,
        answer_by=value.expires,
        window_seconds=value.window,
        terms=choice_of(said.last.terms, value.dataset.hex()),
        note=said.last.note,
        spent=frame.amount(subscribed.spent_units(frame.session, mine), value.token),
        limit=None if said.limit_units is None else frame.amount(said.limit_units, value.token),
        changed=_changed(said),
        ended_by_me=ending is not None and ending.by == said.role,
        ended_at=ending.at if ending else None,
        ending_note=ending.note if ending else "",
        orders=tuple(replace(order_row(frame, order), done=None) for order in mine),
    )


def _is_delivered(order: Order) -> bool:
    paid = order.stage in (Stage.PAID, Stage.PAID_RATED)
    return paid or order.delivery in (Delivery.KEYED, Delivery.CHECKED)


def _changed(said: Subscription) -> tuple[str, ...]:
    """What the last proposal changed against the one before it."""
    if len(said.proposals) < 2 or said.answer:
        return ()
    before, after = said.proposals[-2].value, said.value
    compared = {
        "price": (before.price, after.price),
        "versions": (before.versions, after.versions),
        "until": (before.until - before.begins, after.until - after.begins),
        "terms": (before.terms, after.terms),
        "bond": (before.bond, after.bond),
        "window": (before.window, after.window),
    }
    if after.begins > before.begins + DAY_SECONDS:  # a little later each answer begins by itself
        compared["begins"] = (before.begins, after.begins)
    return tuple(name for name, (old, new) in compared.items() if old != new)
