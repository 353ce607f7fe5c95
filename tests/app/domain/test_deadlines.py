"""What time makes due, for whom, and the second from which on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.domain import events as ev
from app.domain.deadlines import (
    due,
    hurry_seconds,
    lapsed,
    margin_seconds,
    may_give_key,
    pause_is_late,
    resume_by,
)
from app.domain.order import Delivery, Order, Stage, open_order
from tests.app.domain.parts import REVEAL_SECONDS, START, THREAD, request

DEADLINE = START + REVEAL_SECONDS
MARGIN = margin_seconds(REVEAL_SECONDS, False)


def order_in(stage: Stage, role: ev.Side, **changes: Any) -> Order:
    order, _ = open_order(THREAD, role, request())
    return replace(order, stage=stage, **({"deadline": DEADLINE} | changes))


def owner(stage: Stage = Stage.FUNDED, **changes: Any) -> Order:
    return order_in(stage, "owner", **changes)


def buyer(stage: Stage = Stage.FUNDED, **changes: Any) -> Order:
    return order_in(stage, "buyer", **changes)


RECEIPTED = {"receipt": b"c" * 65}
KEYED = RECEIPTED | {"sealed_key": b"given"}
WRONG = {"fault_index": 7, "revealed": b"s" * 32}
CONFIRMED = {"confirmation": b"g" * 65, "confirmation_at": START}


def test_the_margin_is_at_least_half_an_hour_but_on_practice_a_quarter() -> None:
    assert margin_seconds(3600, False) == 1800
    assert margin_seconds(40_000, False) == 10_000
    assert margin_seconds(3600, True) == 900


# reveal


def test_the_owner_reveals_at_the_margin_and_not_before() -> None:
    order = owner(**KEYED)
    assert due(order, DEADLINE - MARGIN - 1, False) == ()
    assert due(order, DEADLINE - MARGIN, False) == ("reveal",)


def test_a_key_that_was_given_is_revealed_to_the_last_second_and_no_later() -> None:
    order = owner(**KEYED)
    assert due(order, DEADLINE, False) == ("reveal",)
    assert "reveal" not in due(order, DEADLINE + 1, False)


def test_a_key_that_was_not_given_by_then_is_never_shown_for_the_first_time() -> None:
    order = owner(**RECEIPTED)
    for at in (DEADLINE - MARGIN - 1, DEADLINE - MARGIN, DEADLINE):
        assert due(order, at, False) == ()


def test_without_a_receipt_nothing_is_revealed() -> None:
    assert due(owner(), DEADLINE, False) == ()


def test_within_the_margin_the_key_never_leaves_off_the_record() -> None:
    at = DEADLINE - MARGIN
    for order in (owner(**RECEIPTED), owner(**KEYED)):
        assert may_give_key(order, at - 1, False)
        assert not may_give_key(order, at, False)
    assert may_give_key(owner(Stage.REVEALED, **KEYED), at, False)  # it is public


@pytest.mark.parametrize("stage", [Stage.PAID, Stage.PAID_RATED])
def test_a_key_that_is_paid_for_goes_out_whenever_it_is_asked_for(stage: Stage) -> None:
    assert may_give_key(owner(stage, **KEYED), DEADLINE + 10**6, False)


@pytest.mark.parametrize(
    "stage", [Stage.REFUNDED, Stage.OFFERED, Stage.LAPSED, Stage.DECLINED, Stage.COUNTERED]
)
def test_no_key_where_no_payment_is_held(stage: Stage) -> None:
    assert not may_give_key(owner(stage, **KEYED), START, False)


# complain


def test_a_wrong_record_is_complained_about_from_the_reveal_to_the_last_second() -> None:
    assert due(buyer(**WRONG), START, False) == ()
    revealed = buyer(Stage.REVEALED, **WRONG)
    assert due(revealed, START, False) == ("complain",)
    assert due(revealed, DEADLINE, False) == ("complain",)
    assert due(revealed, DEADLINE + 1, False) == ()


def test_what_is_no_wrong_record_is_never_complained_about() -> None:
    assert due(buyer(Stage.REVEALED), START, False) == ()
    assert due(buyer(Stage.REVEALED, fault_index=-1), START, False) == ()
    assert due(owner(Stage.REVEALED, **WRONG), START, False) == ()
    assert due(buyer(Stage.REVEALED, **WRONG, **CONFIRMED), START, False) == ()


# refund, accept, confirm


def test_the_buyer_has_the_refund_only_after_the_deadline() -> None:
    for order in (buyer(), buyer(fault_index=7)):
        assert due(order, DEADLINE, False) == ()
        assert due(order, DEADLINE + 1, False) == ("refund",)


def test_the_owner_ends_an_order_that_holds_a_bond_and_no_other() -> None:
    assert due(owner(), DEADLINE + 1, False) == ("refund",)
    free = owner()
    free = replace(free, proposal=replace(free.proposal, bond_units=0))
    assert due(free, DEADLINE + 1, False) == ()


def test_who_has_accepted_takes_nothing_back_and_the_owner_gives_nothing_back() -> None:
    for order in (buyer(**CONFIRMED), owner(**CONFIRMED)):
        assert due(order, DEADLINE + 1, False) == ("confirm",)


def test_the_owner_takes_the_payment_after_the_window_and_not_before() -> None:
    order = owner(Stage.REVEALED)
    assert due(order, DEADLINE, False) == ()
    assert due(order, DEADLINE + 1, False) == ("accept",)
    assert due(buyer(Stage.REVEALED), DEADLINE + 1, False) == ()


def test_a_confirmation_that_was_not_recorded_is_carried_by_both() -> None:
    for order in (owner(**CONFIRMED), buyer(**CONFIRMED)):
        assert due(order, START + 29, True) == ()
        assert due(order, START + 30, True) == ("confirm",)
    at = DEADLINE - margin_seconds(REVEAL_SECONDS, True)
    assert due(owner(**CONFIRMED, **KEYED), at, True) == ("confirm", "reveal")


@pytest.mark.parametrize("stage", [s for s in Stage if s not in (Stage.FUNDED, Stage.REVEALED)])
def test_nothing_is_due_in_other_stages(stage: Stage) -> None:
    for role in (owner, buyer):
        assert due(role(stage, **KEYED, **WRONG), START + 10**6, False) == ()


# in a hurry


def test_fees_rise_faster_the_nearer_a_deadline_is_that_must_not_be_missed() -> None:
    order = buyer(Stage.REVEALED, **WRONG)
    waits = [hurry_seconds(order, DEADLINE - left, False) for left in (7200, 2000, 240, 0)]
    assert waits == [360, 100, 12, 12]
    assert hurry_seconds(owner(**KEYED), DEADLINE - 100, False) == 12
    assert hurry_seconds(owner(**KEYED), DEADLINE - 20, True) == 2


def test_nothing_hurries_that_can_wait() -> None:
    for order in (buyer(), owner(), owner(Stage.REVEALED), buyer(Stage.REVEALED)):
        for at in (START, DEADLINE, DEADLINE + 1):
            assert hurry_seconds(order, at, False) is None


def test_an_offer_lapses_when_it_can_no_longer_be_paid() -> None:
    order = buyer(Stage.OFFERED)
    assert not lapsed(order, order.proposal.expires_at)
    assert lapsed(order, order.proposal.expires_at + 1)
    assert not lapsed(buyer(), order.proposal.expires_at + 1)


# pauses


@pytest.mark.parametrize("order", [owner(), buyer()])
def test_a_pause_presses_while_there_is_still_time_for_the_rest_and_the_key(order: Order) -> None:
    by = resume_by(order, False, 600)
    assert by == DEADLINE - MARGIN - 600
    early = REVEAL_SECONDS // 4
    assert not pause_is_late(order, by - early - 1, False, 600)
    assert pause_is_late(order, by - early, False, 600)
    assert pause_is_late(order, DEADLINE + 1, False, 600)


def test_a_long_time_to_reveal_presses_half_a_day_before_and_no_earlier() -> None:
    order = owner(deadline=START + 30 * 86_400)
    order = replace(order, proposal=replace(order.proposal, reveal_within_seconds=30 * 86_400))
    by = resume_by(order, False, 0)
    assert by is not None
    assert not pause_is_late(order, by - 43_201, False, 0)
    assert pause_is_late(order, by - 43_200, False, 0)


@pytest.mark.parametrize(
    "order",
    [
        owner(delivery=Delivery.RECEIPTED),
        buyer(delivery=Delivery.RECEIVED),
        owner(Stage.REVEALED),
        buyer(Stage.OFFERED),
        buyer(deadline=None),
        owner(Stage.REFUNDED),
    ],
)
def test_a_pause_of_nothing_presses_nobody(order: Order) -> None:
    assert resume_by(order, False, 0) is None
    assert not pause_is_late(order, DEADLINE, False, 0)
