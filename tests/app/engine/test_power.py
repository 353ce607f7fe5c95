"""On battery or not, as systems say it; and what is done about it."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
import trio.testing

from app.engine.plug import LOOK_SECONDS, Plug
from app.engine.power import from_pmset, from_windows, on_linux
from app.store import settings
from tests.app.engine.sides import Pair


def supplies(folder: Path, **each: dict[str, str]) -> Path:
    for name, facts in each.items():
        (folder / name).mkdir(parents=True)
        for fact, value in facts.items():
            (folder / name / fact).write_text(value + "\n")
    return folder


BATTERY = {"type": "Battery", "present": "1", "status": "Discharging"}
CHARGING = BATTERY | {"status": "Charging"}
MAINS, NO_MAINS = ({"type": "Mains", "online": value} for value in "10")
MOUSE = BATTERY | {"scope": "Device"}
EMPTY = BATTERY | {"present": "0"}


@pytest.mark.parametrize(
    ("each", "found"),
    [
        ({}, None),
        ({"AC": MAINS}, None),
        ({"mouse": MOUSE}, None),
        ({"BAT1": EMPTY, "AC": MAINS}, None),
        ({"BAT0": BATTERY, "AC": MAINS}, False),  # held at a level, say
        ({"BAT0": BATTERY, "AC": NO_MAINS}, True),
        ({"BAT0": CHARGING, "AC": NO_MAINS, "ucsi": MAINS | {"type": "USB"}}, False),
        ({"BAT0": BATTERY}, True),
        ({"BAT0": CHARGING}, False),
        ({"BAT0": CHARGING, "BAT1": EMPTY, "mouse": MOUSE}, False),
        ({"BAT0": {"type": "Battery"}}, False),
    ],
)
def test_linux(tmp_path: Path, each: dict[str, dict[str, str]], found: bool | None) -> None:
    assert on_linux(supplies(tmp_path / "power_supply", **each)) is found


def test_linux_without_a_folder_that_can_be_read(tmp_path: Path) -> None:
    assert on_linux(tmp_path / "none") is None
    (tmp_path / "file").touch()
    assert on_linux(tmp_path / "file") is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Now drawing from 'AC Power'\n", None),
        ("Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t98%; charged;\n", False),
        ("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=1)\t61%; discharging;", True),
        ("", None),
    ],
)
def test_macos(said: str, found: bool | None) -> None:
    assert from_pmset(said) is found


@pytest.mark.parametrize(
    ("line", "battery", "found"),
    [(1, 128, None), (0, 1, True), (1, 8, False), (255, 1, None), (0, 255, None)],
)
def test_windows(line: int, battery: int, found: bool | None) -> None:
    assert from_windows(line, battery) is found


@pytest.mark.trio
async def test_deliveries_wait_on_battery_where_that_is_wanted_and_only_there(
    pair: Pair, autojump_clock: trio.testing.MockClock
) -> None:
    autojump_clock.autojump_threshold = 0.01  # a thread reads what the system says
    database, on_battery, heard = pair.owner.database, [True], list[bool]()

    def want(yes: bool) -> None:
        with database.begin() as session:
            settings.put(session, "pause_on_battery", yes)

    async def settled(count: int) -> None:
        while len(heard) < count:
            await trio.sleep(LOOK_SECONDS)

    plug = Plug(database, lambda: on_battery[0], heard.append)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(plug.run)
        await settled(1)
        assert (heard, plug.has_battery) == ([False], True)
        want(True)
        plug.look()
        await settled(2)
        on_battery[0] = False
        await settled(3)
        on_battery[0] = True
        await settled(4)
        want(False)
        plug.look()
        await settled(5)
        assert heard == [False, True, False, True, False]
        on_battery[0] = None
        await settled(6)
        assert (heard[-1], plug.has_battery) == (False, False)
        nursery.cancel_scope.cancel()
