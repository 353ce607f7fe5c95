"""Idle: the minutes pass without a touch, and any touch starts them anew."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app.ui.idle import Idle

MINUTE_MS = 60_000


class Counting(QTimer):
    """Counts how often it is started anew."""

    starts = 0

    def start(self, *milliseconds: int) -> None:
        self.starts += 1
        super().start(*milliseconds)


@pytest.fixture
def widget(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def watched(widget: QWidget, minutes: int) -> tuple[Idle, Counting]:
    idle = Idle(widget)
    timer = Counting(idle)
    timer.setSingleShot(True)
    idle.timer = timer
    idle.set_minutes(minutes)
    timer.starts = 0
    return idle, timer


def test_it_says_once_that_the_time_has_passed(qtbot: QtBot, widget: QWidget) -> None:
    idle = Idle(widget)
    idle.set_minutes(15)
    assert idle.timer.interval() == 15 * MINUTE_MS
    assert idle.timer.isSingleShot()
    with qtbot.waitSignal(idle.passed):
        idle.timer.start(1)
    assert not idle.timer.isActive()


def test_keys_clicks_moves_and_the_wheel_start_it_anew(widget: QWidget) -> None:
    """As the desktop sends them: to the window."""
    _, timer = watched(widget, 15)
    window = widget.windowHandle()
    QTest.keyClick(window, Qt.Key.Key_A)
    assert timer.starts == 1
    QTest.mousePress(window, Qt.MouseButton.LeftButton)
    pressed = timer.starts
    assert pressed > 1
    QTest.mouseMove(window, QPoint(3, 3))
    QTest.qWait(1)
    moved = timer.starts
    assert moved > pressed
    QTest.wheelEvent(window, QPointF(3, 3), QPoint(0, 120))
    assert timer.starts > moved


def test_a_sheet_is_watched_once_it_is_opened(qtbot: QtBot, widget: QWidget) -> None:
    _, timer = watched(widget, 15)
    sheet = QDialog(widget)
    sheet.open()
    sheet.activateWindow()
    qtbot.waitUntil(sheet.isActiveWindow)
    timer.starts = 0
    QTest.keyClick(sheet.windowHandle(), Qt.Key.Key_A)
    assert timer.starts == 1


@pytest.mark.parametrize(
    "kind", [QEvent.Type.Paint, QEvent.Type.Timer, QEvent.Type.KeyRelease, QEvent.Type.Enter]
)
def test_what_happens_by_itself_is_no_touch(kind: QEvent.Type, widget: QWidget) -> None:
    idle, timer = watched(widget, 15)
    assert not idle.eventFilter(widget, QEvent(kind))
    assert timer.starts == 0


def test_zero_minutes_are_never(widget: QWidget) -> None:
    idle, timer = watched(widget, 15)
    assert timer.isActive()
    idle.set_minutes(0)
    assert not timer.isActive()
    QTest.keyClick(widget.windowHandle(), Qt.Key.Key_A)
    assert not timer.isActive()


def test_being_told_the_same_minutes_does_not_put_it_off(widget: QWidget) -> None:
    idle, timer = watched(widget, 15)
    idle.set_minutes(15)
    assert timer.starts == 0
    idle.set_minutes(5)
    assert timer.starts == 1
    assert timer.interval() == 5 * MINUTE_MS


def test_without_an_application_there_is_nothing_to_watch(widget: QWidget) -> None:
    assert Idle(QObject(widget)).timer.isActive() is False
