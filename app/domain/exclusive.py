"""What "for one buyer alone" means to an owner's own signature.

The record knows nothing of it: it is a term both sides sign. The owner's app keeps its word for it,
and says so before anything is signed that would break it.
"""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.errors import RuleError
from app.domain.order import Order, Stage
from app.domain.terms import choice_of

MONTH_SECONDS = 31 * 86_400
"""The longest, so that no licence is taken for over while it runs."""

_SOLD = (Stage.FUNDED, Stage.REVEALED, Stage.PAID, Stage.PAID_RATED)


def check(order: Order, orders: Iterable[Order], now: int) -> None:
    """RuleError if signing ``order`` breaks what was signed in another of its owner's ``orders``,
    or cannot be true."""
    others = [
        other
        for other in orders
        if other.thread != order.thread
        and (other.role, other.dataset) == ("owner", order.dataset)
        and _runs(other, now)
    ]
    if any(_exclusive(other) for other in others):
        raise RuleError(
            "sign.alone",
            "You have licensed this data to one buyer alone, and that licence still runs. "
            "Decline, or ask that buyer first.",
        )
    if others and _exclusive(order):
        raise RuleError(
            "sign.not_alone",
            "Somebody else has a licence or a signed offer for this data: it cannot be for one "
            "buyer alone. Answer with a counter-offer.",
        )


def _exclusive(order: Order) -> bool:
    return choice_of(order.proposal.terms, order.dataset.hex()).exclusive


def _runs(order: Order, now: int) -> bool:
    """Whether its buyer has a licence, or can still pay for one."""
    # Declined or not, what was signed can be paid until it expires.
    if order.stage == Stage.OFFERED or (order.stage == Stage.DECLINED and order.offer):
        return order.proposal.expires_at > now
    if order.stage not in _SOLD:
        return False
    months = choice_of(order.proposal.terms, order.dataset.hex()).months
    begun = order.ended_at or now  # delivered before that: none runs longer
    return not months or begun + months * MONTH_SECONDS > now
