"""A lying endpoint: a real node's answers, with what a test chooses changed on the way.

    liar = Liar(chain.url)
    liar.lies = [lagging(5), hidden_logs()]

A lie takes the question and the node's answer and gives the answer to send. It may raise `Silence`
(the connection ends without one) or `Declining` (a JSON-RPC error). Lies are applied in order, and
may be exchanged while the liar runs.
"""

import json
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.chain.door import Door, Silence

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Declining(Exception):
    """The question is understood and answered with an error."""


@dataclass(frozen=True)
class Question:
    """What was asked. `ask` puts a question of the lie's own to the real node."""

    method: str
    params: list[Any]
    ask: Callable[..., Any]


Lie = Callable[[Question, Any], Any]


class Liar(Door):
    """Goes to the real node with every question; `lies` may be exchanged at any time."""

    def __init__(self, node_url: str, *lies: Lie) -> None:
        self.lies: Sequence[Lie] = lies
        self._node_url = node_url
        super().__init__()

    def reply(self, question: dict[str, Any]) -> bytes:
        return json.dumps(self.answer(question)).encode()

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The JSON-RPC answer to a JSON-RPC question."""
        method, params = question["method"], question.get("params", [])
        answer = self._forward(method, params)
        if "result" not in answer:
            return answer
        asked = Question(method, params, lambda name, *some: self._forward(name, some)["result"])
        try:
            for lie in self.lies:
                answer["result"] = lie(asked, answer["result"])
        except Declining as error:
            return {"jsonrpc": "2.0", "id": 0, "error": {"code": -32601, "message": str(error)}}
        return answer

    def _forward(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 0, "method": method, "params": list(params)}
        request = urllib.request.Request(
            self._node_url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with _OPENER.open(request, timeout=30) as response:
                answer: dict[str, Any] = json.load(response)
        except OSError as error:
            raise Silence from error
        return answer


# Lies


def instead(method: str, value: object) -> Lie:
    """The same answer to every question of one kind."""
    return lambda question, truth: value if question.method == method else truth


def field(method: str, name: str, value: object) -> Lie:
    """One member of an object changed, wherever such an object is answered."""

    def lie(question: Question, truth: Any) -> Any:
        if question.method != method or not isinstance(truth, dict):
            return truth
        return truth | {name: value}

    return lie


def shifted_time(seconds: int) -> Lie:
    """Blocks, and the blocks of logs, are later (earlier) than they are."""

    def moved(entry: dict[str, Any], name: str) -> dict[str, Any]:
        return (
            entry | {name: hex(max(int(entry[name], 16) + seconds, 0))} if name in entry else entry
        )

    def lie(question: Question, truth: Any) -> Any:
        if question.method == "eth_getBlockByNumber" and truth is not None:
            return moved(truth, "timestamp")
        if question.method == "eth_getLogs":
            return [moved(log, "blockTimestamp") for log in truth]
        return truth

    return lie


def lagging(blocks: int) -> Lie:
    """The chain as it was so many blocks ago, wherever the newest is asked for."""

    def lie(question: Question, truth: Any) -> Any:
        newest = int(question.ask("eth_blockNumber"), 16)
        stuck = max(newest - blocks, 0)
        params = [hex(stuck) if one in ("latest", "pending") else one for one in question.params]
        match question.method:
            case "eth_blockNumber":
                return hex(stuck)
            case "eth_getBlockByNumber":
                late = params[0] not in ("earliest",) and int(params[0], 16) > stuck
                return None if late else question.ask("eth_getBlockByNumber", *params)
            case "eth_getLogs":
                return [log for log in truth if int(log["blockNumber"], 16) <= stuck]
            case "eth_getTransactionReceipt":
                late = truth is not None and int(truth["blockNumber"], 16) > stuck
                return None if late else truth
        return question.ask(question.method, *params) if params != question.params else truth

    return lie


def ahead(blocks: int) -> Lie:
    """A head that nobody has mined, with a hash of its own."""

    def lie(question: Question, truth: Any) -> Any:
        if question.method != "eth_getBlockByNumber":
            return truth
        newest = question.ask("eth_getBlockByNumber", "latest", False)
        height = int(newest["number"], 16) + blocks
        asked = question.params[0]
        number = height if asked == "latest" else int(asked, 16)
        if truth is not None and asked != "latest":
            return truth
        time = hex(int(newest["timestamp"], 16) + blocks)
        made_up = {"number": hex(number), "hash": f"0x{number:064x}", "timestamp": time}
        return newest | made_up if number <= height else None

    return lie


def hidden_logs(topic: str | None = None) -> Lie:
    """Leaves out the logs with this first topic, or all."""

    def lie(question: Question, truth: Any) -> Any:
        if question.method != "eth_getLogs":
            return truth
        return [log for log in truth if topic is not None and log["topics"][0] != topic]

    return lie


def changed_logs(topic: str) -> Lie:
    """The last bit of what the logs with this first topic say is another one."""

    def lie(question: Question, truth: Any) -> Any:
        if question.method != "eth_getLogs":
            return truth
        return [
            log | {"data": f"0x{int(log['data'], 16) ^ 1:0{len(log['data']) - 2}x}"}
            if log["topics"][0] == topic
            else log
            for log in truth
        ]

    return lie


def added_log(log: dict[str, Any]) -> Lie:
    """One log more in every range that has its block."""

    def lie(question: Question, truth: Any) -> Any:
        if question.method != "eth_getLogs":
            return truth
        asked, number = question.params[0], int(log["blockNumber"], 16)
        there = int(asked["fromBlock"], 16) <= number <= int(asked["toBlock"], 16)
        return [*truth, log] if there else truth

    return lie


def storage_word(word: int) -> Lie:
    """Every slot holds this, says each way to ask; proofs only claim it, for want of a root."""

    def lie(question: Question, truth: Any) -> Any:
        text = f"0x{word:064x}"
        if question.method in ("eth_getStorageAt", "eth_call"):
            return text
        if question.method == "eth_getProof":
            return truth | {
                "storageProof": [one | {"value": text} for one in truth["storageProof"]]
            }
        return truth

    return lie


def balance(units: int) -> Lie:
    """Everybody has this much, of the chain's coin and of every token."""

    def lie(question: Question, truth: Any) -> Any:
        selector = "0x70a08231"  # balanceOf(address)
        if question.method == "eth_getBalance":
            return hex(units)
        if question.method == "eth_call" and question.params[0]["data"].startswith(selector):
            return f"0x{units:064x}"
        return truth

    return lie


def declined(*methods: str) -> Lie:
    """As a node that does not know these methods."""

    def lie(question: Question, truth: Any) -> Any:
        if question.method in methods:
            raise Declining("the method does not exist")
        return truth

    return lie


def silent(question: Question, truth: Any) -> Any:
    raise Silence
