"""Thirty hostile peers beset an owner for the whole time of an honest delivery, and a relay while
it passes one on: it arrives.

How fast is for ``python -m bench siege``. LADING_PROVE delivers more, and so lasts longer.
"""

import json
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from p2p.records import Fingerprint
from p2p.spool import Spool
from tests.counts import PROVE
from tests.network.besieged import most_memory
from tests.network.children import child
from tests.network.hostile import SINS
from tests.network.relays import station
from tests.network.test_relays import trading
from tests.network.trade import LONG, ORDER, PATIENCE
from tests.p2p.people import Person, make_dataset, on_line, text
from tests.p2p.relayed import hidden

HOSTILE = 30
PROCESSES = 2
SIZE = 256_000_000 if PROVE else LONG
MOST_MIB = 512
BOUNDED = {"slow_writers", "filled_windows", "deaf", "frames_without_end", "stream_flood"}
"""Sins that may last: they keep a place and cost little. All others are shown out at once."""


@pytest.mark.trio
@pytest.mark.timeout(PATIENCE)
async def test_a_delivery_goes_on_while_thirty_hostile_peers_do_their_worst(
    tmp_path: Path,
) -> None:
    assert HOSTILE // len(SINS) >= 3
    async with AsyncExitStack() as stack:
        hostile = []
        liars: list[str] = []
        for number in range(PROCESSES):
            many = HOSTILE // PROCESSES
            arguments = (str(number * many), str(many), "100000")
            folder = tmp_path / f"hostile {number}"
            process = child(folder, *arguments, module="tests.network.hostile")
            hostile.append(await stack.enter_async_context(process))
            liars += json.loads(await hostile[-1].line())
        (tmp_path / "same").mkdir()
        made = make_dataset(tmp_path / "same", SIZE).made.fingerprint
        arguments = (str(SIZE), *liars)
        owner = await stack.enter_async_context(
            child(tmp_path / "owner", *arguments, module="tests.network.besieged")
        )
        address = await owner.line()
        for process in hostile:
            await process.say(address)
        for process in hostile:
            assert await process.line() == "all"  # each has sinned once, and goes on
        buyer = Person("ben")
        spool = Spool(tmp_path / "spool", made.records, made.root)
        async with on_line(buyer):
            root = await buyer.host.fetch(
                address.rpartition("/")[2],
                [address],
                ORDER,
                spool,
                Fingerprint(bytes(32), made.root, made.records, 0),
                progress=lambda stored, of: None,
                paused=lambda: False,
            )
            assert root == spool.delivery_root()  # what the owner sealed is what lies here
            assert spool.complete
            newcomer = Person("carl")
            async with on_line(newcomer):
                await newcomer.host.send(address.rpartition("/")[2], [address], [text()])
        did = {}
        for process in hostile:
            did.update(json.loads(await process.end()))
        assert len(did) == HOSTILE
        for peer, (began, shown_out) in did.items():
            assert shown_out or peer.split()[0] in BOUNDED or began == 1, (peer, began)
        used = json.loads(await owner.end())
        assert used["memory"] <= MOST_MIB
        assert used["found_out"] > 0


@pytest.mark.trio
@pytest.mark.timeout(PATIENCE)
async def test_a_relay_goes_on_while_hostile_peers_do_their_worst(tmp_path: Path) -> None:
    """``lading relay`` as it is started by who runs one, with each sin from two addresses."""
    many = 2 * len(SINS)
    hostile = child(tmp_path / "hostile", "0", str(many), "100000", module="tests.network.hostile")
    async with station(tmp_path / "relay") as relay, hostile as process:
        await process.line()  # who lies to a buyer has none here
        await process.say(relay.address)
        (tmp_path / "trade").mkdir()
        async with trading(tmp_path / "trade", SIZE // 4, relay) as trade:
            await trade.fetch_in_the_end()
            trade.assert_whole()
            assert await process.line() == "all"  # each has sinned once, and goes on
            newcomer = hidden("carl")
            async with on_line(newcomer):
                await newcomer.host.send(trade.owner.peer_id, trade.addresses, [text()])
            assert [peer.identity for peer, _ in trade.owner.inbox] == ["carl"]
        did = json.loads(await process.end())
        assert len(did) == many
        for peer, (began, shown_out) in did.items():
            assert shown_out or peer.split()[0] in BOUNDED or began == 1, (peer, began)
        assert most_memory(relay.process.pid) <= MOST_MIB


@pytest.mark.parametrize("rest", [163, 290], ids=["lading node", "a window"])
def test_what_all_bounds_allow_together_is_less_than_the_siege_may_cost(rest: int) -> None:
    """The sum of p2p/README, from the bounds as they are; ``rest``: MiB of the process at rest."""
    from p2p import limits as most

    held = most.UNREAD_BYTES + most.WIDE_WINDOWS_BYTES
    streams = most.CONNECTIONS * most.STREAMS_ALWAYS + most.STREAMS_MORE
    sockets = most.CONNECTIONS * (256 * 1024 + 64 * 1024)
    answers = most.CONNECTIONS * (most.CONTROL_FRAMES + most.STREAMS_PER_CONNECTION) * 64
    sum_of_all = held + streams * most.MESSAGE_BYTES + sockets + answers
    assert sum_of_all + rest * 2**20 <= MOST_MIB * 2**20
