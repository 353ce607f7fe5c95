"""What is set holds at once, follows the time of day, and is there after a start."""

from __future__ import annotations

import sys
import time

import pytest
import trio
import trio.testing

from app.domain.bandwidth import DAY_MINUTES, Bandwidth
from app.domain.errors import RuleError
from app.engine import line
from app.engine.line import Line
from tests.app.engine.sides import Pair

SET = Bandwidth(2_000_000, 300_000, True, 22 * 60, 6 * 60)


@pytest.mark.trio
async def test_limits_follow_the_setting_and_the_clock(
    pair: Pair, autojump_clock: trio.testing.MockClock
) -> None:
    minute = [12 * 60]
    database = pair.owner.database
    made = Line(database, lambda: minute[0])
    async with trio.open_nursery() as nursery:
        nursery.start_soon(made.run)
        await trio.sleep(1)
        assert (made.uploads.limit, made.downloads.limit) == (0, 0)
        with database.begin() as session:
            line.keep(session, SET)
        made.look()
        assert (made.uploads.limit, made.downloads.limit) == (2_000_000, 300_000)
        minute[0] = 23 * 60
        await trio.sleep(line.LOOK_SECONDS + 1)
        assert (made.uploads.limit, made.downloads.limit) == (0, 0)
        minute[0] = 6 * 60  # also when the clock is set back
        await trio.sleep(line.LOOK_SECONDS + 1)
        assert (made.uploads.limit, made.downloads.limit) == (2_000_000, 300_000)
        nursery.cancel_scope.cancel()
    with database.read() as session:
        assert line.kept(session) == SET


def test_a_limit_that_cannot_work_is_not_kept(pair: Pair) -> None:
    with pytest.raises(RuleError), pair.owner.database.begin() as session:
        line.keep(session, Bandwidth(upload_bytes=5))
    with pair.owner.database.read() as session:
        assert line.kept(session) == Bandwidth()


@pytest.mark.skipif(sys.platform == "win32", reason="no process hears of another zone there")
def test_hours_are_those_of_the_zone_that_this_computer_is_in_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    try:
        for zone, ahead_minutes in (("HERE0", 0), ("THERE-8", 8 * 60)):
            monkeypatch.setenv("TZ", zone)
            before, minute, after = time.gmtime(), line.minute_of_day(), time.gmtime()
            may_be = {t.tm_hour * 60 + t.tm_min + ahead_minutes for t in (before, after)}
            assert minute in {each % DAY_MINUTES for each in may_be}
    finally:
        monkeypatch.undo()
        time.tzset()
