"""Record entries of ours: from the wish over the signed bytes to the final block."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.store import bulk
from app.store.answers import asked_once
from app.store.tables import AttemptRow, EntryRow

EntryState = Literal["wanted", "signed", "recorded", "final", "failed"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One signed transaction: its bytes, its hash, the most it offers per gas, and when."""

    raw: bytes
    hash: bytes
    max_fee_wei: int
    at: int


@dataclass(frozen=True, slots=True)
class Entry:
    """``what`` is in the words of `app.domain.snapshots.records`; ``thread`` and ``dataset`` say
    what it is about and are empty otherwise. ``to``, ``data``, ``value_wei`` and ``nonce`` are
    known once it is signed; ``tx_hash`` is the attempt that was mined."""

    id: int
    key: str
    what: str
    thread: str
    dataset: str
    title: str
    to: str
    data: bytes
    value_wei: int
    nonce: int | None
    attempts: tuple[Attempt, ...]
    state: EntryState
    block_number: int | None
    block_hash: bytes | None
    tx_hash: bytes | None
    gas_used: int | None
    fee_wei: int | None
    made_at: int
    recorded_at: int | None
    problem: str


class Mined(Protocol):
    """What is kept of a `chain.gateway.TxReceipt`."""

    @property
    def hash(self) -> bytes: ...
    @property
    def block_number(self) -> int: ...
    @property
    def block_hash(self) -> bytes: ...
    @property
    def gas_used(self) -> int: ...
    @property
    def fee_wei(self) -> int: ...


def want(
    session: Session,
    key: str,
    what: str,
    *,
    thread: str = "",
    dataset: str = "",
    title: str = "",
    made_at: int = 0,
) -> Entry:
    """The entry with this key; made now if there was none, else as it is."""
    row = session.scalar(select(EntryRow).where(EntryRow.key == key))
    if row is None:
        row = EntryRow(
            key=key,
            what=what,
            thread=thread,
            dataset=dataset,
            title=title,
            to="",
            data=b"",
            value_wei=0,
            state="wanted",
            made_at=made_at,
            problem="",
        )
        session.add(row)
        session.flush()
    return _alone(session, row)


def signed(
    session: Session,
    id: int,
    to: str,
    data: bytes,
    value_wei: int,
    nonce: int,
    attempt: Attempt,
) -> Entry:
    """Keep an attempt before it is sent. ValueError for another nonce than the first one's: two
    attempts that can both be mined would be two entries."""
    row = _row(session, id)
    if row.nonce is not None and row.nonce != nonce:
        raise ValueError(f"entry {id} was signed with nonce {row.nonce}, not {nonce}")
    if session.get(AttemptRow, attempt.hash) is None:
        number = len(_attempts(session, [id])[id])
        session.add(
            AttemptRow(
                hash=attempt.hash,
                entry_id=id,
                number=number,
                raw=attempt.raw,
                max_fee_wei=attempt.max_fee_wei,
                at=attempt.at,
            )
        )
    row.to, row.data, row.value_wei, row.nonce = to, data, value_wei, nonce
    row.state = "signed"
    return _saved(session, row)


def recorded(session: Session, id: int, receipt: Mined, at: int) -> Entry:
    """It stands in a block that is not final yet."""
    row = _row(session, id)
    _mined(row, receipt)
    row.state, row.recorded_at = "recorded", at
    return _saved(session, row)


def unrecorded(session: Session, id: int) -> Entry:
    """Its block is no part of the chain any more: it is on its way again."""
    row = _row(session, id)
    row.state, row.recorded_at, row.problem = "signed", None, ""
    row.block_number = row.block_hash = row.tx_hash = row.gas_used = row.fee_wei = None
    return _saved(session, row)


def final(session: Session, id: int) -> Entry:
    row = _row(session, id)
    row.state = "final"
    return _saved(session, row)


def failed(session: Session, id: int, problem: str, receipt: Mined | None = None) -> Entry:
    """It cannot be recorded; ``receipt`` if it was mined and the contract undid it."""
    row = _row(session, id)
    if receipt is not None:
        _mined(row, receipt)
    row.state, row.problem = "failed", problem
    return _saved(session, row)


def rewind(session: Session, block: int) -> list[Entry]:
    """Entries mined above ``block`` are on their way again, also those that seemed final or had
    failed in a block: what it would do on the chain as it is now, only the chain can say."""
    found = select(EntryRow).where(EntryRow.block_number > block).order_by(EntryRow.id)
    return [unrecorded(session, row.id) for row in list(session.scalars(found))]


def by_key(session: Session, key: str) -> Entry | None:
    row = session.scalar(select(EntryRow).where(EntryRow.key == key))
    return None if row is None else _alone(session, row)


def unfinished(session: Session) -> list[Entry]:
    """Neither final nor failed, in the order they were wanted."""
    states = ("wanted", "signed", "recorded")
    return _entries(session, select(EntryRow).where(EntryRow.state.in_(states)))


@asked_once
def for_thread(session: Session, thread: str) -> list[Entry]:
    """Of one order, in the order they were wanted."""
    return _entries(session, select(EntryRow).where(EntryRow.thread == thread))


def of_each_thread(session: Session, threads: Sequence[str]) -> dict[str, list[Entry]]:
    """`for_thread` of many."""
    found: dict[str, list[Entry]] = {thread: [] for thread in threads}
    for some in bulk.portions(threads):
        for entry in _entries(session, select(EntryRow).where(EntryRow.thread.in_(some))):
            found[entry.thread].append(entry)
    return found


@asked_once
def for_dataset(session: Session, dataset: str) -> list[Entry]:
    """Of one dataset, in the order they were wanted."""
    return _entries(session, select(EntryRow).where(EntryRow.dataset == dataset))


@asked_once
def newest(session: Session, limit: int = 200) -> list[Entry]:
    """The last ones that were wanted, newest first."""
    ids = select(EntryRow.id).order_by(EntryRow.id.desc()).limit(limit)
    return _entries(session, select(EntryRow).where(EntryRow.id.in_(ids)))[::-1]


def highest_nonce(session: Session) -> int | None:
    """The highest nonce that was ever signed with, None before the first."""
    return session.scalar(select(func.max(EntryRow.nonce)))


def _row(session: Session, id: int) -> EntryRow:
    row = session.get(EntryRow, id)
    if row is None:
        raise LookupError(f"there is no record entry {id}")
    return row


def _mined(row: EntryRow, receipt: Mined) -> None:
    row.tx_hash, row.block_number, row.block_hash = (
        receipt.hash,
        receipt.block_number,
        receipt.block_hash,
    )
    row.gas_used, row.fee_wei = receipt.gas_used, receipt.fee_wei


def _saved(session: Session, row: EntryRow) -> Entry:
    session.flush()
    return _alone(session, row)


def _alone(session: Session, row: EntryRow) -> Entry:
    return _entry(row, _attempts(session, [row.id])[row.id])


def _entries(session: Session, found: Select[EntryRow]) -> list[Entry]:
    rows = list(session.scalars(found.order_by(EntryRow.id)))
    attempts = _attempts(session, [row.id for row in rows])
    return [_entry(row, attempts[row.id]) for row in rows]


def _attempts(session: Session, ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """Those of each, in the order they were signed."""
    attempts: dict[int, list[Attempt]] = {id: [] for id in ids}
    found = select(AttemptRow).where(AttemptRow.entry_id.in_(ids)).order_by(AttemptRow.number)
    for row in session.scalars(found):
        attempts[row.entry_id].append(Attempt(row.raw, row.hash, row.max_fee_wei, row.at))
    return attempts


def _entry(row: EntryRow, attempts: Sequence[Attempt]) -> Entry:
    return Entry(
        id=row.id,
        key=row.key,
        what=row.what,
        thread=row.thread,
        dataset=row.dataset,
        title=row.title,
        to=row.to,
        data=row.data,
        value_wei=row.value_wei,
        nonce=row.nonce,
        attempts=tuple(attempts),
        state=cast(EntryState, row.state),
        block_number=row.block_number,
        block_hash=row.block_hash,
        tx_hash=row.tx_hash,
        gas_used=row.gas_used,
        fee_wei=row.fee_wei,
        made_at=row.made_at,
        recorded_at=row.recorded_at,
        problem=row.problem,
    )
