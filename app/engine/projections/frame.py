"""What every projection needs: one moment of the database, and the parts that are running."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy.orm import Session

from app.domain import events as ev
from app.domain.order import ENDED, Order
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.people import Person
from app.domain.snapshots.shell import OtherNetwork
from app.domain.snapshots.subscriptions import SubscriptionCard
from app.domain.subscriptions import Subscription
from app.engine.ledger import Ledger
from app.engine.projections.status import Circumstances
from app.engine.trading import Trading
from app.store import entries, index, orders, outbox, peers, private, subscriptions
from app.store.answers import learn
from chain.address import ZERO_ADDRESS
from chain.deploy import CONFIRMATIONS
from chain.network import Network

ORDER_KINDS: dict[type, str] = {
    ev.Funded: "fund",
    ev.Acknowledged: "acknowledge",
    ev.Revealed: "reveal",
    ev.Confirmed: "confirm",
    ev.Complained: "complain",
    ev.Accepted: "accept",
    ev.Refunded: "refund",
    ev.Rated: "rate",
}
"""What the chain events of an order are called among record entries."""


def short_code(address: str) -> str:
    """The short code of an identity, such as 7c1f-09ae."""
    return f"{address[2:6]}-{address[-4:]}".lower()


@dataclass
class Frame:
    """``trading`` is None without an identity, ``ledger`` without a network."""

    session: Session
    ledger: Ledger | None
    trading: Trading | None
    others: tuple[OtherNetwork, ...] = ()
    """The networks that are checked beside the one in use."""
    around: dict[str, Circumstances] = field(default_factory=dict)
    """What `projections.orders.circumstances` found out in this moment, by thread."""
    cards: dict[str, SubscriptionCard] = field(default_factory=dict)
    """What `projections.subscriptions.card` made in this moment, by thread."""
    names: dict[str, str] = field(default_factory=dict)
    """What those who were asked about call themselves, by address."""

    @property
    def me(self) -> str:
        return self.trading.identity.address if self.trading else ""

    @property
    def network(self) -> Network | None:
        return self.ledger.network if self.ledger else None

    @property
    def chain_id(self) -> int:
        return self.network.chain_id if self.network else 0

    def network_name(self, chain_id: int) -> str:
        """How the person calls a network; its number where that is not known (any more)."""
        if self.network is not None and chain_id == self.network.chain_id:
            return self.network.name
        named = (one.name for one in self.others if one.chain_id == chain_id)
        return next(named, str(chain_id))

    def is_final(self, block: int, chain_id: int) -> bool:
        """Whether a block has enough on top of it, as far as that chain was read."""
        if self.ledger is not None and chain_id == self.chain_id:
            return block <= self.ledger.final_block
        read = (one.block for one in self.others if one.chain_id == chain_id)
        return block <= next(read, 0) - CONFIRMATIONS

    @property
    def practice(self) -> bool:
        return self.network is not None and self.network.practice

    @property
    def now(self) -> int:
        """Time of the newest block, 0 before one was seen."""
        return self.ledger.head.timestamp if self.ledger and self.ledger.head else 0

    @cached_property
    def subscriptions(self) -> list[Subscription]:
        """All of them, the one that changed last first; several pages ask."""
        return subscriptions.every(self.session)

    @cached_property
    def orders(self) -> list[Order]:
        """Every order, the one that changed last first. What the pages ask about each is asked
        about all together."""
        every = orders.list_orders(self.session)
        threads = [order.thread for order in every]
        datasets = {order.dataset for order in every}
        learn(self.session, entries.for_thread, threads, entries.of_each_thread)
        learn(self.session, outbox.pending, threads, outbox.pending_of_each)
        learn(self.session, index.registration, datasets, index.registrations)
        learn(self.session, peers.name, {order.other for order in every}, peers.names)
        return every

    def order(self, thread: str) -> Order | None:
        return next((order for order in self.orders if order.thread == thread), None)

    @property
    def open_orders(self) -> list[Order]:
        return [order for order in self.orders if order.stage not in ENDED]

    def learn(self, addresses: set[str]) -> None:
        """Ask at once what all of these call themselves."""
        self.names |= peers.names(self.session, addresses - self.names.keys())

    def name(self, address: str) -> str:
        """What an address calls itself, or its short code."""
        if address not in self.names:
            self.names[address] = peers.name(self.session, address)
        return self.names[address] or short_code(address)

    def person(self, address: str) -> Person:
        """Who has this address, with what is kept about them. All that is kept about anyone is
        read at once: it is little, and several pages ask."""
        kept = private.everything(self.session).get(address, private.Private())
        return Person(
            address,
            self.name(address),
            short_code(address),
            kept.contact,
            kept.blocked,
            kept.note,
            kept.labels,
        )

    @cached_property
    def currencies(self) -> tuple[Currency, ...]:
        """The network's tokens, then the chain's own currency, which pays the fees."""
        network = self.network
        if network is None:
            return ()
        tokens = tuple(
            Currency(token.address, token.symbol, token.name, token.decimals)
            for token in network.tokens
            if token.address != ZERO_ADDRESS
        )
        return (*tokens, Currency(ZERO_ADDRESS, network.fee_symbol, network.fee_symbol, 18))

    @property
    def prices(self) -> tuple[Currency, ...]:
        """What prices can be in: the tokens, or the chain's own where there are none."""
        return self.currencies[:-1] or self.currencies

    @property
    def fee_currency(self) -> Currency | None:
        return self.currencies[-1] if self.currencies else None

    def currency(self, token: str) -> Currency:
        """The currency with this address; an unknown one shows its address and whole units."""
        for currency in self.currencies:
            if currency.token == token:
                return currency
        return Currency(token, short_code(token), token, 0)

    def amount(self, units: int, token: str) -> Amount:
        return Amount(units, self.currency(token))

    @cached_property
    def reachable(self) -> frozenset[str]:
        """Those a session is up with now."""
        host = self.trading.presence.host if self.trading else None
        return (
            frozenset(peer.identity for peer in host.peers if peer.identity)
            if host
            else frozenset()
        )

    def online(self, address: str) -> bool:
        return address in self.reachable
