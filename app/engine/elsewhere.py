"""Other networks, read for one question: what was registered there, and when.

They are chosen in Settings and followed one by one, each in a task and a thread of its own, so that
one that is down, slow or lying holds up neither the network in use nor another. Nothing is ever
sent there but questions, and no order, payment or deadline depends on an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import trio

from app.domain.commands import AddNetwork, RemoveNetwork
from app.domain.errors import RuleError
from app.domain.snapshots.shell import OtherNetwork, OtherStanding
from app.engine.membership import Membership
from app.store import elsewhere
from app.store.database import Database
from app.store.elsewhere import Gone, TooMany
from chain.elsewhere import check_registry, find_network
from chain.errors import ChainError, WrongNetwork
from chain.gateway import Gateway
from chain.indexer import STEP_BLOCKS, Indexer
from chain.network import Network, check_url

log = logging.getLogger(__name__)

MOST = 8
POLL_SECONDS = 15.0
AGAIN_SECONDS = 60.0
"""After an error: an endpoint that is down is not worth more."""

_LEFT_BEHIND: dict[str, Any] = {"abandon_on_cancel": True}
"""Nobody waits for an endpoint that is slow when the app ends. (trio's stubs lack the name.)"""


@dataclass
class _Followed:
    network: Network
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    again: trio.Event = field(default_factory=trio.Event)
    ended: trio.Event = field(default_factory=trio.Event)
    state: OtherStanding = "reading"
    block: int = 0
    registrations: int = 0

    @property
    def row(self) -> OtherNetwork:
        hosts = tuple(_host(url) for url in self.network.rpc_urls)
        return OtherNetwork(
            self.network.name,
            self.network.chain_id,
            hosts,
            self.state,
            self.block,
            self.registrations,
        )


class OtherNetworks:
    """``changed`` is called when what is known of one has changed."""

    def __init__(
        self, database: Database, membership: Membership, changed: Callable[[], None]
    ) -> None:
        self._database = database
        self._membership = membership
        self._changed = changed
        self._followed: dict[int, _Followed] = {}
        self._nursery: trio.Nursery | None = None
        self._threads = trio.CapacityLimiter(MOST + 1)

    @property
    def rows(self) -> tuple[OtherNetwork, ...]:
        """What Settings shows of each, in the order they were added."""
        return tuple(one.row for one in list(self._followed.values()))  # asked from threads too

    async def run(self) -> None:
        """Follow all of them until cancelled."""
        with self._database.read() as session:
            chosen = elsewhere.networks(session)
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            self._followed.clear()  # what was added before this began is among the chosen
            for network in chosen:
                self._follow(network)
            await trio.sleep_forever()

    def look_again(self) -> None:
        """Do not wait for the next time."""
        for one in self._followed.values():
            one.again.set()

    async def add(self, command: AddNetwork) -> None:
        """RuleError, with what to mend: no such addresses, no registry, or it is there already."""
        own = self._membership.network
        if own is None:
            raise RuleError("networks.none", "Join a network first.")
        if len(self._followed) >= MOST:
            raise RuleError(
                "networks.many", f"{MOST} networks are enough: remove one first.", most=MOST
            )
        urls = tuple(dict.fromkeys(command.addresses.replace(",", " ").split()))
        network = await self._find(command.name.strip(), urls, own)
        if network.chain_id == own.chain_id:
            raise RuleError("networks.own", "This is the network you are on; it is always checked.")
        if network.chain_id in self._followed:
            name = self._followed[network.chain_id].network.name
            raise RuleError(
                "networks.known", f"This network is in the list already, as {name}.", name=name
            )
        self._save([*(one.network for one in self._followed.values()), network])
        self._follow(network)
        self._changed()

    async def remove(self, command: RemoveNetwork) -> None:
        """What was read of it goes too."""
        followed = self._followed.pop(command.chain_id, None)
        if followed is None:
            return
        followed.scope.cancel()
        await followed.ended.wait()
        self._save([one.network for one in self._followed.values()])
        await trio.to_thread.run_sync(self._forget, command.chain_id)
        self._changed()

    async def _find(self, name: str, urls: tuple[str, ...], own: Network) -> Network:
        if not name or len(name) > 64 or not name.isprintable():
            raise RuleError("networks.name", "Give the network a name of at most 64 characters.")
        try:
            if not urls:
                raise ValueError("no address")
            for url in urls:
                check_url(url)
            find = partial(find_network, name, urls, own.registry)
            return await trio.to_thread.run_sync(find, limiter=self._threads, **_LEFT_BEHIND)
        except WrongNetwork as error:
            if error.found.startswith("chain"):
                raise RuleError(
                    "networks.chains",
                    "These addresses are on different chains: give those of one network.",
                ) from error
            raise RuleError(
                "networks.registry",
                "Lading's registry is not on that chain, so nothing was registered there.",
            ) from error
        except ChainError as error:
            log.info("another network cannot be added: %s", error)
            raise RuleError(
                "networks.silent",
                "The address does not answer as a network does. Check it, or try again later.",
            ) from error
        except ValueError as error:
            raise RuleError(
                "networks.address",
                "This is not the address of a network. It looks like https://host/path or "
                "http://host:port.",
            ) from error

    def _save(self, chosen: list[Network]) -> None:
        with self._database.begin() as session:
            elsewhere.keep(session, chosen)

    def _forget(self, chain_id: int) -> None:
        with self._database.begin() as session:
            if all(network.chain_id != chain_id for network in elsewhere.networks(session)):
                elsewhere.forget(session, chain_id)

    def _follow(self, network: Network) -> None:
        followed = self._followed[network.chain_id] = _Followed(network)
        if self._nursery is not None:
            self._nursery.start_soon(self._run, followed)

    async def _run(self, followed: _Followed) -> None:
        sink = elsewhere.Elsewhere(self._database, followed.network.chain_id)
        reader = _Reader(followed.network, sink)
        with followed.scope:
            try:
                while followed.state != "full":
                    done = await self._step(followed, reader)
                    if done:
                        ok = followed.state == "ok"
                        with trio.move_on_after(POLL_SECONDS if ok else AGAIN_SECONDS):
                            await followed.again.wait()
                        followed.again = trio.Event()
            finally:
                with trio.CancelScope(shield=True):
                    await trio.to_thread.run_sync(sink.end)
                reader.close()
                followed.ended.set()

    async def _step(self, followed: _Followed, reader: _Reader) -> bool:
        """Whether there is nothing more to read now."""
        before = replace(followed)
        try:
            done = await trio.to_thread.run_sync(reader.step, limiter=self._threads, **_LEFT_BEHIND)
            followed.state = "ok" if done else "reading"
        except TooMany:
            followed.state, done = "full", True
        except WrongNetwork as error:
            log.warning("%s is not what it was: %s", followed.network.name, error)
            followed.state, done = "wrong", True
        except ChainError as error:
            log.info("%s: %s", followed.network.name, error)
            followed.state, done = "unreachable", True
        except Exception as error:  # whatever it is, it ends nothing else
            log.error("%s cannot be followed", followed.network.name, exc_info=error)
            followed.state, done = "unreachable", True
        followed.block = reader.block
        followed.registrations = reader.registrations
        if replace(followed, block=before.block) != before:
            self._changed()
        return done


class _Reader:
    """One network, read step by step in a worker thread."""

    def __init__(self, network: Network, sink: elsewhere.Elsewhere) -> None:
        self._network = network
        self._sink = sink
        self._gateway: Gateway | None = None
        self._checked = False
        self.block = 0
        self.registrations = 0

    def step(self) -> bool:
        """Read one range of blocks; whether that was the last. Errors as `Indexer.advance`."""
        if self._gateway is None:
            self._gateway = Gateway(self._network)
        try:
            if not self._checked:
                check_registry(self._gateway)
                self._checked = True
            indexer = Indexer(self._gateway, self._network, self._sink, registrations_only=True)
            advance = indexer.advance(STEP_BLOCKS)
            self.registrations = self._sink.count()
        except Gone:
            return True
        except ChainError:
            self._checked = False
            raise
        cursor = self._sink.cursor()
        self.block = cursor.block_number if cursor else 0
        return advance.done

    def close(self) -> None:
        if self._gateway is not None:
            self._gateway.close()


def _host(url: str) -> str:
    """Without what its address may hold of secrets."""
    return urlsplit(url).netloc.rpartition("@")[2]
