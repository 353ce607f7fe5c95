"""A profile as the process that read foreign files told it: nothing of it is believed unlooked."""

from __future__ import annotations

import re
from dataclasses import replace

from app.domain import similarity
from app.domain.heading import MOST_ABOVE
from app.domain.snapshots.datasets import Column, Profile

KINDS = ("integer", "number", "date", "text", "yes_no", "empty")
PERSONAL = ("", "email", "phone", "name", "id", "card", "address", "birth")
PROBLEMS = (
    "",
    "broken",
    "encrypted",
    "too_large",
    "one_line",
    "wide",
    "binary",
    "slow",
    "stopped",
    "failed",
)
UNSEEN = ("slow", "stopped", "too_large", "failed")
"""Of these: what this computer could not do, or was told to leave. It says nothing of the data."""
MOST_COLUMNS = 300
_CODE = re.compile(r"[a-z0-9-]{0,12}")
_LARGEST = 1 << 53


def checked(profile: Profile) -> Profile:
    """The same with texts that can be shown anywhere. ValueError if a value cannot be."""
    _expect(all(_CODE.fullmatch(text) for text in (profile.format, profile.encoding)))
    _expect(profile.problem in PROBLEMS and len(profile.facts) <= 16)
    _expect(len(profile.columns) <= MOST_COLUMNS and profile.columns_found <= 1 << 20)
    for count in (profile.rows, profile.columns_found, profile.broken):
        _expect(count is None or 0 <= count < _LARGEST)
    _expect(0 <= profile.head <= 1 + MOST_ABOVE)
    _expect(profile.repeated is None or 0 <= profile.repeated <= 1)
    if profile.sketch:
        similarity.check(profile.sketch)
    return replace(
        profile,
        columns=tuple(_column(column) for column in profile.columns),
        newest=_text(profile.newest),
        facts=tuple((_text(code), _text(said)) for code, said in profile.facts),
    )


def _column(column: Column) -> Column:
    _expect(column.kind in KINDS and column.personal in PERSONAL)
    _expect(0 <= column.complete <= 1 and 0 <= column.fits <= 1 and len(column.quantiles) <= 5)
    _expect(column.different is None or 0 <= column.different < _LARGEST)
    return replace(
        column,
        name=_text(column.name),
        least=_text(column.least),
        most=_text(column.most),
        quantiles=tuple(_text(value) for value in column.quantiles),
        shape=_text(column.shape),
    )


def _text(text: str) -> str:
    return "".join(character for character in text[:80] if character.isprintable())


def _expect(true: bool) -> None:
    if not true:
        raise ValueError("a profile does not have such values")
