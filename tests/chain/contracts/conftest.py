"""Fixtures of the contract tests: one deployed world a session, restored after each test."""

from collections.abc import Iterator

import pytest

from tests.chain.contracts.escrow_world import World, build_world, chain_restored


@pytest.fixture(scope="session")
def deployed() -> World:
    return build_world()


@pytest.fixture
def world(deployed: World) -> Iterator[World]:
    """Both contracts with one registered dataset, in the periods of a real network."""
    with chain_restored():
        yield deployed
