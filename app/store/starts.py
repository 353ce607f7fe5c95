"""Registrations found by the start of a hash or of an address, which is then compared whole.

Hashes go all over an index: each of many that are stored changes a page of its own, and all these
pages are written again. So the starts of many registrations that are stored at once are written one
behind the other, a run of them for each kind, and whoever looks goes through the runs as well.
`settle` puts what stands in runs into the index, much at once and in the index's order; it is part
of reading listings (`app.store.search.follow`), which comes behind a long record that is stored.
A run may name numbers that have other starts by now, or are gone: that finds nothing wrong, since
the whole is compared.
"""

import json
import struct
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from app.store import bulk
from app.store.tables import Base, RegistrationRow

LENGTH = 8
FEW = 8
"""So few starts are looked for in a run one by one."""

MANY = 256
"""So many registrations stored at once are put into runs."""
MOST_WAITING = 50_000
"""Registrations in runs before `settle` puts them in, whether it has to or not; and how many it
puts in at once."""

_STARTS = Base.metadata.tables["starts"]
_RUNS = Base.metadata.tables["start_runs"]
_NAMES = tuple(column.name for column in _STARTS.c)
_KINDS = {"dataset_id": 0, "content_id": 1, "root": 2, "title_holder": 3}
_SETTLED = text(
    """
    INSERT OR IGNORE INTO starts
    SELECT 0, substr(dataset_id, 1, 8), 0, number FROM registrations r WHERE {these}
    UNION ALL SELECT 1, substr(content_id, 1, 8), committed_at, number FROM registrations r
        WHERE {these}
    UNION ALL SELECT 2, substr(root, 1, 8), committed_at, number FROM registrations r WHERE {these}
    UNION ALL SELECT 3, CAST(substr(title_holder, 3, 8) AS BLOB), 0, number FROM registrations r
        WHERE {these}
    ORDER BY 1, 2, 3, 4
    """.replace("{these}", "number BETWEEN :first AND :last")
)

Row = dict[str, Any]


def changed(session: Session, before: list[Row], after: list[Row]) -> None:
    """Rows of `registrations` were written in place of others, or are gone. Of what is kept here
    only the title holder changes."""
    had, has = _held(before), _held(after)
    before = [row for row in before if has.get(row["number"]) != row["title_holder"]]
    after = [row for row in after if had.get(row["number"]) != row["title_holder"]]
    if before:
        gone = [
            dict(zip(_NAMES, (kind, *one), strict=True))
            for kind, starts in _starts(before)
            for one in zip(*starts, strict=True)
        ]
        this = (_STARTS.c[name] == bindparam(name) for name in _NAMES)
        session.execute(delete(_STARTS).where(*this), gone)
        highest = select(func.coalesce(func.max(RegistrationRow.number), 0)).scalar_subquery()
        session.execute(delete(_RUNS).where(_RUNS.c.first > highest))  # numbers come again
    new = sorted(row["number"] for row in after if row["number"] not in had)
    newest = session.scalar(select(func.max(_RUNS.c.first)).where(_RUNS.c.kind == 0)) or 0
    if len(new) >= MANY and new[0] > newest and new[-1] - new[0] == len(new) - 1:
        row_of = {row["number"]: row for row in after}
        for kind, (starts, _, _) in _starts([row_of.pop(number) for number in new]):
            run = {"kind": kind, "first": new[0], "starts": b"".join(starts)}
            session.execute(insert(_RUNS), run)
        after = list(row_of.values())
    if after:
        for kind, values in _starts(after):
            bulk.put_columns(session, _STARTS, [[kind] * len(after), *values])


def settle(session: Session, up_to: int) -> None:
    """Put what stands in runs into the index: those that begin up to number ``up_to``, and more if
    much waits, `MOST_WAITING` at once."""
    wait = select(_RUNS.c.first, func.length(_RUNS.c.starts)).where(_RUNS.c.kind == 0)
    runs = [
        (first, first + length // LENGTH - 1)
        for first, length in session.execute(wait.order_by(_RUNS.c.first))
    ]
    if not runs:
        return
    first = runs[0][0]
    if first > up_to and sum(end - begin + 1 for begin, end in runs) < MOST_WAITING:
        return
    last = max(end for begin, end in runs if begin <= up_to or end < first + MOST_WAITING)
    session.execute(_SETTLED, {"first": first, "last": last})
    behind = _RUNS.c.first + func.length(_RUNS.c.starts) // LENGTH
    session.execute(delete(_RUNS).where(behind <= last + 1))


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """One of these values stands in a column of `registrations` whose starts are kept."""
    kind, starts = _KINDS[column.key], {_start(value) for value in values}
    here = (_STARTS.c.kind == kind) & _STARTS.c.start.in_(starts)
    numbers: list[Select[Any]] = [select(_STARTS.c.number).where(here)]
    if waiting := _waiting(session, kind, starts):
        given = func.json_each(json.dumps(waiting)).table_valued("value")  # any number of them
        numbers.append(select(given.c.value))
    return and_(RegistrationRow.number.in_(union_all(*numbers)), column.in_(values))


def equals(column: Any, other: Any) -> ColumnElement[bool]:
    """The same for what stands in another table's column of hashes, among registrations whose
    listings have been read."""
    numbers = select(_STARTS.c.number).where(
        _STARTS.c.kind == _KINDS[column.key], _STARTS.c.start == func.substr(other, 1, LENGTH)
    )
    return and_(RegistrationRow.number.in_(numbers), column == other)


def present(session: Session, datasets: Collection[bytes]) -> list[bytes]:
    """Those of these ids that start as one on record."""
    starts = {_start(dataset) for dataset in datasets}
    known = set(bulk.present(session, _STARTS, "start", starts, "kind = 0"))
    words = set(map(_word, starts))
    for _, run in _runs(session, 0):
        known.update(word.to_bytes(LENGTH, "big") for word in words.intersection(_words(run)))
    return [dataset for dataset in datasets if _start(dataset) in known]


def oldest(session: Session, column: Any, value: bytes, most: int) -> list[RegistrationRow]:
    """Registrations with this value: at least the ``most`` that committed first."""
    kind, start = _KINDS[column.key], _start(value)
    rows = select(RegistrationRow).where(column == value).limit(most)
    settled = (
        rows.join(_STARTS, _STARTS.c.number == RegistrationRow.number)
        .where(_STARTS.c.kind == kind, _STARTS.c.start == start)
        .order_by(_STARTS.c.age, _STARTS.c.number)
    )
    found = list(session.scalars(settled))
    for some in bulk.portions(_waiting(session, kind, {start})):
        these = rows.where(RegistrationRow.number.in_(some))
        found += session.scalars(
            these.order_by(RegistrationRow.committed_at, RegistrationRow.number)
        )
    return found


def _waiting(session: Session, kind: int, starts: set[bytes]) -> list[int]:
    """The numbers that have one of these starts in a run, and may have it no more."""
    found: list[int] = []
    words: set[int] = set()
    for first, run in _runs(session, kind):
        if len(starts) > FEW or any(start in run for start in starts):
            words = words or set(map(_word, starts))
            found += [first + n for n, word in enumerate(_words(run)) if word in words]
    return found


def _runs(session: Session, kind: int) -> Iterator[tuple[int, bytes]]:
    found = select(_RUNS.c.first, _RUNS.c.starts).where(_RUNS.c.kind == kind)
    return (tuple(row) for row in session.execute(found))


def _words(run: bytes) -> tuple[int, ...]:
    """The starts in a run as numbers, which are quicker to compare."""
    return struct.unpack(f">{len(run) // LENGTH}Q", run)


def _word(start: bytes) -> int:
    return int.from_bytes(start, "big")


def _held(rows: list[Row]) -> dict[int, str]:
    return {row["number"]: row["title_holder"] for row in rows}


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
