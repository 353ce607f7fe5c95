"""The buyer's store of one delivery on disk: leaf hashes, then ciphertext chunk by chunk.

    leaves      32n bytes, checked against the root before the first chunk is accepted
    ciphertext  the chunks received so far, in order
    entries     leaf hashes of the delivery tree, written with each chunk
    state       how much of this is known to be on the disk, replaced atomically

A chunk counts as stored once it was forced to the disk; every 64 MiB it is noted how far all was.
After a crash everything behind that note is hashed again, and cut off where it does not agree with
itself: R_x is computed from what lies on the disk. Sealed data stays until the caller removes
the folder; nothing here needs a key.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from p2p import files, merkle, records, sealing
from p2p.buffers import Buffer
from p2p.errors import ContentError, PeerError
from p2p.manifest import shown
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, RECORD

SYNC_CHUNKS = 64
# A file's size is part of it; its times are not worth another write. Not every system has it.
_fdatasync = getattr(os, "fdatasync", os.fsync)


class Spool:
    """Store of a delivery of ``records`` records under ``root``, in a folder of its own.

    Opening takes up what an earlier process left. One writer at a time. ContentError if the disk
    is full or cannot be written, or if the folder belongs to another dataset.
    """

    __slots__ = (
        "_leaves",
        "_leaves_complete",
        "_next",
        "_synced",
        "_tree",
        "folder",
        "records",
        "root",
    )

    def __init__(self, folder: Path, records: int, root: bytes) -> None:
        self.folder = folder
        self.records = records
        self.root = root
        self._leaves = merkle.RootHasher()
        self._leaves_complete = False
        self._tree = merkle.RootHasher()
        self._next = 0
        self._synced = 0
        with files.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._take_up()

    def __repr__(self) -> str:
        return f"Spool({self.folder!s}, {self._next} of {self.chunks} chunks)"

    @property
    def chunks(self) -> int:
        """Chunks of the whole delivery."""
        return records.chunk_count(self.records)

    @property
    def leaves_received(self) -> int:
        """Leaf hashes received so far; after a restart they start again unless all were there."""
        return self.records if self._leaves_complete else self._leaves.size

    @property
    def leaves_complete(self) -> bool:
        """Whether all leaf hashes are there and lead to the root."""
        return self._leaves_complete

    @property
    def next_chunk(self) -> int:
        """Index of the first chunk that is missing; equals `chunks` when none is."""
        return self._next

    @property
    def complete(self) -> bool:
        """Whether every chunk is stored."""
        return self._leaves_complete and self._next == self.chunks

    def put_leaves(self, leaves: bytes) -> None:
        """Append leaf hashes, 32 bytes each, in order.

        PeerError if they are too many or, once all are there, do not lead to the root: then they
        are dropped, and nothing else may be taken from this owner.
        """
        if self._leaves_complete:
            raise PeerError("The owner sent leaf hashes again.")
        if not leaves or len(leaves) % LEAF:
            raise PeerError("Leaf hashes are 32 bytes each.")
        if self._leaves.size + len(leaves) // LEAF > self.records:
            raise PeerError("The owner sent more leaf hashes than there are records.")
        with files.writing(self.folder):
            _write_at(self._file("leaves"), self._leaves.size * LEAF, leaves)
        self._leaves.add_many(leaves)
        if self._leaves.size < self.records:
            return
        if self._leaves.root() != self.root:
            self._leaves = merkle.RootHasher()
            raise PeerError(
                "The owner's leaf hashes do not lead to the registered root: the delivery stops."
            )
        with files.writing(self.folder):
            _force(self._file("leaves"))
            self._leaves_complete = True
            self._save_state()

    def put_chunk(self, chunk_index: int, ciphertext: Buffer, name: bytes | None = None) -> bool:
        """Store a chunk; when this returns the system has it. `force` it before it counts.

        name: its `sealing.chunk_name`, if it came by a way that others can write to: False, and
        nothing is stored, if it is another chunk. A chunk that is already stored is left as it is.
        PeerError if it comes before its time or has the wrong length; ContentError if the disk is
        full: nothing stored before is lost.
        """
        if not self._leaves_complete:
            raise PeerError("The owner sent data before all leaf hashes.")
        if not 0 <= chunk_index < self.chunks or chunk_index > self._next:
            raise PeerError(f"The owner sent chunk {chunk_index}, expected was {self._next}.")
        count = records.chunk_records(chunk_index, self.records)
        if len(ciphertext) != count * RECORD:
            raise PeerError(f"Chunk {chunk_index} has a wrong length.")
        if chunk_index < self._next:
            return True
        entries = sealing.delivery_leaves(self.leaves(chunk_index), ciphertext)
        if name is not None and name != sealing.chunk_name(entries):
            return False
        with files.writing(self.folder):
            _write_at(self._file("ciphertext"), chunk_index * CHUNK, ciphertext)
            _write_at(self._file("entries"), chunk_index * CHUNK_RECORDS * LEAF, entries)
        self._tree.add_many(entries)
        self._next += 1
        if self._next - self._synced >= SYNC_CHUNKS:
            self.sync()
        return True

    def force(self) -> None:
        """Have the disk hold every chunk that was put; another thread, or process, may go on
        putting the next ones meanwhile."""
        try:
            with files.writing(self.folder):
                _force(self._file("ciphertext"))
                _force(self._file("entries"))
        except ContentError:
            self._forget_unforced()
            raise

    def _forget_unforced(self) -> None:
        """After a failure the system takes pages for clean that the disk never had: the next
        `force` would succeed and mean nothing. So what was put since the last note is taken for
        lost, here and after a restart."""
        with suppress(OSError, ContentError):
            noted = self._load_state()[0] * CHUNK_RECORDS * LEAF
            entries = self._file("entries")
            os.truncate(entries, min(noted, entries.stat().st_size))

    def sync(self) -> None:
        """Force everything stored so far to the disk, and note it."""
        if self._synced == self._next:
            return
        self.force()
        with files.writing(self.folder):
            self._synced = self._next
            self._save_state()

    def take_over(self, other: "Spool") -> None:
        """What another process has stored in this folder, as its own Spool knows it."""
        for name in self.__slots__:
            setattr(self, name, getattr(other, name))

    def take_up(self) -> None:
        """What lies in the folder, whoever put it there."""
        self.take_over(Spool(self.folder, self.records, self.root))

    def delivery_root(self) -> bytes:
        """R_x of the complete delivery, after forcing it to the disk; ValueError if incomplete."""
        if not self.complete:
            raise ValueError("the delivery is not complete")
        self.sync()
        return self._tree.root()

    def leaves(self, chunk_index: int) -> bytes:
        """Leaf hashes of a chunk's records."""
        return self._read("leaves", chunk_index, LEAF)

    def ciphertext(self, chunk_index: int) -> bytes:
        """A stored chunk."""
        return self._read("ciphertext", chunk_index, RECORD)

    def read_ciphertext(self, chunk_index: int, into: memoryview) -> memoryview:
        """`ciphertext` at the beginning of ``into``."""
        place = into[: records.chunk_records(chunk_index, self.records) * RECORD]
        with files.reading(self.folder), self._file("ciphertext").open("rb", buffering=0) as file:
            file.seek(chunk_index * CHUNK)
            left = place
            while left and (count := file.readinto(left)):
                left = left[count:]
        if left:
            raise self._damaged()
        return place

    def entries(self, chunk_index: int) -> bytes:
        """Leaf hashes of the delivery tree of a stored chunk."""
        return self._read("entries", chunk_index, LEAF)

    def check_evidence(self, chunk_index: int) -> None:
        """ContentError if what is stored of a chunk is not what was received: the disk failed."""
        entries = sealing.delivery_leaves(self.leaves(chunk_index), self.ciphertext(chunk_index))
        with files.mapped(self._file("leaves")) as view:
            if entries != self.entries(chunk_index) or merkle.root(view) != self.root:
                raise self._damaged()

    def delivery_path(self, index: int) -> list[bytes]:
        """Path of record ``index`` in the delivery tree: a complaint's proof."""
        with files.mapped(self._file("entries")) as view:
            return merkle.path(view, index)

    def discard(self) -> None:
        """Forget everything that was stored; this object must not be used any more."""
        with files.writing(self.folder):
            for name in ("state", "entries", "ciphertext", "leaves"):
                self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        return self.folder / name

    def _read(self, name: str, chunk_index: int, width: int) -> bytes:
        count = records.chunk_records(chunk_index, self.records)
        with files.reading(self.folder), self._file(name).open("rb", buffering=0) as file:
            file.seek(chunk_index * CHUNK_RECORDS * width)
            data = file.read(count * width)
        if len(data) != count * width:
            raise self._damaged()
        return data

    def _damaged(self) -> ContentError:
        return ContentError(
            f"The stored delivery in “{shown(str(self.folder))}” is damaged on this disk."
        )

    def _save_state(self) -> None:
        state = {
            "chunks": self._synced,
            "leaves": self._leaves_complete,
            "records": self.records,
            "root": self.root.hex(),
        }
        part = self._file("state.part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self._file("state"))

    def _take_up(self) -> None:
        """Trust what was forced to the disk, hash the rest again."""
        synced, leaves_known = self._load_state()
        leaves = self._file("leaves")
        if _size(leaves) != self.records * LEAF:
            return
        if not leaves_known:
            with files.mapped(leaves) as view:
                if merkle.root(view) != self.root:
                    return
        self._leaves_complete = True
        stored = min(self._whole_chunks("ciphertext", RECORD), self._whole_chunks("entries", LEAF))
        self._synced = min(synced, stored)
        while self._next < stored:
            entries = self.entries(self._next)
            if self._next >= self._synced and entries != sealing.delivery_leaves(
                self.leaves(self._next), self.ciphertext(self._next)
            ):
                break
            self._tree.add_many(entries)
            self._next += 1

    def _load_state(self) -> tuple[int, bool]:
        """Chunks forced to the disk, and whether the leaf hashes were: nothing known is (0, no)."""
        try:
            state = json.loads(self._file("state").read_text("utf-8"))
            known = max(0, int(state["chunks"])), bool(state["leaves"])
            mine = (state["records"], state["root"]) == (self.records, self.root.hex())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return 0, False
        if not mine:
            raise ContentError(f"“{shown(str(self.folder))}” holds a delivery of another dataset.")
        return known

    def _whole_chunks(self, name: str, width: int) -> int:
        stored = _size(self._file(name)) // width
        return self.chunks if stored >= self.records else stored // CHUNK_RECORDS


def _write_at(path: Path, offset: int, data: Buffer) -> None:
    """Write all of ``data`` at ``offset``."""
    with path.open("r+b" if path.exists() else "w+b", buffering=0) as file:
        file.seek(offset)
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]


def _force(path: Path) -> None:
    with path.open("r+b", buffering=0) as file:
        _fdatasync(file.fileno())


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
