"""What the window itself shows, whichever page is open; and first run, notices, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.domain.bandwidth import Bandwidth
from app.domain.snapshots.money import Amount
from app.domain.snapshots.people import Person
from app.domain.turns import AT_ONCE

Connection = Literal["online", "relay", "unlisted", "offline", "starting"]
"""unlisted: on line, but no address of this computer is known to others and no relay is used."""

RelayStanding = Literal["asking", "reserved", "refused", "unreachable"]
OtherStanding = Literal["reading", "ok", "unreachable", "wrong", "full"]
"""full: it says that more was registered there than is kept of one network."""

ChainState = Literal["ok", "unreachable", "wrong", "starting", "none"]


@dataclass(frozen=True, slots=True)
class WaitingOrder:
    """An order that waits for the identity to be unlocked; ``due_at`` is its next deadline."""

    order: str
    title: str
    other: str
    due_at: int | None
    late: bool = False  # the newest block is past ``due_at``


@dataclass(frozen=True, slots=True)
class FirstRunSnapshot:
    """Which step of the first run is open. The window shows it instead of the pages until
    ``step`` is "done". ``words`` is shown once on the recovery sheet; ``ask`` are the positions
    to be typed back; ``busy`` names what is going on ("identity", "network") or is empty.

    ``waiting_orders`` are, first due first, all open orders while nobody has unlocked since the
    start (``restarted``: nothing of them runs then), else those that need the person."""

    step: Literal["welcome", "recovery", "network", "locked", "done"]
    words: tuple[str, ...] = field(default=(), repr=False)
    ask: tuple[int, int] = (3, 9)
    busy: str = ""
    name: str = ""
    practice_possible: bool = True
    waiting_orders: tuple[WaitingOrder, ...] = ()
    restarted: bool = False
    problem: Notice | None = None


@dataclass(frozen=True, slots=True)
class ShellSnapshot:
    name: str = ""
    code: str = ""  # short code of the identity, e.g. 7c1f-09ae; empty without an identity
    connection: Connection = "starting"
    chain: ChainState = "none"
    head_known: bool = True  # False until the chain was read once: nothing can be decided then
    network: str = ""
    practice: bool = False
    needs_you: int = 0
    locked: bool = False
    backed_up: bool = False
    guide: str = ""  # key of a guide line above the pages, or empty


NoticeKind = Literal["rule", "peer", "outage", "bug", "done", "news"]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person has to know now. ``code`` picks the translated sentences in
    `app.ui.phrases` with ``values`` in their gaps; ``cause`` is the plain English text used
    when the code is not known there. ``about`` is the page or field it belongs to."""

    kind: NoticeKind
    code: str
    cause: str
    values: dict[str, str] = field(default_factory=dict)
    about: str = ""
    details: str = ""  # for "copy details"; never holds a secret


@dataclass(frozen=True, slots=True)
class RelayRow:
    """A relay that was chosen, and whether others can call us through it now; if not, the reason in
    a sentence, one line of at most 300 printable characters. It keeps parcels of up to
    ``keeps_bytes`` for so many days (0: none)."""

    address: str
    state: RelayStanding = "asking"
    keeps_bytes: int = 0
    keeps_days: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OtherNetwork:
    """A network that is checked beside the one in use; ``hosts`` without their secrets."""

    name: str
    chain_id: int
    hosts: tuple[str, ...] = ()
    state: OtherStanding = "reading"
    block: int = 0
    registrations: int = 0


@dataclass(frozen=True, slots=True)
class SettingsSnapshot:
    name: str = ""
    address: str = ""
    peer_id: str = ""
    backed_up: bool = False
    appearance: str = "system"
    language: str = "system"
    downloads: str = ""
    profile: str = ""
    auto_lock_minutes: int = 15
    share_direct_address: bool = False
    find_on_lan: bool = False
    open_port: bool = False  # of the router, if it does that
    router: str = "off"  # "off" | "asking" | "open" | "closed"
    bandwidth: Bandwidth = Bandwidth()
    stay_awake: bool = False
    can_stay_awake: bool = False  # the window knows: whether the desktop can be asked
    pause_on_battery: bool = False
    has_battery: bool = False
    leave_by_itself: bool = False  # at a relay, while the buyer is away
    at_once: int = AT_ONCE  # deliveries that run at the same time, each way
    full_speed_now: bool = False  # the limits do not hold at this hour
    network: str = ""
    practice: bool = False
    chain_id: int = 0
    rpc: str = ""
    endpoints: int = 0  # how many the network file lists
    endpoints_needed: int = 0  # how many of them have to say the same
    endpoints_prove: bool | None = None  # storage, with proofs; None: not asked yet
    registry: str = ""
    exchange: str = ""
    confirmations: int = 0
    block_number: int = 0
    addresses: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()  # contacts and blocked parties
    relays: tuple[RelayRow, ...] = ()
    others: tuple[OtherNetwork, ...] = ()  # networks that are checked beside this one
    version: str = ""
    words: tuple[str, ...] = field(default=(), repr=False)  # after ShowRecoverySheet, else empty
    ask: tuple[int, int] = (3, 9)  # positions of the words to be typed back


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that needs the person: what is asked, about which order or subscription, until
    when."""

    order: str
    kind: str  # "answer" | "sign" | "pay" | "check" | "rate" | "resume" | "plug_in" | … | "reply"
    title: str
    other: str
    amount: Amount
    due_at: int | None


@dataclass(frozen=True, slots=True)
class Running:
    order: str
    title: str
    other: str
    sending: bool
    done: float  # 0…1 of the parts confirmed
    speed_bytes: int  # per second, 0 = waiting
    state: str  # "running" | "leaving" (at a relay) | "waiting" | "checking" | "paused" | …
    place: int = 0  # 1 for who is next in its direction, 0 for who does not wait for its turn
    waiting: int = 0  # how many wait in its direction, itself among them
    button: str = ""  # "pause" | "resume", "" where it alone can do neither

    @property
    def moves(self) -> bool:
        """Whether data is on its way, or being checked."""
        return self.state in ("running", "leaving", "checking")


@dataclass(frozen=True, slots=True)
class RecentRecord:
    what: str  # kind of the record entry, see snapshots.records
    title: str
    at: int
    state: str


@dataclass(frozen=True, slots=True)
class HomeSnapshot:
    needs_you: tuple[Task, ...] = ()
    running: tuple[Running, ...] = ()  # those that wait for their turn in their order
    all_paused: bool = False
    earned: tuple[Amount, ...] = ()
    held: tuple[Amount, ...] = ()
    orders_this_month: int = 0
    rating: float | None = None  # mean overall score of my datasets, None = none yet
    ratings: int = 0
    recent: tuple[RecentRecord, ...] = ()
    datasets: int = 0  # how many I registered: 0 shows what to do first
    wallet_empty: bool = False  # nothing to pay with: offer practice dollars
