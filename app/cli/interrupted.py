"""Until somebody interrupts or ends this program (SIGINT, SIGTERM)."""

from __future__ import annotations

import signal
from queue import Empty, SimpleQueue


class Interrupted:
    """From its making on, a signal does nothing but end `wait`, whenever it comes.

    No `threading.Event`: its ``set`` takes the lock that its ``wait`` holds at the beginning and at
    the end, and whoever holds it is the thread that the signal's handler runs in: for ever, if it
    comes just then. ``SimpleQueue.put`` may be called there (it is documented as reentrant).
    """

    def __init__(self) -> None:
        self._signals: SimpleQueue[int] = SimpleQueue()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda which, _: self._signals.put(which))

    def wait(self, seconds: float) -> bool:
        """Whether a signal has come since the last time, which is waited for so long."""
        try:
            self._signals.get(timeout=seconds)
        except Empty:
            return False
        return True
