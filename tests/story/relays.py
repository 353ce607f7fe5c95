"""People behind routers, and the relays they meet at: ``lading relay``, each a process."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.store import index
from tests.story.people import Human

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
STALE = "/ip4/127.0.0.1/tcp/1"


def behind_a_router(then: Callable[[], None] = lambda: None) -> None:
    """In a person's process: nobody can dial it, because it listens nowhere."""
    from app.engine.presence import Presence

    Presence.listen = lambda self: ()  # type: ignore[method-assign]
    then()


def with_a_stale_profile() -> None:
    """In a person's process: on record stands an address that was true once."""
    from app.engine.presence import Presence

    real = Presence._profile

    def stale(self: Presence, host: Any) -> dict[str, Any]:
        return {**real(self, host), "addresses": [STALE]}

    Presence._profile = stale  # type: ignore[method-assign]


def until_told(other: Human, address: str, right: Callable[[tuple[str, ...]], bool]) -> None:
    """Until ``other`` has read on the record that ``address`` is reached so."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with other._disk() as session:
            profile = index.profile(session, address)
        told = () if profile is None else profile.addresses
        if right(told):
            return
        assert time.monotonic() < deadline, f"on record: {told}"
        time.sleep(0.2)


def until_one_connects(relays: Sequence[RelayProcess]) -> RelayProcess:
    """The first of these that connects anybody."""
    deadline = time.monotonic() + PATIENCE
    while not (found := [relay for relay in relays if relay.connects()]):
        assert time.monotonic() < deadline, "no relay connects anybody"
        time.sleep(0.05)
    return found[0]


class RelayProcess:
    """Use as a context manager, so that the process ends. ``says`` is its newest line."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "app", "relay", "--json", "--host=127.0.0.1", "--port=0"]
        self._process = subprocess.Popen(
            [*command, f"--folder={folder}", *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.address: str = json.loads(self._process.stdout.readline())["addresses"][0]
        self.says: dict[str, Any] = {}
        self._news = threading.Condition()
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.says = json.loads(line)
                self._news.notify_all()

    def connects(self) -> bool:
        """Whether it connects anybody, now."""
        return bool(self.says.get("circuits"))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reading.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> RelayProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
