"""A real file system that is small, and full when a test wants it to be: for root on Linux."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

MIB = 2**20
_BLOCK = 65536
_PREFIX = "lading-test-disk-"


class Disk:
    """``folder``: where it is. `fill` is what other programs do to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken = folder / "others"

    def fill(self, left: int = 0) -> None:
        """Until so many bytes are free and no more."""
        with self._taken.open("ab", buffering=0) as file:
            while (free := self.free() - left) > 0:
                file.write(bytes(min(free, _BLOCK)))

    def make_room(self) -> None:
        self._taken.unlink()

    def free(self) -> int:
        status = os.statvfs(self.folder)
        return status.f_bavail * status.f_frsize


@contextmanager
def small_disk(size: int) -> Iterator[Disk]:
    """Skips where none can be made. What a killed run has left behind is removed by the next."""
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root on Linux makes a file system")
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        if not Path(f"/proc/{left.name.removeprefix(_PREFIX).partition('-')[0]}").exists():
            _remove(left)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    try:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "lading-test", str(folder)]
        made = subprocess.run(mount, check=False, capture_output=True, text=True)
        if made.returncode:
            pytest.skip(f"no file system can be made here: {made.stderr.strip()}")
        yield Disk(folder)
    finally:
        _remove(folder)


def _remove(folder: Path) -> None:
    if folder.is_mount():
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()
