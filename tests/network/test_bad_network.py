"""Deliveries through delay, loss, black-outs, moves and cuts: whole in the end, never from anew."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import trio

from p2p import direct, serving
from p2p.errors import Unreachable
from p2p.limits import CHUNKS_UNACKNOWLEDGED, SILENCE_SECONDS
from p2p.records import CHUNK
from tests.network.link import PIECE, Weather
from tests.network.trade import LONG, NOTICED_SECONDS, PATIENCE, Trade, place_of, trading
from tests.p2p.people import Person, on_line, text

SIZE = 2_500_000  # three chunks

either_way = pytest.mark.parametrize("line", [False, True], ids=["session", "line"])


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line is waited for as long as the weather takes."""
    monkeypatch.setattr(serving, "LINE_WAIT_SECONDS", PATIENCE)
    monkeypatch.setattr(direct, "LINE_SECONDS", PATIENCE)


@pytest.mark.trio
@pytest.mark.parametrize(
    "weather",
    [
        Weather(),
        Weather(delay=(0.0, 0.05)),
        Weather(delay=(0.1, 0.4)),
        Weather(delay=(0.02, 0.04), loss=1.0),
        Weather(delay=(0.0, 0.02), loss=5.0),
        Weather(delay=(0.1, 0.4), loss=5.0),
    ],
    ids=["clear", "jitter", "satellite", "1 % lost", "5 % lost", "satellite, 5 % lost"],
)
@either_way
async def test_it_arrives_whole_at_the_first_attempt(
    tmp_path: Path, weather: Weather, line: bool
) -> None:
    async with trading(tmp_path, SIZE, weather, line=line) as trade:
        await trade.fetch()
        trade.assert_whole()
        assert trade.link.accepted == 1 + line


@pytest.mark.trio
@either_way
async def test_a_long_line_is_full_from_the_first_chunk_to_the_last_that_fits(
    tmp_path: Path, line: bool
) -> None:
    """No window on the way is smaller than the credit: at 400 ms each way a line holds more than
    8 MiB before the first acknowledgement can be back. A sender that lets one chunk too few be
    under way stands still here for ever, and on such a line at each round trip."""
    async with trading(tmp_path, LONG, line=line) as trade:
        link = trade.link
        link.most = 2 * LONG // PIECE
        begun = False

        async def shorten() -> None:
            while link.down < LONG - link.holds:
                await trio.sleep(0.01)
            link.shorten()

        async with trio.open_nursery() as nursery:

            def lengthen(stored: int) -> None:
                nonlocal begun
                if not begun and link.accepted == 1 + line:
                    begun = True
                    link.holds = (CHUNKS_UNACKNOWLEDGED - 2) * CHUNK
                    nursery.start_soon(shorten)

            with trio.fail_after(60):
                await trade.fetch(lengthen)
        assert begun
        trade.assert_whole()


@pytest.mark.trio
async def test_messages_pass_through_the_same_weather(tmp_path: Path) -> None:
    async with trading(tmp_path, 5000, Weather(delay=(0.1, 0.4))) as trade:
        said = [text(f"{number}") for number in range(3)]
        await trade.buyer.host.send(trade.owner.peer_id, [trade.link.multiaddr()], said)
        assert [message for _, message in trade.owner.inbox] == said


@pytest.mark.trio
@either_way
async def test_a_cut_at_any_byte_is_never_the_peers_fault_and_it_goes_on_at_the_chunk(
    tmp_path: Path, line: bool
) -> None:
    """A first byte, a handshake, a hello, leaf hashes, heads and middles of chunks, the end."""
    places = random.Random(4)
    cuts = [1, 20, 100, 300, 700, 1200, 5000, 21_000, 2 * CHUNK - 3, 2 * CHUNK + 25_000]
    cuts += [places.randrange(1, 2 * CHUNK) for _ in range(8)]
    async with trading(tmp_path, LONG, line=line) as trade:
        for cut in cuts:
            before = trade.spool.next_chunk
            trade.owner.sent.clear()
            trade.link.cut_each_after(cut)
            with pytest.raises(Unreachable):
                await trade.fetch()
            assert trade.owner.sent[:1] in ([], [(before, before)])
            assert trade.spool.next_chunk >= before
        assert 2 <= trade.spool.next_chunk < trade.spool.chunks
        trade.open_spool()  # and the app was started again, too
        trade.link.cut_each_after((2 if line else 4) * CHUNK)
        assert await trade.fetch_in_the_end() > 3
        trade.assert_whole()


@pytest.mark.trio
@either_way
async def test_a_cut_link_sends_no_more_than_the_unacknowledged_chunks_again(
    tmp_path: Path, line: bool
) -> None:
    async with trading(tmp_path, LONG, line=line) as trade:

        def cut(stored: int) -> None:
            if stored == 3:
                trade.link.cut()

        with pytest.raises(Unreachable):
            await trade.fetch(cut)
        assert 3 <= trade.spool.next_chunk < trade.spool.chunks
        stored, down = trade.spool.next_chunk, trade.link.down
        assert down <= (stored + CHUNKS_UNACKNOWLEDGED + 1) * CHUNK * 1.02
        await trade.fetch()
        trade.assert_whole()
        assert trade.link.down - down <= (trade.spool.chunks - stored) * CHUNK * 1.02


async def _noticed_then_finished(
    trade: Trade,
    quick_silence: pytest.MonkeyPatch,
    harm: Callable[[], None],
    mend: Callable[[], None] = lambda: None,
    owner: Person | None = None,
) -> None:
    """The line is harmed after three chunks: both ends notice it, and it goes on where it was."""

    harmed_at: float | None = None

    def harmed(stored: int) -> None:
        nonlocal harmed_at
        if stored >= 3 and harmed_at is None:
            harm()
            harmed_at = trio.current_time()

    while harmed_at is None:  # a pause of the machine was taken for silence: it is resumed
        with pytest.raises(Unreachable):
            await trade.fetch(harmed)
    while trade.owner.host.peers or trade.buyer.host.peers:
        await trio.sleep(0.01)
    assert trio.current_time() - harmed_at < NOTICED_SECONDS
    quick_silence.undo()
    mend()
    stored = trade.spool.next_chunk
    assert 3 <= stored < trade.spool.chunks
    trade.owner.sent.clear()
    await trade.fetch()
    trade.assert_whole()
    assert (owner or trade.owner).sent[0] == (stored, stored)


@pytest.mark.trio
@either_way
async def test_a_short_black_out_is_sat_out(tmp_path: Path, line: bool) -> None:
    """A tenth of what is silence."""
    async with trading(tmp_path, LONG, line=line) as trade, trio.open_nursery() as nursery:
        gone_dark = False

        async def dark_for_a_moment() -> None:
            trade.link.black_out()
            await trio.sleep(SILENCE_SECONDS / 10)
            trade.link.light()

        def dark(stored: int) -> None:
            nonlocal gone_dark
            if stored >= 3 and not gone_dark:  # once: it is asked more than once before a chunk
                gone_dark = True
                nursery.start_soon(dark_for_a_moment)

        await trade.fetch(dark)
        assert gone_dark
        trade.assert_whole()
        assert trade.link.accepted == 1 + line


@pytest.mark.trio
@either_way
async def test_a_long_black_out_is_noticed_by_both_and_it_goes_on_at_the_chunk(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch, line: bool
) -> None:
    async with trading(tmp_path, LONG, line=line) as trade:
        link = trade.link
        await _noticed_then_finished(trade, quick_silence, link.black_out, link.light)


@pytest.mark.trio
@either_way
async def test_a_frozen_link_is_noticed_by_both(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch, line: bool
) -> None:
    """It accepts connections and forwards nothing, as some middle boxes do."""
    async with trading(tmp_path, LONG, line=line) as trade:
        await _noticed_then_finished(trade, quick_silence, trade.link.freeze, trade.link.thaw)


@pytest.mark.trio
@either_way
async def test_a_buyer_with_a_new_address_goes_on(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch, line: bool
) -> None:
    async with trading(tmp_path, LONG, line=line) as trade:
        link = trade.link
        await _noticed_then_finished(trade, quick_silence, lambda: link.move(source="127.0.0.2"))
        assert link.source == "127.0.0.2"
        assert link.accepted >= 2 * (1 + line)


@pytest.mark.trio
@either_way
async def test_an_owner_with_a_new_address_goes_on(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch, line: bool
) -> None:
    """The same owner, started again elsewhere; what it kept of the delivery is still there."""
    async with trading(tmp_path, LONG, line=line) as trade:
        away = Person(trade.owner.name, listen=("/ip4/127.0.0.3/tcp/0",), direct=line)
        away.sources = trade.owner.sources
        async with on_line(away):
            moved = partial(trade.link.move, target=place_of(away))
            away.host._connections.listening = trade.owner.host._connections.listening
            await _noticed_then_finished(trade, quick_silence, moved, owner=away)
            assert trade.link.accepted >= 2 * (1 + line)


@pytest.mark.trio
async def test_a_link_that_never_answers_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with trading(tmp_path, SIZE) as trade:
        trade.link.freeze()
        with monkeypatch.context() as impatient:
            impatient.setattr("p2p.connections.DIAL_SECONDS", 0.3)
            with pytest.raises(Unreachable, match="not on line"):
                await trade.fetch()
        trade.link.thaw()
        await trade.fetch()
        trade.assert_whole()
