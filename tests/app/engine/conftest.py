"""Engines under test: see ``pair`` for conversations without a network, ``apps`` for whole ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.store.database import Database
from tests.app.engine.sides import BUYER, OWNER, Pair, side


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "lading.sqlite"
    Database.open(path).close()
    return path


@pytest.fixture
def pair(tmp_path: Path, empty: Path) -> Iterator[Pair]:
    """An owner with a registered dataset and a buyer; each takes messages by `Side.hears`."""
    with side(tmp_path, OWNER, empty) as owner, side(tmp_path, BUYER, empty) as buyer:
        owner.has_dataset()
        yield Pair(owner, buyer)
