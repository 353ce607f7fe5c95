"""The proof of a dispute holds without a chain, and no changed part of one does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app.engine.evidence import (
    Agreed,
    Proof,
    Registered,
    agreement_document,
    check,
    check_agreement,
    document,
    opened,
    read,
    read_agreement,
)
from chain import agreement, exchange
from chain.address import address_text
from chain.agreement import Domain, Offer, Receipt, Subscription
from chain.complaint import Complaint, decode_complaint
from chain.wallet import Wallet, entropy_words
from p2p import merkle, sealing
from p2p.records import CHUNK_RECORDS, RECORD
from tests.app.engine import sides

OWNER, BUYER = (Wallet.from_words(entropy_words(bytes([n]) * 32)) for n in (1, 2))
REGISTRY, EXCHANGE, TOKEN = (address_text(bytes([n]) * 20) for n in (10, 11, 9))
DOMAIN = Domain(31_337, EXCHANGE)
RECORDS = CHUNK_RECORDS + 3
WRONG = CHUNK_RECORDS + 1  # in the second chunk, so that nonce and counter both matter
NONCE = b"n" * 32
NETWORK = replace(sides.NETWORK, registry=REGISTRY, exchange=EXCHANGE, tokens=())


def record(number: int) -> bytes:
    return number.to_bytes(4, "big") * (RECORD // 4)


def delivered(wrong: int | None = WRONG, terms: bytes = b"t" * 32) -> Proof:
    """What the buyer holds after a delivery with one wrong record, or about an honest one."""
    plain = [record(number) for number in range(RECORDS)]
    leaves = [merkle.leaf_hash(one) for one in plain]
    root = merkle.root(b"".join(leaves))
    secret, mask = OWNER.owner_secret(NONCE), BUYER.buyer_secret(OWNER.address, 0)
    offer = Offer(
        owner=OWNER.address,
        buyer=BUYER.address,
        dataset=agreement.dataset_id(REGISTRY, OWNER.address, root, RECORDS),
        records=RECORDS,
        token=TOKEN,
        price=5_000_000,
        bond=500_000,
        key_commit=agreement.key_commit(secret),
        mask_commit=agreement.mask_commit(mask),
        terms=terms,
        expires=2_000_000_000,
        reveal_within=7200,
        window=86_400,
        epoch=0,
        nonce=NONCE,
    )
    order_id = agreement.order_id(DOMAIN, offer)
    if wrong is not None:
        plain[wrong] = b"!" * RECORD
    key = agreement.delivery_key(secret, mask, order_id)
    chunks = [b"".join(plain[:CHUNK_RECORDS]), b"".join(plain[CHUNK_RECORDS:])]
    sealed = b"".join(sealing.seal_chunk(key, k, chunk) for k, chunk in enumerate(chunks))
    entries = sealing.delivery_leaves(b"".join(leaves), sealed)
    delivery_root = merkle.root(entries)
    at = WRONG
    return Proof(
        domain=DOMAIN,
        signature=agreement.sign(DOMAIN, offer, OWNER.account_key),
        receipt=agreement.sign(DOMAIN, Receipt(order_id, delivery_root), BUYER.account_key),
        complaint=Complaint(
            offer=offer,
            delivery_root=delivery_root,
            secret=secret,
            mask=mask,
            index=at,
            ciphertext=sealed[at * RECORD : (at + 1) * RECORD],
            leaf=leaves[at],
            path=tuple(merkle.path(entries, at)),
        ),
        registered=Registered(
            REGISTRY, OWNER.address, root, tuple(merkle.path(b"".join(leaves), at))
        ),
        transaction=b"x" * 32,
    )


@pytest.fixture(scope="module")
def proof() -> Proof:
    return delivered()


def test_a_wrong_record_is_proven_by_the_file_alone(proof: Proof) -> None:
    file = json.dumps(document(proof))
    assert read(json.loads(file)) == proof
    check(read(json.loads(file)))
    order_id = agreement.order_id(DOMAIN, proof.complaint.offer)
    assert opened(proof.complaint, order_id) == b"!" * RECORD


def test_an_honest_record_is_never_proven_wrong() -> None:
    with pytest.raises(ValueError, match="is the one that was registered"):
        check(delivered(wrong=None))


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def changes(proof: Proof) -> dict[str, Proof]:
    """One thing changed in each, by what `check` says about it."""
    said, registered = proof.complaint, proof.registered

    def complained(**values: Any) -> Proof:
        return replace(proof, complaint=replace(said, **values))

    other = replace(said.offer, bond=0)
    return {
        "did not sign": complained(offer=other),
        "did not sign this": replace(proof, signature=flipped(proof.signature)),
        "did not sign this offer": replace(proof, domain=Domain(1, EXCHANGE)),
        "receipt": replace(proof, receipt=flipped(proof.receipt)),
        "receipt is for": complained(delivery_root=flipped(said.delivery_root)),
        "owner's secret": complained(secret=flipped(said.secret)),
        "buyer's secret": complained(mask=flipped(said.mask)),
        "not in this delivery": complained(ciphertext=flipped(said.ciphertext)),
        "not in this": complained(leaf=flipped(said.leaf)),
        "not in": complained(index=said.index + 1),
        "record is not in": complained(index=RECORDS),
        "the record is not": complained(path=said.path[:-1]),
        "record is not in this": complained(path=(flipped(said.path[0]), *said.path[1:])),
        "another root": replace(proof, registered=replace(registered, root=bytes(32))),
        "with another root": replace(
            proof, registered=replace(registered, registrant=BUYER.address)
        ),
        "at this place": replace(proof, registered=replace(registered, path=())),
    }


def test_no_part_of_a_proof_can_be_another_one(proof: Proof) -> None:
    for words, changed in changes(proof).items():
        with pytest.raises(ValueError, match=words):
            check(read(json.loads(json.dumps(document(changed)))))


@pytest.mark.parametrize("key", sorted(set(document(delivered()))))
def test_a_file_that_lacks_or_bends_a_part_is_no_proof(proof: Proof, key: str) -> None:
    file = document(proof)
    with pytest.raises(ValueError):  # noqa: PT011 - hex, offers and proofs each have their words
        read({name: value for name, value in file.items() if name != key})
    with pytest.raises(ValueError):  # noqa: PT011
        read(file | {key: {"not": "this"}})
    with pytest.raises(ValueError, match="not a proof"):
        read([file])


def test_the_same_is_read_back_from_the_transaction(proof: Proof) -> None:
    said = proof.complaint
    call = exchange.complain_call(
        NETWORK,
        said.offer,
        said.delivery_root,
        said.secret,
        said.mask,
        said.index,
        said.ciphertext,
        said.leaf,
        said.path,
    )
    assert decode_complaint(call.data) == said
    for data in (b"", call.data[:4], call.data[:-64], exchange.cancel_all_call(NETWORK).data):
        with pytest.raises(ValueError):  # noqa: PT011 - the ABI's decoder has its own words
            decode_complaint(data)


def agreed(**changes: Any) -> Agreed:
    """A subscription that both signed, and the terms of an order of it."""
    fields: dict[str, Any] = {
        "owner": OWNER.address,
        "buyer": BUYER.address,
        "dataset": b"d" * 32,
        "token": TOKEN,
        "price": 5_000_000,
        "bond": 500_000,
        "terms": b"t" * 32,
        "begins": 1_800_000_000,
        "until": 1_900_000_000,
        "versions": 12,
        "reveal_within": 7200,
        "window": 86_400,
        "expires": 1_801_000_000,
        "nonce": b"n" * 32,
    }
    value = Subscription(**fields | changes)
    named = agreement.digest(DOMAIN, value).hex()
    return Agreed(
        value,
        agreement.sign(DOMAIN, value, OWNER.account_key),
        agreement.sign(DOMAIN, value, BUYER.account_key),
        {"target": "x", "lading:subscription": named},
    )


def test_an_order_of_a_subscription_is_traced_to_what_both_signed() -> None:
    part = agreed()
    proof = replace(delivered(terms=agreement.terms_hash(part.terms)), agreed=part)
    file = json.dumps(document(proof))
    assert read(json.loads(file)) == proof
    check(read(json.loads(file)))
    dearer = agreed(price=6_000_000)
    for wrong in (
        replace(part, owner=part.buyer),
        replace(part, buyer=flipped(part.buyer)),
        replace(part, subscription=dearer.subscription),
        replace(part, terms=part.terms | {"target": "y"}),
        replace(part, terms=dearer.terms),
        dearer,
    ):
        with pytest.raises(ValueError, match="not one of the subscription"):
            check(replace(proof, agreed=wrong))
    # what both signed, with another number than the order's
    for changed in (
        {"price": 6_000_000},
        {"token": REGISTRY},
        {"reveal_within": 7201},
        {"window": 86_401},
    ):
        other = agreed(**changed)
        terms = agreement.terms_hash(other.terms)
        with pytest.raises(ValueError, match="not one of the subscription"):
            check(replace(delivered(terms=terms), agreed=other))


@pytest.mark.parametrize("bond", [0, 499_999, 500_001])
def test_another_bond_than_agreed_takes_no_proof_away(bond: int) -> None:
    """The owner signs the offer and could free itself with one unit more."""
    part = agreed(bond=bond)
    check(replace(delivered(terms=agreement.terms_hash(part.terms)), agreed=part))


@pytest.mark.parametrize("left_out", ["signed", "owner", "buyer", "terms"])
def test_half_a_subscription_is_no_proof(left_out: str) -> None:
    part = agreed()
    raw = document(replace(delivered(terms=agreement.terms_hash(part.terms)), agreed=part))
    del raw["subscription"][left_out]
    with pytest.raises(ValueError, match="not complete"):
        read(raw)


def by_itself() -> Agreed:
    terms = {"target": "x"}
    return replace(agreed(terms=agreement.terms_hash(terms)), terms=terms)


def test_a_subscription_is_proven_by_its_own_file() -> None:
    part = by_itself()
    file = json.loads(json.dumps(agreement_document(DOMAIN, part)))
    assert read_agreement(file) == (DOMAIN, part)
    check_agreement(*read_agreement(file))
    dearer = replace(part.subscription, price=6_000_000)
    for words, domain, wrong in (
        ("owner did not sign", DOMAIN, replace(part, owner=part.buyer)),
        ("owner did not sign", DOMAIN, replace(part, subscription=dearer)),
        ("owner did not sign", Domain(1, EXCHANGE), part),
        ("buyer did not sign", DOMAIN, replace(part, buyer=part.owner)),
        ("buyer did not sign", DOMAIN, replace(part, buyer=flipped(part.buyer))),
        ("not the terms", DOMAIN, replace(part, terms={"target": "y"})),
    ):
        with pytest.raises(ValueError, match=words):
            check_agreement(domain, wrong)


def test_a_file_that_lacks_or_bends_a_part_is_no_agreement() -> None:
    file = agreement_document(DOMAIN, by_itself())
    for key in file:
        with pytest.raises(ValueError):  # noqa: PT011 - hex and values each have their words
            read_agreement({name: value for name, value in file.items() if name != key})
        with pytest.raises(ValueError):  # noqa: PT011
            read_agreement(file | {key: {"not": "this"}})
    for left_out in file["subscription"]:
        inner = {name: one for name, one in file["subscription"].items() if name != left_out}
        with pytest.raises(ValueError, match="not complete"):
            read_agreement(file | {"subscription": inner})
    with pytest.raises(ValueError, match="not a proof"):
        read_agreement([file])
    with pytest.raises(ValueError, match="not a proof"):
        read_agreement(document(delivered()))
