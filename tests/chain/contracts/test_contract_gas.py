"""What every call costs on a real node, as whole transactions, beside the limits we promise.

`gas.json` is the table. After a change that is meant: LADING_WRITE_GAS=1 pytest <this file>.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boa
import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_utils import keccak

from tests.chain.contracts.escrow_world import (
    DAY,
    HOUR,
    NATIVE,
    REVIEW,
    ROOT,
    SCORES,
    Offer,
    batch_arguments,
    commitment_of,
    dataset_id,
    fields,
    person,
    single_arguments,
    typed_data,
)
from tests.chain.contracts.node import Node, running_node

TABLE = Path(__file__).with_name("gas.json")
# A title, its content id and a commitment are a new slot each (22,100): most of what the registry
# costs. A bond adds about 5,000 to the funding and to the ending.
LIMITS = {
    "commit": 48_000,
    "commit and register, without listing": 127_000,
    "register with a listing of 1 KiB": 106_000,
    "register in a batch of 16, each with its part of the commit": 59_000,
    "fund in a token, allowance and bond": 95_000,
    "fund in a token, permit and bond": 128_000,
    "fund natively": 72_000,
    "fund natively, with bond": 77_000,
    "reveal": 45_000,
    "confirm with rating, token": 66_000,
    "confirm with rating, carried": 66_000,
    "confirm with rating, natively": 55_000,
    "accept, token": 58_000,
    "accept, natively": 48_000,
    "accept, natively, with bond": 51_000,
    "refund, token": 58_000,
    "rate": 38_000,
    "deposit": 85_000,
    "withdraw": 47_000,
}
SECRET = keccak(b"secret")


@dataclass
class Bench:
    """Both contracts on a node; the owner holds one title and bonds in both currencies."""

    node: Node
    owner: Any = field(default_factory=lambda: person(0))
    buyer: Any = field(default_factory=lambda: person(1))
    table: dict[str, int] = field(default_factory=dict)
    nonce: int = 0

    def __post_init__(self) -> None:
        self.chain_id = boa.env.evm.patch.chain_id
        for account in (self.owner, self.buyer):
            self.node.admit(account.address)
        deployer = self.owner.address
        self.registry = self.node.deploy("Registry", deployer)
        types = ("address", "uint256", "uint256")
        self.exchange = self.node.deploy("Exchange", deployer, types, self.registry, HOUR, DAY)
        self.dollar = self.node.deploy("PracticeDollar", deployer)

    # --- registry ---

    def registration(self, number: int) -> tuple[Any, ...]:
        root = keccak(b"root %d" % number)
        return (keccak(root), root, 1000, 1000 * 4064, keccak(b"salt nonce"), bytes(32))

    def commit(self, arguments: bytes) -> int:
        commitment = commitment_of(self.registry, self.owner.address, arguments, SECRET)
        return self.node.send(self.owner.address, self.registry, "commit", commitment)

    def register(self, number: int, listing: bytes) -> tuple[int, int]:
        item = self.registration(number)
        commit = self.commit(single_arguments(item, listing))
        sender = self.owner.address
        return commit, self.node.send(sender, self.registry, "register", item, listing, SECRET)

    def register_many(self, numbers: range) -> int:
        items = [self.registration(number) for number in numbers]
        commit = self.commit(batch_arguments(items, [b""] * len(items)))
        sizes, sender = [0] * len(items), self.owner.address
        return commit + self.node.send(
            sender, self.registry, "register_many", items, sizes, b"", SECRET
        )

    # --- exchange ---

    def signed(self, account: Any, kind: str, message: Offer) -> bytes:
        data = typed_data("Lading", "1", self.exchange, kind, message)
        return bytes(account.sign_typed_data(**data).signature)

    def offer(self, token: str, bond: int) -> Offer:
        self.nonce += 1
        root = self.registration(0)[1]
        return {
            "owner": self.owner.address,
            "buyer": self.buyer.address,
            "dataset": dataset_id(self.registry, self.owner.address, root, 1000),
            "records": 1000,
            "token": token,
            "price": 25_000_000,
            "bond": bond,
            "keyCommit": keccak(b"lading/s" + SECRET),
            "maskCommit": keccak(b"lading/m" + SECRET),
            "terms": keccak(b"terms"),
            "expires": 2**36,
            "revealWithin": HOUR,
            "window": DAY,
            "epoch": 0,
            "nonce": keccak(b"nonce %d" % self.nonce),
        }

    def order_id(self, offer: Offer) -> bytes:
        data = typed_data("Lading", "1", self.exchange, "Offer", offer)
        return bytes(_hash_eip191_message(encode_typed_data(**data)))

    def call(self, account: Any, name: str, *values: Any, value: int = 0) -> int:
        return self.node.send(account.address, self.exchange, name, *values, value=value)

    def fund(self, token: str, bond: int = 0) -> tuple[Offer, int]:
        offer = self.offer(token, bond)
        signature = self.signed(self.owner, "Offer", offer)
        value = offer["price"] if token == NATIVE else 0
        if token != NATIVE:
            price = offer["price"]
            self.node.send(self.buyer.address, self.dollar, "approve", self.exchange, price)
        return offer, self.call(self.buyer, "fund", fields(offer), signature, value=value)

    def fund_with_permit(self, bond: int) -> int:
        offer = self.offer(self.dollar, bond)
        message = {
            "owner": self.buyer.address,
            "spender": self.exchange,
            "value": offer["price"],
            "nonce": 0,
            "deadline": 2**36,
        }
        data = typed_data("Practice dollar", "1", self.dollar, "Permit", message)
        s = bytes(self.buyer.sign_typed_data(**data).signature)
        permit = (offer["price"], 2**36, s[64], s[:32], s[32:64])
        signature = self.signed(self.owner, "Offer", offer)
        return self.call(self.buyer, "fund_with_permit", fields(offer), signature, permit)

    def reveal(self, offer: Offer) -> int:
        receipt = {"orderId": self.order_id(offer), "deliveryRoot": ROOT}
        signature = self.signed(self.buyer, "Receipt", receipt)
        return self.call(self.owner, "reveal", fields(offer), ROOT, signature, SECRET)

    def confirm(self, offer: Offer, carried: bool = False) -> int:
        if not carried:
            return self.call(self.buyer, "confirm", fields(offer), ROOT, SCORES, REVIEW, b"")
        said = {"orderId": self.order_id(offer), "deliveryRoot": ROOT, "scores": SCORES}
        signature = self.signed(self.buyer, "Confirmation", said | {"review": REVIEW})
        return self.call(self.owner, "confirm", fields(offer), ROOT, SCORES, REVIEW, signature)


def measure(bench: Bench) -> dict[str, int]:
    """Gas of each call in the state it usually meets: accounts in use, balances not zero."""
    table, node = {}, bench.node
    owner, buyer, dollar = bench.owner, bench.buyer, bench.dollar
    table["commit"], register = bench.register(0, b"")
    table["commit and register, without listing"] = table["commit"] + register
    _, table["register with a listing of 1 KiB"] = bench.register(1, keccak(b"x") * 32)
    table["register in a batch of 16, each with its part of the commit"] = (
        bench.register_many(range(100, 116)) // 16
    )

    for account in (owner, buyer):
        node.send(account.address, dollar, "mint", account.address, 10**11)
    node.send(owner.address, dollar, "approve", bench.exchange, 2**256 - 1)
    bond = 5_000_000
    table["deposit"] = bench.call(owner, "deposit", dollar, 10 * bond)
    bench.call(owner, "deposit", NATIVE, 10 * bond, value=10 * bond)

    table["fund in a token, permit and bond"] = bench.fund_with_permit(bond)
    first, table["fund in a token, allowance and bond"] = bench.fund(dollar, bond)
    table["confirm with rating, token"] = bench.confirm(first)
    carried, _ = bench.fund(dollar, bond)
    table["confirm with rating, carried"] = bench.confirm(carried, carried=True)
    refunded, _ = bench.fund(dollar, bond)
    table["refund, token"] = bench.call(owner, "refund", fields(refunded))
    native, table["fund natively, with bond"] = bench.fund(NATIVE, bond)
    unbonded, table["fund natively"] = bench.fund(NATIVE)
    table["confirm with rating, natively"] = bench.confirm(native)

    revealed, _ = bench.fund(dollar, bond)
    native, _ = bench.fund(NATIVE, bond)
    table["reveal"] = bench.reveal(revealed)
    bench.reveal(native)
    bench.reveal(unbonded)
    node.pass_time(DAY + 1)
    table["accept, token"] = bench.call(buyer, "accept", fields(revealed))
    table["accept, natively, with bond"] = bench.call(buyer, "accept", fields(native))
    table["accept, natively"] = bench.call(buyer, "accept", fields(unbonded))
    table["rate"] = bench.call(buyer, "rate", fields(revealed), SCORES, REVIEW)
    table["withdraw"] = bench.call(owner, "withdraw", dollar, bond, owner.address)
    return table


@pytest.fixture(scope="module")
def measured() -> Iterator[dict[str, int]]:
    with running_node(boa.env.evm.patch.chain_id) as node:
        yield measure(Bench(node))


def test_no_call_costs_more_than_promised(measured: dict[str, int]) -> None:
    assert LIMITS.keys() == measured.keys()
    above = {name: gas for name, gas in measured.items() if gas > LIMITS[name]}
    assert above == {}


def test_the_table_is_what_was_measured(measured: dict[str, int]) -> None:
    """Within one in a hundred: a signature with a zero byte costs a little less."""
    if os.environ.get("LADING_WRITE_GAS"):
        TABLE.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    kept = json.loads(TABLE.read_text(encoding="utf-8"))
    assert kept.keys() == measured.keys()
    moved = {
        name: (kept[name], gas)
        for name, gas in measured.items()
        if abs(gas - kept[name]) * 100 > gas
    }
    assert moved == {}
