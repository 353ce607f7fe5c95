"""The life of an order, as one table for both roles.

An order is the fold of its events. Two small machines run side by side in it:

* the *stage* is what was agreed and what the contract says about the money. It moves on messages
  until the payment is held, and from then on only on final chain events;
* the *delivery* is what happened to the data between the two computers.

A pair that is not in its table is illegal: it is refused, and nothing changes. ``FUNDED`` and the
endings can follow from more places than an honest program would bring them from (a payment made
from another device, an offer declined after it was signed), because the chain is what is true.

`advance` answers with the effects an event makes necessary; `app.domain.deadlines` with those that
time makes necessary. Neither knows a clock, a socket or a key.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Literal

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


Ending = Literal["", "accepted", "window", "returned", "unrevealed", "complaint"]
"""What decided about the money: the buyer's confirmation, the end of the time to check, the owner,
the end of the time for a reveal, a record that was proven wrong."""


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
    (Stage.FUNDED, ev.Acknowledged): Stage.FUNDED,
    (Stage.FUNDED, ev.Revealed): Stage.REVEALED,
    (Stage.FUNDED, ev.Confirmed): Stage.PAID_RATED,
    (Stage.REVEALED, ev.Confirmed): Stage.PAID_RATED,
    (Stage.REVEALED, ev.Accepted): Stage.PAID,
    (Stage.PAID, ev.Rated): Stage.PAID_RATED,
    (Stage.FUNDED, ev.Refunded): Stage.REFUNDED,
    (Stage.REVEALED, ev.Complained): Stage.REFUNDED,
}

DELIVERIES: dict[tuple[Delivery, type], Delivery] = {
    (Delivery.AWAITED, ev.ContentReceived): Delivery.RECEIVED,
    (Delivery.AWAITED, ev.ReceiptSigned): Delivery.RECEIPTED,
    (Delivery.RECEIVED, ev.ReceiptSigned): Delivery.RECEIPTED,
    (Delivery.RECEIPTED, ev.KeyGiven): Delivery.KEYED,
    (Delivery.RECEIPTED, ev.Revealed): Delivery.KEYED,
    (Delivery.KEYED, ev.Revealed): Delivery.KEYED,
    (Delivery.CHECKED, ev.Revealed): Delivery.CHECKED,
    (Delivery.FAULTY, ev.Revealed): Delivery.FAULTY,
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
    fault_index: int | None = None  # of the wrong record; -1 if only a statement is untrue
    problem: str = ""
    scores: bytes = b""
    manifest_files: int = 0  # of the manifest the buyer checked, 0 until then
    confirmation: bytes = b""
    confirmation_at: int | None = None
    review: bytes = b""
    ended_at: int | None = None
    ending: Ending = ""
    wrong_record: int | None = None  # the one that decided a complaint

    @property
    def has_wrong_record(self) -> bool:
        """Whether a complaint can be made: the buyer holds a record that was never registered."""
        return self.fault_index is not None and self.fault_index >= 0

    @property
    def has_untrue_statement(self) -> bool:
        """Whether all records are the registered ones, but something said about them is untrue."""
        return self.fault_index == -1

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
    delivery = DELIVERIES.get((order.delivery, kind)) if _moves_data(order.stage, kind) else None
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
_FOUND_LATE = (ev.ContentChecked, ev.RecordFailed)
"""A check that was running when the payment went back still has a result."""


def _moves_data(stage: Stage, kind: type) -> bool:
    return stage in _WITH_DATA or (stage == Stage.REFUNDED and kind in _FOUND_LATE)


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
            return {
                "funded_at": event.at,
                "deadline": event.deadline,
                "ended_at": None,
                "ending": "",
            }
        case ev.Revealed():
            return {"revealed": event.secret, "deadline": event.deadline}
        case ev.Confirmed():
            return {"scores": event.scores, "ended_at": event.at, "ending": "accepted"}
        case ev.Rated():
            return {"scores": event.scores, "ended_at": event.at}
        case ev.Accepted():
            return {"ended_at": event.at, "ending": "window"}
        case ev.Refunded(by_owner=by_owner):
            return {"ended_at": event.at, "ending": "returned" if by_owner else "unrevealed"}
        case ev.Complained(index=index):
            return {"ended_at": event.at, "ending": "complaint", "wrong_record": index}
        case ev.ContentReceived():
            return {"delivery_root": event.delivery_root}
        case ev.ReceiptSigned():
            return {"delivery_root": event.delivery_root, "receipt": event.signature}
        case ev.KeyGiven():
            return {"sealed_key": event.sealed_key}
        case ev.ContentChecked():
            return {"folder": event.folder}
        case ev.RecordFailed():
            fault = {"fault": event.reason, "fault_index": event.index}
            return fault | ({"folder": event.folder} if event.folder else {})
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
