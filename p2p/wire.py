"""Frames on a stream: u32 big-endian length ‖ body, the same for every protocol of Lading.

A body that starts with ``{`` is an RFC 8785 JSON object of at most 64 KiB; any other first byte
names a binary frame of the delivery protocol. A stream may end cleanly between two frames only:
an end inside a frame, a frame that is empty, too long or of the wrong form is a ``PeerError``, a
stream on which the other side falls silent is ``Unreachable``.
"""

import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

import rfc8785
import trio

from p2p.buffers import Buffer, cut
from p2p.errors import WHYS, NotNow, PeerError, Unreachable
from p2p.limits import (
    FRAME_BYTES,
    IDLE_SECONDS,
    MESSAGE_BYTES,
    NOISE_BYTES,
    REASON_BYTES,
    YAMUX_FRAME_BYTES,
    YAMUX_HEADER_BYTES,
)
from p2p.messages import VERSION, read_object
from p2p.throttle import Brake, Throttle

_PIECE: Final = NOISE_BYTES - YAMUX_HEADER_BYTES  # fills a frame of one message
_SWIFT_SECONDS: Final = 0.5  # that a piece may take, if longer ones shall follow
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


class ByteStream(Protocol):
    """What a frame needs of a stream; ``read`` returns nothing at a clean end only."""

    async def read(self, n: int) -> bytes | memoryview: ...

    async def write(self, data: bytes | memoryview) -> None: ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where frames of one kind go without being put together elsewhere first.

    kind: the body's first byte. head: how many bytes of the body are read as usual. room: memory of
    exactly as many bytes as follow; it may wait.
    """

    kind: bytes
    head: int
    room: Callable[[], Awaitable[memoryview]]


class Wire:
    """Reads and writes frames. One task reads at a time; those that write take turns."""

    def __init__(self, stream: ByteStream, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._stream = stream
        self._idle_seconds = idle_seconds
        self._turn = trio.Lock()
        self._swift = False  # whether a long piece takes no time
        self.reading: Brake = Throttle()
        self.writing: Brake = self.reading

    def slow_down(self, *, reading: Brake | None = None, writing: Brake | None = None) -> None:
        """Let what comes next pass only as these allow. Time spent so is nobody's silence."""
        self.reading = reading or self.reading
        self.writing = writing or self.writing

    async def read(
        self,
        limit: int = FRAME_BYTES,
        *,
        wait: float | None = None,
        within: float = math.inf,
        place: Place | None = None,
    ) -> bytes | None:
        """The next frame's body, or None at a clean end.

        ``limit`` in bytes; ``wait`` (seconds) is how long the peer may be silent before the frame
        begins, if that is more than the usual; ``within`` how long the body may take
        once its length is known. Of a frame that has a ``place`` only the head is given back, the
        rest lies there.
        Raises PeerError, Unreachable.
        """
        with _Patience(wait or self._idle_seconds, within) as patience:
            head = bytes(await self._stream.read(4))
            if not head:
                return None
            if len(head) < 4:
                head += await self._rest(4 - len(head), patience)
            length = int.from_bytes(head, "big")
            if not 1 <= length <= limit:
                raise PeerError(
                    f"The peer announces a frame of {length} bytes; {limit} are allowed."
                )
            if place is None:
                return await self._rest(length, patience)
            body = await self._rest(min(length, place.head), patience)
            left = length - len(body)
            if body[:1] != place.kind:
                return body + await self._rest(left, patience)
            patience.rest()
            room = await place.room()
            if len(room) != left:
                raise PeerError("The peer sends another frame than the one that comes next.")

            def keep(piece: Buffer) -> None:
                nonlocal room
                room[: len(piece)] = piece
                room = room[len(piece) :]

            await self._arrive(left, patience, keep)
            return body

    async def read_object(
        self, limit: int = MESSAGE_BYTES, *, wait: float | None = None, within: float = math.inf
    ) -> dict[str, Any]:
        """The next frame as a JSON object. Raises what ``read`` and ``parse`` raise."""
        body = await self.read(limit, wait=wait, within=within)
        if body is None:
            raise Unreachable("The peer ended the exchange early. It will be tried again.")
        return parse(body)

    async def write(self, first: bytes, *more: Buffer) -> None:
        """One frame whose body is the given parts. Raises Unreachable if the peer takes none."""
        length = len(first) + sum(len(part) for part in more)
        await self._say(length, (length.to_bytes(4, "big"), first, *more))

    async def write_each(self, bodies: Sequence[bytes]) -> None:
        """Short frames, one behind the other: what goes out at once costs as much as one."""
        frames = b"".join(len(body).to_bytes(4, "big") + body for body in bodies)
        await self._say(len(frames), (frames,))

    async def _say(self, length: int, parts: tuple[Buffer, ...]) -> None:
        """About so many bytes."""
        async with self._turn:
            began = trio.current_time()
            # Pieces that fill a frame each, and are short where they take long: the time limit is
            # for progress.
            size = _PIECE if self.writing.limit or not self._swift else YAMUX_FRAME_BYTES
            with _Patience(self._idle_seconds) as patience:
                for run in cut(parts, size):
                    piece = run[0] if len(run) == 1 else b"".join(run)
                    if self.writing.limit:
                        await patience.slowed(self.writing, len(piece))
                    patience.heard(trio.current_time(), self._idle_seconds)
                    await self._stream.write(piece)
            if length > _PIECE:
                self._swift = (trio.current_time() - began) * size < length * _SWIFT_SECONDS

    async def write_object(self, kind: str, **fields: Any) -> None:
        """One JSON frame of the given type."""
        await self.write(rfc8785.dumps({"v": VERSION, "type": kind, **fields}))

    async def refuse(self, error: PeerError | Unreachable) -> None:
        """Tell the peer why not: for good after a PeerError, for now after an Unreachable."""
        kind = "refused" if isinstance(error, PeerError) else "later"
        why = {"why": error.why} if isinstance(error, NotNow) else {}
        await self.write_object(kind, reason=_shortened(error.reason), **why)

    async def _rest(self, n: int, patience: "_Patience") -> bytes:
        pieces: list[Buffer] = []
        await self._arrive(n, patience, pieces.append)
        return b"".join(pieces)

    async def _arrive(self, n: int, patience: "_Patience", keep: Callable[[Buffer], None]) -> None:
        """``n`` bytes, piece by piece."""
        while n:
            asked = trio.current_time()
            patience.heard(asked, self._idle_seconds)
            piece = await self._stream.read(n)
            # What is slowed down here is not its slowness.
            patience.within -= trio.current_time() - asked
            if patience.within < 0:
                raise Unreachable("The peer sends too slowly. It will be tried again.")
            if not piece:
                raise PeerError("The peer ended the exchange in the middle of a frame.")
            keep(piece)
            n -= len(piece)
            if self.reading.limit:
                await patience.slowed(self.reading, len(piece))


class _Patience:
    """A context in which the peer may be silent for so many ``seconds``: Unreachable after that.

    ``within``: how long all it says may take, without what it is slowed down here.
    """

    __slots__ = ("_from", "_scope", "seconds", "within")

    def __init__(self, seconds: float, within: float = math.inf) -> None:
        self._from = trio.current_time()
        self._scope = trio.CancelScope(deadline=self._from + seconds)
        self.seconds, self.within = seconds, within

    def __enter__(self) -> Self:
        self._scope.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._scope.__exit__(kind, error, trace)
        if self._scope.cancelled_caught:
            raise Unreachable(
                f"The peer has been silent for {self.seconds:.0f} seconds. It will be tried again."
            ) from None

    def heard(self, now: float, seconds: float) -> None:
        """From ``now`` on it may be silent for ``seconds`` again; at times for a 64th less, since
        moving the limit takes longer than what it is moved for."""
        if seconds != self.seconds or now > self._from + seconds / 64:
            self.seconds, self._from = seconds, now
            self._scope.deadline = now + seconds

    async def slowed(self, brake: Brake, cost: int) -> None:
        """Return when ``cost`` bytes may pass."""
        self.rest()
        await brake.wait(cost)

    def rest(self) -> None:
        """Until it is `heard` again, the time that passes is nobody's silence."""
        self._scope.deadline, self._from = math.inf, -math.inf


def read_hash(value: object) -> bytes | None:
    """The 32 bytes that a field of a frame names in small hex digits; None if it does not."""
    try:
        raw = bytes.fromhex(value) if isinstance(value, str) else b""
    except ValueError:
        return None
    return raw if len(raw) == 32 and raw.hex() == value else None


def parse(body: bytes) -> dict[str, Any]:
    """A JSON frame's object with its text ``type``.

    Raises PeerError for anything else and for a peer's refusal, Unreachable for "later" (NotNow if
    it says why in a word that is known here).
    """
    document = read_object(body, MESSAGE_BYTES)
    version, kind = document.get("v"), document.get("type")
    if type(version) is not int or version != VERSION or not isinstance(kind, str):
        raise PeerError("The peer speaks another version: one of the two needs an update.")
    if kind in ("refused", "later"):
        reason = document.get("reason")
        if not isinstance(reason, str) or len(reason.encode()) > REASON_BYTES:
            raise PeerError("The peer refused without a reason.")
        reason = _UNPRINTABLE.sub(" ", reason)
        if kind == "refused":
            raise PeerError(reason)
        why = next((one for one in WHYS if one == document.get("why")), None)
        raise NotNow(reason, why) if why else Unreachable(reason)
    return document


def _shortened(reason: str) -> str:
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")
