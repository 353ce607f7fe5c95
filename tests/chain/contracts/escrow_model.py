"""The escrow as PROTOCOL section 5 says it, in plain Python: what each call must do.

Knows no chain. Each method is one call: it says whether the call succeeds, and changes the model
if so. What people and tokens are like at the moment (who gets paid, what a token takes) is asked
of `Surroundings`.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

Key = tuple[str, str]  # account, token


class State(IntEnum):
    """An order's state, as in its slot."""

    FUNDED = 1
    ACKED = 2
    REVEALED = 3
    PAID = 4
    PAID_RATED = 5
    REFUNDED = 6

    @property
    def runs(self) -> bool:
        return self <= State.REVEALED


@dataclass(frozen=True)
class Terms:
    """What of an offer decides about calls; money in smallest units, periods in seconds."""

    order_id: bytes
    owner: str
    buyer: str
    token: str
    price: int
    bond: int
    reveal_within: int
    window: int
    epoch: int
    expires: int
    dataset: bytes


@dataclass
class Order:
    """One funded order. `root` is the acknowledged or revealed one, by its leading 208 bits."""

    terms: Terms
    deadline: int
    state: State = State.FUNDED
    root: bytes = bytes(26)
    revealed: bool = False
    complained: bool = False
    confirmed: bool = False

    @property
    def word(self) -> int:
        """The order's one storage slot."""
        if not self.state.runs:
            return int(self.state)
        return self.state | self.deadline << 8 | int.from_bytes(self.root, "big") << 48


@dataclass
class Surroundings:
    """`takes(token)`: whether exactly the amount comes in. `gets(account, token, amount)`: how much
    the account receives of a payment now, None if it does not go through."""

    takes: Callable[[str], bool]
    gets: Callable[[str, str, int], int | None]


@dataclass
class Escrow:
    """All orders, the ledger, and by how much each account's own money changed."""

    around: Surroundings
    orders: dict[bytes, Order] = field(default_factory=dict)
    ledger: Counter[Key] = field(default_factory=Counter)
    epochs: Counter[str] = field(default_factory=Counter)
    titles: dict[bytes, str] = field(default_factory=dict)
    outside: Counter[Key] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)

    # --- the ledger ---

    def deposit(self, account: str, token: str, amount: int) -> bool:
        if amount == 0 or not self.around.takes(token):
            return False
        self._take(account, token, amount)
        self.ledger[account, token] += amount
        return True

    def withdraw(self, account: str, token: str, amount: int, receiver: str) -> bool:
        if not 0 < amount <= self.ledger[account, token]:
            return False
        received = self.around.gets(receiver, token, amount)
        if received is None:
            return False
        self.ledger[account, token] -= amount
        self.held[token] -= amount
        self.outside[receiver, token] += received
        return True

    # --- an order ---

    def fund(self, terms: Terms, now: int, signed: bool, able: bool) -> bool:
        """`signed`: by the owner. `able`: the buyer allowed it and pays exactly the price."""
        key = (terms.owner, terms.token)
        if not (
            able
            and signed
            and terms.price > 0
            and terms.owner != terms.buyer
            and terms.expires >= now
            and terms.epoch == self.epochs[terms.owner]
            and terms.order_id not in self.orders
            and self.titles.get(terms.dataset) == terms.owner
            and self.ledger[key] >= terms.bond
            and self.around.takes(terms.token)
        ):
            return False
        self.ledger[key] -= terms.bond
        self._take(terms.buyer, terms.token, terms.price)
        self.orders[terms.order_id] = Order(terms, now + terms.reveal_within)
        return True

    def acknowledge(self, order_id: bytes, sender: str, root: bytes) -> bool:
        order = self._order(order_id, State.FUNDED)
        if order is None or sender != order.terms.buyer:
            return False
        order.state, order.root = State.ACKED, root[:26]
        return True

    def reveal(
        self,
        order_id: bytes,
        sender: str,
        now: int,
        root: bytes,
        receipt: bool | None,
        secret: bool,
    ) -> bool:
        """`receipt`: whether it is the buyer's for this order and root; None if it is empty.
        `secret`: whether it is the committed one."""
        order = self._order(order_id, State.FUNDED, State.ACKED)
        if order is None or sender != order.terms.owner or now > order.deadline or not secret:
            return False
        acknowledged = order.state == State.ACKED and order.root == root[:26]
        if not (acknowledged if receipt is None else receipt):
            return False
        order.state, order.root, order.revealed = State.REVEALED, root[:26], True
        order.deadline = now + order.terms.window
        return True

    def confirm(self, order_id: bytes, sender: str, signed: bool) -> bool:
        order = self._order(order_id, State.FUNDED, State.ACKED, State.REVEALED)
        if order is None or not (sender == order.terms.buyer or signed):
            return False
        order.confirmed = True
        self._end(order, State.PAID_RATED, order.terms.owner)
        return True

    def complain(self, order_id: bytes, now: int, root: bytes, proven: bool) -> bool:
        """`proven`: the record lies in the tree of `root`, and is not the registered one."""
        order = self._order(order_id, State.REVEALED)
        if order is None or now > order.deadline or root[:26] != order.root or not proven:
            return False
        order.state, order.complained = State.REFUNDED, True
        terms = order.terms
        self._pay(terms.buyer, terms.token, terms.price + terms.bond)
        return True

    def accept(self, order_id: bytes, now: int) -> bool:
        order = self._order(order_id, State.REVEALED)
        if order is None or now <= order.deadline:
            return False
        self._end(order, State.PAID, order.terms.owner)
        return True

    def refund(self, order_id: bytes, sender: str, now: int) -> bool:
        order = self._order(order_id, State.FUNDED, State.ACKED)
        if order is None or not (sender == order.terms.owner or now > order.deadline):
            return False
        self._end(order, State.REFUNDED, order.terms.buyer)
        return True

    def rate(self, order_id: bytes, sender: str) -> bool:
        order = self._order(order_id, State.PAID)
        if order is None or sender != order.terms.buyer:
            return False
        order.state = State.PAID_RATED
        return True

    def cancel_all(self, sender: str) -> bool:
        self.epochs[sender] += 1
        return True

    # --- what follows from it ---

    def owed(self, token: str) -> int:
        """Ledger, locked bonds and locked prices: what the contract must have of a token."""
        free = sum(amount for (_, kept), amount in self.ledger.items() if kept == token)
        locked = (
            order.terms.price + order.terms.bond
            for order in self.orders.values()
            if order.state.runs and order.terms.token == token
        )
        return free + sum(locked)

    def revealable(self, now: int) -> list[Order]:
        """Orders whose owner must be able to reveal now, whatever else has happened."""
        return [
            order
            for order in self.orders.values()
            if order.state in (State.FUNDED, State.ACKED) and now <= order.deadline
        ]

    # --- inside ---

    def _order(self, order_id: bytes, *states: State) -> Order | None:
        order = self.orders.get(order_id)
        return order if order is not None and order.state in states else None

    def _take(self, account: str, token: str, amount: int) -> None:
        self.outside[account, token] -= amount
        self.held[token] += amount

    def _end(self, order: Order, state: State, beneficiary: str) -> None:
        terms = order.terms
        order.state = state
        self.ledger[terms.owner, terms.token] += terms.bond
        self._pay(beneficiary, terms.token, terms.price)

    def _pay(self, account: str, token: str, amount: int) -> None:
        received = self.around.gets(account, token, amount)
        if received is None:
            self.ledger[account, token] += amount
            return
        self.held[token] -= amount
        self.outside[account, token] += received
