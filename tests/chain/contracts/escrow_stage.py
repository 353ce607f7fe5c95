"""The state machine's stage: a world with hostile company, below boa's contract objects.

A call is its bytes, and what it left behind is read from storage slots: a hundred steps a second.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boa
from eth_account.signers.local import LocalAccount
from eth_utils import keccak, to_canonical_address

from tests.chain.contracts.escrow_world import (
    NATIVE,
    World,
    build_world,
    compiled,
    dataset_id,
    person,
)
from tests.chain.contracts.hostile import Mode, hostile_token
from tests.chain.contracts.wallets import wallet

RICH = 10**9
GAS = 900_000  # of a call; a payment may use 200,000, and a wallet calls through itself
GAS_TO_COMPLAIN = 3_000_000

canonical = cache(to_canonical_address)
"""Of a dozen accounts, thirty times after each step."""


def slot_of(base: int, *keys: bytes) -> int:
    """Where Vyper keeps a (nested) mapping's value."""
    slot = base.to_bytes(32, "big")
    for key in keys:
        slot = keccak(slot + key.rjust(32, b"\0"))
    return int.from_bytes(slot, "big")


@dataclass
class Stage:
    """Owner, buyer, stranger; `keeper`, an owner that is a contract; `client`, such a buyer.

    Each of the two owners holds the title of one dataset. `unsteady` is the hostile token.
    """

    world: World
    unsteady: Any
    keeper: Any
    client: Any
    datasets: dict[str, bytes]
    tokens: tuple[str, str, str]
    slots: dict[str, int]
    reentered: tuple[tuple[str, int], ...]
    _known: dict[tuple[Any, ...], int] = field(default_factory=dict)

    @property
    def owners(self) -> tuple[str, str]:
        return (self.world.owner.address, self.keeper.address)

    @property
    def buyers(self) -> tuple[str, str]:
        return (self.world.buyer.address, self.client.address)

    @property
    def stranger(self) -> str:
        return self.world.stranger.address

    @property
    def people(self) -> tuple[str, ...]:
        return (*self.owners, *self.buyers, self.stranger)

    @property
    def keyed(self) -> tuple[str, str]:
        """Owner and buyer that are people."""
        return (self.world.owner.address, self.world.buyer.address)

    def signer(self, account: str) -> LocalAccount | None:
        """The key of an account that has one."""
        world = self.world
        return {p.address: p for p in (world.owner, world.buyer, world.stranger)}.get(account)

    # --- calling ---

    def call(self, sender: str, data: bytes, value: int = 0, gas: int = GAS) -> Any:
        """The exchange called by a person, or by a wallet that anybody may move."""
        return self.call_at(self.world.exchange.address, sender, data, value, gas)

    def call_at(self, to: str, sender: str, data: bytes, value: int = 0, gas: int = GAS) -> Any:
        for contract in (self.keeper, self.client):
            if sender == contract.address:
                data = contract.execute.prepare_calldata(to, data, value)
                sender, to, value = self.stranger, contract.address, 0
        return boa.env.execute_code(to_address=to, sender=sender, data=data, value=value, gas=gas)

    # --- reading ---

    def word(self, order_id: bytes) -> int:
        return self._read("orders", order_id)

    def free(self, account: str, token: str) -> int:
        return self._read("ledger", canonical(account), canonical(token))

    def balance(self, account: str, token: str) -> int:
        """What somebody has of a token outside the exchange; or the exchange itself has."""
        address = canonical(account)
        state = boa.env.evm.vm.state
        if token == NATIVE:
            return int(state.get_balance(address))
        name = "dollars" if token == self.tokens[1] else "unsteady"
        return int(state.get_storage(canonical(token), self.place(name, address)))

    def place(self, name: str, *keys: bytes) -> int:
        known = (name, *keys)
        if known not in self._known:
            self._known[known] = slot_of(self.slots[name], *keys)
        return self._known[known]

    def kept(self) -> set[int]:
        """Slots that the exchange has written since `forget`, and that are not empty."""
        exchange = canonical(self.world.exchange.address)
        state = boa.env.evm.vm.state
        slots = boa.env.sstore_trace.get(self.world.exchange.address, ())
        return {slot for slot in slots if state.get_storage(exchange, slot)}

    def forget(self) -> None:
        boa.env.sstore_trace.clear()
        boa.env.sha3_trace.clear()

    def _read(self, name: str, *keys: bytes) -> int:
        exchange = canonical(self.world.exchange.address)
        return int(boa.env.evm.vm.state.get_storage(exchange, self.place(name, *keys)))

    def was_called_back(self) -> bool:
        """Whether token or wallet ever came through to the exchange in the middle of a call."""
        state = boa.env.evm.vm.state
        return any(state.get_storage(canonical(account), slot) for account, slot in self.reentered)


def storage(layout: Any) -> dict[str, int]:
    inside = layout["storage_layout"]
    return {name: entry["slot"] for name, entry in _flat(inside.items())}


def _flat(entries: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
    for name, entry in entries:
        if "slot" in entry:
            yield name, entry
        else:
            yield from _flat(entry.items())


def build_stage() -> Stage:
    world = build_world()
    unsteady, keeper, client = hostile_token(), wallet(), wallet()
    dollar, registry = world.dollar, world.registry
    people = [world.owner.address, world.buyer.address, world.stranger.address]
    people += [keeper.address, client.address]
    for account in people:
        boa.env.set_balance(account, RICH)
        dollar.mint(account, RICH)
        unsteady.mint(account, RICH)
    for contract in (keeper, client):
        data = dollar.approve.prepare_calldata(world.exchange.address, 2**256 - 1)
        contract.execute(dollar.address, data, 0)
        contract.reenter(world.exchange.address, b"")
    root = keccak(b"the keeper's dataset")
    kept = world.register(person(0), root)
    registry.transfer_title(kept, keeper.address, sender=world.owner.address)
    assert kept == dataset_id(registry.address, world.owner.address, root, 3)
    slots = storage(compiled("Exchange").compiler_data.storage_layout)
    slots["dollars"] = storage(compiled("PracticeDollar").compiler_data.storage_layout)["balanceOf"]
    slots["unsteady"] = storage(unsteady.compiler_data.storage_layout)["balanceOf"]
    return Stage(
        world,
        unsteady,
        keeper,
        client,
        {world.owner.address: world.dataset, keeper.address: kept},
        (NATIVE, dollar.address, unsteady.address),
        slots,
        tuple(
            (each.address, storage(each.compiler_data.storage_layout)["reentered"])
            for each in (unsteady, keeper, client)
        ),
    )


PAYS = {Mode.HONEST: 0, Mode.SILENT: 0, Mode.FEE: 1}
"""By how much less the receiver gets of what the token does pay."""
TAKES = (Mode.HONEST, Mode.SILENT)
