"""Edited copies of real tables are found, tables that have nothing to do with each other are not.

Each edit is saved as a file and read as the app reads it. Recall is over the edits that leave two
informative columns untouched: more than 256 different values, no dates, no running numbers. Parts
of a table (another airport, month or carrier, other rows) are unrelated tables of the same schema.

Why a sketch is of pairs of columns: beside it two tests make one of single columns, in as many
bytes and compared in the same way (where changes are judged). It finds the copies too, and much
that is none: the columns of two tables of one schema draw their values from the same few.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations, product
from pathlib import Path

import pytest

from app.domain.quality import look
from app.domain.similarity import MAX_PAIRS, MAX_SKETCH_BYTES, SHOWN_FROM, bands, jaccard, likeness
from app.domain.sketching import LEAST_PAIRS, _Values, sketch
from app.domain.snapshots.datasets import Column, Profile
from app.engine.profiling import read_content
from tests.app.domain.edited import IDS, Rows, Table, as_csv, edits, table
from tests.counts import JUDGED


def _read(path: Path) -> Profile:
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    return read_content(path, work)


def _informative(made: Table, profile: Profile) -> set[int]:
    found = set()
    for at, column in enumerate(profile.columns):
        values = {row[at] for row in made.rows} - {"", "NA"}
        if column.kind in ("integer", "number", "text") and len(values) > 256:
            numbers = sorted(map(int, values)) if column.kind == "integer" else []
            if not numbers or numbers[-1] - numbers[0] >= 2 * len(numbers):
                found.add(at)
    return found


@pytest.mark.timeout(1800)  # where all rows are read
def test_edited_copies_are_found(tmp_path: Path) -> None:
    """By comparing, and as candidates among what is registered; at least 0.9 is asked for."""
    counted, kinds, missed, missed_singly = 0, set(), [], []
    for name in IDS:
        made = table(name)
        original = _read(as_csv(tmp_path, made.head, made.rows))
        alone = _singly(original.columns, made.rows) if JUDGED else ()
        assert 0 < len(original.sketch) <= MAX_SKETCH_BYTES < 4096
        informative = _informative(made, original)
        for edit in edits(made, noised=min(informative)):
            if len(informative - edit.touched) < 2:
                continue
            copy = _read(edit.save(tmp_path, edit.head, edit.rows))
            counted += 1
            kinds.add(edit.name)
            score = likeness(original.sketch, copy.sketch).score
            candidate = set(bands(original.sketch)) & set(bands(copy.sketch))
            if score < SHOWN_FROM or not candidate:
                missed.append((name, edit.name, round(score, 2)))
            if JUDGED and _alike_singly(alone, _singly(copy.columns, edit.rows)) < SHOWN_FROM:
                missed_singly.append((name, edit.name))
    assert len(kinds) == 12
    assert counted >= 48
    assert len(missed) <= 0.1 * counted, missed
    print(f"\nrecall {counted - len(missed)} of {counted}", missed)
    if JUDGED:
        assert len(missed) <= len(missed_singly), (missed, missed_singly)
        print(f"  of single columns {counted - len(missed_singly)}", missed_singly)


def test_columns_that_tell_more_do_not_hide_a_copy() -> None:
    """Five were added that have another value in every row."""
    for name in ("airports", "flights", "weather", "breast-cancer"):
        made = table(name)
        chance = random.Random(name)
        head = [*(f"new {n}" for n in range(5)), *made.head]
        rows = [[*(f"{chance.getrandbits(60)}" for _ in range(5)), *row] for row in made.rows]
        original, copy = _sketch(made.head, made.rows), _sketch(head, rows)
        assert likeness(original, copy).score > 0.9, name
        assert set(bands(original)) & set(bands(copy))


def test_shares_of_rows_are_told_within_the_standard_error(tmp_path: Path) -> None:
    made = table("airports")
    whole = _sketch(made.head, made.rows)
    for kept in (0.9, 0.75, 0.6):
        part = _sketch(made.head, made.rows[: int(kept * len(made.rows))])
        assert abs(likeness(whole, part).score - kept) < 3 * 0.045


def _kinds(head: list[str], rows: Rows) -> list[Column]:
    return [
        Column(name, look(name, (row[at] for row in rows[:5000])).kind, 1.0)
        for at, name in enumerate(head)
    ]


def _sketch(head: list[str], rows: Rows) -> bytes:
    return _both(head, rows)[0]


Singly = tuple[bytes, ...]


def _singly(columns: Sequence[Column], rows: Rows) -> Singly:
    """The bins of single columns: those of dates, of yes and no, of running numbers and with 256
    different values or fewer left out, of the others the 28 with most."""
    found = []
    for at, column in enumerate(columns):
        if column.kind not in ("date", "yes_no", "empty"):
            values = _Values()
            values.add([row[at] for row in rows])
            if values.tells() and values.bins.different() >= LEAST_PAIRS:
                found.append(values.bins)
    found.sort(key=lambda bins: -bins.different())
    return tuple(bins.bytes() for bins in found[:MAX_PAIRS])


def _alike_singly(one: Singly, other: Singly) -> float:
    """As `likeness`: the mean of the best that are at least half as alike as the best of all."""
    best = [max((jaccard(mine, theirs) for theirs in other), default=0.0) for mine in one]
    held = [score for score in best if score >= max(best) / 2]
    return sum(held) / len(held) if held else 0.0


Both = tuple[bytes, Singly]


def _both(head: list[str], rows: Rows) -> Both:
    whole, columns = [head, *rows], _kinds(head, rows)
    return sketch(lambda: whole, columns), _singly(columns, rows) if JUDGED else ()


def _parts(name: str, *columns: str) -> list[Both]:
    """The sketches of each part of a table that is alike in these columns."""
    made = table(name, most=None)
    places = [made.head.index(column) for column in columns]
    parts: dict[tuple[str, ...], Rows] = {}
    for row in made.rows:
        parts.setdefault(tuple(row[at] for at in places), []).append(row)
    found = [_both(made.head, rows) for rows in parts.values() if len(rows) > 300]
    return [one for one in found if one[0]]


def _halves(name: str, share: int) -> list[Both]:
    made = table(name)
    return [_both(made.head, made.rows[start::share]) for start in range(share)]


@pytest.mark.timeout(1800)  # as above
def test_unrelated_tables_of_the_same_schema_are_not_found() -> None:
    families = [
        _parts("weather", "origin", "month"),
        _parts("flights", "origin", "month"),
        _parts("flights", "carrier"),
        _halves("airports", 4),
        _halves("planes", 4),
    ]
    twos = [two for family in families for two in combinations(family, 2)]
    scores = [likeness(one, other).score for (one, _), (other, _) in twos]
    singly = [_alike_singly(one, other) for (_, one), (_, other) in twos]
    alarms = [round(score, 2) for score in scores if score >= SHOWN_FROM]
    alarms_singly = sum(score >= SHOWN_FROM for score in singly)
    assert len(scores) > 1300
    assert len(alarms) <= 0.01 * len(scores), alarms
    print(f"\nfalse alarms {len(alarms)} of {len(scores)}, the highest score {max(scores):.2f}")
    if JUDGED:
        assert alarms_singly > 0.01 * len(singly)
        print(f"  of single columns {alarms_singly}, the highest score {max(singly):.2f}")


def test_tables_of_different_kinds_are_not_found() -> None:
    sketches = [_sketch(table(name).head, table(name).rows) for name in IDS]
    for (at, one), (other_at, other) in product(enumerate(sketches), repeat=2):
        assert (likeness(one, other).score >= SHOWN_FROM) == (at == other_at)
