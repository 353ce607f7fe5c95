"""Funding: every check of PROTOCOL section 5, each beside a call that passes it."""

import boa
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from tests.chain.contracts.escrow_world import (
    DAY,
    FUNDED,
    HOUR,
    NATIVE,
    UNKNOWN,
    N,
    World,
    build_world,
    chain_restored,
    compiled,
    fields,
    typed_data,
)

MONTH = 30 * DAY


def test_funding_takes_the_price_and_starts_the_clock(world: World) -> None:
    offer = world.offer()
    before = world.dollar.balanceOf(world.buyer.address)
    world.fund(offer)
    deadline = boa.env.timestamp + HOUR
    (name, event), *others = world.events()
    assert world.word(offer) == (FUNDED, deadline, 0)
    assert world.dollar.balanceOf(world.buyer.address) == before - offer["price"]
    assert world.dollar.balanceOf(world.exchange.address) == offer["price"]
    assert (name, others) == ("Funded", [])
    assert bytes(event["order_id"]) == world.order_id(offer)
    assert (event["owner"], event["buyer"]) == (offer["owner"], offer["buyer"])
    assert tuple(event["offer"]) == fields(offer)
    assert event["deadline"] == deadline


def test_native_currency_comes_as_value(world: World) -> None:
    offer = world.funded(token=NATIVE, price=7)
    assert world.state(offer) == FUNDED
    assert boa.env.get_balance(world.exchange.address) == 7


@pytest.mark.parametrize("value", [0, 6, 8])
def test_native_value_must_be_the_price(world: World, value: int) -> None:
    with boa.reverts("value is not the amount"):
        world.fund(world.offer(token=NATIVE, price=7), value=value)


def test_value_with_a_token_is_refused(world: World) -> None:
    with boa.reverts("value with a token"):
        world.fund(world.offer(), value=1)


def test_only_the_buyer_funds(world: World) -> None:
    offer = world.offer(token=NATIVE, price=7)
    boa.env.set_balance(world.stranger.address, 7)
    with boa.reverts("only the buyer can fund"):
        world.fund(offer, sender=world.stranger.address)
    world.fund(offer)


def test_only_the_buyer_funds_with_a_permit(world: World) -> None:
    offer = world.offer()
    signature = world.sign(world.owner, "Offer", offer)
    world.dollar.mint(world.stranger.address, offer["price"])
    permit = world.permit(world.stranger, offer["price"])
    with boa.reverts("only the buyer can fund"):
        world.exchange.fund_with_permit(
            fields(offer), signature, permit, sender=world.stranger.address
        )
    world.fund(offer)


def test_owner_cannot_be_the_buyer(world: World) -> None:
    with boa.reverts("owner is the buyer"):
        world.fund(world.offer(buyer=world.owner.address), sender=world.owner.address)


def test_no_owner(world: World) -> None:
    with boa.reverts("no owner"):
        world.fund(world.offer(owner=NATIVE))


REFUSED = [
    ({"price": 0}, "no price"),
    ({"records": 0}, "records"),
    ({"records": 2**32 + 1}, "records"),
    ({"revealWithin": HOUR - 1}, "reveal period"),
    ({"revealWithin": MONTH + 1}, "reveal period"),
    ({"window": DAY - 1}, "window"),
    ({"window": MONTH + 1}, "window"),
    ({"epoch": 1}, "offer cancelled"),
    ({"dataset": keccak(b"nobody's")}, "owner does not hold the title"),
    ({"bond": 1}, "free bond too small"),
    ({"price": 2**256 - 1, "bond": 1}, "price and bond"),
    ({"price": 1, "bond": 2**256 - 1}, "price and bond"),
    ({"token": "0x" + "77" * 20}, "no token there"),
]
ALLOWED = [
    {"price": 1},
    {"records": 1},
    {"records": 2**32},
    {"revealWithin": HOUR},
    {"revealWithin": MONTH},
    {"window": DAY},
    {"window": MONTH},
]


@pytest.mark.parametrize(("changes", "reason"), REFUSED)
def test_refused_fields(world: World, changes: dict[str, object], reason: str) -> None:
    offer = world.offer(**changes)
    with boa.reverts(reason):
        world.fund(offer)
    assert world.state(offer) == UNKNOWN


@pytest.mark.parametrize("changes", ALLOWED)
def test_allowed_edges(world: World, changes: dict[str, object]) -> None:
    assert world.state(world.funded(**changes)) == FUNDED


def test_an_offer_expires(world: World) -> None:
    assert world.funded(expires=boa.env.timestamp)
    late = world.offer(expires=boa.env.timestamp - 1)
    with boa.reverts("offer expired"):
        world.fund(late)


def test_an_offer_is_funded_once(world: World) -> None:
    offer = world.funded()
    with boa.reverts("already funded"):
        world.fund(offer)
    world.confirm(offer)
    with boa.reverts("already funded"):
        world.fund(offer)


def test_cancel_all_voids_what_is_not_funded(world: World) -> None:
    running, waiting = world.funded(), world.offer()
    world.exchange.cancel_all(sender=world.owner.address)
    assert world.events() == [
        (
            "EpochRaised",
            {"address": world.exchange.address, "owner": world.owner.address, "epoch": 1},
        )
    ]
    with boa.reverts("offer cancelled"):
        world.fund(waiting)
    world.fund(world.offer(epoch=1))
    world.confirm(running)


def test_the_title_must_still_be_held(world: World) -> None:
    offer = world.offer()
    with boa.env.prank(world.owner.address):
        world.registry.transfer_title(world.dataset, world.stranger.address)
    with boa.reverts("owner does not hold the title"):
        world.fund(offer)


# --- the owner's signature ---


def test_every_field_is_signed(world: World) -> None:
    offer = world.offer()
    signature = world.sign(world.owner, "Offer", offer)
    world.deposit(world.owner, world.dollar.address, 10)
    altered = {
        "records": 4,
        "price": 2,
        "bond": 1,
        "keyCommit": bytes(32),
        "maskCommit": bytes(32),
        "terms": bytes(32),
        "expires": offer["expires"] + 1,
        "revealWithin": HOUR + 1,
        "window": DAY + 1,
        "nonce": bytes(32),
        "token": NATIVE,
        "dataset": world.register(world.owner, keccak(b"another")),
    }
    for name, value in altered.items():
        with boa.reverts("not signed by the owner"):
            world.fund(offer | {name: value}, signature)
    world.fund(offer, signature)


def test_signature_of_someone_else(world: World) -> None:
    offer = world.offer()
    with boa.reverts("not signed by the owner"):
        world.fund(offer, world.sign(world.stranger, "Offer", offer))


def test_signature_for_another_contract_or_chain(world: World) -> None:
    offer = world.offer()
    data = typed_data("Lading", "1", world.registry.address, "Offer", offer)
    elsewhere = bytes(world.owner.sign_typed_data(**data).signature)
    data = typed_data("Lading", "1", world.exchange.address, "Offer", offer)
    data["domain_data"]["chainId"] += 1
    other_chain = bytes(world.owner.sign_typed_data(**data).signature)
    for signature in (elsewhere, other_chain):
        with boa.reverts("not signed by the owner"):
            world.fund(offer, signature)


def test_signature_has_one_form(world: World) -> None:
    offer = world.offer()
    good = world.sign(world.owner, "Offer", offer)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    high_s = r + (N - s).to_bytes(32, "big") + bytes([55 - v])
    data = typed_data("Lading", "1", world.exchange.address, "Offer", offer)
    assert world.owner.address == _recovered(data, high_s)  # a signature, but not the one form
    for bad in (
        high_s,
        good[:64] + bytes([v - 27]),
        good[:64] + bytes([55 - v]),
        good[:64],
        b"",
        bytes(65),
        bytes(32) + good[32:],
        good + b"\0",
        b"\0" + good,
    ):
        with boa.reverts("not signed by the owner"):
            world.fund(offer, bad)
    with boa.reverts():
        world.fund(offer, bytes(1025))
    world.fund(offer, good)


def _recovered(data: dict[str, object], signature: bytes) -> str:
    address: str = Account.recover_message(encode_typed_data(**data), signature=signature)
    return address


# --- bonds ---


def test_the_bond_is_locked_in_the_offers_token(world: World) -> None:
    world.deposit(world.owner, NATIVE, 100)
    with boa.reverts("free bond too small"):
        world.fund(world.offer(bond=100))
    world.deposit(world.owner, world.dollar.address, 100)
    offer = world.funded(bond=100)
    assert world.free(world.owner) == 0
    assert world.free(world.owner, NATIVE) == 100
    with boa.reverts("free bond too small"):
        world.fund(world.offer(bond=1))
    world.confirm(offer)
    assert world.free(world.owner) == 100


# --- allowance and permit ---


def test_no_allowance(world: World) -> None:
    offer = world.offer()
    signature = world.sign(world.owner, "Offer", offer)
    with boa.reverts("allowance too small"):
        world.exchange.fund(fields(offer), signature, sender=world.buyer.address)


def test_permit_pays_without_an_allowance_before(world: World) -> None:
    offer = world.offer()
    signature = world.sign(world.owner, "Offer", offer)
    permit = world.permit(world.buyer, offer["price"])
    world.exchange.fund_with_permit(fields(offer), signature, permit, sender=world.buyer.address)
    assert world.state(offer) == FUNDED


def test_a_permit_somebody_sent_before_does_no_harm(world: World) -> None:
    offer = world.offer()
    signature = world.sign(world.owner, "Offer", offer)
    value, deadline, v, r, s = permit = world.permit(world.buyer, offer["price"])
    world.dollar.permit(
        world.buyer.address, world.exchange.address, value, deadline, v, r, s,
        sender=world.stranger.address,
    )  # fmt: skip
    world.exchange.fund_with_permit(fields(offer), signature, permit, sender=world.buyer.address)
    assert world.state(offer) == FUNDED


@pytest.mark.parametrize("changes", [{"value": 999_999}, {"nonce": 1}, {"deadline": 1}])
def test_a_bad_permit_alone_does_not_pay(world: World, changes: dict[str, int]) -> None:
    offer = world.offer()
    signature = world.sign(world.owner, "Offer", offer)
    permit = world.permit(world.buyer, **{"value": offer["price"]} | changes)
    with boa.reverts("allowance too small"):
        world.exchange.fund_with_permit(
            fields(offer), signature, permit, sender=world.buyer.address
        )


def test_a_permit_cannot_pay_in_native_currency(world: World) -> None:
    offer = world.offer(token=NATIVE)
    signature = world.sign(world.owner, "Offer", offer)
    permit = world.permit(world.buyer, offer["price"])
    with boa.reverts("value is not the amount"):
        world.exchange.fund_with_permit(
            fields(offer), signature, permit, sender=world.buyer.address
        )


# --- deployment ---


def test_a_practice_deployment_has_shorter_periods() -> None:
    with chain_restored():
        practice = build_world(5, 10)
        assert (practice.exchange.min_reveal_within(), practice.exchange.min_window()) == (5, 10)
        assert practice.exchange.registry() == practice.registry.address
        assert practice.funded(revealWithin=5, window=10)
        for short in ({"revealWithin": 4}, {"window": 9}):
            with boa.reverts():
                practice.fund(practice.offer(**short))


@pytest.mark.parametrize("periods", [(1, 1), (MONTH, MONTH)])
def test_deployment_allows_the_edges(periods: tuple[int, int]) -> None:
    with chain_restored():
        deployed = build_world(*periods).exchange
        assert (deployed.min_reveal_within(), deployed.min_window()) == periods


@pytest.mark.parametrize(
    ("periods", "reason"),
    [
        ((0, DAY), "least reveal period"),
        ((MONTH + 1, DAY), "least reveal period"),
        ((HOUR, 0), "least window"),
        ((HOUR, MONTH + 1), "least window"),
    ],
)
def test_deployment_refuses_impossible_periods(periods: tuple[int, int], reason: str) -> None:
    with chain_restored(), boa.reverts(reason):
        build_world(*periods)


def test_deployment_needs_a_registry(world: World) -> None:
    with boa.reverts("no registry there"):
        compiled("Exchange").deploy(world.stranger.address, HOUR, DAY)
