"""Hashes side by side: the standard's own examples, and the library's hash of every message, in
each way that this processor has."""

import hashlib
import random
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import lanes

# FIPS 180-4's examples of 896 bits and of a million letters (NIST, "Examples with Intermediate
# Values"), which are long enough.
LETTERS = (
    b"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
    b"hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
)
EXAMPLES = [
    (LETTERS, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"),
    (b"a" * 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
]


def ways() -> list[int]:
    """The library's, and what there is here of two and sixteen."""
    found = [0]
    for wanted in (2, 16):
        if wanted <= lanes.LANES:
            try:
                lanes.hashes(0, b"", 64, lanes=wanted)
            except ValueError:
                continue
            found.append(wanted)
    return found


WAYS = ways()


def test_it_is_compiled_where_there_is_a_compiler() -> None:
    from p2p import _lanes

    assert shutil.which("cc")
    assert lanes.LANES == _lanes.lanes() == WAYS[-1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [1, 2, 3, 17])
@pytest.mark.parametrize(("message", "digest"), EXAMPLES, ids=["896 bits", "a million letters"])
def test_the_standards_examples(message: bytes, digest: str, count: int, way: int) -> None:
    bodies = message[1:] * count
    found = lanes.hashes(message[0], bodies, len(message) - 1, lanes=way)
    assert found.hex() == digest * count
    heads = message[1:33] * count
    again = lanes.hashes(message[0], message[33:] * count, len(message) - 33, heads, lanes=way)
    assert again == found


@pytest.mark.parametrize("way", WAYS)
@given(
    size=st.integers(63, 700) | st.sampled_from([4064, 4096]),
    count=st.integers(0, 40),
    headed=st.booleans(),
    prefix=st.integers(0, 255),
    seed=st.integers(0, 1 << 32),
)
def test_the_librarys_hash_of_each(
    way: int, size: int, count: int, headed: bool, prefix: int, seed: int
) -> None:
    drawn = random.Random(seed)
    bodies = [drawn.randbytes(size) for _ in range(count)]
    heads = [drawn.randbytes(32) if headed else b"" for _ in range(count)]
    expected = [
        hashlib.sha256(bytes((prefix,)) + head + body).digest()
        for head, body in zip(heads, bodies, strict=True)
    ]
    # Somewhere in other memory: where a message begins is no multiple of anything.
    lies = memoryview(bytearray(b"?" + b"".join(bodies)))[1:]
    assert lanes.hashes(prefix, lies, size, b"".join(heads), lanes=way) == b"".join(expected)


@pytest.mark.parametrize("way", WAYS)
def test_sizes_that_do_not_agree(way: int) -> None:
    for bodies, size in [(bytes(129), 64), (bytes(62), 62), (b"", 62), (bytes(64), 0)]:
        with pytest.raises(ValueError, match="bodies"):
            lanes.hashes(0, bodies, size, lanes=way)
    for heads in (bytes(31), bytes(32), bytes(65), bytes(96)):
        with pytest.raises(ValueError, match="head"):
            lanes.hashes(0, bytes(128), 64, heads, lanes=way)


@pytest.mark.skipif(not lanes.LANES, reason="this processor has no lanes")
def test_lanes_that_there_are_not() -> None:
    with pytest.raises(ValueError, match="lanes"):
        lanes.hashes(0, bytes(64), 64, lanes=3)
