"""What any libp2p peer is told before it has introduced itself: who answers, and that it is there.

``/ipfs/id/1.0.0`` and ``/ipfs/ping/1.0.0`` as other implementations expect them, and nothing but
what the handshake has shown already: the public key, the protocols, a name without a version. No
addresses of ours: whoever wants to be dialled says where in a profile. A relay tells where it sees
who asks, which `p2p.punching` asks it for; nobody else is asked anything.
Source: https://github.com/libp2p/specs/blob/master/identify/README.md and ping/ping.md.
"""

from collections.abc import Sequence
from typing import Final

import trio

from p2p.errors import PeerError, Unreachable
from p2p.limits import IDLE_SECONDS, PING_BYTES, PINGS_BURST, PINGS_PER_SECOND
from p2p.pace import Pace
from p2p.protobuf import field, varint
from p2p.wire import ByteStream

IDENTIFY: Final = "/ipfs/id/1.0.0"
PING: Final = "/ipfs/ping/1.0.0"
PROTOCOLS: Final = (IDENTIFY, PING)
_AGENT: Final = b"lading"
# Field numbers of the Identify message; all of them are length-delimited.
_PUBLIC_KEY, _PROTOCOLS, _OBSERVED, _AGENT_VERSION = 1, 3, 4, 6


def identification(public_key: bytes, protocols: Sequence[str], observed: bytes = b"") -> bytes:
    """The whole answer to identify: a protobuf message behind its length.

    public_key: as libp2p writes it, in a protobuf of its own. observed: the multiaddr, in bytes, at
    which we see who asks; empty to say nothing about it.
    """
    message = field(_PUBLIC_KEY, public_key)
    message += b"".join(field(_PROTOCOLS, name.encode()) for name in protocols)
    message += field(_OBSERVED, observed) if observed else b""
    message += field(_AGENT_VERSION, _AGENT)
    return varint(len(message)) + message


async def answer(protocol: str, stream: ByteStream, identified: bytes) -> None:
    """Serve one stream of ``PROTOCOLS``. Raises PeerError, Unreachable."""
    try:
        if protocol == IDENTIFY:
            with trio.fail_after(IDLE_SECONDS):
                await stream.write(identified)
        else:
            await _echo(stream)
    except trio.TooSlowError:
        raise Unreachable("The peer asked who is there and fell silent.") from None


async def _echo(stream: ByteStream) -> None:
    """Give back each 32 bytes, no faster than anybody needs."""
    pace = Pace(PINGS_BURST, PINGS_PER_SECOND)
    while True:
        asked = b""
        with trio.fail_after(IDLE_SECONDS):
            while len(asked) < PING_BYTES:
                piece = await stream.read(PING_BYTES - len(asked))
                if not piece and asked:
                    raise PeerError("The peer ended in the middle of a ping.")
                if not piece:
                    return
                asked += piece
        await pace.wait()
        with trio.fail_after(IDLE_SECONDS):
            await stream.write(asked)
