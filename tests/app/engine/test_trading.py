"""Two people and everything that comes between them: nobody there, too late, too little money,
other files, the same content again, and an app that is closed in the middle."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.domain import commands as cmd
from app.domain.snapshots.datasets import BrowseSnapshot, RegisterSnapshot
from app.domain.snapshots.orders import OrderSnapshot, OrdersSnapshot
from app.domain.snapshots.shell import HomeSnapshot, ShellSnapshot
from app.domain.terms import TermsChoice
from app.engine import deliveries
from app.store import orders
from app.store.entries import Entry
from chain import exchange
from tests.app.engine.apps import App, Line, World

DOLLAR = 10**6
CONTENT = bytes(range(256)) * 300  # more than 64 KiB: it need not be confidential


@dataclass(frozen=True)
class Two:
    owner: App
    buyer: App
    dataset: str
    data: Path
    buyers_line: Line | None = None  # where a test can cut it


@pytest.fixture(scope="module")
def two(apps: Any, lines: Callable[[], Line], tmp_path_factory: pytest.TempPathFactory) -> Two:
    buyers_line = lines()
    owner: App = apps("Nordhaven Energy", lines())
    buyer: App = apps("Baltic Grid", buyers_line)
    place = tmp_path_factory.mktemp("data")
    key = secrets.token_hex(16)
    dataset = owner.register(key, place, CONTENT)
    return Two(owner, buyer, dataset, place / f"{key}.bin", buyers_line)


def now(app: App, world: World) -> int:
    return world.gateway.head().timestamp


def request(two: Two, world: World, price: int = 5 * DOLLAR, seconds: int = 86_400) -> str:
    """The buyer asks; the thread of the new order."""
    two.buyer.ask(cmd.Search())
    two.buyer.wait(BrowseSnapshot, lambda page: any(c.dataset == two.dataset for c in page.cards))
    known = threads(two.buyer)
    two.buyer.ask(
        cmd.RequestOffer(
            dataset=two.dataset,
            token=world.network.tokens[0].address,
            price_units=price,
            terms=TermsChoice(),
            expires_at=now(two.buyer, world) + seconds,
            window_seconds=86_400,
            note="For our own analysis.",
        )
    )
    two.buyer.eventually(lambda: threads(two.buyer) - known)
    (thread,) = threads(two.buyer) - known
    return thread


def threads(app: App) -> set[str]:
    return {order.thread for order in app.read(orders.list_orders)}


def page(app: App, thread: str, until: Callable[[OrderSnapshot], Any]) -> OrderSnapshot:
    app.ask(cmd.OpenOrder(thread))
    return app.wait(OrderSnapshot, lambda shown: shown.order == thread and until(shown))


def sign(two: Two, thread: str) -> None:
    shown = page(two.owner, thread, lambda shown: "sign" in shown.actions and shown.least_bond)
    assert shown.least_bond is not None
    two.owner.ask(
        cmd.SignOffer(thread, shown.least_bond.units, shown.price.units, shown.terms_fingerprint)
    )
    page(two.owner, thread, lambda shown: shown.order_id)


def payable(two: Two, thread: str) -> OrderSnapshot:
    return page(two.buyer, thread, lambda shown: shown.ready_to_pay)


def fund(shown: OrderSnapshot) -> cmd.FundOrder:
    return cmd.FundOrder(shown.order, shown.price.units, shown.terms_fingerprint)


def assert_no_bugs(two: Two) -> None:
    for app in (two.owner, two.buyer):
        assert not [notice for notice in app.notices if notice.kind == "bug"]


# the same content


def checked(app: App, key: str, result: str) -> RegisterSnapshot:
    """The draft, once Check shows this."""
    return app.wait(RegisterSnapshot, lambda page: page.draft == key and page.check == result)


def test_content_that_is_on_record_is_known_to_whoever_chooses_it(two: Two, tmp_path: Path) -> None:
    copy = tmp_path / two.data.name  # the content id covers names: another name is other content
    copy.write_bytes(CONTENT)
    for app, by_me in ((two.owner, True), (two.buyer, False)):
        key = secrets.token_hex(16)
        app.choose(key, copy)
        shown = checked(app, key, "known")
        (match,) = shown.matches
        assert (match.by_me, match.dataset) == (by_me, two.dataset)
        app.ask(cmd.DiscardDraft(key))
    other = tmp_path / "other.bin"
    other.write_bytes(CONTENT + b"!")
    key = secrets.token_hex(16)
    two.buyer.choose(key, other)
    checked(two.buyer, key, "new")
    two.buyer.ask(cmd.DiscardDraft(key))


# requests that cannot be


def test_a_request_that_cannot_be_makes_no_order(two: Two, world: World) -> None:
    before = threads(two.buyer)
    at = now(two.buyer, world)

    def asked(**changes: Any) -> cmd.RequestOffer:
        good: dict[str, Any] = {
            "dataset": two.dataset,
            "token": world.network.tokens[0].address,
            "price_units": DOLLAR,
            "terms": TermsChoice(),
            "expires_at": at + 86_400,
            "window_seconds": 86_400,
        }
        return cmd.RequestOffer(**(good | changes))

    for changes, code in (
        ({"price_units": 0}, "price.zero"),
        ({"price_units": -1}, "price.zero"),
        ({"price_units": 2**256}, "price.huge"),
        ({"token": "0x" + "11" * 20}, "price.currency"),
        ({"expires_at": at - 10}, "offer.expires"),
        ({"expires_at": at + 100 * 86_400}, "offer.expires_late"),
        ({"window_seconds": 1}, "offer.window"),
        ({"window_seconds": 31 * 86_400}, "offer.window"),
        ({"note": "ä" * 2049}, "note.long"),
        ({"dataset": "00" * 32}, "request.withdrawn"),
    ):
        assert two.buyer.refused(asked(**changes), code).kind == "rule"
    assert two.owner.refused(asked(), "request.own").kind == "rule"
    assert threads(two.buyer) == before


# nobody there


def test_what_is_said_to_somebody_who_is_away_waits_and_arrives(two: Two, world: World) -> None:
    two.owner.stop()
    thread = request(two, world)
    two.buyer.ask(cmd.SendText(thread, "Is 2024 in it?"))
    shown = page(two.buyer, thread, lambda shown: shown.thread)
    assert shown.proposal is not None
    two.buyer.restart()  # and the buyer's app is closed while it waits
    assert thread in threads(two.buyer)
    two.owner.start()
    two.owner.unlock()
    two.owner.eventually(lambda: thread in threads(two.owner), 40)
    page(two.owner, thread, lambda s: any(line.text == "Is 2024 in it?" for line in s.thread))
    page(two.buyer, thread, lambda s: all(line.delivered for line in s.thread))
    two.buyer.ask(cmd.DeclineOrder(thread))
    two.buyer.wait(OrdersSnapshot, lambda p: any(r.order == thread and r.finished for r in p.rows))
    assert_no_bugs(two)


# too late, too little


def test_a_proposal_that_expired_is_not_signed_and_can_be_countered(two: Two, world: World) -> None:
    thread = request(two, world, seconds=120)
    two.owner.eventually(lambda: thread in threads(two.owner))
    shown = page(two.owner, thread, lambda shown: shown.least_bond)
    assert shown.proposal is not None
    expires_at = shown.proposal.expires_at
    world.pass_time(130)
    two.owner.wait(ShellSnapshot, lambda shell: shell.chain == "ok")
    two.owner.eventually(lambda: now(two.owner, world) > expires_at)
    time_is_seen(two.owner, world)
    sent = cmd.SignOffer(thread, 0, shown.price.units, shown.terms_fingerprint)
    assert two.owner.refused(sent, "sign.expired").about == thread
    two.owner.ask(
        cmd.CounterOffer(thread, 6 * DOLLAR, TermsChoice(), now(two.owner, world) + 86_400, 86_400)
    )
    page(two.buyer, thread, lambda shown: shown.price.units == 6 * DOLLAR)
    assert_no_bugs(two)


def counter(app: App, world: World, thread: str, price: int) -> None:
    """Propose again, for a day."""
    page(app, thread, lambda shown: "counter" in shown.actions or "accept" in shown.actions)
    app.ask(cmd.CounterOffer(thread, price, TermsChoice(), now(app, world) + 86_400, 86_400))


def test_an_offer_that_reaches_a_buyer_too_late_is_nobodys_fault_and_another_can_be_made(
    two: Two, world: World
) -> None:
    """The buyer's app was closed for days."""
    thread = request(two, world, seconds=7200)
    two.owner.eventually(lambda: thread in threads(two.owner))
    two.buyer.stop()
    sign(two, thread)
    world.pass_time(3 * 86_400)
    page(two.owner, thread, lambda shown: shown.todo == "order.lapsed")
    since = len(two.owner.notices)
    two.buyer.start()
    two.buyer.unlock()
    notice = two.owner.notice("sign.expired", since)
    assert (notice.kind, notice.about) == ("rule", thread)
    assert not [notice for notice in two.owner.notices[since:] if notice.kind == "peer"]
    assert not page(two.buyer, thread, lambda shown: True).order_id
    counter(two.owner, world, thread, 6 * DOLLAR)
    page(two.buyer, thread, lambda shown: shown.price.units == 6 * DOLLAR)
    counter(two.buyer, world, thread, 6 * DOLLAR)
    sign(two, thread)
    assert payable(two, thread).order_id
    two.buyer.ask(cmd.DeclineOrder(thread))
    page(two.owner, thread, lambda shown: shown.ended == "declined")
    assert_no_bugs(two)


def test_a_payment_that_comes_after_the_offer_expired_is_refused_and_returns_to_the_table(
    two: Two, world: World
) -> None:
    """The transaction is stuck until it is too late; the chain takes it and the contract says no:
    a fee was paid, no price. Another offer is another order."""
    token = world.network.tokens[0].address

    def has() -> int:
        return world.gateway.token_balance(token, two.buyer.address)

    def fundings() -> list[Entry]:
        return [entry for entry in two.buyer.entries("fund") if entry.thread == thread]

    thread = request(two, world, seconds=7200)
    two.owner.eventually(lambda: thread in threads(two.owner))
    sign(two, thread)
    first, before = payable(two, thread), has()
    assert two.buyers_line is not None
    two.buyers_line.instead["eth_sendRawTransaction"] = lambda params: "0x" + "00" * 32
    two.buyer.ask(fund(first))
    two.buyer.eventually(lambda: [entry for entry in fundings() if entry.state == "signed"])
    world.pass_time(7300)
    page(two.owner, thread, lambda shown: shown.todo == "order.lapsed")
    assert two.buyer.refused(fund(first), "fund.expired").about == thread
    # As long as the payment may still be recorded the offer has not lapsed for the buyer, and what
    # the owner proposes meanwhile waits.
    assert page(two.buyer, thread, lambda shown: True).todo != "order.lapsed"
    counter(two.owner, world, thread, 5 * DOLLAR)
    since = len(two.buyer.notices)
    two.buyers_line.instead.clear()
    notice = two.buyer.notice("chain.refused", since)
    assert (notice.kind, notice.about) == ("rule", thread)
    (entry,) = fundings()
    assert entry.state == "failed"
    assert entry.fee_wei
    assert entry.tx_hash is not None
    receipt = world.gateway.receipt(entry.tx_hash)
    assert receipt is not None
    assert not receipt.ok
    assert has() == before
    page(two.buyer, thread, lambda shown: shown.proposal and "accept" in shown.actions)
    counter(two.buyer, world, thread, 5 * DOLLAR)
    sign(two, thread)
    second = payable(two, thread)
    assert second.order_id != first.order_id
    two.buyer.ask(fund(second))
    page(two.buyer, thread, lambda shown: shown.held)
    assert [entry.state == "failed" for entry in fundings()] == [True, False]
    assert has() == before - 5 * DOLLAR
    assert (
        exchange.read_order(world.gateway, world.network, bytes.fromhex(first.order_id)).state
        == exchange.NONE
    )
    assert not [notice for notice in two.owner.notices if notice.kind in ("bug", "peer")]
    assert_no_bugs(two)


def time_is_seen(app: App, world: World) -> None:
    """Two polls later the app knows the chain's time."""
    at = world.gateway.head().number
    app.eventually(lambda: world.gateway.head().number >= at + 2)


def test_an_offer_that_is_too_dear_is_not_paid_and_nothing_is_lost(two: Two, world: World) -> None:
    thread = request(two, world, price=20_000 * DOLLAR)  # the buyer has 10,000
    two.owner.eventually(lambda: thread in threads(two.owner))
    sign(two, thread)
    shown = payable(two, thread)
    assert not shown.can_pay
    assert two.buyer.refused(fund(shown), "fund.money").about == thread
    other = cmd.FundOrder(thread, shown.price.units - 1, shown.terms_fingerprint)
    assert two.buyer.refused(other, "order.changed").about == thread
    assert not [entry for entry in two.buyer.entries("fund") if entry.thread == thread]
    again = cmd.SignOffer(thread, 0, shown.price.units, shown.terms_fingerprint)
    assert two.owner.refused(again, "sign.not_now").about == thread
    late = cmd.CounterOffer(thread, DOLLAR, TermsChoice(), int(time.time()) + 900_000, 86_400)
    assert two.owner.refused(late, "counter.signed").about == thread
    assert two.buyer.refused(cmd.ConfirmOrder(thread, (5,) * 6), "confirm.not_now").kind == "rule"
    assert two.owner.refused(cmd.ReturnPayment(thread), "refund.not_now").kind == "rule"
    assert page(two.buyer, thread, lambda s: True).order_id == shown.order_id
    assert_no_bugs(two)


def test_a_bond_there_is_no_money_for(two: Two, world: World) -> None:
    thread = request(two, world)
    two.owner.eventually(lambda: thread in threads(two.owner))
    shown = page(two.owner, thread, lambda shown: shown.least_bond)
    read = (shown.price.units, shown.terms_fingerprint)
    dear = cmd.SignOffer(thread, 10**15, *read)
    assert two.owner.refused(dear, "sign.bond_money").about == thread
    assert two.owner.refused(cmd.SignOffer(thread, -1, *read), "sign.bond").about == thread
    assert "sign" in page(two.owner, thread, lambda s: True).actions


# a delivery that was put off


def buttons(home: HomeSnapshot) -> list[tuple[str, str]]:
    return [(line.order, line.button) for line in home.running]


@pytest.mark.parametrize("every", [False, True])
def test_a_buyer_that_was_put_off_is_called_when_it_goes_on(
    two: Two, world: World, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    monkeypatch.setattr(deliveries, "PUT_OFF_LOOK_SECONDS", 3600)
    thread = request(two, world)
    two.owner.eventually(lambda: thread in threads(two.owner))
    sign(two, thread)
    two.owner.ask(cmd.PauseAll() if every else cmd.PauseDelivery(thread))
    two.buyer.ask(fund(payable(two, thread)))
    page(two.buyer, thread, lambda s: s.delivery and s.delivery.state == "other_paused")
    button = "" if every else "resume"  # one alone cannot go on while all are paused
    two.owner.wait(HomeSnapshot, lambda home: (thread, button) in buttons(home))
    two.buyer.wait(HomeSnapshot, lambda home: (thread, "pause") in buttons(home))
    two.owner.ask(cmd.ResumeAll() if every else cmd.ResumeDelivery(thread))
    page(two.buyer, thread, lambda s: "confirm" in s.actions)
    assert_no_bugs(two)


# files that changed, and apps that are closed


def test_files_that_changed_stop_a_delivery_which_ends_well_once_they_are_back(
    two: Two, world: World
) -> None:
    thread = request(two, world)
    two.owner.eventually(lambda: thread in threads(two.owner))
    sign(two, thread)
    shown = payable(two, thread)
    two.data.write_bytes(CONTENT[:-1] + b"X")  # after registering, before delivery
    two.buyer.ask(fund(shown))
    page(
        two.owner,
        thread,
        lambda s: s.held and s.delivery is not None and s.delivery.problem,
    )
    two.owner.restart()
    two.buyer.restart()
    assert page(two.buyer, thread, lambda s: s.held).ended == ""
    two.data.write_bytes(CONTENT)  # put back
    two.buyer.ask(cmd.ResumeDelivery(thread))  # now, not only when it is tried again anyway
    done = page(two.buyer, thread, lambda s: "confirm" in s.actions)
    assert done.delivery is not None
    (received,) = (path for path in Path(done.delivery.folder).rglob("*") if path.is_file())
    assert received.read_bytes() == CONTENT
    two.buyer.stop()  # closed between the check and the confirmation
    two.buyer.start()
    two.buyer.unlock()
    two.buyer.ask(cmd.OpenOrder(thread))
    two.buyer.wait(OrderSnapshot, lambda s: s.order == thread and "confirm" in s.actions)
    no_scores = cmd.ConfirmOrder(thread, (0, 1, 2, 3, 4, 5))
    assert two.buyer.refused(no_scores, "confirm.scores").about == thread
    two.buyer.ask(cmd.ConfirmOrder(thread, (5, 5, 5, 5, 5, 5), "As said."))
    page(two.buyer, thread, lambda s: s.ended == "paid")
    page(two.owner, thread, lambda s: s.ended == "paid")
    again = cmd.ConfirmOrder(thread, (1, 1, 1, 1, 1, 1))
    assert two.buyer.refused(again, "confirm.not_now").about == thread
    assert_no_bugs(two)
