"""The owner's half of the delivery tree on disk, so that R_x is right after any restart.

The leaf hashes of the delivery tree follow from the files and the delivery key, so a lost one can
always be made again; so can those that another version has written in another way. One block a
chunk: its leaf hashes (32 bytes each) ‖ CRC-32 of them. A block torn by a crash does not match its
CRC; it and all behind it are dropped and made anew.
"""

import zlib
from pathlib import Path
from typing import Final

from p2p import files, uncached
from p2p.merkle import RootHasher
from p2p.records import CHUNK_RECORDS, LEAF, chunk_count, chunk_records

NAME: Final = "delivery-leaves"
"""Of the file, in an order's work folder."""
_CRC: Final = 4
_BLOCK: Final = CHUNK_RECORDS * LEAF + _CRC


class SentLeaves:
    """Delivery leaves of the first ``chunks`` chunks. One writer at a time; sync calls.

    Raises ContentError if the disk is full or unreadable.
    """

    def __init__(self, path: Path, records: int) -> None:
        self._path = path
        self._records = records
        self._hasher = RootHasher()
        self.chunks = 0
        with files.writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._take_up()

    def add(self, leaves: bytes) -> None:
        """Append the leaves of the next chunk (32 bytes a record)."""
        with files.writing(self._path):
            uncached.write_cached(self._path, self.chunks * _BLOCK, leaves + _crc(leaves))
        self._hasher.add_many(leaves)
        self.chunks += 1

    def force(self) -> None:
        """Have the disk hold them: before anybody is told the root, since a receipt for it is
        compared with what lies here."""
        files.force([self._path], self._path.parent)

    def root(self) -> bytes:
        """R_x, once every chunk has been added."""
        return self._hasher.root()

    def _take_up(self) -> None:
        with self._path.open("a+b") as file:
            file.seek(0)
            good = 0
            while self.chunks < chunk_count(self._records):
                block = file.read(chunk_records(self.chunks, self._records) * LEAF + _CRC)
                leaves = block[:-_CRC]
                if not leaves or len(leaves) % LEAF or block[-_CRC:] != _crc(leaves):
                    break
                self._hasher.add_many(leaves)
                good += len(block)
                self.chunks += 1
            file.truncate(good)


def _crc(leaves: bytes) -> bytes:
    return zlib.crc32(leaves).to_bytes(_CRC, "big")
