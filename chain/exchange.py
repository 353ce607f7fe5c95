"""The exchange as Python sees it: calls to make, answers and events to read (PROTOCOL §5).

Calls are values; only the `read_…` functions talk to a chain, through the gateway they are given.
Amounts in the token's smallest units; token zero is the chain's own coin and goes as value.
"""

from dataclasses import dataclass, field
from typing import Any

from coincurve import PrivateKey

from chain import abi, eip712
from chain.address import ZERO_ADDRESS, Address
from chain.agreement import Offer
from chain.errors import Unreachable
from chain.exchange_events import (
    Accepted,
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
from chain.transactions import account_of

__all__ = [
    "ACKED", "FUNDED", "NONE", "PAID", "PAID_RATED", "REFUNDED", "REVEALED", "Accepted",
    "Confirmed", "Credited", "Deposited", "EpochRaised", "ExchangeEvent", "Funded", "OrderWord",
    "Permit", "Rated", "Refunded", "Revealed", "Withdrawn", "accept_call", "approve_call",
    "cancel_all_call", "confirm_call", "decoders", "deposit_call", "fund_call", "permit_digest",
    "rate_call", "read_epoch", "read_free_bond", "read_order", "refund_call", "reveal_call",
    "sign_permit", "transfer_call", "withdraw_call",
]  # fmt: skip

NONE, FUNDED, ACKED, REVEALED, PAID, PAID_RATED, REFUNDED = range(7)
"""States of an order. The contract forgets nothing: an ended order keeps its last state."""

PERMIT_TYPE = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"


@dataclass(frozen=True, slots=True)
class Permit:
    """A signed EIP-2612 allowance for the exchange, sent along with a payment."""

    value: int
    deadline: int
    v: int
    r: bytes = field(repr=False)
    s: bytes = field(repr=False)

    def as_tuple(self) -> tuple[Any, ...]:
        return self.value, self.deadline, self.v, self.r, self.s


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
    """The owner publishes the secret, with the buyer's Receipt for this delivery root."""
    root, secret = _bytes("delivery_root", 32, delivery_root), _bytes("s", 32, s)
    return _call(network, "reveal", offer.as_tuple(), root, receipt_signature, secret)


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


def permit_digest(
    separator: bytes, owner: Address, spender: Address, value: int, nonce: int, deadline: int
) -> bytes:
    """What an EIP-2612 permit signs; `separator` is the token's EIP-712 domain (32 bytes)."""
    values = (owner, spender, value, nonce, deadline)
    return eip712.digest(separator, eip712.struct_hash(PERMIT_TYPE, values))


def sign_permit(
    network: Network,
    token: Address,
    owner_key: bytes,
    value: int,
    nonce: int,
    deadline: int,
    separator: bytes | None = None,
) -> Permit:
    """Allow the exchange to take `value` units until `deadline` (unix seconds).

    `nonce` and `separator` are the token's answers (`Gateway.permit_nonce`, `permit_separator`);
    without a separator the token's name and version 1 are assumed. ValueError if the network does
    not list the token as taking permits.
    """
    known = network.token(token)
    if known is None or not known.permit:
        raise ValueError("this token takes no permits; approve the payment first")
    domain = separator or eip712.domain_separator(known.name, "1", network.chain_id, token)
    digest = permit_digest(domain, account_of(owner_key), network.exchange, value, nonce, deadline)
    signature = PrivateKey(owner_key).sign_recoverable(digest, hasher=None)
    return Permit(value, deadline, 27 + signature[64], signature[:32], signature[32:64])


# Reading


def read_order(gateway: Gateway, network: Network, order_id: bytes) -> OrderWord:
    """The order's slot; state NONE for one that was never funded."""
    word = _read(gateway, network, "orders", 256, _bytes("order_id", 32, order_id))
    state = word & 0xFF
    if state > REFUNDED:
        raise Unreachable("The exchange's answer makes no sense: there is no such state.")
    return OrderWord(state, (word >> 8) & (2**40 - 1), word >> 48)


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
