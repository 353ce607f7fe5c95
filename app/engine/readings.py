"""Files being read for their fingerprint: how far, and whether somebody stopped it.

A reading pass runs in a worker thread (hashing releases the GIL).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import trio

from app.domain.errors import RuleError
from app.domain.snapshots.datasets import Progress
from p2p.errors import ContentError
from p2p.fingerprint import Fingerprinted, fingerprint, scan
from p2p.manifest import shown


class Readings:
    """Each reading has the key it is asked for, shown and stopped by. ``salt_key`` derives k_salt
    from a salt nonce; ``changed`` may be called from worker threads."""

    def __init__(self, salt_key: Callable[[bytes], bytes], changed: Callable[[], None]) -> None:
        self._salt_key = salt_key
        self._changed = changed
        self._running: dict[str, Progress] = {}
        self._began: dict[str, float] = {}
        self._stopped: set[str] = set()

    def progress(self, key: str) -> Progress | None:
        """None if nothing is read under this key now."""
        return self._running.get(key)

    def stop(self, key: str) -> None:
        self._stopped.add(key)

    @contextmanager
    def begun(self, key: str) -> Iterator[None]:
        """While files are read under this key. RuleError if others are already."""
        if key in self._running:
            raise RuleError("register.reading", "These files are being read already.")
        self._stopped.discard(key)
        self._running[key] = Progress(0, 0, 0, None)
        self._changed()
        try:
            yield
        finally:
            self._running.pop(key)
            self._began.pop(key, None)
            self._changed()

    async def read(self, key: str, path: Path, salt_nonce: bytes, leaves: Path) -> Fingerprinted:
        """One pass, within `begun`. ContentError names what is wrong with the files, Cancelled if
        it was stopped."""
        self._began[key] = time.monotonic()
        return await trio.to_thread.run_sync(partial(self._read, key, path, salt_nonce, leaves))

    def _read(self, key: str, path: Path, salt_nonce: bytes, leaves: Path) -> Fingerprinted:
        if not scan(path):
            raise ContentError("There is no file in this folder. Choose one with data in it.")
        return fingerprint(
            path,
            self._salt_key(salt_nonce),
            leaves,
            progress=partial(self._came_further, key),
            cancelled=partial(self._is_to_stop, key),
        )

    def _is_to_stop(self, key: str) -> bool:
        """Called in the worker thread; when the app ends, trio's own cancellation is raised."""
        trio.from_thread.check_cancelled()
        return key in self._stopped

    def _came_further(self, key: str, done: int, total: int) -> None:
        """Called in the worker thread; the value is replaced whole, so no lock is needed."""
        seconds = time.monotonic() - self._began[key]
        self._running[key] = Progress.after(seconds, done, total)
        self._changed()


def path_text(path: Path) -> str:
    """The path as the database keeps it. ContentError: it is not text."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise ContentError(
            f"“{shown(str(path))}” is not valid UTF-8. Rename the file, or the folder it is in."
        ) from None
    return str(path)
