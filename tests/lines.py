"""A process: what it says, line by line, and its end."""

import trio


class Lines:
    """Those of a process whose standard output is a pipe."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._rest = b""

    async def next(self) -> str:
        """The next one, once it is whole; AssertionError if the process ends before."""
        assert self._process.stdout is not None
        while b"\n" not in self._rest:
            piece = await self._process.stdout.receive_some()
            assert piece, "the process ended"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


async def kill(process: trio.Process) -> None:
    """As `trio.run_process` cancels one (``deliver_cancel``): at once, and without its warning
    about one that a busy disk holds up."""
    process.kill()
