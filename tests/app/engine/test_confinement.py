"""The process that reads foreign files can do nothing else; it is tried from within."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.engine import confinement

TRIES = """
import socket, subprocess, sys
from pathlib import Path
from app.engine.confinement import confine
read, work, other = map(Path, sys.argv[1:])
print(*sorted(confine(read, work)))
tries = {
    "read": lambda: [file.read_bytes() for file in (read.rglob("*") if read.is_dir() else [read])],
    "work": lambda: (work / "made").write_text("x"),
    "socket": lambda: socket.socket(),
    "unix": lambda: socket.socketpair(),
    "program": lambda: subprocess.run(["/bin/true"]),
    "write": lambda: (read / "made" if read.is_dir() else read).write_text("x"),
    "other": lambda: other.read_bytes(),
    "folder": lambda: list(other.parent.iterdir()),
    "beside": lambda: (other.parent / "made").write_text("x"),
    "memory": lambda: bytearray(1100 << 20),
}
for name, way in tries.items():
    try:
        way()
        print(name)
    except (OSError, MemoryError):
        pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what shuts in is Linux's")
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_only_what_is_read_and_the_work_folder_can_be_reached(tmp_path: Path, kind: str) -> None:
    read, work, other = tmp_path / "read", tmp_path / "work", tmp_path / "home" / "other"
    work.mkdir()
    other.parent.mkdir()
    files = [read / "one", read / "two"] if kind == "folder" else [read]
    if kind == "folder":
        read.mkdir()
    for file in (*files, other):
        file.write_text("data")
    done = subprocess.run(
        [sys.executable, "-P", "-c", TRIES, str(read), str(work), str(other)],
        capture_output=True,
        text=True,
        check=True,
        cwd=work,
    )
    held, *could = done.stdout.split("\n")[:-1]
    assert {"limits", "network"} <= set(held.split())
    loose = set() if "files" in held else {"write", "other", "folder", "beside"}
    assert set(could) == {"read", "work"} | loose


BOUNDS = """
import json, os, resource, sys
from pathlib import Path
from app.engine.confinement import confine
names = sys.argv[3:]
before = {name: resource.getrlimit(getattr(resource, name))[1] for name in names}
nice = os.nice(0)
confine(Path(sys.argv[1]), Path(sys.argv[2]))
after = {name: resource.getrlimit(getattr(resource, name)) for name in names}
print(json.dumps([before, after, nice, os.nice(0)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="another system may not know a bound")
def test_memory_time_and_what_is_written_are_bounded(tmp_path: Path) -> None:
    """The hard limits too, so that only root could raise them again."""
    read, work = tmp_path / "read", tmp_path / "work"
    read.write_text("data")
    work.mkdir()
    most = {
        "RLIMIT_CPU": 3600,
        "RLIMIT_DATA": 1 << 30,
        "RLIMIT_AS": 2 << 30,
        "RLIMIT_FSIZE": confinement.WRITTEN_BYTES,
        "RLIMIT_NOFILE": confinement.OPEN_FILES,
        "RLIMIT_CORE": 0,
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", BOUNDS, str(read), str(work), *most],
        capture_output=True,
        text=True,
        check=True,
        cwd=work,
    )
    before, after, nice, nicer = json.loads(done.stdout)
    for name, bound in most.items():
        held = bound if before[name] < 0 else min(bound, before[name])
        assert after[name] == [held, held], name
    assert nicer == min(19, nice + 5), "the person's own programs come first"
