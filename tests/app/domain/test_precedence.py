"""Who was first, on one chain and between two."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.domain.precedence import UNCLEAR_SECONDS, Claim, beside, is_unclear, standing

AT = 1_760_000_000
MINE = Claim("0xA", 1, AT)


def other(seconds_later: int, by: str = "0xB", chain_id: int = 2) -> Claim:
    return Claim(by, chain_id, AT + seconds_later)


def test_more_than_an_hour_apart_the_clocks_tell() -> None:
    assert standing(MINE, [other(UNCLEAR_SECONDS + 1)]) == "first"
    assert standing(MINE, [other(-UNCLEAR_SECONDS - 1)]) == "later"


def test_within_an_hour_nobody_is_first() -> None:
    for seconds in (-UNCLEAR_SECONDS, -1, 0, 1, UNCLEAR_SECONDS):
        assert standing(MINE, [other(seconds)]) == "unclear"
        assert is_unclear([other(seconds), MINE])


def test_one_clearly_before_outweighs_one_at_about_the_same_time() -> None:
    assert standing(MINE, [other(10), other(-UNCLEAR_SECONDS - 1, "0xC", 3)]) == "later"


def test_the_same_owner_and_the_same_chain_are_no_rivals() -> None:
    assert standing(MINE, [other(0, by="0xA"), other(0, chain_id=1)]) == "first"
    assert not is_unclear([MINE, other(0, by="0xA")])
    assert not is_unclear([])


def test_of_two_the_times_tell_but_for_an_hour_between_chains() -> None:
    for seconds in (-UNCLEAR_SECONDS, 1, UNCLEAR_SECONDS):
        assert beside(MINE, other(seconds)) == beside(other(seconds), MINE) == "unclear"
    there = other(UNCLEAR_SECONDS + 1)
    assert (beside(MINE, there), beside(there, MINE)) == ("first", "later")
    for close in (other(1, chain_id=1), other(1, by="0xA")):
        assert (beside(MINE, close), beside(close, MINE)) == ("first", "later")


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 3), st.integers(0, 20_000))))
def test_unclear_is_between_two(found: list[tuple[str, int, int]]) -> None:
    """Whoever is unclear beside another, that one is not first beside it."""
    claims = [Claim(*each) for each in found]
    for one in claims:
        for two in claims:
            there, back = standing(one, [two]), standing(two, [one])
            assert (there == "unclear") == (back == "unclear")
            assert (there == "later") <= (back == "first")
