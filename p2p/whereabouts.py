"""Where peers are, told and asked at relays: what keeps people findable whose addresses change.

A host tells each relay at which it has a place where it is reached now, and again when that
changes. Who cannot reach a peer at the addresses it knows asks the relays both may know: its own,
and those the peer's addresses lead through. A newer record is remembered for the next time.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import trio
from libp2p.crypto.ed25519 import create_new_key_pair

from p2p import rendezvous
from p2p.carriers import ask_for
from p2p.circuit import Circuit, usable_circuits
from p2p.connections import Connection, Connections
from p2p.errors import PeerError, Unreachable
from p2p.identity import peer_id_of
from p2p.limits import (
    ADDRESSES,
    DIAL_SECONDS,
    HELLO_SECONDS,
    PEERS_REMEMBERED,
    RELAYS,
    RENDEZVOUS_AGAIN_SECONDS,
)
from p2p.rendezvous import Record
from p2p.reservations import Reservations

_log = logging.getLogger(__name__)
ASKED: Final = 2 * RELAYS


class Whereabouts:
    """``run`` must be running for others to find us. seed: of the peer key, which signs."""

    def __init__(self, seed: bytes, connections: Connections, reservations: Reservations) -> None:
        self._peer_id = peer_id_of(seed)
        self._key = create_new_key_pair(seed).private_key
        self._connections = connections
        self._reservations = reservations
        self._direct: tuple[str, ...] = ()
        self._said: tuple[str, ...] = ()
        self._own: Record | None = None
        self._due: dict[Connection, float] = {}
        self._news = trio.Event()
        self._known: OrderedDict[str, Record] = OrderedDict()

    def tell(self, addresses: Sequence[str]) -> None:
        """Direct addresses that anybody who asks for us may learn, beside the ways through relays;
        none until this is called, and no others from now on."""
        if tuple(addresses) != self._direct:
            self._direct = tuple(addresses)
            self.look()

    def look(self) -> None:
        """A place at a relay came or went."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled: keep every relay's record of us true."""
        while True:
            self._news = trio.Event()
            record, again = self._record()
            places = [
                connection
                for relay in self._reservations.circuits
                for connection in self._connections.held(relay.relay_id)
                if connection.has_place
            ]
            self._due = {c: 0.0 if again else self._due.get(c, 0.0) for c in places}
            async with trio.open_nursery() as nursery:
                for connection, due in self._due.items():
                    if due <= trio.current_time():
                        nursery.start_soon(self._register, connection, record)
            with trio.move_on_at(min(self._due.values(), default=float("inf"))):
                await self._news.wait()

    def known(self, peer_id: str) -> tuple[str, ...]:
        """Where a peer said it is, when a relay was asked for it last."""
        record = self._known.get(peer_id)
        return () if record is None else record.addresses

    async def find(self, peer_id: str, addresses: Sequence[str]) -> tuple[str, ...]:
        """Ask the relays; the newest that is known then, with what was known before."""
        leading = usable_circuits(addresses, peer_id, self._peer_id)
        relays = {c.relay_id: c for c in (*leading, *self._reservations.circuits)}
        relays.pop(peer_id, None)
        if peer_id != self._peer_id:
            async with trio.open_nursery() as nursery:
                for relay in list(relays.values())[-ASKED:]:
                    nursery.start_soon(self._ask, relay, peer_id)
        return self.known(peer_id)

    async def _ask(self, relay: Circuit, peer_id: str) -> None:
        try:
            with trio.move_on_after(DIAL_SECONDS):
                connection = await self._connections.to_relay(relay)
                with connection.used():
                    stream = await connection.muxer.open()
                    try:
                        await ask_for(stream, rendezvous.PROTOCOL)
                        record = await rendezvous.discover(stream, peer_id)
                    finally:
                        stream.reset()
                if record is not None:
                    self._learn(peer_id, record)
        except (PeerError, Unreachable) as error:
            _log.debug("Asking the relay %s: %s", relay.relay_id, error.reason)

    def _learn(self, peer_id: str, record: Record) -> None:
        """What relays say is never taken for newer than what the peer itself numbered higher."""
        known = self._known.pop(peer_id, record)
        self._known[peer_id] = record if record.seq > known.seq else known
        if len(self._known) > PEERS_REMEMBERED:
            self._known.popitem(last=False)

    def _record(self) -> tuple[Record, bool]:
        """What is true now, signed, and whether that is another than before."""
        through = [relay.multiaddr(self._peer_id) for relay in self._reservations.circuits]
        addresses = (*self._direct[: ADDRESSES - len(through)], *through)
        before = self._own
        if before is not None and self._said == addresses:
            return before, False
        seq = max(time.time_ns(), 0 if before is None else before.seq + 1)
        self._said, self._own = addresses, rendezvous.sign_record(self._key, addresses, seq)
        return self._own, True

    async def _register(self, connection: Connection, record: Record) -> None:
        seconds = RENDEZVOUS_AGAIN_SECONDS
        try:
            with trio.fail_after(HELLO_SECONDS):
                stream = await connection.muxer.open()
                try:
                    await ask_for(stream, rendezvous.PROTOCOL)
                    seconds = await rendezvous.register(stream, self._peer_id, record) / 2
                finally:
                    stream.reset()
        except (PeerError, Unreachable) as error:
            _log.debug("Telling the relay %s: %s", connection.peer_id, error.reason)
        except trio.TooSlowError:
            _log.debug("The relay %s does not answer", connection.peer_id)
        self._due[connection] = trio.current_time() + max(seconds, RENDEZVOUS_AGAIN_SECONDS)
