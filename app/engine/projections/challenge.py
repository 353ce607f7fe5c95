"""Two registrations side by side (PROTOCOL §3), from what is on record here; nobody is asked."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain import listing as listings
from app.domain.commands import OpenChallenge
from app.domain.listing import Listing
from app.domain.precedence import Claim, is_unclear
from app.domain.similarity import counterparts, is_of_pieces, likeness
from app.domain.snapshots.challenge import ChallengeSnapshot, ColumnAlike, First, Side
from app.domain.snapshots.datasets import Column
from app.engine.projections.alike import match
from app.engine.projections.frame import Frame
from app.engine.projections.same import Registered, claim
from app.engine.registering import must_be_confidential
from app.store import datasets, elsewhere, index
from app.store.elsewhere import RegisteredElsewhere
from chain import registry_events
from chain.listing import decode_listing
from p2p.records import confidential_id


@dataclass(frozen=True, slots=True)
class Subject:
    """One side, with what it is compared by. ``listing`` has the bytes on record."""

    side: Side
    columns: tuple[Column, ...]
    sketch: bytes
    registrant: str
    listing: bytes = b""
    claim: Claim | None = None


def challenge(frame: Frame, asked: OpenChallenge) -> ChallengeSnapshot | None:
    """None while one of them is not known here."""
    found = subjects(frame, asked)
    return None if found is None else compared(*found, asked.back)


def subjects(frame: Frame, asked: OpenChallenge) -> tuple[Subject, Subject] | None:
    """Both sides; None while one of them is not known here."""
    one = _registered(frame, asked.one, 0) or _draft(frame, asked.one)
    other = _registered(frame, asked.other, asked.chain_id)
    return (one, other) if one and other else None


def compared(one: Subject, other: Subject, back: str = "") -> ChallengeSnapshot:
    """What is told of two sides."""
    by_pieces = is_of_pieces(one.sketch)
    both = bool(one.sketch and other.sketch) and by_pieces == is_of_pieces(other.sketch)
    likely = likeness(one.sketch, other.sketch)
    alike = counterparts(
        one.sketch,
        other.sketch,
        lambda mine, theirs: _name(one, mine).casefold() == _name(other, theirs).casefold(),
    )
    held = set(likely.alike)
    columns = [
        ColumnAlike(
            _name(one, place),
            _name(other, alike[place]) if place in held and place in alike else "",
            score,
        )
        for place, score in likely.compared
    ]
    looked = {place for place, _ in likely.compared}
    left_out = [column.name for place, column in enumerate(one.columns) if place not in looked]
    first, second = one.side, other.side
    return ChallengeSnapshot(
        one=first,
        other=second,
        first=_first(one, other),
        same_content=first.fingerprint == second.fingerprint
        or (bool(first.content_id) and first.content_id == second.content_id),
        score=likely.score if both else None,
        columns=tuple(sorted(columns, key=lambda column: -column.score)),
        left_out=tuple(left_out) if both and not by_pieces else (),
        back=back,
    )


def _first(one: Subject, other: Subject) -> First:
    mine, theirs = one.claim, other.claim
    if mine is None or theirs is None:
        return "none"
    if is_unclear([mine, theirs]):
        return "unclear"
    earlier = (mine.at, one.side.block or 0) <= (theirs.at, other.side.block or 0)
    return "one" if earlier else "other"


def _name(subject: Subject, place: int) -> str:
    return subject.columns[place].name if place < len(subject.columns) else str(place + 1)


def _registered(frame: Frame, dataset: str, chain_id: int) -> Subject | None:
    key = bytes.fromhex(dataset)
    if len(key) != 32:
        return None
    here = chain_id in (0, frame.chain_id)
    row: Registered | None = (
        index.registration(frame.session, key)
        if here
        else elsewhere.registration(frame.session, chain_id, key)
    )
    if row is None:
        return None
    known = match(frame, row)
    said = _said(row.listing)
    confidential = row.content_id == confidential_id(row.root)
    side = Side(
        title=known.title,
        by=known.by,
        by_me=known.by_me,
        network=known.network,
        chain_id=known.chain_id,
        elsewhere=known.elsewhere,
        dataset=dataset,
        committed_at=row.committed_at,
        registered_at=row.registered_at,
        block=row.block,
        final=frame.is_final(row.block, known.chain_id),
        entry=row.tx_hash.hex(),
        block_hash=_block_hash(frame, row).hex(),
        fingerprint=row.root.hex(),
        content_id="" if confidential else row.content_id.hex(),
        size_bytes=row.length,
        records=row.records,
    )
    return Subject(side, said.columns, said.sketch, row.registrant, row.listing, claim(frame, row))


def _draft(frame: Frame, key: str) -> Subject | None:
    own = datasets.load(frame.session, key)
    if own is None or not own.root:
        return None
    hidden = own.description.confidential or must_be_confidential(own)
    side = Side(
        title=own.description.title,
        by=frame.name(frame.me),
        by_me=True,
        network=frame.network_name(frame.chain_id),
        chain_id=frame.chain_id,
        elsewhere=False,
        dataset="",
        committed_at=None,
        registered_at=None,
        block=None,
        final=False,
        entry="",
        block_hash="",
        fingerprint=own.root.hex(),
        content_id="" if hidden else own.content_id.hex(),
        size_bytes=own.length,
        records=own.records,
    )
    profile = own.profile
    columns, sketch = (profile.columns, profile.sketch) if profile else ((), b"")
    return Subject(side, columns, sketch, frame.me)


def _said(listing: bytes) -> Listing:
    try:
        return listings.read(decode_listing(listing))
    except ValueError:
        return listings.read({})


def _block_hash(frame: Frame, row: Registered) -> bytes:
    if isinstance(row, RegisteredElsewhere):
        return row.block_hash
    for event in index.history(frame.session, row.dataset_id):
        if isinstance(event.body, registry_events.Registered):
            return event.block_hash
    return b""
