"""The bulk work of a fingerprint: files read in pieces, their records hashed, the tree over all."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from p2p import files, marks, merkle, records
from p2p.errors import ContentChanged
from p2p.files import FoundFile, Places
from p2p.manifest import shown
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD, RECORD, SALT

PIECE_RECORDS = 4 * CHUNK_RECORDS
"""Enough that asking for them costs little beside hashing them; a power of two, so that pieces
are subtrees."""
PIECE = PIECE_RECORDS * PAYLOAD


class Part(NamedTuple):
    """Bytes of one file that belong to a piece."""

    file: FoundFile
    offset: int
    size: int

    @property
    def last(self) -> bool:
        """Whether the file ends with it."""
        return self.offset + self.size == self.file.size


def read(part: Part, steps: Iterable[Places]) -> Iterator[Places]:
    """The part's bytes step by step, each into other places or the same again. ContentChanged if
    the file is not the one that was found."""
    changed = ContentChanged(
        f"“{shown(part.file.path)}” changed while it was read. Try again when nothing writes to it."
    )
    location, at = part.file.location, part.offset
    with files.open_file(location) as opened, files.reading(location):
        for places in steps:
            if not files.read_into(opened, at, places):
                raise changed
            yield places
            at += sum(map(len, places))
        if files.stamp_of(opened) != part.file.stamp:
            raise changed


class Hasher:
    """A job (`p2p.worker`): reads pieces and puts their records' hashes into slots of the
    window."""

    def __init__(self, salt_key: bytes, window: memoryview) -> None:
        self._salt_key, self._window = salt_key, window
        # What is read goes to where it is hashed.
        self._records = files.room(RECORD * PIECE_RECORDS)
        self._payloads = [record[SALT:] for record in records.cut(self._records, RECORD)]

    def hashes(self, slot: int, first: int, piece: list[Part]) -> tuple[bytes, bytes]:
        """Of a piece whose first record has that number; the root over them, and the marks of the
        chunks that begin in it. ContentChanged if a file is not the one that was found."""
        filled = 0
        for part in piece:
            places = files.stretch(self._payloads, filled, filled + part.size)
            for _ in read(part, [places]):
                filled += part.size
        count = records.record_count(filled)
        for place in files.stretch(self._payloads, filled, count * PAYLOAD):
            place[:] = bytes(len(place))
        salts = records.salts(self._salt_key, first, count)
        filled_records = self._records[: count * RECORD]
        records.put_salts(salts, filled_records)
        hashes = records.leaf_hashes(filled_records)
        self._window[slot * CHUNK :][: len(hashes)] = hashes
        return merkle.root(hashes), self._marks(first, count, hashes)

    def _marks(self, first: int, count: int, hashes: bytes) -> bytes:
        made = []
        for at in range(-first % CHUNK_RECORDS, count, CHUNK_RECORDS):
            stop = min(at + CHUNK_RECORDS, count)
            number, leaves = (first + at) // CHUNK_RECORDS, hashes[at * LEAF : stop * LEAF]
            chunk = self._records[at * RECORD : stop * RECORD]
            made.append(marks.mark(self._salt_key, number, leaves, chunk))
        return b"".join(made)
