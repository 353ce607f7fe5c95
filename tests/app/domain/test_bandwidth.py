"""Limits, and hours at which they do not hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bandwidth import (
    DAY_MINUTES,
    LEAST_BYTES,
    MOST_BYTES,
    Bandwidth,
    checked,
    is_full_speed,
    limits,
)
from app.domain.errors import RuleError

MINUTES = st.integers(0, DAY_MINUTES - 1)
SET = Bandwidth(2_500_000, 900_000, True, 22 * 60, 6 * 60)


@pytest.mark.parametrize(
    ("minute", "full"),
    [(22 * 60, True), (22 * 60 - 1, False), (0, True), (6 * 60 - 1, True), (6 * 60, False)],
)
def test_the_hours_go_over_midnight(minute: int, full: bool) -> None:
    assert is_full_speed(SET, minute) is full
    assert limits(SET, minute) == ((0, 0) if full else (2_500_000, 900_000))
    assert limits(replace(SET, full_speed=False), minute) == (2_500_000, 900_000)


@given(MINUTES, MINUTES)
def test_a_day_has_as_many_free_minutes_as_the_hours_are_long(since: int, until: int) -> None:
    bandwidth = replace(SET, full_from=since, full_until=until)
    free = [minute for minute in range(DAY_MINUTES) if is_full_speed(bandwidth, minute)]
    assert len(free) == (until - since) % DAY_MINUTES
    assert (since in free) == (since != until)
    assert until not in free


@pytest.mark.parametrize("limit", [0, LEAST_BYTES, MOST_BYTES])
def test_limits_that_deliveries_can_work_with(limit: int) -> None:
    assert checked(Bandwidth(limit, limit)).upload_bytes == limit


@pytest.mark.parametrize(
    "bandwidth",
    [
        Bandwidth(upload_bytes=LEAST_BYTES - 1),
        Bandwidth(download_bytes=MOST_BYTES + 1),
        Bandwidth(upload_bytes=-1),
        Bandwidth(full_from=DAY_MINUTES),
        Bandwidth(full_until=-1),
    ],
)
def test_others_are_refused(bandwidth: Bandwidth) -> None:
    with pytest.raises(RuleError):
        checked(bandwidth)
