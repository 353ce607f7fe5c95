"""What descriptions say of quality, beside what was measured; and that hostile ones do no harm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import catalogue, claims
from app.domain.errors import RuleError
from app.domain.snapshots.datasets import Column, DatasetSnapshot, Profile
from app.domain.stated import MOST, Stated, Statement, beside, stated
from tests.ui.dataset_samples import OFFERED

PROFILE = Profile(
    "csv",
    1000,
    (
        Column("load_kw", "number", 0.98765, fits=0.991),
        Column("remark", "text", 0.3),
        Column("column 3", "integer", 1.0),
    ),
    encoding="utf-8",
    columns_found=3,
    broken=1,
    repeated=0.012,
    newest="2024-12-31",
)


def _listed(profile: Profile) -> DatasetSnapshot:
    """The dataset page of what was registered with this profile, all of it declared."""
    columns = tuple(
        Column(one.name, one.kind, int(one.complete * 1000) / 1000) for one in profile.columns
    )
    return replace(OFFERED, columns=columns, rows=profile.rows, claims=claims.measured(profile))


def _contract(*rules: Any, **more: Any) -> bytes:
    table = {"name": "rows", "quality": list(rules)} | more
    return json.dumps({"kind": "DataContract", "name": "T", "schema": [table]}).encode()


def _rule(metric: str, unit: str = "percent", **condition: Any) -> dict[str, Any]:
    return {"type": "library", "metric": metric, "unit": unit} | condition


def _column(name: str, *rules: Any) -> dict[str, Any]:
    return {"name": name, "quality": list(rules)}


@pytest.mark.parametrize(("format", "count"), [("odcs", 10), ("dcat", 6), ("croissant", 0)])
def test_what_was_exported_agrees_with_the_same_file(format: str, count: int) -> None:
    said = stated(catalogue.document(format, _listed(PROFILE)))
    lines, left_out = beside(said, PROFILE)
    assert (len(lines), left_out) == (count, 0)
    assert all(line.agrees for line in lines)
    rough = replace(PROFILE, repeated=0.016, repeated_exact=False)
    assert all(line.agrees for line in beside(said, rough)[0]), "it is an estimate"


@pytest.mark.parametrize(
    ("format", "what"),
    [
        ("odcs", {"rows", "accuracy", "completeness", "completeness of load_kw", "consistency"}),
        ("dcat", {"accuracy", "completeness", "consistency"}),
    ],
)
def test_beside_another_file_it_shows_what_differs(format: str, what: set[str]) -> None:
    said = stated(catalogue.document(format, _listed(PROFILE)))
    other = replace(
        PROFILE,
        rows=900,
        columns=(
            replace(PROFILE.columns[0], complete=0.5, fits=0.2),
            replace(PROFILE.columns[1], name="remarks"),
            PROFILE.columns[2],
        ),
        encoding="latin-1",
        broken=10,
        repeated=0.02,
        newest="2025-01-31",
    )
    lines, left_out = beside(said, other)
    differ = [line for line in lines if not line.agrees]
    named = {_name(line.statement) for line in differ}
    assert named == what | {"timeliness", "accessibility", "conformity"}
    assert left_out == (format == "odcs"), "there is no column remark"
    (least,) = (line for line in differ if line.statement.what == "accuracy")
    assert (least.statement.least, least.measured) == (9880, 9800)


def test_what_differs_comes_first() -> None:
    said = stated(catalogue.document("odcs", _listed(PROFILE)))
    lines, _ = beside(said, replace(PROFILE, newest="2025-01-31"))
    assert [line.statement.what for line in lines if not line.agrees] == ["timeliness"]
    assert [line.statement.what for line in lines[:2]] == ["timeliness", "rows"]


def _name(one: Statement) -> str:
    return f"{one.what} of {one.column}" if one.column else one.what


@pytest.mark.parametrize(
    ("condition", "least", "most"),
    [
        ({"mustBe": 7}, 7, 7),
        ({"mustBeGreaterThan": 7}, 8, None),
        ({"mustBeGreaterOrEqualTo": 7}, 7, None),
        ({"mustBeLessThan": 7}, None, 6),
        ({"mustBeLessThan": 6.5}, None, 6),
        ({"mustBeLessOrEqualTo": 7}, None, 7),
        ({"mustBeLessOrEqualTo": 0}, 0, 0),
        ({"mustBeLessThan": 1}, 0, 0),
        ({"mustBeBetween": [5, 7]}, 5, 7),
    ],
)
def test_conditions_of_a_contract(condition: Any, least: int | None, most: int | None) -> None:
    (rows,) = stated(_contract({"metric": "rowCount"} | condition)).statements
    assert rows == Statement("rows", "", least, most)
    column = _column("a", {"metric": "nullValues"} | condition)
    (cells,) = stated(_contract(properties=[column])).statements
    assert cells == Statement("completeness", "a", least, most, faults=True)
    (share,) = stated(_contract(_rule("missingValues", mustBeBetween=[1, 5.5]))).statements
    assert share == Statement("completeness", "", 9450, 9900)


@pytest.mark.parametrize(
    ("metric", "most", "measured"),
    [("missingValues", 12, 12), ("nullValues", 11, 12), ("invalidValues", 9, 9)],
)
def test_cells_of_a_column_are_counted(metric: str, most: int, measured: int) -> None:
    rule = _rule(metric, "rows", mustBeLessOrEqualTo=most)
    (line,), left_out = beside(stated(_contract(properties=[_column("load_kw", rule)])), PROFILE)
    assert (line.measured, line.agrees, left_out) == (measured, measured <= most, 0)


def test_rows_that_repeat_are_counted() -> None:
    rule = {"metric": "duplicateValues", "mustBe": 0}
    (line,), _ = beside(stated(_contract(rule)), PROFILE)
    assert (line.measured, line.agrees) == (12, False)


def test_what_counts_as_missing_here_may_be_named() -> None:
    def read(arguments: Any) -> int:
        rule = _rule("missingValues", mustBe=0, arguments=arguments)
        return len(stated(_contract(properties=[_column("a", rule)])).statements)

    assert read({"missingValues": [None, "", "N/A", "n/a"]}) == 1
    assert read({"missingValues": ["", "-99"]}) == 0
    assert read({"missingValues": [[]]}) == 0
    assert read({"validValues": ["a"]}) == 0


LEFT_OUT: list[Any] = [
    *(None, 7, "all is well", [], {}, {"type": "text", "description": "All is well."}),
    {"type": "sql", "query": "select 1", "metric": "rowCount", "mustBe": 1},
    {"metric": ["rowCount"], "mustBe": 1},
    {"metric": "joy", "mustBe": 1},
    {"metric": "rowCount"},
    {"metric": "rowCount", "mustBe": 1, "mustBeLessThan": 5},
    {"metric": "rowCount", "mustNotBe": 1},
    {"metric": "rowCount", "unit": "percent", "mustBe": 1},
    {"metric": "rowCount", "unit": {}, "mustBe": 1},
    *({"metric": "rowCount", "mustBe": raw} for raw in (True, "7", None, [1], -1, 1e300, 10**400)),
    *({"metric": "rowCount", "mustBeBetween": raw} for raw in (3, [], [1], [2, 1], [1, "2"])),
    {"metric": "rowCount", "mustBeLessThan": 0},
    {"metric": "duplicateValues", "unit": "seconds", "mustBe": 1},
    {"type": "text", "name": "timeliness", "description": "Tomorrow."},
    {"metric": "missingValues", "unit": "rows", "mustBe": 1},  # of rows or of cells?
    {"metric": "missingValues", "unit": "percent", "mustBe": 101},
    {"metric": "invalidValues", "unit": "percent", "mustBe": 0, "arguments": {"pattern": "x"}},
    {"type": "text", "name": "consistency", "description": "Share of lines that have the columns"},
    {"type": "text", "name": [], "description": {}},
    {
        "type": "text",
        "name": "timeliness",
        "description": "The latest date in the table: " + "9" * 41,
    },
    {
        "type": "text",
        "name": "consistency",
        "description": "Share of lines that have the columns of the first line: 999 %",
    },
]


@pytest.mark.parametrize("rule", LEFT_OUT, ids=str)
def test_what_cannot_be_compared_is_left_out_and_the_rest_is_read(rule: Any) -> None:
    well = _rule("rowCount", "rows", mustBe=1000)
    assert stated(_contract(rule, well)) == Stated((Statement("rows", "", 1000, 1000),), 1)


def test_no_number_is_no_figure() -> None:
    for raw in (b"NaN", b"Infinity", b"-Infinity", b"1e999"):
        for said in (_contract({"metric": "rowCount", "mustBe": "?"}), _measured_as("?")):
            assert stated(said.replace(b'"?"', raw)) == Stated((), 1)


def _measured_as(value: Any, metric: Any = "urn:lading:quality:completeness") -> bytes:
    one = {"dqv:isMeasurementOf": {"@id": metric}, "dqv:value": value}
    return json.dumps({"@type": "dcat:Dataset", "dqv:hasQualityMeasurement": one}).encode()


@pytest.mark.parametrize("value", [0.75, "0.75", {"@value": "0.75", "@type": "xsd:decimal"}])
def test_a_measurement_is_read_however_it_is_written(value: Any) -> None:
    assert stated(_measured_as(value)).statements == (Statement("completeness", "", 7500, 7500),)
    one = {"isMeasurementOf": "urn:lading:quality:completeness", "value": value}
    plain = {"@type": "Dataset", "hasQualityMeasurement": [one]}
    assert len(stated(json.dumps(plain).encode()).statements) == 1


@pytest.mark.parametrize(
    ("value", "metric"),
    [
        *((raw, "urn:lading:quality:completeness") for raw in (1.01, -0.1, True, "much", {}, None)),
        ("9" * 5000, "urn:lading:quality:completeness"),
        *((raw, "urn:lading:quality:timeliness") for raw in (7, "", "x" * 41, "2024\n", [])),
        *(
            (0.5, raw)
            for raw in (
                "urn:lading:quality:joy",
                "completeness",
                "urn:others:completeness",
                7,
                None,
            )
        ),
    ],
)
def test_a_measurement_that_is_none_of_ours_is_left_out(value: Any, metric: Any) -> None:
    assert stated(_measured_as(value, metric)) == Stated((), 1)


def test_of_several_tables_nothing_is_said() -> None:
    rule = _rule("rowCount", "rows", mustBe=1)
    tables = [{"quality": [rule]}, {"quality": [rule], "properties": [_column("a", rule)]}]
    raw = json.dumps({"kind": "DataContract", "schema": tables}).encode()
    assert stated(raw) == Stated((), 3)


def test_columns_that_cannot_be_told_are_left_out() -> None:
    rule = _rule("missingValues", mustBe=0)
    within = {"name": "remark", "properties": [_column("load_kw", rule)]}
    nameless = ({"quality": [rule]}, {"name": 7, "quality": rule}, _column("x" * 201, rule))
    said = stated(_contract(properties=[_column("twice", rule), within, *nameless]))
    assert [one.column for one in said.statements] == ["twice", "remark.load_kw"]
    assert said.left_out == 3
    twice = tuple(Column("twice", "text", 1.0) for _ in range(2))
    assert beside(said, replace(PROFILE, columns=twice)) == ((), 5)
    assert beside(said, Profile("png", None)) == ((), 5)


def test_thousands_of_rules_are_counted() -> None:
    rule = _rule("rowCount", "rows", mustBe=1)
    said = stated(_contract(*[rule] * 20_000))
    assert (len(said.statements), said.left_out) == (MOST, 20_000 - MOST)


def test_what_is_deep_is_read_or_refused() -> None:
    deep: Any = _column("z", _rule("missingValues", mustBe=0))
    for _ in range(25):
        deep = {"name": "y", "properties": [deep]}
    said = stated(_contract(properties=[deep]))
    assert said.statements[0].column == "y." * 25 + "z"
    for _ in range(25):
        deep = {"name": "y", "properties": [deep]}
    with pytest.raises(RuleError, match="not JSON"):
        stated(_contract(properties=[deep]))


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        ["rowCount", "missingValues", "percent", "rows", "library", "text", "load_kw"]
    )
    | st.sampled_from([catalogue.METRIC + name for name in claims.DIMENSIONS]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("quality", "properties", "name", "type", "metric", "unit", "arguments"),
                    *("mustBe", "mustBeLessThan", "mustBeBetween", "description", "missingValues"),
                    *("dqv:isMeasurementOf", "dqv:value", "@id", "@value"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=16,
)


@given(_JSON, _JSON)
def test_any_json_is_read(table: Any, measurement: Any) -> None:
    raw = {"kind": "DataContract", "schema": table, "dqv:hasQualityMeasurement": measurement}
    said = stated(json.dumps(raw).encode())
    lines, left_out = beside(said, PROFILE)
    assert len(lines) + left_out == len(said.statements) + said.left_out
