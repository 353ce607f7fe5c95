"""Whatever a peer says instead of what it should: PeerError or Unreachable, and nothing believed.

Each test has a neighbour in itself: without an edit the conversation succeeds.
"""

import random
import socket
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785
import trio
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from p2p import (
    delivery,
    identity,
    merkle,
    negotiation,
    openings,
    reviews,
    samples,
    sampling,
    serving,
)
from p2p.carriers import Upgrader, ask_for, offer
from p2p.delivery import CHUNK, LEAVES, LOST, NAMED, OPENING, STORED
from p2p.direct import Direct, Lines
from p2p.errors import PeerError, Unreachable
from p2p.host import Peer, Source
from p2p.limits import HANDSHAKE_BYTES, NEGOTIATION_BYTES, PATH_HASHES, TALK_BURST, TALK_PER_SECOND
from p2p.manifest import Manifest
from p2p.messages import Message, encode
from p2p.openings import Opening
from p2p.pace import Pace
from p2p.records import RECORD, Fingerprint
from p2p.reviews import Document, Wanted
from p2p.samples import Sample
from p2p.sampling import Ask, Grant, Open
from p2p.sealing import chunk_name, delivery_leaves
from p2p.spool import Spool
from p2p.wire import Wire, parse
from p2p.yamux import Stream, Yamux
from tests.p2p.conversations import EDITS, OBJECTS, Edits, Told, framed, spoilt
from tests.p2p.datasets import DK, Dataset, make_dataset
from tests.p2p.people import text
from tests.p2p.test_yamux import Session

ORDER = b"o" * 32
HEX = ORDER.hex()
ANNA = Peer("anna", "peer a", bytes(32))
KINDS = ("fetch", "manifest", "paused")
quick = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def frame(kind: str, **fields: object) -> bytes:
    """A JSON frame's body as the product writes it."""
    told = Told(b"")
    trio.run(lambda: Wire(told).write_object(kind, **fields))
    return told.answered[4:]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three records: two of a manifest with long names, one of data."""
    files = {f"{number}-{'name' * 20}": b"" for number in range(30)}
    return make_dataset(tmp_path_factory.mktemp("fuzz"), {**files, "z": b"data" * 500})


# The buyer's side: what an owner may say


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("length", 0, 0, b"\xff\xff\xff\xff")], piece=1)
@example(edits=[("length", 2, 0, b"\x80\0\0\0")], piece=1)
@example(edits=[("drop", 1, 0, b"")], piece=1000)  # chunks before leaf hashes
@example(edits=[("twice", 1, 0, b"")], piece=1000)  # leaf hashes again
@example(edits=[("twice", 2, 0, b"")], piece=1000)  # the chunk again
@example(edits=[("flip", 2, 4, b"\x01")], piece=1000)  # another chunk than the next
@example(edits=[("flip", 1, 9, b"\x01")], piece=1000)  # another leaf hash
@example(edits=[("flip", 3, 30, b"0")], piece=1000)  # another delivery root
@example(edits=[("cut", 2, 5, b"")], piece=1000)
@example(edits=[("end", 0, 0, b"")], piece=1000)
@example(edits=[("put", 1, 0, b'{"reason":"no","type":"refused","v":1}')], piece=1000)
def test_what_an_owner_delivers(dataset: Dataset, edits: Edits, piece: int) -> None:
    made = dataset.fingerprint
    leaves = dataset.leaves_path.read_bytes()
    (sealed,) = dataset.sealed()
    root = merkle.root(delivery_leaves(leaves, sealed))
    said = spoilt(
        [
            frame("delivery", records=made.records),
            LEAVES + leaves,
            CHUNK + bytes(4) + sealed,
            frame("end", root=root.hex()),
        ],
        edits,
    )
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), made.records, made.root)

        async def fetch() -> bytes:
            return await delivery.fetch(
                Wire(Told(said, piece)),
                ORDER,
                spool,
                progress=lambda stored, of: None,
                paused=lambda: False,
            )

        try:
            assert trio.run(fetch) == root
            assert spool.complete
        except (PeerError, Unreachable):
            assert edits
        again = Spool(Path(folder), made.records, made.root)
        assert again.leaves_complete == spool.leaves_complete
        if again.leaves_complete:
            assert again.leaves(0) == leaves
            assert again.next_chunk == spool.next_chunk


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("drop", 2, 0, b"")], piece=1000)  # named without an offer
@example(edits=[("twice", 2, 0, b"")], piece=1000)  # an offer again
@example(edits=[("twice", 3, 0, b"")], piece=1000)  # named again, after it was lost
@example(edits=[("drop", 4, 0, b"")], piece=1000)  # and never sent again
@example(edits=[("flip", 3, 4, b"\x01")], piece=1000)  # another chunk than the next
@example(edits=[("flip", 2, 30, b"\x00")], piece=1000)
def test_what_an_owner_delivers_beside_a_line(
    dataset: Dataset, edits: Edits, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line is offered that does not come: the chunk is named, lost, and sent."""
    monkeypatch.setattr(delivery, "LINE_SECONDS", 0.01)
    made = dataset.fingerprint
    leaves = dataset.leaves_path.read_bytes()
    (sealed,) = dataset.sealed()
    entries = delivery_leaves(leaves, sealed)
    root = merkle.root(entries)
    said = spoilt(
        [
            frame("delivery", records=made.records),
            LEAVES + leaves,
            frame("direct", secret="5e" * 32, addresses=[]),
            NAMED + bytes(4) + chunk_name(entries),
            CHUNK + bytes(4) + sealed,
            frame("end", root=root.hex()),
        ],
        edits,
    )
    told = Told(said, piece)
    lines = Lines()
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder), made.records, made.root)

        async def fetch() -> bytes:
            return await delivery.fetch(
                Wire(told),
                ORDER,
                spool,
                progress=lambda stored, of: None,
                paused=lambda: False,
                direct=Direct(lines, lambda: (), (), ""),
            )

        try:
            assert trio.run(fetch) == root
            assert spool.complete
            assert edits or LOST + bytes(4) in told.answered
        except (PeerError, Unreachable):
            assert edits
    assert not lines._awaited


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("flip", 0, 38, b"\xff")], piece=1000)  # a manifest of 4 GiB
@example(edits=[("flip", 1, 4, b"\x05")], piece=1000)
@example(edits=[("grow", 0, 0, bytes(32))], piece=1000)
@example(edits=[("grow", 0, 0, bytes(31))], piece=1000)
@example(edits=[("cut", 1, 40, b"")], piece=1000)
def test_what_an_owner_opens(dataset: Dataset, edits: Edits, piece: int) -> None:
    opened = list(dataset.content.manifest_openings(dataset.leaves_path))
    frames = [
        OPENING + one.index.to_bytes(4, "big") + one.record + b"".join(one.path) for one in opened
    ]
    said = spoilt([*frames, frame("end")], edits)

    async def fetch() -> Manifest:
        return await delivery.fetch_manifest(Wire(Told(said, piece)), ORDER, dataset.fingerprint)

    try:
        assert trio.run(fetch) == dataset.made.manifest
    except (PeerError, Unreachable):
        assert edits


@quick
@given(
    st.lists(
        st.builds(
            Opening,
            st.integers(0, 2**32 - 1),
            st.binary(max_size=80)
            | st.binary(min_size=40, max_size=80).map(lambda start: start.ljust(RECORD, b"\0")),
            st.lists(st.binary(min_size=32, max_size=32), max_size=PATH_HASHES).map(tuple),
        ),
        max_size=4,
    )
)
@example([])
@example([Opening(0, bytes(RECORD), ())])
@example([Opening(0, b"\xff" * RECORD, (bytes(32),) * 32)])
def test_any_openings_are_refused_under_a_foreign_root(opened: list[Opening]) -> None:
    stated = Fingerprint(bytes(32), b"r" * 32, 2**32, 2**40)
    with pytest.raises(PeerError):
        openings.check_manifest(opened, stated)


@quick
@given(st.binary(max_size=300))
@example(b"")
@example(b"\xff\xff\xff\xff")
@example((2**24).to_bytes(4, "big"))
def test_any_preamble_is_a_manifest_or_a_peer_error(data: bytes) -> None:
    for payload in (data, data.ljust(4064, b"\0")):
        with pytest.raises(PeerError):
            openings.read_preamble(payload)
        with suppress(PeerError):
            assert 0 < openings.preamble_size(payload) <= 2**24 + 2 * 4064


# The owner's side: what a buyer may say


def buying(dataset: Dataset, said: list[bytes], edits: Edits, piece: int) -> Told:
    """Who says these frames. Without an edit the last one comes when the chunk has: it acknowledges
    it, and an owner that is still sealing would rightly refuse that."""
    if edits:
        return Told(spoilt(said, edits), piece)
    (sealed,) = dataset.sealed()
    *first, last = said
    return Told(framed(first), piece, answer=framed([last]), to=sealed)


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("put", 2, 0, STORED + b"\0\0\0\x02")], piece=1000)  # what was not sent
@example(edits=[("flip", 2, 4, b"\0")], piece=1000)  # nothing at all
@example(edits=[("flip", 2, 0, b"\x03")], piece=1000)
@example(edits=[("twice", 2, 0, b"")], piece=1000)  # the same again, after the end
@example(edits=[("drop", 1, 0, b"")], piece=1000)
@example(edits=[("put", 1, 0, b'{"chunk":2,"type":"start","v":1}')], piece=1000)
@example(edits=[("put", 1, 0, b'{"chunk":true,"type":"start","v":1}')], piece=1000)
def test_what_a_buyer_says_to_a_delivery(dataset: Dataset, edits: Edits, piece: int) -> None:
    said = [frame("fetch", order=HEX, leaves=0), frame("start", chunk=0), STORED + b"\0\0\0\x01"]
    told = buying(dataset, said, edits, piece)
    asked: list[tuple[str, bytes, int]] = []

    async def serve(folder: Path) -> None:
        wire = Wire(told)
        asked.append(await serving.read_request(wire))
        source = Source(
            dataset.fingerprint.records, dataset.leaves_path, dataset.content, DK, folder
        )
        await serving.serve(wire, source, asked[0][2], lambda sent, stored: None)

    with tempfile.TemporaryDirectory() as folder:
        try:
            trio.run(serve, Path(folder))
        except (PeerError, Unreachable):
            assert edits
    for kind, order, first in asked:
        assert kind in KINDS
        assert len(order) == 32
        assert first >= 0


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("twice", 2, 0, b"")], piece=1000)  # to be dialled twice
@example(edits=[("swap", 1, 2, b"")], piece=1000)
@example(edits=[("put", 2, 0, LOST + bytes(4))], piece=1000)
@example(edits=[("put", 3, 0, b'{"addresses":[{}],"type":"dial","v":1}')], piece=1000)
def test_what_a_buyer_says_to_a_delivery_beside_a_line(
    dataset: Dataset, edits: Edits, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LINE_WAIT_SECONDS", 0)
    said = [
        frame("fetch", order=HEX, leaves=0),
        frame("start", chunk=0),
        frame("dial", addresses=[]),
        STORED + b"\0\0\0\x01",
    ]
    told = buying(dataset, said, edits, piece)
    lines = Lines()

    async def serve(folder: Path) -> None:
        wire = Wire(told)
        _, _, first = await serving.read_request(wire)
        records = dataset.fingerprint.records
        source = Source(records, dataset.leaves_path, dataset.content, DK, folder)
        beside = Direct(lines, lambda: (), (), "")
        await serving.serve(wire, source, first, lambda sent, stored: None, beside)

    with tempfile.TemporaryDirectory() as folder:
        try:
            trio.run(serve, Path(folder))
        except (PeerError, Unreachable):
            assert edits
    assert not lines._awaited


@quick
@given(OBJECTS | st.binary(max_size=60))
@example(b'{"leaves":-1,"order":"%b","type":"fetch","v":1}' % HEX.encode())
@example(b'{"leaves":1.5,"order":"%b","type":"fetch","v":1}' % HEX.encode())
@example(b'{"leaves":9007199254740991,"order":"%b","type":"fetch","v":1}' % HEX.encode())
@example(b'{"order":"%b","type":"fetch","v":1}' % HEX.encode())
@example(b'{"leaves":7,"order":"%b","type":"fetch","v":1}' % HEX.encode())
@example(b'{"order":"%b","type":"manifest","v":1}' % HEX.encode())
@example(b'{"order":"%b","type":"paused","v":1}' % HEX.encode())
@example(b'{"leaves":7,"order":"%b","type":"paused","v":1}' % HEX.encode())
@example(b'{"order":["00"],"type":"manifest","v":1}')
@example(b'{"order":"00","type":"manifest","v":1}')
@example(b'{"order":"%b","type":"manifest","v":1}' % b"0G" * 32)
@example(b'{"order":"\xd9\xa1","type":"manifest","v":1}')
@example(b'{"order":"%b","type":["manifest"],"v":1}' % HEX.encode())
def test_any_request_is_one_or_a_peer_error(body: bytes) -> None:
    async def ask() -> tuple[str, bytes, int]:
        return await serving.read_request(Wire(Told(framed([body]))))

    with suppress(PeerError, Unreachable):
        kind, order, first = trio.run(ask)
        assert kind in KINDS
        assert len(order) == 32
        assert first >= 0


# Both sides


def judge(binding: bytes, peer_id: str) -> Peer:
    if binding != b"anna":
        raise PeerError("Not Anna.")
    return Peer("anna", peer_id, bytes(32))


@quick
@given(OBJECTS | st.binary(max_size=60), st.integers(1, 50))
@example(b'{"binding":"616e6e61","type":"hello","v":1}', 7)
@example(b'{"binding":"616E6E61","type":"hello","v":1}', 7)
@example(b'{"binding":"61 6e6e61","type":"hello","v":1}', 7)
@example(b'{"binding":"","type":"hello","v":1}', 7)
@example(b'{"binding":%d,"type":"hello","v":1}' % 0x616E6E61, 7)
@example(b'{"binding":"%b","type":"hello","v":1}' % (b"61" * 5000), 4000)
@example(b'{"binding":"616e6e61","more":1,"type":"hello","v":1}', 7)
@example(b'{"reason":"no","type":"later","v":1}', 7)
def test_any_hello_is_annas_or_a_refusal(body: bytes, piece: int) -> None:
    anna = body == b'{"binding":"616e6e61","type":"hello","v":1}'
    for hello in (identity.say_hello, identity.answer_hello):
        told = Told(framed([body]), piece)
        try:
            peer = trio.run(hello, Wire(told), b"ours", "peer a", judge)
            assert anna
            assert peer.identity == "anna"
        except (PeerError, Unreachable):
            assert not anna
            if hello is identity.answer_hello:
                assert b"ours".hex().encode() not in told.answered


@quick
@given(edits=EDITS, piece=st.integers(1, 500))
@example(edits=[], piece=100)
@example(edits=[("twice", 0, 0, b"")], piece=100)  # a replay
@example(edits=[("swap", 0, 1, b"")], piece=100)
@example(edits=[("length", 1, 0, b"\0\x01\0\x01")], piece=100)
@example(edits=[("put", 1, 0, b"[" * 40)], piece=100)
@example(edits=[("put", 0, 0, b'{"v":1}')], piece=100)
def test_what_is_heard_is_what_was_said(edits: Edits, piece: int) -> None:
    messages = [text(f"{number}") for number in range(3)]
    told = Told(spoilt([encode(message) for message in messages], edits), piece)
    heard: list[Message] = []

    async def received(peer: Peer, message: Message) -> None:
        heard.append(message)

    async def listen() -> None:
        await negotiation.listen(Wire(told), ANNA, received, Pace(TALK_BURST, TALK_PER_SECOND))

    try:
        trio.run(listen)
        if not edits:
            assert heard == messages
    except (PeerError, Unreachable):
        assert edits
    assert told.answered.count(b'"type":"stored"') == len(heard)


@quick
@given(OBJECTS | st.binary(max_size=60))
@example(b'{"id":"00000000000000000000000000000000","type":"stored","v":1}')
@example(b'{"reason":"no","type":"refused","v":1}')
@example(b"\x04\0\0\0\x01")
def test_any_answer_is_the_one_awaited_or_an_error(body: bytes) -> None:
    message = text("hello")
    with pytest.raises((PeerError, Unreachable)):
        trio.run(negotiation.say, Wire(Told(framed([body]))), [message])


@given(OBJECTS)
@example(b'{"type":"refused","v":1}')
@example(b'{"reason":"\xc2\x85","type":"refused","v":1}')
@example(b'{"reason":1,"type":"later","v":1}')
@example(b'{"type":"end","v":true}')
def test_any_object_has_a_type_or_is_an_error(body: bytes) -> None:
    with suppress(PeerError, Unreachable):
        assert isinstance(parse(body)["type"], str)


# Before there are frames


LINES = st.lists(
    st.sampled_from(
        [
            b"\x13/multistream/1.0.0\n", b"\x03na\n", b"\x03ls\n", b"\x07/noise\n",
            b"\x0d/yamux/1.0.0\n", b"\x0f/lading/talk/1\n", b"\x00", b"\x01\n", b"\xff" * 10,
            b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01",
        ]
    )
    | st.binary(max_size=30),
    max_size=8,
).map(b"".join)  # fmt: skip


@given(LINES)
@example(b"\x13/multistream/1.0.0\n" + b"\x03ls\n" * 400)
@example(b"\x13/multistream/1.0.0\n\x0f/lading/talk/1\n")
@example(b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(2 * NEGOTIATION_BYTES))
@example(b"\x13/multistream/1.0.0\n\xff\xff\x03" + b"/" * 2 * NEGOTIATION_BYTES)
def test_any_negotiation_of_a_stream_ends_in_a_protocol_or_unreachable(data: bytes) -> None:
    async def run() -> None:
        left, right = trio.testing.memory_stream_pair()
        ends: list[object] = []

        async def accepted(stream: Stream) -> None:
            try:
                ends.append(await offer(stream, (negotiation.PROTOCOL,)))
            except Unreachable as error:
                ends.append(error)
            stream.reset()

        ours = Yamux(Session(left), False, accepted)
        theirs = Yamux(Session(right), True, accepted)
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ours.run)
                nursery.start_soon(theirs.run)
                stream = await theirs.open()
                with suppress(Unreachable):
                    await stream.write(data)
                stream.finish()
                while not ends:
                    await trio.testing.wait_all_tasks_blocked()
                asking = await ours.open()
                with pytest.raises(Unreachable):
                    await ask_for(asking, "/none")
                nursery.cancel_scope.cancel()
        assert ends[0] == negotiation.PROTOCOL or isinstance(ends[0], Unreachable)

    trio.run(run)


@settings(max_examples=40)
@given(LINES, st.booleans())
@example(b"\x13/multistream/1.0.0\n\x07/noise\n" + bytes(2), False)
@example(b"\x13/multistream/1.0.0\n\x07/noise\n\x00\x20" + bytes(32), False)
@example(b"\x13/multistream/1.0.0\n\x07/noise\n\xff\xff" + bytes(HANDSHAKE_BYTES * 5), False)
@example(b"\x13/multistream/1.0.0\n\x07/noise\n\x00\x60" + b"\x07" * 96, True)
@example(b"\x13/multistream/1.0.0\n\x03na\n", True)
def test_any_handshake_is_unreachable_and_its_socket_is_closed(data: bytes, dialled: bool) -> None:
    upgrader = Upgrader(random.Random(1).randbytes(32))

    async def run() -> None:
        ours, theirs = socket.socketpair()
        stream = trio.SocketStream(trio.socket.from_stdlib_socket(ours))
        with theirs:
            theirs.sendall(data)
            theirs.shutdown(socket.SHUT_WR)
            with pytest.raises(Unreachable):
                await upgrader.upgrade(stream, upgrader.peer_id if dialled else None)
            assert ours.fileno() == -1 or stream.socket.fileno() == -1

    trio.run(run)


# Samples


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("flip", 0, 40, b"0")], piece=1000)  # a signature that is no hex, or another
@example(edits=[("put", 0, 0, b'{"reason":"no","type":"refused","v":1}')], piece=1000)
@example(edits=[("end", 0, 0, b"")], piece=1000)
def test_what_an_owner_grants(edits: Edits, piece: int) -> None:
    honest = Grant(1234, 48, b"s" * 65)
    body = frame("grant", block=1234, records=48, signature=honest.signature.hex())
    told = Told(spoilt([body], edits), piece)
    try:
        grant = trio.run(sampling.ask, Wire(told), Ask(ORDER, 1200))
        assert grant == honest or edits
        assert 1 <= grant.records <= 256
        assert len(grant.signature) == 65
    except (PeerError, Unreachable):
        assert edits


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("drop", 0, 0, b"")], piece=1000)
@example(edits=[("twice", 0, 0, b"")], piece=1000)  # more than were drawn
@example(edits=[("swap", 0, 1, b"")], piece=1000)  # another order
@example(edits=[("flip", 0, 4, b"\x01")], piece=1000)  # another record
@example(edits=[("flip", 1, 2000, b"\x01")], piece=1000)  # false data
@example(edits=[("flip", 1, 4110, b"\x01")], piece=1000)  # a false path
@example(edits=[("put", 2, 0, b'{"type":"end","v":1,"withheld":[2]}')], piece=1000)
@example(edits=[("put", 2, 0, b'{"type":"end","v":1,"withheld":[7]}')], piece=1000)
def test_what_an_owner_opens_of_a_sample(dataset: Dataset, edits: Edits, piece: int) -> None:
    """Whatever is believed is what was drawn and registered, or said to be withheld."""
    drawn = [2, 0]
    honest = samples.open_records(dataset.content, drawn, dataset.leaves_path)
    said = [
        OPENING + one.index.to_bytes(4, "big") + one.record + b"".join(one.path) for one in honest
    ]
    told = Told(spoilt([*said, frame("end", withheld=[])], edits), piece)
    try:
        sample = trio.run(sampling.fetch, Wire(told), Open(ORDER, 7, ORDER), len(drawn))
        samples.check(sample, drawn, dataset.fingerprint)
        assert [*sample.openings] == [o for o in honest if o.index not in sample.withheld]
    except (PeerError, Unreachable):
        assert edits


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("flip", 0, 15, b"0")], piece=1000)
@example(edits=[("put", 0, 0, b'{"dataset":"00","head":1,"type":"ask","v":1}')], piece=1000)
@example(edits=[("put", 0, 0, b'{"head":true,"type":"ask","v":1}')], piece=1000)
@example(edits=[("put", 0, 0, b'{"type":"close","v":1}')], piece=1000)
def test_what_a_buyer_asks_of_a_sample(edits: Edits, piece: int) -> None:
    asked: list[Ask | Open] = []

    async def give(peer: Peer, ask: Ask | Open) -> Grant | Sample:
        asked.append(ask)
        return Sample(())

    body = frame("open", dataset=HEX, block=7, hash="ab" * 32)
    told = Told(spoilt([body], edits), piece)
    try:
        trio.run(sampling.serve, Wire(told), ANNA, give)
        assert edits or asked == [Open(ORDER, 7, b"\xab" * 32)]
        assert [len(one.dataset) for one in asked] == [32]
    except (PeerError, Unreachable):
        assert edits
        assert not asked


# Reviews

REVIEW = {"lading": 1, "words": "As described."}
REVIEWED = Wanted(ORDER, sha256(rfc8785.dumps(REVIEW)).digest())


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("flip", 0, 30, b"0")], piece=1000)  # another word
@example(edits=[("put", 0, 0, b'{"document":null,"type":"words","v":1}')], piece=1000)
@example(edits=[("put", 0, 0, b'{"document":{},"type":"words","v":1}')], piece=1000)
def test_what_is_told_of_a_review(edits: Edits, piece: int) -> None:
    told = Told(spoilt([frame("words", document=REVIEW)], edits), piece)
    got: list[Document] = []
    try:
        trio.run(reviews.fetch, Wire(told), [REVIEWED], lambda _, document: got.append(document))
        assert got in ([], [REVIEW])
        assert edits or got
    except (PeerError, Unreachable):
        assert edits
        assert not got


@quick
@given(edits=EDITS, piece=st.integers(1, 5000))
@example(edits=[], piece=1000)
@example(edits=[("twice", 0, 0, b"")], piece=1000)
@example(edits=[("flip", 0, 15, b"Z")], piece=1000)
def test_what_is_asked_of_a_review(edits: Edits, piece: int) -> None:
    asked: list[Wanted] = []

    async def give(peer: Peer, wanted: Wanted) -> Document | None:
        asked.append(wanted)
        return None

    body = frame("review", order=HEX, review="ab" * 32)
    told = Told(spoilt([body], edits), piece)

    async def serve() -> None:
        await reviews.serve(Wire(told), ANNA, give, Pace(TALK_BURST, TALK_PER_SECOND))

    try:
        trio.run(serve)
        assert edits or asked == [Wanted(ORDER, b"\xab" * 32)]
    except (PeerError, Unreachable):
        assert edits
    assert all(len(one.order) == len(one.review) == 32 for one in asked)
