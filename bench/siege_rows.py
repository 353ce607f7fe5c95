"""An honest delivery while thirty hostile peers beset its owner, against the same one left alone.

Owner, buyer and the hostile peers are processes of their own; those of the hostile ones have the
lowest priority, so that what is measured is what they cost the owner and not that two cores are
shared with them. Both deliveries are by the same owner process, in turn with and without a siege.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.rows import row

SIZE = 128 * 2**20
RUNS = 5
HOSTILE = 30
PROCESSES = 2
TARGET = 0.8
"""The least ratio of the besieged rate to the rate alone."""
MOST_MIB = 512
"""The most memory of the owner."""


def rows() -> list[dict[str, Any]]:
    """The rate under siege beside the rate alone, MB/s (10^6 bytes), medians; the owner's peak."""
    alone, besieged, memory = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for run in range(RUNS):
            alone.append(_deliver(place / f"alone {run}", hostile=0)[0])
            rate, most = _deliver(place / f"besieged {run}", hostile=HOSTILE)
            besieged.append(rate)
            memory.append(most)
    value, peer = statistics.median(besieged), statistics.median(alone)
    alone_said = "the same without siege, MB/s"
    return [
        row("siege: an honest delivery", value, "MB/s", alone_said, peer, least=TARGET),
        row("siege: the owner's most memory", max(memory), "MiB", most=MOST_MIB, ratio=False),
    ]


def _deliver(place: Path, *, hostile: int) -> tuple[float, float]:
    """MB/s of one delivery, and the owner's most memory in MiB."""
    with ExitStack() as stack:
        besiegers, liars = [], []
        for number in range(PROCESSES if hostile else 0):
            many = hostile // PROCESSES
            arguments = ("tests.network.hostile", number * many, many, 100_000)
            started = _process(place / f"hostile {number}", *arguments)
            besiegers.append(stack.enter_context(started))
            # below the processes that seal and store, which let others go first themselves
            os.sched_setscheduler(besiegers[-1].pid, os.SCHED_IDLE, os.sched_param(0))
            liars += json.loads(_said(besiegers[-1]))
        owner = stack.enter_context(
            _process(place / "owner", "tests.network.besieged", SIZE, *liars)
        )
        address = _said(owner)
        for besieger in besiegers:
            assert besieger.stdin is not None
            besieger.stdin.write(address + "\n")
            besieger.stdin.flush()
        for besieger in besiegers:
            _said(besieger)  # each has begun
        buyer = stack.enter_context(
            _process(place / "buyer", "tests.network.side", "buy", address, SIZE)
        )
        _said(buyer)  # its hosts are on line
        since = time.perf_counter()
        assert buyer.stdin is not None
        buyer.stdin.write("go\n")
        buyer.stdin.flush()
        _said(buyer)
        seconds = time.perf_counter() - since
        assert owner.stdin is not None
        owner.stdin.close()
        return SIZE / 1e6 / seconds, json.loads(_said(owner))["memory"]


@contextmanager
def _process(folder: Path, *command: object) -> Iterator[subprocess.Popen[str]]:
    """A module with arguments, in a folder made for it, until the end of the block."""
    folder.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-m", *map(str, command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError("a side of the measured delivery ended early")
    return line
