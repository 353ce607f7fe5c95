"""A chain that is not the practice network: another node, another chain id, another port."""

from __future__ import annotations

import socket
import subprocess
from typing import Any

from chain import abi
from chain.answers import number
from chain.endpoint import Endpoint
from chain.errors import ChainError
from chain.gateway import Call, Gateway
from chain.network import Network
from chain.practice import node_path

CHAIN_ID = 77_001
DEPLOYER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""Of the first account anvil gives money to: its test mnemonic's, known to everybody."""
COIN = 10**18


class OtherChain:
    """One anvil; `close` it."""

    def __init__(self, chain_id: int = CHAIN_ID, *options: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                node_path(), "--host", "127.0.0.1", "--port", str(port), "--quiet", "--no-cors",
                "--accounts", "1", "--chain-id", str(chain_id), "--hardfork", "cancun",
                "--block-time", "1", *options,
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self._endpoint = Endpoint(self.url, timeout=30)
        while not self._answers(chain_id):
            assert self._process.poll() is None, "anvil does not start"

    def _answers(self, chain_id: int) -> bool:
        try:
            return number(self.rpc("eth_chainId")) == chain_id
        except ChainError:
            return False

    def rpc(self, method: str, *params: Any) -> Any:
        return self._endpoint.ask(method, *params)

    def head(self) -> int:
        return number(self.rpc("eth_blockNumber"))

    def transactions(self) -> int:
        """How many the deployer has sent."""
        (account,) = self.rpc("eth_accounts")
        return number(self.rpc("eth_getTransactionCount", account, "latest"))

    def give(self, network: Network, address: str, dollars_units: int = 10_000_000_000) -> None:
        """Ten coins, and practice dollars where the network has them. Returns at once."""
        self.rpc("anvil_setBalance", address, hex(10 * COIN))
        dollar = next((token.address for token in network.tokens if token.symbol == "PRAC"), None)
        if dollar is None:
            return
        mint = abi.interface("PracticeDollar").calldata("mint", address, dollars_units)
        gateway = Gateway(network)
        try:
            (account,) = self.rpc("eth_accounts")
            key = bytes.fromhex(DEPLOYER_KEY[2:])
            signed = gateway.sign(Call(dollar, mint), key, gateway.pending_nonce(account))
            gateway.broadcast(signed.raw)
        finally:
            gateway.close()

    def close(self) -> None:
        self._endpoint.close()
        self._process.terminate()
        self._process.wait()
