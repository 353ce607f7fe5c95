"""A disk that fails once to keep what it was given.

When forcing data to the disk fails, Linux drops the pages and says so once: the next try succeeds
and means nothing.
"""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from p2p import files


class Failing:
    """fdatasync that fails once: for the file of that name, the first time that it is ``due``.

    Everything of the file behind what was forced before, ``kept`` bytes, is zeros then: its pages
    were dropped.
    """

    def __init__(self, name: str, due: Callable[[], bool] = lambda: True) -> None:
        self.name = name
        self.failed = False
        self.kept = 0
        self._due = due
        self._force = files.fdatasync

    def __call__(self, descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if path.name == self.name and not self.failed:
            size = path.stat().st_size
            if self._due():
                self.failed = True
                os.truncate(path, self.kept)
                os.truncate(path, size)
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            self.kept = size
        self._force(descriptor)
