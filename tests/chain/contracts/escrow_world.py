"""One chain in memory with both contracts, and the people who trade on it.

What people sign goes through eth_account's own EIP-712, which shares no code with the product.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import boa
from eth_abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils import keccak

from chain.contracts import SOURCES
from tests.chain.contracts.deliveries import (
    GARBAGE,
    RECORDS,
    Delivery,
    delivery,
    delivery_key,
    entry_leaf,
    grown,
)

NATIVE = "0x" + "00" * 20
HOUR, DAY = 3600, 86400
UNKNOWN, FUNDED, ACKED, REVEALED, PAID, PAID_RATED, REFUNDED = range(7)
SCORES = bytes((5, 4, 3, 2, 1, 5))
REVIEW = keccak(b"review")
ROOT = keccak(b"what was delivered")
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141

Offer = dict[str, Any]
Complaint = dict[str, Any]  # arguments of `complain` by name, in order

TYPES: dict[str, list[dict[str, str]]] = {
    name: [dict(zip(("type", "name"), member.split(), strict=True)) for member in text.split(",")]
    for name, text in {
        "Offer": "address owner,address buyer,bytes32 dataset,uint64 records,address token,"
        "uint256 price,uint256 bond,bytes32 keyCommit,bytes32 maskCommit,bytes32 terms,"
        "uint64 expires,uint32 revealWithin,uint32 window,uint32 epoch,bytes32 nonce",
        "Receipt": "bytes32 orderId,bytes32 deliveryRoot",
        "Confirmation": "bytes32 orderId,bytes32 deliveryRoot,bytes6 scores,bytes32 review",
        "Permit": "address owner,address spender,uint256 value,uint256 nonce,uint256 deadline",
        "ReceiveWithAuthorization": "address from,address to,uint256 value,uint256 validAfter,"
        "uint256 validBefore,bytes32 nonce",
    }.items()
}


def typed_data(name: str, version: str, contract: str, kind: str, message: Offer) -> Any:
    """Arguments of eth_account's sign_typed_data and encode_typed_data."""
    domain = {
        "name": name,
        "version": version,
        "chainId": boa.env.evm.patch.chain_id,
        "verifyingContract": contract,
    }
    return {"domain_data": domain, "message_types": {kind: TYPES[kind]}, "message_data": message}


def person(number: int) -> LocalAccount:
    account: LocalAccount = Account.from_key(keccak(b"person %d" % number))
    return account


@dataclass
class World:
    """`owner` holds the title of `dataset`; `owner` and `buyer` are rich in every currency."""

    registry: Any
    exchange: Any
    dollar: Any
    owner: LocalAccount
    buyer: LocalAccount
    stranger: LocalAccount
    dataset: bytes
    secret: bytes = keccak(b"the owner's secret")
    mask: bytes = keccak(b"the buyer's secret")

    # --- registering ---

    def register(self, account: LocalAccount, root: bytes, records: int = 3) -> bytes:
        """Commit and register; the dataset id."""
        registration = (keccak(root), root, records, records * 4064, bytes(32), bytes(32))
        salt = secrets.token_bytes(32)
        self.commit(account, single_arguments(registration, b""), salt)
        boa.env.time_travel(seconds=12)
        with boa.env.prank(account.address):
            self.registry.register(registration, b"", salt)
        return dataset_id(self.registry.address, account.address, root, records)

    def commit(self, account: LocalAccount, arguments: bytes, salt: bytes) -> bytes:
        commitment = commitment_of(self.registry.address, account.address, arguments, salt)
        with boa.env.prank(account.address):
            self.registry.commit(commitment)
        return commitment

    # --- agreeing ---

    def offer(self, **changes: Any) -> Offer:
        offer = {
            "owner": self.owner.address,
            "buyer": self.buyer.address,
            "dataset": self.dataset,
            "records": 3,
            "token": self.dollar.address,
            "price": 1_000_000,
            "bond": 0,
            "keyCommit": keccak(b"lading/s" + self.secret),
            "maskCommit": keccak(b"lading/m" + self.mask),
            "terms": keccak(b"terms"),
            "expires": boa.env.timestamp + DAY,
            "revealWithin": HOUR,
            "window": DAY,
            "epoch": 0,
            "nonce": secrets.token_bytes(32),
        }
        assert changes.keys() <= offer.keys()
        return offer | changes

    def sign(self, account: LocalAccount, kind: str, message: Offer) -> bytes:
        data = typed_data("Lading", "1", self.exchange.address, kind, message)
        return bytes(account.sign_typed_data(**data).signature)

    def order_id(self, offer: Offer) -> bytes:
        return bytes(self.exchange.order_id(fields(offer)))

    def receipt(self, offer: Offer, root: bytes = ROOT, by: LocalAccount | None = None) -> bytes:
        message = {"orderId": self.order_id(offer), "deliveryRoot": root}
        return self.sign(by or self.buyer, "Receipt", message)

    def confirmation(self, offer: Offer, by: LocalAccount | None = None, **changes: Any) -> bytes:
        message = {
            "orderId": self.order_id(offer),
            "deliveryRoot": ROOT,
            "scores": SCORES,
            "review": REVIEW,
        }
        return self.sign(by or self.buyer, "Confirmation", message | changes)

    def permit(self, account: LocalAccount, value: int, **changes: Any) -> tuple[Any, ...]:
        message = {
            "owner": account.address,
            "spender": self.exchange.address,
            "value": value,
            "nonce": self.dollar.nonces(account.address),
            "deadline": boa.env.timestamp + HOUR,
        } | changes
        data = typed_data("Practice dollar", "1", self.dollar.address, "Permit", message)
        signature = bytes(account.sign_typed_data(**data).signature)
        return (
            message["value"],
            message["deadline"],
            signature[64],
            signature[:32],
            signature[32:64],
        )

    def authorization(
        self, offer: Offer, by: LocalAccount | None = None, **changes: Any
    ) -> tuple[Any, ...]:
        """The buyer's EIP-3009 payment of this offer."""
        message = {
            "from": offer["buyer"],
            "to": self.exchange.address,
            "value": offer["price"],
            "validAfter": 0,
            "validBefore": boa.env.timestamp + HOUR,
            "nonce": self.order_id(offer),
        } | changes
        kind = "ReceiveWithAuthorization"
        data = typed_data("Practice dollar", "1", self.dollar.address, kind, message)
        signature = bytes((by or self.buyer).sign_typed_data(**data).signature)
        return (
            message["validAfter"],
            message["validBefore"],
            signature[64],
            signature[:32],
            signature[32:64],
        )

    # --- moving an order ---

    def fund(self, offer: Offer, signature: bytes | None = None, **call: Any) -> None:
        """Fund as the buyer, allowing the token or sending the value that it takes."""
        signature = self.sign(self.owner, "Offer", offer) if signature is None else signature
        call.setdefault("sender", self.buyer.address)
        if offer["token"] == NATIVE:
            call.setdefault("value", offer["price"])
        elif offer["token"] == self.dollar.address:
            self.dollar.approve(self.exchange.address, offer["price"], sender=call["sender"])
        self.exchange.fund(fields(offer), signature, **call)

    def funded(self, **changes: Any) -> Offer:
        offer = self.offer(**changes)
        self.fund(offer)
        return offer

    def acknowledge(self, offer: Offer, root: bytes = ROOT, **call: Any) -> None:
        call.setdefault("sender", self.buyer.address)
        self.exchange.acknowledge(fields(offer), root, **call)

    def reveal(
        self, offer: Offer, root: bytes = ROOT, receipt: bytes | None = None, **call: Any
    ) -> None:
        call.setdefault("sender", self.owner.address)
        receipt = self.receipt(offer, root) if receipt is None else receipt
        self.exchange.reveal(fields(offer), root, receipt, self.secret, **call)

    def revealed(self, root: bytes = ROOT, **changes: Any) -> Offer:
        offer = self.funded(**changes)
        self.reveal(offer, root)
        return offer

    def delivered(
        self, count: int = 3, bad: tuple[int, ...] = (1,), **changes: Any
    ) -> tuple[Offer, Delivery]:
        """A revealed order of up to 7 records, of which the bad ones were replaced by garbage."""
        offer = self.funded(records=count, **changes)
        made = delivery(self.delivery_key(offer), RECORDS[:count], dict.fromkeys(bad, GARBAGE))
        self.reveal(offer, made.root)
        return offer, made

    def delivery_key(self, offer: Offer) -> bytes:
        return delivery_key(self.secret, self.mask, self.order_id(offer))

    def complaint(self, offer: Offer, made: Delivery, index: int) -> Complaint:
        """What `complain` takes, to say that record `index` is not the registered one."""
        return {
            "offer": fields(offer),
            "delivery_root": made.root,
            "secret": self.secret,
            "mask": self.mask,
            "index": index,
            "ciphertext": made.ciphertexts[index],
            "leaf": made.leaves[index],
            "path": made.path(index),
        }

    def synthetic_complaint(
        self, offer: Offer, index: int, leaf: bytes, ciphertext: bytes, seed: bytes = b""
    ) -> Complaint:
        """The same for a tree of offer["records"] entries of which only this one is real."""
        entry = entry_leaf(leaf, ciphertext)
        root, path = grown(
            entry, index, offer["records"], lambda level: keccak(seed + bytes([level]))
        )
        return {
            "offer": fields(offer),
            "delivery_root": root,
            "secret": self.secret,
            "mask": self.mask,
            "index": index,
            "ciphertext": ciphertext,
            "leaf": leaf,
            "path": path,
        }

    def complain(self, complaint: Complaint, **call: Any) -> None:
        call.setdefault("sender", self.stranger.address)
        self.exchange.complain(*complaint.values(), **call)

    def confirm(self, offer: Offer, signature: bytes = b"", **call: Any) -> None:
        call.setdefault("sender", self.buyer.address)
        self.exchange.confirm(fields(offer), ROOT, SCORES, REVIEW, signature, **call)

    def deposit(self, account: LocalAccount, token: str, amount: int) -> None:
        with boa.env.prank(account.address):
            if token == self.dollar.address:
                self.dollar.approve(self.exchange.address, amount)
            self.exchange.deposit(token, amount, value=amount if token == NATIVE else 0)

    # --- looking ---

    def word(self, offer: Offer) -> tuple[int, int, int]:
        """(state, deadline, leading 208 bits of the delivery root)"""
        word = self.exchange.orders(self.order_id(offer))
        return word & 255, word >> 8 & (1 << 40) - 1, word >> 48

    def state(self, offer: Offer) -> int:
        return self.word(offer)[0]

    def free(self, account: LocalAccount | str, token: str | None = None) -> int:
        address = account if isinstance(account, str) else account.address
        amount: int = self.exchange.ledger(address, token or self.dollar.address)
        return amount

    def events(self, contract: Any | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Names and members of what the last call of the contract logged itself."""
        contract = contract or self.exchange
        return [
            (type(event).__name__, event._asdict())
            for event in contract.get_logs()
            if event.address == contract.address
        ]


def fields(offer: Offer) -> tuple[Any, ...]:
    """The Offer as the contract takes it."""
    return tuple(offer[member["name"]] for member in TYPES["Offer"])


REGISTRATION = "(bytes32,bytes32,uint64,uint64,bytes32,bytes32)"


def single_arguments(registration: tuple[Any, ...], listing: bytes) -> bytes:
    return encode([REGISTRATION, "bytes32"], [registration, keccak(listing)])


def batch_arguments(registrations: list[tuple[Any, ...]], listings: list[bytes]) -> bytes:
    sizes = [len(listing) for listing in listings]
    joined = keccak(b"".join(listings))
    return encode([REGISTRATION + "[]", "uint16[]", "bytes32"], [registrations, sizes, joined])


def commitment_of(registry: str, account: str, arguments: bytes, salt: bytes) -> bytes:
    return keccak(
        encode(
            ["uint256", "address", "address", "bytes32", "bytes32"],
            [boa.env.evm.patch.chain_id, registry, account, keccak(arguments), salt],
        )
    )


def dataset_id(registry: str, account: str, root: bytes, records: int) -> bytes:
    types = ["address", "address", "bytes32", "uint64"]
    return keccak(encode(types, [registry, account, root, records]))


@cache
def compiled(name: str) -> Any:
    """A deployable contract, compiled once a process."""
    return boa.load_partial(SOURCES / f"{name}.vy")


def build_world(min_reveal_within: int = HOUR, min_window: int = DAY) -> World:
    registry = compiled("Registry").deploy()
    exchange = compiled("Exchange").deploy(registry.address, min_reveal_within, min_window)
    dollar = compiled("PracticeDollar").deploy()
    owner, buyer, stranger = (person(number) for number in range(3))
    world = World(registry, exchange, dollar, owner, buyer, stranger, bytes(32))
    for account in (owner, buyer):
        boa.env.set_balance(account.address, 10**21)
        dollar.mint(account.address, 10**12)
    world.dataset = world.register(owner, keccak(b"a dataset"))
    return world


def come_to(parity: int) -> None:
    """Time goes on, by one or two seconds, to an even one (0) or an odd one (1)."""
    boa.env.time_travel(seconds=2 - (boa.env.timestamp + parity) % 2)


@contextmanager
def chain_restored() -> Iterator[None]:
    """Whatever happens inside is undone on the chain."""
    with boa.env.anchor():
        yield
