"""What the contracts keep, at one block: what money decisions are read from.

Each value is one storage slot, proven where the network has several endpoints (`Gateway.storage`).
Vyper puts the value of a map's key at keccak256(slot of the map ‖ key), and of a map in a map by
doing so twice (https://docs.vyperlang.org/en/stable/scoping-and-declarations.html, storage layout).
"""

from dataclasses import dataclass

from eth_hash.auto import keccak

from chain.address import ZERO_ADDRESS, Address, address_bytes, address_text
from chain.errors import Unreachable
from chain.exchange import REFUNDED, OrderWord
from chain.gateway import Gateway
from chain.network import Network
from chain.proofs import Header
from chain.registry import DatasetRow

SLOTS = {
    ("Exchange", "funds.ledger"): 0,
    ("Exchange", "orders"): 1,
    ("Exchange", "epochs"): 2,
    ("Registry", "_datasets"): 0,
}
"""Where the compiler puts the maps; a test compares it with `vyper -f layout`."""


@dataclass(frozen=True, slots=True)
class State:
    """The contracts at the end of a block. Every method blocks, and raises Unreachable if too few
    endpoints agree or the answer makes no sense."""

    gateway: Gateway
    network: Network
    at: Header

    def order(self, order_id: bytes) -> OrderWord:
        """The order's slot; state NONE for one that was never funded."""
        word = self._word("Exchange", "orders", order_id)
        state = word & 0xFF
        if state > REFUNDED:
            raise Unreachable("The exchange's storage makes no sense: there is no such state.")
        return OrderWord(state, (word >> 8) & (2**40 - 1), word >> 48)

    def epoch(self, owner: Address) -> int:
        """The epoch that the owner's next Offer must name."""
        return self._word("Exchange", "epochs", _padded(owner))

    def free_bond(self, account: Address, token: Address) -> int:
        """Smallest units that the account can lock or withdraw."""
        return self._word("Exchange", "funds.ledger", _padded(account), _padded(token))

    def dataset(self, dataset: bytes) -> DatasetRow | None:
        """Title holder, time of the commitment and whether withdrawn; None if not registered."""
        word = self._word("Registry", "_datasets", dataset)
        title = address_text((word & (2**160 - 1)).to_bytes(20, "big"))
        if title == ZERO_ADDRESS:
            return None
        return DatasetRow(title, (word >> 160) & (2**40 - 1), bool(word >> 200 & 1))

    def _word(self, contract: str, name: str, *keys: bytes) -> int:
        place = self.network.exchange if contract == "Exchange" else self.network.registry
        slot = slot_of(contract, name, *keys)
        return self.gateway.storage(place, (slot,), self.at)[0]


def final_state(gateway: Gateway, network: Network) -> State:
    """The contracts at the newest final block, which no expected reorganisation takes back."""
    return State(gateway, network, gateway.final())


def newest_state(gateway: Gateway, network: Network) -> State:
    """The contracts at the newest block, for what is sent at once and may be taken back."""
    return State(gateway, network, gateway.newest())


def slot_of(contract: str, name: str, *keys: bytes) -> int:
    """The storage slot of a map's value; keys are 32 bytes each, the outermost first."""
    slot = SLOTS[contract, name]
    for key in keys:
        if len(key) != 32:
            raise ValueError("a key must be 32 bytes")
        slot = int.from_bytes(keccak(slot.to_bytes(32, "big") + key), "big")
    return slot


def _padded(account: Address) -> bytes:
    return bytes(12) + address_bytes(account)
