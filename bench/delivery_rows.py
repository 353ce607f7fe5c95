"""A whole delivery between two hosts on loopback, against a bare TCP copy of the same bytes.

Ours is everything from the request to the delivery root on the buyer's disk: read, compare with
the registered leaves, seal, send over libp2p, store, acknowledge, hash, compare. The peer only
copies the file through a loopback socket and syncs it.
"""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import trio

from p2p.content import Content
from p2p.fingerprint import fingerprint
from p2p.host import Callbacks, Host, Peer, Source
from p2p.spool import Spool

SIZE = 64 * 2**20
RUNS = 3
TARGET = 0.05
"""The least ratio."""
KEY = bytes(32)
ORDER = b"o" * 32


def rows() -> list[dict[str, Any]]:
    """One row; speeds are medians in MB/s (10^6 bytes) of the content, both ways in turn."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        data = place / "data.bin"
        data.write_bytes(os.urandom(SIZE))
        ours, peers = [], []
        for run in range(RUNS):
            ours.append(SIZE / 1e6 / trio.run(_deliver, data, place / f"run{run}"))
            peers.append(SIZE / 1e6 / _copy(data, place / f"copy{run}"))
    value, peer = statistics.median(ours), statistics.median(peers)
    return [
        {
            "name": "delivery to the receipt, libp2p",
            "value": round(value, 1),
            "unit": "MB/s",
            "against": "bare TCP copy with fsync, MB/s",
            "peer_value": round(peer, 1),
            "ratio": round(value / peer, 3),
            "target": TARGET,
            "ok": value / peer >= TARGET,
        }
    ]


async def _deliver(data: Path, place: Path) -> float:
    """Seconds from the buyer's request until R_x stands on both sides."""
    place.mkdir()
    leaves = place / "leaves"
    found = fingerprint(
        data, KEY, leaves, progress=lambda done, total: None, cancelled=lambda: False
    )
    print_ = found.fingerprint
    content = Content(data, found.manifest, KEY, print_)
    source = Source(print_.records, leaves, content, KEY, place / "owner")

    async def serve(peer: Peer, order_id: bytes) -> Source:
        return source

    async def received(peer: Peer, message: object) -> None:
        pass

    def judge(binding: bytes, peer_id: str) -> Peer:
        return Peer(binding.decode(), peer_id, bytes(32))

    owner = Host(b"a" * 32, Callbacks(lambda: b"owner", judge, received, serve))
    buyer = Host(b"b" * 32, Callbacks(lambda: b"buyer", judge, received, serve))
    async with trio.open_nursery() as nursery:
        await nursery.start(owner.run)
        await nursery.start(buyer.run)
        started = time.perf_counter()
        spool = Spool(place / "buyer", print_.records, print_.root)
        await buyer.fetch(
            owner.peer_id,
            owner.addresses,
            ORDER,
            spool,
            print_,
            progress=lambda stored, total: None,
            paused=lambda: False,
        )
        seconds = time.perf_counter() - started
        nursery.cancel_scope.cancel()
    return seconds


def _copy(data: Path, target: Path) -> float:
    """Seconds to send a file through a loopback socket and have it on disk."""
    server = socket.create_server(("127.0.0.1", 0))

    def send() -> None:
        with socket.create_connection(server.getsockname()) as out, data.open("rb") as file:
            out.sendfile(file)

    started = time.perf_counter()
    sender = threading.Thread(target=send)
    sender.start()
    connection, _ = server.accept()
    with connection, target.open("wb") as file:
        while piece := connection.recv(1 << 20):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    sender.join()
    server.close()
    return time.perf_counter() - started
