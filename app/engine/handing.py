"""Letting a second device watch: the buyer hands over a sealed parcel and some coins for fees.

What the device can do with it is complain and refund; both pay the buyer and nobody else.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from functools import partial

import trio

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.errors import RuleError
from app.domain.order import RUNNING, Order
from app.domain.watch_code import read_code
from app.engine import parcel
from app.engine.entries import Entries
from app.engine.fees import check_fee
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.parcel import Mandate
from app.engine.profile import Profile
from app.store import entries as entry_rows
from app.store import index, orders, settings
from app.store.database import Database
from chain.address import ZERO_ADDRESS
from chain.agreement import Offer
from chain.wallet import key_address
from p2p.errors import ContentError
from p2p.spool import Spool

TRANSFER_GAS = 30_000
WATCH_GAS = 3 * 800_000
"""For a complaint, a refund and the way back of what is left, with fees up to three times as high
by then."""


def can_be_watched(order: Order) -> bool:
    """Whether there is something to hand over, and something left to watch."""
    return order.role == "buyer" and order.stage in RUNNING and bool(order.receipt)


class Handing:
    """The command `LetWatch`."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
        entries: Entries,
    ) -> None:
        self._profile = profile
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity
        self._entries = entries

    async def let_watch(self, command: cmd.LetWatch) -> None:
        """Write the parcel, then send the coins. ContentError if the disk refuses the file."""
        order = self._journal.order(command.order)
        if not can_be_watched(order) or order.offer is None:
            raise RuleError(
                "watch.not_now",
                "Another device can watch once everything has been delivered and signed for, and "
                "until the order has ended.",
            )
        watch_key = read_code(command.code)
        await trio.to_thread.run_sync(partial(self._can_pay, command.coins_wei))
        fee_key = self._fee_key(order)
        mandate = self._mandate(order, Offer.from_json(order.offer), fee_key)
        await trio.to_thread.run_sync(partial(self._pack, command, order, mandate, watch_key))
        self._send_coins(order, key_address(fee_key), command.coins_wei)

    def _can_pay(self, coins_wei: int) -> None:
        if coins_wei < 0:
            raise RuleError("money.zero", "The amount must be more than zero.")
        check_fee(self._ledger.gateway, self._identity.address, TRANSFER_GAS, coins_wei)

    def _fee_key(self, order: Order) -> bytes:
        """The same for each parcel of an order, so that its coins are sent once."""
        name = f"watch:{order.thread}"
        with self._database.begin() as session:
            kept: str | None = settings.get(session, name, None)
            if kept is not None:
                return self._identity.unseal(bytes.fromhex(kept))
            fresh = secrets.token_bytes(32)
            settings.put(session, name, self._identity.seal(fresh).hex())
        return fresh

    def _mandate(self, order: Order, offer: Offer, fee_key: bytes) -> Mandate:
        with self._database.read() as session:
            row = index.registration(session, order.dataset)
            happened = orders.events(session, order.thread)
        paid = next(event for event in happened if isinstance(event, ev.Funded))
        if row is None:
            raise RuleError("watch.not_now", "The dataset's registration has not been read yet.")
        return Mandate(
            network=self._ledger.network,
            offer=offer,
            root=row.root,
            delivery_root=order.delivery_root,
            since=paid.block,
            mask=self._identity.wallet.buyer_secret(order.owner, order.buyer_nonce or 0),
            fee_key=fee_key,
        )

    def _pack(
        self, command: cmd.LetWatch, order: Order, mandate: Mandate, watch_key: bytes
    ) -> None:
        spool = Spool(self._profile.delivery(order.thread), order.records, mandate.root)
        try:
            parcel.pack(command.path, replace(mandate, opened=spool.opened), spool, watch_key)
        except ContentError:
            before = spool.opened
            spool.take_up()
            if spool.opened == before:
                raise
            self._pack(command, order, mandate, watch_key)  # it is being opened meanwhile

    def _send_coins(self, order: Order, to: str, coins_wei: int) -> None:
        with self._database.read() as session:
            before = entry_rows.for_thread(session, order.thread)
        tries = [entry for entry in before if entry.what == "send"]
        if coins_wei == 0 or any(entry.state != "failed" for entry in tries):
            return
        key = f"{order.thread}:watch:{len(tries)}"
        with self._database.begin() as session:
            settings.put(
                session,
                f"entry:{key}",
                {"token": ZERO_ADDRESS, "amount": str(coins_wei), "to": to},
            )
        self._entries.want(key, "send", thread=order.thread, made_at=self._ledger.now)
