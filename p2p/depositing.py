"""A host's parcels at relays: left there for others, fetched from there (`p2p.keeping`)."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio

from p2p import keeping
from p2p.carriers import ask_for
from p2p.circuit import read_relay
from p2p.connections import Connection, Connections
from p2p.errors import PeerError, Unreachable
from p2p.keeping import Terms
from p2p.kept_sealing import Ticket
from p2p.limits import DELIVERY_WINDOW_BYTES, HELLO_SECONDS
from p2p.sealer import Source
from p2p.spool import Spool
from p2p.throttle import Throttle
from p2p.wire import Wire
from p2p.yamux import Stream


async def terms_of(connection: Connection) -> Terms | None:
    """What the relay at the other end keeps of us, None if it keeps nothing."""
    try:
        async with _opened(connection) as (wire, _):
            return await keeping.ask_terms(wire)
    except (PeerError, Unreachable):
        return None


class AtRelays:
    """``relay`` is a multiaddr with the relay's peer id. uploads, downloads: as a `Host` has them.

    Errors as those of `keeping.leave`, `fetch`, `drop`; Unreachable also if the relay is not there.
    """

    def __init__(
        self, connections: Connections, uploads: Throttle | None, downloads: Throttle | None
    ) -> None:
        self._connections = connections
        self._uploads, self._downloads = uploads, downloads

    async def leave(
        self,
        relay: str,
        ticket: Ticket,
        buyer: str,
        source: Source,
        *,
        progress: Callable[[int, int], None],
        stopped: Callable[[], bool],
    ) -> int:
        """See `keeping.leave`."""
        async with self._to(relay) as (wire, _):
            wire.slow_down(writing=self._uploads)
            return await keeping.leave(
                wire, ticket, buyer, source, progress=progress, stopped=stopped
            )

    async def fetch(
        self,
        relay: str,
        ticket: Ticket,
        spool: Spool,
        *,
        progress: Callable[[int, int], None],
        stopped: Callable[[], bool],
    ) -> None:
        """See `keeping.fetch`."""
        async with self._to(relay) as (wire, stream):
            stream.widen(DELIVERY_WINDOW_BYTES)
            wire.slow_down(reading=self._downloads)
            await keeping.fetch(wire, ticket, spool, progress=progress, stopped=stopped)

    async def drop(self, relay: str, ticket: Ticket) -> None:
        """See `keeping.drop`."""
        async with self._to(relay) as (wire, _):
            await keeping.drop(wire, ticket)

    @asynccontextmanager
    async def _to(self, relay: str) -> AsyncIterator[tuple[Wire, Stream]]:
        circuit = read_relay(relay)
        if circuit is None:
            raise Unreachable("This is not the address of a relay.")
        connection = await self._connections.to_relay(circuit)
        async with _opened(connection) as opened:
            yield opened


@asynccontextmanager
async def _opened(connection: Connection) -> AsyncIterator[tuple[Wire, Stream]]:
    """A stream on which the relay keeps parcels. Raises Unreachable if it keeps none."""
    with connection.used():
        try:
            with trio.fail_after(HELLO_SECONDS):
                stream = await connection.muxer.open()
        except trio.TooSlowError:
            raise Unreachable("The relay does not answer. It will be tried again.") from None
        try:
            await ask_for(stream, keeping.PROTOCOL)
            yield Wire(stream), stream
        finally:
            stream.reset()
