"""A licence for one buyer alone: said in the terms, kept by the owner's app, part of the price."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from app.domain import exclusive
from app.domain.errors import RuleError
from app.domain.order import Order, Stage, fold
from app.domain.pricing import Factors, steps, times
from app.domain.terms import TermsChoice, choice_of, document
from tests.app.domain import parts

ALONE = TermsChoice(exclusive=True, months=2)
PLAIN = TermsChoice(months=2)
NOW = parts.START


def order(thread: str, choice: TermsChoice, stage: Stage, ended_at: int | None = None) -> Order:
    begun = fold(thread, "owner", (parts.request(buyer_nonce=None),))
    terms = document(choice, parts.DATASET.hex())
    said = replace(begun.proposal, terms=terms)
    return replace(begun, proposal=said, stage=stage, ended_at=ended_at)


NEW, NEW_ALONE = (order("new", choice, Stage.REQUESTED) for choice in (PLAIN, ALONE))


def refused(made: Order, *others: Order, now: int = NOW) -> str:
    try:
        exclusive.check(made, [made, *others], now)
    except RuleError as error:
        return error.code
    return ""


def test_the_terms_say_it_and_older_ones_are_the_same_bytes() -> None:
    said = document(ALONE, "aa" * 32)
    assert choice_of(said, "aa" * 32) == ALONE
    assert said["obligation"] == [{"action": "lading:licenseToNobodyElse"}]
    plain = document(PLAIN, "aa" * 32)
    assert choice_of(plain, "aa" * 32) == PLAIN
    assert "obligation" not in plain
    assert "exclusive" not in plain["lading:choices"]
    for choices in ({"exclusive": False}, {"exclusive": True}, {"exclusive": 1}):
        with pytest.raises(RuleError):
            choice_of(plain | {"lading:choices": plain["lading:choices"] | choices}, "aa" * 32)
    with pytest.raises(RuleError):
        choice_of({name: said[name] for name in said if name != "obligation"}, "aa" * 32)


@pytest.mark.parametrize("stage", [Stage.FUNDED, Stage.REVEALED, Stage.PAID, Stage.PAID_RATED])
def test_who_sold_to_one_alone_signs_no_other(stage: Stage) -> None:
    sold = order("sold", ALONE, stage)
    assert refused(NEW, sold) == "sign.alone"
    assert refused(NEW_ALONE, sold) == "sign.alone"
    elsewhere = replace(sold, dataset=b"o" * 32)
    bought = replace(sold, role="buyer")
    assert refused(NEW, elsewhere, bought) == ""


def test_what_others_have_cannot_be_for_one_alone() -> None:
    assert refused(NEW_ALONE, order("sold", PLAIN, Stage.PAID)) == "sign.not_alone"
    assert refused(NEW, order("sold", PLAIN, Stage.PAID)) == ""
    assert refused(NEW_ALONE) == ""


@pytest.mark.parametrize(
    "stage", [Stage.REQUESTED, Stage.COUNTERED, Stage.LAPSED, Stage.DECLINED, Stage.REFUNDED]
)
def test_what_came_to_nothing_binds_nobody(stage: Stage) -> None:
    assert refused(NEW, order("other", ALONE, stage)) == ""


def test_a_signed_offer_binds_until_it_expires() -> None:
    offered = order("other", ALONE, Stage.OFFERED)
    expires = offered.proposal.expires_at
    assert refused(NEW, offered, now=expires - 1) == "sign.alone"
    assert refused(NEW, offered, now=expires) == ""
    declined = replace(offered, stage=Stage.DECLINED, offer={"price": "1000"})
    assert refused(NEW, declined, now=expires - 1) == "sign.alone", "it can still be paid"
    assert refused(NEW, declined, now=expires) == ""


def test_it_ends_with_the_licence() -> None:
    sold = order("sold", ALONE, Stage.PAID, ended_at=NOW)
    over = NOW + 2 * exclusive.MONTH_SECONDS
    assert refused(NEW, sold, now=over - 1) == "sign.alone"
    assert refused(NEW, sold, now=over) == ""
    without_end = order("sold", replace(ALONE, months=0), Stage.PAID, ended_at=NOW)
    assert refused(NEW, without_end, now=10 * over) == "sign.alone"


def test_it_is_part_of_the_price() -> None:
    factors = Factors()
    assert times(steps(TermsChoice(exclusive=True), factors)) == Fraction(
        factors.exclusive_percent, 100
    )
    assert steps(TermsChoice(exclusive=True), factors) == steps(
        TermsChoice(), factors, exclusive=True
    )
