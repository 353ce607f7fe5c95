"""The buyer's store of one delivery on disk: leaf hashes, then ciphertext chunk by chunk.

    leaves        32n bytes, checked against the root before the first chunk is accepted
    ciphertext.k  the chunks received so far, in order, in segments of 64 MiB
    entries       leaf hashes of the delivery tree, written with each chunk
    state         how much of this is known to be on the disk, replaced atomically

A chunk counts as stored once it was forced to the disk; with each segment it is noted how far all
was. After a crash everything behind that note is hashed again, and cut off where it does not agree
with itself: R_x is computed from what lies on the disk. Whoever opens chunks says so once their
plain data is on the disk (`opened_to`): segments that are opened go, leaves and entries stay for a
complaint. Nothing here needs a key. A folder of an earlier version has one file ``ciphertext``: a
delivery of one segment. One of a later version, whose ``state`` names a format that is not known
here, is refused before anything of it is touched.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from p2p import files, merkle, records, sealing, uncached
from p2p.buffers import Buffer
from p2p.errors import ContentError, PeerError
from p2p.manifest import Manifest, shown
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, RECORD

if TYPE_CHECKING:
    from concurrent.futures import Future

SEGMENT_CHUNKS = 64
CACHED_CHUNKS = min(uncached.memory_bytes() // 8 // CHUNK, 1024)
"""The last so many may go through the system's file cache, where whoever opens them soon finds
them: reading them from the disk keeps it from writing what was opened. So it is as long as a new
page is cheap (`uncached.write_soon_read`); each delivery has as much."""
FORMAT = 1
"""Of the folder; raised by who changes it so that this code would take what is there for less. A
``state`` of before it was noted names none."""
_SEALED, _MANIFEST = "ciphertext", "opened"
_fdatasync = files.fdatasync


class Spool:
    """Store of a delivery of ``records`` records under ``root``, in a folder of its own.

    Opening takes up what an earlier process left. One writer at a time. ContentError if the disk
    is full or cannot be written, or if the folder belongs to another dataset or a later version.
    """

    __slots__ = (
        "_begun",
        "_forced",
        "_held",
        "_leaves",
        "_leaves_complete",
        "_next",
        "_one",
        "_opened",
        "_place",
        "_segment",
        "_synced",
        "_target",
        "_tree",
        "failed",
        "folder",
        "records",
        "root",
        "started",
        "untrue",
    )

    def __init__(self, folder: Path, records: int, root: bytes) -> None:
        self.folder = folder
        self.records = records
        self.root = root
        self._leaves = merkle.RootHasher()
        self._leaves_complete = False
        self._tree = merkle.RootHasher()
        self._begun: tuple[Future[None], bytes] | None = None
        self._next = 0
        self._forced = 0
        self._held = _Held()
        self._synced = 0
        self._opened = 0
        self._place = ""
        self._target = ""
        self.failed = False
        """Whether this disk has failed to keep what was put: `take_up` tells what is left."""
        self.untrue = False
        self.started = ""
        self._look_whether_known()
        with files.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            self._one = self._file(_SEALED).exists()
            self._segment = self.chunks if self._one else SEGMENT_CHUNKS
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

    @property
    def segment_chunks(self) -> int:
        """Chunks of a segment: so many go at once when they are opened."""
        return self._segment

    @property
    def opened(self) -> int:
        """The first so many chunks have been opened; their sealed data may be gone."""
        return self._opened

    @property
    def place(self) -> Path | None:
        """Where the plain data of `opened` chunks lies, if there are any."""
        return Path(self._place) if self._place else None

    @property
    def target(self) -> Path | None:
        """The name that `place` was about to get, in the end."""
        return Path(self._target) if self._target else None

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
            self._held.hold(self._file("leaves"))
        self._leaves.add_many(leaves)
        if self._leaves.size < self.records:
            return
        if self._leaves.root() != self.root:
            self._leaves = merkle.RootHasher()
            raise PeerError(
                "The owner's leaf hashes do not lead to the registered root: the delivery stops."
            )
        try:
            with files.writing(self.folder):
                self._held.force(self._file("leaves"))
        except ContentError:  # as in `_forget_unforced`: all of them come again
            self._leaves = merkle.RootHasher()
            with suppress(OSError):
                os.truncate(self._file("leaves"), 0)
            raise
        self._leaves_complete = True
        self._held.close_but()
        with files.writing(self.folder):
            self._save_state()

    def put_chunk(self, chunk_index: int, ciphertext: Buffer) -> None:
        """Store a chunk; when this returns the system has it, and the disk all segments before its
        own. `sync` before it counts.

        A chunk that is already stored is left as it is. PeerError if it comes before its time or
        has the wrong length; ContentError if the disk is full: nothing stored before is lost.
        """
        if not chunk_index % self._segment:
            self.sync()
        self.begin_chunk(chunk_index, ciphertext)
        self.settle()
        if self._next == chunk_index + 1:
            with files.writing(self.folder):
                self._held.hold(self._sealed(chunk_index)[0])
                self._held.hold(self._file("entries"))

    def begin_chunk(self, chunk_index: int, ciphertext: Buffer, name: bytes | None = None) -> bool:
        """`put_chunk`, but it is only stored when `settle`, or the next one, returns: it goes to
        the disk while that one comes. Until then ``ciphertext`` stays as it is. Nothing is forced:
        somebody else may do that meanwhile.

        name: its `sealing.chunk_name`, if it came by a way that others can write to: False, and
        nothing is stored, if it is another chunk.
        """
        self.settle()
        if not self._leaves_complete:
            raise PeerError("The owner sent data before all leaf hashes.")
        if not 0 <= chunk_index < self.chunks or chunk_index > self._next:
            raise PeerError(f"The owner sent chunk {chunk_index}, expected was {self._next}.")
        count = records.chunk_records(chunk_index, self.records)
        if len(ciphertext) != count * RECORD:
            raise PeerError(f"Chunk {chunk_index} has a wrong length.")
        if chunk_index < self._next:
            return True
        leaves = self.leaves(chunk_index)
        path, at = self._sealed(chunk_index)
        if self._tree.size < chunk_index * CHUNK_RECORDS:
            self._grow()
        with files.writing(self.folder):
            self._remove_behind(chunk_index)
            past = chunk_index < self.chunks - CACHED_CHUNKS
            written = uncached.beside().submit(_write_at, path, at * RECORD, ciphertext, past)
            entries = sealing.delivery_leaves(leaves, ciphertext)
            if name is not None and name != sealing.chunk_name(entries):
                written.result()
                return False  # what was written without its entries is nothing
        self._begun = written, entries
        return True

    def settle(self) -> None:
        """Wait until the chunk that was begun, if there is one, is stored. ContentError: it was
        not."""
        begun, self._begun = self._begun, None
        if begun is None:
            return
        written, entries = begun
        with files.writing(self.folder):
            written.result()
            _write_at(self._file("entries"), self._next * CHUNK_RECORDS * LEAF, entries)
        self._tree.add_many(entries)
        self._next += 1

    def put_opened(self, entries: bytes) -> None:
        """In place of the next chunk, which was opened elsewhere and found to be right: its leaves
        of the delivery tree. Comes before any chunk, of which there is at least one: once that is
        forced, these are, and nothing of them is noted, or found by another process, before."""
        with files.writing(self.folder):
            _write_at(self._file("entries"), self._next * CHUNK_RECORDS * LEAF, entries)
            self._held.hold(self._file("entries"))
        self._next += 1
        self._forced = self._synced = self._opened = self._next

    def _grow(self) -> None:
        """The delivery tree over all that is stored. What an earlier process left is hashed when
        it is needed, not whenever a store is opened: that is an eighth of all hashing."""
        stored = min(self._next * CHUNK_RECORDS, self.records)
        with files.mapped(self._file("entries")) as view:
            if len(view) < stored * LEAF:
                raise self.damaged()
            self._tree.add_many(view[self._tree.size * LEAF : stored * LEAF])

    def force(self, chunks: int) -> None:
        """Have the disk hold the first ``chunks``, which were put; another thread, or process, may
        go on putting the next ones meanwhile. ContentError, and again each time until `take_up`:
        what was forced before is kept.

        One forces, and nobody else meanwhile: the system tells of a failure once, and who has not
        heard of it takes for kept what is not.
        """
        if self.failed:
            place = shown(str(self.folder))
            raise ContentError(f"“{place}” cannot be written: the disk failed before.")
        newer = range(self._forced // self._segment, -(-chunks // self._segment))
        try:
            with files.writing(self.folder):
                for number in newer:
                    self._held.force(self._segment_file(number))
                self._held.force(self._file("entries"))
        except ContentError:
            self._forget_unforced()
            raise
        self._forced = chunks
        unfinished = [self._sealed(chunks)[0], self._file("entries")]
        self._held.close_but(*unfinished if chunks < self.chunks else [])
        if chunks // self._segment > self._synced // self._segment:
            with files.writing(self.folder):
                self._save_state()

    def _forget_unforced(self) -> None:
        """After a failure the system takes pages for clean that the disk never had: the next
        `force` would succeed and mean nothing. So what was put since the last one that succeeded
        is taken for lost, here and after a restart; what that one covered is on the disk."""
        self.failed = True
        with suppress(OSError):
            self._cut_entries(self._forced)

    def _cut_entries(self, chunks: int) -> None:
        """Whatever lies behind so many chunks is nothing without its entries."""
        entries = self._file("entries")
        os.truncate(entries, min(chunks * CHUNK_RECORDS * LEAF, entries.stat().st_size))

    def sync(self) -> None:
        """Force everything stored so far to the disk, and note it."""
        if self._forced != self._next:
            self.force(self._next)
        if self._synced != self._forced:
            with files.writing(self.folder):
                self._save_state()

    def opened_to(self, chunks: int, place: Path, started: str = "") -> None:
        """The plain data of the first ``chunks`` chunks, each of them checked, has been forced to
        the disk below ``place``: note it, then remove the segments nobody needs any more.
        ``started``: the hash of what there is of a file that goes on behind them.

        The last one stays: what is left of a delivery can be told from one that never came.
        """
        self.sync()
        self._opened, self._place, self.started = chunks, str(place), started
        with files.writing(self.folder):
            self._save_state()
            self._remove_opened()

    def goes_to(self, target: Path, strict: bool) -> None:
        """All of it is opened, and `place` gets this name next."""
        self._target, self.untrue = str(target), not strict
        with files.writing(self.folder):
            self._save_state()

    def keep_manifest(self, manifest: Manifest) -> None:
        """What says which files the opened data makes: its own records may be gone."""
        with files.writing(self.folder):
            _replace(self._file(_MANIFEST), manifest.encode())

    def manifest(self) -> Manifest:
        """The one that was kept."""
        with files.reading(self.folder):
            return Manifest.decode(self._file(_MANIFEST).read_bytes())

    def take_over(self, other: "Spool") -> None:
        """What another process has stored in this folder, as its own Spool knows it. What either
        has forced is on the disk; where that has failed one of the two, it has failed both, and
        no more is left than whoever was told had forced."""
        told = [spool._forced for spool in (self, other) if spool.failed]
        forced = min(told) if told else max(self._forced, other._forced)
        synced = max(self._synced, other._synced)
        for name in {*self.__slots__} - {"_held"}:
            setattr(self, name, getattr(other, name))
        self.failed = bool(told)
        self._forced, self._synced = min(forced, self._next), min(synced, self._next)

    def take_up(self) -> None:
        """What lies in the folder, whoever put it there; nothing that the disk failed to keep."""
        if self.failed:  # whoever puts has gone on since
            with files.writing(self.folder):
                self._cut_entries(self._forced)
        self._held.close_but()
        found = Spool(self.folder, self.records, self.root)
        self.failed = False
        self.take_over(found)

    def let_go(self, other: "Spool | None") -> None:
        """`take_over` at the end of who has put; `take_up` if that one cannot tell any more, or the
        disk has failed."""
        if other is not None:
            self.take_over(other)
        if other is None or self.failed:
            with suppress(ContentError):  # whoever opens it next is told
                self.take_up()
        self._held.close_but()

    def delivery_root(self) -> bytes:
        """R_x of the complete delivery, after forcing it to the disk; ValueError if incomplete."""
        root = self.tree_root()
        self.sync()
        return root

    def tree_root(self) -> bytes:
        """`delivery_root` of what somebody else forces."""
        if not self.complete:
            raise ValueError("the delivery is not complete")
        self._grow()
        return self._tree.root()

    def leaves(self, chunk_index: int) -> bytes:
        """Leaf hashes of a chunk's records."""
        return self._read(self._file("leaves"), chunk_index * CHUNK_RECORDS, chunk_index, LEAF)

    def ciphertext(self, chunk_index: int) -> bytes:
        """A stored chunk that was not opened."""
        return self._read(*self._sealed(chunk_index), chunk_index, RECORD)

    def read_ciphertext(self, chunk_index: int, into: memoryview) -> memoryview:
        """`ciphertext` at the beginning of ``into``."""
        place = into[: records.chunk_records(chunk_index, self.records) * RECORD]
        path, at = self._sealed(chunk_index)
        with files.reading(self.folder):
            if uncached.read_at(path, at * RECORD, place) != len(place):
                raise self.damaged()
        return place

    def entries(self, chunk_index: int) -> bytes:
        """Leaf hashes of the delivery tree of a stored chunk."""
        return self._read(self._file("entries"), chunk_index * CHUNK_RECORDS, chunk_index, LEAF)

    def check_evidence(self, chunk_index: int) -> None:
        """ContentError if what is stored of a chunk is not what was received: the disk failed."""
        entries = sealing.delivery_leaves(self.leaves(chunk_index), self.ciphertext(chunk_index))
        with files.mapped(self._file("leaves")) as view:
            if entries != self.entries(chunk_index) or merkle.root(view) != self.root:
                raise self.damaged()

    def delivery_path(self, index: int) -> list[bytes]:
        """Path of record ``index`` in the delivery tree: a complaint's proof."""
        with files.mapped(self._file("entries")) as view:
            return merkle.path(view, index)

    def discard(self) -> None:
        """Forget everything that was stored; this object must not be used any more."""
        self._held.close_but()
        with files.writing(self.folder):
            for name in ("state", "entries", "leaves", _MANIFEST):
                self._file(name).unlink(missing_ok=True)
            for path in self.folder.glob(f"{_SEALED}*"):
                path.unlink()

    def _file(self, name: str) -> Path:
        return self.folder / name

    def _sealed(self, chunk_index: int) -> tuple[Path, int]:
        """The segment a chunk is in, and the record of it that the chunk begins with."""
        number, chunk = divmod(chunk_index, self._segment)
        return self._segment_file(number), chunk * CHUNK_RECORDS

    def _segment_file(self, number: int) -> Path:
        return self._file(_SEALED if self._one else f"{_SEALED}.{number}")

    def _remove_behind(self, chunk_index: int) -> None:
        """The next segment, if this disk has lost what comes before it: it is received again."""
        if not self._one:
            self._segment_file(chunk_index // self._segment + 1).unlink(missing_ok=True)

    def _read(self, path: Path, first: int, chunk_index: int, width: int) -> bytes:
        """Of each record of the chunk so many bytes, from a file where it begins at ``first``."""
        count = records.chunk_records(chunk_index, self.records)
        with files.reading(self.folder):
            data = files.read_at(path, first * width, count * width)
        if len(data) != count * width:
            raise self.damaged()
        return data

    def damaged(self) -> ContentError:
        return ContentError(
            f"The stored delivery in “{shown(str(self.folder))}” is damaged on this disk."
        )

    def _save_state(self) -> None:
        state = {
            "chunks": self._forced,
            "format": FORMAT,
            "leaves": self._leaves_complete,
            "opened": self._opened,
            "place": self._place,
            "records": self.records,
            "root": self.root.hex(),
            "target": self._target,
            "untrue": self.untrue,
            "started": self.started,
        }
        _replace(self._file("state"), json.dumps(state).encode())
        self._synced = self._forced

    def _look_whether_known(self) -> None:
        """ContentError if a later version left the folder."""
        try:
            written = json.loads(self._file("state").read_text("utf-8")).get("format", FORMAT)
        except (OSError, ValueError, AttributeError):
            return
        if written != FORMAT:
            raise ContentError(
                "This delivery was received in part by a newer Lading. Nothing of it was changed: "
                f"update Lading, and it goes on (“{shown(str(self.folder))}”)."
            )

    def _take_up(self) -> None:
        """Trust what was forced to the disk, hash the rest again."""
        noted = self._load_state()
        leaves = self._file("leaves")
        if _size(leaves) != self.records * LEAF:
            return
        if not noted.leaves:
            with files.mapped(leaves) as view:
                if merkle.root(view) != self.root:
                    return
        self._leaves_complete = True
        self._opened, self._place, self._target = noted.opened, noted.place, noted.target
        self.untrue, self.started = noted.untrue, noted.started
        self._remove_opened()
        stored = min(self._whole_sealed(), _whole(self._file("entries"), LEAF, self.records))
        self._next = self._forced = self._synced = min(noted.chunks, stored)
        if self._synced < noted.chunks:  # what comes again is not on the disk before it is forced
            self._save_state()
        while self._next < stored:
            entries = sealing.delivery_leaves(self.leaves(self._next), self.ciphertext(self._next))
            if entries != self.entries(self._next):
                break
            self._next += 1

    def _remove_opened(self) -> None:
        """Those that are left of the segments that were opened, the first one first."""
        stop = min(self._opened, self.chunks - 1) // self._segment
        first = stop
        while first and self._segment_file(first - 1).exists():
            first -= 1
        for number in range(first, stop):
            self._segment_file(number).unlink(missing_ok=True)

    def _load_state(self) -> "_State":
        try:
            state = json.loads(self._file("state").read_text("utf-8"))
            known = _State(
                max(0, int(state["chunks"])),
                bool(state["leaves"]),
                max(0, int(state.get("opened", 0))),
                str(state.get("place", "")),
                str(state.get("target", "")),
                bool(state.get("untrue", False)),
                str(state.get("started", "")),
            )
            mine = (state["records"], state["root"]) == (self.records, self.root.hex())
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return _State()
        if not mine:
            raise ContentError(f"“{shown(str(self.folder))}” holds a delivery of another dataset.")
        return known

    def _whole_sealed(self) -> int:
        """Chunks whose sealed data is there, or was opened."""
        chunk = self._opened // self._segment * self._segment
        while chunk < self.chunks:
            left = self.records - chunk * CHUNK_RECORDS
            size = min(self._segment * CHUNK_RECORDS, left)
            whole = _whole(self._sealed(chunk)[0], RECORD, size)
            chunk += whole
            if whole < records.chunk_count(size):
                break
        return chunk


@dataclass(frozen=True, slots=True)
class _State:
    """What was noted: chunks forced to the disk, whether the leaf hashes were, what was opened."""

    chunks: int = 0
    leaves: bool = False
    opened: int = 0
    place: str = ""
    target: str = ""
    untrue: bool = False
    started: str = ""


class _Held:
    """Files that stay open until they are done: once nobody has a file open the system may forget
    that it could not write it, and whoever forces it afterwards is told nothing. Another process
    gets none of them."""

    def __init__(self) -> None:
        self._files: dict[Path, FileIO] = {}

    def __reduce__(self) -> tuple[type["_Held"], tuple[()]]:
        return _Held, ()

    def __del__(self) -> None:
        self.close_but()

    def hold(self, path: Path) -> FileIO:
        if path not in self._files:
            self._files[path] = FileIO(path, "r+b")
        return self._files[path]

    def force(self, path: Path) -> None:
        _fdatasync(self.hold(path).fileno())

    def close_but(self, *paths: Path) -> None:
        for path in self._files.keys() - paths:
            with suppress(OSError):  # what there was to say was said when it was forced
                self._files.pop(path).close()


def _whole(path: Path, width: int, count: int) -> int:
    """Chunks in a file of ``count`` records of ``width`` bytes; the last one may be short."""
    stored = _size(path) // width
    return records.chunk_count(count) if stored >= count else stored // CHUNK_RECORDS


def _write_at(path: Path, offset: int, data: Buffer, past: bool = False) -> None:
    """``past`` the system's cache what is not read soon."""
    (uncached.write_at if past else uncached.write_soon_read)(path, offset, data)


def _replace(path: Path, data: bytes) -> None:
    """On the disk when this returns: the new file, or before that the old one."""
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    files.force_folder(path.parent)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
