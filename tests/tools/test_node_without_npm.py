"""``make`` where npm is missing: the practice node comes by the npm in Node's wheel.

It goes to the package registries, as ``make setup`` does, and takes its time: LADING_PROVE=1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.counts import PROVE

ROOT = Path(__file__).parents[2]
NODE = "chain/node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
NEEDED = (
    "Makefile",
    "pyproject.toml",
    "requirements.lock",
    "hatch_build.py",
    "p2p/_lanes.c",
    "tools/system_packages.py",
    "chain/node/package.json",
    "chain/node/package-lock.json",
    "chain/node/requirements.lock",
)
PROGRAMS = ("sh", "make", "touch")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy in which all but the node is set up."""
    copy = tmp_path / "tree"
    for name in NEEDED:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    (copy / ".venv").mkdir()
    (copy / ".venv" / ".requirements").touch()  # newer than what was copied
    return copy


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH with the least that is needed: no npm, no Node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in PROGRAMS:
        found = shutil.which(program)
        assert found, f"{program} is not installed"
        (folder / program).symlink_to(found)
    (folder / "python3").symlink_to(Path(sys._base_executable))
    return str(folder)


@pytest.mark.skipif(not PROVE, reason="downloads; LADING_PROVE=1")
def test_without_npm_the_node_comes_all_the_same(tree: Path, path: str) -> None:
    assert shutil.which("npm", path=path) is None
    assert shutil.which("node", path=path) is None
    made = subprocess.run(
        ["make", NODE],
        cwd=tree,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    said = subprocess.run([tree / NODE, "--version"], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("anvil Version: 1.7.1")
