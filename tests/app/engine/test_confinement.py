"""The process that reads foreign files can do nothing else; it is tried from within."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
