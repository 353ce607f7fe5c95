"""An owner's and a buyer's window, each one line away.

``owner`` and ``buyer`` are `Hands` at windows of their own: own profile, own engine, one practice
network (a real node) for both, real libp2p on loopback. Nothing below the window is replaced.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.cli.window import assemble
from app.ui import theme
from tests.windows.hands import Hands


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """The folder of a practice network for this test alone; its node ends with the last window."""
    return tmp_path / "practice"


@pytest.fixture
def owner(qtbot: QtBot, tmp_path: Path, practice: Path) -> Iterator[Hands]:
    """A window in its first run."""
    yield from _window(qtbot, tmp_path / "owner", practice)


@pytest.fixture
def buyer(qtbot: QtBot, tmp_path: Path, practice: Path) -> Iterator[Hands]:
    """Another window in its first run."""
    yield from _window(qtbot, tmp_path / "buyer", practice)


def _window(qtbot: QtBot, profile: Path, practice: Path) -> Iterator[Hands]:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, "light")
    window, bridge = assemble(profile, practice)
    ended: list[str] = []
    bridge.ended.connect(ended.append)
    qtbot.addWidget(window)
    window.show()
    bridge.start()
    yield Hands(window)
    window.close()
    assert bridge.stop(), "the engine's thread goes on"
    assert not any(ended), ended
