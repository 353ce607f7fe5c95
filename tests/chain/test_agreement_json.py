"""Agreements as JSON, canonical documents, and the binding that peers show each other."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain import agreement
from chain.address import address_text
from chain.agreement import Domain, Offer, PeerBinding, Subscription
from chain.errors import InvalidSignature

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
DOMAIN = Domain(31337, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512")
OFFER = Offer(
    owner=OWNER,
    buyer="0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    dataset=bytes([1]) * 32,
    records=1000,
    token=TOKEN,
    price=250_000_000,
    bond=25_000_000,
    key_commit=bytes([2]) * 32,
    mask_commit=bytes([3]) * 32,
    terms=bytes([4]) * 32,
    expires=1_900_000_000,
    reveal_within=86_400,
    window=172_800,
    epoch=3,
    nonce=bytes([5]) * 32,
)
BINDING = PeerBinding(
    identity=OWNER,
    peer_id="12D3KooWKavfSLKnBEoUdrcsZKHE2tCWxrPkND6psrNRyL8DgtYW",
    seal_key=bytes([6]) * 32,
    issued=1_800_000_000,
    expires=1_800_000_000 + 30 * 86_400,
)

addresses = st.binary(min_size=20, max_size=20).filter(any).map(address_text)
words = st.binary(min_size=32, max_size=32)
offers = st.builds(
    Offer,
    owner=st.just(OWNER),
    buyer=addresses.filter(lambda address: address != OWNER),
    dataset=words,
    records=st.integers(1, 2**32),
    token=addresses,
    price=st.integers(1, 2**256 - 1),
    bond=st.integers(0, 2**256 - 1),
    key_commit=words,
    mask_commit=words,
    terms=words,
    expires=st.integers(0, 2**64 - 1),
    reveal_within=st.integers(1, 30 * 86_400),
    window=st.integers(1, 30 * 86_400),
    epoch=st.integers(0, 2**32 - 1),
    nonce=words,
)

# Offers


@given(offers)
def test_an_offer_survives_json_in_one_form_only(value: Offer) -> None:
    document = value.to_json()
    encoded = agreement.canonical(document)
    assert Offer.from_json(json.loads(encoded)) == value
    assert isinstance(document["price"], str)
    assert isinstance(document["bond"], str)
    assert Offer(*value.as_tuple()) == value


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("price", 250_000_000),
        ("price", "0250000000"),
        ("price", "+250000000"),
        ("price", "2.5e8"),
        ("price", "250000000 "),
        ("price", "²50000000"),
        ("price", "9" * 79),
        ("bond", 25_000_000),
        ("records", "1000"),
        ("records", 1000.0),
        ("epoch", True),
        ("dataset", "0x" + "01" * 32),
        ("dataset", "01" * 31),
        ("dataset", "01 " * 32),
        ("nonce", "0A" * 32),
        ("owner", OWNER.lower()),
        ("owner", OWNER[2:]),
        ("token", None),
    ],
)
def test_another_form_of_a_member_is_refused(name: str, form: object) -> None:
    with pytest.raises(ValueError, match=name):
        Offer.from_json(OFFER.to_json() | {name: form})


SUBSCRIPTION = Subscription(
    owner=OWNER,
    buyer=OFFER.buyer,
    dataset=bytes([1]) * 32,
    token=TOKEN,
    price=250_000_000,
    bond=25_000_000,
    terms=bytes([4]) * 32,
    begins=1_800_000_000,
    until=1_830_000_000,
    versions=12,
    reveal_within=86_400,
    window=172_800,
    expires=1_801_000_000,
    nonce=bytes([5]) * 32,
)


def test_a_subscription_survives_json_in_one_form_only() -> None:
    document = SUBSCRIPTION.to_json()
    assert Subscription.from_json(json.loads(agreement.canonical(document))) == SUBSCRIPTION
    for name, form in {
        "price": 250_000_000,
        "bond": "025000000",
        "versions": "12",
        "until": True,
        "dataset": "01" * 31,
        "owner": OWNER.lower(),
        "more": 1,
    }.items():
        with pytest.raises(ValueError, match=r"price|bond|versions|until|dataset|owner|exactly"):
            Subscription.from_json(document | {name: form})


def test_what_looks_like_a_number_is_read_as_its_kind() -> None:
    offer = replace(OFFER, dataset=b"\x11" * 32)
    assert Offer.from_json(offer.to_json()) == offer
    for peer_id in ("12345678", "abcdef12"):
        binding = replace(BINDING, peer_id=peer_id)
        assert agreement.decode_binding(signed(binding))[0] == binding


def test_large_integers_are_text_and_small_ones_are_not() -> None:
    assert replace(OFFER, expires=2**53 - 1).to_json()["expires"] == 2**53 - 1
    document = replace(OFFER, expires=2**53).to_json()
    assert document["expires"] == str(2**53)
    with pytest.raises(ValueError, match="expires"):
        Offer.from_json(document | {"expires": 2**53})


def test_an_offer_has_exactly_its_members() -> None:
    document = OFFER.to_json()
    with pytest.raises(ValueError, match="exactly"):
        Offer.from_json(document | {"more": 1})
    del document["nonce"]
    with pytest.raises(ValueError, match="exactly"):
        Offer.from_json(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON)
def test_any_json_is_no_offer(document: object) -> None:
    with pytest.raises(ValueError, match="Offer"):
        Offer.from_json(document)


@given(st.sampled_from(sorted(OFFER.to_json())), JSON)
def test_any_value_in_an_offer_is_read_as_written_or_a_value_error(name: str, value: Any) -> None:
    document = OFFER.to_json() | {name: value}
    try:
        read = Offer.from_json(document)
    except ValueError:
        return
    assert agreement.canonical(read.to_json()) == agreement.canonical(document)


# Documents


def test_documents_are_hashed_in_canonical_form() -> None:
    encoded = '{"a":[1,2.5,null,true],"é":"\\u0001"}'.encode()
    document = {"é": "\1", "a": [1, 2.5, None, True]}
    assert agreement.canonical(document) == encoded
    assert agreement.terms_hash(document) == hashlib.sha256(encoded).digest()
    assert agreement.review_hash(document) == hashlib.sha256(encoded).digest()
    assert agreement.terms_hash({"a": [1, 2.5, None, True]}) != agreement.terms_hash(document)


def deep(levels: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(levels):
        nested = [nested]
    return nested


@pytest.mark.parametrize(
    "value", [2**53, -(2**53), float("nan"), float("inf"), {1: 2}, b"", "\ud800", {"\ud800": 1}]
)
def test_what_json_cannot_hold_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        agreement.canonical({"a": value})


def test_a_document_too_deep_is_a_value_error() -> None:
    assert agreement.canonical(deep(50)) == b"[" * 51 + b"]" * 51
    with pytest.raises(ValueError, match="deep"):
        agreement.canonical(deep(100_000))


# Bindings between an identity and a peer


def signed(value: PeerBinding | None = None, key: bytes = KEY) -> bytes:
    value = value or BINDING
    return agreement.encode_binding(value, agreement.sign(DOMAIN, value, key))


def test_a_binding_holds_for_its_peer_in_its_time() -> None:
    value = BINDING
    assert agreement.decode_binding(signed())[0] == value
    for now in (value.issued - agreement.CLOCK_SKEW_SECONDS, value.issued, value.expires - 1):
        assert agreement.verify_binding(DOMAIN, signed(), value.peer_id, now) == value


@pytest.mark.parametrize(
    ("domain", "encoded", "peer_id", "now", "words"),
    [
        (Domain(1, DOMAIN.contract), signed(), BINDING.peer_id, 1_800_000_001, "not signed"),
        (Domain(31337, TOKEN), signed(), BINDING.peer_id, 1_800_000_001, "not signed"),
        (DOMAIN, signed(key=bytes([9]) * 32), BINDING.peer_id, 1_800_000_001, "not signed"),
        (DOMAIN, signed(), BINDING.peer_id + "a", 1_800_000_001, "another peer"),
        (DOMAIN, signed(), BINDING.peer_id, BINDING.expires, "expired"),
        (DOMAIN, signed(), BINDING.peer_id, BINDING.issued - 301, "future"),
    ],
    ids=["chain", "contract", "signer", "peer", "expired", "future"],
)
def test_a_binding_holds_nowhere_else(
    domain: Domain, encoded: bytes, peer_id: str, now: int, words: str
) -> None:
    with pytest.raises(InvalidSignature, match=words):
        agreement.verify_binding(domain, encoded, peer_id, now)


def test_a_binding_has_one_encoding() -> None:
    encoded = signed()
    for wrong in (
        encoded + b" ",
        encoded.replace(b":", b": ", 1),
        encoded[:-1] + b',"z":1}',
        encoded.replace(b'"issued"', b'"issued":1,"issued"'),
        encoded.replace(b"1800000000", b"1.8e9"),
        encoded[:-1],
        b"null",
        b"[" * 2000,
        b"\xff",
        b" " * 3000,
        b"9" * 2000,
    ):
        with pytest.raises(ValueError, match=r"."):
            agreement.decode_binding(wrong)


def test_a_binding_has_at_most_2048_bytes() -> None:
    """The length is looked at before anything is read of them."""
    text = b'{"signature":"' + bytes(65).hex().encode() + b'","z":"' + b"z" * 2048
    for length, words in ((2048, "must be an object with exactly"), (2049, "at most 2048 bytes")):
        with pytest.raises(ValueError, match=words):
            agreement.decode_binding(text[: length - 2] + b'"}')


@given(st.binary(max_size=100) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_no_binding(encoded: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        agreement.decode_binding(encoded)


def test_a_binding_is_encoded_with_a_whole_signature() -> None:
    with pytest.raises(ValueError, match="65 bytes"):
        agreement.encode_binding(BINDING, bytes(64))
    for size in (64, 66):
        other = json.loads(signed()) | {"signature": "1b" * size}
        with pytest.raises(ValueError, match="signature must be 65 bytes"):
            agreement.decode_binding(agreement.canonical(other))
