"""Taking a delivery parcel in: everything is checked as if it came over the wire, nothing trusted.

All leaf hashes have to lead to R before the spool takes a chunk, chunks come in order and have
their size, and nothing is signed before the owner itself names the same R_x over the net. So a
forged parcel costs its buyer time and disk at most.

Parts come in any order, some spoiled, some later, some twice. What fits on to what is stored goes
into the spool; a part that has to wait for another one is copied, whole and checked, into a folder
``keep`` of its own, so that a stick can be taken out and filled again. At most one block is held
in memory.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from p2p import files, stepwork, worker
from p2p.errors import PeerError, Unreachable
from p2p.manifest import shown
from p2p.parcels import Label, ParcelError, opened, read_block, read_label
from p2p.records import LEAF
from p2p.spool import Spool
from p2p.stepwork import Progress, Steps, Stepwise

MOST_FILES: Final = 100_000
_KEPT: Final = ".part"
_STOPPED: Final = "Opening the parcel was stopped. It can go on at any time."


@dataclass(frozen=True, slots=True)
class Found:
    """The parts among what somebody chose, and the names of files that are spoiled parts."""

    parts: tuple[tuple[Path, Label], ...]
    spoiled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of it: the parcel's number of ``parts``, which of them are still ``missing`` (first
    and last of each run, counted from 1), and the names of files that are cut short or spoiled."""

    parts: int
    missing: tuple[tuple[int, int], ...] = ()
    spoiled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    label: Label
    kept: bool


def find_parts(paths: Sequence[Path]) -> Found:
    """Look for parts among files and in folders somebody chose; anything else is passed over.

    ParcelError (none, newer, damaged) if there is no part at all; ContentError: unreadable.
    """
    parts: list[tuple[Path, Label]] = []
    refused: list[ParcelError] = []
    for path in _files(paths):
        try:
            parts.append((path, read_label(path)))
        except ParcelError as error:
            refused.append(error)
    spoiled = [error for error in refused if error.code != "none"]
    if not parts:
        name = shown(paths[0].name) if paths else ""
        first = next(iter(spoiled or refused), None)
        raise first or ParcelError("none", f"“{name}” holds no parcel of a Lading delivery.", name)
    return Found(tuple(parts), tuple(error.name for error in spoiled))


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        with files.reading(path):
            names = sorted(os.listdir(path))[:MOST_FILES]
        yield from (path / name for name in names if (path / name).is_file())


def take(
    parts: Sequence[tuple[Path, Label]],
    spool: Spool,
    order_id: bytes,
    keep: Path,
    *,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> Taken:
    """Move what ``parts``, as they were found, hold into ``spool``, as far as it goes.

    However it ends, another call goes on where this one stopped. Raises ParcelError (other: a part
    of another order or dataset, before anything was touched; altered: the leaf hashes do not lead
    to the root), ContentError (this disk, or the one the parts are on), Cancelled.
    """
    for path, label in parts:
        if (label.order_id, label.root, label.records) != (order_id, spool.root, spool.records):
            name = shown(path.name)
            raise ParcelError("other", f"“{name}” belongs to another order.", name)
    given = [_Part(path, label, False) for path, label in parts]
    every = given + _kept_parts(keep, spool, order_id)
    away = sum(part.label.stop - part.label.first for part in every) >= worker.LEAST_CHUNKS
    try:
        with worker.hands(away, 1, Taker, spool, keep, every) as hands:

            def further(done: int, total: int) -> None:
                spool.take_over(hands.call("spool"))
                progress(done, total)

            try:
                stepwork.run(hands, further, cancelled, _STOPPED)
                taken: Taken = hands.call("taken")
            finally:  # what was stored counts, however that ended
                kept: Spool | None = None
                with suppress(Unreachable):
                    kept = hands.call("spool")
                spool.let_go(kept)
    except Unreachable as error:
        raise ParcelError(
            "ended", "What opened the parcel was ended. Open it again: it goes on where it was."
        ) from error
    return taken


def wanted_block(spool: Spool, label: Label) -> int:
    """The first block of a parcel of which the store has not everything."""
    if spool.leaves_complete:
        return label.leaf_blocks + spool.next_chunk
    return spool.leaves_received * LEAF // label.block_size(0)


def discard(keep: Path) -> None:
    """Forget the parts that waited in ``keep``."""
    with files.writing(keep):
        if keep.is_dir():
            for path in keep.iterdir():
                path.unlink()
            keep.rmdir()


def _kept_parts(keep: Path, spool: Spool, order_id: bytes) -> list[_Part]:
    parts = []
    for path in sorted(keep.glob(f"*{_KEPT}")):
        try:
            label = read_label(path)
        except ParcelError:  # this disk failed: it is missing again
            path.unlink()
            continue
        if (label.order_id, label.root, label.records) == (order_id, spool.root, spool.records):
            parts.append(_Part(path, label, True))
    return parts


class Taker(Stepwise):
    """A job (`p2p.worker`): moves what ``parts``, the chosen and then the kept ones, hold into
    ``spool``, a block each step. Raises ParcelError (altered), ContentError."""

    def __init__(self, spool: Spool, keep: Path, parts: list[_Part], window: memoryview) -> None:
        super().__init__(self._taken())
        self._spool = spool
        self._keep = keep
        self._parts = parts
        self._layout = parts[0].label
        self._spoiled: list[str] = []
        self._done = 0
        first = wanted_block(spool, self._layout)
        self._total = sum(
            label.place(label.stop) - label.place(max(label.first, first))
            for label in {part.label for part in parts}
            if label.stop > first
        )

    def spool(self) -> Spool:
        """As it is now: small, it holds no data."""
        return self._spool

    def _taken(self) -> Steps:
        yield from self._absorbed()
        yield from self._rest_kept()

    def _absorbed(self) -> Steps:
        """Into the spool, block by block, for as long as the next one is there."""
        while (part := self._next()) is not None:
            try:
                yield from self._absorb(part)
            except PeerError:
                # All came as it was written, and it is not what was registered.
                self._drop_leaves()
                name = shown(part.path.name)
                raise ParcelError(
                    "altered", f"“{name}” does not hold the data that was registered.", name
                ) from None

    def _next(self) -> _Part | None:
        return next(
            (
                part
                for part in self._parts
                if part.label.first <= wanted_block(self._spool, part.label) < part.label.stop
            ),
            None,
        )

    def _absorb(self, part: _Part) -> Steps:
        label = part.label
        with opened(part.path) as file:
            for number in range(wanted_block(self._spool, label), label.stop):
                block = self._whole(read_block(file, label, number), part)
                if block is None:
                    return
                if number < label.leaf_blocks:
                    self._spool.put_leaves(block)
                else:
                    self._spool.put_chunk(number - label.leaf_blocks, block)
                yield self._moved(label, number)

    def _drop_leaves(self) -> None:
        for part in self._parts:
            if part.kept and part.label.first < part.label.leaf_blocks:
                part.path.unlink()

    def _whole(self, block: bytes | None, part: _Part) -> bytes | None:
        """``block``; a part where one is broken is of no more use."""
        if block is None:
            self._parts.remove(part)
            if part.kept:
                part.path.unlink()
            else:
                self._spoiled.append(shown(part.path.name))
        return block

    def _rest_kept(self) -> Steps:
        """Copy what has to wait; forget copies of what is stored by now."""
        self._spool.sync()
        waiting = {part.label for part in self._parts if part.kept}
        for part in list(self._parts):
            if part.label.stop <= self._settled(part.label):
                if part.kept:
                    part.path.unlink()
            elif part.label not in waiting:
                yield from self._copied(part)
                if part in self._parts:
                    waiting.add(part.label)

    def _copied(self, part: _Part) -> Steps:
        label = part.label
        name = f"{label.first:08x}-{label.stop:08x}"
        unfinished = self._keep / name
        with files.writing(self._keep):
            self._keep.mkdir(parents=True, exist_ok=True)
            try:
                with opened(part.path) as file, unfinished.open("wb") as copy:
                    copy.write(label.encode())
                    for number in range(label.first, label.stop):
                        if number > label.first:
                            yield self._moved(label, number - 1)
                        block = self._whole(read_block(file, label, number), part)
                        if block is None:
                            return
                        copy.write(block)
                        copy.write(label.check(number, block))
                    copy.flush()
                    os.fsync(copy.fileno())
                os.replace(unfinished, self._keep / f"{name}{_KEPT}")
            finally:
                unfinished.unlink(missing_ok=True)
        yield self._moved(label, label.stop - 1)

    def taken(self) -> Taken:
        """What came of it, in the parts that the first one counts."""
        layout = self._layout
        at = self._settled(layout)
        missing: list[tuple[int, int]] = []
        whole = sorted(
            (part.label.first, part.label.stop) for part in self._parts if part.label.stop > at
        )
        for first, stop in (*whole, (layout.blocks, layout.blocks)):
            if at < first:
                start, end = at // layout.part_blocks + 1, (first - 1) // layout.part_blocks + 1
                if missing and missing[-1][1] >= start - 1:
                    start = missing.pop()[0]
                missing.append((start, end))
            at = max(at, stop)
        return Taken(layout.parts, tuple(missing), tuple(self._spoiled))

    def _settled(self, label: Label) -> int:
        """The first block that is not stored for good: leaf hashes count once all are there."""
        return wanted_block(self._spool, label) if self._spool.leaves_complete else 0

    def _moved(self, label: Label, number: int) -> tuple[int, int]:
        self._done = min(self._total, self._done + label.block_size(number))
        return self._done, self._total
