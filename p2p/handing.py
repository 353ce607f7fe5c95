"""Sockets handed to a process that works (`p2p.worker`): they are no bytes that a pipe could carry.

On Windows a socket is made known to one process by a few bytes that mean something there only.
Elsewhere the system takes it along with a byte over a channel, a pair of sockets of its own.
"""

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Reduced = tuple[Callable[..., socket.socket], tuple[Any, ...]]


class Handing:
    """The side that gives away. descriptors: what the other process has to inherit."""

    descriptors: tuple[int, ...] = ()

    def __init__(self) -> None:
        self.pid = 0
        """Of the other process, once there is one."""
        self._ends: tuple[socket.socket, ...] = ()
        if sys.platform != "win32":
            self._ends = socket.socketpair()
            self.descriptors = (self._ends[1].fileno(),)

    def give(self, given: socket.socket) -> Reduced:
        """What pickle is to write for a socket; it is closed here. OSError."""
        with given:
            if sys.platform == "win32":
                return shared, (given.share(self.pid),)
            socket.send_fds(self._ends[0], [b"\0"], [given.fileno()])
            return received, self.descriptors

    def close(self) -> None:
        for end in self._ends:
            end.close()


def received(channel: int) -> socket.socket:
    """The next socket that comes over that descriptor."""
    with socket.socket(fileno=channel) as end:
        try:
            _, (given,), _, _ = socket.recv_fds(end, 1, 1)
        finally:
            end.detach()
    return socket.socket(fileno=given)


def shared(told: bytes) -> socket.socket:
    """The socket that these bytes make known; one without a peer if it is over meanwhile."""
    if sys.platform == "win32":
        with suppress(OSError):
            return socket.fromshare(told)
    return socket.socket()
