"""A real node for one test: anvil on a free loopback port, spoken to in plain JSON-RPC."""

import json
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eth_abi import encode
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types

from chain.anvil import node_path
from chain.contracts import Artifact, artifact


class Node:
    """Signs nothing: every account may send (the node impersonates it) and is rich."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.contracts: dict[str, Artifact] = {}

    def rpc(self, method: str, *parameters: Any) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            answer = json.load(response)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def admit(self, account: str) -> None:
        self.rpc("anvil_setBalance", account, hex(10**22))
        self.rpc("anvil_impersonateAccount", account)

    def deploy(self, name: str, sender: str, types: tuple[str, ...] = (), *values: Any) -> str:
        """Deploy a committed artifact; its address."""
        contract = artifact(name)
        receipt = self._send({"from": sender, "data": contract.bytecode + encode(types, values)})
        address: str = receipt["contractAddress"]
        self.contracts[address] = contract
        return address

    def send(self, sender: str, to: str, name: str, *values: Any, value: int = 0) -> int:
        """Call a function in a transaction of its own; the gas that its receipt says."""
        entry = next(e for e in self.contracts[to].abi if e.get("name") == name and "inputs" in e)
        data = function_abi_to_4byte_selector(entry) + encode(get_abi_input_types(entry), values)
        receipt = self._send({"from": sender, "to": to, "data": data, "value": hex(value)})
        return int(receipt["gasUsed"], 16)

    def pass_time(self, seconds: int) -> None:
        self.rpc("evm_increaseTime", seconds)
        self.rpc("evm_mine")

    def _send(self, transaction: dict[str, Any]) -> Any:
        data = "0x" + transaction["data"].hex()
        hash_ = self.rpc("eth_sendTransaction", transaction | {"data": data, "gas": hex(10**7)})
        self.rpc("evm_mine")
        receipt = self.rpc("eth_getTransactionReceipt", hash_)
        assert receipt["status"] == "0x1", receipt
        return receipt


@contextmanager
def running_node(chain_id: int) -> Iterator[Node]:
    # Blocks are mined when asked: a block mined by itself may be later than the question for it.
    command = [node_path(), "--port", "0", "--chain-id", str(chain_id), "--hardfork", "cancun"]
    command.append("--no-mining")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("Listening on "):
                    # It says every call, and would wait for a reader once the pipe is full.
                    threading.Thread(target=process.stdout.read, daemon=True).start()
                    yield Node("http://" + line.removeprefix("Listening on ").strip())
                    break
            else:
                raise AssertionError("anvil ended before it listened")
        finally:
            process.kill()
