"""From a complete spool and its key to files: decrypt, check everything, move into place.

Each record must hash to its leaf under the registered root: one that does not is a `BadRecord`,
with the proof a complaint needs. Then the owner's statements: length, every file's size and
BLAKE3, the content id. Files are written to a hidden folder beside the target, which takes its
final name only when all is right; nothing that exists is overwritten.

What is opened of a segment is forced to the disk, then that is noted in the spool, then the sealed
segment is removed: so opening needs room for two segments more, not for everything twice. Whatever
ends it, the next try goes on behind the note, in the same folder. The last segment stays.
"""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from p2p import files, worker
from p2p.assembly import Assembly, gone
from p2p.errors import BadRecord, Cancelled, ContentError, PeerError
from p2p.manifest import Manifest
from p2p.opener import Opener
from p2p.ready import Ready
from p2p.records import CHUNK, CHUNK_RECORDS, PAYLOAD, Fingerprint
from p2p.spool import SEGMENT_CHUNKS, Spool

__all__ = ["BadRecord", "Unsealed", "check_records", "nearly_here", "openers", "unseal"]

_CONTENT = CHUNK_RECORDS * PAYLOAD  # bytes of it in a chunk
_SLOTS = 8  # for each process, so that it does not wait for the disk behind us
_SPARE = 2  # segments: one that is being opened, one that is being forced to the disk
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
    ready: Ready | None = None,
) -> Unsealed:
    """Unseal the delivery in folder ``spool`` with the order's key ``dk`` (32 bytes).

    manifest: as checked before funding, or None to take the one that was delivered.
    target: the folder the files shall be in; "name (2)" … where there is something already.
    progress: called with (records done, records in all) after each chunk.
    cancelled: asked before each chunk; true raises Cancelled.
    strict: false puts the files in place although what the manifest states about one is untrue:
        every record is the registered one, and the buyer has paid for the records.
    ready: `openers` that may have started already.
    Raises BadRecord (the first one), PeerError (all records are the registered ones, but a
    statement of the owner is untrue), ContentError (this disk: full, damaged, not writable),
    Unreachable (a process that opens chunks was ended: try again).
    """
    store = _complete(spool, fingerprint)
    target = Path(os.path.abspath(target))
    if store.place is not None and not store.place.is_dir():
        return _moved_before(store, dk, manifest, cancelled, strict)
    with _workplace(target, store, fingerprint.length, strict) as work:
        assembly = Assembly(work, fingerprint, manifest, strict=strict)
        if store.opened:
            known = manifest or store.manifest()
            assembly.go_on(known, store.opened * _CONTENT, store.started, cancelled)
        done = store.opened * CHUNK_RECORDS
        with (
            _Settling(store, work, assembly) as settling,
            contextlib.closing(_opened(store, dk, cancelled, assembly.lies, ready)) as payloads,
            contextlib.closing(assembly),
        ):
            for payload in payloads:
                assembly.add(payload)
                done += len(payload) // PAYLOAD
                progress(done, fingerprint.records)
                # What was said falsely is found anew each time: it is never noted as opened.
                if strict and done < fingerprint.records:
                    settling.reached(done // CHUNK_RECORDS)
        made = assembly.finish()
        if store.opened:
            files.force(assembly.hand_over(), work)
            target = work.parent / target.name
        folder = _move(work, target, store, strict)
    return _unsealed(folder, made)


def openers() -> Ready:
    """What opens chunks, for `unseal`: it may start before all data, receipt and key are there."""
    return Ready(lambda: _crew(worker.LEAST_CHUNKS))


def nearly_here(stored: int, chunks: int) -> bool:
    """Whether it is time for `openers` to start: on a fast line they take about as long as what is
    still to come. Few chunks need none."""
    return chunks >= worker.LEAST_CHUNKS and chunks - stored <= SEGMENT_CHUNKS


def check_records(
    spool: Path, dk: bytes, fingerprint: Fingerprint, *, cancelled: Callable[[], bool]
) -> None:
    """Open every record and write nothing: for a disk that has no room for the files, so that a
    complaint does not have to wait for some. Raises BadRecord, ContentError, Cancelled."""
    _check(_complete(spool, fingerprint), dk, cancelled)


def _check(store: Spool, dk: bytes, cancelled: Callable[[], bool]) -> None:
    with contextlib.closing(_opened(store, dk, cancelled)) as payloads:
        for _ in payloads:
            pass


def _complete(spool: Path, fingerprint: Fingerprint) -> Spool:
    store = Spool(spool, fingerprint.records, fingerprint.root)
    if not store.complete:
        raise ContentError("The delivery is not complete yet: wait until every part has arrived.")
    return store


def _unsealed(folder: Path, made: Manifest) -> Unsealed:
    return Unsealed(folder, tuple(folder / file.path for file in made.files), made.content_id)


def _moved_before(
    store: Spool,
    dk: bytes,
    manifest: Manifest | None,
    cancelled: Callable[[], bool],
    strict: bool,
) -> Unsealed:
    """The folder that was opened to is not there: it has its final name, or somebody took it."""
    if store.target is not None and store.target.is_dir():
        if strict and store.untrue:
            raise PeerError("What the owner stated about the files is untrue.")
        return _unsealed(store.target, manifest or store.manifest())
    _check(store, dk, cancelled)  # a complaint needs no files
    assert store.place is not None
    raise gone(store.place)


class _Settling:
    """Forces what was opened of a segment to the disk, notes it and removes the segment, in a
    thread beside the opening of the next one."""

    def __init__(self, store: Spool, work: Path, assembly: Assembly) -> None:
        self._store, self._work, self._assembly = store, work, assembly
        self._thread = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.shutdown()
        if kind is None and self._last is not None:
            self._last.result()

    def reached(self, chunks: int) -> None:
        """So many chunks were added to the files. Raises what the thread did."""
        manifest = self._assembly.manifest
        if chunks % self._store.segment_chunks or manifest is None:
            return
        if self._last is None:
            self._store.keep_manifest(manifest)
        else:
            self._last.result()
        written = self._assembly.hand_over()
        started = self._assembly.started()
        self._last = self._thread.submit(self._settle, written, chunks, started)

    def _settle(self, written: list[Path], chunks: int, started: str) -> None:
        files.force(written, self._work)
        self._store.opened_to(chunks, self._work, started)


def _crew(chunks: int) -> contextlib.AbstractContextManager[Sequence[worker.Hands]]:
    # Hashing the files and writing them takes this process half of a core, and the system the rest.
    return worker.crew(chunks, _SLOTS, Opener, spared=1)


def _anywhere(start: int, stop: int) -> int:
    return 0


def _opened(
    store: Spool,
    dk: bytes,
    cancelled: Callable[[], bool],
    lies: Callable[[int, int], int] = _anywhere,
    ready: Ready | None = None,
) -> Generator[memoryview, None, None]:
    """The payloads of all chunks that were not opened before, in order, each good until the next
    but one is asked for. lies: as `Assembly.lies`."""

    def chunk(index: int, place: memoryview) -> tuple[int]:
        if cancelled():
            raise Cancelled
        return (lies(index * _CONTENT, (index + 1) * _CONTENT),)

    left = range(store.opened, store.chunks)
    away = len(left) >= worker.LEAST_CHUNKS
    with ready.taken() if ready is not None and away else _crew(len(left)) as every:
        for number, hands in enumerate(every):
            hands.call("begin", store, dk, left[number :: len(every)])
        for place, (start, stop) in worker.in_turn(every, left, "open", chunk):
            yield place[start:stop]


@contextlib.contextmanager
def _workplace(target: Path, store: Spool, length: int, strict: bool) -> Iterator[Path]:
    """A hidden folder: the one where earlier opened data lies, or an empty one beside ``target``.
    It is left behind only where the spool says that it is needed.

    Its name follows from the spool, so that a crash leaves at most one, which the next try clears.
    """
    mark = hashlib.sha256(os.fsencode(os.path.abspath(store.folder))).hexdigest()[:16]
    work = store.place or target.parent / f".lading-{mark}"
    parent = work.parent
    with files.writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        if not store.opened and work.exists():
            shutil.rmtree(work)
        needed, free = _needed(store, length, parent, strict), shutil.disk_usage(parent).free
        if free < needed:
            raise ContentError(
                f"The files need {needed:,} bytes, the disk has {free:,} free. Free some space"
                f"{'' if store.opened else ' or choose another folder'}; the delivery is kept."
            )
        work.mkdir(exist_ok=bool(store.opened))
    try:
        yield work
    except BadRecord:  # the price comes back for the whole of it
        shutil.rmtree(work, ignore_errors=True)
        raise
    finally:
        if not store.opened:
            shutil.rmtree(work, ignore_errors=True)


def _needed(store: Spool, length: int, parent: Path, strict: bool) -> int:
    """Bytes: what is left to open; where that takes the room of what is sealed, two segments."""
    left = max(0, length - store.opened * _CONTENT)
    if not strict or _disk(store.folder) != _disk(parent):
        return left
    return min(left, _SPARE * store.segment_chunks * CHUNK)


def _disk(folder: Path) -> int:
    return os.stat(folder).st_dev


def _move(work: Path, target: Path, store: Spool, strict: bool) -> Path:
    """Give the finished folder its name, or the first free "name (2)" …; atomic, never over data.

    The system itself refuses to rename over a file or a folder with something in it.
    """
    for number in range(1, 10_000):
        place = target if number == 1 else target.with_name(f"{target.name} ({number})")
        with files.writing(target.parent):
            if store.opened:
                store.goes_to(place, strict)
            try:
                os.rename(work, place)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
            else:
                return place
    raise ContentError("Too many folders of that name: choose another name.")
