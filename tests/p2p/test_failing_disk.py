"""A disk that fails in the middle of a delivery: what it did not keep does not count, is asked for
again, and in the end the bytes are the same."""

import errno
import os
import time
from pathlib import Path

import pytest

from p2p import delivery, files, records, sealing, worker
from p2p import spool as spool_module
from p2p.delivery import storing
from p2p.errors import ContentError, Unreachable
from p2p.parcel_taking import Taken, find_parts, take
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD
from p2p.sealer import Sealer
from p2p.spool import Spool
from p2p.storer import Storer
from tests.p2p.datasets import make_dataset as make_files
from tests.p2p.datasets import never, noise, quiet
from tests.p2p.failing import Failing
from tests.p2p.parcelled import Desk
from tests.p2p.people import Dataset, Person, make_dataset, on_line
from tests.p2p.test_delivery import DK, ORDER, expected_root, fetch, open_spool

CHUNKS, SEGMENT = 12, 4


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make_dataset(tmp_path, 12_000_000)


@pytest.mark.trio
@pytest.mark.parametrize("segment", [SEGMENT, 64])
@pytest.mark.parametrize("away", [False, True], ids=["here", "processes"])
async def test_what_could_not_be_forced_comes_again_and_nothing_that_was_acknowledged(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, away: bool, segment: int
) -> None:
    """More chunks are written while the disk fails, and behind it: none of them counts."""
    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1 if away else CHUNKS + 1)
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", segment)
    monkeypatch.setattr(delivery, "CHUNKS_TOGETHER", 1)  # so that not all are forced at once
    spool = open_spool(dataset, tmp_path)
    entries = spool.folder / "entries"
    sure: list[int] = []
    forget = Spool._forget_unforced

    def forgetting(failed: Spool) -> None:
        forget(failed)
        sure.append(failed._forced)
        size, until = entries.stat().st_size, time.monotonic() + 1
        while entries.stat().st_size == size and time.monotonic() < until:
            time.sleep(0.001)  # a chance for whoever writes, and does not know yet

    failing = Failing("entries", lambda: failing.kept > 0)  # the second time
    monkeypatch.setattr(Spool, "_forget_unforced", forgetting)
    monkeypatch.setattr(spool_module, "_fdatasync", failing)
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        with pytest.raises(ContentError, match="cannot be written: "):
            await fetch(buyer, owner, spool)
        assert failing.failed
        assert max((stored for _, stored in owner.sent), default=0) <= sure[0]
        assert 0 < sure[0] < CHUNKS
        assert sure[0] * CHUNK_RECORDS * LEAF <= failing.kept
        for again in (spool, open_spool(dataset, tmp_path)):  # the same app, and a new one
            assert again.next_chunk == sure[0]
            for index in range(again.next_chunk):
                again.check_evidence(index)
        owner.sent.clear()
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
        assert owner.sent[0] == (sure[0], sure[0])
    assert_whole(open_spool(dataset, tmp_path), dataset)


@pytest.mark.trio
async def test_what_an_earlier_process_left_is_forced_before_anything_is_signed_for_it(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, source = open_spool(dataset, tmp_path), dataset.source(DK)
    left.put_leaves(source.leaves_path.read_bytes())
    for index in range(CHUNKS):
        left.begin_chunk(index, sealing.seal_chunk(DK, index, source.content.chunk(index)))
    left.settle()
    spool = open_spool(dataset, tmp_path)
    assert spool.complete
    monkeypatch.setattr(spool_module, "_fdatasync", failing := Failing("entries"))
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = source
    async with on_line(owner, buyer):
        with pytest.raises(ContentError, match="cannot be written: Input/output error"):
            await fetch(buyer, owner, spool)
        assert failing.failed
        assert (spool.next_chunk, spool.failed) == (0, False)
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
    assert_whole(open_spool(dataset, tmp_path), dataset)


def test_who_stores_what_another_process_acknowledges_forces_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells of a failure once: to who forces, and knows what was forced before."""
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 1)
    made = make_files(tmp_path, noise(2 * CHUNK_RECORDS * PAYLOAD))
    root, spool = made.deliver("expected").delivery_root(), made.spool()
    spool.put_leaves(made.leaves_path.read_bytes())
    window = memoryview(bytearray(CHUNK))
    storer, forced = Storer(window), list[int]()
    storer.begin(spool)
    monkeypatch.setattr(spool_module, "_fdatasync", forced.append)
    for index, chunk in enumerate(made.sealed()):
        window[: len(chunk)] = chunk
        assert storer.put(index, 0, len(chunk)) == index + 1
    assert storer.delivery_root() == root
    assert not forced


@pytest.mark.trio
async def test_leaf_hashes_that_could_not_be_forced_come_again(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool(dataset, tmp_path)
    monkeypatch.setattr(spool_module, "_fdatasync", failing := Failing("leaves"))
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        with pytest.raises(ContentError, match="cannot be written: Input/output error"):
            await fetch(buyer, owner, spool)
        assert failing.failed
        for again in (spool, open_spool(dataset, tmp_path)):
            assert (again.leaves_complete, again.leaves_received) == (False, 0)
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
    assert_whole(open_spool(dataset, tmp_path), dataset)


class Unlucky(Storer):
    """Its disk fails, and what was put cannot be cut off either."""

    def fail(self) -> None:
        def failing(*_: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        spool_module._fdatasync = failing
        os.truncate = failing  # in a process of its own
        self._spool.sync()


@pytest.mark.trio
async def test_what_a_process_could_not_force_does_not_count_though_it_lies_there(
    dataset: Dataset, tmp_path: Path
) -> None:
    spool, source = open_spool(dataset, tmp_path), dataset.source(DK)
    spool.put_leaves(source.leaves_path.read_bytes())
    sealed = sealing.seal_chunk(DK, 0, source.content.chunk(0))
    async with storing(spool, True, 1, Unlucky) as hands:
        hands.window[: len(sealed)] = sealed
        assert await hands.call("put", 0, 0, len(sealed)) == 1
        with pytest.raises(ContentError, match="cannot be written: Input/output error"):
            await hands.call("fail")
    assert (spool.next_chunk, spool.failed) == (0, False)
    assert open_spool(dataset, tmp_path).next_chunk == 0


def test_a_parcel_is_opened_again_where_the_disk_has_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same app, which keeps its store meanwhile."""
    desk = Desk(make_files(tmp_path, noise(2 * CHUNK_RECORDS * PAYLOAD)))
    paths, spool = desk.save(), desk.spool()
    monkeypatch.setattr(spool_module, "_fdatasync", Failing("entries"))

    def opened() -> Taken:
        parts = find_parts(paths).parts
        return take(parts, spool, desk.order_id, desk.keep, progress=quiet, cancelled=never)

    with pytest.raises(ContentError, match="cannot be written: Input/output error"):
        opened()
    assert spool.next_chunk == 0
    assert opened() == Taken(1)
    assert spool.delivery_root() == desk.dataset.deliver("expected").delivery_root()


def assert_whole(spool: Spool, dataset: Dataset) -> None:
    """As a new start finds it: every chunk, and what a complaint needs of it."""
    assert spool.complete
    for index in range(spool.chunks):
        spool.check_evidence(index)
    assert spool.delivery_root() == expected_root(dataset)


@pytest.mark.trio
async def test_leaf_hashes_that_came_stay_where_it_breaks_off_before_the_last(
    dataset: Dataset, tmp_path: Path
) -> None:
    spool = open_spool(dataset, tmp_path)
    spool.put_leaves(dataset.source(DK).leaves_path.read_bytes()[:320])

    async def breaks() -> None:
        raise Unreachable("The connection broke off.")

    with pytest.raises(Unreachable):
        async with storing(spool, False, 1, Storer, meanwhile=breaks):
            pytest.fail("began")
    assert spool.leaves_received == 10


def test_the_owner_s_part_is_on_the_disk_before_its_root_is_told(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt for it that comes after a crash of the machine is compared with what is there."""
    forced: list[str] = []
    fdatasync = files.fdatasync

    def forcing(file: int) -> None:
        forced.append(Path(f"/dev/fd/{file}").resolve().name)
        fdatasync(file)

    sealer = Sealer(dataset.source(DK), memoryview(bytearray(CHUNK)))
    for index in range(records.chunk_count(dataset.source(DK).records)):
        sealer.seal(index, 0)
    monkeypatch.setattr(files, "fdatasync", forcing)
    assert sealer.root() == expected_root(dataset)
    assert forced == ["delivery-leaves"]
