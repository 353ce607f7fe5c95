"""Subscribing to the new versions of a dataset: proposed, answered, ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.domain.terms import TermsChoice


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask the owner for the new versions of ``dataset`` for so many days. ``limit_units``: pay
    prices up to so much in all without asking, recording fees come on top; None asks for each
    version."""

    dataset: str
    token: str
    price_units: int
    versions: int
    days: int
    terms: TermsChoice
    limit_units: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CounterSubscription:
    subscription: str  # its thread
    price_units: int
    versions: int
    days: int
    terms: TermsChoice
    note: str = ""


@dataclass(frozen=True, slots=True)
class AcceptSubscription:
    """Sign what was read: ``id`` (hex) of the other side's proposal. If there is another by now,
    nothing is signed."""

    subscription: str
    id: str


@dataclass(frozen=True, slots=True)
class EndSubscription:
    """Or decline it, or take the proposal back: from now on. What is under way is finished."""

    subscription: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class LimitSubscription:
    """How much may be paid in all without asking; None asks for each version."""

    subscription: str
    limit_units: int | None


@dataclass(frozen=True, slots=True)
class SaveAgreement:
    """Write what both signed as a file that anybody can check."""

    subscription: str
    path: Path
