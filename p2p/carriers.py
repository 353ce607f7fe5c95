"""From an address to a secured, multiplexed connection: TCP or a circuit, then Noise, then Yamux.

The byte protocols are libp2p's (multistream-select, ``/noise``, ``/yamux/1.0.0``); handshakes come
from py-libp2p. Sockets are our own: reads are buffered and nothing a stranger sends before Noise
has proved his key can cost more than a few KiB and seconds.
"""

import contextlib
import ipaddress
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import trio
from libp2p.abc import ISecureConn
from libp2p.crypto.ed25519 import create_new_key_pair
from libp2p.crypto.x25519 import create_new_key_pair as create_new_noise_key_pair
from libp2p.custom_types import TProtocol
from libp2p.io.abc import ReadWriteCloser
from libp2p.io.exceptions import ConnectionClosedError
from libp2p.network.connection.raw_connection import RawConnection
from libp2p.peer.id import ID
from libp2p.protocol_muxer.multiselect import Multiselect
from libp2p.protocol_muxer.multiselect_client import MultiselectClient
from libp2p.protocol_muxer.multiselect_communicator import MultiselectCommunicator
from libp2p.security.noise.io import NoiseTransportReadWriter
from libp2p.security.noise.transport import PROTOCOL_ID as NOISE
from libp2p.security.noise.transport import Transport as NoiseTransport
from libp2p.security.secure_session import SecureSession
from libp2p.transport.upgrader import TransportUpgrader

from p2p.errors import Unreachable
from p2p.limits import (
    ADDRESSES,
    HANDSHAKE_BYTES,
    HANDSHAKE_SECONDS,
    NEGOTIATION_BYTES,
)
from p2p.secured import Secured
from p2p.yamux import PROTOCOL, Session, Stream

# The library reports every frame of every peer; what matters reaches the caller as an error.
logging.getLogger("libp2p").addHandler(logging.NullHandler())
logging.getLogger("libp2p").setLevel(logging.CRITICAL)

LINE: Final = "/lading/line/2"
"""What the dialler of a bare connection may ask for in place of Noise: see `p2p.direct`."""
_RECEIVE_BYTES: Final = 262144
_NAME: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_PORT: Final = re.compile(r"[0-9]{1,5}")
_MULTIADDR_CHARACTERS: Final = 512


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer listens: an IP address or host name, and a TCP port."""

    host: str
    port: int

    def multiaddr(self, peer_id: str = "") -> str:
        kind = "dns"
        with contextlib.suppress(ValueError):
            kind = f"ip{ipaddress.ip_address(self.host).version}"
        return f"/{kind}/{self.host}/tcp/{self.port}" + (f"/p2p/{peer_id}" if peer_id else "")


def read_address(text: str, peer_id: str = "") -> Address | None:
    """A TCP multiaddr such as ``/ip4/192.0.2.7/tcp/4001/p2p/12D3…``.

    None for anything else: another transport, a relay, another peer's address, nonsense.
    """
    parts = text.split("/") if len(text) <= _MULTIADDR_CHARACTERS else []
    if len(parts) not in (5, 7) or parts[0] or parts[3] != "tcp":
        return None
    if len(parts) == 7 and (parts[5] != "p2p" or (peer_id and parts[6] != peer_id)):
        return None
    kind, host, port = parts[1], parts[2], parts[4]
    if not _PORT.fullmatch(port) or int(port) > 65535:
        return None
    try:
        if kind in ("ip4", "ip6"):
            known = ipaddress.ip_address(host).version == int(kind[2])
        else:
            known = kind in ("dns", "dns4", "dns6") and _NAME.fullmatch(host) is not None
    except ValueError:
        return None
    return Address(host, int(port)) if known else None


def usable_addresses(texts: Sequence[str], peer_id: str) -> list[Address]:
    """The addresses among ``texts`` that this host can dial for ``peer_id``, at most ADDRESSES."""
    found = (read_address(text, peer_id) for text in texts)
    return list(dict.fromkeys(a for a in found if a is not None and a.port))[:ADDRESSES]


class _Socket(ReadWriteCloser):
    """A byte stream as the library wants it for the handshake, with buffered reads and a budget."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._buffer = bytearray()
        self._budget = HANDSHAKE_BYTES

    async def read(self, n: int | None = None) -> bytes:
        wanted = 1 if n is None else n
        self._budget -= wanted
        if self._budget < 0:
            raise ConnectionClosedError("The handshake is too long.")
        try:
            while len(self._buffer) < wanted:
                piece = await self._stream.receive_some(_RECEIVE_BYTES)
                if not piece:
                    break
                self._buffer += piece
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionClosedError("The connection is gone.") from error
        with memoryview(self._buffer) as view:
            taken = bytes(view if n is None else view[:n])
        del self._buffer[: len(taken)]
        return taken

    async def write(self, data: bytes) -> None:
        try:
            await self._stream.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
            raise ConnectionClosedError("The connection is gone.") from error

    def secured(self, proved: ISecureConn) -> Secured:
        """What Noise has agreed on here, from now on without the library."""
        assert isinstance(proved, SecureSession)
        assert isinstance(proved.conn, NoiseTransportReadWriter)
        noise = proved.conn.noise_state.noise_protocol
        keys = noise.cipher_state_encrypt.k, noise.cipher_state_decrypt.k
        return Secured(self._stream, bytes(self._buffer), keys, self._budget)

    async def close(self) -> None:
        await self._stream.aclose()

    def get_remote_address(self) -> tuple[str, int] | None:
        return None


class _Negotiated(ReadWriteCloser):
    """A stream while its protocol is being agreed on: no more than a few short lines."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._budget = NEGOTIATION_BYTES

    async def read(self, n: int | None = None) -> bytes:
        piece = bytes(await self._stream.read(1 if n is None else min(n, NEGOTIATION_BYTES)))
        self._budget -= len(piece)
        if self._budget < 0 or not piece:
            raise ConnectionClosedError("No protocol was agreed on.")
        return piece

    async def write(self, data: bytes) -> None:
        await self._stream.write(data)

    async def close(self) -> None:
        self._stream.finish()

    def get_remote_address(self) -> tuple[str, int] | None:
        return None


class Upgrader:
    """Secures sockets with this host's key and tells the peer's id.

    ``public_key`` is in libp2p's own encoding.
    """

    def __init__(self, seed: bytes) -> None:
        keys = create_new_key_pair(seed)
        self.peer_id = ID.from_pubkey(keys.public_key).to_base58()
        self.public_key = keys.public_key.serialize()
        self._noise = NoiseTransport(keys, noise_privkey=create_new_noise_key_pair().private_key)
        self._security = TransportUpgrader({NOISE: self._noise}, {})

    async def upgrade(self, stream: trio.abc.Stream, expected: str | None) -> tuple[str, Session]:
        """Noise over a fresh stream, and Yamux agreed on: the peer's id and the secured session.

        ``expected``: the peer id that was dialled, or None for an inbound connection. Raises
        Unreachable. The stream is closed unless a session is returned.
        """
        initiator = expected is not None
        async with _shaking_hands(stream) as socket:
            peer = None if expected is None else ID.from_base58(expected)
            raw = RawConnection(socket, initiator)
            proved = await self._security.upgrade_security(raw, initiator, peer)
            session = await _agreed(socket.secured(proved), initiator)
        return proved.get_remote_peer().to_base58(), session

    async def answer(self, stream: trio.SocketStream) -> tuple[str, Session] | None:
        """`upgrade` of an inbound connection, or None if its dialler asks for `LINE` instead: what
        it says next is still to be read."""
        choices = Multiselect({NOISE: None, TProtocol(LINE): None})
        async with _shaking_hands(stream) as socket:
            chosen, _ = await choices.negotiate(MultiselectCommunicator(socket))
            if chosen == LINE:
                return None
            proved = await self._noise.secure_inbound(RawConnection(socket, False))
            session = await _agreed(socket.secured(proved), False)
        return proved.get_remote_peer().to_base58(), session


@asynccontextmanager
async def _shaking_hands(stream: trio.abc.Stream) -> AsyncIterator[_Socket]:
    """A fresh socket as the library wants it: bounded in bytes and time, closed if it fails."""
    socket = _Socket(stream)
    try:
        with trio.fail_after(HANDSHAKE_SECONDS):
            yield socket
    except Exception as error:  # the library has no common root for a failed handshake
        await trio.aclose_forcefully(stream)
        raise Unreachable("The peer did not complete the handshake.") from error
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise


async def _agreed(secured: Secured, initiator: bool) -> Secured:
    """Agree on Yamux; then no budget bounds what is said any more."""
    communicator = MultiselectCommunicator(secured)
    if initiator:
        await MultiselectClient().select_one_of([TProtocol(PROTOCOL)], communicator)
    else:
        await Multiselect({TProtocol(PROTOCOL): None}).negotiate(communicator)
    secured.budget = None
    return secured


async def ask_for(stream: Stream, *protocols: str) -> str:
    """Agree with the peer on the first it speaks, for a stream we opened. Raises Unreachable."""
    communicator = MultiselectCommunicator(_Negotiated(stream))
    try:
        with trio.fail_after(HANDSHAKE_SECONDS):
            wanted = [TProtocol(protocol) for protocol in protocols]
            return str(await MultiselectClient().select_one_of(wanted, communicator))
    except Exception as error:  # the library has no common root for a failed negotiation
        raise Unreachable("The peer does not speak this protocol, or not now.") from error


async def offer(stream: Stream, protocols: tuple[str, ...]) -> str:
    """Let the peer choose among ``protocols`` for a stream it opened. Raises Unreachable."""
    communicator = MultiselectCommunicator(_Negotiated(stream))
    choices = Multiselect({TProtocol(protocol): None for protocol in protocols})
    try:
        with trio.fail_after(HANDSHAKE_SECONDS):
            chosen, _ = await choices.negotiate(communicator)
    except Exception as error:  # the library has no common root for a failed negotiation
        raise Unreachable("The peer asked for no protocol that is spoken here.") from error
    if chosen is None:
        raise Unreachable("The peer asked for no protocol that is spoken here.")
    return str(chosen)
