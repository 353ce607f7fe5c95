"""Two replicas of one order over a link that loses, repeats and reorders, and one contract.

The machine runs the effects that the domain asks for, delivers messages in any order and as often
as it likes, kills either side (its order is folded from its events again), lets time pass and lets
the contract decide. Whatever happens, the replicas never contradict the contract or each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.domain import effects as fx
from app.domain import events as ev
from app.domain.deadlines import due, margin_seconds, may_give_key
from app.domain.events import Side
from app.domain.order import (
    ENDED,
    NEGOTIATING,
    Delivery,
    Stage,
    fold,
)
from tests.app.domain.parts import REVEAL_SECONDS, START, THREAD, offer, proposal
from tests.app.domain.parts import request as first_request
from tests.app.domain.replicas import ROOT, WRONG, Contract, Replica
from tests.counts import JUDGED, PROVE

EVIDENCE = ev.Evidence(b"h" * 32, b"c" * 4096, (b"p" * 32,))
PRACTICE = False

Begun = Literal["asked", "offered", "funded", "receipted", "given"]
"""How far a trade has come by itself before anything goes wrong. What is forbidden late is seldom
reached from the beginning in some tens of steps of any kind."""


class Trade(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.contract = Contract()
        self.sides: dict[Side, Replica] = {"owner": Replica("owner"), "buyer": Replica("buyer")}
        self.link: list[tuple[Side, Any]] = []  # (to whom, event as the receiver journals it)
        self.keys_given_at: list[int] = []
        self.deadline_when_given: list[int] = []
        self.keys_sent: list[tuple[int, bool]] = []

    @initialize(rotten=st.booleans(), begun=st.sampled_from(get_args(Begun)))
    def the_buyer_asks(self, rotten: bool, begun: Begun) -> None:
        self.rotten = rotten  # the owner delivers a record that was never registered
        self.sides["buyer"].record(first_request())
        self._go_on_to(begun)

    def _go_on_to(self, begun: Begun) -> None:
        """Both do at once what their apps ask of them, and everything arrives."""
        owner, buyer = self.sides["owner"], self.sides["buyer"]
        if begun == "asked":
            return
        self._until(lambda: owner.order is not None)
        self.sign(10_000)
        self._until(lambda: bool(buyer.order and buyer.order.manifest_files))
        if begun == "offered":
            return
        self.pay()
        self.read_the_chain("owner")
        self.read_the_chain("buyer")
        if begun in ("receipted", "given"):
            self._until(lambda: bool(owner.order and owner.order.receipt))
        if begun == "given":  # in the owner's journal: the message has not left yet
            self._until(lambda: bool(owner.order and owner.order.sealed_key))

    def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            if self.link:
                self.deliver(0, again=False)
            else:
                self.run_effect("owner" if self.sides["owner"].outbox else "buyer", 0)

    # what people decide

    @rule(side=st.sampled_from(["owner", "buyer"]), price=st.integers(1, 10**9))
    def counter(self, side: Side, price: int) -> None:
        replica = self.sides[side]
        if replica.order and replica.order.stage != Stage.OFFERED:
            replica.record(ev.CounterMade(self.now, side, proposal(price)))

    @rule(lasts=st.integers(10, 20_000))
    def sign(self, lasts: int) -> None:
        owner = self.sides["owner"]
        if owner.order and owner.order.stage in NEGOTIATING:
            owner.record(offer(self.now, owner.order.proposal.price_units, self.now + lasts))

    @rule(side=st.sampled_from(["owner", "buyer"]))
    def decline(self, side: Side) -> None:
        replica = self.sides[side]
        if replica.order and replica.order.stage in NEGOTIATING:
            replica.record(ev.Declined(self.now, side, ""))

    @rule()
    def pay(self) -> None:
        order = self.sides["buyer"].order
        if order and order.stage == Stage.OFFERED and order.manifest_files:
            self.contract.fund(self.now, order.proposal.expires_at)

    @rule()
    def confirm(self) -> None:
        buyer = self.sides["buyer"]
        if buyer.order and buyer.order.delivery == Delivery.CHECKED:
            buyer.record(ev.ConfirmationSigned(self.now, bytes([5] * 6), {}, b"v" * 32, b"g" * 65))

    @rule()
    def acknowledge_from_elsewhere(self) -> None:
        self.contract.acknowledge(self.now)

    @rule()
    def give_back(self) -> None:
        order = self.sides["owner"].order
        if order and order.stage == Stage.FUNDED and not order.sealed_key:
            self.contract.refund(self.now, by_owner=True)

    # what the apps do

    @rule(side=st.sampled_from(["owner", "buyer"]), index=st.integers(0, 20))
    def run_effect(self, side: Side, index: int) -> None:
        replica = self.sides[side]
        if not replica.outbox or replica.order is None:
            return
        effect = replica.outbox.pop(index % len(replica.outbox))
        match effect:
            case fx.SendMessage(kind="key") if not may_give_key(replica.order, self.now, PRACTICE):
                if replica.order.stage not in ENDED:
                    replica.outbox.append(effect)
            case fx.SendMessage(kind=kind, seq=seq):
                if kind == "key":
                    paid = self.contract.state in (Stage.PAID, Stage.PAID_RATED)
                    self.keys_sent.append((self.now, paid or self.contract.public))
                other: Side = "owner" if side == "buyer" else "buyer"
                self.link.append((other, replica.events[seq]))
            case fx.FetchManifest():
                replica.record(ev.ManifestChecked(self.now, 1))
            case fx.FetchContent():
                if replica.order.stage == Stage.FUNDED:
                    replica.record(ev.ContentReceived(self.now, ROOT))
            case fx.SignReceipt():
                replica.record(ev.ReceiptSigned(self.now, ROOT, b"c" * 65))
            case fx.GiveKey():
                if may_give_key(replica.order, self.now, PRACTICE) and not replica.order.sealed_key:
                    assert replica.order.receipt, "a key without a receipt"
                    self.keys_given_at.append(self.now)
                    self.deadline_when_given.append(replica.order.deadline or 0)
                    replica.record(ev.KeyGiven(self.now, b"sealed"))
            case fx.CheckContent():
                if self.rotten:
                    replica.record(ev.RecordFailed(self.now, WRONG, "wrong", EVIDENCE))
                else:
                    replica.record(ev.ContentChecked(self.now, "/received"))
            case fx.RecordEntry(kind=kind):
                self._record(replica, kind)

    @rule(side=st.sampled_from(["owner", "buyer"]))
    def deadline_work(self, side: Side) -> None:
        replica = self.sides[side]
        if replica.order is not None:
            for kind in due(replica.order, self.now, PRACTICE):
                self._record(replica, kind)

    def _record(self, replica: Replica, kind: str) -> None:
        match kind:
            case "reveal":
                self.contract.reveal(self.now)
            case "confirm":
                self.contract.confirm(self.now)
            case "accept":
                self.contract.accept(self.now)
            case "refund":
                self.contract.refund(self.now, by_owner=replica.role == "owner")
            case "rate":
                self.contract.rate(self.now)
            case "complain":
                evidence = [e for e in replica.events if isinstance(e, ev.RecordFailed)]
                assert evidence[-1].evidence is not None, "a complaint without evidence"
                assert replica.order is not None
                assert replica.order.revealed, "a complaint without the key"
                self.contract.complain(self.now, self.rotten)

    # what the world does

    @precondition(lambda self: self.link)
    @rule(index=st.integers(0, 50), again=st.booleans())
    def deliver(self, index: int, again: bool) -> None:
        """Any message, in any order; with ``again`` it stays on the link and comes once more."""
        place = index % len(self.link)
        to, event = self.link[place] if again else self.link.pop(place)
        replica = self.sides[to]
        if id(event) in replica.heard:
            return  # its id is known: answered like the first time
        replica.heard.add(id(event))
        if isinstance(event, ev.OfferSigned) and event.proposal.expires_at <= self.now:
            return
        replica.record(event)

    @precondition(lambda self: self.link)
    @rule(index=st.integers(0, 50))
    def lose(self, index: int) -> None:
        """Lost on the way: the sender was not answered, so it will be sent again."""
        to, event = self.link.pop(index % len(self.link))
        sender = self.sides["owner" if to == "buyer" else "buyer"]
        kinds = {
            ev.RequestMade: "request",
            ev.CounterMade: "counter",
            ev.OfferSigned: "offer",
            ev.Declined: "decline",
            ev.ReceiptSigned: "receipt",
            ev.KeyGiven: "key",
            ev.ConfirmationSigned: "confirmation",
        }
        for seq, mine in enumerate(sender.events):
            if mine is event:
                sender.outbox.append(fx.SendMessage(kinds[type(event)], seq))  # type: ignore[arg-type]

    @rule(side=st.sampled_from(["owner", "buyer"]))
    def read_the_chain(self, side: Side) -> None:
        replica = self.sides[side]
        if replica.order is None or not replica.order.order_id:
            return
        while replica.read < len(self.contract.events):
            event = self.contract.events[replica.read]
            assert replica.record(event), (replica.order.stage, event)
            replica.read += 1

    @rule(seconds=st.integers(1, 5000))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds
        for replica in self.sides.values():
            order = replica.order
            expired = order is not None and self.now > order.proposal.expires_at
            if order and order.stage == Stage.OFFERED and expired and self.contract.state == "none":
                replica.record(ev.OfferLapsed(self.now))

    @precondition(lambda self: self.contract.state == "funded")
    @rule(early=st.booleans())
    def the_margin_comes(self, early: bool) -> None:
        """The moment from which no key leaves off the record, or the last one before it."""
        margin = self.contract.deadline - margin_seconds(REVEAL_SECONDS, PRACTICE)
        self.now = max(self.now, margin - early)

    @rule(side=st.sampled_from(["owner", "buyer"]))
    def killed_and_started_again(self, side: Side) -> None:
        if self.sides[side].events:
            self.sides[side].restart()

    # what must always hold

    @invariant()
    def the_fold_is_the_state(self) -> None:
        for replica in self.sides.values():
            if replica.order is not None:
                assert fold(THREAD, replica.role, tuple(replica.events)) == replica.order

    @invariant()
    def nobody_contradicts_the_contract(self) -> None:
        for replica in self.sides.values():
            order = replica.order
            if order is not None and replica.read == len(self.contract.events) and replica.read:
                assert order.stage == self.contract.state

    @invariant()
    def a_key_follows_a_receipt_and_never_the_margin(self) -> None:
        margin = margin_seconds(REVEAL_SECONDS, PRACTICE)
        for at, deadline in zip(self.keys_given_at, self.deadline_when_given, strict=True):
            assert at < deadline - margin
        assert len(self.keys_given_at) <= 1

    @invariant()
    def a_key_leaves_in_time_or_once_it_is_paid_or_public(self) -> None:
        margin = margin_seconds(REVEAL_SECONDS, PRACTICE)
        for at, paid_or_public in self.keys_sent:
            assert paid_or_public or at < self.deadline_when_given[0] - margin

    @invariant()
    def a_checked_buyer_was_given_the_key(self) -> None:
        buyer, owner = self.sides["buyer"].order, self.sides["owner"].order
        if buyer and buyer.delivery == Delivery.CHECKED:
            assert self.contract.public or (owner is not None and owner.sealed_key)

    @invariant()
    def a_complaint_is_only_about_a_wrong_record_and_never_about_one_that_was_accepted(
        self,
    ) -> None:
        if any(isinstance(event, ev.Complained) for event in self.contract.events):
            assert self.rotten
        buyer = self.sides["buyer"].order
        if buyer is not None and buyer.confirmation:
            assert not buyer.has_wrong_record
            for at in (self.now, self.now + 10**6):
                assert not {"refund", "complain"} & set(due(buyer, at, PRACTICE))

    @invariant()
    def while_a_wrong_record_is_revealed_the_complaint_is_due(self) -> None:
        order = self.sides["buyer"].order
        if order is not None and order.stage == Stage.REVEALED and order.has_wrong_record:
            in_time = self.now <= (order.deadline or 0)
            assert ("complain" in due(order, self.now, PRACTICE)) == in_time

    @invariant()
    def at_most_one_receipt(self) -> None:
        for replica in self.sides.values():
            receipts = [e for e in replica.events if isinstance(e, ev.ReceiptSigned)]
            assert len(receipts) <= 1


TestTrade = Trade.TestCase
TestTrade.settings = settings(
    max_examples=1500 if PROVE else 150 if JUDGED else 50,
    stateful_step_count=60,
)
