"""One side of a measured delivery, in a process of its own: see `bench.delivery_rows`.

``owner FACTS LEAVES WORK CARRIER`` says where it listens, serves until its standard input ends, and
says what it cost. ``buyer FACTS STORE CARRIER ADDRESS`` fetches, opens the data, and says the same.
FACTS is a file: the path, manifest and fingerprint. What is said is JSON, one object a line.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import trio

from p2p.content import Content
from p2p.host import Callbacks, Host, Peer, Source
from p2p.manifest import Manifest
from p2p.records import Fingerprint
from p2p.spool import Spool
from p2p.unsealing import unseal

KEY = bytes(32)
ORDER = b"o" * 32


def said(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def cost(since: float) -> dict[str, float]:
    """CPU seconds after ``since``, and the most memory so far in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu": time.process_time() - since, "memory": used.ru_maxrss / 1024}


def host_of(name: bytes, carrier: str, source: Source | None = None) -> Host:
    async def serve(peer: Peer, order_id: bytes) -> Source:
        assert source is not None
        return source

    async def received(peer: Peer, message: object) -> None:
        pass

    def judge(binding: bytes, peer_id: str) -> Peer:
        return Peer(binding.decode(), peer_id, bytes(32))

    callbacks = Callbacks(lambda: name, judge, received, serve)
    return Host(name.ljust(32, b"."), callbacks, direct=carrier == "direct")


async def own(found: dict[str, Any], leaves: Path, work: Path, carrier: str) -> None:
    manifest, stated = read(found)
    content = Content(Path(found["path"]), manifest, KEY, stated)
    source = Source(stated.records, leaves, content, KEY, work)
    host = host_of(b"owner", carrier, source)
    async with trio.open_nursery() as nursery:
        await nursery.start(host.run)
        since = time.process_time()
        said(address=host.addresses[0])
        await trio.to_thread.run_sync(sys.stdin.read)
        said(**cost(since))
        nursery.cancel_scope.cancel()


async def buy(found: dict[str, Any], store: Path, carrier: str, address: str) -> None:
    manifest, stated = read(found)
    host = host_of(b"buyer", carrier)
    async with trio.open_nursery() as nursery:
        await nursery.start(host.run)
        started, since = time.perf_counter(), time.process_time()
        spool = Spool(store, stated.records, stated.root)
        await host.fetch(
            address.rpartition("/")[2],
            [address],
            ORDER,
            spool,
            stated,
            progress=lambda stored, total: None,
            paused=lambda: False,
        )
        receipt, spent = time.perf_counter() - started, cost(since)
        nursery.cancel_scope.cancel()
    target = store.with_name(store.name + "-opened")
    unseal(
        store, KEY, manifest, stated, target, progress=lambda a, b: None, cancelled=lambda: False
    )
    said(receipt=receipt, place=time.perf_counter() - started, **spent)


def read(found: dict[str, Any]) -> tuple[Manifest, Fingerprint]:
    return Manifest.decode(found["manifest"].encode()), Fingerprint(
        bytes.fromhex(found["content_id"]),
        bytes.fromhex(found["root"]),
        found["records"],
        found["length"],
    )


if __name__ == "__main__":
    role, described, *rest = sys.argv[1:]
    facts = json.loads(Path(described).read_text())
    if role == "owner":
        trio.run(own, facts, Path(rest[0]), Path(rest[1]), rest[2])
    else:
        trio.run(buy, facts, Path(rest[0]), rest[1], rest[2])
