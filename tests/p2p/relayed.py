"""Relays on loopback, and people whom nobody can dial."""

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import trio

from p2p.kept_store import KeptStore
from p2p.relay import Bounds, Relay
from tests.p2p.people import Person, on_line

PATIENCE = 120  # seconds after which a test has failed


def hidden(name: str) -> Person:
    """Somebody behind a router: listens nowhere."""
    return Person(name, listen=())


@dataclass
class Post:
    """A relay that can be switched on and off."""

    name: str = "relay"
    bounds: Bounds | None = None
    listen: tuple[str, ...] = ("/ip4/127.0.0.1/tcp/0",)
    kind: type[Relay] = Relay
    kept: KeptStore | None = None
    relay: Relay = field(init=False)
    _scope: trio.CancelScope = field(init=False, default_factory=trio.CancelScope)

    def __post_init__(self) -> None:
        seed = hashlib.sha256(self.name.encode()).digest()
        self.relay = self.kind(seed, self.bounds, listen=self.listen, kept=self.kept)

    @property
    def address(self) -> str:
        return self.relay.addresses[0]

    async def run(self, *, task_status: Any = trio.TASK_STATUS_IGNORED) -> None:
        self._scope = trio.CancelScope()
        with self._scope:
            await self.relay.run(task_status=task_status)

    def die(self) -> None:
        self._scope.cancel()


@asynccontextmanager
async def relays(*posts: Post) -> AsyncIterator[trio.Nursery]:
    """Run them; they are gone at the end of the block."""
    with trio.fail_after(PATIENCE):
        async with trio.open_nursery() as nursery:
            for post in posts:
                await nursery.start(post.run)
            yield nursery
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def apart(*people: Person, at: tuple[Post, ...]) -> AsyncIterator[None]:
    """Run hosts that keep places at these relays; each has all of them when the block begins."""
    async with on_line(*people):
        for person in people:
            person.host.use_relays([post.address for post in at])
        await until(lambda: all(len(person.host.circuits) == len(at) for person in people))
        yield


async def until(condition: Callable[[], object]) -> None:
    """Wait for what has to come; the test's own limit says when it did not."""
    while not condition():
        await trio.sleep(0.01)
