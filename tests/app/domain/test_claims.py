"""What is declared of a table, how it stands in a listing, and what is made of it later."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import claims, listing
from app.domain.claims import WHOLE
from app.domain.commands import Description
from app.domain.snapshots.datasets import Claims, Column, Comparison, Profile
from chain.listing import decode_listing, encode_listing

COLUMNS = (Column("a", "integer", 1.0, fits=0.99), Column("b", "text", 0.5))
PROFILE = Profile(
    "csv",
    900,
    COLUMNS,
    encoding="utf-8",
    columns_found=2,
    broken=100,
    repeated=0.0123,
    newest="2024-12-31",
)
MEASURED = Claims(9877, 7500, 9000, "2024-12-31", "csv utf-8", 9933)


def test_each_dimension_has_one_figure() -> None:
    assert claims.measured(PROFILE) == MEASURED
    assert claims.measured(Profile("png", None)) == Claims()
    empty = replace(PROFILE, rows=0, broken=0, repeated=None, newest="", encoding="")
    assert claims.measured(empty).accessibility == "csv"


def _listed(undeclared: tuple[str, ...]) -> listing.Listing:
    made = listing.document(
        description=Description("T", "W", undeclared=undeclared),
        terms={},
        token="",
        price_units=1,
        files=1,
        profile=PROFILE,
    )
    return listing.read(decode_listing(encode_listing(made)))


def test_the_listing_says_what_the_owner_chose() -> None:
    assert _listed(()).claims == MEASURED
    left_out = ("accuracy", "timeliness")
    assert _listed(left_out).claims == replace(MEASURED, accuracy=None, timeliness="")
    assert _listed(claims.DIMENSIONS).claims == Claims()


@pytest.mark.parametrize(
    "raw",
    [None, 7, [], {"accuracy": 10_001}, {"accuracy": True}, {"accuracy": -1}, {"timeliness": 5}],
)
def test_what_is_not_as_described_is_not_declared(raw: object) -> None:
    assert claims.read(raw) == Claims()


@given(st.dictionaries(st.sampled_from([*claims.DIMENSIONS, "x"]), st.text() | st.integers()))
def test_any_claims_are_read_as_what_can_be_shown(raw: dict[str, object]) -> None:
    said = claims.read(raw)
    assert claims.read(claims.document(said)) == said
    assert len(said.timeliness) <= 40
    assert said.timeliness.isprintable()


def _verdicts(said: Claims, profile: Profile, rows: int | None = 900) -> dict[str, str]:
    return {line.what: line.verdict for line in claims.compare(said, rows, profile)}


def test_the_same_table_is_as_declared() -> None:
    found = _verdicts(MEASURED, PROFILE)
    assert found == dict.fromkeys(["rows", *claims.DIMENSIONS], "same")
    assert _verdicts(Claims(), PROFILE, None) == {}, "nothing declared, nothing compared"


def test_tolerances_are_kept_and_no_more() -> None:
    one_off = replace(MEASURED, completeness=7501)
    assert _verdicts(one_off, PROFILE)["completeness"] == "same"
    two_off = replace(MEASURED, completeness=7502, consistency=8998)
    found = _verdicts(two_off, PROFILE, 901)
    assert (found["completeness"], found["consistency"]) == ("differs", "better")
    assert found["rows"] == "differs"
    estimated = replace(PROFILE, repeated_exact=False)
    for said, exact, rough in ((9927, "differs", "same"), (9928, "differs", "differs")):
        declared = replace(MEASURED, accuracy=said)
        assert _verdicts(declared, PROFILE)["accuracy"] == exact
        assert _verdicts(declared, estimated)["accuracy"] == rough


def test_what_is_no_table_differs_from_all_that_was_declared() -> None:
    found = _verdicts(MEASURED, Profile("other", None, problem="broken"))
    assert set(found.values()) == {"differs"}


def test_points_follow_from_what_was_measured() -> None:
    assert claims.suggested(()) == {}
    lines = claims.compare(MEASURED, 900, PROFILE)
    assert claims.suggested(lines) == {
        "accuracy": 5,
        "completeness": 5,
        "consistency": 5,
        "timeliness": 5,
        "conformity": 5,
    }
    for received, points in ((9991, 4), (9950, 3), (9100, 2), (5000, 1)):
        line = Comparison("completeness", 10_000, received, "differs", 1)
        assert claims.suggested((line,)) == {"completeness": points, "conformity": points}


@pytest.mark.parametrize(("head", "before"), [(0, 899), (3, 902)])
def test_what_an_older_app_took_for_the_header_is_no_difference(head: int, before: int) -> None:
    """It declared the table with its first line as names, whatever stands there."""
    received = replace(PROFILE, head=head)
    said = replace(MEASURED, completeness=7500 + (WHOLE // 900))
    for rows in (900, before):
        assert {one.verdict for one in claims.compare(said, rows, received)} == {"same"}
    (line,) = claims.compare(Claims(), 900 + 900 - before, received)
    assert line.verdict == "differs"
    assert {one.verdict for one in claims.compare(said, 900, PROFILE)} == {"same", "differs"}
