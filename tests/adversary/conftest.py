"""Cheats against honest apps: each story changes one thing and ends as PROTOCOL §5 and §6 promise.

The honest side is an app in a process of its own, driven through its pages; the other side is a
`Cheat`. Nobody presses a button to be saved: what a story asserts after the cheating comes by
itself. Deadlines pass because the chain's clock is moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversary.stage import Honest
from tests.story.people import World, own_world


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


def _somebody(world: World, name: str) -> Honest:
    return Honest(
        name, world.folder / name.split()[0].lower(), Path(world.practice.status()["folder"])
    )


@pytest.fixture(scope="module")
def owner(world: World) -> Iterator[Honest]:
    """An honest owner with practice dollars."""
    with _somebody(world, "Nordhaven Energy") as owner:
        owner.enter()
        yield owner


@pytest.fixture(scope="module")
def buyer(world: World) -> Iterator[Honest]:
    """An honest buyer with practice dollars."""
    with _somebody(world, "Baltic Grid Analytics") as buyer:
        buyer.enter()
        yield buyer


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of two chunks."""
    file = tmp_path_factory.mktemp("data") / "soundings.csv"
    file.write_text("hour,depth\n" + "".join(f"{n},{n * 7919 % 6007}\n" for n in range(120_000)))
    return file
