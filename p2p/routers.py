"""A port of the router, opened for this host: asked for, renewed before it lapses, closed again.

Whichever language a router speaks (`p2p.natpmp`, `p2p.upnp`) is the one it is asked in from then
on. A router is a stranger: what it says is bounded, and an address counts only if anybody on the
internet can dial it; behind two routers the first one's word is worth nothing.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import trio

from p2p.carriers import Address
from p2p.errors import P2PError, Unreachable
from p2p.limits import (
    ROUTER_AGAIN_SECONDS,
    ROUTER_LEASE_SECONDS,
    ROUTER_LEAST_SECONDS,
    ROUTER_SECONDS,
)
from p2p.multiaddrs import is_public

_log = logging.getLogger(__name__)
State = Literal["off", "asking", "open", "closed"]


@dataclass(frozen=True, slots=True)
class Lease:
    """A port that is open: where others dial, and for how many seconds from now."""

    place: Address
    seconds: int


class Router(Protocol):
    """Somebody who can be asked to pass a TCP port on to this computer. Both raise Unreachable (it
    does not do it, now or ever) and PeerError (it does not keep to the protocol)."""

    async def open(self, port: int, seconds: int) -> Lease:
        """Connections from outside come to ``port`` here, for so many seconds or fewer."""

    async def close(self, port: int, lease: Lease) -> None:
        """No longer."""


class OpenPort:
    """Keeps one port open while it is wanted. ``changed`` is called when ``state`` or ``place`` is
    another one; ``run`` must be running.

    state: "closed": wanted, and no router does it; it is asked again from time to time.
    """

    def __init__(
        self, routers: Callable[[], Sequence[Router]], changed: Callable[[], None]
    ) -> None:
        self._routers = routers
        self._changed = changed
        self._wanted = False
        self._turned = trio.Event()
        self.state: State = "off"
        self.place: Address | None = None

    def want(self, yes: bool) -> None:
        """From now on, or no longer."""
        if yes != self._wanted:
            self._wanted = yes
            self._turned.set()

    async def run(self, port: int) -> None:
        """Until cancelled; then the port is closed again."""
        while True:
            self._turned = trio.Event()
            if not self._wanted:
                self._say("off")
                await self._turned.wait()
                continue
            self._say("asking")
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._keep, port)
                await self._turned.wait()
                nursery.cancel_scope.cancel()

    async def _keep(self, port: int) -> None:
        while True:
            for router in self._routers():
                await self._keep_at(router, port)
            self._say("closed")
            await trio.sleep(ROUTER_AGAIN_SECONDS)

    async def _keep_at(self, router: Router, port: int) -> None:
        """As long as this router does it; returns when it does not, or not any more."""
        lease: Lease | None = None
        try:
            while True:
                with trio.fail_after(ROUTER_SECONDS):
                    lease = await router.open(port, ROUTER_LEASE_SECONDS)
                if not is_public(lease.place):
                    raise Unreachable("The router is behind another one.")
                if lease.seconds < 2 * ROUTER_LEAST_SECONDS:
                    raise Unreachable("The router opens a port for no time.")
                self._say("open", lease.place)
                await trio.sleep(lease.seconds / 2)
        except (P2PError, trio.TooSlowError) as error:
            _log.debug("A router does not open the port: %s", error)
            if lease is not None:
                self._say("closed")
        finally:
            if lease is not None:
                with trio.CancelScope(shield=True), trio.move_on_after(ROUTER_SECONDS):
                    await _close(router, port, lease)

    def _say(self, state: State, place: Address | None = None) -> None:
        if (state, place) != (self.state, self.place):
            self.state, self.place = state, place
            try:
                self._changed()
            except Exception:  # whoever is told must not end the host
                _log.exception("Telling how the router stands failed")


async def _close(router: Router, port: int, lease: Lease) -> None:
    try:
        await router.close(port, lease)
    except P2PError as error:
        _log.debug("The router did not close the port: %s", error.reason)
