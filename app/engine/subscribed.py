"""What the database says about subscriptions: their orders, their versions, what was spent; and
whether what somebody proposes for an order is what was agreed in one."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.domain import subscriptions as rules
from app.domain.errors import RuleError
from app.domain.events import Proposal
from app.domain.order import Order, Stage
from app.domain.subscriptions import Subscription, Version
from app.domain.terms import subscription_of
from app.engine.versions import follows
from app.store import entries, index, orders, subscriptions
from app.store.index import RegisteredDataset
from p2p.errors import Unreachable

_GIVEN_UP = (Stage.DECLINED, Stage.LAPSED)


def of(session: Session, proposal: Proposal) -> Subscription | None:
    """The subscription an order's terms name; None if they name none, or one unknown here."""
    named = subscription_of(proposal.terms)
    return subscriptions.by_id(session, bytes.fromhex(named)) if named else None


def orders_of(said: Subscription, every: Iterable[Order]) -> list[Order]:
    """Its orders among ``every`` one, in the order they were begun."""
    id = said.id.hex()
    found = [order for order in every if subscription_of(order.proposal.terms) == id]
    return sorted(found, key=lambda order: (order.made_at, order.thread))


def spent_units(session: Session, mine: Iterable[Order]) -> int:
    """What was paid for these orders, or is being paid. What came back counts, too."""
    return sum(
        order.proposal.price_units
        for order in mine
        if order.funded_at is not None or is_being_paid(session, order)
    )


def counts(order: Order, now: int) -> bool:
    """Whether its dataset is bought, or still may be."""
    if order.stage in (Stage.REQUESTED, Stage.COUNTERED):
        return order.proposal.expires_at > now
    return order.stage not in _GIVEN_UP


def is_being_paid(session: Session, order: Order) -> bool:
    mine = entries.for_thread(session, order.thread)
    return any(entry.what == "fund" and entry.state != "failed" for entry in mine)


def version(session: Session, row: RegisteredDataset) -> Version:
    return Version(
        row.dataset_id,
        row.registrant,
        row.title_holder,
        follows(session, row),
        row.committed_at,
        row.withdrawn,
    )


def check(session: Session, other: str, dataset: bytes, proposal: Proposal, thread: str) -> None:
    """What ``other`` and we propose for an order is what the subscription it names has agreed;
    nothing if it names none. RuleError says what is not; Unreachable while it is not agreed here
    yet, since the two hear of it at different moments."""
    if "lading:subscription" not in proposal.terms:
        return
    said = of(session, proposal)
    row = index.registration(session, dataset)
    if said is None or row is None or said.other != other:
        raise RuleError("subscription.unknown", "There is no such subscription between us.")
    if said.stage == rules.Stage.PROPOSED:
        raise Unreachable("The subscription is not agreed here yet.")
    ordered = {
        order.dataset
        for order in orders_of(said, orders.list_orders(session))
        if order.stage not in _GIVEN_UP and order.thread != thread
    }
    rules.check_order(said, version(session, row), proposal, ordered)
