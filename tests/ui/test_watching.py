"""The sheet that lets a second device watch: its code is checked, its coins are read before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton

from app.domain.commands import LetWatch
from app.domain.watch_code import watch_code
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.pages.order.detail import OrderDetail
from tests.ui.looking import clipped, nameless
from tests.ui.order_samples import BUYING, ETH

COINS_WEI = 2_400_000 * 10**9
WAITING = replace(
    BUYING,
    todo="wait_key",
    actions=("let_watch",),
    watch_coins_wei=COINS_WEI,
    fee_wei=30_000 * 10**9,
    fee_currency=ETH,
)
CODE = watch_code(bytes(range(32)))


def _open(qtbot, detail: OrderDetail, order=WAITING) -> OrderSheet:
    detail.show_snapshot(order)
    button = detail.findChild(QPushButton, "order.let_watch")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert detail.sheet is not None
    return detail.sheet


def _type(sheet: OrderSheet, code: str, path: str) -> None:
    sheet.findChild(QLineEdit, "let_watch.code").setText(code)
    sheet.findChild(QLineEdit, "let_watch.path").setText(path)


def _words(sheet: OrderSheet) -> str:
    labels = (part for part in sheet.findChildren(QLabel) if part.isVisible())
    return "\n".join(part.accessibleName() or part.text() for part in labels)


def test_it_is_offered_only_where_there_is_something_to_watch(detail: OrderDetail) -> None:
    detail.show_snapshot(BUYING)
    assert not detail.findChild(QPushButton, "order.let_watch").isVisible()
    detail.show_snapshot(WAITING)
    assert detail.findChild(QPushButton, "order.let_watch").isVisible()


def test_the_sheet_is_whole_and_says_what_the_device_gets(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail)
    assert clipped(sheet) == []
    assert nameless(sheet) == []
    assert "0.0024 ETH" in _words(sheet)
    assert "what is left comes back" in _words(sheet)


def test_what_was_read_is_what_is_asked(
    detail: OrderDetail, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = _open(qtbot, detail)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/tmp/o.parcel", ""))
    qtbot.mouseClick(sheet.findChild(QPushButton, "let_watch.choose"), Qt.MouseButton.LeftButton)
    sheet.findChild(QLineEdit, "let_watch.code").setText(f" {CODE.lower()} ")
    detail.show_snapshot(replace(WAITING, watch_coins_wei=2 * COINS_WEI))  # fees move meanwhile
    with qtbot.waitSignal(detail.asked) as heard:
        qtbot.mouseClick(sheet.action, Qt.MouseButton.LeftButton)
    (asked,) = heard.args
    assert asked == LetWatch(WAITING.order, CODE.lower(), Path("/tmp/o.parcel"), COINS_WEI)


@pytest.mark.parametrize(
    ("code", "path", "why"),
    [
        ("", "/tmp/o.parcel", "not a watch code"),
        (CODE[:-1] + "A", "/tmp/o.parcel", "not a watch code"),
        (CODE, " ", "Choose where"),
    ],
    ids=["no code", "a slip", "no place"],
)
def test_what_is_missing_is_said(
    detail: OrderDetail, qtbot, code: str, path: str, why: str
) -> None:
    sheet = _open(qtbot, detail)
    _type(sheet, code, path)
    with qtbot.assertNotEmitted(detail.asked):
        qtbot.mouseClick(sheet.action, Qt.MouseButton.LeftButton)
    assert why in _words(sheet)


def test_without_a_known_fee_nothing_is_handed_over(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, replace(WAITING, watch_coins_wei=None))
    assert not sheet.action.isEnabled()


def test_an_order_that_ended_meanwhile_is_not_handed_over(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail)
    _type(sheet, CODE, "/tmp/o.parcel")
    detail.show_snapshot(replace(WAITING, actions=()))
    assert not sheet.action.isEnabled()
