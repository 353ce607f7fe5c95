"""Where an order stands, in one word: the code of its chip and of "what you have to do now".

One function for list, page and Home, so that they never disagree. The codes are the keys of
`app.ui.phrases.orders`.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.order import Delivery, Order, Stage
from app.domain.snapshots.orders import Action, Tone
from app.engine.pauses import Mine
from app.store.entries import Entry
from p2p.errors import Why

NEEDS_YOU = frozenset(
    {
        *("answer", "sign", "pay", "check", "untrue", "rate", "fault_owner"),
        *("paused_late", "unplugged_late"),
    }
)
QUIET = frozenset(
    {
        "wait_check",
        "declined",
        "lapsed",
        "refunded",
        "dispute_won",
        "dispute_lost",
        "question",
        "paused",
        "unplugged",
        "queued",
        "other_paused",
        "other_queued",
        "wait_answer",
    }
)

_ACTIONS: dict[tuple[str, str], tuple[Action, ...]] = {
    ("owner", "answer"): ("sign", "counter", "decline"),
    ("owner", "sign"): ("sign", "counter", "decline"),
    ("owner", "wait_answer"): ("decline",),
    ("owner", "wait_payment"): (),
    ("owner", "subscribed"): ("decline",),
    ("owner", "lapsed"): ("counter", "decline"),
    ("owner", "deliver"): ("pause", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "unplugged"): ("pause", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "unplugged_late"): ("pause", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "queued"): ("deliver_next", "pause", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "other_paused"): ("pause", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "paused"): ("resume", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "paused_late"): ("resume", "save_parcel", "leave_parcel", "return_payment"),
    ("owner", "fault_owner"): ("return_payment",),
    ("buyer", "answer"): ("accept", "counter", "decline"),
    ("buyer", "wait_answer"): ("decline",),
    ("buyer", "pay"): ("pay", "decline"),
    ("buyer", "subscribed"): ("decline",),
    ("buyer", "lapsed"): ("counter", "decline"),
    ("buyer", "receive"): ("pause", "open_parcel"),
    ("buyer", "wait_peer"): ("pause", "open_parcel"),
    ("buyer", "unplugged"): ("pause", "open_parcel"),
    ("buyer", "unplugged_late"): ("pause", "open_parcel"),
    ("buyer", "queued"): ("deliver_next", "pause", "open_parcel"),
    ("buyer", "other_paused"): ("pause", "open_parcel"),
    ("buyer", "other_queued"): ("pause", "open_parcel"),
    ("buyer", "paused"): ("resume", "open_parcel"),
    ("buyer", "paused_late"): ("resume", "open_parcel"),
    ("buyer", "wait_key"): ("let_watch",),
    ("buyer", "faulty"): ("let_watch",),
    ("buyer", "check"): ("confirm", "report"),
    ("buyer", "untrue"): ("confirm", "report"),
    ("buyer", "rate"): ("rate",),
}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else than the order itself decides: record entries under way, the transfer."""

    entries: tuple[Entry, ...]
    paused: Mine
    pressing: bool  # what this side paused must go on soon, or the payment goes back
    other: Why | None  # why the other side has put the delivery off
    unreachable: bool
    place: int  # among those that wait for their turn, 0 if it does not wait
    agreed: bool  # the buyer's last proposal repeats the owner's
    late: bool  # block time is past the order's deadline
    leaves: bool = False  # a relay of ours would keep a parcel
    subscribed: bool = False  # its conditions are those of a subscription
    by_itself: bool = False  # and the app signs or pays without a click

    def running(self, what: str) -> Entry | None:
        """The entry of this kind that is on its way, or recorded and not yet taken in."""
        for entry in reversed(self.entries):
            if entry.what == what:
                return None if entry.state == "failed" else entry
        return None


def status(order: Order, around: Circumstances) -> str:
    """The code of where ``order`` stands for the side whose app this is."""
    match order.stage:
        case Stage.REQUESTED | Stage.COUNTERED:
            if order.proposed_by == order.role:
                return "wait_answer"
            if around.by_itself:
                return "subscribed"
            return "sign" if order.role == "owner" and around.agreed else "answer"
        case Stage.OFFERED:
            return "wait_payment" if order.role == "owner" else _paying(around)
        case Stage.FUNDED | Stage.REVEALED:
            if around.running("refund"):
                return "refunding"
            if order.confirmation:
                return "confirming"
            return _selling(order, around) if order.role == "owner" else _buying(order, around)
        case Stage.PAID:
            if order.role == "owner":
                return "paid"
            return "confirming" if order.confirmation else "rate"
        case Stage.PAID_RATED:
            return "done"
        case Stage.REFUNDED:
            return _returned(order)
        case Stage.DECLINED:
            return "declined"
    return "lapsed"


def _paying(around: Circumstances) -> str:
    fund = around.running("fund")
    if fund is None:
        return "subscribed" if around.by_itself else "pay"
    return "wait_final" if fund.state in ("recorded", "final") else "paying"


def _selling(order: Order, around: Circumstances) -> str:
    if order.delivery in (Delivery.RECEIPTED, Delivery.KEYED):
        return "releasing" if order.stage == Stage.REVEALED and around.late else "wait_check"
    return _standing(around) or "deliver"


def _standing(around: Circumstances) -> str:
    """Who has put the delivery off and why, "" if nobody has."""
    if around.paused:
        code = "unplugged" if around.paused == "battery" else "paused"
        return f"{code}_late" if around.pressing else code
    if around.other:
        return f"other_{around.other}"
    return "queued" if around.place else ""


def _buying(order: Order, around: Circumstances) -> str:
    match order.delivery:
        case Delivery.AWAITED:
            return _standing(around) or ("wait_peer" if around.unreachable else "receive")
        case Delivery.RECEIVED | Delivery.RECEIPTED:
            return "wait_key"
        case Delivery.KEYED:
            return "checking"
        case Delivery.CHECKED:
            return "check"
    if order.has_untrue_statement:
        return "untrue"
    return "complaining" if order.stage == Stage.REVEALED else "faulty"


def _returned(order: Order) -> str:
    if order.ending != "complaint":
        return "refunded"
    return "dispute_won" if order.role == "buyer" else "dispute_lost"


def actions(order: Order, code: str, around: Circumstances) -> tuple[Action, ...]:
    """The buttons that work now."""
    found = _ACTIONS.get((order.role, code), ())
    if around.paused == "all":  # one alone cannot go on
        found = tuple("resume_all" if one == "resume" else one for one in found)
    useless = {
        "let_watch": not order.receipt,
        "deliver_next": around.place == 1,
        "leave_parcel": not around.leaves,
        "counter": around.subscribed and code != "lapsed",  # what is agreed is not proposed anew
    }
    return tuple(one for one in found if not useless.get(one))


def tone(code: str) -> Tone:
    if code in NEEDS_YOU:
        return "warn"
    return "quiet" if code in QUIET else "accent"
