"""Chain events to store: two datasets, two orders and three people, in blocks of any branch."""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from app.domain import listing
from app.domain.commands import Description
from chain import exchange_events as exchange
from chain import registry_events as registry
from chain.address import address_text
from chain.agreement import Offer
from chain.answers import Block
from chain.indexer import ChainEvent, Cursor
from chain.listing import encode_listing

OWNER, BUYER, THIRD = (address_text(bytes([n]) * 20) for n in (1, 2, 3))
TOKEN = address_text(b"\x09" * 20)
WIND, SUN = b"w" * 32, b"s" * 32
BIG = 2**255  # an amount no 64-bit column holds


def listed(title: str = "Wind", price: int = BIG // 10**60, **said: str) -> bytes:
    words: dict[str, Any] = {"what": "Speeds", "field": "energy", "region": "Europe"}
    description = Description(title=title, **words | said)
    document = listing.document(
        description=description, terms={}, token=TOKEN, price_units=price, files=1, profile=None
    )
    return encode_listing(document)


def registered(dataset: bytes = WIND, **changes: Any) -> registry.Registered:
    made = registry.Registered(
        dataset=dataset,
        registrant=OWNER,
        committed_at=900,
        content_id=b"c" * 32,
        root=sha256(dataset).digest(),
        records=2**32,
        length=4064 * 2**32,
        salt_nonce=b"n" * 32,
        parent=bytes(32),
        listing=listed(),
    )
    return replace(made, **changes)


OFFER = Offer(
    owner=OWNER,
    buyer=BUYER,
    dataset=WIND,
    records=7,
    token=TOKEN,
    price=BIG,
    bond=BIG,
    key_commit=b"k" * 32,
    mask_commit=b"m" * 32,
    terms=b"t" * 32,
    expires=2**64 - 1,
    reveal_within=3600,
    window=86_400,
    epoch=0,
    nonce=b"n" * 32,
)


def about(order_id: bytes) -> dict[str, Any]:
    return {"order_id": order_id, "owner": OWNER, "buyer": BUYER}


def funded(order_id: bytes, **changes: Any) -> exchange.Funded:
    return exchange.Funded(**about(order_id), offer=replace(OFFER, **changes), deadline=5_000)


def revealed(order_id: bytes) -> exchange.Revealed:
    return exchange.Revealed(
        **about(order_id), delivery_root=b"x" * 32, secret=b"s" * 32, deadline=9_000
    )


def confirmed(order_id: bytes, overall: int = 5) -> exchange.Confirmed:
    return exchange.Confirmed(
        **about(order_id),
        delivery_root=b"x" * 32,
        scores=bytes([overall] * 6),
        review=b"r" * 32,
    )


def sold(order: bytes, owner: str, buyer: str, dataset: bytes, score: int) -> list[Any]:
    """A sale with its rating, the same score in each line."""
    sides = {"owner": owner, "buyer": buyer}
    made = replace(funded(order, dataset=dataset, **sides), **sides)
    return [made, replace(confirmed(order, score), **sides)]


def profile(account: str, name: str) -> registry.ProfileSet:
    said = registry.Profile(
        name=name,
        peer_id="12D3",
        seal_key=b"k" * 32,
        addresses=("/ip4/127.0.0.1/tcp/1", "/dns4/example.org/tcp/2"),
    )
    return registry.ProfileSet(account=account, profile=said)


@dataclass(frozen=True)
class Mined:
    """A block of one branch with what happened in it."""

    number: int
    branch: str
    bodies: tuple[Any, ...]

    @property
    def hash(self) -> bytes:
        return sha256(f"{self.branch} {self.number}".encode()).digest()

    @property
    def block(self) -> Block:
        return Block(number=self.number, hash=self.hash, timestamp=1_000 + self.number)

    @property
    def cursor(self) -> Cursor:
        return Cursor(block_number=self.number, block_hash=self.hash)

    @property
    def events(self) -> list[ChainEvent]:
        return [
            ChainEvent(
                block_number=self.number,
                block_hash=self.hash,
                block_time=1_000 + self.number,
                tx_hash=sha256(self.hash + index.to_bytes(3, "big")).digest(),
                log_index=index,
                body=body,
            )
            for index, body in enumerate(self.bodies)
        ]


def mined(number: int, *bodies: Any, branch: str = "main") -> Mined:
    return Mined(number, branch, bodies)
