"""How an order ended, in a code that the page has words for."""

from __future__ import annotations

from app.domain.order import Delivery, Order
from app.domain.snapshots.orders import Ending, EndingCode
from app.engine.projections.frame import Frame


def ending(frame: Frame, order: Order) -> Ending | None:
    """None while the money is held, and where there never was any."""
    code = _code(order)
    if code is None or order.ended_at is None:
        return None
    if code != "dispute" or order.wrong_record is None:
        return Ending(code, order.ended_at)
    bond = order.proposal.bond_units
    return Ending(
        code,
        order.ended_at,
        record=order.wrong_record + 1,
        records=order.records,
        bond=frame.amount(bond, order.proposal.token) if bond else None,
        proof=True,
    )


def _code(order: Order) -> EndingCode | None:
    match order.ending:
        case "accepted" | "window" | "returned" as code:
            return code
        case "unrevealed":
            delivered = order.delivery not in (Delivery.AWAITED, Delivery.RECEIVED)
            return "unrevealed" if delivered else "nothing_came"
        case "complaint":
            return "dispute"
    return None
