"""What happened in an order: past tense, append-only, the same for owner and buyer.

Every event carries ``at`` (unix seconds; of the block for what the chain says). ``CHAIN_EVENTS``
also carry ``block`` (number): a reorganisation drops those above a block and the order is folded
anew. No event holds a secret in the clear: ``sealed_mask`` is sealed to the owner, ``sealed_key``
with the identity's running key; ``Revealed.secret`` is public already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Side = Literal["owner", "buyer"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a request, a counter or an offer proposes. Money in the token's smallest unit."""

    token: str
    price_units: int
    bond_units: int
    window_seconds: int
    reveal_within_seconds: int
    expires_at: int
    terms: dict[str, Any]
    note: str


@dataclass(frozen=True, slots=True)
class RequestMade:
    at: int
    owner: str
    buyer: str
    dataset: bytes
    records: int
    proposal: Proposal
    mask_commit: bytes
    sealed_mask: bytes
    buyer_nonce: int | None  # the buyer's own counter; the owner does not know it


@dataclass(frozen=True, slots=True)
class CounterMade:
    at: int
    by: Side
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class OfferSigned:
    at: int
    offer: dict[str, Any]  # chain.agreement.Offer.to_json()
    signature: bytes
    order_id: bytes
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class ManifestChecked:
    """The buyer opened every manifest record under the registered root before paying."""

    at: int
    files: int


@dataclass(frozen=True, slots=True)
class Declined:
    at: int
    by: Side
    note: str


@dataclass(frozen=True, slots=True)
class OfferLapsed:
    at: int


@dataclass(frozen=True, slots=True)
class Funded:
    at: int
    block: int
    deadline: int


@dataclass(frozen=True, slots=True)
class Revealed:
    at: int
    block: int
    delivery_root: bytes
    secret: bytes
    deadline: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    at: int
    block: int
    scores: bytes
    review: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    at: int
    block: int


@dataclass(frozen=True, slots=True)
class Refunded:
    """``by_owner``: given back; otherwise the time for a reveal had passed."""

    at: int
    block: int
    by_owner: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The buyer said on record what it holds, as contract wallets do instead of giving a receipt.
    Nothing is ever made to depend on it here."""

    at: int
    block: int
    delivery_root: bytes


@dataclass(frozen=True, slots=True)
class Complained:
    """The contract decrypted record ``index`` and found it was not the registered one: price and
    bond went to the buyer, whose secret is public now."""

    at: int
    block: int
    index: int
    mask: bytes
    delivery_root: bytes


@dataclass(frozen=True, slots=True)
class Rated:
    at: int
    block: int
    scores: bytes
    review: bytes


@dataclass(frozen=True, slots=True)
class ContentReceived:
    """The buyer has every sealed chunk and computed the delivery root from what it wrote."""

    at: int
    delivery_root: bytes


@dataclass(frozen=True, slots=True)
class ReceiptSigned:
    at: int
    delivery_root: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class KeyGiven:
    at: int
    sealed_key: bytes


@dataclass(frozen=True, slots=True)
class ContentChecked:
    """Every record, file size, BLAKE3 and the content id agreed; the files are in ``folder``."""

    at: int
    folder: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a complaint shows of the wrong record: its registered hash (32 bytes), its ciphertext
    (4096) and the path of both in the delivery tree (32-byte hashes, from the leaf upwards)."""

    leaf: bytes
    ciphertext: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class RecordFailed:
    """The first record that is not what was registered, with the evidence; ``index`` -1 if every
    record is, but a statement about them (a file's BLAKE3) is untrue. That is no complaint: the
    files are in ``folder`` then, and it goes into the rating."""

    at: int
    index: int
    reason: str
    evidence: Evidence | None = None
    folder: str = ""


@dataclass(frozen=True, slots=True)
class ConfirmationSigned:
    """The buyer's Confirmation, which anyone may record; ``document`` is the review it names."""

    at: int
    scores: bytes
    document: dict[str, Any]
    review: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class ProblemReported:
    at: int
    words: str


ChainEvent = Funded | Acknowledged | Revealed | Confirmed | Complained | Accepted | Refunded | Rated
Event = (
    RequestMade
    | CounterMade
    | OfferSigned
    | ManifestChecked
    | Declined
    | OfferLapsed
    | ChainEvent
    | ContentReceived
    | ReceiptSigned
    | KeyGiven
    | ContentChecked
    | RecordFailed
    | ConfirmationSigned
    | ProblemReported
)
CHAIN_EVENTS = (
    Funded,
    Acknowledged,
    Revealed,
    Confirmed,
    Complained,
    Accepted,
    Refunded,
    Rated,
)
EVENT_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        RequestMade,
        CounterMade,
        OfferSigned,
        ManifestChecked,
        Declined,
        OfferLapsed,
        *CHAIN_EVENTS,
        ContentReceived,
        ReceiptSigned,
        KeyGiven,
        ContentChecked,
        RecordFailed,
        ConfirmationSigned,
        ProblemReported,
    )
}
