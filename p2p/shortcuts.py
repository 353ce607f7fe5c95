"""From a relay to a direct session, when an address to dial becomes known on the way.

A delivery may have begun through a relay because nothing else was known: the other side's word in
the local network came later, or relays have a newer record of it than the profile. While it runs,
relays are asked once, and each address that is known by then or becomes known is dialled, once from
each network we are in. At the next chunk the delivery goes on over what came of it. How strangers'
routers are passed is `p2p.punching`.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import trio

from p2p.carriers import Address, usable_addresses
from p2p.connections import Connections
from p2p.limits import DIAL_SECONDS, SHORTCUTS
from p2p.punching import Punching
from p2p.whereabouts import Whereabouts

_log = logging.getLogger(__name__)


class Shortcuts:
    """``ours``: the multiaddrs of this host, asked anew each time."""

    def __init__(
        self,
        connections: Connections,
        punching: Punching,
        whereabouts: Whereabouts,
        ours: Callable[[], Sequence[str]],
    ) -> None:
        self._connections = connections
        self._punching = punching
        self._whereabouts = whereabouts
        self._ours = ours
        self._near: dict[str, tuple[str, ...]] = {}
        self._news = trio.Event()

    def known(self, peer_id: str, addresses: Sequence[str] = ()) -> tuple[str, ...]:
        """Where a peer is: seen on the local network, told by relays, and these."""
        return (*self._near.get(peer_id, ()), *self._whereabouts.known(peer_id), *addresses)

    def near(self, peer_id: str, addresses: tuple[str, ...]) -> None:
        """A peer was seen on the local network."""
        self._near[peer_id] = addresses
        self.look()

    def look(self) -> None:
        """Where somebody is has changed; it may be us."""
        self._news.set()
        self._news = trio.Event()

    @contextmanager
    def sought(
        self, nursery: trio.Nursery, peer_id: str, addresses: Sequence[str]
    ) -> Iterator[None]:
        """While the block runs a delivery goes through a relay. addresses: of the peer, as far as
        the caller knows."""
        scope = trio.CancelScope()
        nursery.start_soon(self._seek, scope, peer_id, addresses)
        try:
            yield
        finally:
            scope.cancel()

    async def _seek(self, scope: trio.CancelScope, peer_id: str, addresses: Sequence[str]) -> None:
        tried: set[tuple[frozenset[str], Address]] = set()
        with scope:
            try:
                await self._whereabouts.find(peer_id, self.known(peer_id, addresses))
                for _ in range(SHORTCUTS):
                    while not (new := self._fresh(peer_id, addresses) - tried):
                        await self._news.wait()
                    if not self._punching.may_go_directly(peer_id):
                        return
                    tried |= new
                    with trio.move_on_after(DIAL_SECONDS):
                        places = [place for _, place in new]
                        await self._connections.dial_directly(peer_id, places)
            except Exception:
                _log.exception("Looking for a way to %s without a relay failed", peer_id)

    def _fresh(self, peer_id: str, addresses: Sequence[str]) -> set[tuple[frozenset[str], Address]]:
        """Where the peer can be dialled, each with where we are."""
        here = frozenset(self._ours())
        known = self.known(peer_id, addresses)
        return {(here, place) for place in usable_addresses(known, peer_id)}
