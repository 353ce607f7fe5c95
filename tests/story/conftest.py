"""Whole trades: every person an engine in a process of its own, real sockets, a real chain.

One practice network a module, which the test itself uses too, so that its node outlives every
process that is killed on purpose. People are started by a fork server that has the engine imported
already: a killed one is back in a moment. What a test knows of a person is what the person's own
screens say; what it asserts about money it reads from the contract.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.people import Human, World, own_world
from tests.story.relays import RelayProcess


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.story)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A practice network of this module's own."""
    with own_world(tmp_path_factory.mktemp) as made:
        yield made


@pytest.fixture(scope="module")
def pair(world: World) -> Iterator[tuple[Human, Human]]:
    """An owner and a buyer with practice dollars."""
    with world.human("Nordhaven Energy") as owner, world.human("Baltic Grid Analytics") as buyer:
        owner.enter()
        buyer.enter()
        yield owner, buyer


@pytest.fixture
def relays(tmp_path: Path) -> Iterator[list[RelayProcess]]:
    """Two that run."""
    with RelayProcess(tmp_path / "one") as one, RelayProcess(tmp_path / "two") as two:
        yield [one, two]
