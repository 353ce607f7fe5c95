"""Whether a table's first line names its columns, and the names that may be told.

A listing's names stand on record for good. A line of values taken for names would put its first
person there, and the table would be one row short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from app.domain import personal
from app.domain.quality import is_missing, look

LOOKED_AT_COLUMNS = 300
MOST_ABOVE = 20
"""So many rows above a header are looked at."""
_LONGEST = 80
_YEAR = re.compile(r"(19|20)\d\d")
_FAMILIES = {"integer": "number", "empty": "text"}


def is_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether ``first`` are names rather than one more of the ``rows`` below it.

    A cell speaks for values if it is of its column's kind where that is not text, looks personal as
    its column does, or stands in its column again; for names if its column holds numbers, dates or
    yes and no, and it is none. The majority decides, and where nothing speaks they are names. So
    they are where they count the columns; and they are not where most of them are the same.
    """
    cells = [cell.strip() for cell in first]
    filled = [cell for cell in cells if cell]
    counted = [cell for cell in cells[not cells[0] :] if cell]
    if len(counted) > 2 and _counts(counted):
        return True
    if 2 * len(set(filled)) <= len(filled):
        return False
    below = [row for row in rows if row != first]  # a header may stand again on each page
    values = names = 0
    for at, cell in enumerate(cells[:LOOKED_AT_COLUMNS]):
        if is_missing(cell):
            continue
        column = [row[at].strip() for row in below if at < len(row)]
        said, whole = look("", (cell,)), look("", column)
        kind, of_column = (_FAMILIES.get(one.kind, one.kind) for one in (said, whole))
        if _YEAR.fullmatch(cell) and not _years(column):
            continue  # what a year holds
        suspect = said.personal and said.personal == whole.personal
        if suspect or cell in column or (kind == of_column != "text"):
            values += 1
        elif of_column != "text":
            names += 1
    return values <= names


def _counts(cells: Sequence[str]) -> bool:
    """0, 1, 2 … or 1, 2, 3 …: what programs call columns without names."""
    return any(cells == [str(at) for at in range(by, by + len(cells))] for by in (0, 1))


def _years(column: Sequence[str]) -> bool:
    return 2 * sum(_YEAR.fullmatch(value) is not None for value in column) > len(column)


def above(rows: Sequence[Sequence[str]]) -> int:
    """How many of a table's first rows stand above its header: a title, a unit, an empty row; each
    with one cell that is filled at most, while the row below them has more and names the columns.
    Of two columns the first one's name may be missing."""
    for at, row in enumerate(rows[: MOST_ABOVE + 1]):
        filled = [cell for cell in row if cell.strip()]
        if len(filled) > 1 or (len(row) == 2 and filled and not row[0].strip()):
            return at if is_header(row, rows[at + 1 :]) else 0
    return 0


def numbered(at: int) -> str:
    """What the column at this place, from 0, is called that has no name."""
    return f"column {at + 1}"


def told(names: Iterable[str]) -> tuple[str, ...]:
    """The names of columns as they may be told: bounded, and none that looks personal itself."""
    return tuple(_told(name.strip(), at) for at, name in enumerate(names))


def _told(name: str, at: int) -> str:
    if not name or personal.by_value(name) or personal.looks_personal(name.encode()):
        return numbered(at)
    return name[:_LONGEST]
