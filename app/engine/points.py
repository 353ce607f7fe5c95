"""Named moments between "journal" and "send": where a crash must leave nothing undone or twice.

The parts say that they `reached` a point; nobody listens but a test, which ends the process there
with SIGKILL, starts it again and expects the same trade. Each point stands after what its sentence
calls done and before what it calls open. Points that only one role can reach name that role.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

Role = Literal["owner", "buyer"]


class Point(NamedTuple):
    """``name`` is what `reached` is called with, ``roles`` who comes by in a trade."""

    name: str
    roles: tuple[Role, ...]
    sentence: str


_OWNER: Final[tuple[Role, ...]] = ("owner",)
_BUYER: Final[tuple[Role, ...]] = ("buyer",)
_BOTH: Final[tuple[Role, ...]] = ("owner", "buyer")

POINTS: Final = (
    # registering
    Point("fingerprint_kept", _OWNER, "The files are read and kept in the draft; not described."),
    Point("commit_wanted", _OWNER, "The commit is wanted; the registration itself not yet."),
    Point("commit_signed", _OWNER, "The commit is signed and journalled; not broadcast."),
    Point("commit_broadcast", _OWNER, "The commit was broadcast; not seen in a block."),
    Point("commit_recorded", _OWNER, "The commit is in a block; the registration not signed."),
    Point("register_signed", _OWNER, "The registration is signed and journalled; not broadcast."),
    Point("register_broadcast", _OWNER, "The registration was broadcast; not seen in a block."),
    Point("register_recorded", _OWNER, "The registration is in a block that is not final."),
    # agreeing
    Point("request_journalled", _BUYER, "The request is journalled; not sent."),
    Point("request_stored", _OWNER, "A request is journalled; its sender has no answer."),
    Point("request_sent", _BUYER, "The owner stored the request; not marked done."),
    Point("counter_journalled", _BOTH, "An own counter-offer is journalled; not sent."),
    Point("counter_stored", _BOTH, "The other's counter-offer is journalled; not answered."),
    Point("counter_sent", _BOTH, "A counter-offer was stored by the other; not marked done."),
    Point("decline_journalled", _OWNER, "The refusal is journalled; not sent."),
    Point("decline_stored", _BUYER, "The other's refusal is journalled; not answered."),
    Point("decline_sent", _OWNER, "The other stored the refusal; not marked done."),
    Point("bond_wanted", _OWNER, "The bond's deposit is wanted; the offer is not signed."),
    Point("bond_signed", _OWNER, "The deposit is signed and journalled; not broadcast."),
    Point("bond_broadcast", _OWNER, "The deposit was broadcast; not seen in a block."),
    Point("bond_recorded", _OWNER, "The deposit is in a block that is not final."),
    Point("offer_journalled", _OWNER, "The signed offer is journalled; not sent."),
    Point("offer_stored", _BUYER, "The signed offer is journalled; the owner has no answer."),
    Point("offer_sent", _OWNER, "The buyer stored the offer; not marked done."),
    Point("manifest_kept", _BUYER, "The manifest is checked and on disk; not journalled."),
    Point("manifest_checked", _BUYER, "The checked manifest is journalled; not marked done."),
    # paying
    Point("fund_wanted", _BUYER, "The payment is wanted; not signed."),
    Point("fund_signed", _BUYER, "The payment is signed and journalled; not broadcast."),
    Point("fund_broadcast", _BUYER, "The payment was broadcast; not seen in a block."),
    Point("fund_recorded", _BUYER, "The payment is in a block that is not final."),
    Point("funded_taken", _BOTH, "The final payment is journalled in the order; nothing done."),
    # delivering
    Point("chunk_sent", _OWNER, "A sealed chunk went out and was acknowledged."),
    Point("chunk_stored", _BUYER, "A sealed chunk is on disk; the delivery has not ended."),
    Point("content_received", _BUYER, "All sealed chunks are on disk; not journalled."),
    Point("receipt_journalled", _BUYER, "The receipt is signed and journalled; not sent."),
    Point("receipt_stored", _OWNER, "The receipt is journalled; not answered, no key given."),
    Point("receipt_sent", _BUYER, "The owner stored the receipt; not marked done."),
    Point("key_journalled", _OWNER, "The key's release is journalled; not sent."),
    Point("key_stored", _BUYER, "The key is journalled; not answered, nothing opened."),
    Point("key_sent", _OWNER, "The buyer stored the key; not marked done."),
    Point("content_unsealed", _BUYER, "The checked files are in place; not journalled."),
    Point("content_checked", _BUYER, "The checked files are journalled; not marked done."),
    # ending
    Point("confirmation_journalled", _BUYER, "The confirmation is journalled; nowhere else."),
    Point("confirmation_stored", _OWNER, "The confirmation is journalled; not answered."),
    Point("confirmation_sent", _BUYER, "The owner stored the confirmation; not marked done."),
    Point("confirm_wanted", _BUYER, "The confirmation's entry is wanted; not signed."),
    Point("confirm_signed", _BUYER, "The entry is signed and journalled; not broadcast."),
    Point("confirm_broadcast", _BUYER, "The entry was broadcast; not seen in a block."),
    Point("confirm_recorded", _BUYER, "The entry is in a block that is not final."),
    Point("confirmed_taken", _BOTH, "The final ending is journalled in the order; not shown."),
    # revealing, and a dispute
    Point("reveal_wanted", _OWNER, "The reveal is wanted; not signed."),
    Point("reveal_signed", _OWNER, "The reveal is signed and journalled; not broadcast."),
    Point("reveal_broadcast", _OWNER, "The reveal was broadcast; not seen in a block."),
    Point("reveal_recorded", _OWNER, "The reveal is in a block that is not final."),
    Point("revealed_taken", _BOTH, "The final reveal is journalled in the order; nothing done."),
    Point("fault_journalled", _BUYER, "The wrong record and its evidence are journalled."),
    Point("complain_wanted", _BUYER, "The complaint is wanted; not signed."),
    Point("complain_signed", _BUYER, "The complaint is signed and journalled; not broadcast."),
    Point("complain_broadcast", _BUYER, "The complaint was broadcast; not seen in a block."),
    Point("complain_recorded", _BUYER, "The complaint is in a block that is not final."),
    Point("complained_taken", _BOTH, "The final ending is journalled in the order; not shown."),
)
DISPUTED: Final = frozenset(
    {"reveal_wanted", "reveal_signed", "reveal_broadcast", "reveal_recorded", "revealed_taken",
     "fault_journalled", "complain_wanted", "complain_signed", "complain_broadcast",
     "complain_recorded", "complained_taken"}
)  # fmt: skip
"""The points that a trade has only where nobody accepts, or a record is wrong."""

observer: Callable[[str], None] | None = None
"""Called with the name of each point that is reached, in whichever thread reaches it."""


def reached(name: str) -> None:
    """The work is at this point now. Costs one look unless somebody listens."""
    if observer is not None:
        observer(name)
