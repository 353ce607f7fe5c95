"""Shutting in the process that reads foreign files, before it opens the first of them.

On Linux (x86-64, ARM64): no sockets and no other programs (seccomp), no files but the one to be
read, or those of the folder, and a folder for work (Landlock, where the kernel has it), bounds of
memory, processor time, open files and what is written (setrlimit). Elsewhere the bounds alone, on
Windows none of it: there, time is what the parent bounds. Nothing here can be taken back by the
process itself.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

MEMORY_BYTES = 1 << 30
"""Of what the process writes to; libraries and files that are mapped come to it."""
CPU_SECONDS = 3600
WRITTEN_BYTES = 32 << 30
OPEN_FILES = 64

_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2
_ALLOW, _DENY = 0x7FFF0000, 0x00050001  # SECCOMP_RET_ERRNO | EPERM
_DENIED = {
    # AUDIT_ARCH, then: socket, socketpair, connect, execve, execveat, ptrace, process_vm_readv,
    # process_vm_writev, kill, io_uring_setup, bpf, userfaultfd
    "x86_64": (0xC000003E, (41, 53, 42, 59, 322, 101, 310, 311, 62, 425, 321, 323)),
    "aarch64": (0xC00000B7, (198, 199, 203, 221, 281, 117, 270, 271, 129, 425, 280, 282)),
}
_READ = 0b1100  # LANDLOCK_ACCESS_FS_READ_FILE | READ_DIR
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RIGHTS = {1: 1 << 13, 2: 1 << 14}  # by version of Landlock: one bit above the last right it knows


def confine(read: Path, work: Path) -> frozenset[str]:
    """From here on this process reads ``read`` and its own program only, writes within ``work``
    only and reaches nobody. What of "limits", "network", "files" holds."""
    held = set()
    if sys.platform != "win32":
        _limit()
        held.add("limits")
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            if _files(libc, read, work):
                held.add("files")
            if _network(libc):
                held.add("network")
    return frozenset(held)


def _limit() -> None:
    import resource

    os.nice(5)
    for name, most in (
        ("RLIMIT_DATA", MEMORY_BYTES),
        ("RLIMIT_AS", 2 * MEMORY_BYTES),
        ("RLIMIT_CPU", CPU_SECONDS),
        ("RLIMIT_FSIZE", WRITTEN_BYTES),
        ("RLIMIT_NOFILE", OPEN_FILES),
        ("RLIMIT_CORE", 0),
    ):
        which = getattr(resource, name)
        _, hard = resource.getrlimit(which)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(which, (bound, bound))
        except (ValueError, OSError):
            continue  # a system that does not know this bound


def _network(libc: ctypes.CDLL) -> bool:
    """A seccomp filter (classic BPF, `man 2 seccomp`): another architecture, a call of the x32
    kind, or one of `_DENIED` gets EPERM."""
    known = _DENIED.get(os.uname().machine)
    if known is None:
        return False
    architecture, calls = known
    load, equal, at_least, back = 0x20, 0x15, 0x35, 0x06
    lines = [(load, 0, 0, 4), (equal, 1, 0, architecture), (back, 0, 0, _DENY), (load, 0, 0, 0)]
    lines.append((at_least, len(calls) + 1, 0, 0x40000000))
    lines += [(equal, len(calls) - at, 0, call) for at, call in enumerate(calls)]
    lines += [(back, 0, 0, _ALLOW), (back, 0, 0, _DENY)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    program = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(lines), ctypes.addressof(code))
    )
    return bool(libc.prctl(_SECCOMP, _FILTER, program) == 0)


def _files(libc: ctypes.CDLL, read: Path, work: Path) -> bool:
    """Landlock (`man 7 landlock`). Threads that exist already would not be bound by it."""
    version = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if version < 1:
        return False
    handled = _RIGHTS.get(version, 1 << 15) - 1
    attribute = ctypes.create_string_buffer(struct.pack("Q", handled))
    rules = libc.syscall(_CREATE_RULESET, attribute, 8, 0)
    if rules < 0:
        return False
    try:
        for path in _needed():
            _allow(libc, rules, path, _READ & handled)
        _allow(libc, rules, read, _READ)
        _allow(libc, rules, work, handled & ~1)
        return bool(libc.syscall(_RESTRICT_SELF, rules, 0) == 0)
    finally:
        os.close(rules)


def _needed() -> Iterable[Path]:
    """What the interpreter and its libraries read while they run."""
    places = {*sysconfig.get_paths().values(), *sys.path, sys.base_prefix, "/usr/lib", "/lib"}
    kernel = ("/proc", "/sys", "/dev/urandom", "/etc/ld.so.cache", "/usr/share/zoneinfo")
    return [Path(place) for place in (*places, *kernel) if place and Path(place).exists()]


def _allow(libc: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not path.is_dir():
            rights &= 0b100
        beneath = ctypes.create_string_buffer(struct.pack("=Qi", rights, place))
        libc.syscall(_ADD_RULE, rules, 1, beneath, 0)
    finally:
        os.close(place)
