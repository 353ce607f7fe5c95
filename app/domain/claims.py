"""What an owner declares about a table's quality, and whether what was received is like that.

The dimensions are those of GB/T 36344-2018 (what ISO/IEC 25012 calls them, `app.domain.catalogue`
says); each has one figure that any app
can work out from the table itself, so that a buyer's app does it again after delivery:

    accuracy       rows that repeat no other one
    completeness   cells that are filled in
    consistency    lines that have the columns of the first one
    timeliness     the latest date in the table
    accessibility  format and encoding
    conformity     filled cells that are of their column's kind

Shares are whole numbers of 10,000, rounded down. An owner may declare any of them or none. They are
the owner's statements (PROTOCOL §2): one that turns out untrue goes into the rating.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal

from app.domain.snapshots.datasets import Claims, Comparison, Profile

DIMENSIONS = (
    "accuracy",
    "completeness",
    "consistency",
    "timeliness",
    "accessibility",
    "conformity",
)
SHARES = ("accuracy", "completeness", "consistency", "conformity")
WHOLE = 10_000
TOLERANCE = 1
"""Of 10,000: what two programs may round differently."""

ESTIMATE_TOLERANCE = 50
"""Of 10,000: where repeated rows are estimated, in tables too long to compare all rows."""

_LONGEST = 40


def measured(profile: Profile) -> Claims:
    """Every dimension of a table, as far as it can be told; none of what is no table."""
    if profile.rows is None or not profile.columns:
        return Claims()
    filled = sum(column.complete for column in profile.columns)
    fitting = sum(column.complete * column.fits for column in profile.columns)
    lines = profile.rows + profile.broken
    return Claims(
        accuracy=None if profile.repeated is None else of_whole(1 - profile.repeated),
        completeness=of_whole(filled / len(profile.columns)) if profile.rows else None,
        consistency=of_whole(profile.rows / lines) if lines else None,
        timeliness=profile.newest,
        accessibility=" ".join(part for part in (profile.format, profile.encoding) if part),
        conformity=of_whole(fitting / filled) if filled else None,
    )


def declared(profile: Profile, undeclared: Collection[str]) -> Claims:
    """All but those the owner left out."""
    return replace(measured(profile), **{name: _NOTHING[name] for name in undeclared})


_NOTHING: dict[str, Any] = asdict(Claims())


def document(claims: Claims) -> dict[str, int | str]:
    """As a listing has them; what is not declared is not there."""
    return {name: said for name, said in asdict(claims).items() if said not in (None, "")}


def read(raw: Any) -> Claims:
    """What a listing declares, whatever it says."""
    if not isinstance(raw, dict):
        return Claims()
    kept: dict[str, Any] = {}
    for name in DIMENSIONS:
        said = raw.get(name)
        if name in SHARES and type(said) is int and 0 <= said <= WHOLE:
            kept[name] = said
        elif name not in SHARES and isinstance(said, str):
            kept[name] = "".join(mark for mark in said[:_LONGEST] if mark.isprintable())
    return Claims(**kept)


def compare(declared: Claims, rows: int | None, profile: Profile) -> tuple[Comparison, ...]:
    """What was declared against what was received, the rows first. What was not declared is not
    compared. Apps used to take the first line for the names whatever it holds: what they declared
    of a table whose names stand elsewhere, or nowhere, may differ by these lines."""
    received = measured(profile)
    lines = []
    moved = profile.head - 1
    if rows is not None:
        same = profile.rows is not None and rows in (profile.rows, profile.rows + moved)
        lines.append(
            Comparison("rows", rows, profile.rows, "same" if same else "differs", tolerance=0)
        )
    for name in DIMENSIONS:
        said, found = getattr(declared, name), getattr(received, name)
        if said in (None, ""):
            continue
        if name not in SHARES:
            lines.append(Comparison(name, said, found, "same" if said == found else "differs"))
            continue
        rough = name == "accuracy" and not profile.repeated_exact
        most = ESTIMATE_TOLERANCE if rough else TOLERANCE
        most += -(-WHOLE * abs(moved) // max(1, profile.rows or 0))
        verdict: Literal["same", "better", "differs"] = "same"
        if found is None or found < said - most:
            verdict = "differs"
        elif found > said + most:
            verdict = "better"
        lines.append(Comparison(name, said, found, verdict, most))
    return tuple(lines)


def suggested(lines: Sequence[Comparison]) -> dict[str, int]:
    """Points (1 to 5) for the criteria of a rating that were measured: five where all is at least
    as declared, less the more is missing. "conformity" there is "as described": the worst of all.
    """
    points = {line.what: _points(line) for line in lines}
    if not points:
        return {}
    named = ("accuracy", "completeness", "consistency", "timeliness")
    return {name: points[name] for name in named if name in points} | {
        "conformity": min(points.values())
    }


def _points(line: Comparison) -> int:
    if line.verdict != "differs":
        return 5
    if not isinstance(line.declared, int) or not isinstance(line.received, int):
        return 2
    missing = abs(line.declared - line.received) / max(1, line.declared)
    return 4 if missing <= 0.001 else 3 if missing <= 0.01 else 2 if missing <= 0.1 else 1


def of_whole(share: float) -> int:
    """``share`` (0…1) of 10,000, rounded down."""
    return min(WHOLE, max(0, int(share * WHOLE + 1e-9)))
