"""Secured sessions: whatever is written is read, however it is cut; anything else ends them."""

import pytest
import trio
import trio.testing
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from hypothesis import given
from hypothesis import strategies as st
from libp2p.io.exceptions import ConnectionClosedError

from p2p.limits import HANDSHAKE_BYTES
from p2p.secured import Secured
from tests.p2p.seeds import seeds

OURS, THEIRS = bytes(range(32)), bytes(32)
MOST = 65535 - 16


class Pipe(trio.abc.Stream):
    """Gives fixed bytes in pieces of fixed sizes, then ends; keeps what is sent, call by call."""

    def __init__(self, data: bytes = b"", size: int = 1 << 20) -> None:
        self.data, self.size = data, size
        self.sent: list[bytes] = []

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        size = min(self.size, max_bytes or self.size)
        piece, self.data = self.data[:size], self.data[size:]
        return piece

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.sent.append(bytes(data))

    async def wait_send_all_might_not_block(self) -> None: ...

    async def aclose(self) -> None: ...


def session(pipe: Pipe, came: bytes = b"", budget: int | None = None) -> Secured:
    made = Secured(pipe, came, (OURS, THEIRS), HANDSHAKE_BYTES if budget is None else budget)
    if budget is None:
        made.budget = None
    return made


def said(*plain: bytes, first: int = 0) -> bytes:
    """What the other side sends, by the specification: a message for each text."""
    cipher = ChaCha20Poly1305(THEIRS)
    sealed = [
        cipher.encrypt(bytes(4) + number.to_bytes(8, "little"), text, None)
        for number, text in enumerate(plain, first)
    ]
    return b"".join(len(each).to_bytes(2, "big") + each for each in sealed)


async def everything(opened: Secured) -> bytes:
    parts = []
    try:
        while True:
            parts.append(await opened.read(None))
    except ConnectionClosedError:
        return b"".join(parts)


@seeds(
    ([b"x"], 1, 0),
    ([b"x"], 19, 19),  # all of it came with the handshake,
    ([b"x", b"y"], 5000, 1),  # half a length,
    ([b"x", b"y"], 5000, 20),  # a message and half a length
    ([bytes(MOST)], 5000, 0),  # as long as can be
    ([b"x", bytes(MOST), b"y"], 5000, 200),
)
@given(
    st.lists(st.binary(min_size=1, max_size=3000), min_size=1, max_size=6),
    st.integers(1, 5000),
    st.integers(0, 200),
)
def test_what_was_said_is_read_however_it_comes(texts: list[bytes], size: int, behind: int) -> None:
    stream = said(*texts)
    opened = session(Pipe(stream[behind:], size), stream[:behind])
    assert trio.run(everything, opened) == b"".join(texts)


@pytest.mark.trio
@pytest.mark.parametrize("size", [1, MOST, MOST + 1, 3 * MOST, 300_000])
async def test_what_is_written_goes_out_at_once_in_messages_of_the_specification(size: int) -> None:
    data = bytes(range(251)) * (size // 251 + 1)
    data = data[:size]
    pipe = Pipe()
    ours = session(pipe)
    for _ in range(2):
        await ours.write(data)
    assert len(pipe.sent) == 2
    theirs = Secured(Pipe(b"".join(pipe.sent)), b"", (THEIRS, OURS), 1 << 30)
    assert await theirs.read(2 * size) == data + data
    at, messages = 0, 0
    while at < len(pipe.sent[0]):
        at += 2 + int.from_bytes(pipe.sent[0][at : at + 2], "big")
        messages += 1
    assert (at, messages) == (len(pipe.sent[0]), -(-size // MOST))


@seeds(([],), ([1],), ([0],), ([MOST - 1, 1],), ([MOST, 1],), ([1, MOST, 0, MOST],))
@given(
    st.lists(st.sampled_from([0, 1, 12, MOST - 12, MOST, MOST + 1, 200_000]), max_size=6),
)
def test_parts_go_out_as_if_they_were_one(sizes: list[int]) -> None:
    parts = [bytes([number]) * size for number, size in enumerate(sizes, 1)]
    apart, joined = Pipe(), Pipe()

    async def write() -> None:
        ours, theirs = session(apart), session(joined)
        for some in (parts, parts[:2], parts):  # also in memory that is used again
            await ours.write(*some)
            await theirs.write(b"".join(some))

    trio.run(write)
    assert apart.sent == joined.sent
    whole = sum(2 * sizes + sizes[:2])
    sealed = sum(len(each) for each in apart.sent)
    assert sealed - whole == 18 * sum(-(-sum(some) // MOST) for some in (sizes, sizes[:2], sizes))


@pytest.mark.trio
async def test_what_was_written_may_change_while_it_is_being_sent() -> None:
    class Slow(Pipe):
        async def send_all(self, data: bytes | bytearray | memoryview) -> None:
            memory[:] = bytes(len(memory))
            await super().send_all(data)

    memory = bytearray(range(200)) * 1000
    before, pipe = bytes(memory), Slow()
    await session(pipe).write(memory)
    theirs = Secured(Pipe(b"".join(pipe.sent)), b"", (THEIRS, OURS), 1 << 30)
    assert await theirs.read(len(before)) == before


@pytest.mark.trio
async def test_what_was_sent_may_be_looked_at_for_longer() -> None:
    """As a circuit does, whose connection has taken it over."""

    class Keeps(Pipe):
        async def send_all(self, data: bytes | bytearray | memoryview) -> None:
            kept.append(memoryview(data))

    kept: list[memoryview] = []
    ours = session(Keeps())
    await ours.write(b"abc")
    await ours.write(bytes(MOST + 1))
    assert [len(each) for each in kept] == [3 + 18, MOST + 1 + 2 * 18]


@pytest.mark.trio
async def test_the_room_to_receive_in_grows_with_what_comes_and_no_further() -> None:
    class Counting(Pipe):
        asked: int = 0

        async def receive_some(self, max_bytes: int | None = None) -> bytes:
            self.asked = max(self.asked, max_bytes or 0)
            return await super().receive_some(max_bytes)

    little = Counting(said(*[b"x"] * 50), 19)
    assert await everything(session(little)) == b"x" * 50
    assert little.asked <= 16384
    much = Counting(said(*[bytes(MOST)] * 50))
    assert await everything(session(much)) == bytes(50 * MOST)
    assert 4 * MOST < much.asked <= 4 * 65537


@pytest.mark.trio
async def test_a_part_is_read_and_the_rest_stays() -> None:
    opened = session(Pipe(said(b"abcdef", b"gh", b"i")))
    assert await opened.read(4) == b"abcd"
    assert await opened.read(3) == b"efg"
    assert await opened.read(None) == b"h"
    assert await opened.read(None) == b"i"


@pytest.mark.trio
@pytest.mark.parametrize(
    "stream",
    [
        said(b"abc")[:-1] + bytes([said(b"abc")[-1] ^ 1]),  # a bit was flipped
        said(b"abc", first=1),  # one before it was withheld
        b"\0\4abcd",  # shorter than a tag
    ],
)
async def test_what_the_peer_did_not_say_is_not_read(stream: bytes) -> None:
    with pytest.raises(InvalidTag):
        await session(Pipe(stream)).read(None)


FIRST = len(said(b"first"))


@seeds(
    (0, b"", 0, 1),  # as it was said
    (0, b"\xff\xff", 2, 7),  # a message that is longer than what comes,
    (0, b"\0\x0f", 2, 7),  # shorter than a tag,
    (0, b"\0\0", 2, 7),  # of nothing
    (5, b"?", 1, 100),  # another byte
    (FIRST - 1, b"?", 1, 100),
    (0, b"", FIRST, 100),  # the first one withheld,
    (FIRST, said(b"first"), 0, 100),  # said again,
    (FIRST, said(b"", first=1), 0, 100),  # an empty one in between
    (FIRST - 1, b"", 100, 5),  # cut
)
@given(st.integers(0, 80), st.binary(max_size=80), st.integers(0, 80), st.integers(1, 100))
def test_whatever_comes_in_between_nothing_is_read_that_was_not_said(
    at: int, put: bytes, taken: int, size: int
) -> None:
    texts = [b"first", b"second", b"third"]
    stream = said(*texts)
    opened = session(Pipe(stream[:at] + put + stream[at + taken :], size))
    heard: list[bytes] = []

    async def hear() -> None:
        while True:
            heard.append(await opened.read(None))

    with pytest.raises((InvalidTag, ConnectionClosedError)):
        trio.run(hear)
    assert heard == texts[: len(heard)]


@pytest.mark.trio
@pytest.mark.parametrize("stream", [b"", said(b"abc")[:-1], b"\0", said(b"")])
async def test_an_end_and_an_empty_message_are_no_bytes(stream: bytes) -> None:
    with pytest.raises(ConnectionClosedError):
        await session(Pipe(stream)).read(None)


@pytest.mark.trio
async def test_before_all_is_agreed_on_little_may_be_said() -> None:
    stream = said(*[bytes(1000)] * 10)
    opened = session(Pipe(stream), budget=5000)
    with pytest.raises(ConnectionClosedError):
        await opened.read(5000)
    opened = session(Pipe(stream), budget=5000)
    await opened.read(4000)
    opened.budget = None
    assert await opened.read(6000) == bytes(6000)
