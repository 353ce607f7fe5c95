"""Hands (`p2p.worker`) that are there before there is work for them: a process takes a while to
start and to end, and whoever has work waits for neither.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final

from p2p.worker import Hands

STAY_SECONDS: Final = 60
"""After that nobody seems to come: they end."""

_log = logging.getLogger(__name__)
Start = Callable[[], AbstractContextManager[Sequence[Hands]]]


class Ready:
    """Hands that wait, or none. All methods may be called from any thread.

    start: starts them, and ends them behind its block.
    """

    def __init__(self, start: Start) -> None:
        self._start = start
        self._lock = Lock()
        self._closed = False
        self._until = 0.0
        self._waiting: _Held | None = None
        self._threads: list[Thread] = []

    def soon(self) -> None:
        """There will be work: have some start beside, unless they wait already. They stay for
        `STAY_SECONDS` after this was last called. Returns at once."""
        with self._lock:
            self._until = monotonic() + STAY_SECONDS
            if self._closed or self._waiting is not None:
                return
            held = _Held()
            thread = Thread(target=self._hold, args=(held,), daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # who takes them starts some
                _log.warning("No hands start beside: %s", error)
                return
            self._waiting = held
            self._threads = [each for each in self._threads if each.is_alive()] + [thread]

    @contextmanager
    def taken(self) -> Iterator[Sequence[Hands]]:
        """Those that wait, which nobody else gets any more, or else some that start now. Who leaves
        the block does not wait for the end of the first."""
        with self._lock:
            held, self._waiting = self._waiting, None
        if held is None:
            with self._start() as every:
                yield every
            return
        try:
            yield held.every.result()
        finally:
            held.over.set()

    def close(self) -> None:
        """None are left, when this returns, and none start any more."""
        with self._lock:
            self._closed = True
            held, self._waiting = self._waiting, None
        if held is not None:
            held.over.set()
        for thread in self._threads:
            thread.join()

    def _hold(self, held: "_Held") -> None:
        """In a thread of its own."""
        try:
            with self._start() as every:
                held.every.set_result(every)
                while not held.over.wait(self._left(held)):
                    pass
        except BaseException as error:
            if held.every.done():
                raise
            with self._lock:
                if self._waiting is held:  # the next try may do better
                    self._waiting = None
            held.every.set_exception(error)

    def _left(self, held: "_Held") -> float | None:
        """Seconds that they wait yet; without end while they are at work."""
        with self._lock:
            if self._waiting is not held:
                return None
            left = self._until - monotonic()
            if left <= 0:
                self._waiting = None
                held.over.set()
            return max(0.0, left)


class _Held:
    """every: as soon as they have started; over: when they are to end."""

    def __init__(self) -> None:
        self.every: Future[Sequence[Hands]] = Future()
        self.over = Event()
