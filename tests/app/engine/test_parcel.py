"""Watch parcels: sealed to one device, whole or refused, never half taken in."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from app.domain.errors import RuleError
from app.domain.watch_code import read_code
from app.engine import parcel, watcher
from app.engine.parcel import Mandate, ParcelError
from app.engine.watcher import Happening, Watcher, WatcherBusy, own_code, watch_key
from chain import agreement
from chain.address import ZERO_ADDRESS
from chain.agreement import Offer
from p2p import files
from p2p import spool as spool_module
from p2p.errors import ContentError
from p2p.spool import Spool
from tests.app.engine import sides
from tests.p2p.datasets import Dataset, make_dataset, noise
from tests.p2p.seeds import seeds

MASK = b"m" * 32
ONE = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"
TWO = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF"
NETWORK = replace(sides.NETWORK, chain_id=77, registry=ONE, exchange=TWO, tokens=())


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Two chunks."""
    base = tmp_path / "buyer"
    base.mkdir()
    return make_dataset(base, noise(270 * 4064))


@pytest.fixture
def spool(dataset: Dataset) -> Spool:
    return dataset.deliver()


@pytest.fixture
def mandate(dataset: Dataset, spool: Spool) -> Mandate:
    offer = Offer(
        owner=ONE,
        buyer=TWO,
        dataset=b"d" * 32,
        records=dataset.fingerprint.records,
        token=ZERO_ADDRESS,
        price=10,
        bond=1,
        key_commit=b"k" * 32,
        mask_commit=agreement.mask_commit(MASK),
        terms=b"t" * 32,
        expires=2_000_000_000,
        reveal_within=3600,
        window=86_400,
        epoch=0,
        nonce=b"n" * 32,
    )
    root, received = dataset.fingerprint.root, spool.delivery_root()
    return Mandate(NETWORK, offer, root, received, 12, MASK, b"\1" * 32)


@pytest.fixture
def device(tmp_path: Path) -> Path:
    folder = tmp_path / "device"
    own_code(folder)
    (folder / "inbox").mkdir()
    return folder


@pytest.fixture
def packed(device: Path, mandate: Mandate, spool: Spool) -> Path:
    """A parcel for the device, in its inbox."""
    path = device / "inbox" / "order.parcel"
    parcel.pack(path, mandate, spool, read_code(own_code(device)))
    return path


def taken(device: Path) -> tuple[list[Happening], tuple[str, ...]]:
    """What a watcher says to its inbox, the chain being out of reach, and what it watches then."""
    said: list[Happening] = []
    with Watcher(device, said.append) as found:
        found.look()
        return said, found.watched


def test_what_is_unpacked_is_what_was_packed(
    tmp_path: Path, device: Path, packed: Path, mandate: Mandate, spool: Spool
) -> None:
    private = watch_key(device)
    assert parcel.unpack(packed, private, tmp_path / "out") == mandate
    again = Spool(tmp_path / "out", spool.records, spool.root)
    assert again.delivery_root() == spool.delivery_root()
    assert [again.ciphertext(k) for k in (0, 1)] == [spool.ciphertext(k) for k in (0, 1)]
    assert parcel.read_unpacked(tmp_path / "out", private) == mandate


def test_what_is_opened_already_is_left_out(
    tmp_path: Path,
    device: Path,
    dataset: Dataset,
    mandate: Mandate,
    spool: Spool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool_module, "SEGMENT_CHUNKS", 1)
    whole = parcel.needed_bytes(mandate)
    spool = dataset.deliver("segments")
    root = spool.delivery_root()
    spool.opened_to(1, tmp_path / "opened")
    part = replace(mandate, opened=1)
    path = tmp_path / "order.parcel"
    parcel.pack(path, part, spool, read_code(own_code(device)))
    assert parcel.needed_bytes(part) == whole - 256 * 4096
    assert path.stat().st_size < 256 * 4096
    assert parcel.unpack(path, watch_key(device), tmp_path / "out") == part
    again = Spool(tmp_path / "out", spool.records, spool.root)
    assert (again.complete, again.opened, again.delivery_root()) == (True, 1, root)
    assert again.ciphertext(1) == spool.ciphertext(1)
    assert again.delivery_path(269) == spool.delivery_path(269)
    with pytest.raises(ContentError):
        parcel.pack(path, mandate, spool, read_code(own_code(device)))
    for wrong in (-1, 2, True):
        with pytest.raises(ValueError, match="opened"):
            replace(mandate, opened=wrong)


def test_nothing_of_it_can_be_read_on_the_way(packed: Path, mandate: Mandate, spool: Spool) -> None:
    data = packed.read_bytes()
    secrets = [mandate.mask, mandate.fee_key, mandate.order_id, spool.leaves(0)[:32]]
    secrets += [spool.ciphertext(0)[:32], mandate.mask.hex().encode(), b"http://"]
    assert not [one for one in secrets if one in data]
    assert packed.stat().st_mode & 0o777 == 0o600
    assert "b'mm" not in repr(mandate)


def test_a_parcel_is_taken_in_once_and_removed(
    device: Path, packed: Path, mandate: Mandate
) -> None:
    name = mandate.order_id.hex()
    copy = packed.read_bytes()
    said, watched = taken(device)
    assert [one.what for one in said] == ["taken", "waiting"]
    assert (watched, packed.exists()) == ((name,), False)
    packed.write_bytes(copy)
    assert taken(device)[1] == (name,)
    assert not packed.exists()
    assert [path.name for path in (device / "orders").iterdir()] == [name]


def test_a_parcel_goes_once_the_disk_has_what_was_in_it(
    device: Path, packed: Path, mandate: Mandate, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fdatasync, fsync, unlink = files.fdatasync, os.fsync, Path.unlink

    def forcing(file: int) -> None:
        done.append(Path(f"/dev/fd/{file}").resolve().name)
        fdatasync(file)

    def forcing_folder(file: int) -> None:
        done.append(Path(f"/dev/fd/{file}").resolve().name)
        fsync(file)

    def unlinking(path: Path, missing_ok: bool = False) -> None:
        if path == packed:
            done.append("gone")
        unlink(path, missing_ok)

    monkeypatch.setattr(files, "fdatasync", forcing)
    monkeypatch.setattr(os, "fsync", forcing_folder)
    monkeypatch.setattr(Path, "unlink", unlinking)
    taken(device)
    part = f"{packed.stem}.part"
    assert done[-5:] == ["mandate", part, "orders", "orders", "gone"]


def flipped(at: int) -> Callable[[bytes], bytes]:
    def flip(data: bytes) -> bytes:
        spoiled = bytearray(data)
        spoiled[at] ^= 1
        return bytes(spoiled)

    return flip


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        pytest.param(flipped(0), "not a watch parcel", id="magic"),
        pytest.param(flipped(8), "not a watch parcel", id="length of the header"),
        pytest.param(flipped(40), "another device, or it was damaged", id="header"),
        pytest.param(flipped(-1), "altered", id="last byte of the ciphertext"),
        pytest.param(flipped(-4096 * 100), "altered", id="ciphertext"),
        pytest.param(flipped(-4096 * 271 - 40), "altered", id="leaf hashes"),
        pytest.param(lambda data: data[:-1], "not whole", id="cut short"),
        pytest.param(lambda data: data + b"\0", "not whole", id="one byte more"),
        pytest.param(lambda data: data[:60], "another device, or", id="cut in the header"),
        pytest.param(lambda data: b"", "not a watch parcel", id="empty"),
    ],
)
def test_an_altered_parcel_is_refused_and_nothing_of_it_stays(
    device: Path, packed: Path, spoil: Callable[[bytes], bytes], why: str
) -> None:
    packed.write_bytes(spoil(packed.read_bytes()))
    said, watched = taken(device)
    assert [one.what for one in said] == ["refused"]
    assert why in said[0].sentence
    assert watched == ()
    assert list((device / "orders").iterdir()) == []
    assert [path.name for path in (device / "inbox").iterdir()] == ["order.parcel.refused"]


def test_a_parcel_for_somebody_else_is_refused(
    device: Path, packed: Path, mandate: Mandate, spool: Spool
) -> None:
    other = bytes(PrivateKey.generate().public_key)
    parcel.pack(packed, mandate, spool, other)
    said, watched = taken(device)
    assert (said[0].what, watched) == ("refused", ())
    assert "this device's watch code" in said[0].sentence


# What anybody can seal who knows this device's watch code.

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


def read(plain: bytes) -> tuple[Mandate, bytes]:
    private = PrivateKey(bytes(range(32)))
    return parcel.read_header(SealedBox(private.public_key).encrypt(plain), bytes(private))


@seeds(
    (b"",),
    (b"7",),
    (b"null",),
    (b"[]",),
    (b'"lading"',),
    (b"{}",),
    (b'{"lading":1}',),
    (b"\xff",),
    (b"[" * 100_000,),
)
@given(st.binary(max_size=60) | ANY_JSON.map(json.dumps).map(str.encode))
def test_whatever_is_sealed_to_this_device_is_refused(plain: bytes) -> None:
    with pytest.raises(ParcelError):
        read(plain)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@seeds(
    ("lading", 2),
    ("network", []),
    ("offer", None),
    ("root", 0),
    ("delivery_root", "00"),
    ("since", -1),
    ("since", True),
    ("mask", "6e" * 32),
    ("fee_key", "00" * 32),
    ("fee_key", "ff" * 32),
    ("body_key", "é" * 64),
    ("opened", 2),
    ("opened", "1"),
    ("more", 1),
)
@given(
    st.sampled_from(["lading", "network", "offer", "root", "since", "mask", "fee_key", "opened"]),
    ANY_JSON,
)
def test_any_value_in_a_mandate_is_read_or_refused(
    mandate: Mandate, name: str, value: object
) -> None:
    said = parcel._to_json(mandate, b"b" * 32)
    assert read(json.dumps(said).encode()) == (mandate, b"b" * 32)
    with suppress(ParcelError):
        found, body_key = read(json.dumps(said | {name: value}).encode())
        assert (found.root, body_key) == (mandate.root, b"b" * 32)


def test_a_full_disk_keeps_the_parcel_for_later(
    device: Path, packed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(device)._replace(free=1000)
    with monkeypatch.context() as full:
        full.setattr(watcher.shutil, "disk_usage", lambda path: usage)
        said, watched = taken(device)
    assert (said[0].what, watched) == ("waiting", ())
    assert "the disk has 1,000 free" in said[0].sentence
    with monkeypatch.context() as full:  # and if it fills up in the middle

        def put_chunk(*_: Any) -> None:
            raise ContentError("The disk is full.")

        full.setattr(Spool, "put_chunk", put_chunk)
        said, watched = taken(device)
    assert (said[0].sentence, watched) == ("The disk is full.", ())
    assert list((device / "orders").iterdir()) == []
    assert taken(device)[0][0].what == "taken"


def test_a_crash_while_taking_in_begins_anew(device: Path, packed: Path) -> None:
    half = device / "orders" / "order.part"
    half.mkdir(parents=True)
    (half / "leaves").write_bytes(b"half")
    said, watched = taken(device)
    assert (said[0].what, len(watched)) == ("taken", 1)
    assert not half.exists()


def test_packing_on_a_full_disk_leaves_no_half_parcel(
    tmp_path: Path, mandate: Mandate, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(ContentError, match="full"):
        parcel.pack(
            tmp_path / "order.parcel", mandate, spool, bytes(PrivateKey.generate().public_key)
        )
    assert not list(tmp_path.glob("order*"))


def test_two_watchers_do_not_share_a_folder(device: Path) -> None:
    said: list[Happening] = []
    with Watcher(device, said.append), pytest.raises(WatcherBusy):
        Watcher(device, said.append)
    with Watcher(device, said.append):
        pass


def test_a_code_is_read_as_it_was_printed_and_no_slip_passes(device: Path) -> None:
    code = own_code(device)
    assert own_code(device) == code
    key = read_code(code)
    assert read_code(f" {code.lower()}\n") == key
    slip = code[:-1] + ("A" if code[-1] != "A" else "B")
    for wrong in (slip, code[:-1], code + "A", "", "LW-", "0" * 56, "ä" * 56):
        with pytest.raises(RuleError, match="not a watch code"):
            read_code(wrong)


def test_the_device_s_key_is_its_own_and_a_damaged_one_is_named(device: Path) -> None:
    assert (device / "watch.key").stat().st_mode & 0o777 == 0o600
    (device / "watch.key").write_text("half")
    with pytest.raises(ParcelError, match="is damaged"):
        Watcher(device, lambda said: None)
    with pytest.raises(ParcelError, match="is damaged"):
        own_code(device)
