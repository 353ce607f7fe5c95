"""An owner without an app: registers, signs, delivers and reveals as a story tells it to.

It keeps to the protocol except for the one thing that the story changes: the `Goods` it serves,
a message, or an entry on record.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from app.domain import listing
from app.domain.commands import Description
from app.domain.money import least_bond_units
from app.domain.terms import TermsChoice
from chain import agreement, exchange, registry
from chain.agreement import Offer
from chain.registry import Registration
from p2p import messages as m
from p2p.content import Content
from p2p.errors import PeerError, Unreachable
from p2p.fingerprint import fingerprint
from p2p.host import Peer, Source
from p2p.manifest import Manifest
from p2p.openings import Opening
from p2p.records import CHUNK_RECORDS, RECORD, Fingerprint
from tests.adversary.cheat import Cheat
from tests.story.people import World
from tests.story.trading import PRICE_UNITS

REVEAL_SECONDS = 1800


class Lies(Content):
    """Content whose records may be others than were registered when they are sealed."""

    __slots__ = ("bad",)

    def __init__(self, content: Content, bad: tuple[int, ...]) -> None:
        super().__init__(content.source, content.manifest, content._salt_key, content.fingerprint)
        self.bad = bad

    def checked_chunk(
        self, chunk_index: int, leaves_path: Path, room: object = None
    ) -> tuple[bytes, bytes]:
        found, leaves = super().checked_chunk(chunk_index, leaves_path)
        plain = bytes(found)
        spoiled = bytearray(plain)
        for index in self.bad:
            if index // CHUNK_RECORDS == chunk_index:
                at = index % CHUNK_RECORDS * RECORD
                spoiled[at : at + RECORD] = bytes(RECORD)
        return bytes(spoiled), leaves


@dataclass
class Goods:
    """What is registered and what is delivered, which need not agree."""

    content: Content
    leaves_path: Path
    salt_nonce: bytes
    registered: Fingerprint
    openings: list[Opening] | None = None
    """Instead of the content's own."""
    there: bool = True
    """Whether anything is delivered at all; otherwise "later", for ever."""

    @property
    def manifest(self) -> Manifest:
        return self.content.manifest

    def spoil(self, *records: int) -> None:
        """Deliver zeros instead of these records."""
        self.content = Lies(self.content, records)


class _Openings(Content):
    __slots__ = ("_openings",)

    def __init__(self, content: Content, openings: list[Opening]) -> None:
        super().__init__(content.source, content.manifest, content._salt_key, content.fingerprint)
        self._openings = openings

    def manifest_openings(self, leaves_path: Path) -> Iterator[Opening]:
        return iter(self._openings)


@dataclass(frozen=True)
class Deal:
    """One signed Offer of the cheat's, and what it needs to deliver it."""

    thread: str
    buyer: str
    offer: Offer
    signature: bytes
    order_id: bytes
    mask: bytes = field(repr=False)
    secret: bytes = field(repr=False)


class CheatingOwner(Cheat):
    """`goods` and `deals` are what the honest buyer gets to see."""

    goods: Goods

    def __init__(self, world: World, name: str = "Sandbank Data") -> None:
        super().__init__(world, name)
        self.deals: dict[bytes, Deal] = {}
        self._work = world.folder / self.wallet.address

    def __enter__(self) -> CheatingOwner:
        super().__enter__()
        return self

    # the dataset

    def prepare(self, data: Path) -> Goods:
        """Fingerprint what will be registered; the goods can be changed before and after."""
        salt_nonce = secrets.token_bytes(32)
        salt_key = self.wallet.salt_key(salt_nonce)
        self._work.mkdir(parents=True, exist_ok=True)
        leaves_path = self._work / f"{salt_nonce.hex()[:8]}.leaves"
        made = fingerprint(
            data,
            salt_key,
            leaves_path,
            progress=lambda done, of: None,
            cancelled=lambda: False,
        )
        content = Content(made.source, made.manifest, salt_key, made.fingerprint)
        self.goods = Goods(content, leaves_path, salt_nonce, made.fingerprint)
        return self.goods

    def register(self, title: str) -> str:
        """The prepared goods, as they are said to be; the dataset's id, final."""
        said = self.goods.registered
        described = Description(title=title, what="Files as their source published them.")
        document = listing.document(
            description=described,
            terms=asdict(TermsChoice()),
            token=self.token,
            price_units=PRICE_UNITS,
            files=len(self.goods.manifest.files),
            profile=None,
        )
        registration = Registration(
            said.content_id,
            said.root,
            said.records,
            said.length,
            self.goods.salt_nonce,
            bytes(32),
            registry.encode_listing(document),
        )
        salt = secrets.token_bytes(32)
        commitment = registry.commitment(
            self.network, self.address, registry.arguments_hash(registration), salt
        )
        self.record(registry.commit_call(self.network, commitment))
        self.final(registry.register_call(self.network, registration, salt))
        self.dataset = agreement.dataset_id(
            self.network.registry, self.address, said.root, said.records
        )
        return self.dataset.hex()

    # the offer

    def put_bond(self, token: str, units: int) -> None:
        self.record(exchange.approve_call(token, self.network.exchange, units))
        self.record(exchange.deposit_call(self.network, token, units))

    def offered(self, request: m.Request, **changed: Any) -> Deal:
        """The Offer that was asked for, signed, with a bond in place; fields can be ``changed``."""
        nonce = secrets.token_bytes(32)
        secret = self.wallet.owner_secret(nonce)
        offer = Offer(
            owner=self.address,
            buyer=changed.pop("buyer", self._buyer_of(request)),
            dataset=request.dataset,
            records=self.goods.registered.records,
            token=request.token,
            price=request.price,
            bond=least_bond_units(request.price),
            key_commit=agreement.key_commit(secret),
            mask_commit=request.mask_commit,
            terms=agreement.terms_hash(request.terms),
            expires=request.expires,
            reveal_within=REVEAL_SECONDS,
            window=request.window,
            epoch=exchange.read_epoch(self.gateway, self.network, self.address),
            nonce=nonce,
        )
        offer = replace(offer, **changed)
        there = self.free_bond(self.address, offer.token)
        if there < offer.bond:
            self.put_bond(offer.token, offer.bond - there)
        order_id = agreement.order_id(self.exchange, offer)
        deal = Deal(
            request.thread,
            offer.buyer,
            offer,
            agreement.sign(self.exchange, offer, self.wallet.account_key),
            order_id,
            self.wallet.open_sealed(request.sealed_mask),
            secret,
        )
        self.deals[order_id] = deal
        return deal

    def _buyer_of(self, request: m.Request) -> str:
        return self.senders[request.id]

    def hand_over(self, deal: Deal) -> None:
        """Tell the buyer the signed Offer."""
        self.say(
            deal.buyer,
            m.SignedOffer(
                **self.head(deal.thread), offer=deal.offer.to_json(), signature=deal.signature
            ),
        )

    # the delivery

    async def _source(self, peer: Peer, order_id: bytes) -> Source:
        deal = self.deals.get(order_id)
        if deal is None or deal.buyer != peer.identity:
            raise PeerError("There is no such order.")
        funded = exchange.read_order(self.gateway, self.network, order_id).state != exchange.NONE
        if funded and not self.goods.there:
            raise Unreachable("Later.")
        content = self.goods.content
        if self.goods.openings is not None:
            content = _Openings(content, self.goods.openings)
        dk = agreement.delivery_key(deal.secret, deal.mask, order_id) if funded else None
        return Source(
            self.goods.registered.records,
            self.goods.leaves_path,
            content,
            dk,
            self._work / order_id.hex(),
        )

    def give_key(self, deal: Deal, secret: bytes | None = None) -> None:
        self.say(
            deal.buyer,
            m.Key(**self.head(deal.thread), order=deal.order_id, secret=secret or deal.secret),
        )

    def receipt_of(self, deal: Deal) -> m.DeliveryReceipt:
        """The buyer's, once it comes."""
        return self.hear(m.DeliveryReceipt, lambda said: said.order == deal.order_id)

    def reveal(self, deal: Deal, receipt: m.DeliveryReceipt) -> None:
        """Final when this returns."""
        self.final(
            exchange.reveal_call(
                self.network, deal.offer, receipt.root, receipt.signature, deal.secret
            )
        )
