"""Data and key go out only on the contract's own word."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.order import Stage
from app.engine import holding
from chain import exchange
from chain.errors import Unreachable
from chain.exchange import OrderWord

DEADLINE = 1_800_000_000


def ledger(state: int, deadline: int = DEADLINE) -> Any:
    kept = SimpleNamespace(order=lambda order_id: OrderWord(state, deadline, 0))
    return SimpleNamespace(final_state=lambda: kept)


def order(stage: Stage = Stage.FUNDED) -> Any:
    return SimpleNamespace(order_id=bytes(32), stage=stage, deadline=DEADLINE)


@pytest.mark.parametrize(
    ("state", "held", "revealable"),
    [
        (exchange.NONE, False, False),
        (exchange.FUNDED, True, True),
        (exchange.ACKED, True, True),
        (exchange.REVEALED, True, False),
        (exchange.PAID, False, False),
        (exchange.PAID_RATED, False, False),
        (exchange.REFUNDED, False, False),
    ],
)
def test_what_each_state_allows(state: int, held: bool, revealable: bool) -> None:
    assert holding.is_held(ledger(state), order()) is held
    assert holding.can_still_be_revealed(ledger(state), order()) is revealable


def test_a_key_is_not_given_when_the_deadline_is_another_than_the_events_said() -> None:
    for deadline in (DEADLINE - 1, DEADLINE + 1, 0):
        assert not holding.can_still_be_revealed(ledger(exchange.FUNDED, deadline), order())


@pytest.mark.parametrize(
    ("stage", "state", "ahead"),
    [
        (Stage.OFFERED, exchange.FUNDED, False),
        (Stage.FUNDED, exchange.NONE, False),
        (Stage.FUNDED, exchange.FUNDED, False),
        (Stage.FUNDED, exchange.ACKED, False),
        (Stage.FUNDED, exchange.REVEALED, True),
        (Stage.FUNDED, exchange.REFUNDED, True),
        (Stage.REVEALED, exchange.REVEALED, False),
        (Stage.REVEALED, exchange.FUNDED, False),
        (Stage.REVEALED, exchange.PAID, True),
        (Stage.REVEALED, exchange.REFUNDED, True),
        (Stage.PAID, exchange.PAID, False),
        (Stage.PAID, exchange.PAID_RATED, True),
        (Stage.PAID_RATED, exchange.PAID_RATED, False),
    ],
)
def test_a_contract_that_is_further_on_is_seen(stage: Stage, state: int, ahead: bool) -> None:
    assert holding.is_ahead(ledger(state), order(stage)) is ahead


def test_no_answer_is_no_permission() -> None:
    def nobody() -> None:
        raise Unreachable("Only 1 of the network's 3 endpoints answer.")

    silent: Any = SimpleNamespace(final_state=nobody)
    for ask in (holding.is_held, holding.can_still_be_revealed, holding.is_ahead):
        with pytest.raises(Unreachable):
            ask(silent, order())
