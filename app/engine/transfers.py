"""How far each order's data is in this run, and how fast it moves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from app.domain.order import Order
from p2p.records import CHUNK_RECORDS, PAYLOAD, chunk_count
from p2p.spool import Spool


@dataclass(frozen=True, slots=True)
class Transfer:
    """Progress of one order's data in this run; parts are chunks."""

    total_parts: int
    sent_parts: int = 0
    confirmed_parts: int = 0
    speed_bytes: int = 0
    last_speed_bytes: int = 0  # the last that was measured, also while nothing moves
    checking: float | None = None  # 0…1 while the records are being opened
    active: bool = False
    problem: str = ""


class Transfers:
    """``progressed`` is called when a transfer moved."""

    def __init__(self, progressed: Callable[[], None]) -> None:
        self._progressed = progressed
        self._transfers: dict[str, Transfer] = {}
        self._marks: dict[str, tuple[float, int]] = {}

    def get(self, thread: str) -> Transfer | None:
        return self._transfers.get(thread)

    def found(self, order: Order, spool: Spool) -> None:
        """What is on this disk, also when nothing moves: after a start, or when it is full."""
        self.moved(order, spool.next_chunk, spool.next_chunk)
        self.still(order.thread)

    def moved(self, order: Order, sent: int, confirmed: int) -> None:
        total = chunk_count(order.records)
        before = self._transfers.get(order.thread) or Transfer(total)
        now = time.monotonic()
        at, parts = self._marks.setdefault(order.thread, (now, confirmed))
        speed = before.speed_bytes
        if now - at >= 1.0:
            speed = int((confirmed - parts) * CHUNK_RECORDS * PAYLOAD / (now - at))
            self._marks[order.thread] = (now, confirmed)
        self._transfers[order.thread] = replace(
            before,
            sent_parts=sent,
            confirmed_parts=confirmed,
            speed_bytes=speed,
            last_speed_bytes=speed or before.last_speed_bytes,
            active=confirmed < total,
            problem="",
        )
        self._progressed()

    def active(self, thread: str) -> bool:
        moved = self._transfers.get(thread)
        return moved is not None and moved.active

    def still(self, thread: str) -> None:
        self._marks.pop(thread, None)
        moved = self._transfers.get(thread)
        if moved is not None:
            self._transfers[thread] = replace(moved, speed_bytes=0, active=False)

    def checking(self, thread: str, done: float | None) -> None:
        before = self._transfers.get(thread) or Transfer(0)
        self._transfers[thread] = replace(before, checking=done)
        self._progressed()

    def problem(self, thread: str, problem: str) -> None:
        before = self._transfers.get(thread) or Transfer(0)
        if before.problem != problem:
            self._transfers[thread] = replace(before, problem=problem)
            self._progressed()
