"""Amounts and what the identity owns, as the screens show them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of the network; the zero address is the chain's own one, which pays fees."""

    token: str
    symbol: str
    name: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Amount:
    units: int
    currency: Currency


@dataclass(frozen=True, slots=True)
class Account:
    """One currency. ``held``: my payments in holding as a buyer; ``incoming``: as an owner.
    ``bond_free`` contains credited payments that wait to be taken out."""

    currency: Currency
    available_units: int
    held_units: int
    incoming_units: int
    bond_free_units: int
    bond_locked_units: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of the history; positive came in, negative went out."""

    # "practice", "sent", "received", "paid", "earned", "refunded", "bond", "bond_won", "bond_lost",
    # "taken_out"
    what: str
    amount: Amount
    at: int
    state: str  # "being_recorded" | "recorded" | "final" | "failed"
    other: str = ""  # name or short code of the other side
    order: str = ""


@dataclass(frozen=True, slots=True)
class MoneySnapshot:
    accounts: tuple[Account, ...] = ()
    movements: tuple[Movement, ...] = ()
    address: str = ""  # for Receive: shown with its QR code
    practice: bool = False
    busy: bool = False  # an amount is on its way to the record
    fee_wei: int | None = None  # expected for one record entry such as sending, None = unknown
