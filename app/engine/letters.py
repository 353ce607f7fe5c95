"""What this side sends: messages built from the folded order, or the subscription, when the outbox
runs them.

A message's id follows from thread, sender, kind and event number, so that a repeat after a crash
is recognised as one. The key's secret is opened here and nowhere else on its way out.
"""

from __future__ import annotations

import hashlib

from app.domain import events as ev
from app.domain.effects import Effect, SendMessage
from app.domain.order import Order
from app.domain.subscriptions import Subscription
from app.engine.identity import Identity
from app.engine.points import reached
from app.store import index, orders, peers, subscriptions, texts
from app.store.database import Database
from p2p import messages as m
from p2p.errors import Unreachable
from p2p.host import Host


def message_id(thread: str, sender: str, kind: str, seq: int) -> str:
    """32 hex characters, the same each time the same thing is said."""
    named = f"{thread}/{sender}/{kind}/{seq}".encode()
    return hashlib.sha256(named).hexdigest()[:32]


class Letters:
    """Runs `SendMessage` effects and sends waiting texts."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        host: Host,
    ) -> None:
        self._database = database
        self._identity = identity
        self._host = host

    async def send(self, thread: str, effect: Effect) -> None:
        """Returns once the other side has stored it. Raises Unreachable, PeerError, Later."""
        if not isinstance(effect, SendMessage):
            raise TypeError(effect)
        if effect.kind in ("subscription", "ending"):
            await self._send_subscription(thread, effect)
            return
        with self._database.read() as session:
            order = orders.load(session, thread)
            event = orders.event(session, thread, effect.seq)
            before = (orders.event(session, thread, number) for number in range(effect.seq + 1))
            rounds = sum(isinstance(earlier, ev.CounterMade) for earlier in before)
        if order is None or event is None:
            raise LookupError(thread)
        await self.deliver(order.other, self._write(order, event, effect, rounds))
        reached(f"{effect.kind}_sent")

    async def _send_subscription(self, thread: str, effect: SendMessage) -> None:
        with self._database.read() as session:
            said = subscriptions.load(session, thread)
        if said is None:
            raise LookupError(thread)
        message = subscription_message(said, effect, self._identity.address)
        await self.deliver(said.other, message)

    async def deliver(self, identity: str, message: m.Message) -> None:
        """To the peer that speaks for ``identity``, wherever it was last seen or says it is."""
        peer_id, addresses = self.whereabouts(identity)
        await self._host.send(peer_id, addresses, [message], identity=identity)

    def whereabouts(self, identity: str) -> tuple[str, tuple[str, ...]]:
        """Peer id and addresses of an identity. Raises Unreachable if nothing is known."""
        with self._database.read() as session:
            seen = peers.find(session, identity)
            profile = index.profile(session, identity)
        if profile is not None:
            extra = seen.addresses if seen is not None and seen.peer_id == profile.peer_id else ()
            return profile.peer_id, tuple(dict.fromkeys((*profile.addresses, *extra)))
        if seen is not None:
            return seen.peer_id, seen.addresses
        raise Unreachable("It has not said yet where it can be reached.")

    def seal_key(self, identity: str) -> bytes:
        """The X25519 public key of an identity. Raises Unreachable if it is not known."""
        with self._database.read() as session:
            profile = index.profile(session, identity)
            seen = peers.find(session, identity)
        if profile is not None:
            return profile.seal_key
        if seen is not None:
            return seen.seal_key
        raise Unreachable("It has not said yet where it can be reached.")

    async def send_texts(self, other: str) -> int:
        """The texts ``other`` has not stored yet, oldest first; how many it stored now."""
        with self._database.read() as session:
            waiting = texts.undelivered(session, other)
        for line in waiting:
            about = bytes.fromhex(line.dataset) if line.dataset else None
            text = m.Text(id=line.id, thread=line.thread, dataset=about, text=line.text)
            await self.deliver(other, text)
            with self._database.begin() as session:
                texts.mark_delivered(session, line.id)
        return len(waiting)

    def _write(self, order: Order, event: ev.Event, effect: SendMessage, rounds: int) -> m.Message:
        head = {
            "id": message_id(order.thread, self._identity.address, effect.kind, effect.seq),
            "thread": order.thread,
        }
        match effect.kind, event:
            case "request", ev.RequestMade(proposal=proposal):
                return m.Request(
                    **head,
                    dataset=event.dataset,
                    token=proposal.token,
                    price=proposal.price_units,
                    bond=proposal.bond_units,
                    window=proposal.window_seconds,
                    reveal_within=proposal.reveal_within_seconds,
                    expires=proposal.expires_at,
                    terms=proposal.terms,
                    mask_commit=event.mask_commit,
                    sealed_mask=event.sealed_mask,
                    note=proposal.note,
                )
            case "counter", ev.CounterMade(proposal=proposal):
                return m.Counter(
                    **head,
                    round=rounds,
                    price=proposal.price_units,
                    bond=proposal.bond_units,
                    window=proposal.window_seconds,
                    reveal_within=proposal.reveal_within_seconds,
                    expires=proposal.expires_at,
                    terms=proposal.terms,
                    note=proposal.note,
                )
            case "offer", ev.OfferSigned():
                return m.SignedOffer(**head, offer=event.offer, signature=event.signature)
            case "decline", ev.Declined():
                return m.Decline(**head, note=event.note)
            case "receipt", ev.ReceiptSigned():
                return m.DeliveryReceipt(
                    **head,
                    order=order.order_id,
                    root=event.delivery_root,
                    signature=event.signature,
                )
            case "key", ev.KeyGiven():
                secret = self._identity.unseal(event.sealed_key)
                return m.Key(**head, order=order.order_id, secret=secret)
            case "confirmation", ev.ConfirmationSigned():
                return m.SignedConfirmation(
                    **head,
                    order=order.order_id,
                    root=order.delivery_root,
                    scores=event.scores,
                    review=event.document,
                    signature=event.signature,
                )
        raise ValueError(f"event {effect.seq} of the order is not a {effect.kind}")


def subscription_message(said: Subscription, effect: SendMessage, sender: str) -> m.Message:
    """A proposal by its number, or our signature under the last one, which accepts it; or the
    ending."""
    head = {
        "id": message_id(said.thread, sender, effect.kind, effect.seq),
        "thread": said.thread,
    }
    if effect.kind == "subscription":
        accepts = effect.seq == len(said.proposals)
        proposed = said.proposals[-1 if accepts else effect.seq]
        return m.SignedSubscription(
            **head,
            subscription=proposed.value.to_json(),
            terms=proposed.terms,
            signature=said.answer if accepts else proposed.signature,
            note="" if accepts else proposed.note,
        )
    if said.ending is None:
        raise ValueError("the subscription has not ended")
    ending = said.ending
    return m.SubscriptionEnding(
        **head,
        subscription=ending.id,
        at=ending.at,
        signature=ending.signature,
        note=ending.note,
    )
