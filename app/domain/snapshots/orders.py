"""Orders: the list and the one that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.domain.snapshots.datasets import Comparison, Newer, Progress
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.people import Person
from app.domain.terms import TermsChoice

Step = Literal["request", "agreed", "held", "delivering", "checked", "paid"]
Tone = Literal["accent", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class OrderRow:
    order: str
    title: str
    other: str
    price: Amount
    status: str  # code of the chip's words in `app.ui.phrases`, e.g. "order.delivering"
    tone: Tone
    done: float | None  # progress of the delivery, 0…1
    needs_you: bool
    finished: bool
    rating: int | None = None  # overall, 1 to 5, once rated


@dataclass(frozen=True, slots=True)
class OrdersSnapshot:
    rows: tuple[OrderRow, ...] = ()
    loaded: bool = True


@dataclass(frozen=True, slots=True)
class StepState:
    step: Step
    state: Literal["done", "now", "to_come", "failed"]
    at: int | None  # when it was done, or by when it must be


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is on the table, with what it changed against the line before it."""

    mine: bool
    at: int
    price: Amount
    terms: TermsChoice
    expires_at: int
    window_seconds: int
    note: str
    changed: tuple[str, ...] = ()  # of "price", "terms", "expires", "window"
    signed: bool = False
    state: Literal["waiting", "sent", "received"] = "received"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the thread: a text or a proposal; plain text, never markup."""

    mine: bool
    who: str
    at: int
    text: str
    proposal: Proposal | None = None
    delivered: bool = True  # False: waits until the other side is seen


@dataclass(frozen=True, slots=True)
class ParcelView:
    """A delivery parcel: being saved or opened now (then with ``progress``), or opened before and
    not whole: ``missing`` are first and last of each run of its ``parts``, counted from 1. The
    ``relay`` keeps it ``until`` (unix seconds, owner), or is where it comes from (buyer). One that
    is being left ``waits`` for something."""

    doing: Literal["", "saving", "opening", "leaving"] = ""
    progress: Progress | None = None
    parts: int = 0
    missing: tuple[tuple[int, int], ...] = ()
    relay: str = ""
    until: int = 0
    waits: Literal["", "paused_all", "unplugged", "queued"] = ""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """Parts are chunks of 1 MiB. ``sent`` ≥ ``confirmed``: the buyer has written those."""

    total_parts: int
    sent_parts: int
    confirmed_parts: int
    total_bytes: int
    confirmed_bytes: int
    speed_bytes: int
    left_seconds: int | None
    state: Literal[
        "not_started",
        "waiting_peer",
        "waiting_final",
        "running",
        "paused",
        "paused_all",
        "unplugged",
        "other_paused",
        "queued",
        "other_queued",
        "received",
        "key_awaited",
        "checking",
        "in_place",
        "failed",
    ]
    place: int = 0  # among those that wait for their turn, 1 is next
    folder: str = ""  # where the files are (buyer), once in place
    problem: str = ""  # code of a sentence when it failed or waits
    parcel: ParcelView | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of Verify: "fingerprint", "records", "files", "content_id", "size"."""

    what: str
    ok: bool | None  # None: still to be checked
    value: str = ""


@dataclass(frozen=True, slots=True)
class RecordLine:
    what: str  # kind of the record entry, see snapshots.records
    at: int | None
    state: str  # "being_recorded" | "recorded" | "final" | "failed"


EndingCode = Literal[
    "accepted",  # the buyer confirmed
    "window",  # the time to check ended without a word
    "returned",  # the owner gave the payment back
    "unrevealed",  # everything was delivered, but the owner did not reveal the key in time
    "nothing_came",  # the delivery was not complete when the time for it ended
    "dispute",  # a record was proven to be another one than was registered
]


@dataclass(frozen=True, slots=True)
class Ending:
    """How the money of an order ended, when, and why. ``record`` counts from 1; ``bond`` went to
    the buyer; ``proof``: there is one to be saved."""

    code: EndingCode
    at: int
    record: int | None = None
    records: int = 0
    bond: Amount | None = None
    proof: bool = False


Action = Literal[
    "dataset",  # of a question: what it is about
    "accept",  # agree to the other side's proposal: the same one comes back to be signed
    "counter",
    "sign",
    "decline",
    "pay",
    "confirm",
    "rate",
    "report",
    "return_payment",
    "let_watch",
    "pause",
    "resume",
    "resume_all",
    "deliver_next",
    "save_parcel",
    "open_parcel",
    "leave_parcel",
    "unlock",
]


@dataclass(frozen=True, slots=True)
class OrderSnapshot:
    """Everything the order page shows. ``todo`` is the code of the one line "what you have to do
    now" in `app.ui.phrases`, with ``todo_warn`` when it is the person's turn; ``actions`` are the
    buttons that work now."""

    order: str
    title: str
    selling: bool
    other: str
    person: Person  # who ``other`` is
    other_online: bool
    number: str  # short number of the order, e.g. the first 8 hex digits of its id
    price: Amount
    held: bool
    steps: tuple[StepState, ...]
    todo: str
    todo_warn: bool
    todo_due_at: int | None
    actions: tuple[Action, ...]
    proposal: Proposal | None
    thread: tuple[Line, ...]
    delivery: DeliveryView | None
    ticks: tuple[Tick, ...]
    terms: TermsChoice
    terms_fingerprint: str
    window_seconds: int
    bond: Amount | None
    least_bond: Amount | None  # the client's default, for the owner about to sign
    bond_free: Amount | None
    fingerprint: str
    records: tuple[RecordLine, ...]
    fee_wei: int | None  # of the next action that records, None = nothing to record or unknown
    fee_currency: Currency | None
    can_pay: bool = True  # enough of the currency and for the fee
    problem_noted: str = ""  # the buyer's own words kept for the rating
    ended: str = ""  # "paid" | "refunded" | "declined" | "lapsed", empty while it runs
    ending: Ending | None = None
    scores: tuple[int, ...] = ()
    dataset: str = ""
    min_window_seconds: int = 86_400
    order_id: str = ""  # hex, once an offer was signed
    ready_to_pay: bool = False  # the manifest was checked and the owner's bond is in place
    unaudited: bool = False  # the first payment with real money: say what the contract is not
    complaints_wei: int | None = None  # what three complaints cost now, if the bond is not in coins
    watch_coins_wei: int | None = None  # for the fees of a watching device, None = unknown
    compared: tuple[Comparison, ...] = ()  # declared against received, for the buyer
    comparing: bool = False
    recovery_first: bool = False  # real money, and the recovery sheet was put off: save it first
    subscription: str = ""  # id (hex) of the one it is a version of
    newer: Newer | None = None  # a version that came after it, for the buyer
