"""The connections a host holds: accepted and dialled, counted, and ended when they say nothing.

At most a handful per peer and per address, and only those stay whose peer has introduced itself, or
that lead to others: a relay has no identity, it is known by what runs through it.
"""

import errno
import ipaddress
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import trio
from libp2p.relay.circuit_v2.pb.circuit_pb2 import Status

from p2p import circuit
from p2p.carriers import Address, Upgrader, ask_for, read_address, usable_addresses
from p2p.circuit import Circuit, CircuitStream, usable_circuits
from p2p.direct import Line, Lines
from p2p.errors import PeerError, Unreachable
from p2p.identity import Peer
from p2p.limits import (
    CONNECTIONS,
    CONNECTIONS_PER_ADDRESS,
    CONNECTIONS_PER_PEER,
    DIAL_SECONDS,
    DIRECT_FIRST_SECONDS,
    FAILED_HANDSHAKES,
    FAULT_HANDSHAKES,
    FAULT_SECONDS,
    HANDSHAKE_SECONDS,
    HANDSHAKES,
    HANDSHAKES_BURST,
    HANDSHAKES_PER_SECOND,
    HELLO_SECONDS,
    HURRIED_SECONDS,
    PEERS_REMEMBERED,
    REFUSED,
    REFUSED_SECONDS,
)
from p2p.pace import Pace
from p2p.unread import Unread
from p2p.yamux import Session, Stream, Yamux

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # trio's own, to the type checker

_NO_DESCRIPTORS: Final = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Connection:
    """One multiplexed connection.

    ``peer`` is set once the other side has introduced itself. ``via``: the connection to the relay
    that carries this one. ``remote``: where the other side of the socket is. ``place_until``: how
    long (trio's clock) one side has a reservation at the other, which is a relay; ``punched``: a
    direct one was tried in its place; ``came_in``: it was dialled to an address of ours, nothing
    of us had gone out before; ``over`` is set when it has ended.
    """

    def __init__(
        self,
        session: Session,
        peer_id: str,
        dialled: bool,
        accepted: Callable[["Connection", Stream], Awaitable[None]],
        via: "Connection | None" = None,
        remote: Address | None = None,
        unread: Unread | None = None,
    ) -> None:
        self.peer_id = peer_id
        self.peer: Peer | None = None
        self.via = via
        self.remote = remote
        self._dialled = dialled
        self.fetches = 0  # deliveries that we fetch over it
        self.punched = False
        self.came_in = False
        self.place_until = 0.0
        self.over = trio.Event()
        self._uses = 0
        self.muxer = Yamux(session, dialled, lambda stream: accepted(self, stream), unread=unread)

    @property
    def address(self) -> str:
        """Where it came in from, as addresses are counted; nothing if it was dialled or relayed."""
        if self.remote is None or self._dialled or self.via is not None:
            return ""
        return household(self.remote.host)

    @property
    def has_place(self) -> bool:
        return self.place_until > trio.current_time()

    @property
    def mute(self) -> bool:
        """Whether nothing is known of the peer and nothing leads through it."""
        return self.peer is None and not self._uses and not self.has_place

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """A delivery comes over it."""
        self.fetches += 1
        try:
            yield
        finally:
            self.fetches -= 1

    @contextmanager
    def used(self) -> Iterator[None]:
        """It stays, although its peer has not introduced itself."""
        self._uses += 1
        try:
            yield
        finally:
            self._uses -= 1


_Dialled = tuple[Session, Connection | None, Address | None]
"""What dialling gives: a session with the peer, and the connection to the relay it runs through, or
where the peer is."""


class Connections:
    """Listens, dials and keeps what came of it. ``run`` must be running for anything else.

    most, per_address: how many inbound connections, of all and of one address.
    """

    def __init__(
        self,
        upgrader: Upgrader,
        accepted: Callable[[Connection, Stream], Awaitable[None]],
        *,
        lines: Lines | None = None,
        unread: Unread | None = None,
        most: int = CONNECTIONS,
        per_address: int = CONNECTIONS_PER_ADDRESS,
    ) -> None:
        """lines: those that may come in instead of a session; None where there are never any."""
        self._upgrader = upgrader
        self._accepted = accepted
        self._lines = lines or Lines()
        self._unread = unread or Unread()
        self._most = most
        self._per_address = per_address
        self._held: dict[str, list[Connection]] = {}
        self._dialling: dict[str, trio.Lock] = {}
        self._inbound_from: dict[str, int] = {}
        self._haste: OrderedDict[str, Pace] = OrderedDict()
        self._handshakes = 0
        self._refused = 0
        self._nursery: trio.Nursery | None = None
        self.listening: tuple[Address, ...] = ()

    async def run(
        self, listen: Sequence[str], task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Accept until cancelled. Raises Unreachable if an address cannot be listened on."""
        listeners: list[trio.SocketListener] = []
        try:
            for text in listen:
                listeners += await _listeners(text, [_address_of(each) for each in listeners])
            self.listening = tuple(_address_of(listener) for listener in listeners)
            for listener in listeners:
                _share_port(listener)
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
        known = (connection.peer for connection in self.held())
        return tuple(dict.fromkeys(peer for peer in known if peer is not None))

    def end(self, peer_id: str) -> None:
        """End every connection with that peer."""
        for connection in self._held.get(peer_id, []):
            connection.muxer.close()

    def held(self, peer_id: str = "") -> list[Connection]:
        """Usable connections with that peer, or with all; those that are not relayed come last."""
        every = [self._held.get(peer_id, [])] if peer_id else self._held.values()
        usable = [c for each in every for c in each if c.muxer.usable]
        return sorted(usable, key=lambda connection: connection.via is None)

    async def to(self, peer_id: str, addresses: Sequence[str]) -> Connection:
        """The best usable connection to the peer, dialled if there is none: directly where that
        works, else through a relay. Unreachable."""
        if peer_id == self._upgrader.peer_id:
            raise Unreachable("This is your own address: you cannot trade with yourself.")
        lock = self._dialling.setdefault(peer_id, trio.Lock())
        try:
            async with lock:
                usable = self.held(peer_id)
                return usable[-1] if usable else await self._dial(peer_id, addresses)
        finally:
            if not lock.statistics().tasks_waiting and not lock.locked():
                self._dialling.pop(peer_id, None)

    async def to_relay(self, relay: Circuit) -> Connection:
        """A connection to a relay itself, which no other relay carries. Unreachable."""
        connection = await self.to(relay.relay_id, (relay.relay.multiaddr(relay.relay_id),))
        if connection.via is not None:
            raise Unreachable("The relay can only be reached through another one.")
        return connection

    async def _dial(self, peer_id: str, addresses: Sequence[str]) -> Connection:
        nursery = self._nursery
        if nursery is None:
            raise Unreachable("The connection to other people is switched off.")
        direct = usable_addresses(addresses, peer_id)
        circuits = usable_circuits(addresses, peer_id, self._upgrader.peer_id)
        if not direct and not circuits:
            raise Unreachable("No address of this person is known. Wait until they are on line.")
        won: list[Connection] = []
        left = len(direct)
        no_direct = trio.Event()
        async with trio.open_nursery() as race:

            async def attempt(dial: Callable[[], Awaitable[_Dialled]]) -> None:
                with trio.move_on_after(DIAL_SECONDS):
                    session, via, remote = await dial()
                    if won:
                        await session.close()
                        return
                    connection = self._connection(session, peer_id, True, via, remote)
                    won.append(connection)
                    nursery.start_soon(self._hold, connection)
                    race.cancel_scope.cancel()

            async def attempt_directly(address: Address) -> None:
                nonlocal left
                try:
                    with suppress(OSError, ValueError, Unreachable):  # ValueError: no host name
                        await attempt(partial(self._dial_directly, peer_id, address))
                finally:
                    left -= 1
                    if not left:
                        no_direct.set()

            async def attempt_through(relay: Circuit) -> None:
                if direct:
                    with trio.move_on_after(DIRECT_FIRST_SECONDS):
                        await no_direct.wait()
                with suppress(PeerError, Unreachable):
                    await attempt(partial(self._dial_through, peer_id, relay))

            for address in direct:
                race.start_soon(attempt_directly, address)
            for relay in circuits:
                race.start_soon(attempt_through, relay)
        if not won:
            raise Unreachable("The other side is not on line. It will be tried again.")
        return won[0]

    def _connection(
        self,
        session: Session,
        peer_id: str,
        dialled: bool,
        via: Connection | None,
        remote: Address | None,
    ) -> Connection:
        return Connection(session, peer_id, dialled, self._accepted, via, remote, self._unread)

    async def _dial_directly(self, peer_id: str, address: Address) -> _Dialled:
        stream = await trio.open_tcp_stream(address.host, address.port)
        try:
            remote = _address(stream.socket.getpeername())
        except OSError:  # gone again already
            await trio.aclose_forcefully(stream)
            raise
        _, session = await self._upgrader.upgrade(stream, peer_id)
        return session, None, remote

    async def _dial_through(self, peer_id: str, relay: Circuit) -> _Dialled:
        via = await self.to_relay(relay)
        with via.used():
            stream = await via.muxer.open()
            try:
                await ask_for(stream, circuit.HOP)
                await circuit.connect(stream, peer_id)
                _, session = await self._upgrader.upgrade(CircuitStream(stream), peer_id)
            except BaseException:
                stream.reset()
                raise
            return session, via, None

    async def dial_directly(self, peer_id: str, addresses: Sequence[Address]) -> None:
        """A connection that no relay carries, at any of these addresses, beside what there is; or
        none. Whoever waits for it bounds the time."""
        async with trio.open_nursery() as race:

            async def attempt(address: Address) -> None:
                with suppress(OSError, ValueError, Unreachable):
                    session, _, remote = await self._dial_directly(peer_id, address)
                    self.adopt(session, peer_id, True, remote)
                    race.cancel_scope.cancel()

            for address in addresses:
                race.start_soon(attempt, address)

    async def dial_from_port(self, address: Address) -> trio.SocketStream:
        """A bare connection to an IP address, from the port this host listens on. OSError, also
        where the system does not let both have one port."""
        ip = ipaddress.ip_address(address.host)
        for own in self.listening:
            here = ipaddress.ip_address(own.host.partition("%")[0])
            if here.version == ip.version and hasattr(socket, "SO_REUSEPORT"):
                break
        else:
            raise OSError(errno.EADDRNOTAVAIL, "No port of ours can be dialled from.")
        family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
        dialling = trio.socket.socket(family, socket.SOCK_STREAM)
        try:
            for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
                dialling.setsockopt(socket.SOL_SOCKET, option, 1)
            await dialling.bind((own.host, own.port))
            await dialling.connect((address.host, address.port))
        except BaseException:
            dialling.close()
            raise
        return trio.SocketStream(dialling)

    def adopt(self, session: Session, peer_id: str, dialled: bool, remote: Address | None) -> None:
        """Keep a session that came about some other way. dialled: we speak first."""
        if self._nursery is not None:
            connection = self._connection(session, peer_id, dialled, None, remote)
            self._nursery.start_soon(self._hold, connection)

    def drive(self, muxer: Yamux) -> None:
        """Run a session of no importance until it is closed; it is none of those `held`."""
        if self._nursery is not None:
            self._nursery.start_soon(muxer.run)

    def retire(self, connection: Connection) -> None:
        """End a connection that a better one has taken the place of, once nothing runs on it."""

        async def end() -> None:
            while connection.muxer.usable and not connection.muxer.idle:
                await trio.sleep(1)
            connection.muxer.close()

        if self._nursery is not None:
            self._nursery.start_soon(end)

    async def _accept(self, listener: trio.SocketListener) -> None:
        while True:
            try:
                incoming, name = await listener.socket.accept()
            except OSError as error:
                if error.errno in _NO_DESCRIPTORS:
                    await trio.sleep(0.1)
                continue
            remote = _address(name)
            if self._nursery is None or not self._has_room(household(remote.host)):
                await self._turn_away(incoming)
                continue
            try:
                stream = trio.SocketStream(incoming)
            except OSError:  # gone again already
                incoming.close()
                continue
            host = household(remote.host)
            self._come_in(host)
            self._nursery.start_soon(self._welcome, stream, host, remote)

    async def _turn_away(self, incoming: trio.socket.SocketType) -> None:
        """Whoever waits to be told comes again so much later, and nobody queues behind them; for
        more than these few others queue, which costs them and not us."""
        if self._nursery is None or self._refused >= REFUSED:
            incoming.close()
            await trio.sleep(HURRIED_SECONDS)
        else:
            self._refused += 1
            self._nursery.start_soon(self._tell, incoming)

    async def _tell(self, incoming: trio.socket.SocketType) -> None:
        """End what `_turn_away` has counted, and count it off."""
        try:
            await trio.sleep(REFUSED_SECONDS)
        finally:
            self._refused -= 1
            incoming.close()

    def _has_room(self, host: str) -> bool:
        held = sum(len(each) for each in self._held.values())
        return (
            self._handshakes < HANDSHAKES
            and self._handshakes + held < self._most
            and self._inbound_from.get(host, 0) < self._per_address
            and self._pace(host).take()
        )

    def _come_in(self, host: str) -> None:
        """Count one of ``host`` that begins its handshake; `_welcome` counts it off."""
        self._inbound_from[host] = self._inbound_from.get(host, 0) + 1
        self._handshakes += 1

    async def welcome_through(self, via: Connection, stream: Stream) -> None:
        """Serve a call that a relay passes on, until the connection it becomes is over.

        It is counted like others, under the relay's peer id: a relay that calls without end is one
        address that dials without end. Raises PeerError, Unreachable."""
        caller = await circuit.called_by(stream)
        if not self._has_room(via.peer_id):
            await circuit.answer_call(stream, Status.RESOURCE_LIMIT_EXCEEDED)
            raise Unreachable("There are too many connections already.")
        await circuit.answer_call(stream, Status.OK)
        self._come_in(via.peer_id)
        await self._welcome(CircuitStream(stream), via.peer_id, None, via, caller)

    def _pace(self, host: str) -> Pace:
        """How fast an address may come back: a handshake costs us more than it costs it."""
        pace = self._haste.pop(host, None) or Pace(HANDSHAKES_BURST, HANDSHAKES_PER_SECOND)
        self._haste[host] = pace
        if len(self._haste) > PEERS_REMEMBERED:
            self._haste.popitem(last=False)
        return pace

    def blame(self, address: str, cost: float = FAULT_HANDSHAKES) -> None:
        """Somebody at that address broke the protocol: it counts as so many handshakes, and the
        next ones have to wait.

        An address that many share is slowed down, and not for long; what came in by a relay is
        not blamed on the relay.
        """
        if address:
            self._pace(address).charge(cost, FAULT_SECONDS * HANDSHAKES_PER_SECOND)

    async def _welcome(
        self,
        stream: trio.SocketStream | CircuitStream,
        host: str,
        remote: Address | None,
        via: Connection | None = None,
        caller: str = "",
    ) -> None:
        """``caller``: the peer id a relay named; its Noise has to prove it."""
        try:
            try:
                with trio.fail_after(HANDSHAKE_SECONDS):
                    secured, line = await self._shake_hands(stream)
            finally:
                self._handshakes -= 1
            if secured is None:
                if line is not None:
                    await line.stay()
                return
            peer_id, session = secured
            if caller and peer_id != caller:
                await session.close()
                return
            connection = self._connection(session, peer_id, False, via, remote)
            connection.came_in = via is None
            await self._hold(connection)
        except (Unreachable, trio.TooSlowError):
            if via is None:
                self.blame(host, FAILED_HANDSHAKES)
        finally:
            self._inbound_from[host] -= 1
            if not self._inbound_from[host]:
                del self._inbound_from[host]

    async def _shake_hands(
        self, stream: trio.SocketStream | CircuitStream
    ) -> tuple[tuple[str, Session] | None, Line | None]:
        """A session with a peer, or a line that was waited for. Raises Unreachable."""
        if isinstance(stream, CircuitStream):
            return await self._upgrader.upgrade(stream, None), None
        secured = await self._upgrader.answer(stream)
        return secured, await self._lines.welcome(stream) if secured is None else None

    async def _hold(self, connection: Connection) -> None:
        held = self._held.setdefault(connection.peer_id, [])
        held.append(connection)
        if len(held) > CONNECTIONS_PER_PEER:
            held[0].muxer.close()  # the oldest: a peer that restarted leaves dead ones behind
        try:
            with connection.via.used() if connection.via is not None else nullcontext():
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(_end_the_mute, connection, held)
                    await connection.muxer.run()
                    if connection.muxer.fault:
                        self.blame(connection.address)
                    nursery.cancel_scope.cancel()
        finally:
            connection.over.set()
            held.remove(connection)
            if not held:
                self._held.pop(connection.peer_id, None)


async def _end_the_mute(connection: Connection, held: Sequence[Connection]) -> None:
    """held: all with that peer. What it said on another one it need not say here: a slow delivery
    may take longer than this to change over."""
    while True:
        await trio.sleep(HELLO_SECONDS)
        if connection.mute and all(other.mute for other in held):
            connection.muxer.close()


def household(host: str) -> str:
    """What counts as one address: of IPv6 the 64 bits that are given to one household."""
    if ":" not in host:
        return host
    return host if "%" in host else str(ipaddress.ip_network((host, 64), strict=False))


async def _listeners(text: str, before: Sequence[Address]) -> Sequence[trio.SocketListener]:
    """Any port: the one that listens already, for another kind of address, where it is free."""
    address = read_address(text)
    if address is None:
        raise Unreachable(f"“{text}” is not an address this program can listen on.")
    if not address.port and before:
        with suppress(OSError):
            return await trio.open_tcp_listeners(before[0].port, host=address.host)
    try:
        return await trio.open_tcp_listeners(address.port, host=address.host)
    except OSError as error:
        raise Unreachable(
            f"Nothing can be received at {text}: {error.strerror or error}. "
            "Choose another port in Settings."
        ) from error


def _share_port(listener: trio.SocketListener) -> None:
    """From now on this port can also be dialled from (`dial_from_port`). Only now: before it, two
    programs of one user could have listened on it."""
    with suppress(AttributeError, OSError):  # not on every system
        listener.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)


def _address_of(listener: trio.SocketListener) -> Address:
    return _address(listener.socket.getsockname())


def _address(name: Any) -> Address:
    """A socket's own or other end, as the system names it."""
    return Address(str(name[0]), int(name[1]))
