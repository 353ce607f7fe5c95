"""What can be said of a file that is no table: its kind, by its first bytes, and a fact or two."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from app.domain.personal import looks_personal
from app.engine.spans import spans

UNPACKED_BYTES = 256 << 20
"""The most an Excel sheet may unpack to: beyond, its cells would not fit in the memory there is."""
MOST_CELLS = 12_000_000
"""The most of a sheet, from its first cell to its last: those between are held though empty."""
_TEXT_BYTES = 256 << 20
_PERSONAL_BYTES = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SHEETS = ("xl/workbook.xml", "xl/workbook.bin")
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"%PDF-", "pdf"),
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"SQLite format 3\0", "sqlite"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
)

Facts = tuple[tuple[str, str], ...]
"""Codes the screens know, each with a number or a short text."""


class Unreadable(Exception):
    """A table that is not read: "broken", "encrypted", "too_large", "one_line", "wide" or
    "binary"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def sheet_problem(path: Path, head: bytes) -> str | None:
    """None if this is no spreadsheet; why it is not read, or an empty text if it can be."""
    if head.startswith(_OLE):
        if _ENCRYPTED in head or _ENCRYPTED in _tail(path):
            return "encrypted"
        return "" if path.stat().st_size <= UNPACKED_BYTES else "too_large"
    if not head.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        return None
    if _SPREADSHEET not in head[:200] and not any(e.filename in _SHEETS for e in entries):
        return None
    if any(entry.flag_bits & 1 for entry in entries):
        return "encrypted"
    if sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
        return "too_large"
    return "too_large" if spans(path) > MOST_CELLS else ""


def facts(path: Path) -> tuple[str, Facts]:
    """The kind of a file that is no table and what is known of it. OSError if it cannot be read."""
    with path.open("rb") as file:
        head = file.read(65536)
    if head.startswith(_ZIP):
        return "zip", _zip(path)
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(head[8:12], "other"), ()
    if head[4:8] == b"ftyp":
        return "mp4", ()
    for mark, kind in _KINDS:
        if head.startswith(mark):
            size = _pixels(kind, head)
            return kind, (("pixels", f"{size[0]} × {size[1]}"),) if size else ()
    if head and b"\0" not in head and _is_text(head):
        return "text", (*_lines(path), *_personal(path))
    return "other", ()


def _tail(path: Path) -> bytes:
    """Where the directory of an encrypted file may stand."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 20)))
        return file.read(1 << 20)


def _zip(path: Path) -> Facts:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError):
        return (("problem", "broken"),)
    unpacked = sum(entry.file_size for entry in entries)
    known = (("files", str(len(entries))), ("unpacked", str(unpacked)))
    return (*known, ("locked", "")) if any(e.flag_bits & 1 for e in entries) else known


def _pixels(kind: str, head: bytes) -> tuple[int, int] | None:
    """Width and height, as the file says."""
    if kind == "png" and len(head) >= 24:
        return struct.unpack(">II", head[16:24])
    if kind == "gif" and len(head) >= 10:
        return struct.unpack("<HH", head[6:10])
    if kind != "jpeg":
        return None
    at = 2
    while at + 9 < len(head) and head[at] == 0xFF:
        mark, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if 0xC0 <= mark <= 0xCF and mark not in (0xC4, 0xC8, 0xCC):
            high, wide = struct.unpack(">HH", head[at + 5 : at + 9])
            return wide, high
        at += 2 + length
    return None


def _is_text(head: bytes) -> bool:
    try:
        head[: max(1, len(head) - 4)].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _personal(path: Path) -> Facts:
    """Whether its beginning looks like it holds personal data."""
    with path.open("rb") as file:
        return (("personal", ""),) if looks_personal(file.read(_PERSONAL_BYTES)) else ()


def _lines(path: Path) -> Facts:
    """How many lines; nothing of a file too large to count them in passing."""
    if path.stat().st_size > _TEXT_BYTES:
        return ()
    count = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            count += piece.count(b"\n")
            last = piece
    return (("lines", str(count + (not last.endswith(b"\n")))),)
