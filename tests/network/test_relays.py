"""Deliveries between two whom nobody can dial, through relays that are processes and die."""

import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio

from p2p import keeping
from p2p.connections import Connection
from p2p.errors import PeerError, Unreachable
from p2p.kept_sealing import ticket
from p2p.parcel_saving import KeptBlocks
from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.network.relays import Station, station
from tests.network.trade import LONG, NOTICED_SECONDS, ORDER, PATIENCE, Trade
from tests.p2p.people import make_dataset, on_line, text
from tests.p2p.relayed import hidden, until

SIZE = 2_500_000


@dataclass
class Apart(Trade):
    """A trade whose sides meet at relays only. There is no link: ``addresses`` are the owner's."""

    addresses: tuple[str, ...] = field(default=())

    async def fetch(self, at_chunk: Callable[[int], None] = lambda stored: None) -> bytes:
        def paused() -> bool:
            at_chunk(self.spool.next_chunk)
            return False

        return await self.buyer.host.fetch(
            self.owner.peer_id,
            self.addresses,
            ORDER,
            self.spool,
            Fingerprint(bytes(32), self.spool.root, self.spool.records, 0),
            progress=lambda stored, of: None,
            paused=paused,
        )


@asynccontextmanager
async def trading(folder: Path, size: int, *stations: Station) -> AsyncIterator[Apart]:
    dataset = make_dataset(folder, size)
    owner, buyer = hidden("anna"), hidden("ben")
    owner.sources[ORDER] = dataset.source()
    async with on_line(owner, buyer):
        owner.host.use_relays([each.address for each in stations])
        await until(lambda: len(owner.host.circuits) == len(stations))
        assert owner.addresses == buyer.addresses == ()
        yield Apart(owner, buyer, dataset, None, folder, owner.host.circuits)  # type: ignore[arg-type]


@pytest.mark.trio
async def test_a_delivery_and_a_talk_through_a_relay(tmp_path: Path) -> None:
    with trio.fail_after(PATIENCE):
        async with station(tmp_path / "1") as one, trading(tmp_path, SIZE, one) as trade:
            said = [text(f"{number}") for number in range(3)]
            await trade.buyer.host.send(trade.owner.peer_id, trade.addresses, said)
            assert [message for _, message in trade.owner.inbox] == said
            await trade.fetch()
            trade.assert_whole()


@pytest.mark.trio
async def test_without_its_relay_there_is_no_way(tmp_path: Path) -> None:
    with trio.fail_after(PATIENCE):
        async with station(tmp_path / "1") as one, trading(tmp_path, SIZE, one) as trade:
            await one.kill()
            with pytest.raises(Unreachable):
                await trade.fetch()
            assert not trade.spool.next_chunk


@pytest.mark.trio
async def test_a_relay_dies_on_the_way_and_the_next_one_is_taken(tmp_path: Path) -> None:
    """What is stored already is not sent again, whichever of the two was in use."""
    with trio.fail_after(PATIENCE):
        async with AsyncExitStack() as stack:
            stations = [await stack.enter_async_context(station(tmp_path / n)) for n in "12"]
            trade = await stack.enter_async_context(trading(tmp_path, LONG, *stations))

            def kill(stored: int) -> None:
                if stored == 3:
                    in_use(trade, stations).process.kill()

            with pytest.raises(Unreachable):
                await trade.fetch(kill)
            stored = trade.spool.next_chunk
            assert 3 <= stored < trade.spool.chunks
            trade.owner.sent.clear()
            await trade.fetch()
            assert trade.owner.sent[0] == (stored, stored)
            trade.assert_whole()


def connections(trade: Trade) -> list[Connection]:
    return trade.buyer.host._connections.held(trade.owner.peer_id)


def in_use(trade: Trade, stations: Sequence[Station]) -> Station:
    """The one through which the two are connected."""
    used = next(c.via.peer_id for c in connections(trade) if c.via is not None)
    return next(each for each in stations if each.address.endswith(used))


@pytest.mark.trio
@pytest.mark.skipif(os.name == "nt", reason="Windows cannot stop a process")
async def test_a_relay_that_is_stopped_is_noticed_by_both_and_the_next_one_is_taken(
    tmp_path: Path, quick_silence: pytest.MonkeyPatch
) -> None:
    """Its sockets stay open, and whoever dials it is let in by its system and never answered."""
    with trio.fail_after(PATIENCE):
        async with AsyncExitStack() as stack:
            stations = [await stack.enter_async_context(station(tmp_path / n)) for n in "12"]
            trade = await stack.enter_async_context(trading(tmp_path, LONG, *stations))
            stopped_at: float | None = None

            def stop(stored: int) -> None:
                nonlocal stopped_at
                if stored >= 3 and stopped_at is None:
                    in_use(trade, stations).process.send_signal(signal.SIGSTOP)
                    stopped_at = trio.current_time()

            while stopped_at is None:  # a pause of the machine was taken for silence: it is resumed
                with pytest.raises(Unreachable):
                    await trade.fetch(stop)
            assert trio.current_time() - stopped_at < NOTICED_SECONDS
            await until(lambda: not trade.owner.host.peers)
            assert trio.current_time() - stopped_at < NOTICED_SECONDS
            quick_silence.undo()
            stored = trade.spool.next_chunk
            assert 3 <= stored < trade.spool.chunks
            trade.owner.sent.clear()
            await until(lambda: len(trade.owner.host.circuits) == 1)
            await trade.fetch()
            assert trade.owner.sent[0] == (stored, stored)
            trade.assert_whole()


@pytest.mark.trio
async def test_a_circuit_that_carries_little_delivers_in_the_end(tmp_path: Path) -> None:
    """Each circuit takes 4 MB; the delivery is six times that and goes on where it was."""
    with trio.fail_after(PATIENCE):
        async with (
            station(tmp_path / "1", "--circuit-bytes=4MB") as one,
            trading(tmp_path, LONG, one) as trade,
        ):
            assert await trade.fetch_in_the_end() > 5
            trade.assert_whole()


@pytest.mark.trio
async def test_a_relay_that_is_killed_in_the_middle_has_a_beginning_and_gives_no_half_parcel(
    tmp_path: Path,
) -> None:
    """Killed while the owner leaves it, and again while the buyer fetches it; the port stays."""
    dataset = make_dataset(tmp_path, LONG)
    blocks = KeptBlocks(dataset.source())
    records = dataset.made.fingerprint.records
    layout, known = keeping.shape(records), ticket(b"s" * 32, ORDER)
    spool = Spool(tmp_path / "spool", records, dataset.made.fingerprint.root)
    keep = f"--keep={tmp_path / 'kept'}"
    owner, buyer = hidden("anna"), hidden("ben")
    there_at_first: list[int] = []

    async def leave(relay: Station, kill_at: int = -1) -> None:
        heard: list[int] = []

        def progress(there: int, of: int) -> None:
            heard.append(there)
            if there == kill_at:
                relay.process.kill()

        try:
            await owner.host.kept.leave(
                relay.address, known, buyer.peer_id, dataset.source(),
                progress=progress, stopped=lambda: False,
            )  # fmt: skip
        finally:
            there_at_first.append(heard[0])

    async def fetch(relay: Station, kill_at: int = -1) -> None:
        def progress(stored: int, of: int) -> None:
            if stored == kill_at:
                relay.process.kill()

        await buyer.host.kept.fetch(
            relay.address, known, spool, progress=progress, stopped=lambda: False
        )

    with trio.fail_after(PATIENCE):
        async with on_line(owner, buyer):
            async with station(tmp_path / "1", keep) as relay:
                with pytest.raises(Unreachable):
                    await leave(relay, kill_at=5)
                port = int(relay.address.split("/tcp/")[1].split("/")[0])
            async with station(tmp_path / "1", keep, port=port) as relay:
                with pytest.raises(PeerError, match=keeping.NO_PARCEL):
                    await fetch(relay)
                await leave(relay)
                assert 5 <= there_at_first[1] < layout.blocks
                with pytest.raises(Unreachable):
                    await fetch(relay, kill_at=3)
            stored = spool.next_chunk
            assert 3 <= stored < spool.chunks
            async with station(tmp_path / "1", keep, port=port) as relay:
                await fetch(relay)
    assert spool.complete
    assert spool.ciphertext(0) == blocks.block(layout.leaf_blocks)
