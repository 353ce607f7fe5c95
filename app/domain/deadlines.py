"""What time makes due in an order, and what it forbids (PROTOCOL §5 and §6).

All of it goes by the time of the newest block, which the caller gives; nothing here knows a clock.
"""

from __future__ import annotations

from app.domain import effects as fx
from app.domain.order import RUNNING, Delivery, Order, Stage


def margin_seconds(reveal_within_seconds: int, practice: bool) -> int:
    """How long before the deadline the owner reveals and stops giving keys away for the first
    time (PROTOCOL: max(30 min, a quarter of the time to reveal); a quarter on practice)."""
    quarter = reveal_within_seconds // 4
    return quarter if practice else max(1800, quarter)


def carry_after_seconds(practice: bool) -> int:
    """How long both wait for the buyer's own record entry before it is tried again, and the owner
    carries the buyer's Confirmation (and the fee) itself."""
    return 30 if practice else 1800


def due(order: Order, now: int, practice: bool) -> tuple[fx.EntryKind, ...]:
    """The record entries that block time ``now`` makes necessary; none twice at once is the
    caller's part, since only the journal knows what is already on its way."""
    if order.stage not in RUNNING or order.deadline is None:
        return ()
    late = now > order.deadline
    carry = False
    if order.confirmation_at is not None:
        carry = now >= order.confirmation_at + carry_after_seconds(practice)
    if order.role == "owner":
        return _owners_due(order, now, late, carry, practice)
    return _buyers_due(order, late, carry)


def _owners_due(
    order: Order, now: int, late: bool, carry: bool, practice: bool
) -> tuple[fx.EntryKind, ...]:
    entries: list[fx.EntryKind] = []
    confirmed = order.confirmation_at is not None
    if carry:
        entries.append("confirm")
    elif late and not confirmed and order.stage == Stage.REVEALED:
        entries.append("accept")
    if order.stage == Stage.FUNDED:
        if order.receipt and may_reveal(order, now, practice):
            entries.append("reveal")
        if late and not confirmed and order.proposal.bond_units > 0:
            entries.append("refund")
    return tuple(entries)


def _buyers_due(order: Order, late: bool, carry: bool) -> tuple[fx.EntryKind, ...]:
    if order.confirmation_at is not None:  # who has accepted does not take the money back
        return ("confirm",) if carry else ()
    if order.stage == Stage.FUNDED:
        return ("refund",) if late else ()
    return ("complain",) if order.has_wrong_record and not late else ()


def hurry_seconds(order: Order, now: int, practice: bool) -> int | None:
    """How long an entry of ours may wait in front of this order's deadline before its fee is
    raised: ever shorter; None if the order has no entry that comes too late."""
    kinds = due(order, now, practice)
    if order.deadline is None or not {"reveal", "complain"} & set(kinds):
        return None
    return max(2 if practice else 12, (order.deadline - now) // 20)


def lapsed(order: Order, now: int) -> bool:
    """Whether the signed offer can no longer be paid."""
    return order.stage == Stage.OFFERED and now > order.proposal.expires_at


def resume_by(order: Order, practice: bool, left_seconds: int) -> int | None:
    """When a delivery that stands still must go on for the owner to be paid: it takes
    ``left_seconds`` more, and the key is given before the margin. None if nothing is awaited."""
    if order.stage != Stage.FUNDED or order.deadline is None or order.delivery != Delivery.AWAITED:
        return None
    margin = margin_seconds(order.proposal.reveal_within_seconds, practice)
    return order.deadline - margin - left_seconds


def pause_is_late(order: Order, now: int, practice: bool, left_seconds: int) -> bool:
    """Whether whoever paused must be told to resume: a quarter of the time to reveal, half a day at
    most, before it is too late."""
    by = resume_by(order, practice, left_seconds)
    early = min(order.proposal.reveal_within_seconds // 4, 43_200)
    return by is not None and now >= by - early


def may_give_key(order: Order, now: int, practice: bool) -> bool:
    """Whether the owner may let the key out of its hands, off the record.

    Before the margin; and not again within it, since nobody knows whether it arrived before: then
    it is revealed on record, where the buyer finds it, or the payment goes back.
    """
    if order.stage in (Stage.REVEALED, Stage.PAID, Stage.PAID_RATED):
        return True  # it is public, or paid for
    if order.stage != Stage.FUNDED or order.deadline is None:
        return False
    margin = margin_seconds(order.proposal.reveal_within_seconds, practice)
    return now < order.deadline - margin


def may_reveal(order: Order, now: int, practice: bool) -> bool:
    """Whether a key that was given is to be shown on record: from the margin to the deadline.

    One that was not given by then is not shown for the first time here, where it might come into a
    block after the deadline; the payment goes back.
    """
    if order.stage != Stage.FUNDED or order.deadline is None or not order.sealed_key:
        return False
    margin = margin_seconds(order.proposal.reveal_within_seconds, practice)
    return order.deadline - margin <= now <= order.deadline
