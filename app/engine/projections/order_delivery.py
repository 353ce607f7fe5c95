"""The delivery card of an order, and the ticks of what was checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from app.domain.order import Delivery, Order
from app.domain.snapshots.orders import DeliveryView, ParcelView, Tick
from app.engine.pauses import Mine
from app.engine.projections.frame import Frame
from app.engine.projections.status import Circumstances
from app.engine.transfers import Transfer
from p2p.records import CHUNK_RECORDS, PAYLOAD, chunk_count

DeliveryState = Literal[
    "not_started", "waiting_peer", "waiting_final", "running",
    "paused", "paused_all", "unplugged", "other_paused", "queued", "other_queued", "received",
    "key_awaited", "checking", "in_place", "failed",
]  # fmt: skip

PAUSED: dict[Mine, DeliveryState] = {
    "one": "paused",
    "all": "paused_all",
    "battery": "unplugged",
}


def delivery(frame: Frame, order: Order, around: Circumstances, code: str) -> DeliveryView | None:
    if order.funded_at is None and around.running("fund") is None:
        return None
    total = chunk_count(order.records)
    moved = frame.trading.deliveries.transfer(order.thread) if frame.trading else None
    transfer = moved or Transfer(total)
    everything = order.delivery != Delivery.AWAITED
    confirmed = total if everything else transfer.confirmed_parts
    sent = total if everything else max(transfer.sent_parts, confirmed)
    size = order.records * PAYLOAD
    part = CHUNK_RECORDS * PAYLOAD
    done_bytes = size if confirmed >= total else confirmed * part
    speed = transfer.speed_bytes
    return DeliveryView(
        total_parts=total,
        sent_parts=sent,
        confirmed_parts=confirmed,
        total_bytes=size,
        confirmed_bytes=done_bytes,
        speed_bytes=speed,
        left_seconds=(size - done_bytes) // speed if speed and confirmed < total else None,
        state=_delivery_state(order, transfer, around, code),
        place=around.place,
        folder=order.folder,
        problem=transfer.problem or ("bad_record" if order.has_wrong_record else order.fault),
        parcel=None if everything else _parcel(frame, order),
    )


def _parcel(frame: Frame, order: Order) -> ParcelView | None:
    if not frame.trading:
        return None
    view, place = (
        frame.trading.parcels.view(frame.session, order.thread),
        frame.trading.kept.place(order.thread),
    )
    if view is not None and view.doing == "leaving":
        view = replace(view, waits=frame.trading.kept.waits(order.thread))
    if place is None or (order.role == "owner" and not place.until):
        return view
    return replace(view or ParcelView(), relay=place.host, until=place.until)


def _delivery_state(
    order: Order, transfer: Transfer, around: Circumstances, code: str
) -> DeliveryState:
    if order.funded_at is None:
        return "waiting_final"
    by_delivery: dict[Delivery, DeliveryState] = {
        Delivery.RECEIVED: "received",
        Delivery.RECEIPTED: "key_awaited" if order.role == "buyer" else "received",
        Delivery.KEYED: "checking" if order.role == "buyer" else "received",
        Delivery.CHECKED: "in_place",
        Delivery.FAULTY: "in_place" if order.folder else "failed",
    }
    if order.delivery in by_delivery:
        return by_delivery[order.delivery]
    if around.paused:
        return PAUSED[around.paused]
    if around.other:
        return "other_paused" if around.other == "paused" else "other_queued"
    if around.place:
        return "queued"
    if transfer.active:
        return "running"
    return "waiting_peer" if code == "wait_peer" or order.role == "owner" else "not_started"


def ticks(order: Order) -> tuple[Tick, ...]:
    if order.role != "buyer" or order.funded_at is None:
        return ()
    checked: bool | None = True if order.delivery == Delivery.CHECKED else None
    records, statements = checked, checked
    if order.has_wrong_record:
        records = False  # the first wrong one ended the check
    elif order.has_untrue_statement:
        records, statements = True, False
    received = order.delivery != Delivery.AWAITED
    return (
        Tick("fingerprint", True if received else None),
        Tick("records", records, f"{order.records:,}"),
        Tick("files", statements, f"{order.manifest_files:,}"),
        Tick("content_id", statements),
        Tick("size", True if order.has_untrue_statement else checked),
    )
