"""From a complete spool and its key to files: decrypt, check everything, move into place.

Each record must hash to its leaf under the registered root: one that does not is a `BadRecord`,
with the proof a complaint needs. Then the owner's statements: length, every file's size and
BLAKE3, the content id. Files are written to a hidden folder beside the target, which takes its
final name only when all is right; nothing that exists is overwritten; the spool is left as it is.
"""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from p2p import chacha20, files, records, sealing, worker
from p2p.assembly import Assembly
from p2p.errors import BadRecord, Cancelled, ContentError
from p2p.manifest import Manifest
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD, RECORD, Fingerprint
from p2p.spool import Spool

__all__ = ["BadRecord", "Unsealed", "check_records", "unseal"]

_SLOTS = 4  # for each process, so that none waits for another
_TAKEN = {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR}


@dataclass(frozen=True, slots=True)
class Unsealed:
    """Where the delivered files are (in manifest order) and the content id they have."""

    folder: Path
    files: tuple[Path, ...]
    content_id: bytes


def unseal(
    spool: Path,
    dk: bytes,
    manifest: Manifest | None,
    fingerprint: Fingerprint,
    target: Path,
    *,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
    strict: bool = True,
) -> Unsealed:
    """Unseal the delivery in folder ``spool`` with the order's key ``dk`` (32 bytes).

    manifest: as checked before funding, or None to take the one that was delivered.
    target: the folder the files shall be in; "name (2)" … where there is something already.
    progress: called with (records done, records in all) after each chunk.
    cancelled: asked before each chunk; true raises Cancelled.
    strict: false puts the files in place although what the manifest states about one is untrue:
        every record is the registered one, and the buyer has paid for the records.
    Raises BadRecord (the first one), PeerError (all records are the registered ones, but a
    statement of the owner is untrue), ContentError (this disk: full, damaged, not writable),
    Unreachable (a process that opens chunks was ended: try again).
    """
    store = Spool(spool, fingerprint.records, fingerprint.root)
    if not store.complete:
        raise ContentError("The delivery is not complete yet: wait until every part has arrived.")
    target = Path(os.path.abspath(target))
    with (
        _workplace(target, spool, fingerprint.length) as work,
        Assembly(work, fingerprint, manifest, strict=strict) as assembly,
    ):
        done = 0
        with contextlib.closing(_opened(store, dk, cancelled)) as payloads:
            for payload in payloads:
                assembly.add(payload)
                done += len(payload) // PAYLOAD
                progress(done, fingerprint.records)
        made = assembly.finish()
        folder = _move(work, target)
    return Unsealed(folder, tuple(folder / file.path for file in made.files), made.content_id)


def check_records(
    spool: Path, dk: bytes, fingerprint: Fingerprint, *, cancelled: Callable[[], bool]
) -> None:
    """Open every record and write nothing: for a disk that has no room for the files, so that a
    complaint does not have to wait for some. Raises BadRecord, ContentError, Cancelled."""
    store = Spool(spool, fingerprint.records, fingerprint.root)
    if not store.complete:
        raise ContentError("The delivery is not complete yet: wait until every part has arrived.")
    with contextlib.closing(_opened(store, dk, cancelled)) as payloads:
        for _ in payloads:
            pass


def _opened(
    store: Spool, dk: bytes, cancelled: Callable[[], bool]
) -> Generator[memoryview, None, None]:
    """The payloads of all chunks, in order, each good until the next one is asked for."""

    def chunk(index: int, place: memoryview) -> tuple[int]:
        if cancelled():
            raise Cancelled
        return (index,)

    with worker.crew(store.chunks, _SLOTS, Opener, store, dk) as every:
        for place, size in worker.in_turn(every, range(store.chunks), "open", chunk):
            yield place[:size]


class Opener:
    """A job (`p2p.worker`): opens stored chunks into slots of the window."""

    def __init__(self, store: Spool, dk: bytes, window: memoryview) -> None:
        self._store, self._dk, self._window = store, dk, window
        self._chunk = memoryview(bytearray(CHUNK))

    def open(self, slot: int, index: int) -> int:
        """The payload's size; it lies in the slot then. BadRecord, ContentError."""
        plain = open_chunk(self._store, self._dk, index, self._chunk)
        return records.payload_into(plain, self._window[slot * CHUNK :])


def open_chunk(
    store: Spool, dk: bytes, chunk_index: int, room: memoryview | None = None
) -> memoryview:
    """Plain records of a stored chunk, each of them the one under the root.

    room: where they lie until the next call. Raises BadRecord for the first that is not,
    ContentError if this disk failed.
    """
    leaves = store.leaves(chunk_index)
    plain = store.read_ciphertext(chunk_index, room or memoryview(bytearray(CHUNK)))
    chacha20.xor_into(dk, sealing.chunk_nonce(chunk_index), 0, plain, plain)
    found = records.leaf_hashes(plain)
    if found == leaves:
        return plain
    at = next(i for i in range(0, len(leaves), LEAF) if found[i : i + LEAF] != leaves[i : i + LEAF])
    number = at // LEAF
    leaf = leaves[at : at + LEAF]
    ciphertext = store.ciphertext(chunk_index)[number * RECORD : (number + 1) * RECORD]
    # Accuse the owner only of what the signed delivery root proves: this disk may have failed.
    store.check_evidence(chunk_index)
    index = chunk_index * CHUNK_RECORDS + number
    raise BadRecord(index, leaf, ciphertext, tuple(store.delivery_path(index)))


@contextlib.contextmanager
def _workplace(target: Path, spool: Path, length: int) -> Iterator[Path]:
    """An empty hidden folder beside ``target``; what is left in it at the end is removed.

    Its name follows from the spool, so that a crash leaves at most one, which the next try clears.
    """
    parent = target.parent
    mark = hashlib.sha256(os.fsencode(os.path.abspath(spool))).hexdigest()[:16]
    work = parent / f".lading-{mark}"
    with files.writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        if work.exists():
            shutil.rmtree(work)
        free = shutil.disk_usage(parent).free
        if free < length:
            raise ContentError(
                f"The files need {length:,} bytes, the disk has {free:,} free. Free some space "
                "or choose another folder; the delivery is kept."
            )
        work.mkdir()
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _move(work: Path, target: Path) -> Path:
    """Give the finished folder its name, or the first free "name (2)" …; atomic, never over data.

    The system itself refuses to rename over a file or a folder with something in it.
    """
    for number in range(1, 10_000):
        place = target if number == 1 else target.with_name(f"{target.name} ({number})")
        with files.writing(target.parent):
            try:
                os.rename(work, place)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            else:
                return place
    raise ContentError("Too many folders of that name: choose another name.")
