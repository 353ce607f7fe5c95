"""Signed values against an independent EIP-712, and everything that must not count."""

import dataclasses
from typing import Any

import pytest
from eth_abi import encode as abi_encode
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chain import agreement
from chain.address import ZERO_ADDRESS, address_text
from chain.agreement import (
    Confirmation,
    Domain,
    Offer,
    PeerBinding,
    Receipt,
    SampleGrant,
    Signed,
    Subscription,
    SubscriptionEnd,
)
from chain.errors import InvalidSignature

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
BUYER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
TOKEN = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
DOMAIN = Domain(31337, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512")
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def offer(**changes: Any) -> Offer:
    values: dict[str, Any] = {
        "owner": OWNER,
        "buyer": BUYER,
        "dataset": bytes([1]) * 32,
        "records": 1000,
        "token": TOKEN,
        "price": 250_000_000,
        "bond": 25_000_000,
        "key_commit": bytes([2]) * 32,
        "mask_commit": bytes([3]) * 32,
        "terms": bytes([4]) * 32,
        "expires": 1_900_000_000,
        "reveal_within": 86_400,
        "window": 172_800,
        "epoch": 3,
        "nonce": bytes([5]) * 32,
    }
    return Offer(**values | changes)


def binding(**changes: Any) -> PeerBinding:
    values: dict[str, Any] = {
        "identity": OWNER,
        "peer_id": "12D3KooWKavfSLKnBEoUdrcsZKHE2tCWxrPkND6psrNRyL8DgtYW",
        "seal_key": bytes([6]) * 32,
        "issued": 1_800_000_000,
        "expires": 1_800_000_000 + 30 * 86_400,
    }
    return PeerBinding(**values | changes)


def subscription(**changes: Any) -> Subscription:
    values: dict[str, Any] = {
        "owner": OWNER,
        "buyer": BUYER,
        "dataset": bytes([1]) * 32,
        "token": TOKEN,
        "price": 250_000_000,
        "bond": 25_000_000,
        "terms": bytes([4]) * 32,
        "begins": 1_800_000_000,
        "until": 1_800_000_000 + 365 * 86_400,
        "versions": 12,
        "reveal_within": 86_400,
        "window": 172_800,
        "expires": 1_801_000_000,
        "nonce": bytes([5]) * 32,
    }
    return Subscription(**values | changes)


RECEIPT = Receipt(bytes([7]) * 32, bytes([8]) * 32)
CONFIRMATION = Confirmation(bytes([7]) * 32, bytes([8]) * 32, bytes([5, 4, 3, 2, 1, 5]), bytes(32))
GRANT = SampleGrant(bytes([1]) * 32, BUYER, 123_456, 48)
ENDING = SubscriptionEnd(bytes([7]) * 32, 1_820_000_000)
VALUES: list[Signed] = [
    offer(), binding(), RECEIPT, CONFIRMATION, GRANT, subscription(), ENDING,
]  # fmt: skip
FIELDS = [(value, item.name) for value in VALUES for item in dataclasses.fields(value)]


def other(value: object) -> object:
    """A different value of the same kind that is still allowed."""
    match value:
        case int():
            return value + 1
        case bytes():
            return bytes([value[0] % 5 + 1]) + value[1:]
        case str() if value.startswith("0x"):
            return address_text(bytes.fromhex(value[2:-2]) + b"\x07")
        case str():
            return value + "a"
    raise AssertionError(value)


def independent_digest(domain: Domain, value: Signed) -> bytes:
    """By eth_account, from the members as PROTOCOL writes them, not from our TYPE text."""
    members = {
        Offer: "address owner,address buyer,bytes32 dataset,uint64 records,address token,"
        "uint256 price,uint256 bond,bytes32 keyCommit,bytes32 maskCommit,bytes32 terms,"
        "uint64 expires,uint32 revealWithin,uint32 window,uint32 epoch,bytes32 nonce",
        PeerBinding: "address identity,string peerId,bytes32 sealKey,uint64 issued,uint64 expires",
        Receipt: "bytes32 orderId,bytes32 deliveryRoot",
        Confirmation: "bytes32 orderId,bytes32 deliveryRoot,bytes6 scores,bytes32 review",
        SampleGrant: "bytes32 dataset,address buyer,uint64 blockNumber,uint32 k",
        Subscription: "address owner,address buyer,bytes32 dataset,address token,uint256 price,"
        "uint256 bond,bytes32 terms,uint64 begins,uint64 until,uint32 versions,"
        "uint32 revealWithin,uint32 window,uint64 expires,bytes32 nonce",
        SubscriptionEnd: "bytes32 subscription,uint64 at",
    }[type(value)]
    pairs = [member.split(" ") for member in members.split(",")]
    values = [getattr(value, item.name) for item in dataclasses.fields(value)]
    message = encode_typed_data(
        domain_data={
            "name": "Lading",
            "version": "1",
            "chainId": domain.chain_id,
            "verifyingContract": domain.contract,
        },
        message_types={
            type(value).__name__: [{"name": name, "type": kind} for kind, name in pairs]
        },
        message_data={name: item for (_, name), item in zip(pairs, values, strict=True)},
    )
    return keccak(b"\x19" + message.version + message.header + message.body)


# Digests


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_digest_equals_another_implementation(value: Signed) -> None:
    assert agreement.digest(DOMAIN, value) == independent_digest(DOMAIN, value)


addresses = st.binary(min_size=20, max_size=20).filter(any).map(address_text)
words = st.binary(min_size=32, max_size=32)
offers = st.builds(
    Offer,
    owner=st.just(OWNER),
    buyer=addresses.filter(lambda address: address != OWNER),
    dataset=words,
    records=st.integers(1, 2**32),
    token=addresses | st.just(ZERO_ADDRESS),
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


@settings(max_examples=50)
@given(offers, st.integers(1, 2**64), addresses)
def test_every_offer_digests_as_elsewhere(value: Offer, chain_id: int, contract: str) -> None:
    domain = Domain(chain_id, contract)
    assert agreement.order_id(domain, value) == independent_digest(domain, value)


@pytest.mark.parametrize(
    ("value", "name"), FIELDS, ids=[f"{type(v).__name__}.{name}" for v, name in FIELDS]
)
def test_every_member_counts(value: Signed, name: str) -> None:
    changed = dataclasses.replace(value, **{name: other(getattr(value, name))})
    assert changed != value
    assert agreement.digest(DOMAIN, changed) != agreement.digest(DOMAIN, value)
    signature = agreement.sign(DOMAIN, value, KEY)
    assert agreement.recover(DOMAIN, value, signature) == OWNER
    assert agreement.recover(DOMAIN, changed, signature) != OWNER


@pytest.mark.parametrize("domain", [Domain(1, DOMAIN.contract), Domain(31337, TOKEN)])
def test_another_chain_or_contract_is_another_agreement(domain: Domain) -> None:
    signature = agreement.sign(DOMAIN, offer(), KEY)
    assert agreement.order_id(domain, offer()) != agreement.order_id(DOMAIN, offer())
    assert agreement.recover(domain, offer(), signature) != OWNER


def test_a_receipt_is_not_the_beginning_of_a_confirmation() -> None:
    receipt = Receipt(CONFIRMATION.order_id, CONFIRMATION.delivery_root)
    signature = agreement.sign(DOMAIN, receipt, KEY)
    assert agreement.recover(DOMAIN, CONFIRMATION, signature) != OWNER


@pytest.mark.parametrize(
    ("chain_id", "contract"), [(-1, TOKEN), (2**256, TOKEN), (True, TOKEN), (1, TOKEN.lower())]
)
def test_a_domain_is_checked(chain_id: int, contract: str) -> None:
    with pytest.raises(ValueError, match=r"chain_id|contract"):
        Domain(chain_id, contract)


# Signatures


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_signature_is_the_one_others_make(value: Signed) -> None:
    signature = agreement.sign(DOMAIN, value, KEY)
    theirs = Account.unsafe_sign_hash(independent_digest(DOMAIN, value), KEY)
    assert signature == bytes(theirs.signature)
    assert signature[64] in (27, 28)
    assert agreement.recover(DOMAIN, value, signature) == Account.from_key(KEY).address


@settings(max_examples=50)
@given(st.integers(1, ORDER - 1), words)
def test_every_signature_is_low_s_and_recovers_to_its_key(number: int, root: bytes) -> None:
    key = number.to_bytes(32, "big")
    receipt = Receipt(bytes(32), root)
    signature = agreement.sign(DOMAIN, receipt, key)
    assert int.from_bytes(signature[32:64], "big") <= ORDER // 2
    assert agreement.recover(DOMAIN, receipt, signature) == Account.from_key(key).address


def test_the_high_s_twin_is_refused() -> None:
    signature = agreement.sign(DOMAIN, RECEIPT, KEY)
    s = ORDER - int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])
    # The twin is a true signature: elsewhere it recovers to the same signer.
    digest = agreement.digest(DOMAIN, RECEIPT)
    assert Account._recover_hash(digest, signature=twin) == OWNER
    with pytest.raises(InvalidSignature, match="high-s"):
        agreement.recover(DOMAIN, RECEIPT, twin)


def test_half_the_order_is_the_last_low_s() -> None:
    r = agreement.sign(DOMAIN, RECEIPT, KEY)[:32]
    half = (ORDER // 2).to_bytes(32, "big")
    above = (ORDER // 2 + 1).to_bytes(32, "big")
    assert agreement.recover(DOMAIN, RECEIPT, r + half + b"\x1b") != OWNER
    with pytest.raises(InvalidSignature, match="high-s"):
        agreement.recover(DOMAIN, RECEIPT, r + above + b"\x1b")


@pytest.mark.parametrize("size", [0, 1, 64, 66, 130])
def test_another_length_is_refused(size: int) -> None:
    signature = (agreement.sign(DOMAIN, RECEIPT, KEY) * 2)[:size]
    with pytest.raises(InvalidSignature, match="65 bytes"):
        agreement.recover(DOMAIN, RECEIPT, signature)


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 30, 37, 255])
def test_another_v_is_refused(v: int) -> None:
    signature = agreement.sign(DOMAIN, RECEIPT, KEY)[:64] + bytes([v])
    with pytest.raises(InvalidSignature, match="27 or 28"):
        agreement.recover(DOMAIN, RECEIPT, signature)


def test_the_other_v_is_somebody_else() -> None:
    signature = agreement.sign(DOMAIN, RECEIPT, KEY)
    flipped = signature[:64] + bytes([55 - signature[64]])
    assert agreement.recover(DOMAIN, RECEIPT, flipped) != OWNER


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (ORDER, 1), (2**256 - 1, 1), (5, 1)],
    ids=["r zero", "s zero", "r the order", "r beyond", "r on no curve point"],
)
def test_a_signature_of_no_key_is_refused(r: int, s: int) -> None:
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big") + b"\x1b"
    with pytest.raises(InvalidSignature, match="no key"):
        agreement.recover(DOMAIN, RECEIPT, signature)


@given(st.binary(max_size=70) | st.binary(min_size=65, max_size=65))
def test_any_bytes_are_refused_or_somebody_else(signature: bytes) -> None:
    try:
        signer = agreement.recover(DOMAIN, RECEIPT, signature)
    except InvalidSignature:
        return
    assert signer != OWNER


@pytest.mark.parametrize("key", [b"", KEY[:31], KEY + b"\0", bytes(32), ORDER.to_bytes(32, "big")])
def test_a_key_must_be_one_and_is_not_named(key: bytes) -> None:
    with pytest.raises(ValueError, match=r"key|scalar") as caught:
        agreement.sign(DOMAIN, RECEIPT, key)
    assert KEY[:31].hex() not in str(caught.value)


# Ranges


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("owner", ZERO_ADDRESS),
        ("owner", BUYER),
        ("owner", OWNER.lower()),
        ("owner", None),
        ("buyer", ZERO_ADDRESS),
        ("dataset", bytes(31)),
        ("dataset", bytes(33)),
        ("dataset", "00" * 32),
        ("records", 0),
        ("records", 2**32 + 1),
        ("records", True),
        ("token", "0x"),
        ("price", 0),
        ("price", -1),
        ("price", 2**256),
        ("price", 1.5),
        ("bond", -1),
        ("bond", 2**256),
        ("key_commit", b""),
        ("mask_commit", b""),
        ("terms", b""),
        ("expires", -1),
        ("expires", 2**64),
        ("reveal_within", 0),
        ("reveal_within", 30 * 86_400 + 1),
        ("window", 0),
        ("window", 30 * 86_400 + 1),
        ("epoch", -1),
        ("epoch", 2**32),
        ("nonce", bytes(16)),
    ],
)
def test_each_member_of_an_offer_has_its_range(name: str, bad: object) -> None:
    with pytest.raises(ValueError, match=name):
        offer(**{name: bad})


def test_the_ends_of_the_ranges_are_allowed() -> None:
    limits = {"records": 2**32, "price": 2**256 - 1, "bond": 0, "expires": 2**64 - 1}
    limits |= {"reveal_within": 30 * 86_400, "window": 1, "epoch": 2**32 - 1}
    assert offer(**limits, token=ZERO_ADDRESS).records == 2**32
    assert offer(price=1).price == 1


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("owner", ZERO_ADDRESS),
        ("owner", BUYER),
        ("buyer", ZERO_ADDRESS),
        ("dataset", bytes(31)),
        ("token", "0x"),
        ("price", 0),
        ("price", 2**256),
        ("bond", -1),
        ("terms", b""),
        ("begins", -1),
        ("until", 1_800_000_000),
        ("until", 1_800_000_000 + 1830 * 86_400 + 1),
        ("versions", 0),
        ("versions", 1001),
        ("versions", True),
        ("reveal_within", 0),
        ("window", 30 * 86_400 + 1),
        ("expires", 2**64),
        ("nonce", bytes(16)),
    ],
)
def test_each_member_of_a_subscription_has_its_range(name: str, bad: object) -> None:
    with pytest.raises(ValueError, match=name):
        subscription(**{name: bad})


def test_the_ends_of_a_subscription_s_ranges_are_allowed() -> None:
    longest = subscription(until=1_800_000_000 + 1830 * 86_400, versions=1000, bond=0)
    assert subscription(until=1_800_000_001, versions=1, price=1).until < longest.until


@pytest.mark.parametrize(
    "scores",
    [
        b"",
        bytes(6),
        bytes([1] * 5),
        bytes([1] * 7),
        bytes([6] * 6),
        b"\1\2\3\4\5\6",
        b"\5\0\5\5\5\5",
    ],
)
def test_scores_are_six_from_one_to_five(scores: bytes) -> None:
    with pytest.raises(ValueError, match=r"^scores must be|^every score must be 1 to 5$"):
        dataclasses.replace(CONFIRMATION, scores=scores)


@pytest.mark.parametrize("name", ["order_id", "delivery_root"])
@pytest.mark.parametrize("value", [RECEIPT, CONFIRMATION])
def test_what_is_confirmed_has_32_bytes(value: Receipt | Confirmation, name: str) -> None:
    for bad in (b"", bytes(31), bytes(33), "00" * 32, None):
        with pytest.raises(ValueError, match=name):
            dataclasses.replace(value, **{name: bad})


@pytest.mark.parametrize(
    "change",
    [
        {"identity": ZERO_ADDRESS},
        {"peer_id": ""},
        {"peer_id": "x" * 129},
        {"peer_id": "12D3 KooW"},
        {"peer_id": "12D3KooWé"},
        {"seal_key": bytes(31)},
        {"expires": 1_800_000_000},
        {"expires": 1_800_000_000 + 90 * 86_400 + 1},
        {"issued": 2**64},
    ],
)
def test_a_binding_has_its_ranges(change: dict[str, Any]) -> None:
    (name,) = change
    with pytest.raises(ValueError, match="^a binding must end" if name == "expires" else name):
        binding(**change)


def test_a_binding_lasts_from_a_second_to_90_days() -> None:
    for seconds in (1, 90 * 86_400):
        assert binding(expires=1_800_000_000 + seconds).expires > 1_800_000_000


# Secrets and commitments

S, M = bytes([9]) * 32, bytes([10]) * 32


def test_commitments_and_the_delivery_key_are_the_protocol_s() -> None:
    order = agreement.order_id(DOMAIN, offer())
    assert agreement.key_commit(S) == keccak(b"lading/s" + S)
    assert agreement.mask_commit(S) == keccak(b"lading/m" + S) != agreement.key_commit(S)
    assert agreement.delivery_key(S, M, order) == keccak(b"lading/key" + S + M + order)
    assert agreement.delivery_key(M, S, order) != agreement.delivery_key(S, M, order)


@pytest.mark.parametrize("bad", [b"", bytes(31), bytes(33), "0" * 32, None])
def test_secrets_have_32_bytes(bad: Any) -> None:
    for name, call in (
        ("s", lambda: agreement.key_commit(bad)),
        ("m", lambda: agreement.mask_commit(bad)),
        ("s", lambda: agreement.delivery_key(bad, M, M)),
        ("m", lambda: agreement.delivery_key(S, bad, M)),
        ("order_id", lambda: agreement.delivery_key(S, M, bad)),
        ("root", lambda: agreement.dataset_id(TOKEN, OWNER, bad, 1)),
    ):
        with pytest.raises(ValueError, match=f"^{name} must be 32 bytes"):
            call()


@given(addresses, addresses, words, st.integers(1, 2**32))
@example(TOKEN, OWNER, S, 2**32)
def test_a_dataset_id_is_the_abi_s(registry: str, who: str, root: bytes, records: int) -> None:
    encoded = abi_encode(
        ["address", "address", "bytes32", "uint64"], [registry, who, root, records]
    )
    assert agreement.dataset_id(registry, who, root, records) == keccak(encoded)


@pytest.mark.parametrize("records", [0, -1, 2**32 + 1, True])
def test_a_dataset_id_needs_records(records: int) -> None:
    with pytest.raises(ValueError, match="records"):
        agreement.dataset_id(TOKEN, OWNER, S, records)
