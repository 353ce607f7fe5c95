"""Files the product ships with: theme, icons, fonts, translations."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable


def resource(*parts: str) -> Traversable:
    """The shipped file or folder at ``parts``, e.g. ``resource("icons", "house.svg")``."""
    return files("resources").joinpath(*parts)
