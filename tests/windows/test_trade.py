"""The main job through two real windows, in one process and as two under a real X server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.story import same_files
from resources import resource
from tests.windows import parts
from tests.windows.hands import Hands

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "nyc-hourly-weather-2013.csv"
    path.write_bytes(resource("samples", path.name).read_bytes())
    return path


@pytest.mark.story
@pytest.mark.timeout(600)
def test_from_first_run_to_rating(owner: Hands, buyer: Hands, data: Path) -> None:
    parts.first_run(owner, "Nordhaven Energy")
    parts.first_run(buyer, "Baltic Grid Analytics")
    parts.register(owner, data)
    parts.ask_for_offer(buyer)
    buyer.see("order.todo.text", "Nothing for you to do.")
    parts.sign(owner)
    buyer.wait(lambda: "You are welcome to it." in buyer.words(), "the owner's answer")
    parts.pay(buyer)
    parts.accept_and_rate(buyer)
    parts.done(buyer)
    parts.done(owner)
    assert same_files(data, data.parent / "buyer" / "received" / parts.TITLE)
    owner.go(5)
    owner.see("records.table")
    owner.go(1)
    owner.see("home.earned", "1,200")


@pytest.mark.story
@pytest.mark.timeout(600)
def test_two_processes_on_a_real_screen(data: Path, tmp_path: Path) -> None:
    environment = os.environ | {
        "QT_QPA_PLATFORM": "xcb",
        "XDG_DATA_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("DISPLAY", None)
    running = [
        subprocess.Popen(
            [
                *("xvfb-run", "--auto-servernum", "--server-args=-screen 0 1500x1000x24"),
                *(sys.executable, "-m", "tests.windows.play"),
                *(role, str(tmp_path / role), str(data)),
            ],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for role in ("owner", "buyer")
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], "\n".join(said)
    assert same_files(data, tmp_path / "buyer" / "received" / parts.TITLE)
