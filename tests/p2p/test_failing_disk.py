"""A disk that fails in the middle of a delivery: what it did not keep does not count, is asked for
again, and in the end the bytes are the same."""

import time
from pathlib import Path

import pytest

from p2p import spool as spool_module
from p2p import worker
from p2p.errors import ContentError
from p2p.records import CHUNK_RECORDS, LEAF
from p2p.spool import Spool
from tests.p2p.failing import Failing
from tests.p2p.people import Dataset, Person, make_dataset, on_line
from tests.p2p.test_delivery import DK, ORDER, expected_root, fetch, open_spool

CHUNKS, SEGMENT = 12, 4


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make_dataset(tmp_path, 12_000_000)


@pytest.mark.trio
@pytest.mark.parametrize("away", [False, True], ids=["here", "processes"])
async def test_what_could_not_be_forced_is_neither_counted_nor_acknowledged_and_comes_again(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    """More chunks are written while the disk fails, and behind it: none of them counts."""
    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1 if away else CHUNKS + 1)
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", SEGMENT)
    spool = open_spool(dataset, tmp_path)
    entries = spool.folder / "entries"
    noted: list[int] = []
    forget = Spool._forget_unforced

    def forgetting(failed: Spool, chunks: int) -> None:
        forget(failed, chunks)
        noted.append(chunks)
        size, until = entries.stat().st_size, time.monotonic() + 1
        while entries.stat().st_size == size and time.monotonic() < until:
            time.sleep(0.001)  # a chance for whoever writes, and does not know yet

    def due() -> bool:
        """Once something is noted; what a process has noted it has forced itself."""
        chunks = spool._load_state().chunks
        failing.kept = max(failing.kept, chunks * CHUNK_RECORDS * LEAF)
        return chunks >= SEGMENT

    failing = Failing("entries", due)
    monkeypatch.setattr(Spool, "_forget_unforced", forgetting)
    monkeypatch.setattr(spool_module, "_fdatasync", failing)
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        with pytest.raises(ContentError, match="cannot be written: "):
            await fetch(buyer, owner, spool)
        assert failing.failed
        assert max(stored for _, stored in owner.sent) * CHUNK_RECORDS * LEAF <= failing.kept
        assert noted[0] < CHUNKS
        for again in (spool, open_spool(dataset, tmp_path)):  # the same app, and a new one
            assert again.next_chunk == noted[0]
            for index in range(again.next_chunk):
                again.check_evidence(index)
        owner.sent.clear()
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
        assert owner.sent[0] == (noted[0], noted[0])
    assert_whole(open_spool(dataset, tmp_path), dataset)


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


def assert_whole(spool: Spool, dataset: Dataset) -> None:
    """As a new start finds it: every chunk, and what a complaint needs of it."""
    assert spool.complete
    for index in range(spool.chunks):
        spool.check_evidence(index)
    assert spool.delivery_root() == expected_root(dataset)
