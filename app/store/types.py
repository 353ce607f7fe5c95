"""Column types: what SQL has no exact word for, checked on the way in."""

from sqlalchemy import BigInteger, Dialect, Integer, LargeBinary, String
from sqlalchemy.types import TypeDecorator

RowId = BigInteger().with_variant(Integer, "sqlite")
"""A number the database gives out. SQLite numbers only columns of exactly the type INTEGER."""

MAX_INTEGER = 2**63 - 1
"""The largest integer an ordinary column holds; a uint64 from the chain can be larger."""


class Bytes32(TypeDecorator[bytes]):
    """A hash, an id or a commitment: 32 bytes."""

    impl = LargeBinary(32)
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
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
