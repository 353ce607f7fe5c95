"""Subscriptions between two apps: what is honest is taken, and everything beside it is refused with
a reason and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from app.domain import commands as cmd
from app.domain import subscriptions as rules
from app.domain.errors import RuleError
from app.domain.order import Order
from app.domain.order import Stage as OrderStage
from app.domain.subscriptions import Stage, Subscription
from app.domain.terms import TermsChoice, document, subscription_of
from app.engine import evidence, subscribed, subscribing
from app.engine.profile import Profile
from app.engine.projections.frame import Frame
from app.engine.projections.subscriptions import _changed as changed_by_last
from app.engine.projections.subscriptions import subscription_list
from app.engine.proving import Proving
from app.store import entries, orders, private
from app.store.private import Private
from chain import agreement
from chain import registry_events as registry
from chain.agreement import SubscriptionEnd
from chain.answers import Block
from chain.network import Token
from p2p import messages as m
from p2p.errors import PeerError, Unreachable
from tests.app.engine.sides import (
    BUYER,
    DATASET,
    DOMAIN,
    NETWORK,
    NOW,
    OWNER,
    PRICE,
    THIRD,
    TOKEN,
    Pair,
    Side,
    another,
    counter,
    message_id,
    request,
    signed,
)

DAY = 86_400
SECOND, THIRD_VERSION, STRANGE = (bytes([n]) * 32 for n in (0x22, 0x33, 0x77))
CHOICE = TermsChoice(use="research")


def subscribe(**changes: Any) -> cmd.Subscribe:
    fields: dict[str, Any] = {
        "dataset": DATASET.hex(),
        "token": TOKEN,
        "price_units": PRICE,
        "versions": 2,
        "days": 365,
        "terms": CHOICE,
    }
    return cmd.Subscribe(**fields | changes)


def talk(pair: Pair) -> None:
    """Everything that waits is said, until nobody has anything to say."""
    while True:
        said = [(pair.owner, BUYER, one) for one in pair.buyer.says()]
        said += [(pair.buyer, OWNER, one) for one in pair.owner.says()]
        for hearer, who, message in said:
            hearer.hears(who, message)
        if not said:
            return


def proposed(pair: Pair, **changes: Any) -> str:
    thread = pair.buyer.subscribing.subscribe(subscribe(**changes))
    talk(pair)
    return thread


def accepted(pair: Pair, **changes: Any) -> str:
    thread = proposed(pair, **changes)
    pair.owner.subscribing.accept(cmd.AcceptSubscription(thread, of(pair.owner, thread).id.hex()))
    talk(pair)
    return thread


def of(side: Side, thread: str) -> Subscription:
    found = side.subscription(thread)
    assert found is not None
    return found


def both(pair: Pair, thread: str) -> tuple[Stage, Stage]:
    return of(pair.owner, thread).stage, of(pair.buyer, thread).stage


def news(side: Side) -> list[str]:
    return [notice.code for notice in side.told]


def refused(side: Side, who: Any, message: m.Message, reason: str) -> None:
    before = side.subscription(message.thread)
    with pytest.raises(PeerError, match=reason):
        side.hears(who, message)
    assert side.subscription(message.thread) == before


def rule(code: str, call: Any, *arguments: Any) -> None:
    with pytest.raises(RuleError) as caught:
        call(*arguments)
    assert caught.value.code == code


# negotiating


def test_it_is_agreed_with_both_signatures_and_both_hold_the_same(pair: Pair) -> None:
    thread = accepted(pair)
    assert both(pair, thread) == (Stage.AGREED, Stage.AGREED)
    owner, buyer = of(pair.owner, thread), of(pair.buyer, thread)
    assert (owner.value, owner.id, owner.answer) == (buyer.value, buyer.id, buyer.answer)
    assert agreement.recover(DOMAIN, owner.value, owner.last.signature) == BUYER.address
    assert agreement.recover(DOMAIN, owner.value, owner.answer) == OWNER.address
    assert owner.value.terms == agreement.terms_hash(document(CHOICE, DATASET.hex()))
    assert (news(pair.owner), news(pair.buyer)) == (["subscription.asked"], ["subscription.agreed"])


def test_counter_offers_go_to_and_fro_until_one_accepts(pair: Pair) -> None:
    thread = proposed(pair)
    counter = cmd.CounterSubscription(thread, 2 * PRICE, 4, 30, CHOICE, "For four.")
    pair.owner.subscribing.counter(counter)
    talk(pair)
    assert of(pair.buyer, thread).value.price == 2 * PRICE
    rule("subscription.not_now", pair.owner.subscribing.counter, counter)
    pair.buyer.subscribing.counter(replace(counter, price_units=PRICE + 1))
    talk(pair)
    stale = cmd.AcceptSubscription(thread, of(pair.owner, thread).proposals[0].id.hex())
    rule("subscription.changed", pair.owner.subscribing.accept, stale)
    newest = cmd.AcceptSubscription(thread, of(pair.owner, thread).id.hex())
    pair.owner.subscribing.accept(newest)
    talk(pair)
    assert both(pair, thread) == (Stage.AGREED, Stage.AGREED)
    assert of(pair.buyer, thread).value.price == PRICE + 1


def test_a_repeat_changes_nothing(pair: Pair) -> None:
    thread = pair.buyer.subscribing.subscribe(subscribe())
    (asked,) = pair.buyer.says()
    for _ in range(2):
        pair.owner.hears(BUYER, asked)
        pair.owner.hears(BUYER, replace(asked, id=message_id("again")))
    assert news(pair.owner) == ["subscription.asked"]
    pair.owner.subscribing.accept(cmd.AcceptSubscription(thread, of(pair.owner, thread).id.hex()))
    (answer,) = pair.owner.says()
    pair.owner.hears(BUYER, asked)
    for number in range(2):
        pair.buyer.hears(OWNER, answer)
        pair.buyer.hears(OWNER, replace(answer, id=message_id(f"again {number}")))
    assert news(pair.buyer) == ["subscription.agreed"]
    assert both(pair, thread) == (Stage.AGREED, Stage.AGREED)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset": STRANGE.hex()}, "request.withdrawn"),
        ({"token": THIRD.address}, "price.currency"),
        ({"price_units": 0}, "price.zero"),
        ({"versions": 0}, "subscription.versions"),
        ({"versions": 1001}, "subscription.versions"),
        ({"days": 0}, "subscription.days"),
        ({"days": 1827}, "subscription.days"),
        ({"limit_units": PRICE - 1}, "subscription.limit"),
        ({"note": "x" * 4097}, "note.long"),
    ],
)
def test_what_cannot_be_proposed(pair: Pair, changes: dict[str, Any], code: str) -> None:
    rule(code, pair.buyer.subscribing.subscribe, subscribe(**changes))
    assert pair.buyer.says() == []


def test_nobody_subscribes_twice_or_to_its_own(pair: Pair) -> None:
    rule("request.own", pair.owner.subscribing.subscribe, subscribe())
    thread = proposed(pair)
    rule("subscription.have", pair.buyer.subscribing.subscribe, subscribe())
    pair.buyer.subscribing.end(cmd.EndSubscription(thread))
    assert pair.buyer.subscribing.subscribe(subscribe()) != thread
    ending, another = pair.buyer.says()
    with pytest.raises(Unreachable, match="already"):  # overtaken by the new one
        pair.owner.hears(BUYER, another)
    pair.owner.hears(BUYER, ending)
    pair.owner.hears(BUYER, another)
    assert len(pair.owner.subscribing.with_others()) == 2


def forged(pair: Pair, by: Any = BUYER, **changes: Any) -> m.SignedSubscription:
    """The buyer's proposal, but for ``changes`` of its value, signed by ``by``."""
    pair.buyer.subscribing.subscribe(subscribe())
    (honest,) = pair.buyer.says()
    assert isinstance(honest, m.SignedSubscription)
    value = replace(agreement.Subscription.from_json(honest.subscription), **changes)
    signature = agreement.sign(DOMAIN, value, by.account_key)
    return replace(honest, subscription=value.to_json(), signature=signature)


def test_only_who_signed_it_proposes_it(pair: Pair) -> None:
    honest = forged(pair)
    refused(pair.owner, BUYER, replace(honest, signature=b"s" * 64 + b"\x1b"), "hold|signed")
    altered = honest.subscription | {"price": str(PRICE - 1)}
    refused(pair.owner, BUYER, replace(honest, subscription=altered), "not signed by you")
    refused(pair.owner, THIRD, honest, "not signed by you")
    by_owner = agreement.sign(
        DOMAIN, agreement.Subscription.from_json(honest.subscription), OWNER.account_key
    )
    refused(pair.owner, BUYER, replace(honest, signature=by_owner), "not signed by you")
    pair.owner.hears(BUYER, honest)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"owner": THIRD.address}, "not between us"),
        ({"dataset": STRANGE}, "hold|Lading's templates|mine to sell"),
        ({"token": THIRD.address}, "currency"),
        ({"expires": NOW - 1}, "expired"),
        ({"expires": NOW + 61 * DAY}, "longer than 60 days"),
        ({"begins": 2**63, "until": 2**63 + DAY}, "does not begin now"),
        ({"begins": NOW + 2 * DAY}, "does not begin now"),
        ({"begins": NOW - 1826 * DAY, "until": NOW + DAY}, "does not begin now"),
        ({"window": 59}, "shorter than"),
        ({"reveal_within": 59}, "shorter than"),
        ({"terms": bytes(32)}, "not those that were signed"),
    ],
)
def test_a_proposal_that_cannot_be_kept_is_refused(
    pair: Pair, changes: dict[str, Any], reason: str
) -> None:
    refused(pair.owner, BUYER, forged(pair, **changes), reason)


def test_other_terms_than_were_signed_are_refused(pair: Pair) -> None:
    honest = forged(pair)
    for terms in (
        document(TermsChoice(), DATASET.hex()),
        document(CHOICE, STRANGE.hex()),
        document(CHOICE, DATASET.hex(), STRANGE.hex()),
    ):
        refused(pair.owner, BUYER, replace(honest, terms=terms), "licence|templates")


def test_an_owner_begins_none_and_a_blocked_one_is_not_heard(pair: Pair) -> None:
    honest = forged(pair)
    with pair.owner.database.begin() as session:
        private.put(session, BUYER.address, Private(blocked=True))
    refused(pair.owner, BUYER, honest, "not taken here")
    value = replace(agreement.Subscription.from_json(honest.subscription), nonce=b"n" * 32)
    begun = replace(
        honest,
        id=message_id("begun"),
        thread=message_id("another"),
        subscription=value.to_json(),
        signature=agreement.sign(DOMAIN, value, OWNER.account_key),
    )
    refused(pair.buyer, OWNER, begun, "Only who wants to buy")


def test_an_acceptance_that_comes_too_late_agrees_nothing(pair: Pair) -> None:
    thread = proposed(pair)
    pair.owner.subscribing.accept(cmd.AcceptSubscription(thread, of(pair.owner, thread).id.hex()))
    (answer,) = pair.owner.says()
    at(pair.buyer, NOW + 31 * DAY)
    refused(pair.buyer, OWNER, answer, "expired")
    pair.owner.subscribing.refused(thread, PeerError("The proposal has expired."))
    assert both(pair, thread) == (Stage.ENDED, Stage.PROPOSED)
    at(pair.owner, NOW + 31 * DAY)
    assert not of(pair.buyer, thread).is_open(NOW + 31 * DAY)


def at(side: Side, now: int) -> None:
    side.ledger.head = Block(100, b"h" * 32, now)


def countered(pair: Pair, thread: str, **changes: Any) -> m.SignedSubscription:
    """The owner's answer: the buyer's proposal, but for ``changes`` of its value."""
    said = of(pair.buyer, thread)
    value = replace(said.value, nonce=message_id(f"{changes}").encode(), **changes)
    return m.SignedSubscription(
        id=message_id(f"countered {changes}"),
        thread=thread,
        subscription=value.to_json(),
        terms=said.last.terms,
        signature=agreement.sign(DOMAIN, value, OWNER.account_key),
        note="",
    )


def test_a_counter_offer_in_another_currency_or_of_the_past_is_refused(pair: Pair) -> None:
    other = Token(THIRD.address, "EUR", "Practice euro", 2, True)
    pair.buyer.ledger.network = replace(NETWORK, tokens=(*NETWORK.tokens, other))
    thread = proposed(pair)
    for changes, reason in (
        ({"token": other.address}, "another subscription"),
        ({"begins": NOW - 1}, "not begin earlier"),
        ({"begins": NOW - 50 * DAY, "until": NOW + 315 * DAY}, "not begin earlier"),
    ):
        refused(pair.buyer, OWNER, countered(pair, thread, **changes), reason)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"bond": 0}, ("bond",)),
        ({"window": 60}, ("window",)),
        ({"bond": 1, "window": 61, "price": 1}, ("price", "bond", "window")),
        ({"begins": NOW + 1, "until": NOW + 365 * DAY + 1}, ()),  # answered a second later
    ],
)
def test_what_a_counter_offer_changes_is_named(
    pair: Pair, changes: dict[str, Any], named: tuple[str, ...]
) -> None:
    thread = proposed(pair)
    pair.buyer.hears(OWNER, countered(pair, thread, **changes))
    assert changed_by_last(of(pair.buyer, thread)) == named


def test_a_period_that_begins_days_later_is_named(pair: Pair) -> None:
    thread = proposed(pair)
    at(pair.buyer, NOW + 3 * DAY)
    later = {"begins": NOW + 3 * DAY, "until": NOW + 368 * DAY}
    pair.buyer.hears(OWNER, countered(pair, thread, **later))
    assert changed_by_last(of(pair.buyer, thread)) == ("begins",)


def test_one_buyer_cannot_fill_the_disk_with_proposals(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert subscribing.MOST_PROPOSED == 20
    monkeypatch.setattr(subscribing, "MOST_PROPOSED", 2)
    for _ in range(2):
        pair.buyer.subscribing.end(cmd.EndSubscription(accepted(pair)))  # agreed: not counted
        talk(pair)
    for _ in range(2):
        pair.buyer.subscribing.end(cmd.EndSubscription(proposed(pair)))
        talk(pair)
    refused(pair.owner, BUYER, forged(pair), "too many subscriptions")
    assert len(pair.owner.subscribing.with_others()) == 4


# ending


def test_either_side_ends_it_and_a_proposal_is_declined(pair: Pair) -> None:
    for side in (pair.owner, pair.buyer):
        thread = accepted(pair)
        side.subscribing.end(cmd.EndSubscription(thread, "Thank you."))
        talk(pair)
        assert both(pair, thread) == (Stage.ENDED, Stage.ENDED)
        endings = of(pair.owner, thread).ending, of(pair.buyer, thread).ending
        assert endings[0] == endings[1]
        assert endings[0] is not None
        signed = SubscriptionEnd(endings[0].id, endings[0].at)
        signer = agreement.recover(DOMAIN, signed, endings[0].signature)
        assert signer == side.wallet.address
        rule("subscription.over", side.subscribing.end, cmd.EndSubscription(thread))
    thread = proposed(pair)
    pair.owner.subscribing.end(cmd.EndSubscription(thread))
    talk(pair)
    assert both(pair, thread) == (Stage.DECLINED, Stage.DECLINED)
    assert news(pair.buyer)[-1] == "subscription.declined"


def test_a_withdrawal_that_crosses_an_acceptance_ends_it_on_both_sides(pair: Pair) -> None:
    thread = proposed(pair)
    pair.buyer.subscribing.end(cmd.EndSubscription(thread))
    pair.owner.subscribing.accept(cmd.AcceptSubscription(thread, of(pair.owner, thread).id.hex()))
    (ending,), (answer,) = pair.buyer.says(), pair.owner.says()
    refused(pair.buyer, OWNER, answer, "ended")
    pair.owner.hears(BUYER, ending)
    assert both(pair, thread) == (Stage.ENDED, Stage.DECLINED)


def test_only_the_other_side_ends_it_about_what_was_said_and_not_before_that_time(
    pair: Pair,
) -> None:
    thread = accepted(pair)

    def ending(by: Any = OWNER, **changes: Any) -> m.SubscriptionEnding:
        signed = SubscriptionEnd(*(changes.get(n, d) for n, d in defaults.items()))
        return m.SubscriptionEnding(
            id=message_id("ending"),
            thread=thread,
            subscription=signed.subscription,
            at=signed.at,
            signature=agreement.sign(DOMAIN, signed, by.account_key),
        )

    defaults = {"subscription": of(pair.buyer, thread).id, "at": NOW}
    refused(pair.buyer, OWNER, ending(BUYER), "not signed by you")
    refused(pair.buyer, THIRD, ending(THIRD), "no such subscription")
    refused(pair.buyer, OWNER, replace(ending(), at=NOW - 1), "not signed by you")
    refused(pair.buyer, OWNER, ending(subscription=STRANGE), "another subscription")
    with pytest.raises(Unreachable):
        pair.buyer.hears(OWNER, ending(at=NOW + 1))
    refused(pair.buyer, OWNER, replace(ending(), thread=message_id("?")), "no such subscription")
    pair.buyer.hears(OWNER, ending())
    assert of(pair.buyer, thread).stage == Stage.ENDED


# versions


def registers(pair: Pair, dataset: bytes, **changes: Any) -> None:
    fields: dict[str, Any] = {"parent": DATASET, "at": NOW + 10, "block": 20}
    for side in (pair.owner, pair.buyer):
        side.reads_version(dataset, **fields | changes)
        side.has_dataset(dataset, SECOND_KEYS[dataset]) if side is pair.owner else None


SECOND_KEYS = {SECOND: "2" * 32, THIRD_VERSION: "3" * 32, STRANGE: "7" * 32}


def version_request(pair: Pair, thread: str, dataset: bytes = SECOND, **changes: Any) -> m.Request:
    """The buyer's honest order of a version, but for ``changes``."""
    said = of(pair.buyer, thread)
    wanted = rules.order_for(said, dataset, NOW + DAY)
    fields: dict[str, Any] = {
        "dataset": dataset,
        "price": wanted.price_units,
        "bond": wanted.bond_units,
        "window": wanted.window_seconds,
        "reveal_within": wanted.reveal_within_seconds,
        "expires": wanted.expires_at,
        "terms": wanted.terms,
        "note": "",
    }
    order = changes.pop("order", message_id(f"order {dataset.hex()}"))
    return request(order, **fields | changes)


def held_orders(side: Side) -> list[bytes]:
    with side.database.read() as session:
        return [order.dataset for order in orders.list_orders(session)]


def test_an_order_for_a_version_is_taken_and_names_the_subscription(pair: Pair) -> None:
    thread = accepted(pair)
    registers(pair, SECOND)
    asked = version_request(pair, thread)
    pair.owner.hears(BUYER, asked)
    pair.owner.hears(BUYER, asked)
    assert held_orders(pair.owner) == [SECOND]
    order = pair.owner.order(asked.thread)
    assert order is not None
    assert subscription_of(order.proposal.terms) == of(pair.owner, thread).id.hex()
    assert order.stage == OrderStage.REQUESTED


def test_what_was_not_agreed_is_not_ordered_in_it(pair: Pair) -> None:
    thread = accepted(pair)
    registers(pair, SECOND)
    said = of(pair.buyer, thread)
    other_choice = document(TermsChoice(), SECOND.hex(), said.id.hex())
    unknown = document(CHOICE, SECOND.hex(), STRANGE.hex())
    for changes, reason in (
        ({"price": PRICE - 1}, "price or a time"),
        ({"bond": 1}, "price or a time"),
        ({"window": DAY}, "price or a time"),
        ({"terms": other_choice}, "licence is not"),
        ({"terms": unknown}, "no such subscription"),
        ({"expires": NOW}, "expired"),
    ):
        asked = version_request(pair, thread, **changes)
        with pytest.raises(PeerError, match=reason):
            pair.owner.hears(BUYER, asked)
    with pytest.raises(PeerError, match="no such subscription"):
        pair.owner.hears(THIRD, version_request(pair, thread))
    about = document(CHOICE, DATASET.hex(), said.id.hex())
    itself = version_request(pair, thread, DATASET, terms=about)
    with pytest.raises(PeerError, match="no new version"):
        pair.owner.hears(BUYER, itself)
    assert held_orders(pair.owner) == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"parent": STRANGE}, "no new version"),
        ({"by": THIRD.address}, "not mine to sell"),
        ({"at": NOW - 1}, "in the period"),
        ({"at": NOW + 366 * DAY}, "in the period"),
    ],
)
def test_another_registration_is_no_version_of_it(
    pair: Pair, changes: dict[str, Any], reason: str
) -> None:
    thread = accepted(pair)
    registers(pair, SECOND, **changes)
    with pytest.raises(PeerError, match=reason):
        pair.owner.hears(BUYER, version_request(pair, thread))
    # and the buyer's own app orders nothing of the kind
    trio.run(pair.buyer.subscribing.keep_promises)
    assert held_orders(pair.buyer) == []


def test_each_version_once_and_not_more_than_agreed(pair: Pair) -> None:
    thread = accepted(pair, versions=1)
    registers(pair, SECOND)
    registers(pair, THIRD_VERSION, parent=SECOND, block=21)
    pair.owner.hears(BUYER, version_request(pair, thread))
    replayed = version_request(pair, thread, order=message_id("replayed"), id="9" * 32)
    with pytest.raises(PeerError, match="ordered already"):
        pair.owner.hears(BUYER, replayed)
    with pytest.raises(PeerError, match="All versions that were agreed"):
        pair.owner.hears(BUYER, version_request(pair, thread, THIRD_VERSION))
    pair.owner.hears(
        BUYER, m.Decline(id=message_id("no"), thread=message_id(f"order {SECOND.hex()}"))
    )
    pair.owner.hears(BUYER, version_request(pair, thread, THIRD_VERSION))


def test_nothing_is_ordered_before_it_is_agreed_and_after_its_end(pair: Pair) -> None:
    thread = proposed(pair)
    registers(pair, SECOND)
    registers(pair, THIRD_VERSION, at=NOW + DAY, block=21)
    early = version_request(pair, thread)
    with pytest.raises(Unreachable):  # the acceptance may be on its way
        pair.owner.hears(BUYER, early)
    pair.owner.subscribing.accept(cmd.AcceptSubscription(thread, of(pair.owner, thread).id.hex()))
    talk(pair)
    at(pair.owner, NOW + 20)
    at(pair.buyer, NOW + 20)
    pair.owner.subscribing.end(cmd.EndSubscription(thread))
    talk(pair)
    with pytest.raises(PeerError, match="has ended"):
        pair.owner.hears(BUYER, version_request(pair, thread, THIRD_VERSION))
    pair.owner.hears(BUYER, early)  # registered before the end: it is under way


def test_an_order_of_it_is_not_countered_with_other_conditions(pair: Pair) -> None:
    thread = accepted(pair)
    registers(pair, SECOND)
    asked = version_request(pair, thread)
    pair.owner.hears(BUYER, asked)
    order = {"bond": asked.bond, "window": asked.window, "reveal_within": asked.reveal_within}
    for changes, reason in (
        ({"terms": asked.terms, "price": PRICE + 1}, "price or a time"),
        ({"terms": document(CHOICE, SECOND.hex()), "price": PRICE}, "another subscription"),
    ):
        with pytest.raises(PeerError, match=reason):
            pair.owner.hears(BUYER, counter(asked.thread, **order | changes))
    same = order | {"terms": asked.terms, "price": PRICE, "expires": NOW + 2 * DAY}
    pair.owner.hears(BUYER, counter(asked.thread, **same))
    renewed = pair.owner.order(asked.thread)
    assert renewed is not None
    assert renewed.proposal.expires_at == NOW + 2 * DAY


def test_an_ordinary_order_is_not_drawn_into_a_subscription(pair: Pair) -> None:
    accepted(pair)
    registers(pair, SECOND)
    plain = document(CHOICE, SECOND.hex())
    ask = request(dataset=SECOND, terms=plain)
    pair.owner.hears(BUYER, ask)
    (said,) = (of(pair.owner, t) for t in pair.owner.subscribing.with_others())
    drawn = document(CHOICE, SECOND.hex(), said.id.hex())
    with pytest.raises(PeerError, match="another subscription"):
        pair.owner.hears(BUYER, counter(terms=drawn, price=PRICE))


# what the apps do by themselves


def reads_profile(side: Side, seal_key: bytes = OWNER.seal_public, block: int = 30) -> None:
    said = registry.Profile("Nordhaven", "12D3", seal_key, ())
    side.reads(Block(block, bytes([block]) * 32, NOW), registry.ProfileSet(OWNER.address, said))


def test_the_buyers_app_orders_each_version_once_also_after_a_restart(pair: Pair) -> None:
    thread = accepted(pair)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=40)
    registers(pair, THIRD_VERSION, parent=SECOND, block=41)
    registers(pair, STRANGE, parent=SECOND, block=42)
    for _ in range(2):
        trio.run(pair.buyer.subscribing.keep_promises)
    assert sorted(held_orders(pair.buyer)) == [SECOND, THIRD_VERSION]
    with pair.buyer.database.read() as session:
        mine = subscribed.orders_of(of(pair.buyer, thread), orders.list_orders(session))
        assert [order.proposal.price_units for order in mine] == [PRICE, PRICE]
        assert subscribed.spent_units(session, mine) == 0
        assert [e.what for e in entries.newest(session, 9)] == []


def keeps_running(side: Side, then: Callable[[], None]) -> None:
    """The app's own loop, which looks again after ``then``."""

    async def both() -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(side.subscribing.run)
            await trio.testing.wait_all_tasks_blocked()
            then()
            side.subscribing.look()
            await trio.testing.wait_all_tasks_blocked()
            nursery.cancel_scope.cancel()

    trio.run(both)


def test_a_profile_nothing_can_be_sealed_to_stops_nothing(pair: Pair) -> None:
    accepted(pair)
    reads_profile(pair.buyer, bytes(32))
    registers(pair, SECOND, block=40)
    trio.run(pair.buyer.subscribing.keep_promises)  # other subscriptions go on
    assert held_orders(pair.buyer) == []
    keeps_running(pair.buyer, lambda: reads_profile(pair.buyer, block=41))
    assert held_orders(pair.buyer) == [SECOND], "the owner has a key now"


def test_nothing_at_all_ends_the_loop(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    accepted(pair)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=40)
    with monkeypatch.context() as broken:
        broken.setattr(rules, "order_for", None)
        keeps_running(pair.buyer, broken.undo)
    assert held_orders(pair.buyer) == [SECOND]


def buys(pair: Pair, dataset: bytes) -> str:
    """The buyer asks for an offer by hand; the order's thread."""
    asked = cmd.RequestOffer(
        dataset=dataset.hex(),
        token=TOKEN,
        price_units=PRICE,
        window_seconds=DAY,
        expires_at=NOW + DAY,
        terms=CHOICE,
        note="",
    )
    pair.buyer.subscribing._agreeing.request(asked)
    with pair.buyer.database.read() as session:
        (order,) = (one for one in orders.list_orders(session) if one.dataset == dataset)
    return order.thread


def test_what_was_bought_by_hand_is_not_ordered_again(pair: Pair) -> None:
    accepted(pair)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=40)
    by_hand = buys(pair, SECOND)
    trio.run(pair.buyer.subscribing.keep_promises)
    assert held_orders(pair.buyer) == [SECOND]
    pair.buyer.hears(OWNER, m.Decline(id=message_id("no"), thread=by_hand))
    trio.run(pair.buyer.subscribing.keep_promises)
    assert held_orders(pair.buyer) == [SECOND, SECOND], "nothing came of the first"


def test_two_subscriptions_of_one_lineage_order_a_version_once(pair: Pair) -> None:
    accepted(pair)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=40)
    accepted(pair, dataset=SECOND.hex())
    registers(pair, THIRD_VERSION, parent=SECOND, block=41)
    for _ in range(2):
        trio.run(pair.buyer.subscribing.keep_promises)
    assert sorted(held_orders(pair.buyer)) == [SECOND, THIRD_VERSION]


def offers(pair: Pair, more_bond: int = 0) -> Order:
    """The buyer's app has ordered one version, and the owner has signed; the buyer's order."""
    with pair.buyer.database.read() as session:
        (order,) = orders.list_orders(session)
    wanted = order.proposal
    offer = another(
        dataset=SECOND,
        bond=wanted.bond_units + more_bond,
        mask_commit=order.mask_commit,
        terms=agreement.terms_hash(wanted.terms),
        expires=wanted.expires_at,
        reveal_within=wanted.reveal_within_seconds,
        window=wanted.window_seconds,
    )
    pair.buyer.hears(OWNER, signed(offer, thread=order.thread))
    offered = pair.buyer.order(order.thread)
    assert offered is not None
    assert offered.stage == OrderStage.OFFERED
    return offered


@pytest.mark.parametrize(("more", "paid"), [(-1, False), (0, True), (1, True)])
def test_a_smaller_bond_than_agreed_is_not_paid_without_asking(
    pair: Pair, more: int, paid: bool
) -> None:
    accepted(pair, limit_units=PRICE)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=40)
    trio.run(pair.buyer.subscribing.keep_promises)
    assert pair.buyer.subscribing.by_itself(offers(pair, more)) == paid


def test_nothing_of_a_blocked_owner_is_ordered_or_paid_by_itself(pair: Pair) -> None:
    accepted(pair, limit_units=2 * PRICE)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=40)
    trio.run(pair.buyer.subscribing.keep_promises)
    offered = offers(pair)
    assert pair.buyer.subscribing.by_itself(offered)
    with pair.buyer.database.begin() as session:
        private.put(session, OWNER.address, Private(blocked=True))
    assert not pair.buyer.subscribing.by_itself(offered)
    registers(pair, THIRD_VERSION, parent=SECOND, block=41)
    trio.run(pair.buyer.subscribing.keep_promises)
    assert held_orders(pair.buyer) == [SECOND]
    with pair.buyer.database.begin() as session:
        private.put(session, OWNER.address, Private())
    assert pair.buyer.subscribing.by_itself(offered)


def test_a_version_that_is_not_final_waits(pair: Pair) -> None:
    accepted(pair)
    reads_profile(pair.buyer)
    registers(pair, SECOND, block=99)
    trio.run(pair.buyer.subscribing.keep_promises)
    assert held_orders(pair.buyer) == []
    pair.buyer.ledger.head = Block(101, b"h" * 32, NOW + 20)
    trio.run(pair.buyer.subscribing.keep_promises)
    assert held_orders(pair.buyer) == [SECOND]


def test_a_card_is_made_once_a_moment(pair: Pair) -> None:
    proposed(pair)
    with pair.owner.database.read() as session:
        frame = Frame(session, pair.owner.ledger, None)
        (first,), (again,) = subscription_list(frame).cards, subscription_list(frame).cards
    assert first.standing == "asked"
    assert first is again


# evidence


@pytest.mark.parametrize("countered", [False, True])
def test_a_proof_holds_both_signatures_whoever_accepted(
    pair: Pair, tmp_path: Path, countered: bool
) -> None:
    thread = proposed(pair)
    last = pair.owner
    early = Proving(
        Profile.at(tmp_path / "p"), last.database, last.journal, last.ledger, last.identity
    )
    with pytest.raises(RuleError) as refused:
        trio.run(early.save_agreement, cmd.SaveAgreement(thread, tmp_path / "early.json"))
    assert refused.value.code == "subscription.not_agreed"
    if countered:
        pair.owner.subscribing.counter(cmd.CounterSubscription(thread, PRICE, 5, 90, CHOICE))
        talk(pair)
        last = pair.buyer
    last.subscribing.accept(cmd.AcceptSubscription(thread, of(last, thread).id.hex()))
    talk(pair)
    registers(pair, SECOND)
    asked = version_request(pair, thread)
    pair.owner.hears(BUYER, asked)
    order = pair.owner.order(asked.thread)
    assert order is not None
    side = pair.owner
    proving = Proving(
        Profile.at(tmp_path / "p"), side.database, side.journal, side.ledger, side.identity
    )
    agreed = proving._agreed(order)
    assert agreed is not None
    assert agreement.recover(DOMAIN, agreed.subscription, agreed.owner) == OWNER.address
    assert agreement.recover(DOMAIN, agreed.subscription, agreed.buyer) == BUYER.address
    named = agreement.digest(DOMAIN, agreed.subscription).hex()
    assert agreed.terms["lading:subscription"] == named
    file = tmp_path / "agreed.json"
    trio.run(proving.save_agreement, cmd.SaveAgreement(thread, file))
    domain, alone = evidence.read_agreement(json.loads(file.read_text()))
    evidence.check_agreement(domain, alone)
    assert (domain, alone) == (DOMAIN, replace(agreed, terms=of(side, thread).last.terms))
    with pytest.raises(RuleError) as caught:
        trio.run(proving.save_agreement, cmd.SaveAgreement(thread, tmp_path / "no" / "x.json"))
    assert caught.value.code == "file.write"
    pair.owner.hears(BUYER, request(message_id("plain")))
    plain = pair.owner.order(message_id("plain"))
    assert plain is not None
    assert proving._agreed(plain) is None
