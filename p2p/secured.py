"""A session secured by Noise, once both sides have shaken hands: messages opened and sealed.

The library's own session takes a dozen calls and copies for each message of 64 KiB, of which a
delivery has sixteen a MiB. This one receives and sends several at once. The format is the same:
u16 length ‖ ciphertext and tag, ChaCha20-Poly1305 under a counter of messages, each way its key.
"""

from typing import Final

import trio
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from libp2p.io.abc import ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError

from p2p.buffers import Buffer

_MESSAGE: Final = 65535
_TAG: Final = 16
_LENGTH: Final = 2
_RECEIVE_BYTES: Final = 262144
_NOTHING: Final = memoryview(b"")


class Secured(ReadWriteCloser):
    """Both directions of one connection. One task reads at a time, and one writes."""

    def __init__(
        self, stream: trio.abc.Stream, came: bytes, keys: tuple[bytes, bytes], budget: int
    ) -> None:
        """came: what was received behind the handshake. keys: for what we send, and receive.
        budget: how many bytes the peer may say until it is set to None."""
        self.budget: int | None = budget
        self._stream = stream
        self._came = memoryview(came)
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

    async def write(self, data: Buffer) -> None:
        """All of ``data``, in as many messages as it takes and as few calls of the system."""
        most = _MESSAGE - _TAG
        starts = range(0, len(data), most)
        sealed = bytearray(len(data) + len(starts) * (_LENGTH + _TAG))
        with memoryview(data) as plain, memoryview(sealed) as out:
            at = 0
            for start in starts:
                piece = plain[start : start + most]
                size = len(piece) + _TAG
                out[at : at + _LENGTH] = size.to_bytes(_LENGTH, "big")
                at += _LENGTH
                nonce, self._sent = _nonce(self._sent), self._sent + 1
                self._sealing.encrypt_into(nonce, piece, None, out[at : at + size])
                at += size
        await self._stream.send_all(memoryview(sealed))

    async def close(self) -> None:
        await self._stream.aclose()

    def get_remote_address(self) -> tuple[str, int] | None:
        return None

    async def _message(self) -> bytes:
        await self._have(_LENGTH)
        end = _LENGTH + int.from_bytes(self._came[:_LENGTH], "big")
        if self.budget is not None:
            self.budget -= end
            if self.budget < 0:
                raise ConnectionClosedError("The handshake is too long.")
        await self._have(end)
        nonce, self._received = _nonce(self._received), self._received + 1
        opened = self._opening.decrypt(nonce, self._came[_LENGTH:end], None)
        self._came = self._came[end:] or _NOTHING  # what all was received in is let go
        if not opened:
            raise ConnectionClosedError("The peer says nothing, in a message of its own.")
        return opened

    async def _have(self, size: int) -> None:
        """Receive until so much has come that was not opened."""
        while len(self._came) < size:
            piece = await self._stream.receive_some(_RECEIVE_BYTES)
            if not piece:
                raise ConnectionClosedError("The connection is gone.")
            self._came = memoryview(b"".join((self._came, piece)) if self._came else piece)


def _nonce(number: int) -> bytes:
    return bytes(4) + number.to_bytes(8, "little")
