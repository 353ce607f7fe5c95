"""Payments that a buyer signs and somebody sends: EIP-2612 permits and EIP-3009 authorizations.

Both are typed data in the token's own EIP-712 domain. An authorization's nonce is the order's id,
so it pays for that order or for none.
"""

from dataclasses import dataclass, field
from typing import Any

from coincurve import PrivateKey

from chain import eip712
from chain.address import ZERO_ADDRESS, Address
from chain.agreement import Offer
from chain.network import Network
from chain.transactions import account_of

PERMIT_TYPE = "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
AUTHORIZATION_TYPE = (
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,"
    "uint256 validBefore,bytes32 nonce)"
)


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
class Authorization:
    """A buyer's signed EIP-3009 payment of one order, for whoever sends it. Good after
    `valid_after` and before `valid_before` (unix seconds)."""

    valid_after: int
    valid_before: int
    v: int
    r: bytes = field(repr=False)
    s: bytes = field(repr=False)

    def as_tuple(self) -> tuple[Any, ...]:
        return self.valid_after, self.valid_before, self.v, self.r, self.s


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


def authorization_digest(
    separator: bytes,
    buyer: Address,
    exchange: Address,
    value: int,
    valid_after: int,
    valid_before: int,
    order_id: bytes,
) -> bytes:
    """What an EIP-3009 payment of an order signs; `separator` as in `permit_digest`."""
    values = (buyer, exchange, value, valid_after, valid_before, order_id)
    return eip712.digest(separator, eip712.struct_hash(AUTHORIZATION_TYPE, values))


def sign_authorization(
    network: Network,
    offer: Offer,
    order_id: bytes,
    buyer_key: bytes,
    separator: bytes,
    valid_before: int,
    valid_after: int = 0,
) -> Authorization:
    """Let anybody pay this order, and nothing else, from the buyer's tokens.

    `separator` is the token's own EIP-712 domain (`Gateway.permit_separator`). ValueError if the
    key is not the Offer's buyer's, or the Offer is in the chain's own coin.
    """
    if offer.token == ZERO_ADDRESS:
        raise ValueError("the chain's own coin takes no authorizations")
    if account_of(buyer_key) != offer.buyer:
        raise ValueError("only the offer's buyer can authorize its payment")
    digest = authorization_digest(
        separator, offer.buyer, network.exchange, offer.price, valid_after, valid_before, order_id
    )
    signature = PrivateKey(buyer_key).sign_recoverable(digest, hasher=None)
    return Authorization(
        valid_after, valid_before, 27 + signature[64], signature[:32], signature[32:64]
    )
