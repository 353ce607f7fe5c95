"""NAT-PMP (RFC 6886): asking the router, in 12 bytes, to let TCP connections in at a port.

Spoken by many routers, among them those with Apple's or MiniUPnP's software. Answers count only
from the router itself (a connected socket), for what was asked, with lengths that are exact.
"""

import socket
import struct
from pathlib import Path
from typing import Final

import trio

from p2p.carriers import Address
from p2p.errors import PeerError, Unreachable
from p2p.routers import Lease

_PORT: Final = 5351
_ADDRESS, _TCP, _ANSWER = 0, 2, 128
_WAITS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)  # seconds for an answer before it is asked again
_OTHERS: Final = 8  # datagrams that are no answer to this, after each question
_ROUTES: Final = Path("/proc/net/route")


class NatPmp:
    """The router at an IPv4 address, as a `p2p.routers.Router`."""

    def __init__(self, router: str, port: int = _PORT) -> None:
        self._router = (router, port)

    async def open(self, port: int, seconds: int) -> Lease:
        """See `p2p.routers.Router`."""
        epoch_ip = await self._ask(struct.pack("!BB", 0, _ADDRESS), _ADDRESS, 12)
        host = socket.inet_ntoa(epoch_ip[4:8])
        inside, outside, lifetime = await self._map(port, port, seconds)
        if inside != port or not outside or not lifetime:
            raise PeerError("The router opened something else than was asked for.")
        return Lease(Address(host, outside), min(lifetime, seconds))

    async def close(self, port: int, lease: Lease) -> None:
        """See `p2p.routers.Router`."""
        await self._map(port, 0, 0)

    async def _map(self, port: int, wanted: int, seconds: int) -> tuple[int, int, int]:
        asked = struct.pack("!BBHHHI", 0, _TCP, 0, port, wanted, seconds)
        answer = await self._ask(asked, _TCP, 16)
        inside, outside, lifetime = struct.unpack("!HHI", answer[4:12])
        return inside, outside, lifetime

    async def _ask(self, message: bytes, code: int, length: int) -> bytes:
        """What follows the head of the answer, from the router's epoch on."""
        with trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            try:
                await asking.connect(self._router)
                for wait in _WAITS:
                    await asking.send(message)
                    with trio.move_on_after(wait):
                        for _ in range(_OTHERS):
                            answer = await asking.recv(64)
                            if len(answer) == length and answer[:2] == bytes([0, _ANSWER + code]):
                                return _checked(answer)
                        await trio.sleep_forever()
            except OSError as error:  # nobody has that port there
                raise Unreachable("The router does not speak NAT-PMP.") from error
        raise Unreachable("The router does not answer.")


def _checked(answer: bytes) -> bytes:
    (result,) = struct.unpack("!H", answer[2:4])
    if result:
        raise Unreachable(f"The router refused with the number {result}.")
    return answer[4:]


def default_router() -> str:
    """The IPv4 address of the router that leads out of here; empty where Linux does not say it."""
    try:
        lines = _ROUTES.read_text().splitlines()[1:]
    except OSError:
        return ""
    for line in lines:
        fields = line.split()
        if len(fields) > 3 and fields[1] == "00000000" and int(fields[3], 16) & 2:
            return socket.inet_ntoa(struct.pack("<I", int(fields[2], 16)))
    return ""
