"""A burst at once, then so much each second."""

import pytest
import trio
import trio.testing

from p2p.pace import Pace


@pytest.mark.trio
async def test_a_burst_passes_and_what_is_above_it_waits(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace = Pace(10, 2)
    await pace.wait(10)
    assert trio.current_time() == 0
    await pace.wait(4)
    assert trio.current_time() == 2
    await trio.sleep(100)  # no more than the burst is saved up
    await pace.wait(10)
    assert trio.current_time() == 102
    await pace.wait()
    assert trio.current_time() == 102.5


@pytest.mark.trio
async def test_what_may_not_be_taken_now_is_not_counted(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace = Pace(2, 0.5)
    assert [pace.take() for _ in range(5)] == [True, True, False, False, False]
    await trio.sleep(2)
    assert [pace.take() for _ in range(2)] == [True, False]
