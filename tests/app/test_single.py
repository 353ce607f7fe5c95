"""One window a profile: a second start raises the first one's window."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.ui.single import First

ROOT = Path(__file__).parents[2]

CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from app.ui.single import First
application = QCoreApplication([])
first = First(Path(sys.argv[1]))
assert not first.raise_other()
os._exit(0)
"""


def test_a_second_start_raises_the_first_window(qtbot: QtBot, tmp_path: Path) -> None:
    first = First(tmp_path / "profile")
    assert not first.raise_other()
    with qtbot.waitSignal(first.raised):
        assert First(tmp_path / "profile").raise_other()
    with qtbot.waitSignal(first.raised):  # and again
        assert First(tmp_path / "profile").raise_other()


def test_a_second_command_raises_the_first_window_and_ends(qtbot: QtBot, tmp_path: Path) -> None:
    """`lading` itself, as a second process: no second engine, nothing made in the profile."""
    profile = tmp_path / "profile"
    first = First(profile)
    assert not first.raise_other()
    with qtbot.waitSignal(first.raised, timeout=60_000):
        second = subprocess.Popen(
            [sys.executable, "-m", "app", "--profile", profile],
            cwd=ROOT,
            env=os.environ | {"XDG_DATA_HOME": str(tmp_path)},
        )
    assert second.wait(60) == 0
    assert not profile.exists()


def test_another_profile_has_a_window_of_its_own(qtbot: QtBot, tmp_path: Path) -> None:
    first = First(tmp_path / "profile")
    assert not first.raise_other()
    with qtbot.assertNotEmitted(first.raised):
        assert not First(tmp_path / "another").raise_other()


def test_every_way_to_the_folder_is_the_same_profile(qtbot: QtBot, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    (tmp_path / "link").symlink_to(profile)
    first = First(profile)
    assert not first.raise_other()
    assert First(Path(os.path.relpath(profile))).raise_other()
    assert First(tmp_path / "x" / ".." / "profile").raise_other()
    assert First(tmp_path / "link").raise_other()


def test_after_a_crash_the_next_start_is_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    subprocess.run([sys.executable, "-c", CRASH, profile], cwd=ROOT, check=True, timeout=60)
    first = First(profile)
    assert not first.raise_other()
    with qtbot.waitSignal(first.raised):
        assert First(profile).raise_other()
