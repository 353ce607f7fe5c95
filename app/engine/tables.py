"""Opening a table of any format that is read here, as rows of text: the first one is the names.

CSV, TSV and their like in the usual encodings, and Parquet. What a cell says is the same in each,
so that a table that was saved in another format is still recognised.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from app.domain.sketching import Rows

SNIFFED_BYTES = 64 * 1024
MAX_FIELD_CHARACTERS = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PARQUET = b"PAR1"


def rows_of(path: Path) -> Rows | None:
    """Reads the table's rows anew at each call; None if it is none. OSError if it cannot be read.

    What is broken within CSV ends the rows there.
    """
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if head.startswith(_PARQUET):
        return lambda: _parquet(path)
    encoding = _encoding(head)
    if encoding is None:
        return None
    try:
        dialect = csv.Sniffer().sniff(head.decode(encoding, "ignore"), delimiters=",;\t|")
    except csv.Error:
        return None
    return lambda: _csv(path, encoding, dialect)


def _csv(path: Path, encoding: str, dialect: type[csv.Dialect]) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        try:
            yield from csv.reader(text, dialect)
        except csv.Error:
            return


def _encoding(head: bytes) -> str | None:
    if head.startswith(_BYTE_ORDER_MARKS):
        return "utf-16"
    if b"\x00" in head:
        return None
    for encoding in ENCODINGS:
        try:
            # The last character may be cut in two by the end of what was read.
            head[: max(len(head) - 4, 0)].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def _parquet(path: Path) -> Iterator[list[str]]:
    """In a process of its own only: the library ends the process over some broken files."""
    from arro3.io import read_parquet

    batches = read_parquet(path)
    yield [str(name) for name in batches.schema.names]
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        for row in zip(*columns, strict=True):
            yield [_cell(value) for value in row]


def _cell(value: Any) -> str:
    """As it would stand in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
