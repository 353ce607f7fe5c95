"""What is done to an owner's process so that it breaks a promise which its app would keep."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from app.domain import claims
from app.domain.snapshots.datasets import Claims, Profile
from tests.story.dying import die_at


def spoil(record: int, points: Iterable[str] = (), diary: Path | None = None) -> None:
    """Seal other content than was registered in one record, as broken memory would; and die at
    ``points``, each once."""
    from p2p.content import Content
    from p2p.records import CHUNK_RECORDS, RECORD

    chunk, place = divmod(record, CHUNK_RECORDS)
    honest = Content.checked_chunk

    def checked_chunk(
        content: Content, chunk_index: int, leaves_path: Path, room: object = None
    ) -> tuple[bytes, bytes]:
        found, leaves = honest(content, chunk_index, leaves_path)
        plain = bytes(found)
        if chunk_index != chunk:
            return plain, leaves
        start = place * RECORD
        return plain[:start] + b"!" * RECORD + plain[start + RECORD :], leaves

    Content.checked_chunk = checked_chunk  # type: ignore[method-assign]
    if diary is not None:
        die_at(points, diary)


def withhold_key() -> None:
    """Journal that the key is given, and never send it off the record."""
    from app.domain.order import Order
    from app.engine.deliveries import Deliveries

    async def may_expose(deliveries: Deliveries, order: Order) -> bool:
        return not order.sealed_key

    Deliveries.may_expose = may_expose  # type: ignore[method-assign]


def spoil_and_withhold(record: int) -> None:
    spoil(record)
    withhold_key()


def boast() -> None:
    """Declare that no cell is missing, whatever was measured."""
    honest = claims.declared

    def declared(profile: Profile, undeclared: Collection[str]) -> Claims:
        return replace(honest(profile, undeclared), completeness=claims.WHOLE)

    claims.declared = declared
