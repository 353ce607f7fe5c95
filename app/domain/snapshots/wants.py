"""The board of what buyers look for."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.people import Person
from app.domain.wants import Reason


@dataclass(frozen=True, slots=True)
class WantMatch:
    """A dataset of mine that may be what is wanted, and why; ``thread``: I answered with it."""

    dataset: str
    title: str
    reasons: tuple[Reason, ...]
    thread: str = ""


@dataclass(frozen=True, slots=True)
class WantCard:
    want: str
    title: str
    what: str
    field: str
    region: str
    period: str
    columns: tuple[str, ...]
    price: Amount | None  # at most
    by: str
    person: Person  # who ``by`` is
    mine: bool
    online: bool
    at: int
    expires_at: int
    matches: tuple[WantMatch, ...] = ()
    least_complete: int = 0  # ten-thousandths


@dataclass(frozen=True, slots=True)
class WantedSnapshot:
    """The newest wants that have not expired, those that my data may fit first; last one of each
    who is blocked, of which only whose it is is to be shown."""

    wants: tuple[WantCard, ...] = ()
    currencies: tuple[Currency, ...] = ()
    fee_wei: int | None = None
    fee_currency: Currency | None = None
    can_post: bool = False
    posting: bool = False  # one of mine is on its way to the record
