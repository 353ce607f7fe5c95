"""Streams in memory for tests of one side at a time."""

import trio
import trio.testing

from p2p.wire import Wire


class MemoryStream:
    """A `p2p.wire.ByteStream` over one end of trio's memory streams."""

    def __init__(self, end: "trio.StapledStream[object, object]") -> None:
        self.end = end

    async def read(self, n: int) -> bytes:
        return bytes(await self.end.receive_some(n))

    async def write(self, data: bytes | memoryview) -> None:
        await self.end.send_all(bytes(data))

    async def finish(self) -> None:
        await self.end.send_eof()


def stream_pair() -> tuple[MemoryStream, MemoryStream]:
    one, other = trio.testing.memory_stream_pair()
    return MemoryStream(one), MemoryStream(other)


def wire_pair() -> tuple[Wire, Wire]:
    one, other = stream_pair()
    return Wire(one), Wire(other)


class Pieces:
    """A stream that gives fixed bytes in fixed pieces and then ends cleanly."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data = data
        self.size = size

    async def read(self, n: int) -> bytes:
        await trio.lowlevel.checkpoint()
        piece, self.data = self.data[: min(n, self.size)], self.data[min(n, self.size) :]
        return piece

    async def write(self, data: bytes | memoryview) -> None:
        await trio.lowlevel.checkpoint()
