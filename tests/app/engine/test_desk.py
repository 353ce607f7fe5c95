"""Pages that nothing happened to cost the database next to nothing, and what happens shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import trio
from sqlalchemy.orm import Session
from trio.testing import wait_all_tasks_blocked

from app.domain import commands as cmd
from app.domain.order import open_order
from app.domain.snapshots.datasets import (
    BrowseSnapshot,
    DatasetsSnapshot,
    RecordState,
    RegisterSnapshot,
)
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.orders import OrderRow, OrdersSnapshot
from app.domain.snapshots.shell import HomeSnapshot, SettingsSnapshot, Task
from app.engine.door import Door
from app.engine.elsewhere import OtherNetworks
from app.engine.engine import Engine
from app.engine.finding import Finding
from app.engine.membership import Membership
from app.engine.profile import Profile
from app.engine.projections import desk as module
from app.engine.projections.desk import Desk
from app.engine.projections.frame import Frame
from app.store import datasets, entries, orders, private, settings
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.private import Private
from tests.app.domain.parts import request
from tests.app.store.test_answers import asked
from tests.ui.order_samples import SELLING

DOLLAR = Currency("0x" + "09" * 20, "USDC", "Dollars", 6)
ROW = OrderRow("a" * 32, "Load", "Baltic", Amount(1, DOLLAR), "", "quiet", None, False, False)

Tell = Callable[[], dict[type, object]]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "lading.sqlite")
    yield database
    database.close()


@pytest.fixture
def door(tmp_path: Path, database: Database) -> Door:
    return Door(Profile.at(tmp_path / "profile"), database, lambda: None, None)


@pytest.fixture
def membership(tmp_path: Path, database: Database) -> Membership:
    return Membership(database, tmp_path / "practice", lambda: None)


@pytest.fixture
def desk(tmp_path: Path, database: Database, door: Door, membership: Membership) -> Desk:
    others = OtherNetworks(database, membership, lambda: None)

    def frame(session: Session) -> Frame:
        return Frame(session, None, None)

    finding = Finding(database, lambda: None, frame, lambda *_: None)
    return Desk(Profile.at(tmp_path / "profile"), database, door, others, finding)


def changes(desk: Desk, membership: Membership | None) -> list[object]:
    """What is told, without the moments in between."""
    return [told for told in desk.looks(None, None, membership) if told is not None]


@pytest.fixture
def tell(desk: Desk, membership: Membership) -> Tell:
    """What is told now, by kind."""

    def told() -> dict[type, object]:
        return {type(one): one for one in changes(desk, membership)}

    return told


def test_a_quiet_database_is_hardly_asked(database: Database, tell: Tell) -> None:
    with database.begin() as session:
        settings.put(session, "network", {"kind": "practice"})
        for number in range(20):
            datasets.save(session, OwnDataset(f"{number:032}", "/data", number))
    tell()
    with asked() as statements:
        assert tell() == {}
    # The one with which the moment begins.
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_of_more_orders_nothing_more_is_asked(database: Database, desk: Desk, tell: Tell) -> None:
    """They come one after the other, and after each commit its page is told."""
    desk.handlers[cmd.LookAt](cmd.LookAt(frozenset({OrdersSnapshot})))

    def statements_with_another(number: int) -> list[str]:
        asks = replace(request(), buyer=f"0x{number:040x}", dataset=bytes([number]) * 32)
        order, effects = open_order(f"{number:032x}", "owner", asks)
        with database.begin() as session:
            orders.append(session, order, asks, effects)
            entries.want(session, f"e{number}", "refund", thread=order.thread)
        with asked() as statements:
            page = tell()[OrdersSnapshot]
        assert isinstance(page, OrdersSnapshot)
        assert len(page.rows) == number
        return [re.sub(r"\(\?[^)]*\)", "(?)", one) for one in statements]

    tell()
    first = statements_with_another(1)
    assert [statements_with_another(number) for number in range(2, 6)] == [first] * 4


def test_each_commit_makes_its_page_new(database: Database, tell: Tell) -> None:
    tell()
    with database.begin() as session:
        datasets.save(session, OwnDataset("0" * 32, "/data", 1))
    assert set(tell()) == {DatasetsSnapshot}
    with database.begin() as session:
        settings.put(session, "at_once", 3)
    page = tell()[SettingsSnapshot]
    assert isinstance(page, SettingsSnapshot)
    assert page.at_once == 3
    assert not page.leave_by_itself  # until somebody chooses it
    with database.begin() as session:
        private.put(session, "0x" + "11" * 20, Private(contact=True))
    page = tell()[SettingsSnapshot]
    assert isinstance(page, SettingsSnapshot)
    assert len(page.people) == 1
    assert page.name == ""


def test_a_dataset_is_looked_up_while_its_page_can_be_seen(
    desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    monkeypatch.setattr(module.datasets, "dataset", lambda frame, key: looked_up.append(key))
    desk.handlers[cmd.OpenDataset](cmd.OpenDataset("aa" * 32))
    tell()
    assert looked_up == ["aa" * 32]
    desk.handlers[cmd.OpenOrder](cmd.OpenOrder("0" * 32))
    tell()
    assert looked_up == ["aa" * 32]
    desk.handlers[cmd.OpenDataset](cmd.OpenDataset("aa" * 32))
    tell()
    assert looked_up == ["aa" * 32] * 2


def test_the_page_of_an_order_comes_last_and_is_no_newer_than_the_rest(
    desk: Desk, membership: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something goes on between any two."""
    made: list[str] = []

    def making(name: str, page: object) -> Callable[..., object]:
        return lambda *_: made.append(name) or page

    listed, page = OrdersSnapshot(rows=(ROW,)), SELLING
    monkeypatch.setattr(module.order_page, "order_page", making("page", page))
    monkeypatch.setattr(module.orders, "order_list", making("list", listed))
    desk.handlers[cmd.OpenOrder](cmd.OpenOrder("a" * 32))
    for expected in ((listed, page), (None, None)):
        made.clear()
        told = []
        for snapshot in desk.looks(None, None, membership):
            told.append(snapshot)
            made.append("between")
        assert tuple(told[-2:]) == expected
        assert made[:2] == ["page", "between"]
        assert made[-3:] == ["list", "between", "between"]


@pytest.mark.trio
async def test_what_is_under_way_goes_on_between_two_pages() -> None:
    happened: list[object] = []

    def looks(*_: object) -> Iterator[object]:
        for page in ("settings", None, "order"):
            happened.append(page)
            yield page

    engine = SimpleNamespace(
        _changes=trio.Event(), _dirty=trio.Event(), _membership=None, _ledger=None, _trading=None,
        _desk=SimpleNamespace(looks=looks), _told=lambda page: None,
    )  # fmt: skip

    async def work() -> None:
        for _ in range(3):
            happened.append("work")
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(Engine._tell_all, cast(Engine, engine))
        nursery.start_soon(work)
        await wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    assert [one for one in happened if one != "work"] == ["settings", None, "order"]
    # Whoever is first in a round, there is a whole one between the first page and the third.
    assert "work" in happened[happened.index("settings") : happened.index("order")]


def test_what_nobody_looks_at_waits_until_somebody_does(
    database: Database, desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unseen(*_: object) -> None:
        raise AssertionError("nobody looks at it")

    look_at = desk.handlers[cmd.LookAt]
    tell()
    look_at(cmd.LookAt(frozenset()))
    with database.begin() as session:
        datasets.save(session, OwnDataset("0" * 32, "/data", 1))
        settings.put(session, "at_once", 3)
    with monkeypatch.context() as hidden:
        for kind in ("own_datasets", "dataset"):
            hidden.setattr(module.datasets, kind, unseen)
        hidden.setattr(module.wants, "board", unseen)
        hidden.setattr(module.subscriptions, "subscription_list", unseen)
        hidden.setattr(module.challenge, "challenge", unseen)
        hidden.setattr(module.order_page, "order_page", unseen)
        hidden.setattr(module.shell, "records", unseen)
        hidden.setattr(module.shell, "money", unseen)
        desk.handlers[cmd.OpenChallenge](cmd.OpenChallenge("aa", "bb"))
        desk.handlers[cmd.OpenOrder](cmd.OpenOrder("0" * 32))
        desk.handlers[cmd.OpenDataset](cmd.OpenDataset("aa" * 32))
        assert set(tell()) == {SettingsSnapshot}  # appearance and limits are the window's own
    look_at(cmd.LookAt(frozenset({DatasetsSnapshot})))
    assert set(tell()) == {DatasetsSnapshot}
    assert tell() == {}
    assert not desk.sees(BrowseSnapshot)


def test_homes_figures_wait_until_somebody_sees_them_and_its_tasks_do_not(
    database: Database, desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tray and staying awake go by what needs the person and what runs."""
    task = Task("0" * 32, "sign", "Load", "Baltic", Amount(1, DOLLAR), None)
    look_at = desk.handlers[cmd.LookAt]
    tell()
    look_at(cmd.LookAt(frozenset()))
    with database.begin() as session:
        datasets.save(session, OwnDataset("0" * 32, "/data", 1, state="registered"))
    assert tell() == {}
    monkeypatch.setattr(module.shell, "_asked", lambda frame: [task])
    assert tell()[HomeSnapshot] == HomeSnapshot(needs_you=(task,))
    monkeypatch.setattr(module.shell, "_asked", lambda frame: [])
    assert changes(desk, None) == [HomeSnapshot()]
    look_at(cmd.LookAt(frozenset({HomeSnapshot})))
    assert tell()[HomeSnapshot] == HomeSnapshot(datasets=1)
    with database.begin() as session:
        datasets.save(session, OwnDataset("1" * 32, "/data", 2, state="registered"))
    assert changes(desk, None) == []  # no transfer changes a figure
    assert tell()[HomeSnapshot] == HomeSnapshot(datasets=2)


def test_what_a_page_begins_with_is_told_whatever_is_in_front(
    desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Register begins anew where the last draft is on record; Orders opens the newest."""
    desk.handlers[cmd.LookAt](cmd.LookAt(frozenset()))
    desk.opening(cmd.OpenDraft("aa"))
    tell()
    final, listed = RegisterSnapshot("aa", state="final"), OrdersSnapshot(rows=(ROW,))
    monkeypatch.setattr(module.datasets, "draft", lambda *_: final)
    monkeypatch.setattr(module.orders, "order_list", lambda frame: listed)
    told = tell()
    assert told[RegisterSnapshot] == final
    assert told[OrdersSnapshot] == listed


def test_how_far_a_transfer_is_costs_no_other_page(
    database: Database, desk: Desk, tell: Tell, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = {HomeSnapshot: HomeSnapshot(orders_this_month=1), OrdersSnapshot: OrdersSnapshot()}
    monkeypatch.setattr(module.shell, "home", lambda frame, before: moving[HomeSnapshot])
    monkeypatch.setattr(module.orders, "order_list", lambda frame: moving[OrdersSnapshot])
    tell()
    door._put_name("Nordhaven")
    moving[HomeSnapshot] = HomeSnapshot(orders_this_month=2)
    door.shown_words = ("abandon",)
    assert changes(desk, None) == [moving[HomeSnapshot]]
    page = tell()[SettingsSnapshot]  # and nothing of the rest is lost by that
    assert isinstance(page, SettingsSnapshot)
    assert (page.name, page.words) == ("Nordhaven", ("abandon",))
    assert tell()[SettingsSnapshot] == replace(page, words=())


def test_a_draft_on_record_is_looked_up_until_an_order_is_opened(
    desk: Desk, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []
    state: RecordState = "being_recorded"

    def draft(frame: Frame, key: str, opened: int) -> RegisterSnapshot:
        looked_up.append(key)
        return RegisterSnapshot(key, state=state, opened=opened)

    monkeypatch.setattr(module.datasets, "draft", draft)
    desk.opening(cmd.OpenDraft("aa"))
    tell()
    tell()
    state = "final"
    assert tell()[RegisterSnapshot] == RegisterSnapshot("aa", state="final")
    tell()  # another network may still say something about it
    assert looked_up == ["aa"] * 4
    desk.handlers[cmd.OpenOrder](cmd.OpenOrder("0" * 32))
    tell()
    tell()
    assert looked_up == ["aa"] * 5
    desk.opening(cmd.OpenDraft("aa"))
    tell()
    tell()
    assert looked_up == ["aa"] * 7


def test_a_draft_that_is_opened_while_another_is_told_stays(
    desk: Desk, membership: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up = []

    def draft(frame: Frame, key: str, opened: int) -> RegisterSnapshot:
        looked_up.append(key)
        return RegisterSnapshot(key, state="final", opened=opened)

    monkeypatch.setattr(module.datasets, "draft", draft)
    desk.opening(cmd.OpenDraft("aa"))
    desk.handlers[cmd.OpenOrder](cmd.OpenOrder("0" * 32))
    for snapshot in desk.looks(None, None, membership):
        if isinstance(snapshot, RegisterSnapshot):
            desk.opening(cmd.OpenDraft("bb"))
            desk.handlers[cmd.OpenOrder](cmd.OpenOrder("0" * 32))
    changes(desk, membership)
    assert looked_up == ["aa", "bb"]


def test_a_new_name_and_a_backup_are_shown(tell: Tell, door: Door) -> None:
    tell()
    door._put_name("Nordhaven")
    door._keep(backed_up=True)
    page = tell()[SettingsSnapshot]
    assert isinstance(page, SettingsSnapshot)
    assert (page.name, page.backed_up) == ("Nordhaven", True)
