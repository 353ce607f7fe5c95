"""Being reachable: the libp2p host, and the profile on record that says where it is.

The host keeps the port it was first given, so that the profile on record stays true across
restarts. Addresses of this computer go on record only with the person's consent; on a practice
network they are loopback addresses and always do.
"""

from __future__ import annotations

import errno
import logging
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import trio

from app.engine.entries import Entries
from app.engine.identity import Identity
from app.engine.ledger import Ledger
from app.engine.letters import Letters
from app.engine.relaying import Relaying
from app.store import entries, index, peers, settings, texts
from app.store.database import Database
from app.store.entries import Entry
from chain import agreement
from chain.errors import InvalidSignature
from chain.registry_events import MAX_ADDRESSES
from p2p.errors import P2PError, PeerError
from p2p.host import Host, Peer
from p2p.identity import peer_id_of
from p2p.neighbours import everywhere

if TYPE_CHECKING:
    from trio_typing import TaskStatus

log = logging.getLogger(__name__)

TEXTS_AGAIN_SECONDS = 10
AGAIN_SECONDS = 120
"""How long a profile that the chain refused is not offered again, in the chain's time; twice as
long after each refusal more, unless somebody asks for it or coins come."""
DOUBLINGS = 7


class Presence:
    """Judges who comes, remembers where they were, and keeps our profile on record true."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        identity: Identity,
        entries: Entries,
        seen: Callable[[str], None],
        changed: Callable[[], None],
        can_record: Callable[[], bool],
        relaying: Relaying,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._identity = identity
        self._entries = entries
        self._seen = seen
        self._changed = changed
        self._can_record = can_record
        self._relaying = relaying
        self._refusals = 0
        self._asked = False
        self.host: Host | None = None
        self._letters: Letters | None = None
        self._talk = trio.Event()

    def connect(self, host: Host, letters: Letters) -> None:
        self.host, self._letters = host, letters
        self.use_router()
        self.use_neighbours()

    def use_router(self) -> None:
        """As the person wants it; nothing that listens to this computer only needs a router."""
        if self.host is not None:
            with self._database.read() as session:
                wanted = bool(settings.get(session, "open_port", False))
            self.host.use_router(wanted and not self._at_home())

    def use_neighbours(self) -> None:
        """As the person wants it; in practice everybody is on this computer."""
        if self.host is not None:
            with self._database.read() as session:
                wanted = bool(settings.get(session, "find_on_lan", False))
            self.host.use_neighbours(wanted and not self._ledger.network.practice)

    def moved(self) -> None:
        """The host is reached somewhere else: this computer is in another network, or the router
        has opened its port, or closed it."""
        self.publish()
        self._changed()

    def talk(self) -> None:
        """Texts may be waiting, or somebody is there now."""
        self._talk.set()

    # callbacks of the host

    def binding(self) -> bytes:
        """Ours, signed anew: it is short-lived and costs little."""
        peer_id = peer_id_of(self._identity.wallet.peer_seed)
        return self._identity.binding(peer_id, int(time.time()))

    def judge(self, raw: bytes, peer_id: str) -> Peer:
        """Whom a peer's binding names. PeerError unless its identity signed it for this peer."""
        try:
            binding, signature = agreement.decode_binding(raw)
            signer = agreement.recover(self._identity.registry, binding, signature)
        except (ValueError, InvalidSignature) as error:
            raise PeerError(f"The peer's binding does not hold: {error}") from error
        now = int(time.time())
        if signer != binding.identity:
            raise PeerError("The peer's binding is not signed by the identity it names.")
        if binding.peer_id != peer_id:
            raise PeerError("The peer's binding is for another peer.")
        if not binding.issued - agreement.CLOCK_SKEW_SECONDS <= now <= binding.expires:
            raise PeerError("The peer's binding has expired, or is not valid yet.")
        return Peer(binding.identity, peer_id, binding.seal_key)

    async def met(self, peer: Peer) -> None:
        now = int(time.time())
        with self._database.begin() as session:
            peers.remember(session, peer.identity, peer.peer_id, peer.seal_key, (), now)
        self._seen(peer.identity)
        self._changed()

    # running

    def listen(self) -> tuple[str, ...]:
        """Where to listen: always the port of last time, where it is known."""
        with self._database.read() as session:
            port = int(settings.get(session, "port", 0))
        port = port if _is_free(port) else 0
        return (f"/ip4/127.0.0.1/tcp/{port}",) if self._at_home() else everywhere(port)

    def _at_home(self) -> bool:
        """Whether everybody we can meet is on this computer."""
        urls = self._ledger.network.rpc_urls
        return self._ledger.network.practice or all(
            "//127.0.0.1:" in url or "//localhost:" in url for url in urls
        )

    async def run(self, *, task_status: TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Until cancelled: be reachable. A port that is taken by now is exchanged for another."""
        assert self.host is not None
        async with trio.open_nursery() as nursery:
            await nursery.start(self.host.run)
            port = next((int(a.split("/tcp/")[1].split("/")[0]) for a in self.host.addresses), 0)
            with self._database.begin() as session:
                settings.put(session, "port", port)
            self.host.tell(self._shared(self.host))
            self._changed()
            task_status.started()

    def online(self, identity: str) -> bool:
        """Whether a session with this identity is up now."""
        if self.host is None:
            return False
        return any(peer.identity == identity for peer in self.host.peers)

    def try_again(self) -> None:
        """Somebody is here and wants it to work now: a refused profile does not wait longer."""
        self._refusals, self._asked = 0, True
        self.publish()

    def publish(self) -> None:
        """Want our profile on record if what stands there is not true any more. An account that
        cannot pay for it yet is not asked to: it is called again with every look at the chain.
        Relays are told at once, and for nothing."""
        if self.host is None:
            return
        self.host.tell(self._shared(self.host))
        if not self._ledger.caught_up or self.host.router == "asking":
            # What stands on record may come true again in a moment: an entry each way is saved.
            return
        if not self._can_record():
            self._refusals = 0
            return
        wanted = self._profile(self.host)
        with self._database.read() as session:
            recorded = index.profile(session, self._identity.address)
        if recorded is not None and wanted == {
            "name": recorded.name,
            "peer_id": recorded.peer_id,
            "seal_key": recorded.seal_key.hex(),
            "addresses": list(recorded.addresses),
        }:
            return
        with self._database.begin() as session:
            number = int(settings.get(session, "profile_number", 0))
            last = entries.by_key(session, f"profile:{number}")
            refused = last is not None and self._to_be_tried_again(last)
            if settings.get(session, "profile", None) != wanted or refused:
                number += 1
                settings.put(session, "profile", wanted)
                settings.put(session, "profile_number", number)
        self._refusals += refused
        self._asked = False
        self._entries.want(f"profile:{number}", "profile", made_at=self._ledger.now)

    def _to_be_tried_again(self, last: Entry) -> bool:
        """An entry that the chain refused is wanted anew, but not with every block."""
        wait_seconds = AGAIN_SECONDS << min(self._refusals, DOUBLINGS)
        return last.state == "failed" and (
            self._asked or self._ledger.now - last.made_at >= wait_seconds
        )

    def _profile(self, host: Host) -> dict[str, Any]:
        with self._database.read() as session:
            name = str(settings.get(session, "name", ""))
        direct = self._shared(host)
        relayed = self._relaying.own_addresses(host.peer_id)
        return {
            "name": name,
            "peer_id": host.peer_id,
            "seal_key": self._identity.wallet.seal_public.hex(),
            "addresses": [*direct[: MAX_ADDRESSES - len(relayed)], *relayed],
        }

    def _shared(self, host: Host) -> list[str]:
        """This computer's addresses, if others may know them."""
        with self._database.read() as session:
            consent = bool(settings.get(session, "share_direct_address", False))
        return sorted(host.addresses) if consent or self._ledger.network.practice else []

    async def meet(self, identity: str) -> None:
        """Be seen by somebody, if they can be reached now: what waits for us comes then."""
        if self.host is None or self._letters is None:
            return
        try:
            peer_id, addresses = self._letters.whereabouts(identity)
            await self.host.send(peer_id, addresses, [], identity=identity)
        except P2PError as error:
            log.debug("nobody there: %s", error)

    def part(self, identity: str) -> None:
        """End what runs with somebody; they may come back at once."""
        if self.host is not None:
            for peer in self.host.peers:
                if peer.identity == identity:
                    self.host.disconnect(peer.peer_id)

    async def keep_talking(self) -> None:
        """Until cancelled: send texts that wait, to whoever can be reached."""
        while True:
            await self._send_texts()
            with trio.move_on_after(TEXTS_AGAIN_SECONDS):
                await self._talk.wait()
            self._talk = trio.Event()

    async def _send_texts(self) -> None:
        if self._letters is None:
            return
        with self._database.read() as session:
            waiting = texts.waiting_for(session)
        for other in waiting:
            try:
                await self._letters.send_texts(other)
            except P2PError as error:
                log.debug("texts wait: %s", error)
            else:
                self._changed()


def _is_free(port: int) -> bool:
    """Whether this port can be listened on, as far as can be told before trying."""
    for family, loopback in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            probe = socket.socket(family)
        except OSError:  # no such family here
            continue
        with probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((loopback, port))
            except OSError as error:
                if error.errno != errno.EADDRNOTAVAIL:
                    return False
    return True
