"""A complaint as it was made: the arguments of `complain`, read back from a transaction.

The events of a complaint name the record and the buyer's secret; ciphertext, hash and path are in
the transaction's calldata only. https://docs.soliditylang.org/en/latest/abi-spec.html
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from chain import abi
from chain.address import parse_address
from chain.agreement import Offer

_ACCOUNTS = ("owner", "buyer", "token")


@dataclass(frozen=True, slots=True)
class Complaint:
    """``ciphertext`` has 4096 bytes; the other bytes and each hash of ``path`` 32. The path goes
    from the leaf upwards."""

    offer: Offer
    delivery_root: bytes
    secret: bytes = field(repr=False)
    mask: bytes = field(repr=False)
    index: int
    ciphertext: bytes = field(repr=False)
    leaf: bytes
    path: tuple[bytes, ...] = field(repr=False)


def decode_complaint(calldata: bytes) -> Complaint:
    """What a transaction complained about. ValueError if it called something else: a contract may
    have stood between."""
    offer, root, secret, mask, index, ciphertext, leaf, path = abi.interface("Exchange").arguments(
        "complain", calldata
    )
    return Complaint(_offer(offer), root, secret, mask, index, ciphertext, leaf, tuple(path))


def _offer(values: tuple[Any, ...]) -> Offer:
    named = dict(zip((item.name for item in fields(Offer)), values, strict=True))
    for name in _ACCOUNTS:
        named[name] = parse_address(named[name])
    return Offer(**named)
