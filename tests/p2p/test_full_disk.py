"""A disk that is really full, while a delivery is stored, sealed, opened or saved as a parcel: it
is said, nothing is lost, and with room it goes on to the same bytes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from p2p import spool as spool_module
from p2p import worker
from p2p.errors import ContentError, Unreachable
from p2p.parcels import LEAST_PART_BYTES
from p2p.records import CHUNK_RECORDS, PAYLOAD
from p2p.spool import Spool
from p2p.unsealing import check_records, unseal
from tests.network.trade import assert_same
from tests.p2p import datasets
from tests.p2p.datasets import never, noise, quiet
from tests.p2p.parcelled import Desk
from tests.p2p.people import Dataset, Person, make_dataset, on_line
from tests.p2p.small_disk import MIB, Disk, small_disk
from tests.p2p.test_delivery import DK, ORDER, expected_root, fetch, open_spool
from tests.p2p.test_unsealing import tree

PIECE = CHUNK_RECORDS * PAYLOAD  # of content, in a chunk
FILES = {"a/long": noise(3 * PIECE + 1234), "b": noise(100, 2), "c": noise(PIECE, 3)}
FULL = "full. Free some space and try again; nothing that was already stored is lost"


@pytest.fixture
def disk() -> Iterator[Disk]:
    with small_disk(32 * MIB) as made:
        yield made


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make_dataset(tmp_path, 8_000_000)


@pytest.mark.trio
@pytest.mark.parametrize(
    ("left", "away"),
    [(0, False), (40_000, False), (4_400_000, False), (4_400_000, True)],
    ids=["nothing fits", "not the leaf hashes", "half of it", "half of it, processes"],
)
async def test_a_buyer_whose_disk_is_full_goes_on_with_room(
    disk: Disk, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, left: int, away: bool
) -> None:
    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1 if away else 1000)
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 2)
    spool = open_spool(dataset, disk.folder)
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        disk.fill(left)
        for _ in range(2):
            with pytest.raises(ContentError, match=FULL):
                await fetch(buyer, owner, spool)
            disk.fill()
        assert not owner.stopped
        again = open_spool(dataset, disk.folder)  # the app is started on a full disk
        acknowledged = max((stored for _, stored in owner.sent), default=0)
        assert acknowledged <= again.next_chunk == spool.next_chunk <= left // MIB
        assert bool(left // MIB) == bool(again.next_chunk)
        for index in range(again.next_chunk):
            again.check_evidence(index)
        disk.make_room()
        before = again.next_chunk
        owner.sent.clear()
        assert await fetch(buyer, owner, again) == expected_root(dataset)
        assert owner.sent[0] == (before, before)
    assert_same(open_spool(dataset, disk.folder), dataset)


@pytest.mark.trio
async def test_an_owner_whose_disk_is_full_says_so_and_goes_on_with_room(
    disk: Disk, dataset: Dataset, tmp_path: Path
) -> None:
    """What it remembers of the delivery has no place: the buyer is told to come again."""
    (tmp_path / "work").symlink_to(disk.folder)
    spool = open_spool(dataset, tmp_path)
    owner, buyer = Person("anna"), Person("ben")
    owner.sources[ORDER] = dataset.source(DK)
    async with on_line(owner, buyer):
        disk.fill(16_384)
        with pytest.raises(Unreachable, match="owner's disk stops the delivery"):
            await fetch(buyer, owner, spool)
        assert [FULL in str(error) for error in owner.stopped] == [True]
        disk.make_room()
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
    assert_same(spool, dataset)


# Opening


def opened(dataset: datasets.Dataset, disk: Disk, progress=quiet) -> Path:
    return unseal(
        disk.folder / "spool", datasets.DK, None, dataset.fingerprint, disk.folder / "out",
        progress=progress, cancelled=never,
    ).folder  # fmt: skip


@pytest.fixture
def delivered(disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> datasets.Dataset:
    """On the small disk, in segments of one chunk."""
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 1)
    made = datasets.make_dataset(tmp_path, FILES)
    (tmp_path / "spool").symlink_to(disk.folder / "spool")
    made_at = disk.folder / "spool"
    made_at.mkdir()
    made.deliver().delivery_root()
    return made


def test_without_room_for_two_segments_it_is_said_before_anything_is_opened(
    disk: Disk, delivered: datasets.Dataset
) -> None:
    disk.fill(MIB)
    before = sorted(disk.folder.rglob("*"))
    with pytest.raises(ContentError, match=r"bytes, the disk has .* free\. Free some space"):
        opened(delivered, disk)
    assert sorted(disk.folder.rglob("*")) == before
    disk.make_room()
    assert tree(opened(delivered, disk)) == FILES


@pytest.mark.parametrize("chunk", [1, 3])
def test_a_disk_that_others_fill_while_it_is_opened_loses_nothing(
    disk: Disk, delivered: datasets.Dataset, chunk: int
) -> None:
    def filled(done: int, of: int) -> None:
        if done >= chunk * CHUNK_RECORDS:
            disk.fill()  # also what the opened segments give back

    with pytest.raises(ContentError, match=FULL):
        opened(delivered, disk, filled)
    with pytest.raises(ContentError, match="Free some space"):
        opened(delivered, disk, filled)
    assert not (disk.folder / "out").exists()
    spool = delivered.spool()
    assert spool.complete
    assert spool.opened < spool.chunks
    # A complaint does not have to wait for room.
    check_records(disk.folder / "spool", datasets.DK, delivered.fingerprint, cancelled=never)
    disk.make_room()
    assert tree(opened(delivered, disk)) == FILES


# A parcel


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(datasets.make_dataset(tmp_path, FILES))


@pytest.mark.parametrize("place", ["stick", "work"])
def test_a_parcel_is_saved_to_its_end_when_there_is_room(
    desk: Desk, disk: Disk, place: str
) -> None:
    """What is full: the stick it is saved to, or the disk where the app remembers it."""
    (desk.base / place).symlink_to(disk.folder)

    def filled(done: int, of: int) -> None:
        if done > 2 * MIB:
            disk.fill()

    with pytest.raises(ContentError, match=FULL):
        desk.save(LEAST_PART_BYTES, progress=filled)
    saved = {path.name: path.read_bytes() for path in desk.out.glob("*.lading")}
    assert len(saved) >= 2
    assert not list(desk.out.glob("*.unfinished"))
    if place == "stick":
        with pytest.raises(ContentError, match="not enough room"):
            desk.save(LEAST_PART_BYTES)
    disk.make_room()
    parts = desk.save(LEAST_PART_BYTES)
    assert {path.name: path.read_bytes() for path in parts}.items() >= saved.items()
    assert desk.take(*parts).missing == ()
    spool = Spool(desk.base / "received", desk.spool().records, desk.spool().root)
    assert spool.delivery_root() == desk.dataset.deliver("expected").delivery_root()
