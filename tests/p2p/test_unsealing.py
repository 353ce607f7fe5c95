"""From spool to files: everything checked, nothing overwritten, every lie proven."""

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given, settings

from p2p import merkle, records, sealing, uncached
from p2p import unsealing as module
from p2p.errors import BadRecord, Cancelled, ContentError, PeerError
from p2p.manifest import FileEntry, Manifest
from p2p.records import CHUNK_RECORDS, PAYLOAD, RECORD, Fingerprint
from p2p.spool import Spool
from p2p.unsealing import check_records, unseal
from tests.p2p.datasets import DK, SALT_KEY, Dataset, make_dataset, never, noise, quiet
from tests.p2p.test_fingerprint import CONTENTS

FILES = {"a": noise(CHUNK_RECORDS * PAYLOAD), "b/c": b"", "b/d.csv": noise(5000, 2)}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make_dataset(tmp_path, FILES)


@settings(max_examples=50)
@given(contents=CONTENTS)
def test_any_files_arrive_equal(
    contents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    dataset = make_dataset(tmp_path_factory.mktemp("any"), contents)
    dataset.deliver()
    done = dataset.unseal()
    assert tree(done.folder) == contents
    assert [str(path.relative_to(done.folder)) for path in done.files] == [
        entry.path for entry in dataset.made.manifest.files
    ]
    assert done.content_id == dataset.fingerprint.content_id
    again = make_dataset(tmp_path_factory.mktemp("again"), contents)
    assert again.fingerprint == dataset.fingerprint


def test_a_single_file_arrives_in_a_folder_with_its_name(tmp_path: Path) -> None:
    data = noise(3_000_000)
    dataset = make_dataset(tmp_path, data)
    dataset.deliver()
    done = dataset.unseal(target="elsewhere/../deep/new/out")
    assert done.files == (tmp_path / "deep/new/out/source",)
    assert done.files[0].read_bytes() == data
    assert done.content_id == blake3(data).digest()


def test_progress_and_no_manifest_known_before(dataset: Dataset) -> None:
    dataset.deliver()
    seen: list[tuple[int, int]] = []
    done = unseal(
        dataset.base / "spool", DK, None, dataset.fingerprint, dataset.base / "out",
        progress=lambda d, t: seen.append((d, t)), cancelled=never,
    )  # fmt: skip
    n = dataset.fingerprint.records
    assert seen == [(256, n), (n, n)]
    assert tree(done.folder) == FILES


def test_nothing_is_overwritten(dataset: Dataset) -> None:
    dataset.deliver()
    taken = dataset.base / "out"
    taken.write_bytes(b"mine")
    (dataset.base / "out (2)").mkdir()
    (dataset.base / "out (2)" / "mine").write_bytes(b"mine")
    (dataset.base / "out (3)").symlink_to("source")
    assert dataset.unseal().folder == dataset.base / "out (4)"
    assert dataset.unseal().folder == dataset.base / "out (5)"
    assert taken.read_bytes() == b"mine"
    assert tree(dataset.base / "out (2)") == {"mine": b"mine"}
    assert tree(dataset.made.source) == FILES
    assert not [p for p in dataset.base.iterdir() if p.name.startswith(".lading")]


def test_an_empty_folder_that_was_made_for_it_is_used(dataset: Dataset) -> None:
    dataset.deliver()
    (dataset.base / "out").mkdir()
    assert dataset.unseal().folder == dataset.base / "out"


@pytest.mark.parametrize("index", [0, 1, 100, 255, 256, 257])
def test_a_flipped_record_is_proven_at_its_index(dataset: Dataset, index: int) -> None:
    assert dataset.fingerprint.records == 259
    root = dataset.deliver(bad_record=index).delivery_root()
    with pytest.raises(BadRecord) as caught:
        dataset.unseal()
    bad = caught.value
    assert bad.index == index
    assert bad.leaf == dataset.leaves_path.read_bytes()[32 * index : 32 * index + 32]
    entry = sealing.delivery_leaf(bad.leaf, bad.ciphertext)
    assert merkle.verify(entry, index, 259, bad.path, root)
    # What the contract does: open that one record and see that it is not the leaf's.
    place = index % CHUNK_RECORDS
    alone = sealing.seal_chunk(DK, index // CHUNK_RECORDS, bytes(place * RECORD) + bad.ciphertext)
    assert merkle.leaf_hash(alone[place * RECORD :]) != bad.leaf
    assert not (dataset.base / "out").exists()
    assert not [p for p in dataset.base.iterdir() if p.name.startswith(".lading")]


def test_the_first_of_several_bad_records_is_the_one(dataset: Dataset) -> None:
    """A wrong key makes every record bad."""
    dataset.deliver()
    with pytest.raises(BadRecord) as caught:
        unseal(
            dataset.base / "spool", DK[::-1], None, dataset.fingerprint, dataset.base / "out",
            progress=quiet, cancelled=never,
        )  # fmt: skip
    assert caught.value.index == 0


@pytest.mark.parametrize("name", ["ciphertext.0", "leaves", "entries"])
def test_a_failing_disk_is_not_blamed_on_the_owner(dataset: Dataset, name: str) -> None:
    spool = dataset.deliver()
    spool.sync()
    with (spool.folder / name).open("r+b") as file:
        file.seek(33)
        file.write(b"?")
    if name == "entries":
        # Only a complaint reads them: with the data intact nothing is amiss.
        assert tree(dataset.unseal().folder) == FILES
        return
    with pytest.raises(ContentError, match="damaged on this disk"):
        dataset.unseal()


def test_an_incomplete_delivery_waits(dataset: Dataset) -> None:
    spool = dataset.spool()
    spool.put_leaves(dataset.leaves_path.read_bytes())
    spool.put_chunk(0, dataset.sealed()[0])
    with pytest.raises(ContentError, match="not complete"):
        dataset.unseal()


def test_cancelling_leaves_nothing_and_it_can_be_done_again(dataset: Dataset) -> None:
    dataset.deliver()
    answers = iter([False, True])
    before = sorted(p.name for p in dataset.base.iterdir())
    with pytest.raises(Cancelled):
        unseal(
            dataset.base / "spool", DK, None, dataset.fingerprint, dataset.base / "out",
            progress=quiet, cancelled=lambda: next(answers),
        )  # fmt: skip
    assert sorted(p.name for p in dataset.base.iterdir()) == before
    assert tree(dataset.unseal().folder) == FILES


def test_what_a_crash_left_is_cleared(dataset: Dataset) -> None:
    dataset.deliver()
    with module._workplace(dataset.base / "out", dataset.spool(), 1, strict=True) as work:
        (work / "half").write_bytes(b"half")
        shutil.copytree(work, dataset.base / "left")
        name = work.name
    (dataset.base / "left").rename(dataset.base / name)
    assert tree(dataset.unseal().folder) == FILES
    assert not (dataset.base / name).exists()


def test_a_folder_that_somebody_else_makes_meanwhile_is_not_used(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the free space and the making of the hidden folder."""
    dataset.deliver()
    with module._workplace(dataset.base / "out", dataset.spool(), 1, strict=True) as work:
        pass
    usage = shutil.disk_usage

    def quicker(path: Path) -> object:
        work.mkdir()
        (work / "theirs").write_bytes(b"theirs")
        return usage(path)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", quicker)
        with pytest.raises(ContentError, match="cannot be written"):
            dataset.unseal()
    assert tree(work) == {"theirs": b"theirs"}
    assert not (dataset.base / "out").exists()
    assert tree(dataset.unseal().folder) == FILES


def test_a_full_disk_keeps_the_delivery(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset.deliver()

    def full(path: Path, offset: int, *data: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(uncached, "write_at", full)
        with pytest.raises(ContentError, match="full"):
            dataset.unseal()
    assert not (dataset.base / "out").exists()
    assert tree(dataset.unseal().folder) == FILES


def test_too_little_space_is_said_before_anything_is_written(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset.deliver()
    free = os.statvfs(dataset.base)
    assert free.f_bavail > 0
    usage = shutil.disk_usage(dataset.base)._replace(free=10)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ContentError, match="10 free"):
        dataset.unseal()


def test_a_wrong_record_is_found_without_room_for_the_files(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset.deliver(bad_record=257)
    usage = shutil.disk_usage(dataset.base)._replace(free=10)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(BadRecord) as caught:
        check_records(dataset.base / "spool", DK, dataset.fingerprint, cancelled=never)
    assert caught.value.index == 257
    with pytest.raises(Cancelled):
        check_records(dataset.base / "spool", DK, dataset.fingerprint, cancelled=lambda: True)


def test_a_delivery_without_a_wrong_record_passes_and_an_incomplete_one_waits(
    dataset: Dataset,
) -> None:
    with pytest.raises(ContentError, match="not complete"):
        check_records(dataset.base / "spool", DK, dataset.fingerprint, cancelled=never)
    dataset.deliver()
    check_records(dataset.base / "spool", DK, dataset.fingerprint, cancelled=never)
    assert not (dataset.base / "out").exists()


def test_a_target_that_cannot_be_written_is_named(dataset: Dataset) -> None:
    dataset.deliver()
    (dataset.base / "file").write_bytes(b"")
    with pytest.raises(ContentError, match="cannot be written"):
        dataset.unseal(target="file/out")


# All records are what was registered, but the owner registered a lie


def lie(
    base: Path,
    entries: tuple[FileEntry, ...],
    files: bytes,
    *,
    strict: bool = True,
    **stated: object,
) -> None:
    """Register, deliver and unseal whatever the liar wrote."""
    content = records.preamble(Manifest(entries).encode()) + files
    n = records.record_count(len(content))
    plain = records.join(records.salts(SALT_KEY, 0, n), content)
    leaves = records.leaf_hashes(plain)
    true = Fingerprint(Manifest(entries).content_id, merkle.root(leaves), n, len(content))
    fingerprint = replace(true, **stated)
    spool = Spool(base / "spool", n, true.root)
    spool.put_leaves(leaves)
    spool.put_chunk(0, sealing.seal_chunk(DK, 0, plain))
    unseal(
        base / "spool", DK, None, fingerprint, base / "out",
        progress=quiet, cancelled=never, strict=strict,
    )  # fmt: skip


ENTRY = FileEntry("a", 10, blake3(b"x" * 10).digest())


def test_untrue_statements_are_found_and_nothing_is_moved(tmp_path: Path) -> None:
    cases = {
        "BLAKE3": ((replace(ENTRY, blake3=bytes(32)),), b"x" * 10, {}),
        "bytes": ((ENTRY,), b"x" * 11, {}),
        "content id": ((ENTRY,), b"x" * 10, {"content_id": bytes(32)}),
    }
    for words, (entries, files, stated) in cases.items():
        base = tmp_path / words
        base.mkdir()
        with pytest.raises(PeerError, match=words) as caught:
            lie(base, entries, files, **stated)
        assert not isinstance(caught.value, BadRecord)
        assert [p.name for p in base.iterdir()] == ["spool"]
    honest = tmp_path / "honest"
    honest.mkdir()
    lie(honest, (ENTRY,), b"x" * 10)
    assert tree(honest / "out") == {"a": b"x" * 10}


def test_what_is_registered_can_be_put_in_place_although_its_blake3_is_a_lie(
    tmp_path: Path,
) -> None:
    lie(tmp_path, (replace(ENTRY, blake3=bytes(32)),), b"x" * 10, strict=False)
    assert tree(tmp_path / "out") == {"a": b"x" * 10}
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(PeerError, match="content id"):
        lie(other, (ENTRY,), b"x" * 10, strict=False, content_id=bytes(32))


def test_bytes_after_the_last_file_must_be_zero(tmp_path: Path) -> None:
    stated = {"length": 2 * PAYLOAD - (PAYLOAD - 10)}
    with pytest.raises(PeerError, match="padding after the last file"):
        lie(tmp_path, (ENTRY,), b"x" * 10 + b"hidden", **stated)


def test_another_manifest_than_before_funding_is_refused(dataset: Dataset) -> None:
    dataset.deliver()
    other = Manifest((*dataset.made.manifest.files, FileEntry("z", 0, bytes(32))))
    with pytest.raises(PeerError, match="before funding"):
        unseal(
            dataset.base / "spool", DK, other, dataset.fingerprint, dataset.base / "out",
            progress=quiet, cancelled=never,
        )  # fmt: skip
