"""Large parcels are saved and opened, left at relays and fetched there, by processes of their own:
with the same bytes, stopped and gone on with as before, and with what went wrong told as before."""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from p2p import keeping, kept_sealing, parcels, stepwork, worker
from p2p.errors import Cancelled, ContentChanged, ContentError, PeerError, Unreachable
from p2p.kept_sealing import KeptSealer, KeptStorer
from p2p.parcel_taking import Taken, find_parts, take
from p2p.parcels import CHECK, HEAD, LEAST_PART_BYTES, ParcelError
from p2p.records import CHUNK, CHUNK_RECORDS, PAYLOAD
from p2p.spool import Spool
from p2p.stepwork import Steps, Stepwise
from p2p.worker import Here, Worker
from tests.p2p.datasets import Dataset, make_dataset, noise
from tests.p2p.parcelled import Desk
from tests.p2p.test_keeping import TICKET, source, trading
from tests.p2p.test_worker import away, gone

__all__ = ["away"]

FILES = {"a": noise(3 * CHUNK_RECORDS * PAYLOAD), "b": b"the last, shorter chunk"}
TWO_BLOCKS = HEAD + 2 * (CHUNK + CHECK)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Five blocks: the leaf hashes, and four chunks."""
    return Desk(make_dataset(tmp_path, FILES))


def at_step(number: int, do: Callable[[], object]) -> Callable[[int, int], None]:
    """Does something once, when the work tells for that time how far it is."""
    left = [number]

    def progress(done: int, total: int) -> None:
        left[0] -= 1
        if not left[0]:
            do()

    return progress


def assert_whole(desk: Desk) -> None:
    assert desk.spool().delivery_root() == desk.dataset.deliver("expected").delivery_root()


def test_only_a_large_parcel_is_worth_a_process(
    desk: Desk, away: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LEAST_CHUNKS", 64)
    assert desk.take(*desk.save()) == Taken(1)
    assert away == []


@pytest.mark.parametrize("part_bytes", [0, TWO_BLOCKS])
def test_processes_save_and_open_the_same(
    desk: Desk, away: list[Worker], monkeypatch: pytest.MonkeyPatch, part_bytes: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(worker, "LEAST_CHUNKS", 64)
        expected = [path.read_bytes() for path in desk.save(part_bytes)]
    for path in desk.out.iterdir():
        path.unlink()
    paths = desk.save(part_bytes)
    assert [path.read_bytes() for path in paths] == expected
    seen: list[tuple[int, int]] = []
    assert desk.take(*paths, progress=lambda *moved: seen.append(moved)) == Taken(len(paths))
    assert_whole(desk)
    assert seen == sorted(seen)
    assert len(seen) == 5
    assert len(away) == 2
    assert all(gone(each.pid) for each in away)


@pytest.mark.usefixtures("away")
def test_what_is_opened_elsewhere_is_seen_here_block_by_block(desk: Desk) -> None:
    spool, seen = desk.spool(), []
    take(
        find_parts(desk.save()).parts, spool, desk.order_id, desk.keep,
        progress=lambda *_: seen.append(spool.next_chunk), cancelled=lambda: False,
    )  # fmt: skip
    assert seen == [0, 1, 2, 3, 4]
    assert spool.complete


@pytest.mark.usefixtures("away")
def test_parts_that_wait_are_kept_by_the_process(desk: Desk) -> None:
    paths = desk.save(TWO_BLOCKS)
    assert desk.take(paths[2]).missing == ((1, 2),)
    paths[2].unlink()
    assert desk.take(*paths[:2]) == Taken(3)
    assert_whole(desk)
    assert list(desk.keep.iterdir()) == []


def test_a_process_that_is_killed_while_it_saves_loses_no_finished_part(
    desk: Desk, away: list[Worker]
) -> None:
    def kill() -> None:
        os.kill(away[0].pid, signal.SIGKILL)

    with pytest.raises(ParcelError, match="goes on") as ended:
        desk.save(TWO_BLOCKS, progress=at_step(3, kill))
    assert ended.value.code == "ended"
    first = desk.out / "order.1-of-3.lading"
    assert list(desk.out.iterdir()) == [first]  # nothing unfinished is left
    made = first.stat().st_ino
    paths = desk.save(TWO_BLOCKS)
    assert first.stat().st_ino == made
    assert sorted(desk.out.iterdir()) == paths
    assert desk.take(*paths) == Taken(3)
    assert_whole(desk)


def test_a_process_that_is_killed_while_it_opens_loses_nothing_stored(
    desk: Desk, away: list[Worker]
) -> None:
    paths = desk.save()

    def kill() -> None:
        os.kill(away[1].pid, signal.SIGKILL)

    with pytest.raises(ParcelError, match="goes on") as ended:
        desk.take(*paths, progress=at_step(3, kill))
    assert ended.value.code == "ended"
    assert desk.spool().next_chunk >= 2
    assert desk.take(*paths) == Taken(1)
    assert_whole(desk)


def test_stopping_ends_the_process_and_clears_what_was_begun(
    desk: Desk, away: list[Worker]
) -> None:
    asked = iter([False] * 3)
    with pytest.raises(Cancelled, match="stopped"):
        desk.save(TWO_BLOCKS, cancelled=lambda: next(asked, True))
    assert [path.name for path in desk.out.iterdir()] == ["order.1-of-3.lading"]
    paths = desk.save(TWO_BLOCKS)
    asked = iter([False] * 3)
    with pytest.raises(Cancelled, match="go on"):
        desk.take(*paths, cancelled=lambda: next(asked, True))
    assert desk.spool().next_chunk == 2
    assert desk.take(*paths) == Taken(3)
    assert len(away) == 4
    assert all(gone(each.pid) for each in away)


class Untidy(Stepwise):
    """What it has begun cannot be cleared away."""

    def __init__(self, window: memoryview) -> None:
        super().__init__(self._begun())

    def _begun(self) -> Steps:
        try:
            yield 1, 2
            yield 2, 2
        finally:
            raise ContentError("The disk was pulled out.")


def test_stopping_is_told_even_if_what_was_begun_cannot_be_cleared_away() -> None:
    asked = iter([False])
    with pytest.raises(Cancelled, match="stopped"):
        stepwork.run(Here(0, Untidy), lambda *_: None, lambda: next(asked, True), "It was stopped.")


def test_a_disk_that_takes_no_more_is_told_as_ever(desk: Desk, away: list[Worker]) -> None:
    def full() -> None:
        resource.prlimit(away[-1].pid, resource.RLIMIT_FSIZE, (CHUNK * 3 // 2,) * 2)

    with pytest.raises(ParcelError, match="at most 4 GB") as refused:
        desk.save(progress=at_step(1, full))
    assert (refused.value.code, refused.value.name) == ("large", "order.lading")
    assert list(desk.out.iterdir()) == []
    paths = desk.save()
    with pytest.raises(ContentError, match="File too large"):
        desk.take(*paths, progress=at_step(1, full))
    assert desk.spool().next_chunk == 1
    assert desk.take(*paths) == Taken(1)
    assert_whole(desk)


@pytest.mark.usefixtures("away")
def test_files_that_change_meanwhile_are_not_sealed(desk: Desk) -> None:
    changed = desk.dataset.base / "source" / "a"

    def change() -> None:
        changed.write_bytes(FILES["a"][:-1] + b"?")

    with pytest.raises(ContentChanged):
        desk.save(progress=at_step(2, change))
    assert list(desk.out.iterdir()) == []
    changed.write_bytes(FILES["a"])
    assert desk.take(*desk.save()) == Taken(1)


@pytest.mark.usefixtures("away")
def test_a_medium_that_goes_meanwhile_keeps_what_came(desk: Desk) -> None:
    paths = desk.save(LEAST_PART_BYTES)
    last = paths[-1].read_bytes()
    with pytest.raises(ContentError, match="is gone"):
        desk.take(*paths, progress=at_step(2, paths[-1].unlink))
    assert desk.spool().next_chunk == 3
    paths[-1].write_bytes(last)
    assert desk.take(*paths) == Taken(5)
    assert_whole(desk)


# At a relay


@pytest.fixture
def kept(tmp_path: Path) -> Dataset:
    """Three chunks and a bit."""
    return make_dataset(tmp_path, noise(3 * CHUNK_RECORDS * PAYLOAD))


@pytest.mark.trio
async def test_a_parcel_is_left_and_fetched_by_processes(
    kept: Dataset, tmp_path: Path, away: list[Worker]
) -> None:
    async with trading(kept, tmp_path) as trade:
        await trade.leave()
        trade.assert_whole(await trade.fetch())
        assert len(away) == 2
        await trade.leave()
        await trade.fetch()
        assert len(away) == 2  # nothing is left to do: nobody is started for it
        assert trade.sent == trade.layout.blocks
    assert all(gone(each.pid) for each in away)


@pytest.mark.trio
async def test_a_process_that_is_killed_at_a_relays_parcel_is_not_the_relays_fault(
    kept: Dataset, tmp_path: Path, away: list[Worker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT_UNANSWERED", 1)
    async with trading(kept, tmp_path) as trade:

        def kill() -> None:
            os.kill(away[-1].pid, signal.SIGKILL)

        with pytest.raises(ParcelError) as ended:
            await trade.leave(progress=at_step(2, kill))
        assert ended.value.code == "ended"
        await trade.leave()
        assert trade.sent == trade.layout.blocks  # what was there is not left again
        with pytest.raises(Unreachable, match="tried again"):
            await trade.fetch(progress=at_step(3, kill))
        assert trade.spool().next_chunk >= 2
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
@pytest.mark.usefixtures("away")
async def test_stopping_a_fetch_keeps_what_has_come(kept: Dataset, tmp_path: Path) -> None:
    async with trading(kept, tmp_path) as trade:
        await trade.leave()
        asked = iter([False] * 3)
        with pytest.raises(Cancelled):
            await trade.fetch(stopped=lambda: next(asked, True))
        assert trade.spool().next_chunk == 2
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
@pytest.mark.usefixtures("away")
async def test_a_changed_file_and_a_full_disk_come_through_the_process(
    kept: Dataset, tmp_path: Path, away: list[Worker]
) -> None:
    async with trading(kept, tmp_path) as trade:
        with (tmp_path / "source").open("r+b") as file:
            file.seek(CHUNK_RECORDS * PAYLOAD * 2)
            was = file.read(5)
            file.seek(CHUNK_RECORDS * PAYLOAD * 2)
            file.write(b"other")
        with pytest.raises(ContentChanged):
            await trade.leave()
        with (tmp_path / "source").open("r+b") as file:
            file.seek(CHUNK_RECORDS * PAYLOAD * 2)
            file.write(was)
        await trade.leave()

        def full() -> None:
            resource.prlimit(away[-1].pid, resource.RLIMIT_FSIZE, (CHUNK * 3 // 2,) * 2)

        with pytest.raises(ContentError, match="File too large"):
            await trade.fetch(progress=at_step(1, full))
        trade.assert_whole(await trade.fetch())


def test_nothing_is_stored_behind_a_block_that_was_wrong(
    kept: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked ahead would come to another one's place."""
    monkeypatch.setattr(parcels, "LEAF_BLOCK", 4096)  # seven of leaf hashes
    theirs, ours = (memoryview(bytearray(kept_sealing.WINDOW_CHUNKS * CHUNK)) for _ in range(2))
    sealer = KeptSealer(source(kept, tmp_path), TICKET, theirs)
    spool = Spool(tmp_path / "received", kept.fingerprint.records, kept.fingerprint.root)
    storer = KeptStorer(TICKET, 0, ours)
    storer.begin(spool)

    def store(index: int, flip: int = 0) -> None:
        size, check = sealer.seal(index)
        ours[:] = theirs
        kept_sealing.slot_of(ours, index)[7] ^= flip
        storer.store(index, size, check)

    store(0)
    for index, flip in ((1, 1), (2, 0)):
        with pytest.raises(PeerError):
            store(index, flip)
    assert spool.leaves_received == 4096 // 32
    store(1)
