"""The window: who gets which snapshot, and what replaces the pages."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
)

from app.domain.commands import Lock, LookAt, OpenDataset, OpenOrder, Unlock, WriteNote
from app.domain.snapshots.orders import OrdersSnapshot
from app.domain.snapshots.people import Person
from app.domain.snapshots.shell import FirstRunSnapshot, Notice, SettingsSnapshot
from app.ui import language, theme, window
from app.ui.dialogs.person import PersonSheet
from app.ui.page import Page
from app.ui.rail import LOWER, UPPER
from app.ui.widgets.buttons import Button
from app.ui.window import Window
from tests.ui.looking import clipped, nameless, settle
from tests.ui.order_samples import DONE, NEGOTIATING, ROWS, SELLING, SHELL


class PlainPage(Page):
    """Stands for any page: remembers what it is shown."""

    shows = (OrdersSnapshot,)

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[object] = []
        self.times_opened = 0

    def show_snapshot(self, snapshot: object) -> None:
        self.seen.append(snapshot)

    def opened(self) -> None:
        self.times_opened += 1


@pytest.fixture
def shown(qtbot, monkeypatch) -> Window:
    for place, (_, _, entry) in window.PAGES.items():
        if place != "orders":
            monkeypatch.setitem(window.PAGES, place, (__name__, "PlainPage", entry))
    made = Window()
    qtbot.addWidget(made)
    made.told(SHELL)
    made.told(DONE)
    made.show()
    return made


def _words(made: Window, name: str) -> str:
    return made.findChild(QLabel, name).text()


def test_it_begins_at_home(shown: Window) -> None:
    assert isinstance(shown.stack.currentWidget(), PlainPage)
    assert shown.findChild(QToolButton, "rail.home").isChecked()


def test_a_click_on_the_rail_opens_the_page(shown: Window, qtbot) -> None:
    qtbot.mouseClick(shown.findChild(QToolButton, "rail.orders"), Qt.MouseButton.LeftButton)
    assert type(shown.stack.currentWidget()).__name__ == "OrdersPage"


@pytest.mark.parametrize(("key", "place"), [("1", "home"), ("2", "datasets"), ("5", "records")])
def test_a_number_key_opens_the_page(shown: Window, qtbot, key: str, place: str) -> None:
    shown.go("money")
    qtbot.keyClick(shown, key, Qt.KeyboardModifier.ControlModifier)
    assert shown.findChild(QToolButton, f"rail.{place}").isChecked()


def test_snapshots_reach_the_pages_that_show_them_and_no_other(shown: Window) -> None:
    home = shown.stack.currentWidget()
    shown.told(ROWS)
    shown.told(SELLING)
    assert home.seen == [ROWS]


def test_a_page_made_later_starts_with_the_newest(shown: Window) -> None:
    shown.told(OrdersSnapshot())
    shown.told(ROWS)
    shown.go("records")
    assert shown.stack.currentWidget().seen == [ROWS]


def test_what_is_in_front_is_said(shown: Window, qtbot) -> None:
    with qtbot.waitSignal(shown.looked) as heard:
        shown.go("records")
    assert heard.args == [LookAt(frozenset(shown.stack.currentWidget().shows))]


def test_commands_of_pages_leave_through_the_window(shown: Window, qtbot) -> None:
    with qtbot.waitSignal(shown.asked) as heard:
        shown.stack.currentWidget().asked.emit(OpenDataset("ab"))
    assert heard.args == [OpenDataset("ab")]


def test_opening_an_order_leads_to_its_page(shown: Window) -> None:
    shown.stack.currentWidget().asked.emit(OpenOrder("a" * 32))
    assert shown.findChild(QToolButton, "rail.orders").isChecked()


def test_a_note_that_is_being_typed_is_kept_before_everything_is_locked(
    shown: Window, qtbot
) -> None:
    heard: list[object] = []
    shown.asked.connect(heard.append)
    sheet = PersonSheet(Person("0x" + "7c" * 20, "Anna", "7c7c-7c7c"), shown)
    sheet.asked.connect(shown.asked)
    sheet.open()
    sheet.findChild(QPlainTextEdit, "person.note").setPlainText("asks twice")
    shown._lock_up()
    assert heard == [WriteNote("0x" + "7c" * 20, "asks twice"), Lock()]
    assert not sheet.isVisible()


def test_the_rail_says_who_one_is_and_what_waits(shown: Window) -> None:
    assert _words(shown, "rail.name") == "Nordhaven Energy"
    assert _words(shown, "rail.connection") == "Online and reachable"
    orders = shown.findChild(QToolButton, "rail.orders")
    assert orders.accessibleName() == "Orders, 2 need you"
    shown.told(replace(SHELL, needs_you=0, connection="offline"))
    assert orders.accessibleName() == "Orders"
    assert _words(shown, "rail.connection") == "Offline"


def test_a_record_that_cannot_be_reached_is_said_before_the_peers(shown: Window) -> None:
    shown.told(replace(SHELL, chain="unreachable"))
    assert _words(shown, "rail.connection") == "Record not reachable"


def test_the_practice_strip_stands_only_on_the_practice_network(shown: Window) -> None:
    assert shown.practice.isVisible()
    assert _words(shown, "window.practice.text") == "Practice network: nothing here costs money."
    shown.told(replace(SHELL, practice=False))
    assert not shown.practice.isVisible()


def test_the_guide_line_comes_and_goes(shown: Window) -> None:
    assert not shown.guide.isVisible()
    shown.told(replace(SHELL, guide="demo.buyer.pay"))
    assert "pay into holding" in _words(shown, "window.guide.text")


def test_the_first_run_replaces_the_pages_until_it_is_done(shown: Window) -> None:
    shown.told(FirstRunSnapshot(step="recovery", words=("abandon",) * 24))
    assert not shown.rail.isVisible()
    shown.told(DONE)
    assert shown.rail.isVisible()


def test_shortcuts_do_not_reach_behind_the_lock(shown: Window, qtbot) -> None:
    shown.told(replace(SHELL, locked=True))
    qtbot.keyClick(shown, "2", Qt.KeyboardModifier.ControlModifier)
    assert not shown.findChild(QToolButton, "rail.datasets").isChecked()


def test_locked_shows_nothing_but_the_password(shown: Window, qtbot) -> None:
    shown.told(replace(SHELL, locked=True))
    assert not shown.rail.isVisible()
    assert _words(shown, "lock.title") == "Nordhaven Energy is locked"
    shown.findChild(QLineEdit, "lock.password").setText("secret")
    with qtbot.waitSignal(shown.asked) as heard:
        qtbot.mouseClick(shown.findChild(QPushButton, "lock.unlock"), Qt.MouseButton.LeftButton)
    assert heard.args == [Unlock("secret")]
    assert shown.findChild(QLineEdit, "lock.password").text() == ""


def test_an_empty_password_is_not_sent(shown: Window, qtbot) -> None:
    shown.told(replace(SHELL, locked=True))
    with qtbot.assertNotEmitted(shown.asked):
        qtbot.mouseClick(shown.findChild(QPushButton, "lock.unlock"), Qt.MouseButton.LeftButton)


def test_a_wrong_password_is_said_at_the_field(shown: Window) -> None:
    shown.told(replace(SHELL, locked=True))
    shown.told(Notice("rule", "wrong_password", ""))
    field = shown.findChild(QLineEdit, "lock.password")
    assert field.accessibleDescription().startswith("That is not the password.")


def test_typing_a_password_survives_snapshots(shown: Window) -> None:
    shown.told(replace(SHELL, locked=True))
    field = shown.findChild(QLineEdit, "lock.password")
    field.setText("half typ")
    shown.told(replace(SHELL, locked=True, needs_you=5))
    assert field.text() == "half typ"


def test_a_notice_says_what_to_do_and_goes_when_dismissed(shown: Window, qtbot) -> None:
    shown.told(Notice("outage", "chain.unreachable", "", details="timeout after 10 s"))
    assert _words(shown, "notice.outage.title") == "The record cannot be reached."
    assert shown.findChild(QPushButton, "notice.outage.copy").isVisible()
    close = shown.findChild(QPushButton, "notice.outage.close")
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert shown._bars == []


def test_the_same_notice_does_not_pile_up(shown: Window) -> None:
    for _ in range(5):
        shown.told(Notice("outage", "chain.unreachable", ""))
    for n in range(5):
        shown.told(Notice("rule", f"rule.{n}", "no"))
    assert len(shown._bars) == window.NOTICES_SHOWN


def test_markup_in_a_notice_is_shown_as_text(shown: Window) -> None:
    shown.told(Notice("peer", "peer.unreachable", "", {"other": "<img src=x>"}))
    title = shown.findChild(QLabel, "notice.peer.title")
    assert title.text() == "Could not reach <img src=x>."
    assert title.textFormat() == Qt.TextFormat.PlainText


def test_settings_change_the_look_at_once(shown: Window, qapp) -> None:
    shown.told(SettingsSnapshot(appearance="dark", language="en"))
    assert theme.color("bg").name().upper() == theme.DARK["bg"]
    shown.told(SettingsSnapshot(appearance="light", language="en"))
    assert theme.color("bg").name().upper() == theme.LIGHT["bg"]


def test_a_new_language_makes_the_pages_anew_with_what_was_known(shown: Window) -> None:
    shown.go("records")
    shown.told(ROWS)
    shown.told(SettingsSnapshot(appearance="light", language="zh_CN"))
    try:
        assert shown.stack.currentWidget().seen == [ROWS]
        assert shown.findChild(QToolButton, "rail.records").isChecked()
    finally:
        language.install("en")


@pytest.mark.parametrize("width", [1060, 1160, 1240, 1360, 1600])
def test_no_words_are_clipped(shown: Window, width: int) -> None:
    shown.told(Notice("bug", "bug", "", details="x"))
    settle(shown, width)
    assert clipped(shown) == []


def test_the_rail_shows_icons_when_the_window_is_narrow(shown: Window) -> None:
    settle(shown, 1239)
    assert shown.rail.width() == 68
    orders = shown.findChild(QToolButton, "rail.orders")
    assert (orders.text(), orders.toolTip()) == ("", "Orders")
    settle(shown, 1240)
    assert shown.rail.width() == 212


def test_everything_has_a_name(shown: Window) -> None:
    shown.told(Notice("bug", "bug", "", details="x"))
    assert nameless(shown) == []
    shown.told(replace(SHELL, locked=True))
    assert nameless(shown) == []


def test_the_window_needs_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys, app.ui.window, app.ui.pages.orders;"
        "print([m for m in ('web3','libp2p','sqlalchemy','trio','p2p','chain','app.engine',"
        "'app.store') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_f1_lists_the_keys(shown: Window, qtbot) -> None:
    qtbot.keyClick(shown, Qt.Key.Key_F1)
    sheet = shown.findChild(QDialog, "sheet.help")
    assert sheet.isVisible()
    assert clipped(sheet) == []
    qtbot.mouseClick(sheet.findChild(QPushButton, "help.close"), Qt.MouseButton.LeftButton)
    assert not sheet.isVisible()


@pytest.mark.parametrize("place", window.PAGES)
def test_every_place_has_its_page(place: str) -> None:
    module, name, entry = window.PAGES[place]
    page = getattr(import_module(module), name)
    assert issubclass(page, Page)
    assert page.shows
    assert entry in {*UPPER, *LOWER, ""}


def _ink(button: QToolButton, left: int, right: int) -> tuple[int, int]:
    """First and top pixel between ``left`` and ``right`` that are not the ground."""
    picture = button.grab().toImage()
    ground = picture.pixelColor(picture.width() - 30, picture.height() // 2).lightness()
    inked = [
        (x, y)
        for x in range(left, right)
        for y in range(6, picture.height() - 6)
        if abs(picture.pixelColor(x, y).lightness() - ground) > 60
    ]
    return min(x for x, _ in inked), min(y for _, y in inked)


@pytest.mark.parametrize("place", [*UPPER, *LOWER])
def test_a_rail_entry_stays_where_it_is_when_it_is_selected(shown: Window, place: str) -> None:
    shown.rail.buttons["records" if place == "home" else "home"].setChecked(True)
    button = shown.rail.buttons[place]
    before = _ink(button, 33, 120)
    button.setChecked(True)
    assert _ink(button, 33, 120) == before
    assert _ink(button, 8, 32)[0] < 20 < before[0]  # icon first, then words


def test_until_the_chain_was_read_what_needs_it_waits_and_says_why(shown: Window) -> None:
    shown.told(replace(SHELL, head_known=False, chain="starting"))
    shown.told(NEGOTIATING)
    shown.go("orders")
    sign, send = (shown.findChild(QPushButton, f"order.{what}") for what in ("sign", "send"))
    assert not sign.isEnabled()
    assert "has not reached the network yet" in sign.accessibleDescription()
    assert sign.toolTip() == sign.accessibleDescription()
    assert send.isEnabled()  # words need no chain
    shown.told(replace(NEGOTIATING, other_online=False))
    assert not sign.isEnabled()
    shown.told(replace(SHELL, chain="unreachable"))  # read once: what is asked now waits safely
    assert sign.isEnabled()
    assert sign.accessibleDescription() == sign.toolTip() == ""


def test_what_cannot_be_done_for_another_reason_stays_so_when_the_chain_is_read(
    qtbot,
) -> None:
    button = Button("Send", needs_chain=True)
    qtbot.addWidget(button)
    button.allow(False, "There is nothing to send.")
    button.hold("Not yet.")
    assert (button.isEnabled(), button.toolTip()) == (False, "Not yet.")
    button.hold("")
    assert (button.isEnabled(), button.toolTip()) == (False, "There is nothing to send.")
    button.allow(True)
    assert (button.isEnabled(), button.toolTip()) == (True, "")
    free = Button("Copy")
    qtbot.addWidget(free)
    free.hold("Not yet.")
    assert free.isEnabled()


def test_a_page_opens_at_its_top_and_again_where_one_was(shown: Window, qtbot) -> None:
    shown.activateWindow()
    shown.told(ROWS)
    shown.told(NEGOTIATING)
    shown.go("orders")
    assert shown.focusWidget().objectName() == "orders.list"
    shown.go("home")
    assert shown.focusWidget() is shown.stack.currentWidget()  # no ring on any button
