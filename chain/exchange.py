"""The exchange as Python sees it: calls to make, answers and events to read (PROTOCOL §5).

Calls are values; only the `read_…` functions talk to a chain, through the gateway they are given.
Amounts in the token's smallest units; token zero is the chain's own coin and goes as value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chain import abi
from chain.address import ZERO_ADDRESS, Address
from chain.agreement import Offer
from chain.errors import Unreachable
from chain.exchange_events import (
    Accepted,
    Acknowledged,
    Complained,
    Confirmed,
    Credited,
    Deposited,
    EpochRaised,
    ExchangeEvent,
    Funded,
    Rated,
    Refunded,
    Revealed,
    Withdrawn,
    decoders,
)
from chain.gateway import Call, Gateway
from chain.network import Network
from chain.payments import (
    Authorization,
    Permit,
    authorization_digest,
    permit_digest,
    sign_authorization,
    sign_permit,
)

__all__ = [
    "ACKED", "FUNDED", "MAX_SIGNATURE_BYTES", "NONE", "PAID", "PAID_RATED", "REFUNDED", "REVEALED",
    "Accepted", "Acknowledged", "Authorization", "Complained", "Confirmed", "Credited", "Deposited",
    "EpochRaised", "ExchangeEvent", "Funded", "OrderWord", "Permit", "Rated", "Refunded",
    "Revealed", "Withdrawn", "accept_call", "acknowledge_call", "approve_call",
    "authorization_digest", "cancel_all_call", "complain_call", "confirm_call", "decoders",
    "deposit_call", "fund_call", "fund_with_authorization_call", "permit_digest", "rate_call",
    "read_epoch", "read_free_bond", "read_order", "refund_call", "reveal_call", "root_prefix",
    "sign_authorization", "sign_permit", "transfer_call", "withdraw_call",
]  # fmt: skip

NONE, FUNDED, ACKED, REVEALED, PAID, PAID_RATED, REFUNDED = range(7)
"""States of an order. The contract forgets nothing: an ended order keeps its last state."""

MAX_SIGNATURE_BYTES = 1024
"""Of an Offer whose owner is a contract (ERC-1271); a person's has 65."""
MAX_PATH = 32
RECORD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class OrderWord:
    """An order's slot: one of the states above, deadline in unix seconds, and the leading 208 bits
    of the delivery root while it matters; deadline and root are 0 once the order has ended."""

    state: int
    deadline: int
    root_prefix: int


# Orders


def fund_call(
    network: Network, offer: Offer, signature: bytes, permit: Permit | None = None
) -> Call:
    """The buyer agrees and pays. A permit replaces the allowance; the chain's coin needs none."""
    if permit is not None and offer.token != ZERO_ADDRESS:
        arguments = (offer.as_tuple(), signature, permit.as_tuple())
        return _call(network, "fund_with_permit", *arguments)
    value = offer.price if offer.token == ZERO_ADDRESS else 0
    return _call(network, "fund", offer.as_tuple(), signature, value=value)


def fund_with_authorization_call(
    network: Network, offer: Offer, signature: bytes, authorization: Authorization
) -> Call:
    """Anybody carries the buyer's payment: no allowance, and no coins of the buyer for the fee."""
    arguments = (offer.as_tuple(), signature, authorization.as_tuple())
    return _call(network, "fund_with_authorization", *arguments)


def acknowledge_call(network: Network, offer: Offer, delivery_root: bytes) -> Call:
    """A buyer that is a contract says what it holds; once, and it cannot be taken back."""
    return _call(
        network, "acknowledge", offer.as_tuple(), _bytes("delivery_root", 32, delivery_root)
    )


def confirm_call(
    network: Network,
    offer: Offer,
    delivery_root: bytes,
    scores: bytes,
    review: bytes,
    signature: bytes = b"",
) -> Call:
    """By the buyer, or by anyone with the signature of the buyer's Confirmation."""
    root, words = _bytes("delivery_root", 32, delivery_root), _bytes("review", 32, review)
    marks = _bytes("scores", 6, scores)
    return _call(network, "confirm", offer.as_tuple(), root, marks, words, signature)


def reveal_call(
    network: Network, offer: Offer, delivery_root: bytes, receipt_signature: bytes, s: bytes
) -> Call:
    """The owner publishes the secret, with the buyer's Receipt for this delivery root; the receipt
    is empty if the buyer has acknowledged the root."""
    root, secret = _bytes("delivery_root", 32, delivery_root), _bytes("s", 32, s)
    return _call(network, "reveal", offer.as_tuple(), root, receipt_signature, secret)


def complain_call(
    network: Network,
    offer: Offer,
    delivery_root: bytes,
    s: bytes,
    m: bytes,
    index: int,
    ciphertext: bytes,
    leaf: bytes,
    path: Sequence[bytes],
) -> Call:
    """Anyone, within the window: record `index` was not the registered one.

    `ciphertext` (4096 bytes) and `leaf` (its registered hash) are the entry of the delivery tree
    that `path` (hashes from the leaf upwards, at most 32) proves. It publishes both secrets.
    """
    if len(path) > MAX_PATH:
        raise ValueError(f"a path has at most {MAX_PATH} hashes")
    return _call(
        network,
        "complain",
        offer.as_tuple(),
        _bytes("delivery_root", 32, delivery_root),
        _bytes("s", 32, s),
        _bytes("m", 32, m),
        index,
        _bytes("ciphertext", RECORD_BYTES, ciphertext),
        _bytes("leaf", 32, leaf),
        [_bytes("a hash", 32, sibling) for sibling in path],
    )


def accept_call(network: Network, offer: Offer) -> Call:
    """Anyone, after the window: the price goes to the owner."""
    return _call(network, "accept", offer.as_tuple())


def refund_call(network: Network, offer: Offer) -> Call:
    """The owner at any time, anyone after the time for a reveal."""
    return _call(network, "refund", offer.as_tuple())


def rate_call(network: Network, offer: Offer, scores: bytes, review: bytes) -> Call:
    """The buyer, for an order that was paid without a rating."""
    marks, words = _bytes("scores", 6, scores), _bytes("review", 32, review)
    return _call(network, "rate", offer.as_tuple(), marks, words)


# Bonds, offers, tokens


def deposit_call(
    network: Network, token: Address, amount_units: int, permit: Permit | None = None
) -> Call:
    """Adds to the sender's free bond."""
    if permit is not None and token != ZERO_ADDRESS:
        return _call(network, "deposit_with_permit", token, amount_units, permit.as_tuple())
    value = amount_units if token == ZERO_ADDRESS else 0
    return _call(network, "deposit", token, amount_units, value=value)


def withdraw_call(network: Network, token: Address, amount_units: int, to: Address) -> Call:
    """Takes free bond and credits out."""
    return _call(network, "withdraw", token, amount_units, to)


def cancel_all_call(network: Network) -> Call:
    """Makes every Offer void that the sender signed and nobody has funded."""
    return _call(network, "cancel_all")


def approve_call(token: Address, spender: Address, amount_units: int) -> Call:
    """Lets `spender` take up to this much of the sender's tokens (ERC-20)."""
    data = abi.interface("PracticeDollar").calldata("approve", spender, amount_units)
    return Call(token, data)


def transfer_call(token: Address, to: Address, amount_units: int) -> Call:
    """Pays; token zero is the chain's own coin."""
    if token == ZERO_ADDRESS:
        return Call(to, b"", amount_units)
    return Call(token, abi.interface("PracticeDollar").calldata("transfer", to, amount_units))


# Reading


def read_order(gateway: Gateway, network: Network, order_id: bytes) -> OrderWord:
    """The order's slot; state NONE for one that was never funded."""
    word = _read(gateway, network, "orders", 256, _bytes("order_id", 32, order_id))
    state = word & 0xFF
    if state > REFUNDED:
        raise Unreachable("The exchange's answer makes no sense: there is no such state.")
    return OrderWord(state, (word >> 8) & (2**40 - 1), word >> 48)


def root_prefix(delivery_root: bytes) -> int:
    """The leading 208 bits of a delivery root: what an order's slot keeps of it."""
    return int.from_bytes(_bytes("delivery_root", 32, delivery_root), "big") >> 48


def read_free_bond(gateway: Gateway, network: Network, account: Address, token: Address) -> int:
    """Smallest units that the account can lock or withdraw."""
    return _read(gateway, network, "ledger", 256, account, token)


def read_epoch(gateway: Gateway, network: Network, owner: Address) -> int:
    """The epoch that the owner's next Offer must name."""
    return _read(gateway, network, "epochs", 32, owner)


def _read(gateway: Gateway, network: Network, function: str, bits: int, *arguments: Any) -> int:
    answer = gateway.call(
        network.exchange, abi.interface("Exchange").calldata(function, *arguments)
    )
    try:
        abi.exactly(answer, 1)
        return abi.number(answer, 0, bits)
    except ValueError as error:
        raise Unreachable(f"The exchange's answer makes no sense: {error}.") from None


def _call(network: Network, function: str, *arguments: Any, value: int = 0) -> Call:
    data = abi.interface("Exchange").calldata(function, *arguments)
    return Call(network.exchange, data, value)


def _bytes(name: str, size: int, value: bytes) -> bytes:
    # eth_abi would pad what is shorter.
    if len(value) != size:
        raise ValueError(f"{name} must be {size} bytes")
    return value
