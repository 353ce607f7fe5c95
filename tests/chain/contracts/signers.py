"""Owners that are contracts, and how they may answer ERC-1271."""

import enum
from functools import cache
from typing import Any

import boa


class Answer(enum.IntEnum):
    """What `isValidSignature` answers where the wallet has approved digest and signature."""

    MAGIC = 0
    WRONG = 1
    REVERTS = 2
    SHORT = 3  # the four bytes alone
    DIRTY = 4  # the magic value with something behind it
    EMPTY = 5
    LONG = 6  # two words, the first of them right
    HUGE = 7  # 20,000 bytes, the first word of them right
    BURNS = 8  # all gas it gets
    WRITES = 9  # changes its state first, which a static call does not allow
    CALLS = 10  # tries to take part in the order while it is being funded


SIGNER = """
# pragma version 0.4.3
answer: public(uint256)
written: public(uint256)
approved: HashMap[bytes32, bytes32]
target: address
data: Bytes[2048]

@external
def behave(answer: uint256):
    self.answer = answer

@external
def approve(digest: bytes32, signature: Bytes[1024]):
    self.approved[digest] = keccak256(signature)

@external
def call_back(target: address, data: Bytes[2048]):
    self.target = target
    self.data = data

@external
@raw_return
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> Bytes[20000]:
    if self.approved[digest] != keccak256(signature) or self.answer == 1:
        return abi_encode(0xffffffff)
    magic: Bytes[32] = abi_encode(0x1626ba7e)
    assert self.answer != 2, "the wallet reverts"
    if self.answer == 3:
        return slice(magic, 0, 4)
    if self.answer == 4:
        return concat(slice(magic, 0, 31), x"01")
    if self.answer == 5:
        return b""
    if self.answer == 6:
        return concat(magic, magic)
    if self.answer == 7:
        words: uint256[624] = empty(uint256[624])
        return concat(magic, abi_encode(words))
    if self.answer == 8:
        h: bytes32 = empty(bytes32)
        for i: uint256 in range(max_value(uint256)):
            h = keccak256(h)
    if self.answer == 9:
        self.written = 1
    if self.answer == 10:
        raw_call(self.target, self.data)
    return magic

@external
def execute(target: address, data: Bytes[2048]):
    raw_call(target, data)
"""


@cache
def _compiled() -> Any:
    return boa.loads_partial(SIGNER)


def signer() -> Any:
    return _compiled().deploy()
