"""Account and contract addresses: twenty bytes, written as EIP-55 text."""

import re
from functools import lru_cache
from typing import TypeAlias

from eth_hash.auto import keccak

Address: TypeAlias = str
"""EIP-55 text, "0x" and 40 hex digits whose case is the checksum."""

_TEXT = re.compile(r"0x[0-9a-fA-F]{40}")


@lru_cache(maxsize=4096)
def address_text(raw: bytes) -> Address:
    """The EIP-55 text of 20 bytes."""
    if len(raw) != 20:
        raise ValueError(f"an address has 20 bytes, not {len(raw)}")
    digits = raw.hex()
    case = keccak(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if weight >= "8" else digit
        for digit, weight in zip(digits, case, strict=False)
    )


def address_bytes(address: Address) -> bytes:
    """The 20 bytes of an EIP-55 text; ValueError for anything else, a wrong case included."""
    if not isinstance(address, str) or not _TEXT.fullmatch(address):
        raise ValueError("an address is 0x followed by 40 hex digits")
    raw = bytes.fromhex(address[2:])
    if address_text(raw) != address:
        raise ValueError(f"{address} has a typing mistake: its checksum (EIP-55) does not match")
    return raw


def parse_address(text: str) -> Address:
    """What a person typed or a file says, as EIP-55 text.

    Digits all in one case carry no checksum and are accepted; mixed ones must match.
    ValueError otherwise.
    """
    text = text.strip() if isinstance(text, str) else ""
    if not _TEXT.fullmatch(text):
        raise ValueError("an address is 0x followed by 40 hex digits")
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()):
        return address_text(bytes.fromhex(digits))
    address_bytes(text)
    return text


def account_address(public_key: bytes) -> Address:
    """The address of a secp256k1 public key given as 64 bytes, x ‖ y (Yellow Paper, appendix F)."""
    if len(public_key) != 64:
        raise ValueError(f"a public key has 64 bytes, not {len(public_key)}")
    return address_text(keccak(public_key)[12:])


ZERO_ADDRESS: Address = "0x" + "0" * 40
"""Nobody; where a token is asked for, the chain's own coin."""
