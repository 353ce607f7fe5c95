"""What is in a table: read in a process of its own, bounded in time, never trusted.

`profile_table` starts ``python -m app.engine.profiling PATH`` and takes its one line of JSON.
The reading itself (`app.domain.quality`, and `app.domain.sketching` for what makes the table
comparable with others) is pure; this module only opens the file for it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import trio

from app.domain import codec, similarity, sketching
from app.domain.quality import profile_rows
from app.domain.snapshots.datasets import Column, Profile
from app.engine.tables import rows_of

SECONDS = 120
SKETCH_SECONDS = 60
SPARE_SECONDS = 15


async def profile_table(path: Path) -> Profile | None:
    """The profile of a CSV, TSV or Parquet file; None for anything else, and for a table that is
    broken or takes longer than `SECONDS`: what cannot be read is left out, the registration goes
    on."""
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
        similarity.decode(profile.sketch)
    return profile


def read_table(path: Path) -> Profile | None:
    """The same in this process. OSError if the file cannot be read."""
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
    profile = read_table(Path(sys.argv[1]))
    if profile is not None:
        print(codec.encode(profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
