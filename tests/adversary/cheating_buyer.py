"""A buyer without an app: asks, pays, fetches and signs as a story tells it to."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.domain.money import least_bond_units
from app.domain.terms import TermsChoice, document
from chain import agreement, exchange
from chain.agreement import Offer, Receipt
from chain.wallet import seal_to
from p2p import messages as m
from p2p.errors import Unreachable
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.adversary.cheat import Cheat
from tests.adversary.stage import mine_until, now
from tests.story.people import World
from tests.story.trading import PRICE_UNITS, WINDOW_SECONDS

REVEAL_SECONDS = 1800


@dataclass
class Purchase:
    """One order of the cheat's as far as it came."""

    thread: str
    owner: str
    dataset: Fingerprint
    mask: bytes = field(repr=False)
    offer: Offer | None = None
    signature: bytes = b""
    order_id: bytes = b""
    spool: Spool | None = None
    root: bytes = b""

    @property
    def agreed(self) -> Offer:
        assert self.offer is not None
        return self.offer


class CheatingBuyer(Cheat):
    def __init__(self, world: World, name: str = "Quicksand Research") -> None:
        super().__init__(world, name)
        self._work = world.folder / self.wallet.address

    def __enter__(self) -> CheatingBuyer:
        super().__enter__()
        return self

    def ask_for(
        self, owner: str, dataset: bytes, fingerprint: Fingerprint, **changed: Any
    ) -> Purchase:
        """A request; ``mask`` and fields of the message can be changed."""
        mask = changed.pop("mask", None) or secrets.token_bytes(32)
        purchase = Purchase(self.head()["thread"], owner, fingerprint, mask)
        fields: dict[str, Any] = {
            "dataset": dataset,
            "token": self.token,
            "price": PRICE_UNITS,
            "bond": least_bond_units(PRICE_UNITS),
            "window": WINDOW_SECONDS,
            "reveal_within": REVEAL_SECONDS,
            "expires": now(self.world) + 86_400,
            "terms": document(TermsChoice(), dataset.hex()),
            "mask_commit": agreement.mask_commit(mask),
            "sealed_mask": seal_to(self._seal_key(owner), mask),
        }
        self.say(owner, m.Request(**self.head(purchase.thread), **{**fields, **changed}))
        return purchase

    def _seal_key(self, owner: str) -> bytes:
        return self.profile(owner).seal_key

    def take_offer(self, purchase: Purchase) -> Offer:
        """The owner's signed Offer, once it comes."""
        said = self.hear(m.SignedOffer, lambda one: one.thread == purchase.thread)
        purchase.offer = Offer.from_json(said.offer)
        purchase.signature = said.signature
        purchase.order_id = agreement.order_id(self.exchange, purchase.offer)
        return purchase.offer

    def fund(self, purchase: Purchase) -> None:
        """Paid as soon as the owner's bond is there, and final."""
        offer = purchase.agreed
        mine_until(self.world, lambda: self.free_bond(offer.owner, offer.token) >= offer.bond)
        self.record(exchange.approve_call(offer.token, self.network.exchange, offer.price))
        self.final(exchange.fund_call(self.network, offer, purchase.signature))

    def fetch(self, purchase: Purchase) -> bytes:
        """Everything sealed, on disk; R_x."""
        purchase.root = self.patiently(partial(self.fetching, purchase))
        return purchase.root

    async def fetching(self, purchase: Purchase) -> bytes:
        """One attempt, in the host's loop."""
        dataset = purchase.dataset
        folder = self._work / purchase.order_id.hex()
        spool = purchase.spool = Spool(folder, dataset.records, dataset.root)
        profile = self.profile(purchase.owner)
        return await self.host.fetch(
            profile.peer_id,
            profile.addresses,
            purchase.order_id,
            spool,
            purchase.dataset,
            progress=lambda stored, of: None,
            paused=lambda: False,
            identity=purchase.owner,
        )

    def fetch_nothing(self, purchase: Purchase, why: str) -> None:
        """Ask until the owner says this is why nothing is delivered."""

        def said() -> bool:
            try:
                self.go(self.fetching, purchase)
            except Unreachable as error:
                return why in error.reason
            raise AssertionError("everything was delivered")

        mine_until(self.world, said)

    def receipt(self, purchase: Purchase, root: bytes = b"") -> m.DeliveryReceipt:
        """Signed, for what was fetched or any other root."""
        receipt = Receipt(purchase.order_id, root or purchase.root)
        signature = agreement.sign(self.exchange, receipt, self.wallet.account_key)
        return m.DeliveryReceipt(
            **self.head(purchase.thread),
            order=purchase.order_id,
            root=receipt.delivery_root,
            signature=signature,
        )

    def key(self, purchase: Purchase) -> bytes:
        """The owner's secret, once it is given for the receipt."""
        return self.hear(m.Key, lambda one: one.order == purchase.order_id).secret
