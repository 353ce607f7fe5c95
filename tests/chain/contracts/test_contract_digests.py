"""EIP-712 and ECDSA three times: Vyper, this product's Python, and eth_account."""

from pathlib import Path
from typing import Any

import boa
import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_utils import keccak, to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st

from chain import agreement
from chain.contracts import SOURCES
from tests.chain.contracts.escrow_world import DAY, NATIVE, N, World, fields, typed_data

words = st.binary(min_size=32, max_size=32)
addresses = st.binary(min_size=20, max_size=20).map(to_checksum_address)
keys = st.integers(min_value=1, max_value=N - 1).map(lambda key: key.to_bytes(32, "big"))


def whole(bits: int) -> st.SearchStrategy[int]:
    return st.integers(min_value=0, max_value=2**bits - 1)


offers = st.fixed_dictionaries(
    {
        "owner": addresses,
        "buyer": addresses,
        "dataset": words,
        "records": st.integers(min_value=1, max_value=2**32),
        "token": addresses,
        "price": st.integers(min_value=1, max_value=2**256 - 1),
        "bond": whole(256),
        "keyCommit": words,
        "maskCommit": words,
        "terms": words,
        "expires": whole(53),
        "revealWithin": st.integers(min_value=1, max_value=30 * DAY),
        "window": st.integers(min_value=1, max_value=30 * DAY),
        "epoch": whole(32),
        "nonce": words,
    }
).filter(lambda offer: len({offer["owner"], offer["buyer"], NATIVE}) == 3)


@pytest.fixture(scope="module")
def opened() -> Any:
    """The modules themselves, open to calls."""
    boa.interpret.set_search_paths([str(SOURCES)])
    try:
        return boa.load(Path(__file__).with_name("digests.vy"))
    finally:
        boa.interpret.set_search_paths([])


def domain(contract: Any) -> agreement.Domain:
    return agreement.Domain(boa.env.evm.patch.chain_id, to_checksum_address(contract.address))


def reference(contract: Any, kind: str, message: dict[str, Any]) -> bytes:
    data = typed_data("Lading", "1", contract.address, kind, message)
    return bytes(_hash_eip191_message(encode_typed_data(**data)))


@settings(max_examples=100)
@given(offer=offers)
def test_order_ids(deployed: World, offer: dict[str, Any]) -> None:
    expected = reference(deployed.exchange, "Offer", offer)
    assert deployed.exchange.order_id(fields(offer)) == expected
    ours = agreement.Offer(*fields(offer))
    assert agreement.order_id(domain(deployed.exchange), ours) == expected


@settings(max_examples=50)
@given(order=words, root=words, scores=st.lists(st.integers(1, 5), min_size=6, max_size=6))
def test_receipts_and_confirmations(
    opened: Any, order: bytes, root: bytes, scores: list[int]
) -> None:
    receipt = {"orderId": order, "deliveryRoot": root}
    confirmation = receipt | {"scores": bytes(scores), "review": keccak(root)}
    receipt_type = keccak(b"Receipt(bytes32 orderId,bytes32 deliveryRoot)")
    confirmation_type = keccak(
        b"Confirmation(bytes32 orderId,bytes32 deliveryRoot,bytes6 scores,bytes32 review)"
    )
    padded = bytes(scores) + bytes(26)
    for kind, value, ours, struct_hash in (
        ("Receipt", receipt, agreement.Receipt(order, root), keccak(receipt_type + order + root)),
        (
            "Confirmation",
            confirmation,
            agreement.Confirmation(order, root, bytes(scores), keccak(root)),
            keccak(confirmation_type + order + root + padded + keccak(root)),
        ),
    ):
        expected = reference(opened, kind, value)
        assert agreement.digest(domain(opened), ours) == expected
        assert opened.digest(struct_hash) == expected


@settings(max_examples=50)
@given(key=keys, digest=words)
def test_signers(opened: Any, key: bytes, digest: bytes) -> None:
    signature = bytes(Account.unsafe_sign_hash(digest, key).signature)
    address = Account.from_key(key).address
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    assert opened.signer(digest, signature) == address
    high = r + (N - s).to_bytes(32, "big") + bytes([55 - v])
    assert opened.signer(digest, high) == NATIVE
    assert opened.signer(digest, signature[:64] + bytes([55 - v])) != address
    assert opened.signer(keccak(digest), signature) != address


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        bytes(64),
        bytes(65),
        bytes(64) + b"\x1b",
        (N).to_bytes(32, "big") + bytes(31) + b"\1\x1b",
        bytes([255] * 32) + bytes(31) + b"\1\x1b",
        bytes(31) + b"\1" + bytes(32) + b"\x1b",
        bytes(31) + b"\5" + bytes(31) + b"\1\x1b",  # 5 is the x of no point
    ],
)
def test_what_is_no_signature_has_no_signer(opened: Any, signature: bytes) -> None:
    assert opened.signer(keccak(b""), signature) == NATIVE


def test_the_greatest_low_s_passes_and_the_next_does_not(opened: Any) -> None:
    digest, half = keccak(b"edge"), N // 2
    r = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798).to_bytes(32, "big")
    low = r + half.to_bytes(32, "big") + b"\x1b"
    high = r + (half + 1).to_bytes(32, "big") + b"\x1b"
    assert opened.signer(digest, low) != NATIVE
    assert opened.signer(digest, high) == NATIVE


def test_a_fork_with_another_chain_id_has_other_ids(world: World) -> None:
    offer = world.offer()
    before = world.order_id(offer)
    signature = world.sign(world.owner, "Offer", offer)
    patch = boa.env.evm.patch
    original = patch.chain_id
    try:
        patch.chain_id = original + 1
        assert world.order_id(offer) == reference(world.exchange, "Offer", offer) != before
        with boa.reverts("not signed by the owner"):
            world.fund(offer, signature)
    finally:
        patch.chain_id = original
    assert world.order_id(offer) == before
