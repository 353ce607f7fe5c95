"""The data itself: what the owner serves and what the buyer fetches, opens and checks.

Runs the effects `FetchManifest`, `FetchContent`, `SignReceipt`, `GiveKey` and `CheckContent`. Each
can be run again after a crash: the spool resumes at the chunk, signatures are deterministic, and
an event that was journalled already is refused by the order, not repeated.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NoReturn

import trio

from app.domain import deadlines
from app.domain import events as ev
from app.domain.effects import Effect
from app.domain.events import Side
from app.domain.order import NEGOTIATING, RUNNING, Delivery, Order, Stage
from app.engine import holding
from app.engine.content_check import ContentCheck, registered
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.letters import Letters
from app.engine.outbox import Later
from app.engine.pauses import Pauses
from app.engine.points import reached
from app.engine.profile import Profile
from app.engine.stores import Stores
from app.engine.transfers import Transfer, Transfers
from app.engine.turns import Turns
from app.store import datasets, orders, settings
from app.store.database import Database
from chain import agreement
from chain.agreement import Offer, Receipt
from chain.errors import ChainError
from chain.private_file import write_private
from p2p import sent_leaves, unsealing
from p2p.content import Content
from p2p.errors import Cancelled, ContentError, NotNow, PeerError, Unreachable, Why
from p2p.files import writing
from p2p.host import Host, Peer, Source
from p2p.manifest import Manifest
from p2p.parcel_taking import discard
from p2p.records import Fingerprint, chunk_count
from p2p.sent_leaves import SentLeaves
from p2p.spool import Spool

log = logging.getLogger(__name__)

PAUSED_LOOK_SECONDS = 60
PUT_OFF_LOOK_SECONDS = 5
TURN_LOOK_SECONDS = 5
HELD_LOOK_SECONDS = 10
NEWS_SECONDS = 5
"""How long who asks for an order's data can wait for a look at the record."""

Elsewhere = Callable[[Order, Spool], Awaitable[None]]
"""Gets what is missing of an order's data from somebody else than its owner, as far as it can."""


class Deliveries:
    """``changed`` is called when a delivery stands another way, ``progressed`` when a transfer
    moved."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
        changed: Callable[[], None],
        progressed: Callable[[], None],
    ) -> None:
        self._profile = profile
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity
        self._changed = changed
        self._host: Host | None = None
        self._letters: Letters | None = None
        self._transfers = Transfers(progressed)
        self._put_off: dict[str, Why] = {}
        self._said_paused: set[str] = set()
        self.pauses = Pauses(database)
        self.turns = Turns(database)
        self.stores = Stores(profile, database)
        self._openers = unsealing.openers()
        self._excused: Callable[[str], bool] = lambda thread: False
        self._elsewhere: Elsewhere = _nowhere
        self._got: Callable[[Order], None] = lambda order: None
        self._turn_comes: Callable[[str], None] = lambda thread: None
        self.check_content = ContentCheck(
            profile,
            database,
            journal,
            ledger,
            identity,
            self._transfers.checking,
            self._transfers.problem,
            self._openers,
        ).run

    async def run(self) -> None:
        """Until cancelled: no process that was to open something is left then."""
        try:
            await trio.sleep_forever()
        finally:
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(self._openers.close)

    def connect(self, host: Host, letters: Letters) -> None:
        """What is needed to fetch; serving needs neither."""
        self._host, self._letters = host, letters

    def ask_before_blame(self, excused: Callable[[str], bool]) -> None:
        """``excused`` says whether stored data can differ from the owner's without its fault."""
        self._excused = excused

    def ask_elsewhere(self, fetch: Elsewhere, received: Callable[[Order], None]) -> None:
        """``fetch`` is asked for an order's data when the owner does not give it now; ``received``
        hears that all is here."""
        self._elsewhere, self._got = fetch, received

    def tell_turns(self, turn_comes: Callable[[str], None]) -> None:
        """``turn_comes`` hears whose turn it is when a place has become free."""
        self._turn_comes = turn_comes

    def waits_for_buyer(self, order: Order) -> bool:
        """Whether its buyer could fetch now, as far as this side knows: told to come, it comes
        before it asks again by itself."""
        waits = order.role == "owner" and order.stage in RUNNING
        return waits and order.delivery == Delivery.AWAITED and not self.pauses.mine(order.thread)

    def ends_turn(self, thread: str, role: Side) -> None:
        """It neither moves data nor waits for its turn. Who is next is told only where a place has
        become free: a buyer that is called asks for all its orders, and those that are put off end
        like this, too."""
        if self.turns.ends(thread) and (waiting := self.turns.next(role)):
            self._turn_comes(waiting)

    def _leaves(self, thread: str, role: Side) -> None:
        """It moves no data now; who was told to wait keeps its place."""
        if not self.turns.place(thread):
            self.ends_turn(thread, role)

    def transfer(self, thread: str) -> Transfer | None:
        return self._transfers.get(thread)

    def found(self, order: Order, spool: Spool) -> None:
        """As `Transfers.found`, for whoever brings the data another way."""
        self._transfers.found(order, spool)

    # pause

    def pause(self, thread: str, yes: bool) -> None:
        """Takes effect before the next chunk and is kept across restarts."""
        self.pauses.pause(thread, yes)
        if yes and not self._transfers.active(thread):
            self.ends_turn(thread, self._journal.order(thread).role)
        self._said_paused.discard(thread)
        self._changed()

    def pause_all(self, yes: bool) -> None:
        """As `pause`, for all there are and all that come."""
        self.pauses.pause_all(yes)
        self._said_paused.clear()

    def unplug(self, yes: bool) -> None:
        """As `pause_all`, by itself, and not kept."""
        self.pauses.unplugged = yes
        self._said_paused.clear()

    def other(self, thread: str) -> Why | None:
        """Why the other side has put the delivery off, as far as it said so."""
        if self.pauses.by_other(thread):
            return "paused"
        return self._put_off.get(thread)

    # the owner

    async def source(self, peer: Peer, order_id: bytes) -> Source:
        """What to serve to ``peer`` for an order. PeerError says why nothing is served."""
        order = self._asked_for(peer, order_id)
        if order.stage in NEGOTIATING:
            # The buyer can have seen the block that makes its payment final before us.
            with trio.move_on_after(NEWS_SECONDS):
                await self._ledger.looked(lambda: not self._negotiates(order.thread))
            order = self._journal.order(order.thread)
        self.pauses.heard(order.thread, False)
        put_off = partial(self._put_off_by_us, order.thread)
        return replace(await self.source_of(order), put_off=put_off)

    def _negotiates(self, thread: str) -> bool:
        return self._journal.order(thread).stage in NEGOTIATING

    async def manifest(self, peer: Peer, order_id: bytes) -> Source:
        """What its manifest is opened from. The buyer may have that from the offer on, whatever
        becomes of it, so the record is not asked. Errors as `source`."""
        return self._unpaid(self._asked_for(peer, order_id))

    def _asked_for(self, peer: Peer, order_id: bytes) -> Order:
        """An order of ours whose buyer asks. PeerError: it is none."""
        with self._database.read() as session:
            order = orders.by_order_id(session, order_id)
        if order is None or order.role != "owner" or order.buyer != peer.identity:
            raise PeerError("There is no such order between us.")
        return order

    def _put_off_by_us(self, thread: str) -> NotNow | None:
        if self.pauses.mine(thread):
            return NotNow("The owner has paused this delivery.", "paused")
        if not self.turns.asks("owner", thread):
            self._changed()
            return NotNow("The owner sends to others first. Your turn comes by itself.", "queued")
        return None

    async def buyer_paused(self, peer: Peer, order_id: bytes) -> None:
        """The buyer of an order fetches nothing until it resumes. PeerError: not its order."""
        self.pauses.heard(self._asked_for(peer, order_id).thread, True)
        self._changed()

    async def source_of(self, order: Order) -> Source:
        """What is delivered for an order of ours, by whatever way. Errors as `source`."""
        source = self._unpaid(order)
        if order.offer is None or order.stage not in RUNNING:
            return source
        await self._gate(order)
        return replace(source, dk=self._delivery_key(order, Offer.from_json(order.offer)))

    def _unpaid(self, order: Order) -> Source:
        """As `source_of`, without the key: nothing but the manifest can be had of it."""
        with self._database.read() as session:
            own = datasets.by_dataset_id(session, order.dataset)
        if own is None:
            raise PeerError("There is no such order between us.")
        if order.offer is None or own.manifest is None:
            raise PeerError("There is nothing to deliver for this order.")
        salt_key = self._identity.wallet.salt_key(own.salt_nonce)
        fingerprint = Fingerprint(own.content_id, own.root, own.records, own.length)
        manifest = Manifest.decode(own.manifest)
        content = Content(Path(own.path), manifest, salt_key, fingerprint)
        return Source(
            records=own.records,
            leaves_path=self._profile.leaves(own.key),
            content=content,
            dk=None,
            work=self._profile.delivery(order.thread),
        )

    async def _gate(self, order: Order) -> None:
        """p2p's Unreachable unless the contract itself says that the price is in holding."""
        try:
            held = await trio.to_thread.run_sync(partial(holding.is_held, self._ledger, order))
        except ChainError as error:
            raise Unreachable("The owner cannot check the payment at the moment.") from error
        if not held:
            raise Unreachable("The owner does not find the payment in holding.")

    def _delivery_key(self, order: Order, offer: Offer) -> bytes:
        secret = self._identity.wallet.owner_secret(offer.nonce)
        mask = self._identity.wallet.open_sealed(order.sealed_mask)
        return agreement.delivery_key(secret, mask, order.order_id)

    def sent(self, order_id: bytes, sent: int, acknowledged: int) -> None:
        """The host reports what went out and what the buyer has written."""
        with self._database.read() as session:
            order = orders.by_order_id(session, order_id)
        if order is not None:
            self._transfers.moved(order, sent, acknowledged)
            if acknowledged:
                reached("chunk_sent")

    def ended(self, order_id: bytes) -> None:
        """Nothing is sent for this order any more, until the buyer fetches again."""
        with self._database.read() as session:
            order = orders.by_order_id(session, order_id)
        if order is not None:
            self._leaves(order.thread, "owner")
            self._transfers.still(order.thread)
            self._changed()

    def stopped(self, order_id: bytes, error: ContentError) -> None:
        """Our own files or disk stopped a delivery."""
        with self._database.read() as session:
            order = orders.by_order_id(session, order_id)
        if order is not None:
            self.problem(order.thread, str(error))

    def problem(self, thread: str, problem: str) -> None:
        """What stops a delivery on this computer, for its page; "" for nothing any more."""
        self._transfers.problem(thread, problem)

    def own_root(self, order: Order) -> bytes | None:
        """The delivery root of everything that was sent for an order, None before that."""
        path = self._profile.delivery(order.thread) / sent_leaves.NAME
        if not path.exists():
            return None
        sent = SentLeaves(path, order.records)
        complete = sent.chunks == chunk_count(order.records)
        return sent.root() if complete else None

    async def give_key(self, thread: str, effect: Effect) -> None:
        """For a receipt: journal the key's release, unless the moment for that has passed."""
        order = self._journal.order(thread)
        if order.sealed_key or order.offer is None:
            return
        if not await self.may_expose(order):
            return  # it is never shown for the first time so late: the payment goes back
        secret = self._identity.wallet.owner_secret(Offer.from_json(order.offer).nonce)
        self._journal.record(thread, ev.KeyGiven(self._ledger.now, self._identity.seal(secret)))
        reached("key_journalled")

    def key_can_follow(self, order: Order) -> bool:
        """Whether the key could be given for the first time at the time of the newest block: what
        is delivered later is of no use."""
        ledger = self._ledger
        known = ledger.head is not None
        return known and deadlines.may_give_key(order, ledger.now, ledger.network.practice)

    async def may_expose(self, order: Order) -> bool:
        """Whether the key may leave this computer off the record now. Asked when its release is
        journalled, and again whenever it is sent, which can be days later. `Later` while the
        payment is not in holding as the events say.

        An endpoint that lags, or lies, tells a time that has passed: this computer's clock can only
        make it later here, never earlier.
        """
        now = max(self._ledger.now, int(time.time()))
        if not deadlines.may_give_key(order, now, self._ledger.network.practice):
            return False
        if order.stage != Stage.FUNDED:
            return True  # public, or paid for
        may = partial(holding.can_still_be_revealed, self._ledger, order)
        if not await trio.to_thread.run_sync(may):
            raise Later(HELD_LOOK_SECONDS, "the payment is not in holding as the events say")
        return True

    # the buyer

    async def fetch_manifest(self, thread: str, effect: Effect) -> None:
        """Before paying: every manifest record opened under the registered root."""
        order = self._journal.order(thread)
        if order.stage != Stage.OFFERED or order.manifest_files:
            return
        host, letters = self._connected()
        peer_id, addresses = letters.whereabouts(order.owner)
        said = registered(self._database, order)
        manifest = await host.fetch_manifest(
            peer_id, addresses, order.order_id, said, identity=order.owner
        )
        folder = self._profile.delivery(thread)
        await trio.to_thread.run_sync(partial(_keep, folder / "manifest", manifest.encode()))
        reached("manifest_kept")
        files = len(manifest.files)
        self._journal.record(thread, ev.ManifestChecked(self._ledger.now, files))
        reached("manifest_checked")

    async def fetch_content(self, thread: str, effect: Effect) -> None:
        """Leaf hashes, then sealed chunks, until all are on this disk."""
        order = self._journal.order(thread)
        if order.stage != Stage.FUNDED or order.delivery != Delivery.AWAITED:
            return
        moved = self._transfers.get(thread)
        if moved and moved.confirmed_parts < moved.total_parts:
            await self._may_fetch(order)
        try:
            async with self.stores.to_fetch(order) as spool:
                await self._fetch(order, spool)
        finally:
            self._leaves(thread, "buyer")

    async def _fetch(self, order: Order, spool: Spool) -> None:
        thread = order.thread
        said = registered(self._database, order)
        self._transfers.found(order, spool)
        if not spool.complete:
            await self._may_fetch(order)
        host, letters = self._connected()
        peer_id, addresses = letters.whereabouts(order.owner)
        try:
            root = await host.fetch(
                peer_id,
                addresses,
                order.order_id,
                spool,
                said,
                progress=partial(self.stored, order),
                paused=lambda: bool(self.pauses.mine(thread)),
                identity=order.owner,
            )
        except Cancelled:
            self._transfers.found(order, spool)
            await self._wait_paused(order)
        except NotNow as error:
            self._put_off[thread] = error.why
            await self._look_elsewhere(order, spool)
            raise Later(PUT_OFF_LOOK_SECONDS, error.reason) from error
        except Unreachable:
            self._put_off.pop(thread, None)
            await self._look_elsewhere(order, spool)
            raise
        except PeerError as error:
            if not spool.complete:
                raise
            # Both sides computed a root over everything, and they differ: a parcel was forged, or
            # this disk has failed. All of it is fetched once more before the owner is blamed.
            if not self._excused(thread) and not self._first_mismatch(thread):
                raise
            await trio.to_thread.run_sync(spool.discard)
            await trio.to_thread.run_sync(discard, self._profile.waiting_parts(thread))
            raise Later(1, str(error)) from error
        except ContentError as error:
            raise self._disk_fails(order, spool, error) from error
        finally:
            self._transfers.still(thread)
        await trio.to_thread.run_sync(discard, self._profile.waiting_parts(thread))
        reached("content_received")
        self._journal.record(thread, ev.ContentReceived(self._ledger.now, root))
        self._got(order)

    async def _look_elsewhere(self, order: Order, spool: Spool) -> None:
        try:
            await self._elsewhere(order, spool)
        except ContentError as error:
            raise self._disk_fails(order, spool, error) from error

    def _disk_fails(self, order: Order, spool: Spool, error: ContentError) -> Later:
        """The person is told; it is tried again in a while."""
        self._transfers.found(order, spool)
        self._transfers.problem(order.thread, str(error))
        return Later(30, str(error))

    async def _may_fetch(self, order: Order) -> None:
        """`Later` while this side has paused, or others have their turn."""
        if self.pauses.mine(order.thread):
            await self._wait_paused(order)
        if not self.turns.asks("buyer", order.thread):
            raise Later(TURN_LOOK_SECONDS, "others have their turn first")

    async def _wait_paused(self, order: Order) -> NoReturn:
        """Tell the owner once that nothing is fetched for now, and try again `Later`."""
        if order.thread not in self._said_paused:
            host, letters = self._connected()
            peer_id, addresses = letters.whereabouts(order.owner)
            try:
                await host.say_paused(peer_id, addresses, order.order_id, identity=order.owner)
            except PeerError as error:  # an app that does not know the word sees nothing fetched
                log.debug("The owner does not note the pause: %s", error.reason)
        if not self.pauses.mine(order.thread):
            raise Later(1, "resumed while the owner was being told")  # that wake-up came too early
        self._said_paused.add(order.thread)
        raise Later(PAUSED_LOOK_SECONDS, "paused")

    def stored(self, order: Order, stored: int, total: int) -> None:
        """Chunks that are on this disk, of all."""
        self._put_off.pop(order.thread, None)
        self._transfers.moved(order, stored, stored)
        if unsealing.nearly_here(stored, total):
            self._openers.soon()
        if stored:
            reached("chunk_stored")

    async def sign_receipt(self, thread: str, effect: Effect) -> None:
        order = self._journal.order(thread)
        if order.receipt:
            return
        receipt = Receipt(order.order_id, order.delivery_root)
        signature = self._identity.sign(receipt)
        self._journal.record(
            thread, ev.ReceiptSigned(self._ledger.now, order.delivery_root, signature)
        )
        reached("receipt_journalled")

    def _first_mismatch(self, thread: str) -> bool:
        with self._database.begin() as session:
            first = not settings.get(session, f"fetched_again:{thread}", False)
            settings.put(session, f"fetched_again:{thread}", True)
        return first

    def _connected(self) -> tuple[Host, Letters]:
        if self._host is None or self._letters is None:
            raise Later(1, "not connected yet")
        return self._host, self._letters


async def _nowhere(order: Order, spool: Spool) -> None:
    pass


def _keep(path: Path, content: bytes) -> None:
    """On the disk when this returns: what was checked before paying is needed after it."""
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, content)
