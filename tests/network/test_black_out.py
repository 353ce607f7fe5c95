"""Half a minute without light at the product's own pace: both ends notice, and it goes on.

Nothing is hurried here: pings and silence are those of `p2p.limits`. A session and a line
of its own are dark at the same time, so that the half minute is waited for once.
"""

from pathlib import Path

import pytest
import trio

from p2p import direct, serving
from p2p.errors import Unreachable
from p2p.limits import CHUNKS_UNACKNOWLEDGED
from p2p.records import CHUNK
from tests.network.trade import LONG, NOTICED_SECONDS, PATIENCE, Trade, trading

DARK_SECONDS = 30.0
"""More than the silence after which a peer is gone, on a session and on a line."""


async def _dark_for_half_a_minute(folder: Path, line: bool) -> None:
    folder.mkdir()
    async with trading(folder, LONG, line=line) as trade:
        while (fell := await _fetch_until_dark(trade)) is None:
            pass  # a pause of the machine was taken for silence: it is resumed
        while trade.owner.host.peers or trade.buyer.host.peers:
            await trio.sleep(0.01)
        assert trio.current_time() - fell < NOTICED_SECONDS
        assert trade.link.accepted >= 1 + line
        await trio.sleep_until(fell + DARK_SECONDS)
        trade.link.light()
        stored, down = trade.spool.next_chunk, trade.link.down
        assert 3 <= stored < trade.spool.chunks
        trade.owner.sent.clear()
        await trade.fetch_in_the_end()
        trade.assert_whole()
        left = trade.spool.chunks - stored + CHUNKS_UNACKNOWLEDGED
        assert trade.link.down - down <= left * CHUNK * 1.02


async def _fetch_until_dark(trade: Trade) -> float | None:
    """When it went dark, after three chunks, and the buyer had noticed; None if it did not yet."""
    fell: float | None = None

    def dark(stored: int) -> None:
        nonlocal fell
        if stored >= 3 and fell is None:
            trade.link.black_out()
            fell = trio.current_time()

    with pytest.raises(Unreachable):
        await trade.fetch(dark)
    return fell


@pytest.mark.trio
@pytest.mark.timeout(PATIENCE)
async def test_after_half_a_minute_in_the_dark_it_goes_on_at_the_chunk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LINE_WAIT_SECONDS", PATIENCE)  # the line carries from the first
    monkeypatch.setattr(direct, "LINE_SECONDS", PATIENCE)
    async with trio.open_nursery() as nursery:
        for line in (False, True):
            folder = tmp_path / ("line" if line else "session")
            nursery.start_soon(_dark_for_half_a_minute, folder, line)
