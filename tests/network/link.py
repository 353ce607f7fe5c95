"""A bad network in user space: a TCP proxy that delays, stalls, goes dark, moves, freezes and cuts.

TCP hides loss and reordering from the programs that use it: they see delay, jitter, stalls (a lost
packet is sent again after its time-out) and silence. That is what is made here, byte-exact.
"""

import random
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trio

from p2p.carriers import Address

if TYPE_CHECKING:
    from trio_typing import TaskStatus

PACKET = 1460
RESEND_SECONDS = 0.2  # the least time-out of Linux after a lost packet
PIECE = 65536
UNDER_WAY = 64  # pieces a direction holds: as much as routers do


@dataclass
class Weather:
    """Seconds a piece takes, least and most; how many of a hundred packets are lost; bytes a second
    that one connection can carry each way, 0 for as many as come."""

    delay: tuple[float, float] = (0.0, 0.0)
    loss: float = 0.0
    rate: float = 0.0


class Link:
    """Listens on loopback and passes everything on to ``target``, in its weather.

    ``up`` and ``down`` count the bytes that were passed on to and from the target, ``under_way``
    those from the target that are not yet: no more than ``most`` pieces of each connection.

    ``holds``: a line so long that it takes so many bytes from the target before the first of them
    comes out; after that one comes out for each that goes in. In bytes, not in seconds: what keeps
    it full keeps full any line whose rate times round trip is no more.
    """

    def __init__(
        self, target: Address, weather: Weather | None = None, *, listen: str = "127.0.0.1"
    ) -> None:
        self.target = target
        self.weather = weather or Weather()
        self.source = "127.0.0.1"  # from where the target sees us come
        self.up = self.down = self.accepted = self.under_way = 0
        self.most = UNDER_WAY
        self.holds = 0
        self._moved = trio.lowlevel.ParkingLot()
        self._listen = listen
        self._random = random.Random(1)
        self._cut_at: int | None = None
        self._light = trio.Event()
        self._light.set()
        self._lines: list[_Line] = []  # in the order they came
        self._nursery: trio.Nursery | None = None
        self._frozen = self._shut = False
        self.port = 0

    def multiaddr(self) -> str:
        return Address(self._listen, self.port).multiaddr()

    async def run(self, *, task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        (listener,) = await trio.open_tcp_listeners(0, host=self._listen)
        self.port = listener.socket.getsockname()[1]
        async with trio.open_nursery() as self._nursery:
            task_status.started()
            await trio.serve_listeners(self._carry, [listener])

    # What befalls it.

    def black_out(self) -> None:
        """Nothing passes until there is light again; nobody is told."""
        self._light = trio.Event()

    def light(self) -> None:
        """What was held back arrives late, and all goes on."""
        self._light.set()

    def freeze(self) -> None:
        """From now on whoever dials is accepted and never answered."""
        self._frozen = True
        self.forget()

    def thaw(self) -> None:
        self._frozen = False

    def forget(self) -> None:
        """The lines of now lead nowhere any more, and neither side is told: an address changed."""
        for line in self._lines:
            line.dead = True

    def move(self, *, target: Address | None = None, source: str | None = None) -> None:
        """One side has another address; connections with the old one are silent for ever."""
        self.target = target or self.target
        self.source = source or self.source
        self.forget()

    def shorten(self) -> None:
        """It holds nothing back any more."""
        self.holds = 0
        self._moved.unpark_all()

    def cut(self) -> None:
        """All connections end at once."""
        for line in self._lines:
            line.scope.cancel()

    def cut_newest(self) -> None:
        """The connection that came last ends at once."""
        self._lines[-1].scope.cancel()

    def shut(self) -> None:
        """All connections end at once, and whoever dials is shown out."""
        self._shut = True
        self.cut()

    def open(self) -> None:
        self._shut = False

    def cut_each_after(self, down: int | None) -> None:
        """Every connection ends once so many bytes have come from the target; None: no longer."""
        self._cut_at = down

    async def _carry(self, near: trio.SocketStream) -> None:
        self.accepted += 1
        line = _Line()
        self._lines.append(line)
        try:
            with line.scope:
                if self._shut:
                    return
                if self._frozen:
                    await trio.sleep_forever()
                far = await trio.open_tcp_stream(
                    self.target.host, self.target.port, local_address=self.source
                )
                async with far, trio.open_nursery() as nursery:
                    nursery.start_soon(self._pump, line, near, far, True)
                    nursery.start_soon(self._pump, line, far, near, False)
        except* OSError:
            pass  # the target is not there: neither are we
        finally:
            self._lines.remove(line)
            await trio.aclose_forcefully(near)

    async def _pump(
        self, line: "_Line", source: trio.SocketStream, sink: trio.SocketStream, up: bool
    ) -> None:
        """One direction, until either side ends it."""
        put, take = trio.open_memory_channel[tuple[float, bytes]](self.most)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._read, source, put, up)
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                async for due, piece in take:
                    await trio.sleep_until(due)
                    await self._light.wait()
                    await line.alive()
                    while not up and self.under_way < self.holds:
                        await self._moved.park()
                    if not up and self._cut_at is not None:
                        piece = piece[: max(0, self._cut_at - line.down)]
                    await sink.send_all(piece)
                    if up:
                        self.up += len(piece)
                        continue
                    self.under_way -= len(piece)
                    self.down += len(piece)
                    line.down += len(piece)
                    if line.down == self._cut_at:
                        break
            nursery.cancel_scope.cancel()
        line.scope.cancel()

    async def _read(
        self, source: trio.SocketStream, put: trio.MemorySendChannel[tuple[float, bytes]], up: bool
    ) -> None:
        due = busy = 0.0
        async with put:
            with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                async for piece in source:
                    for at in range(0, len(piece), PIECE):
                        part = bytes(piece[at : at + PIECE])
                        self.under_way += 0 if up else len(part)
                        self._moved.unpark_all()
                        busy = max(busy, trio.current_time()) + self._carrying(len(part))
                        wait = self._random.uniform(*self.weather.delay) + self._stall(len(part))
                        due = max(due, busy + wait)  # jitter, never reordering
                        await put.send((due, part))

    def _carrying(self, size: int) -> float:
        return size / self.weather.rate if self.weather.rate else 0.0

    def _stall(self, size: int) -> float:
        lost = sum(
            self._random.random() * 100 < self.weather.loss for _ in range(-(-size // PACKET))
        )
        return RESEND_SECONDS * lost


class _Line:
    """One connection through the link."""

    def __init__(self) -> None:
        self.scope = trio.CancelScope()
        self.dead = False
        self.down = 0

    async def alive(self) -> None:
        """Returns at once, or never."""
        if self.dead:
            await trio.sleep_forever()
