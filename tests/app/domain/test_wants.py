"""Wants: written and read, whatever stands on record; and what fits one, with the reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import listing, wants
from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.snapshots.datasets import Claims, Column, Profile
from app.domain.wants import Reason, Want, fits

WANT = Want(
    title="Hourly feeder load",
    what="For a forecast of peaks.",
    field="energy",
    region="Estonia",
    period="2020–2024",
    columns=("timestamp", "Load_kW"),
    token="0xt",
    max_price_units=1_500,
)


def offered(price: int = 1_200, columns: tuple[str, ...] = (), **said: str) -> listing.Listing:
    words: dict[str, Any] = {
        "title": "Feeder load by the hour",
        "what": "Load of 42 feeders.",
        "field": "energy",
        "region": "Estonia",
        "period": "2019–2021",
    }
    profile = Profile("csv", 9, tuple(Column(name, "number", 1.0) for name in columns))
    document = listing.document(
        description=Description(**words | said),
        terms={},
        token="0xt",
        price_units=price,
        files=1,
        profile=profile,
    )
    return listing.read(document)


def test_every_reason_is_named() -> None:
    found = fits(WANT, offered(columns=("timestamp", "load_kw")), rating=45)
    assert found == (
        Reason("columns", "timestamp, Load_kW"),
        Reason("words", "feeder, load"),
        Reason("field"),
        Reason("region", "Estonia"),
        Reason("period", "2019–2021"),
        Reason("price"),
        Reason("rating", "4.5"),
    )


def test_what_was_not_asked_for_is_no_reason() -> None:
    plain = Want(title="feeder load")
    assert [reason.what for reason in fits(plain, offered(), rating=30)] == ["words"]


@pytest.mark.parametrize(
    "said",
    [
        {"field": "finance"},
        {"region": "Spain"},
        {"title": "Wheat prices", "what": "Daily"},
        {"title": "Load of trucks", "what": "Tonnes"},
        {"period": "1999"},
    ],
)
def test_other_data_does_not_fit(said: dict[str, str]) -> None:
    assert fits(WANT, offered(**said)) == ()


def test_a_higher_price_fits_without_being_a_reason() -> None:
    reasons = [reason.what for reason in fits(WANT, offered(price=9_999))]
    assert "words" in reasons
    assert "price" not in reasons
    assert fits(WANT, offered(price=15_001)) == ()
    assert fits(replace(WANT, token="0xother"), offered(price=10**30)) != ()


def words(asked: str, said: str) -> list[str]:
    """The reasons of a want and a listing that say no more than a title."""
    return [one.what for one in fits(Want(title=asked), offered(title=said, what=""))]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("GDP", "GDP of provinces by quarter"),
        ("oil gas CO2", "Oil and gas, CO2 prices"),
        ("taxi trips", "Taxi trip records"),
        ("cities", "City of Tartu"),
        ("上海房价", "上海二手房价格"),
        ("census 2020", "The census of 2020"),
    ],
)
def test_words_are_meant_as_people_mean_them(asked: str, said: str) -> None:
    assert words(asked, said) == ["words"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Daily data from shops with prices", "Weather data from stations with hourly wind"),
        ("All the data that you have", "The data that we have"),
        ("上海相关数据", "小麦价格数据"),
        ("oil prices", "Prices of wheat"),
    ],
)
def test_words_that_stand_anywhere_are_no_reason(asked: str, said: str) -> None:
    assert words(asked, said) == []


@pytest.mark.parametrize("name", ["wind_speed", "Wind speed", "windSpeed", "WindSpeed"])
def test_a_column_is_found_however_its_name_is_written(name: str) -> None:
    want = Want(title="gusts", columns=("wind speed",))
    assert fits(want, offered(columns=(name, "b"))) == (Reason("columns", "wind speed"),)


def test_columns_of_any_table_are_not_enough() -> None:
    want = Want(title="ship positions", columns=("id", "name", "date"))
    menus = offered(title="Restaurant menus", what="", columns=("id", "name", "date"))
    assert fits(want, menus) == ()
    ships = offered(title="Positions of ships", what="", columns=("id", "name"))
    assert fits(want, ships)[0] == Reason("columns", "id, name")


def test_what_is_declared_to_be_less_complete_does_not_fit() -> None:
    picky = replace(WANT, least_complete=9_900)

    def declared(completeness: int | None) -> tuple[Reason, ...]:
        return fits(picky, replace(offered(), claims=Claims(completeness=completeness)))

    assert declared(9_899) == ()
    assert declared(9_935)[-1] == Reason("complete", "99.35")
    assert declared(10_000)[-1] == Reason("complete", "100")
    assert "complete" not in [reason.what for reason in declared(None)]
    assert declared(None) == fits(WANT, offered()), "who declares nothing can be asked"


def test_chinese_is_compared_by_pairs_of_characters() -> None:
    want = Want(title="上海电力负荷", region="上海")
    found = fits(want, offered(title="电力负荷数据", what="", region="上海"))
    assert [reason.what for reason in found] == ["words", "region"]
    assert fits(want, offered(title="小麦价格", what="", region="上海")) == ()


def test_written_and_read_it_is_the_same() -> None:
    assert wants.read(wants.document(WANT)) == WANT
    assert wants.read(wants.document(Want(title="a"))) == Want(title="a")
    picky = replace(WANT, least_complete=9_950)
    assert wants.read(wants.document(picky)) == picky
    for lie in (True, "9950", -1, 10_001, None):
        raw = wants.document(picky) | {"quality": {"completeness": lie}}
        assert wants.read(raw).least_complete == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(
    ["title", "what", "field", "region", "period", "columns", "price", "quality"]
)


@given(st.dictionaries(KEYS, JSON))
def test_whatever_stands_on_record_is_read_and_compared(raw: dict[str, Any]) -> None:
    fits(wants.read(raw), offered(columns=("a",)))


@pytest.mark.parametrize(
    "want",
    [
        Want(),
        replace(WANT, title="x" * 121),
        replace(WANT, columns=("x" * 81,)),
        replace(WANT, columns=tuple(str(n) for n in range(21))),
        replace(WANT, max_price_units=0),
        replace(WANT, least_complete=10_001),
    ],
)
def test_what_cannot_be_posted_is_refused(want: Want) -> None:
    with pytest.raises(RuleError):
        wants.check(want)
    wants.check(WANT)
