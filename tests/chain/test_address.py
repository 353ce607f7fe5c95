"""EIP-55 text against the EIP's own cases and an independent implementation."""

import json
from pathlib import Path

import pytest
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st

from chain.address import account_address, address_bytes, address_text, parse_address

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/eip55.json").read_text())["vectors"]


@pytest.mark.parametrize("text", VECTORS)
def test_the_eip_s_cases(text: str) -> None:
    assert address_text(bytes.fromhex(text[2:])) == text
    assert address_bytes(text) == bytes.fromhex(text[2:])
    assert parse_address(f" {text.lower()}\n") == text


@pytest.mark.parametrize("text", VECTORS[4:])
def test_one_letter_in_the_wrong_case_is_a_typing_mistake(text: str) -> None:
    at = next(i for i in range(2, 42) if text[i].isalpha())
    wrong = text[:at] + text[at].swapcase() + text[at + 1 :]
    for read in (address_bytes, parse_address):
        with pytest.raises(ValueError, match="typing mistake"):
            read(wrong)


@given(st.binary(min_size=20, max_size=20))
def test_equal_to_another_implementation(raw: bytes) -> None:
    text = address_text(raw)
    assert text == to_checksum_address(raw)
    assert address_bytes(text) == raw
    assert parse_address(text.lower()) == text
    assert parse_address("0x" + raw.hex().upper()) == text


@given(st.text() | st.none() | st.integers() | st.binary())
def test_anything_else_is_a_value_error(value: object) -> None:
    for read in (address_bytes, parse_address):
        with pytest.raises(ValueError, match="40 hex digits"):
            read(value)


def test_lower_case_is_for_people_only() -> None:
    with pytest.raises(ValueError, match="checksum"):
        address_bytes(VECTORS[4].lower())


@pytest.mark.parametrize("size", [0, 19, 21, 32])
def test_other_lengths_are_no_address(size: int) -> None:
    with pytest.raises(ValueError, match="20 bytes"):
        address_text(bytes(size))


def test_a_public_key_has_64_bytes() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        account_address(bytes(65))
