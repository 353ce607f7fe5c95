"""The practice token: ERC-20 and EIP-2612 as a real token would do them, made by anyone."""

import boa
import pytest
from eth_account.messages import encode_typed_data

from tests.chain.contracts.escrow_world import NATIVE, World

UNITS = 10**6
FOREVER = 2**256 - 1


def assert_logged(world: World, name: str, *members: object) -> None:
    """The last call logged just this (ERC-20): two addresses and an amount."""
    ((event, found),) = world.events(world.dollar)
    assert (event, *found.values()) == (name, world.dollar.address, *members)


def test_what_it_says_of_itself(world: World) -> None:
    dollar = world.dollar
    assert (dollar.name(), dollar.symbol(), dollar.decimals()) == ("Practice dollar", "PRAC", 6)


def test_anyone_mints_up_to_a_limit(world: World) -> None:
    dollar, stranger = world.dollar, world.stranger.address
    supply, limit = dollar.totalSupply(), dollar.MAX_MINT()
    assert limit == 1_000_000 * UNITS
    dollar.mint(stranger, limit, sender=stranger)
    assert_logged(world, "Transfer", NATIVE, stranger, limit)
    assert dollar.balanceOf(stranger) == limit
    assert dollar.totalSupply() == supply + limit
    with boa.reverts("more than one call may mint"):
        dollar.mint(stranger, limit + 1, sender=stranger)
    with boa.reverts("no receiver"):
        dollar.mint(NATIVE, 1, sender=stranger)


def test_transfer(world: World) -> None:
    dollar, owner, stranger = world.dollar, world.owner.address, world.stranger.address
    before = dollar.balanceOf(owner)
    assert dollar.transfer(stranger, 5, sender=owner)
    assert_logged(world, "Transfer", owner, stranger, 5)
    assert (dollar.balanceOf(owner), dollar.balanceOf(stranger)) == (before - 5, 5)
    with boa.reverts("balance too small"):
        dollar.transfer(owner, 6, sender=stranger)
    with boa.reverts("no receiver"):
        dollar.transfer(NATIVE, 5, sender=stranger)
    dollar.transfer(stranger, 5, sender=stranger)
    assert dollar.balanceOf(stranger) == 5


@pytest.mark.parametrize(("allowed", "left"), [(7, 2), (FOREVER, FOREVER)])
def test_transfer_from(world: World, allowed: int, left: int) -> None:
    dollar, owner, stranger = world.dollar, world.owner.address, world.stranger.address
    assert dollar.approve(stranger, allowed, sender=owner)
    assert_logged(world, "Approval", owner, stranger, allowed)
    assert dollar.transferFrom(owner, stranger, 5, sender=stranger)
    assert_logged(world, "Transfer", owner, stranger, 5)
    assert dollar.allowance(owner, stranger) == left
    assert dollar.balanceOf(stranger) == 5
    if left < FOREVER:
        with boa.reverts("allowance too small"):
            dollar.transferFrom(owner, stranger, left + 1, sender=stranger)


def test_permit(world: World) -> None:
    dollar, owner, spender = world.dollar, world.owner.address, world.exchange.address
    value, deadline, v, r, s = world.permit(world.owner, 9)
    dollar.permit(owner, spender, value, deadline, v, r, s, sender=world.stranger.address)
    assert_logged(world, "Approval", owner, spender, 9)
    assert dollar.allowance(owner, spender) == 9
    assert dollar.nonces(owner) == 1
    with boa.reverts("not signed by the owner"):
        dollar.permit(owner, spender, value, deadline, v, r, s)


def test_permits_that_are_none(world: World) -> None:
    dollar, owner, spender = world.dollar, world.owner.address, world.exchange.address
    value, deadline, v, r, s = world.permit(world.owner, 9)
    for bad in (
        (owner, spender, value + 1, deadline, v, r, s),
        (owner, owner, value, deadline, v, r, s),
        (world.buyer.address, spender, value, deadline, v, r, s),
        (NATIVE, spender, value, deadline, 29, r, s),
        (NATIVE, spender, value, deadline, v, bytes(32), bytes(32)),
    ):
        with boa.reverts("not signed by the owner"):
            dollar.permit(*bad)
    boa.env.timestamp = deadline + 1
    with boa.reverts("permit expired"):
        dollar.permit(owner, spender, value, deadline, v, r, s)
    boa.env.timestamp = deadline
    dollar.permit(owner, spender, value, deadline, v, r, s)


def test_a_signed_payment_is_collected_once_by_its_receiver(world: World) -> None:
    dollar, sender, receiver = world.dollar, world.buyer.address, world.stranger.address
    before, nonce = dollar.balanceOf(sender), bytes(range(32))
    offer = world.offer(price=9)
    after, until, v, r, s = world.authorization(offer, to=receiver, nonce=nonce)
    payment = (sender, receiver, 9, after, until, nonce, v, r, s)
    with boa.reverts("only the receiver can collect"):
        dollar.receiveWithAuthorization(*payment, sender=sender)
    for place, changed in ((0, world.owner.address), (2, 10), (5, bytes(32)), (6, 55 - v)):
        bad = [*payment]
        bad[place] = changed
        with boa.reverts("not signed by the sender"):
            dollar.receiveWithAuthorization(*bad, sender=receiver)
    dollar.receiveWithAuthorization(*payment, sender=receiver)
    names = [name for name, _ in world.events(dollar)]
    assert names == ["AuthorizationUsed", "Transfer"]
    assert (dollar.balanceOf(sender), dollar.balanceOf(receiver)) == (before - 9, 9)
    with boa.reverts("authorization used"):
        dollar.receiveWithAuthorization(*payment, sender=receiver)


def test_nobody_signs_for_the_zero_address(world: World) -> None:
    with boa.reverts("not signed by the sender"):
        world.dollar.receiveWithAuthorization(
            NATIVE, world.stranger.address, 0, 0, FOREVER, bytes(32), 27, bytes(32), bytes(32),
            sender=world.stranger.address,
        )  # fmt: skip


def test_domain_separator(world: World) -> None:
    domain = {
        "name": "Practice dollar",
        "version": "1",
        "chainId": boa.env.evm.patch.chain_id,
        "verifyingContract": world.dollar.address,
    }
    types = {"Nothing": [{"name": "x", "type": "uint256"}]}
    encoded = encode_typed_data(domain, types, {"x": 0})
    assert bytes(world.dollar.DOMAIN_SEPARATOR()) == encoded.header
