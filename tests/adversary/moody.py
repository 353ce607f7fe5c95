"""A token that can turn on its holders, as real ones can: paused, blacklisting, or saying no.

Its moods are set by anybody. It is a small Vyper contract, compiled here and put on the practice
chain, and a network file lists it as a currency.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import vyper
from coincurve import PrivateKey
from eth_hash.auto import keccak

from chain import abi
from chain.address import Address, account_address, parse_address
from chain.endpoint import Endpoint
from chain.gateway import Call, Gateway
from chain.network import Token
from tests.adversary.stage import mine
from tests.story.people import World

SOURCE = """
# pragma version 0.4.3
# pragma evm-version cancun

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
mood: public(uint256)
banned: public(address)

@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount

@external
def feel(mood: uint256, banned: address):
    self.mood = mood
    self.banned = banned

@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    return True

@external
def transfer(to: address, amount: uint256) -> bool:
    return self._move(msg.sender, to, amount)

@external
def transferFrom(sender: address, to: address, amount: uint256) -> bool:
    self.allowance[sender][msg.sender] -= amount
    return self._move(sender, to, amount)

@internal
def _move(sender: address, to: address, amount: uint256) -> bool:
    assert self.mood != 1, "paused"
    assert to != self.banned, "blacklisted"
    if self.mood == 3:
        return False
    self.balanceOf[sender] -= amount
    self.balanceOf[to] += amount
    log Transfer(sender=sender, receiver=to, amount=amount)
    return True
"""

KEY = (7).to_bytes(32, "big")
"""Of the account that deploys and minds the tokens: anybody's."""


class Mood(enum.IntEnum):
    GOOD = 0
    PAUSED = 1
    BLACKLISTING = 2
    FALSE = 3


@cache
def _bytecode() -> bytes:
    made = vyper.compile_code(SOURCE, output_formats=["bytecode"])
    return bytes.fromhex(made["bytecode"][2:])


@dataclass(frozen=True)
class Moody:
    """One such token on the chain, and the mood it will turn to."""

    world: World
    address: Address
    sin: Mood

    def give(self, to: Address, units: int) -> None:
        self._send("mint", ("address", "uint256"), to, units)

    def turn(self, against: Address) -> None:
        """From now on it does its sin to whoever is paid; blacklisting to one account."""
        self._send("feel", ("uint256", "address"), int(self.sin), self._banned(against))

    def calm(self) -> None:
        self._send("feel", ("uint256", "address"), 0, _NOBODY)

    def _banned(self, account: Address) -> Address:
        return account if self.sin == Mood.BLACKLISTING else _NOBODY

    def _send(self, name: str, kinds: tuple[str, ...], *values: Any) -> None:
        selector = keccak(f"{name}({','.join(kinds)})".encode())[:4]
        _enter(self.world, Call(self.address, selector + abi.encode(kinds, values)))


_NOBODY = "0x0000000000000000000000000000000000000000"


def moody_world(world: World) -> tuple[World, list[Moody]]:
    """The same chain with a network of three moody currencies, and the three tokens."""
    names = {Mood.PAUSED: "Pausing", Mood.BLACKLISTING: "Blacklisting", Mood.FALSE: "Refusing"}
    places = [_deploy(world) for _ in names]
    tokens = tuple(
        Token(address=place, symbol=name[:4].upper(), name=name, decimals=6, permit=False)
        for place, name in zip(places, names.values(), strict=True)
    )
    network = replace(world.network, name="Moody network", tokens=tokens)
    moody = replace(world, network=network, gateway=Gateway(network))
    return moody, [Moody(moody, place, sin) for place, sin in zip(places, names, strict=True)]


def _account() -> Address:
    public = PrivateKey(KEY).public_key.format(compressed=False)[1:]
    return account_address(public)


def _deploy(world: World) -> Address:
    """Sent by the node itself in the name of an account that is not its own."""
    endpoint = Endpoint(world.network.rpc_urls[0])
    account = _account()
    try:
        endpoint.ask("anvil_setBalance", account, hex(10**20))
        endpoint.ask("anvil_impersonateAccount", account)
        sent = endpoint.ask(
            "eth_sendTransaction", {"from": account, "data": "0x" + _bytecode().hex()}
        )
        while (receipt := endpoint.ask("eth_getTransactionReceipt", sent)) is None:
            endpoint.ask("evm_mine")
    finally:
        endpoint.close()
    return parse_address(receipt["contractAddress"])


def _enter(world: World, call: Call) -> None:
    account = _account()
    signed = world.gateway.sign(call, KEY, world.gateway.pending_nonce(account))
    world.gateway.broadcast(signed.raw)
    while world.gateway.receipt(signed.hash) is None:
        mine(world, 1)
