"""The practice network's life: shared, outliving its starter, killed, found dead, left."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chain import anvil
from chain.errors import ChainError
from chain.gateway import Gateway
from chain.network import Network
from chain.practice import Practice, PracticeUnavailable, node_path
from chain.process import birth
from tests.chain.conftest import COIN, runs

SOMEBODY = "0x" + "11" * 20


class Users:
    """Windows of one user, all of which leave in the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: list[Practice] = []

    def open(self) -> Practice:
        self._opened.append(Practice(self._folder))
        return self._opened[-1]

    def close(self) -> None:
        for practice in self._opened:
            practice.leave()


@pytest.fixture
def users(folder: Path) -> Iterator[Users]:
    opened = Users(folder)
    yield opened
    opened.close()


def balances(network: Network, account: str) -> tuple[int, int]:
    """(dollars in smallest units, wei)"""
    gateway = Gateway(network)
    try:
        gateway.check()
        dollar = network.tokens[0].address
        return gateway.token_balance(dollar, account), gateway.native_balance(account)
    finally:
        gateway.close()


def test_two_windows_share_one_node_and_the_last_stops_it(users: Users, folder: Path) -> None:
    first, second = users.open(), users.open()
    assert first.status()["running"] is False
    network = first.join()
    assert network.practice
    assert network.confirmations == 2
    assert network.chain_id == anvil.CHAIN_ID
    assert second.join() == network
    status = first.status()
    assert status["users"] == 2
    assert status["url"] == network.rpc_urls[0]
    shared = json.loads((folder / "practice.json").read_text())
    assert (shared["url"], shared["node"]["pid"]) == (status["url"], status["pid"])
    assert shared["chain_id"] == anvil.CHAIN_ID

    first.leave()
    assert second.status()["running"] is True
    first.leave()
    assert second.status()["users"] == 1
    second.leave()
    assert second.status()["running"] is False
    assert not runs(status["pid"])


def test_the_chain_is_there_again_when_everybody_comes_back(users: Users) -> None:
    first = users.open()
    network = first.join()
    first.fund(SOMEBODY)
    assert balances(network, SOMEBODY) == (10_000_000_000, 10 * COIN)
    first.leave()
    again = users.open().join()
    assert again.registry == network.registry
    assert balances(again, SOMEBODY) == (10_000_000_000, 10 * COIN)


def test_a_killed_node_is_started_again_by_whoever_finds_it(users: Users, folder: Path) -> None:
    first, second = users.open(), users.open()
    network = first.join()
    second.join()
    first.fund(SOMEBODY)
    pid = first.status()["pid"]
    _wait_until_saved(folder)
    os.kill(pid, signal.SIGKILL)
    assert second.ensure() == network
    assert first.ensure() == network
    assert first.status()["pid"] != pid
    assert first.status()["users"] == 2
    assert balances(network, SOMEBODY) == (10_000_000_000, 10 * COIN)


def test_a_node_killed_while_saving_goes_on_from_the_copy(users: Users, folder: Path) -> None:
    first = users.open()
    network = first.join()
    first.fund(SOMEBODY)
    _wait_until_saved(folder)
    while not anvil.copy_state(folder) and not anvil.is_whole(folder / "state.copy.json"):
        pass
    os.kill(first.status()["pid"], signal.SIGKILL)
    state = folder / "state.json"
    state.write_bytes(state.read_bytes()[:-100])
    assert first.ensure() == network
    assert balances(network, SOMEBODY) == (10_000_000_000, 10 * COIN)
    assert (folder / "state.broken.json").exists()


def test_half_a_state_file_is_never_copied(folder: Path) -> None:
    folder.mkdir()
    state, copy = folder / "state.json", folder / "state.copy.json"
    whole = b'{"block":{},"historical_states":null}'
    with pytest.raises(OSError, match="No such file"):
        anvil.copy_state(folder)
    for half in (b"", whole[:-1], whole[1:], b"{}"):
        state.write_bytes(half)
        assert not anvil.copy_state(folder)
        assert not copy.exists()
    state.write_bytes(whole)
    assert anvil.copy_state(folder)
    assert copy.read_bytes() == whole
    assert not anvil.copy_state(folder)


def test_a_node_with_no_usable_state_begins_anew(users: Users, folder: Path) -> None:
    folder.mkdir()
    (folder / "state.json").write_bytes(b'{"block":7,"historical_states":null}')
    network = users.open().join()
    assert balances(network, SOMEBODY) == (0, 0)


def test_a_window_that_was_killed_does_not_count(users: Users, folder: Path) -> None:
    code = f"""
import os, pathlib
from chain.practice import Practice
Practice(pathlib.Path({str(folder)!r})).join()
print(os.getpid(), flush=True)
os.kill(os.getpid(), 9)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    starter = int(run.stdout)
    second = users.open()
    assert second.status()["running"] is True  # it outlives its starter
    assert second.status()["users"] == 0
    pid = second.status()["pid"]
    second.join()
    assert second.status()["pid"] == pid
    assert second.status()["users"] == 1
    assert not runs(starter)
    second.leave()
    assert not runs(pid)


def test_what_is_no_practice_json_counts_as_nothing(users: Users, folder: Path) -> None:
    folder.mkdir()
    for content in (b"", b"[]", b'{"node":7}', b'{"node":null,"port":"x","users":[]}'):
        (folder / "practice.json").write_bytes(content)
        assert users.open().status()["running"] is False
    assert users.open().join().practice


def test_a_taken_port_is_left_to_whoever_has_it(users: Users, folder: Path) -> None:
    first = users.open()
    port = int(first.join().rpc_urls[0].rpartition(":")[2])
    first.leave()
    other = Path(folder.parent, "other")
    other.mkdir()
    node = anvil.start(node_path(), other, port)
    try:
        assert node.port == port
        network = first.join()
        assert network.rpc_urls[0] != node.url
    finally:
        anvil.stop(node)


def test_the_node_listens_on_loopback_only(users: Users) -> None:
    """At this very address: another one of this computer, here also of loopback, is closed."""
    url = users.open().join().rpc_urls[0]
    host, port = url.removeprefix("http://").split(":")
    assert host == "127.0.0.1"
    socket.create_connection((host, int(port)), 10).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", int(port)), 10)


def test_recent_states_can_be_asked_for(users: Users) -> None:
    """Proofs and reorganisations need 256 of them."""
    from chain.endpoint import Endpoint

    network = users.open().join()
    endpoint = Endpoint(network.rpc_urls[0])
    try:
        endpoint.ask("anvil_mine", hex(300), hex(1))
        head = int(endpoint.ask("eth_blockNumber"), 16)
        proof = endpoint.ask("eth_getProof", network.registry, [], hex(head - 256))
        assert proof["address"] == network.registry.lower()
    finally:
        endpoint.close()


def test_without_a_node_the_practice_network_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(PracticeUnavailable, match="not installed"):
        Practice(folder, tmp_path / "no-node").join()
    with pytest.raises(PracticeUnavailable, match="not installed"):
        node_path(tmp_path)
    text = tmp_path / "text"
    text.write_text("no program")
    text.chmod(0o700)
    with pytest.raises(PracticeUnavailable, match="cannot be run"):
        Practice(folder, text).join()
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\necho out of luck\nexit 3\n")
    failing.chmod(0o700)
    with pytest.raises(PracticeUnavailable, match="does not start: out of luck"):
        Practice(folder, failing).join()
    assert issubclass(PracticeUnavailable, ChainError)


def test_a_process_is_known_by_its_birth() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        born = birth(process.pid)
        assert born
        assert birth(process.pid) == born
        process.kill()
    assert birth(process.pid) is None


def _wait_until_saved(folder: Path) -> None:
    """Until the node has written its state once more."""
    state = folder / "state.json"
    before = state.stat().st_mtime_ns if state.exists() else 0
    while not (state.exists() and state.stat().st_mtime_ns > before and anvil.is_whole(state)):
        os.sched_yield()
