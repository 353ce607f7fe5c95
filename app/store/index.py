"""The chain's record as this profile has read it, and what people ask of it.

`Index` is the `chain.indexer.Sink`: events, rows, block hashes and the cursor change in one
transaction, so that reading goes on from exactly what is stored. A rewind is as if the blocks
above had never been seen, in the orders' journal too.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, text
from sqlalchemy.orm import Session

from app.store import bulk, chainlog, entries, orders, search, settings, starts
from app.store.answers import asked_once
from app.store.database import Database
from app.store.tables import (
    BlockRow,
    ChainEventRow,
    ChainOrderRow,
    ListingRow,
    ProfileRow,
    RegistrationRow,
)
from chain.answers import Block
from chain.exchange_events import Funded
from chain.indexer import ChainEvent, Cursor

KEPT_BLOCKS = 1024
"""Block hashes kept. A reorganisation that goes back further has everything read again."""

MOST_SAME = 100
MOST_VERSIONS = 1000
_CURSOR = "index.cursor"


@dataclass(frozen=True, slots=True)
class RegisteredDataset:
    """A registration as it stands. ``listing`` is the bytes on record; texts, token and price
    come from it and are empty or None where it does not say. ``committed_at`` is what counts
    between equal contents; ``parent`` is zero bytes unless it is a new version."""

    number: int
    dataset_id: bytes
    registrant: str
    title_holder: str
    committed_at: int
    registered_at: int
    content_id: bytes
    root: bytes
    records: int
    length: int
    salt_nonce: bytes
    parent: bytes
    listing: bytes
    title: str
    what: str
    field: str
    region: str
    period: str
    token: str
    price: int | None
    withdrawn: bool
    block: int
    tx_hash: bytes


@dataclass(frozen=True, slots=True)
class RecordedProfile:
    """What an address says of itself. ``seal_key`` is an X25519 key, 32 bytes."""

    address: str
    name: str
    peer_id: str
    seal_key: bytes
    addresses: tuple[str, ...]
    block: int


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """An order as the exchange has it. ``state``: "funded", "revealed", "paid", "paid_rated" or
    "refunded"; ``delivery_root``, ``secret``,
    ``scores`` and ``review`` are empty until they are on record."""

    order_id: bytes
    dataset: bytes
    owner: str
    buyer: str
    token: str
    price: int
    state: str
    deadline: int
    delivery_root: bytes
    secret: bytes
    scores: bytes
    review: bytes
    funded_at: int
    changed_at: int
    block: int


class Index:
    """Where the indexer puts what it reads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self) -> Cursor | None:
        """The last block whose events are all stored; None before the first."""
        with self._database.read() as session:
            return cursor(session)

    def hashes(self) -> dict[int, bytes]:
        """Hashes of recent blocks by number."""
        with self._database.read() as session:
            rows = session.execute(select(BlockRow.number, BlockRow.hash))
            return {row.number: row.hash for row in rows}

    def apply(self, events: Sequence[ChainEvent], blocks: Sequence[Block], cursor: Cursor) -> None:
        """Store events, which come in the chain's order and after all stored before."""
        with self._database.begin() as session:
            chainlog.append(session, events)
            hashes = {block.number: block.hash for block in blocks}
            hashes[cursor.block_number] = cursor.block_hash
            session.execute(delete(BlockRow).where(BlockRow.number >= min(hashes)))
            session.execute(
                insert(BlockRow), [{"number": n, "hash": hashes[n]} for n in sorted(hashes)]
            )
            newest = select(BlockRow.number).order_by(BlockRow.number.desc()).limit(KEPT_BLOCKS)
            session.execute(delete(BlockRow).where(BlockRow.number.not_in(newest)))
            _put_cursor(session, cursor)

    def rewind(self, to_block: int) -> None:
        """Forget every block above ``to_block``. The cursor then stands on the newest block up to
        there whose hash is known; what lies between is forgotten too, and read again."""
        with self._database.begin() as session:
            kept = session.scalar(
                select(BlockRow)
                .where(BlockRow.number <= to_block)
                .order_by(BlockRow.number.desc())
                .limit(1)
            )
            at = Cursor(kept.number, kept.hash) if kept else None
            block = at.block_number if at else -1
            session.execute(delete(BlockRow).where(BlockRow.number > block))
            chainlog.drop_above(session, block)
            orders.drop_above(session, block)
            entries.rewind(session, block)
            _put_cursor(session, at)


def cursor(session: Session) -> Cursor | None:
    """The last block whose events are all stored; None before the first."""
    saved = settings.get(session, _CURSOR)
    return Cursor(saved["block"], bytes.fromhex(saved["hash"])) if saved else None


# Datasets and people


def by_numbers(session: Session, numbers: Sequence[int]) -> list[RegisteredDataset]:
    """The registrations with these numbers, in this order; those that are gone are left out."""
    found = select(RegistrationRow).where(RegistrationRow.number.in_(numbers))
    rows = {row.number: row for row in session.scalars(found)}
    return [_dataset(rows[number]) for number in numbers if number in rows]


@asked_once
def registration(session: Session, dataset_id: bytes) -> RegisteredDataset | None:
    """One dataset, also when it is withdrawn."""
    this = starts.among(session, RegistrationRow.dataset_id, [dataset_id])
    row = session.scalar(select(RegistrationRow).where(this))
    return _dataset(row) if row else None


def registrations(
    session: Session, dataset_ids: Sequence[bytes]
) -> dict[bytes, RegisteredDataset | None]:
    """`registration` of many."""
    found: dict[bytes, RegisteredDataset | None] = dict.fromkeys(dataset_ids)
    for some in bulk.portions(found):
        these = starts.among(session, RegistrationRow.dataset_id, some)
        for row in session.scalars(select(RegistrationRow).where(these)):
            found[row.dataset_id] = _dataset(row)
    return found


@asked_once
def same_content(session: Session, content_id: bytes, root: bytes) -> list[RegisteredDataset]:
    """Registrations of this content, withdrawn ones too; who committed first comes first. Of more
    than `MOST_SAME` the later ones are left out."""
    rows = starts.oldest(session, RegistrationRow.content_id, content_id, MOST_SAME)
    rows += starts.oldest(session, RegistrationRow.root, root, MOST_SAME)
    found = sorted({row.number: row for row in rows}.values(), key=_age)
    return [_dataset(row) for row in found[:MOST_SAME]]


@asked_once
def first_of_each(
    session: Session, contents: tuple[tuple[bytes, bytes], ...]
) -> dict[tuple[bytes, bytes], tuple[bytes, str]]:
    """Who of the `same_content` of each of these (content id, root) committed first: dataset and
    registrant."""
    first: dict[tuple[int, bytes], Any] = {}
    for which, column in enumerate((RegistrationRow.content_id, RegistrationRow.root)):
        place = func.row_number().over(partition_by=column, order_by=_AGE)
        told = select(column.label("value"), RegistrationRow.dataset_id,
                      RegistrationRow.registrant, *_AGE, place.label("place"))  # fmt: skip
        these = starts.among(session, column, {content[which] for content in contents})
        ranked = told.where(these).subquery()
        for row in session.execute(select(ranked).where(ranked.c.place == 1)):
            first[which, row.value] = row
    found = {}
    for content in contents:
        firsts = [first[key] for key in enumerate(content) if key in first]
        if firsts:
            oldest = min(firsts, key=_age)
            found[content] = oldest.dataset_id, oldest.registrant
    return found


_AGE = RegistrationRow.committed_at, RegistrationRow.block, RegistrationRow.log_index
_age = attrgetter(*(column.key for column in _AGE))


def registered_in(session: Session, places: Sequence[tuple[int, int]]) -> list[RegisteredDataset]:
    """The registrations at these places (block, log index), in their order; unknown ones are left
    out."""
    found = []
    for (
        block,
        log_index,
    ) in places:  # one by one: SQLite looks through the table for a list of pairs
        here = (RegistrationRow.block == block) & (RegistrationRow.log_index == log_index)
        row = session.scalar(select(RegistrationRow).where(here))
        if row is not None:
            found.append(_dataset(row))
    return found


@asked_once
def newer_versions(
    session: Session, dataset_id: bytes, by: Collection[str]
) -> list[RegisteredDataset]:
    """Registrations that say they are a new version of this one, oldest first."""
    found = (
        select(RegistrationRow)
        .where(RegistrationRow.parent == dataset_id, _HAS_PARENT)
        .where(RegistrationRow.registrant.in_(by))
        .order_by(RegistrationRow.block, RegistrationRow.log_index)
        .limit(MOST_VERSIONS)
    )
    return [_dataset(row) for row in session.scalars(found)]


def registered_by(session: Session, address: str) -> list[RegisteredDataset]:
    """What an identity registered and still holds the title of, oldest first."""
    found = (
        select(RegistrationRow)
        .where(
            RegistrationRow.registrant == address,
            starts.among(session, RegistrationRow.title_holder, [address]),
        )
        .order_by(RegistrationRow.block, RegistrationRow.log_index)
    )
    return [_dataset(row) for row in session.scalars(found)]


@asked_once
def history(session: Session, dataset_id: bytes) -> list[ChainEvent]:
    """Everything recorded about a dataset, oldest first."""
    return chainlog.about(session, [dataset_id])


def profile(session: Session, address: str) -> RecordedProfile | None:
    row = session.get(ProfileRow, address)
    if row is None:
        return None
    addresses = tuple(json.loads(row.addresses))
    return RecordedProfile(row.address, row.name, row.peer_id, row.seal_key, addresses, row.block)


# Orders


def recorded_order(session: Session, order_id: bytes) -> RecordedOrder | None:
    row = session.get(ChainOrderRow, order_id)
    return _order(row) if row else None


@asked_once
def ratings(session: Session, dataset_id: bytes) -> list[RecordedOrder]:
    """The rated orders of a dataset, oldest first."""
    return _orders(session, (ChainOrderRow.dataset == dataset_id) & (ChainOrderRow.scores != b""))


@asked_once
def ratings_of_each(
    session: Session, datasets: tuple[bytes, ...]
) -> dict[bytes, list[RecordedOrder]]:
    """`ratings` of many, of those that have some."""
    found: dict[bytes, list[RecordedOrder]] = {}
    wanted = ChainOrderRow.dataset.in_(datasets) & (ChainOrderRow.scores != b"")
    for order in _orders(session, wanted):
        found.setdefault(order.dataset, []).append(order)
    return found


@asked_once
def ratings_of(session: Session, owner: str) -> list[RecordedOrder]:
    """The rated orders of an owner, oldest first."""
    return _orders(session, (ChainOrderRow.owner == owner) & (ChainOrderRow.scores != b""))


def settled(
    session: Session, field: str, limit: int, each: int
) -> list[tuple[RecordedOrder, RegisteredDataset]]:
    """Orders whose price was paid out, of datasets of a field on offer, the newest first; of each
    dataset and currency at most the newest ``each``, so that none pushes the others out."""
    place = func.row_number().over(
        partition_by=(ChainOrderRow.dataset, ChainOrderRow.token),
        order_by=(ChainOrderRow.changed_at.desc(), ChainOrderRow.order_id),
    )
    ranked = (
        select(ChainOrderRow.order_id, place.label("place"))
        .join(RegistrationRow, starts.equals(RegistrationRow.dataset_id, ChainOrderRow.dataset))
        .join(ListingRow, ListingRow.number == RegistrationRow.number)
        .where(ListingRow.field == field, ChainOrderRow.state.in_(("paid", "paid_rated")))
        .subquery()
    )
    found = (
        select(ChainOrderRow, RegistrationRow)
        .join(ranked, ranked.c.order_id == ChainOrderRow.order_id)
        .join(RegistrationRow, starts.equals(RegistrationRow.dataset_id, ChainOrderRow.dataset))
        .where(ranked.c.place <= each)
        .order_by(ChainOrderRow.changed_at.desc(), ChainOrderRow.order_id)
        .limit(limit)
    )
    return [(_order(order), _dataset(row)) for order, row in session.execute(found)]


def payments_by(session: Session, buyer: str) -> list[Funded]:
    """Each payment of a buyer as its event has it, oldest first."""
    return _payments(session, ChainOrderRow.buyer == buyer)


def payments_to(session: Session, owner: str) -> list[Funded]:
    """Each payment to an owner as its event has it, oldest first."""
    return _payments(session, ChainOrderRow.owner == owner)


def _payments(session: Session, wanted: ColumnElement[bool]) -> list[Funded]:
    paid = list(session.scalars(select(ChainOrderRow.order_id).where(wanted)))
    events = [event for some in bulk.portions(paid) for event in chainlog.about(session, some)]
    events.sort(key=lambda event: (event.block_number, event.log_index))
    return [event.body for event in events if isinstance(event.body, Funded)]


@asked_once
def order_events(
    session: Session, order_id: bytes, up_to_block: int | None = None
) -> list[ChainEvent]:
    """Everything recorded about an order in blocks up to ``up_to_block``, oldest first."""
    return chainlog.about(session, [order_id], up_to_block)


def newest_events(
    session: Session, order_ids: Collection[bytes], up_to_block: int
) -> dict[bytes, int]:
    """The number of the newest event in blocks up to ``up_to_block`` about each of these orders
    that has one: while it stays, `order_events` says the same. Numbers are as in `events_final`."""
    found: dict[bytes, int] = {}
    for some in bulk.portions(order_ids):
        newest = select(ChainEventRow.subject, func.max(ChainEventRow.seq)).where(
            ChainEventRow.subject.in_(some), chainlog.BY_SUBJECT, ChainEventRow.block <= up_to_block
        )
        for subject, seq in session.execute(newest.group_by(ChainEventRow.subject)):
            found[subject] = seq
    return found


def events_final(
    session: Session, after_seq: int, up_to_block: int, limit: int = 1000
) -> list[tuple[int, ChainEvent]]:
    """Events of the exchange after the one numbered ``after_seq`` (0: from the first) in blocks
    up to ``up_to_block``, each with its number. Numbers only grow: what is read again after a
    reorganisation has a new one."""
    found = (
        select(ChainEventRow)
        .where(
            ChainEventRow.seq > after_seq,
            ChainEventRow.block <= up_to_block,
            ChainEventRow.kind.startswith("exchange."),
        )
        .order_by(ChainEventRow.seq)
        .limit(limit)
    )
    return [(row.seq, chainlog.event_of(row)) for row in session.scalars(found)]


_HAS_PARENT = text(f"parent <> x'{'00' * 32}'")  # what the index over parents holds


def _put_cursor(session: Session, cursor: Cursor | None) -> None:
    saved = cursor and {"block": cursor.block_number, "hash": cursor.block_hash.hex()}
    settings.put(session, _CURSOR, saved)


def _dataset(row: RegistrationRow) -> RegisteredDataset:
    listing = search.said(row.listing)
    said = listing.description
    return RegisteredDataset(
        **{name: getattr(row, name) for name in _RECORDED},
        title=said.title,
        what=said.what,
        field=said.field,
        region=said.region,
        period=said.period,
        token=listing.token if listing.token.isascii() else "",
        price=listing.price_units,
    )


_SAID = ("title", "what", "field", "region", "period", "token", "price")
_RECORDED = tuple(f.name for f in fields_of(RegisteredDataset) if f.name not in _SAID)


def _order(row: ChainOrderRow) -> RecordedOrder:
    return RecordedOrder(**{f.name: getattr(row, f.name) for f in fields_of(RecordedOrder)})


def _orders(session: Session, wanted: ColumnElement[bool]) -> list[RecordedOrder]:
    found = (
        select(ChainOrderRow)
        .where(wanted)
        .order_by(ChainOrderRow.funded_at, ChainOrderRow.order_id)
    )
    return [_order(row) for row in session.scalars(found)]
