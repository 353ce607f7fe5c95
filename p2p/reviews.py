"""``/lading/review/1``: anybody asks for the words behind a rating that is on record.

On record is the hash of a review; the document is with the buyer who wrote it and the owner who
got it (`p2p.messages.SignedConfirmation`). After both hellos the opener asks, as often as it likes:

    review → {"order":hex,"review":hex,"type":"review"}
           ← {"document":{…} or null,"type":"words"}          null: it is not here

and ends the stream. ``review`` is SHA-256 of the document's RFC 8785 bytes, so whoever answers can
show that review or none. What the document says is for the caller to judge.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import rfc8785

from p2p.delivery import expect
from p2p.errors import PeerError
from p2p.identity import Peer
from p2p.limits import MESSAGE_BYTES, SILENCE_SECONDS, TALK_BYTES
from p2p.messages import check_document
from p2p.pace import Pace
from p2p.wire import Wire, parse, read_hash

PROTOCOL: Final = "/lading/review/1"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The review with this hash (32 bytes), of the order with this id (32 bytes)."""

    order: bytes
    review: bytes


Document = dict[str, Any]
Giver = Callable[[Peer, Wanted], Awaitable[Document | None]]
"""The review if it is here and on record; None otherwise."""


async def no_reviews(peer: Peer, wanted: Wanted) -> Document | None:
    return None


async def fetch(
    wire: Wire, wanted: Sequence[Wanted], got: Callable[[Wanted, Document], None]
) -> None:
    """Ask for each; ``got`` is called with those that came, as they come.

    Raises PeerError if the peer answers anything but that review or nothing, Unreachable.
    """
    for one in wanted:
        await wire.write_object("review", order=one.order.hex(), review=one.review.hex())
        document = expect(await wire.read_object(), "words", "document")["document"]
        if document is not None:
            _check(document, one.review)
            got(one, document)


async def serve(wire: Wire, peer: Peer, give: Giver, pace: Pace) -> None:
    """Answer until the peer asks no more. Raises what ends the stream early."""
    while (body := await wire.read(MESSAGE_BYTES, wait=SILENCE_SECONDS)) is not None:
        await pace.wait(1)
        document = await give(peer, _read(body))
        size = 0 if document is None else len(rfc8785.dumps(document))
        await pace.wait(size // TALK_BYTES)  # a long answer counts as several, as a message does
        await wire.write_object("words", document=document)


def _check(document: object, review: bytes) -> None:
    try:
        check_document(document)
    except (ValueError, RecursionError) as error:
        raise PeerError(f"The peer's review {error}.") from None
    if sha256(rfc8785.dumps(document)).digest() != review:  # type: ignore[arg-type]
        raise PeerError("The peer sent another review than the one on record.")


def _read(body: bytes) -> Wanted:
    asked = expect(parse(body), "review", "order", "review")
    return Wanted(_hash(asked["order"]), _hash(asked["review"]))


def _hash(value: object) -> bytes:
    raw = read_hash(value)
    if raw is None:
        raise PeerError("The peer sent something else than a hash.")
    return raw
