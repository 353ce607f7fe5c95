"""Processes that are sides of a delivery, and what they say."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import trio

from tests.lines import Lines, kill
from tests.network.trade import PATIENCE


class Child:
    """A process that says lines, hears them, and can be frozen."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._lines = Lines(process)

    async def line(self) -> str:
        return await self._lines.next()

    async def say(self, line: str) -> None:
        assert self._process.stdin is not None
        await self._process.stdin.send_all(line.encode() + b"\n")

    async def end(self) -> str:
        """Its last words, once its standard input has ended."""
        assert self._process.stdin is not None
        await self._process.stdin.aclose()
        return await self.line()

    def workers(self) -> list[int]:
        """The process ids of those that do its bulk work (`p2p.working`); reads /proc."""
        pid, found = self._process.pid, []
        for task in Path(f"/proc/{pid}/task").iterdir():
            for each in (task / "children").read_text().split():
                with suppress(OSError):  # it has just ended
                    if b"p2p.working" in Path(f"/proc/{each}/cmdline").read_bytes():
                        found.append(int(each))
        return found

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def child(
    folder: Path,
    *arguments: str,
    module: str = "tests.network.side",
    within: Sequence[str] = (),
    seconds: float = PATIENCE,
) -> AsyncIterator[Child]:
    """``module`` with these arguments in ``folder``, which is made for it; for so long at the most.

    within: words before the command, which run it somewhere else (`nat.Namespace.within`)."""
    folder.mkdir(exist_ok=True)
    command = (*within, sys.executable, "-m", module, *arguments)
    async with trio.open_nursery() as nursery:
        with trio.fail_after(seconds):
            process = await nursery.start(_run, folder, command)
            yield Child(process)
        nursery.cancel_scope.cancel()


async def _run(folder: Path, command: tuple[str, ...], task_status: Any) -> None:
    await trio.run_process(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        capture_stdout=False,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        deliver_cancel=kill,
        task_status=task_status,
    )
