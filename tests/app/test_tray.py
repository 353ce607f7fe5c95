"""The tray: says once what needs the person, stays while something runs, brings the window back."""

from __future__ import annotations

import os
from dataclasses import replace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from app.domain.commands import PauseAll, ResumeAll
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.shell import (
    FirstRunSnapshot,
    HomeSnapshot,
    Running,
    Task,
    WaitingOrder,
)
from app.ui import tray as module
from app.ui.phrases.words import moment
from app.ui.tray import Tray

MONEY = Amount(1_000_000, Currency("0x1", "PRAC", "Practice dollar", 6))
TRAFFIC = WaitingOrder("b", "Traffic", "Nordhaven", None)
RUNS = Running("a", "Weather", "Nordhaven", False, 0.5, 0, "running")


def task(order: str, kind: str, title: str = "Weather") -> Task:
    return Task(order, kind, title, "Nordhaven", MONEY, None)


class Icon(QSystemTrayIcon):
    """The desktop's tray, as far as it can be seen from here."""


@pytest.fixture
def said(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was notified, on a desktop that has a tray."""
    words: list[str] = []
    there_is_one = staticmethod(lambda: True)
    monkeypatch.setattr(Icon, "isSystemTrayAvailable", there_is_one)
    monkeypatch.setattr(Icon, "showMessage", lambda icon, title, message: words.append(message))
    monkeypatch.setattr(module, "QSystemTrayIcon", Icon)
    return words


@pytest.fixture
def tray(said: list[str]) -> Tray:
    parent = QWidget()
    tray = Tray(parent)
    tray.keep = parent  # lives as long as the tray
    return tray


def test_the_first_sight_is_the_state_of_things(tray: Tray, said: list[str]) -> None:
    tray.told(HomeSnapshot(needs_you=(task("a", "pay"),)))
    assert said == []
    tray.told(HomeSnapshot(needs_you=(task("a", "pay"), task("b", "sign", "Traffic"))))
    (words,) = said
    assert "Traffic" in words
    assert "Nordhaven" in words


def test_each_thing_is_said_once_and_again_when_it_comes_again(tray: Tray, said: list[str]) -> None:
    tray.told(HomeSnapshot())
    for tasks in ((task("a", "pay"),), (task("a", "pay"),), (), (task("a", "pay"),)):
        tray.told(HomeSnapshot(needs_you=tasks))
    assert len(said) == 2
    tray.told(HomeSnapshot(needs_you=(task("a", "check"),)))
    assert len(said) == 3


def test_orders_that_wait_for_unlocking_are_named_once(tray: Tray, said: list[str]) -> None:
    tray.told(FirstRunSnapshot("welcome"))
    assert said == []
    waiting = (WaitingOrder("a", "Weather", "Nordhaven", 1_763_700_000), TRAFFIC)
    for late in (False, True):  # being late is no new order
        first = replace(waiting[0], late=late)
        tray.told(FirstRunSnapshot("locked", waiting_orders=(first, TRAFFIC), restarted=True))
    (words,) = said
    assert f"Weather (until {moment(1_763_700_000)})" in words
    assert "Traffic" in words


def test_locking_by_hand_announces_nothing(tray: Tray, said: list[str]) -> None:
    tray.told(FirstRunSnapshot("locked", waiting_orders=(TRAFFIC,)))
    assert said == []
    tray.told(FirstRunSnapshot("locked", waiting_orders=(TRAFFIC,), restarted=True))
    assert len(said) == 1


def test_it_stays_only_while_something_runs(tray: Tray) -> None:
    assert not tray.stays()
    tray.told(HomeSnapshot(running=(RUNS,)))
    assert tray.stays()
    tray.told(HomeSnapshot())
    assert not tray.stays()


def test_its_menu_opens_the_window_and_ends_the_app(tray: Tray, qtbot: QtBot) -> None:
    open_, _, quit_ = tray._menu.actions()
    with qtbot.waitSignal(tray.wanted):
        open_.trigger()
    with qtbot.waitSignal(tray.left):
        quit_.trigger()
    assert open_.text() != quit_.text()


def test_its_menu_pauses_and_resumes_all_deliveries_unless_it_is_locked(
    tray: Tray, qtbot: QtBot
) -> None:
    _, pause, _ = tray._menu.actions()
    assert not pause.isVisible()  # nothing runs
    for all_paused, words, command in (
        (False, "Pause all deliveries", PauseAll()),
        (True, "Resume all deliveries", ResumeAll()),
    ):
        tray.told(HomeSnapshot(running=(RUNS,), all_paused=all_paused))
        assert (pause.isVisible(), pause.text()) == (True, words)
        with qtbot.waitSignal(tray.asked) as heard:
            pause.trigger()
        assert heard.args == [command]
    tray.told(HomeSnapshot(all_paused=True))
    assert pause.isVisible()
    tray.told(FirstRunSnapshot("locked"))
    assert not pause.isVisible()


def test_where_there_is_no_tray_nothing_stays_and_the_window_asks_for_attention(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Icon, "isSystemTrayAvailable", staticmethod(lambda: False))
    parent = QWidget()
    alerted: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", staticmethod(alerted.append))
    tray = Tray(parent)
    tray.told(HomeSnapshot())
    assert alerted == []
    tray.told(HomeSnapshot(needs_you=(task("a", "pay"),), running=(RUNS,)))
    tray.say_still_here()
    tray.hide()
    assert said == []
    assert alerted == [parent, parent]
    assert not tray.stays()
