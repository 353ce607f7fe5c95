"""Column types: what SQL has no exact word for, checked on the way in."""

from collections.abc import Callable

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String
from sqlalchemy.types import TypeDecorator

RowId = BigInteger().with_variant(Integer, "sqlite")
"""A number the database gives out. SQLite numbers only columns of exactly the type INTEGER."""


class Bytes(LargeBinary):
    """Bytes as they are. SQLAlchemy would wrap each value for drivers that cannot take them."""

    def bind_processor(self, dialect: Dialect) -> Callable[[bytes | None], bytes | None] | None:
        return None


class Bytes32(Bytes):
    """A hash, an id or a commitment: 32 bytes."""

    def __init__(self) -> None:
        super().__init__(32)

    def bind_processor(self, dialect: Dialect) -> Callable[[bytes | None], bytes | None]:
        return _checked32


def _checked32(value: bytes | None) -> bytes | None:
    if value is not None and len(value) != 32:
        raise ValueError(f"32 bytes are stored here, not {len(value)}")
    return value


class Uint256(TypeDecorator[int]):
    """An amount of money as 64 hex digits, whose order as text is the order of the amounts."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not 0 <= value < 2**256:
            raise ValueError("an amount is stored as an unsigned 256-bit integer")
        return f"{value:064x}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> int | None:
        return None if value is None else int(value, 16)


class Uint96(TypeDecorator[int]):
    """A price as 12 big-endian bytes, whose order is the order of the prices."""

    impl = Bytes(12)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> bytes | None:
        return None if value is None else value.to_bytes(12, "big")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> int | None:
        return None if value is None else int.from_bytes(value, "big")
