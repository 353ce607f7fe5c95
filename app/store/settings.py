"""Small facts of the profile by name, as JSON: choices, and cursors into the record."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.store.tables import SettingRow


def get(session: Session, key: str, default: Any = None) -> Any:
    """The value put under ``key``, or ``default``."""
    row = session.get(SettingRow, key)
    return default if row is None else json.loads(row.value)


def put(session: Session, key: str, value: Any) -> None:
    """Keep a JSON value under ``key`` in place of the one before; TypeError if it is not JSON."""
    session.merge(SettingRow(key=key, value=json.dumps(value, allow_nan=False)))
    session.flush()
