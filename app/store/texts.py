"""Plain text between two people, about a dataset or in an order's thread; and which messages of
peers were received already."""

from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.store.answers import asked_once
from app.store.tables import OrderRow, ReceivedRow, TextRow


@dataclass(frozen=True, slots=True)
class TextLine:
    """``id`` is the message's, ``dataset`` 64 hex characters or empty, ``other`` the other side's
    address, ``at`` unix seconds; ``stored_by_peer``: their app has said that it keeps it."""

    id: str
    thread: str
    dataset: str
    other: str
    mine: bool
    at: int
    text: str
    stored_by_peer: bool


def add(
    session: Session,
    id: str,
    thread: str,
    dataset: str,
    other: str,
    mine: bool,
    at: int,
    text: str,
    stored_by_peer: bool = False,
) -> None:
    """Keep a line; a repeat of the same message id changes nothing."""
    if session.scalar(select(TextRow.number).where(TextRow.id == id)) is None:
        session.add(
            TextRow(
                id=id,
                thread=thread,
                dataset=dataset,
                other=other,
                mine=mine,
                at=at,
                text=text,
                stored_by_peer=stored_by_peer,
            )
        )
        session.flush()


def mark_delivered(session: Session, id: str) -> None:
    row = session.scalar(select(TextRow).where(TextRow.id == id))
    if row is not None:
        row.stored_by_peer = True
        session.flush()


@asked_once
def for_thread(session: Session, thread: str) -> tuple[TextLine, ...]:
    """In the order they were kept."""
    found = select(TextRow).where(TextRow.thread == thread).order_by(TextRow.number)
    return tuple(_line(row) for row in session.scalars(found))


def undelivered(session: Session, other: str) -> tuple[TextLine, ...]:
    """My lines that wait until ``other`` is seen again, oldest first."""
    found = (
        select(TextRow)
        .where(TextRow.other == other, TextRow.mine, ~TextRow.stored_by_peer)
        .order_by(TextRow.number)
    )
    return tuple(_line(row) for row in session.scalars(found))


def waiting_for(session: Session) -> list[str]:
    """Addresses of those who have not got all of my lines yet; who waits longest comes first."""
    found = (
        select(TextRow.other)
        .where(TextRow.mine, ~TextRow.stored_by_peer)
        .group_by(TextRow.other)
        .order_by(func.min(TextRow.number))
    )
    return list(session.scalars(found))


@asked_once
def questions(session: Session, limit: int = 200) -> list[TextLine]:
    """The newest line of each thread about a dataset that is no order, newest first."""
    threads = (
        select(func.max(TextRow.number).label("newest"), func.max(TextRow.dataset).label("about"))
        .where(TextRow.thread.not_in(select(OrderRow.thread)))
        .group_by(TextRow.thread)
        .having(func.max(TextRow.dataset) != "")
        .subquery()
    )
    found = (
        select(TextRow, threads.c.about)
        .join(threads, TextRow.number == threads.c.newest)
        .order_by(TextRow.number.desc())
        .limit(limit)
    )
    return [replace(_line(row), dataset=about) for row, about in session.execute(found)]


def seen(session: Session, message_id: str) -> bool:
    """Whether a peer's message was received before; from now on it was.

    Call it in the transaction that stores the message, so that both are kept or neither.
    """
    if session.get(ReceivedRow, message_id) is not None:
        return True
    session.add(ReceivedRow(message_id=message_id))
    session.flush()
    return False


def _line(row: TextRow) -> TextLine:
    return TextLine(
        row.id,
        row.thread,
        row.dataset,
        row.other,
        row.mine,
        row.at,
        row.text,
        row.stored_by_peer,
    )
