"""Identify and ping: what any libp2p peer may ask before it has introduced itself."""

import hashlib
from typing import Any

import pytest
import trio
import trio.testing
from hypothesis import example, given
from hypothesis import strategies as st
from libp2p.identity.identify.pb.identify_pb2 import Identify

from p2p import connections, strangers
from p2p.carriers import Upgrader, ask_for
from p2p.connections import Connection
from p2p.errors import PeerError, Unreachable
from p2p.limits import PING_BYTES, PINGS_BURST, PINGS_PER_SECOND
from p2p.strangers import IDENTIFY, PING, answer, identification
from p2p.yamux import Stream
from tests.p2p.people import Person, on_line, text
from tests.p2p.streams import Pieces, stream_pair
from tests.p2p.test_host import dial, unused


def varint(data: bytes) -> tuple[int, bytes]:
    number = shift = at = 0
    while data[at] > 127:
        number |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
    return number | data[at] << shift, data[at + 1 :]


def test_the_answer_is_what_the_librarys_own_reader_reads() -> None:
    names = [f"/a/{number}" for number in range(40)]
    length, message = varint(identification(b"k" * 36, names))
    assert length == len(message) > 127
    read = Identify.FromString(message)
    assert (read.public_key, list(read.protocols)) == (b"k" * 36, names)
    assert read.agent_version == "lading"


def test_no_address_is_told() -> None:
    _, message = varint(identification(b"k" * 36, strangers.PROTOCOLS))
    read = Identify.FromString(message)
    assert {field.name for field, _ in read.ListFields()} == {
        "public_key",
        "protocols",
        "agent_version",
    }


async def read_all(stream: Stream) -> bytes:
    data = b""
    while piece := await stream.read(4096):
        data += piece
    return data


@pytest.mark.trio
async def test_who_has_not_introduced_himself_is_told_this_and_nothing_else() -> None:
    ben = Person("ben")
    upgrader = Upgrader(hashlib.sha256(b"stranger").digest())
    async with on_line(ben), trio.open_nursery() as nursery:
        _, session = await upgrader.upgrade(await dial(ben), ben.peer_id)
        known = Connection(session, ben.peer_id, True, unused)
        nursery.start_soon(known.muxer.run)
        asking = await known.muxer.open()
        await ask_for(asking, IDENTIFY)
        asking.finish()
        _, message = varint(await read_all(asking))
        assert (
            Identify.FromString(message).public_key
            == Upgrader(hashlib.sha256(b"ben").digest()).public_key
        )
        pinging = await known.muxer.open()
        await ask_for(pinging, PING)
        for number in range(3):
            await pinging.write(bytes([number]) * PING_BYTES)
            assert await pinging.read(PING_BYTES) == bytes([number]) * PING_BYTES
        assert not ben.met
        assert not ben.host.peers
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_asking_does_not_replace_an_introduction(monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = Person("anna"), Person("ben")
    asked, end_the_mute = trio.Event(), connections._end_the_mute

    async def once_asked(*arguments: Any) -> None:
        await asked.wait()  # however long a busy machine takes for that
        await end_the_mute(*arguments)

    async with on_line(ben), trio.open_nursery() as nursery:
        monkeypatch.setattr(connections, "HELLO_SECONDS", 0.2)
        monkeypatch.setattr(connections, "_end_the_mute", once_asked)
        _, session = await Upgrader(bytes(32)).upgrade(await dial(ben), ben.peer_id)
        known = Connection(session, ben.peer_id, True, unused)
        nursery.start_soon(known.muxer.run)
        stream = await known.muxer.open()
        await ask_for(stream, PING)

        async def ping_on() -> None:
            while True:
                await stream.write(bytes(PING_BYTES))
                await stream.read(PING_BYTES)
                asked.set()

        with pytest.raises(Unreachable), trio.fail_after(60):
            await ping_on()
        monkeypatch.undo()
        nursery.cancel_scope.cancel()
    async with on_line(anna, ben):
        await anna.say(ben, text())
    assert len(ben.inbox) == 1


@pytest.mark.trio
async def test_pings_above_the_rate_wait(autojump_clock: trio.testing.MockClock) -> None:
    ours, theirs = stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(answer, PING, ours, b"")

        async def flood() -> None:
            await theirs.write(bytes(PING_BYTES) * (PINGS_BURST + 5))

        nursery.start_soon(flood)
        received = 0
        while received < PING_BYTES * PINGS_BURST:
            received += len(await theirs.read(PING_BYTES))
        assert trio.current_time() == 0
        while received < PING_BYTES * (PINGS_BURST + 5):
            received += len(await theirs.read(PING_BYTES))
        assert trio.current_time() >= 5 / PINGS_PER_SECOND - 0.2
        await theirs.finish()


@pytest.mark.trio
async def test_a_silent_pinger_does_not_keep_his_stream(
    autojump_clock: trio.testing.MockClock,
) -> None:
    ours, theirs = stream_pair()
    await theirs.write(b"half a ping")
    with pytest.raises(Unreachable):
        await answer(PING, ours, b"")


@given(st.binary(max_size=PING_BYTES * 4), st.integers(1, 80))
@example(b"x", 1)
@example(b"x" * PING_BYTES, PING_BYTES)
@example(b"x" * (PING_BYTES + 1), 7)
def test_any_bytes_in_any_pieces_are_pings_or_a_peer_error(data: bytes, size: int) -> None:
    class Kept(Pieces):
        answered = b""

        async def write(self, data: bytes | memoryview) -> None:
            self.answered += bytes(data)

    stream = Kept(data, size)
    whole = len(data) // PING_BYTES * PING_BYTES
    if whole == len(data):
        trio.run(answer, PING, stream, b"")
    else:
        with pytest.raises(PeerError):
            trio.run(answer, PING, stream, b"")
    assert stream.answered == data[:whole]
