"""``lading relay`` as a process that can be killed."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from tests.lines import Lines, kill

ROOT = Path(__file__).parents[2]


class Station:
    """A relay that runs: ``address`` as it printed it."""

    def __init__(self, process: trio.Process) -> None:
        self.address = ""
        self.process = process
        self._lines = Lines(process)

    async def line(self) -> dict[str, Any]:
        """The next thing it says: first its addresses, then each change of what it does."""
        said: dict[str, Any] = json.loads(await self._lines.next())
        return said

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def station(
    folder: Path,
    *options: str,
    port: int = 0,
    host: str = "127.0.0.1",
    within: Sequence[str] = (),
) -> AsyncIterator[Station]:
    """Runs until the block ends; has printed its address when it begins.

    within: words before the command, which run it somewhere else (`nat.Namespace.within`)."""
    process: trio.Process
    options = (*options, f"--port={port}", f"--host={host}", f"--folder={folder}")
    async with trio.open_nursery() as nursery:
        process = await nursery.start(_run, tuple(within), options)
        made = Station(process)
        made.address = (await made.line())["addresses"][0]
        yield made
        nursery.cancel_scope.cancel()


async def _run(within: tuple[str, ...], options: tuple[str, ...], task_status: Any) -> None:
    await trio.run_process(
        [*within, sys.executable, "-m", "app", "relay", "--json", *options],
        stdout=subprocess.PIPE,
        capture_stdout=False,
        check=False,
        cwd=ROOT,
        env=dict(os.environ),
        deliver_cancel=kill,
        task_status=task_status,
    )
