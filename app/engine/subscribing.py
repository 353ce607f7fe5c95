"""Subscriptions: negotiated by signatures, and then kept by both apps.

The record tells both sides of a new version. The buyer's app orders it, the owner's app signs the
offer for it, and the buyer pays: with a click, or by the app up to the limit that was chosen when
subscribing. Money (the owner's bond, the buyer's price) moves without a click only while the app is
unlocked. Each order names the subscription in its terms, and is like any other from then on.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import replace

import trio

from app.domain import commands as cmd
from app.domain import subscriptions as rules
from app.domain.effects import SendMessage
from app.domain.errors import IllegalTransitionError, RuleError
from app.domain.events import Side
from app.domain.listing import check_price
from app.domain.order import Order, Stage
from app.domain.snapshots.shell import Notice
from app.domain.subscriptions import Ending, Proposed, Subscription
from app.domain.terms import TermsChoice, choice_of, document, subscription_of
from app.engine import subscribed
from app.engine.agreeing import Agreeing, check_note
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.versions import after
from app.store import entries, index, orders, peers, private, subscriptions, texts
from app.store.database import Database
from app.store.index import RegisteredDataset
from chain import agreement
from chain.agreement import MAX_VERSIONS, SubscriptionEnd
from chain.agreement import Subscription as Value
from chain.errors import ChainError
from p2p import messages as m
from p2p.errors import P2PError, PeerError, Unreachable

log = logging.getLogger(__name__)

DAY_SECONDS = 86_400
MOST_PROPOSED = 20
"""Of one buyer in sixty days, that were never agreed: all are kept."""
MOST_DAYS = 1826
ANSWER_SECONDS = 30 * DAY_SECONDS
"""How long a proposal can be answered."""
ORDER_SECONDS = 30 * DAY_SECONDS
"""How long the offer for a version can be paid."""
AGAIN_SECONDS = 60
AGAIN_SECONDS_PRACTICE = 5
_PASSES = ("fund.bond", "fund.registration")
"""What is not so yet, and needs nobody to mend it."""


class Subscribing:
    """``locked`` says whether money may not move without a click now. ``changed`` is called with
    the thread; ``failed`` hears of what could not be done and why, ``told`` of what a person should
    know."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
        agreeing: Agreeing,
        locked: Callable[[], bool],
        changed: Callable[[str], None],
        failed: Callable[[Exception, str], None],
        told: Callable[[Notice], None],
    ) -> None:
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity
        self._agreeing = agreeing
        self._locked = locked
        self._changed = changed
        self._failed = failed
        self._told = told
        self._wake = trio.Event()
        self._not_before: dict[str, int] = {}  # thread → block time of the next try
        self._stuck: set[str] = set()  # threads whose person was told why it does not go on
        self._said: set[str] = set()  # threads of which it was told that it does

    # what a person decides

    def subscribe(self, command: cmd.Subscribe) -> str:
        """Propose it to the owner; its thread."""
        dataset, now = bytes.fromhex(command.dataset), self._ledger.now
        with self._database.read() as session:
            row = index.registration(session, dataset)
        if row is None or row.withdrawn:
            raise RuleError("request.withdrawn", "This dataset is not for sale any more.")
        if row.title_holder == self._identity.address:
            raise RuleError("request.own", "This dataset is your own.")
        if self._have(dataset, self._identity.address):
            raise RuleError(
                "subscription.have", "You have a subscription for this dataset already."
            )
        if self._ledger.network.token(command.token) is None:
            raise RuleError("price.currency", "This network does not use that currency.")
        self._check_limit(command.limit_units, command.price_units)
        thread = secrets.token_hex(16)
        proposed = self._propose(
            "buyer",
            (row.title_holder, self._identity.address),
            row,
            command.token,
            command.price_units,
            command.versions,
            command.days,
            command.terms,
            command.note,
        )
        said = Subscription(thread, "buyer", (proposed,), now, limit_units=command.limit_units)
        self._keep(said, SendMessage("subscription", 0))
        return thread

    def counter(self, command: cmd.CounterSubscription) -> None:
        said = self._load(command.subscription)
        value = said.value
        with self._database.read() as session:
            row = index.registration(session, value.dataset)
        if row is None:
            raise RuleError("request.withdrawn", "This dataset is not for sale any more.")
        proposed = self._propose(
            said.role,
            (value.owner, value.buyer),
            row,
            value.token,
            command.price_units,
            command.versions,
            command.days,
            command.terms,
            command.note,
        )
        after = rules.counter(said, proposed)
        self._keep(after, SendMessage("subscription", len(after.proposals) - 1))

    def accept(self, command: cmd.AcceptSubscription) -> None:
        said = self._load(command.subscription)
        signature = self._identity.sign(said.value)
        after = rules.accept(
            said, said.role, bytes.fromhex(command.id), signature, self._ledger.now
        )
        self._keep(after, SendMessage("subscription", len(after.proposals)))

    def end(self, command: cmd.EndSubscription) -> None:
        """From the newest block's time on."""
        said = self._load(command.subscription)
        if said.ending is not None:
            raise RuleError("subscription.over", "This subscription has ended.")
        check_note(command.note)
        now = self._ledger.now
        signature = self._identity.sign(SubscriptionEnd(said.id, now))
        ending = Ending(now, said.role, said.id, signature, command.note)
        self._keep(rules.end(said, ending, now), SendMessage("ending", 0))

    def limit(self, command: cmd.LimitSubscription) -> None:
        said = self._load(command.subscription)
        if said.role != "buyer":
            raise RuleError("subscription.not_now", "Only the buyer pays.")
        self._check_limit(command.limit_units, said.value.price)
        self._keep(replace(said, limit_units=command.limit_units))

    # what the other side says

    def received(self, other: str, message: m.SignedSubscription | m.SubscriptionEnding) -> None:
        """Judge and keep it. PeerError, RuleError and ValueError say why it is refused."""
        with self._database.read() as session:
            said = subscriptions.load(session, message.thread)
        if said is not None and said.other != other:
            raise PeerError("There is no such subscription between us.")
        if isinstance(message, m.SubscriptionEnding):
            if said is None:
                raise PeerError("There is no such subscription between us.")
            self._ended(said, other, message)
            return
        proposed = self._judged(other, message)
        if said is None:
            self._begins_now(proposed)
            self._begun(proposed, message)
        elif proposed.id in {one.id for one in said.proposals if one.by == proposed.by}:
            return  # said before
        elif proposed.id == said.id:
            if not said.answer:
                at = self._ledger.now
                after = rules.accept(said, proposed.by, proposed.id, proposed.signature, at)
                self._heard(after, message.id, "subscription.agreed")
        else:
            self._begins_now(proposed)
            after = rules.counter(said, proposed)
            self._heard(after, message.id, "subscription.countered")

    def _judged(self, other: str, message: m.SignedSubscription) -> Proposed:
        """What the message proposes, if it is signed by the peer and within what we take."""
        value = Value.from_json(message.subscription)
        signer = agreement.recover(self._identity.exchange, value, message.signature)
        if signer != other or {value.owner, value.buyer} != {other, self._identity.address}:
            raise PeerError("The subscription is not signed by you, or not between us.")
        choice_of(message.terms, value.dataset.hex())
        if subscription_of(message.terms) or agreement.terms_hash(message.terms) != value.terms:
            raise PeerError("The licence terms are not those that were signed.")
        network, now = self._ledger.network, self._ledger.now
        if network.token(value.token) is None:
            raise PeerError("The currency is not one of this network's.")
        if value.window < network.min_window or value.reveal_within < network.min_reveal_within:
            raise PeerError("The time to check or to reveal is shorter than the contract takes.")
        if value.expires > now + 2 * ANSWER_SECONDS:
            raise PeerError("The proposal can be answered for longer than 60 days.")
        by: Side = "owner" if other == value.owner else "buyer"
        id = agreement.digest(self._identity.exchange, value)
        return Proposed(now, by, id, value, message.terms, message.signature, message.note)

    def _begins_now(self, proposed: Proposed) -> None:
        """What is proposed now; what was proposed is said again however old it is."""
        begins = proposed.value.begins
        if not proposed.at - 2 * ANSWER_SECONDS <= begins <= proposed.at + DAY_SECONDS:
            raise PeerError("The period does not begin now.")

    def _begun(self, proposed: Proposed, message: m.SignedSubscription) -> None:
        value, now = proposed.value, self._ledger.now
        with self._database.read() as session:
            row = index.registration(session, value.dataset)
            every = subscriptions.every(session)
        if proposed.by != "buyer":
            raise PeerError("Only who wants to buy proposes a subscription.")
        if row is None or row.title_holder != self._identity.address or row.withdrawn:
            raise PeerError("This dataset is not mine to sell.")
        if now > value.expires:
            raise PeerError("The proposal has expired.")
        if self._have(value.dataset, value.buyer):  # the end of that one may be on its way
            raise Unreachable("You have a subscription for this dataset already.")
        theirs = [one for one in every if one.role == "owner" and one.other == value.buyer]
        lately = now - 2 * ANSWER_SECONDS
        nothing = [one for one in theirs if not one.answer and one.changed_at > lately]
        if len(nothing) >= MOST_PROPOSED:
            raise PeerError("You have proposed too many subscriptions that came to nothing.")
        said = Subscription(message.thread, "owner", (proposed,), now)
        self._heard(said, message.id, "subscription.asked")

    def _ended(self, said: Subscription, other: str, message: m.SubscriptionEnding) -> None:
        signed = SubscriptionEnd(message.subscription, message.at)
        signer = agreement.recover(self._identity.exchange, signed, message.signature)
        if signer != other:
            raise PeerError("The ending is not signed by you.")
        if message.at > self._ledger.now:
            raise Unreachable("The block of that time has not been seen here yet.")
        by: Side = "buyer" if said.role == "owner" else "owner"
        ending = Ending(message.at, by, message.subscription, message.signature, message.note)
        after = rules.end(said, ending, self._ledger.now)
        news = "subscription.ended" if after.answer else "subscription.declined"
        if after is not said:
            self._heard(after, message.id, news)

    def refused(self, thread: str, error: Exception) -> None:
        """The other side's app will not have what was sent: it cannot be agreed any more."""
        said = self._load(thread)
        by: Side = "buyer" if said.role == "owner" else "owner"
        now = self._ledger.now
        self._keep(rules.end(said, Ending(now, by, said.id, note=str(error)), now))

    def with_others(self) -> dict[str, str]:
        """Who is at the other side of each, by its thread."""
        with self._database.read() as session:
            return {one.thread: one.other for one in subscriptions.every(session)}

    def partners(self) -> set[str]:
        """With whom there is one that stands, or can still be agreed."""
        with self._database.read() as session:
            known = subscriptions.every(session)
        return {one.other for one in known if one.is_open(self._ledger.now)}

    # what both apps do

    def look(self) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled: order, sign and pay what was agreed."""
        while True:
            self._wake = trio.Event()
            try:
                await self.keep_promises()
            except (ChainError, P2PError) as error:
                log.info("subscriptions wait: %s", error)
            except Exception:  # whatever it is, other orders go on
                log.exception("subscriptions wait")
            await self._wake.wait()

    async def keep_promises(self) -> None:
        """Whatever is due now. `run` does it whenever something changed."""
        with self._database.read() as session:
            agreed = [one for one in subscriptions.every(session) if one.answer]
        if not agreed or not self._ledger.caught_up:
            return
        for said in agreed:
            if said.role == "buyer":
                self._order(said)
        for order in self._journal.all():
            if subscription_of(order.proposal.terms) and not self._locked():
                await self._go_on(order)

    def _order(self, said: Subscription) -> None:
        """Ask for the offers of new versions, each once; the person can ask for one again."""
        with self._database.read() as session:
            if private.is_blocked(session, said.other):
                return
            begun = index.registration(session, said.value.dataset)
            every = orders.list_orders(session)
            asked = {order.dataset for order in subscribed.orders_of(said, every)}
            now = self._ledger.now
            asked |= {o.dataset for o in every if o.role == "buyer" and subscribed.counts(o, now)}
            new = [
                row
                for row in (after(session, begun) if begun else ())
                if row.dataset_id not in asked and row.block <= self._ledger.final_block
            ]
        for row in new:
            wanted = rules.order_for(said, row.dataset_id, self._ledger.now + ORDER_SECONDS)
            try:
                with self._database.read() as session:
                    subscribed.check(session, said.other, row.dataset_id, wanted, "")
                self._agreeing.ask_for(row, wanted)
            except (RuleError, Unreachable, ValueError) as error:  # ValueError: no key of the owner
                log.info("a version is not ordered: %s", error)

    async def _go_on(self, order: Order) -> None:
        """Sign as the owner, or pay as the buyer, if that is what an order waits for."""
        now = self._ledger.now
        if now < self._not_before.get(order.thread, 0) or order.proposal.expires_at <= now:
            return
        terms = agreement.terms_hash(order.proposal.terms).hex()
        price = order.proposal.price_units
        try:
            if _may_be_signed(order):
                bond = order.proposal.bond_units
                await self._agreeing.sign(cmd.SignOffer(order.thread, bond, price, terms))
            elif _may_be_paid(order):
                await self._pay(order, cmd.FundOrder(order.thread, price, terms))
            self._stuck.discard(order.thread)
        except (RuleError, IllegalTransitionError) as error:
            self._try_again(order.thread)
            passes = isinstance(error, RuleError) and error.code in _PASSES
            if not passes and order.thread not in self._stuck:
                self._stuck.add(order.thread)
                self._failed(error, order.thread)
        except (ChainError, Unreachable):
            self._try_again(order.thread)
            raise

    async def _pay(self, order: Order, pay: cmd.FundOrder) -> None:
        if self._may_pay(order):
            await self._agreeing.fund(pay, still=lambda: self._may_pay(order))
            self._say("subscription.paying", order)
            self._changed(order.thread)
        elif not self._was_tried(order):
            self._say("subscription.offered", order)

    def by_itself(self, order: Order) -> bool:
        """Whether what the order waits for on this side is done without a click."""
        if not subscription_of(order.proposal.terms) or order.thread in self._stuck:
            return False
        if order.role == "owner":
            return _may_be_signed(order) and not self._locked()
        return order.stage == Stage.OFFERED and self._may_pay(order)

    def _may_pay(self, order: Order) -> bool:
        """Whether nobody has to be asked. What failed once is the person's to look at."""
        with self._database.read() as session:
            said = subscribed.of(session, order.proposal)
            if said is None or self._locked() or self._was_tried(order):
                return False
            if private.is_blocked(session, order.other):
                return False
            mine = subscribed.orders_of(said, orders.list_orders(session))
            spent = subscribed.spent_units(session, mine)
        enough = order.proposal.bond_units >= said.value.bond
        return enough and rules.may_pay(said, spent, order.proposal.price_units)

    def _was_tried(self, order: Order) -> bool:
        with self._database.read() as session:
            mine = entries.for_thread(session, order.thread)
        return any(entry.what == "fund" for entry in mine)

    # inside

    def _propose(
        self,
        by: Side,
        parties: tuple[str, str],
        row: RegisteredDataset,
        token: str,
        price_units: int,
        versions: int,
        days: int,
        terms: TermsChoice,
        note: str,
    ) -> Proposed:
        """A value with our signature; the owner and the buyer are ``parties``."""
        check_price(price_units)
        check_note(note)
        if not 1 <= days <= MOST_DAYS:
            raise RuleError("subscription.days", "A subscription runs from one day to five years.")
        if not 1 <= versions <= MAX_VERSIONS:
            raise RuleError("subscription.versions", "From one to 1,000 versions can be agreed.")
        now = self._ledger.now
        about = document(terms, row.dataset_id.hex())
        value = Value(
            owner=parties[0],
            buyer=parties[1],
            dataset=row.dataset_id,
            token=token,
            price=price_units,
            bond=self._agreeing.least_bond(token, price_units),
            terms=agreement.terms_hash(about),
            begins=now,
            until=now + days * DAY_SECONDS,
            versions=versions,
            reveal_within=self._agreeing.reveal_within,
            window=max(7 * DAY_SECONDS, self._ledger.network.min_window),
            expires=now + min(ANSWER_SECONDS, days * DAY_SECONDS),
            nonce=secrets.token_bytes(32),
        )
        id = agreement.digest(self._identity.exchange, value)
        return Proposed(now, by, id, value, about, self._identity.sign(value), note)

    def _have(self, dataset: bytes, buyer: str) -> bool:
        """Whether there is one that stands, or can still be agreed."""
        with self._database.read() as session:
            known = subscriptions.every(session)
        return any(
            (one.value.dataset, one.value.buyer) == (dataset, buyer)
            and one.is_open(self._ledger.now)
            for one in known
        )

    def _check_limit(self, limit_units: int | None, price_units: int) -> None:
        if limit_units is None:
            return
        if limit_units < price_units:
            raise RuleError(
                "subscription.limit", "The limit is less than one version costs. Raise it."
            )
        if not self._ledger.network.practice:
            self._agreeing.check_recoverable()

    def _load(self, thread: str) -> Subscription:
        with self._database.read() as session:
            said = subscriptions.load(session, thread)
        if said is None:
            raise RuleError("subscription.unknown", "There is no such subscription between us.")
        return said

    def _keep(self, said: Subscription, effect: SendMessage | None = None) -> None:
        with self._database.begin() as session:
            subscriptions.save(session, said, effect)
        self._changed(said.thread)

    def _heard(self, said: Subscription, message_id: str, news: str) -> None:
        with self._database.begin() as session:
            if texts.seen(session, message_id):
                return
            subscriptions.save(session, said)
            row = index.registration(session, said.value.dataset)
            other = peers.name(session, said.other)
        values = {"title": row.title if row else ""} | ({"other": other} if other else {})
        self._told(Notice("news", news, "", values, said.thread))
        self._changed(said.thread)

    def _say(self, news: str, order: Order) -> None:
        if order.thread in self._said:
            return
        self._said.add(order.thread)
        with self._database.read() as session:
            row = index.registration(session, order.dataset)
        self._told(Notice("news", news, "", {"title": row.title if row else ""}, order.thread))

    def _try_again(self, thread: str) -> None:
        practice = self._ledger.network.practice
        wait = AGAIN_SECONDS_PRACTICE if practice else AGAIN_SECONDS
        self._not_before[thread] = self._ledger.now + wait


def _may_be_signed(order: Order) -> bool:
    asked = order.stage == Stage.REQUESTED
    again = order.stage == Stage.COUNTERED and order.proposed_by == "buyer"
    return order.role == "owner" and (asked or again)


def _may_be_paid(order: Order) -> bool:
    offered = order.stage == Stage.OFFERED and order.manifest_files > 0
    return order.role == "buyer" and offered
