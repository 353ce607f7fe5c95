"""Samples of a dataset before it is paid for: what an owner allows, and how much.

Numbers of records and buyers; a day is 86,400 s of the chain's time.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import RuleError

DEFAULT_RECORDS = 48
MOST_RECORDS = 256
ONE_BUYER_SHARE = 100
"""A buyer sees one record in so many at most, and one at the least."""
MOST_BUYERS_A_DAY = 1000
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class SamplePolicy:
    """``records`` for one buyer at most; ``buyers_a_day`` new ones; ``percent`` of all records for
    all buyers together; ``personal``: also records in which something looks like personal data."""

    allowed: bool = False
    records: int = DEFAULT_RECORDS
    buyers_a_day: int = 10
    percent: int = 10
    personal: bool = False


def check(policy: SamplePolicy) -> None:
    """RuleError if something is out of bounds."""
    for value, most in (
        (policy.records, MOST_RECORDS),
        (policy.buyers_a_day, MOST_BUYERS_A_DAY),
        (policy.percent, 100),
    ):
        if not 1 <= value <= most:
            sentence = f"A limit of samples is from 1 to {most:,}."
            raise RuleError("sample.limit", sentence, most=f"{most:,}")


def records_for_one(policy: SamplePolicy, records: int) -> int:
    """How many of a dataset's ``records`` one buyer may see."""
    return min(policy.records, max(1, records // ONE_BUYER_SHARE))


def has_room(policy: SamplePolicy, records: int, given: int) -> bool:
    """Whether one more sample fits into what all buyers may see, ``given`` records being out."""
    budget = max(records_for_one(policy, records), records * policy.percent // 100)
    return given + records_for_one(policy, records) <= budget
