"""The relays this profile uses: chosen in Settings, kept by the host, told in the profile on chain.

A relay's address goes on record once a place was held there, and stays while it is chosen: one that
is away for an hour costs no new entry.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final

from app.domain.commands import AddRelay, RemoveRelay
from app.domain.errors import RuleError
from app.domain.snapshots.shell import RelayRow
from app.store import settings
from app.store.database import Database
from chain.answers import plain
from chain.registry_events import MAX_ADDRESS_BYTES
from p2p.circuit import Circuit, read_relay
from p2p.host import Host, RelayState
from p2p.limits import RELAYS

log = logging.getLogger(__name__)

_KEY: Final = "relays"


class Relaying:
    """``changed`` asks for new snapshots, ``publish`` for a profile that is true again."""

    def __init__(
        self, database: Database, changed: Callable[[], None], publish: Callable[[], None]
    ) -> None:
        self._database = database
        self._changed = changed
        self._publish = publish
        self._host: Host | None = None

    def connect(self, host: Host) -> None:
        """Keep places with this host from now on."""
        self._host = host
        host.use_relays(self.addresses)

    @property
    def addresses(self) -> tuple[str, ...]:
        """The chosen relays' multiaddrs, in the order they were added."""
        return tuple(relay["address"] for relay in self._chosen())

    @property
    def rows(self) -> tuple[RelayRow, ...]:
        """What Settings shows of each."""
        states = {} if self._host is None else {s.address: s for s in self._host.relays}
        return tuple(_row(states.get(a, RelayState(a))) for a in self.addresses)

    @property
    def held(self) -> bool:
        """Whether somebody can call us through a relay now."""
        return self._host is not None and bool(self._host.circuits)

    def own_addresses(self, peer_id: str) -> list[str]:
        """Where others call ``peer_id`` through the relays that have given it a place."""
        worked = (read_relay(r["address"]) for r in self._chosen() if r["worked"])
        return [relay.multiaddr(peer_id) for relay in worked if relay is not None]

    def add(self, command: AddRelay) -> None:
        """RuleError: it is not a relay's address, is there already, or one too many."""
        relay = _read(command.address)
        chosen = self._chosen()
        known = (read_relay(each["address"]) for each in chosen)
        if any(one is not None and one.relay_id == relay.relay_id for one in known):
            raise RuleError("relay.known", "This relay is in the list already.")
        if len(chosen) >= RELAYS:
            raise RuleError(
                "relay.many", f"{RELAYS} relays are enough: remove one first.", most=RELAYS
            )
        address = relay.relay.multiaddr(relay.relay_id)
        self._keep([*chosen, {"address": address, "worked": False}])

    def remove(self, command: RemoveRelay) -> None:
        self._keep([each for each in self._chosen() if each["address"] != command.address])
        self._publish()

    def moved(self) -> None:
        """The host tells that a relay's state is another one."""
        chosen = self._chosen()
        held = {
            s.address for s in (self._host.relays if self._host else ()) if s.state == "reserved"
        }
        new = [each for each in chosen if each["address"] in held and not each["worked"]]
        for each in new:
            log.info("a place is held at the relay %s", each["address"])
            each["worked"] = True
        if new:
            self._save(chosen)
            self._publish()
        self._changed()

    def _chosen(self) -> list[dict[str, Any]]:
        with self._database.read() as session:
            return list(settings.get(session, _KEY, []))

    def _save(self, chosen: list[dict[str, Any]]) -> None:
        with self._database.begin() as session:
            settings.put(session, _KEY, chosen)

    def _keep(self, chosen: list[dict[str, Any]]) -> None:
        self._save(chosen)
        if self._host is not None:
            self._host.use_relays(self.addresses)
        self._changed()


def _row(relay: RelayState) -> RelayRow:
    if relay.keeps is None:
        return RelayRow(relay.address, relay.state, reason=told(relay.reason))
    days = max(1, relay.keeps.seconds // 86_400)
    return RelayRow(relay.address, relay.state, relay.keeps.largest_bytes, days)


def told(reason: str) -> str:
    """What a relay said, or what stands in for that, for a line on a screen that says itself when
    it is tried again."""
    return plain(reason).removesuffix("It will be tried again.").rstrip()


def _read(text: str) -> Circuit:
    """What was typed or pasted, perhaps with the word that `lading relay` prints before it."""
    words = text.split()
    relay = read_relay(words[-1]) if words else None
    # Its circuits have to fit into a profile, with a peer id of 52 characters.
    if relay is None or len(relay.multiaddr("x" * 52)) > MAX_ADDRESS_BYTES:
        raise RuleError(
            "relay.address",
            "This is not the address of a relay. Paste it as the relay shows it: it looks like "
            "/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…",
        )
    return relay
