"""Other programs that bring a file from one place to another, measured as ours is.

Each is a context manager that sets up what the program needs on loopback (an sshd with keys of its
own, a rendezvous server) outside the measured time, and gives a function: move this file there.
They are peers to compare with and no part of the product: some are under the GPL. ``make bench``
installs them, those in Python into ``.venv-bench``.
"""

from __future__ import annotations

import getpass
import os
import resource
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

_BIN = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin"
PYTHON, WORMHOLE, TWIST = (str(_BIN / name) for name in ("python", "wormhole", "twist"))
START_SECONDS = 60.0
MOVE_SECONDS = 240.0

Move = Callable[[Path, Path], None]
"""Bring the file to the second path, which is not there yet."""


@contextmanager
def rsync(work: Path, _: Path) -> Iterator[Move]:
    """rsync over ssh, to a place where there is nothing yet."""
    with _sshd(work) as client:
        shell = f"ssh {' '.join(client)}"
        yield lambda data, target: _run(
            ["rsync", "--whole-file", "-e", shell, str(data), f"peer:{target}"]
        )


@contextmanager
def scp(work: Path, _: Path) -> Iterator[Move]:
    with _sshd(work) as client:
        yield lambda data, target: _run(["scp", *client, "-q", str(data), f"peer:{target}"])


@contextmanager
def libtorrent(work: Path, data: Path) -> Iterator[Move]:
    """A seed that knows its pieces are right (as our owner knows its leaves), and one who takes."""
    script = Path(__file__).with_name("torrent_side.py")

    def move(data: Path, target: Path) -> None:
        _run([PYTHON, str(script), "take", str(work / "torrent"), str(target), ready["port"]])

    ready: dict[str, str] = {}
    made = [str(work / "torrent"), str(data)]
    _run([PYTHON, str(script), "make", *made])
    seeding = [PYTHON, str(script), "seed", *made]
    with _process(seeding, work, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as seed:
        assert seed.stdin is not None
        assert seed.stdout is not None
        ready["port"] = seed.stdout.readline().decode().strip()
        yield move
        seed.stdin.close()
        seed.wait(START_SECONDS)


@contextmanager
def wormhole(work: Path, _: Path) -> Iterator[Move]:
    """magic-wormhole through a rendezvous server on loopback; the transfer itself is direct."""
    port = _free_port()
    server = [TWIST, "wormhole-mailbox", f"--port=tcp:{port}:interface=127.0.0.1"]
    server += ["--channel-db=:memory:", "--usage-db=:memory:"]
    common = [WORMHOLE, f"--relay-url=ws://127.0.0.1:{port}/v1", "--transit-helper=tcp:127.0.0.1:9"]
    environment = {**os.environ, "HOME": str(work)}

    def move(data: Path, target: Path) -> None:
        code = f"{secrets.randbelow(900) + 1}-{secrets.token_hex(8)}"
        giving = [*common, "send", "--hide-progress", f"--code={code}", str(data)]
        taking = [*common, "receive", "--hide-progress", "--accept-file", f"-o{target}", code]
        with _process(giving, work, env=environment) as giver:
            _run(taking, env=environment)
            if giver.wait(START_SECONDS):
                raise RuntimeError("magic-wormhole's sender failed")

    with _process(server, work, env=environment):
        _until(lambda: _answers(port))
        yield move


_SSH = ("ssh", "sshd", "ssh-keygen")
PEERS: dict[str, tuple[Callable[[Path, Path], AbstractContextManager[Move]], tuple[str, ...]]] = {
    "rsync over ssh": (rsync, ("rsync", *_SSH)),
    "scp": (scp, ("scp", *_SSH)),
    "libtorrent": (libtorrent, (PYTHON,)),
    "magic-wormhole": (wormhole, (WORMHOLE, TWIST)),
}
"""How each is set up, and the programs it needs."""


def measure(name: str, data: Path, work: Path) -> tuple[float, float]:
    """``(seconds, CPU seconds of both sides)`` to have a copy of ``data`` on the disk.

    The time ends with `sync -f`; the CPU counts whatever the peer started, its servers included.
    """
    work.mkdir()
    target = work / "copy"
    try:
        with PEERS[name][0](work, data) as move:
            before, started = _spent(), time.perf_counter()
            move(data, target)
            _run(["sync", "-f", str(target)])
            seconds = time.perf_counter() - started
        if target.stat().st_size != data.stat().st_size:
            raise RuntimeError(f"{name} did not bring the whole file")
        return seconds, _spent() - before
    finally:
        shutil.rmtree(work)


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def _sshd(work: Path) -> Iterator[list[str]]:
    """An sshd of ours, with its own keys, configuration and port; gives a client's options."""
    program = _program("sshd") or "sshd"  # it wants to be started by its whole path
    folder, port = work / "ssh", _free_port()
    folder.mkdir()
    for key in ("host", "user"):
        _run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key)])
    shutil.copy(folder / "user.pub", folder / "allowed")
    known = (folder / "host.pub").read_text()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {known}")
    (folder / "sshd").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder / 'host'}\nPidFile none\n"
        f"AuthorizedKeysFile {folder / 'allowed'}\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
        "Subsystem sftp internal-sftp\n"
    )
    (folder / "client").write_text(
        f"Host peer\nHostName 127.0.0.1\nPort {port}\nUser {getpass.getuser()}\n"
        f"IdentityFile {folder / 'user'}\nIdentitiesOnly yes\nBatchMode yes\n"
        f"UserKnownHostsFile {folder / 'known'}\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with _process([program, "-D", "-e", "-f", str(folder / "sshd")], work) as server:
        _until(lambda: _answers(port))
        yield ["-F", str(folder / "client")]
        # Its sessions end after their clients; what they cost is known when they have.
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
        _until(lambda: not children.exists() or not children.read_text().strip())


def _program(name: str) -> str | None:
    """Where it is installed: sshd is not on everybody's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}/usr/sbin")


def _run(command: list[str], env: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, capture_output=True, timeout=MOVE_SECONDS, check=False, env=env, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-800:]}")


@contextmanager
def _process(
    command: list[str],
    work: Path,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    env: dict[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """What it says goes to a file; whatever happens, it has ended at the end."""
    with (work / "said").open("ab") as said:
        process = subprocess.Popen(command, stdin=stdin, stdout=stdout, stderr=said, env=env)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError("a peer's server did not start or end")
        time.sleep(0.01)


def present() -> list[str]:
    """All of them. RuntimeError if one is not installed: who is the fastest would be left open."""
    for name, (_, programs) in PEERS.items():
        missing = [program for program in programs if _program(program) is None]
        if missing:
            raise RuntimeError(f"{name} is missing: no {', '.join(missing)} here; see `make bench`")
    return list(PEERS)
