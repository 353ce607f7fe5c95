"""Owners that are contracts (ERC-1271), and the buyers that are (acknowledge)."""

from typing import Any

import boa
import pytest
from eth.exceptions import Revert
from eth_utils import keccak

from tests.chain.contracts.escrow_world import (
    ACKED,
    DAY,
    FUNDED,
    HOUR,
    NATIVE,
    PAID_RATED,
    REFUNDED,
    REVEALED,
    REVIEW,
    ROOT,
    SCORES,
    UNKNOWN,
    Offer,
    World,
    come_to,
    fields,
)
from tests.chain.contracts.signers import Answer, signer

OTHER_ROOT = keccak(b"another delivery")
SIGNATURE = b"three of five signed"


@pytest.fixture
def owner(world: World) -> Any:
    """A contract wallet that holds the title."""
    wallet = signer()
    world.registry.transfer_title(world.dataset, wallet.address, sender=world.owner.address)
    return wallet


def offered(world: World, owner: Any, signature: bytes = SIGNATURE, **changes: Any) -> Offer:
    """An Offer that the wallet has approved with this signature."""
    offer = world.offer(owner=owner.address, **changes)
    owner.approve(world.order_id(offer), signature)
    return offer


# --- a contract as the owner ---


@pytest.mark.parametrize(
    "signature", [b"", b"x", SIGNATURE, bytes(65), b"y" * 66, b"z" * 1024], ids=len
)
def test_a_contract_wallet_signs_an_offer(world: World, owner: Any, signature: bytes) -> None:
    offer = offered(world, owner, signature)
    world.fund(offer, signature)
    assert world.state(offer) == FUNDED


@pytest.mark.parametrize("answer", [each for each in Answer if each not in (0, Answer.LONG, 7)])
def test_any_other_answer_is_no_signature(world: World, owner: Any, answer: Answer) -> None:
    offer = offered(world, owner)
    owner.behave(answer)
    owner.call_back(world.exchange.address, world.exchange.cancel_all.prepare_calldata())
    with boa.reverts("not signed by the owner"):
        world.fund(offer, SIGNATURE, gas=3_000_000)
    assert (world.state(offer), owner.written()) == (UNKNOWN, 0)
    owner.behave(Answer.MAGIC)
    world.fund(offer, SIGNATURE)


@pytest.mark.parametrize("answer", [Answer.LONG, Answer.HUGE])
def test_no_more_than_one_word_of_an_answer_is_read(
    world: World, owner: Any, answer: Answer
) -> None:
    offer = offered(world, owner)
    owner.behave(answer)
    world.fund(offer, SIGNATURE)
    assert world.state(offer) == FUNDED
    assert world.exchange._computation.net_gas_used < 400_000


# Wallets in bytecode: the magic value, whatever is asked, by RETURN and by REVERT.
SAYS_YES = bytes.fromhex("631626ba7e60e01b5f5260205ff3")
REVERTS_WITH_YES = bytes.fromhex("631626ba7e60e01b5f5260205ffd")


def test_the_right_word_as_the_reason_of_a_revert_is_no_signature(world: World, owner: Any) -> None:
    offer = world.offer(owner=owner.address)
    boa.env.set_code(owner.address, REVERTS_WITH_YES)
    with boa.reverts("not signed by the owner"):
        world.fund(offer, SIGNATURE)
    boa.env.set_code(owner.address, SAYS_YES)
    world.fund(offer, SIGNATURE)


def test_a_signature_is_at_most_1024_bytes(world: World, owner: Any) -> None:
    """Whatever the wallet would say to a longer one."""
    boa.env.set_code(owner.address, SAYS_YES)
    offer = world.offer(owner=owner.address, token=NATIVE, price=7)
    right = world.exchange.fund.prepare_calldata(fields(offer), b"z" * 1024)
    longer = right.replace((1024).to_bytes(32, "big"), (1025).to_bytes(32, "big")) + b"z" * 32
    call = {"to_address": world.exchange.address, "sender": world.buyer.address, "value": 7}
    with pytest.raises(Revert):
        boa.env.raw_call(data=longer, **call)
    assert world.state(offer) == UNKNOWN
    boa.env.raw_call(data=right, **call)
    assert world.state(offer) == FUNDED


def test_the_wallet_is_asked_about_this_order_and_this_signature(world: World, owner: Any) -> None:
    offer = offered(world, owner)
    for other, signature in (
        (offer | {"price": offer["price"] + 1}, SIGNATURE),
        (offer | {"nonce": bytes(32)}, SIGNATURE),
        (offer, SIGNATURE + b"\0"),
        (offer, b""),
    ):
        with boa.reverts("not signed by the owner"):
            world.fund(other, signature)
    world.fund(offer, SIGNATURE)


def test_a_key_that_the_wallet_does_not_know_signs_nothing(world: World, owner: Any) -> None:
    offer = world.offer(owner=owner.address)
    with boa.reverts("not signed by the owner"):
        world.fund(offer, world.sign(world.owner, "Offer", offer))


def test_a_person_needs_its_key(world: World) -> None:
    """Without code nobody is asked, and silence is no answer."""
    offer = world.offer()
    for signature in (b"", SIGNATURE, bytes(1024)):
        with boa.reverts("not signed by the owner"):
            world.fund(offer, signature)


def test_an_account_with_code_still_signs_with_its_key(world: World) -> None:
    """As under EIP-7702, where a person's account has code: the key counts, and is tried first."""
    offer = world.offer()
    boa.env.set_code(world.owner.address, bytes.fromhex("5f5ffd"))  # reverts, whatever it is asked
    world.fund(offer)
    assert world.state(offer) == FUNDED


def test_code_that_answers_everybody_is_bound_to_its_own_titles(world: World, owner: Any) -> None:
    """A wallet can say yes to anything in its own name only."""
    offer = offered(world, owner)
    stranger = signer()
    forged = offer | {"owner": stranger.address}
    stranger.approve(world.order_id(forged), SIGNATURE)
    with boa.reverts("owner does not hold the title"):
        world.fund(forged, SIGNATURE)


def test_a_contract_wallet_is_owner_to_the_end(world: World, owner: Any) -> None:
    offer = offered(world, owner, token=NATIVE, price=7)
    world.fund(offer, SIGNATURE)
    data = world.exchange.reveal.prepare_calldata(
        fields(offer), ROOT, world.receipt(offer), world.secret
    )
    owner.execute(world.exchange.address, data, sender=world.stranger.address)
    assert world.state(offer) == REVEALED
    boa.env.time_travel(seconds=DAY + 1)
    world.exchange.accept(fields(offer))
    assert world.free(owner.address, NATIVE) == 7  # it takes no coins: they wait in the ledger


# --- a contract as the buyer ---


def test_the_buyer_acknowledges_once_and_for_good(world: World) -> None:
    offer = world.funded()
    deadline = world.word(offer)[1]
    world.acknowledge(offer)
    assert world.events() == [
        (
            "Acknowledged",
            {
                "address": world.exchange.address,
                "order_id": world.order_id(offer),
                "owner": offer["owner"],
                "buyer": offer["buyer"],
                "delivery_root": ROOT,
            },
        )
    ]
    assert world.word(offer) == (ACKED, deadline, int.from_bytes(ROOT, "big") >> 48)
    for root in (ROOT, OTHER_ROOT):
        with boa.reverts("not waiting for an acknowledgement"):
            world.acknowledge(offer, root)


@pytest.mark.parametrize("parity", [0, 1])
def test_an_acknowledgement_leaves_every_bit_of_the_deadline(world: World, parity: int) -> None:
    come_to(parity)
    offer = world.funded()
    deadline = world.word(offer)[1]
    assert deadline % 2 == parity
    world.acknowledge(offer)
    assert world.word(offer)[1] == deadline


def test_only_the_buyer_acknowledges(world: World) -> None:
    offer = world.funded()
    for account in (world.owner, world.stranger):
        with boa.reverts("only the buyer can acknowledge"):
            world.acknowledge(offer, sender=account.address)
    with boa.reverts("no such order"):
        world.acknowledge(world.offer())


def test_what_was_acknowledged_is_revealed_without_a_receipt(world: World) -> None:
    offer = world.funded()
    with boa.reverts("not acknowledged"):
        world.reveal(offer, receipt=b"")
    world.acknowledge(offer)
    for root in (OTHER_ROOT, bytes(32), bytes([ROOT[0] ^ 1]) + ROOT[1:]):
        with boa.reverts("not acknowledged"):
            world.reveal(offer, root, receipt=b"")
    # The last bit that the slot keeps, and the first that it does not.
    with boa.reverts("not acknowledged"):
        world.reveal(offer, ROOT[:25] + bytes([ROOT[25] ^ 1]) + ROOT[26:], receipt=b"")
    world.reveal(offer, ROOT[:26] + bytes(6), receipt=b"")
    assert world.word(offer) == (
        REVEALED,
        boa.env.timestamp + DAY,
        int.from_bytes(ROOT, "big") >> 48,
    )


def test_a_zero_root_is_not_acknowledged_by_saying_nothing(world: World) -> None:
    offer = world.funded()
    with boa.reverts("not acknowledged"):
        world.reveal(offer, bytes(32), receipt=b"")


def test_a_receipt_counts_whatever_was_acknowledged(world: World) -> None:
    """A buyer cannot stop the reveal by acknowledging something else in front of it."""
    offer = world.funded()
    receipt = world.receipt(offer)
    world.acknowledge(offer, OTHER_ROOT)
    with boa.reverts("not signed by the buyer"):
        world.reveal(offer, OTHER_ROOT, receipt=receipt)
    world.reveal(offer, ROOT, receipt=receipt)
    assert world.word(offer)[2] == int.from_bytes(ROOT, "big") >> 48


def test_after_an_acknowledgement_the_order_goes_every_way(world: World) -> None:
    def acknowledged() -> Offer:
        offer = world.funded()
        world.acknowledge(offer)
        return offer

    confirmed, by_owner, late, in_time = (acknowledged() for _ in range(4))
    world.exchange.confirm(fields(confirmed), ROOT, SCORES, REVIEW, b"", sender=world.buyer.address)
    assert world.word(confirmed) == (PAID_RATED, 0, 0)
    world.exchange.refund(fields(by_owner), sender=world.owner.address)
    assert world.word(by_owner) == (REFUNDED, 0, 0)
    boa.env.time_travel(seconds=HOUR)
    with boa.reverts("too early"):
        world.exchange.refund(fields(late), sender=world.stranger.address)
    world.reveal(in_time, receipt=b"")
    boa.env.time_travel(seconds=1)
    with boa.reverts("too late"):
        world.reveal(late, receipt=b"")
    world.exchange.refund(fields(late), sender=world.stranger.address)
    assert world.word(late) == (REFUNDED, 0, 0)


def test_no_acknowledgement_after_the_reveal_or_the_end(world: World) -> None:
    revealed, ended = world.revealed(), world.funded()
    world.confirm(ended)
    for offer in (revealed, ended):
        with boa.reverts("not waiting for an acknowledgement"):
            world.acknowledge(offer)
