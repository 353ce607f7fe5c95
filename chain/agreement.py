"""What two people agree on: the values they sign, and the hashes that bind them together.

Seven EIP-712 values in the domain ``Lading``, version ``1``: a `PeerBinding` (verifyingContract is
the registry) and `Offer`, `Receipt`, `Confirmation`, `SampleGrant`, `Subscription`,
`SubscriptionEnd` (the exchange). Everything here is pure: no chain, no peer, no clock. Byte strings
are raw, addresses EIP-55 text, times unix seconds, money in the token's smallest unit.

Each value's ``TYPE`` is the one description of its members: it is what is hashed, it gives every
member's range, and it decides how the member is written in JSON.
"""

import hashlib
import json
import re
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, ClassVar, TypeAlias

import rfc8785
from coincurve import PrivateKey, PublicKey
from eth_hash.auto import keccak

from chain import eip712
from chain.address import ZERO_ADDRESS, Address, account_address, address_bytes
from chain.errors import InvalidSignature

MAX_RECORDS = 2**32
MAX_WAIT_SECONDS = 30 * 24 * 3600
MAX_BINDING_SECONDS = 90 * 24 * 3600
MAX_BINDING_BYTES = 2048
MAX_SUBSCRIPTION_SECONDS = 1830 * 24 * 3600
MAX_VERSIONS = 1000
CLOCK_SKEW_SECONDS = 300
"""How far a peer's clock may be ahead of ours."""

_CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_MAX_JSON_INTEGER = 2**53 - 1
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,77}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_PEER_ID = re.compile(r"[0-9A-Za-z]{1,128}")


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a signature counts: one contract on one chain."""

    chain_id: int
    contract: Address

    def __post_init__(self) -> None:
        eip712.check("uint256", "chain_id", self.chain_id)
        eip712.check("address", "contract", self.contract)


@dataclass(frozen=True, slots=True)
class PeerBinding:
    """An identity says which libp2p peer and which X25519 key speak for it, for at most 90 days."""

    TYPE: ClassVar[str] = (
        "PeerBinding(address identity,string peerId,bytes32 sealKey,uint64 issued,uint64 expires)"
    )
    identity: Address
    peer_id: str
    seal_key: bytes
    issued: int
    expires: int

    def __post_init__(self) -> None:
        _check_members(self)
        _require(self.identity != ZERO_ADDRESS, "identity must not be the zero address")
        _require(
            _PEER_ID.fullmatch(self.peer_id) is not None,
            "peer_id must be 1 to 128 letters and digits",
        )
        _require(
            0 < self.expires - self.issued <= MAX_BINDING_SECONDS,
            "a binding must end after it begins and last at most 90 days",
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """What the owner signs and the buyer agrees to by funding it. Its digest is the order id.

    `token` zero is the chain's own coin. `reveal_within` and `window` are seconds; their lower
    limits belong to the network, only the upper ones (30 days) are checked here.
    """

    TYPE: ClassVar[str] = (
        "Offer(address owner,address buyer,bytes32 dataset,uint64 records,address token,"
        "uint256 price,uint256 bond,bytes32 keyCommit,bytes32 maskCommit,bytes32 terms,"
        "uint64 expires,uint32 revealWithin,uint32 window,uint32 epoch,bytes32 nonce)"
    )
    owner: Address
    buyer: Address
    dataset: bytes
    records: int
    token: Address
    price: int
    bond: int
    key_commit: bytes
    mask_commit: bytes
    terms: bytes
    expires: int
    reveal_within: int
    window: int
    epoch: int
    nonce: bytes

    def __post_init__(self) -> None:
        _check_members(self)
        _check_parties(self.owner, self.buyer)
        _require(1 <= self.records <= MAX_RECORDS, "records must be from 1 to 2^32")
        _require(self.price > 0, "price must be more than zero")
        _check_waits(self.reveal_within, self.window)

    def as_tuple(self) -> tuple[Any, ...]:
        """The members in ABI order."""
        return _values(self)

    def to_json(self) -> dict[str, Any]:
        """Names as here; bytes as hex without 0x, price and bond always as decimal text."""
        return _to_json(self)

    @classmethod
    def from_json(cls, document: object) -> "Offer":
        """The one Offer whose `to_json` is this document; ValueError if there is none."""
        return cls(**_from_json(cls, document))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The buyer holds the ciphertext of the whole delivery with this root."""

    TYPE: ClassVar[str] = "Receipt(bytes32 orderId,bytes32 deliveryRoot)"
    order_id: bytes
    delivery_root: bytes

    def __post_init__(self) -> None:
        _check_members(self)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The buyer has the data and rates it: overall and five criteria, a byte of 1 to 5 each."""

    TYPE: ClassVar[str] = (
        "Confirmation(bytes32 orderId,bytes32 deliveryRoot,bytes6 scores,bytes32 review)"
    )
    order_id: bytes
    delivery_root: bytes
    scores: bytes
    review: bytes

    def __post_init__(self) -> None:
        _check_members(self)
        _require(all(1 <= score <= 5 for score in self.scores), "every score must be 1 to 5")


@dataclass(frozen=True, slots=True)
class SampleGrant:
    """The owner opens ``k`` records of a dataset to a buyer, drawn by a block that is to come."""

    TYPE: ClassVar[str] = "SampleGrant(bytes32 dataset,address buyer,uint64 blockNumber,uint32 k)"
    dataset: bytes
    buyer: Address
    block_number: int
    k: int

    def __post_init__(self) -> None:
        _check_members(self)


@dataclass(frozen=True, slots=True)
class Subscription:
    """An order for the versions of a period: each is offered and paid by itself, on these terms.

    Agreed once owner and buyer have both signed it; its digest is its id, which the terms of every
    order that follows from it name. It is about new versions of `dataset`, registered by `owner`
    from `begins` to `until`; `price` and `bond` are for one version, `terms` the hash of the terms
    document about `dataset` itself. After `expires` the second signature comes too late.
    """

    TYPE: ClassVar[str] = (
        "Subscription(address owner,address buyer,bytes32 dataset,address token,uint256 price,"
        "uint256 bond,bytes32 terms,uint64 begins,uint64 until,uint32 versions,"
        "uint32 revealWithin,uint32 window,uint64 expires,bytes32 nonce)"
    )
    owner: Address
    buyer: Address
    dataset: bytes
    token: Address
    price: int
    bond: int
    terms: bytes
    begins: int
    until: int
    versions: int
    reveal_within: int
    window: int
    expires: int
    nonce: bytes

    def __post_init__(self) -> None:
        _check_members(self)
        _check_parties(self.owner, self.buyer)
        _require(self.price > 0, "price must be more than zero")
        _require(
            0 < self.until - self.begins <= MAX_SUBSCRIPTION_SECONDS,
            "until must be after begins, by at most 1830 days",
        )
        _require(1 <= self.versions <= MAX_VERSIONS, "versions must be from 1 to 1000")
        _check_waits(self.reveal_within, self.window)

    def to_json(self) -> dict[str, Any]:
        """As `Offer.to_json`."""
        return _to_json(self)

    @classmethod
    def from_json(cls, document: object) -> "Subscription":
        """The one Subscription whose `to_json` is this document; ValueError if there is none."""
        return cls(**_from_json(cls, document))


@dataclass(frozen=True, slots=True)
class SubscriptionEnd:
    """Either side ends a subscription: versions registered after ``at`` are not part of it."""

    TYPE: ClassVar[str] = "SubscriptionEnd(bytes32 subscription,uint64 at)"
    subscription: bytes
    at: int

    def __post_init__(self) -> None:
        _check_members(self)


Signed: TypeAlias = (
    PeerBinding | Offer | Receipt | Confirmation | SampleGrant | Subscription | SubscriptionEnd
)


# Digests and signatures


@lru_cache(maxsize=64)
def _separator(domain: Domain) -> bytes:
    return eip712.domain_separator("Lading", "1", domain.chain_id, domain.contract)


def digest(domain: Domain, value: Signed) -> bytes:
    """The 32 bytes that are signed (EIP-712)."""
    return eip712.digest(_separator(domain), eip712.struct_hash(value.TYPE, _values(value)))


def sign(domain: Domain, value: Signed, key: bytes) -> bytes:
    """r ‖ s ‖ v, 65 bytes, by a secp256k1 key of 32 bytes: RFC 6979 nonce, low s, v 27 or 28."""
    if len(key) != 32:
        raise ValueError("a signing key has 32 bytes")
    signature = PrivateKey(key).sign_recoverable(digest(domain, value), hasher=None)
    return signature[:64] + bytes([27 + signature[64]])


def recover(domain: Domain, value: Signed, signature: bytes) -> Address:
    """Who signed. Any well-formed signature names somebody: compare with who should have.

    InvalidSignature: not 65 bytes, v not 27 or 28, s above half the curve order (each signature
    has such a twin, and only one of the two may count), or no public key at all.
    """
    if len(signature) != 65:
        raise InvalidSignature(f"A signature has 65 bytes; this one has {len(signature)}.")
    v = signature[64]
    if v not in (27, 28):
        raise InvalidSignature("The signature's last byte must be 27 or 28.")
    if int.from_bytes(signature[32:64], "big") > _CURVE_ORDER // 2:
        raise InvalidSignature("The signature is the high-s twin of another one.")
    signed = digest(domain, value)
    try:
        public_key = PublicKey.from_signature_and_message(
            signature[:64] + bytes([v - 27]), signed, hasher=None
        )
    except ValueError:
        raise InvalidSignature("The signature belongs to no key.") from None
    return account_address(public_key.format(compressed=False)[1:])


def order_id(domain: Domain, offer: Offer) -> bytes:
    """An order is named by what was signed: the Offer's digest."""
    return digest(domain, offer)


# Secrets and commitments


def key_commit(s: bytes) -> bytes:
    """Binds the owner to the secret s (32 bytes) before it is paid for."""
    return keccak(b"lading/s" + _exactly("s", s))


def mask_commit(m: bytes) -> bytes:
    """Binds the buyer to the secret m (32 bytes), which only the owner is told."""
    return keccak(b"lading/m" + _exactly("m", m))


def delivery_key(s: bytes, m: bytes, order_id: bytes) -> bytes:
    """DK: the key that seals one delivery. It takes both secrets, so publishing s reveals it to
    nobody but the two."""
    return keccak(
        b"lading/key" + _exactly("s", s) + _exactly("m", m) + _exactly("order_id", order_id)
    )


def dataset_id(registry: Address, registrant: Address, root: bytes, records: int) -> bytes:
    """keccak256(abi.encode(address registry, address registrant, bytes32 root, uint64 records))."""
    if type(records) is not int or not 1 <= records <= MAX_RECORDS:
        raise ValueError("records must be from 1 to 2^32")
    return keccak(
        bytes(12)
        + address_bytes(registry)
        + bytes(12)
        + address_bytes(registrant)
        + _exactly("root", root)
        + records.to_bytes(32, "big")
    )


# Documents


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value; ValueError for what JSON or a double cannot hold."""
    try:
        return rfc8785.dumps(value)
    except RecursionError:
        raise ValueError("the document is nested too deeply") from None


def terms_hash(document: dict[str, Any]) -> bytes:
    """What `Offer.terms` holds: SHA-256 of the canonical terms document."""
    return hashlib.sha256(canonical(document)).digest()


def review_hash(document: dict[str, Any]) -> bytes:
    """What `Confirmation.review` holds: SHA-256 of the canonical review document."""
    return hashlib.sha256(canonical(document)).digest()


def encode_binding(binding: PeerBinding, signature: bytes) -> bytes:
    """A binding and its signature as canonical JSON, the first thing peers show each other."""
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    return canonical(_to_json(binding) | {"signature": signature.hex()})


def decode_binding(encoded: bytes) -> tuple[PeerBinding, bytes]:
    """The inverse of `encode_binding`, for any bytes from anyone; only ValueError is raised.

    It does not say that the signature is right: see `verify_binding`.
    """
    if len(encoded) > MAX_BINDING_BYTES:
        raise ValueError(f"a peer binding has at most {MAX_BINDING_BYTES} bytes")
    try:
        document = json.loads(encoded)
    except RecursionError:
        raise ValueError("a peer binding is not nested") from None
    if not isinstance(document, dict) or canonical(document) != encoded:
        raise ValueError("a peer binding must be one canonical JSON object")
    signature = _member_from_json("bytes65", "signature", document.pop("signature", None))
    return PeerBinding(**_from_json(PeerBinding, document)), signature


def verify_binding(domain: Domain, encoded: bytes, peer_id: str, now: int) -> PeerBinding:
    """The binding in these bytes, if it binds this very peer now.

    `domain` names the registry, `peer_id` is the one the secure channel proved. InvalidSignature
    says why not; ValueError if the bytes are no binding.
    """
    binding, signature = decode_binding(encoded)
    if recover(domain, binding, signature) != binding.identity:
        raise InvalidSignature("The peer's binding is not signed by the identity it names.")
    if binding.peer_id != peer_id:
        raise InvalidSignature("The peer's binding is for another peer.")
    if binding.issued > now + CLOCK_SKEW_SECONDS:
        raise InvalidSignature("The peer's binding begins in the future; check both clocks.")
    if binding.expires <= now:
        raise InvalidSignature("The peer's binding has expired; it has to sign a new one.")
    return binding


# Members: one description serves ranges, hashing and JSON


def _values(value: Signed) -> tuple[Any, ...]:
    return tuple(getattr(value, item.name) for item in fields(value))


def _kinds(kind: type[Signed]) -> dict[str, str]:
    """Solidity type by Python name, in order."""
    names = (item.name for item in fields(kind))
    types = (solidity for solidity, _ in eip712.members(kind.TYPE))
    return dict(zip(names, types, strict=True))


def _check_members(value: Signed) -> None:
    for name, kind in _kinds(type(value)).items():
        eip712.check(kind, name, getattr(value, name))


def _to_json(value: Signed) -> dict[str, Any]:
    return {
        name: _member_to_json(kind, getattr(value, name))
        for name, kind in _kinds(type(value)).items()
    }


def _from_json(kind: type[Signed], document: object) -> dict[str, Any]:
    kinds = _kinds(kind)
    if not isinstance(document, dict) or document.keys() != kinds.keys():
        raise ValueError(f"{kind.__name__} must be an object with exactly: {', '.join(kinds)}")
    return {name: _member_from_json(kinds[name], name, document[name]) for name in kinds}


def _member_to_json(kind: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    # JSON numbers are doubles; 256-bit amounts are always text so that one amount has one form.
    if isinstance(value, int) and (kind == "uint256" or value > _MAX_JSON_INTEGER):
        return str(value)
    return value


def _member_from_json(kind: str, name: str, found: object) -> Any:
    value = found
    if isinstance(found, str) and kind.startswith("uint") and _DECIMAL.fullmatch(found):
        value = int(found)
    elif isinstance(found, str) and kind.startswith("bytes") and _HEX.fullmatch(found):
        value = bytes.fromhex(found)
    eip712.check(kind, name, value)
    # Equal values must have equal bytes, or two people could hold two texts of one agreement.
    if _member_to_json(kind, value) != found:
        raise ValueError(f"{name} is not written as it has to be")
    return value


def _check_parties(owner: Address, buyer: Address) -> None:
    _require(owner != ZERO_ADDRESS, "owner must not be the zero address")
    _require(buyer != ZERO_ADDRESS, "buyer must not be the zero address")
    _require(owner != buyer, "owner and buyer must be two identities")


def _check_waits(reveal_within: int, window: int) -> None:
    for name, seconds in (("reveal_within", reveal_within), ("window", window)):
        _require(1 <= seconds <= MAX_WAIT_SECONDS, f"{name} must be 1 s to 30 days")


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(rule)


def _exactly(name: str, value: bytes, size: int = 32) -> bytes:
    if not isinstance(value, bytes) or len(value) != size:
        raise ValueError(f"{name} must be {size} bytes")
    return value
