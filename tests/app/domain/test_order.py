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
    due,
    fold,
    lapsed,
    margin_seconds,
    may_give_key,
    may_send_key,
    open_order,
)
from tests.app.domain.parts import (
    REVEAL_SECONDS,
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
    ev.Refunded: ev.Refunded(START, 14),
    ev.Rated: ev.Rated(START, 15, bytes([4] * 6), b"v" * 32),
    ev.ContentReceived: ev.ContentReceived(START, b"r" * 32),
    ev.ReceiptSigned: ev.ReceiptSigned(START, b"r" * 32, b"c" * 65),
    ev.KeyGiven: ev.KeyGiven(START, b"sealed"),
    ev.ContentChecked: ev.ContentChecked(START, "/received"),
    ev.RecordFailed: ev.RecordFailed(START, 7, "wrong"),
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
    return [
        (stage, delivery, kind)
        for stage in Stage
        for delivery in Delivery
        for kind in SAMPLES
        if (stage, kind) not in TRANSITIONS
        and not ((delivery, kind) in DELIVERIES and stage in with_data)
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


class TestDue:
    def owner(self, **changes: object) -> Order:
        order = replace(order_in(Stage.FUNDED, role="owner"), deadline=START + REVEAL_SECONDS)
        return replace(order, **changes)  # type: ignore[arg-type]

    def test_the_owner_reveals_at_the_margin_and_not_before(self) -> None:
        order = self.owner(receipt=b"c" * 65)
        at = START + REVEAL_SECONDS - margin_seconds(REVEAL_SECONDS, False)
        assert due(order, at - 1, False) == ()
        assert due(order, at, False) == ("reveal",)
        assert due(order, START + REVEAL_SECONDS, False) == ("reveal",)
        assert "reveal" not in due(order, START + REVEAL_SECONDS + 1, False)

    def test_without_a_receipt_nothing_is_revealed(self) -> None:
        assert due(self.owner(), START + REVEAL_SECONDS, False) == ()

    def test_after_the_margin_the_key_is_never_first_given_away(self) -> None:
        order = self.owner(receipt=b"c" * 65)
        at = START + REVEAL_SECONDS - margin_seconds(REVEAL_SECONDS, False)
        assert may_give_key(order, at - 1, False)
        assert not may_give_key(order, at, False)
        assert not may_give_key(replace(order, stage=Stage.REVEALED), START, False)

    def test_a_key_given_in_the_journal_only_goes_out_in_time_or_once_it_is_paid_or_public(
        self,
    ) -> None:
        order = self.owner(receipt=b"c" * 65, sealed_key=b"given in the journal")
        at = START + REVEAL_SECONDS - margin_seconds(REVEAL_SECONDS, False)
        assert may_send_key(order, at - 1, False)
        assert not may_send_key(order, at, False)
        for stage in (Stage.REVEALED, Stage.PAID, Stage.PAID_RATED):
            assert may_send_key(replace(order, stage=stage), at + 10**6, False)
        for stage in (Stage.REFUNDED, Stage.OFFERED, Stage.LAPSED, Stage.DECLINED):
            assert not may_send_key(replace(order, stage=stage), START, False)

    def test_the_margin_is_at_least_half_an_hour_but_on_practice_a_quarter(self) -> None:
        assert margin_seconds(3600, False) == 1800
        assert margin_seconds(40_000, False) == 10_000
        assert margin_seconds(3600, True) == 900

    def test_refund_only_after_the_deadline(self) -> None:
        buyer = replace(order_in(Stage.FUNDED), deadline=START + REVEAL_SECONDS)
        assert due(buyer, START + REVEAL_SECONDS, False) == ()
        assert due(buyer, START + REVEAL_SECONDS + 1, False) == ("refund",)

    def test_the_owner_takes_the_payment_after_the_window_and_not_before(self) -> None:
        order = self.owner(stage=Stage.REVEALED)
        assert due(order, START + REVEAL_SECONDS, False) == ()
        assert due(order, START + REVEAL_SECONDS + 1, False) == ("accept",)
        assert due(replace(order, role="buyer"), START + REVEAL_SECONDS + 1, False) == ()

    def test_the_owner_carries_a_confirmation_that_the_buyer_did_not_record(self) -> None:
        order = self.owner(confirmation=b"g" * 65, confirmation_at=START, receipt=b"c" * 65)
        assert due(order, START + 29, True) == ()
        assert due(order, START + 30, True) == ("confirm",)
        at = START + REVEAL_SECONDS - margin_seconds(REVEAL_SECONDS, True)
        assert due(order, at, True) == ("confirm", "reveal")

    @pytest.mark.parametrize("stage", [s for s in Stage if s not in ("funded", "revealed")])
    def test_nothing_is_due_in_other_stages(self, stage: Stage) -> None:
        order = replace(order_in(stage), deadline=START, receipt=b"c" * 65)
        assert due(order, START + 10**6, False) == ()

    def test_an_offer_lapses_when_it_can_no_longer_be_paid(self) -> None:
        order = order_in(Stage.OFFERED)
        assert not lapsed(order, order.proposal.expires_at)
        assert lapsed(order, order.proposal.expires_at + 1)
        assert not lapsed(replace(order, stage=Stage.FUNDED), order.proposal.expires_at + 1)
