"""One mutant, one forked process: put the mutant in place, run its tests, say what became of it.

The parent has everything heavy imported and compiled; a child sees the mutant instead of the
original and runs pytest in itself. Nothing is written into the tree.
"""

import contextlib
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import ModuleType

from tests.mutation.operators import Mutant

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 1800  # for one that waits for ever; endless ones run into the next limit
# Of processor time, so that a busy machine kills nothing: many times what the tests need, which
# is a few seconds for a Python file and up to a minute for everything about the contracts.
CPU_SECONDS = {".py": 60, ".vy": 300}
# Exit codes of pytest: a test failed; a test or a conftest cannot be imported any more.
FAILED = (1, 2, 4)


class Fate(IntEnum):
    """What became of a mutant; the number is the child's exit code."""

    SURVIVED = 10
    KILLED = 11
    STILLBORN = 12  # no program: it does not compile
    SAME = 13  # compiles to the very same code


@dataclass(frozen=True, slots=True)
class Ended:
    mutant: Mutant
    fate: Fate
    seconds: float


def run_all(
    mutants: Sequence[Mutant], judge: Callable[[Mutant], Fate], jobs: int
) -> Iterator[Ended]:
    """Judge each mutant in a process of its own, `jobs` at a time; in the order they end."""
    waiting = list(reversed(mutants))
    running: dict[int, tuple[Mutant, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[_start(mutant, judge)] = (mutant, time.monotonic())
        pid, status = os.wait()
        if pid not in running:
            continue
        mutant, begun = running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        # A child that one of these ended was caught in an endless loop.
        fate = Fate.KILLED if -code in (signal.SIGALRM, signal.SIGXCPU) else Fate(code)
        yield Ended(mutant, fate, time.monotonic() - begun)


def _start(mutant: Mutant, judge: Callable[[Mutant], Fate]) -> int:
    pid = os.fork()
    if pid:
        return pid
    heard = os.dup(2)
    gc.disable()  # compiling makes many objects, and the process is short
    try:
        signal.alarm(LIMIT_SECONDS)
        limit = CPU_SECONDS[Path(mutant.file).suffix]
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 10))
        silence = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silence, stream)
        code = int(judge(mutant))
    except BaseException:
        os.write(heard, f"{mutant}\n{traceback.format_exc()}".encode())
        code = 1
    os._exit(code)


def passes(*arguments: str) -> bool:
    """Whether these tests pass, in this process."""
    import hypothesis
    import pytest

    # The same examples each time, however long they take; a failure is all that is wanted, not a
    # small one. Chosen by an option: it counts after what a conftest chooses.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "mutation",
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=phases,
    )
    config = Path(__file__).with_name("inside.ini")
    options = ["-c", str(config), "--rootdir", str(ROOT), "--hypothesis-profile", "mutation"]
    with contextlib.chdir(ROOT):
        code = pytest.main([*options, *arguments])
    if code not in (pytest.ExitCode.OK, *FAILED):
        raise RuntimeError(f"pytest ended with {code!r}")
    return code == pytest.ExitCode.OK


@contextlib.contextmanager
def mutated_folder(mutant: Mutant, folder: Path) -> Iterator[Path]:
    """A copy of the folder with the mutant in it."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__"))
        source = (ROOT / mutant.file).read_bytes()
        (copy / Path(mutant.file).name).write_bytes(mutant.apply(source))
        yield copy


class Imposter(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the mutant wherever the original module is asked for."""

    def __init__(self, mutant: Mutant) -> None:
        self.name = mutant.file.removesuffix(".py").replace("/", ".")
        self.path = ROOT / mutant.file
        self.source = mutant.apply(self.path.read_bytes())

    def find_spec(
        self, fullname: str, path: object, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.path))

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = str(self.path)
        exec(compile(self.source, str(self.path), "exec"), module.__dict__)

    def take_place(self) -> None:
        """Forget our own modules, so that they are imported anew with the mutant among them."""
        for name in list(sys.modules):
            ours = name.split(".")[0] in ("app", "chain", "p2p", "tests")
            if ours and not name.startswith("tests.mutation"):
                del sys.modules[name]
        sys.meta_path.insert(0, self)
