"""The table of an order's life: every pair in it, and that no other pair gets through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import codec
from app.domain import effects as fx
from app.domain import events as ev
from app.domain.errors import IllegalTransitionError
from app.domain.events import EVENT_TYPES, Event
from app.domain.order import (
    DELIVERIES,
    TRANSITIONS,
    Delivery,
    Order,
    Stage,
    advance,
    fold,
    open_order,
)
from tests.app.domain.parts import (
    START,
    THREAD,
    funded,
    offer,
    proposal,
    request,
)

SAMPLES: dict[type, Event] = {
    ev.RequestMade: request(),
    ev.CounterMade: ev.CounterMade(START, "owner", proposal(2000)),
    ev.OfferSigned: offer(),
    ev.ManifestChecked: ev.ManifestChecked(START, 1),
    ev.Declined: ev.Declined(START, "buyer", "no"),
    ev.OfferLapsed: ev.OfferLapsed(START),
    ev.Funded: funded(),
    ev.Revealed: ev.Revealed(START, 11, b"r" * 32, b"s" * 32, START + 99),
    ev.Confirmed: ev.Confirmed(START, 12, bytes([5] * 6), b"v" * 32),
    ev.Accepted: ev.Accepted(START, 13),
    ev.Refunded: ev.Refunded(START, 14, False),
    ev.Acknowledged: ev.Acknowledged(START, 11, b"r" * 32),
    ev.Complained: ev.Complained(START, 14, 7, b"m" * 32, b"r" * 32),
    ev.Rated: ev.Rated(START, 15, bytes([4] * 6), b"v" * 32),
    ev.ContentReceived: ev.ContentReceived(START, b"r" * 32),
    ev.ReceiptSigned: ev.ReceiptSigned(START, b"r" * 32, b"c" * 65),
    ev.KeyGiven: ev.KeyGiven(START, b"sealed"),
    ev.ContentChecked: ev.ContentChecked(START, "/received"),
    ev.RecordFailed: ev.RecordFailed(
        START, 7, "wrong", ev.Evidence(b"h" * 32, b"c" * 4096, (b"p" * 32, b"q" * 32))
    ),
    ev.ConfirmationSigned: ev.ConfirmationSigned(
        START, bytes([5] * 6), {"words": "good"}, b"v" * 32, b"g" * 65
    ),
    ev.ProblemReported: ev.ProblemReported(START, "rows are missing"),
}


def order_in(stage: Stage, delivery: Delivery = Delivery.AWAITED, role: ev.Side = "buyer") -> Order:
    order, _ = open_order(THREAD, role, request())
    return replace(order, stage=stage, delivery=delivery)


def test_every_kind_of_event_has_a_sample_and_survives_the_journal() -> None:
    assert set(SAMPLES) == set(EVENT_TYPES.values())
    for event in SAMPLES.values():
        assert codec.decode(type(event), codec.encode(event)) == event


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"at":1,"by":2}', '{"at":"x"}', '{"at":true}', "nonsense"]
)
def test_a_damaged_journal_row_is_no_event(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json's own errors are ValueErrors too
        codec.decode(ev.OfferLapsed, text)


@pytest.mark.parametrize(("stage", "kind"), sorted(TRANSITIONS, key=str))
def test_pairs_in_the_table_move_the_stage(stage: Stage, kind: type) -> None:
    moved, _ = advance(order_in(stage), SAMPLES[kind])
    assert moved.stage == TRANSITIONS[stage, kind]
    assert moved.number == 2


def every_other_pair() -> list[tuple[Stage, Delivery, type]]:
    with_data = (Stage.FUNDED, Stage.REVEALED, Stage.PAID, Stage.PAID_RATED)
    late = (ev.ContentChecked, ev.RecordFailed)
    return [
        (stage, delivery, kind)
        for stage in Stage
        for delivery in Delivery
        for kind in SAMPLES
        if (stage, kind) not in TRANSITIONS
        and not ((delivery, kind) in DELIVERIES and stage in with_data)
        and not ((delivery, kind) in DELIVERIES and stage == Stage.REFUNDED and kind in late)
        and not (kind is ev.ProblemReported and stage in with_data)
    ]


def test_no_other_pair_gets_through() -> None:
    pairs = every_other_pair()
    assert len(pairs) > 800
    for stage, delivery, kind in pairs:
        with pytest.raises(IllegalTransitionError):
            advance(order_in(stage, delivery), SAMPLES[kind])


@pytest.mark.parametrize(("delivery", "kind"), sorted(DELIVERIES, key=str))
def test_pairs_of_the_delivery_table_move_it_once_paid(delivery: Delivery, kind: type) -> None:
    moved, _ = advance(order_in(Stage.FUNDED, delivery), SAMPLES[kind])
    assert moved.delivery == DELIVERIES[delivery, kind]


def test_nothing_is_delivered_before_the_payment_is_held() -> None:
    for stage in (Stage.REQUESTED, Stage.OFFERED, Stage.LAPSED, Stage.DECLINED):
        with pytest.raises(IllegalTransitionError):
            advance(order_in(stage), SAMPLES[ev.ContentReceived])


def test_a_refused_event_can_be_raised_through_anything() -> None:
    refused = IllegalTransitionError("paid", "Funded")
    assert refused.with_traceback(None) is refused
    assert str(refused) == "Funded does not fit an order that is paid"


def test_a_second_receipt_is_refused() -> None:
    order, _ = advance(order_in(Stage.FUNDED), SAMPLES[ev.ReceiptSigned])
    with pytest.raises(IllegalTransitionError):
        advance(order, SAMPLES[ev.ReceiptSigned])


def test_effects_of_the_honest_path() -> None:
    happened = [
        (SAMPLES[ev.OfferSigned], (fx.FetchManifest(1),), (fx.SendMessage("offer", 1),)),
        (SAMPLES[ev.Funded], (fx.FetchContent(2),), ()),
        (SAMPLES[ev.ContentReceived], (fx.SignReceipt(3),), None),
        (SAMPLES[ev.ReceiptSigned], (fx.SendMessage("receipt", 4),), (fx.GiveKey(3),)),
        (SAMPLES[ev.KeyGiven], (fx.CheckContent(5),), (fx.SendMessage("key", 4),)),
    ]
    buyer, effects = open_order(THREAD, "buyer", request())
    owner, none = open_order(THREAD, "owner", request(buyer_nonce=None))
    assert (effects, none) == ((fx.SendMessage("request", 0),), ())
    for event, buyers, owners in happened:
        buyer, effects = advance(buyer, event)
        assert effects == buyers, event
        if owners is not None:
            owner, effects = advance(owner, event)
            assert effects == owners, event
    buyer, effects = advance(buyer, SAMPLES[ev.ContentChecked])
    assert effects == ()
    _, effects = advance(buyer, SAMPLES[ev.ConfirmationSigned])
    assert effects == (fx.SendMessage("confirmation", 7), fx.RecordEntry("confirm", 7))
    _, effects = advance(owner, SAMPLES[ev.ConfirmationSigned])
    assert effects == ()


def test_folding_is_advancing_and_passes_over_what_lost_its_footing() -> None:
    happened = (request(), offer(), funded(), SAMPLES[ev.ContentReceived])
    order, _ = open_order(THREAD, "buyer", request())
    for event in happened[1:]:
        order, _ = advance(order, event)
    assert fold(THREAD, "buyer", happened) == order
    without_payment = (happened[0], happened[1], happened[3])
    assert fold(THREAD, "buyer", without_payment).delivery == Delivery.AWAITED
    with pytest.raises(IllegalTransitionError):
        fold(THREAD, "buyer", happened[1:])


def test_rows_of_an_earlier_version_are_read_and_others_are_not() -> None:
    """What was added with a default may be missing; what was always there may not."""
    assert codec.decode(ev.Refunded, '{"at":1,"block":2}') == ev.Refunded(1, 2, False)
    with pytest.raises(ValueError, match="fields of its kind"):
        codec.decode(ev.Refunded, '{"at":1,"by_owner":true}')
    with pytest.raises(ValueError, match="fields of its kind"):
        codec.decode(ev.Refunded, '{"at":1,"block":2,"by":"owner"}')


ENDINGS: list[tuple[Stage, Event, str]] = [
    (Stage.FUNDED, ev.Confirmed(START, 12, bytes([5] * 6), b"v" * 32), "accepted"),
    (Stage.REVEALED, ev.Confirmed(START, 12, bytes([5] * 6), b"v" * 32), "accepted"),
    (Stage.REVEALED, ev.Accepted(START, 13), "window"),
    (Stage.FUNDED, ev.Refunded(START, 14, True), "returned"),
    (Stage.FUNDED, ev.Refunded(START, 14, False), "unrevealed"),
    (Stage.REVEALED, ev.Complained(START, 14, 7, b"m" * 32, b"r" * 32), "complaint"),
]


@pytest.mark.parametrize("role", ["owner", "buyer"])
@pytest.mark.parametrize(("stage", "event", "ending"), ENDINGS)
def test_how_it_ended_is_known_to_both(
    stage: Stage, event: Event, ending: str, role: ev.Side
) -> None:
    moved, effects = advance(order_in(stage, role=role), event)
    assert (moved.ending, moved.ended_at, effects) == (ending, START, ())
    assert moved.wrong_record == (7 if ending == "complaint" else None)
    again, _ = advance(replace(moved, stage=Stage.OFFERED), funded())  # a reorganisation
    assert (again.ending, again.ended_at) == ("", None)


def test_nothing_but_a_reveal_makes_a_complaint_possible() -> None:
    for stage in Stage:
        if stage != Stage.REVEALED:
            with pytest.raises(IllegalTransitionError):
                advance(order_in(stage), SAMPLES[ev.Complained])


def test_a_wrong_record_stays_one_when_the_key_is_revealed() -> None:
    order, _ = advance(order_in(Stage.FUNDED, Delivery.KEYED), SAMPLES[ev.RecordFailed])
    assert (order.delivery, order.has_wrong_record) == (Delivery.FAULTY, True)
    order, effects = advance(order, SAMPLES[ev.Revealed])
    assert (order.stage, order.delivery, effects) == (Stage.REVEALED, Delivery.FAULTY, ())
    assert not order.has_untrue_statement


def test_an_untrue_statement_is_no_wrong_record() -> None:
    said = ev.RecordFailed(START, -1, "its BLAKE3 differs", folder="/received")
    order, _ = advance(order_in(Stage.FUNDED, Delivery.KEYED), said)
    assert (order.has_wrong_record, order.has_untrue_statement) == (False, True)
    assert (order.folder, order.fault) == ("/received", "its BLAKE3 differs")


def test_a_check_that_ends_after_the_refund_still_has_a_result() -> None:
    refunded = order_in(Stage.REFUNDED, Delivery.KEYED)
    assert advance(refunded, SAMPLES[ev.RecordFailed])[0].delivery == Delivery.FAULTY
    assert advance(refunded, SAMPLES[ev.ContentChecked])[0].delivery == Delivery.CHECKED
    with pytest.raises(IllegalTransitionError):
        advance(order_in(Stage.REFUNDED, Delivery.RECEIPTED), SAMPLES[ev.KeyGiven])
