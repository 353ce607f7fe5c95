"""Home: what is read there, what the buttons ask, and what a newcomer sees."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QProgressBar, QPushButton

from app.domain.commands import (
    GetPracticeDollars,
    MoveDelivery,
    OpenOrder,
    PauseAll,
    PauseDelivery,
    ResumeAll,
    ResumeDelivery,
)
from app.domain.snapshots.shell import HomeSnapshot, ShellSnapshot
from app.ui.pages.home import HomePage
from tests.ui.desk_samples import BUSY_HOME, QUEUE, SHELL, WINDOW_WIDTHS, Window, codes
from tests.ui.looking import clipped, nameless

NEW = HomeSnapshot()
REAL = replace(SHELL, practice=False)
GUEST = ShellSnapshot(chain="ok")


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(HomePage(), qtbot)
    made.tell(SHELL)
    made.tell(BUSY_HOME)
    return made


def _shown(window: Window, name: str) -> list[QPushButton]:
    return [one for one in window.page.findChildren(QPushButton, name) if one.isVisible()]


def _lines(window: Window) -> list[QPushButton]:
    """A button of each delivery, from top to bottom."""
    found = _shown(window, "home.running.open")
    return sorted(found, key=lambda button: button.mapTo(window.page, QPoint()).y())


def test_everything_that_counts_is_read(window: Window) -> None:
    text = window.words()
    for part in (
        "3 things need you. 2 deliveries are running.",
        "Sign the offer for Port call records 2023",
        "Meridian Freight  ·  2,750.00 PRAC  ·  until",
        "Kestrel Research  ·  410.00 PRAC",
        "63%",
        "to Baltic Grid  ·  7.4 MB/s",
        "from Uni Tartu  ·  waits for the other computer, goes on by itself",
        "4,810.00 PRAC",
        "1,200.00 PRAC",
        "4.6 of 5",
        "12 ratings",
        "Payment placed in holding",
        "being recorded…",
        "failed",
    ):
        assert part in text
    assert "Nothing needs you." not in text


def test_a_task_opens_its_order(window: Window) -> None:
    for button in _shown(window, "home.task"):
        button.click()
    assert window.asked == [OpenOrder(n * 32) for n in "123"]
    names = [button.accessibleName() for button in _shown(window, "home.task")]
    assert names[1] == "Review and sign: Sign the offer for Port call records 2023"


def test_a_delivery_opens_its_order(window: Window) -> None:
    _shown(window, "home.running.open")[1].click()
    assert window.asked == [OpenOrder("5" * 32)]


def test_all_deliveries_are_paused_and_resumed(window: Window) -> None:
    assert not _shown(window, "home.resume_all")
    window.button("home.pause_all").click()
    paused = tuple(replace(one, state="paused") for one in BUSY_HOME.running)
    window.tell(replace(BUSY_HOME, all_paused=True, running=paused))
    assert "to Baltic Grid  ·  paused by you" in window.words()
    assert not _shown(window, "home.pause_all")
    window.button("home.resume_all").click()
    assert window.asked == [PauseAll(), ResumeAll()]
    window.tell(replace(BUSY_HOME, all_paused=True, running=()))
    assert "All deliveries are paused, also those that begin now." in window.words()
    assert _shown(window, "home.resume_all")
    window.tell(replace(BUSY_HOME, running=()))
    assert not _shown(window, "home.resume_all")
    assert not _shown(window, "home.pause_all")


def test_those_that_wait_stand_in_their_order_and_say_their_place(window: Window) -> None:
    window.tell(replace(BUSY_HOME, running=QUEUE))
    text = window.words()
    for part in (
        "5 deliveries are running.",
        "to AgriSense  ·  waits its turn: number 1 of 3",
        "to Meridian Freight  ·  waits its turn: number 2 of 3",
        "to Kestrel  ·  waits its turn: number 3 of 3",
    ):
        assert part in text
    tops = [button.mapTo(window.page, QPoint()).y() for button in _lines(window)]
    assert len(tops) == 5
    assert tops == sorted(tops)
    moved = (QUEUE[0], replace(QUEUE[2], place=1), replace(QUEUE[1], place=2), *QUEUE[3:])
    window.tell(replace(BUSY_HOME, running=moved))
    names = [button.accessibleName() for button in _lines(window)]
    assert [name.removeprefix("Open order: ") for name in names] == [one.title for one in moved]


def test_one_that_waits_goes_earlier_or_later(window: Window) -> None:
    window.tell(replace(BUSY_HOME, running=QUEUE))
    earlier, later = (_shown(window, f"home.running.{way}") for way in ("earlier", "later"))
    assert [button.isEnabled() for button in earlier] == [False, True, True]
    assert [button.isEnabled() for button in later] == [True, True, False]
    earlier[1].click()
    later[1].click()
    assert window.asked == [MoveDelivery("7" * 32, -1), MoveDelivery("7" * 32, 1)]
    assert earlier[1].accessibleName() == earlier[1].toolTip() == "Earlier: Port calls"
    assert later[1].accessibleName() == "Later: Port calls"
    window.tell(replace(BUSY_HOME, running=(replace(QUEUE[1], waiting=1),)))
    assert not _shown(window, "home.running.earlier")  # nobody to change places with
    assert not _shown(window, "home.running.later")


@pytest.mark.parametrize(("way", "by", "back"), [("earlier", -1, "Later"), ("later", 1, "Earlier")])
def test_at_the_end_of_its_way_the_keyboard_is_where_it_goes_back(
    window: Window, way: str, by: int, back: str
) -> None:
    window.tell(replace(BUSY_HOME, running=QUEUE))
    second = _shown(window, f"home.running.{way}")[1]
    second.setFocus()
    QTest.keyClick(second, Qt.Key.Key_Space)
    assert window.asked == [MoveDelivery("7" * 32, by)]
    waiting = [one for one in QUEUE[1:4] if one.order != "7" * 32]
    waiting.insert(1 + by, QUEUE[2])
    moved = tuple(replace(one, place=place) for place, one in enumerate(waiting, 1))
    window.tell(replace(BUSY_HOME, running=(QUEUE[0], *moved, QUEUE[4])))
    now = window.page.focusWidget()
    assert now is not None
    assert now.accessibleName() == f"{back}: Port calls"


@pytest.mark.parametrize("way", ["earlier", "later"])
def test_where_nobody_waits_any_more_the_keyboard_pauses_nothing(window: Window, way: str) -> None:
    window.tell(replace(BUSY_HOME, running=QUEUE))
    _shown(window, f"home.running.{way}")[1].setFocus()
    alone = replace(QUEUE[2], state="running", place=0, waiting=0)
    window.tell(replace(BUSY_HOME, running=(QUEUE[0], alone, QUEUE[4])))
    now = window.page.focusWidget()
    assert now is not None
    assert now.accessibleName() == "Open order: Port calls"
    QTest.keyClick(now, Qt.Key.Key_Space)
    assert window.asked == [OpenOrder("7" * 32)]


def test_one_delivery_alone_is_paused_and_resumed(window: Window) -> None:
    window.tell(replace(BUSY_HOME, running=QUEUE))
    buttons = _shown(window, "home.running.pause")
    assert [button.accessibleName() for button in buttons][-2:] == [
        "Pause: Retail footfall",
        "Resume: Tide gauges",
    ]
    buttons[0].click()
    buttons[-1].click()
    assert window.asked == [PauseDelivery("4" * 32), ResumeDelivery("9" * 32)]
    held = tuple(replace(one, state="paused", place=0, button="") for one in QUEUE)
    window.tell(replace(BUSY_HOME, all_paused=True, running=held))
    assert not _shown(window, "home.running.pause")  # one alone cannot go on


def test_all_records_are_one_click_away(window: Window) -> None:
    window.button("home.records").click()
    assert window.went == ["records"]


def test_a_task_that_goes_does_not_hand_its_focus_to_another(window: Window) -> None:
    second = _shown(window, "home.task")[1]
    second.setFocus()
    window.tell(replace(BUSY_HOME, needs_you=BUSY_HOME.needs_you[1:]))
    assert second.hasFocus()
    second.click()
    assert window.asked == [OpenOrder("2" * 32)]
    window.tell(replace(BUSY_HOME, needs_you=BUSY_HOME.needs_you[2:]))
    assert len(_shown(window, "home.task")) == 1


def test_progress_moves_in_place(window: Window) -> None:
    bars = [bar for bar in window.page.findChildren(QProgressBar) if bar.isVisible()]
    more = replace(BUSY_HOME.running[0], done=0.999)
    window.tell(replace(BUSY_HOME, running=(more, BUSY_HOME.running[1])))
    assert [bar for bar in window.page.findChildren(QProgressBar) if bar.isVisible()] == bars
    assert bars[0].value() == 999
    assert "99%" in window.words()
    assert "100%" not in window.words()


def test_what_is_left_at_a_relay_is_called_so(window: Window) -> None:
    line = replace(BUSY_HOME.running[0], state="leaving", done=0.5)
    window.tell(replace(BUSY_HOME, running=(line,)))
    assert "to Baltic Grid  ·  being left at a relay for the buyer" in window.words()
    assert "50%" in window.words()


def test_nothing_to_do_is_said_calmly(window: Window) -> None:
    window.tell(replace(BUSY_HOME, needs_you=(), running=()))
    assert "All is quiet." in window.words()
    assert "Nothing is being delivered just now." in window.words()
    assert _shown(window, "home.task") == []


# --- the newcomer -----------------------------------------------------------------------------


def test_a_newcomer_sees_where_to_begin(window: Window) -> None:
    window.tell(replace(NEW, wallet_empty=True))
    for what in ("sell", "buy", "practice"):
        window.button(f"home.begin.{what}").click()
    assert window.went == ["register", "browse"]
    assert window.asked == [GetPracticeDollars()]
    assert "How every sale goes" in window.words()
    assert not _shown(window, "home.begin.identity")


def test_practice_dollars_are_offered_only_where_they_help(window: Window) -> None:
    window.tell(NEW)
    assert not _shown(window, "home.begin.practice")
    window.tell(replace(NEW, wallet_empty=True))
    window.tell(REAL)
    assert not _shown(window, "home.begin.practice")
    window.button("home.begin.money").click()
    assert window.went == ["money"]


def test_an_empty_wallet_is_named_beside_other_things(window: Window) -> None:
    assert not _shown(window, "home.practice")
    window.tell(replace(BUSY_HOME, wallet_empty=True))
    window.button("home.practice").click()
    assert window.asked == [GetPracticeDollars()]
    window.tell(REAL)
    assert not _shown(window, "home.practice")


def test_who_looks_round_is_offered_an_identity(window: Window) -> None:
    window.tell(GUEST)
    window.tell(NEW)
    window.button("home.begin.identity").click()
    assert window.went == ["firstrun"]
    assert not _shown(window, "home.begin.sell")


# --- how it looks -----------------------------------------------------------------------------


@pytest.mark.parametrize("snapshot", [BUSY_HOME, replace(NEW, wallet_empty=True)])
def test_nothing_is_clipped_or_nameless(window: Window, snapshot: HomeSnapshot) -> None:
    window.tell(snapshot)
    for width in WINDOW_WIDTHS:
        window.resize(width)
        assert clipped(window.page) == [], width
    assert nameless(window.page) == []
    assert codes(window) == []


def test_the_words_of_others_are_never_markup(window: Window) -> None:
    evil = replace(BUSY_HOME.needs_you[0], title="<b>x</b>", other="<img src=y>")
    window.tell(replace(BUSY_HOME, needs_you=(evil,)))
    assert "<b>x</b>" in window.words()
    assert "<img src=y>" in window.words()
