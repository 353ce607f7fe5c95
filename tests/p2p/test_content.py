"""The owner's side: any chunk again and again, and never a record that was not registered."""

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p import chacha20, files, marks, records
from p2p import content as module
from p2p.content import Content, move_leaves, remove_leaves
from p2p.errors import ContentChanged, ContentError
from p2p.fingerprint import fingerprint
from p2p.manifest import FileEntry, Manifest
from p2p.records import CHUNK_RECORDS, PAYLOAD, RECORD
from tests.p2p.datasets import SALT_KEY, Dataset, make_dataset, never, noise, quiet

BIG = noise(CHUNK_RECORDS * PAYLOAD + 1000)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Three chunks over files of every awkward size."""
    files = {"a": BIG, "b/empty": b"", "b/one": b"x", "c": noise(PAYLOAD, 3), "d": BIG, "e": b""}
    return make_dataset(tmp_path, files)


def test_chunks_are_the_records_of_the_content(dataset: Dataset) -> None:
    content = dataset.content
    assert content.chunks == 3
    plain = b"".join(content.chunk(k) for k in range(3))
    assert len(plain) == dataset.fingerprint.records * RECORD
    assert records.leaf_hashes(plain) == dataset.leaves_path.read_bytes()
    payload = records.payload(plain)
    expected = records.preamble(dataset.made.manifest.encode())
    for name in ("a", "b/empty", "b/one", "c", "d", "e"):
        expected += (dataset.made.source / name).read_bytes()
    assert payload == expected.ljust(len(payload), b"\0")


@settings(max_examples=20)
@given(order=st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_chunks_come_in_any_order(
    order: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    dataset = make_dataset(tmp_path_factory.mktemp("order"), {"a": BIG, "b": BIG})
    content, leaves = dataset.content, dataset.leaves_path.read_bytes()
    for k in order:
        plain, kept = content.checked_chunk(k, dataset.leaves_path)
        assert plain == content.chunk(k)
        assert kept == leaves[k * 8192 : (k + 1) * 8192] == records.leaf_hashes(plain)


@pytest.mark.parametrize("most", [None, 1000, 4064 * 5 + 1])
def test_what_is_read_piece_by_piece_is_the_same(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, most: int | None
) -> None:
    """Where the system fills no several places at once, or gives less than it was asked for."""
    chunks = [dataset.content.chunk(k) for k in range(dataset.content.chunks)]
    preadv, calls = os.preadv, 0

    def some(descriptor: int, places: Sequence[memoryview], offset: int) -> int:
        nonlocal calls
        calls += 1
        assert most is not None
        left, less = most, []
        for place in places:
            less.append(place[:left])
            left -= len(less[-1])
        return preadv(descriptor, less, offset)

    monkeypatch.setattr(files, "_preadv", some if most else None)
    assert [dataset.content.chunk(k) for k in range(dataset.content.chunks)] == chunks
    assert bool(most) == (calls > len(chunks))
    again = dataset.base / "again"
    made = fingerprint(dataset.made.source, SALT_KEY, again, progress=quiet, cancelled=never)
    assert made == dataset.made
    assert again.read_bytes() == dataset.leaves_path.read_bytes()


def test_no_such_chunk(dataset: Dataset) -> None:
    for k in (-1, 3):
        with pytest.raises(IndexError):
            dataset.content.chunk(k)


def edit(source: Path) -> None:
    with (source / "d").open("r+b") as file:
        file.seek(500_000)
        file.write(b"?")


def edit_keeping_the_time(source: Path) -> None:
    status = (source / "d").stat()
    edit(source)
    os.utime(source / "d", ns=(status.st_atime_ns, status.st_mtime_ns))


def truncate(source: Path) -> None:
    os.truncate(source / "d", 100)


def append(source: Path) -> None:
    with (source / "d").open("ab") as file:
        file.write(b"?")


def remove(source: Path) -> None:
    (source / "d").unlink()


def link(source: Path) -> None:
    (source / "d").rename(source / "real")
    (source / "d").symlink_to("real")


def pipe(source: Path) -> None:
    (source / "d").unlink()
    os.mkfifo(source / "d")


@pytest.mark.parametrize(
    "change", [edit, edit_keeping_the_time, truncate, append, remove, link, pipe]
)
def test_changed_files_are_never_sealed(dataset: Dataset, change: Callable[[Path], None]) -> None:
    change(dataset.made.source)
    content = dataset.content
    assert content.checked_chunk(0, dataset.leaves_path)
    with pytest.raises(ContentChanged, match=r"registered|gone|no longer"):
        [content.checked_chunk(k, dataset.leaves_path) for k in (1, 2)]


def test_putting_the_files_back_mends_it(dataset: Dataset) -> None:
    place = dataset.made.source / "d"
    place.unlink()
    with pytest.raises(ContentChanged):
        dataset.content.checked_chunk(2, dataset.leaves_path)
    place.write_bytes(BIG)
    assert dataset.content.checked_chunk(2, dataset.leaves_path)


def test_another_salt_key_is_not_what_was_registered(dataset: Dataset) -> None:
    made = dataset.made
    content = Content(made.source, made.manifest, SALT_KEY[::-1], made.fingerprint)
    with pytest.raises(ContentChanged):
        content.checked_chunk(0, dataset.leaves_path)


def test_another_manifest_is_refused_at_once(dataset: Dataset) -> None:
    other = Manifest((FileEntry("a", 1, bytes(32)),))
    with pytest.raises(ContentChanged, match="manifest"):
        Content(dataset.made.source, other, SALT_KEY, dataset.fingerprint)


@pytest.mark.parametrize("left", [0, 100])
def test_damaged_leaves_are_said_to_be_so(dataset: Dataset, left: int) -> None:
    os.truncate(dataset.leaves_path, left)
    with pytest.raises(ContentError, match="damaged"):
        dataset.content.checked_chunk(2, dataset.leaves_path)
    with pytest.raises(ContentError, match="damaged"):
        next(dataset.content.manifest_openings(dataset.leaves_path))
    dataset.leaves_path.unlink()
    with pytest.raises(ContentError, match="not there"):
        dataset.content.checked_chunk(2, dataset.leaves_path)


def test_read_leaves(dataset: Dataset) -> None:
    leaves = dataset.leaves_path.read_bytes()
    assert module.read_leaves(dataset.leaves_path, 3, 2) == leaves[96:160]
    with pytest.raises(ContentError, match="damaged"):
        module.read_leaves(dataset.leaves_path, dataset.fingerprint.records, 1)


def test_the_key_is_not_shown(dataset: Dataset) -> None:
    assert SALT_KEY.hex() not in repr(dataset.content)
    assert repr(SALT_KEY)[2:-1] not in repr(dataset.content)


MANY = {f"{number:04}": b"x" for number in range(20_000)}
"""Their manifest fills more than one chunk."""


@pytest.mark.parametrize(
    ("named", "unmarked"),
    [
        ({"a": BIG, "b": BIG, "c": BIG, "d": BIG, "e": BIG}, 1),
        (MANY | {"z": BIG}, 2),
        ({"a": b"short"}, 1),
    ],
)
def test_a_chunk_with_its_mark_is_not_hashed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: dict[str, bytes], unmarked: int
) -> None:
    """All but those with records of the manifest have one."""
    dataset = make_dataset(tmp_path, named)
    content, hashed = dataset.content, []
    leaf_hashes = records.leaf_hashes

    def counted(plain: memoryview) -> bytes:
        hashed.append(len(plain))
        return leaf_hashes(plain)

    monkeypatch.setattr(records, "leaf_hashes", counted)
    leaves = dataset.leaves_path.read_bytes()
    for k in range(content.chunks):
        plain, kept = content.checked_chunk(k, dataset.leaves_path)
        assert kept == leaves[k * 8192 : (k + 1) * 8192] == leaf_hashes(plain)
    assert len(hashed) == unmarked
    assert len(marks.beside(dataset.leaves_path).read_bytes()) == content.chunks * marks.MARK


@given(data=st.data())
def test_a_mark_fits_what_it_was_made_of_alone(data: st.DataObject) -> None:
    made = bytearray(noise(16 * 32)), bytearray(noise(16 * RECORD, 2))
    right = marks.mark(SALT_KEY, 7, *made)
    assert marks.mark(SALT_KEY, 7, *made) == right
    assert marks.mark(SALT_KEY, 8, *made) != right
    assert marks.mark(bytes(32), 7, *made) != right
    part = data.draw(st.sampled_from(made))
    part[data.draw(st.integers(0, len(part) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert marks.mark(SALT_KEY, 7, *made) != right


def test_a_mark_is_rfc_8439_s() -> None:
    """The authenticator in integers, as §2.5.1 has it; ChaCha20 has vectors of its own."""
    leaves, plain = noise(64), noise(2 * RECORD, 2)
    key = hashlib.sha256(b"lading marks" + SALT_KEY).digest()
    once = chacha20.keystream(key, (7).to_bytes(12, "big"), 0, 32)
    r = int.from_bytes(once[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(leaves + plain), 16):
        block = (leaves + plain)[at : at + 16] + b"\1"
        total = (total + int.from_bytes(block, "little")) * r % ((1 << 130) - 5)
    tag = (total + int.from_bytes(once[16:], "little")) & (1 << 128) - 1
    assert marks.mark(SALT_KEY, 7, leaves, plain) == tag.to_bytes(16, "little")


@pytest.mark.parametrize("what", ["lost", "cut", "of others", "of none"])
def test_marks_that_do_not_fit_say_nothing(dataset: Dataset, what: str) -> None:
    place = marks.beside(dataset.leaves_path)
    whole = place.read_bytes()
    if what == "lost":
        place.unlink()
    elif what == "cut":
        place.write_bytes(whole[: 2 * marks.MARK - 1])
    elif what == "of others":
        place.write_bytes(noise(len(whole)))
    else:
        place.write_bytes(bytes(len(whole)))
    leaves_path, content = dataset.leaves_path, dataset.content
    found = [content.checked_chunk(k, leaves_path)[0] for k in range(content.chunks)]
    assert found == [content.chunk(k) for k in range(content.chunks)]


def test_leaf_hashes_that_changed_are_found_beside_a_mark_too(dataset: Dataset) -> None:
    leaves = bytearray(dataset.leaves_path.read_bytes())
    leaves[8192 + 5] ^= 1
    dataset.leaves_path.write_bytes(leaves)
    with pytest.raises(ContentChanged):
        dataset.content.checked_chunk(1, dataset.leaves_path)


def test_leaf_hashes_move_and_go_with_their_marks(dataset: Dataset) -> None:
    there, here = dataset.leaves_path, dataset.base / "moved"
    leaves, kept = there.read_bytes(), marks.beside(there).read_bytes()
    move_leaves(there, here)
    assert (here.read_bytes(), marks.beside(here).read_bytes()) == (leaves, kept)
    assert not there.exists()
    assert not marks.beside(there).exists()
    marks.beside(here).unlink()
    move_leaves(here, there)  # an earlier version's
    assert there.read_bytes() == leaves
    remove_leaves(there)
    remove_leaves(there)
    assert not there.exists()
