"""Parcels at relays inside the engine: which relay is asked, what is remembered, when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trio

from app.domain import commands as cmd
from app.domain import events as ev
from app.domain.errors import RuleError
from app.domain.order import Order
from app.engine import kept_parcels
from app.engine.kept_parcels import KeptParcels, LeftParcel, Place
from app.engine.notices import notice_of
from app.engine.pauses import Pauses
from app.engine.transfers import Transfers
from app.engine.turns import Turns
from app.store import settings
from app.ui.phrases.notices import written
from p2p import keeping
from p2p.errors import Cancelled, ContentError, PeerError, Unreachable
from p2p.identity import peer_id_of
from p2p.keeping import NO_PARCEL, Terms
from p2p.kept_sealing import Ticket, ticket
from p2p.kept_store import file_size
from p2p.parcel_saving import KeptBlocks
from p2p.reservations import RelayState
from p2p.serving import Source
from p2p.spool import Spool
from tests.app.domain.parts import START, THREAD
from tests.app.engine.test_delivery_parcels import ORDER, Side
from tests.p2p.people import Dataset, make_dataset

ONE, TWO, THREE = (
    f"/ip4/192.0.2.{n}/tcp/4001/p2p/{peer_id_of(bytes([n]) * 32)}" for n in (1, 2, 3)
)
FAR = 4_000_000_000  # unix seconds, in the next century
NO_KEY = START + 100 + 5400  # the margin before the deadline has begun
RECEIPT = ev.ReceiptSigned(START + 200, bytes(32), b"signed")


class Relays:
    """What `Host.kept` is asked, and what each relay answers with."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes]] = []
        self.answers: dict[str, Exception | None] = {}
        self.gives: Callable[[Spool], None] = lambda spool: None
        self.under_way: Callable[[], None] = lambda: None

    async def leave(
        self,
        relay: str,
        ticket: Ticket,
        buyer: str,
        source: Source,
        *,
        progress: Callable[[int, int], None],
        stopped: Callable[[], bool],
    ) -> int:
        self._answer("leave", relay, ticket)
        assert source.dk is not None
        progress(1, 2)
        self.under_way()
        if stopped():
            raise Cancelled
        return FAR

    async def fetch(
        self, relay: str, ticket: Ticket, spool: Spool, *, progress: Any, stopped: Any
    ) -> None:
        self._answer("fetch", relay, ticket)
        self.gives(spool)
        progress(spool.next_chunk, spool.chunks)

    async def drop(self, relay: str, ticket: Ticket) -> None:
        self._answer("drop", relay, ticket)

    def _answer(self, what: str, relay: str, ticket: Ticket) -> None:
        self.asked.append((what, relay, ticket.name))
        error = self.answers.get(relay)
        if error is not None:
            raise error


class Kept:
    """One side's `KeptParcels`, with relays that keep ``room`` bytes."""

    def __init__(self, side: Side, **room: int) -> None:
        self.side = side
        self.relays = Relays()
        self.host = SimpleNamespace(
            kept=self.relays,
            relays=tuple(RelayState(r, "reserved", keeps=Terms(n, 60)) for r, n in room.items()),
            relays_of=lambda peer_id, addresses: tuple(room),
        )
        letters = SimpleNamespace(
            whereabouts=lambda identity: ("peer", ()), seal_key=lambda identity: b"s" * 32
        )
        wallet = SimpleNamespace(shared_with=lambda public: b"shared" + public)
        side.desk.stored = lambda order, stored, total: None  # type: ignore[method-assign]
        side.desk.pauses = Pauses(side.database)
        side.desk.turns = Turns(side.database)
        self.ledger = SimpleNamespace(
            head="known", now=START, network=SimpleNamespace(practice=True)
        )
        side.desk._ledger = self.ledger
        side.desk._transfers = Transfers(lambda: None)
        self.called: list[str] = []
        side.desk.tell_turns(self.called.append)
        self.shown: list[str] = []
        self.parcels = KeptParcels(
            side.database,
            side.journal,
            side.desk,
            side.parcels,
            SimpleNamespace(wallet=wallet),  # type: ignore[arg-type]
            lambda: self.shown.append(self.parcels.waits(THREAD)),
        )
        self.parcels.connect(self.host, letters)  # type: ignore[arg-type]

    @property
    def order(self) -> Order:
        return self.side.journal.order(THREAD)

    async def leave(self) -> LeftParcel | None:
        return await self.parcels.leave(cmd.LeaveParcel(THREAD))

    async def refused(self) -> str:
        with pytest.raises(RuleError) as refused:
            await self.leave()
        return refused.value.code

    def asked(self, what: str) -> Sequence[str]:
        return [relay for said, relay, _ in self.relays.asked if said == what]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("data"), 1_500_000)


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


def room(side: Side, **relays: int) -> Kept:
    """Relays with so many bytes more than the parcel takes."""
    size = file_size(side.journal.order(THREAD).records)
    named = {"one": ONE, "two": TWO, "three": THREE}
    return Kept(side, **{named[name]: size + more for name, more in relays.items()})


@pytest.mark.trio
async def test_it_is_left_at_a_relay_with_room_and_the_place_is_kept(owner: Side) -> None:
    kept = room(owner, one=-1, two=0)
    assert kept.parcels.offered(kept.order)
    assert await kept.leave() == LeftParcel(THREAD)
    assert kept.asked("leave") == [TWO]
    place = kept.parcels.place(THREAD)
    assert place == Place(TWO, FAR)
    assert place.host == "192.0.2.2"
    assert not kept.parcels.offered(kept.order)


@pytest.mark.trio
async def test_both_sides_work_out_the_same_name(owner: Side, buyer: Side) -> None:
    mine, theirs = room(owner, one=0), room(buyer, one=0)
    await mine.leave()
    with theirs_spool(buyer) as spool:
        await theirs.parcels._fetch(theirs.order, spool)
    (left,), (fetched,) = mine.relays.asked, theirs.relays.asked
    assert left[2] == fetched[2] == ticket(b"shared" + b"s" * 32, ORDER).name


def theirs_spool(side: Side) -> Any:
    made = side.desk._dataset.made.fingerprint
    return nullcontext(Spool(side.profile.delivery(THREAD), made.records, made.root))


async def until(condition: Callable[[], object]) -> None:
    with trio.fail_after(60):
        while not condition():
            await trio.sleep(0.01)


def stop_by_pausing_all(kept: Kept, yes: bool) -> None:
    kept.side.desk.pauses.pause_all(yes)


def stop_by_unplugging(kept: Kept, yes: bool) -> None:
    kept.side.desk.pauses.unplugged = yes


@pytest.mark.trio
@pytest.mark.parametrize(
    ("stop", "why"), [(stop_by_pausing_all, "paused_all"), (stop_by_unplugging, "unplugged")]
)
async def test_it_is_paused_like_a_delivery_says_so_and_goes_on_where_it_was(
    owner: Side, monkeypatch: pytest.MonkeyPatch, stop: Callable[[Kept, bool], None], why: str
) -> None:
    monkeypatch.setattr(kept_parcels, "WAIT_LOOK_SECONDS", 0.01)
    kept = room(owner, one=0)
    kept.relays.under_way = lambda: stop(kept, True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.leave)
        await until(lambda: kept.parcels.place(THREAD))  # it was begun, and then it was stopped
        kept.relays.under_way = lambda: None
        assert kept.asked("leave") == [ONE]
        assert kept.parcels.place(THREAD) == Place(ONE)
        await until(lambda: kept.shown[-1:] == [why])
        assert owner.desk.turns.asks("owner", "another")  # it keeps nobody waiting meanwhile
        stop(kept, False)
        await until(lambda: kept.shown[-1] == "")
    assert kept.asked("leave") == [ONE, ONE]
    assert kept.parcels.place(THREAD) == Place(ONE, FAR)


@pytest.mark.trio
async def test_a_delivery_that_is_paused_alone_can_go_this_way(owner: Side) -> None:
    kept = room(owner, one=0)
    owner.desk.pauses.pause(THREAD, True)
    await kept.leave()
    assert kept.asked("leave") == [ONE]


@pytest.mark.trio
async def test_it_waits_for_its_turn_and_can_be_stopped_there(
    owner: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_parcels, "WAIT_LOOK_SECONDS", 0.01)
    kept = room(owner, one=0)
    with owner.database.begin() as session:
        settings.put(session, "at_once", 1)
    turns = owner.desk.turns
    assert turns.asks("owner", "another")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.leave)
        await until(lambda: turns.place(THREAD) == 1)
        await until(lambda: kept.shown[-1:] == ["queued"])
        owner.parcels.stop(cmd.StopParcel(THREAD))
    assert not kept.asked("leave")
    assert turns.place(THREAD) == 0
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.leave)
        await until(lambda: turns.place(THREAD) == 1)
        turns.ends("another")
    assert kept.asked("leave") == [ONE]
    assert turns.asks("owner", "a third one")  # its own place is free again


@pytest.mark.trio
async def test_who_waits_is_called_when_it_ends_or_is_paused(
    owner: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_parcels, "WAIT_LOOK_SECONDS", 0.01)
    kept = room(owner, one=0)
    with owner.database.begin() as session:
        settings.put(session, "at_once", 1)
    turns = owner.desk.turns

    def another_waits() -> None:
        assert not turns.asks("owner", "another")

    def pauses() -> None:
        another_waits()
        stop_by_pausing_all(kept, True)

    kept.relays.under_way = pauses
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.leave)
        await until(lambda: kept.called)
        assert turns.asks("owner", "another")
        turns.ends("another")
        kept.relays.under_way = another_waits
        stop_by_pausing_all(kept, False)
    assert kept.parcels.place(THREAD) == Place(ONE, FAR)
    assert kept.called == ["another", "another"]


@pytest.mark.trio
async def test_a_relay_that_refuses_is_followed_by_the_next_one(owner: Side) -> None:
    kept = room(owner, one=0, two=0)
    rude = "This parcel is\x1b[2J larger\u202e than this relay takes any."
    kept.relays.answers = {
        ONE: PeerError(rude + "!" * 400),
        TWO: Unreachable("The relay does not answer. It will be tried again."),
    }
    with pytest.raises(RuleError) as refused:
        await kept.leave()
    title, _, _ = written(notice_of(refused.value))
    assert "192.0.2.1: “This parcel is [2J larger than this relay takes any.!!!" in title
    assert "192.0.2.2: “The relay does not answer.” Leave it again later:" in title
    assert title.isprintable()
    assert len(title) < 600
    assert kept.asked("leave") == [ONE, TWO]
    del kept.relays.answers[TWO]
    assert await kept.leave() == LeftParcel(THREAD)
    assert kept.parcels.place(THREAD) == Place(TWO, FAR)


@pytest.mark.trio
async def test_where_it_was_begun_it_goes_on_although_the_beginning_takes_the_room(
    owner: Side,
) -> None:
    kept = room(owner, one=0, two=-1)
    kept.parcels._keep(THREAD, Place(TWO))
    assert kept.parcels.offered(kept.order)
    await kept.leave()
    assert kept.asked("leave") == [TWO]


@pytest.mark.trio
async def test_without_a_relay_that_keeps_it_nothing_is_offered(owner: Side, buyer: Side) -> None:
    kept = room(owner, one=-1)
    assert not kept.parcels.offered(kept.order)
    assert await kept.refused() == "parcel.no_relay"
    plain = Kept(owner)
    assert not plain.parcels.offered(plain.order)
    other = room(buyer, one=0)
    assert not other.parcels.offered(other.order)
    assert await other.refused() == "parcel.leave_not_now"


@pytest.mark.trio
@pytest.mark.parametrize("others", [0, 1])
async def test_a_relay_that_was_removed_is_sent_nothing_more(owner: Side, others: int) -> None:
    kept = room(owner, **{"one": 0, "two": 0} if others else {"one": 0})

    def removes_it() -> None:
        kept.host.relays = tuple(one for one in kept.host.relays if one.address != ONE)

    kept.relays.under_way = removes_it
    if others:
        assert await kept.leave() == LeftParcel(THREAD)
        assert kept.parcels.place(THREAD) == Place(TWO, FAR)
    else:
        assert await kept.refused() == "parcel.relay_failed"
        assert kept.parcels.place(THREAD) == Place(ONE)  # a beginning, to be taken back
    assert kept.asked("leave") == [ONE, TWO][: others + 1]


@pytest.mark.trio
async def test_what_was_begun_at_a_relay_that_was_removed_goes_on_where_it_is_now(
    owner: Side,
) -> None:
    kept = room(owner, two=0, three=0)
    kept.parcels._keep(THREAD, Place(ONE))

    def breaks_off() -> None:
        raise Unreachable("broken off")

    kept.relays.under_way = breaks_off
    kept.relays.answers = {TWO: PeerError("no")}
    assert await kept.refused() == "parcel.relay_failed"
    assert kept.parcels.place(THREAD) == Place(THREE)
    kept.relays.under_way, kept.relays.answers = lambda: None, {}
    await kept.leave()
    assert kept.asked("leave") == [TWO, THREE, THREE]


@pytest.mark.trio
async def test_what_can_get_no_key_any_more_is_not_left(owner: Side) -> None:
    kept = room(owner, one=0)
    kept.ledger.now = NO_KEY - 1
    assert kept.parcels.offered(kept.order)
    kept.ledger.now = NO_KEY
    assert not kept.parcels.offered(kept.order)
    assert await kept.refused() == "parcel.leave_not_now"
    kept.ledger.now, kept.ledger.head = START, None  # nothing is known yet
    assert not kept.parcels.offered(kept.order)


@pytest.mark.trio
@pytest.mark.parametrize("why", ["too late", "received"])
async def test_it_ends_where_it_has_become_of_no_use(owner: Side, why: str) -> None:
    kept = room(owner, one=0)

    def under_way() -> None:
        if why == "received":
            owner.journal.record(THREAD, RECEIPT)
        else:
            kept.ledger.now = NO_KEY

    kept.relays.under_way = under_way
    assert await kept.leave() is None
    assert kept.asked("leave") == [ONE]
    assert kept.parcels.place(THREAD) == Place(ONE)  # a beginning
    assert not kept.parcels.was_stopped(THREAD)


@pytest.mark.trio
async def test_what_was_kept_long_enough_can_be_left_again(
    owner: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = room(owner, one=0)
    await kept.leave()
    monkeypatch.setattr(kept_parcels.time, "time", lambda: float(FAR))
    assert kept.parcels.place(THREAD) is None
    assert kept.parcels.offered(kept.order)


@pytest.mark.trio
async def test_the_buyer_asks_one_relay_after_the_other_and_remembers_where_it_came_from(
    buyer: Side, dataset: Dataset
) -> None:
    kept = room(buyer, one=0, two=0, three=0)
    kept.relays.answers = {ONE: PeerError(NO_PARCEL), TWO: PeerError("something else")}
    blocks = KeptBlocks(source(dataset))
    layout = keeping.shape(kept.order.records)

    def gives(spool: Spool) -> None:
        spool.put_leaves(blocks.block(0))
        for number in range(layout.leaf_blocks, layout.blocks):
            spool.put_chunk(number - layout.leaf_blocks, blocks.block(number))

    with theirs_spool(buyer) as spool:
        kept.relays.answers[THREE] = Unreachable("gone")
        await kept.parcels._fetch(kept.order, spool)
        assert kept.parcels.place(THREAD) is None
        kept.relays.gives, kept.relays.answers[THREE] = gives, None
        await kept.parcels._fetch(kept.order, spool)
        assert spool.complete
        await kept.parcels._fetch(kept.order, spool)  # nothing is missing: nobody is asked
    assert kept.asked("fetch") == [ONE, TWO, THREE, ONE, THREE]  # who lied is not asked again
    assert kept.parcels.place(THREAD) == Place(THREE)
    assert kept.parcels.left_over() == []
    buyer.journal.record(THREAD, ev.ContentReceived(START + 200, bytes(32)))
    kept.relays.answers[THREE] = Unreachable("gone")
    async with trio.open_nursery() as nursery:
        kept.parcels.use(nursery)
        kept.parcels._received(kept.order)
    assert kept.asked("drop") == [THREE]
    (left,) = kept.parcels.left_over()  # it is asked again
    assert left == (kept.order, Place(THREE))
    kept.relays.answers[THREE] = None
    assert await kept.parcels.take_back(*left)
    assert kept.parcels.left_over() == []


def source(dataset: Dataset) -> Source:
    return dataset.source(name="work-kept")


@pytest.mark.trio
async def test_a_full_disk_is_not_a_relays_fault(buyer: Side) -> None:
    kept = room(buyer, one=0)
    kept.relays.answers = {ONE: ContentError("There is not enough room on the disk.")}
    with theirs_spool(buyer) as spool, pytest.raises(ContentError):
        await kept.parcels._fetch(kept.order, spool)
    assert not kept.parcels._useless


@pytest.mark.trio
async def test_what_did_not_come_from_a_relay_is_dropped_nowhere(buyer: Side) -> None:
    kept = room(buyer, one=0)
    async with trio.open_nursery() as nursery:
        kept.parcels.use(nursery)
        kept.parcels._received(kept.order)
    assert not kept.relays.asked
    with buyer.database.read() as session:
        assert settings.get(session, f"kept:{THREAD}", None) is None
