"""Ratings on record: which of them count, what these come to, and whose a sale changes.

Whether a rating counts depends on other orders, too: a sale that closes a ring takes it away, a
reorganisation may give it back. What is kept of ratings (`app.store.search`) is worked out anew for
the datasets that `touched` names.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.domain.ratings import Mark, Rated, ring
from app.domain.ratings import means as means_of
from app.store import bulk, starts
from app.store.answers import asked_once
from app.store.tables import ChainOrderRow, RegistrationRow

Row = dict[str, Any]

MOST_SELLERS, MOST_SALES = 500, 5_000
"""Of each dataset's buyers, and of whom these sold to: as far as rings are looked for."""

_PAID = ("paid", "paid_rated")
_TOUCHED = text(
    """
    WITH sale AS (
        SELECT json_extract(value, '$[0]') AS seller, json_extract(value, '$[1]') AS buyer,
            json_extract(value, '$[2]') AS gone
        FROM json_each(:sales)
    ), closing AS (
        SELECT * FROM sale WHERE gone OR EXISTS (
            SELECT 1 FROM chain_orders o
            WHERE o.owner = sale.buyer AND o.state IN ('paid', 'paid_rated')
        )
    )
    SELECT r.dataset FROM closing c CROSS JOIN chain_orders r
    WHERE r.buyer = c.seller AND r.scores <> x'' AND (
        c.gone OR r.owner = c.buyer OR EXISTS (
            SELECT 1 FROM chain_orders o
            WHERE o.owner = c.buyer AND o.state IN ('paid', 'paid_rated') AND o.buyer = r.owner
        )
    )
    UNION
    SELECT r.dataset FROM closing c CROSS JOIN chain_orders o CROSS JOIN chain_orders r
    WHERE o.buyer = c.seller AND o.state IN ('paid', 'paid_rated')
        AND r.owner = c.buyer AND r.state = 'paid_rated' AND r.buyer = o.owner
    """
)


class Order(Protocol):
    """A rated order, as `app.store.index.RecordedOrder` has it."""

    @property
    def dataset(self) -> bytes: ...
    @property
    def owner(self) -> str: ...
    @property
    def buyer(self) -> str: ...
    @property
    def token(self) -> str: ...
    @property
    def price(self) -> int: ...
    @property
    def scores(self) -> bytes: ...


def marks(session: Session, orders: Sequence[Order]) -> tuple[Mark, ...]:
    """Of each order why its rating does not count: "self" if the buyer registered the dataset
    itself, "ring" if what the buyer sells leads back to the owner, else nothing."""
    if not orders:
        return ()
    registrants = _registrants(session, frozenset(order.dataset for order in orders))
    sellers = _sellers(session, frozenset(order.buyer for order in orders))
    buyers: dict[bytes, set[str]] = {}
    for order in orders:
        if order.buyer in sellers:
            buyers.setdefault(order.dataset, set()).add(order.buyer)
    sold = {dataset: _sold(session, some) for dataset, some in buyers.items()}

    def mark(order: Order) -> Mark:
        if registrants.get(order.dataset) == order.buyer:
            return "self"
        if order.buyer not in sellers:
            return ""
        return "ring" if ring(order.owner, order.buyer, sold[order.dataset]) else ""

    return tuple(map(mark, orders))


def means(session: Session, orders: Sequence[Order]) -> tuple[float, ...]:
    """The six means of the ratings that count; nothing of none."""
    found = zip(orders, marks(session, orders), strict=True)
    return _means([order for order, mark in found if not mark])


def overall(session: Session, orders: Sequence[Order]) -> float | None:
    found = means(session, orders)
    return round(found[0], 1) if found else None


def tenths(session: Session, datasets: Collection[bytes]) -> dict[bytes, int]:
    """What the overall scores of these datasets come to, in tenths, of those that have some that
    count."""
    return {
        dataset: round(_means(some)[0] * 10)
        for portion in bulk.portions(datasets)
        for dataset, some in _counted(session, portion)
    }


def touched(session: Session, before: Sequence[Row], after: Sequence[Row]) -> set[bytes]:
    """Rows of `chain_orders` were written in place of others, or are gone: the datasets whose
    ratings come to something else now, and some more.

    A sale that is paid now, or no more, makes or breaks rings that it is part of: its seller is
    their rated buyer, or whom that one sold to. Either way the seller has bought: of all others no
    more than this is asked. Of a sale that is gone the next one in the ring may be gone, too, so
    all that its seller rated is looked at."""
    found = {row["dataset"] for row in (*before, *after) if row["scores"]}
    was, now = (
        {row["order_id"]: (row["owner"], row["buyer"]) for row in rows if row["state"] in _PAID}
        for rows in (before, after)
    )
    gone = {was[order] for order in was.keys() - now.keys()}
    new = {now[order] for order in now.keys() - was.keys()} - gone
    sales = [(*sale, True) for sale in sorted(gone)] + [(*sale, False) for sale in sorted(new)]
    if sales:
        found.update(session.scalars(_TOUCHED, {"sales": json.dumps(sales)}))
    return found


def _means(orders: Sequence[Order]) -> tuple[float, ...]:
    return means_of(
        [Rated(one.buyer, one.owner, one.token, one.price, one.scores) for one in orders]
    )


def _counted(session: Session, datasets: list[bytes]) -> Iterator[tuple[bytes, list[Order]]]:
    """The ratings of each of these datasets that count."""
    order = ChainOrderRow
    told = (order.dataset, order.owner, order.buyer, order.token, order.price, order.scores)
    rated = select(*told).where(order.dataset.in_(datasets), order.scores != b"")
    orders: Sequence[Any] = session.execute(rated).all()
    found: dict[bytes, list[Order]] = {}
    for one, mark in zip(orders, marks(session, orders), strict=True):
        if not mark:
            found.setdefault(one.dataset, []).append(one)
    return iter(found.items())


@asked_once
def _registrants(session: Session, datasets: frozenset[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for some in bulk.portions(datasets):
        these = starts.among(session, RegistrationRow.dataset_id, some)
        by = select(RegistrationRow.dataset_id, RegistrationRow.registrant).where(these)
        found |= {row.dataset_id: row.registrant for row in session.execute(by)}
    return found


@asked_once
def _sellers(session: Session, people: frozenset[str]) -> set[str]:
    """Those of them who sold anything that was paid."""
    given = func.json_each(json.dumps(sorted(people))).table_valued("value")
    sold = select(1).where(ChainOrderRow.owner == given.c.value, ChainOrderRow.state.in_(_PAID))
    return set(session.scalars(select(given.c.value).where(sold.exists())))


def _sold(session: Session, buyers: set[str]) -> Mapping[str, Collection[str]]:
    """To whom these sold, and to whom those did."""
    near = _sold_by(session, frozenset(buyers))
    return near | _sold_by(session, frozenset(set().union(*near.values()) - buyers))


@asked_once
def _sold_by(session: Session, owners: frozenset[str]) -> dict[str, set[str]]:
    """To whom each of these sold anything that was paid, as far as `MOST_SALES` go."""
    wanted = select(ChainOrderRow.owner, ChainOrderRow.buyer).where(
        ChainOrderRow.owner.in_(sorted(owners)[:MOST_SELLERS]), ChainOrderRow.state.in_(_PAID)
    )
    found: dict[str, set[str]] = {}
    for owner, buyer in session.execute(wanted.distinct().limit(MOST_SALES)):
        found.setdefault(owner, set()).add(buyer)
    return found
