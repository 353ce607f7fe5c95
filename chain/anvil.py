"""The practice node: anvil as a process of its own, started, found again, stopped.

What was measured on anvil 1.7.1 and decides the options below:

- The npm package's JS shim orphans the binary when killed: the binary itself is started.
- With a block time of 1 or 2 s, `--prune-history N` keeps 1,500 states whatever N is, and each is a
  full copy that grows with the chain. `--max-persisted-states` moves all but a few to disk.
- From Prague on every block adds to a system contract (EIP-2935): copies twice as large and mining
  an order of magnitude slower after an hour. The contracts are compiled for Cancun.
- A state file is written in place: a node killed meanwhile leaves half a file and will not start
  from it. Hence `Copies`. A whole file always ends with the same words.
- `--state` alone loses everything on SIGKILL; `--state-interval` bounds the loss.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from chain import answers
from chain.errors import ChainError
from chain.process import birth

CHAIN_ID = 523464
"""The practice network's own number: "lading" on a telephone's keys."""
BLOCK_SECONDS = 1
SAVE_SECONDS = 3
RECENT_STATES = 300
START_SECONDS = 20.0
STOP_SECONDS = 10.0

_STATE = "state.json"
_COPY = "state.copy.json"
_LOG = "node.log"
_CACHE = "states"
_STATE_BEGINS = b'{"block":'
_STATE_ENDS = b'"historical_states":null}'
_ATTEMPTS = 4
_children: list[subprocess.Popen[bytes]] = []
"""Nodes this process started. They outlive it; while it runs, it must take note of their ends."""


class PracticeUnavailable(ChainError):
    """There can be no practice network here; the text says why. Other networks still work."""


@dataclass(frozen=True, slots=True)
class Running:
    """A node that was started: its process, and the port it serves on loopback."""

    pid: int
    birth: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def node_path(given: Path | None = None) -> Path:
    """The anvil binary: the given one, `$LADING_ANVIL`, or the pinned npm package's beside us.

    PracticeUnavailable if it is not there or cannot be run.
    """
    package = Path(__file__).parent / "node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
    chosen = given or (
        Path(os.environ["LADING_ANVIL"]) if "LADING_ANVIL" in os.environ else package
    )
    if not chosen.is_file() or not os.access(chosen, os.X_OK):
        raise PracticeUnavailable(
            f"The practice network's node is not installed: there is no program at {chosen}. "
            "Run `make` once to install it, or use another network."
        )
    return chosen.absolute()


def answers_at(running: Running, timeout: float = 2.0) -> bool:
    """Whether this very node runs and serves the practice chain."""
    from chain.endpoint import Endpoint

    _reap()
    if birth(running.pid) != running.birth:
        return False
    endpoint = Endpoint(running.url, timeout)
    try:
        return answers.number(endpoint.ask("eth_chainId")) == CHAIN_ID
    except (ChainError, ValueError):
        return False
    finally:
        endpoint.close()


def start(node: Path, folder: Path, port: int | None) -> Running:
    """Start the node on the state kept in `folder`, at this port if it is free.

    PracticeUnavailable with the node's own words if it does not come up.
    """
    _restore(folder)
    shutil.rmtree(folder / _CACHE, ignore_errors=True)  # a killed node's; never read again
    said = ""
    for attempt in range(_ATTEMPTS):
        chosen = port if attempt == 0 and port and _is_free(port) else _free_port()
        process = _spawn(node, folder, chosen)
        running = Running(process.pid, birth(process.pid) or 0, chosen)
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if answers_at(running):
                return running
            time.sleep(0.02)
        said = answers.plain((folder / _LOG).read_text("utf-8", "replace"))
        if process.poll() is None:
            stop(running)
            break
        if "state" in said:
            _set_aside(folder)
    raise PracticeUnavailable(f"The practice network's node does not start: {said or 'no answer'}.")


def stop(running: Running) -> None:
    """Let the node save its state and end; after ten seconds it is killed."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_SECONDS
        with contextlib.suppress(ProcessLookupError):
            if birth(running.pid) == running.birth:
                os.kill(running.pid, number)
        while birth(running.pid) == running.birth:
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        else:
            break
    _reap()


class Copies(threading.Thread):
    """Keeps a copy of the last whole state file, as long as a window is open."""

    def __init__(self, folder: Path) -> None:
        super().__init__(name="practice-copies", daemon=True)
        self._folder = folder
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(1.0):
            with contextlib.suppress(OSError):  # a full disk must not end the window
                copy_state(self._folder)

    def end(self) -> None:
        """Stop and wait for it."""
        self._ended.set()
        self.join()


def copy_state(folder: Path) -> bool:
    """Copy the state file if it is newer than the copy, whole, and at rest. Whether it was copied.

    OSError if there is no state file or no room.
    """
    state, copy = folder / _STATE, folder / _COPY
    before = state.stat()
    if copy.exists() and copy.stat().st_mtime_ns == before.st_mtime_ns:
        return False
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{_COPY}-")
    os.close(handle)
    try:
        shutil.copyfile(state, temporary)
        after = state.stat()
        at_rest = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
        if not at_rest or not is_whole(Path(temporary)):
            return False
        os.utime(temporary, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.replace(temporary, copy)
        return True
    finally:
        Path(temporary).unlink(missing_ok=True)


def is_whole(state: Path) -> bool:
    """Whether the node finished writing this state file."""
    try:
        with state.open("rb") as file:
            begins = file.read(len(_STATE_BEGINS))
            file.seek(-len(_STATE_ENDS), os.SEEK_END)
            return (begins, file.read()) == (_STATE_BEGINS, _STATE_ENDS)
    except OSError:
        return False


def _restore(folder: Path) -> None:
    """See that the node finds a whole state file or none."""
    if (folder / _STATE).exists() and not is_whole(folder / _STATE):
        _set_aside(folder)


def _set_aside(folder: Path) -> None:
    """The state file cannot be used: keep it for the curious, and go on from the copy."""
    state, copy = folder / _STATE, folder / _COPY
    with contextlib.suppress(FileNotFoundError):
        os.replace(state, folder / "state.broken.json")
    if is_whole(copy):
        os.replace(copy, state)


def _spawn(node: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [
        str(node), "--host", "127.0.0.1", "--port", str(port), "--no-cors", "--quiet",
        "--chain-id", str(CHAIN_ID), "--hardfork", "cancun", "--accounts", "0",
        "--block-time", str(BLOCK_SECONDS), "--max-persisted-states", str(RECENT_STATES),
        "--cache-path", str(folder / _CACHE),
        "--state", str(folder / _STATE), "--state-interval", str(SAVE_SECONDS),
    ]  # fmt: skip
    with (folder / _LOG).open("wb") as log:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                # Nothing of the starter's is the node's business: settings, terminal or session.
                env={"HOME": str(folder), "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        except OSError as error:
            raise PracticeUnavailable(
                f"The practice network's node cannot be run: {error.strerror}."
            ) from None
    _children.append(process)
    return process


def _reap() -> None:
    _children[:] = [child for child in _children if child.poll() is None]


def _is_free(port: int) -> bool:
    """Whether nobody listens there: a stranger's answers would pass for our node's."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # ended connections may linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
