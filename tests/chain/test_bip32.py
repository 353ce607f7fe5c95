"""BIP-32 against the BIP's vectors and another implementation."""

import json
from pathlib import Path

import pytest
from eth_account.hdaccount.deterministic import HDPath
from hypothesis import given, settings
from hypothesis import strategies as st

from chain.bip32 import HARDENED, private_key

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/bip32.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["path"])
def test_the_bip_s_vectors(vector: dict[str, str]) -> None:
    assert private_key(bytes.fromhex(vector["seed"]), vector["path"]).hex() == vector["key"]


step = st.builds(
    lambda index, mark: f"/{index}{mark}", st.integers(0, HARDENED - 1), st.sampled_from(["", "'"])
)


@settings(max_examples=50)
@given(st.binary(min_size=16, max_size=64), st.lists(step, max_size=5))
def test_equal_to_another_implementation(seed: bytes, steps: list[str]) -> None:
    path = "m" + "".join(steps)
    assert private_key(seed, path) == HDPath(path).derive(seed)


@pytest.mark.parametrize(
    "path", ["", "m/", "44'/60'", "m/44h", "m/-1", "m/2147483648", "m/1''", "m/x", "M/1", "m/1\n"]
)
def test_another_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        private_key(bytes(32), path)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_another_seed_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="seed"):
        private_key(bytes(size), "m/0")
