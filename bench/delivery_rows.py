"""A whole delivery between two processes on loopback, beside other programs that bring the same
file from one place to another.

The whole job is ours: read, compare with the registered leaves, seal, send, store, force to the
disk, acknowledge, hash, compare the roots; receipt and key over the session; then open, check every
record, and have the files in place. Theirs is to have a copy. Both end with ``sync -f``. Sides of
ours are processes that run already, as their servers are; what signs and the chain are not part
of it.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import peers
from bench.rows import row
from p2p.fingerprint import fingerprint

MIB = 2**20
SIZE = 1024 * MIB
FASTER = 1.0
"""The least ratio of the direct connection's speed to the fastest peer's."""
STREAM = 0.5
"""The same over the libp2p stream."""
CPU = {"direct": 6.5, "stream": 9.0}
"""The most CPU seconds a GiB, both sides."""
OVERHEAD = 1.7
"""The most bytes on the wire that are not the file's, in % of it."""
MEMORY = 300
"""The most MiB of any process."""
SIZES = tuple(MIB << power for power in (0, 5, 10, 15))
"""1 MiB to 32 GiB; instead of what does not fit, as much as does."""
KEY = bytes(32)

Costs = dict[str, float]


def rows() -> list[dict[str, Any]]:
    """Speeds in MB/s (10^6 bytes) of the file, costs in CPU seconds a GiB: medians, in turn."""
    theirs = peers.present()
    everybody = [*CPU, *theirs]
    turns = in_turn(everybody)
    costs: dict[str, list[Costs]] = {name: [] for name in everybody}
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        place = Path(folder)
        facts = _dataset(place, SIZE)
        for number, turn in enumerate(turns, 1):
            for name in turn:
                costs[name].append(_measured(name, place, facts))
                _say(f"{name}, {number} of {len(turns)}", costs[name][-1])
    found = {name: _medians(each) for name, each in costs.items()}
    direct, stream = found["direct"], found["stream"]
    fastest = max(theirs, key=lambda name: found[name]["speed"])
    against, peer = f"{fastest}, MB/s", found[fastest]["speed"]
    lines = [
        row("delivery: direct", direct["place"], "MB/s", against, peer, least=FASTER),
        row("delivery: libp2p stream", stream["place"], "MB/s", against, peer, least=STREAM),
        row("… to the receipt, direct", direct["receipt"], "MB/s", against, peer),
        row("… to the receipt, stream", stream["receipt"], "MB/s", against, peer),
    ]
    for carrier, most in CPU.items():
        spent = found[carrier]["owner_cpu"] + found[carrier]["buyer_cpu"]
        cost, name = f"{fastest}, s/GiB", f"CPU of both sides, {carrier}"
        lines.append(row(name, spent, "s/GiB", cost, found[fastest]["cpu"], most=most, ratio=False))
        share = found[carrier]["wire"]
        lines.append(
            row(f"overhead on the wire, {carrier}", share, "%", most=OVERHEAD, ratio=False)
        )
    for name in theirs:
        lines.append(row(f"peer: {name}", found[name]["speed"], "MB/s"))
        lines.append(row(f"peer: {name}, CPU", found[name]["cpu"], "s/GiB"))
    return lines


def in_turn(names: Sequence[str]) -> list[list[str]]:
    """Orders of an even number of names: each is once in every place, and once right behind every
    other one, since who was before leaves pages that are cheap or dear and a disk that still works
    (E. J. Williams, Experimental designs balanced for the estimation of residual effects of
    treatments, 1949)."""
    count = len(names)
    zigzag = [step // 2 + 1 if step % 2 else -(step // 2) for step in range(count)]
    return [[names[(first + each) % count] for each in zigzag] for first in range(count)]


def _measured(name: str, place: Path, facts: Path) -> Costs:
    if name in CPU:
        return _deliver(place, facts, name)
    os.sync()
    seconds, cpu = peers.measure(name, place / "data.bin", place / "work")
    return {"speed": SIZE / 1e6 / seconds, "cpu": cpu * 2**30 / SIZE}


def memory_rows() -> list[dict[str, Any]]:
    """The most memory of any process of a delivery, by the file's size: as large as there is room
    for. The file is sparse: it is read, sealed, sent, stored and opened like any other."""
    lines = []
    with tempfile.TemporaryDirectory(prefix="lading-bench-") as folder:
        place = Path(folder)
        # The sealed data, whose place the files take: the source itself takes no room.
        room = int((shutil.disk_usage(place).free - 2**30) / 1.1)
        for size in sorted({min(size, room // MIB * MIB) for size in SIZES}):
            facts = _dataset(place, size, sparse=True)
            cost = _deliver(place, facts, "direct")
            _say(f"memory, {_named(size)}", cost)
            most = max(cost["owner_memory"], cost["buyer_memory"])
            lines.append(row(f"memory: {_named(size)}", most, "MiB", most=MEMORY, ratio=False))
            (place / "data.bin").unlink()
    return lines


def _named(size: int) -> str:
    return f"{size // 2**30} GiB" if size >= 2**30 else f"{size // MIB} MiB"


def _say(what: str, costs: Costs) -> None:
    told = ", ".join(f"{name} {value:.4g}" for name, value in costs.items())
    print(f"{what}: {told}" if told else what, file=sys.stderr, flush=True)


def _dataset(place: Path, size: int, *, sparse: bool = False) -> Path:
    """A file of random bytes, its leaf hashes beside it; what the sides need to know of it."""
    data = place / "data.bin"
    with data.open("wb") as file:
        if sparse:
            file.truncate(size)
        for _ in range(0 if sparse else size // MIB):
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
        "size": size,
    }
    facts.write_text(json.dumps(described))
    return facts


def _deliver(place: Path, facts: Path, carrier: str) -> Costs:
    """One delivery: MB/s to the receipt and to the files in place, and what each side used."""
    os.sync()
    size = json.loads(facts.read_text())["size"]
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
    opened = store.with_name("store-opened")
    started = time.perf_counter()
    subprocess.run(["sync", "-f", opened], check=True)
    synced = time.perf_counter() - started
    for used in (work, store, opened):
        shutil.rmtree(used)
    gib = 2**30 / size
    return {
        "receipt": size / 1e6 / got["receipt"],
        "place": size / 1e6 / (got["place"] + synced),
        "owner_cpu": served["cpu"] * gib,
        "buyer_cpu": got["cpu"] * gib,
        "owner_loop": served["loop"] * gib,
        "buyer_loop": got["loop"] * gib,
        "owner_memory": served["memory"],
        "buyer_memory": got["memory"],
        "wire": 100 * (got["wire"] / size - 1),
    }


def _medians(costs: list[Costs]) -> Costs:
    return {name: statistics.median(cost[name] for cost in costs) for name in costs[0]}
