"""The identity's money: balances as the chain has them, and what is sent, bonded or taken out."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import trio

from app.domain import commands as cmd
from app.domain.errors import RuleError
from app.engine.allowance import want_allowance
from app.engine.entries import Entries
from app.engine.fees import check_fee
from app.engine.ledger import Ledger
from app.store import settings
from app.store.database import Database
from chain import exchange
from chain.address import ZERO_ADDRESS, parse_address
from chain.errors import ChainError
from chain.network import Network
from chain.practice import GIFT_DOLLARS_UNITS, Practice, dollars_address

log = logging.getLogger(__name__)

TRANSFER_GAS = 80_000
ENTRY_GAS = 200_000
"""More than the profile's entry takes."""


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency: what the account holds, and the free part of the ledger in the contract."""

    token: str
    available_units: int
    bond_free_units: int


def has_practice_dollars(network: Network) -> bool:
    """Whether anybody can make practice dollars there."""
    return network.practice and network.token(dollars_address()) is not None


class Purse:
    """``balances`` are refreshed in the background; ``changed`` is called when they moved."""

    def __init__(
        self,
        database: Database,
        ledger: Ledger,
        address: str,
        entries: Entries,
        changed: Callable[[], None],
        practice: Practice | None,
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._address = address
        self._entries = entries
        self._changed = changed
        self._practice = practice
        self.balances: dict[str, Balance] = {}
        self._again = trio.Event()

    def look_again(self) -> None:
        self._again.set()

    def can_record(self) -> bool:
        """Whether there are coins for the fee of an entry, as far as was seen."""
        coins, price = self.balances.get(ZERO_ADDRESS), self._ledger.gas_price_wei
        return (
            coins is not None and price is not None and (coins.available_units >= price * ENTRY_GAS)
        )

    async def run(self) -> None:
        """Until cancelled: read the balances again whenever something may have moved them."""
        await self._have_practice_coins()
        while True:
            try:
                found = await trio.to_thread.run_sync(self._read)
            except ChainError:
                found = self.balances
            if found != self.balances:
                self.balances = found
                self._changed()
            # Somebody who has nothing yet waits for the first money to come.
            soon = self._ledger.network.practice or not self.can_record()
            with trio.move_on_after(5.0 if soon else 30.0):
                await self._again.wait()
            self._again = trio.Event()

    async def _have_practice_coins(self) -> None:
        """On a practice network recording costs nothing: the coins for it are simply there."""
        if self._practice is None:
            return
        fund = partial(self._practice.fund, self._address, dollars=False)
        try:
            await trio.to_thread.run_sync(fund)
        except ChainError as error:
            log.info("no practice coins yet: %s", error)

    def _read(self) -> dict[str, Balance]:
        gateway, network = self._ledger.gateway, self._ledger.network
        found = {}
        for token in {*(token.address for token in network.tokens), ZERO_ADDRESS}:
            if token == ZERO_ADDRESS:
                available = gateway.native_balance(self._address)
            else:
                available = gateway.token_balance(token, self._address)
            free = exchange.read_free_bond(gateway, network, self._address, token)
            found[token] = Balance(token, available, free)
        return found

    async def get_practice_dollars(self, command: cmd.GetPracticeDollars) -> None:
        """From this computer's practice network at once; on one that others run, by an entry."""
        if not has_practice_dollars(self._ledger.network):
            raise RuleError("money.practice", "There is practice money only on practice networks.")
        if self._practice is None:
            await self._can_pay_a_fee()
            self._want("practice", token=dollars_address(), amount=str(GIFT_DOLLARS_UNITS))
            return
        await trio.to_thread.run_sync(partial(self._practice.fund, self._address))
        self.look_again()

    async def send(self, command: cmd.SendMoney) -> None:
        """The password was checked by the engine before."""
        try:
            to = parse_address(command.to.strip())
        except ValueError as error:
            raise RuleError("money.address", f"This is not an address: {error}") from error
        if to == self._address:
            raise RuleError("money.self", "This is your own address.")
        await self._enough(command.token, command.amount_units, "available")
        self._want("send", token=command.token, amount=str(command.amount_units), to=to)

    async def add_bond(self, command: cmd.AddBond) -> None:
        await self._enough(command.token, command.amount_units, "available")
        want_allowance(
            self._database,
            self._ledger,
            self._entries,
            f"bond:{secrets.token_hex(8)}:approve",
            command.token,
            command.amount_units,
        )
        self._want("bond", token=command.token, amount=str(command.amount_units))

    async def take_out(self, command: cmd.TakeOut) -> None:
        await self._enough(command.token, command.amount_units, "bond")
        self._want("take_out", token=command.token, amount=str(command.amount_units))

    async def _enough(self, token: str, amount_units: int, where: str) -> None:
        if amount_units <= 0:
            raise RuleError("money.zero", "The amount must be more than zero.")
        found = await trio.to_thread.run_sync(self._read)
        balance = found.get(token)
        if balance is None:
            raise RuleError("price.currency", "This network does not use that currency.")
        have = balance.available_units if where == "available" else balance.bond_free_units
        if amount_units > have:
            raise RuleError("money.enough", "There is not that much.")
        native = token == ZERO_ADDRESS and where == "available"
        await self._can_pay_a_fee(besides_wei=amount_units if native else 0)

    async def _can_pay_a_fee(self, besides_wei: int = 0) -> None:
        await trio.to_thread.run_sync(
            check_fee, self._ledger.gateway, self._address, TRANSFER_GAS, besides_wei
        )

    def _want(self, what: str, **values: str) -> None:
        key = f"{what}:{secrets.token_hex(8)}"
        with self._database.begin() as session:
            settings.put(session, f"entry:{key}", values)
        self._entries.want(key, what, made_at=self._ledger.now)
