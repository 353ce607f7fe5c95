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
    at: int
    block: int


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
class RecordFailed:
    """The first record that is not what was registered; ``index`` -1 if every record is, but a
    statement about them (a file's size or BLAKE3, the content id) is untrue."""

    at: int
    index: int
    reason: str


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


ChainEvent = Funded | Revealed | Confirmed | Accepted | Refunded | Rated
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
CHAIN_EVENTS = (Funded, Revealed, Confirmed, Accepted, Refunded, Rated)
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
