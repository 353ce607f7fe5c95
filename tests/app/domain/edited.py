"""Real tables, and the twelve edits that a copy may have gone through before it is registered."""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from tests.counts import PROVE

ROOT = Path(__file__).parents[2]
WEATHER = ROOT.parent / "resources/samples/nyc-hourly-weather-2013.csv"

MOST_ROWS = None if PROVE else 5000

Rows = list[list[str]]


@dataclass(frozen=True)
class Table:
    """``id`` is the column that tells rows apart, or the first one."""

    name: str
    head: list[str]
    rows: Rows
    id: int


@dataclass(frozen=True)
class Edit:
    """What was made of a table; ``touched`` are the columns whose values are not the same ones."""

    name: str
    head: list[str]
    rows: Rows
    touched: frozenset[int] = frozenset()
    save: Callable[[Path, list[str], Rows], Path] = lambda path, head, rows: as_csv(
        path, head, rows
    )


IDS = {"weather": 0, "airports": 0, "flights": 11, "planes": 0, "penguins": 6, "breast-cancer": 0}


@cache
def table(name: str, most: int | None = MOST_ROWS) -> Table:
    """The first ``most`` rows of a table, all of them if None."""
    if name == "weather":
        text = WEATHER.read_text(encoding="utf-8")
    else:
        text = gzip.decompress((ROOT / f"tables/{name}.csv.gz").read_bytes()).decode()
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    return Table(name, head, rows[:most], IDS[name])


def edits(made: Table, noised: int) -> Iterator[Edit]:
    """All twelve; the last puts noise on the column ``noised``. The same each time."""
    chance = random.Random(made.name)
    head, rows = made.head, made.rows
    width = len(head)

    def changed(name: str, new: Rows, columns: list[str] = head) -> Edit:
        both = list(zip(rows, new, strict=True))
        touched = (at for at in range(width) if any(old[at] != now[at] for old, now in both))
        return Edit(name, columns, new, frozenset(touched))

    shuffled = rows[:]
    chance.shuffle(shuffled)
    yield Edit("rows shuffled", head, shuffled)
    yield Edit("10 % dropped", head, [row for row in rows if chance.random() > 0.1])
    invented = [[chance.choice(rows)[at] for at in range(width)] for _ in range(len(rows) // 10)]
    yield Edit("10 % added", head, rows + invented)
    without = [at for at in range(width) if at != made.id]
    yield Edit("id dropped", *_only(made, without), frozenset({made.id}))
    order = list(range(width))
    chance.shuffle(order)
    yield Edit("columns reordered", *_only(made, order))
    yield Edit("columns renamed", [f"field {at}" for at in range(width)], rows)
    new = [[f"{chance.random():.6f}", *row] for row in rows]
    yield Edit("column added", ["weight", *head], new)
    yield Edit("Parquet", head, rows, save=as_parquet)
    yield Edit("other delimiter", head, rows, save=as_semicolons)
    yield Edit("other encoding", head, rows, save=as_utf16)
    yield changed("floats rounded", [[_rounded(value) for value in row] for row in rows])
    noise = [
        [_noisy(value, chance) if at == noised else value for at, value in enumerate(row)]
        for row in rows
    ]
    yield changed("column noised", noise)


def _only(made: Table, places: list[int]) -> tuple[list[str], Rows]:
    return [made.head[at] for at in places], [[row[at] for at in places] for row in made.rows]


def _rounded(value: str) -> str:
    _, point, part = value.partition(".")
    if not point or not part.isdigit() or len(part) < 3:
        return value
    return f"{float(value):.2f}"


def _noisy(value: str, chance: random.Random) -> str:
    try:
        return f"{float(value) * (1 + chance.gauss(0, 0.05)):.5g}"
    except ValueError:
        return f"{value}{chance.randrange(1000)}" if value else ""


def as_csv(path: Path, head: list[str], rows: Rows) -> Path:
    return _written(path, head, rows, "utf-8", ",")


def as_semicolons(path: Path, head: list[str], rows: Rows) -> Path:
    return _written(path, head, rows, "utf-8", ";")


def as_utf16(path: Path, head: list[str], rows: Rows) -> Path:
    return _written(path, head, rows, "utf-16", "\t")


def _written(path: Path, head: list[str], rows: Rows, encoding: str, delimiter: str) -> Path:
    file = path / f"table{len(list(path.iterdir()))}.csv"
    with file.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows([head, *rows])
    return file


def as_parquet(path: Path, head: list[str], rows: Rows) -> Path:
    """Typed as a program would: whole numbers, other numbers, text; what is missing is null."""
    file = path / f"table{len(list(path.iterdir()))}.parquet"
    columns = [_column([row[at] for row in rows]) for at in range(len(head))]
    names = [f'"{name.replace(chr(34), 2 * chr(34))}"' for name in head]
    database = duckdb.connect(":memory:")
    kinds = ", ".join(f"{name} {kind}" for name, (kind, _) in zip(names, columns, strict=True))
    database.execute(f"CREATE TABLE made ({kinds})")
    lists = ", ".join(f"unnest(?::{kind}[])" for kind, _ in columns)
    database.execute(f"INSERT INTO made SELECT {lists}", [values for _, values in columns])
    database.execute(f"COPY made TO '{file}' (FORMAT parquet)")
    return file


def _column(values: list[str]) -> tuple[str, list[str | int | float | None]]:
    some = [None if value in ("", "NA") else value for value in values]
    for kind, read in (("BIGINT", int), ("DOUBLE", float)):
        try:
            return kind, [None if value is None else read(value) for value in some]
        except ValueError:
            continue
    return "VARCHAR", list(some)
