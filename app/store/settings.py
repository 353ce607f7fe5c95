"""Small facts of the profile by name, as JSON: choices, and cursors into the record."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.store.answers import asked_once
from app.store.tables import SettingRow


def get(session: Session, key: str, default: Any = None) -> Any:
    """The value put under ``key``, or ``default``."""
    kept = _kept(session, key)
    return default if kept is None else json.loads(kept)


@asked_once
def every(session: Session, keys: tuple[str, ...]) -> dict[str, Any]:
    """The values put under ``keys``, in one question; without those that none was put under."""
    found = session.scalars(select(SettingRow).where(SettingRow.key.in_(keys)))
    return {row.key: json.loads(row.value) for row in found}


def named(session: Session, prefix: str) -> dict[str, Any]:
    """The values put under all keys that begin with ``prefix``."""
    among = select(SettingRow).where(SettingRow.key.startswith(prefix, autoescape=True))
    return {row.key: json.loads(row.value) for row in session.scalars(among)}


def put(session: Session, key: str, value: Any) -> None:
    """Keep a JSON value under ``key`` in place of the one before; TypeError if it is not JSON."""
    session.merge(SettingRow(key=key, value=json.dumps(value, allow_nan=False)))
    session.flush()


@asked_once
def _kept(session: Session, key: str) -> str | None:
    row = session.get(SettingRow, key)
    return None if row is None else row.value
