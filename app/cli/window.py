"""``lading`` alone: the window of one profile. A second start raises the first one's window."""

from __future__ import annotations

import builtins
import linecache
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
    _import_plainly()
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("Lading")
    application.setDesktopFileName("lading")
    theme.apply(application, "system")
    return application


def _import_plainly() -> None:
    """Qt's bindings read the source of every module that is imported after them, to see whether it
    wants their names in another style, and keep all of it: 42 MiB, and a third of the engine's
    start. None of ours does."""
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
    linecache.clearcache()
