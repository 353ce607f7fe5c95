"""Pages that nothing happened to cost the database next to nothing, and what happens shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.domain.snapshots.datasets import DatasetsSnapshot
from app.domain.snapshots.shell import SettingsSnapshot
from app.engine.door import Door
from app.engine.elsewhere import OtherNetworks
from app.engine.finding import Finding
from app.engine.membership import Membership
from app.engine.profile import Profile
from app.engine.projections.desk import Desk
from app.engine.projections.frame import Frame
from app.store import datasets, private, settings
from app.store.database import Database
from app.store.datasets import OwnDataset
from app.store.private import Private
from tests.app.store.test_answers import asked

Tell = Callable[[], dict[type, object]]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "lading.sqlite")
    yield database
    database.close()


@pytest.fixture
def door(tmp_path: Path, database: Database) -> Door:
    return Door(Profile.at(tmp_path / "profile"), database, lambda: None, None)


@pytest.fixture
def tell(tmp_path: Path, database: Database, door: Door) -> Tell:
    """What is told now, by kind."""
    membership = Membership(database, tmp_path / "practice", lambda: None)
    others = OtherNetworks(database, membership, lambda: None)

    def frame(session: Session) -> Frame:
        return Frame(session, None, None)

    finding = Finding(database, lambda: None, frame, lambda *_: None)
    desk = Desk(Profile.at(tmp_path / "profile"), database, door, others, finding)

    def told() -> dict[type, object]:
        return {type(one): one for one in desk.changes(membership, None, None)}

    return told


def test_a_quiet_database_is_hardly_asked(database: Database, tell: Tell) -> None:
    with database.begin() as session:
        settings.put(session, "network", {"kind": "practice"})
        for number in range(20):
            datasets.save(session, OwnDataset(f"{number:032}", "/data", number))
    tell()
    with asked() as statements:
        assert tell() == {}
    # The one with which the moment begins.
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_each_commit_makes_its_page_new(database: Database, tell: Tell) -> None:
    tell()
    with database.begin() as session:
        datasets.save(session, OwnDataset("0" * 32, "/data", 1))
    assert set(tell()) == {DatasetsSnapshot}
    with database.begin() as session:
        settings.put(session, "at_once", 3)
    page = tell()[SettingsSnapshot]
    assert isinstance(page, SettingsSnapshot)
    assert page.at_once == 3
    with database.begin() as session:
        private.put(session, "0x" + "11" * 20, Private(contact=True))
    page = tell()[SettingsSnapshot]
    assert isinstance(page, SettingsSnapshot)
    assert len(page.people) == 1
    assert page.name == ""


def test_a_new_name_and_a_backup_are_shown(tell: Tell, door: Door) -> None:
    tell()
    door._put_name("Nordhaven")
    door._keep(backed_up=True)
    page = tell()[SettingsSnapshot]
    assert isinstance(page, SettingsSnapshot)
    assert (page.name, page.backed_up) == ("Nordhaven", True)
