"""What the other side says: the honest message is taken, every other one is refused with a reason
and changes nothing, and a repeat is answered like the first."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from app.domain import events as ev
from app.domain.order import Delivery, Stage
from app.domain.terms import TermsChoice, document
from app.engine.identity import Identity
from chain import agreement
from chain.address import address_text
from chain.agreement import Confirmation, Offer, Receipt
from chain.answers import Block
from chain.wallet import seal_to
from p2p import messages as m
from p2p.errors import PeerError, Unreachable
from tests.app.engine.sides import (
    BUYER,
    DATASET,
    DOMAIN,
    NETWORK,
    NOW,
    OFFER,
    ORDER_ID,
    OWNER,
    PRICE,
    REVIEW,
    SCORES,
    SECRET,
    SENT_ROOT,
    TERMS,
    THIRD,
    THREAD,
    WEEK,
    Pair,
    Side,
    another,
    confirmation,
    counter,
    key,
    message_id,
    receipt,
    request,
    requested,
    signed,
)

MONTH = 31 * 86_400
OTHER_TOKEN = address_text(b"\x77" * 20)
SECOND = message_id("a second thread")
ALTERED_TERMS = document(TermsChoice(), DATASET.hex()) | {"permission": []}


def refused(side: Side, who: Any, message: m.Message, reason: str, thread: str = THREAD) -> None:
    """The message is refused for this reason, and the order is as it was."""
    before = side.events(thread)
    with pytest.raises(PeerError, match=reason):
        side.hears(who, message)
    assert side.events(thread) == before


def stage(side: Side, thread: str = THREAD) -> Stage:
    order = side.order(thread)
    assert order is not None
    return order.stage


# requests


def test_a_request_begins_an_order_once_however_often_it_comes(pair: Pair) -> None:
    pair.owner.hears(BUYER, request())
    pair.owner.hears(BUYER, request())
    assert [type(event) for event in pair.owner.events()] == [ev.RequestMade]
    assert stage(pair.owner) == Stage.REQUESTED


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"dataset": b"x" * 32}, "not mine to sell"),
        ({"token": OTHER_TOKEN}, "currency"),
        ({"price": 0}, "price must be more than zero"),
        ({"window": NETWORK.min_window - 1}, "shorter than the contract takes"),
        ({"window": MONTH}, "longer than 30 days"),
        ({"reveal_within": NETWORK.min_reveal_within - 1}, "shorter than the contract takes"),
        ({"reveal_within": MONTH}, "longer than 30 days"),
        ({"expires": NOW}, "has expired"),
        ({"expires": NOW + 91 * 86_400}, "in more than 90 days"),
        ({"terms": {}}, "terms were not made by"),
        ({"terms": ALTERED_TERMS}, "terms were not made by"),
        ({"terms": document(TermsChoice(), "00" * 32)}, "terms were not made by"),
        ({"mask_commit": b"x" * 32}, "does not fit its commitment"),
        ({"sealed_mask": seal_to(OWNER.seal_public, b"x" * 32)}, "does not fit its commitment"),
        ({"sealed_mask": seal_to(THIRD.seal_public, b"x" * 32)}, "not sealed to this identity"),
        ({"sealed_mask": bytes(80)}, "not sealed to this identity"),
    ],
)
def test_a_request_the_contract_would_not_take_is_refused(
    pair: Pair, changes: dict[str, Any], reason: str
) -> None:
    refused(pair.owner, BUYER, request(**changes), reason)
    assert pair.owner.order() is None
    pair.owner.hears(BUYER, request())  # the honest one is welcome afterwards
    assert stage(pair.owner) == Stage.REQUESTED


def test_a_request_to_oneself_or_under_a_known_thread_is_refused(pair: Pair) -> None:
    refused(pair.owner, OWNER, request(), "cannot buy from itself")
    pair.owner.hears(BUYER, request())
    refused(pair.owner, THIRD, request(), "exists already")
    refused(pair.owner, BUYER, request(number=1), "exists already")


def test_a_request_for_what_another_registered_is_refused(pair: Pair) -> None:
    refused(pair.buyer, OWNER, request(), "not mine to sell")


def test_before_the_record_was_read_nothing_is_judged_or_refused(pair: Pair) -> None:
    head, pair.owner.ledger.head = pair.owner.ledger.head, None
    with pytest.raises(Unreachable, match="record"):
        pair.owner.hears(BUYER, request())
    assert pair.owner.order() is None
    pair.owner.ledger.head = head
    pair.owner.hears(BUYER, request())
    assert stage(pair.owner) == Stage.REQUESTED


# counters and declines


def test_a_counter_changes_the_proposal_once(pair: Pair) -> None:
    pair.asked()
    pair.buyer.hears(OWNER, counter())
    pair.buyer.hears(OWNER, counter())
    order = pair.buyer.order()
    assert order is not None
    assert (order.stage, order.proposal.price_units) == (Stage.COUNTERED, PRICE + 1)
    assert len(pair.buyer.events()) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"price": 0}, "price must be more than zero"),
        ({"window": NETWORK.min_window - 1}, "shorter than the contract takes"),
        ({"window": MONTH}, "longer than 30 days"),
        ({"reveal_within": NETWORK.min_reveal_within - 1}, "shorter than the contract takes"),
        ({"reveal_within": MONTH}, "longer than 30 days"),
        ({"expires": NOW}, "has expired"),
        ({"expires": NOW + 91 * 86_400}, "in more than 90 days"),
        ({"terms": ALTERED_TERMS}, "terms were not made by"),
        ({"thread": message_id("unknown")}, "no such order between us"),
    ],
)
def test_a_counter_the_contract_would_not_take_is_refused(
    pair: Pair, changes: dict[str, Any], reason: str
) -> None:
    pair.asked()
    refused(pair.buyer, OWNER, counter(**changes), reason)
    refused(pair.owner, BUYER, counter(**changes), reason)


def test_a_counter_after_a_signed_offer_is_refused(pair: Pair) -> None:
    pair.offered()
    refused(pair.buyer, OWNER, counter(), "does not fit an order")
    assert stage(pair.buyer) == Stage.OFFERED


def new_offer() -> m.SignedOffer:
    """What the owner signs after the first offer lapsed."""
    nonce = b"n" * 32
    secret = agreement.key_commit(OWNER.owner_secret(nonce))
    later = another(expires=NOW + 2 * WEEK, nonce=nonce, key_commit=secret)
    return signed(later, name="second offer")


LATER = counter(price=OFFER.price, expires=NOW + 2 * WEEK)


@pytest.mark.parametrize("messages", [(LATER,), (LATER, new_offer())], ids=["counter", "offer"])
def test_what_follows_a_lapsed_offer_waits_until_it_has_lapsed_here_too(
    pair: Pair, messages: tuple[m.Message, ...]
) -> None:
    """The other side saw the end of the offer first."""
    pair.offered()
    pair.buyer.ledger.head = Block(200, b"h" * 32, NOW + WEEK + 1)
    for message in messages:
        with pytest.raises(Unreachable, match="not lapsed here yet"):
            pair.buyer.hears(OWNER, message)
    assert stage(pair.buyer) == Stage.OFFERED
    pair.buyer.journal.record(THREAD, ev.OfferLapsed(NOW + WEEK + 1))
    for message in messages:
        pair.buyer.hears(OWNER, message)
    assert stage(pair.buyer) == (Stage.COUNTERED if len(messages) == 1 else Stage.OFFERED)
    assert len(pair.buyer.events()) == 3 + len(messages)


def test_a_decline_ends_it_once_and_cannot_undo_a_payment(pair: Pair) -> None:
    decline = m.Decline(id=message_id("decline"), thread=THREAD, note="Too dear.")
    pair.funded()
    refused(pair.owner, BUYER, decline, "does not fit an order")
    refused(pair.buyer, OWNER, decline, "does not fit an order")
    assert stage(pair.buyer) == stage(pair.owner) == Stage.FUNDED


def test_a_decline_is_answered_again_like_the_first(pair: Pair) -> None:
    decline = m.Decline(id=message_id("decline"), thread=THREAD, note="Too dear.")
    pair.asked()
    for _ in range(2):
        pair.owner.hears(BUYER, decline)
    assert stage(pair.owner) == Stage.DECLINED
    assert len(pair.owner.events()) == 2


# offers


def test_a_signed_offer_is_taken_once(pair: Pair) -> None:
    pair.asked()
    pair.buyer.hears(OWNER, signed())
    pair.buyer.hears(OWNER, signed())
    pair.buyer.hears(OWNER, signed(name="sent again under another id"))
    order = pair.buyer.order()
    assert order is not None
    assert (order.stage, order.order_id) == (Stage.OFFERED, ORDER_ID)
    assert [type(event) for event in pair.buyer.events()] == [ev.RequestMade, ev.OfferSigned]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"owner": THIRD.address}, "signed by the owner"),
        ({"buyer": THIRD.address}, "for this buyer"),
        ({"dataset": b"x" * 32}, "about this dataset"),
        ({"records": OFFER.records + 1}, "about this dataset"),
        ({"token": OTHER_TOKEN}, "in the agreed currency"),
        ({"mask_commit": b"x" * 32}, "with the buyer's commitment"),
        ({"terms": b"x" * 32}, "not ones that were negotiated"),
        ({"expires": NOW}, "has expired"),
        ({"expires": NOW + 91 * 86_400}, "90 days"),
        ({"reveal_within": NETWORK.min_reveal_within - 1}, "shorter than the contract takes"),
        ({"window": NETWORK.min_window - 1}, "shorter than the contract takes"),
        ({"price": PRICE + 1}, "not one of the proposals"),
        ({"window": OFFER.window + 1}, "not one of the proposals"),
        ({"reveal_within": OFFER.reveal_within + 1}, "not one of the proposals"),
        ({"expires": OFFER.expires - 1}, "not one of the proposals"),
    ],
)
def test_an_offer_for_something_else_is_refused_though_the_owner_signed_it(
    pair: Pair, changes: dict[str, Any], reason: str
) -> None:
    pair.asked()
    refused(pair.buyer, OWNER, signed(another(**changes)), reason)
    pair.buyer.hears(OWNER, signed())
    assert stage(pair.buyer) == Stage.OFFERED


def test_the_bond_is_the_owners_to_choose_and_an_earlier_proposal_can_be_signed(
    pair: Pair,
) -> None:
    pair.asked()
    pair.buyer.hears(OWNER, counter(price=PRICE * 3))
    pair.buyer.hears(OWNER, signed(another(bond=7)))
    order = pair.buyer.order()
    assert order is not None
    assert (order.stage, order.proposal.bond_units) == (Stage.OFFERED, 7)
    assert order.proposal.price_units == PRICE


def altered(name: str) -> Offer:
    """The offer with one member changed after it was signed."""
    value = getattr(OFFER, name)
    if name in ("owner", "buyer", "token"):
        return another(**{name: THIRD.address})
    return another(**{name: value + 1 if isinstance(value, int) else b"\x55" * len(value)})


@pytest.mark.parametrize("name", [item.name for item in fields(Offer)])
def test_an_offer_altered_in_any_field_after_signing_is_refused(pair: Pair, name: str) -> None:
    pair.asked()
    forged = replace(signed(), offer=altered(name).to_json())
    refused(pair.buyer, OWNER, forged, "not signed by the owner|does not hold")


def test_an_offer_signed_by_another_is_refused(pair: Pair) -> None:
    pair.asked()
    refused(pair.buyer, OWNER, signed(by=THIRD), "signed by the owner")
    refused(pair.buyer, OWNER, signed(by=BUYER), "signed by the owner")


def test_an_offer_signed_for_another_chain_or_contract_is_refused(pair: Pair) -> None:
    pair.asked()
    for network in (
        replace(NETWORK, chain_id=1),
        replace(NETWORK, exchange=address_text(b"\x0c" * 20)),
    ):
        foreign = Identity(OWNER, network).sign(OFFER)
        refused(pair.buyer, OWNER, replace(signed(), signature=foreign), "signed by the owner")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: bytes(65),
        lambda s: s[:64] + b"\x00",
        lambda s: s[:32] + (2**256 - 1).to_bytes(32, "big") + s[64:],
        lambda s: s[32:64] + s[:32] + s[64:],
    ],
)
def test_a_malformed_signature_is_refused(pair: Pair, spoil: Any) -> None:
    pair.asked()
    honest = signed()
    bad = replace(honest, signature=spoil(honest.signature))
    refused(pair.buyer, OWNER, bad, "does not hold|signed by the owner")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: {},
        lambda document: document | {"extra": 1},
        lambda document: {k: v for k, v in document.items() if k != "price"},
        lambda document: document | {"price": 5_000_000},
        lambda document: document | {"price": "-5"},
        lambda document: document | {"price": str(2**256)},
        lambda document: document | {"records": "40"},
        lambda document: document | {"window": 0},
        lambda document: document | {"reveal_within": 31 * 86_400},
    ],
)
def test_what_is_no_offer_at_all_is_refused(pair: Pair, spoil: Any) -> None:
    pair.asked()
    honest = signed()
    refused(pair.buyer, OWNER, replace(honest, offer=spoil(honest.offer)), "does not hold")


def test_an_offer_replayed_in_another_negotiation_is_refused(pair: Pair) -> None:
    pair.offered()
    requested(pair.buyer, SECOND, number=1)
    replayed = signed(thread=SECOND)
    refused(pair.buyer, OWNER, replayed, "with the buyer's commitment", SECOND)
    assert stage(pair.buyer, SECOND) == Stage.REQUESTED


def test_a_key_commitment_is_good_for_one_offer(pair: Pair) -> None:
    pair.offered()
    requested(pair.buyer, SECOND, number=1)
    mask = agreement.mask_commit(BUYER.buyer_secret(OWNER.address, 1))
    again = another(mask_commit=mask, nonce=b"x" * 32)
    refused(pair.buyer, OWNER, signed(again, thread=SECOND), "same key commitment", SECOND)
    fresh = replace(again, key_commit=agreement.key_commit(b"f" * 32))
    pair.buyer.hears(OWNER, signed(fresh, thread=SECOND))
    assert stage(pair.buyer, SECOND) == Stage.OFFERED


def test_of_two_offers_for_one_request_the_first_stands(pair: Pair) -> None:
    pair.offered()
    second = another(bond=1, nonce=b"x" * 32, key_commit=b"y" * 32)
    refused(pair.buyer, OWNER, signed(second, name="second"), "does not fit an order")
    order = pair.buyer.order()
    assert order is not None
    assert (order.order_id, order.proposal.price_units) == (ORDER_ID, PRICE)


def test_an_offer_the_buyer_would_sign_itself_is_refused(pair: Pair) -> None:
    pair.asked()
    refused(pair.owner, BUYER, signed(), "Only the owner signs")


# receipts


def test_a_receipt_is_taken_once(pair: Pair) -> None:
    pair.receipted()
    pair.owner.hears(BUYER, receipt())
    pair.owner.hears(BUYER, receipt(name="sent again under another id"))
    order = pair.owner.order()
    assert order is not None
    assert (order.delivery, order.delivery_root) == (Delivery.RECEIPTED, SENT_ROOT)
    assert sum(isinstance(event, ev.ReceiptSigned) for event in pair.owner.events()) == 1


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (receipt(order=b"x" * 32), "not for an order of yours"),
        (receipt(root=b"x" * 32), "not signed by the buyer"),
        (
            receipt(
                root=b"x" * 32,
                signature=agreement.sign(DOMAIN, Receipt(ORDER_ID, b"x" * 32), BUYER.account_key),
            ),
            "other data than was sent",
        ),
        (receipt(by=THIRD), "not signed by the buyer"),
        (receipt(by=OWNER), "not signed by the buyer"),
        (receipt(signature=bytes(65)), "does not hold"),
        (receipt(thread=message_id("unknown")), "no such order between us"),
    ],
)
def test_a_receipt_that_does_not_hold_is_refused(
    pair: Pair, message: m.Message, reason: str
) -> None:
    pair.funded()
    refused(pair.owner, BUYER, message, reason)
    pair.owner.hears(BUYER, receipt())


def test_a_second_other_receipt_is_refused(pair: Pair) -> None:
    pair.receipted()
    twin = replace(receipt(name="second"), signature=b"\x01" * 65)
    refused(pair.owner, BUYER, twin, "a receipt for this order already")


def test_a_receipt_before_everything_was_sent_is_refused(pair: Pair) -> None:
    pair.funded()
    pair.owner.sent_root = None
    refused(pair.owner, BUYER, receipt(), "other data than was sent")
    refused(pair.buyer, OWNER, receipt(), "not for an order of yours")


@pytest.mark.parametrize("message", [receipt(), confirmation()], ids=lambda message: message.TYPE)
def test_what_comes_before_the_payment_is_final_here_waits(pair: Pair, message: m.Message) -> None:
    pair.offered()
    before = pair.owner.events()
    with pytest.raises(Unreachable, match="payment is not final"):
        pair.owner.hears(BUYER, message)
    assert pair.owner.events() == before


# keys


def test_the_key_is_taken_once_and_never_lies_open(pair: Pair) -> None:
    pair.keyed()
    pair.buyer.hears(OWNER, key())
    pair.buyer.hears(OWNER, key(name="sent again under another id"))
    order = pair.buyer.order()
    assert order is not None
    assert pair.buyer.identity.unseal(order.sealed_key) == SECRET
    assert SECRET not in order.sealed_key
    assert sum(isinstance(event, ev.KeyGiven) for event in pair.buyer.events()) == 1


def test_a_key_that_is_public_already_changes_nothing(pair: Pair) -> None:
    pair.receipted()
    pair.buyer.journal.record(THREAD, ev.Revealed(NOW, 95, SENT_ROOT, SECRET, NOW + 86_400))
    before = pair.buyer.events()
    pair.buyer.hears(OWNER, key())
    assert pair.buyer.events() == before
    refused(pair.buyer, THIRD, key(), "no such order between us")


@pytest.mark.parametrize("late", [receipt(), key()], ids=lambda message: message.TYPE)
def test_what_comes_after_the_payment_went_back_changes_nothing(
    pair: Pair, late: m.Message
) -> None:
    """Whoever was away for days sends it once more, and did nothing wrong."""
    pair.funded()
    side, who = (pair.owner, BUYER) if isinstance(late, m.DeliveryReceipt) else (pair.buyer, OWNER)
    side.journal.record(THREAD, ev.Refunded(NOW + 1801, 95))
    before = side.events()
    side.hears(who, late)
    assert side.events() == before
    assert stage(side) == Stage.REFUNDED


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (key(order=b"x" * 32), "not for an order of mine"),
        (key(secret=b"x" * 32), "not the one the offer committed to"),
        (key(thread=message_id("unknown")), "no such order between us"),
    ],
)
def test_another_key_is_refused(pair: Pair, message: m.Message, reason: str) -> None:
    pair.receipted()
    refused(pair.buyer, OWNER, message, reason)
    pair.buyer.hears(OWNER, key())


def test_a_key_out_of_turn_is_refused(pair: Pair) -> None:
    pair.funded()
    refused(pair.buyer, OWNER, key(), "does not fit an order")
    refused(pair.owner, BUYER, key(), "not for an order of mine")


# confirmations


def test_a_confirmation_is_taken_once(pair: Pair) -> None:
    pair.keyed()
    for _ in range(2):
        pair.owner.hears(BUYER, confirmation())
    pair.owner.hears(BUYER, confirmation(name="sent again under another id"))
    order = pair.owner.order()
    assert order is not None
    assert (order.scores, order.review) == (SCORES, agreement.review_hash(REVIEW))
    assert sum(isinstance(event, ev.ConfirmationSigned) for event in pair.owner.events()) == 1


def resigned(**changes: Any) -> m.SignedConfirmation:
    """Signed by the buyer with these members changed."""
    value = replace(
        Confirmation(ORDER_ID, SENT_ROOT, SCORES, agreement.review_hash(REVIEW)), **changes
    )
    return confirmation(
        order=value.order_id,
        root=value.delivery_root,
        scores=value.scores,
        signature=agreement.sign(DOMAIN, value, BUYER.account_key),
    )


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (confirmation(order=b"x" * 32), "not for an order of yours"),
        (resigned(order_id=b"x" * 32), "not for an order of yours"),
        (confirmation(root=b"x" * 32), "not the buyer's"),
        (resigned(delivery_root=b"x" * 32), "not for what was delivered"),
        (confirmation(scores=bytes([1] * 6)), "not the buyer's"),
        (confirmation(scores=bytes([0] * 6)), "does not hold"),
        (confirmation(scores=bytes([6] * 6)), "does not hold"),
        (confirmation(review=REVIEW | {"words": "Bad."}), "not the buyer's"),
        (confirmation(by=THIRD), "not the buyer's"),
        (confirmation(by=OWNER), "not the buyer's"),
        (confirmation(signature=bytes(65)), "does not hold"),
        (confirmation(thread=message_id("unknown")), "no such order between us"),
    ],
)
def test_a_confirmation_that_does_not_hold_is_refused(
    pair: Pair, message: m.Message, reason: str
) -> None:
    pair.keyed()
    refused(pair.owner, BUYER, message, reason)
    pair.owner.hears(BUYER, confirmation())


def test_a_confirmation_out_of_turn_is_refused(pair: Pair) -> None:
    pair.funded()
    refused(pair.owner, BUYER, confirmation(), "not for what was delivered")
    refused(pair.buyer, OWNER, confirmation(), "not for an order of yours")


# anybody else


@pytest.mark.parametrize(
    "message",
    [
        counter(),
        signed(),
        m.Decline(id=message_id("decline"), thread=THREAD),
        receipt(),
        key(),
        confirmation(),
        m.Text(id=message_id("text"), thread=THREAD, text="It is me, the other side."),
    ],
    ids=lambda message: message.TYPE,
)
def test_a_stranger_has_no_say_in_an_order(pair: Pair, message: m.Message) -> None:
    pair.keyed()
    for side in (pair.owner, pair.buyer):
        refused(side, THIRD, message, "no such order between us|not part of this conversation")
        assert side.lines(THREAD) == []


def test_words_of_the_other_side_are_kept_once(pair: Pair) -> None:
    pair.asked()
    text = m.Text(id=message_id("text"), thread=THREAD, text="Is 2024 in it?")
    for _ in range(2):
        pair.owner.hears(BUYER, text)
    assert pair.owner.lines(THREAD) == ["Is 2024 in it?"]


def test_a_question_about_a_dataset_belongs_to_those_who_began_it(pair: Pair) -> None:
    def asks(name: str) -> m.Text:
        return m.Text(id=message_id(name), thread=SECOND, dataset=DATASET, text=name)

    pair.owner.hears(BUYER, asks("a question"))
    refused(pair.owner, THIRD, asks("an intrusion"), "not part of this conversation")
    pair.owner.hears(BUYER, asks("another question"))
    assert pair.owner.lines(SECOND) == ["a question", "another question"]


def test_terms_are_those_this_negotiation_knows(pair: Pair) -> None:
    """The fixture's terms are exactly what the templates make: the refusals above mean it."""
    assert document(TermsChoice(), DATASET.hex()) == TERMS
    assert OFFER.expires == NOW + WEEK
