"""Deliveries that are left at a relay by themselves: when, how long, and who can end it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import trio
import trio.testing

from app.domain import commands as cmd
from app.engine import kept_parcels
from app.engine.kept_parcels import LeftParcel, Place
from app.engine.leaving import (
    ABSENT_SECONDS,
    AGAIN_SECONDS,
    AWAY_SECONDS,
    BROKEN_SECONDS,
    LOOK_SECONDS,
    SETTING,
    Leaving,
)
from app.store import settings
from p2p.errors import ContentError, PeerError, Unreachable
from p2p.keeping import NO_PARCEL
from tests.app.domain.parts import THREAD
from tests.app.engine.test_delivery_parcels import Side
from tests.app.engine.test_kept_parcels import (
    FAR,
    NO_KEY,
    ONE,
    RECEIPT,
    Kept,
    room,
    stop_by_pausing_all,
    stop_by_unplugging,
)
from tests.p2p.people import Dataset, make_dataset


class Owner:
    """An owner with a relay that has room; its clock is turned by hand."""

    def __init__(self, side: Side, *, chosen: bool = True, **relays: int) -> None:
        if chosen:
            with side.database.begin() as session:
                settings.put(session, SETTING, True)
        self.kept = room(side, **(relays or {"one": 0}))
        self.now = 0.0
        self.host = SimpleNamespace(peers=())
        self.leaving = Leaving(side.database, side.desk, self.kept.parcels, lambda: self.now)
        self.leaving.connect(self.host)  # type: ignore[arg-type]
        self.side = side

    async def looks(self, after: float = 0.0) -> list[str]:
        """What was asked of relays when so many seconds more have passed."""
        self.now += after
        await self.leaving.look()
        return list(self.kept.asked("leave"))

    def buyer_comes(self, yes: bool = True) -> None:
        buyer = SimpleNamespace(identity=self.kept.order.buyer)
        self.host.peers = (buyer,) if yes else ()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"), 1_500_000)


@pytest.fixture
def side(tmp_path: Path, dataset: Dataset) -> Iterator[Side]:
    side = Side(tmp_path / "owner", "owner", dataset)
    yield side
    side.database.close()


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_parcels, "WAIT_LOOK_SECONDS", 0.01)


@pytest.mark.trio
async def test_it_is_left_once_the_buyer_has_been_away_long_enough(side: Side) -> None:
    owner = Owner(side)
    assert await owner.looks() == []
    assert await owner.looks(after=AWAY_SECONDS - 1) == []
    assert await owner.looks(after=1) == [ONE]
    assert owner.kept.parcels.place(THREAD) == Place(ONE, FAR)
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]  # it is there


@pytest.mark.trio
async def test_a_buyer_who_was_there_in_between_begins_to_be_away_anew(side: Side) -> None:
    owner = Owner(side)
    await owner.looks()
    owner.buyer_comes()
    assert await owner.looks(after=AWAY_SECONDS) == []
    owner.buyer_comes(False)
    assert await owner.looks(after=AWAY_SECONDS) == []
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]


@pytest.mark.trio
async def test_it_ends_when_the_buyer_comes_and_goes_on_when_they_have_gone(side: Side) -> None:
    owner = Owner(side)
    owner.kept.relays.under_way = owner.buyer_comes
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    assert owner.kept.parcels.place(THREAD) == Place(ONE)  # a beginning
    assert not owner.kept.parcels.was_stopped(THREAD)
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    owner.kept.relays.under_way = lambda: None
    owner.buyer_comes(False)
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE, ONE]
    assert owner.kept.parcels.place(THREAD) == Place(ONE, FAR)


@pytest.mark.trio
@pytest.mark.parametrize(
    "why",
    [
        *("never chosen", "switched off", "paused", "paused by the buyer"),
        *("no room", "too late", "received"),
    ],
)
async def test_it_is_not_left_where_that_is_not_wanted_or_there_is_no_place(
    side: Side, why: str
) -> None:
    owner = Owner(side, chosen=why != "never chosen", one=-1 if why == "no room" else 0)
    if why == "switched off":
        with side.database.begin() as session:
            settings.put(session, SETTING, False)
    elif why == "paused":
        side.desk.pauses.pause(THREAD, True)
    elif why == "paused by the buyer":
        side.desk.pauses.heard(THREAD, True)
    elif why == "too late":
        owner.kept.ledger.now = NO_KEY
    elif why == "received":
        side.journal.record(THREAD, RECEIPT)
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == []


@pytest.mark.trio
async def test_who_stops_it_has_stopped_it_until_they_ask_for_it(side: Side) -> None:
    owner = Owner(side)
    owner.kept.relays.under_way = lambda: side.parcels.stop(cmd.StopParcel(THREAD))
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    owner.kept.relays.under_way = lambda: None
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    again = Owner(side)  # also after a start
    await again.looks()
    assert await again.looks(after=AWAY_SECONDS) == []
    assert await again.kept.leave() == LeftParcel(THREAD)
    assert not again.kept.parcels.was_stopped(THREAD)


@pytest.mark.trio
@pytest.mark.parametrize("end", [None, PeerError("no"), ContentError("The disk is full.")])
async def test_stop_counts_however_it_ends(side: Side, end: Exception | None) -> None:
    owner = Owner(side)

    def stops() -> None:
        side.parcels.stop(cmd.StopParcel(THREAD))
        if end is not None:
            raise end

    owner.kept.relays.under_way = stops
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    owner.kept.relays.under_way = lambda: None
    assert await owner.looks(after=AGAIN_SECONDS) == [ONE]
    assert owner.kept.parcels.was_stopped(THREAD)


@pytest.mark.trio
async def test_who_stops_it_while_the_relay_breaks_off_is_not_told_about_the_relay(
    side: Side,
) -> None:
    owner = Owner(side)

    def stops() -> None:
        side.parcels.stop(cmd.StopParcel(THREAD))
        raise Unreachable("broken off")

    owner.kept.relays.under_way = stops
    assert await owner.kept.leave() is None


@pytest.mark.trio
async def test_relays_that_refuse_are_asked_again_after_a_while_and_nobody_is_disturbed(
    side: Side,
) -> None:
    owner = Owner(side)
    owner.kept.relays.answers = {ONE: PeerError("no")}
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    assert await owner.looks(after=AGAIN_SECONDS - 1) == [ONE]
    assert await owner.looks(after=1) == [ONE, ONE]
    assert side.failed == []


@pytest.mark.trio
async def test_what_broke_off_goes_on_soon(side: Side) -> None:
    owner = Owner(side)

    def breaks_off() -> None:
        raise Unreachable("broken off")

    owner.kept.relays.under_way = breaks_off
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    assert await owner.looks(after=BROKEN_SECONDS - 1) == [ONE]
    owner.kept.relays.under_way = lambda: None
    assert await owner.looks(after=1) == [ONE, ONE]
    assert owner.kept.parcels.place(THREAD) == Place(ONE, FAR)


@pytest.mark.trio
async def test_what_stops_it_here_is_shown_until_it_is_mended(side: Side) -> None:
    owner = Owner(side)
    owner.kept.relays.answers = {ONE: ContentError("The file has changed.")}
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    shown = side.desk.transfer(THREAD)
    assert shown is not None
    assert shown.problem == "The file has changed."
    assert await owner.looks(after=AGAIN_SECONDS - 1) == [ONE]
    owner.kept.relays.answers = {}
    assert await owner.looks(after=1) == [ONE, ONE]
    shown = side.desk.transfer(THREAD)
    assert shown is not None
    assert shown.problem == ""


@pytest.mark.trio
async def test_a_mistake_of_ours_ends_nothing_and_is_not_made_again_at_once(
    side: Side, autojump_clock: trio.testing.MockClock
) -> None:
    owner = Owner(side)
    owner.kept.relays.answers = {ONE: RuntimeError("a bug")}
    await owner.looks()
    owner.now += AWAY_SECONDS
    with trio.move_on_after(2.5 * LOOK_SECONDS):
        await owner.leaving.run()
    assert owner.kept.asked("leave") == [ONE]
    owner.kept.relays.answers = {}
    owner.now += AGAIN_SECONDS
    with trio.move_on_after(2.5 * LOOK_SECONDS):
        await owner.leaving.run()
    assert owner.kept.parcels.place(THREAD) == Place(ONE, FAR)


@pytest.mark.trio
@pytest.mark.parametrize("whole", [True, False])
async def test_what_came_another_way_is_taken_back_from_the_relay(side: Side, whole: bool) -> None:
    owner = Owner(side)
    if not whole:
        owner.kept.relays.under_way = owner.buyer_comes
    await owner.looks()
    await owner.looks(after=AWAY_SECONDS)
    place = owner.kept.parcels.place(THREAD)
    assert place == Place(ONE, FAR if whole else 0)
    await owner.looks()
    assert owner.kept.asked("drop") == []  # the buyer still waits for it
    side.journal.record(THREAD, RECEIPT)
    await owner.looks()
    assert owner.kept.asked("drop") == [ONE]
    assert owner.kept.parcels.place(THREAD) is None
    await owner.looks(after=AWAY_SECONDS)
    assert owner.kept.asked("drop") == [ONE]


@pytest.mark.trio
async def test_a_relay_that_is_away_is_asked_to_delete_it_ever_less_often(side: Side) -> None:
    owner = Owner(side)
    await owner.kept.leave()
    side.journal.record(THREAD, RECEIPT)
    owner.kept.relays.answers = {ONE: Unreachable("away")}
    for after, times in (
        (0, 1),
        (ABSENT_SECONDS - 1, 1),
        (1, 2),
        (2 * ABSENT_SECONDS - 1, 2),
        (1, 3),
    ):
        await owner.looks(after)
        assert len(owner.kept.asked("drop")) == times
    assert owner.kept.parcels.place(THREAD) == Place(ONE, FAR)
    owner.kept.relays.answers = {ONE: PeerError(NO_PARCEL)}  # it keeps nothing of it
    await owner.looks(after=4 * ABSENT_SECONDS)
    assert len(owner.kept.asked("drop")) == 4
    assert owner.kept.parcels.place(THREAD) is None


@pytest.mark.trio
async def test_a_relay_that_has_deleted_it_itself_is_not_asked(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Owner(side)
    await owner.kept.leave()
    side.journal.record(THREAD, RECEIPT)
    monkeypatch.setattr(kept_parcels.time, "time", lambda: float(FAR))
    await owner.looks()
    assert owner.kept.asked("drop") == []
    assert owner.kept.parcels.left_over() == []


@pytest.mark.trio
async def test_it_gives_its_place_to_a_delivery_that_waits(side: Side) -> None:
    owner = Owner(side)
    with side.database.begin() as session:
        settings.put(session, "at_once", 1)
    turns = side.desk.turns
    owner.kept.relays.under_way = lambda: turns.asks("owner", "another")
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    assert owner.kept.parcels.place(THREAD) == Place(ONE)
    assert turns.asks("owner", "another")
    owner.kept.relays.under_way = lambda: None
    turns.ends("another")
    assert await owner.looks() == [ONE, ONE]


@pytest.mark.trio
@pytest.mark.parametrize("stop", [stop_by_pausing_all, stop_by_unplugging])
async def test_nothing_begins_while_all_are_paused_or_on_battery(
    side: Side, stop: Callable[[Kept, bool], None]
) -> None:
    owner = Owner(side)
    stop(owner.kept, True)
    await owner.looks()
    assert await owner.looks(after=AWAY_SECONDS) == []
    stop(owner.kept, False)
    assert await owner.looks() == [ONE]  # the buyer has been away all the time


@pytest.mark.trio
@pytest.mark.parametrize("stop", [stop_by_pausing_all, stop_by_unplugging])
async def test_what_is_paused_under_way_keeps_no_parcel_from_being_saved(
    side: Side, stop: Callable[[Kept, bool], None]
) -> None:
    owner = Owner(side)
    owner.kept.relays.under_way = lambda: stop(owner.kept, True)
    await owner.looks()
    with trio.fail_after(60):
        assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    assert side.view() is None
    assert not owner.kept.parcels.was_stopped(THREAD)
    owner.kept.relays.under_way = lambda: None
    assert await owner.looks(after=AWAY_SECONDS) == [ONE]
    stop(owner.kept, False)
    assert await owner.looks() == [ONE, ONE]
    assert owner.kept.parcels.place(THREAD) == Place(ONE, FAR)


@pytest.mark.trio
async def test_a_relay_that_is_gone_for_a_while_changes_nothing_about_the_buyers_absence(
    side: Side,
) -> None:
    owner = Owner(side)
    await owner.looks()
    relays, owner.kept.host.relays = owner.kept.host.relays, ()
    assert await owner.looks(after=AWAY_SECONDS) == []
    owner.kept.host.relays = relays
    assert await owner.looks() == [ONE]
