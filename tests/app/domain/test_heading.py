"""Names are told from values, and no name is told that is a person's."""

from __future__ import annotations

import pytest

from app.domain import heading, listing
from app.domain.commands import Description
from app.domain.snapshots.datasets import Column, Profile

PERSONS = [["张三", f"1563850{n:04d}", f"a{n}@qq.com", f"{n}"] for n in range(60)]
WEATHER = [["2024-01-11", "x", "1.5"], ["2024-01-12", "y", "2.5"], ["2024-01-13", "z", "7"]]


@pytest.mark.parametrize(
    ("first", "rows", "names"),
    [
        (["name", "phone", "mail", "n"], PERSONS, True),
        (PERSONS[7], PERSONS[8:], False),
        (["day", "place", "value"], WEATHER, True),
        (WEATHER[0], WEATHER[1:], False),
        (["", "place", "value"], WEATHER, True),
        (["country", "2019", "2020"], [["A", "1.5", "3"], ["B", "7", "4"]], True),
        (["A", "2018", "2019"], [["B", "2019", "2020"], ["C", "2016", "2017"]], False),
        (["0", "1", "2"], [["0.5", "7", "1"], ["0.25", "6", "3"]], True),
        (["", "0", "1", "2"], [["0", "5", "7", "1"], ["1", "2", "6", "3"]], True),
        (["country", "2020-01-01", "2020-01-02"], [["A", "3", "4"], ["B", "4", "9"]], True),
        (["city", "mayor"], [["Riga", "A"], ["Tallinn", "B"]], True),
        (["Riga", "A"], [["Riga", "C"], ["Tallinn", "B"]], False),
        (["a", "b"], [["x", "1"], ["a", "b"], ["y", "2"]], True),
        (["red", "red", "blue", "red"], [["red", "blue", "red", "red"]], False),
        (["NA", "1", "2"], [["x", "3", "4"], ["y", "7", "9"]], False),
        (["yes", "no"], [["no", "no"], ["yes", "yes"]], False),
    ],
)
def test_a_header_is_told_from_values(first: list[str], rows: list[list[str]], names: bool) -> None:
    assert heading.is_header(first, rows) == names


def test_what_stands_above_a_header_is_counted() -> None:
    table = [["name", "n", "k"], ["u", "1", "q"], ["v", "2", "r"]]
    title, empty = ["2023 年度报表", "", ""], ["", "", ""]
    assert heading.above(table) == 0
    assert heading.above([title, empty, *table]) == 2
    assert heading.above([title, *table[1:]]) == 0, "values are not what a title stands above"
    assert heading.above([["", "value"], ["0", "1.5"], ["1", "2.5"]]) == 0
    assert heading.above([title] * 9) == 0
    assert heading.above([]) == 0


def test_no_name_is_told_that_looks_personal() -> None:
    names = ("city", "a0@qq.com", "15638503361", "call +49 170 1234567", " ", "x" * 99)
    told = ("city", "column 2", "column 3", "column 4", "column 5", "x" * 80)
    assert heading.told(names) == told
    columns = tuple(Column(name, "text", 1.0) for name in names)
    made = listing.document(
        description=Description("T", "W"),
        terms={},
        token="",
        price_units=1,
        files=1,
        profile=Profile("csv", 1, columns),
    )
    assert tuple(name for name, *_ in made["columns"]) == told
