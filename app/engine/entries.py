"""Record entries: from what is wanted on the record to a final block.

One entry is one transaction of the identity's account. It is journalled when it is wanted, again
when it is signed (nonce and bytes), and only then broadcast; a restart sends the same bytes
again. Entries are signed one after the other in the order they were wanted, so that nonces have
no gaps. One that is not mined in time is sent again with a higher fee under the same nonce: only
one of its attempts can ever be mined. What would show a secret for nothing, because its time has
passed, is not sent any more: an empty transaction takes its nonce.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import trio

from app.engine.ledger import Ledger
from app.engine.points import reached
from app.store import entries as journal
from app.store.database import Database
from app.store.entries import Attempt, Entry
from chain.errors import ChainError, Refused
from chain.gateway import Call, SignedTx, TxReceipt
from chain.transactions import read_signed

log = logging.getLogger(__name__)

Build = Callable[[Entry], Call]
"""Makes an entry's call anew each time it is signed. Raises `NotYet` or `chain.errors.Refused`;
called in a worker thread, so it may read the chain."""


class NotYet(Exception):
    """The entry must wait for something that will come by itself."""


class Entries:
    """Signs, sends and follows record entries. ``on_end`` hears of each that became final or
    failed (`Entry.state` says which), after it is journalled."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        account_key: bytes,
        address: str,
        build: Build,
        on_change: Callable[[Entry], None],
        too_late: Callable[[Entry], bool] = lambda entry: False,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._key = account_key
        self._address = address
        self._build = build
        self._on_change = on_change
        self._too_late = too_late
        self._wake = trio.Event()
        self._bump_seconds = 20 if ledger.network.practice else 180
        self.hurry: int | None = None
        """Seconds after which fees are raised instead while a deadline is near: those of all
        entries, since one can only be mined after those before it."""

    def want(
        self,
        key: str,
        what: str,
        *,
        thread: str = "",
        dataset: str = "",
        title: str = "",
        made_at: int = 0,
    ) -> Entry:
        """The entry with this key, wanted now if it was not before; repeats change nothing."""
        with self._database.begin() as session:
            entry = journal.want(
                session, key, what, thread=thread, dataset=dataset, title=title, made_at=made_at
            )
        self._wake.set()
        return entry

    def retry(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. One entry's failure never stops the others."""
        while True:
            self._wake = trio.Event()
            with self._database.read() as session:
                unfinished = journal.unfinished(session)
            for entry in unfinished:
                try:
                    await self._step(entry)
                except ChainError as error:
                    log.info("record entry %s waits: %s", entry.what, error)
                    break
            with trio.move_on_after(1.0 if self._ledger.network.practice else 5.0):
                await self._wake.wait()

    async def _step(self, entry: Entry) -> None:
        if entry.state == "wanted":
            await self._sign(entry)
        elif entry.state == "signed":
            await self._follow(entry)
        elif entry.state == "recorded":
            await self._settle(entry)

    async def _sign(self, entry: Entry) -> None:
        try:
            call = await trio.to_thread.run_sync(partial(self._build, entry))
            nonce = await self._next_nonce()
            signed = await trio.to_thread.run_sync(
                partial(self._ledger.gateway.sign, call, self._key, nonce)
            )
        except NotYet:
            return
        except Refused as error:
            self._fail(entry, error.reason)
            return
        self._journal_attempt(entry, call, signed)
        reached(f"{entry.what}_signed")
        await self._broadcast(signed.raw)
        reached(f"{entry.what}_broadcast")

    async def _next_nonce(self) -> int:
        pending = await trio.to_thread.run_sync(self._ledger.gateway.pending_nonce, self._address)
        with self._database.read() as session:
            highest = journal.highest_nonce(session)
        return max(pending, -1 if highest is None else highest + 1)

    def _journal_attempt(self, entry: Entry, call: Call, signed: SignedTx) -> None:
        attempt = Attempt(signed.raw, signed.hash, signed.max_fee_wei, self._ledger.now)
        with self._database.begin() as session:
            changed = journal.signed(
                session, entry.id, call.to, call.data, call.value, signed.nonce, attempt
            )
        self._on_change(changed)

    async def _broadcast(self, raw: bytes) -> None:
        try:
            await trio.to_thread.run_sync(self._ledger.gateway.broadcast, raw)
        except Refused as error:
            # The node may know better later (a nonce it has not seen yet); the bytes are kept and
            # sent again, and whether the entry can still be recorded is decided in `_follow`.
            log.info("a record entry was not taken yet: %s", error.reason)

    async def _follow(self, entry: Entry) -> None:
        receipt = await self._receipt(entry)
        if receipt is not None:
            with self._database.begin() as session:
                if entry.to == self._address and not entry.data:
                    changed = journal.failed(session, entry.id, "Its time had passed.", receipt)
                elif receipt.ok:
                    changed = journal.recorded(session, entry.id, receipt, self._ledger.now)
                else:
                    changed = journal.failed(
                        session, entry.id, "The contract refused the entry.", receipt
                    )
            self._on_change(changed)
            reached(f"{entry.what}_recorded")
            return
        newest = entry.attempts[-1]
        if entry.data and self._too_late(entry):
            await self._bump(entry, Call(self._address, b""))
            return
        patience = min(self._bump_seconds, self.hurry or self._bump_seconds)
        if self._ledger.now - newest.at < patience:
            await self._broadcast(newest.raw)
            reached(f"{entry.what}_broadcast")
            return
        await self._bump(entry, Call(entry.to, entry.data, entry.value_wei))

    async def _receipt(self, entry: Entry) -> TxReceipt | None:
        """Of the attempt that is in the chain now; None if none is."""
        for attempt in entry.attempts:
            receipt = await trio.to_thread.run_sync(self._ledger.gateway.receipt, attempt.hash)
            if receipt is not None:
                return receipt
        return None

    async def _bump(self, entry: Entry, call: Call) -> None:
        """Send ``call`` under the entry's nonce for a higher fee."""
        newest = entry.attempts[-1]
        nonce = entry.nonce or 0
        gateway = self._ledger.gateway
        mined = await trio.to_thread.run_sync(gateway.mined_nonce, self._address)
        if mined > nonce:
            if await self._receipt(entry) is None:
                self._fail(entry, "another transaction of this account has taken its place")
            return
        try:
            again = await trio.to_thread.run_sync(
                partial(gateway.bump, call, read_signed(newest.raw), self._key)
            )
        except Refused as error:
            # The money for more is gone. As long as the nonce is unused, an attempt can be mined.
            log.info("the fee of a record entry is not raised: %s", error.reason)
            if call.data == entry.data:
                await self._broadcast(newest.raw)
            return
        self._journal_attempt(entry, call, again)
        await self._broadcast(again.raw)

    async def _settle(self, entry: Entry) -> None:
        if entry.block_number is None or entry.block_number > self._ledger.final_block:
            return
        hashes = [entry.tx_hash] if entry.tx_hash else []
        receipt = await trio.to_thread.run_sync(self._ledger.gateway.receipt, hashes[0])
        with self._database.begin() as session:
            if receipt is None or receipt.block_number > self._ledger.final_block:
                changed = journal.unrecorded(session, entry.id)
            else:
                changed = journal.final(session, entry.id)
        self._on_change(changed)

    def _fail(self, entry: Entry, reason: str) -> None:
        with self._database.begin() as session:
            changed = journal.failed(session, entry.id, reason)
        self._on_change(changed)
