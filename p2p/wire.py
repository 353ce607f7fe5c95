"""Frames on a stream: u32 big-endian length ‖ body, the same for every protocol of Lading.

A body that starts with ``{`` is an RFC 8785 JSON object of at most 64 KiB; any other first byte
names a binary frame of the delivery protocol. A stream may end cleanly between two frames only:
an end inside a frame, a frame that is empty, too long or of the wrong form is a ``PeerError``, a
stream on which the other side falls silent is ``Unreachable``.
"""

import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Protocol

import rfc8785
import trio

from p2p.buffers import Buffer
from p2p.errors import WHYS, NotNow, PeerError, Unreachable
from p2p.limits import (
    FRAME_BYTES,
    IDLE_SECONDS,
    MESSAGE_BYTES,
    REASON_BYTES,
    YAMUX_FRAME_BYTES,
)
from p2p.messages import VERSION, read_object
from p2p.throttle import Brake, Throttle

_PIECE: Final = YAMUX_FRAME_BYTES
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f]")


class ByteStream(Protocol):
    """What a frame needs of a stream; ``read`` returns nothing at a clean end only."""

    async def read(self, n: int) -> bytes: ...

    async def write(self, data: bytes | memoryview) -> None: ...


class Wire:
    """Reads and writes frames. One task reads at a time; those that write take turns."""

    def __init__(self, stream: ByteStream, *, idle_seconds: float = IDLE_SECONDS) -> None:
        self._stream = stream
        self._idle_seconds = idle_seconds
        self._turn = trio.Lock()
        self.reading: Brake = Throttle()
        self.writing: Brake = self.reading

    def slow_down(self, *, reading: Brake | None = None, writing: Brake | None = None) -> None:
        """Let what comes next pass only as these allow. Time spent so is nobody's silence."""
        self.reading = reading or self.reading
        self.writing = writing or self.writing

    async def read(
        self, limit: int = FRAME_BYTES, *, wait: float | None = None, within: float = math.inf
    ) -> bytes | None:
        """The next frame's body, or None at a clean end.

        ``limit`` in bytes; ``wait`` (seconds) is how long the peer may be silent before the frame
        begins, if that is more than the usual; ``within`` how long the body may take
        once its length is known.
        Raises PeerError, Unreachable.
        """
        with _within(wait or self._idle_seconds):
            head = await self._stream.read(4)
        if not head:
            return None
        if len(head) < 4:
            head += await self._rest(4 - len(head), within)
        length = int.from_bytes(head, "big")
        if not 1 <= length <= limit:
            raise PeerError(f"The peer announces a frame of {length} bytes; {limit} are allowed.")
        return await self._rest(length, within)

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
        async with self._turn:
            with _within(self._idle_seconds) as scope:
                for piece in _pieces(length.to_bytes(4, "big"), first, *more):
                    scope.deadline = math.inf
                    await self.writing.wait(len(piece))
                    scope.deadline = trio.current_time() + self._idle_seconds
                    await self._stream.write(piece)

    async def write_object(self, kind: str, **fields: Any) -> None:
        """One JSON frame of the given type."""
        await self.write(rfc8785.dumps({"v": VERSION, "type": kind, **fields}))

    async def refuse(self, error: PeerError | Unreachable) -> None:
        """Tell the peer why not: for good after a PeerError, for now after an Unreachable."""
        kind = "refused" if isinstance(error, PeerError) else "later"
        why = {"why": error.why} if isinstance(error, NotNow) else {}
        await self.write_object(kind, reason=_shortened(error.reason), **why)

    async def _rest(self, n: int, within: float) -> bytes:
        pieces: list[bytes] = []
        with _within(self._idle_seconds) as scope:
            while n:
                asked = trio.current_time()
                scope.deadline = asked + self._idle_seconds
                piece = await self._stream.read(n)
                within -= (
                    trio.current_time() - asked
                )  # what is slowed down here is not its slowness
                if within < 0:
                    raise Unreachable("The peer sends too slowly. It will be tried again.")
                if not piece:
                    raise PeerError("The peer ended the exchange in the middle of a frame.")
                pieces.append(piece)
                n -= len(piece)
                scope.deadline = math.inf
                await self.reading.wait(len(piece))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


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


def _pieces(*parts: Buffer) -> Iterator[bytes | memoryview]:
    """The parts behind one another, cut so that the time limit is for progress, and that each
    piece fills a frame."""
    begun = b""
    for part in parts:
        view = memoryview(part)
        while len(begun) + len(view) >= _PIECE:
            cut = _PIECE - len(begun)
            yield b"".join((begun, view[:cut])) if begun else view[:cut]
            begun, view = b"", view[cut:]
        begun += view
    if begun:
        yield begun


@contextmanager
def _within(seconds: float) -> Iterator[trio.CancelScope]:
    """The time limit of the scope that is given may be moved."""
    try:
        with trio.fail_after(seconds) as scope:
            yield scope
    except trio.TooSlowError:
        raise Unreachable(
            f"The peer has been silent for {seconds:.0f} seconds. It will be tried again."
        ) from None
