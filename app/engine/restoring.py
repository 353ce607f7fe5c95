"""What a restored identity finds again on the record: its registrations, and how far its buyer's
counter had come.

A profile made from 24 words knows nothing of what the identity did before. Registrations say
which salts they were made with, so the dataset is shown again and its files only have to be
located. Payments carry the whole Offer, so the counters behind the masks are found by trial; the
next is `AHEAD` higher, because requests that were never paid left no trace (PROTOCOL §4).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import trio

from app.domain import listing as listings
from app.domain.snapshots.datasets import Profile
from app.engine.identity import Identity
from app.store import datasets, index, orders, settings
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.index import RegisteredDataset
from chain import agreement
from chain.indexer import Advance
from chain.listing import decode_listing
from p2p.records import confidential_id

log = logging.getLogger(__name__)

AHEAD = 65_536
_TRIED = "masks_tried"
"""Payments, by order id, whose counter was looked for: that takes seconds, and is done once."""


class Restoring:
    """``changed`` is called when a registration was found again."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        changed: Callable[[], None],
    ) -> None:
        self._database = database
        self._identity = identity
        self._changed = changed
        self._due = True

    async def advanced(self, advance: Advance) -> None:
        self._due |= bool(advance.events)
        if self._due and advance.done:
            await trio.to_thread.run_sync(self.look)
            self._due = False

    def look(self) -> None:
        """Take over what is on record; called in a worker thread."""
        with self._database.read() as session:
            mine = index.registered_by(session, self._identity.address)
            known = {own.dataset_id for own in datasets.list_own(session)}
            paid = index.payments_by(session, self._identity.address)
            traded = {order.order_id.hex() for order in orders.list_orders(session)}
            tried = set(settings.get(session, _TRIED, ()))
        missing = [found for found in mine if found.dataset_id not in known]
        if missing:
            with self._database.begin() as session:
                for found in missing:
                    datasets.save(session, _again(found))
            log.info("%d registrations of this identity were found on the record", len(missing))
            self._changed()
        strange = {payment.order_id.hex(): payment for payment in paid}
        strange = {key: strange[key] for key in strange.keys() - traded - tried}
        for owner in {payment.offer.owner for payment in strange.values()}:
            wanted = {p.offer.mask_commit for p in strange.values() if p.offer.owner == owner}
            self._resume(owner, wanted)
        if strange:
            with self._database.begin() as session:
                settings.put(session, _TRIED, sorted(tried | strange.keys()))

    def _resume(self, owner: str, wanted: set[bytes]) -> None:
        """Count on from the payments to ``owner`` that this profile does not know."""
        with self._database.read() as session:
            end = orders.buyer_nonce(session, owner) + 2 * AHEAD
        buyer_secret, found, counter = self._identity.wallet.buyer_secret, -1, 0
        while wanted and counter < end:
            commit = agreement.mask_commit(buyer_secret(owner, counter))
            if commit in wanted:
                wanted.remove(commit)
                found, end = counter, max(end, counter + 2 * AHEAD)
            counter += 1
        if wanted:
            log.warning("a payment of this identity names a mask that its words do not give")
        if found >= 0:
            with self._database.begin() as session:
                orders.raise_buyer_nonce(session, owner, found + AHEAD)


def _again(found: RegisteredDataset) -> OwnDataset:
    """A dataset of mine as the record has it: everything but where its files are."""
    try:
        listing = listings.read(decode_listing(found.listing))
    except ValueError:
        listing = listings.read({})
    hidden = found.content_id == confidential_id(found.root)
    description = replace(listing.description, confidential=hidden)
    return OwnDataset(
        key=found.dataset_id.hex()[:32],
        path="",
        made_at=found.committed_at,
        salt_nonce=found.salt_nonce,
        content_id=b"" if hidden else found.content_id,
        root=found.root,
        records=found.records,
        length=found.length,
        files=listing.files,
        description=description,
        terms=listing.terms,
        token=listing.token,
        price_units=listing.price_units,
        profile=_profile(listing),
        state="withdrawn" if found.withdrawn else "registered",
        listing=found.listing,
        dataset_id=found.dataset_id,
    )


def _profile(listing: listings.Listing) -> Profile | None:
    """What a later listing has to say again."""
    if not listing.columns:
        return None
    return Profile("csv", listing.rows, listing.columns, listing.sketch)
