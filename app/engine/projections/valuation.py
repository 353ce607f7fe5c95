"""What the record knows that helps to price a dataset: settled orders of others like it."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy.orm import Session

from app.domain import listing as listings
from app.domain.pricing import Sale
from app.domain.snapshots.valuation import ValuationFacts
from app.domain.terms import TermsChoice
from app.engine.projections.frame import Frame
from app.engine.valuing import inputs_of
from app.store import index, ratings, search
from app.store.datasets import OwnDataset
from chain.listing import decode_listing

MOST_SALES = 500
MOST_EACH = 9
"""Of one dataset in one currency: what it is sold for is the middle of these."""


def valuation(frame: Frame, own: OwnDataset) -> ValuationFacts:
    """For a draft or a registered dataset of one's own. An order counts when its price was paid
    out; what is held or went back is no sale, nor is what went in a circle."""
    field = own.description.field.strip()
    settled = _settled(frame.session, field) if field else []
    sold: dict[bytes, list[index.RecordedOrder]] = {}
    for order, _ in settled:
        sold.setdefault(order.dataset, []).append(order)
    rated = {
        dataset: ratings.overall(frame.session, [one for one in orders if one.scores])
        for dataset, orders in sold.items()
    }
    sales = []
    for order, row in settled:
        if row.root == own.root or row.dataset_id == own.dataset_id:
            continue
        sales.append(
            Sale(
                dataset=row.dataset_id.hex(),
                title=row.title,
                owner=order.owner,
                token=order.token,
                price_units=order.price,
                at=order.changed_at,
                field=row.field,
                size_bytes=row.length,
                terms=_terms(row.listing),
                rating=rated[order.dataset],
                sales=len(sold[order.dataset]),
            )
        )
    registered = index.registration(frame.session, own.dataset_id) if own.dataset_id else None
    mine = index.ratings(frame.session, own.dataset_id) if own.dataset_id else []
    price = own.price_units
    return ValuationFacts(
        key=own.key,
        title=own.description.title,
        field=field,
        size_bytes=own.length,
        fingerprint=own.root.hex(),
        terms=own.terms,
        price=frame.amount(price, own.token) if price is not None and own.token else None,
        rating=ratings.overall(frame.session, mine),
        currencies=frame.prices,
        sales=tuple(sales),
        inputs=inputs_of(frame.session, own.key),
        dataset=registered.dataset_id.hex() if registered else "",
        network=frame.network_name(frame.chain_id) if frame.network else "",
        registered_at=registered.registered_at if registered else 0,
        account=frame.me,
        by=frame.name(frame.me) if frame.me else "",
    )


Settled = list[tuple[index.RecordedOrder, index.RegisteredDataset]]
_kept: dict[str, tuple[object, Settled]] = {}


def _settled(session: Session, field: str) -> Settled:
    """Looked up once for each state of the record: snapshots are made 20 times a second."""
    at = (str(session.get_bind().engine.url), index.cursor(session), search.state(session).read)
    if field not in _kept or _kept[field][0] != at:
        _kept.clear()
        found = index.settled(session, field, MOST_SALES, MOST_EACH)
        marks = ratings.marks(session, [order for order, _ in found])
        _kept[field] = (at, [one for one, mark in zip(found, marks, strict=True) if not mark])
    return _kept[field][1]


@lru_cache(maxsize=1024)
def _terms(listing: bytes) -> TermsChoice:
    try:
        return listings.read(decode_listing(listing)).terms
    except ValueError:
        return TermsChoice()
