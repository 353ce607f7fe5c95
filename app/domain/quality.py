"""What a table's rows say about themselves: columns, types, completeness, personal-data warnings.

One pass, constant memory: each column keeps counts only. A warning is a hint for the owner, who
decides; it is raised when most of the first values look like e-mail addresses, phone numbers or
identity numbers, or when the column's name says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.domain.snapshots.datasets import Column, Profile

MAX_COLUMNS = 2000
LOOKED_AT_VALUES = 5000
"""Types and warnings are judged by each column's first values; completeness by all rows."""

_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
)
_YES_NO = frozenset({"true", "false", "yes", "no", "y", "n", "是", "否"})
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-"})
_PERSONAL_VALUES = {
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}\.[a-zA-Z]{2,24}"),
    "phone": re.compile(
        r"(\+\d{1,3}[ -]?)?(\(?\d{2,4}\)?[ -])\d{3,4}[ -]?\d{3,4}|(\+?86)?1[3-9]\d{9}"
    ),
    "id": re.compile(r"\d{17}[\dXx]|\d{3}-\d{2}-\d{4}"),
}
_PERSONAL_NAMES = {
    "email": re.compile(r"e-?mail|邮箱", re.IGNORECASE),
    "phone": re.compile(r"phone|mobile|telephone|电话|手机", re.IGNORECASE),
    "name": re.compile(r"(first|last|full|sur|given|family)[_ -]?name|^name$|姓名", re.IGNORECASE),
    "id": re.compile(r"passport|social[_ -]?security|ssn|身份证", re.IGNORECASE),
}


@dataclass(slots=True)
class _Seen:
    """Counts of one column; ``looked`` of the values were tried against each kind."""

    name: str
    present: int = 0
    looked: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    personal: dict[str, int] = field(default_factory=dict)

    def add(self, raw: str) -> None:
        value = raw.strip()[:300]
        if is_missing(value):
            return
        self.present += 1
        if self.looked >= LOOKED_AT_VALUES:
            return
        self.looked += 1
        kind = _kind(value)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        for name, pattern in _PERSONAL_VALUES.items():
            if pattern.fullmatch(value):
                self.personal[name] = self.personal.get(name, 0) + 1

    def column(self, rows: int) -> Column:
        return Column(
            name=self.name,
            kind=self._kind(),
            complete=self.present / rows if rows else 0.0,
            personal=self._personal(),
        )

    def _kind(self) -> str:
        if not self.looked:
            return "empty"
        kinds = set(self.kinds)
        if len(kinds) == 1:
            return kinds.pop()
        return "number" if kinds == {"integer", "number"} else "text"

    def _personal(self) -> str:
        for name, pattern in _PERSONAL_NAMES.items():
            if pattern.search(self.name):
                return name
        for name, count in self.personal.items():
            if count * 2 > self.looked:
                return name
        return ""


def is_missing(value: str) -> bool:
    """Whether a cell without white space around it says that there is no value."""
    return len(value) < 5 and value.lower() in _MISSING


def profile_rows(rows: Iterable[list[str]]) -> Profile | None:
    """The profile of a table whose first row names the columns; None if there is no table."""
    iterator = iter(rows)
    header = next(iterator, None)
    if not header or len(header) > MAX_COLUMNS:
        return None
    seen = [_Seen(name.strip()[:80] or str(i + 1)) for i, name in enumerate(header)]
    count = 0
    for row in iterator:
        if not row:
            continue
        count += 1
        for column, value in zip(seen, row, strict=False):
            column.add(value)
    if len(seen) < 2 and not count:
        return None
    return Profile("csv", count, tuple(column.column(count) for column in seen))


def _kind(value: str) -> str:
    if _INTEGER.fullmatch(value):
        return "integer"
    if _NUMBER.fullmatch(value):
        return "number"
    if _DATE.fullmatch(value):
        return "date"
    return "yes_no" if value.lower() in _YES_NO else "text"
