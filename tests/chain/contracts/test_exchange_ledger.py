"""Deposits, withdrawals and the sums that nobody may take twice."""

import boa
import pytest
from eth.exceptions import Revert

from tests.chain.contracts.escrow_world import NATIVE, World


@pytest.mark.parametrize("native", [True, False])
def test_deposit_and_withdraw(world: World, native: bool) -> None:
    token = NATIVE if native else world.dollar.address
    world.deposit(world.owner, token, 100)
    assert world.events() == [
        (
            "Deposited",
            {
                "address": world.exchange.address,
                "account": world.owner.address,
                "token": token,
                "amount": 100,
            },
        )
    ]
    assert world.free(world.owner, token) == 100
    receiver = boa.env.generate_address()
    world.exchange.withdraw(token, 60, receiver, sender=world.owner.address)
    assert world.events() == [
        (
            "Withdrawn",
            {
                "address": world.exchange.address,
                "account": world.owner.address,
                "token": token,
                "amount": 60,
                "receiver": receiver,
            },
        )
    ]
    balance = boa.env.get_balance(receiver) if native else world.dollar.balanceOf(receiver)
    assert balance == 60
    assert world.free(world.owner, token) == 40


def test_withdraw_takes_only_what_is_free_and_ones_own(world: World) -> None:
    token = world.dollar.address
    world.deposit(world.owner, token, 100)
    world.funded(bond=70)
    for account, amount in ((world.owner, 31), (world.buyer, 1), (world.stranger, 1)):
        with boa.reverts("more than is free"):
            world.exchange.withdraw(token, amount, account.address, sender=account.address)
    with boa.reverts("more than is free"):
        world.exchange.withdraw(NATIVE, 1, world.owner.address, sender=world.owner.address)
    world.exchange.withdraw(token, 30, world.owner.address, sender=world.owner.address)


def test_withdraw_needs_an_amount_and_a_receiver(world: World) -> None:
    world.deposit(world.owner, NATIVE, 5)
    with boa.reverts("no amount"):
        world.exchange.withdraw(NATIVE, 0, world.owner.address, sender=world.owner.address)
    with boa.reverts("no receiver"):
        world.exchange.withdraw(NATIVE, 5, NATIVE, sender=world.owner.address)
    world.exchange.withdraw(NATIVE, 5, world.owner.address, sender=world.owner.address)


def test_deposit_must_arrive(world: World) -> None:
    with boa.env.prank(world.owner.address):
        with boa.reverts("no amount"):
            world.exchange.deposit(NATIVE, 0)
        with boa.reverts("value is not the amount"):
            world.exchange.deposit(NATIVE, 5, value=4)
        with boa.reverts("value with a token"):
            world.exchange.deposit(world.dollar.address, 5, value=5)
        with boa.reverts("no token there"):
            world.exchange.deposit(world.stranger.address, 5)
        with boa.reverts("allowance too small"):
            world.exchange.deposit(world.dollar.address, 5)
        world.exchange.deposit(NATIVE, 5, value=5)
    assert world.free(world.owner, NATIVE) == 5


def test_deposit_with_permit(world: World) -> None:
    permit = world.permit(world.owner, 100)
    with boa.env.prank(world.owner.address):
        with boa.reverts("allowance too small"):
            world.exchange.deposit_with_permit(world.dollar.address, 101, permit)
        world.exchange.deposit_with_permit(world.dollar.address, 100, permit)
        with boa.reverts("value is not the amount"):
            world.exchange.deposit_with_permit(NATIVE, 1, permit)
    assert world.free(world.owner) == 100


def test_a_permit_of_someone_else_deposits_nothing(world: World) -> None:
    permit = world.permit(world.owner, 100)
    with boa.reverts("allowance too small"):
        world.exchange.deposit_with_permit(
            world.dollar.address, 100, permit, sender=world.buyer.address
        )


def test_plain_money_is_refused(world: World) -> None:
    with pytest.raises(Revert):
        boa.env.raw_call(world.exchange.address, sender=world.owner.address, value=1)
    assert boa.env.get_balance(world.exchange.address) == 0
