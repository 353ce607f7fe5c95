"""A real chain for tests: an anvil of their own on a free loopback port, with both contracts.

Blocks are mined when a test says so, so no test waits for one. `chain` is shared by a whole session
and only ever grows; a test that bends or kills a chain takes `own_chain`.
"""

import json
import os
import secrets
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from chain import anvil
from chain.address import Address
from chain.agreement import Domain, Offer, key_commit, mask_commit, sign
from chain.deploy import deploy
from chain.endpoint import Endpoint
from chain.gateway import Call, Gateway, TxReceipt
from chain.network import Network
from chain.registry import (
    NO_DATASET,
    Registration,
    arguments_hash,
    commit_call,
    commitment,
    register_call,
)
from chain.transactions import account_of
from tests.chain.door import Door

COIN = 10**18


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with money for fees."""

    address: Address
    key: bytes = field(repr=False)


class Chain:
    """One anvil with both contracts, and short ways to use it."""

    def __init__(self, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [
                anvil.node_path(), "--host", "127.0.0.1", "--port", str(port), "--quiet",
                "--no-cors", "--accounts", "0", "--hardfork", "cancun",
                "--chain-id", str(anvil.CHAIN_ID), *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{port}"
        self._endpoint = Endpoint(self.url, timeout=30)
        running = anvil.Running(self.process.pid, anvil.birth(self.process.pid) or 0, port)
        while not anvil.answers_at(running):
            assert self.process.poll() is None, "anvil does not start"
        self.network: Network
        self.gateway: Gateway

    def deploy(self) -> None:
        deployer = self.account()
        self.network = deploy(self.url, deployer.key, "Test network", practice=True)
        self.gateway = Gateway(self.network)
        self.rpc("evm_setAutomine", False)

    def rpc(self, method: str, *params: Any) -> Any:
        return self._endpoint.ask(method, *params)

    def mine(self, blocks: int = 1) -> None:
        self.rpc("anvil_mine", hex(blocks), hex(1))

    def pass_time(self, seconds: int) -> None:
        self.rpc("evm_increaseTime", seconds)
        self.rpc("evm_mine")

    def account(self, coins: int = 10) -> Account:
        key = secrets.token_bytes(32)
        address = account_of(key)
        self.rpc("anvil_setBalance", address, hex(coins * COIN))
        return Account(address, key)

    def send(self, call: Call, by: Account) -> TxReceipt:
        """Sign, broadcast and mine."""
        sent = self.gateway.sign(call, by.key, self.gateway.pending_nonce(by.address))
        self.gateway.broadcast(sent.raw)
        self.mine()
        receipt = self.gateway.receipt(sent.hash)
        assert receipt is not None
        assert receipt.ok
        return receipt

    def register(self, by: Account, **changes: Any) -> Registration:
        """Commit to and register a dataset that nobody has registered."""
        registration = replace(some_registration(), **changes)
        salt = secrets.token_bytes(32)
        args = arguments_hash(registration)
        self.send(commit_call(self.network, commitment(self.network, by.address, args, salt)), by)
        self.send(register_call(self.network, registration, salt), by)
        return registration

    def close(self) -> None:
        if hasattr(self, "gateway"):
            self.gateway.close()
        self._endpoint.close()
        self.process.kill()
        self.process.wait()


def some_registration() -> Registration:
    return Registration(
        content_id=secrets.token_bytes(32),
        root=secrets.token_bytes(32),
        records=3,
        length=2 * 4064 + 17,
        salt_nonce=secrets.token_bytes(32),
        parent=NO_DATASET,
        listing=b"listing",
    )


@contextmanager
def running_chain(*options: str) -> Iterator[Chain]:
    chain = Chain(*options)
    try:
        chain.deploy()
        yield chain
    finally:
        chain.close()


@pytest.fixture(scope="session")
def chain() -> Iterator[Chain]:
    with running_chain() as started:
        yield started


@pytest.fixture
def own_chain() -> Iterator[Chain]:
    with running_chain() as started:
        yield started


@pytest.fixture
def owner(chain: Chain) -> Account:
    return chain.account()


@pytest.fixture
def buyer(chain: Chain) -> Account:
    return chain.account()


def signed_offer(
    chain: Chain, owner: Account, buyer: Account, dataset: bytes, **changes: Any
) -> tuple[Offer, bytes, bytes]:
    """(Offer, the owner's signature, the owner's secret) with the shortest periods."""
    secret, mask = secrets.token_bytes(32), secrets.token_bytes(32)
    values: dict[str, Any] = {
        "owner": owner.address,
        "buyer": buyer.address,
        "dataset": dataset,
        "records": 3,
        "token": chain.network.tokens[0].address,
        "price": 5_000_000,
        "bond": 0,
        "key_commit": key_commit(secret),
        "mask_commit": mask_commit(mask),
        "terms": secrets.token_bytes(32),
        "expires": chain.gateway.head().timestamp + 3600,
        "reveal_within": 60,
        "window": 60,
        "epoch": 0,
        "nonce": secrets.token_bytes(32),
    }
    offer = Offer(**(values | changes))
    domain = Domain(chain.network.chain_id, chain.network.exchange)
    return offer, sign(domain, offer, owner.key), secret


class Stranger(Door):
    """An endpoint that answers whatever the test says.

    `answer` gets the JSON-RPC method and gives the `result`, or bytes to send as they are.
    """

    def __init__(self, answer: Callable[[str], object]) -> None:
        self.answer = answer
        super().__init__()

    def reply(self, question: dict[str, Any]) -> bytes:
        result = self.answer(question["method"])
        if isinstance(result, bytes):
            return result
        return json.dumps({"jsonrpc": "2.0", "id": 0, "result": result}).encode()


@pytest.fixture
def stranger() -> Iterator[Callable[[Callable[[str], object]], Stranger]]:
    opened: list[Stranger] = []

    def open_door(answer: Callable[[str], object]) -> Stranger:
        opened.append(Stranger(answer))
        return opened[-1]

    yield open_door
    for each in opened:
        each.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "practice"


def runs(pid: int) -> bool:
    """Whether a process with this id runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return anvil.birth(pid) is not None
