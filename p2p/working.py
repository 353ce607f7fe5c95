"""The other end of `p2p.worker`, in the process itself: it imports only what it needs, because that
takes time whenever one starts.

    parent → worker, on its standard input     u32 length ‖ pickle of (method, arguments)
    worker → parent, on its standard output    u32 length ‖ pickle of (whether it returned, what)

What is secret (delivery keys) goes through that pipe only. The worker ends when the pipe does,
however its parent ended: none is ever left over. What it is in the middle of has `END_SECONDS`, and
no time at all where the parent is gone: whoever starts next has the same files to itself.
"""

import copyreg
import io
import mmap
import os
import pickle
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Final, TypeAlias

END_SECONDS: Final = 10
_LOOK_SECONDS: Final = 1
NICE: Final = 10
"""Where every core is busy a window, and whoever else answers a person, goes first."""
Reducers: TypeAlias = dict[type[Any], Callable[[Any], Any]]
"""How pickle is to write what it cannot by itself."""


def write(pipe: IO[bytes], what: object, more: Reducers | None = None) -> None:
    data = io.BytesIO()
    pickler = pickle.Pickler(data)
    pickler.dispatch_table = copyreg.dispatch_table | (more or {})
    pickler.dump(what)
    pipe.write(data.tell().to_bytes(4, "big") + data.getvalue())
    pipe.flush()


def read(pipe: IO[bytes]) -> Any:
    """What was written, or None at the end: also where that is in the middle of it, because whoever
    wrote was killed."""
    length = pipe.read(4)
    size = int.from_bytes(length, "big")
    data = pipe.read(size) if len(length) == 4 else b""
    return pickle.loads(data) if data and len(data) == size else None


def _attached(name: str, size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size, tagname=name)
    memory = mmap.mmap(int(name), size)
    os.close(int(name))
    return memory


def _end_with(pipe: IO[bytes], parent: int) -> None:
    """Whoever waits for a line's other side does not see that nobody asks any more."""
    if sys.platform == "win32":
        return  # there the session's end closes the line
    if sys.platform == "linux":
        closed, gone = select.poll(), select.poll()
        closed.register(pipe, 0)  # that the other end is gone is told unasked
        with suppress(OSError, AttributeError):  # an old system, or one that forbids it
            gone.register(os.pidfd_open(parent), select.POLLIN)
        closed.poll()
        if os.getppid() == parent:
            gone.poll(END_SECONDS * 1000)
    else:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
    os._exit(1)


def _work(name: str, size: int, parent: int) -> None:
    window = memoryview(_attached(name, size))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICE)
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    threading.Thread(target=_end_with, args=(asked, parent), daemon=True).start()
    sys.stdout = sys.stderr  # whatever prints does not garble the answers
    job: object = None
    while (told := read(asked)) is not None:
        method, arguments = told
        try:
            if method:
                answer = (True, getattr(job, method)(*arguments))
            else:
                make: Callable[..., object] = arguments[0]
                job, answer = make(*arguments[1:], window), (True, None)
        except Exception as error:
            answer = (False, error)
        write(answers, answer)


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        _work(sys.argv[1], *map(int, sys.argv[2:]))
    os._exit(0)  # nothing is left to be done but clearing away, for which somebody would wait
