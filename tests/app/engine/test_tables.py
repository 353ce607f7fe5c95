"""Tables are read alike from every format, and what is broken ends only the reading of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import arro3.core
import arro3.io
import pytest
import trio

from app.engine.profiling import profile_content, read_table
from app.engine.tables import rows_of

TABLE = [["name", "weight", "n"], ["Šárka", "1.5", "7"], ["", "2.25", "-3"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_tables_are_read(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "table"
    file.write_text("\n".join(delimiter.join(row) for row in TABLE), encoding=encoding)
    rows = rows_of(file)
    assert rows is not None
    assert list(rows()) == TABLE
    assert list(rows()) == TABLE, "from the first row on, each time"


def parquet(file: Path, rows: int = 2) -> Path:
    array, kind = arro3.core.Array, arro3.core.DataType
    columns = {
        "name": array(["Šárka", None] * (rows // 2), type=kind.utf8()),
        "weight": array([1.5, 2.25] * (rows // 2), type=kind.float64()),
        "fine": array([True, False] * (rows // 2), type=kind.bool()),
        "at": array([1_357_016_400, None] * (rows // 2), type=kind.int64()).cast(
            kind.timestamp("s", tz="UTC")
        ),
    }
    made = arro3.core.Table.from_arrays(list(columns.values()), names=list(columns))
    arro3.io.write_parquet(made, file)
    return file


def test_parquet_is_read_as_text(tmp_path: Path) -> None:
    rows = rows_of(parquet(tmp_path / "table.parquet"))
    assert rows is not None
    at = datetime(2013, 1, 1, 5, tzinfo=UTC).isoformat()
    head = ["name", "weight", "fine", "at"]
    assert list(rows()) == [head, ["Šárka", "1.5", "true", at], ["", "2.25", "false", ""]]
    profile = read_table(tmp_path / "table.parquet")
    assert profile is not None
    kinds = {column.name: column.kind for column in profile.columns}
    assert kinds == {"name": "text", "weight": "number", "fine": "yes_no", "at": "date"}


@pytest.mark.parametrize("keep", [4, 5, 200, -1])
def test_a_broken_parquet_file_is_no_table(tmp_path: Path, keep: int) -> None:
    """The library may end the process it runs in: it runs in one of its own."""
    whole = parquet(tmp_path / "table.parquet", 2000).read_bytes()
    (tmp_path / "broken").write_bytes(whole[:keep])
    assert trio.run(profile_content, tmp_path / "broken") is None
    assert trio.run(profile_content, tmp_path / "table.parquet") is not None


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"one line without anything", b"\xff\xfe"])
def test_what_is_no_table_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    assert read_table(tmp_path / "other") is None
