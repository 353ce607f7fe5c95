"""Manifests that mean harm, delivered and unsealed on a real disk: nothing leaves the folder."""

import hashlib
import os
from pathlib import Path

import pytest
from blake3 import blake3

from p2p import merkle, records, sealing
from p2p.errors import ContentError, PeerError
from p2p.manifest import Manifest
from p2p.openings import Opening, check_manifest
from p2p.records import CHUNK, Fingerprint
from p2p.spool import Spool
from p2p.unsealing import unseal
from tests.p2p.datasets import DK, SALT_KEY, never, quiet
from tests.p2p.hostile_paths import HARMLESS, REFUSED, Case, cases

BYTES = b"harm"


def forged(paths: Case, digest: bytes = blake3(BYTES).digest()) -> bytes:
    """A manifest nobody checked: each file has the same few bytes."""
    entries = (
        b'{"blake3":"%s","path":"%s","size":%d}' % (digest.hex().encode(), path, len(BYTES))
        for path in paths
    )
    return b'{"files":[' + b",".join(entries) + b'],"lading":1}'


class Registered:
    """What a hostile owner registers: all hashes are right, only the names are not."""

    def __init__(self, paths: Case, manifest: bytes | None = None) -> None:
        manifest = manifest or forged(paths)
        content = records.preamble(manifest) + BYTES * len(paths)
        n = records.record_count(len(content))
        self.plain = records.join(records.salts(SALT_KEY, 0, n), content)
        self.leaves = records.leaf_hashes(self.plain)
        root = merkle.root(self.leaves)
        self.fingerprint = Fingerprint(records.confidential_id(root), root, n, len(content))
        self.manifest_records = records.preamble_records(len(manifest))

    def deliver(self, folder: Path) -> None:
        spool = Spool(folder, self.fingerprint.records, self.fingerprint.root)
        spool.put_leaves(self.leaves)
        for index in range(spool.chunks):
            plain = self.plain[index * CHUNK : (index + 1) * CHUNK]
            spool.put_chunk(index, sealing.seal_chunk(DK, index, plain))

    def openings(self) -> list[Opening]:
        paths = merkle.paths(self.leaves, 0, self.manifest_records)
        return [
            Opening(index, self.plain[index * 4096 : (index + 1) * 4096], tuple(path))
            for index, path in paths
        ]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with things worth keeping around the target, and links that lead out of it."""
    (tmp_path / "neighbour").mkdir()
    (tmp_path / "neighbour" / "keep.txt").write_bytes(b"kept")
    (tmp_path / "in" / "here").mkdir(parents=True)
    (tmp_path / "in" / "a").write_bytes(b"kept")
    (tmp_path / "in" / "link").symlink_to("../neighbour")
    return tmp_path


def around(place: Path, *left_out: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything in ``place`` but some folders: kind, inode, and what is in it."""
    found = {}
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if Path(folder, name) not in left_out]
        for name in (*folders, *names):
            path = Path(folder, name)
            status = path.lstat()
            data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path)] = (status.st_mode, status.st_ino, data)
    return found


def attempt(place: Path, paths: Case, manifest: bytes | None = None) -> Path:
    """Deliver and unseal them below ``place/in/here``; where they are."""
    made = Registered(paths, manifest)
    spool = place / "spool"
    made.deliver(spool)
    target = place / "in" / "here" / "out"
    return unseal(spool, DK, None, made.fingerprint, target, progress=quiet, cancelled=never).folder


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    every = [case for _, case in (*cases(REFUSED), *cases(HARMLESS))]
    assert len(cases(REFUSED)) >= 300
    assert len(set(every)) == len(every)
    assert not {case for _, case in cases(REFUSED)} & {case for _, case in cases(HARMLESS)}


@pytest.mark.parametrize("family", REFUSED)
def test_a_hostile_manifest_is_refused_before_and_after_paying(family: str, place: Path) -> None:
    for number, paths in enumerate(REFUSED[family]):
        with pytest.raises(PeerError):
            Manifest.decode(forged(paths))
        made = Registered(paths)
        with pytest.raises(PeerError):
            check_manifest(made.openings(), made.fingerprint)
        before = around(place, place / "spool")
        with pytest.raises(PeerError):
            attempt(place, paths)
        assert around(place, place / "spool") == before, (number, paths)
        for file in (place / "spool").iterdir():
            file.unlink()


@pytest.mark.parametrize("family", HARMLESS)
def test_a_name_that_only_looks_hostile_stays_in_the_folder(family: str, place: Path) -> None:
    for number, paths in enumerate(HARMLESS[family]):
        before = around(place, place / "spool")
        folder = attempt(place, paths)
        assert folder == place / "in" / "here" / "out"
        assert around(place, place / "spool", folder) == before, (number, paths)
        stored = {
            os.fsencode(path.relative_to(folder)): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        assert stored == dict.fromkeys(paths, BYTES)
        folder.rename(place / "in" / "gone")
        _remove(place / "in" / "gone")
        for file in (place / "spool").iterdir():
            file.unlink()


def test_of_a_deep_dataset_that_turns_out_a_lie_nothing_stays(place: Path) -> None:
    deep = (b"a/" * 511 + b"a", b"b")
    before = around(place, place / "spool")
    with pytest.raises(PeerError, match="BLAKE3"):
        attempt(place, deep, forged(deep, bytes(32)))
    assert around(place, place / "spool") == before


@pytest.mark.parametrize("leads_to", ["../../neighbour", "../../in", "nowhere", "."])
def test_a_link_where_the_files_shall_be_is_not_followed(place: Path, leads_to: str) -> None:
    link = place / "in" / "here" / "out"
    link.symlink_to(leads_to)
    before = around(place, place / "spool")
    folder = attempt(place, (b"keep.txt",))
    assert folder == link.with_name("out (2)")
    assert around(place, place / "spool", folder) == before


@pytest.mark.parametrize("leads_to", ["../../neighbour", "nowhere"])
def test_a_link_in_place_of_the_work_folder_is_not_followed(place: Path, leads_to: str) -> None:
    mark = hashlib.sha256(os.fsencode(place / "spool")).hexdigest()[:16]
    (place / "in" / "here" / f".lading-{mark}").symlink_to(leads_to)
    before = around(place, place / "spool")
    with pytest.raises(ContentError):
        attempt(place, (b"keep.txt",))
    assert around(place, place / "spool") == before


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), key=lambda path: len(path.parts), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
