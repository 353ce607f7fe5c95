"""What came is measured again and set against the listing that stood when it was paid."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import trio

from app.domain import listing
from app.domain.commands import Description
from app.domain.order import Order
from app.domain.snapshots.datasets import Column, Profile
from app.engine import received
from app.engine.journal import Journal
from app.engine.received import Received
from app.store.database import Database
from app.store.index import Index
from chain import registry_events as registry
from chain.listing import encode_listing
from tests.app.store.conftest import database, path
from tests.app.store.happenings import OWNER, WIND, mined, registered

__all__ = ["database", "path"]

PROFILE = Profile(
    "csv",
    3,
    (Column("a", "integer", 1.0), Column("b", "text", 0.5)),
    encoding="utf-8",
    columns_found=2,
    repeated=0.0,
)


@dataclass
class Ordered:
    """As much of an order as is asked here."""

    thread: str
    dataset: bytes
    funded_at: int
    folder: str
    role: str = "buyer"


@dataclass
class Orders:
    kept: list[Ordered]

    def all(self) -> list[Ordered]:
        return self.kept


def listed(profile: Profile | None) -> bytes:
    document = listing.document(
        description=Description("T", "W"),
        terms={},
        token="",
        price_units=1,
        files=1,
        profile=profile,
    )
    return encode_listing(document)


def recorded(database: Database, *, then: Profile | None, later: Profile | None) -> None:
    """``later`` is what the owner says after the payment (at 1,005)."""
    index = Index(database)
    for block in (
        mined(1, registered(listing=listed(then))),
        mined(9, registry.ListingUpdated(WIND, OWNER, listed(later))),
    ):
        index.apply(block.events, [block.block], block.cursor)


def compared(database: Database, folder: Path, order: Ordered) -> dict[str, str]:
    """What is kept once a look is over."""

    async def look() -> None:
        changed = [trio.Event()]
        looking = Received(
            folder, database, cast(Journal, Orders([order])), lambda: changed[0].set()
        )
        with trio.fail_after(60):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(looking.run)
                while not kept():
                    changed[0] = trio.Event()
                    await changed[0].wait()
                nursery.cancel_scope.cancel()

    def kept() -> bool:
        with database.read() as session:
            return received.settings.get(session, f"received:{order.thread}") is not None

    trio.run(look)
    with database.read() as session:
        lines = received.comparisons(session, cast(Order, order))
    return {line.what: line.verdict for line in lines}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "received"
    made.mkdir()
    return made


TABLE = "a,b\n1,x\n2,\n3,y\n4,\n"


def test_what_differs_is_found_whatever_the_owner_says_later(
    database: Database, tmp_path: Path, folder: Path
) -> None:
    (folder / "table.csv").write_text(TABLE)
    recorded(database, then=PROFILE, later=None)
    order = Ordered("a" * 32, WIND, 1_005, str(folder))
    found = compared(database, tmp_path, order)
    assert found["rows"] == "differs"
    assert found["completeness"] == "same"
    assert "timeliness" not in found, "no date was declared"
    with database.read() as session:
        said = received.document(received.comparisons(session, cast(Order, order)))
    assert said["declared"]["rows"] == 3
    assert said["received"]["rows"] == 4
    assert said["differs"] == ["rows"]


def test_a_table_that_was_declared_and_is_none_differs(
    database: Database, tmp_path: Path, folder: Path
) -> None:
    (folder / "table.csv").write_bytes(b"PAR1 and nothing")
    recorded(database, then=PROFILE, later=PROFILE)
    found = compared(database, tmp_path, Ordered("b" * 32, WIND, 1_005, str(folder)))
    assert set(found.values()) == {"differs"}


def test_nothing_is_compared_where_nothing_was_declared(
    database: Database, tmp_path: Path, folder: Path
) -> None:
    (folder / "table.csv").write_text(TABLE)
    recorded(database, then=None, later=PROFILE)
    assert compared(database, tmp_path, Ordered("c" * 32, WIND, 1_005, str(folder))) == {}


def test_several_tables_are_not_the_one_that_was_declared(
    database: Database, tmp_path: Path, folder: Path
) -> None:
    for name in ("one.csv", "two.csv"):
        (folder / name).write_text(TABLE)
    recorded(database, then=PROFILE, later=PROFILE)
    found = compared(database, tmp_path, Ordered("d" * 32, WIND, 1_005, str(folder)))
    assert set(found.values()) == {"differs"}


def test_the_only_table_among_several_files_is_compared(
    database: Database, tmp_path: Path, folder: Path
) -> None:
    (folder / "table.csv").write_text(TABLE)
    (folder / "read me.txt").write_text("What the columns are.")
    recorded(database, then=PROFILE, later=PROFILE)
    found = compared(database, tmp_path, Ordered("e" * 32, WIND, 1_005, str(folder)))
    assert found["rows"] == "differs"
    assert found["completeness"] == "same"
