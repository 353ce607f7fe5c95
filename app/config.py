"""Where things lie on this computer unless somebody says otherwise."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path


def default_profile() -> Path:
    """The profile that opens when none is named."""
    return user_data_path("lading", appauthor=False) / "profile"


def practice_folder() -> Path:
    """The practice network of this user, shared by all windows."""
    return user_data_path("lading", appauthor=False) / "practice"


def watch_folder() -> Path:
    """Where this computer keeps what it watches for an identity that lives on another one."""
    return user_data_path("lading", appauthor=False) / "watch"


def relay_folder() -> Path:
    """Where a relay keeps its key, so that its address stays the same."""
    return user_data_path("lading", appauthor=False) / "relay"


def demo_folder() -> Path:
    """Where the demo keeps its two profiles."""
    return user_data_path("lading", appauthor=False) / "demo"
