"""Rows cut out of records: whole lines only, read as what they are, bounded whatever they hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.personal import LONGEST_BYTES, looks_personal
from app.domain.sample_rows import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Piece, cut

COLUMNS = ("time", "kw", "note")


def test_partial_lines_are_dropped_and_a_header_is_no_row() -> None:
    pieces = [
        Piece(b"time,kw,note\n1,2.5,a\n2,3", begins=True),
        Piece(b",x\n7,8.5,b\n9,1.5,\xc3\xa9\n10"),
        Piece(b"half,1,c\n11,2,d", ends=True),
    ]
    rows = cut(pieces, COLUMNS)
    assert rows.kind == "table"
    assert rows.header == COLUMNS
    assert rows.rows == (("1", "2.5", "a"), ("7", "8.5", "b"), ("9", "1.5", "é"), ("11", "2", "d"))
    assert (rows.cut, rows.odd, rows.more, rows.unreadable) == (4, 0, 0, 0)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_tables_of_text(delimiter: str) -> None:
    line = delimiter.join(('"a""b, c; d"', "2", "3"))
    rows = cut([Piece(f"x\n{line}\r\n{line}\ny".encode())], COLUMNS)
    assert rows.rows == (('a"b, c; d', "2", "3"),) * 2


def test_lines_without_the_columns_are_told_and_a_few_do_not_spoil_the_table() -> None:
    body = b"0\n1,2,3\n4,5\n6,7,8\n\n9,10,11\n0"
    rows = cut([Piece(body)], COLUMNS)
    assert (len(rows.rows), rows.odd) == (3, 1)
    prose = cut([Piece(b"0\nIt was, they say, night.\nA dog.\nSo.\n0")], COLUMNS)
    assert prose.kind == "text"
    assert prose.rows == (("It was, they say, night.",), ("A dog.",), ("So.",))


def test_json_lines() -> None:
    lines = [json.dumps({"a": n, "b": {"c": "é"}, "d": f"{n}"}) for n in range(3)]
    rows = cut([Piece(("x}\n" + "\n".join(lines) + "\n{").encode())], ())
    assert rows.header == ("a", "b", "d")
    assert rows.rows[1] == ("1", '{"c": "é"}', "1")
    deep = "{" + '"a":' + "[" * 100_000
    assert cut([Piece(("\n" + deep + "\n").encode())], ()).kind == "text"


@pytest.mark.parametrize(
    "data",
    [b"\x89PNG\r\n\x1a\n" + bytes(range(256)), bytes(range(256)) * 9, b"\x07\0\0\0\n\0\0\0" * 9],
)
def test_what_is_no_text_has_no_rows(data: bytes) -> None:
    assert cut([Piece(data)], COLUMNS).kind == "other"
    rows = cut([Piece(data), Piece(b"\n1,2,3\n")], COLUMNS)
    assert (len(rows.rows), rows.unreadable) == (1, 1)


def test_a_character_cut_in_half_and_another_encoding() -> None:
    word = "höher\n"
    data = (word * 3).encode()
    assert cut([Piece(data[2:-2])], ()).rows == (("höher",),)
    assert cut([Piece((word * 3).encode("latin-1"))], ()).rows[0] == ("höher",)


CHINESE = [f"{n},张三李四,北京市朝阳区{n}号" for n in range(40)]


@pytest.mark.parametrize("declared", ["csv gb18030", "", "csv utf-8", "csv nonsense"])
@pytest.mark.parametrize("at", range(5))
def test_rows_of_gb18030_are_read(declared: str, at: int) -> None:
    """Wherever the record begins, and whatever the owner declares of it."""
    data = "\n".join(CHINESE).encode("gb18030")[at:-2]
    rows = cut([Piece(data)], COLUMNS, declared)
    assert rows.rows == tuple(tuple(line.split(",")) for line in CHINESE[1:-1])


@pytest.mark.parametrize("declared", ["csv utf-16", ""])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("at", range(4))
def test_rows_of_utf16_are_read(declared: str, encoding: str, at: int) -> None:
    data = "\n".join(CHINESE).encode(encoding)[at:-3]
    rows = cut([Piece(data)], COLUMNS, declared)
    assert rows.rows == tuple(tuple(line.split(",")) for line in CHINESE[1:-1])


def test_western_rows_stay_western() -> None:
    lines = ["1,Müller,Straße", "2,Šimek é,à la"]
    for encoding, body in (("latin-1", lines[:1]), ("utf-8", lines)):
        rows = cut([Piece("\n".join(["x", *body, "y"]).encode(encoding))], COLUMNS)
        assert rows.rows == tuple(tuple(line.split(",")) for line in body)


def test_everything_is_bounded_and_plain() -> None:
    many = cut([Piece(b"\n" + b"1,2,3\n" * (MOST_ROWS + 7) + b"x")], COLUMNS)
    assert (len(many.rows), many.more) == (MOST_ROWS, 7)
    ((long,),) = cut([Piece(b"\n" + b"y" * 4000 + b"\n")], ()).rows
    assert len(long) == LONGEST_CELL + 1
    ((strange,),) = cut([Piece("\na\u202eb\x1b\n".encode())], ()).rows
    assert strange == "a b"
    wide = ",".join(str(n) for n in range(MOST_COLUMNS + 20))
    rows = cut([Piece(f"\n{wide}\n".encode())], [f"c{n}" for n in range(MOST_COLUMNS)])
    assert len(rows.rows[0]) == len(rows.header) == MOST_COLUMNS


@given(st.lists(st.binary(max_size=300), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_whatever_it_is(data: list[bytes], columns: list[str]) -> None:
    rows = cut([Piece(one) for one in data], columns)
    assert all(len(row) <= max(1, len(rows.header)) for row in rows.rows)


# Personal data


@pytest.mark.parametrize(
    "text",
    [
        "anna.b@example.org",
        "x,anna@mail.example.co.uk,y",
        "+372 5123 4567",
        "call 555-123-4567 now",
        "13912345678",
        "11010519491231002X",
        "123-45-6789",
    ],
)
def test_what_looks_personal(text: str) -> None:
    assert looks_personal(text.encode())
    assert looks_personal(text.encode("utf-16"))
    assert looks_personal(f"a,{text};b\n".encode())
    assert len(text.encode()) < LONGEST_BYTES


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:00:00Z,12.5,calm",
        "2013-01-01 00:51,37.0,-12.45,1018.8",
        "0.13912345678,59.4370,24.7536",
        "id 12345678, 99 1000 10",
        "feeder@42 e@x",
        "1000000000000,1759400000",
        "",
    ],
)
def test_what_does_not(text: str) -> None:
    assert not looks_personal(text.encode())
