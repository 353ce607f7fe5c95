"""The EIP's own example, and what the encoder must refuse."""

import json
from pathlib import Path

import pytest
from eth_utils import keccak

from chain import eip712

MAIL = json.loads((Path(__file__).parents[1] / "vectors/eip712_mail.json").read_text())
DOMAIN = MAIL["domain"]


def person(name_and_wallet: list[str]) -> bytes:
    return eip712.struct_hash(MAIL["person_type"], name_and_wallet)


def mail() -> bytes:
    values = (person(MAIL["from"]), person(MAIL["to"]), MAIL["contents"])
    return eip712.struct_hash(MAIL["type"], values)


def separator() -> bytes:
    return eip712.domain_separator(
        DOMAIN["name"], DOMAIN["version"], DOMAIN["chain_id"], DOMAIN["contract"]
    )


def test_the_mail_example() -> None:
    assert eip712.type_hash(MAIL["type"]).hex() == MAIL["type_hash"]
    assert separator().hex() == MAIL["domain_separator"]
    assert mail().hex() == MAIL["struct_hash"]
    assert eip712.digest(separator(), mail()).hex() == MAIL["digest"]


def test_members_are_read_from_the_first_struct_only() -> None:
    assert eip712.members(MAIL["type"]) == (
        ("Person", "from"),
        ("Person", "to"),
        ("string", "contents"),
    )
    assert eip712.members("Nothing()") == ()


@pytest.mark.parametrize("text", ["", "Mail", "Mail(string)", "Mail(string a, string b)", "x(y z)"])
def test_other_text_is_no_type(text: str) -> None:
    with pytest.raises(ValueError, match="encoded type"):
        eip712.members(text)


def test_an_unknown_struct_is_not_taken_for_a_hash() -> None:
    with pytest.raises(ValueError, match="unsupported type: Person"):
        eip712.struct_hash("Mail(Person from)", (bytes(32),))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_number_of_values_must_fit(count: int) -> None:
    with pytest.raises(ValueError, match="takes 2 values"):
        eip712.struct_hash("Pair(uint8 a,uint8 b)", (1,) * count)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("uint8", 255, 256),
        ("uint8", 0, -1),
        ("uint8", 1, True),
        ("uint8", 1, 1.0),
        ("uint8", 1, "1"),
        ("uint256", 2**256 - 1, 2**256),
        ("bytes6", b"123456", b"12345"),
        ("bytes6", b"123456", b"1234567"),
        ("bytes6", b"123456", "123456"),
        ("bytes", b"", ""),
        ("string", "", b""),
        ("bool", False, 0),
        ("address", DOMAIN["contract"], DOMAIN["contract"].lower()),
        ("address", DOMAIN["contract"], None),
    ],
)
def test_each_value_is_checked(kind: str, good: object, bad: object) -> None:
    eip712.struct_hash(f"One({kind} member)", (good,))
    with pytest.raises(ValueError, match="member"):
        eip712.struct_hash(f"One({kind} member)", (bad,))


@pytest.mark.parametrize("value", [b"", b"\1", bytes(32), b"more than a word " * 3])
def test_bytes_of_any_length_are_hashed(value: bytes) -> None:
    found = eip712.struct_hash("One(bytes member)", (value,))
    assert found == keccak(keccak(b"One(bytes member)") + keccak(value))


def test_short_bytes_are_padded_on_the_right_and_integers_on_the_left() -> None:
    left = eip712.struct_hash("One(uint8 a)", (1,))
    right = eip712.struct_hash("One(bytes1 a)", (b"\1",))
    assert left != right


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_digest_takes_two_hashes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        eip712.digest(bytes(32), bytes(size))
    with pytest.raises(ValueError, match="32 bytes"):
        eip712.digest(bytes(size), bytes(32))
