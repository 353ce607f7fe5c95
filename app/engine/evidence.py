"""The proof of a dispute, and of a subscription, as files that anybody can check without a chain
or anybody's help.

Of a dispute it shows that the owner signed this Offer, that the buyer gave a receipt for exactly
this delivery, that both secrets are the committed ones, that the record at this index of the
delivery opens to something else, and that the hash it should have had is the registered one
(PROTOCOL §2, §5). Of an order of a subscription it shows which, and that both signed it. The
transaction is named for whoever wants to look the ending up on record. Everything here is pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chain import agreement
from chain.address import parse_address
from chain.agreement import Domain, Offer, Receipt, Subscription
from chain.complaint import Complaint
from chain.errors import InvalidSignature
from p2p import chacha20, merkle, sealing
from p2p.records import CHUNK_RECORDS, RECORD

VERSION = 1
KIND = "complaint"
AGREEMENT = "subscription"
BLOCKS_PER_RECORD = RECORD // 64
LONGEST_PATH = 32


@dataclass(frozen=True, slots=True)
class Registered:
    """What ties the record's hash to the dataset: who registered which root, and the path of the
    hash under it."""

    registry: str
    registrant: str
    root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A subscription as owner and buyer signed it. ``terms``: beside an order's proof the order's
    terms document, which names it; by itself the document that was signed with it."""

    subscription: Subscription
    owner: bytes
    buyer: bytes
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """All of it. ``signature`` is the owner's under the Offer, ``receipt`` the buyer's under the
    delivery root; ``transaction`` the hash of the one that made the complaint, if it is known;
    ``agreed`` None unless the order was one of a subscription."""

    domain: Domain
    signature: bytes
    receipt: bytes
    complaint: Complaint
    registered: Registered
    transaction: bytes = b""
    agreed: Agreed | None = None


def document(proof: Proof) -> dict[str, Any]:
    """The file's JSON: bytes as hex without 0x."""
    said, registered = proof.complaint, proof.registered
    return {
        "lading": VERSION,
        "proof": KIND,
        "chain": proof.domain.chain_id,
        "exchange": proof.domain.contract,
        "offer": said.offer.to_json(),
        "signature": proof.signature.hex(),
        "receipt": proof.receipt.hex(),
        "delivery_root": said.delivery_root.hex(),
        "index": said.index,
        "ciphertext": said.ciphertext.hex(),
        "leaf": said.leaf.hex(),
        "path": [sibling.hex() for sibling in said.path],
        "secret": said.secret.hex(),
        "mask": said.mask.hex(),
        "registry": registered.registry,
        "registrant": registered.registrant,
        "root": registered.root.hex(),
        "registered_path": [sibling.hex() for sibling in registered.path],
        "transaction": proof.transaction.hex(),
    } | ({"subscription": _agreed(proof.agreed)} if proof.agreed else {})


def agreement_document(domain: Domain, agreed: Agreed) -> dict[str, Any]:
    """The JSON of a file about a subscription by itself."""
    return {
        "lading": VERSION,
        "proof": AGREEMENT,
        "chain": domain.chain_id,
        "exchange": domain.contract,
        "subscription": _agreed(agreed),
    }


def read_agreement(raw: Any) -> tuple[Domain, Agreed]:
    """What such a file says; ValueError if it is none. `check_agreement` says whether it holds."""
    if not isinstance(raw, dict) or (raw.get("lading"), raw.get("proof")) != (VERSION, AGREEMENT):
        raise ValueError("this is not a proof of a subscription")
    try:
        domain = Domain(_number(raw["chain"]), parse_address(raw["exchange"]))
        return domain, _read_agreed(raw["subscription"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the proof is not complete: {error}") from None


def check_agreement(domain: Domain, agreed: Agreed) -> None:
    """ValueError with what does not hold; nothing if both signed this value and these terms."""
    value = agreed.subscription
    holds = {
        "the owner did not sign this subscription": _signed_by(
            domain, value, agreed.owner, value.owner
        ),
        "the buyer did not sign this subscription": _signed_by(
            domain, value, agreed.buyer, value.buyer
        ),
        "these are not the terms that were signed": (
            agreement.terms_hash(agreed.terms) == value.terms
        ),
    }
    _all(holds)


def _agreed(agreed: Agreed) -> dict[str, Any]:
    return {
        "signed": agreed.subscription.to_json(),
        "owner": agreed.owner.hex(),
        "buyer": agreed.buyer.hex(),
        "terms": agreed.terms,
    }


def read(raw: Any) -> Proof:
    """The proof in a file's JSON; ValueError if it is none. `check` says whether it holds."""
    if not isinstance(raw, dict) or (raw.get("lading"), raw.get("proof")) != (VERSION, KIND):
        raise ValueError("this is not a proof of a wrong record")
    try:
        complaint = Complaint(
            offer=Offer.from_json(raw["offer"]),
            delivery_root=_bytes(raw["delivery_root"], 32),
            secret=_bytes(raw["secret"], 32),
            mask=_bytes(raw["mask"], 32),
            index=_number(raw["index"]),
            ciphertext=_bytes(raw["ciphertext"], RECORD),
            leaf=_bytes(raw["leaf"], 32),
            path=_path(raw["path"]),
        )
        return Proof(
            domain=Domain(_number(raw["chain"]), parse_address(raw["exchange"])),
            signature=_bytes(raw["signature"], 65),
            receipt=_bytes(raw["receipt"], 65),
            complaint=complaint,
            registered=Registered(
                registry=parse_address(raw["registry"]),
                registrant=parse_address(raw["registrant"]),
                root=_bytes(raw["root"], 32),
                path=_path(raw["registered_path"]),
            ),
            transaction=bytes.fromhex(raw["transaction"]),
            agreed=_read_agreed(raw["subscription"]) if "subscription" in raw else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"the proof is not complete: {error}") from None


def _read_agreed(raw: dict[str, Any]) -> Agreed:
    return Agreed(
        Subscription.from_json(raw["signed"]),
        _bytes(raw["owner"], 65),
        _bytes(raw["buyer"], 65),
        dict(raw["terms"]),
    )


def check(proof: Proof) -> None:
    """ValueError with what does not hold; nothing if the owner did deliver a wrong record."""
    said, offer = proof.complaint, proof.complaint.offer
    order_id = agreement.order_id(proof.domain, offer)
    receipt = Receipt(order_id, said.delivery_root)
    entry = sealing.delivery_leaf(said.leaf, said.ciphertext)
    registered = proof.registered
    dataset = agreement.dataset_id(
        registered.registry, registered.registrant, registered.root, offer.records
    )
    holds = {
        "the owner did not sign this offer": _signed_by(
            proof.domain, offer, proof.signature, offer.owner
        ),
        "the buyer's receipt is for something else": _signed_by(
            proof.domain, receipt, proof.receipt, offer.buyer
        ),
        "the owner's secret is not the committed one": (
            agreement.key_commit(said.secret) == offer.key_commit
        ),
        "the buyer's secret is not the committed one": (
            agreement.mask_commit(said.mask) == offer.mask_commit
        ),
        "the record is not in this delivery": merkle.verify(
            entry, said.index, offer.records, said.path, said.delivery_root
        ),
        "the dataset was registered with another root": dataset == offer.dataset,
        "its hash was not registered at this place": merkle.verify(
            said.leaf, said.index, offer.records, registered.path, registered.root
        ),
        "the order is not one of the subscription": (
            proof.agreed is None or _is_part(proof.domain, offer, proof.agreed)
        ),
    }
    _all(holds)
    if merkle.leaf_hash(opened(said, order_id)) == said.leaf:
        raise ValueError("the record is the one that was registered")


def _all(holds: dict[str, bool]) -> None:
    for wrong, right in holds.items():
        if not right:
            raise ValueError(wrong)


def opened(said: Complaint, order_id: bytes) -> bytes:
    """The record in plain, 4096 bytes: what the owner delivered."""
    key = agreement.delivery_key(said.secret, said.mask, order_id)
    chunk, place = divmod(said.index, CHUNK_RECORDS)
    nonce = chunk.to_bytes(12, "big")
    return chacha20.xor(key, nonce, BLOCKS_PER_RECORD * place, said.ciphertext)


def _is_part(domain: Domain, offer: Offer, agreed: Agreed) -> bool:
    """Both signed the subscription, the offer's terms name it, and its numbers are the agreed."""
    value = agreed.subscription
    named = agreement.digest(domain, value).hex()
    same = ("owner", "buyer", "token", "price", "reveal_within", "window")
    return (
        _signed_by(domain, value, agreed.owner, offer.owner)
        and _signed_by(domain, value, agreed.buyer, offer.buyer)
        and agreement.terms_hash(agreed.terms) == offer.terms
        and agreed.terms.get("lading:subscription") == named
        and all(getattr(value, name) == getattr(offer, name) for name in same)
    )


def _signed_by(
    domain: Domain, value: Offer | Receipt | Subscription, signature: bytes, who: str
) -> bool:
    try:
        return agreement.recover(domain, value, signature) == who
    except InvalidSignature:
        return False


def _bytes(text: str, size: int) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != size:
        raise ValueError(f"{size} bytes were expected, not {len(value)}")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a number was expected")
    return value


def _path(values: Sequence[str]) -> tuple[bytes, ...]:
    if len(values) > LONGEST_PATH:
        raise ValueError("a path has at most 32 hashes")
    return tuple(_bytes(value, 32) for value in values)
