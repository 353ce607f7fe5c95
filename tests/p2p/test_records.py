"""Records: salts as the key stream has them, nothing lost or added between content and records."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import example, given
from hypothesis import strategies as st

from p2p import chacha20, records
from p2p.records import PAYLOAD, RECORD, SALT, Fingerprint

KEY = bytes(range(32))
BLAKE3 = json.loads((Path(__file__).parents[1] / "vectors" / "blake3.json").read_text())["cases"]


@pytest.mark.parametrize("case", BLAKE3, ids=lambda case: str(case["length"]))
def test_blake3_official_vectors(case: dict[str, Any]) -> None:
    """The library is not ours, but B stands on it; also in pieces, as files are read."""
    length = int(case["length"])
    data = (bytes(range(251)) * (length // 251 + 1))[:length]
    assert blake3(data).hexdigest() == case["hash"]
    hasher = blake3()
    for at in range(0, length, PAYLOAD):
        hasher.update(memoryview(data)[at : at + PAYLOAD])
    assert hasher.hexdigest() == case["hash"]
    assert blake3(data + b"\0").hexdigest() != case["hash"]


def test_the_numbers_are_the_protocol_s() -> None:
    assert (records.SALT, records.PAYLOAD, records.RECORD) == (32, 4064, 4096)
    assert (records.CHUNK_RECORDS, records.CHUNK, records.LEAF) == (256, 2**20, 32)


def test_a_confidential_registration_hides_b_behind_the_root() -> None:
    root = bytes(range(32))
    assert records.confidential_id(root) == hashlib.sha256(b"\x03" + root).digest()


@given(first=st.integers(0, 2**32 - 300), count=st.integers(1, 256))
def test_salts_are_one_key_stream_from_any_place(first: int, count: int) -> None:
    salts = records.salts(KEY, first, count)
    assert len(salts) == count * SALT
    for i in (first, first + count - 1):
        block = chacha20.keystream(KEY, bytes(12), i * SALT // 64, 64)
        at = (i - first) * SALT
        assert salts[at : at + SALT] == block[i * SALT % 64 :][:SALT]


def test_first_salts_are_the_rfc_8439_block_of_counter_0() -> None:
    """Zero key: appendix A.1 #1 of the RFC holds salts 0 and 1."""
    stream = records.salts(bytes(32), 0, 2).hex()
    assert stream.startswith("76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7")
    assert stream.endswith("69b2ee6586")


def test_salts_differ() -> None:
    salts = records.salts(KEY, 0, 5000)
    assert len({salts[i : i + SALT] for i in range(0, len(salts), SALT)}) == 5000
    assert records.salts(KEY[::-1], 0, 5000) != salts


@given(data=st.binary(min_size=1, max_size=3 * PAYLOAD), first=st.integers(0, 1000))
@example(data=random.Random(1).randbytes(PAYLOAD), first=1)
@example(data=random.Random(2).randbytes(2 * PAYLOAD + 1), first=2)
@example(data=random.Random(3).randbytes(3 * PAYLOAD), first=3)
def test_content_to_records_and_back(data: bytes, first: int) -> None:
    count = records.record_count(len(data))
    salts = records.salts(KEY, first, count)
    made = records.join(salts, data)
    assert len(made) == count * RECORD
    padded = data.ljust(count * PAYLOAD, b"\0")
    assert records.payload(made) == padded
    expected = b"".join(
        hashlib.sha256(b"\x00" + made[at : at + RECORD]).digest()
        for at in range(0, len(made), RECORD)
    )
    assert records.leaf_hashes(made) == expected
    places = memoryview(bytearray(count * RECORD))
    payloads = records.cut(padded, PAYLOAD)
    for at, payload in zip(range(0, len(places), RECORD), payloads, strict=True):
        places[at + SALT : at + RECORD] = payload
    records.put_salts(salts, places)
    assert places == made
    assert records.salted_leaf_hashes(salts, padded) == expected


def test_equal_payloads_have_different_leaves_under_different_salts() -> None:
    leaves = records.salted_leaf_hashes(records.salts(KEY, 0, 2), bytes(2 * PAYLOAD))
    assert leaves[:32] != leaves[32:]


def test_salts_and_payload_must_fit() -> None:
    salts = records.salts(KEY, 0, 2)
    for length in (0, PAYLOAD, 2 * PAYLOAD + 1):
        with pytest.raises(ValueError, match="same number"):
            records.join(salts, bytes(length))
    for length in (0, PAYLOAD, 2 * PAYLOAD - 1, 2 * PAYLOAD + 1, 3 * PAYLOAD):
        with pytest.raises(ValueError, match="same number"):
            records.salted_leaf_hashes(salts, bytes(length))
    with pytest.raises(ValueError, match="4064"):
        records.cut(bytes(PAYLOAD + 1), PAYLOAD)
    with pytest.raises(ValueError, match="4096"):
        records.leaf_hashes(bytes(RECORD + 1))


@pytest.mark.parametrize(
    ("length", "expected"), [(1, 1), (PAYLOAD, 1), (PAYLOAD + 1, 2), (256 * PAYLOAD + 1, 257)]
)
def test_counts(length: int, expected: int) -> None:
    assert records.record_count(length) == expected


def test_chunks_of_a_dataset() -> None:
    assert [records.chunk_count(n) for n in (1, 256, 257)] == [1, 1, 2]
    assert [records.chunk_records(k, 600) for k in range(3)] == [256, 256, 88]
    for k in (-1, 3):
        with pytest.raises(IndexError):
            records.chunk_records(k, 600)


def test_preamble_is_padded_with_zeros_to_whole_payloads() -> None:
    for length in (1, PAYLOAD - 4, PAYLOAD - 3):
        opening = records.preamble(b"m" * length)
        assert opening[:4] == length.to_bytes(4, "big")
        assert opening[4 : 4 + length] == b"m" * length
        assert not any(opening[4 + length :])
        assert len(opening) == records.preamble_records(length) * PAYLOAD
    assert records.preamble_records(PAYLOAD - 4) == 1
    assert records.preamble_records(PAYLOAD - 3) == 2


@pytest.mark.parametrize(
    ("content_id", "root", "count", "length"),
    [
        (bytes(31), bytes(32), 1, 1),
        (bytes(32), bytes(33), 1, 1),
        (bytes(32), bytes(32), 0, 1),
        (bytes(32), bytes(32), 2**32 + 1, 1),
        (bytes(32), bytes(32), 1, -1),
        (bytes(32), bytes(32), 1, 2**64),
    ],
)
def test_impossible_fingerprints_are_refused(
    content_id: bytes, root: bytes, count: int, length: int
) -> None:
    for fine in ((1, 0), (2**32, 1), (1, 2**64 - 1)):
        made = Fingerprint(bytes(32), bytes(32), *fine)
        assert (made.records, made.length) == fine
    with pytest.raises(ValueError, match=r"32 bytes|records|64 bits"):
        Fingerprint(content_id, root, count, length)
