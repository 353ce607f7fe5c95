"""The contract's Merkle module by itself: every place of every small tree, and what is no path."""

from typing import Any

import boa
import pytest
from eth_utils import keccak

from chain.contracts import SOURCES
from tests.chain.contracts.deliveries import grown, path, root

OPENED = """
# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
import merkle

@external
@pure
def root_from_path(
    leaf: bytes32, index: uint256, size: uint256, path: DynArray[bytes32, 32]
) -> bytes32:
    return merkle.root_from_path(leaf, index, size, path)
"""


@pytest.fixture(scope="module")
def opened() -> Any:
    boa.interpret.set_search_paths([str(SOURCES)])
    try:
        return boa.loads(OPENED)
    finally:
        boa.interpret.set_search_paths([])


@pytest.mark.parametrize("size", range(1, 18))
def test_every_place_of_small_trees(opened: Any, size: int) -> None:
    leaves = [keccak(b"%d" % number) for number in range(size)]
    for index, leaf in enumerate(leaves):
        assert opened.root_from_path(leaf, index, size, path(leaves, index)) == root(leaves)


@pytest.mark.parametrize(
    ("size", "index"),
    [(2**32, 0), (2**32, 2**32 - 1), (2**32 - 1, 2**32 - 2), (2**31 + 1, 2**31), (2**20, 77)],
)
def test_large_trees(opened: Any, size: int, index: int) -> None:
    expected, siblings = grown(bytes(32), index, size, lambda level: keccak(bytes([level])))
    assert opened.root_from_path(bytes(32), index, size, siblings) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8])
def test_no_such_place(opened: Any, size: int) -> None:
    for index in (size, size + 1, 2**64):
        with boa.reverts("no such record"):
            opened.root_from_path(bytes(32), index, size, [])


@pytest.mark.parametrize("size", range(1, 10))
def test_paths_of_another_length(opened: Any, size: int) -> None:
    leaves = [keccak(b"%d" % number) for number in range(size)]
    for index, leaf in enumerate(leaves):
        siblings = path(leaves, index)
        with boa.reverts("path too long"):
            opened.root_from_path(leaf, index, size, [*siblings, bytes(32)])
        if siblings:
            with boa.reverts("path too short"):
                opened.root_from_path(leaf, index, size, siblings[:-1])


def test_no_tree_at_all(opened: Any) -> None:
    with boa.reverts("no such record"):
        opened.root_from_path(bytes(32), 0, 0, [])
