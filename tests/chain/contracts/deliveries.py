"""What an owner delivers, as the protocol says it, and what a complaint about it carries.

Written from PROTOCOL 6 and RFC 9162 with `cryptography`'s ChaCha20: no line is the product's.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from eth_utils import keccak

RECORD = 4096
RECORDS = [bytes([number]) * RECORD for number in range(1, 8)]
GARBAGE = b"not what was registered".ljust(RECORD, b"!")


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def record_leaf(record: bytes) -> bytes:
    return sha256(b"\0" + record)


def entry_leaf(leaf: bytes, ciphertext: bytes) -> bytes:
    return sha256(b"\0" + leaf + ciphertext)


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, over leaves that are hashed already."""
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return sha256(b"\1" + root(leaves[:half]) + root(leaves[half:]))


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH of RFC 9162, section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*path(leaves[:half], index), root(leaves[half:])]
    return [*path(leaves[half:], index - half), root(leaves[:half])]


def split(size: int) -> int:
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def grown(
    leaf: bytes, index: int, size: int, sibling: Callable[[int], bytes]
) -> tuple[bytes, list[bytes]]:
    """Root and path of one leaf in a tree too large to build: siblings are given by level."""
    sides = []
    place, width = index, size
    while width > 1:
        half = split(width)
        sides.append(place >= half)
        place, width = (place - half, width - half) if place >= half else (place, half)
    node, hashes = leaf, []
    for level, on_the_right in enumerate(reversed(sides)):
        other = sibling(level)
        hashes.append(other)
        node = sha256(b"\1" + (other + node if on_the_right else node + other))
    return node, hashes


def sealed(key: bytes, index: int, record: bytes) -> bytes:
    """Record `index` under the delivery key: one key stream for each 256 records."""
    nonce = (index // 256).to_bytes(12, "big")
    counter = (64 * (index % 256)).to_bytes(4, "little")
    return Cipher(algorithms.ChaCha20(key, counter + nonce), None).encryptor().update(record)


def delivery_key(secret: bytes, mask: bytes, order_id: bytes) -> bytes:
    return keccak(b"lading/key" + secret + mask + order_id)


@dataclass(frozen=True, slots=True)
class Delivery:
    """Registered leaf hashes and what was sent for them, with the tree over both."""

    leaves: list[bytes]
    ciphertexts: list[bytes]
    entries: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        pairs = zip(self.leaves, self.ciphertexts, strict=True)
        object.__setattr__(self, "entries", [entry_leaf(*pair) for pair in pairs])

    @property
    def root(self) -> bytes:
        return root(self.entries)

    def path(self, index: int) -> list[bytes]:
        return path(self.entries, index)


def delivery(
    key: bytes, records: Sequence[bytes], sent: dict[int, bytes] | None = None
) -> Delivery:
    """Deliver `records` as registered, but for those that `sent` replaces."""
    replaced = sent or {}
    return Delivery(
        [record_leaf(record) for record in records],
        [sealed(key, i, replaced.get(i, record)) for i, record in enumerate(records)],
    )
