"""The lock screen names what waits for the password, with its deadlines."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app.domain.snapshots.shell import FirstRunSnapshot, WaitingOrder
from app.ui.lock import MOST_WAITING, LockScreen
from app.ui.phrases.words import moment
from tests.ui.looking import clipped, settle
from tests.ui.order_samples import DAY, NOW

LOAD = WaitingOrder("a" * 32, "Hourly feeder load 2019–2024", "Baltic Grid Analytics", NOW + DAY)
PORTS = WaitingOrder("b" * 32, "Port call records 2023", "Meridian Freight", NOW - DAY, late=True)
SOIL = WaitingOrder("c" * 32, "Soil moisture, 42 plots", "AgriSense ApS", None)
RESTARTED = FirstRunSnapshot("locked", waiting_orders=(PORTS, LOAD, SOIL), restarted=True)


@pytest.fixture
def lock(qtbot) -> LockScreen:
    made = LockScreen()
    qtbot.addWidget(made)
    made.show()
    return made


def _words(lock: LockScreen, run: FirstRunSnapshot) -> str:
    lock.say("Nordhaven Energy", run)
    settle(lock, 1060, 680)
    return "\n".join(part.text() for part in lock.findChildren(QLabel) if part.isVisible())


def test_every_order_is_named_with_its_deadline(lock: LockScreen) -> None:
    said = _words(lock, RESTARTED)
    for part in (
        f"Hourly feeder load 2019–2024\nBaltic Grid Analytics  ·  until {moment(NOW + DAY)}",
        f"Port call records 2023\nMeridian Freight  ·  was due {moment(NOW - DAY)}",
        "Soil moisture, 42 plots\nAgriSense ApS",
    ):
        assert part in said
    assert clipped(lock) == []


def test_after_a_restart_nothing_is_said_to_go_on(lock: LockScreen) -> None:
    assert "Deliveries go on" not in _words(lock, RESTARTED)
    assert "Deliveries go on" in _words(lock, replace(RESTARTED, restarted=False))


def test_without_waiting_orders_there_is_no_list(lock: LockScreen) -> None:
    _words(lock, RESTARTED)
    assert lock.findChild(QWidget, "lock.waiting").isVisible()
    assert "Waiting for you" not in _words(lock, FirstRunSnapshot("locked"))
    assert not lock.findChild(QWidget, "lock.waiting").isVisible()


def test_of_many_the_first_due_are_named_and_the_rest_counted(lock: LockScreen) -> None:
    many = tuple(replace(LOAD, title=f"Dataset {n}") for n in range(MOST_WAITING + 3))
    said = _words(lock, replace(RESTARTED, waiting_orders=many))
    assert f"Dataset {MOST_WAITING - 1}" in said
    assert f"Dataset {MOST_WAITING}" not in said
    assert "and 3 more" in said


def test_markup_in_a_title_stays_text(lock: LockScreen) -> None:
    assert "<b>x" in _words(lock, replace(RESTARTED, waiting_orders=(replace(SOIL, title="<b>x"),)))
