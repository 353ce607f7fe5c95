"""Notes, labels, contacts and blocked parties. They are this profile's own and are sent to nobody.

Each is about a party (its address) or a dataset (its id, hex)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.answers import asked_once
from app.store.tables import PrivateRow


@dataclass(frozen=True, slots=True)
class Private:
    note: str = ""
    labels: tuple[str, ...] = ()
    contact: bool = False
    blocked: bool = False


@asked_once
def get(session: Session, about: str) -> Private:
    row = session.get(PrivateRow, about)
    return Private() if row is None else _private(row)


def put(session: Session, about: str, private: Private) -> None:
    """In place of what was kept; nothing is kept of one that says nothing."""
    row = session.get(PrivateRow, about)
    if private == Private():
        if row is not None:
            session.delete(row)
    else:
        session.merge(
            PrivateRow(
                about=about,
                note=private.note,
                labels=json.dumps(private.labels),
                contact=private.contact,
                blocked=private.blocked,
            )
        )
    session.flush()


@asked_once
def everything(session: Session) -> dict[str, Private]:
    """All there is, by what it is about."""
    rows = session.scalars(select(PrivateRow).order_by(PrivateRow.about))
    return {row.about: _private(row) for row in rows}


def is_blocked(session: Session, party: str) -> bool:
    return get(session, party).blocked


def _private(row: PrivateRow) -> Private:
    return Private(row.note, tuple(json.loads(row.labels)), row.contact, row.blocked)
