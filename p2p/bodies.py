"""The bodies of chunks on a line, moved by whoever works on them: no loop comes between.

The line is agreed on elsewhere (`p2p.direct`); what is here is its socket, and the key that hides
the bodies on it: body k goes as c_k ⊕ AES-256 under that key, counted as GCM counts (NIST SP
800-38D §6.5: blocks k as 12 bytes ‖ u32, from 2). There is no tag: its name comes over the session.
A processor is two to three times as quick at that as at ChaCha20.

Whoever has agreed on it has the socket too, and ends it for both by shutting it down: who moves
bytes then stops at once, or looks every half second where a system wakes nobody for that.
"""

import socket
import sys
import time
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, algorithms, modes

from p2p.sealing import chunk_nonce

_LOOK_SECONDS: Final = 0.5
_GATHERS: Final = sys.platform == "linux"  # elsewhere it is not there, or does not count


class OnLine:
    """A job that moves bodies: over no line at first."""

    _bodies: "Bodies | None" = None

    def line(self, line: socket.socket, key: bytes, seconds: float) -> None:
        """What is moved from now on takes that one (`Bodies`)."""
        self.no_line()
        self._bodies = Bodies(line, key, seconds)

    def no_line(self) -> None:
        if self._bodies is not None:
            self._bodies.close()


class Bodies:
    """One end of a line, which is given away to this object. ``seconds`` of silence and anything
    else lose it, for good: whatever is asked for after that is False."""

    def __init__(self, line: socket.socket, key: bytes, seconds: float) -> None:
        self._line = line
        self._key = algorithms.AES(key)
        self._stream: CipherContext | None = None
        self._seconds = seconds
        self._gathered = 1
        self._lost = False

    def send(self, index: int, at: int, piece: memoryview) -> bool:
        """What begins ``at`` in chunk ``index``, and all before it was sent; veiled in place."""
        self._veil(index, at, piece)
        return self._moved(piece, self._line.send)

    def receive(self, index: int, at: int, place: memoryview) -> bool:
        """Fill ``place`` with what begins ``at`` in chunk ``index``, of which all before it was
        received; unveiled."""
        if not self._moved(place, self._gather):
            return False
        self._veil(index, at, place)
        return True

    def close(self) -> None:
        self._lost = True
        self._line.close()

    def _veil(self, index: int, at: int, piece: memoryview) -> None:
        if not at:
            self._stream = Cipher(self._key, modes.GCM(chunk_nonce(index))).encryptor()
        assert self._stream is not None
        self._stream.update_into(piece, piece)

    def _moved(self, view: memoryview, move: Callable[[memoryview], int]) -> bool:
        """Whether all of it went through."""
        try:
            while view and not self._lost:
                took = self._soon(view, move)
                self._lost = not took
                view = view[took:]
        except OSError:
            self._lost = True
        if self._lost:
            self.close()
        return not self._lost

    def _soon(self, view: memoryview, move: Callable[[memoryview], int]) -> int:
        """How much went through as soon as any could; 0: none did, or the line is over."""
        until = time.monotonic() + self._seconds
        while True:
            self._line.settimeout(_LOOK_SECONDS)
            try:
                return move(view)
            except TimeoutError:
                self._line.settimeout(0)
            try:
                return move(view)
            except BlockingIOError:
                if time.monotonic() > until:
                    return 0

    def _gather(self, view: memoryview) -> int:
        """What has come, once that is all or a moment has passed: each time that the system wakes
        us costs as much as copying a good part of it. It makes its buffer large enough by itself,
        and wakes us, too, when that is full, or when the line is over."""
        if _GATHERS and self._gathered != len(view):
            self._gathered = len(view)
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, self._gathered)
        return self._line.recv_into(view)
