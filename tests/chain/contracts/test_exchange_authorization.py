"""Funding by EIP-3009: anybody carries the buyer's payment, for this order or for none."""

from typing import Any

import boa
import pytest
from eth_utils import keccak

from tests.chain.contracts.escrow_world import (
    FUNDED,
    HOUR,
    NATIVE,
    UNKNOWN,
    Offer,
    World,
    fields,
)

# Takes any authorization, and pays what it is told to.
TOKEN = """
# pragma version 0.4.3
balanceOf: public(HashMap[address, uint256])
pays: public(uint256)
target: address
data: Bytes[2048]
reentered: public(bool)

@external
def behave(pays: uint256, target: address, data: Bytes[2048]):
    self.pays = pays
    self.target = target
    self.data = data

@external
def receiveWithAuthorization(
    sender: address, receiver: address, amount: uint256, after: uint256, before: uint256,
    nonce: bytes32, v: uint8, r: bytes32, s: bytes32
):
    if len(self.data) > 0:
        self.reentered = raw_call(self.target, self.data, revert_on_failure=False)
    self.balanceOf[receiver] += self.pays
"""


def carry(world: World, offer: Offer, authorization: Any = None, **call: Any) -> None:
    """A stranger funds with the buyer's authorization."""
    call.setdefault("sender", world.stranger.address)
    given = world.authorization(offer) if authorization is None else authorization
    signature = call.pop("signature", None) or world.sign(world.owner, "Offer", offer)
    world.exchange.fund_with_authorization(fields(offer), signature, given, **call)


def test_a_stranger_carries_the_payment(world: World) -> None:
    world.deposit(world.owner, world.dollar.address, 50)
    offer = world.offer(bond=50)
    before = world.dollar.balanceOf(world.buyer.address)
    carry(world, offer)
    deadline = boa.env.timestamp + HOUR
    (name, event), *others = world.events()
    assert (name, others) == ("Funded", [])
    assert (event["buyer"], event["deadline"]) == (world.buyer.address, deadline)
    assert world.word(offer) == (FUNDED, deadline, 0)
    assert world.dollar.balanceOf(world.buyer.address) == before - offer["price"]
    assert world.dollar.balanceOf(world.exchange.address) == offer["price"] + 50
    assert world.dollar.authorizationState(world.buyer.address, world.order_id(offer))
    assert world.free(world.owner) == 0


@pytest.mark.parametrize("who", ["owner", "buyer"])
def test_so_do_the_two_themselves(world: World, who: str) -> None:
    offer = world.offer()
    carry(world, offer, sender=getattr(world, who).address)
    assert world.state(offer) == FUNDED


def test_no_allowance_is_touched(world: World) -> None:
    world.dollar.approve(world.exchange.address, 5, sender=world.buyer.address)
    offer = world.offer()
    carry(world, offer)
    assert world.dollar.allowance(world.buyer.address, world.exchange.address) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 999_999},
        {"value": 1_000_001},
        {"nonce": keccak(b"another order")},
        {"to": "0x" + "77" * 20},
        {"from": "0x" + "77" * 20},
    ],
)
def test_an_authorization_of_something_else(world: World, changes: dict[str, Any]) -> None:
    offer = world.offer()
    with boa.reverts("not signed by the sender"):
        carry(world, offer, world.authorization(offer, **changes))
    assert world.state(offer) == UNKNOWN
    carry(world, offer)


def test_an_authorization_by_somebody_else(world: World) -> None:
    offer = world.offer()
    with boa.reverts("not signed by the sender"):
        carry(world, offer, world.authorization(offer, by=world.owner))


def test_the_authorization_of_one_order_pays_no_other(world: World) -> None:
    """The same people, price and token; only the Offer's nonce differs."""
    one, other = world.offer(), world.offer()
    with boa.reverts("not signed by the sender"):
        carry(world, other, world.authorization(one))
    carry(world, one)
    with boa.reverts("already funded"):
        carry(world, one)


def test_its_times_are_exclusive(world: World) -> None:
    offer, now = world.offer(), boa.env.timestamp
    for times, reason in (
        ({"validAfter": now}, "authorization not yet valid"),
        ({"validBefore": now}, "authorization expired"),
    ):
        with boa.reverts(reason):
            carry(world, offer, world.authorization(offer, **times))
    carry(world, offer, world.authorization(offer, validAfter=now - 1, validBefore=now + 1))


def test_who_runs_ahead_can_only_do_the_same(world: World) -> None:
    """The token pays out to its receiver's own call alone, and the exchange makes it to fund."""
    offer = world.offer()
    valid_after, valid_before, v, r, s = given = world.authorization(offer)
    arguments = (
        world.buyer.address, world.exchange.address, offer["price"], valid_after, valid_before,
        world.order_id(offer), v, r, s,
    )  # fmt: skip
    with boa.reverts("only the receiver can collect"):
        world.dollar.receiveWithAuthorization(*arguments, sender=world.stranger.address)
    carry(world, offer, given, sender=world.owner.address)
    with boa.reverts("already funded"):
        carry(world, offer, given)
    assert world.state(offer) == FUNDED


def test_every_check_of_funding_holds(world: World) -> None:
    offer = world.offer()
    for changes, reason in (
        ({"price": 0}, "no price"),
        ({"epoch": 1}, "offer cancelled"),
        ({"expires": boa.env.timestamp - 1}, "offer expired"),
        ({"bond": 1}, "free bond too small"),
        ({"dataset": bytes(32)}, "owner does not hold the title"),
        ({"buyer": offer["owner"]}, "owner is the buyer"),
    ):
        with boa.reverts(reason):
            carry(world, offer | changes)
    with boa.reverts("not signed by the owner"):
        carry(world, offer, signature=world.sign(world.buyer, "Offer", offer))


def test_it_carries_no_coins_and_needs_a_token(world: World) -> None:
    for token in (NATIVE, "0x" + "77" * 20):
        with boa.reverts("no token there"):
            carry(world, world.offer(token=token))
    with boa.reverts():
        carry(world, world.offer(), value=1, sender=world.buyer.address)


@pytest.mark.parametrize("pays", [0, 999_999, 1_000_001])
def test_exactly_the_price_arrives_or_nothing_does(world: World, pays: int) -> None:
    token = boa.loads(TOKEN)
    token.behave(pays, NATIVE, b"")
    offer = world.offer(token=token.address)
    with boa.reverts("token paid another amount"):
        carry(world, offer)
    token.behave(offer["price"], NATIVE, b"")
    carry(world, offer)
    assert world.state(offer) == FUNDED


def test_a_token_cannot_come_back_while_it_pays(world: World) -> None:
    token = boa.loads(TOKEN)
    offer = world.offer(token=token.address)
    data = world.exchange.refund.prepare_calldata(fields(offer))
    token.behave(offer["price"], world.exchange.address, data)
    carry(world, offer)
    assert world.state(offer) == FUNDED
    assert not token.reentered()


def test_a_token_that_does_not_know_authorizations(world: World) -> None:
    offer = world.offer(token=world.registry.address)
    with boa.reverts():
        carry(world, offer)
