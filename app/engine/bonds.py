"""The owner's bonds: free money in the contract for every offer that is signed and not paid yet.

A bond is locked only when the buyer pays. Until then it has to lie free, once for each open offer:
what two offers count on must not be the same money.
"""

from __future__ import annotations

import secrets
from functools import partial

import trio

from app.domain.errors import RuleError
from app.domain.order import Stage
from app.engine.allowance import want_allowance
from app.engine.entries import Entries
from app.engine.ledger import Ledger
from app.engine.points import reached
from app.store import entries as entry_rows
from app.store import orders, settings
from app.store.database import Database
from app.store.entries import Entry
from chain import exchange

NOTHING = 0
"""State of an order the contract does not know: nothing of it is locked."""


class Bonds:
    """For one identity on one network."""

    def __init__(self, database: Database, ledger: Ledger, address: str, entries: Entries) -> None:
        self._database = database
        self._ledger = ledger
        self._address = address
        self._entries = entries

    async def secure(self, token: str, bond_units: int) -> None:
        """Want the deposit of what is missing for one more offer with this bond.

        RuleError if the money is not there. Call it for one offer at a time, and journal the offer
        before the next.
        """
        missing = await trio.to_thread.run_sync(partial(self._missing, token, bond_units))
        if missing <= 0:
            return
        have = await trio.to_thread.run_sync(
            partial(self._ledger.gateway.token_balance, token, self._address)
        )
        if have < missing:
            raise RuleError(
                "sign.bond_money",
                "There is not enough money for this bond. Lower it, or add money first.",
            )
        key = f"bond:{secrets.token_hex(8)}"
        want_allowance(
            self._database, self._ledger, self._entries, f"{key}:approve", token, missing
        )
        with self._database.begin() as session:
            settings.put(session, f"entry:{key}", {"token": token, "amount": str(missing)})
        self._entries.want(key, "bond", made_at=self._ledger.now)
        reached("bond_wanted")

    def _missing(self, token: str, bond_units: int) -> int:
        """In a worker thread. The order of the questions matters: a deposit that is mined between
        two of them may be overlooked, which costs nothing; it is never counted twice."""
        gateway, network = self._ledger.gateway, self._ledger.network
        with self._database.read() as session:
            deposits = [
                (entry, int(values["amount"]))
                for entry in entry_rows.unfinished(session)
                if entry.what == "bond" and entry.state in ("wanted", "signed")
                if (values := settings.get(session, f"entry:{entry.key}", None)) is not None
                if values["token"] == token
            ]
            offers = [
                order
                for order in orders.list_orders(session, open_only=True)
                if order.role == "owner" and order.stage == Stage.OFFERED
                if order.proposal.token == token and order.proposal.bond_units
            ]
        promised = sum(
            order.proposal.bond_units
            for order in offers
            if exchange.read_order(gateway, network, order.order_id).state == NOTHING
        )
        free = exchange.read_free_bond(gateway, network, self._address, token)
        coming = sum(amount for entry, amount in deposits if not self._mined(entry))
        return bond_units + promised - free - coming

    def _mined(self, entry: Entry) -> bool:
        gateway = self._ledger.gateway
        return any(gateway.receipt(attempt.hash) is not None for attempt in entry.attempts)
