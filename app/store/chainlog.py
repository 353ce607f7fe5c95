"""The log of both contracts, and the rows that are folded from it kept in step with it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from app.store import bodies, bulk, starts
from app.store.projections import PROJECTIONS, Projection, Row
from app.store.tables import Base, ChainEventRow
from chain.indexer import ChainEvent

_LOG = Base.metadata.tables["chain_events"]

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
    numbers: dict[Any, int] = {}
    for projection, by_key in _grouped(fallen):
        rows = _saved(session, projection, by_key)
        if projection.numbered:
            numbers |= {key: row["number"] for key, row in rows.items()}
        _replace(session, projection, rows, ())
        projection.beside(session, list(rows.values()), [])
    subjects = {bodies.subject(event.body) for event in fallen}
    for some in bulk.portions(subjects):
        _carry(session, read(session, starts.among(ChainEventRow.subject, some)), numbers)


def read(session: Session, wanted: ColumnElement[bool]) -> Iterator[ChainEvent]:
    """The events that meet a condition on `ChainEventRow`, in the chain's order."""
    found = select(ChainEventRow).where(wanted).order_by(ChainEventRow.seq)
    return (event_of(row) for row in session.scalars(found))


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
    session: Session, events: Iterable[ChainEvent], numbers: dict[Any, int] | None = None
) -> None:
    for projection, by_key in _grouped(events):
        before = _saved(session, projection, by_key)
        rows: dict[Any, Row] = {}
        for key, some in by_key.items():
            row = before.get(key)
            number = row["number"] if row and projection.numbered else (numbers or {}).get(key)
            for event in some:
                row = projection.fold(row, event)
            if row is not None:
                rows[key] = row | {"number": number} if number and projection.numbered else row
        _replace(session, projection, before, rows.values())
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


def _saved(session: Session, projection: Projection, keys: Iterable[Any]) -> dict[Any, Row]:
    """The rows with these keys. While a long record is read almost none is there yet."""
    table, key = projection.table, projection.key_column
    rows: dict[Any, Row] = {}
    for some in bulk.portions(bulk.present(session, table, key, keys)):
        found = session.execute(select(table).where(table.c[key].in_(some)))
        rows |= {row[key]: dict(row) for row in found.mappings()}
    return rows


def _replace(
    session: Session, projection: Projection, saved: Iterable[Any], rows: Iterable[Row]
) -> None:
    key = projection.table.c[projection.key_column]
    for some in bulk.portions(saved):
        session.execute(delete(projection.table).where(key.in_(some)))
    numbered: list[Row] = []
    new: list[Row] = []
    for row in rows:
        (numbered if "number" in row else new).append(row)
    if projection.numbered:
        new.sort(key=lambda row: (row["block"], row["log_index"]))
    for values in (numbered, new):  # who has a number stays before those that are given one
        bulk.put(session, projection.table, values)
