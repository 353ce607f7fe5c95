"""js-libp2p and our host understand each other over Noise and Yamux, whoever dials."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from p2p import delivery, negotiation, reviews, sampling, strangers
from p2p.errors import PeerError
from p2p.limits import PING_BYTES
from tests.lines import Lines
from tests.p2p.people import Person, on_line, text

PEER = Path(__file__).with_name("peer.mjs")
WORDS = [
    negotiation.PROTOCOL,
    sampling.PROTOCOL,
    reviews.PROTOCOL,
    delivery.DIRECT_PROTOCOL,
    delivery.PROTOCOL,
    strangers.IDENTIFY,
    strangers.PING,
]


class JsPeer:
    """A js-libp2p host in a process of its own, told what to do line by line."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self.peer_id = ""
        self.addresses: tuple[str, ...] = ()
        self._lines = Lines(process)

    async def ask(self, line: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        await self.process.stdin.send_all(line.encode() + b"\n")
        return await self.answer()

    async def answer(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(await self._lines.next())
        assert "error" not in answer, answer
        return answer


@asynccontextmanager
async def js_peer(node: str) -> AsyncIterator[JsPeer]:
    async with trio.open_nursery() as nursery:
        process = await nursery.start(_run, node)
        peer = JsPeer(process)
        with trio.fail_after(120):
            first = await peer.answer()
            peer.peer_id, peer.addresses = first["peer"], tuple(first["addresses"])
            yield peer
        nursery.cancel_scope.cancel()


async def _run(node: str, task_status: Any) -> None:
    await trio.run_process(
        [node, str(PEER)], stdin=-1, capture_stdout=False, stdout=-1, task_status=task_status
    )


@pytest.mark.trio
async def test_js_dials_us_and_learns_who_we_are_pings_and_talks(node: str) -> None:
    anna = Person("anna")
    async with on_line(anna), js_peer(node) as js:
        learned = await js.ask("call " + anna.addresses[0])
    assert learned == {
        "hello": anna.binding.decode(),
        "stored": {"id": "0" * 32, "type": "stored", "v": 1},
        "peer": anna.peer_id,
        "agent": "lading",
        "addresses": 0,
        "protocols": WORDS,
        "ping": True,
    }
    assert [(peer.identity, message.text) for peer, message in anna.inbox] == [("js", "from js")]


@pytest.mark.trio
async def test_we_dial_js_talk_and_it_learns_who_called(node: str) -> None:
    anna = Person("anna")
    async with on_line(anna), js_peer(node) as js:
        await anna.host.send(js.peer_id, js.addresses, [text("to js")], identity="js")
        assert await js.ask("heard") == {
            "hello": anna.binding.decode(),
            "text": "to js",
            "peer": anna.peer_id,
            "agent": "lading",
            "addresses": 0,
            "protocols": WORDS,
            "ping": True,
        }
        assert [peer.identity for peer in anna.met] == ["js"]


@pytest.mark.trio
async def test_js_answers_our_ping(node: str) -> None:
    anna = Person("anna")
    async with on_line(anna), js_peer(node) as js:
        _, stream = await anna.host._open(js.peer_id, js.addresses, strangers.PING)
        sent = bytes(range(PING_BYTES))
        await stream.write(sent)
        back = b""
        while len(back) < PING_BYTES:
            back += await stream.read(PING_BYTES)
        assert back == sent
        stream.reset()


@pytest.mark.trio
async def test_js_that_acts_for_someone_else_is_not_told_anything(node: str) -> None:
    anna = Person("anna")
    async with on_line(anna), js_peer(node) as js:
        with pytest.raises(PeerError, match="someone else"):
            await anna.host.send(js.peer_id, js.addresses, [text("secret")], identity="ben")
        assert not anna.met
