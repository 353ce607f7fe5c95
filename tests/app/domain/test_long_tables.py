"""Of a long table the profile says which columns are compared: its copies are found all the same,
whether they are long ones too or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.domain import sketching
from app.domain.similarity import SHOWN_FROM, bands, likeness
from app.domain.snapshots.datasets import Column, Profile
from app.engine.profiling import read_content
from tests.app.domain.edited import IDS, as_csv, edits, table


def _read(path: Path) -> Profile:
    work = path.parent / "work"
    work.mkdir(exist_ok=True)
    return read_content(path, work)


@pytest.mark.parametrize("name", ["weather", "airports"])
def test_edited_copies_of_long_tables_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    made = table(name, most=1500)
    counted = _read(as_csv(tmp_path, made.head, made.rows)).sketch
    compared = 0
    monkeypatch.setattr(sketching, "LONG_ROWS", 1000)
    profiled = _read(as_csv(tmp_path, made.head, made.rows)).sketch
    missed = []
    for edit in edits(made, noised=(IDS[name] + 1) % len(made.head)):
        copy = _read(edit.save(tmp_path, edit.head, edit.rows)).sketch
        for original in (counted, profiled):
            found = set(bands(original)) & set(bands(copy))
            score = likeness(original, copy).score
            compared += 1
            if score < SHOWN_FROM or not found:
                missed.append((edit.name, round(score, 2)))
    assert len(missed) <= 0.1 * compared, missed


def test_a_long_table_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0
    rows = [["a", "b", "n"], *([f"x{n}", f"y{n * 7}", f"{n}"] for n in range(600))]

    def lines() -> list[list[str]]:
        nonlocal read
        read += 1
        return rows

    columns = (
        Column("a", "text", 1.0, different=600),
        Column("b", "text", 1.0, different=600),
        Column("n", "integer", 1.0, different=600, least="0", most="599"),
    )
    whole = sketching.sketch(lines, columns, 600)
    assert (len(whole) > 0, read) == (True, 2)
    monkeypatch.setattr(sketching, "LONG_ROWS", 600)
    assert sketching.sketch(lines, columns, 600) == whole, "running numbers are left out, too"
    assert read == 3
