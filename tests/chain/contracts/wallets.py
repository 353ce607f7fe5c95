"""A wallet that is a contract: it calls, it signs by ERC-1271, and it may refuse money."""

from functools import cache
from typing import Any

import boa

# `refusing`: 0 takes the chain's own currency, 1 reverts, 2 uses all gas, 3 calls back.
WALLET = """
# pragma version 0.4.3
refusing: public(uint256)
approved: public(HashMap[bytes32, bool])
target: address
data: Bytes[2048]
reentered: public(bool)

@external
def behave(refusing: uint256):
    self.refusing = refusing

@external
def reenter(target: address, data: Bytes[2048]):
    self.target = target
    self.data = data

@external
def approve(digest: bytes32, approved: bool):
    self.approved[digest] = approved

@external
@payable
def execute(target: address, data: Bytes[2048], amount: uint256):
    raw_call(target, data, value=amount)

@external
@view
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> bytes4:
    if self.approved[digest] and signature == b"by the wallet":
        return 0x1626ba7e
    return 0xffffffff

@external
@payable
def __default__():
    assert self.refusing != 1, "the wallet refuses"
    if self.refusing == 2:
        for i: uint256 in range(max_value(uint256)):
            self.refusing = 2
    if self.refusing == 3:
        self.reentered = raw_call(self.target, self.data, revert_on_failure=False)
"""
SIGNATURE = b"by the wallet"


@cache
def _compiled() -> Any:
    return boa.loads_partial(WALLET)


def wallet() -> Any:
    return _compiled().deploy()
