"""How SQLite goes about what is asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.event import listen, remove
from sqlalchemy.orm import Session


def plans(session: Session, look: Callable[[Session], Any]) -> list[str]:
    """The plan of each statement that ``look`` sends."""
    connection = session.connection()
    asked: list[tuple[str, Any]] = []

    def hear(_: object, __: object, sql: str, values: Any, *___: object) -> None:
        asked.append((sql, values))

    listen(connection, "before_cursor_execute", hear)
    look(session)
    remove(connection, "before_cursor_execute", hear)
    return [
        str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all())
        for sql, values in asked
    ]
