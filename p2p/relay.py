"""A relay: two peers that nobody can dial meet here. It passes bytes on and understands none.

It has a key and no identity: no chain, no vault, nothing to sign. What it gives away is bounded by
`Bounds`; whatever a peer does ends at most that peer's circuits. The messages are `p2p.circuit`'s.
"""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import trio
from libp2p.relay.circuit_v2.pb.circuit_pb2 import Status

from p2p import circuit, keeping, multiaddrs, rendezvous, strangers
from p2p.carriers import Upgrader, ask_for, offer
from p2p.connections import Connection, Connections
from p2p.errors import P2PError, PeerError, Unreachable
from p2p.keeper import Keeper
from p2p.kept_store import KeptStore
from p2p.limits import (
    CIRCUIT_IDLE_SECONDS,
    CIRCUIT_WINDOW_BYTES,
    HELLO_SECONDS,
    RESERVATION_SECONDS,
    STREAMS_PER_CONNECTION,
)
from p2p.neighbours import reachable
from p2p.pace import Pace
from p2p.unread import Unread
from p2p.yamux import Stream

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # trio's own, to the type checker

_log = logging.getLogger(__name__)
_PROTOCOLS: Final = (circuit.HOP, rendezvous.PROTOCOL, *strangers.PROTOCOLS)
_PIECE: Final = 65536
MOST_PER_PEER: Final = STREAMS_PER_CONNECTION - 2  # a stream is left to ask for a place


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a relay gives at most. The default passes on any delivery, at 80 Mbit/s for all.

    connections: peers connected at the same time. per_address: of one IP address. reservations:
    peers that can be called. circuits, circuits_per_peer: at the same time. circuit_seconds,
    circuit_bytes (each way): how much one circuit may be used; a delivery goes on over the next.
    bytes_per_second: of all circuits together. 0 in the last three is no limit. records: peers
    of which it is kept where they say they are. records_per_address: of them, from one IP address.
    """

    connections: int = 256
    per_address: int = 8
    reservations: int = 128
    circuits: int = 64
    circuits_per_peer: int = 8
    circuit_seconds: int = 86_400
    circuit_bytes: int = 256 * 10**9
    bytes_per_second: int = 10**7
    records: int = 1024
    records_per_address: int = 64

    @property
    def told(self) -> tuple[int, int]:
        """What both ends of a circuit are told: seconds, and bytes each way."""
        return self.circuit_seconds, self.circuit_bytes


@dataclass(frozen=True, slots=True)
class Doing:
    """What a relay does now, and the bytes it has passed on since it started."""

    connections: int
    reservations: int
    circuits: int
    passed_bytes: int
    records: int = 0
    parcels: int = 0
    kept_bytes: int = 0


class Relay:
    """Listens, gives places and connects peers. ``run`` ends only when it is cancelled.

    seed: 32 bytes, the ed25519 key behind ``peer_id``. listen: TCP multiaddrs, port 0 for any.
    announce: addresses (without peer id) at which others reach it, where they are not those it
    listens on. kept: where it keeps parcels for peers who are off line; None: nowhere. changed:
    called when a place, a circuit or a parcel came or went.
    """

    def __init__(
        self,
        seed: bytes,
        bounds: Bounds | None = None,
        *,
        listen: Sequence[str] = ("/ip4/127.0.0.1/tcp/0",),
        announce: Sequence[str] = (),
        kept: KeptStore | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.bounds = bounds or Bounds()
        self._listen = tuple(listen)
        self._announce = tuple(announce)
        self._changed = changed
        self._upgrader = Upgrader(seed)
        self._pace: Pace | None = None
        self._keeper = None if kept is None else Keeper(kept, changed, lambda: self._pace)
        self._protocols = (*_PROTOCOLS, *((keeping.PROTOCOL,) if kept is not None else ()))
        under_way = 2 * max(1, self.bounds.circuits) * CIRCUIT_WINDOW_BYTES
        self._connections = Connections(
            self._upgrader,
            self._accepted,
            unread=Unread(under_way, under_way),
            most=self.bounds.connections,
            per_address=self.bounds.per_address,
        )
        self._records = rendezvous.Registrations(
            self.bounds.records,
            self.bounds.records_per_address,
            lambda peer_id: bool(self._connections.held(peer_id)),
        )
        self._circuits: Counter[str] = Counter()  # of each peer, as either end
        self._open = 0
        self._passed = 0

    @property
    def peer_id(self) -> str:
        """This relay's base58 peer id."""
        return self._upgrader.peer_id

    @property
    def addresses(self) -> tuple[str, ...]:
        """What others are given to use this relay; nothing before ``run`` has started."""
        if self._announce:
            return tuple(f"{address}/p2p/{self.peer_id}" for address in self._announce)
        return reachable(self._connections.listening, self.peer_id)

    @property
    def doing(self) -> Doing:
        every = self._connections.held()
        places = {connection.peer_id for connection in every if connection.has_place}
        store = None if self._keeper is None else self._keeper.store
        parcels, kept = (0, 0) if store is None else (store.parcels, store.used_bytes)
        records = len(self._records)
        return Doing(len(every), len(places), self._open, self._passed, records, parcels, kept)

    async def run(self, *, task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; started once addresses are known. Unreachable: cannot listen."""
        rate = self.bounds.bytes_per_second
        self._pace = Pace(max(rate, _PIECE), rate) if rate else None
        await self._connections.run(self._listen, task_status)

    async def tidy(self) -> None:
        """Until cancelled, beside ``run``: remove parcels that were kept long enough."""
        if self._keeper is not None:
            await self._keeper.run()

    async def _accepted(self, connection: Connection, stream: Stream) -> None:
        """Serve one stream the peer opened; nothing it does ends more than this stream."""
        try:
            protocol = await offer(stream, self._protocols)
            if protocol == circuit.HOP:
                await self._serve(connection, stream)
            elif protocol == rendezvous.PROTOCOL:
                await rendezvous.answer(
                    stream, connection.peer_id, connection.address, self._records
                )
            elif protocol == keeping.PROTOCOL and self._keeper is not None:
                with connection.used():
                    await self._keeper.serve(stream, connection.peer_id, connection.address)
            else:
                await strangers.answer(protocol, stream, self._identification(connection))
            await stream.part()
        except P2PError as error:
            _log.debug("A stream of %s ended: %s", connection.peer_id, error.reason)
        except Exception:
            _log.exception("Serving a stream of %s failed", connection.peer_id)
        finally:
            stream.reset()

    def _identification(self, connection: Connection) -> bytes:
        """Who this is, and where it sees who asks: two who ask that may meet without a relay."""
        seen = b"" if connection.remote is None else multiaddrs.encode(connection.remote)
        return strangers.identification(self._upgrader.public_key, self._protocols, seen)

    async def _serve(self, connection: Connection, stream: Stream) -> None:
        wanted = await circuit.asked_for(stream)
        if not wanted:
            await self._give_place(connection, stream)
            return
        refusal = self._refusal(connection.peer_id, wanted)
        if refusal is not None:
            await circuit.refuse(stream, refusal)
            return
        self._count(connection.peer_id, wanted, 1)
        try:
            await self._connect(connection, stream, self._place_of(wanted)[-1])
        finally:
            self._count(connection.peer_id, wanted, -1)

    async def _give_place(self, connection: Connection, stream: Stream) -> None:
        full = self.doing.reservations >= self.bounds.reservations
        if full and not self._place_of(connection.peer_id):
            await circuit.refuse(stream, Status.RESERVATION_REFUSED)
            return
        connection.place_until = trio.current_time() + RESERVATION_SECONDS
        self._changed()
        own = [relay for text in self.addresses if (relay := circuit.read_relay(text)) is not None]
        await circuit.give_place(stream, own, RESERVATION_SECONDS, self.bounds.told)

    def _place_of(self, peer_id: str) -> list[Connection]:
        """The connections by which a peer can be called, the newest last."""
        return [each for each in self._connections.held(peer_id) if each.has_place]

    def _refusal(self, caller: str, called: str) -> "Status.ValueType | None":
        bounds = self.bounds
        if caller == called:
            return Status.PERMISSION_DENIED
        if not self._place_of(called):
            return Status.NO_RESERVATION
        if self._open >= bounds.circuits or any(
            self._circuits[peer] >= bounds.circuits_per_peer for peer in (caller, called)
        ):
            return Status.RESOURCE_LIMIT_EXCEEDED
        return None

    def _count(self, caller: str, called: str, more: int) -> None:
        self._open += more
        for peer in (caller, called):
            self._circuits[peer] += more
            if not self._circuits[peer]:
                del self._circuits[peer]
        self._changed()

    async def _connect(self, connection: Connection, near: Stream, called: Connection) -> None:
        """Call the other peer; if it takes the call, pass on bytes until the circuit is over."""
        opened: list[Stream] = []
        with connection.used(), called.used():
            try:
                try:
                    with trio.fail_after(HELLO_SECONDS):
                        opened.append(await called.muxer.open())
                        await ask_for(opened[0], circuit.STOP)
                        await circuit.call(opened[0], connection.peer_id, self.bounds.told)
                except (trio.TooSlowError, PeerError, Unreachable):
                    await circuit.refuse(near, Status.CONNECTION_FAILED)
                    return
                try:
                    await circuit.say_connected(near, self.bounds.told)
                    await self._pass_on(near, opened[0])
                finally:
                    near.reset()
            finally:
                for stream in opened:
                    stream.reset()

    async def _pass_on(self, near: Stream, far: Stream) -> None:
        """Both ways, until both have ended, one broke, or a limit of the circuit is reached."""
        started = trio.current_time()
        seconds = self.bounds.circuit_seconds or float("inf")
        with trio.CancelScope() as scope:

            async def one_way(source: Stream, sink: Stream) -> None:
                passed = 0
                source.widen(CIRCUIT_WINDOW_BYTES)
                while piece := await source.read(_PIECE):
                    stir()
                    passed += len(piece)
                    if self.bounds.circuit_bytes and passed > self.bounds.circuit_bytes:
                        raise Unreachable("The circuit has carried what it may carry.")
                    if self._pace is not None:
                        await self._pace.wait(len(piece))
                    await sink.write(piece)
                    self._passed += len(piece)
                    stir()
                sink.finish()

            def stir() -> None:
                """Its ends ping each other: one that is silent in both directions is dead."""
                idle = trio.current_time() + CIRCUIT_IDLE_SECONDS
                scope.deadline = min(started + seconds, idle)

            stir()
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(one_way, near, far)
                    nursery.start_soon(one_way, far, near)
            except* Unreachable:
                pass  # one end broke, or a limit is reached: the streams are reset
