"""What people type on the command line, as values."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path


def path(text: str) -> Path:
    """A file or folder. The empty text, which an unset variable leaves behind, names neither:
    ``Path`` would take it for the current folder."""
    if not text:
        raise ArgumentTypeError("The path is empty. Name a file or folder; . is the current one.")
    return Path(text)
