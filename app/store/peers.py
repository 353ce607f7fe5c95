"""Who was met, and how to reach them again."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.answers import asked_once
from app.store.tables import PeerRow, ProfileRow


@dataclass(frozen=True, slots=True)
class KnownPeer:
    """``identity`` is an address; ``addresses`` are multiaddresses; ``seen_at`` unix seconds."""

    identity: str
    peer_id: str
    seal_key: bytes
    addresses: tuple[str, ...]
    seen_at: int


def remember(
    session: Session,
    identity: str,
    peer_id: str,
    seal_key: bytes,
    addresses: tuple[str, ...],
    seen_at: int,
) -> None:
    """Keep what the newest meeting said. A meeting that gave no address, because the peer came to
    us, leaves those of the same peer id standing."""
    row = session.get(PeerRow, identity)
    if row is None:
        row = PeerRow(identity=identity, addresses="[]")
        session.add(row)
    elif row.peer_id != peer_id:
        row.addresses = "[]"
    row.peer_id, row.seal_key, row.seen_at = peer_id, seal_key, seen_at
    if addresses:
        row.addresses = json.dumps(addresses)
    session.flush()


def find(session: Session, identity: str) -> KnownPeer | None:
    row = session.get(PeerRow, identity)
    if row is None:
        return None
    return KnownPeer(
        row.identity, row.peer_id, row.seal_key, tuple(json.loads(row.addresses)), row.seen_at
    )


def names(session: Session, addresses: Collection[str]) -> dict[str, str]:
    """`name` of many."""
    found = session.scalars(select(ProfileRow).where(ProfileRow.address.in_(addresses)))
    named = {row.address: row.name for row in found}
    return {address: named.get(address, "") for address in addresses}


@asked_once
def name(session: Session, address: str) -> str:
    """The name an address gave itself on the record, or "". Anyone may take any name."""
    row = session.get(ProfileRow, address)
    return "" if row is None else row.name
