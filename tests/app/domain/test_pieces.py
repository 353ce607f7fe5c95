"""Sketches of pieces: what they say about shares, and that no bytes from the record do harm."""

from __future__ import annotations

import random
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import listing, pieces
from app.domain.pieces import KEPT, LEAST_PIECES, common, decode, encode
from app.domain.similarity import NOTHING, bands, check, likeness

ranks = st.sets(st.integers(0, 2**48 - 1), min_size=LEAST_PIECES, max_size=KEPT + 50)


def some(seed: int, count: int) -> list[int]:
    chance = random.Random(seed)
    return [chance.getrandbits(48) for _ in range(count)]


@given(ranks)
def test_a_sketch_is_read_as_it_was_written(found: set[int]) -> None:
    written = encode(found)
    assert decode(written) == tuple(sorted(found)[:KEPT])
    assert len(written) <= pieces.MAX_SKETCH_BYTES <= 4096 * 3 // 4
    check(written)
    assert likeness(written, written).score == 1.0
    assert all(2**31 <= band < 2**32 for band in bands(written))


@given(ranks, ranks)
def test_a_share_is_a_share_both_ways(one: set[int], other: set[int]) -> None:
    found = common(encode(one), encode(other))
    assert 0.0 <= found <= 1.0
    assert found == common(encode(other), encode(one))


@given(st.binary(max_size=2000).map(lambda raw: b"\x02" + raw) | ranks.map(encode), st.data())
def test_any_bytes_are_a_sketch_or_a_value_error(raw: bytes, data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        at = data.draw(st.integers(1, len(raw))) - 1
        raw = raw[:at] + bytes([data.draw(st.integers(0, 255))]) + raw[at + 1 :]
    said = listing.read({"sketch": b64encode(raw).decode()}).sketch
    try:
        check(raw)
    except ValueError:
        assert likeness(raw, raw) == NOTHING
        assert (bands(raw), said) == ((), b"")
    else:
        assert said == raw


GOOD = encode(some(1, 20))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        GOOD[:1],
        b"\x03" + GOOD[1:],
        GOOD[:-1],
        GOOD + b"\0",
        GOOD[: 1 + 6 * (LEAST_PIECES - 1)],
        GOOD + GOOD[-6:],
        GOOD[:1] + GOOD[7:13] + GOOD[1:7] + GOOD[13:],
        b"\x02" + b"".join(n.to_bytes(6, "big") for n in range(KEPT + 1)),
    ],
    ids=["empty", "head", "version", "short", "long", "few", "doubled", "unsorted", "many"],
)
def test_what_is_no_sketch(raw: bytes) -> None:
    with pytest.raises(ValueError, match="sketch"):
        decode(raw)
    assert likeness(GOOD, raw) == NOTHING


def test_too_few_pieces_say_nothing() -> None:
    assert encode(some(1, LEAST_PIECES - 1)) == b""
    assert encode(some(1, LEAST_PIECES)) != b""


def test_shares_are_told_within_the_standard_error() -> None:
    for kept in (0.9, 0.6, 0.3):
        one = some(7, 20_000)
        other = one[: int(kept * len(one))] + some(8, round((1 - kept) * len(one)))
        assert abs(common(encode(one), encode(other)) - kept) < 3 * 0.028


def test_the_smaller_is_found_within_the_larger_up_to_ten_times_its_size() -> None:
    for seed in range(20):
        part = some(seed, 4_000)
        whole = encode(part + some(seed + 100, 36_000))
        assert common(encode(part), whole) > 0.9
        assert len(set(bands(encode(part))) & set(bands(whole))) > 0


def test_what_rests_on_too_few_is_not_told() -> None:
    part = some(1, 400)
    assert common(encode(part), encode(part + some(2, 400_000))) == 0.0


def test_a_table_is_like_no_pieces() -> None:
    table = b"\x01" + bytes((0, 1)) + bytes(range(1, 129))
    check(table)
    assert likeness(GOOD, table) == likeness(table, GOOD) == NOTHING
    assert not set(bands(GOOD)) & set(bands(table))
