"""What a peer says in a whole exchange, and every way to spoil it: for fuzzing either side."""

from collections.abc import Sequence

import rfc8785
import trio
from hypothesis import strategies as st

Edits = list[tuple[str, int, int, bytes]]
"""(what to do, which frame, where in it, bytes to put there)."""

_WORDS = ("v", "type", "order", "leaves", "chunk", "records", "root", "binding", "reason", "id")
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from([0, 1, 2**31, 2**32 - 1, 2**32, 2**53 - 1])
    | st.text(max_size=20)
    | st.sampled_from(
        ["fetch", "manifest", "paused", "start", "end", "delivery", "hello", "00" * 32]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.sampled_from(_WORDS), _VALUES, max_size=6).map(rfc8785.dumps)
"""JSON frames of our own form that say anything."""

_BINARY = st.builds(
    lambda kind, index, rest: bytes([kind]) + index.to_bytes(4, "big") + rest,
    st.integers(0, 6),
    st.sampled_from([0, 1, 2, 3, 255, 2**31, 2**32 - 1]),
    st.binary(max_size=80),
)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["drop", "twice", "swap", "put", "flip", "cut", "grow", "length", "end"]),
        st.integers(0, 12),
        st.integers(0, 20_000),
        OBJECTS | _BINARY | st.binary(max_size=40),
    ),
    max_size=4,
)


def framed(frames: Sequence[bytes]) -> bytes:
    """The bytes of a stream that says these frames."""
    return b"".join(len(body).to_bytes(4, "big") + body for body in frames)


def spoilt(frames: Sequence[bytes], edits: Edits) -> bytes:
    """The conversation after ``edits``; without any it is as it should be."""
    said = list(frames)
    tail: int | None = None
    lengths: dict[int, bytes] = {}
    for what, frame, place, data in edits:
        if not said:
            break
        at = frame % len(said)
        body = said[at]
        if what == "drop":
            del said[at]
        elif what == "twice":
            said.insert(at, body)
        elif what == "swap":
            other = place % len(said)
            said[at], said[other] = said[other], said[at]
        elif what == "put":
            said.insert(at, data)
        elif what == "flip":
            where = place % len(body) if body else 0
            said[at] = body[:where] + data[:1] + body[where + 1 :]
        elif what == "cut":
            said[at] = body[: place % (len(body) + 1)]
        elif what == "grow":
            said[at] = body + data
        elif what == "length":
            lengths[at] = data[:4].rjust(4, b"\xff")
        else:
            tail = place
    stream = b"".join(
        lengths.get(at, len(body).to_bytes(4, "big")) + body for at, body in enumerate(said)
    )
    return stream if tail is None else stream[: tail % (len(stream) + 1)]


class Told:
    """A stream on which all this has arrived already, in pieces; what we say is kept.

    answer: arrives behind it as soon as we have said ``to``.
    """

    def __init__(
        self, data: bytes, piece: int = 1000, *, answer: bytes = b"", to: bytes = b""
    ) -> None:
        self._data = memoryview(data)
        self._piece = piece
        self._answer, self._to, self._heard = answer, to, trio.Event()
        self.answered = b""

    async def read(self, n: int) -> bytes:
        await trio.lowlevel.checkpoint()
        if self._answer and not self._data:
            await self._heard.wait()
            self._data, self._answer = memoryview(self._answer), b""
        n = min(n, self._piece)
        piece, self._data = self._data[:n], self._data[n:]
        return bytes(piece)

    async def write(self, data: bytes | memoryview) -> None:
        await trio.lowlevel.checkpoint()
        self.answered += bytes(data)
        if self._to in self.answered:
            self._heard.set()
