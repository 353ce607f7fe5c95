"""The connections a host holds: accepted and dialled, counted, and ended when they say nothing.

At most a handful per peer and per address, and only those whose peer has introduced itself stay.
"""

import errno
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final

import trio
from libp2p.abc import ISecureConn

from p2p.carriers import Address, Upgrader, read_address, usable_addresses
from p2p.direct import Lines
from p2p.errors import Unreachable
from p2p.identity import Peer
from p2p.limits import (
    CONNECTIONS,
    CONNECTIONS_PER_ADDRESS,
    CONNECTIONS_PER_PEER,
    DIAL_SECONDS,
    HANDSHAKE_SECONDS,
    HANDSHAKES,
    HANDSHAKES_BURST,
    HANDSHAKES_PER_SECOND,
    HELLO_SECONDS,
    PEERS_REMEMBERED,
)
from p2p.pace import Pace
from p2p.yamux import Stream, Yamux

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # trio's own, to the type checker

_NO_DESCRIPTORS: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Connection:
    """One multiplexed connection; ``peer`` is set once the other side has introduced itself."""

    def __init__(
        self,
        session: ISecureConn,
        peer_id: str,
        dialled: bool,
        accepted: Callable[["Connection", Stream], Awaitable[None]],
    ) -> None:
        self.peer_id = peer_id
        self.peer: Peer | None = None
        self.muxer = Yamux(session, dialled, lambda stream: accepted(self, stream))


class Connections:
    """Listens, dials and keeps what came of it. ``run`` must be running for anything else."""

    def __init__(
        self,
        upgrader: Upgrader,
        accepted: Callable[[Connection, Stream], Awaitable[None]],
        lines: Lines,
    ) -> None:
        self._upgrader = upgrader
        self._accepted = accepted
        self._lines = lines
        self._held: dict[str, list[Connection]] = {}
        self._dialling: dict[str, trio.Lock] = {}
        self._inbound_from: dict[str, int] = {}
        self._haste: OrderedDict[str, Pace] = OrderedDict()
        self._handshakes = 0
        self._nursery: trio.Nursery | None = None
        self.listening: tuple[Address, ...] = ()

    async def run(
        self, listen: Sequence[str], task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Accept until cancelled. Raises Unreachable if an address cannot be listened on."""
        listeners: list[trio.SocketListener] = []
        try:
            for text in listen:
                listeners += await _listeners(text)
            self.listening = tuple(_address_of(listener) for listener in listeners)
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                for listener in listeners:
                    nursery.start_soon(self._accept, listener)
                task_status.started()
                await trio.sleep_forever()
        finally:
            self._nursery = None
            for listener in listeners:
                listener.socket.close()

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Peers that have introduced themselves and are connected now."""
        held = (connection for each in self._held.values() for connection in each)
        known = (connection.peer for connection in held if connection.muxer.usable)
        return tuple(dict.fromkeys(peer for peer in known if peer is not None))

    def end(self, peer_id: str) -> None:
        """End every connection with that peer."""
        for connection in self._held.get(peer_id, []):
            connection.muxer.close()

    async def to(self, peer_id: str, addresses: Sequence[str]) -> Connection:
        """The newest usable connection to the peer, dialled if there is none. Unreachable."""
        if peer_id == self._upgrader.peer_id:
            raise Unreachable("This is your own address: you cannot trade with yourself.")
        lock = self._dialling.setdefault(peer_id, trio.Lock())
        try:
            async with lock:
                usable = [c for c in self._held.get(peer_id, []) if c.muxer.usable]
                return usable[-1] if usable else await self._dial(peer_id, addresses)
        finally:
            if not lock.statistics().tasks_waiting and not lock.locked():
                self._dialling.pop(peer_id, None)

    async def _dial(self, peer_id: str, addresses: Sequence[str]) -> Connection:
        nursery = self._nursery
        if nursery is None:
            raise Unreachable("The connection to other people is switched off.")
        choices = usable_addresses(addresses, peer_id)
        if not choices:
            raise Unreachable("No address of this person is known. Wait until they are on line.")
        won: list[Connection] = []
        async with trio.open_nursery() as race:

            async def attempt(address: Address) -> None:
                try:
                    stream = await trio.open_tcp_stream(address.host, address.port)
                    _, session = await self._upgrader.upgrade(stream, peer_id)
                except (OSError, ValueError, Unreachable):  # ValueError: not a host name
                    return
                connection = Connection(session, peer_id, True, self._accepted)
                if not won:
                    won.append(connection)
                    nursery.start_soon(self._hold, connection)
                    race.cancel_scope.cancel()
                else:
                    await session.close()

            race.cancel_scope.deadline = trio.current_time() + DIAL_SECONDS
            for address in choices:
                race.start_soon(attempt, address)
        if not won:
            raise Unreachable("The other side is not on line. It will be tried again.")
        return won[0]

    async def _accept(self, listener: trio.SocketListener) -> None:
        while True:
            try:
                stream = await listener.accept()
            except OSError as error:
                if error.errno in _NO_DESCRIPTORS:
                    await trio.sleep(0.1)
                continue
            try:
                host = str(stream.socket.getpeername()[0])
            except OSError:  # gone again already
                await trio.aclose_forcefully(stream)
                continue
            held = sum(len(each) for each in self._held.values())
            if (
                self._nursery is None
                or self._handshakes >= HANDSHAKES
                or self._handshakes + held >= CONNECTIONS
                or self._inbound_from.get(host, 0) >= CONNECTIONS_PER_ADDRESS
                or not self._pace(host).take()
            ):
                await trio.aclose_forcefully(stream)
                continue
            self._inbound_from[host] = self._inbound_from.get(host, 0) + 1
            self._handshakes += 1
            self._nursery.start_soon(self._welcome, stream, host)

    def _pace(self, host: str) -> Pace:
        """How fast an address may come back: a handshake costs us more than it costs it."""
        pace = self._haste.pop(host, None) or Pace(HANDSHAKES_BURST, HANDSHAKES_PER_SECOND)
        self._haste[host] = pace
        if len(self._haste) > PEERS_REMEMBERED:
            self._haste.popitem(last=False)
        return pace

    async def _welcome(self, stream: trio.SocketStream, host: str) -> None:
        try:
            try:
                with trio.fail_after(HANDSHAKE_SECONDS):
                    secured = await self._upgrader.answer(stream)
                    line = await self._lines.welcome(stream) if secured is None else None
            finally:
                self._handshakes -= 1
            if secured is not None:
                peer_id, session = secured
                await self._hold(Connection(session, peer_id, False, self._accepted))
            elif line is not None:
                await line.stay()
        except (Unreachable, trio.TooSlowError):
            return
        finally:
            self._inbound_from[host] -= 1
            if not self._inbound_from[host]:
                del self._inbound_from[host]

    async def _hold(self, connection: Connection) -> None:
        held = self._held.setdefault(connection.peer_id, [])
        held.append(connection)
        if len(held) > CONNECTIONS_PER_PEER:
            held[0].muxer.close()  # the oldest: a peer that restarted leaves dead ones behind
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_end_the_mute, connection)
                await connection.muxer.run()
                nursery.cancel_scope.cancel()
        finally:
            held.remove(connection)
            if not held:
                self._held.pop(connection.peer_id, None)


async def _end_the_mute(connection: Connection) -> None:
    await trio.sleep(HELLO_SECONDS)
    if connection.peer is None:
        connection.muxer.close()


async def _listeners(text: str) -> Sequence[trio.SocketListener]:
    address = read_address(text)
    if address is None:
        raise Unreachable(f"“{text}” is not an address this program can listen on.")
    try:
        return await trio.open_tcp_listeners(address.port, host=address.host)
    except OSError as error:
        raise Unreachable(
            f"Nothing can be received at {text}: {error.strerror or error}. "
            "Choose another port in Settings."
        ) from error


def _address_of(listener: trio.SocketListener) -> Address:
    name = listener.socket.getsockname()
    return Address(str(name[0]), int(name[1]))
