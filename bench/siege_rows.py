"""A delivery while the hostile peers of ``tests.network.hostile`` beset its owner, and without.

Owner, buyer and hostile peers are processes of their own. The hostile ones would be on machines of
their own: here they get the processor time that owner and buyer leave (SCHED_IDLE).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trio

from p2p.fingerprint import fingerprint
from p2p.host import Callbacks, Host, Peer, Source
from p2p.records import Fingerprint
from p2p.spool import Spool

SIZE = 64 * 2**20
RUNS = 3
TARGET = 0.8
MEMORY_MIB = 512
ORDER = b"o" * 32
ROOT = Path(__file__).parents[1]


def rows() -> list[dict[str, Any]]:
    """The rate with hostile peers over the rate without, in turn; the owner's greatest memory."""
    alone, beset = [], []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        with _process("side", "owner", str(SIZE), cwd=place) as owner:
            address = _line(owner)
            made = _fingerprint(place)
            for run in range(RUNS):
                alone.append(SIZE / 1e6 / trio.run(_fetch, address, made, place / f"alone{run}"))
                with _process("hostile", address, cwd=place, idle=True) as hostile:
                    _line(hostile)  # all of them have begun
                    seconds = trio.run(_fetch, address, made, place / f"beset{run}")
                beset.append(SIZE / 1e6 / seconds)
            assert owner.stdin is not None
            owner.stdin.write(b"\n")
            owner.stdin.flush()
            peak = int(_line(owner).split()[0]) / 1024
    value, peer = statistics.median(beset), statistics.median(alone)
    return [
        {
            "name": "delivery under siege",
            "value": round(value, 1),
            "unit": "MB/s",
            "against": "without hostile peers, MB/s",
            "peer_value": round(peer, 1),
            "ratio": round(value / peer, 3),
            "target": TARGET,
            "ok": value / peer >= TARGET,
        },
        {
            "name": "memory of the besieged owner",
            "value": round(peak, 1),
            "unit": "MiB",
            "against": "",
            "peer_value": None,
            "ratio": None,
            "target": MEMORY_MIB,
            "ok": peak <= MEMORY_MIB,
        },
    ]


def _fingerprint(place: Path) -> Fingerprint:
    """What the owner's process has registered, from the same file."""
    return fingerprint(
        place / "data.bin",
        bytes(32),
        place / "leaves-of-the-buyer",
        progress=lambda done, total: None,
        cancelled=lambda: False,
    ).fingerprint


async def _fetch(address: str, made: Fingerprint, place: Path) -> float:
    """Seconds from the buyer's request until R_x stands on both sides."""

    async def nothing(peer: Peer, order_id: bytes) -> Source:
        raise AssertionError("nobody buys from the buyer")

    async def received(peer: Peer, message: object) -> None:
        pass

    def judge(binding: bytes, peer_id: str) -> Peer:
        return Peer(binding.decode(), peer_id, bytes(32))

    seed = b"b" * 32
    callbacks = Callbacks(lambda: f"ben:{buyer.peer_id}".encode(), judge, received, nothing)
    buyer = Host(seed, callbacks)
    async with trio.open_nursery() as nursery:
        await nursery.start(buyer.run)
        spool = Spool(place, made.records, made.root)
        started = time.perf_counter()
        await buyer.fetch(
            address.rpartition("/")[2],
            [address],
            ORDER,
            spool,
            made,
            progress=lambda stored, total: None,
            paused=lambda: False,
        )
        seconds = time.perf_counter() - started
        nursery.cancel_scope.cancel()
    return seconds


@contextmanager
def _process(module: str, *arguments: str, cwd: Path, idle: bool = False) -> Iterator[_Process]:
    """``python -m tests.network.MODULE`` until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.network.{module}", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if idle and sys.platform == "linux":
        os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _line(process: _Process) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().decode().strip()
    assert line, "the process ended"
    return line


_Process = subprocess.Popen[bytes]
