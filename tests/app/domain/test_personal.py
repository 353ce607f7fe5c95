"""Hints of personal data: check digits that are right count, others do not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import personal
from app.domain.quality import look


def resident_number(first: str) -> str:
    """With its check digit (GB 11643-1999, the sum of weights 2^(18-i) mod 11)."""
    total = sum(int(digit) * (1 << (17 - at)) for at, digit in enumerate(first))
    return first + "10X98765432"[total % 11]


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_resident_numbers_of_the_standard_are_known(number: str) -> None:
    assert personal.is_resident_number(number)
    assert personal.by_value(number) == "id"


@given(
    st.dates().filter(lambda day: day.year >= 1900),
    st.integers(100_000, 999_999),
    st.integers(0, 999),
)
def test_one_wrong_digit_is_no_resident_number(born, place: int, number: int) -> None:
    whole = resident_number(f"{place}{born:%Y%m%d}".replace(" ", "0") + f"{number:03d}")
    assert personal.is_resident_number(whole)
    for at in range(17):
        other = str((int(whole[at]) + 1) % 10)
        assert not personal.is_resident_number(whole[:at] + other + whole[at + 1 :])


def test_days_that_never_were_are_in_no_number() -> None:
    assert not personal.is_resident_number(resident_number("11010520230230001"))


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("a.b@example.org", "email"),
        ("a@b", ""),
        ("+49 170 1234567", "phone"),
        ("13812345678", "phone"),
        ("010-12345678", "phone"),
        ("12812345678", ""),
        ("4111 1111 1111 1111", "card"),
        ("4111111111111112", ""),
        ("123-45-6789", "id"),
        ("2024-12-31", ""),
        ("31-12-2024", ""),
        ("1795356000", ""),
        ("1234567", ""),
        ("张三", ""),
    ],
)
def test_values_are_judged_by_their_form(value: str, why: str) -> None:
    assert personal.by_value(value) == why


@pytest.mark.parametrize(
    ("name", "why"),
    [("客户姓名", "name"), ("last_name", "name"), ("身份证号", "id"), ("filename", "")],
)
def test_columns_are_judged_by_their_name(name: str, why: str) -> None:
    assert personal.by_name(name) == why


def test_most_values_have_to_say_so() -> None:
    assert look("x", ["a@b.org", "c@d.org", "hello"]).personal == "email"
    assert look("x", ["a@b.org", "hello", "there"]).personal == ""
    assert look("x", [str(10**15 + n) for n in range(500)]).personal == "", "just long numbers"


@pytest.mark.parametrize(
    "text",
    [
        "Alice,+4915112345678,x",
        "Alice,555-123-4567,x",
        "x,4111111111111111,y",
        "a,138-1234-5678,b",
        "a,010-12345678,b",
        '"phone":+4915112345678',
        "姓名13812345678",
        "身份证号11010519491231002X",
        "1,a.b@example.org,2",
    ],
)
def test_it_is_seen_in_a_line_of_a_table(text: str) -> None:
    assert personal.looks_personal(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "12,345,678,901",
        "2024-05-06 07:08:09,1795356000,-3.25",
        "48.137154,11.576124",
        "192.168.100.200",
        "+1,+2,+3",
        "x,4111111111111112,y",
    ],
)
def test_other_numbers_in_a_line_are_none(text: str) -> None:
    assert not personal.looks_personal(text.encode())
