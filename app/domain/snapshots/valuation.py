"""What is known for pricing a dataset of one's own."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.pricing import Inputs, Sale
from app.domain.snapshots.money import Amount, Currency
from app.domain.terms import TermsChoice


@dataclass(frozen=True, slots=True)
class ValuationFacts:
    """``key`` is local and stays the same when a draft is registered: then it is ``dataset`` (hex)
    of ``network``, on record since ``registered_at``. ``account`` is whose it is, called ``by``.
    ``sales`` are settled orders of other datasets of its ``field``; ``inputs`` what was saved, None
    before."""

    key: str
    title: str
    field: str
    size_bytes: int
    fingerprint: str
    terms: TermsChoice
    price: Amount | None
    rating: float | None
    currencies: tuple[Currency, ...] = ()
    sales: tuple[Sale, ...] = ()
    inputs: Inputs | None = None
    dataset: str = ""
    network: str = ""
    registered_at: int = 0
    account: str = ""
    by: str = ""
