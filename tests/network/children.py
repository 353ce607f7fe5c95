"""Processes that are sides of a delivery, and what they say."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from tests.network.trade import PATIENCE


class Child:
    """A process that says lines, and can be frozen."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._rest = b""

    async def line(self) -> str:
        assert self._process.stdout is not None
        while b"\n" not in self._rest:
            piece = await self._process.stdout.receive_some()
            assert piece, "the child ended"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@asynccontextmanager
async def child(folder: Path, *arguments: str) -> AsyncIterator[Child]:
    """`tests.network.side` with these arguments in ``folder``, which is made for it."""
    folder.mkdir()
    async with trio.open_nursery() as nursery:
        with trio.fail_after(PATIENCE):
            process = await nursery.start(_run, folder, arguments)
            try:
                yield Child(process)
            finally:
                process.kill()
        nursery.cancel_scope.cancel()


async def _run(folder: Path, arguments: tuple[str, ...], task_status: Any) -> None:
    await trio.run_process(
        [sys.executable, "-m", "tests.network.side", *arguments],
        stdout=subprocess.PIPE,
        capture_stdout=False,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        task_status=task_status,
    )
