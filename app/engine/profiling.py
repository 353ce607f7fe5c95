"""What is in a file or folder: read in a process of its own, bounded in time, never trusted.

`profile_content` starts ``python -m app.engine.profiling PATH`` and takes its one line of JSON.
The reading of a table (`app.domain.quality`, and `app.domain.sketching` for what makes it
comparable with others) is pure; this module only opens the file for it. What is no table, or has
not two columns to compare by, is comparable by its pieces (`app.engine.cutting`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import trio

from app.domain import codec, pieces, similarity, sketching
from app.domain.quality import profile_rows
from app.domain.snapshots.datasets import Column, Profile
from app.engine.cutting import Smallest, ranks_of
from app.engine.tables import rows_of

SECONDS = 120
SKETCH_SECONDS = 60
SPARE_SECONDS = 15


async def profile_content(path: Path) -> Profile | None:
    """The profile of a CSV, TSV or Parquet file, or of anything else what makes it comparable.
    None where there is neither, and for what is broken or takes longer than `SECONDS`: what cannot
    be read is left out, the registration goes on."""
    command = [sys.executable, "-m", "app.engine.profiling", str(path)]
    with trio.move_on_after(SECONDS):
        done = await trio.run_process(
            command, capture_stdout=True, capture_stderr=True, check=False
        )
        if done.returncode == 0 and done.stdout.strip():
            try:
                profile: Profile = codec.decode(Profile, done.stdout.decode())
                return _checked(profile)
            except ValueError:
                return None
    return None


def _checked(profile: Profile) -> Profile:
    """ValueError if the sketch is none."""
    if profile.sketch:
        similarity.check(profile.sketch)
    return profile


def read_content(path: Path) -> Profile | None:
    """The same in this process. OSError or ContentError if a file cannot be read."""
    until = time.monotonic() + SECONDS - SPARE_SECONDS
    table = read_table(path) if path.is_file() else None
    if table is not None and table.sketch:
        return table
    sketch = _pieces(path, until)
    if not sketch:
        return table
    return replace(table, sketch=sketch) if table else Profile("other", None, (), sketch)


def _pieces(path: Path, until: float) -> bytes:
    """None of what is so large that cutting takes longer than `SKETCH_SECONDS`, or than there is
    time."""
    until = min(until, time.monotonic() + SKETCH_SECONDS)
    ranks = Smallest()
    for number, rank in enumerate(ranks_of(path)):
        ranks.add(rank)
        if number % 4096 == 0 and time.monotonic() > until:
            return b""
    return pieces.encode(ranks.kept())


def read_table(path: Path) -> Profile | None:
    """Of a table alone. OSError if the file cannot be read."""
    rows = rows_of(path)
    if rows is None:
        return None
    until = time.monotonic() + SECONDS - SPARE_SECONDS
    profile = profile_rows(rows())
    return profile and replace(profile, sketch=_sketch(rows, profile.columns, until))


def _sketch(rows: sketching.Rows, columns: tuple[Column, ...], until: float) -> bytes:
    """The sketch; none of a table so large that its passes take longer than `SKETCH_SECONDS`, or
    than there is time: the profile is worth more."""
    until = min(until, time.monotonic() + SKETCH_SECONDS)

    def timed() -> Iterator[list[str]]:
        for number, row in enumerate(rows()):
            if number % 4096 == 0 and time.monotonic() > until:
                raise TimeoutError
            yield row

    try:
        return sketching.sketch(timed, columns)
    except TimeoutError:
        return b""


def main() -> int:
    profile = read_content(Path(sys.argv[1]))
    if profile is not None:
        print(codec.encode(profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
