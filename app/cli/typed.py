"""What people type on the command line, as values."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Final

_UNITS: Final = {"": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_MOST: Final = 10**18


def path(text: str) -> Path:
    """A file or folder. The empty text, which an unset variable leaves behind, names neither:
    ``Path`` would take it for the current folder."""
    if not text:
        raise ArgumentTypeError("The path is empty. Name a file or folder; . is the current one.")
    return Path(text)


def size(text: str) -> int:
    """A number of bytes: 250MB, 16GB, or digits alone."""
    found = re.fullmatch(r"([0-9]{1,12}) ?(|kB|MB|GB|TB)", text)
    total = int(found[1]) * _UNITS[found[2]] if found else _MOST + 1
    if total > _MOST:
        raise ArgumentTypeError(f"“{text}” is not a size. Write it like 250MB or 16GB.")
    return total


def count(text: str) -> int:
    """A whole number from 0."""
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise ArgumentTypeError(f"“{text}” is not a number of things. Write it in digits.")
    return int(text)


def port(text: str) -> int:
    """A TCP port; 0 lets the system choose one."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > 65535:
        raise ArgumentTypeError(f"“{text}” is not a port. Choose one from 1024 to 65535.")
    return int(text)
