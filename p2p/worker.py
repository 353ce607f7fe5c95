"""Bulk work in a process of its own, so that it holds neither this process's interpreter nor one
core only.

A *job* is an object with ordinary methods; its last argument is the *window*, memory that both
processes see, so that chunks need not go through a pipe. `Worker` makes the job in a new process
(`p2p.working`) and calls it there; `Here` makes it in this one, for what is too small to be worth a
process. Both are called from one thread at a time.
"""

import logging
import mmap
import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from types import TracebackType
from typing import IO, Any, Final, Protocol, Self, TypeVar

from p2p import working
from p2p.errors import Interrupted, Unreachable
from p2p.handing import Handing
from p2p.records import CHUNK

LEAST_CHUNKS: Final = 64
"""Fewer are done sooner than a process starts, and disturb nobody meanwhile."""
CREW: Final = 4
"""More processes than that find the disk busy."""
_GONE: Final = "The process that works on the data ended. It will be tried again."


_log = logging.getLogger(__name__)
Item = TypeVar("Item")
Fill = Callable[[Item, memoryview], tuple[Any, ...]]


class Job(Protocol):
    """Makes a job; the window comes last."""

    def __call__(self, *arguments: Any) -> object: ...


class Hands(Protocol):
    """Whoever does a job: in this process or in another. Leave the context to end it."""

    window: memoryview
    ahead: int
    """So many things asked at once keep it busy."""

    def call(self, method: str, *arguments: Any) -> Any:
        """What the job's method returns or raises. Interrupted: the process has ended."""

    def ask(self, method: str, *arguments: Any) -> None:
        """`call` in two steps: the answers come in the order of what was asked. A socket among
        the arguments is given away."""

    def answer(self) -> Any: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def hands(away: bool, slots: int, job: Job, *arguments: Any) -> Hands:
    """A worker, or this process itself; the window has that many slots of one chunk."""
    if away:
        try:
            return Worker(slots * CHUNK, job, *arguments)
        except (Unreachable, OSError) as error:  # slower so, but done
            _log.warning("Bulk work stays in this process: %s", error)
    return Here(slots * CHUNK, job, *arguments)


@contextmanager
def crew(
    chunks: int, slots: int, job: Job, *arguments: Any, spared: int = 0
) -> Iterator[list[Hands]]:
    """One for each core for so many chunks, each with that many slots; this process itself for
    few, one item after another, in two slots in turn. spared: cores for whoever uses it, if that
    one has much to do itself."""
    away = chunks >= LEAST_CHUNKS
    count, slots = (max(1, min(cores() - spared, CREW)), slots) if away else (1, 2)
    start = partial(hands, away, slots, job, *arguments)
    with ExitStack() as stack, ThreadPoolExecutor(count) as starting:
        made = [starting.submit(start) for _ in range(count)]
        yield [stack.enter_context(each.result()) for each in made]


def in_turn(
    every: Sequence[Hands], items: Iterable[Item], method: str, fill: Fill[Item]
) -> Iterator[tuple[memoryview, Any]]:
    """What the method answers to each item, in their order, all hands at work.

    fill: from an item and an empty slot to the method's arguments behind the slot's number. Gives
    the slot and the answer; the slot is used again when the next but one is asked for, so that
    something else may be done with what lies there meanwhile.
    """
    slots = len(every[0].window) // CHUNK
    places = [(each, slot) for slot in range(slots) for each in every]
    asked: deque[tuple[Hands, memoryview]] = deque()

    def answered() -> tuple[memoryview, Any]:
        hands, place = asked.popleft()
        return place, hands.answer()

    for number, item in enumerate(items):
        if len(asked) == len(places) - 1:
            yield answered()
        hands, slot = places[number % len(places)]
        place = hands.window[slot * CHUNK :][:CHUNK]
        hands.ask(method, slot, *fill(item, place))
        asked.append((hands, place))
    while asked:
        yield answered()


def cores() -> int:
    """That this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class Here:
    """The job in this process."""

    ahead = 1

    def __init__(self, size: int, job: Job, *arguments: Any) -> None:
        self.window = memoryview(bytearray(size))
        self._job = job(*arguments, self.window)
        self._asked: list[tuple[str, tuple[Any, ...]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def call(self, method: str, *arguments: Any) -> Any:
        return getattr(self._job, method)(*arguments)

    def ask(self, method: str, *arguments: Any) -> None:
        self._asked.append((method, arguments))

    def answer(self) -> Any:
        method, arguments = self._asked.pop(0)
        return self.call(method, *arguments)


class Worker:
    """The job in a process of its own, by the same interpreter. Unreachable if it cannot start."""

    ahead = 8

    def __init__(self, size: int, job: Job, *arguments: Any) -> None:
        memory, name, descriptors = _shared(size)
        self.window = memoryview(memory)
        self._handing = Handing()
        # Nothing of the current folder is imported, no terminal's Ctrl+C is taken for the parent's.
        # Its parent is named: this process may have ended before it could ask.
        told = [name, str(size), str(os.getpid())]
        command = [sys.executable, "-P", "-m", "p2p.working", *told]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=descriptors + self._handing.descriptors,
            )
            self._handing.pid = self._process.pid
        except OSError as error:
            self._handing.close()
            raise Unreachable(f"No process can be started: {error.strerror or error}.") from error
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        try:
            self.call("", job, *arguments)
        except BaseException:
            self._end()
            raise

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def call(self, method: str, *arguments: Any) -> Any:
        self.ask(method, *arguments)
        return self.answer()

    def ask(self, method: str, *arguments: Any) -> None:
        try:
            gives: working.Reducers = {socket.socket: self._handing.give}
            working.write(self._pipe(self._process.stdin), (method, arguments), gives)
        except (OSError, ValueError) as error:  # ValueError: closed
            raise Interrupted(_GONE) from error

    def answer(self) -> Any:
        try:
            told = working.read(self._pipe(self._process.stdout))
        except (OSError, ValueError) as error:
            raise Interrupted(_GONE) from error
        if told is None:
            raise Interrupted(_GONE)
        fine, result = told
        if not fine:
            raise result
        return result

    def _end(self) -> None:
        """It ends by itself when its input does; no zombie is left."""
        with suppress(OSError):
            self._pipe(self._process.stdin).close()
        if sys.platform == "linux":  # what waits below looks now and then, less and less often
            poll = select.poll()  # macOS never tells it unasked that the other end is gone
            poll.register(self._pipe(self._process.stdout), 0)
            poll.poll(working.END_SECONDS * 1000)
        try:
            self._process.wait(working.END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._pipe(self._process.stdout).close()
        self._handing.close()

    def _pipe(self, pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


def _shared(size: int) -> tuple[mmap.mmap, str, tuple[int, ...]]:
    """Memory that a child can see: by a descriptor it inherits, on Windows by a name."""
    if sys.platform == "win32":
        name = f"lading-{secrets.token_hex(16)}"
        return mmap.mmap(-1, size, tagname=name), name, ()
    if sys.platform == "linux":
        descriptor = os.memfd_create("lading")
    else:
        descriptor, path = tempfile.mkstemp()
        os.unlink(path)
    os.ftruncate(descriptor, size)
    return mmap.mmap(descriptor, size), str(descriptor), (descriptor,)
