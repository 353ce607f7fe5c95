"""No ending fails because of a token or a receiver, and nobody is paid twice."""

from collections.abc import Callable
from typing import Any

import boa
import pytest

from tests.chain.contracts.escrow_world import (
    DAY,
    NATIVE,
    PAID,
    PAID_RATED,
    REFUNDED,
    UNKNOWN,
    Offer,
    World,
    fields,
)
from tests.chain.contracts.hostile import Mode, hostile_token, receiver

BOND, PRICE = 500, 1000
NOT_PAYING = [mode for mode in Mode if Mode.FEE < mode < Mode.SLOW]


@pytest.fixture
def token(world: World) -> Any:
    """A token that is honest until told otherwise; the owner has a bond in it."""
    made = hostile_token()
    for account in (world.owner, world.buyer):
        made.mint(account.address, 10**6)
    world.exchange.deposit(made.address, BOND, sender=world.owner.address)
    return made


def confirm(world: World, offer: Offer) -> None:
    world.confirm(offer, gas=10**6)


def confirm_carried(world: World, offer: Offer) -> None:
    signature = world.confirmation(offer)
    world.confirm(offer, signature, sender=world.stranger.address, gas=10**6)


def accept(world: World, offer: Offer) -> None:
    world.reveal(offer)
    boa.env.time_travel(seconds=DAY + 1)
    world.exchange.accept(fields(offer), sender=world.stranger.address, gas=10**6)


def refund(world: World, offer: Offer) -> None:
    world.exchange.refund(fields(offer), sender=world.owner.address, gas=10**6)


ENDINGS: dict[str, tuple[Callable[[World, Offer], None], str, int]] = {
    "confirm": (confirm, "owner", PAID_RATED),
    "confirm_carried": (confirm_carried, "owner", PAID_RATED),
    "accept": (accept, "owner", PAID),
    "refund": (refund, "buyer", REFUNDED),
}


def credited(world: World) -> list[int]:
    return [event["amount"] for name, event in world.events() if name == "Credited"]


# --- taking ---


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        (Mode.FEE, "token paid another amount"),
        (Mode.FALSE, "token refused the payment"),
        (Mode.REVERTING, "the token refuses"),
        (Mode.SHORT, None),
        (Mode.TWO, None),
        (Mode.HUGE, None),
    ],
)
def test_money_that_does_not_come_exactly_is_refused(
    world: World, token: Any, mode: Mode, reason: str | None
) -> None:
    token.behave(mode, Mode.HONEST)
    offer = world.offer(token=token.address, price=PRICE, bond=BOND)
    with boa.reverts(reason) if reason else boa.reverts():
        world.fund(offer)
    with boa.reverts(reason) if reason else boa.reverts():
        world.exchange.deposit(token.address, 5, sender=world.owner.address)
    assert world.state(offer) == UNKNOWN
    assert world.free(world.owner, token.address) == BOND


@pytest.mark.parametrize("mode", [Mode.HONEST, Mode.SILENT, Mode.SLOW])
def test_money_that_comes_exactly(world: World, token: Any, mode: Mode) -> None:
    token.behave(mode, mode)
    offer = world.funded(token=token.address, price=PRICE, bond=BOND)
    before = token.balanceOf(world.owner.address)
    confirm(world, offer)
    assert credited(world) == []
    assert token.balanceOf(world.owner.address) == before + PRICE
    assert token.balanceOf(world.exchange.address) == BOND


def test_a_failing_permit_is_ignored(world: World, token: Any) -> None:
    offer = world.offer(token=token.address, price=PRICE)
    signature = world.sign(world.owner, "Offer", offer)
    permit = (PRICE, 0, 27, bytes(32), bytes(32))
    world.exchange.fund_with_permit(fields(offer), signature, permit, sender=world.buyer.address)
    world.exchange.deposit_with_permit(token.address, 5, permit, sender=world.buyer.address)
    assert token.balanceOf(world.exchange.address) == BOND + PRICE + 5


# --- withdrawing ---


@pytest.mark.parametrize("mode", [Mode.HONEST, Mode.SILENT, Mode.SLOW])
def test_a_token_that_pays_is_withdrawn(world: World, token: Any, mode: Mode) -> None:
    token.behave(Mode.HONEST, mode)
    there = boa.env.generate_address()
    world.exchange.withdraw(token.address, 60, there, sender=world.owner.address)
    assert token.balanceOf(there) == 60
    assert world.free(world.owner, token.address) == BOND - 60


@pytest.mark.parametrize("mode", NOT_PAYING)
def test_what_cannot_be_withdrawn_stays_in_the_ledger(world: World, token: Any, mode: Mode) -> None:
    token.behave(Mode.HONEST, mode)
    with boa.reverts("token refused the payment") if mode == Mode.FALSE else boa.reverts():
        world.exchange.withdraw(
            token.address, 60, world.owner.address, sender=world.owner.address, gas=10**6
        )
    assert world.free(world.owner, token.address) == BOND


# --- paying ---


@pytest.mark.parametrize("mode", NOT_PAYING)
@pytest.mark.parametrize("ending", ENDINGS)
def test_what_a_token_does_not_pay_is_credited(
    world: World, token: Any, mode: Mode, ending: str
) -> None:
    end, who, state = ENDINGS[ending]
    account = getattr(world, who)
    offer = world.funded(token=token.address, price=PRICE, bond=BOND)
    token.behave(Mode.HONEST, mode)
    end(world, offer)
    assert credited(world) == [PRICE]
    assert world.state(offer) == state
    expected = PRICE + BOND if who == "owner" else PRICE
    assert world.free(account, token.address) == expected
    assert token.balanceOf(world.exchange.address) == PRICE + BOND
    with boa.reverts():
        end(world, offer)

    with boa.reverts():
        world.exchange.withdraw(
            token.address, expected, account.address, sender=account.address, gas=10**6
        )
    assert world.free(account, token.address) == expected
    token.behave(Mode.HONEST, Mode.HONEST)
    world.exchange.withdraw(token.address, expected, account.address, sender=account.address)
    assert token.balanceOf(world.exchange.address) == PRICE + BOND - expected


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_token_that_is_gone(world: World, token: Any, ending: str) -> None:
    end, who, state = ENDINGS[ending]
    account = getattr(world, who)
    offer = world.funded(token=token.address, price=PRICE)
    code = boa.env.get_code(token.address)
    boa.env.set_code(token.address, b"")
    end(world, offer)
    assert credited(world) == [PRICE]
    assert world.state(offer) == state
    with boa.reverts():
        world.exchange.withdraw(token.address, 1, account.address, sender=account.address)
    boa.env.set_code(token.address, code)
    world.exchange.withdraw(token.address, PRICE, account.address, sender=account.address)


@pytest.mark.parametrize("mode", [1, 2])
def test_a_receiver_that_refuses_native_currency(world: World, mode: int) -> None:
    buyer, sink = receiver(), world.stranger.address
    offer = world.offer(token=NATIVE, price=PRICE, buyer=buyer.address)
    data = world.exchange.fund.prepare_calldata(
        fields(offer), world.sign(world.owner, "Offer", offer)
    )
    boa.env.set_balance(world.stranger.address, PRICE)
    buyer.execute(world.exchange.address, data, PRICE, value=PRICE, sender=sink)
    buyer.behave(mode, NATIVE, b"")
    refund(world, offer)
    assert credited(world) == [PRICE]
    assert world.state(offer) == REFUNDED
    assert world.free(buyer.address, NATIVE) == PRICE

    out = world.exchange.withdraw.prepare_calldata(NATIVE, PRICE, buyer.address)
    with boa.reverts():
        buyer.execute(world.exchange.address, out, 0, gas=10**6)
    assert world.free(buyer.address, NATIVE) == PRICE
    out = world.exchange.withdraw.prepare_calldata(NATIVE, PRICE, sink)
    buyer.execute(world.exchange.address, out, 0)
    assert boa.env.get_balance(sink) == PRICE
    assert boa.env.get_balance(world.exchange.address) == 0


# --- calling back ---


def test_a_token_cannot_call_back(world: World, token: Any) -> None:
    """The token is the account that could take: it deposited in its own name."""
    token.mint(token.address, 1000)
    world.exchange.deposit(token.address, 100, sender=token.address)
    calls = [
        world.exchange.withdraw.prepare_calldata(token.address, 100, token.address),
        world.exchange.cancel_all.prepare_calldata(),
        world.exchange.ledger.prepare_calldata(token.address, token.address),
    ]
    for data in calls:
        assert boa.env.raw_call(world.exchange.address, data=data, sender=token.address)
        world.exchange.deposit(token.address, 100, sender=token.address)
        token.reenter(world.exchange.address, data)
        offer = world.funded(token=token.address, price=PRICE)
        assert not token.reentered()
        confirm(world, offer)
        assert not token.reentered()
        assert credited(world) == []
        token.reenter(world.exchange.address, b"")


def test_a_receiver_cannot_call_back(world: World) -> None:
    buyer = receiver()
    offer = world.offer(token=NATIVE, price=PRICE, buyer=buyer.address)
    data = world.exchange.fund.prepare_calldata(
        fields(offer), world.sign(world.owner, "Offer", offer)
    )
    boa.env.set_balance(world.stranger.address, PRICE)
    buyer.execute(world.exchange.address, data, PRICE, value=PRICE, sender=world.stranger.address)
    boa.env.set_balance(world.exchange.address, 10 * PRICE)
    again = world.exchange.refund.prepare_calldata(fields(offer))
    buyer.behave(3, world.exchange.address, again)
    refund(world, offer)
    assert not buyer.reentered()
    assert boa.env.get_balance(buyer.address) == PRICE


# --- gas ---


def test_too_little_gas_never_turns_a_payment_into_a_credit(world: World, token: Any) -> None:
    offer = world.funded(token=token.address, price=PRICE)
    token.behave(Mode.HONEST, Mode.SLOW)
    outcomes = []
    for gas in range(100_000, 320_000, 10_000):
        with boa.env.anchor():
            try:
                world.confirm(offer, gas=gas)
                assert credited(world) == []
                outcomes.append(True)
            except boa.BoaError:
                outcomes.append(False)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}


def test_a_token_that_burns_gas_costs_a_bounded_amount(world: World, token: Any) -> None:
    offer = world.funded(token=token.address, price=PRICE)
    token.behave(Mode.HONEST, Mode.BURNING)
    with boa.reverts("too little gas"):
        world.confirm(offer, gas=250_000)
    world.confirm(offer, gas=350_000)
    assert credited(world) == [PRICE]


# --- tokens that lie ---


def test_a_token_that_lies_cannot_overflow_an_ending(world: World) -> None:
    """Its own column of the ledger may be nonsense; the order still ends."""
    liar = boa.loads(
        """
# pragma version 0.4.3
balanceOf: public(HashMap[address, uint256])

@external
def transferFrom(sender: address, to: address, amount: uint256) -> bool:
    self.balanceOf[to] = amount
    return True

@external
def reset(account: address):
    self.balanceOf[account] = 0
"""
    )
    huge = 2**256 - 1
    for amount in (huge, huge - 1):
        liar.reset(world.exchange.address)
        world.exchange.deposit(liar.address, amount, sender=world.owner.address)
        liar.reset(world.exchange.address)
        offer = world.funded(token=liar.address, price=1, bond=huge - 1)
    liar.reset(world.exchange.address)
    world.exchange.deposit(liar.address, huge - 1, sender=world.owner.address)
    assert world.free(world.owner, liar.address) == huge
    confirm(world, offer)
    assert world.state(offer) == PAID_RATED
    assert world.free(world.owner) == 0
