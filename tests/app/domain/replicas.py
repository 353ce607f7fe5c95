"""One order at each side, and the contract that both read: what the machine moves."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.domain import effects as fx
from app.domain import events as ev
from app.domain.errors import IllegalTransitionError
from app.domain.events import Event, Side
from app.domain.order import Order, advance, fold, open_order
from tests.app.domain.parts import REVEAL_SECONDS, THREAD, WINDOW_SECONDS

ROOT = b"r" * 32
WRONG = 7


@dataclass
class Contract:
    """The escrow as both sides read it: a list of final events, each with its block."""

    state: str = "none"
    deadline: int = 0
    acknowledged: bool = False
    events: list[ev.ChainEvent] = field(default_factory=list)

    def fund(self, now: int, expires_at: int) -> None:
        if self.state == "none" and now <= expires_at:
            self.state, self.deadline = "funded", now + REVEAL_SECONDS
            self._log(ev.Funded(now, len(self.events), self.deadline))

    def reveal(self, now: int) -> None:
        if self.state == "funded" and now <= self.deadline:
            self.state, self.deadline = "revealed", now + WINDOW_SECONDS
            self._log(ev.Revealed(now, len(self.events), ROOT, b"s" * 32, self.deadline))

    def confirm(self, now: int) -> None:
        if self.state in ("funded", "revealed"):
            self.state = "paid_rated"
            self._log(ev.Confirmed(now, len(self.events), bytes([5] * 6), b"v" * 32))

    def accept(self, now: int) -> None:
        if self.state == "revealed" and now > self.deadline:
            self.state = "paid"
            self._log(ev.Accepted(now, len(self.events)))

    def refund(self, now: int, by_owner: bool) -> None:
        if self.state == "funded" and (by_owner or now > self.deadline):
            self.state = "refunded"
            self._log(ev.Refunded(now, len(self.events), by_owner))

    def complain(self, now: int, wrong: bool) -> None:
        """``wrong``: whether the record really is another one than was registered."""
        if self.state == "revealed" and now <= self.deadline and wrong:
            self.state = "refunded"
            self._log(ev.Complained(now, len(self.events), WRONG, b"m" * 32, ROOT))

    def acknowledge(self, now: int) -> None:
        if self.state == "funded" and not self.acknowledged:
            self.acknowledged = True
            self._log(ev.Acknowledged(now, len(self.events), ROOT))

    def rate(self, now: int) -> None:
        if self.state == "paid":
            self.state = "paid_rated"
            self._log(ev.Rated(now, len(self.events), bytes([4] * 6), b"v" * 32))

    @property
    def public(self) -> bool:
        """Whether the owner's secret is on record, whatever came after that."""
        return any(isinstance(event, ev.Revealed) for event in self.events)

    def _log(self, event: ev.ChainEvent) -> None:
        self.events.append(event)


@dataclass
class Replica:
    role: Side
    events: list[Event] = field(default_factory=list)
    order: Order | None = None
    outbox: list[fx.Effect] = field(default_factory=list)
    heard: set[int] = field(default_factory=set)  # messages received, by identity
    read: int = 0  # chain events taken

    def record(self, event: Event) -> bool:
        """Journal the event with its effects, unless the order has no place for it."""
        if self.order is None:
            if not isinstance(event, ev.RequestMade):
                return False
            order, effects = open_order(THREAD, self.role, event)
        else:
            try:
                order, effects = advance(self.order, event)
            except IllegalTransitionError:
                return False
        self.events.append(event)
        self.order = order
        self.outbox += effects
        return True

    def restart(self) -> None:
        self.order = fold(THREAD, self.role, tuple(self.events))
