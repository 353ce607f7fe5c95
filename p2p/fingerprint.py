"""The fingerprint of a file or folder of any size: one pass, flat memory, every core.

The manifest opens the content but needs the hash of every file, which is known only after reading.
Its *size*, however, follows from paths and sizes: so the files' records are hashed first, at their
final places, and the manifest's records last. What is kept is the leaf hashes, 32 bytes a record.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from p2p import files, manifest, marks, merkle, records, worker
from p2p.errors import Cancelled, ContentChanged, ContentError, Unreachable
from p2p.files import FoundFile
from p2p.hasher import PIECE, PIECE_RECORDS, Hasher, Part, read
from p2p.manifest import FileEntry, Manifest, shown
from p2p.records import CHUNK, LEAF, PAYLOAD, Fingerprint

_SLOTS = 4  # for each process, so that none waits for another
_STEP = 512 << 10  # bytes: still in the core's own cache when they are hashed


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

    progress: called with (bytes read, bytes in all) after each piece of about 4 MiB.
    cancelled: asked before each piece; true raises Cancelled.
    leaves_path: 32n bytes; appears only when all is done, replacing an older one, and so do its
    `marks` beside it.
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
    part = leaves_path.with_name(leaves_path.name + ".part")
    with files.writing(leaves_path.parent):
        try:
            with part.open("w+b") as leaves:
                leaves.seek(first * LEAF)
                entries: list[FileEntry] = []
                roots: list[bytes] = []
                made_marks = bytearray(marks.MARK * records.chunk_count(first))
                done = 0
                with _crew(total // CHUNK, salt_key) as every:
                    for size, hashes, root, more in _hashed(
                        every, found, first, entries, cancelled
                    ):
                        leaves.write(hashes)
                        roots.append(root)
                        made_marks += more
                        done += size
                        progress(done, total)
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
                leaves.flush()
                root = _root(leaves, first, roots)
                os.fsync(leaves.fileno())
            marks.beside(leaves_path).write_bytes(made_marks)  # lost, nothing but time is
            os.replace(part, leaves_path)
        finally:
            part.unlink(missing_ok=True)
    statement = Fingerprint(made.content_id, root, records.record_count(length), length)
    return Fingerprinted(statement, made, source)


@contextmanager
def _crew(chunks: int, salt_key: bytes) -> Iterator[Sequence[worker.Hands]]:
    try:
        with worker.crew(chunks, _SLOTS, Hasher, salt_key) as every:
            yield every
    except Unreachable as error:  # nobody else is part of this: our own process was ended
        raise ContentError(error.reason) from error


def _hashed(
    every: Sequence[worker.Hands],
    found: list[FoundFile],
    first: int,
    entries: list[FileEntry],
    cancelled: Callable[[], bool],
) -> Iterator[tuple[int, memoryview, bytes, bytes]]:
    """``(bytes read, leaf hashes, their root, marks)`` of each piece; appends each file's entry
    once it is read.

    Hands read a piece and hash its records; then this process reads it, too, from the system's
    cache, and hashes the file. To bring it from one core to the other would cost more. In this
    order, because what changes in between is not what its leaf hashes say, which the owner's own
    check finds before anything is delivered.
    """
    index = first

    def ask(piece: list[Part], _: memoryview) -> tuple[int, list[Part]]:
        nonlocal index
        if cancelled():
            raise Cancelled
        begin, index = index, _whole(index)
        return begin, piece

    room = files.room(_STEP)
    whole = blake3()
    answers = worker.in_turn(every, _pieces(found, first), "hashes", ask)
    for piece, (place, (root, more)) in zip(_pieces(found, first), answers, strict=True):
        size = 0
        for part in piece:
            steps = ([room[: part.size - at]] for at in range(0, part.size, _STEP))
            for (data,) in read(part, steps):
                whole.update(data)
            size += part.size
            if part.last:
                entries.append(FileEntry(part.file.path, part.file.size, whole.digest()))
                whole = blake3()
        yield size, place[: records.record_count(size) * LEAF], root, more


def _whole(records: int) -> int:
    """The next whole number of pieces of records."""
    return (records // PIECE_RECORDS + 1) * PIECE_RECORDS


def _pieces(found: list[FoundFile], first: int) -> Iterator[list[Part]]:
    """The files' bytes, whose first record has that number, cut into `PIECE` each but for the last
    piece, and for the first: behind it every piece begins with a multiple of its records."""
    piece: list[Part] = []
    room = (_whole(first) - first) * PAYLOAD
    for file in found:
        part = Part(file, 0, min(room, file.size))
        piece.append(part)
        while not part.last:
            yield piece
            at = part.offset + part.size
            part = Part(file, at, min(PIECE, file.size - at))
            piece, room = [part], PIECE
        room -= part.size
    yield piece


def _root(leaves: BinaryIO, first: int, roots: list[bytes]) -> bytes:
    """The root over all leaf hashes, from those of the pieces: a tree over whole subtrees is the
    tree. The first piece is none; what it belongs to is hashed here."""
    leaves.seek(0)
    head = leaves.read(_whole(first) * LEAF)
    width = PIECE_RECORDS * LEAF
    above = [merkle.root(head[at : at + width]) for at in range(0, len(head), width)]
    return merkle.root(b"".join([*above, *roots[1:]]))
