"""The buyer opens what was delivered: checks all of it, moves it into place, or has the evidence.

The effect can be run again after a crash. It ends in one of three events: the files are in place;
a record is not the registered one, and the event carries all that a complaint shows; every record
is the registered one, but something the owner stated about them is untrue. The last gives no money
back, since the escrow enforces the root only: the files are put in place, and it goes into the
rating.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import trio

from app.domain import events as ev
from app.domain.effects import Effect
from app.domain.order import Delivery, Order
from app.engine import places
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.outbox import Later
from app.engine.points import reached
from app.engine.profile import Profile
from app.store import index
from app.store.database import Database
from chain import agreement
from p2p.errors import ContentError, PeerError
from p2p.manifest import Manifest
from p2p.ready import Ready
from p2p.records import Fingerprint
from p2p.unsealing import BadRecord, Unsealed, check_records, unseal

NO_ROOM_LOOK_SECONDS = 30


class ContentCheck:
    """``progress`` hears how far an order's check is (0 to 1, None when it is over), ``problem``
    what on this computer stops it."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
        progress: Callable[[str, float | None], None],
        problem: Callable[[str, str], None],
        openers: Ready,
    ) -> None:
        self._profile = profile
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity
        self._progress = progress
        self._problem = problem
        self._openers = openers

    async def run(self, thread: str, effect: Effect) -> None:
        """Runs `CheckContent`; the result is an event either way."""
        order = self._journal.order(thread)
        if order.delivery != Delivery.KEYED:
            return
        work = self._sealed(order)
        there = await trio.to_thread.run_sync(
            partial(places.moved_before, self._database, order, work.manifest)
        )
        if there is not None:  # a crash came between the move and the journal
            self._journal.record(thread, ev.ContentChecked(self._ledger.now, str(there)))
            return
        try:
            event = await self._open(order, work)
        finally:
            self._progress(thread, None)
        if isinstance(event, ev.ContentChecked):
            reached("content_unsealed")
        self._journal.record(thread, event)
        checked = isinstance(event, ev.ContentChecked)
        reached("content_checked" if checked else "fault_journalled")

    async def _open(self, order: Order, work: Sealed) -> ev.ContentChecked | ev.RecordFailed:
        target = places.choose(self._database, self._profile.folder, order)
        token = trio.lowlevel.current_trio_token()

        def report(done: int, total: int) -> None:
            token.run_sync_soon(self._progress, order.thread, done / total if total else 1.0)

        try:
            try:
                unsealed = await trio.to_thread.run_sync(partial(work.unseal, target, report))
            except ContentError as error:
                self._problem(order.thread, str(error))
                # A complaint cannot wait for room on this disk; the files can.
                await trio.to_thread.run_sync(work.check)
                raise Later(NO_ROOM_LOOK_SECONDS, str(error)) from error
        except BadRecord as bad:
            evidence = ev.Evidence(bad.leaf, bad.ciphertext, bad.path)
            return ev.RecordFailed(self._ledger.now, bad.index, str(bad), evidence)
        except PeerError as untrue:
            folder = await self._place_anyway(order, work, target, report)
            return ev.RecordFailed(self._ledger.now, -1, str(untrue), folder=folder)
        except ContentError as error:
            raise Later(NO_ROOM_LOOK_SECONDS, str(error)) from error
        return ev.ContentChecked(self._ledger.now, str(unsealed.folder))

    async def _place_anyway(
        self, order: Order, work: Sealed, target: Path, report: Callable[[int, int], None]
    ) -> str:
        """The folder of the files; empty if not even the list of files is what was said."""
        try:
            unsealed = await trio.to_thread.run_sync(partial(work.unseal, target, report, False))
        except ContentError as error:
            self._problem(order.thread, str(error))
            raise Later(NO_ROOM_LOOK_SECONDS, str(error)) from error
        except PeerError:
            return ""
        return str(unsealed.folder)

    def _sealed(self, order: Order) -> Sealed:
        secret = order.revealed or self._identity.unseal(order.sealed_key)
        mask = self._identity.wallet.buyer_secret(order.owner, order.buyer_nonce or 0)
        folder = self._profile.delivery(order.thread)
        return Sealed(
            folder,
            agreement.delivery_key(secret, mask, order.order_id),
            Manifest.decode((folder / "manifest").read_bytes()),
            registered(self._database, order),
            self._openers,
        )


class Sealed:
    """A delivery in its spool and what opens it. Both methods work in a worker thread and end with
    trio's Cancelled when the app does."""

    def __init__(
        self,
        spool: Path,
        dk: bytes,
        manifest: Manifest,
        fingerprint: Fingerprint,
        openers: Ready,
    ) -> None:
        self._spool = spool
        self._dk = dk
        self.manifest = manifest
        self._fingerprint = fingerprint
        self._openers = openers

    def unseal(
        self, target: Path, progress: Callable[[int, int], None], strict: bool = True
    ) -> Unsealed:
        return unseal(
            self._spool,
            self._dk,
            self.manifest,
            self._fingerprint,
            target,
            progress=progress,
            cancelled=_app_ends,
            strict=strict,
            ready=self._openers,
        )

    def check(self) -> None:
        check_records(self._spool, self._dk, self._fingerprint, cancelled=_app_ends)


def registered(database: Database, order: Order) -> Fingerprint:
    """What the order's dataset was registered with; `Later` while that is not read yet."""
    with database.read() as session:
        row = index.registration(session, order.dataset)
    if row is None:
        raise Later(2, "the dataset's registration has not been read yet")
    return Fingerprint(row.content_id, row.root, row.records, row.length)


def _app_ends() -> bool:
    """In a worker thread: raises trio's Cancelled there when the app ends."""
    trio.from_thread.check_cancelled()
    return False
