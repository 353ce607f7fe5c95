"""The practice node says when it has a new block, so that what waits for one need not wait for the
next poll.

It is a bell and nothing more: whatever the node sends once it has agreed is a reason to look, and
what a look finds is asked for and checked as always. One that has agreed and says nothing is none.
Networks of others have endpoints that answer questions only.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

import trio
from trio_websocket import wrap_client_stream

log = logging.getLogger(__name__)

LONGEST_BYTES = 64 * 1024
"""Of one notice; a block's header has about a thousand."""
CONNECT_SECONDS = 5
SILENT_SECONDS = 10
"""The practice node has a block each second."""

_SUBSCRIBE = json.dumps(
    {"jsonrpc": "2.0", "id": 1, "method": "eth_subscribe", "params": ["newHeads"]}
)


async def listen(url: str, rung: Callable[[], None]) -> None:
    """Call ``rung`` for each new block of the node at ``url`` (``http://127.0.0.1:…``); returns
    when it cannot be heard any more, or not at all."""
    place = urlsplit(url)
    try:
        # The library leaves a socket open that the node has closed.
        async with await trio.open_tcp_stream(place.hostname or "", place.port or 80) as stream:
            await _hear(stream, place.netloc, rung)
    except* Exception as errors:  # whatever a node answers ends its own bell only
        log.info("the node does not say when it has a new block: %r", errors.exceptions)


async def _hear(stream: trio.SocketStream, host: str, rung: Callable[[], None]) -> None:
    async with trio.open_nursery() as nursery:
        with trio.fail_after(CONNECT_SECONDS):
            node = await wrap_client_stream(
                nursery, stream, host, "/", max_message_size=LONGEST_BYTES
            )
            await node.send_message(_SUBSCRIBE)
            answer = json.loads(await node.get_message())
            if "result" not in answer:
                raise ValueError(answer)
        while True:
            with trio.fail_after(SILENT_SECONDS):
                await node.get_message()
            rung()
