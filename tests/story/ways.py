"""The direct way between two people, of which a test takes away one connection or all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import trio

from p2p.carriers import Address
from tests.network.link import Link
from tests.story.relays import PATIENCE, behind_a_router


def told_to_be_at(port: int, place: Path, then: Callable[[], None] = lambda: None) -> None:
    """In an owner's process: it says that it listens at ``port``, and writes into ``place`` where
    it really does. No chunk goes before there is a line."""
    from p2p import host, serving

    def reachable(listening: Sequence[Address], peer_id: str) -> tuple[str, ...]:
        if not listening:
            return ()
        place.write_text(str(listening[0].port))
        return (Address("127.0.0.1", port).multiaddr(peer_id),)

    host.reachable = reachable
    serving.LINE_WAIT_SECONDS = PATIENCE  # type: ignore[misc]
    then()


def takes_the_best_way(then: Callable[[], None]) -> None:
    """In a buyer's process, whom nobody can dial: however busy the machine is, no relay is taken
    while the owner can be dialled, nor the session while there can be a line."""
    from p2p import connections, delivery, direct

    connections.DIRECT_FIRST_SECONDS = PATIENCE  # type: ignore[misc]
    delivery.LINE_SECONDS = PATIENCE  # type: ignore[misc]
    direct.LINE_SECONDS = PATIENCE  # type: ignore[misc]
    behind_a_router(then)


class DirectWay:
    """A `Link` for a test that runs in no loop. Use as a context manager."""

    def __init__(self) -> None:
        self._ready = threading.Event()
        self._thread = threading.Thread(target=trio.run, args=(self._run,))

    def __enter__(self) -> DirectWay:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self.do(self._over.set)
        self._thread.join()

    def do(self, what: Callable[[], None]) -> None:
        """In the link's loop; done when this returns."""
        trio.from_thread.run_sync(what, trio_token=self._token)

    def lead_to(self, place: Path) -> None:
        """To whoever writes there at which port it listens."""
        deadline = time.monotonic() + PATIENCE
        while not (port := place.read_text() if place.exists() else ""):
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.05)
        self.do(partial(self.link.move, target=Address("127.0.0.1", int(port))))

    async def _run(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        self._over = trio.Event()
        self.link = Link(Address("127.0.0.1", 1))
        async with trio.open_nursery() as nursery:
            await nursery.start(self.link.run)
            self._ready.set()
            await self._over.wait()
            nursery.cancel_scope.cancel()
