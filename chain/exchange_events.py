"""What the exchange logs, and how to read it by hand.

Every event of an order names its owner and buyer, so that an index needs no Offer to know whom it
concerns. A log that does not fit is not the contract's: a ValueError, and the endpoint's fault.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from chain import abi
from chain.address import Address
from chain.agreement import Offer
from chain.answers import RawLog


@dataclass(frozen=True, slots=True)
class Funded:
    """The buyer paid; `deadline` (unix seconds) is the end of the time for a reveal."""

    order_id: bytes
    owner: Address
    buyer: Address
    offer: Offer
    deadline: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The buyer holds a delivery with this root: a contract wallet's receipt, said once."""

    order_id: bytes
    owner: Address
    buyer: Address
    delivery_root: bytes


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Paid and rated: overall and five criteria, a byte of 1 to 5 each."""

    order_id: bytes
    owner: Address
    buyer: Address
    delivery_root: bytes
    scores: bytes
    review: bytes


@dataclass(frozen=True, slots=True)
class Revealed:
    """The secret is public now; `deadline` (unix seconds) is the end of the window."""

    order_id: bytes
    owner: Address
    buyer: Address
    delivery_root: bytes
    secret: bytes = field(repr=False)
    deadline: int


@dataclass(frozen=True, slots=True)
class Complained:
    """Price and bond went to the buyer: the record at this index was not the registered one.
    The buyer's secret is public now, and with the revealed one the whole delivery."""

    order_id: bytes
    owner: Address
    buyer: Address
    index: int
    mask: bytes = field(repr=False)
    delivery_root: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """Paid after the window."""

    order_id: bytes
    owner: Address
    buyer: Address


@dataclass(frozen=True, slots=True)
class Refunded:
    """The price went back: by the owner's will, or because the time for a reveal had passed."""

    order_id: bytes
    owner: Address
    buyer: Address
    by_owner: bool


@dataclass(frozen=True, slots=True)
class Rated:
    """A rating of an order that was paid without one."""

    order_id: bytes
    owner: Address
    buyer: Address
    scores: bytes
    review: bytes


@dataclass(frozen=True, slots=True)
class Deposited:
    account: Address
    token: Address
    amount_units: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    account: Address
    token: Address
    amount_units: int
    receiver: Address


@dataclass(frozen=True, slots=True)
class Credited:
    """A payment of this order failed and waits in the account's ledger."""

    order_id: bytes
    account: Address
    token: Address
    amount_units: int


@dataclass(frozen=True, slots=True)
class EpochRaised:
    """The owner's offers of earlier epochs are void."""

    owner: Address
    epoch: int


ExchangeEvent: TypeAlias = (
    Funded
    | Acknowledged
    | Confirmed
    | Revealed
    | Complained
    | Accepted
    | Refunded
    | Rated
    | Deposited
    | Withdrawn
    | Credited
    | EpochRaised
)


def decoders() -> dict[bytes, Callable[[RawLog], ExchangeEvent]]:
    """First topic → how to read such a log. Each raises ValueError for a log that does not fit."""
    interface = abi.interface("Exchange")
    readers: dict[str, Callable[[RawLog], ExchangeEvent]] = {
        "Funded": _funded,
        "Acknowledged": _acknowledged,
        "Confirmed": _confirmed,
        "Revealed": _revealed,
        "Complained": _complained,
        "Accepted": _accepted,
        "Refunded": _refunded,
        "Rated": _rated,
        "Deposited": _deposited,
        "Withdrawn": _withdrawn,
        "Credited": _credited,
        "EpochRaised": _epoch_raised,
    }
    return {interface.topic(name): reader for name, reader in readers.items()}


def _order(log: RawLog) -> tuple[bytes, Address, Address]:
    _, order_id, owner, buyer = log.topics
    return order_id, abi.address(owner), abi.address(buyer)


def _funded(log: RawLog) -> Funded:
    data = log.data
    abi.exactly(data, 16)
    offer = Offer(
        owner=abi.address(data[0:32]),
        buyer=abi.address(data[32:64]),
        dataset=data[64:96],
        records=abi.number(data, 3),
        token=abi.address(data[128:160]),
        price=abi.number(data, 5),
        bond=abi.number(data, 6),
        key_commit=data[224:256],
        mask_commit=data[256:288],
        terms=data[288:320],
        expires=abi.number(data, 10),
        reveal_within=abi.number(data, 11),
        window=abi.number(data, 12),
        epoch=abi.number(data, 13),
        nonce=data[448:480],
    )
    order_id, owner, buyer = _order(log)
    if (owner, buyer) != (offer.owner, offer.buyer):
        raise ValueError("the event names others than its Offer")
    return Funded(order_id, owner, buyer, offer, abi.number(data, 15, 40))


def _acknowledged(log: RawLog) -> Acknowledged:
    abi.exactly(log.data, 1)
    return Acknowledged(*_order(log), log.data)


def _confirmed(log: RawLog) -> Confirmed:
    abi.exactly(log.data, 3)
    return Confirmed(*_order(log), log.data[:32], log.data[32:38], log.data[64:96])


def _revealed(log: RawLog) -> Revealed:
    abi.exactly(log.data, 3)
    return Revealed(*_order(log), log.data[:32], log.data[32:64], abi.number(log.data, 2, 41))


def _complained(log: RawLog) -> Complained:
    abi.exactly(log.data, 3)
    index, mask, delivery_root = abi.number(log.data, 0, 32), log.data[32:64], log.data[64:96]
    return Complained(*_order(log), index, mask, delivery_root)


def _accepted(log: RawLog) -> Accepted:
    abi.exactly(log.data, 0)
    return Accepted(*_order(log))


def _refunded(log: RawLog) -> Refunded:
    abi.exactly(log.data, 1)
    return Refunded(*_order(log), abi.flag(log.data, 0))


def _rated(log: RawLog) -> Rated:
    abi.exactly(log.data, 2)
    return Rated(*_order(log), log.data[:6], log.data[32:64])


def _deposited(log: RawLog) -> Deposited:
    abi.exactly(log.data, 1)
    _, account, token = log.topics
    return Deposited(abi.address(account), abi.address(token), abi.number(log.data, 0))


def _withdrawn(log: RawLog) -> Withdrawn:
    abi.exactly(log.data, 2)
    _, account, token = log.topics
    return Withdrawn(
        abi.address(account),
        abi.address(token),
        abi.number(log.data, 0),
        abi.address(log.data[32:64]),
    )


def _credited(log: RawLog) -> Credited:
    abi.exactly(log.data, 1)
    _, order_id, account, token = log.topics
    return Credited(order_id, abi.address(account), abi.address(token), abi.number(log.data, 0))


def _epoch_raised(log: RawLog) -> EpochRaised:
    abi.exactly(log.data, 1)
    _, owner = log.topics
    return EpochRaised(abi.address(owner), abi.number(log.data, 0, 32))
