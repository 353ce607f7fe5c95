"""Reviews are other people's documents: whatever they hold, they can say only so much."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.domain import claims
from app.store import reviews
from app.store.database import Database

FIGURES = ("rows", *claims.DIMENSIONS)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
named = st.lists(st.sampled_from(FIGURES) | anything, max_size=12)


@given(
    anything | st.fixed_dictionaries({}, optional={"words": anything, "differs": named | anything})
)
@example({"words": ["x"], "differs": {"rows": 1}})
@example({"differs": "rows"})
@example({"differs": 7})
@example({"differs": [["rows"], {"rows": 1}, None]})
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_document_of_a_stranger_is_a_review(database: Database, said: Any) -> None:
    with database.begin() as session:
        reviews.keep(session, b"\xab" * 32, said)
        words, differs = reviews.read(session, b"\xab" * 32)
    assert (words is None) == (not isinstance(said, dict))
    assert words is None or isinstance(words, str)
    assert list(differs) == [figure for figure in FIGURES if figure in differs], "each known, once"
    if differs:
        assert isinstance(said["differs"], list)
        assert all(figure in said["differs"] for figure in differs)


def test_a_review_that_is_not_here_has_no_words(database: Database) -> None:
    with database.read() as session:
        assert reviews.read(session, bytes(32)) == (None, ())


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>Good</b> & cheap", "<b>Good</b> & cheap"),
        ("a\x00b\x1bc\x9bd", "a b c d"),
        ("\u202egood\u2066", " good "),
        ("one\r\ntwo\x0bthree\u2028four\tfive", "one\ntwo\nthree\nfour\tfive"),
        ("x" * 5000, "x" * 4096),
        ("ü" * 2500, "ü" * 2048),
        ("x" * 4095 + "ü", "x" * 4095),
        ("\n" * 4000 + "end", "\n" * 59),
        ("half \ud800 a letter", "half  a letter"),
    ],
)
def test_words_are_plain_and_no_longer_than_they_may_be(
    database: Database, written: str, shown: str
) -> None:
    with database.begin() as session:
        reviews.keep(session, bytes(32), {"words": written})
        assert reviews.read(session, bytes(32)) == (shown, ())
