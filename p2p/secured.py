"""A session secured by Noise, once both sides have shaken hands: messages opened and sealed.

The library's own session takes a dozen calls and copies for each message of 64 KiB, of which a
delivery has sixteen a MiB. This one receives and sends several at once, in memory that is used
again. The format is the same: u16 length ‖ ciphertext and tag, ChaCha20-Poly1305 under a counter
of messages, each way its key.
"""

from typing import Final

import trio
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from libp2p.io.abc import ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError

from p2p.buffers import Buffer, cut

_MESSAGE: Final = 65535
_TAG: Final = 16
_LENGTH: Final = 2
_LEAST_ROOM: Final = 16384
_MOST_ROOM: Final = 4 * (_LENGTH + _MESSAGE)


class Secured(ReadWriteCloser):
    """Both directions of one connection. One task reads at a time, and one writes."""

    def __init__(
        self, stream: trio.abc.Stream, came: bytes, keys: tuple[bytes, bytes], budget: int
    ) -> None:
        """came: what was received behind the handshake. keys: for what we send, and receive.
        budget: how many bytes the peer may say until it is set to None."""
        self.budget: int | None = budget
        self._stream = stream
        self._socket = stream.socket if isinstance(stream, trio.SocketStream) else None
        self._room = memoryview(bytearray(max(len(came), _LEAST_ROOM)))
        self._room[: len(came)] = came
        self._begin, self._end = 0, len(came)  # of what was received and not opened
        self._sealed = memoryview(b"")
        self._opened = b""
        self._sealing, self._opening = (ChaCha20Poly1305(key) for key in keys)
        self._sent = self._received = 0

    async def read(self, n: int | None = None) -> bytes:
        """``n`` bytes; without it what is there, at least one. An error at the end."""
        if n is None:
            opened, self._opened = self._opened or await self._message(), b""
            return opened
        while len(self._opened) < n:
            self._opened += await self._message()
        taken, self._opened = self._opened[:n], self._opened[n:]
        return taken

    async def write(self, *parts: Buffer) -> None:
        """All of the parts, one behind the other, in as many messages as it takes and one call of
        the system. They may change from when it first waits."""
        most = _MESSAGE - _TAG
        whole = sum(len(part) for part in parts)
        size = whole + -(-whole // most) * (_LENGTH + _TAG)
        if len(self._sealed) < size:  # anew: somebody may still look at what was sent before
            self._sealed = memoryview(bytearray(size))
        begin = 0
        for run in cut(parts, most):
            piece = run[0] if len(run) == 1 else b"".join(run)
            text = begin + _LENGTH
            end = text + len(piece) + _TAG
            self._sealed[begin:text] = (end - text).to_bytes(_LENGTH, "big")
            nonce, self._sent = _nonce(self._sent), self._sent + 1
            self._sealing.encrypt_into(nonce, piece, None, self._sealed[text:end])
            begin = end
        await self._stream.send_all(self._sealed[:size])

    async def close(self) -> None:
        await self._stream.aclose()

    def get_remote_address(self) -> tuple[str, int] | None:
        return None

    async def _message(self) -> bytes:
        if self._end - self._begin < _LENGTH:
            await self._have(_LENGTH)
        begin = self._begin + _LENGTH
        size = int.from_bytes(self._room[self._begin : begin], "big")
        if self.budget is not None:
            self.budget -= _LENGTH + size
            if self.budget < 0:
                raise ConnectionClosedError("The handshake is too long.")
        if self._end - begin < size:
            await self._have(_LENGTH + size)
            begin = self._begin + _LENGTH
        nonce, self._received = _nonce(self._received), self._received + 1
        opened = self._opening.decrypt(nonce, self._room[begin : begin + size], None)
        self._begin = begin + size
        if not opened:
            raise ConnectionClosedError("The peer says nothing, in a message of its own.")
        return opened

    async def _have(self, size: int) -> None:
        """Receive until so much has come that was not opened."""
        self._to_the_front(size)
        while self._end < size:
            got = await self._receive(self._room[self._end :])
            if not got:
                raise ConnectionClosedError("The connection is gone.")
            self._end += got

    def _to_the_front(self, size: int) -> None:
        """Make room for ``size`` bytes, and for much where much has come at once."""
        kept = self._room[self._begin : self._end]
        room = self._room
        if size > len(room) or self._end == len(room) < _MOST_ROOM:
            room = memoryview(bytearray(max(size, min(4 * len(room), _MOST_ROOM))))
        room[: len(kept)] = kept
        self._room, self._begin, self._end = room, 0, len(kept)

    async def _receive(self, into: memoryview) -> int:
        if self._socket is not None:
            return await self._socket.recv_into(into)
        piece = await self._stream.receive_some(len(into))
        into[: len(piece)] = piece
        return len(piece)


def _nonce(number: int) -> bytes:
    return bytes(4) + number.to_bytes(8, "little")
