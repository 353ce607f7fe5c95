"""Listings on record, found by words and filters.

What is on offer is in two tables beside `registrations`, under the same numbers: `listings` with
the columns people filter by, and `listing_words`, SQLite's full-text index (FTS5), which holds no
texts. Equal things (field, region, licence, owner, tables) are words there too, so that a search
for a word and a field looks at what has both. An entry of the index is taken out by the words it
was put in with: they follow from the registration alone (`app.domain.wording`).

Reading listings costs more than storing them. A few new ones are put in with their events; a long
record is stored first, and `follow` comes after it, up to the number it keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2s
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from app.domain import listing as listings
from app.domain import wording
from app.store import ratings, settings, sketches, starts
from app.store.answers import asked_once
from app.store.tables import Base, ListingRow, RegistrationRow
from chain.listing import decode_listing

AT_ONCE = 64
"""New registrations that are read with their events, if none before them waits."""

FEW = 1_000
"""So few that one filter leaves are looked at one by one, whatever else is asked for."""

_READ = "search.read"
_LISTINGS = Base.metadata.tables["listings"]
_REGISTRATIONS = Base.metadata.tables["registrations"]
_PUT = "INSERT INTO listing_words(rowid, title, rest, marks) VALUES (?, ?, ?, ?)"
_TAKE = (
    "INSERT INTO listing_words(listing_words, rowid, title, rest, marks) "
    "VALUES ('delete', ?, ?, ?, ?)"
)
_NEXT = (
    select(_REGISTRATIONS)
    .where(_REGISTRATIONS.c.number > bindparam("after"))
    .order_by(_REGISTRATIONS.c.number)
    .limit(bindparam("most"))
)

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """How many of the registrations have been read for searching."""

    read: int
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty is everything on offer. ``words`` as `wording.asked` gives them,
    each must be there. Prices are units of ``token``; ``rating`` in tenths; ``since`` unix seconds.
    ``holders`` are the only owners that count, ``hidden`` those that never do (EIP-55); ``kept``:
    one of these owners, or one of these numbers."""

    words: tuple[tuple[str, bool], ...] = ()
    field: str = ""
    region: str = ""
    licence: str = ""
    tables: bool = False
    token: str = ""
    least_price: int | None = None
    most_price: int | None = None
    least_length: int | None = None
    most_length: int | None = None
    rating: int | None = None
    since: int | None = None
    owner: str = ""
    holders: frozenset[str] | None = None
    hidden: frozenset[str] = frozenset()
    kept: tuple[frozenset[str], frozenset[int]] | None = None


class Hit(NamedTuple):
    """One listing that fits, as far as it is needed for order and counts. ``price`` is kept as it
    is stored: its order is that of the prices."""

    number: int
    field: str
    region: str
    licence: str
    token: str
    price: bytes | None


# Reading listings


@lru_cache(maxsize=1024)
def said(listing: bytes) -> listings.Listing:
    """What a listing on record says; what is no listing says nothing."""
    try:
        document = decode_listing(listing)
    except ValueError:
        document = {}
    return listings.read(document)


@asked_once
def state(session: Session) -> State:
    last = session.scalar(select(func.max(_REGISTRATIONS.c.number))) or 0
    return State(min(_read_up_to(session), last), last)


def follow(session: Session, most: int) -> int:
    """Read the next listings, at most ``most``; how many there were."""
    after = _read_up_to(session)
    found = session.execute(_NEXT, {"after": after, "most": most}).mappings()
    rows = [dict(row) for row in found]
    if rows:
        starts.settle(session, rows[-1]["number"])
        _put(session, rows)
        settings.put(session, _READ, rows[-1]["number"])
    return len(rows)


def changed(session: Session, before: Sequence[Row], after: Sequence[Row]) -> None:
    """Rows of `registrations` were written in place of others, or are gone. What was read before is
    read again at once; of new ones a few are, if none before them waits."""
    last = _read_up_to(session)
    if gone := [row for row in before if row["number"] <= last]:
        _take(session, gone)
    if back := [row for row in after if (row.get("number") or last + 1) <= last]:
        starts.settle(session, last)
        _put(session, back)
    now = state(session)
    if now.read < last:  # numbers above are given out again
        settings.put(session, _READ, now.read)
    if 0 < now.total - now.read <= AT_ONCE:
        follow(session, AT_ONCE)


def rated(session: Session, before: Sequence[Row], after: Sequence[Row]) -> None:
    """Rows of `chain_orders` were written in place of others, or are gone."""
    again = ratings.touched(session, before, after)
    stars = ratings.tenths(session, again)
    for dataset in again:
        this = starts.among(session, RegistrationRow.dataset_id, [dataset])
        number = select(RegistrationRow.number).where(this)
        session.execute(
            update(ListingRow)
            .where(ListingRow.number == number.scalar_subquery())
            .values(rating=stars.get(dataset))
        )


@asked_once
def rating(session: Session, dataset: bytes) -> int | None:
    """The mean of a dataset's overall scores that count in tenths, None without any."""
    return ratings.tenths(session, [dataset]).get(dataset)


def _read_up_to(session: Session) -> int:
    return int(settings.get(session, _READ, 0))


def _put(session: Session, rows: list[Row]) -> None:
    sketches.put(session, ((_place(row), said(row["listing"]).sketch) for row in rows))
    offered = [row for row in rows if not row["withdrawn"]]
    if not offered:
        return
    stars = ratings.tenths(session, [row["dataset_id"] for row in offered])
    session.execute(insert(_LISTINGS), [_narrow(row, stars) for row in offered])
    _driver(session, _PUT, [_worded(row) for row in offered])


def _take(session: Session, rows: list[Row]) -> None:
    sketches.take(session, ((_place(row), said(row["listing"]).sketch) for row in rows))
    offered = [row for row in rows if not row["withdrawn"]]
    if not offered:
        return
    gone = delete(_LISTINGS).where(_LISTINGS.c.number == bindparam("gone"))
    session.execute(gone, [{"gone": row["number"]} for row in offered])
    _driver(session, _TAKE, [_worded(row) for row in offered])


def _driver(session: Session, statement: str, rows: list[tuple[int, str, str, str]]) -> None:
    session.connection().exec_driver_sql(statement, rows)


def _place(row: Row) -> sketches.Place:
    return row["block"], row["log_index"]


def _worded(row: Row) -> tuple[int, str, str, str]:
    """The entry of the full-text index; title and the rest hold each word once."""
    listing = said(row["listing"])
    what = listing.description
    rest = (what.what, what.field, what.region, what.period, *(c.name for c in listing.columns))
    marks = [_mark("h", row["title_holder"]), _mark("l", listing.terms.use)]
    marks += [_mark(kind, name) for kind, name in (("f", what.field), ("r", what.region)) if name]
    marks += [_mark("t", "")] if listing.columns else []
    title, others = wording.words(what.title), wording.words("\n".join(rest))
    return row["number"], *(" ".join(sorted(some)) for some in (title, others)), " ".join(marks)


def _mark(kind: str, value: str) -> str:
    return kind + blake2s(value.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _narrow(row: Row, stars: dict[bytes, int]) -> Row:
    listing = said(row["listing"])
    return {
        "number": row["number"],
        "holder": row["title_holder"],
        "field": listing.description.field,
        "region": listing.description.region,
        "licence": listing.terms.use,
        "table": bool(listing.columns),
        "token": listing.token if listing.token.isascii() else "",
        "price": listing.price_units,
        "length": row["length"],
        "rating": stars.get(row["dataset_id"]),
        "committed_at": row["committed_at"],
    }


# Finding


def few(session: Session, wanted: Wanted) -> list[int] | None:
    """The numbers of all that a price, a size or a rating leaves, if one of them leaves at most
    `FEW`; each has an index."""
    anything = Wanted()
    for one in (
        replace(anything, rating=wanted.rating),
        replace(anything, least_length=wanted.least_length, most_length=wanted.most_length),
        replace(
            anything,
            token=wanted.token,
            least_price=wanted.least_price,
            most_price=wanted.most_price,
        ),
    ):
        tests, values = _tests(one)
        if tests:
            found = text(f"SELECT number FROM listings l WHERE {' AND '.join(tests)} LIMIT :most")
            numbers = list(session.scalars(found, values | {"most": FEW + 1}))
            if len(numbers) <= FEW:
                return numbers
    return None


def hits(
    session: Session,
    wanted: Wanted,
    *,
    titles: bool,
    least: int,
    below: int,
    most: int,
    among: list[int] | None = None,
) -> list[Hit]:
    """What fits among the numbers from ``least`` to under ``below``, newest first, at most
    ``most``; with ``titles`` only where every word is in the title. ``among``: as `few` says."""
    match = _match(wanted, titles=titles)
    tests, values = _tests(wanted)
    at = "listing_words.rowid" if match and among is None else "l.number"
    tables = ["listing_words", "listings l NOT INDEXED"] if match else ["listings l NOT INDEXED"]
    if match:
        tests.append("l.number = listing_words.rowid")
    if among is not None:
        tables.reverse()
        tests.append("l.number IN :among")
        values["among"] = among
    tests += [f"{at} >= :least", f"{at} < :below"]
    if match:
        tests.append("listing_words MATCH :match")
        values["match"] = match
    found = text(
        "SELECT l.number, l.field, l.region, l.licence, l.token, l.price "
        f"FROM {' CROSS JOIN '.join(tables)} WHERE {' AND '.join(tests)} "
        f"ORDER BY {at} DESC LIMIT :most"
    )
    lists: list[BindParameter[Any]] = [
        bindparam(name, expanding=True) for name, value in values.items() if type(value) is list
    ]
    values |= {"least": least, "below": below, "most": most}
    result: Any = session.execute(found.bindparams(*lists), values)
    return list(map(Hit._make, result.cursor.fetchall()))  # ten thousand rows: as the driver's


def _match(wanted: Wanted, *, titles: bool) -> str:
    words = " AND ".join(f'"{word}"{" *" if begins else ""}' for word, begins in wanted.words)
    parts = [f"{{title{'' if titles else ' rest'}}} : ({words})"] if words else []
    marks = [
        _mark(kind, value)
        for kind, value in (
            ("f", wanted.field), ("r", wanted.region), ("l", wanted.licence), ("h", wanted.owner),
        )
        if value
    ]  # fmt: skip
    marks += [_mark("t", "")] if wanted.tables else []
    parts += [f'marks : "{mark}"' for mark in marks]
    return " AND ".join(parts)


def _tests(wanted: Wanted) -> tuple[list[str], dict[str, Any]]:
    """What only the narrow table can say, as SQL and its values."""
    tests: list[str] = []
    values: dict[str, Any] = {}

    def test(sql: str, **said: Any) -> None:
        tests.append(sql)
        values.update(said)

    if wanted.least_price is not None:
        test("l.token = :token AND l.price >= :dear", dear=_price(wanted.least_price))
    if wanted.most_price is not None:
        test("l.token = :token AND l.price <= :cheap", cheap=_price(wanted.most_price))
    if wanted.least_price is not None or wanted.most_price is not None:
        values["token"] = wanted.token
    if wanted.least_length is not None:
        test("l.length >= :long", long=wanted.least_length)
    if wanted.most_length is not None:
        test("l.length <= :short", short=wanted.most_length)
    if wanted.rating is not None:
        test("l.rating >= :rating", rating=wanted.rating)
    if wanted.since is not None:
        test("l.committed_at >= :since", since=wanted.since)
    if wanted.holders is not None:
        test("l.holder IN :holders", holders=sorted(wanted.holders))
    if wanted.hidden:
        test("l.holder NOT IN :hidden", hidden=sorted(wanted.hidden))
    if wanted.kept is not None:
        people, numbers = (sorted(some) for some in wanted.kept)
        test("(l.holder IN :people OR l.number IN :numbers)", people=people, numbers=numbers)
    return tests, values


def _price(units: int) -> bytes:
    return min(units, 2**96 - 1).to_bytes(12, "big")
