"""A whole delivery between two processes on loopback against a bare TCP copy of the same bytes; and
with chunks on a direct connection against chunks on the session's libp2p stream.

A delivery is everything from the request to the delivery root on the buyer's disk (the receipt):
read, compare with the registered leaves, seal, send, store, acknowledge, hash, compare; the whole
job goes on until the files are opened, checked and in place. The bare copy only sends the file
through a loopback socket and syncs it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from p2p.fingerprint import fingerprint

MIB = 2**20
SIZE = 128 * MIB
RUNS = 3
TARGET = 0.05
"""The least ratio of a delivery to a bare copy."""
FASTER = 1.0
"""The least ratio of the direct connection's speed to the stream's."""
DEARER = 1.1
"""The most ratio of what it costs."""
KEY = bytes(32)


def rows() -> list[dict[str, Any]]:
    """One row; speeds are medians in MB/s (10^6 bytes) of the content, both ways in turn."""
    ours, copies = [], []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        facts = _dataset(place)
        for _ in range(RUNS):
            ours.append(_deliver(place, facts, "direct")["receipt"])
            copies.append(SIZE / 1e6 / _copy(place / "data.bin", place / "copy"))
    value, peer = statistics.median(ours), statistics.median(copies)
    copy = "bare TCP copy with fsync, MB/s"
    return [_row("delivery to the receipt", value, "MB/s", copy, peer, TARGET)]


def direct_rows() -> list[dict[str, Any]]:
    """Speeds and costs with a direct connection, beside the stream's; medians, in turn."""
    carriers: dict[str, list[dict[str, float]]] = {"direct": [], "stream": []}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        facts = _dataset(place)
        for _ in range(RUNS):
            for carrier, measured in carriers.items():
                measured.append(_deliver(place, facts, carrier))
    direct, stream = (_medians(measured) for measured in carriers.values())

    def row(name: str, what: str, unit: str, target: float) -> dict[str, Any]:
        stated = f"over the libp2p stream, {unit}"
        return _row(name, direct[what], unit, stated, stream[what], target, target == DEARER)

    return [
        row("direct: to the receipt", "receipt", "MB/s", FASTER),
        row("direct: to the files in place", "place", "MB/s", FASTER),
        row("direct: the owner's CPU", "owner_cpu", "s/GiB", DEARER),
        row("direct: the buyer's CPU", "buyer_cpu", "s/GiB", DEARER),
        row("direct: the owner's most memory", "owner_memory", "MiB", DEARER),
        row("direct: the buyer's most memory", "buyer_memory", "MiB", DEARER),
    ]


def _row(
    name: str,
    value: float,
    unit: str,
    against: str,
    peer: float,
    target: float,
    most: bool = False,
) -> dict[str, Any]:
    """``target`` is the least ratio, or the most."""
    ratio = value / peer
    return {
        "name": name,
        "value": round(value, 2),
        "unit": unit,
        "against": against,
        "peer_value": round(peer, 2),
        "ratio": round(ratio, 3),
        "target": target,
        "ok": ratio <= target if most else ratio >= target,
    }


def _dataset(place: Path) -> Path:
    """A file of random bytes, its leaf hashes beside it; what the sides need to know of it."""
    data = place / "data.bin"
    with data.open("wb") as file:
        for _ in range(SIZE // MIB):
            file.write(os.urandom(MIB))
    found = fingerprint(
        data, KEY, place / "leaves", progress=lambda done, total: None, cancelled=lambda: False
    )
    stated = found.fingerprint
    facts = place / "facts.json"
    described = {
        "path": str(data),
        "manifest": found.manifest.encode().decode(),
        "content_id": stated.content_id.hex(),
        "root": stated.root.hex(),
        "records": stated.records,
        "length": stated.length,
    }
    facts.write_text(json.dumps(described))
    return facts


def _deliver(place: Path, facts: Path, carrier: str) -> dict[str, float]:
    """One delivery: MB/s to the receipt and to the files in place, and what each side used."""
    work, store = place / "work", place / "store"
    side = [sys.executable, "-m", "bench.delivery_side"]
    with subprocess.Popen(
        [*side, "owner", facts, place / "leaves", work, carrier],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as owner:
        assert owner.stdin is not None
        assert owner.stdout is not None
        address = json.loads(owner.stdout.readline())["address"]
        bought = subprocess.run(
            [*side, "buyer", facts, store, carrier, address], stdout=subprocess.PIPE, check=True
        )
        owner.stdin.close()
        served = json.loads(owner.stdout.readline())
    got = json.loads(bought.stdout)
    for used in (work, store, store.with_name("store-opened")):
        shutil.rmtree(used)
    return {
        "receipt": SIZE / 1e6 / got["receipt"],
        "place": SIZE / 1e6 / got["place"],
        "owner_cpu": served["cpu"] * 2**30 / SIZE,
        "buyer_cpu": got["cpu"] * 2**30 / SIZE,
        "owner_memory": served["memory"],
        "buyer_memory": got["memory"],
    }


def _medians(costs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}


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
