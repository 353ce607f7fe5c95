"""Two people's hosts on loopback, with everything around the network kept simple and visible."""

import hashlib
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from p2p.content import Content
from p2p.errors import ContentError, PeerError
from p2p.fingerprint import Fingerprinted, fingerprint
from p2p.host import Callbacks, Host, Peer, Source
from p2p.identity import peer_id_of
from p2p.messages import Message, Text
from p2p.reviews import Document, Wanted
from p2p.throttle import Throttle


def text(words: str = "hello", **fields: Any) -> Text:
    """A short message with ids of its own."""
    return Text(id=secrets.token_hex(16), thread=secrets.token_hex(16), text=words, **fields)


@dataclass
class Person:
    """One side: a host and what its callbacks saw. ``binding`` is ``name:peer id`` in bytes."""

    name: str
    listen: tuple[str, ...] = ("/ip4/127.0.0.1/tcp/0",)
    direct: bool = True
    host: Host = field(init=False)
    inbox: list[tuple[Peer, Message]] = field(default_factory=list)
    met: list[Peer] = field(default_factory=list)
    sent: list[tuple[int, int]] = field(default_factory=list)
    stopped: list[ContentError] = field(default_factory=list)
    sources: dict[bytes, Source] = field(default_factory=dict)
    paused: list[bytes] = field(default_factory=list)
    reviews: dict[Wanted, Document] = field(default_factory=dict)
    binding: bytes = b""
    store: Callable[[Message], None] = lambda message: None
    relays: Callable[[], None] = lambda: None
    limits: dict[str, Throttle] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seed = hashlib.sha256(self.name.encode()).digest()
        self.binding = f"{self.name}:{peer_id_of(seed)}".encode()
        callbacks = Callbacks(
            binding=lambda: self.binding,
            judge=self._judge,
            received=self._received,
            source=self._source,
            manifest=self._source,
            paused=self._paused,
            met=self._met,
            sent=lambda order, sent, stored: self.sent.append((sent, stored)),
            stopped=lambda order, error: self.stopped.append(error),
            relays=lambda: self.relays(),
            review=self._review,
        )
        self.host = Host(
            seed,
            callbacks,
            listen=self.listen,
            direct=self.direct,
            uploads=self.limits.get("uploads"),
            downloads=self.limits.get("downloads"),
        )

    @property
    def peer_id(self) -> str:
        return self.host.peer_id

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.host.addresses

    async def say(self, other: "Person", *messages: Message, **options: Any) -> None:
        await self.host.send(other.peer_id, other.addresses, messages, **options)

    def _judge(self, binding: bytes, peer_id: str) -> Peer:
        name, _, bound = binding.decode(errors="replace").partition(":")
        if bound != peer_id:
            raise PeerError("The binding belongs to another peer.")
        return Peer(name, bound, bytes(32))

    async def _received(self, peer: Peer, message: Message) -> None:
        self.store(message)
        self.inbox.append((peer, message))

    async def _met(self, peer: Peer) -> None:
        self.met.append(peer)

    async def _paused(self, peer: Peer, order_id: bytes) -> None:
        await self._source(peer, order_id)
        self.paused.append(order_id)

    async def _review(self, peer: Peer, wanted: Wanted) -> Document | None:
        return self.reviews.get(wanted)

    async def _source(self, peer: Peer, order_id: bytes) -> Source:
        if order_id not in self.sources:
            raise PeerError("There is no such order.")
        return self.sources[order_id]


@asynccontextmanager
async def on_line(*people: Person) -> AsyncIterator[None]:
    """Run the hosts; they are off line again at the end of the block."""
    async with trio.open_nursery() as nursery:
        for person in people:
            await nursery.start(_run, person.host)
        yield
        nursery.cancel_scope.cancel()


async def _run(host: Host, task_status: Any) -> None:
    await host.run(task_status=task_status)


@dataclass(frozen=True)
class Dataset:
    """A registered dataset on the owner's disk."""

    made: Fingerprinted
    salt_key: bytes
    leaves_path: Path
    folder: Path

    def source(self, dk: bytes | None = b"k" * 32, name: str = "work") -> Source:
        content = Content(
            self.made.source, self.made.manifest, self.salt_key, self.made.fingerprint
        )
        records = self.made.fingerprint.records
        return Source(records, self.leaves_path, content, dk, self.folder / name)

    def forget(self) -> None:
        """Lose the owner's side of every delivery."""
        for work in self.folder.glob("work*"):
            shutil.rmtree(work)


def make_dataset(folder: Path, size: int) -> Dataset:
    """One file of ``size`` bytes, fingerprinted."""
    path = folder / "data.bin"
    path.write_bytes(hashlib.shake_256(b"data").digest(size))
    salt_key = bytes(32)
    made = fingerprint(
        path,
        salt_key,
        folder / "leaves",
        progress=lambda done, of: None,
        cancelled=lambda: False,
    )
    return Dataset(made, salt_key, folder / "leaves", folder)
