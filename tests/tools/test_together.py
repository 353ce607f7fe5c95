"""Tests that share a world run in one process, what works beside what waits; what is named for that
is there, and all of it."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.spreading import Spreading
from tests.together import APART, LONGEST, TOGETHER, group

ROOT = Path(__file__).parents[2]
PROBE = """
import os
from pathlib import Path

import pytest


@pytest.mark.parametrize("number", range(4))
def test_probe(number):
    with Path(__file__).with_suffix(".processes").open("a") as said:
        print(os.getpid(), file=said)
"""
SHARED = re.compile(r'fixture\(scope="(?:module|package|session)".*\)\ndef \w+\(([^)]*)\)')
"""The arguments of a file's own fixture that lasts longer than a test."""
WORLDS = re.compile(r"\b(world|pair|apps|lines|practice_file|plain_file): ")
"""Fixtures that are a node, or people on one."""


def test_a_file_that_is_named_stays_in_one_process(tmp_path: Path) -> None:
    """The first two tests of all would otherwise begin in two."""
    (tmp_path / "conftest.py").write_bytes((ROOT / "tests" / "conftest.py").read_bytes())
    probes = [tmp_path / place / f"test_{n}.py" for n, place in enumerate(TOGETHER[:2])]
    for probe in probes:
        probe.parent.mkdir(parents=True)
        probe.write_text(PROBE)
    spread = ("-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder")
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *spread),
            *("-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path)),
        ],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for probe in probes:
        processes = probe.with_suffix(".processes").read_text().split()
        assert len(processes) == 4
        assert len(set(processes)) == 1


class Process:
    """One of those that tests are handed out to."""

    gateway = SimpleNamespace(id="gw")
    shutting_down = False

    def __init__(self) -> None:
        self.given: list[int] = []

    def send_runtest_some(self, tests: list[int]) -> None:
        self.given += tests

    def shutdown(self) -> None:
        self.shutting_down = True


def test_every_other_process_begins_with_what_is_short_and_nothing_is_left() -> None:
    tests = [f"tests/story/test_{file}.py::test_{n}" for file in "ab" for n in range(4)]
    short = len(tests)
    tests += [f"tests/p2p/test_merkle.py::test_{n}" for n in range(9)]
    config: Any = SimpleNamespace(
        getvalue=lambda name: ["popen", "popen"], option=SimpleNamespace(loadscopereorder=False)
    )
    spreading = Spreading(config)
    processes: list[Any] = [Process(), Process()]
    for process in processes:
        spreading.add_node(process)
        spreading.add_node_collection(process, tests)
    spreading.schedule()
    waits, works = processes
    assert waits.given == [0, 1, 2, 3]
    assert works.given == [short, short + 1]
    for turn in range(len(tests)):
        for process in processes:
            for test in process.given[turn : turn + 1]:
                spreading.mark_test_complete(process, test)
    assert sorted(waits.given + works.given) == list(range(len(tests)))
    assert works.given == sorted(works.given), "what is short is tried in its order"


@pytest.mark.parametrize("place", sorted({*LONGEST, *TOGETHER, *APART}))
def test_what_is_named_is_there(place: str) -> None:
    found = ROOT / place
    assert found.is_dir() if place.endswith("/") else found.is_file()


def test_a_group_is_a_file_and_all_others_go_alone() -> None:
    story, crash = "tests/story/test_trade.py", APART[0]
    assert group(f"{story}::test_one[a::b]") == group(f"{story}::test_two") == story
    assert group(f"{crash}::test_one[x]") == f"{crash}::test_one[x]"
    assert group("tests/p2p/test_merkle.py::test_one") == "tests/p2p/test_merkle.py::test_one"


def test_every_file_that_shares_a_world_is_named() -> None:
    sharing = []
    for file in sorted((ROOT / "tests" / "app").rglob("test_*.py")):
        arguments = " ".join(SHARED.findall(file.read_text(encoding="utf-8")))
        if WORLDS.search(arguments):
            sharing.append(file.relative_to(ROOT).as_posix())
    assert len(sharing) > 6
    assert [file for file in sharing if group(f"{file}::test_one") != file] == []
