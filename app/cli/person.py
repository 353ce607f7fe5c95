"""One person at a distance: an engine in a process of its own, commands down and snapshots up.

What a window's bridge is to a page, a `Person` is to a program: it can only ask what a page can
ask and see what a page is shown.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from app.domain.snapshots.shell import Notice
from chain.vault import Argon2

S = TypeVar("S")

STOP_SECONDS = 30.0


class Gone(Exception):
    """The engine's process ended, or what was waited for did not come in time."""


class Person:
    """Starts at once; use as a context manager so that the process ends."""

    context: ClassVar[SpawnContext | ForkServerContext] = multiprocessing.get_context("spawn")
    ending: ClassVar[tuple[str, ...]] = ("rule", "peer", "bug")
    """The kinds of notices after which what was waited for will not come."""

    def __init__(
        self,
        name: str,
        profile: Path,
        practice_folder: Path,
        log: str = "warning",
        *,
        vault_cost: Argon2 | None = None,
        first: Callable[[], None] | None = None,
    ) -> None:
        """For tests: ``vault_cost``, and ``first``, called in the new process before all else."""
        self.name = name
        self._pipe, theirs = self.context.Pipe()
        self._process = self.context.Process(
            target=run_engine,
            args=(theirs, profile, practice_folder, log, vault_cost, first),
            name=f"lading-{name}",
        )
        self._process.start()
        theirs.close()
        self._news = threading.Condition()
        self._newest: dict[type, object] = {}
        self.notices: list[Notice] = []
        """Everything that was told beside snapshots, oldest first."""
        self._gone = ""
        self._reader = threading.Thread(target=self._read, name=f"{name}-news", daemon=True)
        self._reader.start()

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    @property
    def pid(self) -> int:
        """Of the engine's process."""
        return self._process.pid or 0

    @property
    def ended(self) -> int | None:
        """The process's exit code, negative for a signal; None while it runs."""
        return self._process.exitcode

    def ask(self, command: object) -> None:
        """Exactly what a page emits. Gone if the process has ended."""
        try:
            self._pipe.send(command)
        except OSError as error:
            raise Gone(f"{self.name}: the engine has ended") from error

    def see(self, kind: type[S]) -> S | None:
        """The newest snapshot of this kind."""
        with self._news:
            return cast("S | None", self._newest.get(kind))

    def wait(self, kind: type[S], until: Callable[[S], Any], seconds: float = 60.0) -> S:
        """The first snapshot from now on (the newest counts) for which ``until`` holds.

        Raises:
            Gone: it did not come in time, the process ended, or a notice says it will not: a
                rule that was broken, a peer's breach or a bug.
        """
        deadline = time.monotonic() + seconds
        with self._news:
            while True:
                newest = self._newest.get(kind)
                if newest is not None and until(cast("S", newest)):
                    return cast("S", newest)
                notice = next((n for n in self.notices if n.kind in self.ending), None)
                if notice is not None:
                    raise Gone(f"{self.name}: {notice.cause} {notice.details}".strip())
                if self._gone:
                    raise Gone(f"{self.name}: {self._gone}")
                left = deadline - time.monotonic()
                if left <= 0:
                    raise Gone(f"{self.name}: no {kind.__name__} as expected in {seconds:.0f} s")
                self._news.wait(left)

    def leave(self) -> None:
        """End the engine and its process."""
        if self._process.is_alive():
            with suppress(OSError):  # it is ending already
                self._pipe.send(None)
            self._process.join(STOP_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _read(self) -> None:
        while True:
            try:
                message = self._pipe.recv()
            except (EOFError, OSError):
                with self._news:
                    self._gone = "the engine's process has ended"
                    self._news.notify_all()
                return
            with self._news:
                if isinstance(message, Notice):
                    self.notices.append(message)
                else:
                    self._newest[type(message)] = message
                self._news.notify_all()


def run_engine(
    pipe: Connection,
    profile: Path,
    practice_folder: Path,
    log: str,
    vault_cost: Argon2 | None = None,
    first: Callable[[], None] | None = None,
) -> None:
    """The child process: one engine, told over ``pipe``; None ends it."""
    import logging
    import signal
    import sys

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the parent ends us in order, at any time

    import trio

    from app.engine.engine import Engine

    if first is not None:
        first()
    logging.basicConfig(level=log.upper(), stream=sys.stderr)
    sending = threading.Lock()

    def told(message: object) -> None:
        with sending:
            try:
                pipe.send(message)
            except OSError:
                engine.stop()  # the parent is gone

    engine = Engine(profile, told, practice_folder=practice_folder, vault_cost=vault_cost)

    def listen() -> None:
        while True:
            try:
                command = pipe.recv()
            except (EOFError, OSError):
                command = None
            if command is None:
                engine.stop()
                return
            engine.ask(command)

    async def main() -> None:
        async with trio.open_nursery() as nursery:
            await nursery.start(engine.run)
            threading.Thread(target=listen, name="commands", daemon=True).start()

    trio.run(main)
