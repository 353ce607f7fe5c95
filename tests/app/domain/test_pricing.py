"""Three ways to a price: exact, bounded, and silent where there is nothing to go by."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import codec
from app.domain.errors import RuleError
from app.domain.pricing import (
    Comparable,
    Cost,
    Factors,
    Income,
    Inputs,
    Range,
    Sale,
    by_cost,
    by_income,
    by_market,
    check,
    comparables,
    income_table,
    steps,
    times,
    valued,
)
from app.domain.terms import TermsChoice

DOLLAR = 10**6
ONE = Fraction(1)
COST = Cost(12_000 * DOLLAR, 6_000 * DOLLAR, 1_000 * DOLLAR, 2, 10, 10, 50)
INCOME = Income(10_000 * DOLLAR, -10, 3, 25, 10, 30)


def sale(number: int, price: int, **changes: object) -> Sale:
    made = Sale(
        dataset=f"{number:064x}",
        title=f"Dataset {number}",
        owner=f"0x{number:040x}",
        token="0xT",
        price_units=price * DOLLAR,
        at=1_700_000_000 + number,
        field="energy",
        size_bytes=1_000_000,
        terms=TermsChoice(),
        rating=4.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def found(
    *sales: Sale, rating: float | None = None, size_bytes: int = 2_000_000, field: str = "energy",
    exclusive: bool = False,
) -> tuple[Comparable, ...]:  # fmt: skip
    return comparables(
        sales,
        token="0xT",
        field=field,
        size_bytes=size_bytes,
        rating=rating,
        factors=Factors(),
        exclusive=exclusive,
    )


def test_cost_is_spread_over_the_licences_with_a_margin() -> None:
    assert by_cost(COST, ONE) == Range(2_200 * DOLLAR, 2_600 * DOLLAR, 3_000 * DOLLAR)
    assert by_cost(COST, Fraction(3, 2)) == Range(3_300 * DOLLAR, 3_900 * DOLLAR, 4_500 * DOLLAR)
    assert by_cost(Cost(), ONE) is None


def test_income_is_discounted_year_by_year() -> None:
    table = income_table(INCOME)
    assert [line.gain_units // DOLLAR for line in table] == [10_000, 9_000, 8_100]
    assert [line.today_units for line in table] == [8_000 * DOLLAR, 5_760 * DOLLAR, 4_147_200_000]
    whole = 17_907_200_000
    assert by_income(INCOME, ONE) == Range(whole // 10, whole // 5, whole * 3 // 10)
    assert by_income(Income(), ONE) is None


def test_a_licence_costs_more_the_more_it_allows() -> None:
    factors = Factors()
    plain = TermsChoice()
    assert times(steps(plain, factors)) == 1
    assert times(steps(replace(plain, months=13), factors)) == Fraction(13, 10)
    assert times(steps(replace(plain, months=600), factors)) == Fraction(22, 10)
    assert times(steps(replace(plain, months=0), factors)) == Fraction(25, 10)
    wide = replace(plain, use="any", resale="yes", ai_training=True)
    assert times(steps(wide, factors, exclusive=True)) == 2 * Fraction(5, 2) * Fraction(3, 2) * 3
    assert times(steps(replace(plain, use="research"), factors)) < 1


def test_the_market_is_what_like_datasets_were_sold_for() -> None:
    market = found(*(sale(n, price) for n, price in enumerate((100, 200, 300, 400, 500))))
    assert by_market(market, ONE) == Range(200 * DOLLAR, 300 * DOLLAR, 400 * DOLLAR)
    assert by_market(market, Fraction(2)) == Range(400 * DOLLAR, 600 * DOLLAR, 800 * DOLLAR)
    assert [one.sale.at for one in market] == sorted((one.sale.at for one in market), reverse=True)
    assert market[0].similar == ("field", "size", "exclusivity")


@pytest.mark.parametrize(
    "changes",
    [
        {"field": "transport"},
        {"field": ""},
        {"token": "0xU"},
        {"size_bytes": 100_000},
        {"size_bytes": 21_000_000},
        {"rating": 1.5},
    ],
)
def test_what_is_no_comparable(changes: dict[str, object]) -> None:
    assert found(sale(1, 100), rating=4.0)
    assert found(sale(1, 100, **changes), rating=4.0) == ()


def test_without_a_field_nothing_is_comparable() -> None:
    assert found(sale(1, 100, field=""), field="") == ()


def test_enough_that_are_as_exclusive_are_asked_alone() -> None:
    alone = replace(TermsChoice(), exclusive=True)
    plain = [sale(n, 100) for n in range(4)]
    exclusive = [sale(10 + n, 900, terms=alone) for n in range(3)]
    assert {one.sale.price_units for one in found(*plain, *exclusive)} == {100 * DOLLAR}
    asked = found(*plain, *exclusive, exclusive=True)
    assert {one.plain_units for one in asked} == {300 * DOLLAR}
    assert all("exclusivity" in one.similar for one in asked)
    assert len(found(*plain, *exclusive[:2], exclusive=True)) == 6, "too few alone"


def test_too_few_or_one_owner_is_no_market() -> None:
    three = [sale(n, 100 * n) for n in (1, 2, 3)]
    assert by_market(found(*three), ONE)
    assert by_market(found(*three[:2]), ONE) is None
    assert by_market(found(*(replace(one, owner="0x1") for one in three)), ONE) is None


def test_a_dataset_counts_once_however_often_it_was_sold() -> None:
    sales = [sale(1, 100), sale(2, 200), sale(3, 300)]
    pushed = [replace(sales[2], price_units=900 * DOLLAR, at=1_800_000_000)] * 50
    market = found(*sales, *pushed)
    assert len(market) == 3
    assert market[0].sale.at == 1_800_000_000
    assert by_market(market, ONE) == Range(150 * DOLLAR, 200 * DOLLAR, 550 * DOLLAR)


def test_a_comparable_is_taken_back_to_the_plain_licence() -> None:
    wide = TermsChoice(use="any", ai_training=True)
    (one,) = found(sale(1, 300, terms=wide), rating=4.0)
    assert one.plain_units == 100 * DOLLAR
    assert one.similar == ("field", "size", "quality", "exclusivity")


def test_all_three_side_by_side() -> None:
    inputs = Inputs("0xT", COST, INCOME, exclusive=True)
    made = valued(inputs, TermsChoice(), found(sale(1, 1)))
    assert made.cost == Range(6_600 * DOLLAR, 7_800 * DOLLAR, 9_000 * DOLLAR)
    assert made.market is None
    assert len(made.ranges) == 2
    assert codec.decode(Inputs, codec.encode(inputs)) == inputs


@pytest.mark.parametrize(
    "wrong",
    [
        Inputs(cost=Cost(collecting_units=-1)),
        Inputs(cost=Cost(collecting_units=10**25)),
        Inputs(cost=Cost(licences=0)),
        Inputs(cost=Cost(years=31)),
        Inputs(cost=Cost(low_margin_percent=60, high_margin_percent=50)),
        Inputs(income=Income(discount_percent=-1)),
        Inputs(income=Income(change_percent=-101)),
        Inputs(income=Income(high_share_percent=101)),
        Inputs(factors=Factors(resale_percent=0)),
    ],
)
def test_inputs_out_of_bounds(wrong: Inputs) -> None:
    check(Inputs())
    with pytest.raises(RuleError) as refused:
        valued(wrong, TermsChoice(), ())
    assert refused.value.code == "valuation.bounds"


@given(st.integers(0, 10**24), st.integers(0, 10**24), st.integers(1, 30), st.integers(1, 10**5))
def test_ranges_are_in_order(cost: int, gain: int, years: int, licences: int) -> None:
    inputs = Inputs(cost=Cost(cost, cost, cost, years, licences), income=Income(gain, 5, years))
    for one in valued(inputs, TermsChoice(months=0), ()).ranges:
        assert 0 <= one.low_units <= one.middle_units <= one.high_units
