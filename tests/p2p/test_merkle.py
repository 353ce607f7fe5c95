"""RFC 9162 trees: others' vectors, and every place of every small tree against a recursion."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import merkle

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rfc9162.json").read_text())
SIZES = range(1, 34)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaves_of(size: int) -> list[bytes]:
    return [sha(b"\x00" + b"entry %d" % i) for i in range(size)]


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def reference_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return sha(b"\x01" + reference_root(leaves[:k]) + reference_root(leaves[k:]))


def reference_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162 §2.1.3.1, word for word."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*reference_path(index, leaves[:k]), reference_root(leaves[k:])]
    return [*reference_path(index - k, leaves[k:]), reference_root(leaves[:k])]


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_eight_known_entries(size: int) -> None:
    entries = [bytes.fromhex(entry) for entry in VECTORS["entries"][:size]]
    leaves = b"".join(merkle.leaf_hash(entry) for entry in entries)
    assert merkle.root(leaves).hex() == VECTORS["roots"][size]
    assert size == 0 or merkle.root(flipped(leaves, 3)).hex() != VECTORS["roots"][size]


def test_hash_prefixes_of_leaf_and_node() -> None:
    leaf, node = VECTORS["leaf"], VECTORS["node"]
    assert merkle.leaf_hash(bytes.fromhex(leaf["entry"])).hex() == leaf["hash"]
    left, right = bytes.fromhex(node["left"]), bytes.fromhex(node["right"])
    assert merkle.node_hash(left, right).hex() == node["hash"]
    assert merkle.node_hash(right, left).hex() != node["hash"]


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: case["name"])
def test_known_inclusion_proofs(case: dict[str, Any]) -> None:
    leaf, root = bytes.fromhex(case["leaf"]), bytes.fromhex(case["root"])
    path = [bytes.fromhex(node) for node in case["path"]]
    assert merkle.verify(leaf, case["index"], case["size"], path, root) is case["valid"]


@pytest.mark.parametrize("size", SIZES)
def test_every_place_is_proven_and_every_mutation_refused(size: int) -> None:
    hashes = leaves_of(size)
    leaves = b"".join(hashes)
    root = merkle.root(leaves)
    assert root == reference_root(hashes)
    for index, leaf in enumerate(hashes):
        path = merkle.path(leaves, index)
        assert path == reference_path(index, hashes)
        assert merkle.root_from_path(leaf, index, size, path) == root
        assert merkle.verify(leaf, index, size, path, root)
        assert not merkle.verify(flipped(leaf, index), index, size, path, root)
        assert not merkle.verify(leaf, index, size, path, flipped(root, index))
        for other in range(size + 1):
            assert other == index or not merkle.verify(leaf, other, size, path, root)
        assert not merkle.verify(leaf, index, size, [*path, sha(b"longer")], root)
        assert not merkle.verify(leaf, index, size, [sha(b"longer"), *path], root)
        for place in range(len(path)):
            shorter = path[:place] + path[place + 1 :]
            assert not merkle.verify(leaf, index, size, shorter, root)
            changed = [*path[:place], flipped(path[place], 7 * place), *path[place + 1 :]]
            assert not merkle.verify(leaf, index, size, changed, root)
            if path[::-1] != path:
                assert not merkle.verify(leaf, index, size, path[::-1], root)


@pytest.mark.parametrize("size", SIZES)
def test_paths_of_any_run_equal_single_paths(size: int) -> None:
    leaves = b"".join(leaves_of(size))
    for start in range(size):
        for stop in range(start + 1, size + 1):
            expected = [(i, merkle.path(leaves, i)) for i in range(start, stop)]
            assert list(merkle.paths(leaves, start, stop)) == expected


@given(
    size=st.integers(0, 1200),
    cuts=st.lists(st.integers(0, 1200), max_size=6),
    index=st.integers(0, 1199),
)
def test_root_does_not_depend_on_how_leaves_arrive(size: int, cuts: list[int], index: int) -> None:
    hashes = leaves_of(size)
    hasher = merkle.RootHasher()
    at = 0
    for cut in sorted({min(cut, size) for cut in cuts} | {size}):
        if cut - at == 1:
            hasher.add(hashes[at])
        else:
            hasher.add_many(memoryview(b"".join(hashes[at:cut])))
        at = cut
    assert hasher.size == size
    assert hasher.root() == reference_root(hashes)
    if index < size:
        path = merkle.path(b"".join(hashes), index)
        assert path == reference_path(index, hashes)


def test_last_place_of_the_largest_tree() -> None:
    """2^32 records: paths are at most 32 long; the lone last leaf of 2^32 + 1 has one sibling."""
    leaf, siblings = sha(b"leaf"), [sha(b"%d" % i) for i in range(32)]
    root = merkle.root_from_path(leaf, 2**32 - 1, 2**32, siblings)
    assert merkle.verify(leaf, 2**32 - 1, 2**32, siblings, root)
    assert not merkle.verify(leaf, 2**32 - 2, 2**32, siblings, root)
    assert merkle.root_from_path(leaf, 2**32, 2**32 + 1, siblings[:1]) == merkle.node_hash(
        siblings[0], leaf
    )


def test_places_outside_the_tree_are_refused() -> None:
    leaves = b"".join(leaves_of(3))
    for index in (-1, 3):
        with pytest.raises(IndexError):
            merkle.path(leaves, index)
    with pytest.raises(IndexError):
        merkle.path(b"", 0)
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="outside"):
            merkle.root_from_path(leaves[:32], index, size, [])


def test_paths_of_a_wrong_length_are_refused() -> None:
    leaf, other = leaves_of(2)
    assert merkle.root_from_path(leaf, 0, 2, [other]) == merkle.node_hash(leaf, other)
    with pytest.raises(ValueError, match="too short"):
        merkle.root_from_path(leaf, 0, 2, [])
    for size, path in ((1, [other]), (2, [other, other])):
        with pytest.raises(ValueError, match="too long"):
            merkle.root_from_path(leaf, 0, size, path)


def test_hashes_of_a_wrong_length_are_refused() -> None:
    leaves = b"".join(leaves_of(2))
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.root(leaves[:-1])
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.RootHasher().add(leaves)
    assert not merkle.verify(leaves[:31], 0, 2, [leaves[32:]], merkle.root(leaves))
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.root_from_path(leaves[:32], 0, 2, [leaves[32:-1]])
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.root_from_path(leaves[:31], 0, 2, [leaves[32:]])
    # Node and sibling run together must not pass for a longer leaf.
    assert not merkle.verify(leaves[:32], 0, 2, [leaves[32:], b""], merkle.root(leaves))
