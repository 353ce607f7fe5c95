"""The fingerprint of a file or folder of any size: one reading pass, flat memory.

The manifest opens the content but needs the hash of every file, which is known only after reading.
Its *size*, however, follows from paths and sizes: so the files' records are hashed first, at their
final places, and the manifest's records last. What is kept is the leaf hashes, 32 bytes a record.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from p2p import files, manifest, merkle, records, worker
from p2p.errors import Cancelled, ContentChanged, ContentError, Unreachable
from p2p.files import FoundFile
from p2p.manifest import FileEntry, Manifest, shown
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD, Fingerprint

_PIECE = CHUNK_RECORDS * PAYLOAD
_SLOTS = 4  # for each process, so that none waits for another


@dataclass(frozen=True, slots=True)
class Fingerprinted:
    """A fingerprint with what delivery needs later besides the salt key and the leaf hashes."""

    fingerprint: Fingerprint
    manifest: Manifest
    source: Path


def scan(path: Path) -> list[tuple[str, int]]:
    """``(path, size in bytes)`` of each file in manifest order, nothing read.

    ContentError: empty, unreadable, a link, a bad name, too many, as `fingerprint` would say.
    """
    return [(file.path, file.size) for file in files.survey(path)]


def fingerprint(
    path: Path,
    salt_key: bytes,
    leaves_path: Path,
    *,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> Fingerprinted:
    """Fingerprint ``path`` under a 32-byte salt key and write its leaf hashes to ``leaves_path``.

    progress: called with (bytes read, bytes in all) after each piece of about 1 MiB.
    cancelled: asked before each piece; true raises Cancelled.
    leaves_path: 32n bytes; appears only when all is done, replacing an older one.
    Raises ContentError (as `scan`; also for a full disk) and ContentChanged (a file changed).
    """
    source = Path(os.path.abspath(path))
    found = files.survey(source)
    total = sum(file.size for file in found)
    first = records.preamble_records(
        manifest.encoded_length((file.path, file.size) for file in found)
    )
    length = first * PAYLOAD + total
    if records.record_count(length) > records.MAX_RECORDS:
        raise ContentError(f"“{shown(str(source))}” is too large: offer it in several parts.")
    entries: list[FileEntry] = []
    part = leaves_path.with_name(leaves_path.name + ".part")
    with files.writing(leaves_path.parent):
        try:
            with part.open("w+b") as leaves, closing(_pieces(found, entries)) as pieces:
                leaves.seek(first * LEAF)
                done = 0
                with closing(_hashed(total, first, salt_key, pieces, cancelled)) as hashed:
                    for size, hashes in hashed:
                        leaves.write(hashes)
                        done = min(total, done + size)
                        progress(done, total)
                if done < total:
                    raise Cancelled
                if files.survey(source) != found:
                    raise ContentChanged(
                        f"Files in “{shown(str(source))}” changed while they were read. "
                        "Try again when nothing writes to them."
                    )
                made = Manifest(tuple(entries))
                leaves.seek(0)
                salts = records.salts(salt_key, 0, first)
                opening = records.preamble(made.encode())
                leaves.write(records.salted_leaf_hashes(salts, opening))
                root = _root_of(leaves)
                os.fsync(leaves.fileno())
            os.replace(part, leaves_path)
        finally:
            part.unlink(missing_ok=True)
    statement = Fingerprint(made.content_id, root, records.record_count(length), length)
    return Fingerprinted(statement, made, source)


class Hasher:
    """A job (`p2p.worker`): the leaf hashes of payloads that lie in the window."""

    def __init__(self, salt_key: bytes, window: memoryview) -> None:
        self._salt_key, self._window = salt_key, window

    def hashes(self, slot: int, first: int, size: int) -> tuple[int, bytes]:
        """Of ``size`` bytes of whole payloads, the first of which is that record's."""
        salts = records.salts(self._salt_key, first, size // PAYLOAD)
        payload = self._window[slot * CHUNK :][:size]
        return size, records.salted_leaf_hashes(salts, payload)


_Pieces = Generator[int, memoryview, None]


def _hashed(
    total: int, first: int, salt_key: bytes, pieces: _Pieces, cancelled: Callable[[], bool]
) -> Generator[tuple[int, bytes], None, None]:
    """``(bytes read, leaf hashes)`` of each piece; this process reads and hashes whole files, the
    others records."""
    index = first

    def fill(_: int, place: memoryview) -> tuple[int, int]:
        nonlocal index
        size = pieces.send(place)
        begin, index = index, index + size // PAYLOAD
        return begin, size

    def numbers() -> Iterator[int]:
        for number in range(-(-total // _PIECE)):
            if cancelled():
                return
            yield number

    next(pieces)
    try:
        with worker.crew(total // _PIECE, _SLOTS, Hasher, salt_key) as every:
            for _, answer in worker.in_turn(every, numbers(), "hashes", fill):
                yield answer
    except Unreachable as error:  # nobody else is part of this: our own process was ended
        raise ContentError(error.reason) from error


def _pieces(found: list[FoundFile], entries: list[FileEntry]) -> _Pieces:
    """Sent memory for 256 payloads, fills it with the files' bytes, the last piece zero-padded to
    whole payloads, and gives how many there are; begins with a 0 for nothing.

    Appends each file's entry once it is read. ContentChanged if a file is not the one that was
    found.
    """
    view = yield 0
    filled = 0
    for file in found:
        hasher = blake3()
        left = file.size
        with files.open_file(file.location) as opened, files.reading(file.location):
            while left:
                if filled == _PIECE:
                    view = yield filled
                    filled = 0
                count = opened.readinto(view[filled : filled + min(left, _PIECE - filled)])
                _require_same(file, count > 0)
                hasher.update(view[filled : filled + count])
                left -= count
                filled += count
            _require_same(file, files.stamp_of(opened) == file.stamp)
        entries.append(FileEntry(file.path, file.size, hasher.digest()))
    if filled:
        end = records.record_count(filled) * PAYLOAD
        view[filled:end] = bytes(end - filled)
        yield end


def _require_same(file: FoundFile, same: bool) -> None:
    if not same:
        raise ContentChanged(
            f"“{shown(file.path)}” changed while it was read. Try again when nothing writes to it."
        )


def _root_of(leaves: BinaryIO) -> bytes:
    hasher = merkle.RootHasher()
    leaves.seek(0)
    while block := leaves.read(CHUNK_RECORDS * LEAF):
        hasher.add_many(block)
    return hasher.root()
