"""Two engines on a real chain: versions that are registered in a subscription's time are ordered,
signed, paid and delivered, by themselves as far as both wanted that, and none after its end."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.order import Delivery, Order, Stage
from app.domain.snapshots.datasets import RegisterSnapshot
from app.domain.snapshots.orders import OrderSnapshot
from app.domain.snapshots.shell import HomeSnapshot, SettingsSnapshot, ShellSnapshot
from app.domain.snapshots.subscriptions import SubscriptionCard, SubscriptionsSnapshot
from app.domain.terms import TermsChoice, subscription_of
from app.store import entries, index, orders
from tests.app.engine.apps import PASSWORD, App, Line, World

DOLLAR = 10**6
PRICE = 5 * DOLLAR


@dataclass(frozen=True)
class Two:
    owner: App
    buyer: App
    place: Path
    token: str

    def registers(self, parent: str = "") -> str:
        """The owner puts a dataset, or a new version, on record; its id."""
        key = secrets.token_hex(16)
        content = secrets.token_bytes(70_000)  # enough not to be confidential
        self.owner.complete_draft(key, self.place, content)
        if parent:
            self.owner.ask(cmd.RelateDraft(key, parent))
        self.owner.ask(cmd.RegisterDraft(key))
        self.owner.wait(
            RegisterSnapshot, lambda page: page.draft == key and page.state == "final", 120
        )
        dataset = self.owner.draft(key).dataset_id
        assert dataset is not None
        return dataset.hex()

    def subscribes(self, dataset: str, limit: int | None, versions: int = 3) -> str:
        """Asked for, accepted, and known to both as running; its thread."""
        self.buyer.eventually(lambda: self.buyer.read(lambda s: known(s, dataset)))
        before = {card.subscription for card in cards(self.buyer)}
        asked = cmd.Subscribe(
            dataset, self.token, PRICE, versions, 30, TermsChoice(use="research"), limit
        )
        self.buyer.ask(asked)
        shown = self.buyer.wait(
            SubscriptionsSnapshot,
            lambda page: {card.subscription for card in page.cards} - before,
        )
        (thread,) = {card.subscription for card in shown.cards} - before
        self.owner.wait(HomeSnapshot, lambda home: any(t.order == thread for t in home.needs_you))
        offer = card(self.owner, thread, "asked")
        assert self.owner.wait(ShellSnapshot, lambda shell: shell.needs_you)
        self.owner.ask(cmd.AcceptSubscription(thread, offer.id))
        card(self.owner, thread, "running")
        card(self.buyer, thread, "running")
        return thread


def known(session: Any, dataset: str) -> bool:
    return index.registration(session, bytes.fromhex(dataset)) is not None


def cards(app: App) -> tuple[SubscriptionCard, ...]:
    return app.wait(SubscriptionsSnapshot, lambda page: True).cards


def card(
    app: App,
    thread: str,
    standing: str,
    until: Callable[[SubscriptionCard], Any] = lambda _: True,
    seconds: float = 120,
) -> SubscriptionCard:
    def found(page: SubscriptionsSnapshot) -> list[SubscriptionCard]:
        return [
            one
            for one in page.cards
            if one.subscription == thread and one.standing == standing and until(one)
        ]

    return found(app.wait(SubscriptionsSnapshot, found, seconds))[0]


def order_of(app: App, dataset: str) -> Order | None:
    every = app.read(orders.list_orders)
    return next((one for one in every if one.dataset.hex() == dataset), None)


def order(app: App, dataset: str, until: Callable[[Order], Any], seconds: float = 120) -> Order:
    """The order of a version, once ``until`` holds."""

    def found() -> bool:
        one = order_of(app, dataset)
        return one is not None and bool(until(one))

    app.eventually(found, seconds)
    one = order_of(app, dataset)
    assert one is not None
    return one


def passes(app: App, dataset: str, blocks: int = 2) -> None:
    """The app has seen a registration final, and some blocks more."""
    app.eventually(lambda: app.read(lambda s: known(s, dataset)))
    row = app.read(lambda s: index.registration(s, bytes.fromhex(dataset)))
    assert row is not None
    newest = row.block + 2 + blocks

    def seen() -> bool:
        app.ask(cmd.OpenOrder(""))  # whatever is asked has the snapshots made anew
        return app.wait(SettingsSnapshot, lambda shown: shown.address).block_number >= newest

    app.eventually(seen, 120)


@pytest.fixture(scope="module")
def two(
    apps: Any,
    lines: Callable[[], Line],
    world: World,
    tmp_path_factory: pytest.TempPathFactory,
) -> Two:
    owner: App = apps("Nordhaven Energy", lines())
    buyer: App = apps("Baltic Grid", lines())
    token = world.network.tokens[0].address
    return Two(owner, buyer, tmp_path_factory.mktemp("data"), token)


@pytest.mark.timeout(600)
def test_versions_are_delivered_by_themselves_up_to_the_limit_and_none_after_the_end(
    two: Two,
) -> None:
    first = two.registers()
    thread = two.subscribes(first, 2 * PRICE)
    second = two.registers(first)
    received = order(two.buyer, second, lambda one: one.delivery == Delivery.CHECKED)
    sold = order(two.owner, second, lambda one: one.delivery == Delivery.KEYED)
    for one in (received, sold):
        assert one.stage == Stage.FUNDED
        assert one.proposal.price_units == PRICE
        named = subscription_of(one.proposal.terms)
        assert named == card(two.buyer, thread, "running").id
    shown = card(two.buyer, thread, "running", lambda one: one.delivered == 1)
    assert (shown.spent.units, shown.limit and shown.limit.units) == (PRICE, 2 * PRICE)
    # while the buyer is away there is another one, of the second
    two.buyer.stop()
    third = two.registers(second)
    two.buyer.start()
    two.buyer.unlock()
    order(two.buyer, third, lambda one: one.delivery == Delivery.CHECKED)
    shown = card(two.buyer, thread, "running", lambda one: one.delivered == 2)
    assert shown.spent.units == 2 * PRICE
    assert card(two.owner, thread, "running", lambda one: one.delivered == 2).selling
    # accepted and rated like any order
    two.buyer.ask(cmd.ConfirmOrder(received.thread, (5, 5, 5, 5, 5, 5), "As agreed."))
    order(two.buyer, second, lambda one: one.stage == Stage.PAID_RATED)
    # the next one is beyond the limit: it is offered, and the person is asked
    fourth = two.registers(third)
    order(two.buyer, fourth, lambda one: one.stage == Stage.OFFERED and one.manifest_files)
    two.buyer.notice("subscription.offered")
    passes(two.buyer, fourth)
    asked = order_of(two.buyer, fourth)
    assert asked is not None
    assert asked.stage == Stage.OFFERED
    assert two.buyer.read(lambda s: paid(s, asked.thread)) == []
    # over: what is under way stays, what comes after is not ordered
    two.owner.ask(cmd.EndSubscription(thread, "We stop the series."))
    over = card(two.buyer, thread, "ended")
    assert (over.ended_by_me, over.ending_note) == (False, "We stop the series.")
    assert card(two.owner, thread, "ended").ended_by_me
    fifth = two.registers(fourth)
    passes(two.buyer, fifth)
    assert order_of(two.buyer, fifth) is None
    assert order_of(two.owner, fifth) is None
    assert_no_bugs(two)


@pytest.mark.timeout(600)
def test_without_automatic_consent_or_while_locked_nothing_is_paid_until_the_person_does(
    two: Two,
) -> None:
    first = two.registers()
    asking = two.subscribes(first, None)
    second = two.registers(first)
    order(two.buyer, second, lambda one: one.stage == Stage.OFFERED and one.manifest_files)
    offered = order_of(two.buyer, second)
    assert offered is not None
    two.buyer.notice("subscription.offered")
    two.buyer.ask(cmd.OpenOrder(offered.thread))
    page = two.buyer.wait(
        OrderSnapshot, lambda shown: shown.order == offered.thread and shown.ready_to_pay
    )
    assert page.actions == ("pay", "decline")
    assert two.buyer.read(lambda s: paid(s, offered.thread)) == []
    two.buyer.ask(cmd.FundOrder(offered.thread, page.price.units, page.terms_fingerprint))
    order(two.buyer, second, lambda one: one.delivery == Delivery.CHECKED)
    # with a limit from now on, but nobody here
    two.buyer.ask(cmd.LimitSubscription(asking, 10 * PRICE))
    card(two.buyer, asking, "running", lambda one: one.limit)
    two.buyer.ask(cmd.Lock())
    two.buyer.wait(ShellSnapshot, lambda shell: shell.locked)
    third = two.registers(second)
    waiting = order(two.buyer, third, lambda one: one.stage == Stage.OFFERED and one.manifest_files)
    passes(two.buyer, third)
    assert two.buyer.read(lambda s: paid(s, waiting.thread)) == []
    two.buyer.ask(cmd.Unlock(PASSWORD))
    order(two.buyer, third, lambda one: one.delivery == Delivery.CHECKED)
    assert card(two.buyer, asking, "running", lambda one: one.delivered == 2).spent.units == (
        2 * PRICE
    )
    assert_no_bugs(two)


def paid(session: Any, thread: str) -> list[str]:
    return [one.what for one in entries.for_thread(session, thread) if one.what == "fund"]


def assert_no_bugs(two: Two) -> None:
    for app in (two.owner, two.buyer):
        assert not [notice for notice in app.notices if notice.kind == "bug"]
