"""Hints of personal data: check digits that are right count, others do not."""

from __future__ import annotations

import random

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


NAMES = {
    "email": "email E-Mail user_email 电子邮件 电子邮箱 邮箱",
    "phone": "phone mobile tel tel_no Telephone 电话 手机号 联系方式 fax",
    "name": "name 姓名 患者姓名 学生姓名 真实姓名 客户姓名 收件人 收货人姓名 联系人 customer_name "
    "patient·name contact_name user_name username customerName last_name Full·Name surname 户主",
    "id": "身份证号 证件号码 id_card idcard_no ID·card national_id passport_no ssn drivers_license",
    "card": "card_no credit_card_number 银行卡号 iban 卡号",
    "address": "地址 家庭地址 address home_address Address·line·1 住址",
    "birth": "birthday birth_date dateOfBirth dob 出生日期 出生年月",
    "": "file_name filename hostname product·name column_name station_name company_name id "
    "product_id hotel hotel_name telemetry ip_address MAC·address IP地址 网址 birth_rate 出生率 "
    "discard_no scorecard nickel_amount 患者数 联系人数 renamed cellular valid_card name_length "
    "user_count 产品名称 文件名 temperature 序号 username_count ownership",
}


@pytest.mark.parametrize(
    ("name", "why"),
    [(name.replace("·", " "), why) for why, names in NAMES.items() for name in names.split()],
)
def test_columns_are_judged_by_their_name(name: str, why: str) -> None:
    assert personal.by_name(name) == why


def test_a_few_values_say_so() -> None:
    """From one in twenty on; plain digits, which may be like it by chance, from a quarter on."""

    def found(some: list[str], others: int) -> str:
        return look("x", [*some, *(f"word {n}" for n in range(others))]).personal

    assert found(["a@b.org"], 19) == "email"
    assert found(["a@b.org"], 20) == ""
    assert found(["11010519491231002X"], 19) == "id"
    assert found(["+49 170 1234567"], 19) == "phone"
    assert found(["13812345678"], 19) == ""
    assert found(["13812345678"], 3) == "phone"


@given(st.integers(0, 10**9))
def test_long_numbers_are_not_persons(seed: int) -> None:
    chance = random.Random(seed)
    for digits in (9, 10, 11, 16, 18):
        numbers = [str(chance.randrange(10 ** (digits - 1), 10**digits)) for _ in range(400)]
        assert look("x", numbers).personal == ""
    assert look("x", [str(10**15 + n) for n in range(500)]).personal == ""


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
