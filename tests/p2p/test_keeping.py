"""Parcels at relays: left by the owner, fetched by the buyer, bounded, and nothing believed."""

import dataclasses
import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
import rfc8785
import trio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from p2p import keeper, keeping
from p2p.errors import Cancelled, ContentChanged, P2PError, PeerError, Unreachable
from p2p.identity import peer_id_of
from p2p.keeper import Keeper
from p2p.keeping import STORED, sealed_size, shape
from p2p.kept_sealing import Ticket, seal, ticket
from p2p.kept_store import Keeping, KeptStore, file_size
from p2p.parcel_saving import KeptBlocks
from p2p.records import CHUNK_RECORDS
from p2p.serving import Source
from p2p.spool import Spool
from p2p.wire import Wire
from tests.p2p.conversations import EDITS, OBJECTS, Edits, Told, framed, spoilt
from tests.p2p.datasets import DK, Dataset, make_dataset, never, noise, quiet
from tests.p2p.people import Person, on_line
from tests.p2p.relayed import Post, apart, hidden, relays, until
from tests.p2p.seeds import seeds
from tests.p2p.test_relay import asking, stranger

ORDER = b"o" * 32
TICKET = ticket(b"s" * 32, ORDER)
ANNA, BEN, CARL = (
    peer_id_of(hashlib.sha256(name.encode()).digest()) for name in ("anna", "ben", "carl")
)
HERE = "192.0.2.1"
T = TypeVar("T")
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three chunks and a bit."""
    return make_dataset(tmp_path_factory.mktemp("kept"), noise(3 * CHUNK_RECORDS * 4064 - 9000))


def source(dataset: Dataset, folder: Path) -> Source:
    records = dataset.fingerprint.records
    return Source(records, dataset.leaves_path, dataset.content, DK, folder / "work")


async def alone(person: Person, work: Callable[[], Awaitable[T]]) -> T:
    """On line for as long as the work takes; what it raises is raised as it is."""
    failed: P2PError
    async with on_line(person):
        try:
            return await work()
        except P2PError as error:
            failed = error
    raise failed


@dataclass
class Trade:
    """An owner anna and a buyer ben, who are on line one at a time."""

    dataset: Dataset
    folder: Path
    post: Post
    ticket: Ticket = TICKET
    sent: int = 0
    """Blocks that have come to the relay."""

    def __post_init__(self) -> None:
        put = self.store.put

        def noted(*block: Any) -> None:
            self.sent += 1
            put(*block)

        self.store.put = noted  # type: ignore[method-assign]

    @property
    def store(self) -> KeptStore:
        assert self.post.kept is not None
        return self.post.kept

    @property
    def layout(self) -> keeping.Label:
        return shape(self.dataset.fingerprint.records)

    async def leave(
        self,
        stopped: Callable[[], bool] = never,
        progress: Callable[[int, int], None] = quiet,
        to: str = BEN,
    ) -> int:
        anna = hidden("anna")
        data = source(self.dataset, self.folder)
        work = partial(anna.host.kept.leave, progress=progress, stopped=stopped)
        return await alone(anna, partial(work, self.post.address, self.ticket, to, data))

    async def fetch(
        self,
        name: str = "ben",
        stopped: Callable[[], bool] = never,
        into: str = "received",
        progress: Callable[[int, int], None] = quiet,
    ) -> Spool:
        ben = hidden(name)
        spool = self.spool(into)
        work = partial(ben.host.kept.fetch, progress=progress, stopped=stopped)
        await alone(ben, partial(work, self.post.address, self.ticket, spool))
        return spool

    def spool(self, into: str = "received") -> Spool:
        made = self.dataset.fingerprint
        return Spool(self.folder / into, made.records, made.root)

    def assert_whole(self, spool: Spool) -> None:
        assert spool.complete
        assert [spool.ciphertext(k) for k in range(spool.chunks)] == self.dataset.sealed()


def after(calls: int) -> Callable[[], bool]:
    """Says "stop" from that call on."""
    left = [calls]

    def stopped() -> bool:
        left[0] -= 1
        return left[0] < 0

    return stopped


def keeping_at(folder: Path, **bounds: int) -> Keeping:
    return dataclasses.replace(Keeping(folder / "kept"), **bounds)


@asynccontextmanager
async def trading(dataset: Dataset, folder: Path, **bounds: int) -> AsyncIterator[Trade]:
    post = Post(kept=KeptStore(keeping_at(folder, **bounds)))
    async with relays(post):
        yield Trade(dataset, folder, post)


# The two of them


@pytest.mark.trio
async def test_what_the_owner_left_is_fetched_when_the_owner_is_gone(
    dataset: Dataset, tmp_path: Path
) -> None:
    async with trading(dataset, tmp_path) as trade:
        shown: list[tuple[int, int]] = []
        until_seconds = await trade.leave(progress=lambda *done: shown.append(done))
        blocks = trade.layout.blocks
        assert shown == [(done, blocks) for done in range(blocks + 1)]
        (kept,) = (tmp_path / "kept").iterdir()
        assert kept.name == TICKET.name.hex()
        assert kept.stat().st_size == trade.store.used_bytes
        assert trade.store.used_bytes - sealed_size(dataset.fingerprint.records) < 300
        assert trade.post.relay.doing.parcels == 1
        assert trade.post.relay.doing.kept_bytes == trade.store.used_bytes
        assert until_seconds == trade.store.find(TICKET.name, BEN).until
        trade.assert_whole(await trade.fetch())
        await trade.leave()  # once more is no harm, and moves nothing
        assert trade.sent == blocks


@pytest.mark.trio
async def test_the_relay_has_neither_data_nor_leaf_hashes_nor_the_order(
    dataset: Dataset, tmp_path: Path
) -> None:
    """It could open sealed chunks once a complaint has made the order's secrets public."""
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        (kept,) = (tmp_path / "kept").iterdir()
        content = kept.read_bytes()
    leaves = dataset.leaves_path.read_bytes()
    for known in (leaves[:32], dataset.sealed()[0][:32], ORDER, dataset.fingerprint.root):
        assert known not in content
    assert ORDER.hex() not in kept.name


@pytest.mark.trio
async def test_both_go_on_where_they_stopped(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "KEPT_UNANSWERED", 1)
    async with trading(dataset, tmp_path) as trade:
        with pytest.raises(Cancelled):
            await trade.leave(stopped=after(4))
        assert trade.sent == 2
        with pytest.raises(PeerError, match="no parcel of that name"):  # half a parcel is none
            await trade.fetch()
        await trade.leave()
        assert trade.sent == trade.layout.blocks  # each once
        with pytest.raises(Cancelled):
            await trade.fetch(stopped=after(2))
        assert trade.spool().next_chunk == 1
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_a_relay_that_starts_again_has_what_it_had(dataset: Dataset, tmp_path: Path) -> None:
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        used = trade.store.used_bytes
    (tmp_path / "kept" / "notes.txt").write_text("somebody's own file")
    async with trading(dataset, tmp_path) as trade:
        assert (trade.store.parcels, trade.store.used_bytes) == (1, used)
        trade.assert_whole(await trade.fetch())
    assert (tmp_path / "kept" / "notes.txt").exists()


@pytest.mark.trio
@pytest.mark.parametrize("torn", ["cut", "zeros", "not renamed", "head"])
async def test_a_beginning_that_a_kill_or_a_power_cut_left_is_not_given_and_goes_on(
    dataset: Dataset, tmp_path: Path, torn: str
) -> None:
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
    kept = tmp_path / "kept" / TICKET.name.hex()
    part = kept.rename(kept.with_name(kept.name + ".part"))
    content = bytearray(part.read_bytes())
    if torn == "cut":
        del content[-1_500_000:]
    elif torn == "zeros":  # the file was long already when the power went, its blocks not there
        content[-1_500_000:] = bytes(1_500_000)
    elif torn == "head":
        del content[100:]
    part.write_bytes(content)
    async with trading(dataset, tmp_path) as trade:
        with pytest.raises(PeerError):
            await trade.fetch()
        await trade.leave()
        again = {"cut": 2, "zeros": 2, "not renamed": 0, "head": trade.layout.blocks}
        assert trade.sent == again[torn]
        assert trade.store.used_bytes == kept.stat().st_size
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_what_the_relays_disk_lost_is_not_given_and_is_left_once_more(
    dataset: Dataset, tmp_path: Path
) -> None:
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        kept = tmp_path / "kept" / TICKET.name.hex()
        content = bytearray(kept.read_bytes())
        content[-5000] ^= 1
        kept.write_bytes(content)
        with pytest.raises(PeerError, match="lost"):
            await trade.fetch()
        assert (trade.store.parcels, trade.store.used_bytes) == (0, 0)
        await trade.leave()
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_a_changed_file_of_the_owner_is_never_left(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, noise(2 * CHUNK_RECORDS * 4064))
    async with trading(dataset, tmp_path) as trade:
        with (tmp_path / "source").open("r+b") as file:
            file.seek(CHUNK_RECORDS * 4064)
            file.write(b"something else")
        with pytest.raises(ContentChanged):
            await trade.leave()
        assert trade.store.parcels == 1  # a beginning, which is given up later
        with pytest.raises(PeerError):
            await trade.fetch()


@pytest.mark.trio
async def test_it_is_dropped_when_it_is_not_needed_any_more(
    dataset: Dataset, tmp_path: Path
) -> None:
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        anna, ben, carl = (hidden(name) for name in ("anna", "ben", "carl"))
        async with on_line(anna, ben, carl):
            with pytest.raises(PeerError):
                await carl.host.kept.drop(trade.post.address, TICKET)
            assert trade.store.parcels == 1
            await ben.host.kept.drop(trade.post.address, TICKET)
            assert (trade.store.parcels, trade.store.used_bytes) == (0, 0)
            await trade_again(trade, anna)
        assert not list((tmp_path / "kept").iterdir())


async def trade_again(trade: Trade, anna: Person) -> None:
    """Its depositor may drop it too."""
    await trade.leave()
    await anna.host.kept.drop(trade.post.address, TICKET)


@pytest.mark.trio
async def test_a_host_knows_which_of_its_relays_keep_what(dataset: Dataset, tmp_path: Path) -> None:
    ben, plain = hidden("ben"), Post("plain")
    kept = Post(kept=KeptStore(keeping_at(tmp_path, parcel_bytes=5_000_000, seconds=60)))
    async with relays(kept, plain), apart(ben, at=(kept, plain)):
        terms = [keeping.Terms(5_000_000, 60), None]
        await until(lambda: [state.keeps for state in ben.host.relays] == terms)
        assert ben.host.relays_of(ANNA, ()) == (kept.address, plain.address)
        with pytest.raises(Unreachable):
            await ben.host.kept.drop(plain.address, TICKET)
        with pytest.raises(Unreachable):
            await ben.host.kept.drop("nonsense", TICKET)


# Relays that lie


@pytest.mark.trio
@pytest.mark.parametrize("lie", ["flipped", "another block", "shorter", "another parcel"])
async def test_a_relay_that_gives_something_else_gives_nothing(
    dataset: Dataset, tmp_path: Path, lie: str
) -> None:
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        real, store = trade.store.get, trade.store

        def get(kept: object, block: int) -> tuple[bytes, bytes]:
            _, sealed = real(kept, block)  # type: ignore[arg-type]
            if block == 2:
                sealed = {
                    "flipped": sealed[:1000] + bytes([sealed[1000] ^ 1]) + sealed[1001:],
                    "another block": real(kept, 1)[1],  # type: ignore[arg-type]
                    "shorter": sealed[:-1],
                    "another parcel": seal(ticket(b"x" * 32, ORDER), 2, bytes(len(sealed) - 16)),
                }[lie]
            return hashlib.sha256(sealed).digest(), sealed

        store.get = get  # type: ignore[method-assign]
        with pytest.raises(PeerError):
            await trade.fetch()
        assert trade.spool().next_chunk == 1  # what came before was the owner's, and stays
        store.get = real  # type: ignore[method-assign]
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_an_owner_that_leaves_another_datasets_leaf_hashes_is_found_out(
    dataset: Dataset, tmp_path: Path
) -> None:
    other = make_dataset(tmp_path, noise(3 * CHUNK_RECORDS * 4064 - 9000, 2))
    async with trading(other, tmp_path) as trade:
        await trade.leave()
        trade.dataset = dataset
        with pytest.raises(PeerError, match="registered root"):
            await trade.fetch()
        assert not trade.spool().leaves_complete


# Peers that lie, and floods


@pytest.mark.trio
async def test_another_peer_gets_nothing_and_is_told_nothing(
    dataset: Dataset, tmp_path: Path
) -> None:
    async with trading(dataset, tmp_path) as trade:
        said = []
        for name in ("carl", "anna"):
            with pytest.raises(PeerError) as refused:
                await trade.fetch(name)
            said.append(refused.value.reason)
        await trade.leave()
        for name in ("carl", "anna"):  # not its depositor either
            with pytest.raises(PeerError) as refused:
                await trade.fetch(name)
            said.append(refused.value.reason)
        assert set(said) == {keeping.NO_PARCEL}
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_who_knows_the_name_cannot_take_its_place(dataset: Dataset, tmp_path: Path) -> None:
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        carl, data = hidden("carl"), source(dataset, tmp_path / "carl")
        async with on_line(carl):
            with pytest.raises(PeerError, match="another parcel"):
                await carl.host.kept.leave(
                    trade.post.address, TICKET, BEN, data, progress=quiet, stopped=never
                )
        with pytest.raises(PeerError, match="another parcel"):
            await trade.leave(to=CARL)
        assert trade.sent == trade.layout.blocks  # no block of theirs was taken
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
@pytest.mark.parametrize(
    ("bounds", "later"),
    [
        ({"parcel_bytes": 10**6}, False),
        ({"quota_bytes": 10**6}, True),
        ({"per_peer_bytes": 10**6}, True),
    ],
)
async def test_a_parcel_that_is_too_large_is_not_taken(
    dataset: Dataset, tmp_path: Path, bounds: dict[str, int], later: bool
) -> None:
    async with trading(dataset, tmp_path, **bounds) as trade:
        with pytest.raises(Unreachable if later else PeerError):
            await trade.leave()
        assert (trade.store.parcels, trade.sent) == (0, 0)
        assert not list((tmp_path / "kept").iterdir())


@pytest.mark.trio
async def test_the_quota_is_of_all_and_of_each(dataset: Dataset, tmp_path: Path) -> None:
    size = sealed_size(dataset.fingerprint.records) + 300
    bounds = {"quota_bytes": 3 * size, "per_peer_bytes": size}
    async with trading(dataset, tmp_path, **bounds) as trade:
        await trade.leave()
        trade.ticket = ticket(b"2" * 32, ORDER)
        with pytest.raises(Unreachable, match="as much as it can"):
            await trade.leave()
        assert trade.store.parcels == 1


@pytest.mark.trio
async def test_a_full_disk_is_said_and_nothing_is_lost(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading(dataset, tmp_path) as trade:
        real, full = KeptStore._write, [True]

        def write(self: KeptStore, kept: object, data: bytes) -> None:
            if full[0] and kept.blocks == 2:  # type: ignore[attr-defined]
                with open("/dev/full", "wb", buffering=0) as disk:
                    try:
                        disk.write(data)
                    except OSError as error:
                        raise Unreachable("The relay keeps as much as it can now.") from error
            real(self, kept, data)  # type: ignore[arg-type]

        monkeypatch.setattr(KeptStore, "_write", write)
        with pytest.raises(Unreachable):
            await trade.leave()
        full[0] = False
        await trade.leave()
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_what_is_kept_long_enough_is_removed(dataset: Dataset, tmp_path: Path) -> None:
    clock = [1_000_000.0]
    bounds = keeping_at(tmp_path, seconds=100_000, unfinished_seconds=3600)
    store = KeptStore(bounds, lambda: clock[0])
    kept = store.begin(TICKET.name, ANNA, BEN, 3, HERE)
    layout = shape(3)
    store.forget()
    assert store.parcels == 1
    clock[0] += 3601  # nobody has gone on with it for an hour
    store.forget()
    assert (store.parcels, store.used_bytes, list((tmp_path / "kept").iterdir())) == (0, 0, [])
    with pytest.raises(Unreachable):
        store.put(kept, bytes(32), bytes(16))
    kept = store.begin(TICKET.name, ANNA, BEN, 3, HERE)
    for number in range(layout.blocks):
        sealed = seal(TICKET, number, bytes(layout.block_size(number)))
        store.put(kept, hashlib.sha256(sealed).digest(), sealed)
    clock[0] += 99_999
    store.forget()
    assert store.find(TICKET.name, BEN) is kept
    clock[0] += 1
    store.forget()
    assert (store.parcels, store.used_bytes, list((tmp_path / "kept").iterdir())) == (0, 0, [])


def test_small_parcels_without_end_are_counted(tmp_path: Path) -> None:
    store = KeptStore(keeping_at(tmp_path, parcels=4, parcels_per_peer=3))
    for number in range(3):
        store.begin(number.to_bytes(32, "big"), ANNA, BEN, 1, HERE)
    assert store.terms(ANNA, HERE).largest_bytes == 0
    with pytest.raises(Unreachable):
        store.begin(b"\xff" * 32, ANNA, BEN, 1, HERE)
    store.begin(b"\xff" * 32, CARL, BEN, 1, HERE)
    assert store.terms(CARL, HERE).largest_bytes == 0  # whoever comes now
    with pytest.raises(Unreachable):
        store.begin(b"\xfe" * 32, CARL, BEN, 1, HERE)


def test_keys_without_end_at_one_address_are_counted(tmp_path: Path) -> None:
    store = KeptStore(keeping_at(tmp_path, parcels_per_address=5))
    for number in range(5):
        somebody = peer_id_of(number.to_bytes(32, "big"))
        store.begin(number.to_bytes(32, "big"), somebody, BEN, 1, HERE)
    assert store.terms(CARL, HERE).largest_bytes == 0
    with pytest.raises(Unreachable, match="from your internet address"):
        store.begin(b"\xff" * 32, CARL, BEN, 1, HERE)
    store.begin(b"\xff" * 32, CARL, BEN, 1, "192.0.2.2")
    store.drop(bytes(32), BEN)
    store.begin(b"\xfe" * 32, CARL, BEN, 1, HERE)


@pytest.mark.trio
async def test_what_comes_from_one_address_is_counted_with_all_its_keys(tmp_path: Path) -> None:
    size = file_size(300)
    post = Post(kept=KeptStore(keeping_at(tmp_path, per_address_bytes=2 * size)))
    async with relays(post):

        async def announced(name: str, source: str = "127.0.0.1") -> int | str:
            """How many bytes the relay takes as the next then; or why it did not take this one."""
            async with stranger(post.address, name, source=source) as owner:
                wire = Wire(await asking(owner, keeping.PROTOCOL))
                parcel = hashlib.sha256(name.encode()).hexdigest()
                await wire.write_object("leave", parcel=parcel, records=300, **{"for": BEN})
                try:
                    await wire.read_object()
                except Unreachable as error:
                    return error.reason
                again = Wire(await asking(owner, keeping.PROTOCOL))
                return (await keeping.ask_terms(again)).largest_bytes

        assert await announced("1") == size
        assert await announced("2") == 0
        assert "from your internet address" in str(await announced("3"))
        assert await announced("4", source="127.0.0.2") == size
        assert await announced("1") == 0  # who has begun goes on


@pytest.mark.trio
async def test_a_block_that_trickles_in_is_not_waited_for(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading(dataset, tmp_path) as trade, stranger(trade.post.address) as rude:
        with monkeypatch.context() as patch:
            patch.setattr(keeper, "CHUNK_SECONDS", 0.2)
            stream = await asking(rude, keeping.PROTOCOL)
            wire = Wire(stream)
            await wire.write_object("leave", parcel="22" * 32, records=300, **{"for": BEN})
            assert (await wire.read_object())["blocks"] == 0
            await stream.write((10**6).to_bytes(4, "big"))

            async def trickle() -> None:
                with suppress(Unreachable):
                    while True:  # never silent, and never done
                        await stream.write(b"\1")

            async with trio.open_nursery() as nursery:
                nursery.start_soon(trickle)
                with pytest.raises(Unreachable, match="too slowly"):
                    await wire.read_object()
                nursery.cancel_scope.cancel()
        await trade.leave()


@pytest.mark.trio
async def test_a_relay_without_what_only_unix_has(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows knows no pread, opens no folder, and forces no file that is only read."""
    real_open, real_fsync = os.open, os.fsync

    def open_file(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", os.fspath(path))
        return real_open(path, flags, *more, **named)

    def fsync(descriptor: int) -> None:
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        real_fsync(descriptor)

    for name in ("pread", "O_DIRECTORY"):
        monkeypatch.delattr(os, name)
    monkeypatch.setattr(os, "open", open_file)
    monkeypatch.setattr(os, "fsync", fsync)
    async with trading(dataset, tmp_path) as trade:
        with pytest.raises(Cancelled):
            await trade.leave(stopped=after(4))
    async with trading(dataset, tmp_path) as trade:
        await trade.leave()
        trade.assert_whole(await trade.fetch())


@pytest.mark.trio
async def test_streams_without_end_are_counted(dataset: Dataset, tmp_path: Path) -> None:
    bounds = {"at_once_per_peer": 3}
    async with trading(dataset, tmp_path, **bounds) as trade, stranger(trade.post.address) as rude:
        held = []
        for number in range(3):
            wire = Wire(await asking(rude, keeping.PROTOCOL))
            name = number.to_bytes(32, "big").hex()
            await wire.write_object("leave", parcel=name, records=300, **{"for": BEN})
            assert (await wire.read_object())["blocks"] == 0
            held.append(wire)
        with pytest.raises(Unreachable, match="busy"):
            await keeping.ask_terms(Wire(await asking(rude, keeping.PROTOCOL)))
        await trade.leave()  # others have their own


@pytest.mark.trio
async def test_no_more_come_and_go_at_once_than_the_operator_allows(
    dataset: Dataset, tmp_path: Path
) -> None:
    async with (
        trading(dataset, tmp_path, at_once=1) as trade,
        stranger(trade.post.address) as one,
        stranger(trade.post.address, "another") as another,
    ):
        wire = Wire(await asking(one, keeping.PROTOCOL))
        await wire.write_object("leave", parcel="22" * 32, records=300, **{"for": BEN})
        assert (await wire.read_object())["blocks"] == 0
        with pytest.raises(Unreachable, match="busy"):
            await keeping.ask_terms(Wire(await asking(another, keeping.PROTOCOL)))


@pytest.mark.trio
async def test_who_comes_back_replaces_what_it_left_behind(
    dataset: Dataset, tmp_path: Path
) -> None:
    async with trading(dataset, tmp_path) as trade, stranger(trade.post.address, "anna") as behind:
        wire = Wire(await asking(behind, keeping.PROTOCOL))
        records = dataset.fingerprint.records
        await wire.write_object("leave", parcel=TICKET.name.hex(), records=records, **{"for": BEN})
        assert (await wire.read_object())["blocks"] == 0
        await trade.leave()
        with pytest.raises(Unreachable):
            await wire.read_object()
        trade.assert_whole(await trade.fetch())


ASKED = {"for": BEN, "parcel": "22" * 32, "records": 300}


@pytest.mark.trio
@pytest.mark.parametrize(
    ("kind", "edit"),
    [
        ("leave", {"for": "nobody"}),
        ("leave", {"for": 7}),
        ("leave", {"parcel": "22" * 31}),
        ("leave", {"parcel": "AB" * 32}),
        ("leave", {"parcel": None}),
        ("leave", {"records": 0}),
        ("leave", {"records": 2**32 + 1}),
        ("leave", {"records": -1}),
        ("leave", {"records": True}),
        ("leave", {"more": 1}),
        ("give", {}),
        ("fetch", {"parcel": "22" * 32, "block": -1}),
        ("fetch", {"parcel": "22" * 32, "block": 2**60}),
        ("drop", {}),
    ],
)
async def test_what_a_relay_does_not_understand_it_refuses(
    tmp_path: Path, kind: str, edit: dict[str, object]
) -> None:
    post = Post(kept=KeptStore(keeping_at(tmp_path)))
    async with relays(post), stranger(post.address) as rude:
        wire = Wire(await asking(rude, keeping.PROTOCOL))
        fields = {**ASKED, **edit} if kind == "leave" else edit
        with suppress(ValueError):  # a number that JSON does not carry is not sent at all
            await wire.write_object(kind, **fields)
            with pytest.raises(PeerError):
                await wire.read_object()
        assert post.relay.doing.parcels == 0


@pytest.mark.trio
@pytest.mark.parametrize("wrong", ["hash", "length", "order", "kind"])
async def test_a_block_that_is_not_what_it_says_is_not_kept(tmp_path: Path, wrong: str) -> None:
    post = Post(kept=KeptStore(keeping_at(tmp_path)))
    layout = shape(300)
    sealed = seal(TICKET, 0, bytes(layout.block_size(0)))
    good = b"".join(keeping.framed(0, sealed))
    bad = {
        "hash": good[:5] + bytes(32) + good[37:],
        "length": b"".join(keeping.framed(0, sealed + b"\0")),
        "order": b"".join(keeping.framed(1, sealed)),
        "kind": b"\x09" + good[1:],
    }[wrong]
    async with relays(post), stranger(post.address) as rude:
        for said, there in ((good, 1), (bad, 0)):
            wire = Wire(await asking(rude, keeping.PROTOCOL))
            name = hashlib.sha256(said).hexdigest()
            await wire.write_object("leave", parcel=name, records=300, **{"for": BEN})
            await wire.read_object()
            await wire.write(said)
            if there:
                assert await wire.read() == STORED + (1).to_bytes(4, "big")
            else:
                with pytest.raises(PeerError):
                    await wire.read_object()
            assert post.kept is not None
            assert post.kept._kept[bytes.fromhex(name)].blocks == there


# Whatever is said


@dataclass(frozen=True)
class Conversation:
    """A parcel of three records, as it is left and as it is fetched."""

    layout: keeping.Label
    sealed: tuple[bytes, ...]
    dataset: Dataset

    def blocks(self) -> list[bytes]:
        return [b"".join(keeping.framed(at, each)) for at, each in enumerate(self.sealed)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Conversation:
    folder = tmp_path_factory.mktemp("small")
    dataset = make_dataset(folder, b"data" * 500)
    records = dataset.fingerprint.records
    layout, blocks = shape(records), KeptBlocks(source(dataset, folder))
    sealed = tuple(seal(TICKET, at, blocks.block(at)) for at in range(layout.blocks))
    return Conversation(layout, sealed, dataset)


def frame(kind: str, **fields: object) -> bytes:
    told = Told(b"")
    trio.run(lambda: Wire(told).write_object(kind, **fields))
    return told.answered[4:]


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("twice", 1, 0, b"")], piece=1000)
@example(edits=[("drop", 1, 0, b"")], piece=1000)
@example(edits=[("flip", 2, 50, b"\x01")], piece=1000)
def test_whatever_a_relay_gives(small: Conversation, edits: Edits, piece: int) -> None:
    said = [frame("kept", blocks=small.layout.blocks, until=7), *small.blocks()]
    made = small.dataset.fingerprint
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), made.records, made.root)
        wire = Wire(Told(spoilt(said, edits), piece))
        try:
            trio.run(partial(keeping.fetch, wire, TICKET, spool, progress=quiet, stopped=never))
            assert spool.complete
        except (PeerError, Unreachable):
            assert edits
        for chunk in range(spool.next_chunk):  # nothing but the owner's
            assert spool.ciphertext(chunk) == small.dataset.sealed()[chunk]


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("drop", 0, 0, b"")], piece=1000)
@example(edits=[("flip", 2, 50, b"\x01")], piece=1000)
def test_whatever_is_left_at_a_relay(small: Conversation, edits: Edits, piece: int) -> None:
    name, records = TICKET.name.hex(), small.dataset.fingerprint.records
    asked = frame("leave", parcel=name, records=records, **{"for": BEN})
    with tempfile.TemporaryDirectory() as folder:
        store = KeptStore(keeping_at(Path(folder)))
        relay = Keeper(store, lambda: None, lambda: None)
        told = Told(spoilt([asked, *small.blocks()], edits), piece)
        try:
            trio.run(relay.serve, told, ANNA, HERE)
            whole = any(kept.whole for kept in store._kept.values())
            assert whole or edits
        except (PeerError, Unreachable):
            assert edits
        again = KeptStore(store.keeping)
        assert again.used_bytes == store.used_bytes
        for kept in again._kept.values():
            for block in range(kept.blocks if kept.whole else 0):
                again.get(kept, block)


NUMBERS = st.integers(-1, 3) | st.sampled_from([2**32, 2**32 + 1, 2**53 - 1, 1.5, True, None])
SAID = st.fixed_dictionaries(
    {"v": st.just(1), "type": st.sampled_from(["terms", "leave", "fetch", "drop", "kept"])},
    optional={
        "parcel": st.sampled_from([TICKET.name.hex(), "00" * 32, "AA" * 32, "é" * 64, 7]),
        "for": st.sampled_from([BEN, ANNA, BEN[:-1], "é", "", 7]),
        "records": NUMBERS,
        "block": NUMBERS,
    },
).map(rfc8785.dumps)


@seeds(
    (b'{"type":"terms","v":1}',),
    (b'{"block":0,"parcel":"%b","type":"fetch","v":1}' % (b"5e" * 32),),
    (b'{"parcel":"%b","type":"drop","v":1}' % (b"5e" * 32),),
    (b'{"for":[],"parcel":"%b","records":1,"type":"leave","v":1}' % (b"5e" * 32),),
    (b'{"for":"","parcel":"%b","records":0,"type":"leave","v":1}' % (b"5e" * 32),),
    (b'{"parcel":"%b","type":"kept","v":1}' % (b"5e" * 32),),
    (b"\x01\0\0\0\0",),
)
@given(SAID | OBJECTS | st.binary(max_size=60))
def test_whatever_is_asked_of_a_relay_is_answered_and_leaves_no_parcel(asked: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = KeptStore(keeping_at(Path(folder)))
        told = Told(framed([asked]))
        with suppress(PeerError, Unreachable):
            trio.run(Keeper(store, lambda: None, lambda: None).serve, told, ANNA, HERE)
        assert told.answered
        assert not any(kept.whole for kept in store._kept.values())


@seeds(
    (b'{"bytes":0,"seconds":0,"type":"terms","v":1}',),
    (b'{"bytes":9007199254740991,"seconds":604800,"type":"terms","v":1}',),
    (b'{"bytes":-1,"seconds":1,"type":"terms","v":1}',),
    (b'{"bytes":true,"seconds":1,"type":"terms","v":1}',),
    (b'{"bytes":1.5,"seconds":1,"type":"terms","v":1}',),
    (b'{"bytes":1,"type":"terms","v":1}',),
    (b'{"reason":"no","type":"refused","v":1}',),
)
@given(OBJECTS | st.binary(max_size=60))
def test_whatever_a_relay_says_of_its_terms_is_numbers_or_an_error(body: bytes) -> None:
    try:
        terms = trio.run(keeping.ask_terms, Wire(Told(framed([body]))))
    except (PeerError, Unreachable):
        return
    assert min(terms.largest_bytes, terms.seconds) >= 0


@quick
@given(said=st.lists(st.binary(max_size=60), max_size=4), piece=st.integers(1, 100))
@example(said=[], piece=100)
@example(said=[b""], piece=1)
@example(said=[b"\x04\0\0\0\x02"], piece=100)  # more than was sent
@example(said=[b"\x04\0\0\0\x01"] * 4, piece=100)
@example(said=[b'{"reason":"no","type":"refused","v":1}'], piece=100)
@example(said=[b'{"reason":"no","type":"later","v":1}'], piece=100)
def test_whatever_a_relay_answers_who_leaves(
    small: Conversation, said: list[bytes], piece: int
) -> None:
    kept = frame("kept", blocks=0, until=7)
    wire = Wire(Told(framed([kept, *said]), piece))
    data = source(small.dataset, small.dataset.base)
    leave = partial(keeping.leave, wire, TICKET, BEN, data, progress=quiet, stopped=never)
    with pytest.raises(P2PError):
        trio.run(leave)


@given(size=st.integers(1, 2**32))
def test_sizes_follow_from_the_number_of_records(size: int) -> None:
    layout = shape(size)
    last = keeping.sum_before(layout, layout.blocks)
    assert last == sealed_size(size)
    assert last - keeping.sum_before(layout, layout.blocks - 1) == (
        layout.block_size(layout.blocks - 1) + 48
    )
    assert last == size * (4096 + 32) + layout.blocks * 48
