"""What the record knows that helps to price a dataset: settled orders of others like it."""

from __future__ import annotations

from functools import lru_cache
from statistics import mean

from app.domain import listing as listings
from app.domain.pricing import Sale
from app.domain.snapshots.valuation import ValuationFacts
from app.domain.terms import TermsChoice
from app.engine.projections.frame import Frame
from app.engine.valuing import inputs_of
from app.store import index
from app.store.datasets import OwnDataset
from chain.listing import decode_listing

MOST_SALES = 300


def valuation(frame: Frame, own: OwnDataset) -> ValuationFacts:
    """For a draft or a registered dataset of one's own. An order counts when its price was paid
    out; what is held or went back is no sale."""
    field = own.description.field.strip()
    settled = index.settled(frame.session, field, MOST_SALES) if field else []
    sold: dict[bytes, list[index.RecordedOrder]] = {}
    for order, _ in settled:
        sold.setdefault(order.dataset, []).append(order)
    sales = []
    for order, row in settled:
        if row.root == own.root or row.dataset_id == own.dataset_id:
            continue
        scores = [one.scores[0] for one in sold[order.dataset] if one.scores]
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
                rating=round(mean(scores), 1) if scores else None,
                sales=len(sold[order.dataset]),
            )
        )
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
        rating=round(mean(order.scores[0] for order in mine), 1) if mine else None,
        currencies=frame.prices,
        sales=tuple(sales),
        inputs=inputs_of(frame.session, own.key),
    )


@lru_cache(maxsize=1024)
def _terms(listing: bytes) -> TermsChoice:
    try:
        return listings.read(decode_listing(listing)).terms
    except ValueError:
        return TermsChoice()
