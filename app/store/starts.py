"""Registrations found by the start of a hash or of an address, which is then compared whole.

Hashes go all over an index: each of many that are stored changes a page of its own, and all these
pages are written again. So the starts of the newest registrations are in a small table, whose pages
are changed together; when it is long it is emptied into the large one, in the large one's order.
Both happen with the registrations, in one transaction, and whoever looks asks both tables.
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, insert, select, union_all
from sqlalchemy.orm import Session

from app.store import bulk, settings
from app.store.tables import Base, RegistrationRow

LENGTH = 8
MOST_NEW = 100_000
"""Registrations whose starts are in the small table before it is emptied into the large one."""

_TABLES = _NEW, _LARGE = [Base.metadata.tables[name] for name in ("new_starts", "starts")]
_NAMES = tuple(column.name for column in _LARGE.c)
_KINDS = {"dataset_id": 0, "content_id": 1, "root": 2, "title_holder": 3}
_COUNT = "starts.new"

Row = dict[str, Any]


def changed(session: Session, before: list[Row], after: list[Row]) -> None:
    """Rows of `registrations` were written in place of others, or are gone. Of what is kept here
    only the title holder changes."""
    if before:
        had, has = _held(before), _held(after)
        before = [row for row in before if has.get(row["number"]) != row["title_holder"]]
        after = [row for row in after if had.get(row["number"]) != row["title_holder"]]
    if before:
        gone = [
            dict(zip(_NAMES, (kind, *one), strict=True))
            for kind, starts in _starts(before)
            for one in zip(*starts, strict=True)
        ]
        for table in _TABLES:
            this = (table.c[name] == bindparam(name) for name in _NAMES)
            session.execute(delete(table).where(*this), gone)
    if after:
        for kind, starts in _starts(after):
            bulk.put_columns(session, _NEW, [[kind] * len(after), *starts])
        _keep_small(session, len(after))


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """One of these values stands in a column of `registrations` whose starts are kept."""
    starts = {_start(value) for value in values}
    return and_(_numbered(column, lambda start: start.in_(starts)), column.in_(values))


def equals(column: Any, other: Any) -> ColumnElement[bool]:
    """The same for what stands in another table's column of hashes."""
    start = func.substr(other, 1, LENGTH)
    return and_(_numbered(column, lambda kept: kept == start), column == other)


def present(session: Session, datasets: Collection[bytes]) -> list[bytes]:
    """Those of these ids that start as one on record."""
    starts = {dataset[:LENGTH] for dataset in datasets}
    known: set[bytes] = set()
    for table in _TABLES:
        known.update(bulk.present(session, table, "start", starts, "kind = 0"))
    return [dataset for dataset in datasets if dataset[:LENGTH] in known]


def oldest(session: Session, column: Any, value: bytes, most: int) -> list[RegistrationRow]:
    """Registrations with this value: the ``most`` that committed first, of each table."""
    found: list[RegistrationRow] = []
    for table in _TABLES:
        rows = (
            select(RegistrationRow)
            .join(table, table.c.number == RegistrationRow.number)
            .where(table.c.kind == _KINDS[column.key], table.c.start == _start(value))
            .where(column == value)
            .order_by(table.c.age, table.c.number)
            .limit(most)
        )
        found += session.scalars(rows)
    return found


def _held(rows: list[Row]) -> dict[int, str]:
    return {row["number"]: row["title_holder"] for row in rows}


def _keep_small(session: Session, more: int) -> None:
    count = settings.get(session, _COUNT, 0) + more
    if count >= MOST_NEW:
        session.execute(insert(_LARGE).from_select(_NAMES, select(_NEW).order_by(*_NEW.c)))
        session.execute(delete(_NEW))
        count = 0
    settings.put(session, _COUNT, count)


def _numbered(column: Any, those: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    kind = _KINDS[column.key]
    found = (
        select(table.c.number).where(table.c.kind == kind, those(table.c.start))
        for table in _TABLES
    )
    return RegistrationRow.number.in_(union_all(*found))


def _start(value: bytes | str) -> bytes:
    """Of an address what comes after 0x."""
    return value[2 : 2 + LENGTH].encode() if isinstance(value, str) else value[:LENGTH]


def _starts(rows: list[Row]) -> Iterator[tuple[int, tuple[list[bytes], list[int], list[int]]]]:
    """Of each kind the columns of its table. ``age`` puts equal contents in the order that counts
    between them."""
    numbers = [row["number"] for row in rows]
    ages, none = [row["committed_at"] for row in rows], [0] * len(rows)
    for name, kind in _KINDS.items():
        starts = [_start(row[name]) for row in rows]
        yield kind, (starts, ages if name in ("content_id", "root") else none, numbers)
