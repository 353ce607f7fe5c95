"""What is done to a person's process from inside: ended at a named point, held at a chunk, left
without space on the disk, or with one that cannot be read.

The diary is a file that outlives the process: which points have killed already, or which chunks
were stored.
"""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any


def die_at(names: Iterable[str], diary: Path) -> None:
    """In the process that shall die: install the observer of `app.engine.points`."""
    from app.engine import points

    left = set(names) - set(died_at(diary))

    def observe(name: str) -> None:
        if name in left:
            with diary.open("a") as file:
                file.write(name + "\n")
            os.kill(os.getpid(), signal.SIGKILL)

    points.observer = observe


def died_at(diary: Path) -> list[str]:
    """The points that have killed so far, in the order they were reached."""
    return diary.read_text().split() if diary.exists() else []


def hold_at(gates: Mapping[int, Path], diary: Path) -> None:
    """In the buyer's process: write down each chunk that is stored, and go no further than one that
    has a gate until somebody opens that FIFO for writing. Only the disk's thread waits."""
    from p2p.spool import Spool

    stored = Spool.settle

    def settle(spool: Spool) -> None:
        before = spool.next_chunk
        stored(spool)
        for index in range(before, spool.next_chunk):
            with diary.open("a") as file:
                file.write(f"{index}\n")
            if index in gates:
                gates[index].read_bytes()

    Spool.settle = settle  # type: ignore[method-assign]


def full_from(chunk: int, space: Path) -> None:
    """In the buyer's process: the disk is full in the middle of ``chunk``, until there is a file
    ``space``."""
    from p2p import spool
    from p2p.buffers import Buffer
    from p2p.records import CHUNK_RECORDS, RECORD

    write_at = spool._write_at

    def no_space(path: Path, offset: int, data: Buffer, past: bool = False) -> None:
        beyond = path.name == "ciphertext.0" and offset >= chunk * CHUNK_RECORDS * RECORD
        if beyond and not space.exists():
            write_at(path, offset, memoryview(data)[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write_at(path, offset, data, past)

    spool._write_at = no_space


def unreadable_from(chunk: int, mended: Path) -> None:
    """In the owner's process: the disk cannot be read from ``chunk`` on, until there is a file
    ``mended``."""
    from p2p import files
    from p2p.content import Content, Room

    plain_chunk = Content.plain_chunk

    def fail(content: Content, index: int, room: Room) -> memoryview:
        if index >= chunk and not mended.exists():
            with files.reading(content.source):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
        return plain_chunk(content, index, room)

    Content.plain_chunk = fail  # type: ignore[method-assign]


def note_frames(diary: Path) -> None:
    """In the owner's process: write down what of a delivery goes out over the network."""
    from p2p import delivery
    from p2p.buffers import Buffer
    from p2p.wire import Wire

    names = {delivery.LEAVES: "leaves", delivery.CHUNK: "chunk", delivery.NAMED: "chunk"}
    write, write_each = Wire.write, Wire.write_each

    def note(body: Buffer) -> None:
        name = names.get(bytes(body[:1]))
        if name:
            with diary.open("a") as file:
                file.write(f"{name}\n")

    async def noted(wire: Wire, *parts: Buffer) -> None:
        note(parts[0])
        await write(wire, *parts)

    async def noted_each(wire: Wire, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            note(body)
        await write_each(wire, bodies)

    Wire.write = noted  # type: ignore[method-assign]
    Wire.write_each = noted_each  # type: ignore[method-assign]


def note_sent(diary: Path) -> None:
    """In the owner's process: a line for each chunk that goes out over the network, as ``thread way
    chunk acknowledged``: by "line" or by "session", and how many the buyer had acknowledged by
    then. With the way "end" how many they were at the end."""
    from p2p.serving import _Sending

    by_session, name, run = _Sending._by_session, _Sending._name, _Sending.run

    def note(sending: Any, way: str, *chunks: int) -> None:
        thread = sending._source.work.name
        with diary.open("a") as file:
            file.writelines(f"{thread} {way} {each} {sending._stored}\n" for each in chunks)

    async def noted_by_session(sending: Any, sealed: Any, *rest: Any) -> None:
        note(sending, "session", sealed.index)
        await by_session(sending, sealed, *rest)

    async def noted_name(sending: Any, line: Any, ready: Any) -> None:
        note(sending, "line", *(sealed.index for sealed, _, _ in ready))
        await name(sending, line, ready)

    async def noted_run(sending: Any) -> int:
        try:
            return await run(sending)
        finally:
            note(sending, "end", sending._stored)

    _Sending._by_session = noted_by_session  # type: ignore[method-assign]
    _Sending._name = noted_name  # type: ignore[method-assign]
    _Sending.run = noted_run  # type: ignore[method-assign]


def ways_of(diary: Path, thread: str) -> list[str]:
    """The way of each chunk that `note_sent` has noted for an order, of which none had been
    acknowledged before."""
    ways, acknowledged = [], 0
    for line in diary.read_text().splitlines():
        whose, way, chunk, stored = line.split()
        if whose == thread:
            acknowledged = max(acknowledged, int(stored))
            assert int(chunk) >= acknowledged, f"{line}: {acknowledged} were acknowledged"
            ways.append(way)
    return [way for way in ways if way != "end"]
