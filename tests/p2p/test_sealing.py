"""ChaCha20 as RFC 8439 has it, the key stream of a chunk, and the delivery tree's leaves."""

import hashlib
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p import chacha20, sealing
from p2p.records import RECORD

VECTORS = Path(__file__).parents[1] / "vectors"
RFC8439 = json.loads((VECTORS / "rfc8439.json").read_text())["cases"]
CHUNK_1 = json.loads((VECTORS / "sealing_chunk_1.json").read_text())
DK = bytes(range(32))


def reference_block(key: bytes, counter: int, nonce: bytes) -> bytes:
    """The block function of RFC 8439 §2.3, word for word."""

    def rotated(value: int, by: int) -> int:
        return (value << by | value >> 32 - by) & 0xFFFFFFFF

    def quarter(x: list[int], a: int, b: int, c: int, d: int) -> None:
        for left, right in ((16, 12), (8, 7)):
            x[a] = (x[a] + x[b]) & 0xFFFFFFFF
            x[d] = rotated(x[d] ^ x[a], left)
            x[c] = (x[c] + x[d]) & 0xFFFFFFFF
            x[b] = rotated(x[b] ^ x[c], right)

    start = [
        *struct.unpack("<4I", b"expand 32-byte k"),
        *struct.unpack("<8I", key),
        counter,
        *struct.unpack("<3I", nonce),
    ]
    state = list(start)
    for _ in range(10):
        for column in range(4):
            quarter(state, column, column + 4, column + 8, column + 12)
        for i in range(4):
            quarter(state, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(state, start, strict=True)))


@pytest.mark.parametrize("case", RFC8439, ids=lambda case: case["name"])
def test_rfc_8439_vectors(case: dict[str, str]) -> None:
    key, nonce = bytes.fromhex(case["key"]), bytes.fromhex(case["nonce"])
    counter, plain = int(case["counter"]), bytes.fromhex(case["plaintext"])
    assert chacha20.xor(key, nonce, counter, plain).hex() == case["ciphertext"]
    assert chacha20.xor(key, nonce, counter + 1, plain).hex() != case["ciphertext"]
    assert chacha20.xor(key, nonce[:-1] + b"\x77", counter, plain).hex() != case["ciphertext"]


def test_parameters_that_would_repeat_the_stream_are_refused() -> None:
    nonce = bytes(12)
    assert len(chacha20.keystream(DK, nonce, 2**32 - 1, 64)) == 64
    for counter, length in ((2**32 - 1, 65), (2**32, 1), (-1, 1)):
        with pytest.raises(ValueError, match="32 bits"):
            chacha20.keystream(DK, nonce, counter, length)
    for key, short in ((DK[:31], nonce), (DK, nonce[:11])):
        with pytest.raises(ValueError, match="key of 32"):
            chacha20.keystream(key, short, 0, 1)


def test_published_vector_of_chunk_1() -> None:
    """The nonce is big-endian 1 and its last word is read little-endian as 0x01000000."""
    sealed = sealing.seal_chunk(bytes.fromhex(CHUNK_1["dk"]), 1, bytes(2 * RECORD))
    nonce = bytes.fromhex(CHUNK_1["nonce"])
    assert struct.unpack("<3I", nonce) == (0, 0, 0x01000000)
    for place, record in enumerate(CHUNK_1["records"]):
        start = sealed[place * RECORD : place * RECORD + 64]
        assert start.hex() == record["ciphertext_starts"]
        assert start == reference_block(DK, record["counter"], nonce)
        assert start != reference_block(DK, record["counter"], nonce[::-1])


@given(chunk_index=st.integers(0, 2**24 - 1), place=st.integers(0, 255), block=st.integers(0, 63))
def test_a_record_can_be_opened_by_itself(chunk_index: int, place: int, block: int) -> None:
    """What a complaint needs: record i from counter 64·(i mod 256) of its chunk's nonce."""
    sealed = sealing.seal_chunk(DK, chunk_index, bytes((place + 1) * RECORD))
    at = place * RECORD + block * 64
    nonce = chunk_index.to_bytes(12, "big")
    assert sealed[at : at + 64] == reference_block(DK, 64 * place + block, nonce)


def test_sealing_twice_opens_and_another_key_or_chunk_does_not() -> None:
    plain = hashlib.sha256(b"record").digest() * 128 * 3
    sealed = sealing.seal_chunk(DK, 5, plain)
    assert sealed != plain
    assert sealing.seal_chunk(DK, 5, sealed) == plain
    assert sealing.seal_chunk(DK, 6, sealed) != plain
    assert sealing.seal_chunk(DK[::-1], 5, sealed) != plain


@pytest.mark.parametrize("count", [1, 256])
def test_the_smallest_and_the_largest_chunk_are_sealed(count: int) -> None:
    sealed = sealing.seal_chunk(DK, 0, bytes(count * RECORD))
    assert len(sealed) == count * RECORD
    assert sealed[-64:] == reference_block(DK, 64 * count - 1, bytes(12))


@pytest.mark.parametrize("length", [0, 1, RECORD - 1, RECORD + 1, 257 * RECORD])
def test_only_whole_records_of_one_chunk_are_sealed(length: int) -> None:
    with pytest.raises(ValueError, match="whole records"):
        sealing.seal_chunk(DK, 0, bytes(length))


def test_delivery_leaves() -> None:
    leaves = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(3))
    ciphertext = bytes(range(256)) * 16 * 3
    many = sealing.delivery_leaves(leaves, ciphertext)
    for i in range(3):
        h, c = leaves[32 * i : 32 * i + 32], ciphertext[RECORD * i : RECORD * (i + 1)]
        expected = hashlib.sha256(b"\x00" + h + c).digest()
        assert sealing.delivery_leaf(h, c) == expected == many[32 * i : 32 * i + 32]
        assert sealing.delivery_leaf(h, c[::-1]) != expected
    assert len(many) == 96
    for length in (64, 95, 97):
        with pytest.raises(ValueError, match="as many"):
            sealing.delivery_leaves((leaves + b"4")[:length], ciphertext)
    for entry in ((leaves[:31], ciphertext[:RECORD]), (leaves[:32], ciphertext[: RECORD - 1])):
        with pytest.raises(ValueError, match="an entry is"):
            sealing.delivery_leaf(*entry)
