"""``lading demo --headless``: one JSON object a line, and nothing left behind however it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3

from app.cli.story import same_files
from resources import resource
from tests.app.cli.conftest import ROOT, Lading

pytestmark = pytest.mark.story

STEPS = [
    ("commit", "owner", True),
    ("register", "owner", True),
    ("request", "buyer", False),
    ("offer", "owner", False),
    ("fund", "buyer", True),
    ("deliver", "owner", False),
    ("receipt", "buyer", False),
    ("key", "owner", False),
    ("confirm", "buyer", True),
]
"""Step, who takes it, whether it is on record."""


def demo(lading: Lading, out: Path, *more: object) -> list[dict[str, Any]]:
    """Run it to its end; what it printed."""
    ran = lading("demo", "--headless", "--json", "--out", out, *more)
    assert ran.returncode == 0, ran.stderr
    assert not lading.left_over()
    return [json.loads(line) for line in ran.stdout.splitlines()]


def check(said: list[dict[str, Any]]) -> dict[str, Any]:
    """Every line has the promised shape; the last one."""
    *steps, done = said
    assert [(one["step"], one["by"], one["tx"] is not None) for one in steps] == STEPS
    for one in steps:
        assert list(one) == ["step", "by", "tx", "gas"]
        if one["tx"] is None:
            assert one["gas"] is None
        else:
            assert re.fullmatch("0x[0-9a-f]{64}", one["tx"])
            assert 21_000 < one["gas"] < 300_000
    assert done["step"] == "done"
    assert re.fullmatch("[0-9a-f]{64}", done["order_id"])
    assert done["seconds"] > 0
    assert done["confirmed"] is True
    costs = {one["step"]: one["gas"] for one in steps if one["tx"]}
    assert costs.items() <= done["gas"].items()
    # and what prepared the trade: how both can be reached, and the owner's bond
    assert done["gas"].keys() - costs.keys() == {"profile (owner)", "profile (buyer)", "bond"}
    return done


def test_the_default_dataset(lading: Lading, tmp_path: Path) -> None:
    done = check(demo(lading, tmp_path / "out"))
    sample = resource("samples", "nyc-hourly-weather-2013.csv").read_bytes()
    assert done["content_id"] == blake3(sample).hexdigest()
    (delivered,) = Path(done["delivered"]).iterdir()
    assert delivered.read_bytes() == sample
    assert Path(done["delivered"]).is_relative_to(tmp_path / "out" / "buyer")


def test_a_folder_of_ones_own(lading: Lading, tmp_path: Path) -> None:
    data = tmp_path / "measurements"
    for name, length in (("a.csv", 5000), ("deep/er/b.bin", 70_000), ("empty.txt", 0)):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(range(250)) * (length // 250))
    done = check(demo(lading, tmp_path / "out", "--data", data))
    assert same_files(data, Path(done["delivered"]))
    (data / "a.csv").write_bytes(b"something else")
    assert not same_files(data, Path(done["delivered"]))


@contextmanager
def begun(lading: Lading, out: Path) -> Iterator[subprocess.Popen[str]]:
    """A demo in a process group of its own, which is gone afterwards."""
    process = subprocess.Popen(
        lading.command("demo", "--headless", "--json", "--out", out),
        env=lading.environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As from a terminal; what runs in the background of a script inherits SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def node_runs(process: subprocess.Popen[str], lading: Lading) -> bool:
    """Whether the practice network was started, looked at a few times a second."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(0.2)
        pytest.fail("the demo ended too early")
    return any("anvil" in line for line in lading.left_over())


def test_who_reads_no_more_ends_it_and_nothing_goes_on(lading: Lading, tmp_path: Path) -> None:
    with begun(lading, tmp_path / "out") as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["step"] == "commit"
        assert len(lading.left_over()) >= 4  # itself, two people, the node
        process.stdout.close()
        process.stdout = None
        _, problems = process.communicate(timeout=100)
        assert process.returncode == 1
        assert "Traceback" not in problems
    assert not lading.left_over()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_leaves_nothing_running(
    number: signal.Signals, lading: Lading, tmp_path: Path
) -> None:
    with begun(lading, tmp_path / "out") as process:
        while not node_runs(process, lading):
            pass
        os.killpg(process.pid, number)  # as a terminal, or the end of a session, does
        said, problems = process.communicate(timeout=100)
        assert process.returncode == 128 + number
        assert said == ""
        assert "Traceback" not in problems
    assert not lading.left_over()
