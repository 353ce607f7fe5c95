"""``lading`` alone: the window of one profile. A second start raises the first one's window."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.bridge import Bridge
from app.config import practice_folder
from app.ui import theme
from app.ui.awake import keeper
from app.ui.single import First
from app.ui.window import Window

SWITCH_SECONDS = 0.001
"""How long the engine's thread computes before the window's has its turn, if that wants one. It
wants several for each frame, and Python's own 5 ms for each are a late frame."""


def open_window(profile: Path) -> int:
    """Until the window is closed; the process's exit code."""
    application = make_application()
    first = First(profile)
    if first.raise_other():
        return 0
    window, bridge = assemble(profile, practice_folder())
    first.raised.connect(window.come_up)
    window.show()
    bridge.start()
    code = application.exec()
    return code if bridge.stop() else 1


def assemble(profile: Path, practice: Path) -> tuple[Window, Bridge]:
    """A window and its engine, wired but neither shown nor started."""
    sys.setswitchinterval(SWITCH_SECONDS)
    window = Window(keeper())
    bridge = Bridge(profile, practice)
    bridge.told.connect(window.told)
    window.asked.connect(bridge.ask)
    window.looked.connect(bridge.ask)
    return window, bridge


def make_application() -> QApplication:
    """The one Qt application of this process, in the product's style."""
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("Lading")
    application.setDesktopFileName("lading")
    theme.apply(application, "system")
    return application
