"""Protobuf as libp2p's small protocols use it: one message behind its length, a few fields.

For messages whose generated classes the library has not, `fields` reads and `field` writes what
there is: numbers and bytes. Source: https://protobuf.dev/programming-guides/encoding/.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

import trio
from google.protobuf.message import DecodeError, Message

from p2p.errors import PeerError, Unreachable
from p2p.limits import HELLO_SECONDS
from p2p.wire import ByteStream

_Message = TypeVar("_Message", bound=Message)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types; groups are not used any more
_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}
_VARINT_BYTES: Final = 10  # 64 bits

Fields = Mapping[int, Sequence[int | bytes]]
"""Values by field number, in their order; those of fixed size are left out."""


def varint(number: int) -> bytes:
    """Unsigned LEB128, as protobuf writes lengths."""
    digits = b""
    while number > 127:
        digits += bytes([number & 127 | 128])
        number >>= 7
    return digits + bytes([number])


def field(number: int, value: bytes | int) -> bytes:
    """One field of a message, 1 ≤ number ≤ 15."""
    if isinstance(value, int):
        return bytes([number << 3 | _VARINT]) + varint(value)
    return bytes([number << 3 | _BYTES]) + varint(len(value)) + value


def fields(message: bytes) -> Fields:
    """What a message says. Raises PeerError for bytes that are none."""
    found: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _number(message, at)
        elif kind == _BYTES:
            length, at = _number(message, at)
            value, at = message[at : at + length], at + length
        elif kind in _FIXED:
            value, at = b"", at + _FIXED[kind]
        else:
            raise _unreadable()
        if at > len(message) or not number:
            raise _unreadable()
        if kind not in _FIXED:
            found.setdefault(number, []).append(value)
    return found


def number_of(message: Fields, number: int) -> int:
    """A numeric field, 0 if it is not there. Raises PeerError if it is of another type."""
    value = message.get(number, (0,))[-1]  # of several the last one holds
    if not isinstance(value, int):
        raise _unreadable()
    return value


def bytes_of(message: Fields, number: int) -> bytes:
    """A field of bytes, empty if it is not there. Raises PeerError if it is of another type."""
    value = message.get(number, (b"",))[-1]
    if not isinstance(value, bytes):
        raise _unreadable()
    return value


async def write(stream: ByteStream, message: bytes) -> None:
    """One message behind its length. Raises Unreachable."""
    with _in_time():
        await stream.write(varint(len(message)) + message)


async def read(stream: ByteStream, limit: int) -> bytes:
    """One message of at most ``limit`` bytes, and not a byte more. Raises PeerError,
    Unreachable."""
    with _in_time():
        length = shift = 0
        while True:
            (digit,) = await _exactly(stream, 1)
            length |= (digit & 127) << shift
            shift += 7
            if length > limit or shift > 28:
                raise PeerError("The peer's message is too long.")
            if digit < 128:
                return await _exactly(stream, length)


async def read_message(stream: ByteStream, kind: type[_Message], limit: int) -> _Message:
    """The same, of a type the library has. Raises PeerError, Unreachable."""
    try:
        return kind.FromString(await read(stream, limit))
    except DecodeError as error:
        raise _unreadable() from error


def _number(message: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of 64 bits, and where it ends."""
    value = 0
    for place, digit in enumerate(message[at : at + _VARINT_BYTES]):
        value |= (digit & 127) << 7 * place
        if digit < 128:
            return value & (1 << 64) - 1, at + place + 1
    raise _unreadable()


async def _exactly(stream: ByteStream, n: int) -> bytes:
    data = b""
    while len(data) < n:
        piece = await stream.read(n - len(data))
        if not piece:
            raise PeerError("The peer's message ends in the middle.")
        data += piece
    return data


def _unreadable() -> PeerError:
    return PeerError("The peer's message cannot be read.")


@contextlib.contextmanager
def _in_time() -> Iterator[None]:
    try:
        with trio.fail_after(HELLO_SECONDS):
            yield
    except trio.TooSlowError:
        raise Unreachable("The relay, or the peer behind it, does not answer.") from None
