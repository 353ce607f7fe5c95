"""Places at relays, kept: each relay this host was given is asked for a place, again and again.

A relay that fails is tried again for ever, ever less often; what is known of each is a
`RelayState`. Nothing else of the host depends on one relay: who is called through any of them
is called the same way.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import trio

from p2p import circuit
from p2p.carriers import ask_for
from p2p.circuit import Circuit, read_relay
from p2p.connections import Connection, Connections
from p2p.depositing import terms_of
from p2p.errors import PeerError, Unreachable
from p2p.keeping import Terms
from p2p.limits import HELLO_SECONDS, RELAY_AGAIN_SECONDS, RELAY_LONGEST_SECONDS, RELAYS

_log = logging.getLogger(__name__)
_BROKE: Final = "The connection to the relay broke off. It will be tried again."


@dataclass(frozen=True, slots=True)
class RelayState:
    """One relay: its ``address`` as it was given, and whether a place is held there.

    "refused": it was reached and gave none; ``reason`` says why there is none, in a sentence.
    keeps: what it keeps for peers who are off line, if it does and a place is held.
    """

    address: str
    state: Literal["asking", "reserved", "refused", "unreachable"] = "asking"
    reason: str = ""
    keeps: Terms | None = None


class Reservations:
    """``changed`` is called when a state is another one. ``run`` must be running."""

    def __init__(self, connections: Connections, changed: Callable[[], None]) -> None:
        self._connections = connections
        self._changed = changed
        self._states: dict[str, RelayState] = {}
        self._scopes: dict[str, trio.CancelScope] = {}
        self._nursery: trio.Nursery | None = None

    @property
    def states(self) -> tuple[RelayState, ...]:
        return tuple(self._states.values())

    @property
    def circuits(self) -> tuple[Circuit, ...]:
        """Through which relays this host can be called now."""
        held = (read_relay(s.address) for s in self._states.values() if s.state == "reserved")
        return tuple(relay for relay in held if relay is not None)

    def use(self, addresses: Sequence[str]) -> None:
        """Keep places at these relays (multiaddrs with their peer ids; at most RELAYS) and at no
        others. What is not the address of a relay is said to be unreachable."""
        wanted = list(dict.fromkeys(addresses))[:RELAYS]
        for address in self._states.keys() - set(wanted):
            del self._states[address]
            self._scopes.pop(address, trio.CancelScope()).cancel()
        added = [address for address in wanted if address not in self._states]
        self._states = {a: self._states.get(a, RelayState(a)) for a in wanted}
        for address in added:
            self._begin(address)
        self._changed()

    async def run(self) -> None:
        """Until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            for address in self._states:
                self._begin(address)
            try:
                await trio.sleep_forever()
            finally:
                self._nursery = None

    def _begin(self, address: str) -> None:
        if self._nursery is not None:
            scope = self._scopes[address] = trio.CancelScope()
            self._nursery.start_soon(self._keep, address, scope)

    async def _keep(self, address: str, scope: trio.CancelScope) -> None:
        relay = read_relay(address)
        if relay is None:
            self._say(RelayState(address, "unreachable", "This is not the address of a relay."))
            return
        wait = RELAY_AGAIN_SECONDS
        with scope:
            while True:
                reason, connection = _BROKE, None
                try:
                    connection = await self._connections.to_relay(relay)
                    await self._hold_place(connection, address)
                    wait = RELAY_AGAIN_SECONDS
                except (PeerError, Unreachable) as error:
                    reason = error.reason
                finally:
                    there = connection is not None and connection.muxer.usable
                    if connection is not None and connection.mute:
                        connection.muxer.close()  # nothing else runs through it
                self._say(RelayState(address, "refused" if there else "unreachable", reason))
                # Apart from each other: not everybody asks a relay that is back at one moment.
                await trio.sleep(wait * random.uniform(0.5, 1))
                wait = min(wait * 2, RELAY_LONGEST_SECONDS)

    async def _hold_place(self, connection: Connection, address: str) -> None:
        """A place for as long as the connection lives, asked for anew at half its time. Raises
        PeerError, Unreachable."""
        try:
            with connection.used():
                while not connection.over.is_set():
                    seconds = await _ask(connection)
                    connection.place_until = trio.current_time() + seconds
                    known = self._states[address].keeps if address in self._states else None
                    self._say(RelayState(address, "reserved", keeps=known))
                    self._say(RelayState(address, "reserved", keeps=await terms_of(connection)))
                    with trio.move_on_after(seconds / 2):
                        await connection.over.wait()
        finally:
            connection.place_until = 0.0

    def _say(self, state: RelayState) -> None:
        if state.address in self._states and self._states[state.address] != state:
            self._states[state.address] = state
            try:
                self._changed()
            except Exception:  # whoever is told must not end the host
                _log.exception("Telling how the relay %s stands failed", state.address)


async def _ask(connection: Connection) -> float:
    try:
        with trio.fail_after(HELLO_SECONDS):
            stream = await connection.muxer.open()
    except trio.TooSlowError:
        raise Unreachable(_BROKE) from None
    try:
        await ask_for(stream, circuit.HOP)
        return await circuit.reserve(stream)
    finally:
        stream.reset()
