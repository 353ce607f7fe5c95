"""Looks at the record: those that somebody else asks for, and how often there is one anyway."""

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from app.engine import ledger
from chain.answers import Block
from chain.errors import ChainError, Unreachable, WrongNetwork
from chain.indexer import Advance
from tests.app.engine.sides import NOW, Pair


class Chain:
    """Answers each look once the test lets it."""

    def __init__(self) -> None:
        self.begun = 0
        self.asked: list[str] = []
        self.rewound_to: int | None = None
        self.gate = trio.Semaphore(0)

    async def run_sync(self, question, *arguments):
        """In place of a worker thread: only the look at the chain itself waits."""
        self.asked.append(question.__name__)
        if question.__name__ != "advance":
            return 0
        self.begun += 1
        await self.gate.acquire()
        return Advance(Block(100 + self.begun, b"h" * 32, NOW), 0, self.rewound_to, True)


@pytest.mark.trio
async def test_a_look_counts_if_it_began_after_the_question(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    chain = Chain()
    monkeypatch.setattr(ledger.trio.to_thread, "run_sync", chain.run_sync)
    record, seen = pair.owner.ledger, []
    record._poll_seconds = 3600.0

    async def advanced(advance: Advance) -> None:
        seen.append(advance.head.number)

    async def ask() -> None:
        await record.looked(lambda: False)
        seen.append("answered")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(record.follow, advanced)
        await wait_all_tasks_blocked()
        nursery.start_soon(ask)  # while the first is under way, which may miss what it is about
        await wait_all_tasks_blocked()
        chain.gate.release()
        await wait_all_tasks_blocked()
        assert (chain.begun, seen) == (2, [101])
        chain.gate.release()
        await wait_all_tasks_blocked()
        assert seen == [101, 102, "answered"]
        too_many = 3
        for _ in range(ledger.LOOKS_AT_ONCE - 1 + too_many):
            nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        assert seen.count("answered") == 1 + too_many  # these are not waited for
        chain.gate.release()
        await wait_all_tasks_blocked()
        assert seen.count("answered") == ledger.LOOKS_AT_ONCE + too_many
        assert chain.begun == 3  # one for all
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_the_look_under_way_counts_if_it_brings_what_is_wanted(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    chain = Chain()
    monkeypatch.setattr(ledger.trio.to_thread, "run_sync", chain.run_sync)
    record, seen, answered = pair.owner.ledger, [], []

    async def advanced(advance: Advance) -> None:
        seen.append(advance.head.number)

    async def ask(wanted: int) -> None:
        await record.looked(lambda: wanted in seen)
        answered.append(wanted)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(record.follow, advanced)
        await wait_all_tasks_blocked()
        for wanted in (101, 102):
            nursery.start_soon(ask, wanted)
        await wait_all_tasks_blocked()
        assert answered == []
        chain.gate.release()
        await wait_all_tasks_blocked()
        assert answered == [101]
        chain.gate.release()
        await wait_all_tasks_blocked()
        assert answered == [101, 102]
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_orders_hear_of_a_block_before_anything_else_is_asked(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    """The first time a fee and a time are needed with the block. While a newer one waits nothing
    else is asked; but not in two looks running."""
    chain, beside = Chain(), ["_time_of_final", "fee_wei"]
    monkeypatch.setattr(ledger.trio.to_thread, "run_sync", chain.run_sync)
    record = pair.owner.ledger
    record._poll_seconds = 3600.0
    news = False

    async def advanced(advance: Advance) -> None:
        chain.asked.append("told")
        if news:
            record.look_again()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(record.follow, advanced)

        async def looks(count: int = 1) -> list[str]:
            await wait_all_tasks_blocked()
            chain.asked.clear()
            for _ in range(count):
                chain.gate.release()
                await wait_all_tasks_blocked()
            return [*chain.asked]

        await wait_all_tasks_blocked()
        assert await looks() == [*beside, "told"]
        record.look_again()
        assert await looks() == ["told", *beside]
        news = True
        record.look_again()
        again = ["told", "advance", "told", *beside, "advance"]
        assert await looks(4) == [*again, *again]
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_after_a_reorganisation_no_time_is_final_before_it_was_asked_for(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    chain, record, final = Chain(), pair.owner.ledger, []
    chain.gate = trio.Semaphore(100)
    monkeypatch.setattr(ledger.trio.to_thread, "run_sync", chain.run_sync)
    record._poll_seconds, record.gas_price_wei = 3600.0, 1

    async def advanced(advance: Advance) -> None:
        final.append(record.final_time)

    async with trio.open_nursery() as nursery:
        record.final_time = NOW
        nursery.start_soon(record.follow, advanced)
        await wait_all_tasks_blocked()
        record.final_time, chain.rewound_to = NOW, 100
        record.look_again()
        await wait_all_tasks_blocked()
        record.final_time, chain.rewound_to, chain.begun = NOW, None, 0  # an endpoint behind
        record.look_again()
        await wait_all_tasks_blocked()
        assert final == [NOW, 0, 0]
        nursery.cancel_scope.cancel()


@pytest.mark.trio
@pytest.mark.parametrize("error", [Unreachable("silent"), WrongNetwork("chain 1", "chain 2")])
async def test_a_look_that_broke_off_leaves_no_time_final_and_lets_nothing_wait_longer(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock, error: ChainError
) -> None:
    """Every second look breaks off, and a newer block waits each time."""
    chain, record = Chain(), pair.owner.ledger
    breaks, hurried = False, []

    async def run_sync(question, *arguments):
        answer = await chain.run_sync(question, *arguments)
        if question.__name__ == "advance" and breaks:
            raise error
        return answer

    monkeypatch.setattr(ledger.trio.to_thread, "run_sync", run_sync)
    record._poll_seconds, record.gas_price_wei = 3600.0, 1

    async def advanced(advance: Advance) -> None:
        hurried.append(record.hurries)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(record.follow, advanced)
        await wait_all_tasks_blocked()
        for breaks in (False, True, False, True):
            record.final_time = NOW
            record.look_again()
            chain.gate.release()
            await wait_all_tasks_blocked()
            if breaks:
                assert record.final_time == 0
        assert hurried == [True, False]
        nursery.cancel_scope.cancel()


@pytest.mark.trio
async def test_a_node_that_says_each_block_is_seldom_asked_beside_that(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, mock_clock: MockClock
) -> None:
    chain, silent = Chain(), trio.Event()
    chain.gate = trio.Semaphore(100)
    monkeypatch.setattr(ledger.trio.to_thread, "run_sync", chain.run_sync)

    async def listen(url, rung):
        rung()
        await silent.wait()

    monkeypatch.setattr(ledger.bell, "listen", listen)
    record = pair.owner.ledger
    record._practice, record._poll_seconds = object(), ledger.UNHEARD_SECONDS

    async def advanced(advance: Advance) -> None: ...

    async def looks_within(seconds: float) -> int:
        before = chain.begun
        mock_clock.jump(seconds)
        await wait_all_tasks_blocked()
        return chain.begun - before

    async with trio.open_nursery() as nursery:
        nursery.start_soon(record.hear)
        nursery.start_soon(record.follow, advanced)
        await wait_all_tasks_blocked()
        assert await looks_within(ledger.UNHEARD_SECONDS) == 0
        assert await looks_within(ledger.POLL_SECONDS) == 1
        silent.set()  # the node has gone
        assert await looks_within(0) == 1
        assert await looks_within(ledger.UNHEARD_SECONDS) == 1
        nursery.cancel_scope.cancel()
