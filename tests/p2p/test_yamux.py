"""The multiplexer against itself and against a peer that keeps to no rule."""

import struct
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from hypothesis import example, given, settings
from hypothesis import strategies as st

from p2p import yamux
from p2p.buffers import Buffer
from p2p.carriers import ask_for, offer
from p2p.errors import Unreachable
from p2p.limits import (
    ASKED_BURST_BYTES,
    ASKED_PER_SECOND,
    CONTROL_FRAMES,
    FRAME_COST_BYTES,
    OPENINGS_BURST,
    OPENINGS_PER_SECOND,
    STREAMS_ALWAYS,
    STREAMS_PER_CONNECTION,
    UNASKED_BURST_BYTES,
    UNASKED_PER_SECOND,
    WINDOW_BYTES,
)
from p2p.pace import Pace
from p2p.secured import Secured
from p2p.unread import Unread
from p2p.yamux import Stream, Yamux

SYN, ACK, FIN, RST = 1, 2, 4, 8
FRAMES_BURST = UNASKED_BURST_BYTES // FRAME_COST_BYTES
FRAMES_PER_SECOND = UNASKED_PER_SECOND / FRAME_COST_BYTES


def frame(kind: int, flags: int, stream: int, length: int, body: bytes = b"") -> bytes:
    return struct.pack("!BBHII", 0, kind, flags, stream, length) + body


class Session:
    """A secured connection in memory."""

    def __init__(self, end: "trio.StapledStream[object, object]") -> None:
        self.end = end

    async def read(self, n: int | None = None) -> bytes:
        data = bytes(await self.end.receive_some(n))
        if not data:
            raise ConnectionError("closed")
        return data

    async def write(self, *parts: Buffer) -> None:
        await self.end.send_all(b"".join(parts))

    async def close(self) -> None:
        await self.end.aclose()


async def echo(stream: Stream) -> None:
    try:
        while piece := await stream.read(1 << 20):
            await stream.write(piece)
        stream.finish()
    except Unreachable:
        pass


@asynccontextmanager
async def two(
    accepted: Callable[[Stream], Awaitable[None]] = echo,
) -> AsyncIterator[tuple[Yamux, Yamux]]:
    left, right = trio.testing.memory_stream_pair()
    ours = Yamux(Session(left), True, echo)
    theirs = Yamux(Session(right), False, accepted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.run)
        nursery.start_soon(theirs.run)
        yield ours, theirs
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def against_bytes(
    accepted: Callable[[Stream], Awaitable[None]] = echo,
) -> AsyncIterator[tuple[Yamux, "trio.StapledStream[object, object]"]]:
    left, right = trio.testing.memory_stream_pair()
    muxer = Yamux(Session(left), False, accepted)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        yield muxer, right
        nursery.cancel_scope.cancel()


async def read_all(stream: Stream) -> bytes:
    parts = []
    while piece := await stream.read(5000):
        parts.append(piece)
    return b"".join(parts)


@pytest.mark.trio
@pytest.mark.parametrize("length", [20, 200])
async def test_protocols_of_any_length_are_agreed_on(length: int) -> None:
    """The library's negotiation wants bytes, whatever a stream gives."""
    protocol = "/" + "x" * length
    chosen: list[str] = []

    async def accepted(stream: Stream) -> None:
        chosen.append(await offer(stream, (protocol,)))

    async with two(accepted) as (ours, _):
        assert await ask_for(await ours.open(), protocol) == protocol
    assert chosen == [protocol]


@pytest.mark.trio
async def test_more_than_a_window_goes_both_ways() -> None:
    data = bytes(range(256)) * 8192
    async with two() as (ours, _):
        stream = await ours.open()
        async with trio.open_nursery() as nursery:

            async def write() -> None:
                await stream.write(data)
                stream.finish()

            nursery.start_soon(write)
            assert await read_all(stream) == data


@pytest.mark.trio
async def test_a_lost_connection_is_not_a_clean_end() -> None:
    async with two() as (ours, theirs):
        stream = await ours.open()
        await stream.write(b"x")
        assert await stream.read(9) == b"x"
        theirs.close()
        with pytest.raises(Unreachable):
            await stream.read(9)
        with pytest.raises(Unreachable):
            await stream.write(b"y")
        with pytest.raises(Unreachable):
            await ours.open()
        assert not ours.usable


@pytest.mark.trio
async def test_a_reset_is_not_a_clean_end_either() -> None:
    async def refuse(stream: Stream) -> None:
        stream.reset()

    async with two(refuse) as (ours, _):
        stream = await ours.open()
        with pytest.raises(Unreachable):
            await stream.read(9)
        assert ours.usable


@pytest.mark.trio
async def test_a_slow_reader_is_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    async def slow(stream: Stream) -> None:
        await trio.sleep(3600)
        await echo(stream)

    async with two(slow) as (ours, _):
        stream = await ours.open()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(stream.write, bytes(2 * WINDOW_BYTES))
            received = 0
            while received < 2 * WINDOW_BYTES:
                received += len(await stream.read(1 << 20))
        assert trio.current_time() >= 3600


@pytest.mark.trio
@pytest.mark.parametrize("spoke_at", [0, 3, 9.5, 10, 14])
async def test_a_frozen_peer_is_noticed_within_30_seconds_of_its_last_word(
    autojump_clock: trio.testing.MockClock, spoke_at: float
) -> None:
    async with against_bytes() as (muxer, end):
        await trio.sleep(spoke_at)
        await end.send_all(frame(1, SYN, 1, 0))
        await trio.sleep(20)
        assert muxer.usable
        await trio.sleep(10)
        assert not muxer.usable


@pytest.mark.trio
async def test_pings_are_answered_and_keep_the_session(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with two() as (ours, _):
        await trio.sleep(3600)
        assert ours.usable


@pytest.mark.trio
async def test_sending_beyond_the_window_ends_the_session() -> None:
    async def idle(stream: Stream) -> None:
        await trio.sleep_forever()

    piece = bytes(65536)
    for extra in (0, 1):
        async with against_bytes(idle) as (muxer, end):
            await end.send_all(frame(1, SYN, 1, 0))
            for _ in range(WINDOW_BYTES // len(piece)):
                await end.send_all(frame(0, 0, 1, len(piece), piece))
            await end.send_all(frame(0, 0, 1, extra, bytes(extra)))
            await trio.testing.wait_all_tasks_blocked()
            assert muxer.usable is (extra == 0)


@pytest.mark.trio
async def test_streams_above_the_limit_are_reset() -> None:
    opened: list[Stream] = []

    async def idle(stream: Stream) -> None:
        opened.append(stream)
        await trio.sleep_forever()

    async with against_bytes(idle) as (muxer, end):
        for number in range(STREAMS_PER_CONNECTION + 3):
            await end.send_all(frame(1, SYN, 2 * number + 1, 0))
        await trio.testing.wait_all_tasks_blocked()
        answers = bytes(await end.receive_some(4096))
        flags = [f for _, _, f, _, _ in struct.iter_unpack("!BBHII", answers)]
        assert (flags.count(ACK), flags.count(RST)) == (STREAMS_PER_CONNECTION, 3)
        assert len(opened) == STREAMS_PER_CONNECTION
        assert muxer.usable


@pytest.mark.trio
async def test_our_own_streams_wait_for_a_place(autojump_clock: trio.testing.MockClock) -> None:
    async with two() as (ours, _):
        streams = [await ours.open() for _ in range(STREAMS_PER_CONNECTION)]
        with trio.move_on_after(5) as waited:
            await ours.open()
        assert waited.cancelled_caught
        streams[0].reset()
        with trio.fail_after(1):
            await ours.open()


@pytest.mark.trio
async def test_answers_owed_to_a_peer_that_reads_none_are_bounded() -> None:
    class Deaf(Session):
        async def write(self, *parts: Buffer) -> None:
            await trio.sleep_forever()

    left, right = trio.testing.memory_stream_pair()
    muxer = Yamux(Deaf(left), False, echo)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        await right.send_all(frame(2, SYN, 0, 1) * (CONTROL_FRAMES // 2))
        await trio.testing.wait_all_tasks_blocked()
        assert muxer.usable
        await right.send_all(frame(2, SYN, 0, 1) * CONTROL_FRAMES)
        await trio.testing.wait_all_tasks_blocked()
        assert not muxer.usable


@pytest.mark.trio
async def test_frames_that_wait_go_out_together_and_no_more_than_a_few() -> None:
    written: list[bytes] = []
    going = trio.Event()

    class Slow(Session):
        async def write(self, *parts: Buffer) -> None:
            data = b"".join(parts)
            await going.wait()
            written.append(data)
            await super().write(data)

    data = bytes(range(251)) * 4000
    left, right = trio.testing.memory_stream_pair()
    ours, theirs = Yamux(Slow(left), True, echo), Yamux(Session(right), False, echo)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ours.run)
        nursery.start_soon(theirs.run)
        streams = [await ours.open()]
        await trio.testing.wait_all_tasks_blocked()  # that is being written
        streams += [await ours.open() for _ in range(3)]
        async with trio.open_nursery() as exchanges:

            async def exchange(stream: Stream, size: int) -> None:
                exchanges.start_soon(stream.write, data[:size])
                got = b""
                while len(got) < size:
                    got += await stream.read(1 << 20)
                assert got == data[:size]

            for stream, size in zip(streams, (1000, 1000, 1000, len(data)), strict=True):
                exchanges.start_soon(exchange, stream, size)
                await trio.testing.wait_all_tasks_blocked()
            going.set()
        nursery.cancel_scope.cancel()
    # One opening; all that waited; the rest of the long one, by its credit, and what grants it.
    most = min(yamux.YAMUX_FRAME_BYTES, WINDOW_BYTES) + 12
    assert [len(each) for each in written[:2]] == [12, 3 * 12 + 3 * 1012 + most]
    assert all(len(each) <= most + 4 * 12 for each in written[2:])
    assert len(written) < 20


@pytest.mark.trio
async def test_what_was_being_written_and_is_cancelled_is_said_whole_or_not_at_all() -> None:
    """Nor does it change any more: whoever wrote it may use its memory for something else."""
    going = trio.Event()

    class Stuck(Session):
        async def write(self, *parts: Buffer) -> None:
            data = b"".join(parts)
            await going.wait()
            await super().write(data)

    left, right = trio.testing.memory_stream_pair()
    muxer = Yamux(Stuck(left), True, echo)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        stream = await muxer.open()
        await trio.testing.wait_all_tasks_blocked()  # its opening is being written
        memory = bytearray(b"first")
        with trio.CancelScope() as scope:
            nursery.start_soon(_cancel_when_blocked, scope)
            await stream.write(memory)
        memory[:] = b"other"
        nursery.start_soon(stream.write, b"second")
        await trio.testing.wait_all_tasks_blocked()
        going.set()
        await trio.testing.wait_all_tasks_blocked()
        said = frame(1, SYN, 1, 0) + frame(0, 0, 1, 6, b"second")
        assert bytes(await right.receive_some(4096)) == said
        rest = bytes(WINDOW_BYTES - 6)  # nor did it cost credit
        nursery.start_soon(stream.write, rest)
        await trio.testing.wait_all_tasks_blocked()
        assert bytes(await right.receive_some(1 << 20)) == frame(0, 0, 1, len(rest), rest)
        nursery.cancel_scope.cancel()
    assert scope.cancelled_caught


@pytest.mark.trio
async def test_who_waits_to_write_hears_of_the_end_of_the_session() -> None:
    class Deaf(Session):
        async def write(self, *parts: Buffer) -> None:
            await trio.sleep_forever()

    left, _ = trio.testing.memory_stream_pair()
    muxer = Yamux(Deaf(left), True, echo)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        stream = await muxer.open()
        await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(_close_when_blocked, muxer)
        with pytest.raises(Unreachable):
            await stream.write(b"unheard")


@pytest.mark.trio
async def test_many_tiny_pieces_do_not_cost_many_objects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(yamux, "UNASKED_BURST_BYTES", ASKED_BURST_BYTES)
    kept: list[Stream] = []

    async def idle(stream: Stream) -> None:
        kept.append(stream)
        await trio.sleep_forever()

    async with against_bytes(idle) as (_, end):
        await end.send_all(frame(1, SYN, 1, 0) + frame(0, 0, 1, 1, b"x") * 10000)
        await trio.testing.wait_all_tasks_blocked()
        assert await kept[0].read(10000) == b"x" * 4096


@pytest.mark.trio
@pytest.mark.parametrize(
    "data",
    [
        frame(1, SYN, 2, 0),  # a number that is ours to give
        frame(1, SYN, 0, 0),
        frame(1, SYN, 1, 0) * 2,
        frame(7, 0, 1, 0),
        b"\1" + frame(1, SYN, 1, 0)[1:],
        frame(3, 0, 0, 0),  # go away
    ],
)
async def test_a_broken_rule_ends_the_session(data: bytes) -> None:
    async with against_bytes() as (muxer, end):
        await end.send_all(data)
        await trio.testing.wait_all_tasks_blocked()
        assert not muxer.usable


@pytest.mark.trio
async def test_what_follows_the_end_of_a_session_starts_nothing() -> None:
    opened: list[Stream] = []

    async def count(stream: Stream) -> None:
        opened.append(stream)

    rush = b"".join(frame(1, SYN, n, 0) + frame(1, RST, n, 0) for n in range(1, 2001, 2))
    async with against_bytes(count) as (muxer, end):
        await end.send_all(frame(3, 0, 0, 0) + rush)
        await trio.testing.wait_all_tasks_blocked()
        assert not muxer.usable
    assert not opened


@pytest.mark.trio
@pytest.mark.parametrize("extra", [0, 1])
async def test_after_a_reset_no_more_is_read_over_than_was_credited(extra: int) -> None:
    async def refuse(stream: Stream) -> None:
        stream.reset()

    async with against_bytes(refuse) as (muxer, end):
        await end.send_all(frame(1, SYN, 1, 0) + frame(0, 0, 1, 10, bytes(10)))
        await trio.testing.wait_all_tasks_blocked()
        late = WINDOW_BYTES - 10 + extra
        await end.send_all(frame(0, 0, 1, late, bytes(late)))
        await trio.testing.wait_all_tasks_blocked()
        assert muxer.usable is (extra == 0)


@pytest.mark.trio
@pytest.mark.parametrize("size", [1, 2**31, 2**32 - 1])
async def test_data_for_a_stream_that_never_was_ends_the_session(size: int) -> None:
    async with against_bytes() as (muxer, end):
        await end.send_all(frame(0, 0, 7, size))
        await trio.testing.wait_all_tasks_blocked()
        assert not muxer.usable


@pytest.mark.trio
@pytest.mark.parametrize(
    ("rush", "at_once", "per_second"),
    [
        (frame(1, SYN, 1, 0) + frame(1, RST, 1, 0), OPENINGS_BURST, OPENINGS_PER_SECOND),
        (frame(1, 0, 1, 1), FRAMES_BURST, FRAMES_PER_SECOND),
        (frame(2, ACK, 0, 1), FRAMES_BURST, FRAMES_PER_SECOND),
        (frame(0, 0, 1, 1, b"x"), FRAMES_BURST, FRAMES_PER_SECOND),
    ],
    ids=["streams", "credit", "pongs", "tiny data"],
)
async def test_haste_is_answered_by_reading_more_slowly(
    autojump_clock: trio.testing.MockClock, rush: bytes, at_once: float, per_second: float
) -> None:
    """Some less than a burst costs no time; twenty seconds' worth more takes twenty seconds, and
    what comes without end is not listened to."""

    async def idle(stream: Stream) -> None:
        await trio.sleep_forever()

    some = int(at_once) - 40
    async with against_bytes(idle) as (muxer, end):
        if rush[1] == 0:
            await end.send_all(frame(1, SYN, 1, 0))
        await end.send_all(rush * some)
        await end.send_all(frame(2, SYN, 0, 5))
        await _pong(end, 5)
        assert trio.current_time() == 0
        await end.send_all(rush * int(40 + 20 * per_second) + frame(2, SYN, 0, 6))
        await _pong(end, 6)
        assert 15 <= trio.current_time() <= 22
        assert muxer.usable
        await end.send_all(rush * int(100 * per_second))
        await trio.sleep(60)
        assert not muxer.usable
        assert muxer.fault


@pytest.mark.trio
async def test_who_is_sent_data_may_answer_as_often(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """A buyer acknowledges, and gives credit, as long as it gets something."""
    async with against_bytes() as (_, end):
        await end.send_all(frame(1, SYN, 1, 0))
        async with trio.open_nursery() as nursery:

            async def read() -> None:
                while True:
                    await end.receive_some(65536)

            nursery.start_soon(read)
            for _ in range(4 * FRAMES_BURST):  # the echo answers each
                await end.send_all(frame(0, 0, 1, 1, b"x") + frame(1, 0, 1, 1))
                await trio.testing.wait_all_tasks_blocked()
            assert trio.current_time() < 4 * FRAMES_BURST / FRAMES_PER_SECOND
            nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_who_is_sent_much_at_once_may_answer_as_often_as_for_the_same_in_short_frames(
    autojump_clock: trio.testing.MockClock,
) -> None:
    """Sixteen answers for a MiB, whatever it came in."""

    async def send(stream: Stream) -> None:
        await stream.write(bytes(64 * 2**20))

    async with against_bytes(send) as (_, end):
        await end.send_all(frame(1, SYN, 1, 0) + frame(1, 0, 1, 2**20 - WINDOW_BYTES))
        for _ in range(64):
            got = 0
            while got < 2**20:
                got += len(await end.receive_some(65536))
            await end.send_all(frame(1, 0, 1, 0) * 15 + frame(1, 0, 1, 2**20))
            await trio.testing.wait_all_tasks_blocked()
        assert trio.current_time() < 1


@pytest.mark.trio
@pytest.mark.parametrize("asked", [True, False])
async def test_the_short_end_of_what_was_written_together_counts_as_what_it_belongs_to(
    monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    """Four frames together end in a message of Noise that holds 116 bytes of the last one."""
    spent: dict[float, float] = defaultdict(float)
    opened: list[Stream] = []

    class Noted(Pace):
        async def wait(self, cost: float = 1) -> None:
            spent[self.limit] += cost
            await super().wait(cost)

    async def keep(stream: Stream) -> None:
        opened.append(stream)
        await trio.sleep_forever()

    monkeypatch.setattr(yamux, "Pace", Noted)
    left, right = trio.testing.memory_stream_pair()
    near, far = (Secured(end, b"", (bytes(32), bytes(32)), 0) for end in (left, right))
    near.budget = None
    muxer = Yamux(near, asked, keep)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        if asked:
            opened.append(await muxer.open())
        else:
            await far.write(frame(1, SYN, 1, 0))
        await trio.testing.wait_all_tasks_blocked()
        spent.clear()
        for _ in range(5):
            await far.write(frame(0, 0, 1, 65536, bytes(65536)) * 4)
            left_to_read = WINDOW_BYTES
            while left_to_read:
                left_to_read -= len(await opened[0].read(left_to_read))
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()
    if asked:
        assert spent == {ASKED_PER_SECOND: 5 * (4 + 1) * FRAME_COST_BYTES}
    else:
        assert spent == {UNASKED_PER_SECOND: 5 * FRAME_COST_BYTES}


@pytest.mark.trio
async def test_a_peer_that_fills_its_windows_is_ended_and_no_other() -> None:
    """Three sessions of one host that has room for less: the one that holds most goes."""

    async def idle(stream: Stream) -> None:
        await trio.sleep_forever()

    unread = Unread(WINDOW_BYTES)
    async with trio.open_nursery() as nursery:
        ends, muxers = [], []
        for _ in range(3):
            left, right = trio.testing.memory_stream_pair()
            muxers.append(Yamux(Session(left), False, idle, unread=unread))
            ends.append(right)
            nursery.start_soon(muxers[-1].run)
        quarter = WINDOW_BYTES // 4
        for end, size in zip(ends, (quarter, 2 * quarter, quarter), strict=True):
            await end.send_all(frame(1, SYN, 1, 0) + frame(0, 0, 1, size, bytes(size)))
            await trio.testing.wait_all_tasks_blocked()
        assert unread.total == WINDOW_BYTES
        assert all(muxer.usable for muxer in muxers)
        await ends[0].send_all(frame(0, 0, 1, 1, b"x"))
        await trio.testing.wait_all_tasks_blocked()
        assert [muxer.usable for muxer in muxers] == [True, False, True]
        assert [muxer.fault for muxer in muxers] == [False, True, False]
        assert unread.total == WINDOW_BYTES // 2 + 1
        for muxer in muxers:
            muxer.close()
        assert unread.total == 0


@pytest.mark.trio
@pytest.mark.parametrize("how", ["read", "reset", "reset by the peer", "ended before it was read"])
async def test_what_is_read_or_over_is_held_no_more(how: str) -> None:
    opened: list[Stream] = []

    async def keep(stream: Stream) -> None:
        opened.append(stream)
        await trio.sleep_forever()

    unread = Unread()
    left, right = trio.testing.memory_stream_pair()
    muxer = Yamux(Session(left), False, keep, unread=unread)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        await right.send_all(frame(1, SYN, 1, 0) + frame(0, 0, 1, 9, bytes(9)))
        await trio.testing.wait_all_tasks_blocked()
        assert unread.total == 9
        if how == "read":
            assert len(await opened[0].read(4)) == 4
            assert unread.total == 5
            await opened[0].read(5)
        elif how == "reset":
            opened[0].reset()
        elif how == "reset by the peer":
            await right.send_all(frame(1, RST, 1, 0))
        else:
            opened[0].finish()
            await right.send_all(frame(1, FIN, 1, 0))
            await trio.testing.wait_all_tasks_blocked()
            assert unread.total == 9
            opened[0].reset()
        await trio.testing.wait_all_tasks_blocked()
        assert unread.total == 0
        nursery.cancel_scope.cancel()


@pytest.mark.trio
@pytest.mark.parametrize(
    ("seconds", "steps"),
    [(0.0, [2**20] * 4), (1.0, [256 * 1024] * 16)],
    ids=["a fast reader", "a slow one"],
)
async def test_a_wide_window_is_granted_in_wide_steps_to_who_reads_fast(
    autojump_clock: trio.testing.MockClock, seconds: float, steps: list[int]
) -> None:
    left, right = trio.testing.memory_stream_pair()
    muxer = Yamux(Session(left), True, echo)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        stream = await muxer.open()
        stream.widen(8 * 2**20)
        await trio.testing.wait_all_tasks_blocked()
        await right.receive_some(4096)
        for _ in range(sum(steps) // 65536):
            await right.send_all(frame(0, 0, 1, 65536, bytes(65536)))
            await trio.testing.wait_all_tasks_blocked()
            await trio.sleep(seconds / 4)
            assert len(await stream.read(65536)) == 65536
        await trio.testing.wait_all_tasks_blocked()
        said = bytes(await right.receive_some(4096))
        grants = [f[4] for f in struct.iter_unpack("!BBHII", said) if f[1] == 1]
        assert grants == steps
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_what_is_unread_keeps_little_more_in_memory_than_is_counted() -> None:
    opened: list[Stream] = []

    async def keep(stream: Stream) -> None:
        opened.append(stream)
        await trio.sleep_forever()

    async with against_bytes(keep) as (_, end):
        await end.send_all(frame(1, SYN, 1, 0) + frame(1, SYN, 3, 0))
        await trio.testing.wait_all_tasks_blocked()
        one, other = sorted(opened, key=lambda stream: stream.number)
        bulk, some = bytes(60_000), bytes(10_000)
        await end.send_all(frame(0, 0, 1, len(bulk), bulk))
        await trio.testing.wait_all_tasks_blocked()
        message = frame(0, 0, 1, len(bulk), bulk) + frame(0, 0, 3, len(some), some)
        await end.send_all(message)
        await trio.testing.wait_all_tasks_blocked()
        assert isinstance(await one.read(1000), memoryview)  # most of what came
        rest = await one.read(1 << 20)
        assert len(rest) == 59_000
        assert len(await one.read(30_000)) == 30_000
        rest = await one.read(1 << 20)
        assert (len(rest), type(rest)) == (30_000, bytes)
        assert type(await other.read(1 << 20)) is bytes


@pytest.mark.trio
async def test_wide_windows_are_lent_while_there_are_any() -> None:
    unread = Unread(wide=1000)
    left, right = trio.testing.memory_stream_pair()
    muxer = Yamux(Session(left), True, echo, unread=unread)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(muxer.run)
        first, second = await muxer.open(), await muxer.open()
        first.widen(WINDOW_BYTES + 700)
        second.widen(WINDOW_BYTES + 700)
        await trio.testing.wait_all_tasks_blocked()
        said = bytes(await right.receive_some(4096))
        grants = [f[4] for f in struct.iter_unpack("!BBHII", said) if f[2] == 0]
        assert grants == [700, 300]
        first.reset()
        first.reset()
        assert unread.widen(5000) == 700
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_streams_above_a_few_of_each_connection_are_lent_while_there_are_any() -> None:
    unread = Unread(streams=1)

    async def keep(stream: Stream) -> None:
        await trio.sleep_forever()

    async def opened(end: trio.abc.Stream, number: int) -> bool:
        await end.send_all(frame(1, SYN, number, 0))
        await trio.testing.wait_all_tasks_blocked()
        (answer,) = struct.iter_unpack("!BBHII", bytes(await end.receive_some(4096)))
        return bool(answer[2] == ACK)

    async with trio.open_nursery() as nursery:
        ends = []
        for _ in range(2):
            left, right = trio.testing.memory_stream_pair()
            nursery.start_soon(Yamux(Session(left), False, keep, unread=unread).run)
            ends.append(right)
        first, second = ends
        for number in range(1, 2 * STREAMS_ALWAYS, 2):
            assert await opened(first, number)
            assert await opened(second, number)
        assert await opened(first, 21)
        assert not await opened(second, 21)
        assert not await opened(first, 23)
        await first.send_all(frame(1, RST, 21, 0))
        await trio.testing.wait_all_tasks_blocked()
        assert await opened(second, 25)
        nursery.cancel_scope.cancel()
    assert unread.lend_stream()  # all that was lent was given back
    assert not unread.lend_stream()


async def _cancel_when_blocked(scope: trio.CancelScope) -> None:
    await trio.testing.wait_all_tasks_blocked()
    scope.cancel()


async def _close_when_blocked(muxer: Yamux) -> None:
    await trio.testing.wait_all_tasks_blocked()
    muxer.close()


async def _pong(end: "trio.StapledStream[object, object]", number: int) -> None:
    heard = b""
    while frame(2, ACK, 0, number) not in heard:
        heard += bytes(await end.receive_some(65536))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 15), st.integers(0, 5), st.integers(0, 40)).map(
            lambda f: frame(*f, bytes(f[3] if f[0] == 0 else 0))
        )
        | st.binary(max_size=30),
        max_size=30,
    ).map(b"".join)
)
@example(frame(3, 0, 0, 0) + frame(1, SYN, 1, 0) * 3)
@example(frame(1, SYN, 1, 0) + frame(0, 0, 1, 2**32 - 1))
@example(frame(0, SYN, 1, 2**32 - 1))
@example(frame(1, SYN | FIN | RST, 1, 2**32 - 1) * 2)
@example(frame(0, FIN, 1, 0) + frame(0, SYN | FIN, 1, 1, b"x") + frame(0, 0, 1, 1, b"y"))
def test_any_bytes_leave_a_session_that_works_or_is_over(data: bytes) -> None:
    async def run() -> None:
        async with against_bytes() as (muxer, end):
            await end.send_all(data)
            await trio.testing.wait_all_tasks_blocked()
            if muxer.usable:
                await muxer.open()
            else:
                with pytest.raises(Unreachable):
                    await muxer.open()

    trio.run(run)
