"""Content cut into pieces, and the rank of each (`app.domain.pieces`).

files    each for itself, whatever their names and order
cleaned  without the bytes that are white space in ASCII (09…0D, 20): line ends, indents and
         wrapping of texts do not matter then, and nothing else needs to know what is a text
piece    FastCDC 2020 as the crate ``fastcdc`` 3 has it in its module v2020: 128 to 2,048 bytes,
         512 aimed at, normalization 1, its own gear table. What is one byte over and over is
         left out: it is in contents that have nothing to do with each other
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from io import BufferedReader
from pathlib import Path

from pyfastcdc import FastCDC

from app.domain.pieces import KEPT, RANK_BYTES
from p2p.files import survey

LEAST_BYTES, AIMED_BYTES, MOST_BYTES = 128, 512, 2048
_WHITE_SPACE = b"\t\n\v\f\r "
_READ_BYTES = 1 << 20


def ranks_of(path: Path) -> Iterator[int]:
    """The rank of each piece of a file, or of all files in a folder; doubled ones come doubled.
    ContentError or OSError if one cannot be read."""
    for found in survey(path):
        with found.location.open("rb") as file:
            yield from _ranks(file)


def _ranks(file: BufferedReader) -> Iterator[int]:
    cutter = FastCDC(AIMED_BYTES, min_size=LEAST_BYTES, max_size=MOST_BYTES)
    for piece in cutter.cut_stream(_Cleaned(file)):
        data = bytes(piece.data)
        if data.count(data[0]) < len(data):
            yield int.from_bytes(sha256(data).digest()[:RANK_BYTES], "big")


class _Cleaned:
    """A file without its white space."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._rest = b""

    def read(self, size: int) -> bytes:
        """``size`` bytes; fewer only at the end."""
        parts = [self._rest]
        have = len(self._rest)
        while have < size and (more := self._file.read(_READ_BYTES)):
            parts.append(more.translate(None, _WHITE_SPACE))
            have += len(parts[-1])
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]


class Smallest:
    """The smallest of many ranks, in little memory."""

    def __init__(self) -> None:
        self._ranks: set[int] = set()
        self._limit = 1 << (8 * RANK_BYTES)

    def add(self, rank: int) -> None:
        if rank < self._limit:
            self._ranks.add(rank)
            if len(self._ranks) > 8 * KEPT:
                self._ranks = set(self.kept())
                self._limit = max(self._ranks)

    def kept(self) -> list[int]:
        """At most `KEPT`, ascending."""
        return sorted(self._ranks)[:KEPT]
