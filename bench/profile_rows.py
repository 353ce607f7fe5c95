"""Measuring a large table in the process that is shut in, against DuckDB's own SUMMARIZE.

One gigabyte of CSV (``LADING_BENCH_GB=5`` for five) with ten columns of the usual kinds. SUMMARIZE
counts, estimates different values and quantiles as we do, without a bound of memory; it judges no
kinds or personal data and finds no repeated rows. The sketch is left out: the profile is known
before it.
"""

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from app.engine.confinement import MEMORY_BYTES
from bench.rows import row

BYTES = int(os.environ.get("LADING_BENCH_GB", "1")) * 10**9
ROUNDS = 3
TARGET = MEMORY_BYTES >> 20
"""The most MiB in memory."""

LEAST = 0.03
"""The least ratio of the speeds."""

_SUMMARIZE = (
    "import duckdb, sys; duckdb.sql(f'SUMMARIZE FROM read_csv({sys.argv[1]!r})').fetchall()"
)


def rows() -> list[dict[str, Any]]:
    """Two rows: MB/s (medians, the file in the system's cache as far as it fits), and the most
    memory of ours in MiB."""
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        table, work = Path(folder, "table.csv"), Path(folder, "work")
        work.mkdir()
        _write(table)
        ours = [sys.executable, "-P", "-m", "app.engine.profiling", str(table), str(work), ""]
        theirs = [sys.executable, "-c", _SUMMARIZE, str(table)]
        size = table.stat().st_size
        pairs = [(_run(ours), _run(theirs)) for _ in range(ROUNDS if BYTES <= 10**9 else 1)]
    speed = statistics.median(size / seconds / 1e6 for (seconds, _), _ in pairs)
    peer = statistics.median(size / seconds / 1e6 for _, (seconds, _) in pairs)
    memory = max(used for (_, used), _ in pairs)
    summary = "duckdb SUMMARIZE"
    most = max(used for _, (_, used) in pairs)
    named = f"profile of {size / 1e9:.2g} GB of CSV"
    return [
        row(named, speed, "MB/s", f"{summary}, MB/s", peer, least=LEAST),
        row("profile, memory", memory, "MiB", f"{summary}, MiB", most, most=TARGET, ratio=False),
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


def _run(command: list[str]) -> tuple[float, int]:
    """Seconds, and the most memory in MiB."""
    start = time.perf_counter()
    environment = os.environ | {"MALLOC_ARENA_MAX": "2"}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[1:4]} ended with {process.returncode}")
    return time.perf_counter() - start, used.ru_maxrss >> 10
