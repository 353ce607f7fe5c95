"""Frames: what is written is read, and any other bytes are a PeerError."""

import contextlib

import pytest
import rfc8785
import trio
from hypothesis import given
from hypothesis import strategies as st

from p2p.errors import PeerError, Unreachable
from p2p.limits import YAMUX_FRAME_BYTES
from p2p.wire import Wire, parse
from tests.p2p.streams import Pieces, stream_pair, wire_pair


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


@given(st.binary(max_size=120))
def test_any_body_is_an_object_a_refusal_or_a_peer_error(body: bytes) -> None:
    with contextlib.suppress(PeerError, Unreachable):
        assert rfc8785.dumps(parse(body)) == body


@pytest.mark.trio
@pytest.mark.parametrize("more", [0, 1, YAMUX_FRAME_BYTES - 6, YAMUX_FRAME_BYTES, 2**20])
async def test_each_piece_of_a_frame_fills_one_of_yamux(more: int) -> None:
    class Kept(Pieces):
        written: list[bytes]

        async def write(self, data: bytes | memoryview) -> None:
            self.written.append(bytes(data))

    kept = Kept(b"", 1)
    kept.written = []
    body = bytes(range(256)) * (more // 256 + 1)
    await Wire(kept).write(b"\x03", body[:more], b"end")
    frame = b"".join(kept.written)
    assert frame == (more + 4).to_bytes(4, "big") + b"\x03" + body[:more] + b"end"
    assert {len(piece) for piece in kept.written[:-1]} <= {YAMUX_FRAME_BYTES}
    assert len(kept.written) == -(-len(frame) // YAMUX_FRAME_BYTES)
