"""Delivery parcels: everything arrives in any order, nothing spoiled or forged is ever stored."""

import errno
import hashlib
import os
import struct
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p import parcel_saving, parcels, sealer, sealing
from p2p import spool as spool_module
from p2p.errors import Cancelled, ContentChanged, ContentError
from p2p.parcel_taking import Taken, find_parts
from p2p.parcels import CHECK, HEAD, LEAST_PART_BYTES, Label, ParcelError, read_label
from p2p.records import CHUNK, CHUNK_RECORDS, PAYLOAD, RECORD
from p2p.sent_leaves import SentLeaves
from tests.p2p.datasets import Dataset, make_dataset, noise
from tests.p2p.parcelled import ORDER, Desk
from tests.p2p.seeds import seeds

FILES = {"a": noise(3 * CHUNK_RECORDS * PAYLOAD), "b": b"the last, shorter chunk"}
TWO_CHUNKS = 2 * LEAST_PART_BYTES - HEAD
WHOLE = Taken(1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(make_dataset(tmp_path, FILES))


@pytest.fixture
def many_leaf_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a dataset of many thousand records, whose leaf hashes fill several blocks."""
    monkeypatch.setattr(parcels, "LEAF_BLOCK", 4096)


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> tuple[Desk, Path]:
    """A parcel in one file, for looking at only."""
    desk = Desk(make_dataset(tmp_path_factory.mktemp("one"), FILES))
    return desk, desk.save()[0]


def expected_root(desk: Desk) -> bytes:
    return desk.dataset.deliver("expected").delivery_root()


def assert_prefix(desk: Desk) -> int:
    """Nothing but what the owner sealed is stored; how much."""
    spool, sealed = desk.spool(), desk.dataset.sealed()
    for k in range(spool.next_chunk):
        assert spool.ciphertext(k) == sealed[k]
    return spool.next_chunk


# whole


def test_one_file_brings_all_of_it(desk: Desk) -> None:
    (path,) = desk.save()
    assert path.name == "order.lading"
    assert path.stat().st_size == read_label(path).size
    assert desk.take(path) == WHOLE
    spool = desk.spool()
    assert spool.complete
    assert spool.delivery_root() == expected_root(desk)
    assert not desk.keep.exists()


def test_the_owner_knows_the_root_that_the_receipt_must_name(desk: Desk) -> None:
    desk.save()
    sent = SentLeaves(desk.base / "work" / "delivery-leaves", desk.dataset.fingerprint.records)
    assert sent.chunks == 4
    assert sent.root() == expected_root(desk)


def test_it_shows_order_root_sizes_and_sealed_bytes_only(one: tuple[Desk, Path]) -> None:
    desk, path = one
    label = read_label(path)
    data = path.read_bytes()
    leaves, sealed = desk.dataset.leaves_path.read_bytes(), desk.dataset.sealed()
    blocks = [leaves, *sealed]
    assert data == label.encode() + b"".join(
        block + label.check(k, block) for k, block in enumerate(blocks)
    )
    head = struct.pack(
        ">8s32s32sQII",
        b"LADINGP1", ORDER, desk.dataset.fingerprint.root, label.records, 5, 0,
    )  # fmt: skip
    assert data[:HEAD] == head + hashlib.sha256(head).digest()
    assert b"source" not in data
    assert FILES["a"][:32] not in data


def test_little_is_added(one: tuple[Desk, Path]) -> None:
    _, path = one
    content = sum(map(len, FILES.values()))
    assert path.stat().st_size < content * 1.017 + RECORD + PAYLOAD  # manifest and last record


@pytest.mark.parametrize("part_bytes", [LEAST_PART_BYTES, TWO_CHUNKS, TWO_CHUNKS + 17])
def test_parts_are_no_longer_than_asked_and_bring_all_of_it(desk: Desk, part_bytes: int) -> None:
    paths = desk.save(part_bytes)
    assert max(path.stat().st_size for path in paths) <= part_bytes
    assert [read_label(path).part for path in paths] == list(range(len(paths)))
    assert paths[0].name == f"order.1-of-{len(paths)}.lading"
    assert desk.take(desk.out) == Taken(len(paths))
    assert desk.spool().delivery_root() == expected_root(desk)


@pytest.mark.usefixtures("many_leaf_blocks")
@pytest.mark.parametrize("order", list(permutations(range(3)))[1:])
def test_parts_one_by_one_in_any_order(desk: Desk, order: tuple[int, ...]) -> None:
    paths = desk.save(5 * (CHUNK + CHECK) + HEAD)
    assert len(paths) == 3
    assert read_label(paths[1]).first < read_label(paths[1]).leaf_blocks  # leaves in two of them
    left = set(range(1, 4))
    for at in order:
        taken = desk.take(paths[at])
        paths[at].unlink()  # the stick is filled again
        left.discard(at + 1)
        named = {part for first, last in taken.missing for part in range(first, last + 1)}
        assert named == left
    assert desk.spool().delivery_root() == expected_root(desk)
    assert list(desk.keep.iterdir()) == []


def test_missing_parts_are_named_in_runs(desk: Desk) -> None:
    paths = desk.save(LEAST_PART_BYTES)
    assert len(paths) == 5
    assert desk.take(paths[2]).missing == ((1, 2), (4, 5))
    assert desk.take(paths[0], paths[4]).missing == ((2, 2), (4, 4))
    assert assert_prefix(desk) == 0
    assert desk.take(paths[1]).missing == ((4, 4),)
    assert assert_prefix(desk) == 2


def test_parts_of_two_sizes_fit_together(desk: Desk) -> None:
    small = desk.save(LEAST_PART_BYTES)
    desk.take(*small[:2])
    for path in small:
        path.unlink()
    large = desk.save(TWO_CHUNKS)
    assert desk.take(large[2]).missing == ((2, 2),)
    assert desk.take(large[1]) == Taken(3)
    assert desk.spool().delivery_root() == expected_root(desk)


def test_names_and_doubles_do_not_matter(desk: Desk, tmp_path: Path) -> None:
    paths = desk.save(LEAST_PART_BYTES)
    mixed = tmp_path / "mail"
    mixed.mkdir()
    for number, path in enumerate(reversed(paths)):
        (mixed / f"{number}.bin").write_bytes(path.read_bytes())
        (mixed / f"{number} (2).bin").write_bytes(path.read_bytes())
    (mixed / "read me.txt").write_text("Here it is.")
    assert desk.take(mixed) == Taken(5)
    assert desk.spool().delivery_root() == expected_root(desk)


# half by another way


@pytest.mark.parametrize("stored", [0, 1, 3, 4])
def test_a_parcel_finishes_what_the_wire_began(desk: Desk, stored: int) -> None:
    spool = desk.spool()
    spool.put_leaves(desk.dataset.leaves_path.read_bytes())
    for k, chunk in enumerate(desk.dataset.sealed()[:stored]):
        spool.put_chunk(k, chunk)
    paths = desk.save(TWO_CHUNKS)
    assert desk.take(*paths[-(4 - stored) // 2 - 1 :]) == Taken(3)
    assert desk.spool().delivery_root() == expected_root(desk)


def test_leaf_hashes_cut_by_a_crash_are_taken_from_the_parcel(desk: Desk) -> None:
    desk.spool().put_leaves(desk.dataset.leaves_path.read_bytes()[:3200])
    assert desk.take(*desk.save()) == WHOLE


# spoiled


@seeds(*((place, 0) for place in range(7)), (2, -1), (3, -1), (6, -1), (0, 8), (5, 1))
@settings(max_examples=25)
@given(place=st.integers(0, 6), near=st.integers(-2, 2) | st.integers(0, 2**22))
def test_cut_at_any_byte_it_gives_what_is_whole_and_goes_on_later(
    one: tuple[Desk, Path], tmp_path_factory: pytest.TempPathFactory, place: int, near: int
) -> None:
    """Seeds: at each of the places, a byte before, and in the middle."""
    kept, path = one
    label = read_label(path)
    places = [0, 7, HEAD, *(label.place(k) for k in range(1, label.stop)), label.size]
    cut = (places[place % len(places)] + near) % label.size
    desk = elsewhere(kept, tmp_path_factory)
    short = desk.base / "short.lading"
    short.write_bytes(path.read_bytes()[:cut])
    whole = sum(label.place(k + 1) <= cut for k in range(label.stop))
    if cut < HEAD:
        with pytest.raises(ParcelError) as refused:
            desk.take(short)
        assert refused.value.code == ("none" if cut < 7 else "damaged")
        assert "short.lading" in str(refused.value)
    else:
        assert desk.take(short) == Taken(1, ((1, 1),), ("short.lading",))
    assert assert_prefix(desk) == max(0, whole - 1)
    assert desk.take(path) == WHOLE
    assert desk.spool().complete


@seeds(
    *((at, 0) for at in (0, 9, 42, 72, 81, 84, 117)),  # each field of the head
    (HEAD + 1, 0),  # a leaf hash
    (-CHECK, 0),  # the last check
    (-1, 7),
    (TWO_CHUNKS // 3 * 3 + 1, 3),  # a sealed record
)
@settings(max_examples=25)
@given(st.integers(0, 2**30), st.integers(0, 7))
def test_a_flipped_bit_is_never_stored(
    one: tuple[Desk, Path],
    tmp_path_factory: pytest.TempPathFactory,
    at: int,
    bit: int,
) -> None:
    kept, path = one
    content = bytearray(path.read_bytes())
    at %= len(content) if at % 3 else HEAD
    content[at] ^= 1 << bit
    desk = elsewhere(kept, tmp_path_factory)
    bad = desk.base / "bad.lading"
    bad.write_bytes(content)
    if at < HEAD:
        with pytest.raises(ParcelError):
            desk.take(bad)
    else:
        assert desk.take(bad).spoiled == ("bad.lading",)
    assert assert_prefix(desk) < 4
    assert desk.take(bad, path).missing == ()
    assert desk.spool().complete


def elsewhere(kept: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """The same order at a buyer's who has nothing yet."""
    old = kept.dataset
    return Desk(Dataset(tmp_path_factory.mktemp("buyer"), old.made, old.leaves_path))


def test_a_spoiled_part_is_named_and_the_others_are_kept(desk: Desk) -> None:
    paths = desk.save(LEAST_PART_BYTES)
    good = paths[2].read_bytes()
    paths[2].write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    assert desk.take(desk.out) == Taken(5, ((3, 3),), (paths[2].name,))
    assert assert_prefix(desk) == 1
    for path in paths:
        path.unlink()
    paths[2].write_bytes(good)
    assert desk.take(paths[2]) == Taken(5)
    assert desk.spool().delivery_root() == expected_root(desk)
    assert list(desk.keep.iterdir()) == []


def test_a_part_with_a_spoiled_head_does_not_stop_the_others(desk: Desk) -> None:
    paths = desk.save(LEAST_PART_BYTES)
    with paths[1].open("r+b") as file:
        file.seek(20)
        file.write(b"???")
    assert desk.take(*paths) == Taken(5, ((2, 2),), (paths[1].name,))


def test_a_kept_part_that_this_disk_spoiled_is_missing_again(desk: Desk) -> None:
    paths = desk.save(LEAST_PART_BYTES)
    desk.take(*paths[2:])
    first, second, _ = sorted(desk.keep.iterdir())
    os.truncate(first, 50)
    os.truncate(second, 5000)
    assert desk.take(*paths[:2]).missing == ((3, 3),)
    assert desk.take(paths[2]).missing == ((4, 4),)  # found out when its turn came
    assert desk.take(paths[3]) == Taken(5)


# forged, and hostile


def forged(desk: Desk, path: Path, block: int, change: bytes) -> Path:
    """The parcel with one block changed by somebody who knows how checks are made."""
    label, data = read_label(path), bytearray(path.read_bytes())
    at, size = label.place(block), label.block_size(block)
    data[at : at + len(change)] = change
    data[at + size : at + size + CHECK] = label.check(block, data[at : at + size])
    path.write_bytes(data)
    return path


def test_leaf_hashes_that_do_not_lead_to_the_root_stop_it_before_any_chunk(desk: Desk) -> None:
    (path,) = desk.save()
    with pytest.raises(ParcelError, match="registered") as refused:
        desk.take(forged(desk, path, 0, bytes(32)))
    assert refused.value.code == "altered"
    spool = desk.spool()
    assert (spool.leaves_complete, spool.next_chunk) == (False, 0)
    path.unlink()
    assert desk.take(*desk.save()) == WHOLE


@pytest.mark.usefixtures("many_leaf_blocks")
def test_forged_leaf_hashes_do_not_cost_the_chunks_that_wait(desk: Desk) -> None:
    paths = desk.save(5 * (CHUNK + CHECK) + HEAD)
    good = paths[0].read_bytes()
    desk.take(paths[2])
    desk.take(forged(desk, paths[0], 0, bytes(32)))
    with pytest.raises(ParcelError) as refused:
        desk.take(paths[1])
    assert refused.value.code == "altered"
    paths[0].write_bytes(good)
    assert desk.take(*paths[:2]) == Taken(3)
    assert desk.spool().delivery_root() == expected_root(desk)


def test_a_forged_chunk_gives_another_root_than_the_owner_will_name(desk: Desk) -> None:
    (path,) = desk.save()
    assert desk.take(forged(desk, path, 2, b"forged")) == WHOLE
    assert desk.spool().delivery_root() != expected_root(desk)


def head(**fields: object) -> bytes:
    """A head with these fields and a right check."""
    said = {"magic": b"LADINGP1", "order": ORDER, "root": bytes(32), "n": 1, "per": 1, "part": 0}
    packed = struct.pack(">8s32s32sQII", *(said | fields).values())
    return packed + hashlib.sha256(packed).digest()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "none"),
        (b"LADING", "none"),
        (b"PK\x03\x04" + bytes(500), "none"),
        (head(magic=b"LADING-W"), "none"),
        (head(magic=b"LADINGP2"), "newer"),
        (head(n=0), "damaged"),
        (head(n=1 << 63), "damaged"),
        (head(n=(1 << 64) - 1, per=(1 << 32) - 1), "damaged"),
        (head(n=(1 << 32) + 1), "damaged"),
        (head(per=0), "damaged"),
        (head(part=2), "damaged"),
        (head(part=(1 << 32) - 1), "damaged"),
        (head()[:-1], "damaged"),
        (head()[:-1] + b"\0", "damaged"),
        (head(order=b"../../../../etc/passwd".ljust(32, b"\0")), "other"),
        (head(n=1 << 32, per=1 << 31), "other"),
    ],
)
def test_hostile_heads(desk: Desk, tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "hostile\x1b[2J.lading"
    path.write_bytes(content)
    with pytest.raises(ParcelError) as refused:
        desk.take(path)
    assert refused.value.code == code
    assert "\x1b" not in str(refused.value)
    assert assert_prefix(desk) == 0


@seeds(
    (head(),),
    (head(n=1 << 32, per=(1 << 32) - 1),),
    (head(n=1 << 32, per=1, part=(1 << 24) + (1 << 17) - 1),),  # the last part of all
    (head(n=1 << 32, per=1, part=(1 << 24) + (1 << 17)),),
    (head(n=(1 << 64) - 1, per=0, part=(1 << 32) - 1),),
    (head() + bytes(5),),
    (head()[:-1],),
    (b"LADINGP0" + bytes(HEAD),),
    (b"LADINGP",),
    (b"",),
)
@given(
    st.binary(max_size=2 * HEAD)
    | st.builds(
        lambda n, per, part: head(n=n, per=per, part=part),
        st.integers(0, 1 << 33) | st.integers(0, (1 << 64) - 1),
        st.integers(0, (1 << 32) - 1),
        st.integers(0, 3) | st.integers(0, (1 << 32) - 1),
    )
)
def test_any_head_is_that_of_a_part_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("head") / "any.lading"
    path.write_bytes(content)
    try:
        said: Label | str = read_label(path)
    except ParcelError as error:
        said = error.code
    if isinstance(said, str):
        assert said in ("none", "newer", "damaged")
        return
    assert 0 <= said.first < said.stop <= said.blocks
    assert said.size > HEAD
    assert content.startswith(said.encode())


def test_sizes_follow_from_the_head_alone() -> None:
    """Of the largest dataset there can be: no number runs over, every block has its place."""
    whole = Label(ORDER, bytes(32), 1 << 32, (1 << 32) - 1)
    assert (whole.leaf_blocks, whole.blocks, whole.parts) == (131_072, 16_908_288, 1)
    assert whole.size == HEAD + (1 << 32) * (32 + 4096) + whole.blocks * CHECK
    small = Label(ORDER, bytes(32), 1, 1)
    assert (small.parts, small.block_size(0), small.size) == (2, 32, HEAD + 32 + CHECK)
    second = Label(ORDER, bytes(32), 1, 1, 1)
    assert (second.block_size(1), second.size) == (4096, HEAD + 4096 + CHECK)


def test_a_parcel_of_another_order_is_refused_before_anything_is_touched(desk: Desk) -> None:
    (path,) = Desk(desk.dataset, bytes(32)).save()
    with pytest.raises(ParcelError, match="another order") as refused:
        desk.take(path)
    assert (refused.value.code, refused.value.name) == ("other", "order.lading")


def test_pipes_and_devices_are_not_waited_for(desk: Desk, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.lading"
    os.mkfifo(pipe)
    with pytest.raises(ContentError, match="ordinary"):
        find_parts([pipe])
    (path,) = desk.save()
    link = tmp_path / "link.lading"
    link.symlink_to(path)
    assert desk.take(link) == WHOLE  # what somebody chose is only read
    with pytest.raises(ContentError, match="gone"):
        find_parts([tmp_path / "nowhere.lading"])


def test_at_most_a_block_is_read_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    read = parcels._read

    def note(file, count):
        asked.append(count)
        return read(file, count)

    monkeypatch.setattr(parcels, "_read", note)
    assert desk.take(*desk.save()) == WHOLE
    assert max(asked) == CHUNK + CHECK


# stopped


def after(calls: int):
    """Nobody cancels before that many questions."""
    left = iter(range(calls))
    return lambda: next(left, None) is None


def test_saving_can_be_stopped_and_finished_parts_are_not_made_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Cancelled):
        desk.save(TWO_CHUNKS, cancelled=after(3))
    assert [path.name for path in desk.out.iterdir()] == ["order.1-of-3.lading"]
    sealed: list[int] = []
    seal = sealer.Desk.seal

    def note(table, index, out):
        sealed.append(index)
        return seal(table, index, out)

    monkeypatch.setattr(sealer.Desk, "seal", note)
    paths = desk.save(TWO_CHUNKS)
    assert sealed == [1, 2, 3]
    assert desk.take(*paths) == Taken(3)
    assert desk.spool().delivery_root() == expected_root(desk)


def test_taking_can_be_stopped_and_goes_on(desk: Desk) -> None:
    paths = desk.save()
    with pytest.raises(Cancelled):
        desk.take(*paths, cancelled=after(3))
    assert assert_prefix(desk) == 2
    moved: list[tuple[int, int]] = []
    assert desk.take(*paths, progress=lambda done, total: moved.append((done, total))) == WHOLE
    assert len(moved) == 2  # no chunk is read twice
    assert moved[-1][0] <= moved[-1][1] <= 2 * (CHUNK + CHECK)


def test_progress_ends_with_all_of_it(desk: Desk) -> None:
    moved: list[tuple[int, int]] = []

    def note(done: int, total: int) -> None:
        moved.append((done, total))

    paths = desk.save(TWO_CHUNKS, progress=note)
    assert moved == sorted(moved)
    assert moved[-1] == (sum(path.stat().st_size for path in paths),) * 2


# disks


def test_a_full_disk_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = desk.save()
    write_at = spool_module._write_at

    def full(path: Path, offset: int, data: bytes, past: bool = False) -> None:
        if path.name == "ciphertext.0" and offset >= 2 * CHUNK:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(path, offset, data, past)

    with monkeypatch.context() as patch:
        patch.setattr(spool_module, "_write_at", full)
        with pytest.raises(ContentError, match="full"):
            desk.take(*paths)
    assert assert_prefix(desk) == 2
    assert desk.take(*paths) == WHOLE


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EFBIG, "at most 4 GB"),
        (errno.EROFS, "Read-only"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_a_disk_that_refuses_the_second_part_keeps_the_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    fsync, synced = os.fsync, []

    def refuse(file: int) -> None:
        synced.append(file)
        if len(synced) == 2:
            raise OSError(number, os.strerror(number))
        fsync(file)

    with monkeypatch.context() as patch:
        patch.setattr(parcel_saving.os, "fsync", refuse)
        with pytest.raises(ContentError, match=said):
            desk.save(TWO_CHUNKS)
    assert [path.name for path in desk.out.iterdir()] == ["order.1-of-3.lading"]
    assert desk.take(*desk.save(TWO_CHUNKS)) == Taken(3)


def test_a_folder_without_room_is_told_before_anything_is_sealed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = desk.save()
    usage = parcel_saving.shutil.disk_usage
    monkeypatch.setattr(parcel_saving.shutil, "disk_usage", lambda at: usage(at)._replace(free=0))
    desk.save()  # what lies there already needs no more
    paths[0].unlink()
    with pytest.raises(ParcelError) as refused:
        desk.save()
    assert refused.value.code == "room"
    assert list(desk.out.iterdir()) == []


def test_nothing_of_somebody_elses_is_overwritten(desk: Desk) -> None:
    desk.out.mkdir()
    mine = desk.out / "order.lading"
    mine.write_text("my notes")
    with pytest.raises(ParcelError, match="already") as refused:
        desk.save()
    assert (refused.value.code, mine.read_text()) == ("there", "my notes")
    mine.unlink()
    target = desk.base / "target"
    target.write_text("kept")
    (desk.out / "order.lading.unfinished").symlink_to(target)
    desk.save()
    assert target.read_text() == "kept"


def test_parts_must_hold_a_block(desk: Desk) -> None:
    with pytest.raises(ParcelError) as refused:
        desk.save(LEAST_PART_BYTES - 1)
    assert refused.value.code == "small"


def test_files_that_changed_are_not_sealed(desk: Desk) -> None:
    changed = desk.dataset.base / "source" / "a"
    changed.write_bytes(FILES["a"][:-1] + b"?")
    with pytest.raises(ContentChanged):
        desk.save()
    assert list(desk.out.iterdir()) == []
    changed.write_bytes(FILES["a"])
    assert desk.take(*desk.save()) == WHOLE


def test_a_stick_that_is_pulled_out_keeps_what_came(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = desk.save()
    read, calls = parcels._read, iter(range(4))

    def pulled(file, count):
        if next(calls, None) is None:
            raise OSError(errno.EIO, "Input/output error")
        return read(file, count)

    with monkeypatch.context() as patch:
        patch.setattr(parcels, "_read", pulled)
        with pytest.raises(ContentError, match="cannot be read"):
            desk.take(path)
    assert assert_prefix(desk) == 2
    assert desk.take(path) == WHOLE


def test_what_was_sealed_for_a_parcel_is_what_the_wire_would_carry(desk: Desk) -> None:
    (path,) = desk.save()
    label = read_label(path)
    with path.open("rb") as file:
        file.seek(label.place(4))
        last = file.read(label.block_size(4))
    plain = desk.dataset.content.chunk(3)
    assert last == sealing.seal_chunk(desk.source().dk, 3, plain)
