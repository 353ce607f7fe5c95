"""Measuring a large table in the process that is shut in, against DuckDB's own SUMMARIZE.

One gigabyte of CSV (``LADING_BENCH_GB=5`` for five, ``0.3`` for a try) with ten columns of the
usual kinds. SUMMARIZE counts, estimates different values and quantiles as we do, without a bound of
memory; it judges no kinds or personal data and finds no repeated rows. It is known before the
sketch, which takes most of the time and is measured in a third row, by the CPU of both: at that
rate a table of 5 GB has to be through within the time that there is. What this file took with its
sketch, by the clock and in CPU, stands in a fourth.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from app.engine.confinement import MEMORY_BYTES
from app.engine.profiling import SECONDS
from bench.rows import row

BYTES = int(float(os.environ.get("LADING_BENCH_GB", "1")) * 1e9)
ROUNDS = 3
TARGET = MEMORY_BYTES >> 20
"""The most MiB in memory."""

LEAST = 0.03
"""The least ratio of the speeds."""

MOST_SECONDS = SECONDS / 5
"""The most of CPU for a gigabyte, with the sketch."""

_SUMMARIZE = (
    "import duckdb, sys; duckdb.sql(f'SUMMARIZE FROM read_csv({sys.argv[1]!r})').fetchall()"
)


def rows() -> list[dict[str, Any]]:
    """Four rows: MB/s (medians, the file in the system's cache as far as it fits), the most memory
    of ours in MiB, the sketch's too, and with it seconds of CPU for a gigabyte, then for all."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        table, work = Path(folder, "table.csv"), Path(folder, "work")
        work.mkdir()
        _write(table)
        ours = [sys.executable, "-P", "-m", "app.engine.profiling", str(table), str(work), ""]
        theirs = [sys.executable, "-c", _SUMMARIZE, str(table)]
        size = table.stat().st_size
        pairs = [(_run(ours), _run(theirs)) for _ in range(ROUNDS if BYTES <= 10**9 else 1)]
        sketched = _run([*ours[:-1], "sketch"])
    speed = statistics.median(size / one.seconds / 1e6 for one, _ in pairs)
    peer = statistics.median(size / one.seconds / 1e6 for _, one in pairs)
    memory = max(sketched.memory, *(one.memory for one, _ in pairs))
    summary = "duckdb SUMMARIZE"
    most = max(one.memory for _, one in pairs)
    cpu = sketched.cpu / (size / 1e9)
    named = f"profile of {size / 1e9:.2g} GB of CSV"
    return [
        row(named, speed, "MB/s", f"{summary}, MB/s", peer, least=LEAST),
        row("profile, memory", memory, "MiB", f"{summary}, MiB", most, most=TARGET, ratio=False),
        row("profile and sketch, CPU", cpu, "s/GB", most=MOST_SECONDS, ratio=False),
        row(f"{named}, and sketch", sketched.seconds, "s", "its CPU, s", sketched.cpu),
    ]


def _write(path: Path) -> None:
    chance = random.Random(7)
    block = [
        f"2024-{1 + n % 12:02d}-{1 + n % 28:02d} {n % 24:02d}:15:00,ST-{n % 900:04d},"
        f"{('North', 'South', '西区')[n % 3]},{chance.random() * 1000:.3f},{chance.randrange(4)},"
        f"u{n}@example.org,+49 170 {n + 1000000},some words about row {n % 777},"
        f"{chance.gauss(50, 9):.2f}\n"
        for n in range(50_000)
    ]
    with path.open("w", encoding="utf-8") as file:
        file.write("id,at,station,region,value,quality,email,phone,note,load_kw\n")
        written = number = 0
        while written < BYTES:
            lines = "".join(f"{number + at},{line}" for at, line in enumerate(block))
            number += len(block)
            written += len(lines)
            file.write(lines)


class Ran(NamedTuple):
    """Seconds by the clock, the most memory in MiB, seconds of CPU."""

    seconds: float
    memory: int
    cpu: float


def _run(command: list[str]) -> Ran:
    start = time.perf_counter()
    environment = os.environ | {"MALLOC_ARENA_MAX": "2"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[1:4]} ended with {process.returncode}")
    cpu = used.ru_utime + used.ru_stime
    return Ran(time.perf_counter() - start, used.ru_maxrss >> 10, cpu)
