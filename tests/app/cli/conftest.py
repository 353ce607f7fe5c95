"""The command line as others see it: processes, exit codes, what they print.

``lading`` runs a command as a process with a home of its own; ``here`` runs it in the test's own
process, which is quicker. ``other`` is a second chain, a real node that is not
the practice network's; ``practice_file`` is the network file `lading deploy --practice` wrote for
it, and all that is known of it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from app.cli.main import main
from chain.practice import PracticeUnavailable, node_path
from tests.app.cli.other_chain import DEPLOYER_KEY, OtherChain

ROOT = Path(__file__).parents[3]


class Lading:
    """Runs ``lading`` with its data below ``home``."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {name: text for name, text in os.environ.items() if not name.startswith("LADING_D")}
        kept.pop("LADING_PRACTICE", None)
        return kept | {"XDG_DATA_HOME": str(self.home), **(more or {})}

    def command(self, *arguments: object) -> list[str]:
        return [sys.executable, "-m", "app", *map(str, arguments)]

    def __call__(
        self, *arguments: object, more: Mapping[str, str] | None = None, said: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; ``said`` is on its standard input."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(more),
            cwd=ROOT,
            input=said,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def left_over(self) -> list[str]:
        """Processes that still run and have to do with this home: their command lines."""
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit() or int(process.name) == os.getpid():
                continue
            try:
                line, around = (
                    (process / "cmdline").read_bytes(),
                    (process / "environ").read_bytes(),
                )
            except OSError:  # it has ended, or is somebody else's
                continue
            if str(self.home).encode() in line + around:
                found.append(line.replace(b"\0", b" ").decode(errors="replace"))
        return found


@pytest.fixture
def lading(tmp_path: Path) -> Lading:
    return Lading(tmp_path / "home")


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    returncode: int
    stdout: str
    stderr: str


class Here(Protocol):
    def __call__(self, *arguments: object, said: str = "") -> Ran: ...


@pytest.fixture
def here(
    lading: Lading, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Here:
    """``said`` can be read from the file descriptor that stands as "FD" among the arguments."""
    monkeypatch.setenv("XDG_DATA_HOME", str(lading.home))
    for name in ("LADING_PRACTICE", "LADING_DEPLOY_KEY"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object, said: str = "") -> Ran:
        words = [str(argument) for argument in arguments]
        if "FD" in words:
            read, write = os.pipe()
            os.write(write, said.encode())
            os.close(write)
            words[words.index("FD")] = str(read)
        capfd.readouterr()
        code = main(words)
        return Ran(code, *capfd.readouterr())

    return run


@pytest.fixture(scope="package")
def other() -> Iterator[OtherChain]:
    try:
        node_path()
    except PracticeUnavailable as error:
        pytest.skip(str(error))
    chain = OtherChain()
    yield chain
    chain.close()


@pytest.fixture(scope="package")
def practice_file(other: OtherChain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a training network on the other chain."""
    return _deployed(other, tmp_path_factory, "--practice")


@pytest.fixture(scope="package")
def plain_file(other: OtherChain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a network where money is money."""
    return _deployed(other, tmp_path_factory, "--confirmations", "1")


def _deployed(other: OtherChain, tmp_path_factory: pytest.TempPathFactory, *options: str) -> Path:
    place = tmp_path_factory.mktemp("deployed")
    file = place / "network.json"
    ran = Lading(place / "home")(
        *("deploy", "--rpc", other.url, "--name", "Second chain", "--out", file, *options),
        more={"LADING_DEPLOY_KEY": DEPLOYER_KEY},
    )
    assert ran.returncode == 0, ran.stderr
    return file
