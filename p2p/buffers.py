"""The name for "any contiguous bytes" in signatures (Python 3.11 has no public one), and what lies
in several of them cut without being copied."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

Buffer: TypeAlias = bytes | bytearray | memoryview


def cut(parts: Iterable[Buffer], size: int) -> Iterator[list[memoryview]]:
    """The parts behind one another, in runs of ``size`` bytes; the last may be shorter."""
    run: list[memoryview] = []
    left = size
    for part in parts:
        view = memoryview(part)
        while len(view) >= left:
            run.append(view[:left])
            view = view[left:]
            yield run
            run, left = [], size
        if view:
            run.append(view)
            left -= len(view)
    if run:
        yield run
