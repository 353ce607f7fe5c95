"""Many rows at once, handed to the driver as they are.

SQLAlchemy makes a dict of parameters for each row, which costs more than storing it.
The SQL and what each column does to its values are SQLAlchemy's own, asked for once.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Table, insert
from sqlalchemy.orm import Session

PORTION = 500
"""Values in one statement; the lowest limit of an SQLite build is 999."""


def put(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all have the same columns."""
    if not rows:
        return
    names = tuple(column.name for column in table.c if column.name in rows[0])
    put_columns(session, table, [[row[name] for row in rows] for name in names], names)


def put_columns(
    session: Session, table: Table, values: Sequence[Iterable[Any]], names: tuple[str, ...] = ()
) -> None:
    """Insert what stands in these columns, all of the table's if not named."""
    connection = session.connection()
    names = names or tuple(table.c.keys())
    statement, processors = _insert(table, names, connection.dialect)
    columns = list(values)
    for place, process in processors:
        columns[place] = map(process, columns[place])
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def present(
    session: Session, table: Table, key: str, keys: Iterable[Any], among: str = "1"
) -> list[Any]:
    """Which of these keys of a table there are, of its rows that meet a condition (SQL)."""
    connection = session.connection()
    found: list[Any] = []
    for some in portions(keys):
        places = ",".join("?" * len(some))
        statement = f"SELECT {key} FROM {table.name} WHERE {among} AND {key} IN ({places})"
        found += connection.exec_driver_sql(statement, tuple(some)).scalars()
    return found


def portions(values: Iterable[Any]) -> Iterator[list[Any]]:
    every = list(values)
    return (every[start : start + PORTION] for start in range(0, len(every), PORTION))


@lru_cache(maxsize=64)
def _insert(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[tuple[int, Callable[[Any], Any]]]]:
    statement = insert(table).values(dict.fromkeys(names)).compile(dialect=dialect)
    processors = [table.c[name].type.bind_processor(dialect) for name in names]
    return str(statement), [(n, one) for n, one in enumerate(processors) if one is not None]
