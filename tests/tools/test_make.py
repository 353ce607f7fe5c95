"""``make demo`` where nothing is left to set up: windows on a screen, else the same trade without.

``lading`` is a script that takes notes; the Makefile is the real one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NODE = "chain/node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
SAID = "No screen here: the trade runs without windows.\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy that is set up: everything made is newer than what it is made of."""
    copy = tmp_path / "tree"
    (copy / "p2p").mkdir(parents=True)
    sources = ("requirements.lock", "pyproject.toml", "hatch_build.py", "p2p/_lanes.c")
    for name in ("Makefile", *sources):
        shutil.copyfile(ROOT / name, copy / name)
    (copy / "tools").mkdir()
    (copy / "tools" / "system_packages.py").touch()  # nothing is missing
    lock = copy / "chain" / "node" / "package-lock.json"
    lock.parent.mkdir(parents=True)
    lock.touch()
    made = [copy / ".venv" / ".requirements", copy / NODE]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    lading = copy / ".venv" / "bin" / "lading"
    lading.parent.mkdir()
    lading.write_text('#!/bin/sh\necho "lading $*"\nexit ${ENDS:-0}\n')
    lading.chmod(0o755)
    return copy


def make(tree: Path, **environment: str) -> tuple[int, str]:
    """Exit code and standard output of ``make demo`` under this environment and no other screen."""
    plain = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    ran = subprocess.run(
        ["make", "--silent", "demo"],
        cwd=tree,
        env=plain | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ran.returncode, ran.stdout


def test_without_a_screen_it_says_so_and_trades_without_windows(tree: Path) -> None:
    assert make(tree) == (0, f"{SAID}lading demo --headless\n")


@pytest.mark.parametrize("screen", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_on_a_screen_there_are_windows(tree: Path, screen: str) -> None:
    assert make(tree, **{screen: ":0"}) == (0, "lading demo\n")


def test_a_trade_that_fails_is_a_target_that_fails(tree: Path) -> None:
    code, said = make(tree, ENDS="1")
    assert (code, said) == (2, f"{SAID}lading demo --headless\n")
