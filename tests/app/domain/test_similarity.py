"""Sketches: what they say about shares of rows, and that no bytes from the record do any harm."""

from __future__ import annotations

import hashlib
import random
from base64 import b64encode
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import listing, pieces, similarity
from app.domain.commands import Description
from app.domain.similarity import (
    BINS,
    MAX_PAIRS,
    NOTHING,
    Pair,
    bands,
    counterparts,
    decode,
    encode,
    likeness,
    shorter,
)
from app.domain.sketching import canonical, sketch
from app.domain.snapshots.datasets import Column, Profile
from chain.listing import decode_listing, encode_listing

COLUMNS = (
    Column("name", "text", 1.0),
    Column("weight", "number", 1.0),
    Column("n", "integer", 1.0),
)


def rows(start: int, stop: int) -> list[list[str]]:
    """Row ``n`` is the same wherever it is."""
    made = []
    for n in range(start, stop):
        chance = random.Random(n)
        made.append(
            [
                f"name {chance.random()}",
                f"{chance.uniform(1, 1e4):.3f}",
                str(chance.getrandbits(40)),
            ]
        )
    return made


def sketched(body: list[list[str]], columns: tuple[Column, ...] = COLUMNS) -> bytes:
    whole = [[column.name for column in columns], *body]
    return sketch(lambda: whole, columns)


bins = st.binary(min_size=BINS, max_size=BINS).filter(lambda made: made.count(0) <= BINS // 2)
places = st.lists(
    st.sampled_from(list(combinations(range(60), 2))), min_size=1, max_size=MAX_PAIRS, unique=True
)


@st.composite
def sketches(draw: st.DrawFn) -> tuple[Pair, ...]:
    return tuple(Pair(one, other, draw(bins)) for one, other in draw(places))


@given(sketches())
def test_a_sketch_is_read_as_it_was_written(pairs: tuple[Pair, ...]) -> None:
    written = encode(pairs)
    assert decode(written) == pairs
    assert len(written) <= similarity.MAX_SKETCH_BYTES
    assert likeness(written, written).score == pytest.approx(1.0)
    assert all(0 <= band < 2**32 for band in bands(written))


@given(sketches())
def test_what_is_left_of_a_shorter_sketch_is_one(pairs: tuple[Pair, ...]) -> None:
    left = shorter(encode(pairs))
    while left:
        kept = decode(left)
        assert kept == pairs[: len(kept)]
        assert len(kept) < len(pairs)
        left, pairs = shorter(left), kept
    assert len(pairs) == 1


@given(st.integers(pieces.LEAST_PIECES, pieces.KEPT))
def test_a_sketch_of_pieces_is_not_shortened_but_left_out(count: int) -> None:
    assert shorter(pieces.encode(range(count))) == b""


def test_the_largest_sketch_takes_4_kib_of_a_listing() -> None:
    chance = random.Random(1)
    largest = encode(Pair(*at, chance.randbytes(BINS)) for at in combinations(range(8), 2))
    assert len(largest) == similarity.MAX_SKETCH_BYTES
    plain = {"title": "T", "what": "W"}
    listed = encode_listing(plain | {"sketch": b64encode(largest).decode()})
    assert len(listed) - len(encode_listing(plain)) <= 4096
    assert listing.read(decode_listing(listed)).sketch == largest


@given(sketches(), sketches())
def test_likeness_is_a_share(one: tuple[Pair, ...], other: tuple[Pair, ...]) -> None:
    found = likeness(encode(one), encode(other))
    assert 0.0 <= found.score <= 1.0
    assert set(found.alike) <= {place for place, _ in found.compared}
    assert all(0.0 <= score <= 1.0 for _, score in found.compared)


def test_columns_are_matched_by_what_they_say() -> None:
    body = rows(0, 2000)
    moved = [[row[2], row[0], row[1]] for row in body[200:]]
    one, other = sketched(body), sketched(moved, (COLUMNS[2], COLUMNS[0], COLUMNS[1]))
    assert counterparts(one, other) == {0: 1, 1: 2, 2: 0}
    two = sketched([row[:2] for row in body], COLUMNS[:2])
    back = sketched([[row[1], row[0]] for row in body], (COLUMNS[1], COLUMNS[0]))
    names = ("name", "weight")
    crossed = counterparts(two, back, lambda mine, theirs: names[mine] == names[1 - theirs])
    assert crossed == {0: 1, 1: 0}  # one pair alone does not tell
    assert counterparts(one, b"") == {}


@given(
    st.binary(max_size=3000)
    | sketches()
    .map(encode)
    .flatmap(
        lambda good: st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)).map(
            lambda change: good[: change[0]] + bytes([change[1]]) + good[change[0] + 1 :]
        )
    )
)
def test_any_bytes_are_a_sketch_or_a_value_error(raw: bytes) -> None:
    try:
        pairs = decode(raw)
    except ValueError:
        assert likeness(raw, raw) == NOTHING
        assert bands(raw) == ()
        assert listing.read({"sketch": b64encode(raw).decode()}).sketch == b""
    else:
        assert encode(pairs) == raw
        assert listing.read({"sketch": b64encode(raw).decode()}).sketch == raw


GOOD = encode([Pair(0, 1, bytes(range(1, 1 + BINS)))])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        GOOD[:1],
        b"\x02" + GOOD[1:],
        GOOD[:-1],
        GOOD + b"\0",
        GOOD + GOOD[1:],
        b"\x01" + bytes((1, 1)) + GOOD[3:],
        b"\x01" + bytes((1, 0)) + GOOD[3:],
        b"\x01" + bytes((0, 60)) + GOOD[3:],
        b"\x01" + bytes((0, 1)) + bytes(BINS),
        b"\x01" + b"".join(bytes((0, n)) + GOOD[3:] for n in range(1, MAX_PAIRS + 2)),
    ],
)
def test_what_is_no_sketch_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="sketch"):
        decode(raw)
    assert decode(GOOD)


@pytest.mark.parametrize(
    "raw",
    [None, 7, [], {}, "", "no base64!", b64encode(GOOD).decode() + "=", "A" * 10_000, "\ud800"],
)
def test_what_a_listing_says_instead_of_a_sketch_reads_as_none(raw: object) -> None:
    assert listing.read({"sketch": raw}).sketch == b""


def test_a_share_of_common_rows_is_told() -> None:
    whole = sketched(rows(0, 2000))
    for stop, share in ((2000, 1.0), (1800, 0.9), (1000, 0.5)):
        assert abs(likeness(whole, sketched(rows(0, stop))).score - share) < 3 * 0.045
    assert likeness(whole, sketched(rows(2000, 4000))).score < 0.1


def test_shuffled_renamed_and_moved_columns_are_the_same() -> None:
    body = rows(0, 600)
    moved = [[row[2], row[0], row[1]] for row in reversed(body)]
    columns = (Column("a", "integer", 1.0), Column("b", "text", 1.0), Column("c", "number", 1.0))
    assert likeness(sketched(body), sketched(moved, columns)).score == pytest.approx(1.0)


def test_the_columns_that_are_alike_are_named() -> None:
    body = rows(0, 600)
    changed = [[row[0], row[1], str(int(row[2]) ^ 77)] for row in body]
    found = likeness(sketched(body), sketched(changed))
    assert found.score == pytest.approx(1.0)
    assert found.alike == (0, 1)
    assert dict(found.compared)[2] < 0.1


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ([[str(n), str(n + 5)] for n in range(1000)], "integer"),
        ([[f"2020-01-{n % 28 + 1:02d}", f"20{n % 90 + 10}-02-02"] for n in range(1000)], "date"),
        ([[str(n % 16), str(n % 31)] for n in range(1000)], "text"),
        ([["yes", "no"] for _ in range(1000)], "yes_no"),
        ([["", "-"] for _ in range(1000)], "text"),
        ([], "text"),
        (rows(0, 200), "text"),
    ],
)
def test_tables_that_tell_too_little_have_no_sketch(body: list[list[str]], kind: str) -> None:
    columns = (Column("a", kind, 1.0), Column("b", kind, 1.0))
    assert sketched([row[:2] for row in body], columns) == b""


@given(st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=400))
def test_ragged_and_strange_rows_do_no_harm(body: list[list[str]]) -> None:
    made = sketched(body)
    assert made == b"" or decode(made)


@given(st.integers(0, 10**6), st.integers(1, 700))
def test_how_many_rows_are_gone_through_at_once_makes_no_difference(seed: int, many: int) -> None:
    chance = random.Random(seed)
    body = [
        [chance.choice((f"a {chance.random():.3f}", " NA", "", "x")), str(chance.randrange(5000))][
            : chance.choice((1, 2, 2, 2, 2))
        ]
        + [f"{chance.gauss(0, 9)}"] * chance.randrange(2)
        for _ in range(1500)
    ]
    whole = sketched(body)
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr("app.domain.sketching._PORTION", many)
        assert sketched(body) == whole != b""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("7", " 007 "),
        ("7", "7.0"),
        ("12.3456", "12.346"),
        ("12,5", "12.5"),
        ("1e3", "1000"),
        ("-0.5", "-.50"),
        ("Müller  GmbH", "MÜLLER GMBH"),
        ("ﬁve", "five"),
        ("NA", ""),
    ],
)
def test_a_value_is_what_it_means(one: str, other: str) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("7", "8"), ("12.34", "12.35"), ("9007199254740993", "9007199254740992"), ("a", "b")],
)
def test_other_values_stay_others(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_the_sketch_goes_on_record_only_where_others_may_compare() -> None:
    profile = Profile("csv", 600, COLUMNS, sketched(rows(0, 600)))

    def said(description: Description) -> bytes:
        document = listing.document(
            description=description, terms={}, token="", price_units=1, files=1, profile=profile
        )
        assert ("sketch" in document) == bool(listing.read(document).sketch)
        return listing.read(document).sketch

    assert said(Description()) == profile.sketch
    assert said(Description(comparable=False)) == b""
    assert said(Description(confidential=True)) == b""
    assert said(Description(personal_data=True)) == b""


def test_the_bins_are_what_the_format_says() -> None:
    """By hand from the description: the bytes stand on record, other programs make them too."""
    body = [[f"Place {n}", f"{n * n}.5", str(n * 7919 % 100003)] for n in range(300)]
    values = [(f"place {n}", f"{n * n + 0.5:.4g}") for n in range(300)]
    lowest: dict[int, int] = {}
    for pair in values:
        one, other = (int(hashlib.sha256(text.encode()).hexdigest()[:16], 16) for text in pair)
        both = (one + other) % 2**64
        lowest[both % 128] = min(both // 128, lowest.get(both % 128, 2**64))
    first = decode(sketched(body))[0]
    assert (first.first, first.second) == (0, 1)
    expected = [1 + lowest[bin] % 255 if bin in lowest else 0 for bin in range(128)]
    assert list(first.bins) == expected
