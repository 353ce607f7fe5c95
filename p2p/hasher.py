"""The bulk work of a fingerprint: files read in pieces, their records hashed, the tree over all."""

from pathlib import Path
from typing import NamedTuple

from p2p import files, merkle, records
from p2p.errors import ContentChanged
from p2p.files import FoundFile
from p2p.manifest import shown
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD

PIECE_RECORDS = 4 * CHUNK_RECORDS
"""Enough that asking for them costs little beside hashing them."""
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


def read(part: Part, place: memoryview) -> None:
    """Into ``place``. ContentChanged if the file is not the one that was found."""
    location = part.file.location
    with files.open_file(location) as opened, files.reading(location):
        opened.seek(part.offset)
        while place and (count := opened.readinto(place)):
            place = place[count:]
        if place or files.stamp_of(opened) != part.file.stamp:
            raise ContentChanged(
                f"“{shown(part.file.path)}” changed while it was read. "
                "Try again when nothing writes to it."
            )


class Hasher:
    """A job (`p2p.worker`): reads pieces and puts their records' hashes into slots of the window;
    then the tree over what all of them hashed."""

    def __init__(self, salt_key: bytes, leaves: Path, window: memoryview) -> None:
        self._salt_key, self._leaves, self._window = salt_key, leaves, window
        self._room = files.room(PIECE)
        self._payloads = records.payloads(self._room)

    def hashes(self, slot: int, first: int, piece: list[Part]) -> None:
        """Of a piece whose first record has that number. ContentChanged if a file is not the one
        that was found."""
        filled = 0
        for part in piece:
            read(part, self._room[filled : filled + part.size])
            filled += part.size
        count = records.record_count(filled)
        end = count * PAYLOAD
        self._room[filled:end] = bytes(end - filled)
        salts = records.salts(self._salt_key, first, count)
        hashes = records.salted_leaf_hashes(salts, self._payloads[:count])
        self._window[slot * CHUNK :][: len(hashes)] = hashes

    def root(self, slot: int, first: int, count: int) -> bytes:
        """The root over so many leaf hashes that have been written."""
        with files.mapped(self._leaves) as leaves:
            return merkle.root(leaves[first * LEAF : (first + count) * LEAF])
