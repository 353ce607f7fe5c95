"""A listing has 8 KiB: the owner's words come first, the sketch takes what is left of it."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from app.domain import listing, pieces
from app.domain.commands import Description
from app.domain.similarity import BINS, MAX_PAIRS, Pair, decode, encode
from app.domain.snapshots.datasets import Column, Profile
from app.engine.registering import listing_document
from app.store.datasets import OwnDataset
from chain.listing import decode_listing, encode_listing

CHANCE = random.Random(1)
PAIRS = encode(Pair(*at, CHANCE.randbytes(BINS)) for at in combinations(range(8), 2))
PIECES = pieces.encode([CHANCE.randrange(2**48) for _ in range(400)])


def words(count: int) -> str:
    """Characters that cannot be packed well."""
    return "".join(chr(CHANCE.randrange(0x4E00, 0x9000)) for _ in range(count))


def own(what: str, sketch: bytes, columns: int = 8) -> OwnDataset:
    named = tuple(Column(words(6), "number", 1.0) for _ in range(columns))
    return OwnDataset(
        "d" * 32,
        "/data",
        0,
        description=Description(title="T", what=what),
        files=1,
        profile=Profile("csv", 1000, named, sketch),
    )


def on_record(one: OwnDataset) -> listing.Listing:
    return listing.read(decode_listing(encode_listing(listing_document(one))))


@pytest.mark.parametrize("sketch", [PAIRS, PIECES])
def test_where_there_is_room_the_whole_sketch_goes_on_record(sketch: bytes) -> None:
    assert on_record(own("Hourly speeds.", sketch)).sketch == sketch


def test_long_words_shorten_the_sketch_and_are_whole() -> None:
    what = words(1200)
    said = on_record(own(what, PAIRS, 60))
    assert said.description.what == what
    assert len(said.columns) == 60
    assert 1 <= len(decode(said.sketch)) < MAX_PAIRS
    assert PAIRS.startswith(said.sketch)


def test_a_sketch_of_pieces_is_left_out_whole() -> None:
    what = words(2000)
    large = own(what, PIECES, 60)
    assert "sketch" not in listing_document(large)
    assert on_record(large).description.what == what


@pytest.mark.parametrize("sketch", [PAIRS, PIECES, b""])
def test_words_that_fill_it_alone_are_refused_as_before(sketch: bytes) -> None:
    large = own(words(4000), sketch, 60)
    assert "sketch" not in listing_document(large)
    with pytest.raises(ValueError, match="shorten it"):
        encode_listing(listing_document(large))
