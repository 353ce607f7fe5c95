"""The fingerprint of a file or folder of any size: one reading pass, flat memory.

The manifest opens the content but needs the hash of every file, which is known only after reading.
Its *size*, however, follows from paths and sizes: so the files' records are hashed first, at their
final places, and the manifest's records last. What is kept is the leaf hashes, 32 bytes a record.
"""

import os
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from blake3 import blake3

from p2p import files, manifest, merkle, records
from p2p.errors import Cancelled, ContentChanged, ContentError
from p2p.files import FoundFile
from p2p.manifest import FileEntry, Manifest, shown
from p2p.records import CHUNK_RECORDS, LEAF, PAYLOAD, Fingerprint

_PIECE = CHUNK_RECORDS * PAYLOAD


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
                index, done = first, 0
                while not cancelled() and (piece := next(pieces, None)):
                    salts = records.salts(salt_key, index, len(piece) // PAYLOAD)
                    leaves.write(records.salted_leaf_hashes(salts, piece))
                    index += len(piece) // PAYLOAD
                    done = min(total, done + len(piece))
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


def _pieces(found: list[FoundFile], entries: list[FileEntry]) -> Generator[memoryview, None, None]:
    """The files' bytes in pieces of 256 payloads, the last zero-padded to whole payloads.

    The same buffer each time; appends each file's entry once it is read. ContentChanged if a file
    is not the one that was found.
    """
    view = memoryview(bytearray(_PIECE))
    filled = 0
    for file in found:
        hasher = blake3()
        left = file.size
        with files.open_file(file.location) as opened, files.reading(file.location):
            while left:
                count = opened.readinto(view[filled : filled + min(left, _PIECE - filled)])
                _require_same(file, count > 0)
                hasher.update(view[filled : filled + count])
                left -= count
                filled += count
                if filled == _PIECE:
                    yield view
                    filled = 0
            _require_same(file, files.stamp_of(opened) == file.stamp)
        entries.append(FileEntry(file.path, file.size, hasher.digest()))
    if filled:
        end = records.record_count(filled) * PAYLOAD
        view[filled:end] = bytes(end - filled)
        yield view[:end]


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
