"""EIP-712 typed structured data: hashing by the type's own text, without a type registry.

An encoded type such as ``Mail(Person from,string contents)Person(string name)`` is the whole
description: it is hashed as written, and its first part says how each value becomes a 32-byte word.
A member whose type is another struct named in the text takes that struct's hash. Arrays are not
supported. https://eips.ethereum.org/EIPS/eip-712
"""

import re
from collections.abc import Sequence
from functools import cache

from eth_hash.auto import keccak

from chain.address import Address, address_bytes

_ENCODED = re.compile(r"(?:[A-Z]\w*\((?:\w+ \w+(?:,\w+ \w+)*)?\))+")
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


@cache
def members(encoded_type: str) -> tuple[tuple[str, str], ...]:
    """(kind, name) of each member of the first struct in an encoded type, in order."""
    if not _ENCODED.fullmatch(encoded_type):
        raise ValueError(f"not an EIP-712 encoded type: {encoded_type}")
    inside = encoded_type[encoded_type.index("(") + 1 : encoded_type.index(")")]
    pairs = (member.split(" ") for member in inside.split(",") if member)
    return tuple((kind, name) for kind, name in pairs)


@cache
def type_hash(encoded_type: str) -> bytes:
    return keccak(encoded_type.encode())


def check(kind: str, name: str, value: object) -> None:
    """ValueError unless the value is of this elementary Solidity type; `name` is for the message.

    Addresses are EIP-55 text, bytesN and bytes are bytes, integers are int and never bool.
    """
    if kind == "address":
        try:
            address_bytes(value if isinstance(value, str) else "")
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    elif kind == "string":
        if not isinstance(value, str):
            raise ValueError(f"{name} must be text")
    elif kind == "bool":
        if type(value) is not bool:
            raise ValueError(f"{name} must be true or false")
    elif kind.startswith("uint"):
        bits = int(kind.removeprefix("uint"))
        if type(value) is not int or not 0 <= value < 1 << bits:
            raise ValueError(f"{name} must be a whole number from 0 to 2^{bits} - 1")
    elif kind.startswith("bytes"):
        size = kind.removeprefix("bytes")
        if not isinstance(value, bytes) or (size and len(value) != int(size)):
            raise ValueError(f"{name} must be {size or 'any number of'} bytes")
    else:
        raise ValueError(f"{name} is of an unsupported type: {kind}")


def _word(kind: str, name: str, value: object, encoded_type: str) -> bytes:
    if f"){kind}(" in encoded_type:  # another struct: its hash is the word
        kind = "bytes32"
    check(kind, name, value)
    match value:
        case bool() | int():
            return int(value).to_bytes(32, "big")
        case str():
            if kind == "address":
                return bytes(12) + address_bytes(value)
            return keccak(value.encode())
        case bytes():
            return keccak(value) if kind == "bytes" else value.ljust(32, b"\0")
    raise AssertionError(kind)  # check() lets nothing else through


def struct_hash(encoded_type: str, values: Sequence[object]) -> bytes:
    """hashStruct of values given in member order."""
    kinds = members(encoded_type)
    if len(kinds) != len(values):
        raise ValueError(f"{encoded_type} takes {len(kinds)} values, not {len(values)}")
    words = (
        _word(kind, name, value, encoded_type)
        for (kind, name), value in zip(kinds, values, strict=True)
    )
    return keccak(type_hash(encoded_type) + b"".join(words))


@cache
def domain_separator(name: str, version: str, chain_id: int, contract: Address) -> bytes:
    return struct_hash(DOMAIN_TYPE, (name, version, chain_id, contract))


def digest(separator: bytes, hashed_struct: bytes) -> bytes:
    """What is signed: keccak256(0x19 ‖ 0x01 ‖ domain separator ‖ hashStruct)."""
    if len(separator) != 32 or len(hashed_struct) != 32:
        raise ValueError("a domain separator and a struct hash have 32 bytes each")
    return keccak(b"\x19\x01" + separator + hashed_struct)
