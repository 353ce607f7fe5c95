"""What the escrow itself keeps of an order, asked before money, data or the key depend on it.

The index is a copy of the record's events, and events can be withheld. The order's slot in the
contract cannot: with several endpoints it is proven against a block they agree on. All functions
block (call them in a worker thread) and raise `chain.errors.Unreachable` while too few endpoints
agree.
"""

from __future__ import annotations

from app.domain.order import Order, Stage
from app.engine.ledger import Ledger
from chain.exchange import ACKED, FUNDED, PAID, PAID_RATED, REFUNDED, REVEALED

_KNOWN = {
    Stage.FUNDED: (FUNDED, ACKED),
    Stage.REVEALED: (REVEALED,),
    Stage.PAID: (PAID,),
    Stage.PAID_RATED: (PAID_RATED,),
    Stage.REFUNDED: (REFUNDED,),
}
"""The states of a slot that the events of a stage account for."""


def is_held(ledger: Ledger, order: Order) -> bool:
    """Whether the price is in holding, in a final block: data may be delivered."""
    return ledger.final_state().order(order.order_id).state in (FUNDED, ACKED, REVEALED)


def can_still_be_revealed(ledger: Ledger, order: Order) -> bool:
    """Whether it is held until the deadline that we go by: the key may be given away, because the
    owner can still prove on the record that it did."""
    slot = ledger.final_state().order(order.order_id)
    return slot.state in (FUNDED, ACKED) and slot.deadline == order.deadline


def is_ahead(ledger: Ledger, order: Order) -> bool:
    """Whether the escrow is further on than the events that were seen up to the final block."""
    known = _KNOWN.get(order.stage)
    state = ledger.final_state().order(order.order_id).state
    return known is not None and state > max(known)
