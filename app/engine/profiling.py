"""What is in a file or folder: read in a process of its own, shut in, bounded in time, never
trusted.

`profile_content` starts ``python -m app.engine.profiling PATH WORK`` and reads its lines: numbers
0…1 of how far it is, and objects of JSON: the profile without a sketch as soon as it is known, at
last the whole one (a third argument, empty: without a sketch). What is known when the time is over,
or the process ends early, counts. Its measuring is `app.engine.measuring`, what makes a table
comparable with others `app.domain.sketching`, what shuts it in `app.engine.confinement`. What is no
table, or has not two columns to compare by, is comparable by its pieces (`app.engine.cutting`).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shutil import rmtree

from app.domain import codec, pieces, sketching
from app.domain.profile_check import checked
from app.domain.snapshots.datasets import Profile
from app.engine.confinement import confine
from app.engine.formats import Unreadable, facts
from app.engine.tables import Table, open_table
from p2p.errors import ContentError
from p2p.files import survey

if __name__ != "__main__":  # the process that reads waits for nothing, and is started for each file
    import trio

SECONDS = 1800
MEASURED_SHARE = 0.25
"""Of the time that a table takes about so much is for its profile, the rest for its sketch."""
RESULT_BYTES = 4 << 20
MOST_FILES = 1000
"""So many of a folder's files are looked at."""
TABLES = ("csv", "tsv", "jsonl", "json", "parquet", "excel")
NOT_COMPARED = "not_compared"
"""The fact that there was too much to compare it by "columns" or by "pieces"."""
HELD = "held"
"""The fact of what the process that read it was shut in by (`confinement.confine`)."""
_TOLD_EVERY_SECONDS = 0.25
_KEPT = ("PATH", "PYTHONPATH", "SYSTEMROOT", "VIRTUAL_ENV", "LANG")


def _ignore(done: float) -> None:
    """Nobody asked how far it is."""


def _known(profile: Profile) -> None:
    """Nobody asked before it is complete."""


async def profile_content(
    path: Path,
    folder: Path | None = None,
    progress: Callable[[float], None] = _ignore,
    known: Callable[[Profile], None] = _known,
    *,
    sketch: bool = True,
) -> Profile | None:
    """What the file or folder is, what makes it comparable and, of a table, its profile; a
    `Profile.problem` where it could not be read, within `SECONDS`; None where the process said
    nothing that makes sense. ``folder`` is where a copy of a table in another encoding may stand
    for a while; ``known`` is told what is known before there is a ``sketch``, which takes most of
    the time and is not made if it is not wanted. Cancelling ends the process."""
    found: list[Profile] = []

    def keep(profile: Profile) -> None:
        found.append(profile)
        known(profile)

    with tempfile.TemporaryDirectory(prefix="looking-", dir=folder) as work:
        with trio.move_on_after(SECONDS) as limit:
            what = [str(path.resolve()), str(Path(work).resolve()), "sketch" if sketch else ""]
            failed = await _read(what, progress, keep)
    if found:
        return found[-1]
    return Profile("other", None, problem="slow" if limit.cancelled_caught else failed)


async def _read(
    what: list[str], progress: Callable[[float], None], keep: Callable[[Profile], None]
) -> str:
    """Why nothing was kept, if nothing was."""
    # No current folder on the way to modules: it may be the one with the foreign files.
    command = [sys.executable, "-P", "-m", "app.engine.profiling", *what]
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(
            lambda task_status: trio.run_process(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
                cwd=what[1],
                env=environment | {"MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"},
                task_status=task_status,
            )
        )
        assert process.stdout is not None
        try:
            async for line in _lines(process.stdout):
                if line.startswith(b"{"):
                    keep(checked(codec.decode(Profile, line.decode())))
                else:
                    progress(min(1.0, max(0.0, float(line))))
        except ValueError:
            nursery.cancel_scope.cancel()
    return "failed" if process.returncode else ""


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


def read_content(
    path: Path,
    work: Path,
    progress: Callable[[float], None] = _ignore,
    known: Callable[[Profile], None] = _known,
    *,
    sketch: bool = True,
) -> Profile:
    """The same in this process, which should be shut in. OSError if the file cannot be read."""
    if path.is_dir():
        table, found = _folder(path, work, progress)
    else:
        table, found = _measured(path, work, progress)
    if not sketch:
        return found
    by = "columns" if table else "pieces"
    known(replace(found, facts=(*found.facts, (NOT_COMPARED, by))))
    by_columns = _sketch(table, found, progress) if table else b""
    return replace(found, sketch=by_columns or _pieces(path, _ignore if table else progress))


def _measured(
    path: Path, work: Path, progress: Callable[[float], None]
) -> tuple[Table | None, Profile]:
    """The table, if there is one that can be read, and what is known without a sketch."""
    from app.engine.measuring import measure

    try:
        table = open_table(path, work)
        if table is None:
            kind, known = facts(path)
            return None, Profile(kind, None, facts=known)
        percent = table.database.query_progress
        with Telling(percent, lambda done: progress(done * MEASURED_SHARE)):
            return table, measure(table)
    except Unreadable as why:
        return None, Profile("other", None, problem=why.why)
    except MemoryError:
        return None, Profile("other", None, problem="too_large")


def _folder(
    path: Path, work: Path, progress: Callable[[float], None]
) -> tuple[Table | None, Profile]:
    """What the files of a folder are. Where one of them is a table, and no other, it is the
    dataset's; the table is told only if most of the folder is in it. What was not looked at is
    counted."""
    try:
        files = survey(path)
    except ContentError:
        return None, Profile("other", None, facts=(("unseen", "1"),))
    if len(files) == 1:
        return _measured(files[0].location, work, progress)
    seen = Counter[str]()
    tables: list[Path] = []
    unseen = max(0, len(files) - MOST_FILES)
    personal = False
    for number, file in enumerate(files[:MOST_FILES]):
        place = work / str(number)
        place.mkdir()
        kind, suspect = _glanced(file.location, place)
        rmtree(place)
        seen[kind or "other"] += 1
        unseen += not kind
        personal |= suspect
        if kind in TABLES:
            tables.append(file.location)
    counts = [(kind, str(count)) for kind, count in seen.most_common(8)]
    known = [("files", str(len(files))), *counts]
    if unseen:
        known.append(("unseen", str(unseen)))
    if personal:
        known.append(("personal", ""))
    if len(tables) != 1:
        return None, Profile("other", None, facts=tuple(known))
    table, found = _measured(tables[0], work, progress)
    most = 2 * tables[0].stat().st_size > sum(file.size for file in files)
    return table if most else None, replace(found, facts=tuple(known))


def _glanced(path: Path, work: Path) -> tuple[str, bool]:
    """What a file is, empty if it cannot be read, and whether it may hold personal data."""
    from app.engine.measuring import warned

    try:
        table = open_table(path, work)
        if table is None:
            kind, known = facts(path)
            return kind, "personal" in dict(known)
        try:
            return table.format, warned(table)
        finally:
            table.database.close()
    except (Unreadable, OSError, MemoryError):
        return "", False


def _sketch(table: Table, profile: Profile, progress: Callable[[float], None]) -> bytes:
    """Two passes over all rows, one over those of a long table."""
    tell = _seldom(progress)
    count = profile.rows or 0
    read, whole = 0, max(1, count if count >= sketching.LONG_ROWS else 2 * count)

    def counted() -> Iterator[list[str]]:
        nonlocal read
        for row in table.rows()():
            yield row
            read += 1
            if read % 1024 == 0:
                tell(min(1.0, MEASURED_SHARE + (1 - MEASURED_SHARE) * read / whole))

    return sketching.sketch(counted, profile.columns, count)


def _pieces(path: Path, progress: Callable[[float], None]) -> bytes:
    """The sketch of pieces; none of files that cannot be read: they are registered without."""
    from app.engine.cutting import smallest_ranks

    try:
        return pieces.encode(smallest_ranks(path, _seldom(progress)))
    except (ContentError, OSError, MemoryError):
        return b""


def _seldom(progress: Callable[[float], None]) -> Callable[[float], None]:
    """Not more often than somebody looks."""
    told = time.monotonic()

    def tell(done: float) -> None:
        nonlocal told
        now = time.monotonic()
        if now > told + _TOLD_EVERY_SECONDS:
            told = now
            progress(done)

    return tell


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
        done = 0.0  # each question to the database begins at nothing again: we never go back
        while not self._over.wait(_TOLD_EVERY_SECONDS):
            done = max(done, self._percent() / 100)
            self._progress(done)


def _print_share(done: float) -> None:
    print(f"{done:.3f}", flush=True)


def main() -> int:
    path, work = Path(sys.argv[1]), Path(sys.argv[2])
    held = (HELD, " ".join(sorted(confine(path, work))))

    def tell(profile: Profile) -> None:
        print(codec.encode(replace(profile, facts=(*profile.facts, held))), flush=True)

    with suppress(OSError, MemoryError):
        wanted = sys.argv[3:] != [""]
        tell(read_content(path, work, _print_share, tell, sketch=wanted))
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
