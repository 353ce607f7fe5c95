"""The computer stays awake while something is delivered, where the person wants it so.

Each desktop has its own way to be asked; where there is none, the switch is not shown. What holds
the computer awake ends with this process, however that ends.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol

from PySide6.QtCore import QObject
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from app.domain.snapshots.shell import HomeSnapshot, SettingsSnapshot
from app.ui.phrases import shell as phrases

CAFFEINATE = Path("/usr/bin/caffeinate")
_NUMBERS = count(1)
CONTINUOUS, SYSTEM_REQUIRED = 0x80000000, 0x00000001  # of SetThreadExecutionState


class Keeper(Protocol):
    """Keeps the computer from falling asleep by itself between ``hold`` and ``release``."""

    def hold(self, why: str) -> None: ...

    def release(self) -> None: ...


class Service(NamedTuple):
    """A service of the desktop whose ``Inhibit(who, why)`` holds as long as its caller is there."""

    name: str
    path: str
    interface: str


SERVICES = (
    Service(
        "org.freedesktop.PowerManagement",
        "/org/freedesktop/PowerManagement/Inhibit",
        "org.freedesktop.PowerManagement.Inhibit",
    ),
    Service(
        "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"
    ),
)
"""The one that lets the screen go dark comes first."""

Connect = Callable[[str], QDBusConnection]
"""A connection of its own to the session's bus, under this name."""


class DesktopKeeper:
    """Asks a service on the session's D-Bus, from a connection that is closed to let go: no answer
    is needed, and nobody waits for one."""

    def __init__(self, connect: Connect, service: Service) -> None:
        self._connect = connect
        self._service = service
        self._holding = ""

    def hold(self, why: str) -> None:
        if not self._holding:
            self._holding = f"lading-awake-{next(_NUMBERS)}"
            asked = QDBusMessage.createMethodCall(*self._service, "Inhibit")
            asked.setArguments(["Lading", why])
            self._connect(self._holding).asyncCall(asked)

    def release(self) -> None:
        if self._holding:
            QDBusConnection.disconnectFromBus(self._holding)
            self._holding = ""


class MacKeeper:
    """macOS's own program for it, which ends when this process does."""

    def __init__(self, program: Path = CAFFEINATE) -> None:
        self._program = program
        self._running: subprocess.Popen[bytes] | None = None

    def hold(self, why: str) -> None:
        if self._running is None:
            self._running = subprocess.Popen([self._program, "-i", "-w", str(os.getpid())])

    def release(self) -> None:
        if self._running is not None:
            self._running.terminate()
            self._running.wait()
            self._running = None


class WindowsKeeper:
    """A state of this thread, which is the window's."""

    def hold(self, why: str) -> None:
        self._set(CONTINUOUS | SYSTEM_REQUIRED)

    def release(self) -> None:
        self._set(CONTINUOUS)

    def _set(self, state: int) -> None:
        getattr(ctypes, "windll").kernel32.SetThreadExecutionState(state)  # noqa: B009


def keeper() -> Keeper | None:
    """What this desktop has, None where it cannot be asked."""
    if sys.platform == "win32":
        return WindowsKeeper()
    if sys.platform == "darwin":
        return MacKeeper() if CAFFEINATE.exists() else None
    session = QDBusConnection.BusType.SessionBus
    return on_bus(lambda name: QDBusConnection.connectToBus(session, name))


def on_bus(connect: Connect) -> DesktopKeeper | None:
    """The first service that is there."""
    name = f"lading-awake-{next(_NUMBERS)}"
    bus = connect(name)
    try:
        if not bus.isConnected():
            return None
        names = bus.interface().registeredServiceNames().value()
    finally:
        QDBusConnection.disconnectFromBus(name)
    found = (one for one in SERVICES if one.name in names)
    return next((DesktopKeeper(connect, one) for one in found), None)


class Awake(QObject):
    """Holds the computer awake while data moves or is checked and the setting says so."""

    def __init__(self, keeper: Keeper | None, parent: QObject) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._wanted = self._moving = self._held = False

    @property
    def possible(self) -> bool:
        return self._keeper is not None

    def told(self, message: HomeSnapshot | SettingsSnapshot) -> None:
        if isinstance(message, HomeSnapshot):
            self._moving = any(one.moves for one in message.running)
        else:
            self._wanted = message.stay_awake
        self._hold(self._wanted and self._moving)

    def end(self) -> None:
        self._hold(False)

    def _hold(self, yes: bool) -> None:
        if self._keeper is None or yes == self._held:
            return
        self._held = yes
        if yes:
            self._keeper.hold(phrases.delivering())
        else:
            self._keeper.release()
