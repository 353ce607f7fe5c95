"""The contract's key stream is the one that seals: the published vectors, on both sides."""

import hashlib
import json
from pathlib import Path
from typing import Any

import boa
import pytest

from chain.contracts import SOURCES
from p2p import sealing

VECTORS = Path(__file__).parents[2] / "vectors"
CHUNK_1 = json.loads((VECTORS / "sealing_chunk_1.json").read_text())
RFC8439 = json.loads((VECTORS / "rfc8439.json").read_text())["cases"]
OPENED = """
# pragma version 0.4.3
# pragma evm-version cancun
# pragma optimize gas
import chacha

@external
@pure
def crypt(key: bytes32, chunk: uint256, first: uint256, text: uint256[128]) -> uint256[128]:
    return chacha.crypt(key, chunk, first, text)
"""


@pytest.fixture(scope="module")
def opened() -> Any:
    boa.interpret.set_search_paths([str(SOURCES)])
    try:
        return boa.loads(OPENED)
    finally:
        boa.interpret.set_search_paths([])


def crypt(opened: Any, key: bytes, chunk: int, block: int, text: bytes) -> bytes:
    words = [int.from_bytes(text[at : at + 32], "big") for at in range(0, 4096, 32)]
    return b"".join(word.to_bytes(32, "big") for word in opened.crypt(key, chunk, block, words))


@pytest.mark.parametrize("vector", CHUNK_1["records"], ids=lambda vector: str(vector["index"]))
def test_the_vector_of_chunk_1_on_both_sides(opened: Any, vector: dict[str, Any]) -> None:
    dk, index = bytes.fromhex(CHUNK_1["dk"]), vector["index"]
    ours = crypt(opened, dk, index // 256, index % 256 * 64, bytes(4096))
    theirs = sealing.seal_chunk(dk, index // 256, bytes(2 * 4096))
    assert ours == theirs[index % 256 * 4096 :][:4096]
    assert ours.hex().startswith(vector["ciphertext_starts"])
    assert hashlib.sha256(ours).hexdigest() == vector["ciphertext_sha256"]
    assert crypt(opened, dk, 0, vector["counter"], bytes(4096)) != ours


@pytest.mark.parametrize(
    "case",
    [case for case in RFC8439 if case["nonce"][:16] == "00" * 8],
    ids=lambda case: case["name"],
)
def test_vectors_of_the_rfc(opened: Any, case: dict[str, str]) -> None:
    """Those whose nonce a chunk can have: all but its last word zero."""
    plain, key = bytes.fromhex(case["plaintext"]), bytes.fromhex(case["key"])
    nonce, counter = int(case["nonce"], 16), int(case["counter"])
    found = crypt(opened, key, nonce, counter, plain.ljust(4096, b"\0"))
    assert found[: len(plain)].hex() == case["ciphertext"]


def test_the_same_xor_both_ways(opened: Any) -> None:
    text = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(128))
    sealed = crypt(opened, bytes(range(32)), 2**24 - 1, 16_320, text)
    assert sealed != text
    assert crypt(opened, bytes(range(32)), 2**24 - 1, 16_320, sealed) == text
