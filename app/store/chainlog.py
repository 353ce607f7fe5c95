"""The log of both contracts, and the rows that are folded from it kept in step with it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, text
from sqlalchemy.orm import Session

from app.store import bodies, bulk, starts
from app.store.projections import PROJECTIONS, Projection, Row
from app.store.tables import Base, ChainEventRow, RegistrationRow
from chain.indexer import ChainEvent

_BY_SUBJECT = text("kind NOT IN ('registry.Registered', 'registry.Committed')")  # the index's own
_LOG = Base.metadata.tables["chain_events"]

_NO_NUMBERS: dict[Any, int] = {}

Grouped = list[tuple[Projection, dict[Any, list[ChainEvent]]]]


def append(session: Session, events: Sequence[ChainEvent]) -> None:
    """Store events that come after all stored ones, and carry the rows forward."""
    if events:
        bulk.put(session, _LOG, [_row(event) for event in events])
        _carry(session, events)


def drop_above(session: Session, block: int) -> None:
    """Forget the events above ``block`` and fold what they had changed from those that remain."""
    above = ChainEventRow.block > block
    fallen = list(read(session, above))
    session.execute(delete(ChainEventRow).where(above))
    subjects = {bodies.subject(event.body) for event in fallen}
    remaining = [about(session, some) for some in bulk.portions(subjects)]
    numbers: dict[Any, int] = {}
    for projection, by_key in _grouped(fallen):
        rows = _saved(session, projection, by_key)
        if projection.numbered:
            numbers |= {key: row["number"] for key, row in rows.items()}
        _replace(session, projection, rows, ())
        projection.beside(session, list(rows.values()), [])
    for some in remaining:
        _carry(session, some, numbers)


def read(session: Session, wanted: ColumnElement[bool]) -> Iterator[ChainEvent]:
    """The events that meet a condition on `ChainEventRow`, in the chain's order."""
    found = select(ChainEventRow).where(wanted).order_by(ChainEventRow.seq)
    return (event_of(row) for row in session.scalars(found))


def about(session: Session, subjects: Collection[bytes]) -> list[ChainEvent]:
    """The events about these datasets, orders, wants and accounts, in the chain's order; of
    accounts' commitments, which nothing follows from, none."""
    datasets = [subject for subject in subjects if len(subject) == 32]
    registered = (
        select(ChainEventRow)
        .join(
            RegistrationRow,
            (RegistrationRow.block == ChainEventRow.block)
            & (RegistrationRow.log_index == ChainEventRow.log_index),
        )
        .where(starts.among(RegistrationRow.dataset_id, datasets))
    )
    others = select(ChainEventRow).where(ChainEventRow.subject.in_(subjects), _BY_SUBJECT)
    rows = [*session.scalars(registered), *session.scalars(others)]
    return [event_of(row) for row in sorted(rows, key=lambda row: row.seq)]


def last(session: Session) -> int:
    """The number of the newest event, 0 if there is none."""
    return session.scalar(select(func.max(ChainEventRow.seq))) or 0


def event_of(row: ChainEventRow) -> ChainEvent:
    return ChainEvent(
        block_number=row.block,
        block_hash=row.block_hash,
        block_time=row.block_time,
        tx_hash=row.tx_hash,
        log_index=row.log_index,
        body=bodies.decode(row.kind, row.body),
    )


def _row(event: ChainEvent) -> Row:
    return {
        "block": event.block_number,
        "log_index": event.log_index,
        "block_hash": event.block_hash,
        "block_time": event.block_time,
        "tx_hash": event.tx_hash,
        "kind": bodies.KINDS[type(event.body)],
        "subject": bodies.subject(event.body),
        "body": bodies.encode(event.body),
    }


def _carry(
    session: Session, events: Iterable[ChainEvent], numbers: Mapping[Any, int] = _NO_NUMBERS
) -> None:
    for projection, by_key in _grouped(events):
        before = _saved(session, projection, by_key)
        rows: dict[Any, Row] = {}
        for key, some in by_key.items():
            row = before.get(key)
            for event in some:
                row = projection.fold(row, event)
            if row is not None:
                rows[key] = row
        if projection.numbered:
            _number(session, projection, rows, numbers)
        _replace(session, projection, before, list(rows.values()))
        projection.beside(session, list(before.values()), list(rows.values()))


def _grouped(events: Iterable[ChainEvent]) -> Grouped:
    """Events by the table they change and the key of the row in it."""
    found: dict[str, tuple[Projection, dict[Any, list[ChainEvent]]]] = {}
    for event in events:
        projection = PROJECTIONS.get(type(event.body))
        if projection is not None:
            _, by_key = found.setdefault(projection.table.name, (projection, {}))
            by_key.setdefault(projection.key(event.body), []).append(event)
    return list(found.values())


def _saved(session: Session, projection: Projection, keys: Collection[Any]) -> dict[Any, Row]:
    """The rows with these keys. While a long record is read almost none is there yet."""
    table, key = projection.table, projection.key_column
    rows: dict[Any, Row] = {}
    for some in bulk.portions(projection.present(session, keys)):
        found = session.execute(select(table).where(projection.among(some)))
        rows |= {row[key]: dict(row) for row in found.mappings()}
    return rows


def _number(
    session: Session, projection: Projection, rows: Mapping[Any, Row], numbers: Mapping[Any, int]
) -> None:
    """Rows keep their numbers, or get back those they had; new ones are numbered after them, in the
    chain's order."""
    column = projection.table.c.number
    last = session.scalar(select(func.max(column))) or 0
    new = []
    for key, row in rows.items():
        if "number" not in row:
            row["number"] = numbers.get(key)
        if row["number"] is None:
            new.append(row)
        else:
            last = max(last, row["number"])
    new.sort(key=lambda row: (row["block"], row["log_index"]))
    for number, row in enumerate(new, last + 1):
        row["number"] = number


def _replace(
    session: Session, projection: Projection, saved: Iterable[Any], rows: Sequence[Row]
) -> None:
    for some in bulk.portions(saved):
        session.execute(delete(projection.table).where(projection.among(some)))
    bulk.put(session, projection.table, rows)
