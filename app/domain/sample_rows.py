"""Rows cut out of records: what a person can read in a sample.

A record is 4,064 bytes from the middle of a file. Its first and last line belong partly to its
neighbours and are dropped, but for those where the file begins and ends. What is left is read as
JSON lines, as a table if the listing names its columns, or as text, in the encoding that the
listing declares or else in the one it seems to be in. Anything else has no rows. It is anyone's
data: lengths are bounded, and characters that are not to be seen are taken out.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from app.domain import encodings
from app.domain.snapshots.samples import SampleRows

MOST_ROWS = 200
MOST_COLUMNS = 60
LONGEST_CELL = 200
_DELIMITERS = (",", ";", "\t", "|")
_TEXT_CONTROLS = frozenset("\t\n\r\f\v\x1b")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one record holds of the files; ``begins``, ``ends``: where a file does, if known."""

    data: bytes
    begins: bool = False
    ends: bool = False


def cut(pieces: Sequence[Piece], columns: Sequence[str], accessibility: str = "") -> SampleRows:
    """The rows of all pieces, in their order. ``columns`` and ``accessibility`` (format and
    encoding) are those of the listing."""
    declared = accessibility.rpartition(" ")[2]
    lines: list[str] = []
    dropped = unreadable = 0
    for piece in pieces:
        whole, lost = _lines(piece, declared)
        if whole is None:
            unreadable += 1
            continue
        lines += whole
        dropped += lost
    lines = [line for line in lines if line.strip()]
    found = (
        _json_lines(lines, dropped)
        or _table(lines, columns, dropped)
        or SampleRows(
            "text" if lines else "other",
            rows=tuple((_cell(line),) for line in lines[:MOST_ROWS]),
            cut=dropped,
            more=max(0, len(lines) - MOST_ROWS),
        )
    )
    return replace(found, unreadable=unreadable)


def _lines(piece: Piece, declared: str) -> tuple[list[str] | None, int]:
    """(the whole lines, how many were dropped); None if it is no text."""
    text = _text(piece, declared)
    if text is None:
        return None, 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    dropped = 0
    if not piece.begins:
        lines, dropped = lines[1:], dropped + 1
    if lines and not piece.ends:
        lines, dropped = lines[:-1], dropped + 1
    return lines, dropped


def _text(piece: Piece, declared: str) -> str | None:
    """None if it is no text."""
    data = piece.data
    likely = encodings.detected([encodings.whole_lines(data, begins=piece.begins)])
    for encoding in dict.fromkeys((declared, likely, "latin-1")):
        if encoding == "utf-16" or (b"\0" in data and declared not in encodings.NAMES):
            return _utf16(data)
        text = _decoded(data, encoding) if encoding in encodings.NAMES else None
        if text is not None:
            return text.removeprefix("\ufeff") if _is_text(text) else None
    return None


def _decoded(data: bytes, encoding: str) -> str | None:
    """Also where a character is cut at either end."""
    for start in range(4):
        for end in range(len(data), max(start, len(data) - 4), -1):
            try:
                return data[start:end].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None if data else ""


def _utf16(data: bytes) -> str | None:
    """A record may begin within a character, and its mark of the byte order stands elsewhere: what
    has the most of ASCII, as line ends and delimiters are, is right."""
    if not data.count(b"\0"):
        return None
    found = [
        text
        for start in (0, 1)
        for encoding in ("utf-16-le", "utf-16-be")
        if (text := _decoded(data[start : len(data) - (len(data) - start) % 2], encoding))
        and _is_text(text.removeprefix("\ufeff"))
        and "\n" in text
    ]
    best = max(found, key=lambda text: sum(c < "\x80" for c in text), default=None)
    return None if best is None else best.removeprefix("\ufeff")


def _is_text(text: str) -> bool:
    """Whether it has no control characters: neither those of ASCII nor those of Latin-1."""
    return not any((c < " " and c not in _TEXT_CONTROLS) or "\x7f" <= c <= "\x9f" for c in text)


def _json_lines(lines: Sequence[str], dropped: int) -> SampleRows | None:
    objects: list[dict[str, object]] = []
    for line in lines:
        try:
            value = json.loads(line) if line.lstrip()[:1] == "{" else None
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            objects.append(value)
    if not objects or len(objects) * 2 < len(lines):
        return None
    names = list(dict.fromkeys(name for one in objects for name in one))[:MOST_COLUMNS]
    return SampleRows(
        "table",
        tuple(_cell(name) for name in names),
        tuple(tuple(_json_cell(one, name) for name in names) for one in objects[:MOST_ROWS]),
        dropped,
        odd=len(lines) - len(objects),
        more=max(0, len(objects) - MOST_ROWS),
    )


def _json_cell(one: dict[str, object], name: str) -> str:
    value = one.get(name, "")
    return _cell(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _table(lines: Sequence[str], columns: Sequence[str], dropped: int) -> SampleRows | None:
    if len(columns) < 2:
        return None
    best: list[list[str]] = []
    for delimiter in _DELIMITERS:
        rows = [row for row in _rows(lines, delimiter) if _fits(row, columns)]
        if len(rows) > len(best):
            best = rows
    rows = [row for row in best if [cell.strip() for cell in row[: len(columns)]] != [*columns]]
    if len(best) * 2 < len(lines) or not rows:
        return None
    return SampleRows(
        "table",
        tuple(_cell(name) for name in columns[:MOST_COLUMNS]),
        tuple(tuple(_cell(cell) for cell in row[:MOST_COLUMNS]) for row in rows[:MOST_ROWS]),
        dropped,
        odd=len(lines) - len(best),
        more=max(0, len(rows) - MOST_ROWS),
    )


def _fits(row: Sequence[str], columns: Sequence[str]) -> bool:
    """A listing names no more than `MOST_COLUMNS`."""
    return len(row) == len(columns) or len(row) > len(columns) == MOST_COLUMNS


def _rows(lines: Sequence[str], delimiter: str) -> Iterable[list[str]]:
    """Line by line: a quote that is not closed in its line must not swallow the next."""
    for line in lines:
        try:
            yield next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            yield []


def _cell(text: str) -> str:
    text = text.strip()[: LONGEST_CELL + 1]
    shown = "".join(c if c.isprintable() else " " for c in text).strip()
    return shown if len(shown) <= LONGEST_CELL else shown[:LONGEST_CELL] + "…"
