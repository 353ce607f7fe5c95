"""Seeds that are kept: real messages and cases at each bound, always tried by the fuzz test."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import example

Test = TypeVar("Test", bound=Callable[..., Any])


def seeds(*kept: Sequence[Any]) -> Callable[[Test], Test]:
    """Above ``@given``: the test's arguments, for each seed."""

    def seeded(test: Test) -> Test:
        for arguments in kept:
            test = example(*arguments)(test)
        return test

    return seeded
