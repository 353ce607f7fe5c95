"""Effects that were promised and are not done yet: saved with the event that asked for them.

An effect is named by its order, its kind and its fields, so that asking twice is asking once,
also after it was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, aliased

from app.domain import codec
from app.domain.effects import EFFECT_TYPES, Effect, SendMessage
from app.store.answers import asked_once
from app.store.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class Task:
    """``due_at`` is unix seconds; ``reason`` says why the last attempt came to nothing."""

    id: int
    thread: str
    effect: Effect
    attempts: int
    due_at: int
    reason: str


def add(session: Session, thread: str, effect: Effect, now: int) -> None:
    """Promise an effect, due from ``now`` on. One that was promised before is left as it is."""
    kind, payload = type(effect).__name__, codec.encode(effect)
    known = select(OutboxRow.id).where(
        OutboxRow.thread == thread, OutboxRow.kind == kind, OutboxRow.payload == payload
    )
    if session.scalar(known) is None:
        session.add(
            OutboxRow(thread=thread, kind=kind, payload=payload, seq=effect.seq, due_at=now)
        )
        session.flush()


def due(session: Session, now: int, limit: int = 64) -> list[Task]:
    """What is to be done now, in the order it was promised. A message waits until the earlier ones
    of its order are done: the other side must hear of things in the order they happened."""
    earlier = aliased(OutboxRow)
    unsaid = exists().where(
        earlier.thread == OutboxRow.thread,
        earlier.kind == SendMessage.__name__,
        ~earlier.done,
        earlier.id < OutboxRow.id,
    )
    found = select(OutboxRow).where(
        ~OutboxRow.done,
        OutboxRow.due_at <= now,
        (OutboxRow.kind != SendMessage.__name__) | ~unsaid,
    )
    return [_task(row) for row in session.scalars(found.order_by(OutboxRow.id).limit(limit))]


@asked_once
def pending(session: Session, thread: str) -> list[Task]:
    """What is not done yet in one order, in the order it was promised."""
    found = select(OutboxRow).where(~OutboxRow.done, OutboxRow.thread == thread)
    return [_task(row) for row in session.scalars(found.order_by(OutboxRow.id))]


def pending_of_each(session: Session, threads: Sequence[str]) -> dict[str, list[Task]]:
    """`pending` of many."""
    found: dict[str, list[Task]] = {thread: [] for thread in threads}
    waiting = select(OutboxRow).where(~OutboxRow.done).order_by(OutboxRow.id)
    for row in session.scalars(waiting):
        if row.thread in found:
            found[row.thread].append(_task(row))
    return found


def done(session: Session, id: int) -> None:
    """A task that a reorganisation took back meanwhile is done as well."""
    row = session.get(OutboxRow, id)
    if row is not None:
        row.done = True
        session.flush()


def postpone(session: Session, id: int, until: int, reason: str) -> None:
    """An attempt came to nothing; the next one is due at ``until``, unless a reorganisation took
    the task back meanwhile."""
    row = session.get(OutboxRow, id)
    if row is not None:
        row.attempts += 1
        row.due_at, row.reason = until, reason
        session.flush()


def wake(session: Session, thread: str | None = None) -> None:
    """Make waiting tasks due now: those of one order, or all."""
    waiting = update(OutboxRow).where(~OutboxRow.done, OutboxRow.due_at > 0)
    if thread is not None:
        waiting = waiting.where(OutboxRow.thread == thread)
    session.execute(waiting.values(due_at=0))


def _task(row: OutboxRow) -> Task:
    effect = codec.decode(EFFECT_TYPES[row.kind], row.payload)
    return Task(row.id, row.thread, effect, row.attempts, row.due_at, row.reason)
