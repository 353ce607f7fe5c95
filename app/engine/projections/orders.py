"""The list of orders, and what the status of each depends on."""

from __future__ import annotations

from app.domain import deadlines
from app.domain.effects import FetchContent
from app.domain.order import ENDED, NEGOTIATING, RUNNING, Order, Stage
from app.domain.snapshots.orders import OrderRow, OrdersSnapshot
from app.domain.snapshots.shell import WaitingOrder
from app.domain.terms import subscription_of
from app.engine.projections.frame import Frame, short_code
from app.engine.projections.order_talk import agreed
from app.engine.projections.status import NEEDS_YOU, Circumstances, status, tone
from app.store import entries, index, outbox, texts
from p2p.records import CHUNK_RECORDS, PAYLOAD, chunk_count


def circumstances(frame: Frame, order: Order) -> Circumstances:
    """What the status of an order depends on besides its events."""
    if order.thread not in frame.around:
        frame.around[order.thread] = _look_around(frame, order)
    return frame.around[order.thread]


def _look_around(frame: Frame, order: Order) -> Circumstances:
    kept = entries.for_thread(frame.session, order.thread)
    waiting = outbox.pending(frame.session, order.thread)
    unreachable = any(
        task.attempts > 0 and isinstance(task.effect, FetchContent) for task in waiting
    )
    trading = frame.trading
    transfer = trading.deliveries.transfer(order.thread) if trading else None
    return Circumstances(
        entries=tuple(kept),
        paused=trading.deliveries.pauses.mine(order.thread) if trading else "",
        pressing=deadlines.pause_is_late(
            order, frame.now, frame.practice, _left_seconds(frame, order)
        ),
        other=trading.deliveries.other(order.thread) if trading else None,
        place=trading.deliveries.turns.place(order.thread) if trading else 0,
        unreachable=unreachable and not (transfer and transfer.active),
        agreed=agreed(frame, order),
        late=order.deadline is not None and frame.now > order.deadline,
        leaves=trading.kept.offered(order) if trading and order.order_id else False,
        subscribed=bool(subscription_of(order.proposal.terms)),
        by_itself=trading.subscribing.by_itself(order) if trading else False,
    )


def go_on_by(frame: Frame, order: Order) -> int | None:
    """When a delivery that stands still must go on, or the payment goes back."""
    return deadlines.resume_by(order, frame.practice, _left_seconds(frame, order))


def _left_seconds(frame: Frame, order: Order) -> int:
    """How long the rest of a delivery takes at the last speed measured, 0 if none was."""
    transfer = frame.trading.deliveries.transfer(order.thread) if frame.trading else None
    if transfer is None or not transfer.last_speed_bytes:
        return 0
    rest = (chunk_count(order.records) - transfer.confirmed_parts) * CHUNK_RECORDS * PAYLOAD
    return rest // transfer.last_speed_bytes


def order_list(frame: Frame) -> OrdersSnapshot:
    rows = [order_row(frame, order) for order in frame.orders]
    return OrdersSnapshot((*rows, *_questions(frame)))


def order_row(frame: Frame, order: Order) -> OrderRow:
    code = status(order, circumstances(frame, order))
    transfer = frame.trading.deliveries.transfer(order.thread) if frame.trading else None
    running = code in ("deliver", "receive") and transfer is not None and transfer.total_parts
    return OrderRow(
        order=order.thread,
        title=title_of(frame, order.dataset),
        other=frame.name(order.other),
        price=frame.amount(order.proposal.price_units, order.proposal.token),
        status=f"order.{code}",
        tone=tone(code),
        done=transfer.confirmed_parts / transfer.total_parts if transfer and running else None,
        needs_you=code in NEEDS_YOU,
        finished=order.stage in ENDED,
        rating=order.scores[0] if order.stage == Stage.PAID_RATED else None,
    )


def due_at(order: Order) -> int | None:
    """The next deadline of an order, None where it has none (any more)."""
    if order.stage in NEGOTIATING:
        return order.proposal.expires_at
    return order.deadline if order.stage in RUNNING else None


def waiting(frame: Frame, *, every: bool) -> tuple[WaitingOrder, ...]:
    """The open orders that wait for unlocking, first due first: ``every`` one or, while their keys
    are in the engine, those that need a decision."""
    found = []
    for order in frame.open_orders:
        needed = every or status(order, circumstances(frame, order)) in NEEDS_YOU
        if order.stage == Stage.LAPSED or not needed:
            continue
        due = due_at(order)
        late = due is not None and frame.now > due
        title, other = title_of(frame, order.dataset), frame.name(order.other)
        found.append(WaitingOrder(order.thread, title, other, due, late))
    return tuple(sorted(found, key=lambda one: (one.due_at is None, one.due_at or 0)))


def title_of(frame: Frame, dataset: bytes) -> str:
    row = index.registration(frame.session, dataset)
    return row.title if row and row.title else short_code("0x" + dataset.hex())


def _questions(frame: Frame) -> list[OrderRow]:
    """Threads of questions about a dataset that no order has come of."""
    rows = []
    for line in texts.questions(frame.session):
        row = index.registration(frame.session, bytes.fromhex(line.dataset))
        rows.append(
            OrderRow(
                order=line.thread,
                title=row.title if row else "",
                other=frame.name(line.other),
                price=frame.amount(row.price or 0 if row else 0, row.token if row else ""),
                status="order.question",
                tone="quiet" if line.mine else "warn",
                done=None,
                needs_you=False,
                finished=False,
            )
        )
    return rows
