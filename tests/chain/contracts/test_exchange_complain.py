"""Complaints: the bad record and no other, while the window is open, whoever takes the money."""

import secrets
from collections.abc import Callable

import boa
import pytest

from tests.chain.contracts.deliveries import (
    GARBAGE,
    RECORDS,
    Delivery,
    delivery,
    record_leaf,
    root,
    sealed,
)
from tests.chain.contracts.escrow_world import (
    ACKED,
    DAY,
    FUNDED,
    NATIVE,
    PAID,
    PAID_RATED,
    REFUNDED,
    REVEALED,
    Offer,
    World,
    fields,
)
from tests.chain.contracts.hostile import Mode, hostile_token, receiver

BOND = 500


def test_a_bad_record_gives_price_and_bond_to_the_buyer(world: World) -> None:
    world.deposit(world.owner, world.dollar.address, BOND)
    before = world.dollar.balanceOf(world.buyer.address)
    offer, made = world.delivered(bond=BOND)
    world.complain(world.complaint(offer, made, 1))
    assert world.events() == [
        (
            "Complained",
            {
                "address": world.exchange.address,
                "order_id": world.order_id(offer),
                "owner": offer["owner"],
                "buyer": offer["buyer"],
                "index": 1,
                "mask": world.mask,
                "delivery_root": made.root,
            },
        )
    ]
    assert world.word(offer) == (REFUNDED, 0, 0)
    assert world.dollar.balanceOf(world.buyer.address) == before + BOND
    assert world.dollar.balanceOf(world.exchange.address) == 0
    assert world.free(world.owner) == 0


def test_natively_and_without_a_bond(world: World) -> None:
    before = boa.env.get_balance(world.buyer.address)
    offer, made = world.delivered(token=NATIVE, price=7)
    world.complain(world.complaint(offer, made, 1))
    assert boa.env.get_balance(world.buyer.address) == before
    assert boa.env.get_balance(world.exchange.address) == 0


@pytest.mark.parametrize("who", ["owner", "buyer", "stranger"])
def test_anyone_with_the_proof(world: World, who: str) -> None:
    offer, made = world.delivered()
    world.complain(world.complaint(offer, made, 1), sender=getattr(world, who).address)
    assert world.state(offer) == REFUNDED


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6, 7])
def test_the_last_record_of_trees_of_every_shape(world: World, count: int) -> None:
    offer, made = world.delivered(count, (count - 1,))
    if count > 1:
        with boa.reverts("the record is the registered one"):
            world.complain(world.complaint(offer, made, count - 2))
    world.complain(world.complaint(offer, made, count - 1))
    assert world.state(offer) == REFUNDED


def test_an_honest_delivery_stands(world: World) -> None:
    offer, made = world.delivered(7, ())
    for index in range(7):
        with boa.reverts("the record is the registered one"):
            world.complain(world.complaint(offer, made, index))
    assert world.state(offer) == REVEALED


@pytest.mark.parametrize("place", [0, 31, 32, 63, 64, 127, 128, 4095])
def test_one_wrong_bit_is_enough(world: World, place: int) -> None:
    spoilt = bytearray(RECORDS[0])
    spoilt[place] ^= 1 << place % 8
    offer = world.funded(records=1)
    made = delivery(world.delivery_key(offer), RECORDS[:1], {0: bytes(spoilt)})
    world.reveal(offer, made.root)
    assert made.path(0) == []
    world.complain(world.complaint(offer, made, 0))
    assert world.state(offer) == REFUNDED


# --- where a record stands among many ---


@pytest.mark.parametrize("index", [255, 256, 257, 2**31, 2**32 - 1])
def test_the_key_stream_of_every_chunk(world: World, index: int) -> None:
    """Nonce and counter follow from the index; 2^32 records, of which one is real."""
    record = secrets.token_bytes(4096)
    for sent, reason in ((record, "the record is the registered one"), (GARBAGE, None)):
        offer = world.funded(records=2**32)
        ciphertext = sealed(world.delivery_key(offer), index, sent)
        complaint = world.synthetic_complaint(offer, index, record_leaf(record), ciphertext)
        assert len(complaint["path"]) == 32
        world.reveal(offer, complaint["delivery_root"])
        if reason is None:
            world.complain(complaint)
        else:
            with boa.reverts(reason):
                world.complain(complaint)


@pytest.mark.parametrize("count", [2**20 + 1, 2**31 + 3, 2**32 - 1])
def test_the_last_record_of_large_odd_trees(world: World, count: int) -> None:
    offer = world.funded(records=count)
    index = count - 1
    ciphertext = sealed(world.delivery_key(offer), index, GARBAGE)
    complaint = world.synthetic_complaint(offer, index, record_leaf(RECORDS[0]), ciphertext)
    world.reveal(offer, complaint["delivery_root"])
    with boa.reverts():
        world.complain(complaint | {"index": count})
    with boa.reverts():
        world.complain(complaint | {"path": complaint["path"][:-1]})
    world.complain(complaint)
    assert world.state(offer) == REFUNDED


def test_an_inner_node_is_no_entry(world: World) -> None:
    """A path that stops one level above a leaf proves nothing (RFC 9162's prefixes)."""
    offer, made = world.delivered(4, (1,))
    pair = root(made.entries[:2])
    complaint = world.complaint(offer, made, 1)
    with boa.reverts("path too short"):
        world.complain(complaint | {"leaf": pair, "index": 0, "path": made.path(0)[1:]})


# --- when, and from which state ---


def test_at_the_deadline_but_not_after(world: World) -> None:
    (in_time, made), (late, made_late) = world.delivered(), world.delivered()
    first, second = world.complaint(in_time, made, 1), world.complaint(late, made_late, 1)
    boa.env.time_travel(seconds=DAY)
    with boa.reverts("window still open"):
        world.exchange.accept(fields(late))
    world.complain(first)
    boa.env.time_travel(seconds=1)
    with boa.reverts("too late"):
        world.complain(second)
    world.exchange.accept(fields(late))
    assert (world.state(in_time), world.state(late)) == (REFUNDED, PAID)


def funded_only(world: World) -> tuple[Offer, Delivery]:
    offer = world.funded()
    made = delivery(world.delivery_key(offer), RECORDS[:3], {1: GARBAGE})
    return offer, made


def acknowledged(world: World) -> tuple[Offer, Delivery]:
    offer, made = funded_only(world)
    world.acknowledge(offer, made.root)
    return offer, made


def confirmed(world: World) -> tuple[Offer, Delivery]:
    offer, made = world.delivered()
    world.confirm(offer)
    return offer, made


def complained(world: World) -> tuple[Offer, Delivery]:
    offer, made = world.delivered()
    world.complain(world.complaint(offer, made, 1))
    return offer, made


@pytest.mark.parametrize(
    ("begin", "state"),
    [
        (funded_only, FUNDED),
        (acknowledged, ACKED),
        (confirmed, PAID_RATED),
        (complained, REFUNDED),
    ],
)
def test_only_while_revealed(
    world: World, begin: Callable[[World], tuple[Offer, Delivery]], state: int
) -> None:
    offer, made = begin(world)
    with boa.reverts("not revealed"):
        world.complain(world.complaint(offer, made, 1))
    assert world.state(offer) == state


def test_after_a_complaint_nothing_follows(world: World) -> None:
    offer, _ = complained(world)
    boa.env.time_travel(seconds=2 * DAY)
    for call in (
        lambda: world.confirm(offer),
        lambda: world.reveal(offer),
        lambda: world.exchange.accept(fields(offer)),
        lambda: world.exchange.refund(fields(offer), sender=world.owner.address),
        lambda: world.acknowledge(offer),
        lambda: world.fund(offer),
    ):
        with boa.reverts():
            call()


def test_revealed_as_acknowledged_and_complained_about(world: World) -> None:
    offer, made = acknowledged(world)
    world.reveal(offer, made.root, receipt=b"")
    world.complain(world.complaint(offer, made, 1))
    assert world.state(offer) == REFUNDED


# --- who does not take the money ---


@pytest.mark.parametrize("mode", [Mode.REVERTING, Mode.FALSE, Mode.HUGE, Mode.BURNING])
def test_what_the_token_does_not_pay_is_credited(world: World, mode: Mode) -> None:
    token = hostile_token()
    for account in (world.owner, world.buyer):
        token.mint(account.address, 10**6)
    world.exchange.deposit(token.address, BOND, sender=world.owner.address)
    offer, made = world.delivered(token=token.address, price=1000, bond=BOND)
    token.behave(Mode.HONEST, mode)
    world.complain(world.complaint(offer, made, 1), gas=2_000_000)
    (name, event) = world.events()[-1]
    assert (name, event["account"], event["amount"]) == (
        "Credited",
        world.buyer.address,
        1000 + BOND,
    )
    assert world.state(offer) == REFUNDED
    assert world.free(world.buyer, token.address) == 1000 + BOND
    assert world.free(world.owner, token.address) == 0
    with boa.reverts("not revealed"):
        world.complain(world.complaint(offer, made, 1))


def test_a_buyer_that_refuses_coins_finds_them_in_the_ledger(world: World) -> None:
    buyer = receiver()
    boa.env.set_balance(world.buyer.address, 10**21)
    offer = world.offer(buyer=buyer.address, token=NATIVE, price=7)
    signature = world.sign(world.owner, "Offer", offer)
    boa.env.set_balance(buyer.address, 7)
    made = delivery(world.delivery_key(offer), RECORDS[:3], {1: GARBAGE})
    for name, arguments, amount in (
        ("fund", (fields(offer), signature), 7),
        ("acknowledge", (fields(offer), made.root), 0),
    ):
        data = getattr(world.exchange, name).prepare_calldata(*arguments)
        buyer.execute(world.exchange.address, data, amount)
    world.reveal(offer, made.root, receipt=b"")
    buyer.behave(1, NATIVE, b"")
    world.complain(world.complaint(offer, made, 1))
    assert world.free(buyer.address, NATIVE) == 7


def test_too_little_gas_never_turns_a_payment_into_a_credit(world: World) -> None:
    """Above all for a complaint, most of whose gas is used when the payment comes."""
    token = hostile_token()
    token.mint(world.buyer.address, 10**6)
    offer, made = world.delivered(token=token.address, price=1000)
    token.behave(Mode.HONEST, Mode.SLOW)
    complaint, outcomes = world.complaint(offer, made, 1), []
    for gas in range(500_000, 950_000, 50_000):
        with boa.env.anchor():
            try:
                world.complain(complaint, gas=gas)
                assert [name for name, _ in world.events()] == ["Complained"]
                outcomes.append(True)
            except boa.BoaError:
                outcomes.append(False)
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {False, True}
    token.behave(Mode.HONEST, Mode.BURNING)
    world.complain(complaint, gas=840_000)  # 950,000 with what the transaction itself takes
    assert world.free(world.buyer, token.address) == 1000


def test_a_token_cannot_call_back(world: World) -> None:
    token = hostile_token()
    for account in (world.buyer.address, token.address):
        token.mint(account, 10**6)
    world.exchange.deposit(token.address, 100, sender=token.address)
    offer, made = world.delivered(token=token.address, price=1000)
    out = world.exchange.withdraw.prepare_calldata(token.address, 100, token.address)
    token.reenter(world.exchange.address, out)
    world.complain(world.complaint(offer, made, 1))
    assert not token.reentered()
    assert world.free(token.address, token.address) == 100
    assert token.balanceOf(world.buyer.address) == 10**6
