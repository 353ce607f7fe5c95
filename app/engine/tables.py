"""Opening a table of any format that is read here, for DuckDB and as rows of text.

CSV, TSV and their like in the usual encodings, JSON lines and JSON arrays, Parquet, Excel and
OpenDocument sheets. What a cell says is the same in each, so that a table that was saved in another
format is still recognised. In the confined process only (`app.engine.confinement`): the files are
foreign.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain import encodings, heading
from app.domain.sketching import Rows
from app.engine.formats import Unreadable, sheet_problem

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HEAD_BYTES = 64 * 1024
LINE_BYTES = 2_000_000
"""The longest row of a text table that is read, and the longest JSON object."""
MAX_FIELD_CHARACTERS = 1 << 20
MAX_COLUMNS = 20_000
MEASURED_COLUMNS = 300
"""Of a wider table the first ones are measured; how many there are is said."""

NARROW_COLUMNS = 1000
"""DuckDB holds 2,048 rows of all columns at once: of a wider text table a narrow copy is made."""
MOST_REJECTS = 100_000
"""So many broken lines are counted, no more."""

MEMORY = "384MiB"
"""What DuckDB may hold; the process as a whole is bounded by `confinement.MEMORY_BYTES`."""
_LOOKS = 16
_LOOKED_AT = 5000
"""Lines of JSON whose names become columns."""

_TEXTS = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson")
_PROSE = (".txt", ".md", ".log", ".xml", ".html", ".htm")
_FIRST_LINES = 20
_FIRST_ROWS = 200
"""Rows by which the delimiter is told, and whether the first of them are names."""
_DELIMITERS = ",;\t|"
_AGREEING = 0.7
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_PARQUET, _PARQUET_ENCRYPTED = b"PAR1", b"PARE"


@dataclass(frozen=True, slots=True)
class Table:
    """``source`` is what DuckDB selects from; its columns are c0, c1 … as ``names`` names them, all
    text. ``text``: a file of rows with this ``delimiter``, the names in the first of them that is
    not in ``above``, unless ``head`` is 0. Some rows may be broken; then ``passes`` are what counts
    them, the second if the file does not keep to the CSV standard. ``broken`` asks how many lines
    are left out or, of JSON lines, are rows of nothing."""

    database: DuckDBPyConnection
    format: str
    names: tuple[str, ...]
    source: str
    bytes: int
    encoding: str = ""
    delimiter: str = ""
    text: Path | None = None
    passes: tuple[str, ...] = ()
    broken: str = ""
    head: int = 1
    """So many of the first lines are no rows: 0 if none of them names the columns, more than one
    if something stands above the names."""
    above: int = 0
    """So many rows of ``text`` stand above the names there."""

    def rows(self) -> Rows:
        """The table's rows anew at each call; the first is the names. What is broken within CSV
        ends the rows there."""
        return self._lines if self.text else self._selected

    def _lines(self) -> Iterator[list[str]]:
        assert self.text
        csv.field_size_limit(MAX_FIELD_CHARACTERS)
        if not self.head:
            yield list(self.names)
        with self.text.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            try:
                yield from islice(csv.reader(text, delimiter=self.delimiter), self.above, None)
            except csv.Error:
                return

    def _selected(self) -> Iterator[list[str]]:
        yield list(self.names)
        cursor = self.database.cursor().execute(f"SELECT * FROM {self.source}")
        while rows := cursor.fetchmany(4096):
            for row in rows:
                yield ["" if cell is None else cell for cell in row]


def open_table(path: Path, work: Path) -> Table | None:
    """None if it is no table; `Unreadable` says why one cannot be read. ``work`` is an empty folder
    where a copy may be made. OSError if the file cannot be read."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(_PARQUET_ENCRYPTED):
        raise Unreadable("encrypted")
    if head.startswith(_PARQUET):
        return _parquet(path, work)
    problem = sheet_problem(path, head)
    if problem is not None:
        if problem:
            raise Unreadable(problem)
        return _sheet(path, work)
    encoding = _encoding(path)
    if encoding is None:
        if b"\0" in head and path.suffix.lower() in _TEXTS:
            raise Unreadable("binary")
        return None
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n", _FIRST_LINES)[:_FIRST_LINES]
    if first[0][:1] == b"[" or any(line.lstrip()[:1] == b"{" for line in first):
        found = _json(path, work, head)
        if found is not None or _objects(head, alone=path.stat().st_size <= len(head)):
            return found  # objects are never rows of text
    return _delimited(path, work, encoding)


def quoted(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def _connect(work: Path, *files: Path) -> DuckDBPyConnection:
    """A database in memory that reads these files and nothing else."""
    import duckdb

    database = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": MEMORY,
            "threads": "2",
            "preserve_insertion_order": "true",
            "temp_directory": str(work),
            "max_temp_directory_size": "8GiB",
        },
    )
    paths = ", ".join(quoted(str(file)) for file in files)
    for setting in (
        f"allowed_paths = [{paths}]",
        "enable_external_access = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "TimeZone = 'UTC'",
        "enable_progress_bar = true",
        "enable_progress_bar_print = false",
        "lock_configuration = true",
    ):
        database.execute(f"SET {setting}")
    return database


def _named(database: DuckDBPyConnection, names: Iterable[str], source: str) -> str:
    """The columns of a source as c0, c1 …, all text."""
    named = (f'"{name.replace(chr(34), 2 * chr(34))}"' for name in names)
    columns = ", ".join(f"{name}::VARCHAR AS c{at}" for at, name in enumerate(named))
    return f"(SELECT {columns} FROM {source})"


def _described(database: DuckDBPyConnection, source: str) -> list[str]:
    import duckdb

    try:
        rows = database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise Unreadable("broken") from error
    return [str(row[0]) for row in rows]


def _parquet(path: Path, work: Path) -> Table:
    database = _connect(work, path)
    source = f"read_parquet({quoted(str(path))})"
    names = _described(database, source)
    return Table(
        database,
        "parquet",
        heading.told(names),
        _named(database, names, source),
        path.stat().st_size,
    )


def _json(path: Path, work: Path, head: bytes) -> Table | None:
    """Objects, one a line or in an array. Values within values stay JSON."""
    lines = not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")
    if lines and not _objects(head, alone=path.stat().st_size <= len(head)):
        return None
    database = _connect(work, path)
    how = "newline_delimited" if lines else "array"
    base = f"read_json({quoted(str(path))}, format='{how}', maximum_object_size={LINE_BYTES}"
    skip = ", ignore_errors=true" if lines else ""
    objects = base.replace("read_json(", "read_json_objects(", 1)
    looked_at = f"maximum_depth=1, sample_size={_LOOKED_AT}, map_inference_threshold=-1"
    names = _described(database, f"{base}, {looked_at}{skip})")
    if lines and names == ["json"]:  # a line that is a number, a text or a list is among them
        names = _keys(database, f"{objects}{skip})")
    if names in ([], ["json"]):
        return None
    if len(names) > MAX_COLUMNS:
        raise Unreadable("wide")
    read = names if len(names) <= NARROW_COLUMNS else names[:MEASURED_COLUMNS]
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in read)
    source = _named(database, read, f"{base}, columns={{{columns}}}{skip})")
    broken = (
        f"SELECT count(*) FROM {objects}{skip}) WHERE json IS NULL OR json_type(json) != 'OBJECT'"
    )
    return Table(
        database,
        "jsonl" if lines else "json",
        heading.told(names),
        source,
        path.stat().st_size,
        "utf-8",
        broken=broken if lines else "",
    )


def _keys(database: DuckDBPyConnection, objects: str) -> list[str]:
    """What the objects among the first lines name, in the order in which it comes."""
    found = database.execute(
        f"SELECT json_keys(json) FROM (SELECT json FROM {objects} LIMIT {_LOOKED_AT}) "
        "WHERE json_type(json) = 'OBJECT'"
    )
    names: dict[str, str] = {}  # a column's name is the same in capitals
    while some := found.fetchmany(100):
        for (keys,) in some:
            for key in keys:
                names.setdefault(key.casefold(), key)
    return list(names.values())


def _objects(head: bytes, *, alone: bool) -> bool:
    """Whether most of the first lines are objects by themselves; one that does not end is looked at
    no further. A file that is one object, ``alone``, is no table."""
    *lines, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").split(b"\n")
    if not lines and len(rest) > HEAD_BYTES // 2:
        return True
    looked = [line for line in [*lines, *([rest] if alone else [])][:_FIRST_LINES] if line.strip()]
    if alone and len(looked) == 1:
        return False
    return 2 * sum(map(_is_object, looked)) > len(looked)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _sheet(path: Path, work: Path) -> Table | None:
    """The first sheet with two columns, written out as CSV."""
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.width < 2 or not sheet.height:
                continue
            copy = work / "sheet.csv"
            with copy.open("w", encoding="utf-8", newline="") as file:
                rows = ([_cell(cell) for cell in row] for row in sheet.iter_rows())
                csv.writer(file).writerows(rows)
            return _delimited(copy, work, "utf-8", "excel")
    except python_calamine.PasswordError as error:
        raise Unreadable("encrypted") from error
    except (python_calamine.CalamineError, ValueError) as error:
        if path.suffix.lower() not in (".doc", ".ppt", ".msg"):  # of the same make as .xls
            raise Unreadable("broken") from error
    return None


def _cell(value: Any) -> str:
    """As it would stand in a CSV file."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 53:
        return str(int(value))
    return str(value)


def _delimited(path: Path, work: Path, named: str, format: str = "") -> Table | None:
    encoding = "latin-1" if named == "unknown" else named
    with path.open("rb") as file:
        head = file.read(LINE_BYTES)
    shown = head.decode(encoding, "replace").removeprefix("\ufeff")
    whole = len(head) < LINE_BYTES
    old_mac = "\r" in shown and "\n" not in shown
    if old_mac:
        shown = shown.replace("\r", "\n")
    found = _delimiter(shown, whole)
    if found is None:
        endless = not whole and 2 * (len(shown) - shown.rfind("\n")) > len(shown)
        if endless and path.suffix.lower() not in _PROSE:
            raise Unreadable("one_line")
        return None
    delimiter, rows, above = found
    headed = heading.is_header(rows[0], rows[1:])
    names = rows[0] if headed else [""] * len(rows[0])
    if len(names) > MAX_COLUMNS:
        raise Unreadable("wide")
    read, skipped = len(names), above
    if read > NARROW_COLUMNS:
        text, read = _narrow(path, work, encoding, delimiter, read, above), MEASURED_COLUMNS
        skipped = 0
    else:
        marked = head.startswith(codecs.BOM_UTF8)  # DuckDB would not see a quote behind it
        plain = encoding == "utf-8" and not old_mac and not (marked and above)
        text = path if plain else _as_utf8(path, work, encoding, None if old_mac else "")
    database = _connect(work, text)
    columns = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(read))
    base = (
        f"read_csv({quoted(str(text))}, columns={{{columns}}}, auto_detect=false, "
        f"header={headed}, skip={skipped}, delim={quoted(delimiter)}, quote='\"', escape='\"', "
        f"max_line_size={LINE_BYTES}"
    )
    counted = f"{base}, store_rejects=true, rejects_limit={MOST_REJECTS}"
    return Table(
        database,
        format or ("tsv" if delimiter == "\t" else "csv"),
        heading.told(names),
        f"{base}, ignore_errors=true, strict_mode=false)",
        text.stat().st_size,
        "" if format else named,
        delimiter,
        text,
        (f"{counted})", f"{counted}, strict_mode=false)"),
        "SELECT count(DISTINCT line) FROM reject_errors "
        "WHERE scan_id = (SELECT max(scan_id) FROM reject_errors)",
        above + int(headed),
        skipped,
    )


def _delimiter(text: str, whole: bool) -> tuple[str, list[list[str]], int] | None:
    """The character that parts most lines alike, the first rows it parts, and how many stand above
    those; None if none does."""
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    best: tuple[float, int, str, list[list[str]], int] | None = None
    for delimiter in _DELIMITERS:
        try:
            rows = list(islice(csv.reader(io.StringIO(text), delimiter=delimiter), _FIRST_ROWS))
        except csv.Error:
            continue
        rows = rows if whole or len(rows) == _FIRST_ROWS else rows[:-1]
        above = heading.above(rows)
        rows = [row for row in rows[above:] if row]
        if len(rows) < 2 or len(rows[0]) < 2:
            continue
        alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
        mark = (alike, len(rows[0]), delimiter, rows, above)
        if alike >= _AGREEING and (best is None or mark[:2] > best[:2]):
            best = mark
    return best and best[2:]


def _encoding(path: Path) -> str | None:
    """The encoding of looks all over the file; None if it is no text."""
    looks = list(_looks(path))
    if not looks or not looks[0]:
        return None
    if looks[0].startswith(_BYTE_ORDER_MARKS) and len(looks[0]) > 2:
        return "utf-16"
    if b"\x00" in looks[0]:
        return None
    return encodings.detected(looks)


def _looks(path: Path) -> Iterator[bytes]:
    """The beginning, and pieces spread over the rest, each from the first line that begins there
    to the last that ends."""
    size = path.stat().st_size
    with path.open("rb") as file:
        for at in range(_LOOKS):
            file.seek(size * at // _LOOKS)
            yield encodings.whole_lines(file.read(HEAD_BYTES), begins=not at)
            if size <= HEAD_BYTES:
                return


def _as_utf8(path: Path, work: Path, encoding: str, newline: str | None) -> Path:
    """A copy whose lines end as before, with LF if ``newline`` is None."""
    copy = work / "text.csv"
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with (
        path.open(encoding=encoding, errors="replace", newline=newline) as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        shutil.copyfileobj(source, target, 1 << 20)
    return copy


def _narrow(path: Path, work: Path, encoding: str, delimiter: str, width: int, above: int) -> Path:
    """A copy of the first columns, without the rows ``above`` their names. A line of another width
    is broken there too."""
    copy = work / "narrow.csv"
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    with (
        path.open(encoding=encoding, errors="replace", newline="") as source,
        copy.open("w", encoding="utf-8", newline="") as target,
    ):
        writer = csv.writer(target, delimiter=delimiter)
        try:
            for row in islice(csv.reader(source, delimiter=delimiter), above, None):
                writer.writerow(row[:MEASURED_COLUMNS] if len(row) == width else ["broken"])
        except csv.Error as error:
            raise Unreadable("broken") from error
    return copy
