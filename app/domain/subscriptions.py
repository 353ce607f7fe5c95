"""Subscriptions: orders for the versions of a period, agreed once, each delivered by itself.

Owner and buyer negotiate one signed value (`chain.agreement.Subscription`): they answer in turns,
each time with a signature, and what both have signed is agreed. From then on the record says which
versions there are, and both apps hold the same rules against them: a new version by this owner in
this lineage, registered in the period and before the end, not ordered before, not one too many, at
the agreed price and terms. Each becomes an ordinary order whose terms name the subscription.

Everything here is pure; ids and signatures are the caller's to check.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.domain.errors import RuleError
from app.domain.events import Proposal, Side
from app.domain.terms import choice_of, document
from chain.agreement import Subscription as Value


class Stage(StrEnum):
    PROPOSED = "proposed"
    AGREED = "agreed"
    DECLINED = "declined"  # ended before both had signed
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Proposed:
    """One side's signature under ``value``, whose digest is ``id``; ``terms`` is the document its
    hash is of."""

    at: int
    by: Side
    id: bytes
    value: Value
    terms: dict[str, Any]
    signature: bytes
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """Versions registered after ``at`` are not part of it; ``signature`` is of whoever ended it,
    empty where an app found that it can no longer be agreed."""

    at: int
    by: Side
    id: bytes
    signature: bytes = b""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """All of it as one side keeps it. ``answer`` is the second signature, under the last proposal.
    ``limit_units`` is the buyer's own: up to so much in all is paid without asking, None asks each
    time."""

    thread: str
    role: Side
    proposals: tuple[Proposed, ...]
    changed_at: int
    answer: bytes = b""
    agreed_at: int | None = None
    ending: Ending | None = None
    limit_units: int | None = None

    @property
    def last(self) -> Proposed:
        return self.proposals[-1]

    @property
    def value(self) -> Value:
        return self.last.value

    @property
    def id(self) -> bytes:
        return self.last.id

    @property
    def other(self) -> str:
        """The other side's address."""
        return self.value.buyer if self.role == "owner" else self.value.owner

    @property
    def stage(self) -> Stage:
        if self.ending is not None:
            return Stage.ENDED if self.answer else Stage.DECLINED
        return Stage.AGREED if self.answer else Stage.PROPOSED

    def may_answer(self, by: Side) -> bool:
        """Whether it is this side's turn."""
        return self.stage == Stage.PROPOSED and self.last.by != by

    def is_open(self, now: int) -> bool:
        """Whether it stands, or can still be agreed."""
        if self.stage == Stage.PROPOSED:
            return now <= self.value.expires
        return self.stage == Stage.AGREED and now <= self.value.until


def counter(said: Subscription, proposed: Proposed) -> Subscription:
    """Another value in answer to the last one. RuleError if it is not that side's turn, or about
    something else."""
    _check_turn(said, proposed.by, proposed.at)
    was, now = said.value, proposed.value
    if (was.owner, was.buyer, was.dataset, was.token) != (
        now.owner,
        now.buyer,
        now.dataset,
        now.token,
    ):
        raise RuleError("subscription.other", "This is about another subscription.")
    if now.begins < was.begins:  # old versions would be sold as new ones
        raise RuleError("subscription.begins", "A subscription does not begin earlier than asked.")
    if any(proposed.id == one.id for one in said.proposals):
        raise RuleError("subscription.again", "This was proposed before.")
    return replace(said, proposals=(*said.proposals, proposed), changed_at=proposed.at)


def accept(said: Subscription, by: Side, id: bytes, signature: bytes, at: int) -> Subscription:
    """Agreed: ``by`` has signed the last proposal of the other side, too."""
    _check_turn(said, by, at)
    if id != said.id:
        raise RuleError(
            "subscription.changed", "The subscription changed while you were reading it."
        )
    return replace(said, answer=signature, agreed_at=at, changed_at=at)


def end(said: Subscription, ending: Ending, at: int) -> Subscription:
    """Over, from ``ending.at`` on; ``at`` is when it was heard. What ended first stays."""
    if said.ending is not None:
        return said
    if all(ending.id != one.id for one in said.proposals):
        raise RuleError("subscription.other", "This is about another subscription.")
    return replace(said, ending=ending, changed_at=at)


def _check_turn(said: Subscription, by: Side, at: int) -> None:
    if said.stage in (Stage.DECLINED, Stage.ENDED):
        raise RuleError("subscription.over", "This subscription has ended.")
    if not said.may_answer(by):
        raise RuleError("subscription.not_now", "There is nothing to answer in this subscription.")
    if at > said.value.expires:
        raise RuleError(
            "subscription.expired", "This proposal has expired. Propose the subscription again."
        )


# What it is about


@dataclass(frozen=True, slots=True)
class Version:
    """A registration as the record has it; ``follows`` are the datasets it is a new version of, by
    the same owner, the nearest first."""

    dataset: bytes
    registrant: str
    title_holder: str
    follows: tuple[bytes, ...]
    committed_at: int
    withdrawn: bool = False


def check_version(said: Subscription, version: Version) -> None:
    """RuleError says why a version is not one of those agreed."""
    value = said.value
    if not said.answer:
        raise RuleError("subscription.not_agreed", "This subscription is not agreed.")
    if value.dataset not in version.follows:
        raise RuleError("subscription.lineage", "This is no new version of what is subscribed to.")
    if not version.registrant == version.title_holder == value.owner:
        raise RuleError("subscription.owner", "This version is not the subscribed owner's.")
    if version.withdrawn:
        raise RuleError("subscription.withdrawn", "This version is not on offer any more.")
    if not value.begins <= version.committed_at <= value.until:
        raise RuleError("subscription.period", "This version was not registered in the period.")
    if said.ending is not None and version.committed_at > said.ending.at:
        raise RuleError("subscription.over", "This subscription has ended.")


def check_order(
    said: Subscription, version: Version, proposal: Proposal, ordered: Collection[bytes]
) -> None:
    """RuleError says why an order is not one of this subscription; ``ordered`` are the versions
    that were ordered in it before."""
    check_version(said, version)
    if version.dataset in ordered:
        raise RuleError("subscription.ordered", "This version is ordered already.")
    if len(ordered) >= said.value.versions:
        raise RuleError("subscription.number", "All versions that were agreed are ordered already.")
    wanted = order_for(said, version.dataset, proposal.expires_at)
    if proposal.terms != wanted.terms:
        raise RuleError("subscription.terms", "The licence is not the one that was agreed.")
    if replace(proposal, note="") != wanted:
        raise RuleError("subscription.price", "The price or a time is not the one agreed.")


def order_for(said: Subscription, dataset: bytes, expires_at: int) -> Proposal:
    """What a version is ordered for: the agreed numbers, and terms that name the subscription."""
    value = said.value
    choice = choice_of(said.last.terms, value.dataset.hex())
    return Proposal(
        token=value.token,
        price_units=value.price,
        bond_units=value.bond,
        window_seconds=value.window,
        reveal_within_seconds=value.reveal_within,
        expires_at=expires_at,
        terms=document(choice, dataset.hex(), said.id.hex()),
        note="",
    )


def may_pay(said: Subscription, spent_units: int, price_units: int) -> bool:
    """Whether a version is paid without asking, when ``spent_units`` were paid in this
    subscription before, in whichever way. After the end nothing is."""
    limit = said.limit_units
    return (
        said.role == "buyer"
        and said.stage == Stage.AGREED
        and limit is not None
        and price_units == said.value.price
        and spent_units + price_units <= limit
    )
