"""The log of both contracts, and the rows that are folded from it kept in step with it.

A registration is in the log by its row alone, which holds all that its event said: a million of
them are written once. Every other event is a row of `chain_events`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from app.store import bodies, bulk, starts
from app.store.projections import PROJECTIONS, Projection, Row
from app.store.tables import Base, ChainEventRow, RegistrationRow
from chain.indexer import ChainEvent
from chain.registry_events import Registered

BY_SUBJECT = text("kind <> 'registry.Committed'")  # the index's own
_LOG = Base.metadata.tables["chain_events"]

_NO_NUMBERS: dict[Any, int] = {}

Grouped = list[tuple[Projection, dict[Any, list[ChainEvent]]]]


def append(session: Session, events: Sequence[ChainEvent]) -> None:
    """Store events that come after all stored ones, and carry the rows forward."""
    if events:
        others = (event for event in events if type(event.body) is not Registered)
        bulk.put(session, _LOG, [_row(event) for event in others])
        _carry(session, events)


def drop_above(session: Session, block: int) -> None:
    """Forget the events above ``block`` and fold what they had changed from those that remain."""
    fallen = above(session, block)
    session.execute(delete(ChainEventRow).where(ChainEventRow.block > block))
    subjects = {bodies.subject(event.body) for event in fallen}
    remaining = [about(session, some, block) for some in bulk.portions(subjects)]
    numbers: dict[Any, int] = {}
    for projection, by_key in _grouped(fallen):
        rows = _saved(session, projection, by_key)
        if projection.numbered:
            numbers |= {key: row["number"] for key, row in rows.items()}
        _replace(session, projection, rows, ())
        projection.beside(session, list(rows.values()), [])
    for some in remaining:
        _carry(session, some, numbers)


def above(session: Session, block: int) -> list[ChainEvent]:
    """The events in blocks above this one, in the chain's order."""
    registered = select(RegistrationRow).where(RegistrationRow.block > block)
    others = select(ChainEventRow).where(ChainEventRow.block > block)
    return _events(session.scalars(registered), session.scalars(others))


def about(
    session: Session, subjects: Collection[bytes], up_to_block: int | None = None
) -> list[ChainEvent]:
    """The events about these datasets, orders, wants and accounts in blocks up to ``up_to_block``,
    in the chain's order; of accounts' commitments, which nothing follows from, none."""
    datasets = [subject for subject in subjects if len(subject) == 32]
    among = starts.among(session, RegistrationRow.dataset_id, datasets)
    registered = select(RegistrationRow).where(among)
    others = select(ChainEventRow).where(ChainEventRow.subject.in_(subjects), BY_SUBJECT)
    events = _events(session.scalars(registered), session.scalars(others))
    return [event for event in events if up_to_block is None or event.block_number <= up_to_block]


def last(session: Session) -> tuple[Any, ...]:
    """What is other than before when the log is: the newest registration's number and block, and
    the number of the newest of the other events."""
    column = RegistrationRow.number
    newest = select(column, RegistrationRow.block_hash).order_by(column.desc()).limit(1)
    registered = session.execute(newest).first() or ()
    return (*registered, session.scalar(select(func.max(ChainEventRow.seq))))


def _events(
    registered: Iterable[RegistrationRow], others: Iterable[ChainEventRow]
) -> list[ChainEvent]:
    events = [*map(_registered, registered), *map(event_of, others)]
    return sorted(events, key=lambda event: (event.block_number, event.log_index))


def event_of(row: ChainEventRow) -> ChainEvent:
    return ChainEvent(
        block_number=row.block,
        block_hash=row.block_hash,
        block_time=row.block_time,
        tx_hash=row.tx_hash,
        log_index=row.log_index,
        body=bodies.decode(row.kind, row.body),
    )


def _registered(row: RegistrationRow) -> ChainEvent:
    first = row.listing if row.first_listing is None else row.first_listing
    said = {name: getattr(row, name) for name in _SAID}
    return ChainEvent(
        block_number=row.block,
        block_hash=row.block_hash,
        block_time=row.registered_at,
        tx_hash=row.tx_hash,
        log_index=row.log_index,
        body=Registered(dataset=row.dataset_id, listing=first, **said),
    )


_SAID = tuple(item.name for item in fields(Registered) if item.name not in ("dataset", "listing"))


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
        found = session.execute(select(table).where(projection.among(session, some)))
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
    session: Session, projection: Projection, saved: Mapping[Any, Row], rows: Sequence[Row]
) -> None:
    name = "number" if projection.numbered else projection.key_column
    for some in bulk.portions(row[name] for row in saved.values()):
        session.execute(delete(projection.table).where(projection.table.c[name].in_(some)))
    bulk.put(session, projection.table, rows)
