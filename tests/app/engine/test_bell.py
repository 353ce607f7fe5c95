"""A node that says when it has a new block, and nodes that do not, or say anything else."""

from __future__ import annotations

import json
from functools import partial

import pytest
import trio
from trio_websocket import (
    ConnectionClosed,
    WebSocketConnection,
    WebSocketRequest,
    serve_websocket,
)

from app.engine import bell
from tests.app.engine.apps import World


@pytest.mark.trio
async def test_the_practice_node_says_each_block(world: World) -> None:
    blocks = trio.Semaphore(0)
    with trio.fail_after(30):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(bell.listen, world.network.rpc_urls[0], blocks.release)
            for _ in range(3):
                await blocks.acquire()
            nursery.cancel_scope.cancel()


AGREED = json.dumps({"jsonrpc": "2.0", "id": 1, "result": "0x1"})
REFUSED = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "No."}})


async def rings(says: list[str], closes: bool = True) -> int:
    """How often the bell rings for a node that sends this, and then closes or says nothing."""
    count = 0

    def rung() -> None:
        nonlocal count
        count += 1

    async def node(request: WebSocketRequest) -> None:
        talk: WebSocketConnection = await request.accept()
        assert json.loads(await talk.get_message())["params"] == ["newHeads"]
        try:
            for one in says:
                await talk.send_message(one)
        except ConnectionClosed:
            return
        if not closes:
            await trio.sleep_forever()
        await talk.aclose()

    async with trio.open_nursery() as nursery:
        serve = partial(serve_websocket, node, "127.0.0.1", 0, ssl_context=None)
        server = await nursery.start(serve)
        with trio.fail_after(30):
            await bell.listen(f"http://127.0.0.1:{server.port}", rung)
        nursery.cancel_scope.cancel()
    return count


@pytest.mark.trio
@pytest.mark.parametrize(
    ("says", "rung"),
    [
        ([], 0),
        ([AGREED], 0),
        ([AGREED, "{}", "nothing that is JSON"], 2),
        ([AGREED, "{}", "x" * (bell.LONGEST_BYTES + 1), "{}"], 1),
        ([REFUSED, "{}"], 0),
        (["nothing that is JSON", "{}"], 0),
        (["7", "{}"], 0),
    ],
    ids=["nothing", "agreed", "anything", "too much", "refused", "no JSON", "no object"],
)
async def test_what_a_node_says_is_no_more_than_a_bell(says: list[str], rung: int) -> None:
    assert await rings(says) == rung


@pytest.mark.trio
@pytest.mark.parametrize("says", [[], [AGREED]], ids=["does not answer", "has agreed"])
async def test_a_node_that_falls_silent_is_no_bell_any_more(
    says: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "CONNECT_SECONDS", 0.1 if not says else 30)
    monkeypatch.setattr(bell, "SILENT_SECONDS", 0.1)
    assert await rings(says, closes=False) == 0


@pytest.mark.trio
async def test_where_nobody_answers_there_is_no_bell() -> None:
    with trio.fail_after(30):
        await bell.listen("http://127.0.0.1:9", lambda: pytest.fail("rung"))


@pytest.mark.trio
@pytest.mark.parametrize(
    "answer",
    [b"", b"nothing that is HTTP\r\n\r\n", b"HTTP/1.1 501 No\r\nContent-Length: 2\r\n\r\nno"],
    ids=["nothing", "garbage", "refusal"],
)
async def test_a_node_that_only_answers_questions_is_no_bell(answer: bytes) -> None:
    async def node(stream: trio.SocketStream) -> None:
        async with stream:
            await stream.receive_some(4096)
            await stream.send_all(answer)

    async with trio.open_nursery() as nursery:
        serve = partial(trio.serve_tcp, node, 0, host="127.0.0.1")
        (listener,) = await nursery.start(serve)
        port = listener.socket.getsockname()[1]
        with trio.fail_after(30):
            await bell.listen(f"http://127.0.0.1:{port}", lambda: pytest.fail("rung"))
        nursery.cancel_scope.cancel()
