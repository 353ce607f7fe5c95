"""How evenly the windows are drawn while their engines deliver a gigabyte from one to the other.

Two real windows in two processes (offscreen unless QT_QPA_PLATFORM says otherwise), a real trade,
played by mouse and keys; a timer of 16 ms in each measures the intervals between frames. The
machine has to be idle otherwise: what another program takes is counted here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.delivery_rows import MEMORY
from bench.rows import row

SIZE = 2**30
P99_MS = 25.0
"""The most that 99 of 100 frames take."""
MOST_MS = 100.0
"""The most that any takes."""


def rows() -> list[dict[str, Any]]:
    """Four rows for each window: the 99th percentile and the longest frame, in milliseconds, and
    the most memory of its process, from when data began to move and of its life."""
    with tempfile.TemporaryDirectory() as folder:
        frames = _trade(Path(folder))
    found = []
    for part, told in frames.items():
        name = f"frames: {part}'s window"
        found += evenness(name, told["frames"])
        found.append(row(f"{name}, most memory", told["memory"], "MiB", most=MEMORY, ratio=False))
        found.append(row("… with making a key of the password", told["ever"], "MiB"))
    return found


def evenness(name: str, intervals: list[float]) -> list[dict[str, Any]]:
    """The rows of intervals between frames: the 99th percentile and the longest, milliseconds."""
    ordered = sorted(intervals)
    p99 = ordered[len(ordered) * 99 // 100]
    return [
        row(f"{name}, p99", p99, "ms", most=P99_MS, ratio=False),
        row(f"{name}, longest", ordered[-1], "ms", most=MOST_MS, ratio=False),
    ]


def _trade(place: Path) -> dict[str, dict[str, Any]]:
    """What each window's side told (`bench.frames_side`)."""
    data = place / "readings.bin"
    with data.open("wb") as file:
        for _ in range(SIZE // 2**20):
            file.write(os.urandom(2**20))
    running = {
        part: subprocess.Popen(
            [sys.executable, "-m", "bench.frames_side", part, data, "--profile", place / part],
            env={
                "QT_QPA_PLATFORM": "offscreen",
                **os.environ,
                "XDG_DATA_HOME": str(place / "share"),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in ("owner", "buyer")
    }
    frames = {}
    try:
        for part, process in running.items():
            said = process.communicate()[0]
            if process.returncode:
                raise RuntimeError(f"the {part}'s part of the measured trade failed")
            frames[part] = json.loads(said.splitlines()[-1])
            if not frames[part]["frames"]:
                raise RuntimeError(f"the {part}'s window never showed the delivery")
    finally:
        for process in running.values():
            process.terminate()
            process.wait()
    return frames
