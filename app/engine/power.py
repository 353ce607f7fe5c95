"""Whether this computer runs on its battery, as each system says it.

A reader answers True (on battery), False (on mains) or None (no battery, or it cannot be told).
"""

from __future__ import annotations

import ctypes
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

OnBattery = Callable[[], bool | None]

LINUX_SUPPLIES = Path("/sys/class/power_supply")
ASK_SECONDS = 5
NO_BATTERY = 128  # of BatteryFlag; 255 is unknown


def here() -> OnBattery:
    """What to ask on this system."""
    if sys.platform == "win32":
        return on_windows
    if sys.platform == "darwin":
        return lambda: from_pmset(_pmset())
    return lambda: on_linux(LINUX_SUPPLIES)


def on_linux(supplies: Path) -> bool | None:
    """By the folder of power supplies (Linux, Documentation/ABI/testing/sysfs-class-power)."""
    online: list[bool] = []
    states: list[str] = []
    try:
        found = sorted(supplies.iterdir())
    except OSError:  # none, or not for us to see
        found = []
    for supply in found:
        kind = _read(supply / "type")
        if kind in ("Mains", "USB"):
            online.append(_read(supply / "online") == "1")
        # A mouse has a battery of its own; so may a slot that is empty.
        ours = _read(supply / "scope") != "Device" and _read(supply / "present") != "0"
        if kind == "Battery" and ours:
            states.append(_read(supply / "status"))
    if not states:
        return None
    return not any(online) if online else "Discharging" in states


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def from_pmset(said: str) -> bool | None:
    """By what ``pmset -g batt`` prints on macOS."""
    if "InternalBattery" not in said:
        return None
    return "'Battery Power'" in said


def _pmset() -> str:
    try:
        asked = ["/usr/bin/pmset", "-g", "batt"]
        return subprocess.run(
            asked, capture_output=True, text=True, timeout=ASK_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


class _PowerStatus(ctypes.Structure):
    """SYSTEM_POWER_STATUS of the Windows API."""

    _fields_ = (
        ("line", ctypes.c_ubyte),
        ("battery", ctypes.c_ubyte),
        ("percent", ctypes.c_ubyte),
        ("saver", ctypes.c_ubyte),
        ("left_seconds", ctypes.c_ulong),
        ("full_seconds", ctypes.c_ulong),
    )


def from_windows(line: int, battery: int) -> bool | None:
    """By ACLineStatus (0 off, 1 on, 255 unknown) and BatteryFlag of GetSystemPowerStatus."""
    if battery == 255 or battery & NO_BATTERY or line not in (0, 1):
        return None
    return line == 0


def on_windows() -> bool | None:
    status = _PowerStatus()
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  not there on other systems
    if not kernel.GetSystemPowerStatus(ctypes.byref(status)):
        return None
    return from_windows(status.line, status.battery)
