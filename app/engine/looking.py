"""Files and folders that are looked into now: how far, and stopping it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import trio

from app.domain.snapshots.datasets import Profile
from app.engine.profiling import profile_content


class Looking:
    """Each look has a key; a new one under the same key ends the one before. ``folder`` is where
    copies may stand for a while."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._folder = folder
        self._changed = changed
        self._running: dict[str, trio.CancelScope] = {}
        self._done: dict[str, float] = {}
        self._ended: dict[str, trio.Event] = {}

    def progress(self, key: str) -> float | None:
        """0…1; None if nothing is looked at under this key."""
        return self._done.get(key)

    def tell(self) -> None:
        """What came of a look was kept."""
        self._changed()

    def stop(self, key: str) -> None:
        if key in self._running:
            self._running[key].cancel()

    async def over(self, key: str) -> None:
        """Waits until nothing is looked at under this key."""
        while key in self._ended:
            await self._ended[key].wait()

    async def look(self, key: str, path: Path, *, sketch: bool = True) -> Profile | None:
        """The profile, as far as it was known if it was stopped: with the problem "stopped" if
        nothing was."""
        self.stop(key)
        scope = self._running[key] = trio.CancelScope()
        self._done[key] = 0.0
        ended = self._ended[key] = trio.Event()
        known = [Profile("other", None, problem="stopped")]
        self._changed()
        try:
            with scope:
                return await profile_content(
                    path,
                    self._folder,
                    lambda d: self._further(key, d),
                    known.append,
                    sketch=sketch,
                )
            return known[-1]
        finally:
            if self._running.get(key) is scope:
                del self._running[key], self._done[key], self._ended[key]
            ended.set()
            self._changed()

    def _further(self, key: str, done: float) -> None:
        self._done[key] = done
        self._changed()
