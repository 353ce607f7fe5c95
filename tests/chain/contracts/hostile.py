"""Tokens and receivers that do not do as they should, as small Vyper sources."""

import enum
from functools import cache
from typing import Any

import boa


class Mode(enum.IntEnum):
    """How the token answers a transfer; it moves money up to FEE, and when SLOW."""

    HONEST = 0
    SILENT = 1  # moves, returns nothing (USDT)
    FEE = 2  # moves, the receiver gets one unit less
    REVERTING = 3
    FALSE = 4
    SHORT = 5  # returns five bytes
    TWO = 6  # returns a number that is no boolean
    HUGE = 7  # reverts with 20,000 bytes
    BURNING = 8  # uses all gas it gets
    SLOW = 9  # moves, and uses about 150,000 gas for it


TOKEN = """
# pragma version 0.4.3
balanceOf: public(HashMap[address, uint256])
taking: public(uint256)
paying: public(uint256)
target: address
data: Bytes[2048]
reentered: public(bool)

@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount

@external
def behave(taking: uint256, paying: uint256):
    self.taking = taking
    self.paying = paying

@external
def reenter(target: address, data: Bytes[2048]):
    self.target = target
    self.data = data

@external
def permit(o: address, s: address, v: uint256, d: uint256, vv: uint8, r: bytes32, ss: bytes32):
    raise "this permit always fails"

@external
@raw_return
def transfer(to: address, amount: uint256) -> Bytes[32]:
    return self._move(msg.sender, to, amount, self.paying)

@external
@raw_return
def transferFrom(sender: address, to: address, amount: uint256) -> Bytes[32]:
    return self._move(sender, to, amount, self.taking)

@internal
def _move(sender: address, to: address, amount: uint256, mode: uint256) -> Bytes[32]:
    if len(self.data) > 0:
        self.reentered = raw_call(self.target, self.data, revert_on_failure=False)
    assert mode != 3, "the token refuses"
    if mode == 4:
        return abi_encode(False)
    if mode == 5:
        return x"0000000001"
    if mode == 6:
        return abi_encode(convert(2, uint256))
    if mode == 7:
        junk: Bytes[20000] = slice(self._junk(), 0, 20000)
        raw_revert(junk)
    if mode == 8:
        for i: uint256 in range(max_value(uint256)):
            self.taking = mode
    if mode == 9:
        h: bytes32 = empty(bytes32)
        for i: uint256 in range(1100):
            h = keccak256(h)
    self.balanceOf[sender] -= amount
    self.balanceOf[to] += amount - (1 if mode == 2 else 0)
    return b"" if mode == 1 else abi_encode(True)

@internal
@pure
def _junk() -> Bytes[20032]:
    words: uint256[626] = empty(uint256[626])
    return abi_encode(words)
"""

# Refuses the chain's own currency: 0 takes it, 1 reverts, 2 burns all gas, 3 calls `target` back.
RECEIVER = """
# pragma version 0.4.3
mode: public(uint256)
target: address
data: Bytes[2048]
reentered: public(bool)

@external
def behave(mode: uint256, target: address, data: Bytes[2048]):
    self.mode = mode
    self.target = target
    self.data = data

@external
@payable
def execute(target: address, data: Bytes[2048], amount: uint256):
    raw_call(target, data, value=amount)

@external
@payable
def __default__():
    assert self.mode != 1, "the receiver refuses"
    if self.mode == 2:
        for i: uint256 in range(max_value(uint256)):
            self.mode = 2
    if self.mode == 3:
        self.reentered = raw_call(self.target, self.data, revert_on_failure=False)
"""


@cache
def _compiled(source: str) -> Any:
    return boa.loads_partial(source)


def hostile_token() -> Any:
    return _compiled(TOKEN).deploy()


def receiver() -> Any:
    return _compiled(RECEIVER).deploy()
