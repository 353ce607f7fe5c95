"""Engines under test.

``pair``: an owner and a buyer who take messages without a network between them (`sides`).
``world``: a practice network of the test session, a real node; never the user's own.
``line``: an RPC endpoint in front of it that the test can cut or falsify.
``apps``: makes an `App`, a whole engine in a thread, on a new profile: ``apps("Name")`` has an
identity and no network, ``apps("Name", line)`` is on the network through that line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from app.store.database import Database
from chain.gateway import Gateway
from chain.practice import Practice, PracticeUnavailable, node_path
from tests.app.engine.apps import App, Line, World
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


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    try:
        node_path()
    except PracticeUnavailable as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("practice")
    practice = Practice(folder)
    try:
        network = practice.join()
        gateway = Gateway(network)
        yield World(practice, network, gateway, folder)
        gateway.close()
    finally:
        practice.leave()


@pytest.fixture(scope="module")
def lines(world: World) -> Iterator[Callable[[], Line]]:
    """Makes lines to the world's node."""
    with ExitStack() as made:

        def make() -> Line:
            line = Line(world.network.rpc_urls[0])
            made.callback(line.close)
            return line

        yield make


@pytest.fixture
def line(lines: Callable[[], Line]) -> Line:
    return lines()


class Apps(Protocol):
    def __call__(self, name: str, line: Line | None = None) -> App: ...


@pytest.fixture(scope="module")
def apps(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apps]:
    with ExitStack() as made:

        def make(name: str, line: Line | None = None) -> App:
            place = tmp_path_factory.mktemp("app")
            app = App(place / "profile", world.folder)
            made.callback(app.stop)
            app.start()
            app.create(name)
            if line is not None:
                app.join(world.through(line, place))
                world.practice.fund(app.address)
            return app

        yield make
