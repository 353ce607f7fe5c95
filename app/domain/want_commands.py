"""What buyers look for: said publicly, taken back, answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """Empty is any; ``max_price_units`` counts in ``token``, ``least_complete`` ten-thousandths of
    the cells that are filled in, 0 is any."""

    title: str = ""
    what: str = ""
    field: str = ""
    region: str = ""
    period: str = ""
    columns: tuple[str, ...] = ()
    token: str = ""
    max_price_units: int | None = None
    least_complete: int = 0


@dataclass(frozen=True, slots=True)
class PostWant:
    want: Want
    days: int


@dataclass(frozen=True, slots=True)
class TakeBackWant:
    want: str  # id, hex


@dataclass(frozen=True, slots=True)
class AnswerWant:
    """Write to who wants it about a dataset of mine; the buyer can make an offer then."""

    want: str
    dataset: str
    text: str
