"""Counting over all rows of a table, with DuckDB: bounded in memory however long the table is.

Exact: rows, missing values, values that fit their column's kind, smallest and largest, rows that
are broken. Approximate: how many different values (HyperLogLog), quantiles (t-digest),
and rows that repeat another one in tables of more than `EXACT_ROWS`: there the rows whose hash is
0 modulo k are compared, all copies of a row or none, so that the share is an honest estimate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import duckdb

from app.domain.quality import LOOKED_AT_VALUES, MISSING, YES_NO, Look, look
from app.domain.snapshots.datasets import Column, Profile
from app.engine.formats import Unreadable
from app.engine.tables import MEASURED_COLUMNS, Table, quoted

EXACT_ROWS = 500_000
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_TEXT = 40


def measure(table: Table, started: Callable[[], None] = lambda: None) -> Profile:
    """The profile of a table. `Unreadable` if it is broken; ``started`` is called when the long
    part begins, of which `Table.database` tells the progress."""
    for source in table.passes or (table.source,):
        try:
            return _measure(table, source, started)
        except duckdb.OutOfMemoryException as error:
            raise Unreadable("too_large") from error
        except duckdb.Error:
            continue
    raise Unreadable("broken")


def warned(table: Table) -> bool:
    """Whether a column may hold personal data. `Unreadable` if the table is broken."""
    try:
        return any(seen.personal for seen in _looks(table)[0])
    except duckdb.Error as error:
        raise Unreadable("broken") from error


def _looks(table: Table) -> tuple[list[Look], list[tuple[str | None, ...]]]:
    """What the first rows say about each column that is measured, and these rows."""
    names = table.names[:MEASURED_COLUMNS]
    if not names:
        raise Unreadable("broken")
    columns = ", ".join(f"c{at}" for at in range(len(names)))
    wide = max(200, LOOKED_AT_VALUES * 60 // len(names)) if len(names) > 60 else LOOKED_AT_VALUES
    first = table.database.execute(f"SELECT {columns} FROM {table.source} LIMIT {wide}").fetchall()
    return [look(name, (row[at] or "" for row in first)) for at, name in enumerate(names)], first


def _measure(table: Table, source: str, started: Callable[[], None]) -> Profile:
    database = table.database
    looks, first = _looks(table)
    names = table.names[: len(looks)]
    columns = ", ".join(f"c{at}" for at in range(len(names)))
    started()
    compared = _compared(table, first)
    every = [f"coalesce(c{at}, '')" for at in range(len(names))]
    # A row of nothing, as a broken line of JSON is one, repeats no other.
    hashed_row = f"CASE WHEN coalesce({columns}) IS NOT NULL THEN hash({', '.join(every)}) END"
    # CASE, not FILTER: each filter holds a copy of all columns there are.
    same = f"CASE WHEN h % {compared} = 0 THEN h END"
    wanted = ["count(*)", f"count({same})", f"count(DISTINCT {same})"]
    for at, seen in enumerate(looks):
        wanted += _sums(f"c{at}", seen)
    # Read to the end: broken lines are told only then.
    (row,) = database.execute(
        f"SELECT {', '.join(wanted)} FROM (SELECT {columns}, {hashed_row} AS h FROM {source})"
    ).fetchall()
    rows, hashed, different = row[:3]
    broken = 0
    if table.broken:
        (broken,) = database.execute(table.broken).fetchone() or (0,)
    if not table.text:
        rows -= broken
    per = len(_sums("c0", Look("text")))
    found = [
        _column(name, seen, rows, row[3 + at * per : 3 + (at + 1) * per])
        for at, (name, seen) in enumerate(zip(names, looks, strict=True))
    ]
    dates = [column.most for column in found if column.kind == "date" and column.most]
    return Profile(
        table.format,
        rows,
        tuple(found),
        encoding=table.encoding,
        columns_found=len(table.names),
        broken=broken,
        repeated=1 - different / hashed if hashed else None,
        repeated_exact=compared == 1,
        newest=max(dates, default=""),
        head=table.head,
    )


def _compared(table: Table, first: Sequence[tuple[str | None, ...]]) -> int:
    """k: so that about `EXACT_ROWS` are compared. From the mean length of the first rows, but for
    formats that compress."""
    if table.format == "parquet":
        (count,) = table.database.execute(f"SELECT count(*) FROM {table.source}").fetchone() or (0,)
    else:
        bytes_ = sum(len(cell or "") + 1 for row in first for cell in row)
        count = table.bytes * len(first) // max(1, bytes_)
    return 1 if count <= 2 * EXACT_ROWS else -(-count // EXACT_ROWS)


def _sums(column: str, seen: Look) -> list[str]:
    """What is summed up of one column: present, fitting, different, least, most, quantiles."""
    value = f"trim({column}, ' \t\r\n')"
    missing = ", ".join(quoted(word) for word in sorted(MISSING))
    present = f"({column} IS NOT NULL AND lower({value}) NOT IN ({missing}))"
    least = most = spread = "NULL"
    fits = present
    if seen.kind in ("integer", "number"):
        plain = f"replace({value}, ',', '.')" if seen.comma else value
        number = f"try_cast({plain} AS DOUBLE)"
        finite = f"CASE WHEN isfinite({number}) THEN {number} END"
        fits = f"({present} AND {finite} IS NOT NULL)"
        if seen.kind == "integer":
            fits = f"regexp_full_match({value}, '[+-]?[0-9]{{1,18}}')"
            finite = f"CASE WHEN {fits} THEN {number} END"
        least, most = f"min({finite})", f"max({finite})"
        spread = f"approx_quantile({finite}, {list(QUANTILES)})"
    elif seen.kind == "date":
        moment = f"try_cast({value} AS TIMESTAMP)"
        if seen.date_format:
            moment = f"try_strptime({value}, {quoted(seen.date_format)})"
        if seen.date_format is not None:
            fits = f"({moment} IS NOT NULL)"
            least, most = f"min({moment})::VARCHAR", f"max({moment})::VARCHAR"
    elif seen.kind == "yes_no":
        words = ", ".join(quoted(word) for word in sorted(YES_NO))
        fits = f"lower({value}) IN ({words})"
    return [
        f"count(CASE WHEN {present} THEN 1 END)",
        f"count(CASE WHEN {fits} THEN 1 END)",
        f"approx_count_distinct(CASE WHEN {present} THEN {column} END)",
        least,
        most,
        spread,
    ]


def _column(name: str, seen: Look, rows: int, sums: Sequence[object]) -> Column:
    present, fits, different, least, most, spread = sums
    assert isinstance(present, int)
    assert isinstance(fits, int)
    assert isinstance(different, int)
    assert isinstance(least, float | str | None)
    kind = "text" if seen.kind == "empty" and present else seen.kind
    if isinstance(spread, list):  # the digest of a few values may lie beyond them
        spread = [min(max(value, least), most) for value in spread]
    return Column(
        name=name,
        kind=kind,
        complete=present / rows if rows else 0.0,
        personal=seen.personal,
        fits=1.0 if kind == "text" or not present else fits / present,
        different=min(different, present),
        least=_shown(least),
        most=_shown(most),
        quantiles=tuple(_shown(value) for value in spread) if isinstance(spread, list) else (),
        shape=seen.shape,
    )


def _shown(value: object) -> str:
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1 << 53
        return str(int(value)) if whole else f"{value:.6g}" if math.isfinite(value) else ""
    return "" if value is None else str(value).removesuffix(" 00:00:00")[:_TEXT]
