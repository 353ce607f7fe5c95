"""Any calls in any order: each token's balance is what the ledger and the orders say."""

from collections.abc import Callable
from typing import Any

import boa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.chain.contracts.escrow_world import (
    DAY,
    FUNDED,
    HOUR,
    NATIVE,
    PAID,
    PAID_RATED,
    REFUNDED,
    REVEALED,
    REVIEW,
    SCORES,
    Offer,
    World,
    fields,
)
from tests.chain.contracts.hostile import Mode, hostile_token

RUNNING = (FUNDED, REVEALED)
currencies = st.integers(min_value=0, max_value=2)
amounts = st.integers(min_value=1, max_value=1000)
picks = st.integers(min_value=0, max_value=99)


class Escrow(RuleBasedStateMachine):
    """The chain beside a model: free money by (account, token), and each order's state."""

    world: World
    unsteady: Any

    @initialize()
    def deploy(self) -> None:
        self.anchor = boa.env.anchor()
        self.anchor.__enter__()
        self.tokens = [NATIVE, self.world.dollar.address, self.unsteady.address]
        self.free: dict[tuple[str, str], int] = {}
        self.orders: list[tuple[Offer, int]] = []
        self.paying = Mode.HONEST

    def teardown(self) -> None:
        if hasattr(self, "anchor"):
            self.anchor.__exit__(None, None, None)

    # --- what people do ---

    @rule(currency=currencies, amount=amounts)
    def deposit(self, currency: int, amount: int) -> None:
        token = self.tokens[currency]
        self.world.deposit(self.world.owner, token, amount)
        self._add(self.world.owner.address, token, amount)

    @rule(currency=currencies, price=amounts, bond=st.integers(min_value=0, max_value=1000))
    def fund(self, currency: int, price: int, bond: int) -> None:
        token, owner = self.tokens[currency], self.world.owner.address
        offer = self.world.offer(token=token, price=price, bond=bond)
        if self.free.get((owner, token), 0) < bond:
            with boa.reverts("free bond too small"):
                self.world.fund(offer)
            return
        self.world.fund(offer)
        self._add(owner, token, -bond)
        self.orders.append((offer, FUNDED))

    @rule(pick=picks)
    def reveal(self, pick: int) -> None:
        def call(offer: Offer) -> None:
            self.world.reveal(offer)

        self._try(pick, call, {FUNDED: REVEALED}, until=HOUR)

    @rule(pick=picks, carried=st.booleans())
    def confirm(self, pick: int, carried: bool) -> None:
        def call(offer: Offer) -> None:
            if carried:
                signature = self.world.confirmation(offer)
                self.world.confirm(offer, signature, sender=self.world.stranger.address)
            else:
                self.world.confirm(offer)

        self._try(pick, call, {FUNDED: PAID_RATED, REVEALED: PAID_RATED})

    @rule(pick=picks)
    def accept(self, pick: int) -> None:
        def call(offer: Offer) -> None:
            self.world.exchange.accept(fields(offer), sender=self.world.stranger.address)

        self._try(pick, call, {REVEALED: PAID}, after=DAY)

    @rule(pick=picks, by_owner=st.booleans())
    def refund(self, pick: int, by_owner: bool) -> None:
        who = self.world.owner if by_owner else self.world.stranger

        def call(offer: Offer) -> None:
            self.world.exchange.refund(fields(offer), sender=who.address)

        self._try(pick, call, {FUNDED: REFUNDED}, after=None if by_owner else HOUR)

    @rule(pick=picks)
    def rate(self, pick: int) -> None:
        def call(offer: Offer) -> None:
            self.world.exchange.rate(fields(offer), SCORES, REVIEW, sender=self.world.buyer.address)

        self._try(pick, call, {PAID: PAID_RATED})

    @rule(currency=currencies, buyer=st.booleans(), amount=amounts)
    def withdraw(self, currency: int, buyer: bool, amount: int) -> None:
        token = self.tokens[currency]
        account = (self.world.buyer if buyer else self.world.owner).address
        stuck = currency == 2 and self.paying != Mode.HONEST
        if stuck or amount > self.free.get((account, token), 0):
            with boa.reverts():
                self.world.exchange.withdraw(token, amount, account, sender=account)
            return
        self.world.exchange.withdraw(token, amount, account, sender=account)
        self._add(account, token, -amount)

    # --- what happens to them ---

    @rule(mode=st.sampled_from([Mode.HONEST, Mode.REVERTING, Mode.FALSE, Mode.SHORT]))
    def token_turns(self, mode: Mode) -> None:
        self.paying = mode
        self.unsteady.behave(Mode.HONEST, mode)

    @rule(seconds=st.sampled_from([1, HOUR // 2, HOUR, DAY // 2, DAY]))
    def time_passes(self, seconds: int) -> None:
        boa.env.time_travel(seconds=seconds)

    # --- what must hold ---

    @invariant()
    def nothing_is_lost_or_made(self) -> None:
        for token in self.tokens:
            owed = sum(amount for (_, kept), amount in self.free.items() if kept == token)
            for offer, state in self.orders:
                if offer["token"] == token and state in RUNNING:
                    owed += offer["price"] + offer["bond"]
            exchange = self.world.exchange.address
            contract = {self.tokens[1]: self.world.dollar, self.tokens[2]: self.unsteady}
            if token == NATIVE:
                assert boa.env.get_balance(exchange) == owed
            else:
                assert contract[token].balanceOf(exchange) == owed

    @invariant()
    def the_chain_agrees_with_the_model(self) -> None:
        for (account, token), amount in self.free.items():
            assert self.world.free(account, token) == amount
        for offer, state in self.orders[-4:]:
            assert self.world.state(offer) == state

    # --- inside ---

    def _add(self, account: str, token: str, amount: int) -> None:
        self.free[account, token] = self.free.get((account, token), 0) + amount

    def _try(
        self,
        pick: int,
        call: Callable[[Offer], None],
        moves: dict[int, int],
        *,
        after: int | None = None,
        until: int | None = None,
    ) -> None:
        """Make the call on some order; it must succeed exactly where the model says so.

        `after` and `until` are seconds that must have passed, or may have, since the order's
        present state began.
        """
        if not self.orders:
            return
        place = pick % len(self.orders)
        offer, state = self.orders[place]
        deadline = self.world.word(offer)[1]
        in_time = (until is None or boa.env.timestamp <= deadline) and (
            after is None or boa.env.timestamp > deadline
        )
        if state not in moves or not in_time:
            with boa.reverts():
                call(offer)
            return
        call(offer)
        after_state = moves[state]
        self.orders[place] = (offer, after_state)
        if state in RUNNING and after_state not in RUNNING:
            self._ended(offer, offer["buyer"] if after_state == REFUNDED else offer["owner"])

    def _ended(self, offer: Offer, beneficiary: str) -> None:
        self._add(offer["owner"], offer["token"], offer["bond"])
        if offer["token"] == self.tokens[2] and self.paying != Mode.HONEST:
            self._add(beneficiary, offer["token"], offer["price"])


@pytest.fixture(scope="module", autouse=True)
def stage(deployed: World) -> None:
    Escrow.world = deployed
    Escrow.unsteady = hostile_token()
    for account in (deployed.owner, deployed.buyer):
        Escrow.unsteady.mint(account.address, 10**6)


TestEscrow = Escrow.TestCase
TestEscrow.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
