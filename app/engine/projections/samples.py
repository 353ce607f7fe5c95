"""The sample on the dataset page: a buyer's own, or what an owner lets buyers see."""

from __future__ import annotations

from functools import lru_cache

from app.domain import sample_rows
from app.domain import samples as rules
from app.domain.listing import Listing
from app.domain.sample_rows import Piece
from app.domain.snapshots.samples import Sample, SampleAllowance, SampleRows, SampleSeen
from app.engine.projections.frame import Frame
from app.engine.sample_asking import fingerprint_of
from app.engine.sample_giving import holds_personal_data, policy_of
from app.store import datasets
from app.store import samples as rows
from app.store.index import RegisteredDataset
from p2p import samples
from p2p.errors import PeerError
from p2p.openings import Opening, manifest_records
from p2p.records import Fingerprint

_LIST_OF_FILES = b'","path":"'
"""Stands in every record of a list of more files than fit into one record."""


def sample(frame: Frame, row: RegisteredDataset, said: Listing) -> Sample | None:
    """What a buyer has of a dataset; None for one's own, and where nobody could ask."""
    if frame.trading is None or row.title_holder == frame.me:
        return None
    kept = rows.asked(frame.session, row.dataset_id)
    if kept is None:
        return None if row.withdrawn else Sample(of=row.records)
    head = frame.ledger.final_block if frame.ledger else -1
    made = Sample(
        step=kept.state,
        reason=kept.reason or frame.trading.samples.waits_for(row.dataset_id),
        drawn=kept.records,
        of=row.records,
        block=kept.block,
        block_at=kept.block_time,
        blocks_left=max(0, kept.block - head),
    )
    if kept.state != "given":
        return made
    opened = rows.asked_bytes(frame.session, row.dataset_id)
    columns = tuple(column.name for column in said.columns)
    how = said.claims.accessibility
    return _with_rows(made, opened, fingerprint_of(row), said.files == 1, columns, how)


@lru_cache(maxsize=8)
def _with_rows(
    made: Sample,
    opened: bytes,
    fingerprint: Fingerprint,
    single: bool,
    columns: tuple[str, ...],
    accessibility: str,
) -> Sample:
    """Cached, since the page may be computed many times a second."""
    try:
        found = samples.decode(opened)
    except ValueError:
        return made
    data = [one for one in found.openings if not _lists_files(one, found.openings, single)]
    last = fingerprint.records - 1
    pieces = [
        Piece(samples.payload_of(one, fingerprint), single and one.index == 1, one.index == last)
        for one in sorted(data, key=lambda one: one.index)
    ]
    return Sample(
        step=made.step,
        drawn=made.drawn,
        proven=len(found.openings),
        withheld=len(found.withheld),
        of=made.of,
        block=made.block,
        block_at=made.block_at,
        list_of_files=len(found.openings) - len(data),
        rows=sample_rows.cut(pieces, columns, accessibility) if pieces else SampleRows("other"),
    )


def _lists_files(one: Opening, every: tuple[Opening, ...], single: bool) -> bool:
    """Whether a record is part of the list of files, which stands before them. How long it is is
    known if its first record was drawn, or if there is only one file; else it shows."""
    if one.index == 0 or single:
        return one.index == 0
    first = next((other for other in every if other.index == 0), None)
    if first is not None:
        try:
            return one.index < manifest_records(first.record)
        except PeerError:
            return False
    return _LIST_OF_FILES in one.record


def allowance(frame: Frame, row: RegisteredDataset) -> SampleAllowance | None:
    """What buyers may see of a dataset of one's own, and who has."""
    if frame.trading is None or row.title_holder != frame.me or row.withdrawn:
        return None
    own = datasets.by_dataset_id(frame.session, row.dataset_id)
    if own is None:
        return None
    policy = policy_of(frame.session, row.dataset_id)
    return SampleAllowance(
        policy=policy,
        for_one=rules.records_for_one(policy, row.records),
        of=row.records,
        personal=holds_personal_data(own),
        seen=tuple(
            SampleSeen(frame.name(given.buyer), given.at, given.records if given.block_hash else 0)
            for given in rows.all_given(frame.session, row.dataset_id)
        ),
    )
