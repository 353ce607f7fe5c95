"""``tools/system_packages.py`` as ``make`` runs it: a process, on a Debian that only takes notes.

``dpkg-query``, ``apt-get`` and ``sudo`` are little scripts in the only folder of its PATH; nothing
of the machine is asked or changed. It is told who runs it, since tests are run by anybody.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "system_packages.py"
ROOT, SOMEBODY = 0, 1000
AS = "import os, runpy, sys; os.geteuid = lambda: {}; runpy.run_path(sys.argv[1], {{}}, '__main__')"

# Of the packages asked for, those in $NEVER are not known, those in $REMOVED were removed.
DPKG_QUERY = """#!/bin/sh
shift 3
for name; do
  case " $NEVER " in *" $name "*) continue ;; esac
  case " $REMOVED " in *" $name "*) echo "$name rc " ;; *) echo "$name ii " ;; esac
done
"""
APT_GET = '#!/bin/sh\necho "apt-get $*, $DEBIAN_FRONTEND" >> "$NOTES"\n'
ENV = '#!/bin/sh\necho "$1" >> "$NOTES"\nshift\nexec "$@"\n'
SUDO = '#!/bin/sh\necho "sudo" >> "$NOTES"\nexec "$@"\n'

LINE = "apt-get install --yes --no-install-recommends libgl1 xauth"
INSTALLED = ["apt-get update --quiet, noninteractive", f"{LINE}, noninteractive"]


class Machine:
    """A folder that is the whole PATH."""

    def __init__(self, place: Path, never: str, removed: str) -> None:
        self.path = place / "bin"
        self.path.mkdir()
        self._notes = place / "notes"
        self._environment = {
            "PATH": str(self.path),
            "NEVER": never,
            "REMOVED": removed,
            "NOTES": str(self._notes),
        }
        scripts = {"dpkg-query": DPKG_QUERY, "apt-get": APT_GET, "sudo": SUDO, "env": ENV}
        for name, script in scripts.items():
            (self.path / name).write_text(script)
            (self.path / name).chmod(0o755)

    @property
    def done(self) -> list[str]:
        """What would have happened to a real machine, in order."""
        return self._notes.read_text().splitlines() if self._notes.exists() else []

    def run(self, uid: int, *arguments: str) -> tuple[int, str]:
        """Without a terminal; the exit code and all that it said."""
        ran = subprocess.run(
            [*self._command(uid), *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        return ran.returncode, ran.stdout

    def run_on_a_terminal(self, uid: int, answer: str) -> tuple[int, str]:
        """With somebody at a terminal who types this line when asked."""
        ours, its = os.openpty()
        try:
            process = subprocess.Popen(
                self._command(uid), env=self._environment, stdin=its, stdout=its, stderr=its
            )
            os.close(its)
            os.write(ours, answer.encode() + b"\n")
            said = _read_to_end(ours)
            return process.wait(60), said.replace("\r\n", "\n")
        finally:
            os.close(ours)

    def _command(self, uid: int) -> list[str]:
        return [sys.executable, "-c", AS.format(uid), str(SCRIPT)]


def _read_to_end(terminal: int) -> str:
    said = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # how Linux says that nobody has the other end open any more
            piece = b""
        if not piece:
            return said.decode()
        said += piece


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian without two of the libraries, one of which it once had."""
    return Machine(tmp_path, never="xauth", removed="libgl1")


def test_root_installs_what_is_missing_and_nothing_else(machine: Machine) -> None:
    assert machine.run(ROOT) == (0, "")
    assert machine.done == INSTALLED


def test_who_says_yes_on_a_terminal_has_it_installed(machine: Machine) -> None:
    code, said = machine.run_on_a_terminal(SOMEBODY, "y")
    assert f"This would install them:\n  sudo {LINE}\n" in said
    assert code == 0
    assert machine.done == ["sudo", INSTALLED[0], "sudo", INSTALLED[1]]


@pytest.mark.parametrize("answer", ["n", "", "what?"])
def test_who_does_not_say_yes_is_left_alone(machine: Machine, answer: str) -> None:
    code, said = machine.run_on_a_terminal(SOMEBODY, answer)
    assert f"This would install them:\n  sudo {LINE}\n" in said
    assert code == 1
    assert machine.done == []


def test_without_root_and_terminal_the_line_to_run_is_printed(machine: Machine) -> None:
    expected = f"System libraries are missing. Run this once, then try again:\n  sudo {LINE}\n"
    assert machine.run(SOMEBODY) == (1, expected)
    assert machine.done == []


@pytest.mark.parametrize("uid", [ROOT, SOMEBODY])
def test_where_nothing_is_missing_nothing_happens(tmp_path: Path, uid: int) -> None:
    complete = Machine(tmp_path, never="", removed="")
    assert complete.run(uid) == (0, "")
    assert complete.done == []


def test_what_is_measured_against_is_asked_for_apart_and_starts_no_service(tmp_path: Path) -> None:
    machine = Machine(tmp_path, never="openssh-server xauth", removed="")
    assert machine.run(ROOT, "bench") == (0, "")
    line = "apt-get install --yes --no-install-recommends openssh-server, noninteractive"
    assert machine.done == ["RUNLEVEL=1", INSTALLED[0], "RUNLEVEL=1", line]


@pytest.mark.parametrize("absent", ["apt-get", "dpkg-query"])
@pytest.mark.parametrize("uid", [ROOT, SOMEBODY])
def test_another_system_is_told_what_it_needs(machine: Machine, uid: int, absent: str) -> None:
    (machine.path / absent).unlink()
    code, said = machine.run(uid)
    assert code == 0  # it may well have them under other names
    assert said.startswith("This is not Debian or Ubuntu; install the equivalents of: gcc ")
    assert said.endswith(" xauth iproute2 nftables\n")
    assert machine.done == []
