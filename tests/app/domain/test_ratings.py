"""What ratings come to: distinct buyers, the price paid, and rings."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain.ratings import Rated, means, ring


def rated(buyer: str, score: int, price: int = 100, token: str = "t") -> Rated:
    return Rated(buyer, "owner", token, price, [score] * 6)


def test_nothing_comes_of_nothing() -> None:
    assert means([]) == ()


def test_a_buyer_has_one_voice_however_many_orders() -> None:
    one = means([rated("a", 5), rated("b", 1)])
    many = means([*(rated("a", 5, 10) for _ in range(10)), rated("b", 1)])
    assert one == pytest.approx([3.0] * 6)
    assert many == pytest.approx(one)


def test_within_a_voice_each_order_counts_with_its_price() -> None:
    assert means([rated("a", 5, 300), rated("a", 1, 100)])[0] == pytest.approx(4.0)


def test_who_pays_more_is_heard_better_within_bounds() -> None:
    assert means([rated("a", 5, 200), rated("b", 1, 100), rated("c", 1, 100)])[0] == pytest.approx(
        3
    )
    crowd = [rated(f"s{n}", 5, 1) for n in range(4)] + [rated(f"r{n}", 1, 100) for n in range(5)]
    assert means(crowd)[0] == pytest.approx((4 * 0.25 * 5 + 5 * 1) / 6)
    huge = [rated("a", 5, 10**9), rated("b", 1), rated("c", 1), rated("d", 1), rated("e", 1)]
    assert means(huge)[0] == pytest.approx((4 * 5 + 4) / 8)


def test_currencies_are_not_compared() -> None:
    assert means([rated("a", 5, 10**18, "coin"), rated("b", 1, 1, "dollar")])[0] == 3


@given(
    st.lists(
        st.builds(rated, st.sampled_from("abc"), st.integers(1, 5), st.integers(0, 10**30)),
        min_size=1,
    )
)
@example([rated("a", 5, 0), rated("a", 5, 0)])
def test_a_mean_lies_among_what_was_given(given_: list[Rated]) -> None:
    scores = [one.scores[0] for one in given_]
    assert min(scores) - 1e-9 <= means(given_)[0] <= max(scores) + 1e-9


def test_rings_of_two_and_three_are_seen() -> None:
    assert ring("o", "b", {"b": {"o"}})
    assert ring("o", "b", {"b": {"x"}, "x": {"o"}})
    assert not ring("o", "b", {"b": {"x"}, "x": {"y"}, "y": {"o"}}), "four are a market"
    assert not ring("o", "b", {"o": {"b"}}), "the sale itself is none"
