"""Pauses outlive the app, and are said on both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import trio

from app.domain import events as ev
from app.domain.order import Delivery, Order, Stage, open_order
from app.engine.deliveries import Deliveries
from app.engine.outbox import Later
from app.engine.pauses import Pauses
from app.engine.profile import Profile
from app.engine.projections.status import NEEDS_YOU, Circumstances, actions, status
from app.store import settings
from app.store.database import Database
from p2p.errors import PeerError
from p2p.serving import Source
from tests.app.domain.parts import THREAD, request
from tests.app.engine.sides import (
    BUYER,
    NOW,
    ORDER_ID,
    OWNER,
    SENT_ROOT,
    THIRD,
    Pair,
    Side,
    peer,
)
from tests.app.engine.sides import THREAD as PAID

QUIET = Circumstances((), "", False, None, False, 0, False, False)


def order(role: str, delivery: Delivery = Delivery.AWAITED) -> Order:
    made, _ = open_order(THREAD, role, request())
    return replace(made, stage=Stage.FUNDED, delivery=delivery)


def deliveries_of(side: Side, folder: Path) -> Deliveries:
    return Deliveries(
        Profile.at(folder / "profile"),
        side.database,
        side.journal,
        side.ledger,
        side.identity,
        lambda: None,
        lambda: None,
    )


@pytest.fixture
def database(pair: Pair) -> Database:
    return pair.owner.database


def test_what_is_paused_stays_so_after_a_start(database: Database) -> None:
    pauses = Pauses(database)
    assert (pauses.mine(THREAD), pauses.all, pauses.by_other(THREAD)) == ("", False, False)
    pauses.pause(THREAD, True)
    pauses.heard(THREAD, True)
    again = Pauses(database)
    assert (again.mine(THREAD), again.mine("f" * 32)) == ("one", "")
    assert again.by_other(THREAD)
    again.pause(THREAD, False)
    assert Pauses(database).mine(THREAD) == ""


def test_all_that_go_on_leave_the_one_alone_that_was_paused_alone(database: Database) -> None:
    pauses = Pauses(database)
    pauses.pause(THREAD, True)
    pauses.pause_all(True)
    assert (pauses.mine(THREAD), Pauses(database).mine("f" * 32)) == ("all", "all")
    pauses.unplugged = True
    pauses.pause_all(False)
    assert (pauses.mine(THREAD), pauses.mine("f" * 32)) == ("one", "battery")
    pauses.unplugged = False
    assert (pauses.mine(THREAD), pauses.mine("f" * 32)) == ("one", "")


@pytest.mark.parametrize(
    ("role", "around", "code", "button"),
    [
        ("owner", QUIET, "deliver", "pause"),
        ("owner", replace(QUIET, paused="one"), "paused", "resume"),
        ("owner", replace(QUIET, paused="all"), "paused", "resume_all"),
        ("owner", replace(QUIET, paused="one", pressing=True), "paused_late", "resume"),
        ("owner", replace(QUIET, other="paused"), "other_paused", "pause"),
        ("owner", replace(QUIET, paused="one", other="paused"), "paused", "resume"),
        ("owner", replace(QUIET, place=2), "queued", "deliver_next"),
        ("owner", replace(QUIET, place=1), "queued", "pause"),
        ("owner", replace(QUIET, paused="battery", place=2), "unplugged", "pause"),
        ("buyer", replace(QUIET, paused="battery", pressing=True), "unplugged_late", "pause"),
        ("buyer", QUIET, "receive", "pause"),
        ("buyer", replace(QUIET, place=3), "queued", "deliver_next"),
        ("buyer", replace(QUIET, other="queued", place=3), "other_queued", "pause"),
        ("buyer", replace(QUIET, other="queued", paused="one"), "paused", "resume"),
        ("buyer", replace(QUIET, paused="one", unreachable=True), "paused", "resume"),
        ("buyer", replace(QUIET, paused="all", pressing=True), "paused_late", "resume_all"),
        ("buyer", replace(QUIET, other="paused", unreachable=True), "other_paused", "pause"),
        ("buyer", replace(QUIET, unreachable=True, pressing=True), "wait_peer", "pause"),
    ],
)
def test_who_paused_is_said_and_what_can_be_done(
    role: str, around: Circumstances, code: str, button: str
) -> None:
    assert status(order(role), around) == code
    assert actions(order(role), code, around)[0] == button
    assert (code in NEEDS_YOU) == code.endswith("_late")


@pytest.mark.parametrize("delivery", [Delivery.RECEIVED, Delivery.RECEIPTED, Delivery.KEYED])
@pytest.mark.parametrize("role", ["owner", "buyer"])
def test_what_comes_after_the_data_is_never_paused(role: str, delivery: Delivery) -> None:
    around = replace(QUIET, paused="all", pressing=True, other="paused", place=2)
    if (role, delivery) != ("owner", Delivery.RECEIVED):  # which only a buyer has
        assert "paused" not in status(order(role, delivery), around)


def test_only_the_buyer_of_an_order_can_say_that_it_paused(pair: Pair, tmp_path: Path) -> None:
    pair.funded()
    first = deliveries_of(pair.owner, tmp_path)
    second = deliveries_of(pair.owner, tmp_path)  # as after a start
    for whom, order_id in ((THIRD, ORDER_ID), (OWNER, ORDER_ID), (BUYER, b"j" * 32)):
        with pytest.raises(PeerError, match="no such order"):
            trio.run(first.buyer_paused, peer(whom), order_id)
    assert first.other(PAID) is None
    trio.run(first.buyer_paused, peer(BUYER), ORDER_ID)
    assert (first.other(PAID), second.other(PAID)) == ("paused", "paused")


def test_an_owner_puts_off_what_it_paused_and_a_buyer_that_fetches_is_no_longer_paused(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.funded()
    owner = pair.owner
    deliveries = deliveries_of(owner, tmp_path)

    async def source_of(order: Order) -> Source:
        return Source(order.records, tmp_path, None, bytes(32), tmp_path)

    monkeypatch.setattr(deliveries, "source_of", source_of)
    deliveries.pauses.heard(PAID, True)
    source = trio.run(deliveries.source, peer(BUYER), ORDER_ID)
    assert deliveries.other(PAID) is None
    assert source.put_off() is None
    for pause in (partial(deliveries.pause, PAID), deliveries.pause_all, deliveries.unplug):
        pause(True)  # while it is being sent
        put_off = source.put_off()
        assert put_off is not None
        assert put_off.why == "paused"
        pause(False)
        assert source.put_off() is None


@pytest.mark.parametrize("resumed", [False, True])
def test_who_resumes_while_the_owner_is_told_fetches_at_once(
    pair: Pair, tmp_path: Path, resumed: bool
) -> None:
    pair.funded()
    buyer = pair.buyer
    deliveries = deliveries_of(buyer, tmp_path)
    told: list[bytes] = []

    class Told:
        """A host and its address book: the person resumes before the owner has answered."""

        def whereabouts(self, identity: str) -> tuple[str, tuple[str, ...]]:
            return "peer", ()

        async def say_paused(self, peer_id, addresses, order_id, *, identity) -> None:
            told.append(order_id)
            await trio.lowlevel.checkpoint()
            deliveries.pause(PAID, not resumed)

    deliveries.connect(Told(), Told())
    deliveries.pause(PAID, True)
    paused = buyer.order(PAID)
    assert paused is not None
    for _ in range(2):
        deliveries.pauses.pause(PAID, True)
        with pytest.raises(Later) as later:
            trio.run(deliveries._may_fetch, paused)
        assert (later.value.seconds <= 1) is resumed
    assert told == [ORDER_ID] * (2 if resumed else 1)  # once for each pause


def test_who_is_told_to_wait_keeps_its_place_until_it_had_its_turn(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.funded()
    owner = pair.owner
    with owner.database.begin() as session:
        settings.put(session, "at_once", 1)
    deliveries = deliveries_of(owner, tmp_path)

    async def source_of(order: Order) -> Source:
        return Source(order.records, tmp_path, None, bytes(32), tmp_path)

    monkeypatch.setattr(deliveries, "source_of", source_of)
    turns = deliveries.turns
    assert turns.asks("owner", "another")
    source = trio.run(deliveries.source, peer(BUYER), ORDER_ID)
    put_off = source.put_off()
    assert put_off is not None
    assert put_off.why == "queued"
    deliveries.ended(ORDER_ID)
    assert not turns.asks("owner", "later")
    assert (turns.place(PAID), turns.place("later")) == (1, 2)
    turns.ends("another")
    assert not turns.asks("owner", "later")
    assert source.put_off() is None
    called: list[str] = []
    deliveries.tell_turns(called.append)
    deliveries.ended(ORDER_ID)
    assert called == ["later"]  # need not find out by asking again
    assert turns.place(PAID) == 0
    assert turns.asks("owner", "later")


def test_nobody_is_called_where_no_place_became_free(pair: Pair, tmp_path: Path) -> None:
    """The buyer that is called asks for all its orders; one that is paused would call it again."""
    pair.funded()
    owner = pair.owner
    with owner.database.begin() as session:
        settings.put(session, "at_once", 1)
    deliveries = deliveries_of(owner, tmp_path)
    called: list[str] = []
    deliveries.tell_turns(called.append)
    turns = deliveries.turns
    assert turns.asks("owner", "another")
    assert not turns.asks("owner", "waits")
    deliveries.pause(PAID, True)
    deliveries.ended(ORDER_ID)
    assert called == []
    assert turns.place("waits") == 1
    turns.ends("another")
    deliveries.pause(PAID, False)
    assert not turns.asks("owner", PAID)  # it comes after the one that waits
    deliveries.pause(PAID, True)
    assert called == []
    assert turns.asks("owner", "waits")


def test_who_is_paused_in_its_place_gives_it_to_who_waits(pair: Pair, tmp_path: Path) -> None:
    pair.funded()
    owner = pair.owner
    with owner.database.begin() as session:
        settings.put(session, "at_once", 1)
    deliveries = deliveries_of(owner, tmp_path)
    called: list[str] = []
    deliveries.tell_turns(called.append)
    assert deliveries.turns.asks("owner", PAID)
    assert not deliveries.turns.asks("owner", "waits")
    deliveries.pause(PAID, True)
    assert called == ["waits"]
    deliveries.ended(ORDER_ID)
    assert called == ["waits"]


def test_a_buyer_is_called_while_it_could_fetch(pair: Pair, tmp_path: Path) -> None:
    deliveries = deliveries_of(pair.owner, tmp_path)

    def waits(side: Side = pair.owner) -> bool:
        found = side.order(PAID)
        assert found is not None
        return deliveries.waits_for_buyer(found)

    pair.offered()
    assert not waits()
    for one in (pair.owner, pair.buyer):
        one.journal.record(PAID, ev.Funded(NOW, 90, NOW + 1800))
    assert waits()
    assert not waits(pair.buyer)
    deliveries.pauses.pause(PAID, True)
    assert not waits()
    deliveries.pauses.pause(PAID, False)
    pair.owner.journal.record(PAID, ev.ReceiptSigned(NOW, SENT_ROOT, b"signed"))
    assert not waits()


def test_an_owner_that_is_asked_before_it_saw_the_payment_looks_at_the_record(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.offered()
    owner = pair.owner
    deliveries = deliveries_of(owner, tmp_path)
    stages: list[Stage] = []

    async def looked(enough: Callable[[], bool]) -> None:
        assert not enough()
        owner.journal.record(PAID, ev.Funded(NOW, 90, NOW + 1800))
        assert enough()

    async def source_of(order: Order) -> Source:
        stages.append(order.stage)
        return Source(order.records, tmp_path, None, bytes(32), tmp_path)

    monkeypatch.setattr(owner.ledger, "looked", looked)
    monkeypatch.setattr(deliveries, "source_of", source_of)
    for _ in range(2):  # the second time it knows
        trio.run(deliveries.source, peer(BUYER), ORDER_ID)
    assert stages == [Stage.FUNDED] * 2
