"""The most memory of a process, from a moment on: what it had before does not count."""

import sys

import pytest

from bench.frames_side import forget_memory, most_memory


@pytest.mark.skipif(sys.platform != "linux", reason="as /proc tells it")
def test_what_was_given_back_before_is_forgotten() -> None:
    held = bytearray(256 * 2**20)
    before = most_memory()
    del held
    forget_memory()
    assert most_memory() < before - 200
    held = bytearray(256 * 2**20)
    assert most_memory() > before - 50
    del held
