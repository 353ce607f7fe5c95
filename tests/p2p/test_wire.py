"""Frames: what is written is read, and any other bytes are a PeerError."""

import contextlib

import pytest
import rfc8785
import trio
from hypothesis import given
from hypothesis import strategies as st

from p2p.errors import PeerError, Unreachable
from p2p.limits import NOISE_BYTES, YAMUX_FRAME_BYTES, YAMUX_HEADER_BYTES
from p2p.throttle import Throttle
from p2p.wire import Place, Wire, parse
from tests.p2p.conversations import framed
from tests.p2p.seeds import seeds
from tests.p2p.streams import Pieces, stream_pair, wire_pair

SHORT = NOISE_BYTES - YAMUX_HEADER_BYTES


@pytest.mark.trio
async def test_what_is_written_is_read() -> None:
    one, other = wire_pair()
    await one.write(b"\x03", b"abc")
    await one.write_object("end", root="00")
    assert await other.read() == b"\x03abc"
    assert await other.read_object() == {"v": 1, "type": "end", "root": "00"}


@pytest.mark.trio
async def test_an_end_between_frames_is_clean_and_inside_one_is_not() -> None:
    one, other = stream_pair()
    await one.write(b"\0\0\0\1x")
    await one.finish()
    wire = Wire(other)
    assert await wire.read() == b"x"
    assert await wire.read() is None
    for cut in (b"\0", b"\0\0\0", b"\0\0\0\5abc"):
        with pytest.raises(PeerError):
            await Wire(Pieces(cut, 9)).read()


@pytest.mark.trio
@pytest.mark.parametrize("length", [0, 17, 2**31, 2**32 - 1])
async def test_an_empty_or_oversize_frame_is_refused_before_it_is_read(length: int) -> None:
    stream = Pieces(length.to_bytes(4, "big") + bytes(64), 100)
    with pytest.raises(PeerError):
        await Wire(stream).read(16)
    assert len(stream.data) == 64


@pytest.mark.trio
async def test_a_silent_peer_is_unreachable(autojump_clock: trio.testing.MockClock) -> None:
    _, other = wire_pair()
    with pytest.raises(Unreachable, match="60 seconds"):
        await other.read()
    with pytest.raises(Unreachable, match="300 seconds"):
        await other.read(wait=300)


class Trickle(Pieces):
    """A byte every 20 seconds."""

    async def read(self, n: int) -> bytes:
        await trio.sleep(20)
        return await super().read(n)


@pytest.mark.trio
async def test_a_frame_may_take_only_so_long(autojump_clock: trio.testing.MockClock) -> None:
    frame = b"\0\0\0\x10" + bytes(16)  # 380 seconds of it, after its first byte
    assert await Wire(Trickle(frame, 1)).read() == bytes(16)
    assert await Wire(Trickle(frame, 1)).read(within=380) == bytes(16)
    began = trio.current_time()
    with pytest.raises(Unreachable, match="too slowly"):
        await Wire(Trickle(frame, 1)).read(within=200)
    assert trio.current_time() - began <= 20 + 3 * 20 + 200 + 20
    with pytest.raises(Unreachable, match="too slowly"):
        await Wire(Trickle(b"\0\0\0\2{}", 1)).read_object(within=50)


@pytest.mark.trio
async def test_what_is_slowed_down_here_is_not_the_peers_slowness(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Slow:
        limit = 1.0

        async def wait(self, cost: int, /) -> None:
            await trio.sleep(1000)

    wire = Wire(Trickle(b"\0\0\0\4" + bytes(4), 1))
    wire.slow_down(reading=Slow())
    assert await wire.read(within=140) == bytes(4)


@pytest.mark.trio
async def test_a_peer_that_takes_nothing_is_unreachable(
    autojump_clock: trio.testing.MockClock,
) -> None:
    class Stuck(Pieces):
        async def write(self, data: bytes | memoryview) -> None:
            await trio.sleep_forever()

    with pytest.raises(Unreachable):
        await Wire(Stuck(b"", 1)).write(b"hello")


@pytest.mark.trio
async def test_refusals_are_raised_where_an_answer_was_expected() -> None:
    one, other = wire_pair()
    await one.refuse(PeerError("No such order."))
    await one.refuse(Unreachable("Not final yet."))
    with pytest.raises(PeerError, match="No such order"):
        await other.read_object()
    with pytest.raises(Unreachable, match="Not final yet"):
        await other.read_object()


@pytest.mark.trio
async def test_a_long_reason_is_cut_and_control_characters_do_not_arrive() -> None:
    one, other = wire_pair()
    await one.refuse(PeerError("\x1b[2J" + "ü" * 400))
    with pytest.raises(PeerError) as caught:
        await other.read_object()
    assert caught.value.reason == " [2J" + "ü" * 254


@pytest.mark.parametrize(
    "document",
    [
        {"v": 2, "type": "end"},
        {"v": True, "type": "end"},
        {"v": 1},
        {"v": 1, "type": 4},
        {"v": 1, "type": "refused"},
        {"v": 1, "type": "refused", "reason": "x" * 600},
        {"v": 1, "type": "later", "reason": ["x"]},
    ],
)
def test_an_object_of_another_kind_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(PeerError):
        parse(rfc8785.dumps(document))


END = b'{"type":"end","v":1}'
FETCH = b'{"leaves":0,"order":"%b","type":"fetch","v":1}' % (b"6f" * 32)


@seeds(
    (b"", 1, 1),
    (framed([FETCH, b"\x02" + bytes(64), END]), 7, 200),
    (framed([b""]), 4, 1),  # an empty frame
    (framed([bytes(200)]), 40, 200),  # as long as is allowed
    (framed([bytes(201)]), 40, 200),  # and longer
    (framed([END])[:-1], 40, 200),  # cut in the body
    (framed([END, END])[:26], 40, 200),  # and in a head
    (b"\xff\xff\xff\xff", 4, 200),
    (b"\x80\0\0\0", 4, 200),
)
@given(st.binary(max_size=300), st.integers(1, 40), st.integers(1, 200))
def test_any_bytes_in_any_pieces_are_frames_or_a_peer_error(
    data: bytes, size: int, limit: int
) -> None:
    async def read_all() -> list[bytes]:
        wire, frames = Wire(Pieces(data, size)), []
        while (body := await wire.read(limit)) is not None:
            frames.append(body)
        return frames

    try:
        frames = trio.run(read_all)
    except PeerError:
        return
    assert b"".join(len(body).to_bytes(4, "big") + body for body in frames) == data


@seeds(
    (END,),
    (FETCH,),
    (b'{"reason":"no","type":"refused","v":1}',),
    (b'{"reason":"busy","type":"later","v":1,"why":"queued"}',),
    (b'{"reason":"busy","type":"later","v":1,"why":"never"}',),
    (b'{"binding":"%b","type":"hello","v":1}' % (b"61" * 20),),
    (b'{"type":"end","v":1}\n',),  # not as we write it: behind it,
    (b'{"type": "end","v":1}',),  # in it,
    (b'{"v":1,"type":"end"}',),  # in another order,
    (b'{"type":"end","v":1.0}',),  # another form of a number,
    (b'{"type":"\\u0065nd","v":1}',),  # of a letter
    (b'{"type":"end","type":"end","v":1}',),  # twice
    (b'{"n":9007199254740991,"type":"end","v":1}',),
    (b'{"n":9007199254740992,"type":"end","v":1}',),
    (b'{"n":1e999,"type":"end","v":1}',),
    (b'{"n":NaN,"type":"end","v":1}',),
    (b'{"type":"\xed\xa0\x80","v":1}',),  # half a surrogate
    (b'\xef\xbb\xbf{"type":"end","v":1}',),
    (b"[" * 120,),
    (b'{"a":' * 60,),
)
@given(st.binary(max_size=120))
def test_any_body_is_an_object_a_refusal_or_a_peer_error(body: bytes) -> None:
    with contextlib.suppress(PeerError, Unreachable):
        assert rfc8785.dumps(parse(body)) == body


class Kept(Pieces):
    """Takes each piece after so many ``seconds`` and keeps it."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__(b"", 1)
        self.seconds = seconds
        self.written: list[bytes] = []

    async def write(self, data: bytes | memoryview) -> None:
        await trio.sleep(self.seconds)
        self.written.append(bytes(data))


@pytest.mark.trio
@pytest.mark.parametrize("more", [0, 1, YAMUX_FRAME_BYTES - 6, YAMUX_FRAME_BYTES, 2**20])
async def test_each_piece_of_a_frame_fills_one_of_yamux(
    autojump_clock: trio.testing.MockClock, more: int
) -> None:
    """A short one, until the stream has shown that it takes long ones."""
    kept = Kept()
    wire = Wire(kept)
    body = bytes(range(256)) * (more // 256 + 1)
    for size in (SHORT, YAMUX_FRAME_BYTES):
        kept.written.clear()
        await wire.write(b"\x03", body[:more], b"end")
        frame = b"".join(kept.written)
        assert frame == (more + 4).to_bytes(4, "big") + b"\x03" + body[:more] + b"end"
        assert {len(piece) for piece in kept.written[:-1]} <= {size}
        assert len(kept.written) == -(-len(frame) // size)


@pytest.mark.trio
async def test_pieces_are_short_where_they_take_long_or_a_limit_is_kept_to(
    autojump_clock: trio.testing.MockClock,
) -> None:
    kept = Kept()
    wire = Wire(kept)

    async def longest() -> int:
        kept.written.clear()
        await wire.write(b"\x03", bytes(2**20))
        return max(len(piece) for piece in kept.written)

    assert [await longest(), await longest()] == [SHORT, YAMUX_FRAME_BYTES]
    kept.seconds = 50  # a line of 1.3 KB a second in short pieces: nobody is silent
    kept.written.clear()
    assert [await longest(), await longest()] == [YAMUX_FRAME_BYTES, SHORT]
    kept.seconds = 0
    assert [await longest(), await longest()] == [SHORT, YAMUX_FRAME_BYTES]
    wire.slow_down(writing=Throttle(10**9))
    assert await longest() == SHORT


@pytest.mark.trio
@pytest.mark.parametrize("size", [1, 3, 7, 4096])
async def test_a_frame_that_has_a_place_lies_there_and_others_come_whole(size: int) -> None:
    frames = [
        b"{}",
        b"\x03",
        b"\x05abcdefgh",
        b"\x03head" + bytes(range(90)),
        b"\x03HEAD" + bytes(90),
    ]
    data = b"".join(len(body).to_bytes(4, "big") + body for body in frames)
    wire = Wire(Pieces(data, size))
    rooms = [memoryview(bytearray(90)) for _ in range(2)]
    given = iter(rooms)

    async def room() -> memoryview:
        await trio.lowlevel.checkpoint()
        return next(given)

    assert await wire.read() == b"{}"
    assert await wire.read() == b"\x03"
    place = Place(b"\x03", 5, room)
    assert await wire.read(place=place) == b"\x05abcdefgh"
    assert await wire.read(place=place) == b"\x03head"
    assert await wire.read(place=place) == b"\x03HEAD"
    assert [bytes(each) for each in rooms] == [bytes(range(90)), bytes(90)]
    assert await wire.read(place=place) is None


@pytest.mark.trio
@pytest.mark.parametrize("length", [1, 5, 6, 94, 96, 2000])
async def test_a_frame_of_another_length_than_its_place_is_refused(length: int) -> None:
    body = b"\x03" + bytes(length - 1)
    memory = bytearray(200)

    async def room() -> memoryview:
        return memoryview(memory)[:90]

    stream = Pieces(length.to_bytes(4, "big") + body, 4096)
    with pytest.raises(PeerError):
        await Wire(stream).read(place=Place(b"\x03", 5, room))
    assert memory == bytes(200)


@pytest.mark.trio
async def test_waiting_for_a_place_is_not_the_peers_silence(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async def room() -> memoryview:
        await trio.sleep(1000)
        return memoryview(bytearray(10))

    stream = Pieces(b"\0\0\0\x0f" + b"\x03" + bytes(14), 4)
    assert await Wire(stream).read(within=5, place=Place(b"\x03", 5, room)) == b"\x03" + bytes(4)
    _, other = wire_pair()
    with pytest.raises(Unreachable, match="60 seconds"):
        await other.read(place=Place(b"\x03", 5, room))


@pytest.mark.trio
async def test_a_peer_that_falls_silent_inside_a_frame_is_unreachable(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Also when the limit for its pieces was not moved for each of them."""

    class Stops(Pieces):
        async def read(self, n: int) -> bytes:
            if not self.data:
                await trio.sleep_forever()
            await trio.sleep(0.5)
            return await super().read(n)

    with pytest.raises(Unreachable, match="60 seconds"):
        await Wire(Stops(b"\0\0\0\x10" + bytes(12), 1)).read()
    assert 8 + 58 < trio.current_time() <= 8 + 60
