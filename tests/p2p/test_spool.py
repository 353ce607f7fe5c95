"""The buyer's store: what was acknowledged is there after any crash, what is damaged is not."""

import errno
import os
import pickle
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p import files, merkle, sealing, uncached
from p2p import spool as module
from p2p.buffers import Buffer
from p2p.errors import ContentError, PeerError
from p2p.records import CHUNK, CHUNK_RECORDS, LEAF, PAYLOAD
from p2p.spool import Spool
from tests.p2p.datasets import Dataset, make_dataset, noise
from tests.p2p.failing import Failing

FILES = {"a": noise(3 * CHUNK_RECORDS * PAYLOAD), "b": b"the last, shorter chunk"}


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make_dataset(tmp_path, FILES)


def filled(dataset: Dataset, chunks: int) -> Spool:
    spool = dataset.spool()
    spool.put_leaves(dataset.leaves_path.read_bytes())
    for k, chunk in enumerate(dataset.sealed()[:chunks]):
        spool.put_chunk(k, chunk)
    return spool


def expected_root(dataset: Dataset) -> bytes:
    leaves = dataset.leaves_path.read_bytes()
    sealed = b"".join(dataset.sealed())
    return merkle.root(sealing.delivery_leaves(leaves, sealed))


def test_a_whole_delivery(dataset: Dataset) -> None:
    spool = dataset.spool()
    leaves, chunks = dataset.leaves_path.read_bytes(), dataset.sealed()
    assert (spool.chunks, spool.next_chunk, spool.leaves_complete) == (4, 0, False)
    for at in range(0, len(leaves), 8000):
        assert not spool.leaves_complete
        assert spool.leaves_received == at // 32
        spool.put_leaves(leaves[at : at + 8000])
    assert spool.leaves_complete
    assert spool.leaves_received == dataset.fingerprint.records
    for k, chunk in enumerate(chunks):
        assert spool.next_chunk == k
        assert not spool.complete
        with pytest.raises(ValueError, match="not complete"):
            spool.delivery_root()
        spool.put_chunk(k, chunk)
        assert spool.ciphertext(k) == chunk
    assert spool.complete
    assert spool.delivery_root() == expected_root(dataset)
    for index in (0, 255, 256, dataset.fingerprint.records - 1):
        k, place = divmod(index, CHUNK_RECORDS)
        entry = spool.entries(k)[32 * place :][:32]
        path = spool.delivery_path(index)
        size = dataset.fingerprint.records
        assert merkle.verify(entry, index, size, path, spool.delivery_root())


def test_a_discarded_spool_begins_anew_and_leaves_other_files(dataset: Dataset) -> None:
    spool = filled(dataset, 4)
    other = spool.folder / "manifest"
    other.write_bytes(b"kept")
    spool.discard()
    again = dataset.spool()
    assert (again.next_chunk, again.leaves_received, again.complete) == (0, 0, False)
    assert other.read_bytes() == b"kept"
    assert filled(dataset, 4).delivery_root() == expected_root(dataset)


def test_leaves_that_do_not_lead_to_the_root_stop_it(dataset: Dataset) -> None:
    spool = dataset.spool()
    leaves = bytearray(dataset.leaves_path.read_bytes())
    leaves[40] ^= 1
    with pytest.raises(PeerError, match="registered root"):
        spool.put_leaves(bytes(leaves))
    assert not spool.leaves_complete
    with pytest.raises(PeerError, match="before all leaf hashes"):
        spool.put_chunk(0, dataset.sealed()[0])
    leaves[40] ^= 1
    spool.put_leaves(bytes(leaves))
    assert spool.leaves_complete


def test_leaves_out_of_measure(dataset: Dataset) -> None:
    spool = dataset.spool()
    leaves = dataset.leaves_path.read_bytes()
    for piece in (b"", leaves[:31], leaves + bytes(32)):
        with pytest.raises(PeerError):
            spool.put_leaves(piece)
    spool.put_leaves(leaves)
    with pytest.raises(PeerError, match="again"):
        spool.put_leaves(leaves[:32])


def test_chunks_out_of_order_and_of_a_wrong_length(dataset: Dataset) -> None:
    spool, chunks = filled(dataset, 1), dataset.sealed()
    for k, data in (
        (2, chunks[2]), (4, chunks[3]), (-1, chunks[0]), (1, chunks[1][:-1]),
        (1, chunks[1] + b"\0"), (1, b""), (1, chunks[3]),
    ):  # fmt: skip
        with pytest.raises(PeerError):
            spool.put_chunk(k, data)
    assert spool.next_chunk == 1
    spool.put_chunk(1, memoryview(chunks[1]))
    assert spool.next_chunk == 2


def test_a_chunk_sent_again_changes_nothing(dataset: Dataset) -> None:
    spool = filled(dataset, 2)
    spool.put_chunk(0, bytes(CHUNK))
    assert spool.next_chunk == 2
    assert spool.ciphertext(0) == dataset.sealed()[0]


@pytest.mark.parametrize("stored", range(5))
def test_opening_again_goes_on_where_it_stopped(dataset: Dataset, stored: int) -> None:
    """As after kill -9: nothing was closed or synced."""
    filled(dataset, stored)
    spool = dataset.spool()
    assert spool.leaves_complete
    assert spool.next_chunk == stored
    for k, chunk in list(enumerate(dataset.sealed()))[stored:]:
        spool.put_chunk(k, chunk)
    assert spool.delivery_root() == expected_root(dataset)
    assert dataset.spool().delivery_root() == expected_root(dataset)


def test_the_delivery_tree_is_hashed_when_it_is_needed(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not whenever a store is opened; then it is over what lies on the disk, or there is none."""
    filled(dataset, 2).sync()
    hashed = 0
    add_many = merkle.RootHasher.add_many

    def counted(tree: merkle.RootHasher, leaves: bytes) -> None:
        nonlocal hashed
        hashed += len(leaves) // LEAF
        add_many(tree, leaves)

    monkeypatch.setattr(merkle.RootHasher, "add_many", counted)
    spool = dataset.spool()
    assert (spool.next_chunk, hashed) == (2, 0)
    for k in (2, 3):
        spool.put_chunk(k, dataset.sealed()[k])
        assert hashed == min((k + 1) * CHUNK_RECORDS, spool.records)
    assert spool.delivery_root() == expected_root(dataset)
    again = dataset.spool()
    assert again.complete
    entries = dataset.base / "spool" / "entries"
    entries.write_bytes(entries.read_bytes()[:-1])
    with pytest.raises(ContentError, match="damaged on this disk"):
        again.delivery_root()


def test_leaves_cut_by_a_crash_start_again(dataset: Dataset) -> None:
    leaves = dataset.leaves_path.read_bytes()
    dataset.spool().put_leaves(leaves[:3200])
    spool = dataset.spool()
    assert spool.leaves_received == 0
    spool.put_leaves(leaves)
    assert spool.leaves_complete


@settings(max_examples=40)
@given(
    name=st.sampled_from(["ciphertext.0", "entries"]),
    synced=st.integers(0, 3),
    cut=st.floats(0, 1),
    zeros=st.floats(0, 1),
)
def test_a_crash_loses_at_most_what_was_not_forced_to_the_disk(
    name: str, synced: int, cut: float, zeros: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Behind the last sync a file may end early, or be zeros where data was not written yet."""
    dataset = make_dataset(tmp_path_factory.mktemp("crash"), FILES)
    spool, chunks = dataset.spool(), dataset.sealed()
    spool.put_leaves(dataset.leaves_path.read_bytes())
    for k, chunk in enumerate(chunks):
        spool.put_chunk(k, chunk)
        if k + 1 == synced:
            spool.sync()
    path = spool.folder / name
    safe = synced * (CHUNK if name == "ciphertext.0" else CHUNK_RECORDS * 32)
    data = path.read_bytes()
    end = safe + int((len(data) - safe) * cut)
    start = safe + int((end - safe) * zeros)
    path.write_bytes(data[:start] + bytes(end - start))
    again = dataset.spool()
    assert synced <= again.next_chunk <= 4
    for k in range(again.next_chunk):
        assert again.ciphertext(k) == chunks[k]
    for k in range(again.next_chunk, 4):
        again.put_chunk(k, chunks[k])
    assert again.delivery_root() == expected_root(dataset)


def noting(names: list[str], force: Callable[[int], None]) -> Callable[[int], None]:
    def note(descriptor: int) -> None:
        names.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        force(descriptor)

    return note


def held(spool: Spool) -> dict[str, int]:
    """The files of the spool that this process has open."""
    found = dict[str, int]()
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            path = Path(os.readlink(f"/proc/self/fd/{name}"))
            if path.parent == spool.folder:
                found[path.name] = int(name)
    return found


def test_everything_is_forced_to_the_disk_every_64_mib_and_before_the_root(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 3)
    forced: list[str] = []
    monkeypatch.setattr(module.os, "fsync", noting(forced, os.fsync))
    monkeypatch.setattr(module, "_fdatasync", noting(forced, module._fdatasync))
    entries = ["entries", "state.part", "spool"]
    spool, chunks = filled(dataset, 2), dataset.sealed()
    assert forced == ["leaves", "state.part", "spool"]
    spool.put_chunk(2, chunks[2])
    assert len(forced) == 3
    spool.put_chunk(3, chunks[3])  # of the second segment
    assert forced[3:] == ["ciphertext.0", *entries]
    spool.delivery_root()
    assert forced[7:] == ["ciphertext.1", *entries]
    spool.delivery_root()
    assert len(forced) == 11


@pytest.mark.parametrize("forgets", ["entries", "ciphertext.1"])
@pytest.mark.parametrize("two", [False, True], ids=["who puts forces", "another one forces"])
def test_a_failure_is_told_to_whoever_had_the_file_open_and_then_forgotten(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, two: bool, forgets: str
) -> None:
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 2)
    putting, chunks = filled(dataset, 3), dataset.sealed()
    forcing = dataset.spool() if two else putting
    if two:
        putting.let_go(None)
        forcing.force(3)
    told = held(forcing)[forgets]  # the disk fails now

    def failing(descriptor: int) -> None:
        if descriptor == told:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(module, "_fdatasync", failing)
    putting.begin_chunk(3, chunks[3])
    putting.settle()
    with pytest.raises(ContentError, match="cannot be written: Input/output error"):
        forcing.force(4)
    assert forcing.failed


def test_leaf_hashes_are_held_open_until_they_are_forced(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves, spool = dataset.leaves_path.read_bytes(), dataset.spool()
    spool.put_leaves(leaves[:LEAF])
    before, forced = held(spool)["leaves"], list[int]()
    monkeypatch.setattr(module, "_fdatasync", forced.append)
    spool.put_leaves(leaves[LEAF:])
    assert forced == [before]
    assert not held(spool)


def test_files_are_held_open_no_longer_than_needed_and_go_to_no_other_process(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 2)
    spool, chunks = filled(dataset, 1), dataset.sealed()
    assert held(spool).keys() == {"ciphertext.0", "entries"}
    before = held(spool)
    other = pickle.loads(pickle.dumps(spool))
    assert held(spool) == before
    spool.let_go(other)
    assert not held(spool)
    spool.put_chunk(1, chunks[1])
    spool.sync()
    assert held(spool).keys() == {"entries"}
    spool.put_chunk(2, chunks[2])
    assert held(spool).keys() == {"ciphertext.1", "entries"}
    spool.take_up()
    assert not held(spool)
    spool.put_chunk(3, chunks[3])
    assert spool.delivery_root() == expected_root(dataset)
    assert not held(spool)
    spool.force(3)
    spool.discard()
    assert not held(spool)


def test_a_chunk_that_was_opened_is_left_as_it_is(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 1)
    spool = filled(dataset, 3)
    spool.opened_to(2, dataset.base)
    spool.put_chunk(0, dataset.sealed()[0])
    assert held(spool).keys() == {"entries"}
    assert not (spool.folder / "ciphertext.0").exists()


def test_files_are_not_held_open_by_what_has_gone(dataset: Dataset) -> None:
    spool, left = filled(dataset, 1), dataset.spool()
    assert held(left)
    del spool
    assert not held(left)


def test_nothing_is_noted_of_what_was_opened_elsewhere_before_it_is_on_the_disk(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 2)
    whole = filled(dataset, 4)
    entries, root = [whole.entries(k) for k in range(2)], whole.delivery_root()
    whole.discard()
    spool = filled(dataset, 0)
    forced: list[str] = []
    monkeypatch.setattr(module.os, "fsync", noting(forced, os.fsync))
    monkeypatch.setattr(module, "_fdatasync", noting(forced, module._fdatasync))
    for each in entries:
        spool.put_opened(each)
    assert held(spool).keys() == {"entries"}
    for k in (2, 3):
        assert dataset.spool().next_chunk == 0  # after a crash, whatever the disk has of them
        spool.put_chunk(k, dataset.sealed()[k])
    assert not forced
    assert spool.delivery_root() == root
    assert forced == ["ciphertext.1", "entries", "state.part", "spool"]
    assert (dataset.spool().next_chunk, dataset.spool().opened) == (4, 2)


def test_a_segment_that_the_disk_has_lost_is_received_again_with_all_behind_it(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 1)
    spool = filled(dataset, 4)
    root = spool.delivery_root()
    os.truncate(spool.folder / "ciphertext.1", 4096)
    forced: list[str] = []
    monkeypatch.setattr(module, "_fdatasync", noting(forced, module._fdatasync))
    again = dataset.spool()
    assert again.next_chunk == 1
    for index in range(1, 4):
        again.put_chunk(index, dataset.sealed()[index])
        del forced[:]
        again.force(index + 1)
        assert forced == [f"ciphertext.{index}", "entries"]
    assert again.delivery_root() == root


def test_what_was_refused_in_place_of_a_lost_segment_is_not_taken_for_it_after_a_restart(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The forged chunk lies where the leaf hashes of the lost one were noted as safe."""
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 2)
    chunks = dataset.sealed()
    root = filled(dataset, 4).delivery_root()
    (dataset.base / "spool" / "ciphertext.1").unlink()
    spool = dataset.spool()
    assert spool.next_chunk == 2
    assert not spool.begin_chunk(2, bytes(CHUNK), sealing.chunk_name(spool.entries(2)))
    again = dataset.spool()
    assert again.next_chunk == 2
    for index in (2, 3):
        again.put_chunk(index, chunks[index])
    assert again.delivery_root() == root
    assert [again.ciphertext(index) for index in range(4)] == chunks


def test_a_lost_state_is_found_again_from_the_data(dataset: Dataset) -> None:
    spool = filled(dataset, 4)
    root = spool.delivery_root()
    for damage in (
        lambda p: p.unlink(),
        lambda p: p.write_bytes(b"\0\0{"),
        lambda p: p.write_text("[]"),
    ):
        damage(spool.folder / "state")
        again = dataset.spool()
        assert again.complete
        assert again.delivery_root() == root


def test_a_folder_of_another_dataset_is_refused(dataset: Dataset) -> None:
    spool = filled(dataset, 1)
    with pytest.raises(ContentError, match="another dataset"):
        Spool(spool.folder, spool.records, bytes(32))
    assert dataset.spool().next_chunk == 1


@pytest.mark.parametrize("failing", ["ciphertext.0", "entries"])
def test_a_full_disk_loses_nothing(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    """The write fails half-way; when there is space again the same chunk is taken."""
    spool, chunks = filled(dataset, 1), dataset.sealed()
    write_at = module._write_at

    def full(path: Path, offset: int, data: bytes, past: bool = False) -> None:
        if path.name == failing:
            write_at(path, offset, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(path, offset, data, past)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_write_at", full)
        with pytest.raises(ContentError, match="full"):
            spool.put_chunk(1, chunks[1])
        assert spool.next_chunk == 1
    assert dataset.spool().next_chunk == 1
    for k in range(1, 4):
        spool.put_chunk(k, chunks[k])
    assert spool.delivery_root() == expected_root(dataset)


class Slow:
    """The disk takes its time for a file: nothing is written to it before it ``may`` be."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.may = threading.Event()
        self.failing: OSError | None = None
        write_at = module._write_at

        def slow(path: Path, offset: int, data: Buffer, past: bool = False) -> None:
            if path.name == name:
                assert self.may.wait(60)
                if self.failing:
                    raise self.failing
            write_at(path, offset, data, past)

        monkeypatch.setattr(module, "_write_at", slow)


def test_a_chunk_that_was_begun_is_stored_when_it_is_settled(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, chunks = filled(dataset, 1), dataset.sealed()
    slow = Slow(monkeypatch, "ciphertext.0")
    entries = (spool.folder / "entries").read_bytes()
    assert spool.begin_chunk(1, chunks[1])  # while the disk has nothing of it
    spool.force(1)
    spool.sync()
    assert spool.next_chunk == 1
    assert (spool.folder / "entries").read_bytes() == entries
    assert dataset.spool().next_chunk == 1  # as after kill -9
    slow.may.set()
    spool.settle()
    assert spool.next_chunk == 2
    assert spool.ciphertext(1) == chunks[1]
    assert spool.begin_chunk(2, chunks[2])
    assert spool.begin_chunk(3, chunks[3])  # settles the one before
    assert spool.next_chunk == 3
    spool.settle()
    spool.settle()
    assert spool.delivery_root() == expected_root(dataset)


@pytest.mark.parametrize("after", ["settle", "the next one"])
def test_a_chunk_that_was_begun_and_not_written_is_taken_again(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, after: str
) -> None:
    spool, chunks = filled(dataset, 1), dataset.sealed()
    with monkeypatch.context() as patch:
        slow = Slow(patch, "ciphertext.0")
        slow.failing = OSError(errno.ENOSPC, "No space left on device")
        assert spool.begin_chunk(1, chunks[1])
        slow.may.set()
        with pytest.raises(ContentError, match="full"):
            spool.settle() if after == "settle" else spool.begin_chunk(2, chunks[2])
    spool.settle()
    assert spool.next_chunk == 1
    assert dataset.spool().next_chunk == 1
    with pytest.raises(PeerError, match="expected was 1"):
        spool.begin_chunk(2, chunks[2])
    for k in range(1, 4):
        assert spool.begin_chunk(k, chunks[k])
    spool.settle()
    assert spool.delivery_root() == expected_root(dataset)


def test_another_chunk_than_the_one_named_is_not_begun(dataset: Dataset) -> None:
    spool, chunks = filled(dataset, 1), dataset.sealed()
    other = sealing.chunk_name(sealing.delivery_leaves(spool.leaves(2), chunks[2]))
    assert spool.begin_chunk(1, chunks[1])
    assert not spool.begin_chunk(2, bytes(CHUNK), other)
    spool.settle()
    assert spool.next_chunk == 2  # the one before it is
    assert spool.begin_chunk(2, chunks[2], other)
    spool.settle()
    assert [spool.ciphertext(k) for k in range(3)] == chunks[:3]


def test_what_was_noted_is_not_read_whenever_something_is_forced(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many files are open for a moment: nothing that is stored is dropped for it."""
    spool = filled(dataset, 3)
    read_text = Path.read_text

    def busy(path: Path, *arguments: Any, **options: Any) -> str:
        if path.name == "state":
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return read_text(path, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", busy)
        spool.force(3)
    assert not spool.failed
    assert (spool.folder / "entries").stat().st_size == 3 * CHUNK_RECORDS * LEAF
    assert dataset.spool().next_chunk == 3


@pytest.mark.parametrize("segment", [1, 2, 64])
def test_where_a_disk_fails_nothing_that_was_forced_before_is_dropped(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, segment: int
) -> None:
    """Whoever forces is not whoever puts, and remembers it whether it was noted or not: the second
    time that the disk fails, too."""
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", segment)
    putting, forcing, chunks = filled(dataset, 0), dataset.spool(), dataset.sealed()
    for k in range(3):
        putting.begin_chunk(k, chunks[k])
        putting.settle()
    forcing.force(3)
    for _ in range(2):
        forcing.take_up()
        assert (forcing.next_chunk, forcing.failed) == (3, False)
        forcing.begin_chunk(3, chunks[3])
        forcing.settle()
        failing = Failing("entries")
        failing.kept = 3 * CHUNK_RECORDS * LEAF
        with monkeypatch.context() as patch:
            patch.setattr(module, "_fdatasync", failing)
            with pytest.raises(ContentError, match="cannot be written"):
                forcing.force(4)
        assert dataset.spool().next_chunk == 3  # as after kill -9
    forcing.take_up()
    forcing.put_chunk(3, chunks[3])
    assert forcing.delivery_root() == expected_root(dataset)


def test_where_a_disk_fails_two_processes_what_both_are_sure_of_is_left(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who puts went on behind the first failure, and has noted what the disk never had."""
    monkeypatch.setattr(module, "SEGMENT_CHUNKS", 1)
    putting, forcing = filled(dataset, 0), dataset.spool()
    for k, spool in enumerate((forcing, putting)):
        putting.put_chunk(k, dataset.sealed()[k])
        with monkeypatch.context() as patch:
            patch.setattr(module, "_fdatasync", Failing("entries"))
            with pytest.raises(ContentError, match="cannot be written"):
                spool.force(k + 1)
    forcing.let_go(putting)
    assert (forcing.next_chunk, forcing.failed) == (0, False)
    for k, chunk in enumerate(dataset.sealed()):
        forcing.put_chunk(k, chunk)
    assert forcing.delivery_root() == expected_root(dataset)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ContentError, match="cannot be written"):
        Spool(tmp_path / "file" / "spool", 1, bytes(32))


def test_lost_data_is_said_to_be_damaged(dataset: Dataset) -> None:
    spool = filled(dataset, 4)
    os.truncate(spool.folder / "ciphertext.0", 100)
    with pytest.raises(ContentError, match="damaged"):
        spool.ciphertext(0)
    with pytest.raises(IndexError):
        spool.ciphertext(4)


@pytest.mark.skipif(not uncached._PAST, reason="this system has no way past its cache")
def test_the_last_chunks_are_kept_where_they_are_read_soon(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written past the cache: what comes before them."""
    ways: list[bool] = []
    opening = os.open

    def seen(path: Path, flags: int, *more: int) -> int:
        if Path(path).name.startswith("ciphertext") and flags & os.O_RDWR:
            ways.append(bool(flags & uncached._PAST))
        return opening(path, flags, *more)

    monkeypatch.setattr(module, "CACHED_CHUNKS", 2)
    clock = count(step=20e-6)  # what opening and closing take, and more than is small may cost
    monkeypatch.setattr(uncached, "thread_time", lambda: next(clock))
    monkeypatch.setattr(uncached, "_past_bytes", 0)
    spool = filled(dataset, 0)
    place = files.room(CHUNK)
    monkeypatch.setattr(uncached.os, "open", seen)
    for k, chunk in enumerate(dataset.sealed()):
        sealed = files.room(len(chunk))
        sealed[:] = chunk
        spool.put_chunk(k, sealed)
    assert spool.chunks == 4
    for k, chunk in enumerate(dataset.sealed()):
        assert spool.read_ciphertext(k, place) == chunk
    assert ways == [True, True, False, False]
