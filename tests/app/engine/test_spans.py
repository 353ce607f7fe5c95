"""One cell far away in a sheet asks for all cells before it: each kind of sheet says so first."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.engine import spans
from app.engine.formats import MOST_CELLS
from tests.app.engine.test_tables import profiled

Make = Callable[[Path, Any], Path]

LAST_ROW, LAST_COLUMN = 1_048_575, 16_383
NEAR = {(row, column): f"{row * (column + 1)}" for row in range(20) for column in range(3)}
NEAR |= {(0, column): name for column, name in enumerate("abc")}
FAR = NEAR | {(LAST_ROW, LAST_COLUMN): "x"}


def record(kind: int, body: bytes = b"") -> bytes:
    """MS-XLSB 2.1.4."""
    head = bytes([kind] if kind < 0x80 else [kind & 0x7F | 0x80, kind >> 7])
    length = len(body)
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + body


def wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(file: Path, cells: dict[tuple[int, int], str], between: bytes = b"") -> Path:
    """The smallest binary workbook there is; it says that it has twenty rows of three cells."""
    sheet = record(0x81) + record(0x94, struct.pack("<4I", 0, 19, 0, 2)) + record(0x91)
    begun = -1
    for (row, column), text in sorted(cells.items()):
        if row != begun:
            sheet += between + record(0, struct.pack("<I", row) + bytes(13))
            begun = row
        sheet += record(6, struct.pack("<I", column) + bytes(4) + wide(text))
    sheet += record(0x92) + record(0x82)
    bundle = record(0x9C, struct.pack("<II", 0, 1) + wide("rId1") + wide("S"))
    book = record(0x83) + record(0x8F) + bundle + record(0x90) + record(0x9D, bytes(26))
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.bin", book + record(0x84))
        made.writestr(
            "xl/_rels/workbook.bin.rels",
            '<?xml version="1.0"?><Relationships><Relationship Id="rId1" '
            f'Type="{office}" Target="worksheets/sheet1.bin"/></Relationships>',
        )
        made.writestr("xl/worksheets/sheet1.bin", sheet)
    return file


def ods(file: Path, cells: dict[tuple[int, int], str], behind: str = "") -> Path:
    """The smallest OpenDocument sheet there is; what is empty between cells is said at once."""
    rows, at = [], 0
    for row in sorted({row for row, _ in cells}):
        if row > at:
            rows.append(empty_rows(row - at))
        at, said, column = row + 1, "", 0
        for here in sorted(column for other, column in cells if other == row):
            said += empty_cells(here - column) if here > column else ""
            said += filled(cells[row, here])
            column = here + 1
        rows.append(f"<table:table-row>{said}</table:table-row>")
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        made.writestr("mimetype", kind, zipfile.ZIP_STORED)
        made.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest:manifest/>')
        made.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body>'
            f'<office:spreadsheet><table:table table:name="S">{"".join(rows)}{behind}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return file


def filled(text: str, times: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{times}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def empty_cells(count: int) -> str:
    return f'<table:table-cell table:number-columns-repeated="{count}"/>'


def empty_rows(count: int, cells: str = empty_cells(LAST_COLUMN + 1)) -> str:
    return f'<table:table-row table:number-rows-repeated="{count}">{cells}</table:table-row>'


@pytest.mark.parametrize("made", [xlsb, ods])
def test_one_cell_far_away_is_said_and_costs_nothing(made: Make, tmp_path: Path) -> None:
    near = profiled(made(tmp_path / "near", NEAR))
    assert ([c.name for c in near.columns], near.rows, near.problem) == (["a", "b", "c"], 19, "")
    far = made(tmp_path / "far", FAR)
    assert spans.spans(far) == (LAST_ROW + 1) * (LAST_COLUMN + 1)
    assert profiled(far).problem == "too_large"


@pytest.mark.parametrize("made", [xlsb, ods])
def test_what_a_reader_can_hold_is_read(made: Make, tmp_path: Path) -> None:
    high = MOST_CELLS // 3
    assert spans.spans(made(tmp_path / "most", NEAR | {(high - 1, 2): "x"})) == MOST_CELLS
    more = made(tmp_path / "more", NEAR | {(high, 0): "x"})
    assert profiled(more).problem == "too_large"


def test_empty_cells_up_to_the_edge_of_the_paper_do_not_count(tmp_path: Path) -> None:
    file = ods(tmp_path / "paper", NEAR, behind=empty_rows(LAST_ROW - 20))
    assert (spans.spans(file), profiled(file).rows) == (60, 19)


def test_one_cell_that_is_repeated_without_end_counts_as_often(tmp_path: Path) -> None:
    file = ods(tmp_path / "filled", NEAR, behind=empty_rows(LAST_ROW - 20, filled("x", 16_384)))
    assert profiled(file).problem == "too_large"


def test_records_longer_than_a_piece_hide_nothing(tmp_path: Path) -> None:
    long = record(0x1FF, bytes(3 * spans._PIECE + 7))
    cells = {(0, 0): "a", (70, 5): "x"}
    assert spans.spans(xlsb(tmp_path / "long", cells, long)) == 71 * 6


@pytest.mark.parametrize("made", [xlsb, ods])
def test_what_is_broken_spans_what_was_read(made: Make, tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", FAR)
    name = "content.xml" if made is ods else "xl/worksheets/sheet1.bin"
    with zipfile.ZipFile(whole) as packed:
        sheet = packed.read(name)
    for keep in (0, 1, 9, 60, len(sheet) // 2, len(sheet) - 40):
        with zipfile.ZipFile(tmp_path / "broken", "w") as packed:
            packed.writestr(name, sheet[:keep])
        assert 0 <= spans.spans(tmp_path / "broken") <= (LAST_ROW + 1) * (LAST_COLUMN + 1)


def test_a_sheet_defines_no_entities(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "s.ods", "w") as packed:
        bomb = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><table:table>&c;</table:table>'
        packed.writestr("content.xml", bomb)
    assert spans.spans(tmp_path / "s.ods") == 0
