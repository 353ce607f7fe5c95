"""The least bond: a tenth of the price, and in the chain's own coin three complaints' cost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import COMPLAINT_GAS, bond_for_complaints_wei, least_bond_units

GWEI = 10**9
UNITS = st.integers(1, 10**24)


@pytest.mark.parametrize(
    ("price", "least"), [(1, 1), (9, 1), (10, 1), (11, 2), (1_200_000_000, 120_000_000)]
)
def test_a_tenth_is_rounded_up(price: int, least: int) -> None:
    assert least_bond_units(price) == least


def test_three_complaints_are_covered_where_the_coin_itself_is_the_price() -> None:
    fee = 20 * GWEI
    complaints = 3 * COMPLAINT_GAS * fee
    assert bond_for_complaints_wei(fee) == complaints
    assert least_bond_units(10 * complaints - 1, fee) == complaints
    assert least_bond_units(10 * complaints + 1, fee) == complaints + 1


@given(price=UNITS, fee=st.integers(0, 10**15))
def test_it_is_never_less_than_either(price: int, fee: int) -> None:
    least = least_bond_units(price, fee)
    assert 10 * least >= price
    assert least >= 3 * COMPLAINT_GAS * fee
    assert least == least_bond_units(price) or least == bond_for_complaints_wei(fee)
