"""Large data past the system's file cache, where the system can do that (Linux).

What is written once and read once gains nothing from the cache, and pushes out what other programs
have there; and a page that is new to it can cost more than sealing and hashing what is in it. What
is small, not whole blocks, or refused by the file system goes the ordinary way: which way it was
shows in nothing but what it costs.
"""

import errno
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from io import FileIO
from pathlib import Path
from typing import Final

from p2p.buffers import Buffer

PIECE: Final = 2 << 20
_BLOCK: Final = 4096
_WORTH: Final = 256 << 10
"""Less than that is sooner done by the cache."""
_PAST: Final[int] = getattr(os, "O_DIRECT", 0)


def write_at(path: Path, offset: int, data: Buffer) -> None:
    """All of ``data`` at ``offset`` of a file, which is made if there is none."""
    if _can_pass(offset, len(data)):
        try:
            return write_cached(path, offset, data, _PAST)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return write_cached(path, offset, data)


def write_cached(path: Path, offset: int, data: Buffer, way: int = 0) -> None:
    """`write_at` for what is read again soon."""
    left = memoryview(data)
    with FileIO(path, "r+b", opener=_opener(way | os.O_CREAT)) as file:
        file.seek(offset)
        while left:
            left = left[file.write(left) :]


def read_at(path: Path, offset: int, place: memoryview) -> int:
    """Fill ``place`` from ``offset`` on; how much there was."""
    if _can_pass(offset, len(place)):
        try:
            return _read(path, offset, place, _PAST)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return _read(path, offset, place, 0)


class Growing:
    """A file that is written from front to end, in `PIECE`s: one is put together in ``memory`` (a
    `files.room` for two, used by one file at a time) while the one before is written ``beside``.

    start: so many bytes are there already; what lies behind them goes. Without any the file is new:
    FileExistsError if it is not.
    """

    def __init__(self, path: Path, start: int, memory: memoryview, beside: Executor) -> None:
        self.path = path
        self._memory, self._other = memory[:PIECE], memory[PIECE : 2 * PIECE]
        self._beside = beside
        self._written: Future[None] | None = None
        self._at = start // _BLOCK * _BLOCK
        self._filled = start - self._at
        if start:
            os.truncate(path, start)
            _read(path, self._at, memory[: self._filled], 0)
        else:
            FileIO(path, "xb").close()

    def write(self, data: memoryview) -> None:
        while data:
            piece = data[: PIECE - self._filled]
            self._memory[self._filled :][: len(piece)] = piece
            self._filled += len(piece)
            data = data[len(piece) :]
            if self._filled == PIECE:
                self._wait()
                self._written = self._beside.submit(write_at, self.path, self._at, self._memory)
                self._memory, self._other = self._other, self._memory
                self._at, self._filled = self._at + PIECE, 0

    def hand_over(self) -> None:
        """The system has all that was written, when this returns."""
        self._wait()
        whole = self._filled // _BLOCK * _BLOCK
        rest = self._memory[whole : self._filled]
        if whole:
            write_at(self.path, self._at, self._memory[:whole])
            self._at += whole
            self._filled -= whole
        if rest:
            write_cached(self.path, self._at, rest)
            self._memory[: len(rest)] = bytes(rest)

    def _wait(self) -> None:
        if self._written is not None:
            self._written.result()
            self._written = None


def _can_pass(offset: int, size: int) -> bool:
    return bool(_PAST) and size >= _WORTH and not (offset | size) % _BLOCK


def _read(path: Path, offset: int, place: memoryview, way: int) -> int:
    left = place
    with FileIO(path, "rb", opener=_opener(way)) as file:
        file.seek(offset)
        while left and (count := file.readinto(left)):
            left = left[count:]
    return len(place) - len(left)


def _opener(more: int) -> Callable[[str, int], int]:
    return lambda path, flags: os.open(path, flags | more, 0o666)
