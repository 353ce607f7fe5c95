"""``requirements.lock``: every extra that an installed package asks of another is named there.

pip, where each hash must be known, looks at ``name[extra]`` apart from ``name``: if the lock pins
only the latter, it takes the newest release for the former, and stops as soon as that is another.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([a-z0-9,._-]+)\])?==", re.MULTILINE)


def pinned(lock: str) -> dict[str, set[str]]:
    """Name → the extras it is pinned with."""
    return {
        canonicalize_name(name): set(extras.split(",")) if extras else set()
        for name, extras in _PINNED.findall(lock)
    }


def requirements(lock: str) -> dict[str, list[Requirement]]:
    """What each pinned package says it needs, and the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ours = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    said = {"lading": [Requirement(text) for text in ours]}
    for installed in distributions():
        name = canonicalize_name(installed.name)
        if name in pinned(lock):
            said[name] = [Requirement(text) for text in installed.requires or ()]
    return said


def unnamed(lock: str) -> Iterator[str]:
    """``who asks: name[extra]`` for every extra that somebody asks for and the lock leaves out."""
    there = pinned(lock)
    for who, needs in requirements(lock).items():
        for extra in ("", *there.get(who, ())):
            for need in needs:
                if need.marker is None or need.marker.evaluate({"extra": extra}):
                    for asked in sorted(
                        need.extras - there.get(canonicalize_name(need.name), need.extras)
                    ):
                        yield f"{who}: {need.name}[{asked}]"


def test_every_extra_that_is_asked_for_is_pinned() -> None:
    assert len(requirements(LOCK)) > 100
    assert list(unnamed(LOCK)) == []


def test_an_extra_that_the_lock_leaves_out_is_noticed() -> None:
    for name, extras in pinned(LOCK).items():
        for extra in extras:
            lacking = LOCK.replace(f"{name}[{extra}]==", f"{name}==")
            assert lacking != LOCK
            assert any(f"{name}[{extra}]" in line for line in unnamed(lacking)), name
