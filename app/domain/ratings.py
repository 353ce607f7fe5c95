"""What many ratings come to: each buyer has one voice, and who pays more is heard better.

A buyer's voice is the mean of what it gave, each order counting with its price. Voices are weighted
by what the buyer paid in all, against what is typical for buyers of the same currency: a quarter of
it at the least and four times at the most, so that neither a crowd of tiny orders nor a single huge
one decides. Ratings between sides that trade in a ring (`ring`) are shown but not counted: they may
be honest, and cost whoever makes them up nothing but fees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

LEAST, MOST = 0.25, 4.0
LONGEST_RING = 3
"""Sales in a ring that are looked for: A to B to A, and A to B to C to A."""

Mark = Literal["", "self", "ring"]
"""Why a rating does not count: its buyer registered the dataset, or buyer and owner trade in a
ring."""


@dataclass(frozen=True, slots=True)
class Rated:
    """A rated order. ``scores``: overall and five criteria, 1 to 5 each."""

    buyer: str
    owner: str
    token: str
    price: int
    scores: Sequence[int]


def means(ratings: Sequence[Rated]) -> tuple[float, ...]:
    """The six means, of ratings that count; nothing of none."""
    if not ratings:
        return ()
    paid: Counter[tuple[str, str]] = Counter()
    orders: Counter[tuple[str, str]] = Counter()
    for one in ratings:
        key = (one.buyer, one.token)
        paid[key] += one.price
        orders[key] += 1
    typical = {
        token: median(total for (_, other), total in paid.items() if other == token)
        for token in {one.token for one in ratings}
    }
    sums, whole = [0.0] * 6, 0.0
    for one in ratings:
        key = (one.buyer, one.token)
        usual = typical[one.token]
        weight = min(MOST, max(LEAST, paid[key] / usual)) if usual else 1.0
        # Orders that cost nothing count alike.
        weight *= one.price / paid[key] if paid[key] else 1 / orders[key]
        whole += weight
        for at in range(6):
            sums[at] += weight * one.scores[at]
    return tuple(value / whole for value in sums)


def ring(owner: str, buyer: str, sold: Mapping[str, Collection[str]]) -> bool:
    """Whether what the buyer sells leads back to the owner. ``sold``: who sold to whom."""
    reached = {buyer}
    for _ in range(LONGEST_RING - 1):
        reached = {other for one in reached for other in sold.get(one, ())}
        if owner in reached:
            return True
    return False
