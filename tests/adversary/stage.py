"""Where cheats meet honest apps: one practice chain whose clock and blocks the test moves on."""

from __future__ import annotations

import time
from collections.abc import Callable

from app.domain.snapshots.shell import Notice, SettingsSnapshot
from chain import abi, exchange, registry
from chain.endpoint import Endpoint
from tests.story.people import Human, Process, World

FINAL_BLOCKS = 3
"""On top of a block these make it final on the practice network, and one more for good measure."""
WEEK = 7 * 86_400
MONEY_BACK = ("refunded", "dispute_won")
"""What a buyer's order page says once the price is back."""


class Steadfast(Process):
    """An app's process that is waited for although the other side breaks the protocol."""

    ending = ("bug",)

    def notice(self, code: str, seconds: float = 60.0) -> Notice:
        """Wait for a notice, which is taken out."""
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                for at, notice in enumerate(self.notices):
                    if notice.code == code:
                        return self.notices.pop(at)
                left = deadline - time.monotonic()
                assert left > 0, f"{self.name} was never told {code}: {self.notices}"
                self._news.wait(left)


class Honest(Human):
    """Somebody whose app does what it should, whatever the other side does."""

    process = Steadfast

    @property
    def address(self) -> str:
        return self.wait(SettingsSnapshot, lambda shown: shown.address).address

    def told(self, code: str) -> Notice:
        """What the app says to its person: a rule's code, or what the other side did."""
        assert isinstance(self.person, Steadfast)
        return self.person.notice(code)

    def sees_a_breach(self) -> str:
        """The app says that the other side broke the protocol: how."""
        return self.told("peer.broke_protocol").cause


def mine(world: World, blocks: int = FINAL_BLOCKS) -> None:
    """More blocks, at once."""
    endpoint = Endpoint(world.network.rpc_urls[0])
    try:
        for _ in range(blocks):
            endpoint.ask("evm_mine")
    finally:
        endpoint.close()


def mine_until(world: World, holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Blocks until something is so; AssertionError if it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "what was mined for did not come"
        mine(world, 1)


def jump(world: World, seconds: int) -> None:
    """The chain's clock jumps ahead, and what it makes late is final."""
    world.let_pass(seconds)
    mine(world)


def now(world: World) -> int:
    """The chain's time."""
    return world.gateway.head().timestamp


def a_week_from_now(world: World) -> int:
    """Seconds of the wall clock after which the chain's clock, which jumps, shows a week more."""
    return now(world) - int(time.time()) + WEEK


def state_of(world: World, order_id: bytes) -> int:
    """What the contract says about an order."""
    return exchange.read_order(world.gateway, world.network, order_id).state


def registered(world: World, dataset: bytes) -> registry.Registered:
    """What is on record about a dataset."""
    topic = abi.interface("Registry").topic("Registered")
    newest = world.gateway.head().number
    logs = world.gateway.logs(0, newest, (world.network.registry,), (topic, dataset))
    return registry.registered(logs[0])


def money_of(world: World, address: str) -> int:
    """Practice dollars of an account and of its free bond."""
    token = world.network.tokens[0].address
    free = exchange.read_free_bond(world.gateway, world.network, address, token)
    return world.gateway.token_balance(token, address) + free
