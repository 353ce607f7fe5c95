"""What a description says of a table's quality, beside what was measured of the file here.

Read are the rules of a contract (ODCS 3.1: those of its library that count rows, missing, repeated
and invalid values, and the texts that `app.domain.catalogue` writes) and the measurements of DQV
under the metrics that `app.domain.catalogue` names. They are somebody else's words: nothing of them
is declared, and what is no such statement, or cannot be compared, is only counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from math import ceil, floor
from typing import Any

from app.domain import claims
from app.domain.catalogue import MEASURED, METRIC
from app.domain.described import opened
from app.domain.quality import is_missing
from app.domain.snapshots.datasets import Profile

MOST = 256
"""So many statements are read; of a listing there are 67 at most."""

_LONGEST_NAME, _LONGEST_TEXT = 200, 40
_LARGEST = 2**53
_METRICS = {
    "rowCount": "rows",
    "missingValues": "completeness",
    "nullValues": "completeness",
    "duplicateValues": "accuracy",
    "invalidValues": "conformity",
}
_SHARE = re.compile(r"(\d{1,3}(?:\.\d{1,2})?) %")
_DECIMAL = re.compile(r"[01]?\.?\d{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Statement:
    """``what``: "rows" or one of `claims.DIMENSIONS`, of one ``column`` or else of the table. It is
    a ``text``, or a figure from ``least`` to ``most``, None where that end is open: rows, shares of
    10,000 of what is right, or if ``faults``, how many rows or cells are not."""

    what: str
    column: str = ""
    least: float | None = None
    most: float | None = None
    text: str = ""
    faults: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """``left_out``: how many more there are that cannot be compared."""

    statements: tuple[Statement, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Beside:
    """A statement, and what was ``measured`` of the same, in its unit."""

    statement: Statement
    measured: int | str
    agrees: bool


def stated(raw: bytes) -> Stated:
    """What a description of any of the three kinds says of quality. RuleError as
    `described.described`; a statement that is broken is left out."""
    said = opened(raw)
    kept: list[Statement] = []
    count = 0
    for read, one, column in chain(_rules(said), _measurements(said)):
        count += 1
        found = read(one, column) if count <= MOST and isinstance(one, dict) else None
        if found is not None:
            kept.append(found)
    return Stated(tuple(kept), count - len(kept))


def beside(said: Stated, profile: Profile) -> tuple[tuple[Beside, ...], int]:
    """Each statement with what was measured, those that differ first; and how many cannot be
    compared: there is no such column, several of that name, or no table."""
    columns = _columns(profile)
    found = [_beside(one, profile, columns) for one in said.statements]
    lines = [one for one in found if one is not None]
    lines.sort(key=lambda line: line.agrees)
    return tuple(lines), said.left_out + len(found) - len(lines)


# --- measured ---------------------------------------------------------------------------------


def _columns(profile: Profile) -> dict[str, tuple[float, float]]:
    """Share of filled cells and of those that fit, by name; none for what several columns are
    called."""
    named = Counter(column.name for column in profile.columns)
    return {
        column.name: (column.complete, column.fits)
        for column in profile.columns
        if named[column.name] == 1
    }


def _beside(
    one: Statement, profile: Profile, columns: dict[str, tuple[float, float]]
) -> Beside | None:
    measured = _measured(one, profile, columns)
    if measured is None or measured == "":
        return None
    if isinstance(measured, str):
        return Beside(one, measured, one.text == measured)
    most_off: float = 0 if one.faults or one.what == "rows" else claims.TOLERANCE
    if one.what == "accuracy" and not profile.repeated_exact:
        of = (profile.rows or 0) if one.faults else claims.WHOLE
        most_off = of * claims.ESTIMATE_TOLERANCE / claims.WHOLE
    enough = one.least is None or measured >= one.least - most_off
    return Beside(one, measured, enough and (one.most is None or measured <= one.most + most_off))


def _measured(
    one: Statement, profile: Profile, columns: dict[str, tuple[float, float]]
) -> int | str | None:
    if profile.rows is None:
        return None
    if one.what == "rows":
        return profile.rows
    if not one.column:
        if one.faults:
            return None if profile.repeated is None else round(profile.repeated * profile.rows)
        found: int | str | None = getattr(claims.measured(profile), one.what)
        return found
    if one.column not in columns:
        return None
    complete, fits = columns[one.column]
    filled = round(complete * profile.rows)
    if one.what == "completeness":
        return profile.rows - filled if one.faults else claims.of_whole(complete)
    return round((1 - fits) * filled) if one.faults else claims.of_whole(fits)


# --- read -------------------------------------------------------------------------------------

_Read = Callable[[dict[str, Any], str], Statement | None]
_Found = Iterator[tuple[_Read, Any, str]]


def _rules(said: dict[str, Any]) -> _Found:
    """Those of a contract; of several tables it cannot be told which one is here."""
    tables = _objects(said.get("schema")) if said.get("kind") == "DataContract" else []
    read = _rule if len(tables) == 1 else _nothing
    for table in tables:
        for rule in _list(table.get("quality")):
            yield read, rule, ""
        yield from _of_properties(table, "", read)


def _of_properties(thing: dict[str, Any], above: str, read: _Read) -> _Found:
    """Also of properties within others, whose names are put together: no deeper than `opened` lets
    a description be."""
    for one in _objects(thing.get("properties")):
        name = one.get("name")
        told = isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME
        column = f"{above}{name}" if told else above
        for rule in _list(one.get("quality")):
            yield (read if told else _nothing), rule, column
        yield from _of_properties(one, f"{column}.", read)


def _measurements(said: dict[str, Any]) -> _Found:
    for one in _list(_of(said, "hasQualityMeasurement")):
        yield _measurement, one, ""


def _nothing(_: dict[str, Any], column: str) -> None:
    return None


def _rule(rule: dict[str, Any], column: str) -> Statement | None:
    if rule.get("type") == "text":
        return None if column else _text(rule)
    metric, unit = rule.get("metric"), rule.get("unit", "rows")
    what = _METRICS.get(metric) if isinstance(metric, str) else None
    bounds = _bounds(rule, whole=unit != "percent")
    if what is None or bounds is None or rule.get("type", "library") != "library":
        return None
    if unit not in ("rows", "percent") or not _as_here(rule, what):
        return None
    least, most = bounds
    if what == "rows":
        return None if column or unit != "rows" else Statement(what, "", least, most)
    if unit == "rows":  # of a whole table it is not said whether rows or cells are meant
        counted = what != "accuracy" if column else what == "accuracy"
        return Statement(what, column, least, most, faults=True) if counted else None
    if (column and what == "accuracy") or max(least or 0, most or 0) > 100:
        return None
    return Statement(what, column, _right(most), _right(least))


def _as_here(rule: dict[str, Any], what: str) -> bool:
    """Whether what counts as missing is missing here, too; other arguments are not known here."""
    given = rule.get("arguments")
    if given is None:
        return True
    missing = given.get("missingValues") if isinstance(given, dict) and len(given) == 1 else None
    return (
        what == "completeness"
        and isinstance(missing, list)
        and all(
            one is None or (isinstance(one, str) and is_missing(one.strip())) for one in missing
        )
    )


def _bounds(rule: dict[str, Any], *, whole: bool) -> tuple[float | None, float | None] | None:
    """From and to; None if there is not one condition that says it. What is to be above or below
    a ``whole`` number is the next one; of a share it is the same, but for what is rounded."""
    said = [name for name in rule if name.startswith("must")]
    if len(said) != 1:
        return None
    (name,) = said
    raw = rule[name]
    if name == "mustBeBetween":
        ends = [_number(one) for one in raw] if isinstance(raw, list) and len(raw) == 2 else [None]
        low, high = ends[0], ends[-1]
        return None if low is None or high is None or low > high else (low, high)
    value = _number(raw)
    if value is None:
        return None
    match name:
        case "mustBe":
            return value, value
        case "mustBeGreaterThan":
            return (floor(value) + 1 if whole else value), None
        case "mustBeGreaterOrEqualTo":
            return value, None
        case "mustBeLessThan" if value > 0:
            most = ceil(value) - 1 if whole else value
        case "mustBeLessOrEqualTo":
            most = value
        case _:
            return None
    return None if most else 0, most  # nothing is less than none


def _text(rule: dict[str, Any]) -> Statement | None:
    """What an export says in words, since the library has no metric for it."""
    name, said = rule.get("name"), rule.get("description")
    if not isinstance(name, str) or not isinstance(said, str) or name not in MEASURED:
        return None
    begins = f"{MEASURED[name]}: "
    if not said.startswith(begins):
        return None
    value = said.removeprefix(begins)
    if name not in claims.SHARES:
        return _words(name, value)
    share = _SHARE.fullmatch(value)
    return _share(name, float(share[1]) / 100) if share else None


def _measurement(one: dict[str, Any], _: str) -> Statement | None:
    metric, value = _of(one, "isMeasurementOf"), _of(one, "value")
    named = metric.get("@id") if isinstance(metric, dict) else metric
    if not isinstance(named, str) or not named.startswith(METRIC):
        return None
    name = named.removeprefix(METRIC)
    if isinstance(value, dict):
        value = value.get("@value")
    if name not in claims.SHARES:
        return _words(name, value) if name in MEASURED and isinstance(value, str) else None
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    return _share(name, _number(value))


def _words(name: str, value: str) -> Statement | None:
    fits = 0 < len(value) <= _LONGEST_TEXT and value.isprintable()
    return Statement(name, text=value) if fits else None


def _share(name: str, share: float | None) -> Statement | None:
    if share is None or share > 1:
        return None
    of_whole = round(share * claims.WHOLE, 2)
    return Statement(name, least=of_whole, most=of_whole)


def _right(wrong: float | None) -> float | None:
    """Of 10,000, where so many percent are wrong."""
    return None if wrong is None else round(claims.WHOLE * (1 - wrong / 100), 2)


def _number(raw: Any) -> float | None:
    """Nothing here is negative, or more than can be counted."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return raw if 0 <= raw <= _LARGEST else None


def _of(said: dict[str, Any], name: str) -> Any:
    return said.get(f"dqv:{name}", said.get(name))


def _list(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [] if raw is None else [raw]


def _objects(raw: Any) -> list[dict[str, Any]]:
    return [one for one in _list(raw) if isinstance(one, dict)]
