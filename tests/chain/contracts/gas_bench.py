"""Every call once on a real node, as a transaction of its own: what it costs."""

from dataclasses import dataclass, field
from typing import Any

import boa
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_utils import keccak

from tests.chain.contracts.deliveries import entry_leaf, grown
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
from tests.chain.contracts.node import Node

SECRET = keccak(b"secret")
MASK = keccak(b"mask")


@dataclass
class Bench:
    """Both contracts on a node; the owner holds one title and bonds in both currencies."""

    node: Node
    owner: Any = field(default_factory=lambda: person(0))
    buyer: Any = field(default_factory=lambda: person(1))
    stranger: Any = field(default_factory=lambda: person(2))
    nonce: int = 0

    def __post_init__(self) -> None:
        self.chain_id = boa.env.evm.patch.chain_id
        for account in (self.owner, self.buyer, self.stranger):
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

    def offer(self, token: str, bond: int, records: int = 1000) -> Offer:
        self.nonce += 1
        root = self.registration(0)[1]
        return {
            "owner": self.owner.address,
            "buyer": self.buyer.address,
            "dataset": dataset_id(self.registry, self.owner.address, root, 1000),
            "records": records,
            "token": token,
            "price": 25_000_000,
            "bond": bond,
            "keyCommit": keccak(b"lading/s" + SECRET),
            "maskCommit": keccak(b"lading/m" + MASK),
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

    def authorized(self, offer: Offer) -> tuple[Any, ...]:
        message = {
            "from": self.buyer.address,
            "to": self.exchange,
            "value": offer["price"],
            "validAfter": 0,
            "validBefore": 2**36,
            "nonce": self.order_id(offer),
        }
        kind = "ReceiveWithAuthorization"
        data = typed_data("Practice dollar", "1", self.dollar, kind, message)
        s = bytes(self.buyer.sign_typed_data(**data).signature)
        return 0, 2**36, s[64], s[:32], s[32:64]

    def call(self, account: Any, name: str, *values: Any, value: int = 0) -> int:
        return self.node.send(account.address, self.exchange, name, *values, value=value)

    def fund(self, token: str, bond: int = 0, records: int = 1000) -> tuple[Offer, int]:
        offer = self.offer(token, bond, records)
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

    def fund_with_authorization(self, bond: int) -> int:
        offer = self.offer(self.dollar, bond)
        signature = self.signed(self.owner, "Offer", offer)
        authorization = self.authorized(offer)
        return self.call(
            self.stranger, "fund_with_authorization", fields(offer), signature, authorization
        )

    def reveal(self, offer: Offer, root: bytes = ROOT) -> int:
        receipt = {"orderId": self.order_id(offer), "deliveryRoot": root}
        signature = self.signed(self.buyer, "Receipt", receipt)
        return self.call(self.owner, "reveal", fields(offer), root, signature, SECRET)

    def complain(self, bond: int) -> int:
        """About record 777,777 of 2^20, which was sent as noise."""
        offer, _ = self.fund(self.dollar, bond, records=2**20)
        index, leaf = 777_777, keccak(b"leaf")
        ciphertext = b"".join(keccak(number.to_bytes(2, "big")) for number in range(128))
        root, path = grown(
            entry_leaf(leaf, ciphertext), index, 2**20, lambda level: keccak(bytes([level]))
        )
        self.reveal(offer, root)
        proof = (root, SECRET, MASK, index, ciphertext, leaf, path)
        return self.call(self.buyer, "complain", fields(offer), *proof)

    def confirm(self, offer: Offer, carried: bool = False) -> int:
        if not carried:
            return self.call(self.buyer, "confirm", fields(offer), ROOT, SCORES, REVIEW, b"")
        said = {"orderId": self.order_id(offer), "deliveryRoot": ROOT, "scores": SCORES}
        signature = self.signed(self.buyer, "Confirmation", said | {"review": REVIEW})
        return self.call(self.owner, "confirm", fields(offer), ROOT, SCORES, REVIEW, signature)


def measure(bench: Bench) -> dict[str, int]:
    """Gas of each call in the state it usually meets: accounts in use, balances not zero.

    The owner itself takes what is due after the window; everything is cold, as in a transaction of
    its own.
    """
    table, node = {}, bench.node
    owner, buyer, dollar = bench.owner, bench.buyer, bench.dollar
    table["commit"], register = bench.register(0, b"")
    table["commit and register, without listing"] = table["commit"] + register
    _, table["register with a listing of 1 KiB"] = bench.register(1, keccak(b"x") * 32)
    table["register in a batch of 16, each with its part of the commit"] = (
        bench.register_many(range(100, 116)) // 16
    )

    node.send(buyer.address, dollar, "mint", buyer.address, 10**11)
    node.send(buyer.address, dollar, "mint", bench.exchange, 1)
    first, _ = bench.fund(dollar)
    bench.reveal(first)
    node.pass_time(DAY + 1)
    first_accepted = bench.call(owner, "accept", fields(first))
    node.send(owner.address, dollar, "mint", owner.address, 10**11)
    node.send(owner.address, dollar, "approve", bench.exchange, 2**256 - 1)
    bond = 5_000_000
    table["deposit"] = bench.call(owner, "deposit", dollar, 20 * bond)
    bench.call(owner, "deposit", NATIVE, 10 * bond, value=10 * bond)

    table["fund in a token, permit and bond"] = bench.fund_with_permit(bond)
    table["fund in a token, authorization and bond"] = bench.fund_with_authorization(bond)
    first, table["fund in a token, allowance and bond"] = bench.fund(dollar, bond)
    table["confirm with rating, token"] = bench.confirm(first)
    carried, _ = bench.fund(dollar, bond)
    table["confirm with rating, carried"] = bench.confirm(carried, carried=True)
    refunded, _ = bench.fund(dollar, bond)
    table["refund, token"] = bench.call(owner, "refund", fields(refunded))
    native, table["fund natively, with bond"] = bench.fund(NATIVE, bond)
    plain, table["fund natively"] = bench.fund(NATIVE)
    table["confirm with rating, natively"] = bench.confirm(native)

    revealed, _ = bench.fund(dollar, bond)
    unbonded, _ = bench.fund(dollar)
    native, _ = bench.fund(NATIVE, bond)
    acknowledged, _ = bench.fund(NATIVE)
    table["reveal"] = bench.reveal(revealed)
    table["acknowledge"] = bench.call(buyer, "acknowledge", fields(acknowledged), ROOT)
    table["reveal as acknowledged"] = bench.call(
        owner, "reveal", fields(acknowledged), ROOT, b"", SECRET
    )
    for offer in (unbonded, native, plain):
        bench.reveal(offer)
    table["complain, 2^20 records"] = bench.complain(bond)
    node.pass_time(DAY + 1)
    table["accept, token, with bond"] = bench.call(owner, "accept", fields(revealed))
    table["accept, token"] = bench.call(owner, "accept", fields(unbonded))
    table["accept, the owner's first of this token"] = first_accepted
    table["accept, natively, with bond"] = bench.call(owner, "accept", fields(native))
    table["accept, natively"] = bench.call(owner, "accept", fields(plain))
    table["rate"] = bench.call(buyer, "rate", fields(revealed), SCORES, REVIEW)
    table["withdraw"] = bench.call(owner, "withdraw", dollar, bond, owner.address)
    return table
