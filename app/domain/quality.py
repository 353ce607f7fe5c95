"""What a column's first values say: their kind, their shape, and whether they may be personal.

`app.engine.measuring` then counts over all rows, with what was found here. A warning is a hint for
the owner, who decides.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain import personal

LOOKED_AT_VALUES = 5000
"""Kinds and warnings are judged by each column's first values; completeness by all rows."""

MOST_OFF = 0.02
"""Of the values looked at so many may be of another kind: a column of numbers with a few words is
one of numbers, of which some do not fit."""

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
YES_NO = frozenset({"true", "false", "yes", "no", "y", "n", "是", "否"})
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}年\d{1,2}月(\d{1,2}日)?"
)
_DIGITS, _LETTERS = re.compile(r"\d"), re.compile(r"[^\W\d_]")
_SHAPED = 24
_SAME_SHAPE = 0.95
DATE_FORMATS = (
    *("%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y-%m"),
    *("%Y年%m月%d日", "%Y年%m月"),
)
"""Those that are tried where values are not as ISO 8601 has them, in their order."""


@dataclass(frozen=True, slots=True)
class Look:
    """``shape``: what most values look like, digits as 9 and letters as A, empty if they differ.
    ``date_format``: of `DATE_FORMATS`, empty for ISO 8601, None if days and months cannot be told
    apart. ``comma``: numbers have a decimal comma."""

    kind: str
    personal: str = ""
    shape: str = ""
    date_format: str | None = ""
    comma: bool = False


def is_missing(value: str) -> bool:
    """Whether a cell without white space around it says that there is no value."""
    return len(value) < 5 and value.lower() in MISSING


def look(name: str, cells: Iterable[str]) -> Look:
    """What the first cells of a column say about it."""
    values = [value for cell in cells if not is_missing(value := cell.strip()[:300])]
    suspect = personal.by_name(name)
    if not values:
        return Look("empty", suspect)
    if not suspect:
        suspect = personal.by_values(values)
    kind = _kind(values)
    if kind == "date":
        return Look(kind, suspect, date_format=_date_format(values))
    if kind == "number":
        comma = sum("," in value for value in values) > sum("." in value for value in values)
        return Look(kind, suspect, comma=comma)
    return Look(kind, suspect, shape=_shape(values) if kind == "text" else "")


def _kind(values: Sequence[str]) -> str:
    counts = Counter(_kind_of(value) for value in values)
    if counts.keys() == {"integer", "number"}:
        return "number"
    most, count = counts.most_common(1)[0]
    if most in ("integer", "number"):
        count = counts["integer"] + counts["number"]
        most = "number" if counts["number"] else "integer"
    return most if count >= (1 - MOST_OFF) * len(values) else "text"


def _kind_of(value: str) -> str:
    if _INTEGER.fullmatch(value):
        return "integer"
    if _NUMBER.fullmatch(value):
        return "number"
    if _DATE.fullmatch(value):
        return "date"
    return "yes_no" if value.lower() in YES_NO else "text"


def _shape(values: Sequence[str]) -> str:
    shapes = Counter(
        _LETTERS.sub("A", _DIGITS.sub("9", value)) for value in values if len(value) <= _SHAPED
    )
    if not shapes:
        return ""
    shape, count = shapes.most_common(1)[0]
    plain = not any(mark in shape for mark in "9-/.:@#")
    return "" if plain or count < _SAME_SHAPE * len(values) else shape


def _date_format(values: Sequence[str]) -> str | None:
    dates = [value for value in values if _DATE.fullmatch(value)]
    if all(re.match(r"\d{4}-\d{1,2}-\d", value) for value in dates):
        return ""
    fitting = [form for form in DATE_FORMATS if all(_reads(value, form) for value in dates)]
    both_ways = {"%d/%m/%Y", "%m/%d/%Y"} <= set(fitting)
    return None if both_ways or not fitting else fitting[0]


def _reads(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)
    except ValueError:
        return False
    return True
