"""The owner's side of a delivery: plain records of any chunk, read from the files as they lie.

Nothing is kept open between calls and any chunk can be asked for, so a delivery resumes where it
stopped. Every record is compared with the leaf hash kept at registration before it is given out,
or found to be the same by its chunk's mark (`marks`): a key must never meet data other than what
was registered.
"""

import hmac
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import suppress
from itertools import accumulate
from pathlib import Path

from p2p import files, marks, merkle, records
from p2p.buffers import Buffer
from p2p.errors import ContentChanged, ContentError
from p2p.files import Places
from p2p.manifest import FileEntry, Manifest, shown
from p2p.openings import Opening
from p2p.records import CHUNK_RECORDS, LEAF, PAYLOAD, RECORD, Fingerprint
from p2p.room import Room

__all__ = ["Content", "Room", "move_leaves", "read_leaves", "remove_leaves"]


class Content:
    """A registered dataset on this disk.

    source: the file or folder; salt_key: 32 bytes, as at registration. Safe to use from several
    threads: it never changes after it is made.
    """

    __slots__ = ("_ends", "_preamble", "_salt_key", "fingerprint", "manifest", "source")

    def __init__(
        self, source: Path, manifest: Manifest, salt_key: bytes, fingerprint: Fingerprint
    ) -> None:
        self.source = source
        self.manifest = manifest
        self.fingerprint = fingerprint
        self._salt_key = salt_key
        self._preamble = records.preamble(manifest.encode())
        # Where each file ends in the content.
        self._ends = list(
            accumulate((file.size for file in manifest.files), initial=len(self._preamble))
        )[1:]
        if self._ends[-1] != fingerprint.length:
            raise ContentChanged("The manifest is not that of the registered content.")

    def __repr__(self) -> str:
        return f"Content({self.source!s}, {self.fingerprint.records} records)"

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return records.chunk_count(self.fingerprint.records)

    def chunk(self, chunk_index: int) -> bytes:
        """`plain_chunk` in memory of its own."""
        return bytes(self.plain_chunk(chunk_index, Room()))

    def plain_chunk(self, chunk_index: int, room: Room) -> memoryview:
        """Plain records of a chunk (4096 bytes each, 256 but for the last chunk), unchecked; they
        lie in ``room`` until the next call.

        ContentChanged if the files are no longer long enough, ContentError if unreadable,
        IndexError if there is no such chunk.
        """
        count = records.chunk_records(chunk_index, self.fingerprint.records)
        first = chunk_index * CHUNK_RECORDS
        start = first * PAYLOAD
        stop = min(start + count * PAYLOAD, self.fingerprint.length)
        plain, places = room.plain[: count * RECORD], room.payloads
        records.put_salts(records.salts(self._salt_key, first, count), plain)
        for place in files.stretch(places, stop - start, count * PAYLOAD):
            place[:] = bytes(len(place))
        self._content(start, stop, places)
        return plain

    def records(self, first: int, count: int) -> bytes:
        """Plain records ``first`` … ``first + count − 1``, 4096 bytes each, unchecked.

        Errors as `plain_chunk`; IndexError if there are not so many.
        """
        if not 0 <= first < first + count <= self.fingerprint.records:
            raise IndexError("no such records")
        start = first * PAYLOAD
        payload = self._stretch(start, min(start + count * PAYLOAD, self.fingerprint.length))
        return records.join(records.salts(self._salt_key, first, count), payload)

    def around(self, number: int, margin: int) -> bytes:
        """The content in a record and up to ``margin`` bytes of the files' on either side of it,
        unchecked. Errors as `plain_chunk`."""
        start = number * PAYLOAD
        first = start if start < len(self._preamble) else max(start - margin, len(self._preamble))
        return self._stretch(first, min(start + PAYLOAD + margin, self.fingerprint.length))

    def checked_chunk(
        self, chunk_index: int, leaves_path: Path, room: Room | None = None
    ) -> tuple[Buffer, bytes]:
        """``(records, leaf hashes)`` of a chunk whose every record is as registered.

        leaves_path: the leaf hashes kept by `fingerprint`; room: where the records lie until the
        next call. ContentChanged otherwise.
        """
        room = room or Room()
        plain = self.plain_chunk(chunk_index, room)
        kept = read_leaves(leaves_path, chunk_index * CHUNK_RECORDS, len(plain) // RECORD)
        marked = self._marked(chunk_index, leaves_path, kept, plain)
        if not marked and records.leaf_hashes(plain) != kept:
            raise ContentChanged(
                f"The files in “{shown(str(self.source))}” are not those that were registered. "
                "Put the registered files back; the delivery then goes on."
            )
        return plain, kept

    def _marked(self, chunk_index: int, leaves_path: Path, leaves: bytes, plain: Buffer) -> bool:
        """Whether a mark says that these are the chunk's records and leaf hashes."""
        try:
            kept = files.read_at(marks.beside(leaves_path), chunk_index * marks.MARK, marks.MARK)
        except OSError:  # an earlier version made none
            return False
        return hmac.compare_digest(kept, marks.mark(self._salt_key, chunk_index, leaves, plain))

    def manifest_openings(self, leaves_path: Path) -> Iterator[Opening]:
        """Openings of all manifest records, in order, for the buyer of a signed Offer.

        The padding after the manifest sees to it that they give no byte of a file away.
        """
        count = len(self._preamble) // PAYLOAD
        plain = records.join(records.salts(self._salt_key, 0, count), self._preamble)
        with files.mapped(leaves_path) as leaves:
            if len(leaves) != self.fingerprint.records * LEAF:
                raise _leaves_damaged(leaves_path)
            found = list(merkle.paths(leaves, 0, count))
        for index, path in found:
            yield Opening(index, plain[index * RECORD : (index + 1) * RECORD], tuple(path))

    def _stretch(self, start: int, stop: int) -> bytes:
        """The content's bytes from ``start`` up to ``stop``."""
        stretch = bytearray(stop - start)
        self._content(start, stop, [memoryview(stretch)])
        return bytes(stretch)

    def _content(self, start: int, stop: int, places: Places) -> None:
        """The content's bytes from ``start`` up to ``stop``, into places of one size."""
        at = start
        for place in files.stretch(places, 0, max(0, min(stop, len(self._preamble)) - start)):
            place[:] = self._preamble[at : at + len(place)]
            at += len(place)
        number = bisect_right(self._ends, at)
        while at < stop:
            end = self._ends[number]
            if at < end:
                file = self.manifest.files[number]
                until = min(stop, end)
                now = files.stretch(places, at - start, until - start)
                self._read(file, at - (end - file.size), now)
                at = until
            number += 1

    def _read(self, file: FileEntry, offset: int, places: Places) -> None:
        location = files.locate(self.source, file.path)
        with files.open_file(location) as opened, files.reading(location):
            if files.stamp_of(opened).size != file.size:
                raise ContentChanged(
                    f"“{shown(str(location))}” has another size than when it was registered. "
                    "Put the registered file back; the delivery then goes on."
                )
            if not files.read_into(opened, offset, places):
                raise ContentChanged(f"“{shown(str(location))}” was cut short meanwhile.")


def read_leaves(leaves_path: Path, first: int, count: int) -> bytes:
    """Leaf hashes of records ``first`` … ``first + count − 1``; ContentError if they are gone."""
    with files.reading(leaves_path):
        leaves = files.read_at(leaves_path, first * LEAF, count * LEAF)
    if len(leaves) != count * LEAF:
        raise _leaves_damaged(leaves_path)
    return leaves


def move_leaves(leaves_path: Path, to: Path) -> None:
    """Kept leaf hashes, and their marks if there are any, take the place of those that were there.
    OSError."""
    with suppress(FileNotFoundError):
        marks.beside(leaves_path).replace(marks.beside(to))
    leaves_path.replace(to)  # marks of others do not fit, and then say nothing


def remove_leaves(leaves_path: Path) -> None:
    """Kept leaf hashes, if there are any, and their marks. OSError."""
    leaves_path.unlink(missing_ok=True)
    marks.beside(leaves_path).unlink(missing_ok=True)


def _leaves_damaged(leaves_path: Path) -> ContentError:
    return ContentError(
        f"The kept leaf hashes “{shown(str(leaves_path))}” are damaged: "
        "fingerprint the dataset again with the same files."
    )
