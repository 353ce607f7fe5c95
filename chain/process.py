"""Is a process that somebody else started still the one it was? A process id alone is reused."""

import os
from pathlib import Path


def birth(pid: int) -> int | None:
    """A number that no later process with the same id has; None if no such process runs.

    On Linux the start time in clock ticks since boot (proc(5)); elsewhere 0 for any process.
    A process that has ended and waits for its parent does not run.
    """
    try:
        status = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None if Path("/proc/self/stat").exists() else _exists(pid)
    # The name, in brackets, may hold anything; the fields after it are numbers, the state first.
    fields = status.rpartition(b")")[2].split()
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def _exists(pid: int) -> int | None:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return 0
    except OSError:
        return None
    return 0
