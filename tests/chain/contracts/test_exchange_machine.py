"""The escrow under any calls by anyone: see `exchange_machine` and `escrow_invariants`.

20,000 steps where changes are judged, as four tests so that they run beside each other; else one of
3,000. For a million:

    LADING_STEPS=1000000 python -m pytest -n 2 tests/chain/contracts/test_exchange_machine.py
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.chain.contracts.escrow_invariants import stage
from tests.chain.contracts.exchange_machine import Machine
from tests.counts import JUDGED

STEPS = int(os.environ.get("LADING_STEPS", "20000" if JUDGED else "3000"))
PARTS = 4 if STEPS >= 20_000 else 1
MOVES = {
    *("deposit", "withdraw", "acknowledge", "reveal by receipt", "reveal as acknowledged"),
    *("confirm", "complain", "accept", "refund", "rate", "cancel_all", "move_title"),
    *("fund, plain", "fund, permit", "fund, authorization"),
}
NO_END = pytest.mark.timeout(0 if STEPS > 20_000 else 600)


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """Before the first test: what is deployed inside one is undone after it."""
    stage()


@NO_END
@pytest.mark.parametrize("part", range(PARTS))
def test_nobody_can_cheat(part: int) -> None:
    begun = Machine.steps
    Machine.calls.clear()
    while Machine.steps - begun < STEPS // PARTS or not _all_were_met():
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=5,
                stateful_step_count=100,
                database=None,
                derandomize=False,  # as it is where CI is set; each round has to be another one
                phases=(Phase.generate,),
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert Machine.steps - begun >= STEPS // PARTS
    assert Machine.reveals_tried > STEPS // PARTS // 20


def _all_were_met() -> bool:
    """Whether each call has succeeded and been refused; the rarest may need more steps."""
    succeeded = {name for (name, success), count in Machine.calls.items() if success and count}
    refused = {name for (name, success), count in Machine.calls.items() if not success and count}
    return succeeded >= MOVES and refused >= MOVES - {"cancel_all", "move_title"}
