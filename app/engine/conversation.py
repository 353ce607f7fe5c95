"""What the other side says, judged before it becomes an event.

A message is answered "stored" only after this has returned: then its event, or its text, is in the
journal. What breaks the protocol is a `PeerError` whose reason the peer is told. A duplicate is
answered like the first time, since its sender may not have heard the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.domain import events as ev
from app.domain.deadlines import lapsed
from app.domain.errors import IllegalTransitionError, RuleError
from app.domain.events import Proposal
from app.domain.order import ENDED, NEGOTIATING, Order
from app.domain.terms import choice_of, subscription_of
from app.engine import subscribed
from app.engine.identity import Identity
from app.engine.journal import Journal
from app.engine.ledger import Ledger
from app.engine.points import reached
from app.store import datasets, index, orders, private, reviews, texts
from app.store.database import Database
from chain import agreement
from chain.agreement import Confirmation, Offer, Receipt
from chain.errors import InvalidSignature
from p2p import messages as m
from p2p.errors import PeerError, Unreachable
from p2p.host import Peer

OwnRoot = Callable[[Order], bytes | None]
"""The delivery root of what this owner sent for an order, None while it has not sent it all."""

LONGEST_OFFER_SECONDS = 90 * 86_400
_AFTER_PAYMENT = (m.DeliveryReceipt, m.Key, m.SignedConfirmation)
"""What each side says only once the payment is final. The two see that at different moments, and a
reorganisation can take it back: until it is final here too, the answer is "later"."""
_WORDS = (m.Request, m.Text, m.Counter, m.SignedOffer, m.SignedSubscription)
"""What is not taken from who is blocked. What follows a payment is: money depends on it."""
_AFTER_LAPSE = (m.Counter, m.SignedOffer)
"""What may follow an offer that was not paid in time. The two see that at different moments too,
and a payment on its way here can still keep the offer alive."""


class Conversation:
    """Takes messages of checked peers into the journal."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        ledger: Ledger,
        identity: Identity,
        own_root: OwnRoot,
        on_text: Callable[[str], None],
        on_subscription: Callable[[str, m.SignedSubscription | m.SubscriptionEnding], None],
    ) -> None:
        self._database = database
        self._journal = journal
        self._ledger = ledger
        self._identity = identity
        self._own_root = own_root
        self._on_text = on_text
        self._on_subscription = on_subscription

    async def received(self, peer: Peer, message: m.Message) -> None:
        """Store what ``peer`` says. Raises PeerError with the reason it is refused, and
        Unreachable while nothing can be judged: refusals are for good."""
        if self._ledger.head is None:
            raise Unreachable("The record could not be read here yet.")
        try:
            self._judge(peer, message)
        except (IllegalTransitionError, RuleError) as error:
            raise PeerError(str(error)) from error
        except (InvalidSignature, ValueError) as error:
            raise PeerError(f"The {message.TYPE} does not hold: {error}") from error
        reached(f"{message.TYPE}_stored")

    def _judge(self, peer: Peer, message: m.Message) -> None:
        with self._database.read() as session:
            if isinstance(message, _WORDS) and private.is_blocked(session, peer.identity):
                raise PeerError("Messages from you are not taken here.")
        match message:
            case m.Request():
                self._request(peer, message)
            case m.Text():
                self._text(peer, message)
            case m.SignedSubscription() | m.SubscriptionEnding():
                self._on_subscription(peer.identity, message)
            case _:
                order = self._order(peer, message.thread)
                if isinstance(message, _AFTER_PAYMENT) and order.stage in NEGOTIATING:
                    raise Unreachable("The payment is not final here yet.")
                if isinstance(message, _AFTER_LAPSE) and lapsed(order, self._ledger.now):
                    raise Unreachable("The offer before this has not lapsed here yet.")
                self._about(peer, order, message)

    def _order(self, peer: Peer, thread: str) -> Order:
        with self._database.read() as session:
            order = orders.load(session, thread)
        if order is None or order.other != peer.identity:
            raise PeerError("There is no such order between us.")
        return order

    def _about(self, peer: Peer, order: Order, message: m.Message) -> None:
        now = self._ledger.now
        match message:
            case m.Counter():
                by: ev.Side = "buyer" if order.role == "owner" else "owner"
                if subscription_of(message.terms) != subscription_of(order.proposal.terms):
                    raise PeerError("The counter-offer is for another subscription.")
                proposal = self._proposal(peer, message, order.proposal.token, order.dataset)
                self._journal.record(order.thread, ev.CounterMade(now, by, proposal), message.id)
            case m.SignedOffer():
                self._offer(order, message)
            case m.Decline():
                by = "buyer" if order.role == "owner" else "owner"
                if order.stage not in ENDED:
                    self._journal.record(
                        order.thread, ev.Declined(now, by, message.note), message.id
                    )
            case m.DeliveryReceipt():
                self._receipt(order, message)
            case m.Key():
                self._key(order, message)
            case m.SignedConfirmation():
                self._confirmation(order, message)

    # each kind

    def _request(self, peer: Peer, message: m.Request) -> None:
        with self._database.read() as session:
            registered = index.registration(session, message.dataset)
            own = datasets.by_dataset_id(session, message.dataset)
            known = orders.load(session, message.thread)
        me = self._identity.address
        if known is not None:
            if known.other == peer.identity and known.mask_commit == message.mask_commit:
                return
            raise PeerError("This negotiation exists already.")
        if registered is None and own is not None:
            raise Unreachable("The dataset's registration has not been read here yet.")
        if registered is None or registered.title_holder != me or own is None:
            raise PeerError("This dataset is not mine to sell.")
        if registered.withdrawn:
            raise PeerError("This dataset is no longer for sale.")
        if peer.identity == me:
            raise PeerError("An owner cannot buy from itself.")
        self._check_mask(message)
        proposal = self._proposal(peer, message, message.token, message.dataset)
        self._journal.begin(
            message.thread,
            "owner",
            ev.RequestMade(
                at=self._ledger.now,
                owner=me,
                buyer=peer.identity,
                dataset=message.dataset,
                records=registered.records,
                proposal=proposal,
                mask_commit=message.mask_commit,
                sealed_mask=message.sealed_mask,
                buyer_nonce=None,
            ),
            message.id,
        )

    def _check_mask(self, message: m.Request) -> None:
        mask = self._identity.wallet.open_sealed(message.sealed_mask)
        if agreement.mask_commit(mask) != message.mask_commit:
            raise PeerError("The buyer's secret does not fit its commitment.")

    def _proposal(
        self, peer: Peer, message: m.Request | m.Counter, token: str, dataset: bytes
    ) -> Proposal:
        """The proposal in a message, within what the contract and this client take, and what a
        subscription agreed."""
        network = self._ledger.network
        choice_of(message.terms, dataset.hex())
        if network.token(token) is None:
            raise PeerError("The currency is not one of this network's.")
        if message.price <= 0:
            raise PeerError("The price must be more than zero.")
        self._check_times(message)
        proposal = Proposal(
            token=token,
            price_units=message.price,
            bond_units=message.bond,
            window_seconds=message.window,
            reveal_within_seconds=message.reveal_within,
            expires_at=message.expires,
            terms=message.terms,
            note=message.note,
        )
        with self._database.read() as session:
            subscribed.check(session, peer.identity, dataset, proposal, message.thread)
        return proposal

    def _check_times(self, said: m.Request | m.Counter | Offer) -> None:
        network, now = self._ledger.network, self._ledger.now
        if said.window < network.min_window or said.reveal_within < network.min_reveal_within:
            raise PeerError("The time to check or to reveal is shorter than the contract takes.")
        limit = agreement.MAX_WAIT_SECONDS
        if said.window > limit or said.reveal_within > limit:
            raise PeerError("The time to check or to reveal is longer than 30 days.")
        if not now < said.expires <= now + LONGEST_OFFER_SECONDS:
            raise PeerError("The proposal has expired, or expires in more than 90 days.")

    def _offer(self, order: Order, message: m.SignedOffer) -> None:
        if order.role != "buyer":
            raise PeerError("Only the owner signs an offer.")
        offer = Offer.from_json(message.offer)
        signer = agreement.recover(self._identity.exchange, offer, message.signature)
        order_id = agreement.order_id(self._identity.exchange, offer)
        if order.order_id == order_id:
            return
        expected = {
            "signed by the owner": signer == order.owner == offer.owner,
            "for this buyer": offer.buyer == self._identity.address,
            "about this dataset": (offer.dataset, offer.records) == (order.dataset, order.records),
            "with the buyer's commitment": offer.mask_commit == order.mask_commit,
            "in the agreed currency": offer.token == order.proposal.token,
        }
        for what, true in expected.items():
            if not true:
                raise PeerError(f"The offer is not {what}.")
        self._check_times(offer)
        with self._database.read() as session:
            if orders.seen_key_commit(session, offer.key_commit):
                raise PeerError("The owner used the same key commitment before.")
            proposals = _proposals(orders.events(session, order.thread))
        terms = _terms_with(proposals, offer.terms)
        if terms is None:
            raise PeerError("The offer's licence terms are not ones that were negotiated.")
        if not any(_agreed(offer, proposal) for proposal in proposals):
            raise PeerError("The offer is not one of the proposals that were negotiated.")
        self._journal.record(
            order.thread,
            ev.OfferSigned(
                at=self._ledger.now,
                offer=offer.to_json(),
                signature=message.signature,
                order_id=order_id,
                proposal=proposal_of(offer, terms, ""),
            ),
            message.id,
        )

    def _receipt(self, order: Order, message: m.DeliveryReceipt) -> None:
        if order.role != "owner" or message.order != order.order_id:
            raise PeerError("The receipt is not for an order of yours.")
        if order.receipt:
            if order.receipt == message.signature:
                return
            raise PeerError("There is a receipt for this order already.")
        receipt = Receipt(message.order, message.root)
        signer = agreement.recover(self._identity.exchange, receipt, message.signature)
        if signer != order.buyer:
            raise PeerError("The receipt is not signed by the buyer.")
        if message.root != self._own_root(order):
            raise PeerError("The receipt is for other data than was sent.")
        if order.stage in ENDED:
            return  # too late to matter: the payment went back
        self._journal.record(
            order.thread,
            ev.ReceiptSigned(self._ledger.now, message.root, message.signature),
            message.id,
        )

    def _key(self, order: Order, message: m.Key) -> None:
        if order.role != "buyer" or order.offer is None or message.order != order.order_id:
            raise PeerError("The key is not for an order of mine.")
        if order.sealed_key or order.revealed or order.stage in ENDED:
            return  # it is here or on record already, or comes too late to matter
        offer = Offer.from_json(order.offer)
        if agreement.key_commit(message.secret) != offer.key_commit:
            raise PeerError("The key is not the one the offer committed to.")
        sealed = self._identity.seal(message.secret)
        self._journal.record(order.thread, ev.KeyGiven(self._ledger.now, sealed), message.id)

    def _confirmation(self, order: Order, message: m.SignedConfirmation) -> None:
        if order.role != "owner" or message.order != order.order_id:
            raise PeerError("The confirmation is not for an order of yours.")
        if order.confirmation:
            return
        review = agreement.review_hash(message.review)
        confirmation = Confirmation(message.order, message.root, message.scores, review)
        signer = agreement.recover(self._identity.exchange, confirmation, message.signature)
        if signer != order.buyer or message.root != order.delivery_root:
            raise PeerError("The confirmation is not the buyer's, or not for what was delivered.")
        with self._database.begin() as session:
            reviews.keep(session, review, message.review)
        if order.stage in ENDED:
            return  # it is on record already; the review's words were what was missing here
        self._journal.record(
            order.thread,
            ev.ConfirmationSigned(
                at=self._ledger.now,
                scores=message.scores,
                document=message.review,
                review=review,
                signature=message.signature,
            ),
            message.id,
        )

    def _text(self, peer: Peer, message: m.Text) -> None:
        with self._database.begin() as session:
            order = orders.load(session, message.thread)
            lines = texts.for_thread(session, message.thread)
            others = {order.other} if order else {line.other for line in lines[:1]}
            if others - {peer.identity}:
                raise PeerError("You are not part of this conversation.")
            texts.add(
                session,
                id=message.id,
                thread=message.thread,
                dataset=message.dataset.hex() if message.dataset else "",
                other=peer.identity,
                mine=False,
                at=int(time.time()),
                text=message.text,
            )
        self._on_text(message.thread)


def proposal_of(offer: Offer, terms: dict[str, Any], note: str) -> Proposal:
    """The proposal a signed offer makes binding."""
    return Proposal(
        token=offer.token,
        price_units=offer.price,
        bond_units=offer.bond,
        window_seconds=offer.window,
        reveal_within_seconds=offer.reveal_within,
        expires_at=offer.expires,
        terms=terms,
        note=note,
    )


def _proposals(events: tuple[ev.Event, ...]) -> list[Proposal]:
    """What was proposed in a negotiation by either side, the newest first."""
    found = (getattr(event, "proposal", None) for event in reversed(events))
    return [proposal for proposal in found if proposal is not None]


def _terms_with(proposals: list[Proposal], digest: bytes) -> dict[str, Any] | None:
    """The terms document with this hash among what was proposed."""
    terms = (proposal.terms for proposal in proposals)
    return next((one for one in terms if agreement.terms_hash(one) == digest), None)


def _agreed(offer: Offer, proposal: Proposal) -> bool:
    """Whether the Offer makes this proposal binding. The bond is the owner's to choose: the buyer
    sees it before it pays."""
    binding = proposal_of(offer, proposal.terms, proposal.note)
    same = replace(binding, bond_units=proposal.bond_units) == proposal
    return same and agreement.terms_hash(proposal.terms) == offer.terms
