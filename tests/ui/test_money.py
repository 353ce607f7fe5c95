"""Money: figures, receiving, and sheets that send only what was read."""

from __future__ import annotations

from dataclasses import replace

import pytest
import segno
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from app.domain.commands import AddBond, GetPracticeDollars, OpenOrder, SendMoney, TakeOut
from app.domain.snapshots.money import MoneySnapshot
from app.domain.snapshots.shell import Notice
from app.ui.dialogs.asking import AskSheet
from app.ui.dialogs.bonding import BondSheet
from app.ui.dialogs.paying import SendSheet, address_problem
from app.ui.pages.money import MoneyPage
from app.ui.pages.purse.code import QUIET, QrCode
from app.ui.pages.purse.history import PAGE
from tests.ui.desk_samples import (
    COIN,
    DOLLAR,
    DOLLARS,
    MONEY,
    MOVEMENTS,
    ORDER,
    OTHER,
    OWN,
    WINDOW_WIDTHS,
    Window,
    codes,
    typed,
)
from tests.ui.looking import clipped, nameless, settle


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(MoneyPage(), qtbot)
    made.tell(MONEY)
    return made


def _sheet(window: Window, button: str) -> AskSheet:
    window.button(button).click()
    found = [one for one in window.page.findChildren(AskSheet) if one.isVisible()]
    assert len(found) == 1
    return found[0]


def _send(window: Window, amount: str = "25.5", to: str = OTHER) -> SendSheet:
    sheet = _sheet(window, "money.send")
    assert isinstance(sheet, SendSheet)
    sheet.amount.setText(amount)
    sheet.to.setText(to)
    return sheet


def test_every_figure_is_read(window: Window) -> None:
    text = window.words()
    for part in (
        "Practice dollar",
        "12,480.50 PRAC",
        "1,200.00\nyou paid into holding",
        "2,750.00\nheld for you",
        "300.00\nbond and credits, free",
        "120.00\nbond in running orders",
        "For recording fees\n0.987654 ETH",
        "Sent\nto 0x5290…  ·  21 Nov",
        "being recorded…",
        "−25.00 PRAC",
        "+410.00 PRAC",
    ):
        assert part in text


def test_practice_dollars_only_on_the_practice_network(window: Window) -> None:
    window.button("money.practice").click()
    assert window.asked == [GetPracticeDollars()]
    window.tell(replace(MONEY, practice=False))
    assert not window.button("money.practice").isVisible()


def test_the_address_is_whole_and_can_be_copied(window: Window) -> None:
    assert "0x 7c1F 09AE 5bD2 aa10 Cc64 d8d1 B4F7 E7a2 B3c4 e441" in window.words()
    window.button("money.copy").click()
    assert QGuiApplication.clipboard().text() == OWN
    assert window.button("money.copy").accessibleName() == "Copied"


def test_the_picture_is_the_code_of_the_address(window: Window) -> None:
    code = window.page.findChild(QrCode, "money.qr")
    assert isinstance(code, QrCode)
    wanted = segno.make(OWN, error="m", micro=False).matrix
    picture = code.grab().toImage()
    ratio, module = picture.devicePixelRatio(), code.width() / (len(wanted) + 2 * QUIET)
    read = tuple(
        tuple(
            picture.pixelColor(
                (QPointF((QUIET + x + 0.5) * module, (QUIET + y + 0.5) * module) * ratio).toPoint()
            ).lightness()
            < 128
            for x in range(len(wanted))
        )
        for y in range(len(wanted))
    )
    assert read == tuple(tuple(bool(dark) for dark in line) for line in wanted)


def test_a_line_opens_its_order_where_there_is_one(window: Window) -> None:
    every = window.page.findChildren(QPushButton, "money.movement.open")
    there = [button for button in every if button.isVisible()]
    assert len(there) == 1
    there[0].click()
    assert window.asked == [OpenOrder(ORDER)]


def test_a_long_history_is_shown_in_pages(window: Window) -> None:
    many = tuple(replace(MOVEMENTS[1], at=1_700_000_000 + i) for i in range(PAGE + 5))
    window.tell(replace(MONEY, movements=many))
    assert window.words().count("+410.00") == PAGE
    window.button("money.more").click()
    window.resize(1360)
    assert window.words().count("+410.00") == PAGE + 5
    assert not window.button("money.more").isVisible()


def test_what_cannot_be_done_says_why(window: Window) -> None:
    nothing = replace(DOLLARS, available_units=0, bond_free_units=0)
    window.tell(replace(MONEY, accounts=(nothing,)))
    for name in ("money.send", "money.add", "money.take"):
        assert not window.button(name).isEnabled()
        assert window.button(name).accessibleDescription().startswith("There is no")


def test_without_an_identity_it_says_how_to_get_one(window: Window) -> None:
    window.tell(MoneySnapshot())
    assert "No money without an identity" in window.words()
    window.button("money.create").click()
    assert window.went == ["firstrun"]


# --- sending ----------------------------------------------------------------------------------


def test_sending_is_read_once_more_and_needs_the_password(window: Window, qtbot) -> None:
    sheet = _send(window)
    sheet.action.click()
    assert window.asked == []
    settle(sheet, sheet.width(), sheet.height())
    text = "\n".join(one.text() for one in sheet.findChildren(QLabel))
    for part in (
        "25.50 PRAC",
        "0x 5290 8400 0985 2788 6E0F 7030 0698 57D2 E416 9EE7",
        "12,455.00 PRAC",
        "0.000082 ETH",
    ):
        assert part in text
    assert sheet.action.text() == "Send 25.50 PRAC"
    sheet.action.click()
    assert window.asked == []
    qtbot.keyClicks(sheet.password, "the password")
    sheet.action.click()
    assert window.asked == [SendMoney(DOLLAR.token, OTHER, 25_500_000, "the password")]
    assert "the password" not in repr(window.asked)


def test_going_back_forgets_the_password_and_keeps_the_rest(window: Window, qtbot) -> None:
    sheet = _send(window)
    sheet.action.click()
    qtbot.keyClicks(sheet.password, "the password")
    sheet.back.click()
    assert "the password" not in typed(sheet)
    assert (sheet.amount.text(), sheet.to.text()) == ("25.5", OTHER)


@pytest.mark.parametrize(
    ("amount", "to", "said"),
    [
        ("", OTHER, "Type an amount in PRAC."),
        ("0", OTHER, "The amount must be more than zero."),
        ("12480.500001", OTHER, "There are only 12,480.50 PRAC."),
        ("1.0000001", OTHER, "at most 6 figures"),
        ("1", "", "Paste the address"),
        ("1", "0x1234", "An address is 0x and 40"),
        ("1", OWN.lower(), "This is your own address."),
        ("1", "0x" + "0" * 40, "the money would be lost"),
    ],
)
def test_what_cannot_be_sent_is_not_reviewed(
    window: Window, amount: str, to: str, said: str
) -> None:
    sheet = _send(window, amount, to)
    sheet.action.click()
    assert said in "\n".join(one.text() for one in sheet.findChildren(QLabel))
    assert sheet.password.isHidden() or not sheet.password.isVisible()
    assert window.asked == []


def test_the_other_currency_is_the_one_sent(window: Window) -> None:
    sheet = _sheet(window, "money.coin.send")
    assert isinstance(sheet, SendSheet)
    assert sheet.currency.value() == COIN.token
    sheet.all.click()
    assert sheet.amount.units() == 987_654_321_012_345_678
    sheet.currency.set_value(DOLLAR.token)
    sheet.amount.setText("1")
    sheet.to.setText(OTHER)
    sheet.action.click()
    assert sheet.action.text() == "Send 1.00 PRAC"


def test_a_wrong_password_is_said_in_the_sheet_and_nothing_is_lost(window: Window, qtbot) -> None:
    sheet = _send(window)
    sheet.action.click()
    qtbot.keyClicks(sheet.password, "wrong")
    sheet.action.click()
    assert not sheet.action.isEnabled()
    window.tell(Notice("rule", "wrong_password", "", about="SomethingElse"))
    assert not sheet.action.isEnabled()
    window.tell(Notice("rule", "wrong_password", "", about="SendMoney"))
    assert sheet.isVisible()
    assert sheet.action.isEnabled()
    text = "\n".join(one.text() for one in sheet.findChildren(QLabel))
    assert "That is not the password." in text
    assert sheet.amount.text() == "25.5"


@pytest.mark.parametrize("by_notice", [True, False])
def test_the_sheet_closes_once_it_is_on_its_way(window: Window, qtbot, by_notice: bool) -> None:
    sheet = _send(window)
    sheet.action.click()
    qtbot.keyClicks(sheet.password, "the password")
    sheet.action.click()
    window.tell(MONEY)
    assert sheet.isVisible()
    edit = sheet.password
    if by_notice:
        window.tell(Notice("done", "done.SendMoney", "", about="SendMoney"))
    else:
        window.tell(replace(MONEY, movements=(MOVEMENTS[0], *MOVEMENTS), busy=True))
    assert not sheet.isVisible()
    assert edit.text() == ""


def test_closing_forgets_the_password(window: Window, qtbot) -> None:
    sheet = _send(window)
    sheet.action.click()
    qtbot.keyClicks(sheet.password, "the password")
    edit = sheet.password
    sheet.reject()
    assert edit.text() == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [(OTHER, ""), (OTHER.lower(), ""), (OTHER[2:], "to.wrong"), (f"{OTHER}0", "to.wrong")],
)
def test_addresses(text: str, code: str) -> None:
    assert address_problem(text, OWN) == code


# --- bond -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("button", "most", "make"),
    [("money.add", "12480.50", AddBond), ("money.take", "300.00", TakeOut)],
)
def test_bond_in_and_out(window: Window, button: str, most: str, make: type) -> None:
    sheet = _sheet(window, button)
    assert isinstance(sheet, BondSheet)
    sheet.all.click()
    assert sheet.amount.text() == most
    sheet.amount.setText("99999")
    sheet.action.click()
    assert window.asked == []
    sheet.amount.setText("12.5")
    sheet.action.click()
    assert window.asked == [make(DOLLAR.token, 12_500_000)]


def test_typing_in_a_sheet_survives_snapshots(window: Window, qtbot) -> None:
    sheet = _send(window)
    sheet.to.setCursorPosition(5)
    window.tell(replace(MONEY, busy=True))
    assert (sheet.to.text(), sheet.to.cursorPosition()) == (OTHER, 5)
    assert sheet.isVisible()


# --- how it looks -----------------------------------------------------------------------------


def test_nothing_is_clipped_or_nameless(window: Window) -> None:
    for width in WINDOW_WIDTHS:
        window.resize(width)
        assert clipped(window.page) == [], width
    assert nameless(window.page) == []
    assert codes(window) == []


def test_nothing_is_clipped_or_nameless_in_the_sheets(window: Window) -> None:
    sheet = _send(window)
    for _ in range(2):
        settle(sheet, sheet.width(), sheet.height())
        assert clipped(sheet) == []
        assert nameless(sheet) == []
        sheet.action.click()
    sheet.reject()
    for button in ("money.add", "money.take"):
        sheet = _sheet(window, button)
        settle(sheet, sheet.width(), sheet.height())
        assert clipped(sheet) == []
        assert nameless(sheet) == []
        sheet.reject()
