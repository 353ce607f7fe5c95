"""Commands that came before the chain's time was known: held, and judged once it is.

Right after a start the newest block has not been read yet, and without its time good offers would
look wrong and late ones right. A click made then is not lost: it waits, in order, for a while.
"""

from __future__ import annotations

from collections.abc import Callable

import trio

from app.domain import commands as cmd
from app.engine.ledger import Ledger
from chain.errors import Unreachable

LONGEST_SECONDS = 15

IN_CHAIN_TIME = (
    cmd.RegisterDraft,
    cmd.ChangePrice,
    cmd.WithdrawListing,
    cmd.AskSample,
    cmd.RequestOffer,
    cmd.CounterOffer,
    cmd.SignOffer,
    cmd.DeclineOrder,
    cmd.FundOrder,
    cmd.ConfirmOrder,
    cmd.RateOrder,
    cmd.ReturnPayment,
    cmd.ReportProblem,
    cmd.GetPracticeDollars,
    cmd.SendMoney,
    cmd.AddBond,
    cmd.TakeOut,
)
"""Commands that are judged by what is on record and by the time of its newest block."""


class HeldCommands:
    """Holds commands while the ledger in use has not been read to its end yet."""

    def __init__(self) -> None:
        self._ledger: Ledger | None = None
        self._ledger_is_there = trio.Event()
        self._held: list[object] = []
        self._something = trio.Event()

    def use(self, ledger: Ledger | None) -> None:
        self._ledger = ledger
        self._ledger_is_there = trio.Event()
        if ledger is not None:
            self._ledger_is_there.set()

    def takes(self, command: object) -> bool:
        """Whether this one has to wait; then it is held. Later ones wait behind it."""
        if not isinstance(command, IN_CHAIN_TIME) or (self._known() and not self._held):
            return False
        self._held.append(command)
        self._something.set()
        return True

    async def run(
        self, answer: Callable[[object], None], refuse: Callable[[object, Exception], None]
    ) -> None:
        """Until cancelled: hand over what was held, in the order it came."""
        while True:
            await self._something.wait()
            self._something = trio.Event()
            with trio.move_on_after(LONGEST_SECONDS):
                await self._ledger_is_there.wait()
                if self._ledger is not None:
                    await self._ledger.seen()
            held, self._held = self._held, []
            for command in held:
                if self._known():
                    answer(command)
                else:
                    refuse(
                        command,
                        Unreachable("The network was not reached yet. Try again in a moment."),
                    )

    def _known(self) -> bool:
        return self._ledger is not None and self._ledger.was_seen
