"""One person's end of every conversation: listens, dials, introduces itself and hands on.

A ``Host`` knows peers and bytes. Who a peer is, what a message means, whether an order may be
delivered: each is asked of its owner through ``Callbacks``. Whatever one peer does ends at most
that peer's stream or connection; ``run`` ends only when it is cancelled.
"""

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import trio

from p2p import circuit, delivery, negotiation, punching, reviews, sampling, serving, strangers
from p2p.carriers import Address, Upgrader, ask_for, offer, usable_addresses
from p2p.connections import Connection, Connections, household
from p2p.depositing import AtRelays
from p2p.direct import Direct, Lines
from p2p.errors import (
    Cancelled,
    ContentError,
    Interrupted,
    NotNow,
    P2PError,
    PeerError,
    Unreachable,
)
from p2p.identity import Peer, answer_hello, say_hello
from p2p.limits import (
    DELIVERY_WINDOW_BYTES,
    HELLO_SECONDS,
    OWN_ADDRESSES_SECONDS,
    PEERS_REMEMBERED,
    TALK_BURST,
    TALK_PER_SECOND,
)
from p2p.manifest import Manifest
from p2p.messages import Message, encode
from p2p.multiaddrs import is_public
from p2p.natpmp import NatPmp, default_router
from p2p.neighbours import Neighbours, reachable
from p2p.pace import Pace
from p2p.punching import Punching
from p2p.records import Fingerprint
from p2p.reservations import RelayState, Reservations
from p2p.routers import OpenPort, Router, State
from p2p.samples import Sample
from p2p.sampling import Ask, Grant, Open
from p2p.serving import Source
from p2p.shortcuts import Shortcuts
from p2p.spool import Spool
from p2p.throttle import Throttle
from p2p.upnp import Upnp
from p2p.whereabouts import Whereabouts
from p2p.wire import Wire
from p2p.yamux import Stream

if TYPE_CHECKING:
    from trio_typing import TaskStatus  # trio's own, to the type checker

__all__ = ["Callbacks", "Host", "Peer", "RelayState", "Source"]

_log = logging.getLogger(__name__)
_DELIVERY: Final = (delivery.DIRECT_PROTOCOL, delivery.PROTOCOL)


async def _nobody(peer: Peer) -> None:
    pass


async def _not_spoken(peer: Peer, order_id: bytes) -> None:
    raise PeerError("This app cannot note that a delivery is paused.")


def _no_progress(order_id: bytes, sent: int, stored: int) -> None:
    pass


def _no_interest(peer_id: str, addresses: tuple[str, ...]) -> None:
    pass


def _no_change() -> None:
    pass


def _no_news(order_id: bytes) -> None:
    pass


def _no_matter(order_id: bytes, error: ContentError) -> None:
    pass


def _routers() -> list[Router]:
    """Those that can be asked here, the quickest first."""
    address = default_router()
    return [*([NatPmp(address)] if address else []), Upnp()]


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What the host asks of, and tells, the one it works for.

    binding: our own encoded PeerBinding, anew for each stream.
    judge: (a peer's binding, the peer id Noise proved) → who it is; PeerError refuses.
    received: returns once the message is stored; PeerError refuses it with its reason, Unreachable
        asks the peer to try later.
    source: what to deliver for an order; PeerError refuses, Unreachable says "not yet".
    manifest: what an order's manifest is opened from, paid or not; errors as ``source``.
    paused: the buyer of an order will not fetch for now; PeerError refuses.
    met: a peer has introduced itself on a new connection, or came to say nothing, which asks for
        what waits for it: that can be sent now.
    sent: progress of a delivery to a buyer, (order id, chunks sent, chunks it has stored).
    stopped: our own files or disk stopped a delivery; the buyer has been told.
    ended: nothing is sent any more for an order, however that came about.
    found: a peer id was seen on the local network; it is not dialled unless it is sent something.
    relays: what is known of our relays (`Host.relays`) has changed.
    sample: what we give of a dataset before it is paid for (`p2p.sampling`).
    review: the words behind a rating, for anybody (`p2p.reviews`).
    moved: `Host.addresses` or what the router does for us (`Host.router`) has changed.
    """

    binding: Callable[[], bytes]
    judge: Callable[[bytes, str], Peer]
    received: Callable[[Peer, Message], Awaitable[None]]
    source: Callable[[Peer, bytes], Awaitable[Source]]
    manifest: Callable[[Peer, bytes], Awaitable[Source]]
    paused: Callable[[Peer, bytes], Awaitable[None]] = _not_spoken
    met: Callable[[Peer], Awaitable[None]] = _nobody
    sent: Callable[[bytes, int, int], None] = _no_progress
    stopped: Callable[[bytes, ContentError], None] = _no_matter
    ended: Callable[[bytes], None] = _no_news
    found: Callable[[str, tuple[str, ...]], None] = _no_interest
    relays: Callable[[], None] = _no_change
    sample: sampling.Giver = sampling.no_samples
    review: reviews.Giver = reviews.no_reviews
    moved: Callable[[], None] = _no_change


@dataclass(frozen=True, slots=True)
class _Delivery:
    scope: trio.CancelScope
    over: trio.Event


class Host:
    """A libp2p host (TCP, Noise, Yamux) that speaks ``/lading/talk/1``, ``/lading/sample/1``,
    ``/lading/review/1`` and ``/lading/delivery/…``.

    seed: 32 bytes, the ed25519 key behind ``peer_id``. listen: TCP multiaddrs, port 0 for any.
    direct: whether sealed chunks may take plain TCP connections of their own (version 2), and
    deliveries through a relay a direct session where one can be had.
    uploads, downloads: what the data of all deliveries together may use; nothing else is slowed.
    ``kept``: parcels at relays.
    All methods are called from the trio loop in which ``run`` runs.
    """

    def __init__(
        self,
        seed: bytes,
        callbacks: Callbacks,
        *,
        listen: Sequence[str] = ("/ip4/127.0.0.1/tcp/0",),
        direct: bool = True,
        uploads: Throttle | None = None,
        downloads: Throttle | None = None,
    ) -> None:
        self._callbacks = callbacks
        self._listen = tuple(listen)
        self._nearby = False  # others on the local network are looked for
        self._uploads, self._downloads = uploads, downloads
        self._upgrader = Upgrader(seed)
        self._delivery = _DELIVERY if direct else _DELIVERY[1:]
        self._protocols = (
            negotiation.PROTOCOL,
            sampling.PROTOCOL,
            reviews.PROTOCOL,
            *self._delivery,
            *strangers.PROTOCOLS,
        )
        self._identified = strangers.identification(self._upgrader.public_key, self._protocols)
        self._lines = Lines()
        self._connections = Connections(self._upgrader, self._accepted, lines=self._lines)
        self._reservations = Reservations(self._connections, self._relays_changed)
        self._whereabouts = Whereabouts(seed, self._connections, self._reservations)
        self.kept = AtRelays(self._connections, uploads, downloads)
        self._punching = Punching(self._connections, self._upgrader, lambda: self.addresses)
        self._shortcuts = Shortcuts(
            self._connections, self._punching, self._whereabouts, lambda: self.addresses
        )
        self._punches = direct
        self._moved = trio.Event()
        self._reached = False
        self._open_port = OpenPort(_routers, callbacks.moved)
        self._nursery: trio.Nursery | None = None
        self._paces: OrderedDict[str, Pace] = OrderedDict()
        self._deliveries: dict[bytes, _Delivery] = {}

    @property
    def peer_id(self) -> str:
        """This host's base58 peer id."""
        return self._upgrader.peer_id

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where others can dial this host now, with ``/p2p/…``; nothing before ``run`` started."""
        opened = self._open_port.place
        outside = () if opened is None else (opened.multiaddr(self.peer_id),)
        return (*outside, *reachable(self._connections.listening, self.peer_id))

    @property
    def router(self) -> State:
        """Whether the router has opened a port for this host, as far as that is wanted."""
        return self._open_port.state

    def use_router(self, yes: bool) -> None:
        """Ask the router to let others in at our port, and keep asking; or have it closed."""
        self._open_port.want(yes)

    def use_neighbours(self, yes: bool) -> None:
        """Tell the local network that we are here and look for others there; or do neither."""
        if self._nearby != yes:
            self._nearby = yes
            self._look_anew()

    @property
    def relays(self) -> tuple[RelayState, ...]:
        """The relays this host was given, and whether it has a place there."""
        return self._reservations.states

    @property
    def circuits(self) -> tuple[str, ...]:
        """Where others can call this host through a relay now, with ``/p2p-circuit/p2p/…``."""
        return tuple(each.multiaddr(self.peer_id) for each in self._reservations.circuits)

    @property
    def reached(self) -> bool:
        """Whether anybody from outside has come in at one of ``addresses``, as long as these are
        what they are, and introduced himself: no neighbour, and nobody we had called ourselves."""
        return self._reached

    def use_relays(self, addresses: Sequence[str]) -> None:
        """Keep a place at each of these relays (multiaddrs with peer ids), and at no other."""
        self._reservations.use(addresses)

    def relays_of(self, peer_id: str, addresses: Sequence[str]) -> tuple[str, ...]:
        """Relays that both may know: ours, and those by which the peer says it is reached."""
        told = (*addresses, *self._whereabouts.known(peer_id))
        theirs = circuit.usable_circuits(told, peer_id, self.peer_id)
        own = self._reservations.circuits
        found = {each.relay_id: each for each in (*own, *theirs)}.values()
        return tuple(each.relay.multiaddr(each.relay_id) for each in found)

    def tell(self, addresses: Sequence[str]) -> None:
        """Which of ``addresses`` relays may tell whoever asks for this host: see `Whereabouts`."""
        self._whereabouts.tell(addresses)

    def _relays_changed(self) -> None:
        self._whereabouts.look()
        self._callbacks.relays()

    @property
    def peers(self) -> tuple[Peer, ...]:
        """Peers that are connected and have introduced themselves."""
        return self._connections.peers

    def disconnect(self, peer_id: str) -> None:
        """End every connection with a peer; it may come back."""
        self._connections.end(peer_id)

    async def run(self, *, task_status: "TaskStatus[None]" = trio.TASK_STATUS_IGNORED) -> None:
        """Serve until cancelled; started once addresses are known. Unreachable: cannot listen."""
        async with trio.open_nursery() as nursery:
            try:
                self._nursery = nursery
                await nursery.start(self._connections.run, self._listen)
                nursery.start_soon(self._reservations.run)
                nursery.start_soon(self._whereabouts.run)
                listening = self._connections.listening
                if listening:
                    nursery.start_soon(self._open_port.run, listening[0].port)
                task_status.started()
                nursery.start_soon(self._watch_addresses)
                while True:
                    await self._look_around()
            finally:
                self._nursery = None

    async def _watch_addresses(self) -> None:
        """This computer may be taken to another network, and no system says so in the same way."""
        known = frozenset(self.addresses)
        while True:
            await trio.sleep(OWN_ADDRESSES_SECONDS)
            if (now := frozenset(self.addresses)) != known:
                known = now
                self._reached = False
                self._punching.moved()
                self._shortcuts.look()
                self._look_anew()
                try:
                    self._callbacks.moved()
                except Exception:
                    _log.exception("Telling that this computer is somewhere else failed")

    def _look_anew(self) -> None:
        self._moved.set()
        self._moved = trio.Event()

    async def _look_around(self) -> None:
        """If that is wanted, until it is not or our addresses are others: then it is said anew, on
        the networks of then."""
        moved = self._moved
        if not self._nearby:
            await moved.wait()
            return
        token = trio.lowlevel.current_trio_token()

        def found(peer_id: str, addresses: tuple[str, ...]) -> None:
            with suppress(trio.RunFinishedError):
                token.run_sync_soon(self._found, peer_id, addresses)

        around = Neighbours(self.peer_id, self.addresses, found)
        try:
            await trio.to_thread.run_sync(around.open)
        except OSError as error:
            _log.warning("The local network cannot be searched: %s", error)
        try:
            await moved.wait()
        finally:
            with trio.CancelScope(shield=True):
                await trio.to_thread.run_sync(around.close)

    def _found(self, peer_id: str, addresses: tuple[str, ...]) -> None:
        self._shortcuts.near(peer_id, addresses)
        self._callbacks.found(peer_id, addresses)

    async def send(
        self,
        peer_id: str,
        addresses: Sequence[str],
        messages: Sequence[Message],
        *,
        identity: str | None = None,
    ) -> None:
        """Deliver messages; returns once the peer has stored all. No message: just a meeting,
        which asks the peer for what waits here.

        ``identity``: the chain address the peer must prove to act for. Raises PeerError (refused,
        with the peer's reason, or it broke the protocol), Unreachable (send again later),
        ValueError (a message is too long).
        """
        for message in messages:
            encode(message)
        async with self._stream(peer_id, addresses, negotiation.PROTOCOL, identity) as (wire, _, _):
            await negotiation.say(wire, messages)

    async def fetch_manifest(
        self,
        peer_id: str,
        addresses: Sequence[str],
        order_id: bytes,
        fingerprint: Fingerprint,
        *,
        identity: str | None = None,
    ) -> Manifest:
        """See `p2p.delivery.fetch_manifest`."""
        async with self._stream(peer_id, addresses, delivery.PROTOCOL, identity) as (wire, _, _):
            return await delivery.fetch_manifest(wire, order_id, fingerprint)

    async def fetch(
        self,
        peer_id: str,
        addresses: Sequence[str],
        order_id: bytes,
        spool: Spool,
        fingerprint: Fingerprint,
        *,
        progress: Callable[[int, int], None],
        paused: Callable[[], bool],
        identity: str | None = None,
    ) -> bytes:
        """R_x of the whole delivery, on disk. See `p2p.delivery.fetch`."""
        if (spool.records, spool.root) != (fingerprint.records, fingerprint.root):
            raise ValueError("the spool belongs to another dataset")
        came_over = False
        while True:
            before, moves = spool.next_chunk, False

            def stops() -> bool:
                """Asked before each chunk: by the person, or to take a better way from there."""
                nonlocal moves
                if paused():
                    return True
                moves = connection.via is not None and self._punching.direct(peer_id)
                return moves

            opened = self._stream(
                peer_id, addresses, delivery.PROTOCOL, identity, preferred=self._delivery[:-1]
            )
            try:
                async with opened as (wire, stream, connection):
                    stream.widen(DELIVERY_WINDOW_BYTES)
                    wire.slow_down(reading=self._downloads)
                    with connection.fetching(), self._sought(connection, addresses):
                        return await delivery.fetch(
                            wire,
                            order_id,
                            spool,
                            progress=progress,
                            paused=stops,
                            direct=self._direct(stream.protocol, peer_id, addresses),
                        )
            except Cancelled:
                if not moves:
                    raise
            except NotNow:  # it was said over this session
                raise
            except Unreachable:
                if came_over and spool.next_chunk == before:
                    self._punching.carries_nothing(peer_id)
                raise
            came_over = True
            self._connections.retire(connection)

    def _direct(
        self,
        protocol: str,
        peer_id: str,
        addresses: Sequence[str] = (),
        via: Connection | None = None,
    ) -> Direct | None:
        """What a delivery in that protocol needs for direct connections. Through a relay there are
        none: it becomes a direct session first, where it can."""
        if protocol != delivery.DIRECT_PROTOCOL or via is not None:
            return None
        known = self._shortcuts.known(peer_id, addresses)
        return Direct(self._lines, lambda: self.addresses, known, peer_id)

    def _sought(
        self, connection: Connection, addresses: Sequence[str] = ()
    ) -> AbstractContextManager[None]:
        """A delivery goes over that connection, and would rather go over a direct one."""
        if connection.via is None or not self._punches or self._nursery is None:
            return nullcontext()
        return self._shortcuts.sought(self._nursery, connection.peer_id, addresses)

    async def say_paused(
        self,
        peer_id: str,
        addresses: Sequence[str],
        order_id: bytes,
        *,
        identity: str | None = None,
    ) -> None:
        """See `p2p.delivery.say_paused`."""
        async with self._stream(peer_id, addresses, delivery.PROTOCOL, identity) as (wire, _, _):
            await delivery.say_paused(wire, order_id)

    async def ask_sample(
        self, peer_id: str, addresses: Sequence[str], asked: Ask, *, identity: str | None = None
    ) -> Grant:
        """See `p2p.sampling.ask`."""
        async with self._stream(peer_id, addresses, sampling.PROTOCOL, identity) as (wire, _, _):
            return await sampling.ask(wire, asked)

    async def fetch_sample(
        self,
        peer_id: str,
        addresses: Sequence[str],
        asked: Open,
        count: int,
        *,
        identity: str | None = None,
    ) -> Sample:
        """See `p2p.sampling.fetch`."""
        async with self._stream(peer_id, addresses, sampling.PROTOCOL, identity) as (wire, _, _):
            return await sampling.fetch(wire, asked, count)

    async def fetch_reviews(
        self,
        peer_id: str,
        addresses: Sequence[str],
        wanted: Sequence[reviews.Wanted],
        got: Callable[[reviews.Wanted, reviews.Document], None],
        *,
        identity: str | None = None,
    ) -> None:
        """See `p2p.reviews.fetch`."""
        async with self._stream(peer_id, addresses, reviews.PROTOCOL, identity) as (wire, _, _):
            await reviews.fetch(wire, wanted, got)

    @asynccontextmanager
    async def _stream(
        self,
        peer_id: str,
        addresses: Sequence[str],
        protocol: str,
        identity: str | None,
        preferred: tuple[str, ...] = (),
    ) -> AsyncIterator[tuple[Wire, Stream, Connection]]:
        """A stream we opened, after both hellos; ended on the way out.

        preferred: what it shall speak rather than ``protocol``, where the peer does.
        """
        connection, stream = await self._open(peer_id, addresses, protocol, preferred)
        try:
            wire = Wire(stream)
            callbacks = self._callbacks
            peer = await say_hello(wire, callbacks.binding(), peer_id, callbacks.judge)
            if identity is not None and peer.identity != identity:
                raise PeerError("The peer acts for someone else than it was called for.")
            self._introduced(connection, peer)
            yield wire, stream, connection
            await stream.part()
        finally:
            stream.reset()

    async def _open(
        self,
        peer_id: str,
        addresses: Sequence[str],
        protocol: str,
        preferred: tuple[str, ...] = (),
    ) -> tuple[Connection, Stream]:
        for _ in range(2):  # a connection may have died unnoticed; the second one is fresh
            connection = await self._reach(peer_id, addresses)
            opened: list[Stream] = []
            try:
                with trio.fail_after(HELLO_SECONDS):
                    opened.append(await connection.muxer.open())
                    better = preferred if connection.via is None else ()
                    opened[0].protocol = await ask_for(opened[0], *better, protocol)
                return connection, opened.pop()
            except (Unreachable, trio.TooSlowError):
                if connection.muxer.usable:
                    break
            finally:
                for stream in opened:
                    stream.reset()
        raise Unreachable("The other side does not answer. It will be tried again.")

    async def _reach(self, peer_id: str, addresses: Sequence[str]) -> Connection:
        """At the addresses that are known, or else where relays say that it is. Unreachable."""
        tried = self._shortcuts.known(peer_id, addresses)
        try:
            return await self._connections.to(peer_id, tried)
        except Unreachable:
            found = await self._whereabouts.find(peer_id, tried)
            if set(found) <= set(tried):
                raise
            return await self._connections.to(peer_id, found)

    async def _accepted(self, connection: Connection, stream: Stream) -> None:
        """Serve one stream the peer opened; nothing it does ends more than this stream."""
        try:
            # Only a relay that gave us a place passes calls on.
            calls = (circuit.STOP,) if connection.has_place else ()
            # Only whom we fetch from through a relay is told where we are.
            wanted = self._punches and self._punching.wanted(connection)
            punch = (punching.PROTOCOL,) if wanted else ()
            protocol = await offer(stream, (*self._protocols, *calls, *punch))
            if protocol == punching.PROTOCOL:
                await self._punching.answer(connection, stream)
                return
            if protocol == circuit.STOP:
                await self._connections.welcome_through(connection, stream)
                return
            if protocol in strangers.PROTOCOLS:
                await strangers.answer(protocol, stream, self._identified)
                await stream.part()
                return
            wire = Wire(stream)
            callbacks = self._callbacks
            own = callbacks.binding()
            peer = await answer_hello(wire, own, connection.peer_id, callbacks.judge)
            new = self._introduced(connection, peer)
            if protocol == negotiation.PROTOCOL:
                pace = self._pace(peer.identity)
                heard = await negotiation.listen(wire, peer, callbacks.received, pace)
                if not heard and not new:
                    await pace.wait()
                    await self._met(peer)
            elif protocol == sampling.PROTOCOL:
                await self._pace(peer.identity).wait(1)
                await sampling.serve(wire, peer, callbacks.sample)
            elif protocol == reviews.PROTOCOL:
                await reviews.serve(wire, peer, callbacks.review, self._pace(peer.identity))
            else:
                await self._deliver(wire, peer, connection, protocol)
            await stream.part()
        except P2PError as error:
            if isinstance(error, PeerError):
                self._connections.blame(connection.address)
            _log.debug("A stream of %s ended: %s", connection.peer_id, error.reason)
        except Exception:
            _log.exception("Serving a stream of %s failed", connection.peer_id)
        finally:
            stream.reset()

    async def _deliver(self, wire: Wire, peer: Peer, connection: Connection, protocol: str) -> None:
        kind, order_id, first_leaf = await serving.read_request(wire)
        callbacks = self._callbacks
        try:
            if kind == "paused":
                await callbacks.paused(peer, order_id)
                await wire.write_object("end")
                return
            asked = callbacks.manifest if kind == "manifest" else callbacks.source
            source = await asked(peer, order_id)
        except (PeerError, Unreachable) as error:
            await wire.refuse(error)
            raise
        try:
            if kind == "manifest":
                await serving.serve_manifest(wire, source)
                return
            if source.dk is not None and self._punches and self._nursery is not None:
                self._nursery.start_soon(self._punching.begin, connection)
            direct = self._direct(protocol, peer.peer_id, via=connection.via)
            with self._sought(connection):
                await self._deliver_alone(wire, source, order_id, first_leaf, direct)
        except ContentError as error:
            callbacks.stopped(order_id, error)
        except (NotNow, Interrupted) as error:  # the buyer was told, as this stream's last word
            _log.debug("A delivery was put off: %s", error.reason)

    async def _deliver_alone(
        self,
        wire: Wire,
        source: Source,
        order_id: bytes,
        first_leaf: int,
        direct: Direct | None,
    ) -> None:
        """One delivery per order: a buyer that comes back replaces the one it left behind."""
        while (other := self._deliveries.get(order_id)) is not None:
            other.scope.cancel()
            await other.over.wait()
        mine = self._deliveries[order_id] = _Delivery(trio.CancelScope(), trio.Event())
        try:
            wire.slow_down(writing=self._uploads)
            with mine.scope:
                await serving.serve(
                    wire, source, first_leaf, partial(self._callbacks.sent, order_id), direct
                )
                return
        finally:
            del self._deliveries[order_id]
            mine.over.set()
            self._callbacks.ended(order_id)
        raise Unreachable("The buyer fetches the same delivery again.")

    def _introduced(self, connection: Connection, peer: Peer) -> bool:
        """Whether the connection had not been this peer's before: it is met then."""
        known, connection.peer = connection.peer, peer
        if connection.came_in and connection.remote is not None:
            self._reached |= self._is_outside(connection.remote)
        if known != peer and self._nursery is not None:
            self._nursery.start_soon(self._met, peer)
        return known != peer

    def _is_outside(self, address: Address) -> bool:
        """Whether it may be anybody's, and is no neighbour's: IPv6 gives those public ones, too."""
        if not self._punching.of_the_world(address):
            return False
        own = usable_addresses(self.addresses, self.peer_id)
        return not is_public(address) or household(address.host) not in {
            household(each.host) for each in own
        }

    async def _met(self, peer: Peer) -> None:
        try:
            await self._callbacks.met(peer)
        except Exception:
            _log.exception("Meeting %s failed", peer.peer_id)

    def _pace(self, identity: str) -> Pace:
        pace = self._paces.pop(identity, None) or Pace(TALK_BURST, TALK_PER_SECOND)
        self._paces[identity] = pace
        if len(self._paces) > PEERS_REMEMBERED:
            self._paces.popitem(last=False)
        return pace
