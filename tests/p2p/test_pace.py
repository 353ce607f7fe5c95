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


@pytest.mark.trio
async def test_what_is_charged_is_waited_for_and_never_longer_than_said(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace = Pace(4, 1)
    pace.charge(3, most=10)
    assert [pace.take() for _ in range(2)] == [True, False]
    for _ in range(100):
        pace.charge(5, most=10)
    await trio.sleep(10.5)
    assert not pace.take()
    await trio.sleep(0.5)
    assert pace.take()


@pytest.mark.trio
async def test_what_is_given_back_is_no_more_than_a_burst(
    autojump_clock: trio.testing.MockClock,
) -> None:
    pace = Pace(2, 0.001)
    await pace.wait(2)
    for _ in range(9):
        pace.give_back(1)
    assert [pace.take() for _ in range(3)] == [True, True, False]
