"""A profile's database in a real file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Database


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables and nothing in them: making them takes longest of a test."""
    path = tmp_path_factory.mktemp("empty") / "lading.sqlite"
    Database.open(path).close()
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lading.sqlite"


@pytest.fixture
def database(path: Path, empty: Path) -> Iterator[Database]:
    shutil.copy(empty, path)
    database = Database.open(path)
    yield database
    database.close()
