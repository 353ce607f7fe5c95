"""What is in a file or folder: read in a process of its own, shut in, bounded in time, never
trusted.

`profile_content` starts ``python -m app.engine.profiling PATH WORK`` and reads its lines: numbers
0…1 of how far it is, at last one object of JSON. Its measuring is `app.engine.measuring`, what
makes a table comparable with others `app.domain.sketching`, what shuts it in
`app.engine.confinement`. What is no table, or has not two columns to compare by, is comparable by
its pieces (`app.engine.cutting`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import trio

from app.domain import codec, pieces, sketching
from app.domain.profile_check import checked
from app.domain.snapshots.datasets import Column, Profile
from app.engine.confinement import confine
from app.engine.formats import Unreadable, facts
from app.engine.tables import open_table
from p2p.errors import ContentError

SECONDS = 1800
SKETCH_SECONDS = 60
RESULT_BYTES = 4 << 20
_TOLD_EVERY_SECONDS = 0.25
_KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "VIRTUAL_ENV", "LANG")


def _ignore(done: float) -> None:
    """Nobody asked how far it is."""


async def profile_content(
    path: Path, folder: Path | None = None, progress: Callable[[float], None] = _ignore
) -> Profile | None:
    """What the file or folder is, what makes it comparable and, of a table, its profile; a
    `Profile.problem` where it could not be read, within `SECONDS`; None where the process said
    nothing that makes sense. ``folder`` is where a copy of a table in another encoding may stand
    for a while. Cancelling ends the process."""
    with tempfile.TemporaryDirectory(prefix="looking-", dir=folder) as work:
        with trio.move_on_after(SECONDS):
            return await _profiled(path.resolve(), Path(work).resolve(), progress)
        return Profile("other", None, problem="slow")


async def _profiled(path: Path, work: Path, progress: Callable[[float], None]) -> Profile | None:
    # No current folder on the way to modules: it may be the one with the foreign files.
    command = [sys.executable, "-P", "-m", "app.engine.profiling", str(path), str(work)]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    found = None
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(
            lambda task_status: trio.run_process(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
                cwd=work,
                env=environment | {"MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"},
                task_status=task_status,
            )
        )
        assert process.stdout is not None
        try:
            async for line in _lines(process.stdout):
                if line.startswith(b"{"):
                    found = checked(codec.decode(Profile, line.decode()))
                else:
                    progress(min(1.0, max(0.0, float(line))))
        except ValueError:
            found = None
            nursery.cancel_scope.cancel()
    return found or Profile("other", None, problem="failed" if process.returncode else "")


async def _lines(stream: trio.abc.ReceiveStream) -> AsyncIterator[bytes]:
    """ValueError if there is more than a profile can be."""
    kept, total = b"", 0
    async for piece in stream:
        total += len(piece)
        if total > RESULT_BYTES:
            raise ValueError("a profile is shorter")
        *lines, kept = (kept + piece).split(b"\n")
        for line in lines:
            yield line


def read_content(path: Path, work: Path, progress: Callable[[float], None] = _ignore) -> Profile:
    """The same in this process, which should be shut in. OSError if the file cannot be read."""
    found = Profile("other", None) if path.is_dir() else _read_file(path, work, progress)
    if found.sketch:
        return found
    return replace(found, sketch=_pieces(path, progress if found.rows is None else _ignore))


def _pieces(path: Path, progress: Callable[[float], None]) -> bytes:
    """The sketch of pieces; none of what is so large that cutting takes longer than
    `SKETCH_SECONDS`, and of files that cannot be read: they are registered without."""
    from app.engine.cutting import smallest_ranks

    began = told = time.monotonic()

    def timed(done: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now > began + SKETCH_SECONDS:
            raise TimeoutError
        if now > told + _TOLD_EVERY_SECONDS:
            told = now
            progress(done)

    try:
        return pieces.encode(smallest_ranks(path, timed))
    except (ContentError, OSError, MemoryError):
        return b""


def _read_file(path: Path, work: Path, progress: Callable[[float], None]) -> Profile:
    from app.engine.measuring import measure

    try:
        table = open_table(path, work)
        if table is None:
            kind, known = facts(path)
            return Profile(kind, None, facts=known)
        with Telling(table.database.query_progress, progress):
            profile = measure(table)
    except Unreadable as why:
        return Profile("other", None, problem=why.why)
    except MemoryError:
        return Profile("other", None, problem="too_large")
    return replace(profile, sketch=_sketch(table.rows(), profile.columns))


def _sketch(rows: sketching.Rows, columns: tuple[Column, ...]) -> bytes:
    """The sketch; none of a table so large that its passes take longer than `SKETCH_SECONDS`: the
    profile is worth more."""
    until = time.monotonic() + SKETCH_SECONDS

    def timed() -> Iterator[list[str]]:
        for number, row in enumerate(rows()):
            if number % 4096 == 0 and time.monotonic() > until:
                raise TimeoutError
            yield row

    try:
        return sketching.sketch(timed, columns)
    except TimeoutError:
        return b""


class Telling:
    """A thread that says how far the database is, while the block runs."""

    def __init__(self, percent: Callable[[], float], progress: Callable[[float], None]) -> None:
        self._percent, self._progress = percent, progress
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._over.wait(_TOLD_EVERY_SECONDS):
            self._progress(max(0.0, self._percent()) / 100)


def main() -> int:
    path, work = Path(sys.argv[1]), Path(sys.argv[2])
    confine(path, work)
    with suppress(OSError, MemoryError):
        found = read_content(path, work, lambda done: print(f"{done:.3f}", flush=True))
        print(codec.encode(found), flush=True)
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
