"""A program that is asked to end does, whatever it is at just then."""

from __future__ import annotations

import subprocess
import sys

from tests.app.cli.conftest import ROOT

AT_EACH_STEP = """
import signal, sys
from app.cli.interrupted import Interrupted

over, at = Interrupted(), 0
while True:
    left = at

    def step(frame, event, argument):
        global left
        left -= 1
        if left == -1:
            signal.raise_signal(signal.SIGTERM)
        return step

    sys.settrace(step)
    came = over.wait(0.001)
    sys.settrace(None)
    if left >= 0:
        break  # more steps than there are
    assert came or over.wait(0), at
    at += 1
print(at)
"""


def test_a_signal_at_any_step_of_the_wait_ends_it() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", AT_EACH_STEP], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert int(ran.stdout) >= 3  # it is called, it asks, it returns
