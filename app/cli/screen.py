"""Whether windows can be shown here. Where they cannot, Qt ends the process without a word for a
person, so it is asked first."""

from __future__ import annotations

import os
import sys

_NAMED_BY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


def is_there() -> bool:
    """On Linux a screen is named by the environment; elsewhere there is one."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in _NAMED_BY)
