"""A peer with a real libp2p host and a real account, and without an app: it does as it is told.

`Cheat` is what both sides have in common: it introduces itself properly, keeps what it hears, says
anything to anybody and puts anything on record. The host runs in a thread of its own; the methods
are called from the test's.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, ClassVar, TypeVar

import trio

from chain import abi, agreement, exchange, registry
from chain.agreement import Domain, PeerBinding
from chain.answers import TxReceipt
from chain.gateway import Call, Gateway
from chain.network import Network
from chain.wallet import Wallet, new_words
from p2p.errors import P2PError, PeerError, Unreachable
from p2p.host import Callbacks, Host, Peer, Source
from p2p.messages import Message
from tests.adversary.stage import mine, money_of
from tests.story.people import World

M = TypeVar("M", bound=Message)
T = TypeVar("T")

PATIENCE_SECONDS = 60.0


class NeverHeard(AssertionError):
    """What the honest side should have said did not come."""


class Cheat:
    """Use as a context manager, so that the host ends."""

    host_type: ClassVar[type[Host]] = Host

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.network: Network = world.network
        self.gateway: Gateway = world.gateway
        self.wallet = Wallet.from_words(new_words())
        self.address = self.wallet.address
        self.exchange = Domain(self.network.chain_id, self.network.exchange)
        self.token = self.network.tokens[0].address
        self.answer: Callable[[Message], None] = lambda message: None
        """Called with each message before it is answered "stored"; may raise PeerError."""
        self.senders: dict[str, str] = {}
        """Message id → the identity that said it."""
        self._heard: list[Message] = []
        self._news = threading.Condition()
        self._ready = threading.Event()
        callbacks = Callbacks(
            binding=self._binding,
            judge=self._judge,
            received=self._received,
            source=self._source,
            manifest=self._source,
        )
        self.host = self.host_type(self.wallet.peer_seed, callbacks)
        self._thread = threading.Thread(target=trio.run, args=(self._run,), name=name)

    def __enter__(self) -> Cheat:
        self.world.practice.fund(self.address)
        self._thread.start()
        assert self._ready.wait(PATIENCE_SECONDS)
        profile = registry.Profile(
            self.name, self.host.peer_id, self.wallet.seal_public, self.host.addresses
        )
        self.record(registry.set_profile_call(self.network, profile))
        return self

    def __exit__(self, *_: object) -> None:
        self._token.run_sync_soon(self._scope.cancel)
        self._thread.join()

    # the host

    async def _run(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        with trio.CancelScope() as self._scope:
            async with trio.open_nursery() as self._nursery:
                await self._nursery.start(self._host)
                self._ready.set()

    async def _host(self, task_status: Any) -> None:
        await self.host.run(task_status=task_status)

    def _binding(self) -> bytes:
        now = int(time.time())
        binding = PeerBinding(
            self.address, self.host.peer_id, self.wallet.seal_public, now - 60, now + 3600
        )
        domain = Domain(self.network.chain_id, self.network.registry)
        signature = agreement.sign(domain, binding, self.wallet.account_key)
        return agreement.encode_binding(binding, signature)

    def _judge(self, raw: bytes, peer_id: str) -> Peer:
        binding, _ = agreement.decode_binding(raw)
        return Peer(binding.identity, peer_id, binding.seal_key)

    async def _received(self, peer: Peer, message: Message) -> None:
        self.answer(message)
        with self._news:
            self.senders[message.id] = peer.identity
            self._heard.append(message)
            self._news.notify_all()

    async def _source(self, peer: Peer, order_id: bytes) -> Source:
        raise PeerError("Nothing is delivered here.")

    # talking

    def go(self, work: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Run something in the host's loop and wait for it."""
        return trio.from_thread.run(work, *arguments, trio_token=self._token)

    def keep_doing(self, work: Callable[[], Awaitable[object]]) -> None:
        """Start something in the host's loop that goes on until the other side ends it."""

        async def on() -> None:
            with suppress(P2PError):
                await work()

        self._token.run_sync_soon(self._nursery.start_soon, on)

    def patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """As `go`, and again while the other side cannot be reached or says "later"."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self.go(work)
            except Unreachable:
                if time.monotonic() > deadline:
                    raise
                mine(self.world, 1)

    def say(self, other: str, *messages: Message) -> None:
        """To whoever acts for this address; returns once stored. PeerError if refused."""

        async def say() -> None:
            profile = self.profile(other)
            await self.host.send(profile.peer_id, profile.addresses, messages, identity=other)

        self.patiently(say)

    def profile(self, other: str) -> registry.Profile:
        """What an identity put on record last; Unreachable if nothing."""
        topic = abi.interface("Registry").topic("ProfileSet")
        newest = self.gateway.head().number
        account = bytes.fromhex(other[2:]).rjust(32, b"\0")
        logs = self.gateway.logs(0, newest, (self.network.registry,), (topic, account))
        if not logs:
            raise Unreachable("There is no profile on record yet.")
        found = registry.decoders()[topic](logs[-1])
        assert isinstance(found, registry.ProfileSet)
        return found.profile

    def hear(self, kind: type[M], about: Callable[[M], bool] = lambda message: True) -> M:
        """The next message of this kind, which is taken out."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._news:
            while True:
                for at, message in enumerate(self._heard):
                    if isinstance(message, kind) and about(message):
                        del self._heard[at]
                        return message
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NeverHeard(f"{self.name} was never told a {kind.__name__}")
                self._news.wait(left)

    def has_heard(self, kind: type[Message]) -> bool:
        with self._news:
            return any(isinstance(message, kind) for message in self._heard)

    def head(self, thread: str = "") -> dict[str, str]:
        """Id and thread of a message; a new thread if none is named."""
        return {"id": secrets.token_hex(16), "thread": thread or secrets.token_hex(16)}

    # the record

    def record(self, call: Call) -> TxReceipt:
        """On record when this returns; Refused if the contract reverts."""
        nonce = self.gateway.pending_nonce(self.address)
        signed = self.gateway.sign(call, self.wallet.account_key, nonce)
        self.gateway.broadcast(signed.raw)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (receipt := self.gateway.receipt(signed.hash)) is None:
            assert time.monotonic() < deadline, "the chain mines no blocks"
            mine(self.world, 1)
        assert receipt.ok
        return receipt

    def final(self, call: Call) -> None:
        """On record and final."""
        self.record(call)
        mine(self.world)

    def free_bond(self, account: str, token: str) -> int:
        return exchange.read_free_bond(self.gateway, self.network, account, token)

    def money(self) -> int:
        return money_of(self.world, self.address)
