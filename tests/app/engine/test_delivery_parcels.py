"""Parcels inside the engine: whose they are, when they may be opened, who writes to the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.errors import RuleError
from app.domain.snapshots.orders import ParcelView
from app.engine import stores as stores_module
from app.engine.deliveries import Deliveries
from app.engine.delivery_parcels import DeliveryParcels, SavedParcel
from app.engine.journal import Journal
from app.engine.outbox import Later
from app.engine.profile import Profile
from app.engine.stores import Stores
from app.store.database import Database
from p2p.parcels import LEAST_PART_BYTES, ParcelError
from tests.app.domain.parts import THREAD, funded, offer, request
from tests.p2p.people import Dataset, make_dataset

ORDER = b"i" * 32


class Desk(Deliveries):
    """One side's deliveries without a network or a chain."""

    def __init__(self, profile: Profile, database: Database, dataset: Dataset) -> None:
        self.stores = Stores(profile, database)
        self._dataset = dataset
        self.excused = lambda thread: False
        self.lifted: list[str] = []
        self.parts = 0

    def ask_before_blame(self, excused) -> None:
        self.excused = excused

    async def source_of(self, order):
        return self._dataset.source(name="work")

    def pause(self, thread, yes) -> None:
        assert not yes
        self.lifted.append(thread)

    def found(self, order, spool) -> None:
        self.parts = spool.next_chunk


class Side:
    """An order of one side, paid, and its parcels; what was said is in ``failed``."""

    def __init__(self, folder: Path, role: str, dataset: Dataset, order_id: bytes = ORDER) -> None:
        self.profile = Profile.at(folder)
        self.database = Database.open(self.profile.database)
        self.journal = Journal(self.database, lambda thread: None)
        made = replace(request(), records=dataset.made.fingerprint.records)
        self.journal.begin(THREAD, role, made)
        signed = {"key_commit": "6b" * 32}
        self.journal.record(THREAD, replace(offer(), order_id=order_id, offer=signed))
        self.journal.record(THREAD, funded())
        self.desk = Desk(self.profile, self.database, dataset)
        self.failed: list[str] = []
        self.came: list[str] = []
        self.changed = lambda: None
        self.start()

    def start(self) -> None:
        self.parcels = DeliveryParcels(
            self.profile,
            self.database,
            self.journal,
            self.desk,
            lambda error, thread: self.failed.append(getattr(error, "code", repr(error))),
            lambda: self.changed(),
            self.came.append,
        )

    def view(self) -> ParcelView | None:
        with self.database.read() as session:
            return self.parcels.view(session, THREAD)

    async def save(self, folder: Path, part_bytes: int = 0) -> SavedParcel | None:
        return await self.parcels.save(cmd.ExportParcel(THREAD, folder, part_bytes))

    async def open(self, *paths: Path, order: str = "") -> str:
        """Until it is done."""
        async with trio.open_nursery() as nursery:
            self.parcels.use(nursery)
            return await self.parcels.open(cmd.ImportParcel(paths, order))

    async def refused(self, *paths: Path, order: str = "") -> str:
        with pytest.raises((RuleError, ParcelError, ExceptionGroup)) as caught:
            await self.open(*paths, order=order)
        error = caught.value
        return (error.exceptions[0] if isinstance(error, ExceptionGroup) else error).code


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    made = make_dataset(tmp_path, 3_500_000)
    monkeypatch.setattr(stores_module, "registered", lambda database, order: made.made.fingerprint)
    return made


@pytest.fixture
def owner(tmp_path: Path, dataset: Dataset) -> Iterator[Side]:
    side = Side(tmp_path / "owner", "owner", dataset)
    yield side
    side.database.close()


@pytest.fixture
def buyer(tmp_path: Path, dataset: Dataset) -> Iterator[Side]:
    side = Side(tmp_path / "buyer", "buyer", dataset)
    yield side
    side.database.close()


@pytest.mark.trio
async def test_what_the_owner_saves_the_buyer_opens(
    owner: Side, buyer: Side, tmp_path: Path
) -> None:
    saved = await owner.save(tmp_path / "stick")
    (path,) = (tmp_path / "stick").iterdir()
    assert saved == SavedParcel(THREAD, 1, path.stat().st_size)
    assert path.name == "order-69696969.lading"
    assert await buyer.open(path) == THREAD
    assert (buyer.desk.parts, buyer.failed, buyer.came) == (4, [], [THREAD])
    assert buyer.desk.lifted == [THREAD]  # paused or not, it goes on
    assert buyer.view() is None


@pytest.mark.trio
async def test_what_is_missing_is_known_after_a_start_too(
    owner: Side, buyer: Side, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    saved = await owner.save(stick, LEAST_PART_BYTES)
    assert saved is not None
    assert saved.parts == 5
    paths = sorted(stick.iterdir())
    paths[3].write_bytes(paths[3].read_bytes()[:-1])
    with paths[4].open("r+b") as file:
        file.seek(9)
        file.write(b"?")
    await buyer.open(*paths)
    assert buyer.failed == ["parcel.spoiled"]
    assert buyer.desk.lifted == []
    buyer.start()
    view = buyer.view()
    assert view is not None
    assert (view.doing, view.parts, view.missing) == ("", 5, ((4, 5),))
    for path in paths:
        path.unlink()
    await owner.save(stick, LEAST_PART_BYTES)
    await buyer.open(stick)
    assert buyer.view() is None
    assert buyer.desk.parts == 4


@pytest.mark.trio
async def test_only_the_buyer_of_a_paid_order_opens_one(
    owner: Side, buyer: Side, tmp_path: Path
) -> None:
    await owner.save(tmp_path / "stick")
    (path,) = (tmp_path / "stick").iterdir()
    note = tmp_path / "note.txt"
    note.write_text("not a parcel")
    assert await owner.refused(path) == "parcel.own"
    assert await buyer.refused(note) == "none"
    assert await buyer.refused(tmp_path / "buyer") == "none"
    buyer.journal.record(THREAD, ev.ContentReceived(1, bytes(32)))
    assert await buyer.refused(path) == "parcel.not_now"
    with pytest.raises(RuleError) as refused:
        await buyer.save(tmp_path / "mine")
    assert refused.value.code == "parcel.save_not_now"


@pytest.mark.trio
async def test_another_order_is_named_as_such(owner: Side, buyer: Side, tmp_path: Path) -> None:
    await owner.save(tmp_path / "stick")
    (path,) = (tmp_path / "stick").iterdir()
    other = "cd" * 16
    buyer.journal.begin(other, "buyer", request())
    assert await buyer.refused(path, order=other) == "parcel.other"
    assert await buyer.open(path, order=THREAD) == THREAD


@pytest.mark.trio
async def test_a_parcel_of_somebody_elses_order_is_unknown(
    owner: Side, dataset: Dataset, tmp_path: Path
) -> None:
    await owner.save(tmp_path / "stick")
    stranger = Side(tmp_path / "stranger", "buyer", dataset, b"j" * 32)
    try:
        assert await stranger.refused(tmp_path / "stick") == "parcel.unknown"
    finally:
        stranger.database.close()


@pytest.mark.trio
async def test_one_at_a_time_and_it_can_be_stopped(
    owner: Side, buyer: Side, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    await owner.save(stick)
    owner.parcels.stop(cmd.StopParcel(THREAD))  # nothing runs: nothing is stopped later
    assert await owner.save(stick, LEAST_PART_BYTES) is not None
    with owner.parcels.begun(THREAD, "saving"):
        with pytest.raises(RuleError) as refused:
            await owner.save(stick)
        assert refused.value.code == "parcel.running"

    owner.changed = lambda: owner.parcels.stop(cmd.StopParcel(THREAD))
    assert await owner.save(tmp_path / "other") is None
    assert list((tmp_path / "other").iterdir()) == []


@pytest.mark.trio
async def test_a_parcel_excuses_other_data_once(owner: Side, buyer: Side, tmp_path: Path) -> None:
    assert not buyer.desk.excused(THREAD)  # then it was the disk, or the owner
    await owner.save(tmp_path / "stick")
    await buyer.open(tmp_path / "stick")
    assert buyer.desk.excused(THREAD)
    assert buyer.failed == ["parcel.forged"]
    assert not buyer.desk.excused(THREAD)


@pytest.mark.trio
async def test_the_network_stops_writing_while_a_parcel_is_opened(buyer: Side) -> None:
    order = buyer.journal.order(THREAD)
    stores = buyer.desk.stores
    fetching, stopped = trio.Event(), trio.Event()

    async def fetch() -> None:
        try:
            async with stores.to_fetch(order):
                fetching.set()
                await trio.sleep_forever()
        except Later:
            stopped.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(fetch)
        await fetching.wait()
        async with stores.instead(order) as spool:
            assert spool.next_chunk == 0
            with trio.fail_after(60):
                await stopped.wait()
            with pytest.raises(Later):
                async with stores.to_fetch(order):
                    pass
    async with stores.to_fetch(order) as spool:
        assert spool.records == order.records
