"""The life of an order, as one table for both roles.

An order is the fold of its events. Two small machines run side by side in it:

* the *stage* is what was agreed and what the contract says about the money. It moves on messages
  until the payment is held, and from then on only on final chain events;
* the *delivery* is what happened to the data between the two computers.

A pair that is not in its table is illegal: it is refused, and nothing changes. ``FUNDED`` and the
endings can follow from more places than an honest program would bring them from (a payment made
from another device, an offer declined after it was signed), because the chain is what is true.

`advance` answers with the effects an event makes necessary; `due` with those that time makes
necessary. Neither knows a clock, a socket or a key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.domain import effects as fx
from app.domain import events as ev
from app.domain.errors import IllegalTransitionError
from app.domain.events import Event, Proposal, Side


class Stage(StrEnum):
    REQUESTED = "requested"
    COUNTERED = "countered"
    OFFERED = "offered"
    LAPSED = "lapsed"
    DECLINED = "declined"
    FUNDED = "funded"
    REVEALED = "revealed"
    PAID = "paid"
    PAID_RATED = "paid_rated"
    REFUNDED = "refunded"


class Delivery(StrEnum):
    AWAITED = "awaited"
    RECEIVED = "received"
    RECEIPTED = "receipted"
    KEYED = "keyed"
    CHECKED = "checked"
    FAULTY = "faulty"


TRANSITIONS: dict[tuple[Stage, type], Stage] = {
    (Stage.REQUESTED, ev.CounterMade): Stage.COUNTERED,
    (Stage.COUNTERED, ev.CounterMade): Stage.COUNTERED,
    (Stage.LAPSED, ev.CounterMade): Stage.COUNTERED,
    (Stage.REQUESTED, ev.OfferSigned): Stage.OFFERED,
    (Stage.COUNTERED, ev.OfferSigned): Stage.OFFERED,
    (Stage.LAPSED, ev.OfferSigned): Stage.OFFERED,
    (Stage.REQUESTED, ev.Declined): Stage.DECLINED,
    (Stage.COUNTERED, ev.Declined): Stage.DECLINED,
    (Stage.OFFERED, ev.Declined): Stage.DECLINED,
    (Stage.LAPSED, ev.Declined): Stage.DECLINED,
    (Stage.OFFERED, ev.ManifestChecked): Stage.OFFERED,
    (Stage.OFFERED, ev.OfferLapsed): Stage.LAPSED,
    (Stage.OFFERED, ev.Funded): Stage.FUNDED,
    (Stage.LAPSED, ev.Funded): Stage.FUNDED,
    (Stage.DECLINED, ev.Funded): Stage.FUNDED,
    (Stage.COUNTERED, ev.Funded): Stage.FUNDED,
    (Stage.FUNDED, ev.ConfirmationSigned): Stage.FUNDED,
    (Stage.REVEALED, ev.ConfirmationSigned): Stage.REVEALED,
    (Stage.PAID, ev.ConfirmationSigned): Stage.PAID,
    (Stage.FUNDED, ev.Revealed): Stage.REVEALED,
    (Stage.FUNDED, ev.Confirmed): Stage.PAID_RATED,
    (Stage.REVEALED, ev.Confirmed): Stage.PAID_RATED,
    (Stage.REVEALED, ev.Accepted): Stage.PAID,
    (Stage.PAID, ev.Rated): Stage.PAID_RATED,
    (Stage.FUNDED, ev.Refunded): Stage.REFUNDED,
}

DELIVERIES: dict[tuple[Delivery, type], Delivery] = {
    (Delivery.AWAITED, ev.ContentReceived): Delivery.RECEIVED,
    (Delivery.AWAITED, ev.ReceiptSigned): Delivery.RECEIPTED,
    (Delivery.RECEIVED, ev.ReceiptSigned): Delivery.RECEIPTED,
    (Delivery.RECEIPTED, ev.KeyGiven): Delivery.KEYED,
    (Delivery.RECEIPTED, ev.Revealed): Delivery.KEYED,
    (Delivery.KEYED, ev.Revealed): Delivery.KEYED,
    (Delivery.CHECKED, ev.Revealed): Delivery.CHECKED,
    (Delivery.FAULTY, ev.Revealed): Delivery.KEYED,
    (Delivery.KEYED, ev.ContentChecked): Delivery.CHECKED,
    (Delivery.KEYED, ev.RecordFailed): Delivery.FAULTY,
}

NEGOTIATING = (Stage.REQUESTED, Stage.COUNTERED, Stage.OFFERED, Stage.LAPSED)
RUNNING = (Stage.FUNDED, Stage.REVEALED)
ENDED = (Stage.DECLINED, Stage.PAID, Stage.PAID_RATED, Stage.REFUNDED)


@dataclass(frozen=True, slots=True)
class Order:
    """The folded state. ``number`` counts the events; ``offer`` is the signed Offer as JSON."""

    thread: str
    role: Side
    number: int
    stage: Stage
    delivery: Delivery
    owner: str
    buyer: str
    dataset: bytes
    records: int
    proposal: Proposal
    proposed_by: Side
    mask_commit: bytes
    sealed_mask: bytes
    buyer_nonce: int | None
    made_at: int
    changed_at: int
    offer: dict[str, Any] | None = None
    signature: bytes = b""
    order_id: bytes = b""
    funded_at: int | None = None
    deadline: int | None = None
    delivery_root: bytes = b""
    receipt: bytes = b""
    sealed_key: bytes = b""
    revealed: bytes = b""  # the secret, once it is public
    folder: str = ""
    fault: str = ""
    problem: str = ""
    scores: bytes = b""
    manifest_files: int = 0  # of the manifest the buyer checked, 0 until then
    confirmation: bytes = b""
    confirmation_at: int | None = None
    review: bytes = b""
    ended_at: int | None = None

    @property
    def other(self) -> str:
        """The other side's address."""
        return self.buyer if self.role == "owner" else self.owner


def open_order(
    thread: str, role: Side, event: ev.RequestMade
) -> tuple[Order, tuple[fx.Effect, ...]]:
    """The order that a request begins, and what follows from it for ``role``."""
    order = Order(
        thread=thread,
        role=role,
        number=1,
        stage=Stage.REQUESTED,
        delivery=Delivery.AWAITED,
        owner=event.owner,
        buyer=event.buyer,
        dataset=event.dataset,
        records=event.records,
        proposal=event.proposal,
        proposed_by="buyer",
        mask_commit=event.mask_commit,
        sealed_mask=event.sealed_mask,
        buyer_nonce=event.buyer_nonce,
        made_at=event.at,
        changed_at=event.at,
    )
    return order, (fx.SendMessage("request", 0),) if role == "buyer" else ()


def advance(order: Order, event: Event) -> tuple[Order, tuple[fx.Effect, ...]]:
    """The order after ``event`` and the effects it asks for.

    Raises:
        IllegalTransitionError: neither machine has a place for the event; nothing changed.
    """
    kind = type(event)
    stage = TRANSITIONS.get((order.stage, kind))
    delivery = DELIVERIES.get((order.delivery, kind)) if order.stage in _WITH_DATA else None
    if stage is None and delivery is None and not _noted(order, event):
        raise IllegalTransitionError(f"{order.stage}, data {order.delivery}", kind.__name__)
    moved = replace(
        order,
        number=order.number + 1,
        stage=stage or order.stage,
        delivery=delivery or order.delivery,
        changed_at=event.at,
        **_facts(event),
    )
    return moved, _effects(moved, event, order.number)


def fold(thread: str, role: Side, events: tuple[Event, ...]) -> Order:
    """The order as its events make it; events a reorganisation left without footing are passed
    over, exactly as `advance` refused them when they came first."""
    first, *rest = events
    if not isinstance(first, ev.RequestMade):
        raise IllegalTransitionError("not begun", type(first).__name__)
    order, _ = open_order(thread, role, first)
    for event in rest:
        try:
            order, _ = advance(order, event)
        except IllegalTransitionError:
            order = replace(order, number=order.number + 1)
    return order


_WITH_DATA = (Stage.FUNDED, Stage.REVEALED, Stage.PAID, Stage.PAID_RATED)


def _noted(order: Order, event: Event) -> bool:
    return isinstance(event, ev.ProblemReported) and order.stage in _WITH_DATA


def _facts(event: Event) -> dict[str, Any]:
    """The fields of `Order` that the event sets."""
    match event:
        case ev.CounterMade(by=by, proposal=proposal):
            return {"proposal": proposal, "proposed_by": by}
        case ev.OfferSigned():
            return {
                "offer": event.offer,
                "signature": event.signature,
                "order_id": event.order_id,
                "proposal": event.proposal,
                "proposed_by": "owner",
                "manifest_files": 0,
            }
        case ev.ManifestChecked():
            return {"manifest_files": event.files}
        case ev.Declined():
            return {"ended_at": event.at}
        case ev.Funded():
            return {"funded_at": event.at, "deadline": event.deadline, "ended_at": None}
        case ev.Revealed():
            return {"revealed": event.secret, "deadline": event.deadline}
        case ev.Confirmed() | ev.Rated():
            return {"scores": event.scores, "ended_at": event.at}
        case ev.Accepted() | ev.Refunded():
            return {"ended_at": event.at}
        case ev.ContentReceived():
            return {"delivery_root": event.delivery_root}
        case ev.ReceiptSigned():
            return {"delivery_root": event.delivery_root, "receipt": event.signature}
        case ev.KeyGiven():
            return {"sealed_key": event.sealed_key}
        case ev.ContentChecked():
            return {"folder": event.folder}
        case ev.RecordFailed():
            return {"fault": event.reason}
        case ev.ConfirmationSigned():
            return {
                "confirmation": event.signature,
                "confirmation_at": event.at,
                "scores": event.scores,
                "review": event.review,
            }
        case ev.ProblemReported():
            return {"problem": event.words}
    return {}


def _effects(order: Order, event: Event, seq: int) -> tuple[fx.Effect, ...]:
    buyer = order.role == "buyer"
    match event:
        case ev.CounterMade(by=by):
            return (fx.SendMessage("counter", seq),) if by == order.role else ()
        case ev.OfferSigned():
            return (fx.FetchManifest(seq),) if buyer else (fx.SendMessage("offer", seq),)
        case ev.Declined(by=by):
            return (fx.SendMessage("decline", seq),) if by == order.role else ()
        case ev.Funded():
            return (fx.FetchContent(seq),) if buyer else ()
        case ev.ContentReceived():
            return (fx.SignReceipt(seq),) if buyer else ()
        case ev.ReceiptSigned():
            return (fx.SendMessage("receipt", seq),) if buyer else (fx.GiveKey(seq),)
        case ev.KeyGiven():
            return (fx.CheckContent(seq),) if buyer else (fx.SendMessage("key", seq),)
        case ev.Revealed():
            keyed = order.delivery == Delivery.KEYED
            return (fx.CheckContent(seq),) if buyer and keyed else ()
        case ev.ConfirmationSigned() if buyer:
            kind: fx.EntryKind = "rate" if order.stage == Stage.PAID else "confirm"
            return fx.SendMessage("confirmation", seq), fx.RecordEntry(kind, seq)
    return ()


def margin_seconds(reveal_within_seconds: int, practice: bool) -> int:
    """How long before the deadline the owner reveals and stops giving keys away for the first
    time (PROTOCOL: max(30 min, a quarter of the time to reveal); a quarter on practice)."""
    quarter = reveal_within_seconds // 4
    return quarter if practice else max(1800, quarter)


def carry_after_seconds(practice: bool) -> int:
    """How long the owner waits for the buyer's own record entry before it carries the buyer's
    Confirmation (and the fee) itself."""
    return 30 if practice else 1800


def due(order: Order, now: int, practice: bool) -> tuple[fx.EntryKind, ...]:
    """The record entries that block time ``now`` makes necessary; none twice at once is the
    caller's part, since only the journal knows what is already on its way."""
    if order.stage not in RUNNING or order.deadline is None:
        return ()
    owner = order.role == "owner"
    late = now > order.deadline
    entries: list[fx.EntryKind] = []
    if owner and order.confirmation_at is not None:
        if now >= order.confirmation_at + carry_after_seconds(practice):
            entries.append("confirm")
    elif order.stage == Stage.REVEALED and owner and late:
        entries.append("accept")
    if order.stage == Stage.FUNDED:
        margin = margin_seconds(order.proposal.reveal_within_seconds, practice)
        if owner and order.receipt and not late and now >= order.deadline - margin:
            entries.append("reveal")
        if late and (not owner or order.proposal.bond_units > 0):
            entries.append("refund")
    return tuple(entries)


def lapsed(order: Order, now: int) -> bool:
    """Whether the signed offer can no longer be paid."""
    return order.stage == Stage.OFFERED and now > order.proposal.expires_at


def may_give_key(order: Order, now: int, practice: bool) -> bool:
    """Whether the owner may still give the key away for the first time: there is time left to
    publish it if the buyer goes silent."""
    if order.stage != Stage.FUNDED or order.deadline is None:
        return False
    return now < order.deadline - margin_seconds(order.proposal.reveal_within_seconds, practice)


def may_send_key(order: Order, now: int, practice: bool) -> bool:
    """Whether a key that was given in the journal may go out. Nobody knows whether it arrived
    before: it is paid for or public, or this counts as the first time."""
    paid = order.stage in (Stage.REVEALED, Stage.PAID, Stage.PAID_RATED)
    return paid or may_give_key(order, now, practice)
