"""UPnP (Internet Gateway Device): the other language in which routers are asked to open a port.

Search, XML and SOAP are the MiniUPnP project's own library. It works in a thread and can take its
time; what it returns is looked at like anything a stranger says.
"""

import importlib
import ipaddress
from collections.abc import Callable
from typing import Any, Final, TypeVar

import trio

from p2p.carriers import Address
from p2p.errors import PeerError, Unreachable
from p2p.routers import Lease

_NAME: Final = "Lading"
_SEARCH_MILLISECONDS: Final = 2000
_ONLY_FOR_EVER: Final = "OnlyPermanentLeasesSupported"
_LEFT_ALONE: Final[dict[str, Any]] = {"abandon_on_cancel": True}  # it has time limits of its own
_Result = TypeVar("_Result")


class Upnp:
    """Whatever router answers on the local network, as a `p2p.routers.Router`."""

    def __init__(self) -> None:
        self._router: Any = None

    async def open(self, port: int, seconds: int) -> Lease:
        """See `p2p.routers.Router`."""
        if self._router is None:
            self._router = await _in_thread(_find)
        try:
            return await _in_thread(lambda: _open(self._router, port, seconds))
        except Unreachable:
            self._router = None  # perhaps another one next time
            raise

    async def close(self, port: int, lease: Lease) -> None:
        """See `p2p.routers.Router`."""
        router, outside = self._router, lease.place.port
        if router is not None:
            await _in_thread(lambda: router.deleteportmapping(outside, "TCP"))


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    """The library raises Exception itself, with the router's words, for all that goes wrong."""
    try:
        return await trio.to_thread.run_sync(work, **_LEFT_ALONE)
    except PeerError:
        raise
    except Exception as error:
        raise Unreachable(f"The router does not open a port: {str(error)[:200]}") from error


def _find() -> Any:
    # In C and without types; loaded only by who wants a port opened.
    found = importlib.import_module("miniupnpc").UPnP()
    found.discoverdelay = _SEARCH_MILLISECONDS
    found.discover()
    found.selectigd()
    return found


def _open(router: Any, port: int, seconds: int) -> Lease:
    host = router.externalipaddress()
    try:
        known = ipaddress.ip_address(host).version == 4
    except ValueError:
        known = False
    if not known:
        raise PeerError("The router does not say where it is.")
    asked = (port, "TCP", router.lanaddr, port, _NAME, "")
    try:
        done = router.addportmapping(*asked, seconds)
    except Exception as error:
        if str(error) != _ONLY_FOR_EVER:
            raise
        done = router.addportmapping(*asked, 0)  # until it is closed, or the router starts again
    if not done:
        raise Unreachable("The router did not open the port.")
    return Lease(Address(host, port), seconds)
