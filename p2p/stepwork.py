"""Bulk work in steps of about a chunk, so that somebody can stop it between two of them.

A `Stepwise` job (`p2p.worker`) takes its steps wherever it is; `run` asks for one after the other,
from a thread that may wait.
"""

from collections.abc import Callable, Generator
from contextlib import suppress
from typing import TypeAlias

from p2p.errors import Cancelled, ContentError, Unreachable
from p2p.worker import Hands

Progress = Callable[[int, int], None]
"""Bytes done, bytes in all."""
Steps: TypeAlias = Generator[tuple[int, int], None, None]
"""After each step how far all of it is, as `Progress` is told."""


class Stepwise:
    """A job whose work is ``steps``; what they raise is raised by `step`."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def step(self) -> tuple[int, int] | None:
        """How far it is after one more step; None: all were taken."""
        return next(self._steps, None)

    def stop(self) -> None:
        """No more steps: what was begun is cleared away."""
        self._steps.close()


def run(hands: Hands, progress: Progress, cancelled: Callable[[], bool], stopped: str) -> None:
    """Every step of the hands' `Stepwise` job. ``cancelled`` is asked before each.

    Raises what a step raises, Cancelled with the sentence ``stopped``, Unreachable if the process
    has ended: trying again goes on where it was.
    """
    try:
        while not cancelled():
            moved = hands.call("step")
            if moved is None:
                return
            progress(*moved)
        raise Cancelled(stopped)
    finally:
        with suppress(Unreachable, ContentError):  # what could not be cleared away hides nothing
            hands.call("stop")
