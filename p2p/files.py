"""A person's files: found, checked against the manifest's rules, watched for change.

A link, pipe, device or socket is refused by name, never followed or opened. A file's *stamp*
(device, inode, size, time of change) is taken when it is found and compared whenever it is read.
"""

import contextlib
import ctypes
import errno
import mmap
import os
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import NamedTuple, TypeAlias

from p2p import manifest
from p2p.errors import ContentChanged, ContentError
from p2p.manifest import shown

Places: TypeAlias = Sequence[memoryview]
"""Where bytes that belong together lie, one after another."""

# A file's size is part of it; its times are not worth another write. Not every system has it.
fdatasync = getattr(os, "fdatasync", os.fsync)
_preadv: Callable[[int, Places, int], int] | None = getattr(os, "preadv", None)
_AT_ONCE = 1024  # places, which every system with preadv takes
_MANY = 16  # files: sooner forced to the disk all at once
_FULL = {errno.ENOSPC, errno.EDQUOT}
# Removed, or a link put in its place.
_REPLACED = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
# Windows marks a junction so; Path.is_junction needs Python 3.12.
_JUNCTION = 0xA0000003


class Stamp(NamedTuple):
    """What must stay the same for a file to count as unchanged."""

    device: int
    inode: int
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class FoundFile:
    """path: as it stands in the manifest; location: where it lies on this disk."""

    path: str
    location: Path
    stamp: Stamp

    @property
    def size(self) -> int:
        """Bytes."""
        return self.stamp.size


def survey(source: Path) -> list[FoundFile]:
    """The files of a file or folder in manifest order; ContentError names what is in the way.

    Empty folders are not content and are left out; empty files are kept, but not on their own.
    """
    source = Path(os.path.abspath(source))
    with reading(source):
        status = os.lstat(source)
        if stat.S_ISDIR(status.st_mode) and not _is_junction(status):
            found = sorted(_walk(source), key=lambda file: file.path)
        else:
            found = [_found(source.name, source, status)]
    if not found:
        raise ContentError(f"“{shown(str(source))}” contains no files: there is nothing to offer.")
    manifest.check_layout([(file.path, file.size) for file in found])
    if not any(file.size for file in found):
        raise ContentError(f"“{shown(str(source))}” is empty: there is nothing to offer.")
    return found


def locate(source: Path, path: str) -> Path:
    """Where the file that the manifest calls ``path`` lies; its disk may write the name in NFD.

    source: the chosen file or folder. The file may be gone: opening it tells.
    """
    if not source.is_dir():
        return source
    place = source
    for part in path.split("/"):
        exact = place / part
        if not part.isascii() and not os.path.lexists(exact):
            with reading(place):
                exact = next(
                    (
                        place / n
                        for n in os.listdir(place)
                        if unicodedata.normalize("NFC", n) == part
                    ),
                    exact,
                )
        place = exact
    return place


def open_file(location: Path) -> FileIO:
    """Open a regular file that was there before: no link is followed, no pipe waited for."""
    with reading(location):
        try:
            file = FileIO(location, "rb", opener=_open)
        except OSError as error:
            if error.errno not in _REPLACED:
                raise
            raise ContentChanged(
                f"“{shown(str(location))}” is gone: put it back and try again."
            ) from error
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise ContentChanged(f"“{shown(str(location))}” is no longer an ordinary file.")
    return file


def read_into(file: FileIO, offset: int, places: Places) -> bool:
    """Fill ``places``, one after another, from ``offset`` on: False if the file ends before."""
    left = sum(map(len, places))
    while left:
        if _preadv is not None:
            count = _preadv(file.fileno(), places[:_AT_ONCE], offset)
        else:
            file.seek(offset)
            count = file.readinto(places[0])
        if not count:
            return False
        offset, left = offset + count, left - count
        places = behind(places, count) if left else []
    return True


def read_at(location: Path, offset: int, size: int) -> bytes:
    """So many bytes, or as many as there are; for what is small and read often."""
    with FileIO(location) as file:
        file.seek(offset)
        return file.read(size) or b""


def stretch(places: Places, start: int, stop: int) -> list[memoryview]:
    """Where the bytes from ``start`` up to ``stop`` lie, in places of one size."""
    size = len(places[0])
    found = list(places[start // size : -(-stop // size)])
    if stop % size:
        found[-1] = found[-1][: stop % size]
    if start % size:
        found[0] = found[0][start % size :]
    return found


def behind(places: Places, count: int) -> list[memoryview]:
    """What is left of them when the first ``count`` bytes are done."""
    for number, place in enumerate(places):
        if count < len(place):
            return [place[count:], *places[number + 1 :]]
        count -= len(place)
    return []


def stamp_of(file: FileIO) -> Stamp:
    """The stamp of an open file."""
    return _stamp(os.fstat(file.fileno()))


def room(size: int) -> memoryview:
    """Memory that begins with a page, as files do: filled twice as fast, and what the way past the
    system's cache asks for (`uncached`)."""
    return memoryview(mmap.mmap(-1, size))


def force_folder(folder: Path) -> None:
    """Force to the disk which names are in a folder. Windows opens no folder, and needs no such
    step: its file systems keep a journal of names."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def mapped(location: Path) -> Iterator[memoryview]:
    """The bytes of a file without holding them in memory. Views must not outlive the block."""
    with reading(location), location.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield memoryview(b"")
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, memoryview(data) as view:
            yield view


def force(written: Sequence[Path], top: Path) -> None:
    """Have the disk hold these files, which lie below ``top``, and their names."""
    with writing(top):
        if len(written) < _MANY or not _force_all(top):
            for path in written:
                with path.open("r+b", buffering=0) as file:
                    fdatasync(file.fileno())
            for folder in {folder for path in written for folder in path.parents}:
                if folder.is_relative_to(top):
                    force_folder(folder)
        force_folder(top.parent)


def _force_all(top: Path) -> bool:
    """At once what the file system of ``top`` holds, where the system can be asked for that."""
    if sys.platform != "linux":
        return False
    descriptor = os.open(top, os.O_RDONLY)
    try:
        return bool(ctypes.CDLL(None).syncfs(descriptor) == 0)
    except AttributeError:
        return False
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def reading(place: Path) -> Iterator[None]:
    """Turn the system's errors while reading ``place`` into sentences."""
    try:
        yield
    except FileNotFoundError as error:
        raise ContentError(f"“{_place(error, place)}” is not there (any more).") from error
    except PermissionError as error:
        raise ContentError(
            f"“{_place(error, place)}” may not be read: change its permissions and try again."
        ) from error
    except OSError as error:
        raise ContentError(
            f"“{_place(error, place)}” cannot be read: {error.strerror or error}."
        ) from error


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the system's errors while writing below ``place`` into sentences."""
    try:
        yield
    except PermissionError as error:
        raise ContentError(
            f"“{_place(error, place)}” may not be written: choose another folder."
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise ContentError(
                f"The disk with “{shown(str(place))}” is full. Free some space and try again; "
                "nothing that was already stored is lost."
            ) from error
        raise ContentError(
            f"“{_place(error, place)}” cannot be written: {error.strerror or error}."
        ) from error


def _walk(source: Path) -> Iterator[FoundFile]:
    count = 0
    folders = [(source, "")]
    while folders:
        folder, prefix = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                location = Path(entry.path)
                status = entry.stat(follow_symlinks=False)
                path = prefix + entry.name
                if stat.S_ISDIR(status.st_mode) and not _is_junction(status):
                    folders.append((location, path + "/"))
                    continue
                count += 1
                if count > manifest.MAX_FILES:
                    raise ContentError(
                        f"“{shown(str(source))}” has more than {manifest.MAX_FILES:,} files: "
                        "pack them into fewer."
                    )
                # A directory entry of Windows has neither device nor inode.
                yield _found(path, location, status if status.st_ino else os.lstat(location))


def _found(name: str, location: Path, status: os.stat_result) -> FoundFile:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFLNK or _is_junction(status):
        raise ContentError(
            f"“{shown(str(location))}” is a link. Put the real file there, or leave it out."
        )
    if kind != stat.S_IFREG:
        what = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}.get(kind, "a device")
        raise ContentError(f"“{shown(str(location))}” is {what}, not an ordinary file.")
    path = unicodedata.normalize("NFC", name)
    manifest.check_path(path)
    if not os.access(location, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(location))
    return FoundFile(path, location, _stamp(status))


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def _is_junction(status: os.stat_result) -> bool:
    return getattr(status, "st_reparse_tag", 0) == _JUNCTION


def _open(path: str, flags: int) -> int:
    for extra in ("O_NOFOLLOW", "O_NONBLOCK"):
        flags |= getattr(os, extra, 0)
    return os.open(path, flags)


def _place(error: OSError, place: Path) -> str:
    return shown(os.fsdecode(error.filename) if error.filename else str(place))
