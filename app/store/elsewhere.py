"""Registrations on other networks, kept beside the record and apart from it.

Only that something was registered is kept: who was first is decided by nothing else. What an
endpoint there says is bounded in number and never mixes with the network in use: a lie costs some
rows, which go with the network when it is removed.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import Session

from app.domain import listing as listings
from app.domain.similarity import bands
from app.store import settings
from app.store.answers import asked_once
from app.store.database import Database
from app.store.search import said
from app.store.sketches import MOST_OF_A_BAND
from app.store.tables import Base, OtherBandRow, OtherBlockRow, OtherRegistrationRow
from chain.answers import Block
from chain.indexer import ChainEvent, Cursor
from chain.listing import decode_listing
from chain.network import Network
from chain.registry_events import Registered

KEPT_BLOCKS = 1024
MOST_REGISTRATIONS = 1_000_000
"""Of one network; more are not read."""

MOST_OF_A_CONTENT = 50
_NETWORKS = "networks.others"
_TABLES = (OtherRegistrationRow, OtherBlockRow, OtherBandRow)
_BANDS = Base.metadata.tables["other_bands"]
_REGISTRATIONS = Base.metadata.tables["other_registrations"]


class Gone(Exception):
    """The network is followed no longer: nothing is written any more."""


class TooMany(Exception):
    """The network says that more was registered than is kept of one."""


@dataclass(frozen=True, slots=True)
class RegisteredElsewhere:
    """A registration on another chain, as it was made. Fields as in `index.RegisteredDataset`."""

    chain_id: int
    block: int
    log_index: int
    dataset_id: bytes
    registrant: str
    committed_at: int
    registered_at: int
    content_id: bytes
    root: bytes
    records: int
    length: int
    listing: bytes
    block_hash: bytes
    tx_hash: bytes

    @property
    def title(self) -> str:
        try:
            return listings.read(decode_listing(self.listing)).description.title
        except ValueError:
            return ""


class Elsewhere:
    """Where the indexer puts what it reads of one other network (`chain.indexer.Sink`).

    After `end` every use is `Gone`, so that a thread that still waits for an endpoint can be left
    behind.
    """

    def __init__(self, database: Database, chain_id: int) -> None:
        self._database = database
        self._chain_id = chain_id
        self._turn = threading.Lock()
        self._ended = False

    def end(self) -> None:
        """Returns once nothing of this is being written."""
        with self._turn:
            self._ended = True

    def cursor(self) -> Cursor | None:
        with self._turn:
            self._look()
            with self._database.read() as session:
                saved = settings.get(session, _cursor_key(self._chain_id))
        return Cursor(saved["block"], bytes.fromhex(saved["hash"])) if saved else None

    def hashes(self) -> dict[int, bytes]:
        mine = OtherBlockRow.chain_id == self._chain_id
        with self._turn:
            self._look()
            with self._database.read() as session:
                rows = session.execute(select(OtherBlockRow.number, OtherBlockRow.hash).where(mine))
                return {row.number: row.hash for row in rows}

    def count(self) -> int:
        """How many registrations are known there."""
        with self._turn:
            self._look()
            with self._database.read() as session:
                return count(session, self._chain_id)

    def apply(self, events: Sequence[ChainEvent], blocks: Sequence[Block], cursor: Cursor) -> None:
        with self._turn:
            self._look()
            with self._database.begin() as session:
                self._add(session, events)
                hashes = {block.number: block.hash for block in blocks}
                hashes[cursor.block_number] = cursor.block_hash
                self._drop_blocks(session, min(hashes))
                session.execute(
                    insert(OtherBlockRow),
                    [
                        {"chain_id": self._chain_id, "number": number, "hash": hashes[number]}
                        for number in sorted(hashes)
                    ],
                )
                self._forget_old_blocks(session)
                _put_cursor(session, self._chain_id, cursor)

    def rewind(self, to_block: int) -> None:
        with self._turn:
            self._look()
            with self._database.begin() as session:
                kept = session.scalar(
                    select(OtherBlockRow)
                    .where(OtherBlockRow.chain_id == self._chain_id)
                    .where(OtherBlockRow.number <= to_block)
                    .order_by(OtherBlockRow.number.desc())
                    .limit(1)
                )
                at = Cursor(kept.number, kept.hash) if kept else None
                block = at.block_number if at else -1
                self._drop_blocks(session, block + 1)
                for table in (OtherRegistrationRow, OtherBandRow):
                    above = (table.chain_id == self._chain_id) & (table.block > block)
                    session.execute(delete(table).where(above))
                _put_cursor(session, self._chain_id, at)

    def _look(self) -> None:
        if self._ended:
            raise Gone

    def _add(self, session: Session, events: Sequence[ChainEvent]) -> None:
        made = [(event, event.body) for event in events if isinstance(event.body, Registered)]
        if not made:
            return
        if count(session, self._chain_id) + len(made) > MOST_REGISTRATIONS:
            raise TooMany
        rows, found = [], []
        for event, body in made:
            place = {
                "chain_id": self._chain_id,
                "block": event.block_number,
                "log_index": event.log_index,
            }
            rows.append(
                {
                    **place,
                    "dataset_id": body.dataset,
                    "registrant": body.registrant,
                    "committed_at": body.committed_at,
                    "registered_at": event.block_time,
                    "content_id": body.content_id,
                    "root": body.root,
                    "records": body.records,
                    "length": body.length,
                    "listing": body.listing,
                    "block_hash": event.block_hash,
                    "tx_hash": event.tx_hash,
                }
            )
            found += [{"band": band, **place} for band in bands(said(body.listing).sketch)]
        session.execute(insert(_REGISTRATIONS), rows)
        if found:
            session.execute(insert(_BANDS), found)

    def _drop_blocks(self, session: Session, first: int) -> None:
        mine = OtherBlockRow.chain_id == self._chain_id
        session.execute(delete(OtherBlockRow).where(mine, OtherBlockRow.number >= first))

    def _forget_old_blocks(self, session: Session) -> None:
        mine = OtherBlockRow.chain_id == self._chain_id
        newest = (
            select(OtherBlockRow.number)
            .where(mine)
            .order_by(OtherBlockRow.number.desc())
            .limit(KEPT_BLOCKS)
        )
        session.execute(delete(OtherBlockRow).where(mine, OtherBlockRow.number.not_in(newest)))


# Which networks


def networks(session: Session) -> list[Network]:
    """The other networks that are checked, in the order they were added."""
    return [Network.from_json(each) for each in settings.get(session, _NETWORKS, [])]


def keep(session: Session, chosen: Sequence[Network]) -> None:
    settings.put(session, _NETWORKS, [network.to_json() for network in chosen])


def forget(session: Session, chain_id: int) -> None:
    """Everything that was read of a network goes."""
    for table in _TABLES:
        session.execute(delete(table).where(table.chain_id == chain_id))
    _put_cursor(session, chain_id, None)


# What was registered there


@asked_once
def same_content(
    session: Session, content_id: bytes, root: bytes, but_chain: int
) -> list[RegisteredElsewhere]:
    """Registrations of this content on chains other than ``but_chain``, at most 50; who committed
    first comes first."""
    found = (
        select(OtherRegistrationRow)
        .where(OtherRegistrationRow.chain_id != but_chain)
        .where(
            or_(
                OtherRegistrationRow.content_id == content_id,
                OtherRegistrationRow.root == root,
            )
        )
        .order_by(
            OtherRegistrationRow.committed_at,
            OtherRegistrationRow.chain_id,
            OtherRegistrationRow.block,
            OtherRegistrationRow.log_index,
        )
        .limit(MOST_OF_A_CONTENT)
    )
    return [_row(row) for row in session.scalars(found)]


@asked_once
def in_common(
    session: Session, sketch: bytes, most: int, but_chain: int
) -> list[RegisteredElsewhere]:
    """As `sketches.in_common`, on chains other than ``but_chain``."""
    found: Counter[tuple[int, int, int]] = Counter()
    for band in bands(sketch):
        places = (
            select(OtherBandRow.chain_id, OtherBandRow.block, OtherBandRow.log_index)
            .where(OtherBandRow.band == band, OtherBandRow.chain_id != but_chain)
            .order_by(OtherBandRow.chain_id, OtherBandRow.block, OtherBandRow.log_index)
            .limit(MOST_OF_A_BAND)
        )
        found.update((chain, block, index) for chain, block, index in session.execute(places))
    best = sorted(found, key=lambda place: (-found[place], place))[:most]
    rows = (session.get(OtherRegistrationRow, place) for place in best)
    return [_row(row) for row in rows if row is not None]


@asked_once
def registration(session: Session, chain_id: int, dataset_id: bytes) -> RegisteredElsewhere | None:
    """The registration with this id on another chain; None if it is not known here."""
    found = select(OtherRegistrationRow).where(
        OtherRegistrationRow.chain_id == chain_id, OtherRegistrationRow.dataset_id == dataset_id
    )
    row = session.scalars(found.limit(1)).first()
    return _row(row) if row else None


def count(session: Session, chain_id: int) -> int:
    """How many registrations are known there."""
    found = select(func.count()).where(OtherRegistrationRow.chain_id == chain_id)
    return session.scalar(found) or 0


def _row(row: OtherRegistrationRow) -> RegisteredElsewhere:
    names = (field.name for field in fields_of(RegisteredElsewhere))
    return RegisteredElsewhere(**{name: getattr(row, name) for name in names})


def _cursor_key(chain_id: int) -> str:
    return f"elsewhere.cursor.{chain_id}"


def _put_cursor(session: Session, chain_id: int, cursor: Cursor | None) -> None:
    saved = cursor and {"block": cursor.block_number, "hash": cursor.block_hash.hex()}
    settings.put(session, _cursor_key(chain_id), saved)
