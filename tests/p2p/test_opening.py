"""Opening gives the room of what is sealed back as it goes, and goes on after whatever ended it.

LADING_PROVE: killed at each of its steps, not only at the first and last of a kind.
"""

import errno
import json
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from threading import Lock

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p import files, merkle, records, sealing, uncached, unsealing, worker
from p2p import spool as spool_module
from p2p.errors import BadRecord, Cancelled, ContentError, PeerError
from p2p.manifest import FileEntry, Manifest
from p2p.records import CHUNK, CHUNK_RECORDS, PAYLOAD, Fingerprint
from p2p.spool import Spool
from p2p.unsealing import Unsealed, check_records, unseal
from tests.counts import PROVE
from tests.p2p.datasets import DK, SALT_KEY, Dataset, make_dataset, never, noise, quiet
from tests.p2p.test_unsealing import tree

PIECE = CHUNK_RECORDS * PAYLOAD  # of content, in a chunk
FILES = {
    "a/empty": b"",
    "a/long": noise(2 * PIECE + 1234),
    "b": noise(100, 2),
    "c": b"",
    "d": noise(PIECE - 3 * PAYLOAD, 3),
    "e": noise(PIECE + 50_000, 4),
    "z": b"",
}


@pytest.fixture(autouse=True)
def _short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one chunk."""
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 1)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Five segments."""
    return make_dataset(tmp_path, FILES)


def opened(
    dataset: Dataset,
    *,
    target: str = "out",
    progress: Callable[[int, int], None] = quiet,
    cancelled: Callable[[], bool] = never,
    strict: bool = True,
) -> Unsealed:
    return unseal(
        dataset.base / "spool", DK, None, dataset.fingerprint, dataset.base / target,
        progress=progress, cancelled=cancelled, strict=strict,
    )  # fmt: skip


def stopped(dataset: Dataset, chunks: int) -> None:
    """Opened, until so many chunks are done."""
    done = 0

    def count(records: int, of: int) -> None:
        nonlocal done
        done = records // CHUNK_RECORDS

    with pytest.raises(Cancelled):
        opened(dataset, progress=count, cancelled=lambda: done >= chunks)


def hidden(dataset: Dataset) -> list[Path]:
    return sorted(dataset.base.glob(".lading-*"))


def segments(dataset: Dataset) -> list[int]:
    return sorted(int(path.suffix[1:]) for path in (dataset.base / "spool").glob("ciphertext.*"))


def test_segments_go_while_they_are_opened_and_the_last_stays(dataset: Dataset) -> None:
    root = dataset.deliver().delivery_root()
    most = 0

    def measure(done: int, of: int) -> None:
        nonlocal most
        used = [p for top in ("spool", *hidden(dataset)) for p in (dataset.base / top).rglob("*")]
        with suppress(FileNotFoundError):  # it goes this very moment
            most = max(most, sum(path.stat().st_size for path in used if path.is_file()))

    before = sum(path.stat().st_size for path in (dataset.base / "spool").iterdir())
    assert segments(dataset) == [0, 1, 2, 3, 4]
    done = opened(dataset, progress=measure)
    assert tree(done.folder) == FILES
    assert segments(dataset) == [4]
    assert not hidden(dataset)
    assert before < most <= before + 2 * CHUNK + 4096
    # What a complaint, the owner's proof and a restart need of it is all there.
    spool = dataset.spool()
    assert (spool.complete, spool.opened, spool.delivery_root()) == (True, 4, root)
    assert (spool.folder / "leaves").read_bytes() == dataset.leaves_path.read_bytes()
    # Asked for again, it is where it was put.
    assert opened(dataset) == done
    with pytest.raises(ContentError):
        spool.ciphertext(0)


def test_what_is_cancelled_goes_on_where_it_was(dataset: Dataset) -> None:
    dataset.deliver()
    stopped(dataset, 3)
    noted = dataset.spool().opened
    assert noted >= 2
    assert segments(dataset) == list(range(noted, 5))
    assert len(hidden(dataset)) == 1
    assert not (dataset.base / "out").exists()
    seen: list[int] = []
    # Another target on the way changes the name, not the place.
    done = opened(dataset, target="new", progress=lambda records, of: seen.append(records))
    assert (tree(done.folder), done.folder) == (FILES, dataset.base / "new")
    assert seen[0] == min((noted + 1) * CHUNK_RECORDS, dataset.fingerprint.records)


def test_several_processes_go_on_with_it_too(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LEAST_CHUNKS", 1)
    monkeypatch.setattr(worker, "cores", lambda: 3)
    monkeypatch.setattr(unsealing, "_SLOTS", 1)
    dataset.deliver()
    stopped(dataset, 2)
    assert 1 <= dataset.spool().opened < 5
    assert tree(opened(dataset).folder) == FILES


def test_it_is_finished_beside_where_it_was_begun(dataset: Dataset) -> None:
    dataset.deliver()
    stopped(dataset, 3)
    assert opened(dataset, target="elsewhere/deep/new").folder == dataset.base / "new"
    assert tree(dataset.base / "new") == FILES
    assert not (dataset.base / "elsewhere").exists()


@pytest.mark.parametrize("chunk", range(5))
def test_a_disk_that_is_full_in_any_segment_goes_on_with_space(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    dataset.deliver()
    room = chunk * PIECE
    write = uncached.write_cached

    def full(path: Path, offset: int, *data: memoryview, way: int = 0) -> None:
        nonlocal room
        room -= sum(map(len, data))
        if room < 0:
            half = b"".join(data)
            write(path, offset, half[: len(half) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, offset, *data, way=way)

    with monkeypatch.context() as patch:
        patch.setattr(uncached, "write_cached", full)
        for _ in range(2):
            with pytest.raises(ContentError, match="full"):
                opened(dataset)
            check_records(dataset.base / "spool", DK, dataset.fingerprint, cancelled=never)
    assert tree(opened(dataset).folder) == FILES


def test_room_for_two_segments_is_enough_on_the_same_disk(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset.deliver()

    def free(size: int) -> Callable[[Path], object]:
        usage = shutil.disk_usage(dataset.base)._replace(free=size)
        return lambda path: usage

    monkeypatch.setattr(unsealing.shutil, "disk_usage", free(2 * CHUNK - 1))
    with pytest.raises(ContentError, match="bytes, the disk has"):
        opened(dataset)
    monkeypatch.setattr(unsealing.shutil, "disk_usage", free(2 * CHUNK))
    stopped(dataset, 2)
    numbers = iter([1, 2])
    monkeypatch.setattr(unsealing, "_disk", lambda folder: next(numbers))
    with pytest.raises(ContentError, match="bytes, the disk has"):
        opened(dataset)


def test_what_gives_no_room_back_needs_it_all_at_once(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where files may differ from what was said, no segment goes before all is in place."""
    dataset.deliver()
    before = sorted(dataset.base.rglob("*"))
    usage, needed = shutil.disk_usage(dataset.base), dataset.fingerprint.length
    free = iter([2 * CHUNK, needed - 1, needed])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=next(free)))
    for _ in range(2):
        with pytest.raises(ContentError, match="bytes, the disk has"):
            opened(dataset, strict=False)
        assert sorted(dataset.base.rglob("*")) == before
    assert tree(opened(dataset, strict=False).folder) == FILES


def test_what_was_read_wrongly_once_is_not_blamed_on_the_owner(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One bit, in one reading of the last chunk: what lies on the disk is right."""
    dataset.deliver()
    read = Spool.read_ciphertext
    flipped = False

    def wrong(spool: Spool, index: int, into: memoryview) -> memoryview:
        nonlocal flipped
        place = read(spool, index, into)
        if index == 4 and not flipped:
            flipped = True
            place[5000] ^= 1
        return place

    monkeypatch.setattr(Spool, "read_ciphertext", wrong)
    with pytest.raises(ContentError, match="damaged on this disk"):
        opened(dataset)
    assert flipped
    assert dataset.spool().opened == 4
    assert len(hidden(dataset)) == 1
    assert tree(opened(dataset).folder) == FILES


@pytest.mark.parametrize("index", [2 * CHUNK_RECORDS, 4 * CHUNK_RECORDS + 1])
def test_a_bad_record_behind_what_is_gone_is_proven_and_found_again(
    dataset: Dataset, index: int
) -> None:
    root = dataset.deliver(bad_record=index).delivery_root()
    stopped(dataset, index // CHUNK_RECORDS)
    assert segments(dataset)[0] > 0
    found = []
    for _ in range(2):
        with pytest.raises(BadRecord) as caught:
            opened(dataset)
        found.append(caught.value)
        assert not hidden(dataset)  # nobody pays for it
        assert not (dataset.base / "out").exists()
    with pytest.raises(BadRecord) as caught:
        check_records(dataset.base / "spool", DK, dataset.fingerprint, cancelled=never)
    for bad in (*found, caught.value):
        assert bad.index == index
        assert bad.leaf == dataset.leaves_path.read_bytes()[32 * index :][:32]
        entry = sealing.delivery_leaf(bad.leaf, bad.ciphertext)
        assert merkle.verify(entry, index, dataset.fingerprint.records, bad.path, root)


def test_who_takes_the_opened_part_away_is_told(dataset: Dataset) -> None:
    dataset.deliver()
    stopped(dataset, 3)
    work = hidden(dataset)[0]
    work.rename(dataset.base / "taken")
    with pytest.raises(ContentError, match="Put the folder back"):
        opened(dataset)
    (dataset.base / "taken").rename(work)
    long = work / "a/long"
    data = long.read_bytes()
    os.truncate(long, PIECE // 2)
    with pytest.raises(ContentError, match="not whole"):
        opened(dataset)
    long.write_bytes(data)
    assert tree(opened(dataset).folder) == FILES


def test_a_finished_file_that_changed_meanwhile_is_not_handed_out(dataset: Dataset) -> None:
    """Nor is the owner blamed: it was right when it was written."""
    dataset.deliver()
    stopped(dataset, 4)
    assert dataset.spool().opened >= 3
    long = hidden(dataset)[0] / "a/long"
    data = long.read_bytes()
    assert data == FILES["a/long"]
    long.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    for _ in range(2):
        with pytest.raises(ContentError, match="not whole"):
            opened(dataset)
    assert not (dataset.base / "out").exists()
    long.write_bytes(data)
    assert tree(opened(dataset).folder) == FILES


def test_who_knows_the_manifest_needs_no_kept_one(dataset: Dataset) -> None:
    dataset.deliver()
    stopped(dataset, 3)
    kept = dataset.base / "spool" / "opened"
    data = bytearray(kept.read_bytes())
    data[30] ^= 1
    kept.write_bytes(data)
    assert tree(dataset.unseal().folder) == FILES


@pytest.mark.parametrize("strict", [True, False])
def test_what_changed_in_the_opened_part_is_this_disks_fault(
    dataset: Dataset, strict: bool
) -> None:
    dataset.deliver()
    stopped(dataset, 2)
    with (hidden(dataset)[0] / "a/long").open("r+b") as file:
        kept = file.read(1)
        file.seek(0)
        file.write(b"?")
    with pytest.raises(ContentError, match="not whole"):
        opened(dataset, strict=strict)
    with (hidden(dataset)[0] / "a/long").open("r+b") as file:
        file.write(kept)
    opened(dataset)


def test_a_folder_from_before_segments_is_received_to_its_end_and_opened(dataset: Dataset) -> None:
    """One file of sealed data, and a state that knows nothing of opening."""
    spool, chunks = dataset.spool(), dataset.sealed()
    spool.put_leaves(dataset.leaves_path.read_bytes())
    for index in range(2):
        spool.put_chunk(index, chunks[index])
    spool.sync()
    old = '{"chunks": 2, "leaves": true, "records": %d, "root": "%s"}'
    (spool.folder / "state").write_text(old % (spool.records, spool.root.hex()))
    (spool.folder / "ciphertext").write_bytes(b"".join(chunks[:2]))
    for number in range(2):
        (spool.folder / f"ciphertext.{number}").unlink()
    again = dataset.spool()
    assert again.next_chunk == 2
    for index in range(2, 5):
        again.put_chunk(index, chunks[index])
    again.force(5)
    assert [again.ciphertext(index) for index in range(5)] == chunks
    assert dataset.spool().complete
    assert segments(dataset) == []
    stopped(dataset, 3)
    assert not hidden(dataset)
    assert tree(opened(dataset).folder) == FILES
    assert (spool.folder / "ciphertext").stat().st_size == sum(map(len, chunks))


@pytest.mark.parametrize("named", [2, "1b", None])
def test_a_folder_of_a_later_version_is_left_as_it_is(dataset: Dataset, named: object) -> None:
    spool, chunks = dataset.spool(), dataset.sealed()
    spool.put_leaves(dataset.leaves_path.read_bytes())
    for index in range(2):
        spool.put_chunk(index, chunks[index])
    spool.sync()
    state = json.loads((spool.folder / "state").read_text())
    assert state["format"] == 1
    (spool.folder / "state").write_text(json.dumps({**state, "format": named, "chunks": "all"}))
    (spool.folder / "ciphertext.0").rename(spool.folder / "ciphertext.a")
    before = tree(spool.folder)
    with pytest.raises(ContentError, match="newer Lading"):
        dataset.spool()
    assert tree(spool.folder) == before
    (spool.folder / "state").write_text(json.dumps(state))
    (spool.folder / "ciphertext.a").rename(spool.folder / "ciphertext.0")
    assert dataset.spool().next_chunk == 2


# All records are what was registered, but a statement is not


def lying(base: Path) -> Dataset:
    """The file in the third segment has another BLAKE3 than was said."""
    contents = [noise(2 * PIECE), noise(PIECE, 2), noise(2 * PIECE, 3)]
    entries = [FileEntry(name, len(data), blake3(data).digest())
               for name, data in zip("abc", contents, strict=True)]  # fmt: skip
    entries[1] = replace(entries[1], blake3=bytes(32))
    manifest = Manifest(tuple(entries))
    content = records.preamble(manifest.encode()) + b"".join(contents)
    n = records.record_count(len(content))
    plain = records.join(records.salts(SALT_KEY, 0, n), content)
    leaves = records.leaf_hashes(plain)
    made = Fingerprint(manifest.content_id, merkle.root(leaves), n, len(content))
    spool = Spool(base / "spool", n, made.root)
    spool.put_leaves(leaves)
    for index in range(spool.chunks):
        spool.put_chunk(index, sealing.seal_chunk(DK, index, plain[index * CHUNK :][:CHUNK]))
    (base / "a").write_bytes(contents[0])
    honest = make_dataset(base, {"a": contents[0]})
    return replace(honest, made=replace(honest.made, fingerprint=made, manifest=manifest))


def test_a_false_statement_is_found_again_and_what_was_paid_for_is_put_in_place(
    tmp_path: Path,
) -> None:
    dataset = lying(tmp_path)
    for _ in range(2):
        with pytest.raises(PeerError, match="“b” is what was registered, but not"):
            opened(dataset)
        assert dataset.spool().opened == 3
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        opened(dataset, strict=False, cancelled=lambda: next(answers))
    with pytest.raises(PeerError, match="“b”"):  # as if the app had ended before that was kept
        opened(dataset)
    done = opened(dataset, strict=False)
    assert sorted(tree(done.folder)) == ["a", "b", "c"]
    assert (done.folder / "b").read_bytes() == noise(PIECE, 2)


def test_what_was_put_in_place_is_still_not_what_was_said(tmp_path: Path) -> None:
    """As if the app had ended after the files were moved, and before that was kept."""
    dataset = lying(tmp_path)
    with pytest.raises(PeerError, match="“b”"):
        opened(dataset)
    done = opened(dataset, strict=False)
    for _ in range(2):
        with pytest.raises(PeerError, match="untrue") as caught:
            opened(dataset)
        assert not isinstance(caught.value, BadRecord)
    assert opened(dataset, strict=False) == done


# Killed


@contextmanager
def counted(step: Callable[[str, Path], None]) -> Iterator[None]:
    """``step`` is told before and after whatever opening does to the disk."""

    def watched(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **more: object) -> object:
            what = arguments[0]
            path = Path(os.readlink(f"/proc/self/fd/{what}")) if type(what) is int else Path(what)  # type: ignore[arg-type]
            step(f"before {name}", path)
            done = real(*arguments, **more)
            step(f"after {name}", path)
            return done

        return call

    with pytest.MonkeyPatch.context() as patch:
        for place, name in (
            (uncached, "write_cached"), (uncached.os, "truncate"), (files, "fdatasync"),
            (files, "_force_all"), (files, "force_folder"), (os, "replace"), (os, "rename"),
            (Path, "unlink"), (Path, "mkdir"),
        ):  # fmt: skip
            patch.setattr(place, name, watched(name, getattr(place, name)))
        yield


def killed(dataset: Dataset, at: int) -> list[tuple[str, str]]:
    """Opened in a process that is gone at its step ``at``: all steps, as far as it came."""
    diary = dataset.base / "diary"
    diary.write_bytes(b"")
    child = os.fork()
    if not child:
        with diary.open("ab", buffering=0) as file:
            left, one = at, Lock()

            def step(name: str, path: Path) -> None:
                nonlocal left
                with one:  # whoever else writes must not get a step further than the last one
                    size = path.stat().st_size if path.is_file() else 0
                    file.write(f"{name}\t{size}\t{path}\n".encode())
                    left -= 1
                    if not left:
                        os._exit(9)

            try:
                with counted(step):
                    opened(dataset)
            except BaseException:
                os._exit(1)
            os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    steps = [line.split("\t") for line in diary.read_text().splitlines()]
    assert status == (9 if len(steps) == at else 0), steps[-3:]
    return [(name, f"{size}\t{path}") for name, size, path in steps]


def lose_power(dataset: Dataset, steps: list[tuple[str, str]], keep: float) -> None:
    """Of what was not forced to the disk, some of the end is gone."""
    forced: dict[str, int] = {}
    for name, said in steps:
        size, path = said.split("\t")
        if name == "after fdatasync":
            forced[path] = int(size)
        if name == "after _force_all":
            forced |= {str(p): p.stat().st_size for p in Path(path).rglob("*") if p.is_file()}
    noted = dataset.spool()
    for work in hidden(dataset):
        for path in filter(Path.is_file, work.rglob("*")):
            size = path.stat().st_size
            safe = forced.get(str(path), size if noted.opened and not steps else 0)
            if not noted.opened or str(path) in forced:
                os.truncate(path, min(size, safe + int((size - safe) * keep)))


def ends(every: list[str]) -> list[int]:
    """The first and the last step of each kind."""
    first = {name: at for at, name in reversed(list(enumerate(every, 1)))}
    last = {name: at for at, name in enumerate(every, 1)}
    return sorted({*first.values(), *last.values()})


@pytest.mark.skipif(sys.platform != "linux", reason="forks, reads /proc")
def test_killed_at_any_step_it_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    first = make_dataset(tmp_path, FILES)
    first.deliver().sync()
    kept = tmp_path / "kept"
    shutil.copytree(tmp_path / "spool", kept)
    every = [name for name, _ in killed(first, 10**6)]
    assert {name.partition(" ")[2] for name in every} >= {
        "write_cached", "fdatasync", "replace", "unlink", "rename", "force_folder",
    }  # fmt: skip
    for at in range(1, len(every) + 1) if PROVE else ends(every):
        for path in (tmp_path / "spool", tmp_path / "out", *hidden(first)):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(kept, tmp_path / "spool")
        steps = killed(first, at)
        lose_power(first, steps, 0.5 if at % 2 else 0)
        done = opened(first)
        assert tree(done.folder) == FILES, (at, every[at - 1])
        assert not hidden(first)
        assert segments(first) == [4], (at, every[at - 1])


SMALL = st.sampled_from([0, 1, 4095, 4096, PAYLOAD, 300_000])
LARGE = st.sampled_from([PIECE // 3, PIECE - PAYLOAD, PIECE, 2 * PIECE])


@pytest.mark.skipif(sys.platform != "linux", reason="forks, reads /proc")
@settings(max_examples=15, deadline=None)
@given(
    small=st.lists(SMALL, max_size=30),
    large=st.lists(LARGE, min_size=1, max_size=3),
    seed=st.randoms(use_true_random=False),
    kills=st.lists(st.integers(1, 150), min_size=1, max_size=4),
)
def test_killed_again_and_again_any_files_arrive_equal(
    small: list[int],
    large: list[int],
    seed: random.Random,
    kills: list[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    sizes = small + large
    seed.shuffle(sizes)
    contents = {f"{number % 3}/{number:02}": noise(size, number + 1)
                for number, size in enumerate(sizes)}  # fmt: skip
    dataset = make_dataset(tmp_path_factory.mktemp("killed"), contents)
    dataset.deliver()
    for at in kills:
        killed(dataset, at)
    assert tree(opened(dataset).folder) == contents
