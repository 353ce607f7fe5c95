"""Transactions: what is called, what it may cost, and the signed bytes. Pure but for `eth_account`.

Fees are EIP-1559's where the chain has a base fee, otherwise one gas price (type 0 with EIP-155).
"""

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from coincurve import PublicKey
from eth_hash.auto import keccak

from chain.address import Address, account_address, address_bytes

MIN_RAISE_EIGHTHS = 9
"""A replacement pays at least 9/8 of what it replaces: nodes ask for 10 to 12.5 % more."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a contract, or a payment where `data` is empty."""

    to: Address
    data: bytes = field(repr=False)  # a reveal's holds the secret
    value: int = 0
    """Wei that go with it."""

    def __post_init__(self) -> None:
        address_bytes(self.to)
        if not 0 <= self.value < 2**256:
            raise ValueError("the value must be from 0 to 2^256 - 1 wei")


@dataclass(frozen=True, slots=True)
class Fees:
    """Wei per gas. `dynamic` is false on chains without a base fee; then both are the gas price."""

    max_fee_wei: int
    priority_fee_wei: int
    dynamic: bool = True


@dataclass(frozen=True, slots=True)
class SignedTx:
    """Ready to broadcast, again and again. Fees in wei per gas, for up to `gas` of it."""

    raw: bytes = field(repr=False)
    hash: bytes
    nonce: int
    gas: int
    max_fee_wei: int
    priority_fee_wei: int


def raised(fees: Fees, previous: SignedTx) -> Fees:
    """Present fees, but never less than what makes nodes drop `previous` for it."""
    return Fees(
        max(fees.max_fee_wei, _more(previous.max_fee_wei)),
        max(fees.priority_fee_wei, _more(previous.priority_fee_wei)),
        fees.dynamic,
    )


def _more(fee_wei: int) -> int:
    return max(-(-fee_wei * MIN_RAISE_EIGHTHS // 8), fee_wei + 1)


def account_of(key: bytes) -> Address:
    """The account that a 32-byte secp256k1 key signs for."""
    return account_address(PublicKey.from_secret(key).format(compressed=False)[1:])


def sign_transaction(
    chain_id: int, call: Call, nonce: int, gas: int, fees: Fees, key: bytes
) -> SignedTx:
    """Sign one transaction for one chain (EIP-1559, or EIP-155 without a base fee)."""
    # 0.9 s to import, and only people who send anything need it.
    from eth_account import Account

    fields: dict[str, Any] = {
        "chainId": chain_id,
        "to": call.to,
        "data": call.data,
        "value": call.value,
        "nonce": nonce,
        "gas": gas,
    }
    if fees.dynamic:
        fields |= {
            "type": 2,
            "maxFeePerGas": fees.max_fee_wei,
            "maxPriorityFeePerGas": fees.priority_fee_wei,
        }
    else:
        fields["gasPrice"] = fees.max_fee_wei
    raw = bytes(Account.sign_transaction(fields, key).raw_transaction)
    return SignedTx(raw, keccak(raw), nonce, gas, fees.max_fee_wei, fees.priority_fee_wei)


def read_signed(raw: bytes) -> SignedTx:
    """What `sign_transaction` made, from its bytes alone. ValueError if it made no such bytes."""
    rlp: Any = import_module("rlp")  # it ships no types
    dynamic = raw[:1] == b"\x02"
    try:
        fields = rlp.decode(raw[1:] if dynamic else raw)
        numbers = [int.from_bytes(field, "big") for field in fields[: 5 if dynamic else 3]]
    except (rlp.exceptions.DecodingError, TypeError, IndexError, ValueError) as error:
        raise ValueError("these are not the bytes of a signed transaction") from error
    if dynamic:
        _, nonce, priority, most, gas = numbers
    else:
        nonce, most, gas = numbers
        priority = most
    return SignedTx(raw, keccak(raw), nonce, gas, most, priority)
