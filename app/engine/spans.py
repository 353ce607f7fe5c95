"""How many cells a spreadsheet's largest sheet spans, by the cells that are there.

A reader holds all cells between the first and the last one, so that one cell far away asks for more
memory than there is. What a sheet says of its own size need not be so; its cells are looked
through, a piece at a time: XML of .xlsx and .ods, records of .xlsb (MS-XLSB 2.1.4, 2.5.11). What is
broken spans what was read of it, and is the reader's to refuse. The tags are told by the prefix
that all programs write, as the reader does.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO
from xml.parsers import expat

_CELL = re.compile(rb"<(?:c|row)\s(?:[^>]{0,80}\s)?r=[\"']([A-Z]{0,3})([0-9]{1,7})[\"']")
_LONGEST_CELL = 120
_PIECE = 1 << 20
_ROW, _LAST_CELL = 0, 11
"""Of the records of a sheet: a row begins; 1 to 11 are its cells."""
_LONGEST_HEAD = 10
"""Of a record: type, length, and where a row or cell stands."""
_VALUES = ("office:value-type", "table:formula", "calcext:value-type")


def spans(path: Path) -> int:
    """0 of other files, and of broken ones."""
    most = 0
    try:
        with zipfile.ZipFile(path) as packed:
            for entry in packed.infolist():
                look = _look(entry.filename)
                if look is not None:
                    with packed.open(entry) as sheet:
                        most = max(most, look(sheet))
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error):
        pass
    return most


def _look(name: str) -> Callable[[IO[bytes]], int] | None:
    if name == "content.xml":
        return _opendocument
    if re.fullmatch(r"xl/worksheets/[^/]+\.xml", name):
        return _xml
    if re.fullmatch(r"xl/worksheets/[^/]+\.bin", name):
        return _binary
    return None


def _xml(sheet: IO[bytes]) -> int:
    wide = high = 0
    rest = b""
    while piece := sheet.read(_PIECE):
        text = rest + piece
        found = _CELL.findall(text)
        wide = max(wide, *map(_place, {column for column, _ in found}), 0)
        high = max(high, *map(int, {row for _, row in found}), 0)
        rest = text[-_LONGEST_CELL:]
    return wide * high


def _place(column: bytes) -> int:
    """Of A, B, … Z, AA, AB, …"""
    place = 0
    for letter in column:
        place = 26 * place + letter - 64
    return place


def _binary(sheet: IO[bytes]) -> int:
    """Each record is a type, a length, both in bytes of seven bits, and so many bytes; those of
    rows and cells begin with where they stand, four bytes, little-endian."""
    wide = high = row = at = 0
    text = b""
    while piece := sheet.read(_PIECE):
        text, at = text[at:] + piece, max(0, at - len(text))
        while at + _LONGEST_HEAD <= len(text):
            kind, at = _number(text, at, 2)
            length, at = _number(text, at, 4)
            place = int.from_bytes(text[at : at + 4], "little") + 1
            if kind == _ROW:
                row = place
            elif kind <= _LAST_CELL:
                wide, high = max(wide, place), max(high, row)
            at += length
    return wide * high


def _number(text: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of ``most`` bytes at most, the lowest first, and where it ends."""
    number = 0
    for shift in range(0, 7 * most, 7):
        byte = text[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
    return number, at


def _opendocument(content: IO[bytes]) -> int:
    """Of the sheet with the most. Empty cells and rows behind the last one that is filled do not
    count: programs write them up to where the paper ends."""
    sheets = _Sheets()
    parser = expat.ParserCreate()
    parser.StartElementHandler = sheets.begin
    parser.StartDoctypeDeclHandler = _refuse  # no entities
    try:
        while piece := content.read(_PIECE):
            parser.Parse(piece, False)
    except (expat.ExpatError, ValueError):
        pass
    return sheets.most


def _refuse(*_: object) -> None:
    raise ValueError("a sheet has no document type")


class _Sheets:
    def __init__(self) -> None:
        self.most = 0
        self._wide = self._high = self._row = self._rows = self._column = self._columns = 0

    def begin(self, name: str, says: dict[str, str]) -> None:
        if name == "table:table":
            self._wide = self._high = self._row = self._rows = 0
        elif name == "table:table-row":
            self._row += self._rows
            self._rows = int(says.get("table:number-rows-repeated", "1"))
            self._column = self._columns = 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._column += self._columns
            self._columns = int(says.get("table:number-columns-repeated", "1"))
            if any(one in says for one in _VALUES):
                self._filled()
        elif name == "text:p":
            self._filled()

    def _filled(self) -> None:
        self._wide = max(self._wide, self._column + self._columns)
        self._high = max(self._high, self._row + self._rows)
        self.most = max(self.most, self._wide * self._high)
