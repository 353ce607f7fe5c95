"""A delivery over a line with delay and loss, against a plain TCP stream over the same line.

The line is the user-space proxy of the tests (`tests/network/link.py`): 200 Mbit/s, delay, and
lost packets as the stalls that TCP makes of them, for one connection as for another. The rate is
taken at the proxy, from the first bytes of data to the last, so that neither side's start counts.
"""

from __future__ import annotations

import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import trio

from bench.rows import row
from p2p.carriers import Address, read_address
from tests.network.link import Link, Weather
from tests.network.restarted import make

MIB = 2**20
SIZE = 32 * MIB
BEGUN = 4 * MIB
"""From here on it is measured: leaf hashes and handshakes are over."""
RUNS = 3
TARGET = 0.8
"""The least ratio."""
RATE = 25e6
DELAYS = (0.02, 0.1)
LOSSES = (0.0, 1.0)
PLAIN: Final = "plain TCP over the same line, MB/s"
CARRIERS: Final = {"on the session": "1", "on a direct connection": "2"}

_SEND = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
connection, _ = server.accept()
with open(sys.argv[1], "rb") as data:
    connection.sendfile(data)
connection.shutdown(socket.SHUT_WR)
connection.recv(1)
"""
_RECEIVE = """
import os, socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
with open(sys.argv[2], "wb") as file:
    while piece := connection.recv(1 << 20):
        file.write(piece)
    os.fsync(file.fileno())
"""


def rows() -> list[dict[str, Any]]:
    """A row for each weather and carrier; MB/s (10^6 bytes), medians, carriers in turn."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make(place, SIZE)
        for delay, loss in itertools.product(DELAYS, LOSSES):
            weather = Weather((delay, delay), loss, RATE)
            rates: dict[str, list[float]] = {name: [] for name in ("", *CARRIERS)}
            for _ in range(RUNS):
                for carrier, measured in rates.items():
                    measured.append(trio.run(_measure, place, weather, CARRIERS.get(carrier)))
            peer = statistics.median(rates.pop(""))
            for carrier, measured in rates.items():
                value = statistics.median(measured)
                name = f"lossy: {delay * 1000:.0f} ms, {loss:.0f} % {carrier}"
                found.append(row(name, value, "MB/s", PLAIN, peer, least=TARGET))
    return found


async def _measure(place: Path, weather: Weather, version: str | None) -> float:
    """MB/s through a link; version: of `tests.network.restarted`, None for plain TCP."""
    side = ("-m", "tests.network.restarted")
    with trio.fail_after(600):
        async with trio.open_nursery() as nursery:
            link = Link(Address("127.0.0.1", 1), weather)
            await nursery.start(link.run)
            port = str(link.port)
            sender: tuple[str, ...]
            receiver: tuple[str, ...]
            if version is None:
                sender = ("-c", _SEND, str(place / "data.bin"))
                receiver = ("-c", _RECEIVE, port, str(place / "copy"))
            else:
                sender = (*side, "owner", str(place), port, version)
                receiver = (*side, "buyer", str(place), port, version)
            async with _process(place, *sender) as first:
                where = (await _line(first)).strip()
                target = read_address(where) or Address("127.0.0.1", int(where))
                link.target = target
                nursery.start_soon(_drain, first)
                async with _process(place, *receiver) as second:
                    nursery.start_soon(_drain, second)
                    while link.down < BEGUN:
                        await trio.sleep(0.001)
                    since, begun = trio.current_time(), link.down
                    while link.down < SIZE:
                        await trio.sleep(0.001)
                    rate = (link.down - begun) / (trio.current_time() - since) / 1e6
            nursery.cancel_scope.cancel()
    for kept in ("spool", "work"):
        shutil.rmtree(place / kept, ignore_errors=True)
    return rate


@asynccontextmanager
async def _process(place: Path, *arguments: str) -> AsyncIterator[trio.Process]:
    process = await trio.lowlevel.open_process(
        [sys.executable, *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()


async def _line(process: trio.Process) -> str:
    assert process.stdout is not None
    said = b""
    while not said.endswith(b"\n"):
        piece = await process.stdout.receive_some(1)
        if not piece:
            raise RuntimeError("a side of the measured delivery ended early")
        said += piece
    return said.decode()


async def _drain(process: trio.Process) -> None:
    """Nothing it says may hold it up."""
    assert process.stdout is not None
    while await process.stdout.receive_some(65536):
        pass
