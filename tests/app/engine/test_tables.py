"""Tables are read alike from every format, measured in a process of its own that is shut in, and
what is broken, locked or made to do harm ends only the reading of it."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
import threading
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
import trio
from trio.testing import MockClock

from app.domain import claims, codec
from app.domain.similarity import is_of_pieces, likeness
from app.domain.snapshots.datasets import Profile
from app.engine import profiling
from app.engine.formats import Unreadable
from app.engine.looking import Looking
from app.engine.profiling import profile_content, read_content
from app.engine.sample_giving import holds_personal_data
from app.engine.tables import open_table
from app.store.datasets import OwnDataset
from tests.counts import JUDGED, PROVE

TABLE = [["name", "weight", "n"], ["Šárka", "1.5", "7"], ["", "2.25", "-3"]]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_tables_are_read(tmp_path: Path, work: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "table"
    text = [["姓名", "重量", "数量"], ["张三", "1.5", "7"], ["", "2.25", "-3"]]
    rows = text if encoding == "gb18030" else TABLE
    file.write_text("\n".join(delimiter.join(row) for row in rows), encoding=encoding)
    table = open_table(file, work)
    assert table is not None
    assert list(table.rows()()) == rows
    assert list(table.rows()()) == rows, "from the first row on, each time"
    profile = read_content(file, work)
    assert profile.encoding == encoding.removesuffix("-sig")
    assert (profile.rows, [column.kind for column in profile.columns]) == (
        2,
        ["text", "number", "integer"],
    )
    assert [round(column.complete, 2) for column in profile.columns] == [0.5, 1, 1]


def test_western_text_is_no_chinese(tmp_path: Path, work: Path) -> None:
    file = tmp_path / "table"
    file.write_bytes("\n".join(f"Müller,Straße {n},é" for n in range(9)).encode("latin-1"))
    assert read_content(file, work).encoding == "latin-1"


def parquet(file: Path, rows: int = 2) -> Path:
    duckdb.connect(":memory:").execute(
        f"""COPY (SELECT CASE WHEN i % 2 = 0 THEN 'Šárka' END AS name,
            CASE WHEN i % 2 = 0 THEN 1.5::DOUBLE ELSE 2.25 END AS weight, i % 2 = 0 AS fine,
            CASE WHEN i % 2 = 0 THEN TIMESTAMPTZ '2013-01-01 05:00:00+00' END AS at
            FROM range({rows}) r(i)) TO '{file}' (FORMAT parquet)"""
    )
    return file


def test_parquet_is_read_as_text(tmp_path: Path, work: Path) -> None:
    file = parquet(tmp_path / "table.parquet")
    table = open_table(file, work)
    assert table is not None
    head = ["name", "weight", "fine", "at"]
    at = "2013-01-01 05:00:00+00"
    assert list(table.rows()()) == [head, ["Šárka", "1.5", "true", at], ["", "2.25", "false", ""]]
    kinds = {column.name: column.kind for column in read_content(file, work).columns}
    assert kinds == {"name": "text", "weight": "number", "fine": "yes_no", "at": "date"}


def test_json_and_sheets_are_tables_too(tmp_path: Path, work: Path) -> None:
    said = [{"a": n, "b": f"x{n}", "c'": None if n else "y"} for n in range(20)]
    lines = tmp_path / "lines"
    lines.write_text("\n".join(json.dumps(one) for one in said), encoding="utf-8")
    whole = tmp_path / "array"
    whole.write_text(json.dumps(said, indent=1), encoding="utf-8")
    for file, format in ((lines, "jsonl"), (whole, "json"), (sheet(tmp_path / "s"), "excel")):
        profile = read_content(file, work)
        assert (profile.format, profile.rows, profile.columns[0].kind) == (format, 20, "integer")
        assert [column.name for column in profile.columns] == ["a", "b", "c'"]


OLD = Path(__file__).with_name("old.xls")
"""What `sheet` has, as xlwt 1.3 writes it."""


def test_a_sheet_of_the_time_before_xlsx_is_a_table(tmp_path: Path) -> None:
    profile = profiled(OLD)
    assert (profile.format, profile.rows, profile.problem) == ("excel", 20, "")
    assert [(column.name, column.kind, column.complete) for column in profile.columns] == [
        ("a", "integer", 1.0),
        ("b", "text", 1.0),
        ("c'", "yes_no", 0.05),
    ]
    assert (profile.columns[0].least, profile.columns[0].most) == ("0", "19")
    for keep in (1000, 3000, 5000):
        (tmp_path / "cut.xls").write_bytes(OLD.read_bytes()[:keep])
        assert profiled(tmp_path / "cut.xls").problem == "broken"


BROKEN = '{"a": 1, "b": "x'


@pytest.mark.parametrize(
    ("at", "broken"),
    [
        *((at, BROKEN) for at in (0, 3, 6500)),
        *((6500, broken) for broken in ("no", "[1, 2]", "7", "null")),
        *((3, broken) for broken in ("no", "[1, 2]", "7", "null", '"x"', "true")),
        (0, "null"),
        (0, "7"),
    ],
)
def test_broken_lines_of_json_are_left_out_and_counted(
    tmp_path: Path, work: Path, at: int, broken: str
) -> None:
    lines = [json.dumps({"a": n, "b": f"x{n}"}) for n in range(7000)]
    lines[at] = lines[at + 9] = broken
    (tmp_path / "lines").write_text("\n".join(lines), encoding="utf-8")
    profile = read_content(tmp_path / "lines", work)
    assert (profile.format, profile.rows, profile.broken) == ("jsonl", 6998, 2)
    assert [(c.name, c.kind, c.complete) for c in profile.columns] == [
        ("a", "integer", 1.0),
        ("b", "text", 1.0),
    ]
    assert profile.repeated == 0
    assert claims.measured(profile).consistency == 9997


def test_objects_with_many_names_stay_rows(tmp_path: Path, work: Path) -> None:
    file = tmp_path / "lines.jsonl"
    lines = [json.dumps({"a": n, "b": f"x{n}", f"k{n}": 1}) for n in range(3000)]
    file.write_text("\n".join(lines), encoding="utf-8")
    profile = read_content(file, work)
    assert (profile.format, profile.rows, profile.columns_found) == ("jsonl", 3000, 3002)
    assert [(c.name, c.complete) for c in profile.columns[:2]] == [("a", 1), ("b", 1)]
    assert len(profile.columns) == 300
    assert profile.sketch
    file.write_text('{"a": {}, "b": [0, 1]}\n{}\n' * 9, encoding="utf-8")
    assert (read_content(file, work).format, profile.rows) == ("jsonl", 3000)
    file.write_text("{}\n" * 90 + '{"a", "b"}\n' * 9, encoding="utf-8")
    assert read_content(file, work).format == "text", "and not of CSV"


def test_what_is_measured(tmp_path: Path, work: Path) -> None:
    file = tmp_path / "table.csv"
    rows = [f"{n % 50},2024-0{1 + n % 9}-11,AB-{n % 50:03d},{n % 50 / 4}" for n in range(100)]
    rows[7] = "x,2024-01-11,AB-001,NA"
    rows += ["too,few", "1,2024-01-01,AB-111,1,too many"]
    file.write_text("\n".join(["n,day,code,value", *rows]) + "\n", encoding="utf-8")
    profile = read_content(file, work)
    assert (profile.rows, profile.broken, profile.columns_found) == (100, 2, 4)
    number, day, code, value = profile.columns
    assert (number.kind, number.fits, number.least, number.most) == ("integer", 0.99, "0", "49")
    assert (day.least, day.most, profile.newest) == ("2024-01-11", "2024-09-11", "2024-09-11")
    assert code.shape == "AA-999"
    assert code.different is not None
    assert abs(code.different - 50) < 4
    assert value.complete == 0.99
    assert value.quantiles[2].startswith("6.")
    assert profile.repeated == 0


def test_repeated_rows_and_dates_as_others_write_them(tmp_path: Path, work: Path) -> None:
    file = tmp_path / "table.csv"
    rows = [f"{n % 5};{13 + n % 5}/02/2024;{n % 5},5" for n in range(20)]
    file.write_text("\n".join(["n;day;value", *rows]), encoding="utf-8")
    profile = read_content(file, work)
    assert profile.repeated == 0.75
    assert profile.newest == "2024-02-17"
    assert (profile.columns[2].kind, profile.columns[2].most) == ("number", "4.5")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_table_without_a_header_publishes_nobody(
    tmp_path: Path, work: Path, encoding: str
) -> None:
    people = [f"{'张李'[n % 2]}三,1563850{n:04d},a{n}@qq.com,{n * 7}" for n in range(300)]
    (tmp_path / "table.csv").write_text("\n".join([*people, "x,y"]), encoding=encoding)
    table = open_table(tmp_path / "table.csv", work)
    assert table is not None
    profile = read_content(tmp_path / "table.csv", work)
    assert (profile.rows, profile.broken, profile.head) == (300, 1, 0)
    assert [column.name for column in profile.columns] == [f"column {n}" for n in range(1, 5)]
    head, first, *_ = table.rows()()
    assert (head, first) == ([column.name for column in profile.columns], people[0].split(","))
    wide = (",".join(f"{n / 7 + row:.3f}" for n in range(1200)) for row in range(4))
    (tmp_path / "wide.csv").write_text("\n".join(wide))
    profile = read_content(tmp_path / "wide.csv", work)
    assert (profile.rows, profile.columns[0].name) == (4, "column 1")


def test_a_title_above_a_sheet_is_no_name(tmp_path: Path, work: Path) -> None:
    made = sheet(tmp_path / "s.xlsx", above=(["2023 年度报表", "", ""], ["", "", "万元"]))
    profile = read_content(made, work)
    assert ([c.name for c in profile.columns], profile.rows) == (["a", "b", "c'"], 20)
    assert (profile.head, profile.columns[0].kind) == (3, "integer")


@pytest.mark.parametrize(
    ("above", "head"),
    [
        ("2023 年度报表\n", 2),
        ("2023 年度报表\n\n", 3),
        ("2023 年度报表;;\n;;万元\n", 3),
        ('"Two lines\nof one title"\n', 2),
        ('The "best" of it\n', 2),
        ("\n", 2),
    ],
)
@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\r\n"), ("gb18030", "\n")])
def test_a_title_above_rows_of_text_is_no_name(
    tmp_path: Path, work: Path, above: str, head: int, encoding: str, end: str
) -> None:
    rows = "".join(f"{n};Tallinn {n};{n / 4}\n" for n in range(30))
    text = f"{above}nr;place;speed\n{rows}7;broken\n"
    (tmp_path / "t.csv").write_bytes(text.replace("\n", end).encode(encoding))
    profile = read_content(tmp_path / "t.csv", work)
    assert [column.name for column in profile.columns] == ["nr", "place", "speed"]
    assert [column.kind for column in profile.columns] == ["integer", "text", "number"]
    assert (profile.rows, profile.broken, profile.head) == (30, 1, head)
    table = open_table(tmp_path / "t.csv", work)
    assert table is not None
    names, first, *_ = table.rows()()
    assert (names, first) == (["nr", "place", "speed"], ["0", "Tallinn 0", "0.0"])


def test_a_title_above_a_wide_table_is_no_name(tmp_path: Path, work: Path) -> None:
    lines = [",".join(f"{name}{n}" for n in range(1200)) for name in ("n", "1", "2")]
    (tmp_path / "wide.csv").write_text("\n".join(["Everything", *lines]))
    profile = read_content(tmp_path / "wide.csv", work)
    assert (profile.rows, profile.head, profile.columns[1].name) == (2, 2, "n1")


@pytest.mark.parametrize("text", ["Dear all\nas agreed, thanks\nbye\n", "a\nb\nc\n", "a\n1,2\n"])
def test_lines_without_names_are_no_title(tmp_path: Path, work: Path, text: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    assert read_content(tmp_path / "t.csv", work).columns == ()


# bad input: each in the process that the app uses


def profiled(file: Path) -> Profile:
    profile = trio.run(profile_content, file)
    assert profile is not None
    return profile


def test_what_it_was_shut_in_by_is_kept(tmp_path: Path) -> None:
    held = dict(profiled(parquet(tmp_path / "table")).facts)[profiling.HELD].split()
    assert ("network" in held) == (sys.platform == "linux")
    assert ("limits" in held) == (sys.platform != "win32")


@pytest.mark.parametrize("keep", [4, 200, -1])
def test_a_broken_parquet_file_is_said_to_be_broken(tmp_path: Path, keep: int) -> None:
    whole = parquet(tmp_path / "table.parquet", 2000).read_bytes()
    (tmp_path / "broken").write_bytes(whole[:keep])
    profile = profiled(tmp_path / "broken")
    assert (profile.columns, profile.problem) == ((), "broken")


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"one line without anything", b"\xff\xfe"])
def test_what_is_no_table_has_no_columns(tmp_path: Path, work: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    profile = read_content(tmp_path / "other", work)
    assert (profile.rows, profile.columns, profile.problem) == (None, (), "")


def test_what_can_be_said_of_other_files(tmp_path: Path, work: Path) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (800).to_bytes(4, "big") + b"\0\0\2\x58"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("a.txt", "x" * 1000)
    for content, format, fact in (
        (png, "png", ("pixels", "800 × 600")),
        (packed.getvalue(), "zip", ("unpacked", "1000")),
        (b"Ein Satz.\nNoch einer.", "text", ("lines", "2")),
    ):
        (tmp_path / "file").write_bytes(content)
        profile = read_content(tmp_path / "file", work)
        assert profile.format == format
        assert fact in profile.facts


def test_a_text_full_of_persons_is_told(tmp_path: Path, work: Path) -> None:
    plain = "Nothing but words stands here.\n" * 99
    for text, personal in ((plain, False), (plain + "Ask a.b@example.org.\n", True)):
        (tmp_path / "text").write_text(text)
        facts = dict(read_content(tmp_path / "text", work).facts)
        assert ("personal" in facts) == personal


PERSONS = "customer_name,city\nAlice,Riga\nBob,Tallinn\n"
PLAIN = "place,value\nx,1\ny,2\n"


def test_the_only_table_of_a_folder_is_the_datasets(tmp_path: Path) -> None:
    made = tmp_path / "folder"
    made.mkdir()
    (made / "table.csv").write_text(PERSONS)
    assert [c.personal for c in profiled(made).columns] == ["name", ""]
    (made / "read me.txt").write_text("One table.")
    profile = profiled(made)
    assert (profile.format, profile.rows) == ("csv", 2)
    assert [column.personal for column in profile.columns] == ["name", ""]
    assert profile.facts[:3] == (("files", "2"), ("text", "1"), ("csv", "1"))


def test_every_table_of_a_folder_is_looked_at(tmp_path: Path, work: Path) -> None:
    made = tmp_path / "folder"
    (made / "deep").mkdir(parents=True)
    (made / "one.csv").write_text(PLAIN)
    (made / "deep" / "two.csv").write_text(PLAIN)
    profile = read_content(made, work)
    assert (profile.rows, profile.facts) == (None, (("files", "2"), ("csv", "2")))
    (made / "deep" / "two.csv").write_text(PERSONS)
    assert "personal" in dict(read_content(made, work).facts)
    assert os.listdir(work) == []


def test_what_in_a_folder_could_not_be_looked_into_is_counted(
    tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "folder"
    made.mkdir()
    for number in range(3):
        (made / f"{number}.csv").write_text(PLAIN)
    (made / "locked").write_bytes(b"PARE" + bytes(99))
    assert dict(read_content(made, work).facts)["unseen"] == "1"
    monkeypatch.setattr("app.engine.profiling.MOST_FILES", 2)
    assert dict(read_content(made, work).facts)["unseen"] == "2"


@pytest.mark.parametrize(
    ("profile", "holds"),
    [
        (Profile("other", None, facts=(("files", "2"), ("unseen", "1"))), True),
        (Profile("text", None, facts=(("personal", ""),)), True),
        (Profile("other", None, problem="slow"), True),
        (Profile("other", None, facts=(("files", "2"), ("png", "2"))), False),
    ],
)
def test_what_was_not_looked_at_may_hold_personal_data(profile: Profile, holds: bool) -> None:
    own = OwnDataset("00", "x", 0, None, profile=profile)
    assert holds_personal_data(own) == holds


TRADITIONAL = ["n,縣市,機構,說明"] + [
    f"{n},臺灣省臺北縣,國立圖書館藏書,民國八十年出版的歷史學與經濟學" for n in range(9)
]
SIMPLIFIED = ["n,人,城市,机构"] + [
    f"{n},张三李四,北京市朝阳区,国家图书馆的历史学经济学藏书与书籍" for n in range(9)
]


@pytest.mark.parametrize(
    ("lines", "written", "read"),
    [
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (["25.3 °C,Ärzte", "7,ÄÖÜ é ß"] * 9, "latin-1", "latin-1"),
        (["имя,город,Москва", "Иван,река,озеро"] * 9, "cp1251", "unknown"),
        (["имя,город,Москва", "Иван,река,озеро"] * 9, "koi8-r", "unknown"),
        (["όνομα,πόλη", "Γιώργος,Αθήνα"] * 9, "iso-8859-7", "unknown"),
    ],
)
def test_encodings_are_told_apart(
    tmp_path: Path, work: Path, lines: list[str], written: str, read: str
) -> None:
    (tmp_path / "table").write_bytes("\n".join(lines).encode(written))
    profile = read_content(tmp_path / "table", work)
    assert (profile.format, profile.encoding) == ("csv", read)
    right = lines[0].split(",") == [column.name for column in profile.columns]
    assert right == (read != "unknown")


def test_one_object_is_no_table_and_binary_in_one_is_said(tmp_path: Path, work: Path) -> None:
    (tmp_path / "people.json").write_text(json.dumps({"people": [{"a": 1}, {"a": 2}]}) + "\n")
    assert read_content(tmp_path / "people.json", work).rows is None
    for name, problem in (("table.csv", "binary"), ("table.dat", "")):
        (tmp_path / name).write_bytes(b"a,b\n1,\0\n" * 9)
        assert read_content(tmp_path / name, work).problem == problem


def test_chinese_dates_are_dates(tmp_path: Path, work: Path) -> None:
    rows = [f"{n},2024年{1 + n % 12:02d}月{1 + n % 28}日,2023年{1 + n % 12}月" for n in range(40)]
    (tmp_path / "table").write_text("\n".join(["n,a,b", *rows]), encoding="utf-8")
    profile = read_content(tmp_path / "table", work)
    assert [column.kind for column in profile.columns] == ["integer", "date", "date"]
    assert profile.newest == "2024-12-24"


@pytest.mark.timeout(1800)  # four gigabytes, where all of them are read
def test_a_line_without_end_is_not_read_to_it(tmp_path: Path, work: Path) -> None:
    file = tmp_path / "line"
    with file.open("wb") as made:
        made.write(b"abc," * 1_000_000)
        made.truncate(4 << 30)  # sparse: four gigabytes, hardly any of them on the disk
    with pytest.raises(Unreadable, match="one_line"):
        open_table(file, work)
    if not PROVE:
        os.truncate(file, 3 << 29)  # still more than there is memory; it is read to the end
    assert profiled(file).problem == "one_line"


@pytest.mark.parametrize(
    ("name", "begins", "problem"),
    [
        ("prose.txt", b"Once upon a time, there was. ", ""),
        ("table.csv", b"a,b\n1,", "one_line"),
        ("table", b"a,b\n1,", "one_line"),
    ],
)
def test_what_a_long_line_is_said_to_be(
    tmp_path: Path, work: Path, name: str, begins: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(begins + b"some more words " * 200_000)
    profile = read_content(tmp_path / name, work)
    assert (profile.format, profile.problem) == ("other" if problem else "text", problem)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_lines_that_end_as_on_old_macs(tmp_path: Path, work: Path, encoding: str) -> None:
    lines = ["编号,城市,值", *(f"{n},北京市朝阳区,{n / 4}" for n in range(6000))]
    (tmp_path / "table").write_bytes("\r".join(lines).encode(encoding))
    profile = read_content(tmp_path / "table", work)
    assert (profile.rows, profile.broken, profile.encoding) == (6000, 0, encoding)
    assert [column.name for column in profile.columns] == ["编号", "城市", "值"]


def test_a_sheet_with_one_cell_far_away(tmp_path: Path) -> None:
    for column, row, problem in (("C", "22", ""), ("XFD", "1048576", "too_large")):
        made = sheet(tmp_path / "sheet.xlsx", cell=column, row=row)
        assert profiled(made).problem == problem


def test_a_table_of_ten_thousand_columns(tmp_path: Path) -> None:
    file = tmp_path / "wide"
    line = ",".join(f"{n}" for n in range(10_000))
    file.write_text("\n".join([line] * 4), encoding="utf-8")
    profile = profiled(file)
    assert (profile.columns_found, len(profile.columns), profile.rows) == (10_000, 300, 3)
    file.write_text("\n".join([line + ",x" * 10_001] * 4), encoding="utf-8")
    assert profiled(file).problem == "wide"


def test_bytes_that_are_no_text_within_a_table(tmp_path: Path) -> None:
    file = tmp_path / "binary"
    rows = [f"{n},Šárka {n}".encode() for n in range(40_000)]
    rows[30_000] = b"1," + bytes(range(128, 256))
    file.write_bytes(b"n,text\n" + b"\n".join(rows))
    profile = profiled(file)
    assert (profile.encoding, profile.broken, profile.rows) == ("utf-8", 1, 39_999)


def test_a_sheet_that_unpacks_to_too_much(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(300):
                part.write(b"\0" * (1 << 20))
    assert profiled(bomb).problem == "too_large"


def test_a_sheet_that_says_it_is_small_and_is_not(tmp_path: Path) -> None:
    """The directory of the archive, which names the size, is as foreign as the rest."""
    bomb = sheet(tmp_path / "bomb.xlsx", rows=1_000_000 if JUDGED else 200_000)
    raw, real = bomb.read_bytes(), max(e.file_size for e in zipfile.ZipFile(bomb).infolist())
    assert real > 50 * len(raw)
    bomb.write_bytes(raw.replace(real.to_bytes(4, "little"), (4000).to_bytes(4, "little")))
    assert max(e.file_size for e in zipfile.ZipFile(bomb).infolist()) == 4000
    profile = profiled(bomb)
    assert profile.problem in ("broken", "too_large", "failed")
    assert profile.columns == ()


def test_a_parquet_file_that_unpacks_to_more_than_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.parquet"
    duckdb.connect(":memory:").execute(
        f"""COPY (SELECT repeat('long ', 400) AS text, repeat('wide ', 400) AS more
            FROM range(300000)) TO '{bomb}' (FORMAT parquet, COMPRESSION zstd)"""
    )
    assert bomb.stat().st_size < 1 << 20  # of 1.2 GB, more than there is
    profile = profiled(bomb)
    assert profile.rows == 300_000 or profile.problem in ("too_large", "slow", "failed")


@pytest.mark.parametrize("keep", [40, 600, -200])
def test_a_broken_sheet_is_said_to_be_broken(tmp_path: Path, keep: int) -> None:
    file = sheet(tmp_path / "sheet.xlsx")
    file.write_bytes(file.read_bytes()[:keep])
    profile = profiled(file)
    assert profile.columns == ()
    assert profile.problem == "broken" or ("problem", "broken") in profile.facts


def test_a_file_with_a_password(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    locked = bytearray(sheet(tmp_path / "sheet.xlsx").read_bytes())
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for place in re.finditer(re.escape(mark), bytes(locked)):
            locked[place.start() + at] |= 1  # what says that an entry is encrypted
    for content in (ole, b"PARE" + b"\0" * 100 + b"PARE", bytes(locked)):
        (tmp_path / "locked").write_bytes(content)
        assert profiled(tmp_path / "locked").problem == "encrypted"


def test_a_table_that_is_only_quotes(tmp_path: Path) -> None:
    file = tmp_path / "quotes"
    file.write_text('a,b\n"x,1\n' + 'y"z,2\n' * 50, encoding="utf-8")
    assert profiled(file).problem in ("", "broken")


def sheet(
    file: Path, rows: int = 20, above: tuple[list[str], ...] = (), cell: str = "", row: str = "21"
) -> Path:
    """The smallest spreadsheet there is: a, b and c' over some rows."""
    table = [
        *above,
        ["a", "b", "c'"],
        *([str(n % 20), f"x{n % 20}", "" if n else "y"] for n in range(rows)),
    ]
    cells = "".join(
        "<row>"
        + "".join(
            f"<c><v>{said}</v></c>" if said.isdigit() else f'<c t="str"><v>{said}</v></c>'
            for said in line
        )
        + "</row>"
        for line in table
    )
    if cell:
        cells += f'<row r="{row}"><c r="{cell}{row}"><v>1</v></c></row>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml" '
            f'ContentType="{kind}.sheet.main+xml"/></Types>',
        )
        made.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        made.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" '
            'r:id="r1"/></sheets></workbook>',
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        made.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        )
    return file


LONG = 3_000_000 if PROVE else 200_000


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More rows than can be gone through in passing."""
    file = tmp_path_factory.mktemp("long") / "table.csv"
    with file.open("w", encoding="utf-8") as made:
        made.write("a,b,c\n")
        made.writelines(f"{n * 7919 % 1000003},name {n * n},{n % 9}\n" for n in range(LONG))
    return file


@pytest.mark.timeout(1800)  # millions of rows twice, where all of them are looked at
def test_an_edited_copy_of_a_long_table_is_found_by_its_columns(long: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.tsv"
    with long.open(encoding="utf-8") as lines, copy.open("w", encoding="utf-8") as made:
        for number, line in enumerate(lines):
            if number % 10:
                a, b, c = line.rstrip().split(",")
                made.write(f"{c}\t{b}\t{a}\n")
    one, two = profiled(long), profiled(copy)
    assert one.rows == LONG
    assert not is_of_pieces(one.sketch)
    assert likeness(one.sketch, two.sketch).score > 0.75


def test_cancelling_under_way_ends_the_process_and_leaves_nothing(
    long: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[trio.Process] = []
    plain = trio.run_process

    async def run(*command: Any, task_status: trio.TaskStatus[trio.Process], **how: Any) -> None:
        async with trio.open_nursery() as nursery:
            started.append(await nursery.start(partial(plain, *command, **how)))
            task_status.started(started[0])

    async def cancelled() -> None:
        with trio.CancelScope() as scope:

            def further(done: float) -> None:
                assert done < 1
                assert started[0].poll() is None
                assert len(os.listdir(work)) == 1
                scope.cancel()

            await profile_content(long, work, further)
        assert scope.cancelled_caught, "it was told how far it is"

    monkeypatch.setattr("app.engine.profiling.trio.run_process", run)
    trio.run(cancelled)
    (process,) = started
    assert process.returncode in (-signal.SIGTERM, -signal.SIGKILL), "it did not end by itself"
    assert os.listdir(work) == []


def test_a_profile_is_known_before_its_sketch_and_how_far_it_is(
    tmp_path: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.profiling._TOLD_EVERY_SECONDS", 0)
    file = tmp_path / "table.csv"
    lines = (f"{n * 7919 % 1000003},name {n * n}\n" for n in range(5000))
    file.write_text("a,b\n" + "".join(lines))
    known: list[Profile] = []
    told: list[float] = []

    def keep(profile: Profile) -> None:
        known.append(profile)
        told.append(profiling.MEASURED_SHARE)

    profile = read_content(file, work, told.append, keep)
    assert known == [
        replace(profile, sketch=b"", facts=((profiling.NOT_COMPARED, "columns"),)),
    ]
    assert told == sorted(told)
    # Two passes of 5,000 rows for the sketch, told of at every 1,024th.
    share = 1 - profiling.MEASURED_SHARE
    steps = [profiling.MEASURED_SHARE + share * 1024 * n / 10_000 for n in range(1, 10)]
    assert told[-9:] == pytest.approx(steps)


def test_how_far_it_is_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question to the database begins at nothing, and one that was not asked yet before."""
    monkeypatch.setattr("app.engine.profiling._TOLD_EVERY_SECONDS", 0)
    percent, over, told = iter([-1.0, 30.0, 3.0, 50.0]), threading.Event(), list[float]()

    def further() -> float:
        found = next(percent, None)
        if found is None:
            over.set()
        return found or 0.0

    with profiling.Telling(further, told.append):
        assert over.wait(60)
    assert told[:5] == [0, 0.3, 0.3, 0.5, 0.5]


@pytest.fixture
def unending(monkeypatch: pytest.MonkeyPatch) -> Profile:
    """What the process says before it begins a sketch that is never done."""
    said = Profile("csv", 3, facts=((profiling.NOT_COMPARED, "columns"),))

    async def lines(stream: object) -> AsyncIterator[bytes]:
        yield codec.encode(said).encode()
        clock = trio.lowlevel.current_clock()
        if isinstance(clock, MockClock):
            clock.jump(profiling.SECONDS)
        await trio.sleep_forever()

    monkeypatch.setattr("app.engine.profiling._lines", lines)
    return said


def test_a_table_that_time_does_not_suffice_to_compare_has_its_profile(
    unending: Profile, tmp_path: Path
) -> None:
    """It has no sketch, which is said, and never one of pieces: what is found must not depend on
    the computer."""
    file = parquet(tmp_path / "table")
    assert trio.run(profile_content, file, clock=MockClock()) == unending


@pytest.mark.parametrize("early", [True, False])
def test_who_stops_the_look_keeps_what_is_known(
    unending: Profile, tmp_path: Path, work: Path, early: bool
) -> None:
    looking = Looking(work, lambda: looking.stop("x") if early else None)

    async def stopped() -> Profile | None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stop)
            return await looking.look("x", parquet(tmp_path / "table"))
        raise AssertionError

    async def stop() -> None:
        while not told:
            await trio.lowlevel.checkpoint()
        looking.stop("x")

    told: list[Profile] = [unending] if early else []
    plain = profiling.checked
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("app.engine.profiling.checked", lambda p: told.append(p) or plain(p))
        found = trio.run(stopped)
    assert found == (Profile("other", None, problem="stopped") if early else unending)


def test_a_look_that_takes_too_long_says_so(
    long: Path, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.engine.profiling.SECONDS", 0)
    assert profiled(long).problem == "slow"
    assert os.listdir(work) == []
