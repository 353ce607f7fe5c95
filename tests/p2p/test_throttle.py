"""One limit that all deliveries share, and that may change while they run."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from p2p.spool import Spool
from p2p.throttle import Bucket, Throttle
from tests.p2p.people import Person, make_dataset, on_line
from tests.p2p.streams import wire_pair
from tests.p2p.test_delivery import DK, ORDER, fetch

RATES = st.integers(1000, 10_000_000)
COSTS = st.lists(st.integers(1, 65_536), min_size=1, max_size=40)


@given(RATES, COSTS)
def test_in_any_stretch_no_more_passes_than_rate_times_time_and_one_piece(
    rate: int, costs: list[int]
) -> None:
    bucket, now, passed = Bucket(0.0, rate), 0.0, []
    for cost in costs:
        now += bucket.delay(now)
        assert bucket.delay(now) == pytest.approx(0, abs=1e-6)
        bucket.take(now, cost)
        passed.append((now, cost))
    for first in range(len(passed)):
        total = 0
        for at, cost in passed[first:]:
            total += cost
            assert total <= rate * (at - passed[first][0]) + 65_536 + 2
    # And no less: nothing is lost by waiting.
    assert now == pytest.approx(sum(costs[:-1]) / rate, abs=1.01 / rate)


@given(RATES, RATES, COSTS, st.floats(0, 100))
def test_a_new_rate_holds_from_then_on_for_what_is_not_paid_off_too(
    before: int, after: int, costs: list[int], later: float
) -> None:
    bucket = Bucket(0.0, before)
    for cost in costs:
        bucket.take(0.0, cost)
    owed = max(0.0, sum(costs) - later * before)
    bucket.set_rate(later, after)
    assert bucket.delay(later) == pytest.approx(owed / after, rel=1e-6, abs=1.01 / after)
    bucket.set_rate(later, 0)
    assert bucket.delay(later) == 0
    bucket.take(later, 10**9)
    assert bucket.delay(later + 1) == 0
    bucket.set_rate(later + 1, after)
    assert bucket.delay(later + 1) == 0  # what passed without a limit is not owed later


@given(RATES, st.floats(0, 10_000))
def test_time_in_which_nothing_passes_is_not_saved_up(rate: int, idle: float) -> None:
    bucket = Bucket(0.0, rate)
    bucket.take(idle, rate)
    assert bucket.delay(idle) == pytest.approx(1)


@pytest.mark.trio
async def test_deliveries_share_one_limit_in_equal_parts(
    autojump_clock: trio.testing.MockClock,
) -> None:
    throttle, passed = Throttle(1000), [0, 0, 0]

    async def deliver(which: int) -> None:
        while True:
            await throttle.wait(100)
            passed[which] += 100

    with trio.move_on_after(30):
        async with trio.open_nursery() as nursery:
            for which in range(3):
                nursery.start_soon(deliver, which)
    assert sum(passed) == pytest.approx(30_000, abs=200)
    assert max(passed) - min(passed) <= 100


@pytest.mark.trio
@pytest.mark.parametrize(("limit", "seconds"), [(100_000, 1), (0, 0), (500, 200)])
async def test_a_change_holds_at_once_for_whoever_waits(
    limit: int, seconds: float, autojump_clock: trio.testing.MockClock
) -> None:
    throttle = Throttle(1000)
    await throttle.wait(101_000)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(throttle.wait, 1)
        await trio.sleep(1)
        throttle.set_limit(limit)
        assert throttle.limit == limit
    assert trio.current_time() - 1 == pytest.approx(seconds)


@pytest.mark.trio
async def test_who_gives_up_waiting_leaves_the_turn_to_the_next(
    autojump_clock: trio.testing.MockClock,
) -> None:
    throttle = Throttle(1000)
    await throttle.wait(10_000)
    with trio.move_on_after(1):
        await throttle.wait(1000)
    await throttle.wait(1000)
    assert trio.current_time() == pytest.approx(10)


@pytest.mark.trio
async def test_waiting_for_the_limit_is_no_silence_of_the_peer(
    autojump_clock: trio.testing.MockClock,
) -> None:
    one, other = wire_pair()
    one.slow_down(writing=Throttle(5000))
    other.slow_down(reading=Throttle(4000))
    read: list[bytes | None] = []

    async def take() -> None:
        read.append(await other.read())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(take)
        await one.write(b"\3" * 1_000_000)
    assert read == [b"\3" * 1_000_000]
    assert trio.current_time() > 180  # and the limit on silence is a minute


@pytest.mark.trio
@pytest.mark.parametrize("direct", [False, True], ids=["session", "line"])
@pytest.mark.parametrize("side", ["uploads", "downloads"])
async def test_a_running_delivery_stands_as_soon_as_its_side_says_so_and_runs_when_it_says_so(
    side: str, direct: bool, tmp_path: Path
) -> None:
    """Above a limit of almost nothing only the piece passes that was already on its way."""
    dataset = make_dataset(tmp_path, 30_000_000)
    made = dataset.made.fingerprint
    spool = Spool(tmp_path / "spool", made.records, made.root)
    throttle = Throttle()
    owner = Person("anna", direct=direct, limits={"uploads": throttle} if side == "uploads" else {})
    buyer = Person(
        "ben", direct=direct, limits={"downloads": throttle} if side == "downloads" else {}
    )
    owner.sources[ORDER] = dataset.source(DK)
    stands = trio.Event()

    def stored(count: int, of: int) -> None:
        if count >= 2 and not stands.is_set():
            throttle.set_limit(1)
            stands.set()

    async def go_on(then: Callable[[], None]) -> None:
        await stands.wait()
        for _ in range(200):
            await trio.lowlevel.checkpoint()
        then()

    at: list[int] = []

    def run() -> None:
        at.append(spool.next_chunk)
        throttle.set_limit(0)

    async with on_line(owner, buyer), trio.open_nursery() as nursery:
        nursery.start_soon(go_on, run)
        assert await fetch(buyer, owner, spool, progress=stored) == spool.delivery_root()
    assert at[0] < spool.chunks
    assert spool.complete


def test_the_parts_of_a_limit_are_equal_for_any_order_of_costs() -> None:
    bucket = Bucket(0.0, 10.0)
    delays = []
    for cost in (5, 20, 1):
        bucket.take(0.0, cost)
        delays.append(bucket.delay(0.0))
    assert [round(b - a, 9) for a, b in pairwise([0.0, *delays])] == [0.5, 2.0, 0.1]
