"""Saving a delivery parcel: the owner seals everything for one order into files (`p2p.parcels`).

Every record is compared with its registered leaf hash before it is sealed, as on the wire: the
delivery key never meets other data. The leaves of the delivery tree are kept on the way, in a file
of their own: a delivery over the net may be under way at the same time.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from p2p import files, sent_leaves, stepwork, worker
from p2p.buffers import Buffer
from p2p.content import read_leaves
from p2p.errors import Unreachable
from p2p.manifest import shown
from p2p.parcels import Label, ParcelError, file_name, is_whole, part_label, read_label
from p2p.records import CHUNK, LEAF, chunk_count
from p2p.sealer import Desk, Source, apart
from p2p.sent_leaves import SentLeaves
from p2p.stepwork import Progress, Steps, Stepwise

_SAVED_LEAVES: Final = "parcel-leaves"
_KEPT_LEAVES: Final = "kept-leaves"


def save(
    source: Source,
    order_id: bytes,
    folder: Path,
    name: str,
    part_bytes: int,
    *,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> tuple[int, int]:
    """Seal everything into ``folder``: one file ``name``.lading or parts of ``part_bytes`` at most.

    Every record is compared with its registered hash first. A part appears under its name when it
    is whole and on the disk; one that is there already from an earlier try is not made again.
    Returns how many parts there are and their bytes.

    Raises ParcelError (there, room, large, small), ContentError (the disk; ContentChanged: the
    files are not the registered ones), Cancelled: the parts that were finished stay.
    """
    if source.dk is None:
        raise ValueError("nothing is sealed before the payment is final")
    fingerprint = source.content.fingerprint
    first = part_label(order_id, fingerprint.root, fingerprint.records, part_bytes)
    labels = [
        Label(order_id, first.root, first.records, first.part_blocks, part)
        for part in range(first.parts)
    ]
    total = sum(label.size for label in labels)
    _look_for_room(folder, total - _taken_by(folder, name, labels))
    places = [(folder / file_name(name, label), label) for label in labels]
    away = chunk_count(source.records) >= worker.LEAST_CHUNKS
    try:
        with worker.hands(away, 1, Saver, apart(source), places) as hands:
            stepwork.run(hands, progress, cancelled, "Saving the parcel was stopped.")
    except Unreachable as error:
        with suppress(OSError):
            for path, _ in places:
                _unfinished(path).unlink(missing_ok=True)
        raise ParcelError(
            "ended", "What saved the parcel was ended. Save it again: it goes on at that part."
        ) from error
    return len(labels), total


class Saver(Stepwise):
    """A job (`p2p.worker`): writes the parts of a parcel to their places, a block each step. What
    is sealed lies in the window for as long as a step. Raises ParcelError (large), ContentError."""

    def __init__(self, source: Source, parts: list[tuple[Path, Label]], window: memoryview) -> None:
        assert source.dk is not None
        super().__init__(self._saved(source, parts))
        self._tree = SentLeaves(source.work / _SAVED_LEAVES, source.records)
        self._blocks = _Blocks(source, source.dk, self._tree, window)
        self._total = sum(label.size for _, label in parts)
        self._done = 0

    def _saved(self, source: Source, parts: list[tuple[Path, Label]]) -> Steps:
        for path, label in parts:
            if label.stop - label.leaf_blocks <= self._tree.chunks and is_whole(path, label):
                yield self._moved(label.size)
            else:
                yield from self._part(path, label)
        # What was sealed is what a receipt will be compared with, however the buyer comes by the
        # rest.
        with files.writing(source.work):
            os.replace(source.work / _SAVED_LEAVES, source.work / sent_leaves.NAME)

    def _part(self, path: Path, label: Label) -> Steps:
        unfinished = _unfinished(path)
        with _writing(path):
            try:
                with _fresh(unfinished) as file:
                    written = _write(file, label.encode())
                    for number in range(label.first, label.stop):
                        if number > label.first:
                            yield self._moved(written)
                            written = 0
                        block = self._blocks.block(label, number)
                        written += _write(file, block) + _write(file, label.check(number, block))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(unfinished, path)
            finally:
                unfinished.unlink(missing_ok=True)
        yield self._moved(written)

    def _moved(self, size: int) -> tuple[int, int]:
        self._done += size
        return self._done, self._total


class _Blocks:
    """The blocks of a parcel, one after another; what is sealed is remembered in ``tree``."""

    def __init__(self, source: Source, dk: bytes, tree: SentLeaves, room: memoryview) -> None:
        self._source = source
        self._desk = Desk(source, dk, tree)
        self._room = room  # a chunk's

    def block(self, label: Label, number: int) -> Buffer:
        """It holds until the next one is made. ContentError."""
        if number >= label.leaf_blocks:
            return self._desk.seal(number - label.leaf_blocks, self._room)[0]
        count = label.block_size(number) // LEAF
        return read_leaves(self._source.leaves_path, label.leaf_of(number), count)


class KeptBlocks:
    """The blocks of a parcel that is left at a relay, one after the other."""

    def __init__(self, source: Source) -> None:
        if source.dk is None:
            raise ValueError("nothing is sealed before the payment is final")
        root = source.content.fingerprint.root
        self._label = part_label(bytes(32), root, source.records, 0)
        tree = SentLeaves(source.work / _KEPT_LEAVES, source.records)
        self._blocks = _Blocks(source, source.dk, tree, memoryview(bytearray(CHUNK)))

    def block(self, number: int) -> bytes:
        """ContentError: the disk (ContentChanged: the files are not the registered ones)."""
        return bytes(self._blocks.block(self._label, number))


def _unfinished(path: Path) -> Path:
    """What a part is called until it is whole."""
    return path.with_name(f"{path.name}.unfinished")


def _fresh(path: Path) -> BinaryIO:
    """A new file that nobody else has: a link somebody put there is removed, not followed."""
    path.unlink(missing_ok=True)
    return open(path, "xb", buffering=0)


def _write(file: BinaryIO, data: Buffer) -> int:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
    return len(data)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """The system's errors as sentences; sticks often take no file of 4 GiB or more."""
    with files.writing(path.parent):
        try:
            yield
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            raise ParcelError(
                "large",
                "This disk takes no file so large: save the parcel in parts of at most 4 GB.",
                shown(path.name),
            ) from error


def _taken_by(folder: Path, name: str, labels: list[Label]) -> int:
    """Bytes of parts that are there already and will be replaced or left; never anything else."""
    taken = 0
    for label in labels:
        path = folder / file_name(name, label)
        if not os.path.lexists(path):
            continue
        try:
            mine = read_label(path).order_id == label.order_id
        except ParcelError:
            mine = False
        if not mine:
            raise ParcelError(
                "there",
                f"“{shown(path.name)}” is there already and is not a parcel of this order: "
                "choose another folder.",
                shown(path.name),
            )
        taken += min(path.stat().st_size, label.size)
    return taken


def _look_for_room(folder: Path, needed: int) -> None:
    with files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise ParcelError("room", "There is not enough room for the parcel in this folder.")
