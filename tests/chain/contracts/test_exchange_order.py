"""The running order: reveal, confirm, accept, refund, rate; who, when, from which state."""

from collections.abc import Callable

import boa
import pytest
from eth_utils import keccak

from tests.chain.contracts.escrow_world import (
    DAY,
    FUNDED,
    HOUR,
    NATIVE,
    PAID,
    PAID_RATED,
    REFUNDED,
    REVEALED,
    REVIEW,
    ROOT,
    SCORES,
    N,
    Offer,
    World,
    come_to,
    fields,
)

Step = Callable[[World, Offer], None]


def accept(world: World, offer: Offer) -> None:
    world.exchange.accept(fields(offer), sender=world.stranger.address)


def refund(world: World, offer: Offer) -> None:
    world.exchange.refund(fields(offer), sender=world.owner.address)


def rate(world: World, offer: Offer) -> None:
    world.exchange.rate(fields(offer), SCORES, REVIEW, sender=world.buyer.address)


def common(world: World, offer: Offer) -> dict[str, object]:
    return {
        "address": world.exchange.address,
        "order_id": world.order_id(offer),
        "owner": offer["owner"],
        "buyer": offer["buyer"],
    }


def paid(world: World) -> Offer:
    offer = world.revealed()
    boa.env.time_travel(seconds=DAY + 1)
    accept(world, offer)
    return offer


# --- reveal ---


def test_reveal_publishes_the_secret_and_opens_the_window(world: World) -> None:
    offer = world.funded(bond=0)
    before = world.dollar.balanceOf(world.exchange.address)
    world.reveal(offer)
    deadline = boa.env.timestamp + DAY
    expected = {"delivery_root": ROOT, "secret": world.secret, "deadline": deadline}
    assert world.events() == [("Revealed", common(world, offer) | expected)]
    assert world.word(offer) == (REVEALED, deadline, int.from_bytes(ROOT, "big") >> 48)
    assert world.dollar.balanceOf(world.exchange.address) == before


@pytest.mark.parametrize("parity", [0, 1])
def test_reveal_at_the_deadline_but_not_after(world: World, parity: int) -> None:
    """Every bit of a deadline counts, the lowest too."""
    come_to(parity)
    in_time, late = world.funded(), world.funded()
    boa.env.time_travel(seconds=HOUR)
    world.reveal(in_time)
    boa.env.time_travel(seconds=1)
    with boa.reverts("too late"):
        world.reveal(late)


def test_only_the_owner_reveals(world: World) -> None:
    offer = world.funded()
    for account in (world.buyer, world.stranger):
        with boa.reverts("only the owner can reveal"):
            world.reveal(offer, sender=account.address)


def test_reveal_needs_the_committed_secret(world: World) -> None:
    offer = world.funded()
    receipt = world.receipt(offer)
    for secret in (bytes(32), keccak(world.secret), offer["keyCommit"]):
        with boa.reverts("not the committed secret"):
            world.exchange.reveal(fields(offer), ROOT, receipt, secret, sender=world.owner.address)


def test_reveal_needs_the_buyers_receipt_for_this_root_and_order(world: World) -> None:
    offer, other = world.funded(), world.funded()
    good = world.receipt(offer)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    for receipt in (
        world.receipt(other),
        world.receipt(offer, root=keccak(b"something else")),
        world.receipt(offer, by=world.owner),
        r + (N - s).to_bytes(32, "big") + bytes([55 - v]),
        bytes(65),
        good[:64],
        good[64:],
    ):
        with boa.reverts("not signed by the buyer"):
            world.reveal(offer, receipt=receipt)
    world.reveal(offer)


def test_revealed_once(world: World) -> None:
    offer = world.revealed()
    with boa.reverts("not waiting for a reveal"):
        world.reveal(offer)


# --- confirm ---


def before_reveal(world: World) -> Offer:
    return world.funded(bond=50)


def after_reveal(world: World) -> Offer:
    return world.revealed(bond=50)


@pytest.mark.parametrize("begin", [before_reveal, after_reveal])
@pytest.mark.parametrize("carried", [False, True])
def test_confirm_pays_the_owner(
    world: World, begin: Callable[[World], Offer], carried: bool
) -> None:
    world.deposit(world.owner, world.dollar.address, 50)
    offer = begin(world)
    before = world.dollar.balanceOf(world.owner.address)
    if carried:
        world.confirm(offer, world.confirmation(offer), sender=world.stranger.address)
    else:
        world.confirm(offer)
    expected = {"delivery_root": ROOT, "scores": SCORES, "review": REVIEW}
    assert world.events() == [("Confirmed", common(world, offer) | expected)]
    assert world.word(offer) == (PAID_RATED, 0, 0)
    assert world.dollar.balanceOf(world.owner.address) == before + offer["price"]
    assert world.dollar.balanceOf(world.exchange.address) == 50
    assert world.free(world.owner) == 50


def test_confirm_in_native_currency(world: World) -> None:
    offer = world.funded(token=NATIVE, price=7)
    before = boa.env.get_balance(world.owner.address)
    world.confirm(offer)
    assert boa.env.get_balance(world.owner.address) == before + 7
    assert boa.env.get_balance(world.exchange.address) == 0


def test_confirm_needs_the_buyer(world: World) -> None:
    offer, other = world.funded(), world.funded()
    for signature in (
        b"",
        bytes(65),
        world.confirmation(offer, by=world.owner),
        world.confirmation(other),
        world.confirmation(offer, deliveryRoot=keccak(b"other")),
        world.confirmation(offer, scores=bytes((5, 5, 5, 5, 5, 5))),
        world.confirmation(offer, review=bytes(32)),
        world.receipt(offer),
    ):
        with boa.reverts("not signed by the buyer"):
            world.confirm(offer, signature, sender=world.owner.address)
    world.confirm(offer, world.confirmation(offer), sender=world.owner.address)


@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("score", [0, 6, 255])
def test_scores_are_one_to_five(world: World, place: int, score: int) -> None:
    offer = world.funded()
    scores = bytearray(SCORES)
    scores[place] = score
    with boa.reverts("scores are 1 to 5"):
        world.exchange.confirm(
            fields(offer), ROOT, bytes(scores), REVIEW, b"", sender=world.buyer.address
        )


@pytest.mark.parametrize("score", [1, 5])
def test_extreme_scores(world: World, score: int) -> None:
    offer = world.funded()
    world.exchange.confirm(
        fields(offer), ROOT, bytes([score] * 6), REVIEW, b"", sender=world.buyer.address
    )
    assert world.state(offer) == PAID_RATED


def test_confirm_has_no_deadline_while_the_order_runs(world: World) -> None:
    offer = world.funded()
    boa.env.time_travel(seconds=HOUR + 1)
    world.confirm(offer)
    assert world.state(offer) == PAID_RATED


# --- accept ---


def test_anyone_accepts_after_the_window(world: World) -> None:
    world.deposit(world.owner, world.dollar.address, 50)
    offer = world.revealed(bond=50)
    before = world.dollar.balanceOf(world.owner.address)
    boa.env.time_travel(seconds=DAY)
    with boa.reverts("window still open"):
        accept(world, offer)
    boa.env.time_travel(seconds=1)
    accept(world, offer)
    assert world.events() == [("Accepted", common(world, offer))]
    assert world.word(offer) == (PAID, 0, 0)
    assert world.dollar.balanceOf(world.owner.address) == before + offer["price"]
    assert world.free(world.owner) == 50


def test_a_bond_of_the_smallest_unit_comes_back_too(world: World) -> None:
    world.deposit(world.owner, world.dollar.address, 2)
    given, paid_out = world.funded(bond=1), world.revealed(bond=1)
    assert world.free(world.owner) == 0
    refund(world, given)
    assert world.free(world.owner) == 1
    boa.env.time_travel(seconds=DAY + 1)
    accept(world, paid_out)
    assert world.free(world.owner) == 2


def test_accept_needs_a_reveal(world: World) -> None:
    offer = world.funded()
    boa.env.time_travel(seconds=30 * DAY)
    with boa.reverts("not revealed"):
        accept(world, offer)


# --- refund ---


def test_the_owner_refunds_at_any_time(world: World) -> None:
    world.deposit(world.owner, world.dollar.address, 50)
    before = world.dollar.balanceOf(world.buyer.address)
    offer = world.funded(bond=50)
    refund(world, offer)
    assert world.events() == [("Refunded", common(world, offer) | {"by_owner": True})]
    assert world.word(offer) == (REFUNDED, 0, 0)
    assert world.dollar.balanceOf(world.buyer.address) == before
    assert world.free(world.owner) == 50


@pytest.mark.parametrize("who", ["buyer", "stranger"])
def test_others_refund_after_the_deadline(world: World, who: str) -> None:
    offer = world.funded()
    account = getattr(world, who)
    boa.env.time_travel(seconds=HOUR)
    with boa.reverts("too early"):
        world.exchange.refund(fields(offer), sender=account.address)
    boa.env.time_travel(seconds=1)
    world.exchange.refund(fields(offer), sender=account.address)
    assert world.events() == [("Refunded", common(world, offer) | {"by_owner": False})]


def test_no_refund_after_the_reveal(world: World) -> None:
    offer = world.revealed()
    boa.env.time_travel(seconds=30 * DAY)
    with boa.reverts("not waiting for a reveal"):
        refund(world, offer)


# --- rate ---


def test_the_buyer_rates_what_was_paid_without(world: World) -> None:
    offer = paid(world)
    rate(world, offer)
    assert world.events() == [
        ("Rated", common(world, offer) | {"scores": SCORES, "review": REVIEW})
    ]
    assert world.word(offer) == (PAID_RATED, 0, 0)
    with boa.reverts("not waiting for a rating"):
        rate(world, offer)


def test_only_the_buyer_rates(world: World) -> None:
    offer = paid(world)
    with boa.reverts("only the buyer can rate"):
        world.exchange.rate(fields(offer), SCORES, REVIEW, sender=world.owner.address)


def test_a_late_rating_has_scores_too(world: World) -> None:
    offer = paid(world)
    with boa.reverts("scores are 1 to 5"):
        world.exchange.rate(fields(offer), bytes(6), REVIEW, sender=world.buyer.address)


# --- every call in every state ---

CALLS: dict[str, Step] = {
    "confirm": lambda world, offer: world.confirm(offer),
    "reveal": lambda world, offer: world.reveal(offer),
    "accept": accept,
    "refund": refund,
    "rate": rate,
}


def confirmed(world: World) -> Offer:
    offer = world.funded()
    world.confirm(offer)
    return offer


def refunded(world: World) -> Offer:
    offer = world.funded()
    refund(world, offer)
    return offer


STATES: dict[str, tuple[Callable[[World], Offer], dict[str, int]]] = {
    "unknown": (lambda world: world.offer(), {}),
    "funded": (
        lambda world: world.funded(),
        {"confirm": PAID_RATED, "reveal": REVEALED, "refund": REFUNDED},
    ),
    "revealed": (lambda world: world.revealed(), {"confirm": PAID_RATED}),
    "paid": (paid, {"rate": PAID_RATED}),
    "confirmed": (confirmed, {}),
    "refunded": (refunded, {}),
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("call", CALLS)
def test_transitions(world: World, state: str, call: str) -> None:
    begin, allowed = STATES[state]
    offer = begin(world)
    before = world.word(offer)
    if call in allowed:
        CALLS[call](world, offer)
        assert world.state(offer) == allowed[call]
    else:
        with boa.reverts():
            CALLS[call](world, offer)
        assert world.word(offer) == before


def test_an_altered_offer_is_another_order(world: World) -> None:
    offer = world.funded()
    for changes in ({"price": 2_000_000}, {"owner": world.stranger.address}, {"bond": 1}):
        altered = offer | changes
        with boa.reverts("no such order"):
            world.confirm(altered)
        with boa.reverts("no such order"):
            world.exchange.refund(fields(altered), sender=altered["owner"])
    assert world.state(offer) == FUNDED
