"""What is in a table: read in a process of its own, bounded in time, never trusted.

`profile_table` starts ``python -m app.engine.profiling PATH`` and takes its one line of JSON.
The reading itself (`app.domain.quality`) is pure; this module only opens the file for it.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import trio

from app.domain import codec
from app.domain.quality import profile_rows
from app.domain.snapshots.datasets import Profile

SECONDS = 120
SNIFFED_BYTES = 64 * 1024
MAX_FIELD_CHARACTERS = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030", "latin-1")


async def profile_table(path: Path) -> Profile | None:
    """The profile of a CSV or TSV file; None for anything else, and for a table that is broken or
    takes longer than `SECONDS`: what cannot be read is left out, the registration goes on."""
    command = [sys.executable, "-m", "app.engine.profiling", str(path)]
    with trio.move_on_after(SECONDS):
        done = await trio.run_process(
            command, capture_stdout=True, capture_stderr=True, check=False
        )
        if done.returncode == 0 and done.stdout.strip():
            try:
                profile: Profile = codec.decode(Profile, done.stdout.decode())
            except ValueError:
                return None
            return profile
    return None


def read_table(path: Path) -> Profile | None:
    """The same in this process. OSError if the file cannot be read."""
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    encoding = _encoding(head)
    if b"\x00" in head or encoding is None:
        return None
    try:
        dialect = csv.Sniffer().sniff(head.decode(encoding, "ignore"), delimiters=",;\t|")
    except csv.Error:
        return None
    csv.field_size_limit(MAX_FIELD_CHARACTERS)
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        return profile_rows(_rows(text, dialect))


def _rows(text: io.TextIOBase, dialect: type[csv.Dialect]) -> Iterator[list[str]]:
    try:
        yield from csv.reader(text, dialect)
    except csv.Error:
        return


def _encoding(head: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            # The last character may be cut in two by the end of what was read.
            head[: max(len(head) - 4, 0)].decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return None


def main() -> int:
    profile = read_table(Path(sys.argv[1]))
    if profile is not None:
        print(codec.encode(profile))
    return 0


if __name__ == "__main__":
    sys.exit(main())
