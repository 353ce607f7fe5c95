"""A delivery over a line with delay and loss, against a plain TCP stream over the same line.

The line is the user-space proxy of the tests (`tests/network/link.py`): 200 Mbit/s, delay, and
lost packets as the stalls that TCP makes of them, for one connection as for another. The rate is
taken at the proxy, from the first bytes of data to the last, so that neither side's start counts.
All are measured at the same time, each over a line of its own, so that whatever else the machine
does befalls them alike.
"""

from __future__ import annotations

import os
import pickle
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import trio

from bench.rows import row
from p2p.carriers import Address, read_address
from p2p.worker import LEAST_CHUNKS
from tests.network.link import Link, Weather
from tests.network.restarted import make
from tests.p2p.people import Dataset

MIB = 2**20
BEGUN = 4 * MIB
"""From here on it is measured: leaf hashes and handshakes are over."""
RUNS = 3
TARGET = 0.8
"""The least ratio."""
RATE = 25e6
SIZES: Final = {0.0: 32 * MIB, 0.02: 32 * MIB, 0.1: 32 * MIB, 0.4: 48 * MIB}
"""How much is sent at which delay, seconds each way: more than twice what may be unacknowledged."""
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
    """A row for each weather and carrier; MB/s (10^6 bytes), medians."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        made = {size: make(_folder(Path(folder) / str(size)), size) for size in SIZES.values()}
        for delay, size in SIZES.items():
            for loss in LOSSES:
                found += _rows(made[size], Weather((delay, delay), loss, RATE), size)
    return found


def _folder(place: Path) -> Path:
    place.mkdir(exist_ok=True)
    return place


def _rows(dataset: Dataset, weather: Weather, size: int) -> list[dict[str, Any]]:
    rates: dict[str, list[float]] = {name: [] for name in ("", *CARRIERS)}

    async def one(carrier: str) -> None:
        rates[carrier].append(await _measure(dataset, weather, size, CARRIERS.get(carrier)))

    async def all_at_once() -> None:
        async with trio.open_nursery() as nursery:
            for carrier in rates:
                nursery.start_soon(one, carrier)

    for _ in range(RUNS):
        trio.run(all_at_once)
    peer = statistics.median(rates.pop(""))
    found = []
    for carrier, measured in rates.items():
        value = statistics.median(measured)
        name = f"lossy: {weather.delay[0] * 1000:.0f} ms, {weather.loss:.0f} % {carrier}"
        found.append(row(name, value, "MB/s", PLAIN, peer, least=TARGET))
    return found


async def _measure(dataset: Dataset, weather: Weather, size: int, version: str | None) -> float:
    """MB/s through a link; version: of `tests.network.restarted`, None for plain TCP."""
    place = _folder(dataset.folder / (version or "plain"))
    (place / "dataset").write_bytes(pickle.dumps(replace(dataset, folder=place)))
    side = ("-m", "tests.network.restarted")
    with trio.fail_after(600):
        async with trio.open_nursery() as nursery:
            link = Link(Address("127.0.0.1", 1), weather)
            await nursery.start(link.run)
            port = str(link.port)
            sender: tuple[str, ...]
            receiver: tuple[str, ...]
            if version is None:
                sender = ("-c", _SEND, str(dataset.made.source))
                receiver = ("-c", _RECEIVE, port, str(place / "copy"))
            else:
                told = (str(place), port, version, str(LEAST_CHUNKS))
                sender = (*side, "owner", *told)
                receiver = (*side, "buyer", *told)
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
                    while link.down < size:
                        await trio.sleep(0.001)
                    rate = (link.down - begun) / (trio.current_time() - since) / 1e6
            nursery.cancel_scope.cancel()
    shutil.rmtree(place)
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
