"""What a person asks for to find data: a search, and which of its results to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Order = Literal["best", "newest", "cheapest", "dearest"]


@dataclass(frozen=True, slots=True)
class Search:
    """Empty means any. Prices are in units of the network's first currency; ``min_rating`` of 5;
    ``days``: registered in so many days before now; ``owner`` is an address."""

    text: str = ""
    field: str = ""
    region: str = ""
    max_price_units: int | None = None
    online_only: bool = False
    min_price_units: int | None = None
    licence: str = ""  # a use of `app.domain.terms`
    tables_only: bool = False
    min_rating: int | None = None
    max_bytes: int | None = None
    days: int | None = None
    owner: str = ""
    contacts_only: bool = False
    label: str = ""  # of the person's own
    order: Order = "best"


@dataclass(frozen=True, slots=True)
class ShowResults:
    """The results from the one at ``first`` (0 is the first) are what the person looks at."""

    first: int
