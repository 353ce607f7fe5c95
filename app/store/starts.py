"""Rows found by the start of a hash or an address.

Hashes go all over an index. With eight of their bytes it is a third of the size, and most of it
stays in the cache while a million registrations are stored. What starts alike is compared whole.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, UnaryExpression, func, literal_column
from sqlalchemy.sql.operators import custom_op

LENGTH = 8
_FROM: ColumnElement[int] = literal_column("1")  # as the indexes spell it
_LENGTH: ColumnElement[int] = literal_column(str(LENGTH))


def start(column: Any) -> ColumnElement[Any]:
    return func.substr(column, _FROM, _LENGTH)


def among(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """One of these values stands in a column whose starts are indexed."""
    return start(column).in_({value[:LENGTH] for value in values}) & _whole(column).in_(values)


def _whole(column: Any) -> UnaryExpression[Any]:
    """The plus keeps SQLite from putting the one value asked for into the start as well, which no
    index has then."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)
