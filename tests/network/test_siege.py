"""More than 30 hostile peers at once beside an honest delivery, which arrives whole."""

import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
import trio

from p2p.errors import Unreachable
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.children import child
from tests.network.hostile import WAYS, Siege
from tests.network.trade import LONG, ORDER
from tests.p2p.people import Person, make_dataset, on_line, text

T = TypeVar("T")
MEMORY_KIB = 512 * 1024


async def tried_again(call: Callable[[], Awaitable[T]]) -> T:
    """As an app does it: who is besieged may have no place for a moment."""
    with trio.fail_after(60):
        while True:
            try:
                return await call()
            except Unreachable:
                await trio.lowlevel.checkpoint()


@pytest.mark.trio
@pytest.mark.skipif(sys.platform != "linux", reason="memory and loopback addresses as Linux has")
async def test_an_owner_under_siege_delivers_listens_and_stays_small(tmp_path: Path) -> None:
    assert len(WAYS) >= 30
    made = make_dataset(tmp_path, LONG).made.fingerprint
    spool = Spool(tmp_path / "spool", made.records, made.root)
    buyer = Person("ben")
    async with child(tmp_path / "owner", "owner", str(LONG)) as owner, on_line(buyer):
        address = await owner.line()
        siege = Siege(address)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(siege.run)
            await siege.all_begun()
            fetch = partial(
                buyer.host.fetch,
                siege.peer_id,
                [address],
                ORDER,
                spool,
                Fingerprint(bytes(32), made.root, made.records, 0),
                progress=lambda stored, of: None,
                paused=lambda: False,
            )
            assert await tried_again(fetch) == spool.delivery_root()
            question = [text("Still there?")]
            await tried_again(partial(buyer.host.send, siege.peer_id, [address], question))
            peak, bugs = (int(word) for word in (await owner.ask()).split())
            nursery.cancel_scope.cancel()
    assert peak <= MEMORY_KIB
    assert bugs == 0
    assert siege.begun.keys() == WAYS.keys()
