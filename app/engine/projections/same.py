"""Registrations of the same content, on the network in use and on the others that are checked."""

from __future__ import annotations

from app.domain.precedence import Claim
from app.engine.projections.frame import Frame
from app.store import elsewhere, index
from app.store.elsewhere import RegisteredElsewhere
from app.store.index import RegisteredDataset

Registered = RegisteredDataset | RegisteredElsewhere


def same_content(frame: Frame, content_id: bytes, root: bytes) -> list[Registered]:
    """On every network, who committed first comes first."""
    rows: list[Registered] = [*index.same_content(frame.session, content_id, root)]
    rows += same_elsewhere(frame, content_id, root)
    return sorted(rows, key=lambda row: row.committed_at)


def same_elsewhere(frame: Frame, content_id: bytes, root: bytes) -> list[RegisteredElsewhere]:
    """On the other networks alone."""
    if not frame.others:
        return []
    return elsewhere.same_content(frame.session, content_id, root, frame.chain_id)


def claim(frame: Frame, row: Registered) -> Claim:
    chain_id = row.chain_id if isinstance(row, RegisteredElsewhere) else frame.chain_id
    return Claim(row.registrant, chain_id, row.committed_at)
