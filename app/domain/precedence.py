"""Who registered a content first, where registrations stand on several chains.

On one chain its order decides. Between chains only their clocks can be compared, and each chain's
clock is what its block producers say: an hour is the least that counts as earlier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

UNCLEAR_SECONDS = 3600

Standing = Literal["first", "later", "unclear"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A registration of the content: committed to ``at`` (unix seconds) on a chain. Those of one
    chain come in its order; ``at`` never goes back within it."""

    by: str
    chain_id: int
    at: int


def standing(mine: Claim, others: Sequence[Claim]) -> Standing:
    """What a registration is beside those of others on other chains: "later" than one of them,
    "unclear" where the clocks cannot tell, else "first". Its registrant's own do not matter."""
    rivals = [one for one in others if one.by != mine.by and one.chain_id != mine.chain_id]
    if any(mine.at - one.at > UNCLEAR_SECONDS for one in rivals):
        return "later"
    if any(abs(mine.at - one.at) <= UNCLEAR_SECONDS for one in rivals):
        return "unclear"
    return "first"


def beside(one: Claim, other: Claim) -> Standing:
    """What ``one`` of two registrations is: on one chain, or if both are the same registrant's, by
    their times alone."""
    if is_unclear([one, other]):
        return "unclear"
    return "first" if one.at <= other.at else "later"


def is_unclear(claims: Sequence[Claim]) -> bool:
    """Whether it cannot be told who of several was first."""
    if not claims:
        return False
    first = min(claims, key=lambda one: one.at)
    return standing(first, claims) == "unclear"
