"""Deliveries over real sockets: whole, resumed, interrupted, and from an owner that lies."""

import errno
import hashlib
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from p2p import chacha20, delivery, files, merkle, records, sealer, sealing, serving
from p2p.buffers import Buffer
from p2p.content import Content, Room, read_leaves
from p2p.errors import Cancelled, ContentChanged, NotNow, P2PError, PeerError, Unreachable
from p2p.host import Peer, Source
from p2p.limits import CHUNKS_UNACKNOWLEDGED
from p2p.records import CHUNK, Fingerprint
from p2p.spool import Spool
from p2p.wire import Wire
from tests.p2p.people import Dataset, Person, make_dataset, on_line
from tests.p2p.streams import wire_pair

ORDER = b"o" * 32
DK = b"k" * 32


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """A registered dataset of four chunks, the last one short."""
    return make_dataset(tmp_path, 3_500_000)


@pytest.fixture
def owner(dataset: Dataset) -> Person:
    person = Person("anna")
    person.sources[ORDER] = dataset.source(DK)
    return person


@pytest.fixture
def buyer() -> Person:
    return Person("ben")


@pytest.fixture
def spool(dataset: Dataset, tmp_path: Path) -> Spool:
    return open_spool(dataset, tmp_path)


def open_spool(dataset: Dataset, folder: Path) -> Spool:
    made = dataset.made.fingerprint
    return Spool(folder / "spool", made.records, made.root)


async def fetch(
    buyer: Person,
    owner: Person,
    spool: Spool,
    *,
    progress: Callable[[int, int], None] = lambda stored, of: None,
    paused: Callable[[], bool] = lambda: False,
) -> bytes:
    return await buyer.host.fetch(
        owner.peer_id,
        owner.addresses,
        ORDER,
        spool,
        Fingerprint(bytes(32), spool.root, spool.records, 0),
        progress=progress,
        paused=paused,
    )


def expected_root(dataset: Dataset) -> bytes:
    """R_x by its definition, from the files."""
    content = dataset.source(DK).content
    leaves = b""
    for index in range(content.chunks):
        plain = content.chunk(index)
        sealed = sealing.seal_chunk(DK, index, plain)
        for at in range(0, len(plain), 4096):
            entry = records.leaf_hashes(plain[at : at + 4096]) + sealed[at : at + 4096]
            leaves += hashlib.sha256(b"\0" + entry).digest()
    return merkle.root(leaves)


@pytest.mark.trio
async def test_everything_arrives_and_both_name_the_same_root(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    shown: list[tuple[int, int]] = []
    async with on_line(owner, buyer):
        root = await fetch(buyer, owner, spool, progress=lambda a, b: shown.append((a, b)))
    assert root == expected_root(dataset) == spool.delivery_root()
    content = dataset.source().content
    for index in range(4):
        assert sealing.seal_chunk(DK, index, spool.ciphertext(index)) == content.chunk(index)
    assert shown[0] == (0, 4)
    assert shown[-1] == (4, 4)
    assert owner.sent[-1] == (4, 4)


@pytest.mark.trio
async def test_the_manifest_is_opened_under_the_root(
    owner: Person, buyer: Person, dataset: Dataset
) -> None:
    made = dataset.made
    async with on_line(owner, buyer):
        ask = buyer.host.fetch_manifest
        assert await ask(owner.peer_id, owner.addresses, ORDER, made.fingerprint) == made.manifest
        other = Fingerprint(
            made.fingerprint.content_id,
            b"x" * 32,
            made.fingerprint.records,
            made.fingerprint.length,
        )
        with pytest.raises(PeerError):
            await ask(owner.peer_id, owner.addresses, ORDER, other)


@pytest.mark.trio
async def test_a_manifest_is_opened_whatever_may_be_delivered(
    owner: Person, buyer: Person, dataset: Dataset
) -> None:
    async def nothing(peer: Peer, order_id: bytes) -> Source:
        raise PeerError("Nothing is delivered.")

    owner.host._callbacks = replace(owner.host._callbacks, source=nothing)
    made = dataset.made
    async with on_line(owner, buyer):
        ask = buyer.host.fetch_manifest
        assert await ask(owner.peer_id, owner.addresses, ORDER, made.fingerprint) == made.manifest
        with pytest.raises(PeerError, match=r"Nothing is delivered\."):
            await fetch(buyer, owner, open_spool(dataset, dataset.folder))


@pytest.mark.trio
async def test_an_unknown_order_is_refused_with_the_reason(
    owner: Person, buyer: Person, spool: Spool
) -> None:
    owner.sources.clear()
    async with on_line(owner, buyer):
        with pytest.raises(PeerError, match="no such order"):
            await fetch(buyer, owner, spool)
    assert spool.next_chunk == 0


@pytest.mark.trio
async def test_a_paused_delivery_goes_on_at_the_chunk(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    async with on_line(owner, buyer):
        with pytest.raises(Cancelled):
            await fetch(buyer, owner, spool, paused=lambda: spool.next_chunk == 2)
        assert spool.next_chunk == 2
        owner.sent.clear()
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
    assert (2, 2) in owner.sent
    assert all(stored >= 2 for _, stored in owner.sent)  # the ended stream may still report


@pytest.mark.trio
async def test_the_owner_pauses_in_the_middle_and_the_buyer_is_told_so(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    paused = NotNow("Paused, back at noon.", "paused")
    # Asked before anything, before the leaves, before the start and before each chunk.
    answers: list[NotNow | None] = [*[None] * 5, paused, paused]
    owner.sources[ORDER] = replace(
        dataset.source(DK), put_off=lambda: answers.pop(0) if answers else None
    )
    async with on_line(owner, buyer):
        with pytest.raises(NotNow, match="back at noon") as caught:
            await fetch(buyer, owner, spool)
        assert caught.value.why == "paused"
        assert spool.next_chunk == 2
        with pytest.raises(NotNow):
            await fetch(buyer, owner, spool)
        assert spool.next_chunk == 2
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
    assert not owner.stopped


@pytest.mark.trio
async def test_a_paused_owner_sends_no_leaf_but_names_the_root_to_who_has_everything(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset, tmp_path: Path
) -> None:
    paused = replace(dataset.source(DK), put_off=lambda: NotNow("Paused.", "paused"))
    async with on_line(owner, buyer):
        await fetch(buyer, owner, spool)
        owner.sources[ORDER] = paused
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
        other = open_spool(dataset, tmp_path / "other")
        with pytest.raises(NotNow):
            await fetch(buyer, owner, other)
    assert other.leaves_received == 0


@pytest.mark.trio
async def test_a_paused_buyer_tells_the_owner_of_an_order_between_them(
    owner: Person, buyer: Person
) -> None:
    async with on_line(owner, buyer):
        await buyer.host.say_paused(owner.peer_id, owner.addresses, ORDER)
        assert owner.paused == [ORDER]
        with pytest.raises(PeerError, match="no such order"):
            await buyer.host.say_paused(owner.peer_id, owner.addresses, b"x" * 32)


@pytest.mark.trio
@pytest.mark.parametrize("why", ["", "tired", 7, ["paused"], None])
async def test_a_reason_in_a_word_that_is_not_known_is_just_later(why: object) -> None:
    one, other = wire_pair()
    await one.write_object("later", reason="Not now.", why=why)
    with pytest.raises(Unreachable, match=r"Not now\.") as caught:
        await other.read_object()
    assert not isinstance(caught.value, NotNow)


@pytest.mark.trio
async def test_both_may_restart_in_the_middle(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset, tmp_path: Path
) -> None:
    async with on_line(owner, buyer):
        with pytest.raises(Cancelled):
            await fetch(buyer, owner, spool, paused=lambda: spool.next_chunk == 3)
    again = open_spool(dataset, tmp_path)
    assert again.next_chunk == 3
    new_owner, new_buyer = Person("anna"), Person("ben")
    new_owner.sources = owner.sources
    async with on_line(new_owner, new_buyer):
        assert await fetch(new_buyer, new_owner, again) == expected_root(dataset)
    assert new_owner.sent[0] == (3, 3)


@pytest.mark.trio
@pytest.mark.parametrize("harm", ["lost", "torn", "zeroed", "longer"])
async def test_the_owner_makes_lost_tree_leaves_again(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset, harm: str
) -> None:
    async with on_line(owner, buyer):
        with pytest.raises(Cancelled):
            await fetch(buyer, owner, spool, paused=lambda: spool.next_chunk == 2)
    # Off line, nothing of the owner's still writes there.
    kept = dataset.folder / "work" / "delivery-leaves"
    data = kept.read_bytes()
    if harm == "lost":
        dataset.forget()
    else:
        changed = {
            "torn": data[:9000],
            "zeroed": data[:8196] + bytes(len(data) - 8196),
            "longer": data + b"more",
        }
        kept.write_bytes(changed[harm])
    new_owner, new_buyer = Person("anna"), Person("ben")
    new_owner.sources = owner.sources
    async with on_line(new_owner, new_buyer):
        assert await fetch(new_buyer, new_owner, spool) == expected_root(dataset)


@pytest.mark.trio
async def test_a_complete_delivery_is_asked_for_again_without_data(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    async with on_line(owner, buyer):
        first = await fetch(buyer, owner, spool)
        owner.sent.clear()
        assert await fetch(buyer, owner, spool) == first
    assert owner.sent == [(4, 4)]


@pytest.mark.trio
async def test_an_owner_that_vanishes_is_not_a_clean_end(
    owner: Person, buyer: Person, tmp_path: Path
) -> None:
    (tmp_path / "large").mkdir()
    large = make_dataset(tmp_path / "large", 24_000_000)  # more than can be under way
    owner.sources[ORDER] = large.source(DK)
    spool = open_spool(large, tmp_path)

    def vanish(stored: int, of: int) -> None:
        if stored >= 1:
            owner.host.disconnect(buyer.peer_id)

    async with on_line(owner, buyer):
        with pytest.raises(Unreachable):
            await fetch(buyer, owner, spool, progress=vanish)
        assert 1 <= spool.next_chunk < spool.chunks
        assert await fetch(buyer, owner, spool) == expected_root(large)


@pytest.mark.trio
async def test_before_the_payment_is_final_only_the_manifest_is_opened(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    owner.sources[ORDER] = dataset.source(None)
    made = dataset.made
    async with on_line(owner, buyer):
        with pytest.raises(Unreachable, match="not final"):
            await fetch(buyer, owner, spool)
        opened = await buyer.host.fetch_manifest(
            owner.peer_id, owner.addresses, ORDER, made.fingerprint
        )
    assert opened == made.manifest
    assert not spool.leaves_received


@pytest.mark.trio
async def test_a_buyer_that_vanishes_leaves_the_owner_serving(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    async with on_line(owner):
        with trio.move_on_after(30) as vanished:
            async with on_line(buyer):
                await fetch(
                    buyer,
                    owner,
                    spool,
                    progress=lambda stored, of: vanished.cancel() if stored else None,
                )
        assert vanished.cancelled_caught
        async with on_line(buyer):
            assert await fetch(buyer, owner, spool) == expected_root(dataset)


class HeldSpool(Spool):
    """A disk that takes nothing before it may."""

    may: threading.Event

    def begin_chunk(self, chunk_index: int, ciphertext: Buffer, name: bytes | None = None) -> bool:
        self.may.wait()
        return super().begin_chunk(chunk_index, ciphertext, name)


@pytest.mark.trio
async def test_the_same_delivery_asked_for_twice_goes_to_the_later_one(
    owner: Person, buyer: Person, dataset: Dataset, tmp_path: Path
) -> None:
    made = dataset.made.fingerprint
    first = HeldSpool(tmp_path / "first", made.records, made.root)
    first.may = threading.Event()
    async with on_line(owner, buyer), trio.open_nursery() as nursery:
        started = trio.Event()

        async def early() -> None:
            with pytest.raises(Unreachable):
                await fetch(buyer, owner, first, progress=lambda a, b: started.set())

        nursery.start_soon(early)
        await started.wait()
        later = open_spool(dataset, tmp_path)
        try:
            assert await fetch(buyer, owner, later) == expected_root(dataset)
        finally:
            first.may.set()


@pytest.mark.trio
async def test_wrong_leaf_hashes_stop_before_any_chunk(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    leaves = bytearray(dataset.leaves_path.read_bytes())
    leaves[-1] ^= 1
    dataset.leaves_path.write_bytes(leaves)
    async with on_line(owner, buyer):
        with pytest.raises(PeerError, match="root"):
            await fetch(buyer, owner, spool)
    assert spool.next_chunk == 0
    assert not spool.leaves_complete


@pytest.mark.trio
async def test_another_chunk_than_the_tree_says_is_never_signed(
    owner: Person, buyer: Person, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = chacha20.xor_into

    def other_key(key: bytes, nonce: bytes, counter: int, data: Buffer, out: Buffer) -> None:
        spoilt = key == DK and nonce == sealing.chunk_nonce(2)
        real(b"x" * 32 if spoilt else key, nonce, counter, data, out)

    monkeypatch.setattr(chacha20, "xor_into", other_key)
    honest = sealer.delivery_leaves
    monkeypatch.setattr(
        sealer,
        "delivery_leaves",
        lambda leaves, sealed: honest(leaves, bytes(len(sealed))),
    )
    async with on_line(owner, buyer):
        with pytest.raises(PeerError, match="nothing is signed"):
            await fetch(buyer, owner, spool)


@pytest.mark.trio
async def test_a_changed_file_stops_the_delivery_and_the_buyer_is_told(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    path = dataset.made.source
    data = bytearray(path.read_bytes())
    data[3_400_000] ^= 1
    path.write_bytes(data)
    async with on_line(owner, buyer):
        with pytest.raises(Unreachable, match="no longer") as told:
            await fetch(buyer, owner, spool)
        assert str(path.parent) not in told.value.reason
        assert len(owner.stopped) == 1
        assert isinstance(owner.stopped[0], ContentChanged)
        assert spool.next_chunk <= 3
        data[3_400_000] ^= 1
        path.write_bytes(data)
        assert await fetch(buyer, owner, spool) == expected_root(dataset)


@pytest.mark.trio
@pytest.mark.parametrize("direct", [False, True], ids=["session", "line"])
async def test_a_disk_that_cannot_be_read_puts_the_delivery_off(
    buyer: Person,
    spool: Spool,
    dataset: Dataset,
    monkeypatch: pytest.MonkeyPatch,
    direct: bool,
) -> None:
    """In the middle; what had arrived stays, and it goes on when the disk is well again."""
    owner = Person("anna", direct=direct)
    owner.sources[ORDER] = dataset.source()
    read = Content.plain_chunk

    def fail(content: Content, index: int, room: Room) -> memoryview:
        if index == 2:
            with files.reading(dataset.made.source):
                raise OSError(errno.EIO, "Input/output error")
        return read(content, index, room)

    async with on_line(owner, buyer):
        with monkeypatch.context() as patch:
            patch.setattr(Content, "plain_chunk", fail)
            with pytest.raises(Unreachable, match="disk") as told:
                await fetch(buyer, owner, spool)
        assert str(dataset.folder) not in told.value.reason
        assert len(owner.stopped) == 1
        assert not isinstance(owner.stopped[0], ContentChanged)
        stored = spool.next_chunk
        assert stored == 2
        owner.sent.clear()
        assert await fetch(buyer, owner, spool) == expected_root(dataset)
        assert owner.sent[0] == (2, 2)


@pytest.mark.trio
async def test_unreadable_leaf_hashes_are_a_matter_for_later(
    owner: Person, buyer: Person, spool: Spool, dataset: Dataset
) -> None:
    dataset.leaves_path.unlink()
    async with on_line(owner, buyer):
        with pytest.raises(Unreachable, match="disk"):
            await fetch(buyer, owner, spool)
    assert len(owner.stopped) == 1


async def scripted(buyer_side: Callable[[Wire], Awaitable[object]], *answers: object) -> None:
    """Run a buyer against an owner that sends these frames whatever it is asked."""
    one, other = wire_pair()

    async def answer() -> None:
        for frame in answers:
            if isinstance(frame, bytes):
                await other.write(frame)
            elif isinstance(frame, dict):
                await other.write_object(**frame)

    raised: list[P2PError] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer)
        try:
            await buyer_side(one)
        except P2PError as error:
            raised.append(error)
        nursery.cancel_scope.cancel()
    if raised:
        raise raised[0]


def leaves_frame(dataset: Dataset) -> bytes:
    count = dataset.made.fingerprint.records
    return delivery.LEAVES + read_leaves(dataset.leaves_path, 0, count)


def chunk_frame(index: int, size: int = CHUNK) -> bytes:
    return delivery.CHUNK + index.to_bytes(4, "big") + bytes(size)


@pytest.mark.trio
@pytest.mark.parametrize(
    "lie",
    [
        "another number of records",
        "a chunk before the leaves",
        "too many leaves",
        "leaves that are not hashes",
        "chunk 1 first",
        "a short chunk",
        "a long chunk",
        "nothing but an end",
        "an end before the chunks",
        "an unknown frame",
    ],
)
async def test_an_owner_that_breaks_the_protocol_is_named_as_such(
    lie: str, dataset: Dataset, spool: Spool
) -> None:
    reply = {"kind": "delivery", "records": spool.records}
    leaves = leaves_frame(dataset)
    script: dict[str, list[object]] = {
        "another number of records": [{**reply, "records": spool.records - 1}],
        "a chunk before the leaves": [reply, chunk_frame(0)],
        "too many leaves": [reply, leaves + bytes(32)],
        "leaves that are not hashes": [reply, leaves[:-1]],
        "chunk 1 first": [reply, leaves, chunk_frame(1)],
        "a short chunk": [reply, leaves, chunk_frame(0, CHUNK - 4096)],
        "a long chunk": [reply, leaves, chunk_frame(0, CHUNK + 1)],
        "nothing but an end": [{"kind": "end", "root": "00" * 32}],
        "an end before the chunks": [reply, leaves, {"kind": "end", "root": "00" * 32}],
        "an unknown frame": [reply, b"\x09" + bytes(40)],
    }
    with pytest.raises(PeerError):
        await scripted(
            lambda wire: delivery.fetch(
                wire, ORDER, spool, progress=lambda a, b: None, paused=lambda: False
            ),
            *script[lie],
        )
    assert spool.next_chunk == 0


@pytest.mark.trio
@pytest.mark.parametrize(
    "answers",
    [
        [delivery.OPENING + bytes(4)],
        [delivery.OPENING + bytes(4 + 4096 + 31)],
        [delivery.OPENING + bytes(4 + 32) + b"\xff" * 4064],
        [delivery.OPENING + bytes(4 + 4096 + 33 * 32)],
        [{"kind": "end"}],
        [delivery.OPENING + bytes(4 + 4096), {"kind": "end"}],
        [delivery.CHUNK + bytes(4100)],
    ],
)
async def test_wrong_openings_are_refused(answers: list[object], dataset: Dataset) -> None:
    with pytest.raises(PeerError):
        await scripted(
            lambda wire: delivery.fetch_manifest(wire, ORDER, dataset.made.fingerprint), *answers
        )


@pytest.mark.trio
@pytest.mark.parametrize(
    "answers",
    [
        [{"kind": "start", "chunk": 5}],
        [{"kind": "start", "chunk": -1}],
        [{"kind": "start", "chunk": True}],
        [{"kind": "begin", "chunk": 0}],
        [{"kind": "start", "chunk": 0}, delivery.STORED + (5).to_bytes(4, "big")],
        [{"kind": "start", "chunk": 0}, delivery.STORED + bytes(4)],
        [{"kind": "start", "chunk": 0}, delivery.STORED + bytes(3)],
        [{"kind": "start", "chunk": 0}, delivery.CHUNK + bytes(4)],
    ],
)
async def test_a_buyer_that_breaks_the_protocol_is_stopped(
    answers: list[object], dataset: Dataset
) -> None:
    source = dataset.source(DK)
    with pytest.raises(PeerError):
        await scripted(
            lambda wire: serving.serve(wire, source, source.records, lambda a, b: None), *answers
        )


@pytest.mark.trio
@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "fetch", "order": "00" * 32},
        {"kind": "fetch", "order": "00" * 31, "leaves": 0},
        {"kind": "fetch", "order": "00" * 32, "leaves": -1},
        {"kind": "fetch", "order": "00" * 32, "leaves": True},
        {"kind": "manifest", "order": "00" * 32, "leaves": 0},
        {"kind": "manifest", "order": 7},
        {"kind": "everything", "order": "00" * 32},
    ],
)
async def test_a_request_of_another_form_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(PeerError):
        await scripted(serving.read_request, asked)


@pytest.mark.trio
async def test_an_owner_sends_no_more_than_the_window_unacknowledged(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, 20 * 256 * 4064)
    source = dataset.source(DK)
    one, other = wire_pair()
    async with trio.open_nursery() as nursery:

        async def serve() -> None:
            await serving.serve(one, source, source.records, lambda a, b: None)

        nursery.start_soon(serve)
        assert (await other.read_object())["records"] == source.records
        await other.write_object("start", chunk=0)
        for _ in range(CHUNKS_UNACKNOWLEDGED):
            assert await other.read() is not None
        with trio.move_on_after(1) as nothing_more:
            await other.read()
        assert nothing_more.cancelled_caught
        await other.write(delivery.STORED + (1).to_bytes(4, "big"))
        body = await other.read()
        assert body is not None
        assert body[:5] == delivery.CHUNK + CHUNKS_UNACKNOWLEDGED.to_bytes(4, "big")
        nursery.cancel_scope.cancel()


def test_a_source_shows_no_key(dataset: Dataset) -> None:
    assert DK.hex() not in repr(dataset.source(DK))
    assert "kkkk" not in repr(dataset.source(DK))
