"""Large data past the system's file cache, where the system can do that (Linux).

What is written once and read once gains nothing from the cache, and pushes out what other programs
have there; and a page that is new to it can cost more than sealing and hashing what is in it. What
is small, not whole blocks, or refused by the file system goes the ordinary way: which way it was
shows in nothing but what it costs.
"""

import ctypes
import errno
import mmap
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from io import FileIO
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Final

from p2p import files
from p2p.buffers import Buffer
from p2p.files import Places

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

PIECE: Final = 2 << 20
BLOCK: Final = 4096
_WORTH: Final = 256 << 10
"""Less than that is sooner done by the cache."""
_DEAR_SECONDS: Final = 0.7e-3 / (1 << 20)
"""Of CPU, for a byte: about what a disk takes to read it."""
_LOOK_AGAIN_BYTES: Final = 16 << 20
_past_bytes = 0  # so many go past the cache yet: what its pages cost is the same for all files
_PAST: Final[int] = getattr(os, "O_DIRECT", 0)
_pwritev: Callable[[int, Places, int], int] | None = getattr(os, "pwritev", None)


def memory_bytes() -> int:
    """Of this computer; 0 where the system does not say, and has no way past its cache either."""
    if not _PAST:
        return 0
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


@cache
def beside() -> "Executor":
    """Threads for what the disk does while the same bytes are hashed. Who only reads does not load
    what brings logging along."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(4)


def write_at(path: Path, offset: int, *data: Buffer) -> None:
    """All of ``data``, one behind the other, at ``offset`` of a file, which is made if there is
    none."""
    if _can_pass(offset, *map(len, data)):
        try:
            return write_cached(path, offset, *data, way=_PAST)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return write_cached(path, offset, *data)


def write_soon_read(path: Path, offset: int, data: Buffer) -> None:
    """`write_at` for what is read again soon: through the cache, where `read_at` finds it, as long
    as that costs less than reading from the disk. On a virtual machine that gives its free memory
    back, a page that is new to it can cost several times what it costs where memory is one's own:
    then so much goes past the cache before it is looked again. What is small tells nothing."""
    global _past_bytes
    if len(data) < _WORTH:
        return write_cached(path, offset, data)
    if _past_bytes > 0:
        _past_bytes -= len(data)
        return write_at(path, offset, data)
    began = thread_time()
    write_cached(path, offset, data)
    if thread_time() - began > _DEAR_SECONDS * len(data):
        _past_bytes = _LOOK_AGAIN_BYTES
    return None


def write_cached(path: Path, offset: int, *data: Buffer, way: int = 0) -> None:
    """`write_at` through the cache."""
    with FileIO(path, "r+b", opener=_opener(way | os.O_CREAT)) as file:
        left = files.behind([memoryview(each) for each in data], 0)
        while left:
            if _pwritev is not None:
                count = _pwritev(file.fileno(), left, offset)
            else:
                file.seek(offset)
                count = file.write(left[0])
            offset, left = offset + count, files.behind(left, count)


def read_at(path: Path, offset: int, place: memoryview) -> int:
    """Fill ``place`` from ``offset`` on, from the cache if all of it is there; how much there
    was."""
    if _can_pass(offset, len(place)):
        try:
            return _read(path, offset, place, 0 if _is_there(path, offset, len(place)) else _PAST)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    return read_cached(path, offset, place)


def read_cached(path: Path, offset: int, place: memoryview) -> int:
    """`read_at` through the cache."""
    return _read(path, offset, place, 0)


class Growing:
    """A file that is written from front to end. Whole blocks go from where they lie, if that is
    where pages begin as the file's blocks do; what is left is put together in ``memory`` (a
    `files.room` of two `PIECE`, used by one file at a time).

    start: so many bytes are there already; what lies behind them goes. Without any the file is new:
    FileExistsError if it is not. What `write` is given stays as it is until the next call returns;
    that one raises what the disk refused meanwhile.
    """

    def __init__(self, path: Path, start: int, memory: memoryview) -> None:
        self.path = path
        # While one is being written, the other one is filled.
        self._memory, self._other = memory[:PIECE], memory[PIECE:]
        self._later: Future[None] | None = None
        self._at = start // BLOCK * BLOCK
        self._filled = start - self._at
        if start:
            os.truncate(path, start)
            read_cached(path, self._at, self._memory[: self._filled])
        else:
            FileIO(path, "xb").close()

    def write(self, data: memoryview) -> None:
        self.settle()
        head = -self._filled % BLOCK
        whole = (len(data) - head) // BLOCK * BLOCK
        if _can_pass(0, whole) and _begins_a_page(data[head:]):
            self._put_together(data[:head])
            together = self._memory[: self._filled]
            blocks, data = data[head : head + whole], data[head + whole :]
            self._later = beside().submit(write_at, self.path, self._at, together, blocks)
            self._at += len(together) + whole
            self._memory, self._other, self._filled = self._other, self._memory, 0
        while data:
            data = self._put_together(data)
            if self._filled == len(self._memory):
                self._write()

    def settle(self) -> None:
        """Wait for what is being written from where it lies."""
        later, self._later = self._later, None
        if later is not None:
            later.result()

    def hand_over(self) -> None:
        """The system has all that was written, when this returns."""
        self.settle()
        rest = self._memory[self._filled // BLOCK * BLOCK : self._filled]
        self._filled -= len(rest)
        if self._filled:
            self._write()
        if rest:
            write_cached(self.path, self._at, rest)
            self._put_together(rest)

    def _put_together(self, data: memoryview) -> memoryview:
        """What there is no room for is left over."""
        piece = data[: len(self._memory) - self._filled]
        self._memory[self._filled :][: len(piece)] = piece
        self._filled += len(piece)
        return data[len(piece) :]

    def _write(self) -> None:
        """What is put together, whole blocks."""
        write_at(self.path, self._at, self._memory[: self._filled])
        self._at += self._filled
        self._filled = 0


def _begins_a_page(data: memoryview) -> bool:
    return not data.readonly and not ctypes.addressof(ctypes.c_char.from_buffer(data)) % BLOCK


def _can_pass(offset: int, *sizes: int) -> bool:
    odd = any(place % BLOCK for place in (offset, *sizes))
    return bool(_PAST) and sum(sizes) >= _WORTH and not odd


def _read(path: Path, offset: int, place: memoryview, way: int) -> int:
    left = place
    with FileIO(path, "rb", opener=_opener(way)) as file:
        file.seek(offset)
        while left and (count := file.readinto(left)):
            left = left[count:]
    return len(place) - len(left)


def _is_there(path: Path, offset: int, size: int) -> bool:
    """Whether the cache has all of it. To read with RWF_NOWAIT would ask that, too, but has Linux
    read ahead: what is not there would come by both ways."""
    with (
        suppress(OSError, ValueError),  # ValueError: the file ends before
        FileIO(path, "rb") as file,
        mmap.mmap(file.fileno(), size, access=mmap.ACCESS_COPY, offset=offset) as pages,
    ):
        held = (ctypes.c_ubyte * -(-size // mmap.PAGESIZE))()
        begin = ctypes.c_void_p(ctypes.addressof(ctypes.c_char.from_buffer(pages)))
        failed: int = ctypes.CDLL(None).mincore(begin, ctypes.c_size_t(size), held)
        return not failed and all(each & 1 for each in held)
    return False


def _opener(more: int) -> Callable[[str, int], int]:
    return lambda path, flags: os.open(path, flags | more, 0o666)
