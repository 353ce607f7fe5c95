"""Content cut into pieces, and the rank of each (`app.domain.pieces`).

files    each for itself, whatever their names and order
cleaned  without the bytes that are white space in ASCII (09…0D, 20): line ends, indents and
         wrapping of texts do not matter then, and nothing else needs to know what is a text
piece    FastCDC 2020 as the crate ``fastcdc`` 3 has it in its module v2020: 128 to 2,048 bytes,
         512 aimed at, normalization 1, its own gear table. What is one byte over and over is
         left out: it is in contents that have nothing to do with each other
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from io import FileIO
from pathlib import Path

from pyfastcdc import FastCDC

from app.domain.pieces import KEPT, RANK_BYTES
from p2p.files import open_file, survey

LEAST_BYTES, AIMED_BYTES, MOST_BYTES = 128, 512, 2048
_WHITE_SPACE = b"\t\n\v\f\r "
_READ_BYTES = 1 << 20


Told = Callable[[float], None]
"""Is told how much was read, 0…1, about once a MiB; what it raises ends the reading."""


def smallest_ranks(path: Path, told: Told = lambda done: None) -> list[int]:
    """Of all pieces of a file, or of all files in a folder, the `KEPT` smallest ranks, ascending.
    ContentError or OSError if one cannot be read."""
    files = survey(path)
    whole, done = max(1, sum(found.size for found in files)), 0
    ranks = Smallest()

    def more(file: FileIO) -> bytes:
        nonlocal done
        read = file.read(_READ_BYTES)
        done += len(read)
        told(done / whole)
        return read

    for found in files:
        with open_file(found.location) as file:
            for rank in _ranks(_Cleaned(partial(more, file))):
                ranks.add(rank)
    return ranks.kept()


def _ranks(file: _Cleaned) -> Iterator[int]:
    cutter = FastCDC(AIMED_BYTES, min_size=LEAST_BYTES, max_size=MOST_BYTES)
    for piece in cutter.cut_stream(file):
        data = bytes(piece.data)
        if data.count(data[0]) < len(data):
            yield int.from_bytes(sha256(data).digest()[:RANK_BYTES], "big")


class _Cleaned:
    """A file without its white space; ``more`` reads on in it."""

    def __init__(self, more: Callable[[], bytes]) -> None:
        self._more = more
        self._rest = b""

    def read(self, size: int) -> bytes:
        """``size`` bytes; fewer only at the end."""
        parts = [self._rest]
        have = len(self._rest)
        while have < size and (more := self._more()):
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
