"""Everything that runs for one unlocked identity on one network, wired together.

Built when both are there, run until the network changes or the app ends. Locking does not stop
it: a lock stops human decisions only, and those are refused by the engine before they get here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import trio

from app.domain import commands as cmd
from app.domain import effects as fx
from app.domain import events as ev
from app.domain.effects import Effect
from app.domain.errors import RuleError
from app.domain.order import ENDED, NEGOTIATING, Order
from app.domain.snapshots.shell import Notice
from app.engine import power
from app.engine.agreeing import Agreeing
from app.engine.calls import Calls
from app.engine.conversation import Conversation
from app.engine.deliveries import Deliveries
from app.engine.delivery_parcels import DeliveryParcels
from app.engine.entries import Entries
from app.engine.handing import Handing
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.kept_parcels import KeptParcels
from app.engine.leaving import Leaving
from app.engine.ledger import Ledger
from app.engine.letters import Letters
from app.engine.line import Line
from app.engine.locating import Locating
from app.engine.outbox import Later, Outbox, Run
from app.engine.plug import Plug
from app.engine.points import reached
from app.engine.presence import Presence
from app.engine.private import Private
from app.engine.profile import Profile
from app.engine.proving import Proving
from app.engine.purse import Purse
from app.engine.readings import Readings
from app.engine.received import Received
from app.engine.registering import Registering
from app.engine.relaying import Relaying
from app.engine.restoring import Restoring
from app.engine.reviews import Reviews
from app.engine.sample_asking import SampleAsking
from app.engine.sample_giving import SampleGiving
from app.engine.subscribing import Subscribing
from app.engine.texting import Texting
from app.engine.valuing import Valuing
from app.engine.versions import Versions
from app.engine.wanting import Wanting
from app.engine.watching import Watching
from app.store import entries as entry_rows
from app.store import orders
from app.store.database import Database
from app.store.entries import Entry
from chain.indexer import Advance
from chain.practice import Practice
from chain.wallet import Wallet
from p2p.errors import PeerError
from p2p.host import Callbacks, Host

UNPAID_LOOK_SECONDS = 2

Handler = Callable[[Any], Awaitable[object] | object]


class Trading:
    """``changed`` asks for new snapshots, ``progressed`` for those that show how far transfers are
    (both from any thread); ``failed`` hears of what could not be done and why,
    ``told`` of what a person should know. ``locked``: nobody is here to consent to anything."""

    def __init__(
        self,
        profile: Profile,
        database: Database,
        wallet: Wallet,
        ledger: Ledger,
        practice: Practice | None,
        changed: Callable[[], None],
        progressed: Callable[[], None],
        failed: Callable[[Exception, str], None],
        told: Callable[[Notice], None],
        locked: Callable[[], bool],
    ) -> None:
        self.ledger = ledger
        self.identity = Identity(wallet, ledger.network)
        self._database = database
        self._changed = changed
        self._failed = failed
        identity = self.identity
        self.journal = Journal(database, self._order_changed)
        calls = Calls(database, ledger, identity)
        self.entries = Entries(
            database,
            ledger,
            wallet.account_key,
            identity.address,
            calls.build,
            self._entry_changed,
            calls.too_late,
        )
        self.agreeing = Agreeing(profile, database, self.journal, ledger, identity, self.entries)
        self.deliveries = Deliveries(
            profile, database, self.journal, ledger, identity, changed, progressed
        )
        self.parcels = DeliveryParcels(
            profile, database, self.journal, self.deliveries, failed, changed, self._look_now
        )
        self.kept = KeptParcels(
            database, self.journal, self.deliveries, self.parcels, identity, changed
        )
        self._leaving = Leaving(database, self.deliveries, self.kept)
        self.received = Received(profile.folder, database, self.journal, changed)
        self.line = Line(database)
        self.plug = Plug(database, power.here(), self._unplugged)
        self.handing = Handing(profile, database, self.journal, ledger, identity, self.entries)
        self.purse = Purse(database, ledger, identity.address, self.entries, changed, practice)
        readings = Readings(wallet.salt_key, changed)
        self._locating = Locating(profile, database, readings)
        self.registering = Registering(
            profile,
            database,
            ledger,
            self.entries,
            identity.address,
            readings,
            self._locating,
            changed,
        )
        self.relaying = Relaying(database, changed, lambda: self.presence.publish())
        self.presence = Presence(
            database,
            ledger,
            identity,
            self.entries,
            self._met,
            changed,
            self.purse.can_record,
            self.relaying,
        )
        self.texting = Texting(database, ledger, self._texts_changed)
        self._private = Private(database, identity.address, changed)
        self._wanting = Wanting(
            database, ledger, self.entries, identity.address, self.texting, told
        )
        self.subscribing = Subscribing(
            database,
            self.journal,
            ledger,
            identity,
            self.agreeing,
            locked,
            self._order_changed,
            failed,
            told,
        )
        self._conversation = Conversation(
            database,
            self.journal,
            ledger,
            identity,
            self.deliveries.own_root,
            lambda thread: changed(),
            self.subscribing.received,
        )
        self.reviews = Reviews(database, identity.address, changed)
        self.samples = SampleAsking(database, ledger, identity, changed)
        self._sample_giving = SampleGiving(profile, database, ledger, identity, changed)
        self._proving = Proving(profile, database, self.journal, ledger, identity)
        self._restoring = Restoring(database, identity, changed)
        self._versions = Versions(database, self.journal, told)
        self.watching = Watching(database, self.journal, ledger, self.entries, changed)
        self._outbox = Outbox(
            database,
            {
                fx.SendMessage: self._send,
                fx.RecordEntry: self._once_paid(self._record),
                fx.FetchManifest: self.deliveries.fetch_manifest,
                fx.FetchContent: self._once_paid(self.deliveries.fetch_content),
                fx.SignReceipt: self._once_paid(self.deliveries.sign_receipt),
                fx.GiveKey: self._once_paid(self.deliveries.give_key),
                fx.CheckContent: self._once_paid(self.deliveries.check_content),
            },
            self._gave_up,
            changed,
            time.time,
        )
        self.deliveries.tell_turns(self._turn_comes)
        self._nursery: trio.Nursery | None = None
        self._letters: Letters | None = None
        self._texts_wait = trio.Event()
        self._events_put_off = 0  # which not everybody has heard of

    @property
    def handlers(self) -> dict[type, Handler]:
        """Which method answers which command."""
        return {
            cmd.ChooseContent: self.registering.choose,
            cmd.CancelFingerprint: self.registering.cancel,
            cmd.DescribeDraft: self.registering.describe,
            cmd.RelateDraft: self.registering.relate,
            cmd.PriceDraft: self.registering.price,
            cmd.RegisterDraft: self.registering.register,
            cmd.DiscardDraft: self.registering.discard,
            cmd.ChangePrice: self.registering.change_price,
            cmd.WithdrawListing: self.registering.withdraw,
            cmd.LocateContent: self._locating.locate,
            cmd.RequestOffer: self.agreeing.request,
            cmd.CounterOffer: self.agreeing.counter,
            cmd.SignOffer: self.agreeing.sign,
            cmd.DeclineOrder: self.agreeing.decline,
            cmd.FundOrder: self.agreeing.fund,
            cmd.ConfirmOrder: self.agreeing.confirm,
            cmd.RateOrder: self.agreeing.confirm,
            cmd.ReturnPayment: self.agreeing.give_back,
            cmd.ReportProblem: self.agreeing.report,
            cmd.SaveProof: self._proving.save,
            cmd.SaveAgreement: self._proving.save_agreement,
            cmd.LetWatch: self.handing.let_watch,
            cmd.SendText: self.texting.send,
            cmd.AskOwner: self.texting.ask,
            cmd.AskSample: self.samples.ask,
            cmd.AskReviews: self.reviews.ask,
            cmd.SaveValuation: Valuing(self._database, self._changed).save,
            cmd.SetSamplePolicy: self._sample_giving.set_policy,
            cmd.ExportParcel: self.parcels.save,
            cmd.ImportParcel: self.parcels.open,
            cmd.StopParcel: self.parcels.stop,
            cmd.LeaveParcel: self.kept.leave,
            cmd.PauseDelivery: self._pause,
            cmd.ResumeDelivery: self._resume,
            cmd.DeliverNext: self._deliver_next,
            cmd.MoveDelivery: self._move,
            cmd.PauseAll: lambda command: self._pause_all(True),
            cmd.ResumeAll: lambda command: self._pause_all(False),
            cmd.GetPracticeDollars: self.purse.get_practice_dollars,
            cmd.SendMoney: self.purse.send,
            cmd.AddBond: self.purse.add_bond,
            cmd.TakeOut: self.purse.take_out,
            cmd.PostWant: self._wanting.post,
            cmd.TakeBackWant: self._wanting.take_back,
            cmd.AnswerWant: self._wanting.answer,
            cmd.Subscribe: self.subscribing.subscribe,
            cmd.CounterSubscription: self.subscribing.counter,
            cmd.AcceptSubscription: self.subscribing.accept,
            cmd.EndSubscription: self.subscribing.end,
            cmd.LimitSubscription: self.subscribing.limit,
            cmd.WriteNote: self._private.write,
            cmd.KeepContact: self._private.contact,
            cmd.BlockParty: self._private.block,
            cmd.AddRelay: self.relaying.add,
            cmd.RemoveRelay: self.relaying.remove,
        }

    async def run(self) -> None:
        """Until cancelled."""
        host = Host(
            self.identity.wallet.peer_seed,
            Callbacks(
                binding=self.presence.binding,
                judge=self.presence.judge,
                received=self._conversation.received,
                source=self.deliveries.source,
                manifest=self.deliveries.manifest,
                paused=self.deliveries.buyer_paused,
                met=self.presence.met,
                sent=self.deliveries.sent,
                stopped=self.deliveries.stopped,
                relays=self.relaying.moved,
                moved=self.presence.moved,
                ended=self.deliveries.ended,
                sample=self._sample_giving.give,
                review=self.reviews.give,
            ),
            listen=self.presence.listen(),
            uploads=self.line.uploads,
            downloads=self.line.downloads,
        )
        self._letters = Letters(self._database, self.identity, host)
        self.deliveries.connect(host, self._letters)
        self.presence.connect(host, self._letters)
        self.samples.connect(host, self._letters)
        self.reviews.connect(host, self._letters)
        self.kept.connect(host, self._letters)
        self._leaving.connect(host)
        self.relaying.connect(host)
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                self.parcels.use(nursery)
                self.kept.use(nursery)
                nursery.start_soon(self.line.run)
                nursery.start_soon(self.received.run)
                nursery.start_soon(self.deliveries.run)
                nursery.start_soon(self.plug.run)
                nursery.start_soon(self._leaving.run)
                await nursery.start(self.presence.run)
                nursery.start_soon(self.ledger.hear)
                nursery.start_soon(self.ledger.follow, self._advanced)
                nursery.start_soon(self.purse.run)
                nursery.start_soon(self.presence.keep_talking)
                await self.ledger.seen()
                self.registering.resume()
                nursery.start_soon(self.entries.run)
                nursery.start_soon(self._outbox.run)
                nursery.start_soon(self.samples.run)
                nursery.start_soon(self.subscribing.run)
                nursery.start_soon(self._meet_partners)
        finally:
            self._nursery = None  # a parcel's end can come later, and call somebody

    async def _meet_partners(self) -> None:
        """Say that we are back: what waits at the other side of a running order comes at once."""
        others = {order.other for order in self.journal.all() if order.stage not in ENDED}
        others |= self.subscribing.partners()
        async with trio.open_nursery() as nursery:
            for other in sorted(others):
                nursery.start_soon(self.presence.meet, other)

    # what one part tells another

    async def _advanced(self, advance: Advance) -> None:
        await self.watching.advanced(advance)
        advance = replace(advance, events=advance.events + self._events_put_off)
        if self.ledger.hurries:
            self._events_put_off = advance.events
            return
        # Until the record is read some look again only at its end, whether that has events or not.
        self._events_put_off = 0 if advance.done else advance.events
        await self._restoring.advanced(advance)
        self._versions.advanced(advance)
        self._wanting.advanced(advance)
        self.presence.publish()
        self.samples.look()
        self.subscribing.look()
        if advance.events:
            self.purse.look_again()
            self.entries.retry()

    def _look_now(self, thread: str) -> None:
        self._outbox.look(thread, now=True)
        self._changed()

    def _order_changed(self, thread: str) -> None:
        self._outbox.look(thread)
        self.received.look()
        self.subscribing.look()
        self._changed()

    def _entry_changed(self, entry: Entry) -> None:
        self.registering.moved(entry)
        self.purse.look_again()
        if entry.state == "recorded":
            self.ledger.look_again()
        if entry.state == "failed" and not self._came_second(entry):
            self._failed(EntryFailed(entry.what, entry.problem), entry.thread or entry.dataset)
        self._changed()

    def _came_second(self, entry: Entry) -> bool:
        """Whether the entry failed because somebody else had recorded the same end before: a second
        device of ours, or the other side, since anybody may refund, accept and complain."""
        if entry.what not in ("complain", "refund", "accept", "confirm", "reveal"):
            return False
        return self.journal.order(entry.thread).stage in ENDED

    def _met(self, identity: str) -> None:
        """Somebody was seen: what waits for them need not wait any longer."""
        for order in self.journal.all():
            if order.other == identity:
                self._outbox.look(order.thread, now=True)
        for thread, other in self.subscribing.with_others().items():
            if other == identity:
                self._outbox.look(thread, now=True)
        self.presence.talk()
        self.samples.look_now()

    def _texts_changed(self) -> None:
        self.presence.talk()
        self._changed()

    def _pause(self, command: cmd.PauseDelivery) -> None:
        self.deliveries.pause(command.order, True)
        self._outbox.look(command.order, now=True)

    def _resume(self, command: cmd.ResumeDelivery) -> None:
        self.deliveries.pause(command.order, False)
        self._outbox.look(command.order, now=True)
        self._call_buyers([self.journal.order(command.order)])

    def _deliver_next(self, command: cmd.DeliverNext) -> None:
        self.deliveries.turns.put_first(command.order)
        self._outbox.look(command.order, now=True)

    def _move(self, command: cmd.MoveDelivery) -> None:
        self.deliveries.turns.move(command.order, command.by)
        self._changed()

    def _pause_all(self, yes: bool) -> None:
        self.deliveries.pause_all(yes)
        self._outbox.look(now=True)
        self._call_buyers(self.journal.all())

    def _unplugged(self, waits: bool) -> None:
        self.deliveries.unplug(waits)
        self._outbox.look(now=True)
        self._call_buyers(self.journal.all())
        self._changed()

    def _turn_comes(self, thread: str) -> None:
        self._outbox.look(thread, now=True)
        self._call_buyers([self.journal.order(thread)])

    def _call_buyers(self, some: list[Order]) -> None:
        """Who could fetch now need not find out by asking again."""
        waiting = {order.buyer for order in some if self.deliveries.waits_for_buyer(order)}
        for buyer in sorted(waiting):
            if self._nursery is not None:
                self._nursery.start_soon(self.presence.meet, buyer)

    def _once_paid(self, run: Run) -> Run:
        """Effects that follow from a final payment wait if a reorganisation took it back."""

        async def waiting(thread: str, effect: Effect) -> None:
            if self.journal.order(thread).stage in NEGOTIATING:
                raise Later(UNPAID_LOOK_SECONDS, "the payment is on its way again")
            await run(thread, effect)

        return waiting

    async def _send(self, thread: str, effect: Effect) -> None:
        assert self._letters is not None
        key = isinstance(effect, fx.SendMessage) and effect.kind == "key"
        if key and not await self.deliveries.may_expose(self.journal.order(thread)):
            if self.journal.order(thread).stage in ENDED:
                return  # the payment went back, and the key stays here
            raise Later(UNPAID_LOOK_SECONDS, "the key waits until it is paid for or public")
        await self._letters.send(thread, effect)

    async def _record(self, thread: str, effect: Effect) -> None:
        assert isinstance(effect, fx.RecordEntry)
        key = f"{thread}:{effect.kind}:{effect.seq}"
        self.entries.want(key, effect.kind, thread=thread, made_at=self.ledger.now)
        reached(f"{effect.kind}_wanted")

    def _gave_up(self, thread: str, effect: Effect, error: Exception) -> None:
        if isinstance(effect, fx.SendMessage):
            if effect.kind in ("subscription", "ending"):
                self.subscribing.refused(thread, error)
            elif effect.kind == "request":
                # The owner's app will not have it: that is an answer, and nothing to wait for.
                self.journal.record(thread, ev.Declined(self.ledger.now, "owner", str(error)))
            elif isinstance(error, PeerError) and self._expired(thread, effect):
                # The other side was away too long; its app did right to refuse.
                if self.journal.order(thread).proposal.expires_at > self.ledger.now:
                    return  # another proposal is on its way already
                error = RuleError(
                    "sign.expired", "This proposal has expired. Answer with a counter-offer."
                )
        self._failed(error, thread)

    def _expired(self, thread: str, effect: fx.SendMessage) -> bool:
        """Whether what a message proposes can no longer be agreed to."""
        with self._database.read() as session:
            event = orders.event(session, thread, effect.seq)
        proposal = getattr(event, "proposal", None)
        return proposal is not None and bool(proposal.expires_at <= self.ledger.now)

    def entry(self, key: str) -> Entry | None:
        with self._database.read() as session:
            return entry_rows.by_key(session, key)


class EntryFailed(Exception):
    """A record entry cannot be made; ``reason`` in the contract's or the chain's words."""

    def __init__(self, what: str, reason: str) -> None:
        super().__init__(reason)
        self.what = what
        self.reason = reason
