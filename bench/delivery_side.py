"""One side of a measured delivery, in a process of its own: see `bench.delivery_rows`.

``owner FACTS LEAVES WORK CARRIER`` says where it listens, serves until its standard input ends, and
says what it cost. ``buyer FACTS STORE CARRIER ADDRESS`` fetches, sends a receipt for the key, opens
the data, and says the same. FACTS is a file: the path, manifest and fingerprint. What is said is
JSON, one object a line.
"""

from __future__ import annotations

import json
import resource
import socket
import struct
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import trio

from p2p.content import Content
from p2p.host import Callbacks, Host, Peer, Source
from p2p.manifest import Manifest
from p2p.messages import DeliveryReceipt, Key, Message
from p2p.records import Fingerprint
from p2p.spool import Spool
from p2p.unsealing import nearly_here, openers, unseal

KEY = bytes(32)
ORDER = b"o" * 32
ID = bytes(16).hex()
_TCP_INFO_BYTES = slice(120, 136)  # of Linux's struct tcp_info: acknowledged, received (u64 each)


class Wire:
    """Bytes that went through this process's TCP connections, both ways, as the system counts."""

    def __init__(self) -> None:
        self.count = 0
        close = socket.socket.close

        def counted(this: socket.socket) -> None:
            if this.fileno() >= 0 and this.type == socket.SOCK_STREAM:
                try:
                    told = this.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
                    self.count += sum(struct.unpack("=QQ", told[_TCP_INFO_BYTES]))
                except (OSError, struct.error):  # no TCP
                    pass
            close(this)

        setattr(socket.socket, "close", counted)  # noqa: B010 mypy knows no other way


def said(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


def cost(since: tuple[float, float]) -> dict[str, float]:
    """CPU seconds after ``since`` of all processes, of this thread (the network's
    loop) alone, and the most MiB of any."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    memory = max(resource.getrusage(kind).ru_maxrss for kind in kinds)
    cpu, loop = (now - then for now, then in zip(spent(), since, strict=True))
    return {"cpu": cpu, "loop": loop, "memory": memory / 1024}


def spent() -> tuple[float, float]:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(kind) for kind in kinds]
    return sum(each.ru_utime + each.ru_stime for each in used), time.thread_time()


class Side:
    """A host that gives the key for a receipt, or waits for it."""

    def __init__(self, name: bytes, carrier: str, source: Source | None = None) -> None:
        self._source = source
        self._key = trio.Event()
        callbacks = Callbacks(lambda: name, self._judge, self._received, self._serve, self._serve)
        self.host = Host(name.ljust(32, b"."), callbacks, direct=carrier == "direct")

    def _judge(self, binding: bytes, peer_id: str) -> Peer:
        return Peer(binding.decode(), peer_id, bytes(32))

    async def _serve(self, peer: Peer, order_id: bytes) -> Source:
        assert self._source is not None
        return self._source

    async def _received(self, peer: Peer, message: Message) -> None:
        if isinstance(message, Key):
            self._key.set()
        else:
            self.nursery.start_soon(self._give_key, peer)

    async def _give_key(self, peer: Peer) -> None:
        key = Key(id=ID, thread=ID, order=ORDER, secret=KEY)
        await self.host.send(peer.peer_id, [], [key])

    async def run(self, work: Any) -> None:
        async with trio.open_nursery() as self.nursery:
            await self.nursery.start(self.host.run)
            await work()
            self.nursery.cancel_scope.cancel()

    async def key_for(self, peer_id: str, address: str, root: bytes) -> None:
        unsigned = bytes(65)
        receipt = DeliveryReceipt(id=ID, thread=ID, order=ORDER, root=root, signature=unsigned)
        await self.host.send(peer_id, [address], [receipt])
        await self._key.wait()


async def own(found: dict[str, Any], leaves: Path, work: Path, carrier: str) -> None:
    manifest, stated = read(found)
    content = Content(Path(found["path"]), manifest, KEY, stated)
    side = Side(b"owner", carrier, Source(stated.records, leaves, content, KEY, work))

    async def serve() -> None:
        since = spent()
        said(address=side.host.addresses[0])
        await trio.to_thread.run_sync(sys.stdin.read)
        said(**cost(since))

    await side.run(serve)


async def buy(found: dict[str, Any], store: Path, carrier: str, address: str) -> None:
    manifest, stated = read(found)
    side, wire = Side(b"buyer", carrier), Wire()
    taken: dict[str, float] = {}
    ready = openers()

    def stored(chunks: int, of: int) -> None:
        if nearly_here(chunks, of):
            ready.soon()

    async def fetch() -> None:
        since, started = spent(), time.perf_counter()
        peer_id = address.rpartition("/")[2]
        spool = await trio.to_thread.run_sync(Spool, store, stated.records, stated.root)
        root = await side.host.fetch(
            peer_id,
            [address],
            ORDER,
            spool,
            stated,
            progress=stored,
            paused=lambda: False,
        )
        taken["receipt"] = time.perf_counter() - started
        await side.key_for(peer_id, address, root)
        target = store.with_name(store.name + "-opened")
        await trio.to_thread.run_sync(
            partial(unseal, store, KEY, manifest, stated, target,
                    progress=lambda done, total: None, cancelled=lambda: False, ready=ready)
        )  # fmt: skip
        taken["place"] = time.perf_counter() - started
        await trio.to_thread.run_sync(ready.close)  # what it cost is counted
        taken.update(cost(since))

    await side.run(fetch)
    said(**taken, wire=wire.count)


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
