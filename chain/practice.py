"""The practice network: one node a user, shared by all windows, outliving each of them.

Who comes first starts it, who leaves last stops it, and who finds it dead starts it again with the
same state and, where possible, at the same port. What everybody needs to know is `practice.json`,
changed only under a file lock. Its clock is the real one; its money is worth nothing.

After the node was killed, the last seconds of chain may be missing: readers see a reorganisation
and senders send again.
"""

import json
import os
import secrets
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eth_hash.auto import keccak
from filelock import FileLock, Timeout
from platformdirs import user_data_path

from chain import abi, anvil
from chain.address import Address
from chain.anvil import PracticeUnavailable, Running, node_path
from chain.deploy import create2_address, deploy
from chain.errors import ChainError, Unreachable
from chain.gateway import Call, Gateway
from chain.network import Network
from chain.private_file import write_private
from chain.process import birth
from chain.transactions import account_of

__all__ = ["Practice", "PracticeUnavailable", "node_path"]

GIFT_WEI = 10 * 10**18
GIFT_DOLLARS_UNITS = 10_000 * 10**6
"""Ten thousand practice dollars, which have six decimals."""

_LOCK_SECONDS = 60.0
_MINED_SECONDS = 20.0
_TREASURER = keccak(b"lading/practice treasurer")
"""Deploys and mints. Everybody knows this key; it holds nothing of worth."""


@dataclass(frozen=True, slots=True)
class _User:
    id: str
    pid: int
    birth: int


@dataclass(frozen=True, slots=True)
class _Shared:
    """What `practice.json` says: the node, while it runs, its last port, and who uses it."""

    node: Running | None = None
    port: int | None = None
    users: tuple[_User, ...] = field(default=())


def dollars_address() -> Address:
    """Where the practice dollar is on every practice network."""
    return create2_address(abi.interface("PracticeDollar").creation_code())


def dollars_call(receiver: Address) -> Call:
    """10,000 practice dollars for somebody; anyone may make them."""
    mint = abi.interface("PracticeDollar").calldata("mint", receiver, GIFT_DOLLARS_UNITS)
    return Call(dollars_address(), mint)


class Practice:
    """One window's (or command's) use of the practice network. Safe in several threads."""

    def __init__(self, folder: Path | None = None, node: Path | None = None) -> None:
        """`folder` is the user's own; all who name the same one share its network."""
        self._folder = folder or user_data_path("lading") / "practice"
        self._node = node
        self._me: _User | None = None
        self._network: Network | None = None
        self._copies: anvil.Copies | None = None

    def join(self) -> Network:
        """Use the network, starting node and contracts if nobody has yet.

        PracticeUnavailable if there can be none here; Unreachable if it does not answer in time.
        """
        if self._me is None:
            self._me = _User(secrets.token_hex(8), os.getpid(), birth(os.getpid()) or 0)
        with self._lock():
            shared = self._read()
            node = self._living(shared)
            users = {user.id: user for user in _present(shared.users)} | {self._me.id: self._me}
            # Written before anything can fail, so that somebody will stop what was started.
            self._write(_Shared(node, node.port, tuple(users.values())))
            self._network = self._deployed(node)
        if self._copies is None:
            self._copies = anvil.Copies(self._folder)
            self._copies.start()
        return self._network

    def ensure(self) -> Network:
        """The network, answering: as `join`, but nothing to do where all is well."""
        if self._network is not None:
            gateway = Gateway(self._network, timeout=2.0)
            try:
                gateway.check()
                return self._network
            except ChainError:
                pass
            finally:
                gateway.close()
        return self.join()

    def leave(self) -> None:
        """Use it no longer; the last one stops the node. Leaving twice is leaving once."""
        if self._copies is not None:
            self._copies.end()
            self._copies = None
        if self._me is None:
            return
        with self._lock():
            shared = self._read()
            users = tuple(user for user in _present(shared.users) if user != self._me)
            node = shared.node
            if node is not None and not users:
                anvil.stop(node)
                node = None
            self._write(_Shared(node, shared.port, users))
        self._me = self._network = None

    def fund(self, address: Address, *, dollars: bool = True) -> None:
        """Give an account ten coins for fees, unless it has them, and 10,000 practice dollars
        (only the coins without ``dollars``).

        They are in the chain when this returns. Unreachable if the node does not answer.
        """
        network = self.ensure()
        gateway = Gateway(network)
        try:
            if gateway.native_balance(address) < GIFT_WEI:
                self._set_balance(network.rpc_urls[0], address, GIFT_WEI)
            if not dollars:
                return
            with self._lock():  # the treasurer's transactions are numbered one by one
                nonce = gateway.pending_nonce(account_of(_TREASURER))
                sent = gateway.sign(dollars_call(address), _TREASURER, nonce)
                gateway.broadcast(sent.raw)
            deadline = time.monotonic() + _MINED_SECONDS
            while gateway.receipt(sent.hash) is None:
                if time.monotonic() > deadline:
                    raise Unreachable("The practice network mines no blocks. Try again.")
                time.sleep(0.1)
        finally:
            gateway.close()

    def status(self) -> dict[str, Any]:
        """For a person or a script: is it running, where, since which process, for how many."""
        shared = self._read()
        running = shared.node is not None and anvil.answers_at(shared.node)
        return {
            "running": running,
            "url": shared.node.url if running and shared.node else None,
            "pid": shared.node.pid if running and shared.node else None,
            "chain_id": anvil.CHAIN_ID,
            "users": len(_present(shared.users)),
            "folder": str(self._folder),
        }

    def _living(self, shared: _Shared) -> Running:
        node = shared.node
        if node is not None:
            # It may be saving or loading a long chain; a process that stays silent is replaced.
            deadline = time.monotonic() + anvil.START_SECONDS
            while birth(node.pid) == node.birth:
                if anvil.answers_at(node):
                    return node
                if time.monotonic() > deadline:
                    anvil.stop(node)
                    break
                time.sleep(0.1)
        return anvil.start(node_path(self._node), self._folder, shared.port)

    def _deployed(self, node: Running) -> Network:
        self._set_balance(node.url, account_of(_TREASURER), 1000 * GIFT_WEI)
        return deploy(node.url, _TREASURER, "Practice network", practice=True)

    @staticmethod
    def _set_balance(url: str, address: Address, wei: int) -> None:
        from chain.endpoint import Endpoint

        endpoint = Endpoint(url)
        try:
            endpoint.ask("anvil_setBalance", address, hex(wei))
        finally:
            endpoint.close()

    def _lock(self) -> "_Locked":
        return _Locked(self._folder)

    def _read(self) -> _Shared:
        """What is known; nothing if the file is not there or not ours."""
        try:
            document = json.loads((self._folder / "practice.json").read_bytes())
            node, port = document["node"], document["port"]
            return _Shared(
                None if node is None else Running(**{k: int(v) for k, v in node.items()}),
                None if port is None else int(port),
                tuple(
                    _User(str(user["id"]), int(user["pid"]), int(user["birth"]))
                    for user in document["users"]
                ),
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return _Shared()

    def _write(self, shared: _Shared) -> None:
        document = asdict(shared) | {
            "chain_id": anvil.CHAIN_ID,
            "url": None if shared.node is None else shared.node.url,
        }
        write_private(self._folder / "practice.json", json.dumps(document, indent=1).encode())


class _Locked:
    """The one place where two windows wait for each other."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise PracticeUnavailable(
                f"The practice network's folder {folder} cannot be made: {error.strerror}."
            ) from None
        self._lock = FileLock(folder / "practice.lock", timeout=_LOCK_SECONDS)

    def __enter__(self) -> None:
        try:
            self._lock.acquire()
        except Timeout:
            raise Unreachable(
                "Another window is starting the practice network and takes long. Try again."
            ) from None

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _present(users: tuple[_User, ...]) -> list[_User]:
    return [user for user in users if birth(user.pid) == user.birth]
