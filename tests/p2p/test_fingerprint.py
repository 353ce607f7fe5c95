"""Fingerprints: against an independent one-pass-in-memory construction, and every bad file."""

import errno
import hashlib
import os
import shutil
import socket
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p import chacha20, files, hasher, merkle, records
from p2p import fingerprint as module
from p2p.errors import Cancelled, ContentChanged, ContentError
from p2p.files import Places
from p2p.fingerprint import Fingerprinted, fingerprint, scan
from p2p.hasher import PIECE, Part
from p2p.manifest import FileEntry, Manifest
from p2p.records import PAYLOAD
from tests.p2p.datasets import SALT_KEY, make_dataset, never, noise, quiet

MIB = 1 << 20


def make(path: Path, leaves: Path | None = None) -> Fingerprinted:
    leaves = leaves or path.parent / "leaves"
    return fingerprint(path, SALT_KEY, leaves, progress=quiet, cancelled=never)


def reference(contents: dict[str, bytes]) -> tuple[bytes, bytes, int, int, bytes]:
    """B, R, n, length and the leaves, straight from the protocol's text, all in memory."""
    entries = tuple(
        FileEntry(path, len(data), blake3(data).digest())
        for path, data in sorted(contents.items(), key=lambda item: item[0].encode())
    )
    manifest = Manifest(entries).encode()
    content = len(manifest).to_bytes(4, "big") + manifest
    content += bytes(-len(content) % 4064)
    content += b"".join(contents[entry.path] for entry in entries)
    n = -(-len(content) // 4064)
    stream = chacha20.keystream(SALT_KEY, bytes(12), 0, 32 * n)
    nodes = [
        hashlib.sha256(
            b"\0" + stream[32 * i :][:32] + content[4064 * i :][:4064].ljust(4064, b"\0")
        ).digest()
        for i in range(n)
    ]
    leaves = b"".join(nodes)
    while len(nodes) > 1:
        paired = [
            hashlib.sha256(b"\1" + nodes[i] + nodes[i + 1]).digest()
            for i in range(0, len(nodes) - 1, 2)
        ]
        nodes = paired + nodes[len(paired) * 2 :]
    content_id = blake3(manifest).digest() if len(entries) > 1 else entries[0].blake3
    return content_id, nodes[0], n, len(content), leaves


NAMES = st.text("abcü日", min_size=1, max_size=3)
CONTENTS = st.dictionaries(
    st.lists(NAMES, min_size=2, max_size=3).map("/".join),
    st.one_of(
        st.binary(max_size=300),
        st.sampled_from([0, 4063, 4064, 4065, 3 * 4064, 20_000]).map(noise),
    ),
    min_size=1,
    max_size=6,
).filter(
    lambda c: any(c.values()) and not any(a != b and b.startswith(a + "/") for a in c for b in c)
)


@settings(max_examples=60)
@given(contents=CONTENTS)
def test_any_folder_equals_the_protocols_text(
    contents: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    dataset = make_dataset(tmp_path_factory.mktemp("any"), contents)
    made = dataset.fingerprint
    *expected, leaves = reference(contents)
    assert [made.content_id, made.root, made.records, made.length] == expected
    assert dataset.leaves_path.read_bytes() == leaves
    assert dataset.content.chunks == -(-made.records // 256)


@pytest.mark.parametrize("size", [1, 4064, PIECE - 1, PIECE, PIECE + 1, 12 * MIB])
def test_a_single_file_of_awkward_size(tmp_path: Path, size: int) -> None:
    data = noise(size)
    dataset = make_dataset(tmp_path, data)
    *expected, leaves = reference({"source": data})
    made = dataset.fingerprint
    assert [made.content_id, made.root, made.records, made.length] == expected
    assert dataset.leaves_path.read_bytes() == leaves
    assert made.content_id == blake3(data).digest()


def test_salts_hide_equal_data_behind_another_root_and_leave_the_content_id(
    tmp_path: Path,
) -> None:
    path = tmp_path / "data"
    path.write_bytes(noise(20_000))
    one = make(path)
    again = make(path)
    other = fingerprint(path, SALT_KEY[::-1], tmp_path / "other", progress=quiet, cancelled=never)
    assert one == again
    assert one.fingerprint.content_id == other.fingerprint.content_id
    assert one.fingerprint.root != other.fingerprint.root
    mine, theirs = (tmp_path / "leaves").read_bytes(), (tmp_path / "other").read_bytes()
    assert not {mine[i : i + 32] for i in range(0, len(mine), 32)} & {
        theirs[i : i + 32] for i in range(0, len(theirs), 32)
    }
    path.write_bytes(noise(20_000)[:-1] + b"!")
    assert make(path).fingerprint.content_id != one.fingerprint.content_id


def test_equal_folders_have_equal_content_ids_wherever_they_lie(tmp_path: Path) -> None:
    made = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        made.append(make_dataset(tmp_path / name, {"a": b"1", "b/c": b"2"}).fingerprint)
    assert made[0] == made[1]
    (tmp_path / "moved").mkdir()
    moved = make_dataset(tmp_path / "moved", {"a": b"1", "b/d": b"2"}).fingerprint
    assert moved.content_id != made[0].content_id


def test_progress_reaches_the_end_and_cancelling_leaves_nothing(tmp_path: Path) -> None:
    path, leaves = tmp_path / "data", tmp_path / "leaves"
    path.write_bytes(noise(12 * MIB))
    seen: list[tuple[int, int]] = []
    fingerprint(path, SALT_KEY, leaves, progress=lambda d, t: seen.append((d, t)), cancelled=never)
    assert seen == sorted(seen)
    assert seen[-1] == (12 * MIB, 12 * MIB)
    kept = leaves.read_bytes()
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        fingerprint(path, SALT_KEY[::-1], leaves, progress=quiet, cancelled=lambda: next(asked))
    assert leaves.read_bytes() == kept
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "leaves", "leaves.marks"]


def test_memory_stays_flat(tmp_path: Path) -> None:
    """A sparse 64 MiB file takes a few MiB, not 64."""
    path = tmp_path / "sparse"
    with path.open("wb") as file:
        file.truncate(64 * MIB)
    tracemalloc.start()
    try:
        make(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * MIB


def test_folder_of_10_000_files(tmp_path: Path) -> None:
    source = tmp_path / "many"
    for i in range(100):
        (source / f"{i:02}").mkdir(parents=True)
        for j in range(100):
            (source / f"{i:02}" / f"{j:02}.txt").write_bytes(b"%d %d" % (i, j))
    made = make(source)
    assert len(made.manifest.files) == 10_000
    assert scan(source) == [(f.path, f.size) for f in made.manifest.files]


# What cannot be offered


def nothing(path: Path) -> None:
    """Not even a file."""


def empty_file(path: Path) -> None:
    path.touch()


def empty_folder(path: Path) -> None:
    (path / "inner").mkdir(parents=True)


def only_empty_files(path: Path) -> None:
    path.mkdir()
    (path / "a").touch()


def link(path: Path) -> None:
    (path.parent / "real").write_bytes(b"data")
    path.symlink_to(path.parent / "real")


def link_to_folder(path: Path) -> None:
    (path.parent / "real").mkdir()
    (path.parent / "real" / "a").write_bytes(b"data")
    path.symlink_to(path.parent / "real")


def link_inside(path: Path) -> None:
    path.mkdir()
    (path / "good").write_bytes(b"data")
    (path / "shortcut").symlink_to("good")


def broken_link_inside(path: Path) -> None:
    path.mkdir()
    (path / "good").write_bytes(b"data")
    (path / "shortcut").symlink_to("nowhere")


def pipe(path: Path) -> None:
    path.mkdir()
    (path / "good").write_bytes(b"data")
    os.mkfifo(path / "tap")


def unix_socket(path: Path) -> None:
    path.mkdir()
    (path / "good").write_bytes(b"data")
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(path)
        try:
            listener.bind("plug")
        finally:
            os.chdir(before)


def bytes_that_are_not_utf_8(path: Path) -> None:
    path.mkdir()
    (path / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"data")


def control_character(path: Path) -> None:
    path.mkdir()
    (path / "two\nlines").write_bytes(b"data")


def reserved_name(path: Path) -> None:
    path.mkdir()
    (path / "aux.csv").write_bytes(b"data")


def backslash(path: Path) -> None:
    path.mkdir()
    (path / "..\\up").write_bytes(b"data")


def case_twins(path: Path) -> None:
    path.mkdir()
    (path / "Data.csv").write_bytes(b"data")
    (path / "data.csv").write_bytes(b"data")


def unicode_twins(path: Path) -> None:
    path.mkdir()
    (path / "\u00fc").write_bytes(b"data")
    (path / "u\u0308").write_bytes(b"data")


def file_and_folder(path: Path) -> None:
    (path / "DATA").mkdir(parents=True)
    (path / "DATA" / "a").write_bytes(b"data")
    (path / "data").write_bytes(b"data")


@pytest.mark.parametrize(
    ("sin", "words"),
    [
        (nothing, "“.*given” is not there"), (empty_file, "is empty"),
        (empty_folder, "contains no files"), (only_empty_files, "is empty"),
        (link, "“.*given” is a link"), (link_to_folder, "“.*given” is a link"),
        (link_inside, "“.*shortcut” is a link"), (broken_link_inside, "“.*shortcut” is a link"),
        (pipe, "“.*tap” is a pipe"), (unix_socket, "“.*plug” is a socket"),
        (bytes_that_are_not_utf_8, r"“caf\\xe9.csv”: the name is not valid UTF-8"),
        (control_character, r"“two\\nlines”"), (reserved_name, "reserved on Windows"),
        (backslash, "contains"), (case_twins, "capital letters"), (unicode_twins, "listed twice"),
        (file_and_folder, "at once"),
    ],
)  # fmt: skip
def test_what_cannot_be_offered_is_named(
    tmp_path: Path, sin: Callable[[Path], None], words: str
) -> None:
    path, leaves = tmp_path / "given", tmp_path / "kept" / "leaves"
    leaves.parent.mkdir()
    sin(path)
    for attempt in (lambda: scan(path), lambda: make(path, leaves)):
        with pytest.raises(ContentError, match=words):
            attempt()
    assert not list(leaves.parent.iterdir())


def test_a_device_is_refused() -> None:
    with pytest.raises(ContentError, match=r"/dev/zero” is a device"):
        scan(Path("/dev/zero"))


def test_an_empty_file_beside_others_is_fine(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, {"a": b"", "b": b"data", "c/d": b""})
    assert scan(dataset.made.source) == [("a", 0), ("b", 4), ("c/d", 0)]


def test_names_written_in_nfd_are_offered_in_nfc(tmp_path: Path) -> None:
    """As a disk of a Mac may write them."""
    dataset = make_dataset(tmp_path, {"u\u0308/e\u0301.csv": b"data", "z": b"more"})
    assert [f.path for f in dataset.made.manifest.files] == ["z", "\u00fc/\u00e9.csv"]
    assert dataset.content.checked_chunk(0, dataset.leaves_path)


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for an administrator, whom permissions do not stop."""
    make_dataset(tmp_path, {"a": b"data", "secret": b"data"})
    access = os.access
    monkeypatch.setattr(
        files.os, "access", lambda p, mode: "secret" not in str(p) and access(p, mode)
    )
    with pytest.raises(ContentError, match=r"“.*secret” may not be read"):
        scan(tmp_path / "source")


def test_a_file_that_cannot_be_opened_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset(tmp_path, {"a": b"data", "bad": b"data"})
    opened = os.open

    def failing(path: str, flags: int) -> int:
        if str(path).endswith("bad"):
            raise OSError(errno.EIO, "Input/output error", str(path))
        return opened(path, flags)

    monkeypatch.setattr(files.os, "open", failing)
    with pytest.raises(ContentError, match=r"“.*bad” cannot be read: Input/output error"):
        make(tmp_path / "source")


def test_too_many_files_are_refused_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100,001 in the product; the same count with a smaller limit here (see test_manifest)."""
    monkeypatch.setattr("p2p.manifest.MAX_FILES", 10)
    make_dataset(tmp_path, {f"{i:02}": b"data" for i in range(10)})
    (tmp_path / "source" / "one more").write_bytes(b"data")
    with pytest.raises(ContentError, match="more than 10 files"):
        scan(tmp_path / "source")


def test_a_full_disk_leaves_no_half_written_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_dataset(tmp_path, {"a": b"data"})
    kept = (tmp_path / "leaves").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(ContentError, match="full"):
        make(tmp_path / "source", tmp_path / "leaves")
    assert (tmp_path / "leaves").read_bytes() == kept
    assert sorted(p.name for p in tmp_path.iterdir()) == ["leaves", "leaves.marks", "source"]


@pytest.mark.parametrize("count", [1, 60, 110, 200])
@pytest.mark.parametrize("size", [1, 100, 5000])
def test_the_root_from_those_of_the_pieces_is_that_over_all_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, size: int
) -> None:
    """Whatever record the files begin with, in the first piece or behind several."""
    for place in (hasher, module):
        monkeypatch.setattr(place, "PIECE_RECORDS", 4)
        monkeypatch.setattr(place, "PIECE", 4 * PAYLOAD)
    dataset = make_dataset(tmp_path, {f"{n:03}": noise(size, n + 1) for n in range(count)})
    leaves = dataset.leaves_path.read_bytes()
    assert merkle.root(leaves) == dataset.fingerprint.root
    content = dataset.content
    plain = b"".join(content.chunk(k) for k in range(content.chunks))
    assert records.leaf_hashes(plain) == leaves


# Files that change while they are read


def grow(source: Path) -> None:
    with (source / "a").open("ab") as file:
        file.write(b"!")


def shrink(source: Path) -> None:
    os.truncate(source / "b", 10)


def rewrite_in_place(source: Path) -> None:
    with (source / "a").open("r+b") as file:
        file.write(b"!")
    os.utime(source / "a", ns=(1, 1))


def replace(source: Path) -> None:
    status = (source / "a").stat()
    (source / "new").write_bytes(noise(8 * MIB, 2))
    os.utime(source / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(source / "new", source / "a")


def remove_unread(source: Path) -> None:
    (source / "b").unlink()


def remove_read(source: Path) -> None:
    (source / "a").unlink()


def add(source: Path) -> None:
    (source / "c").write_bytes(b"new")


def swap_for_a_link(source: Path) -> None:
    (source / "b").unlink()
    (source / "b").symlink_to("a")


def swap_for_a_pipe(source: Path) -> None:
    (source / "b").unlink()
    os.mkfifo(source / "b")


@pytest.mark.parametrize(
    "change",
    [grow, shrink, rewrite_in_place, replace, remove_unread, remove_read, add, swap_for_a_link,
     swap_for_a_pipe],
)  # fmt: skip
def test_a_change_while_reading_is_noticed(tmp_path: Path, change: Callable[[Path], None]) -> None:
    """The change happens after the first piece, while "a" is open and "b" is not yet."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_bytes(noise(8 * MIB))
    (source / "b").write_bytes(noise(4 * MIB))
    seen: list[int] = []

    def progress(done: int, total: int) -> None:
        if not seen:
            change(source)
        seen.append(done)

    leaves = tmp_path / "leaves"
    with pytest.raises(ContentChanged, match=r"changed|gone|no longer"):
        fingerprint(source, SALT_KEY, leaves, progress=progress, cancelled=never)
    if change in (grow, rewrite_in_place):
        # Known when "a" ends: hours of reading may lie behind it.
        assert seen[-1] < 8 * MIB
    assert not leaves.exists()
    if change not in (swap_for_a_link, swap_for_a_pipe):
        assert make(source).fingerprint.records > 0


def test_a_change_between_the_two_readings_of_a_piece_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its records are hashed first, then the file."""
    path = tmp_path / "data"
    path.write_bytes(noise(MIB))
    read = module.read

    def late(part: Part, steps: Iterable[Places]) -> Iterator[Places]:
        path.write_bytes(noise(MIB, 2))
        return read(part, steps)

    monkeypatch.setattr(module, "read", late)
    with pytest.raises(ContentChanged, match="“data” changed"):
        make(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_swapped_only_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    """At the end everything looks as at the start."""
    source, other = tmp_path / "source", tmp_path / "other"
    source.mkdir()
    (source / "a").write_bytes(noise(8 * MIB))
    (source / "b").write_bytes(noise(4 * MIB))
    shutil.copy2(source / "b", other)

    def swap() -> None:
        (source / "b").rename(tmp_path / "aside")
        other.rename(source / "b")
        (tmp_path / "aside").rename(other)

    def progress(done: int, total: int) -> None:
        if done <= PIECE or done == total:
            swap()

    with pytest.raises(ContentChanged, match="“b” changed"):
        fingerprint(source, SALT_KEY, tmp_path / "leaves", progress=progress, cancelled=never)
