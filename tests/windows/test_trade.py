"""The main job through two real windows, in one process and as two under a real X server."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen

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
    parts.together(owner, buyer, data)
    assert same_files(data, data.parent / "buyer" / "received" / parts.TITLE)
    owner.go(5)
    owner.see("records.table")
    owner.go(1)
    owner.see("home.earned", "1,200")


def on_a_screen(home: Path, size: str, part: str, data: Path, *arguments: str) -> Popen[str]:
    """`lading` with these arguments on an X server of its own, with somebody at its windows."""
    environment = os.environ | {
        "QT_QPA_PLATFORM": "xcb",
        "XDG_DATA_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("DISPLAY", None)
    return Popen(
        [
            *("xvfb-run", "--auto-servernum", f"--server-args=-screen 0 {size}x24"),
            *(sys.executable, "-m", "tests.windows.play", part, str(data), *arguments),
        ],
        env=environment,
        cwd=ROOT,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
    )


@pytest.mark.story
@pytest.mark.timeout(600)
def test_two_processes_on_a_real_screen(data: Path, tmp_path: Path) -> None:
    running = [
        on_a_screen(tmp_path, "1500x1000", role, data, "--profile", str(tmp_path / role))
        for role in ("owner", "buyer")
    ]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], "\n".join(said)
    assert same_files(data, tmp_path / "buyer" / "received" / parts.TITLE)


@pytest.mark.story
@pytest.mark.timeout(600)
def test_the_demo_leads_through_both_windows(data: Path, tmp_path: Path) -> None:
    place = str(tmp_path)
    running = on_a_screen(
        tmp_path, "2400x1000", "demo", data, "demo", "--out", place, "--data", str(data)
    )
    said, _ = running.communicate()
    assert running.returncode == 0, said
    assert f"The dataset to register: {data}" in said
    assert same_files(data, tmp_path / "buyer" / "received" / parts.TITLE)
