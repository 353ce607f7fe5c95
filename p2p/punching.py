"""From a relay to a direct session, through routers that let nobody in: libp2p's DCUtR.

Both sides of a delivery tell each other, inside their session through the relay, where the world
sees them, and then dial at the same moment from the port they listen on: each router takes the
other side's packets for answers to its own. Where it does not work nothing has changed.

    owner → on the relayed session, ``/libp2p/dcutr``: CONNECT, its addresses
          ← CONNECT, the buyer's addresses
            the owner dials as usual: perhaps the buyer's port is open
          → SYNC; half a round trip later the owner dials, the buyer as soon as it hears it

On a connection made like this the buyer, who heard SYNC, speaks first (Noise, yamux). Source:
https://github.com/libp2p/specs/blob/master/relay/DCUtR.md. Two things are stricter here: only the
two sides of a delivery under way do it, once for each session through a relay; and only public
addresses are told and dialled, so that nobody is sent into the networks around the other side.
"""

import contextlib
import logging
import socket
import struct
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import trio
from libp2p.identity.identify.pb.identify_pb2 import Identify
from libp2p.relay.circuit_v2.pb.dcutr_pb2 import HolePunch

from p2p import multiaddrs, protobuf, strangers
from p2p.carriers import Address, Upgrader, ask_for, usable_addresses
from p2p.connections import Connection, Connections
from p2p.errors import P2PError, PeerError, Unreachable
from p2p.limits import (
    HOLE_ADDRESSES,
    HOLE_AGAIN_SECONDS,
    HOLE_DIAL_SECONDS,
    HOLE_MESSAGE_BYTES,
    HOLE_OBSERVE_SECONDS,
    HOLE_ROUND_TRIP_SECONDS,
    HOLE_SECONDS,
    IDENTIFY_BYTES,
    PEERS_REMEMBERED,
)
from p2p.yamux import Stream, Yamux

PROTOCOL: Final = "/libp2p/dcutr"
_log = logging.getLogger(__name__)


class Punching:
    """``ours``: the multiaddrs of this host, asked anew each time."""

    def __init__(
        self, connections: Connections, upgrader: Upgrader, ours: Callable[[], Sequence[str]]
    ) -> None:
        self._connections = connections
        self._upgrader = upgrader
        self._ours = ours
        self._useless: OrderedDict[str, None] = OrderedDict()

    async def begin(self, connection: Connection) -> None:
        """The owner's part, on a session through a relay. It has worked if `direct` says so."""
        if connection.via is None or connection.punched or self.direct(connection.peer_id):
            return
        connection.punched = True
        try:
            async with self._places(connection.via) as places:
                if places:
                    await self._begin(connection, places)
        except P2PError as error:
            _log.debug("%s is not reached directly: %s", connection.peer_id, error.reason)
        except Exception:
            _log.exception("Reaching %s directly failed", connection.peer_id)

    async def answer(self, connection: Connection, stream: Stream) -> None:
        """The buyer's part, on a stream the owner opened for `PROTOCOL`. PeerError, Unreachable."""
        if connection.via is None or not self.wanted(connection):
            raise PeerError("A direct connection is not tried again.")
        connection.punched = True
        asked = await _hear(stream, HolePunch.CONNECT)
        async with self._places(connection.via) as places:
            await _say(stream, HolePunch.CONNECT, places)
            await _hear(stream, HolePunch.SYNC)
            await self._meet(connection.peer_id, self._others(asked, places), speaks_first=True)

    def wanted(self, connection: Connection) -> bool:
        """Whether the other side may `begin` on that session."""
        through = connection.via is not None and bool(connection.fetches)
        return through and not connection.punched and connection.peer_id not in self._useless

    def carries_nothing(self, peer_id: str) -> None:
        """A direct session came about, but no delivery over it: the relay stays in use."""
        self._useless[peer_id] = None
        if len(self._useless) > PEERS_REMEMBERED:
            self._useless.popitem(last=False)

    def may_go_directly(self, peer_id: str) -> bool:
        """Whether there is no direct connection with that peer, and none that was useless."""
        return not self.direct(peer_id) and peer_id not in self._useless

    def moved(self) -> None:
        """We are somewhere else: what led nowhere from there may lead somewhere from here."""
        self._useless.clear()

    def direct(self, peer_id: str) -> bool:
        """Whether there is a connection with that peer that no relay carries."""
        return any(held.via is None for held in self._connections.held(peer_id))

    async def _begin(self, connection: Connection, places: list[Address]) -> None:
        stream = await connection.muxer.open()
        try:
            await ask_for(stream, PROTOCOL)
            asked_at = trio.current_time()
            await _say(stream, HolePunch.CONNECT, places)
            told = await _hear(stream, HolePunch.CONNECT)
            took = trio.current_time() - asked_at
            theirs = self._others(told, places)
            with trio.move_on_after(HOLE_DIAL_SECONDS):
                await self._connections.dial_directly(connection.peer_id, theirs)
            if theirs and not self.direct(connection.peer_id):
                await _say(stream, HolePunch.SYNC, [])
                await trio.sleep(min(took / 2, HOLE_ROUND_TRIP_SECONDS))
                await self._meet(connection.peer_id, theirs, speaks_first=False)
        finally:
            stream.reset()

    async def _meet(self, peer_id: str, places: Iterable[Address], *, speaks_first: bool) -> None:
        """Dial each, from the port we listen on, until there is a connection or time is up."""

        async def attempt(address: Address) -> None:
            while not self.direct(peer_id):
                with contextlib.suppress(OSError, Unreachable):
                    stream = await self._connections.dial_from_port(address)
                    expected = peer_id if speaks_first else None
                    found, session = await self._upgrader.upgrade(stream, expected)
                    if found == peer_id and not self.direct(peer_id):
                        self._connections.adopt(session, peer_id, speaks_first, address)
                    else:
                        await session.close()
                    return
                await trio.sleep(HOLE_AGAIN_SECONDS)

        with trio.move_on_after(HOLE_SECONDS):
            async with trio.open_nursery() as nursery:
                for address in places:
                    nursery.start_soon(attempt, address)

    def _others(self, said: list[Address], own: list[Address]) -> list[Address]:
        """Those the other side has named that may be dialled."""
        mine = [*own, *self._connections.listening]
        return [each for each in said if self.of_the_world(each) and each not in mine]

    def of_the_world(self, address: Address) -> bool:
        """Whether anybody may be there: whoever listens on loopback only lives on one computer with
        everybody it meets."""
        listening = self._connections.listening
        if listening and all(_is_loopback(each) for each in listening):
            return _is_loopback(address)
        return multiaddrs.is_public(address)

    @asynccontextmanager
    async def _places(self, relay: Connection) -> AsyncIterator[list[Address]]:
        """Where the world may reach us: public addresses of ours, and the one the relay sees us at.
        While the block runs the router keeps that for us."""
        own = usable_addresses(self._ours(), self._upgrader.peer_id)
        muxer: Yamux | None = None
        try:
            with trio.move_on_after(HOLE_OBSERVE_SECONDS), contextlib.suppress(OSError, P2PError):
                muxer = await self._knock(relay)
                own.insert(0, await _observed(muxer))
            told = dict.fromkeys(each for each in own if self.of_the_world(each))
            yield list(told)[:HOLE_ADDRESSES]
        finally:
            if muxer is not None:
                muxer.close()

    async def _knock(self, relay: Connection) -> Yamux:
        """A session with the relay from the port we listen on, to be seen there."""
        if relay.remote is None:
            raise Unreachable("It is not known where the relay is.")
        stream = await self._connections.dial_from_port(relay.remote)
        # Ended without a farewell: what is left of it would stand in the way of the next one.
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        _, session = await self._upgrader.upgrade(stream, relay.peer_id)
        muxer = Yamux(session, True, _unasked)
        self._connections.drive(muxer)
        return muxer


async def _unasked(stream: Stream) -> None:
    stream.reset()


async def _observed(muxer: Yamux) -> Address:
    """Where the other side sees us: its answer to identify says it. PeerError, Unreachable."""
    stream = await muxer.open()
    try:
        await ask_for(stream, strangers.IDENTIFY)
        said = await protobuf.read_message(stream, Identify, IDENTIFY_BYTES)
    finally:
        stream.reset()
    seen = multiaddrs.decode(said.observed_addr)
    if seen is None:
        raise PeerError("The relay does not say where it sees us.")
    return seen


async def _say(stream: Stream, kind: "HolePunch.Type.ValueType", places: Iterable[Address]) -> None:
    encoded = [multiaddrs.encode(each) for each in places]
    message = HolePunch(type=kind, ObsAddrs=encoded)
    await protobuf.write(stream, message.SerializeToString())


async def _hear(stream: Stream, kind: "HolePunch.Type.ValueType") -> list[Address]:
    """The next message, which is of that kind: the addresses in it. PeerError, Unreachable."""
    said = await protobuf.read_message(stream, HolePunch, HOLE_MESSAGE_BYTES)
    if not said.HasField("type") or said.type != kind:
        raise PeerError("The peer says something else than how to meet.")
    found = (multiaddrs.decode(raw) for raw in said.ObsAddrs[:HOLE_ADDRESSES])
    return list(dict.fromkeys(each for each in found if each is not None))


def _is_loopback(address: Address) -> bool:
    return address.host == "::1" or address.host.startswith("127.")
