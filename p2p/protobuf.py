"""libp2p's own little messages on a stream: protobuf behind its length, bounded in size and time.

What each field means is the business of the module that asks (`p2p.circuit`, `p2p.punching`).
"""

import contextlib
from collections.abc import Iterator
from typing import Final, TypeVar

import trio
from google.protobuf.message import DecodeError, Message

from p2p.errors import PeerError, Unreachable
from p2p.limits import HELLO_SECONDS
from p2p.strangers import varint
from p2p.wire import ByteStream

_Message = TypeVar("_Message", bound=Message)
_LENGTH_BITS: Final = 28


async def write(stream: ByteStream, message: Message) -> None:
    """Say it. Raises Unreachable."""
    encoded = message.SerializeToString()
    with _in_time():
        await stream.write(varint(len(encoded)) + encoded)


async def read(stream: ByteStream, kind: type[_Message], most: int) -> _Message:
    """One message of at most ``most`` bytes, and not a byte beyond it. PeerError, Unreachable."""
    with _in_time():
        length = shift = 0
        while True:
            (digit,) = await _exactly(stream, 1)
            length |= (digit & 127) << shift
            shift += 7
            if length > most or shift > _LENGTH_BITS:
                raise PeerError("The peer's message is too long.")
            if digit < 128:
                break
        body = await _exactly(stream, length)
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise PeerError("The peer's message cannot be read.") from error


async def _exactly(stream: ByteStream, n: int) -> bytes:
    data = b""
    while len(data) < n:
        piece = await stream.read(n - len(data))
        if not piece:
            raise PeerError("The peer's message ends in the middle.")
        data += piece
    return data


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    try:
        with trio.fail_after(HELLO_SECONDS):
            yield
    except trio.TooSlowError:
        raise Unreachable("The relay, or the peer behind it, does not answer.") from None
