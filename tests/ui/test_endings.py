"""How an order ended, in plain words for each side, and the proof of a dispute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QWidget

from app.domain.commands import SaveProof
from app.domain.snapshots.orders import EndingCode, OrderSnapshot
from app.ui.pages.order.detail import OrderDetail
from tests.ui.looking import clipped, nameless, settle
from tests.ui.order_samples import (
    BUYING,
    COMPLAINING,
    FAULTY,
    LOST,
    NEGOTIATING,
    PAYING,
    SELLING,
    UNTRUE,
    WON,
    ended,
    usdc,
)

PLAIN = [code for code in get_args(EndingCode) if code != "dispute"]


@pytest.fixture
def detail(qtbot) -> OrderDetail:
    made = OrderDetail()
    qtbot.addWidget(made)
    made.resize(776, 1100)
    made.show()
    return made


def _said(detail: OrderDetail, name: str) -> str:
    QApplication.processEvents()
    found = detail.findChild(QLabel, name)
    assert found is not None
    return found.text() if found.isVisible() else ""


def _card(detail: OrderDetail) -> QWidget:
    QApplication.processEvents()
    found = detail.findChild(QWidget, "order.ending")
    assert found is not None
    return found


def _todo(detail: OrderDetail) -> str:
    QApplication.processEvents()
    found = detail.findChild(QWidget, "order.todo.text")
    assert found is not None
    return found.accessibleName()


def test_while_the_money_is_held_nothing_has_ended(detail: OrderDetail) -> None:
    for order in (SELLING, BUYING, FAULTY, COMPLAINING, UNTRUE, NEGOTIATING):
        detail.show_snapshot(order)
        assert not _card(detail).isVisible()


@pytest.mark.parametrize("selling", [False, True])
@pytest.mark.parametrize("code", PLAIN)
def test_each_ending_says_why_and_to_whom(detail: OrderDetail, code: str, selling: bool) -> None:
    detail.show_snapshot(ended(code, selling))
    title, text = _said(detail, "order.ending.title"), _said(detail, "order.ending.text")
    assert title.startswith(
        "Paid because" if code in ("accepted", "window") else "Returned because"
    )
    assert "{" not in title + text
    assert _said(detail, "order.ending.when")
    assert not detail.findChild(QPushButton, "order.proof").isVisible()


def test_both_sides_read_the_same_ending_in_their_own_words(detail: OrderDetail) -> None:
    read = set()
    for code in PLAIN:
        for selling in (False, True):
            detail.show_snapshot(ended(code, selling))
            read.add(_said(detail, "order.ending.text"))
    assert len(read) == 2 * len(PLAIN)


def test_a_dispute_that_was_won_names_record_money_and_bond(detail: OrderDetail) -> None:
    detail.show_snapshot(WON)
    title = _said(detail, "order.ending.title")
    assert title == "Dispute won: record 1,234 was not what was registered"
    text = _said(detail, "order.ending.text")
    assert "record 1,234 of 1,131,889" in text
    assert "Meridian Freight's bond of 120.00 USDC with it" in text
    detail.show_snapshot(replace(WON, ending=replace(WON.ending, bond=None)))
    assert "bond" not in _said(detail, "order.ending.text")


def test_a_dispute_that_was_lost_says_what_is_gone_and_why(detail: OrderDetail) -> None:
    detail.show_snapshot(LOST)
    title = _said(detail, "order.ending.title")
    assert title == "Dispute lost: record 1,234 was not what you registered"
    text = _said(detail, "order.ending.text")
    assert "your bond of 120.00 USDC" in text
    assert "memory of this computer" in text
    assert "bond" in _todo(detail)


@pytest.mark.parametrize("order", [WON, LOST])
def test_both_sides_can_save_the_proof(
    detail: OrderDetail, qtbot, monkeypatch, tmp_path: Path, order: OrderSnapshot
) -> None:
    detail.show_snapshot(order)
    QApplication.processEvents()
    chosen = str(tmp_path / "proof.json")
    offered: list[str] = []

    def choose(parent: QWidget, title: str, name: str, kinds: str) -> tuple[str, str]:
        offered.append(name)
        return chosen, kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    button = detail.findChild(QPushButton, "order.proof")
    with qtbot.waitSignal(detail.asked) as heard:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard.args[0] == SaveProof(order.order, Path(chosen))
    assert offered == [f"Lading proof {order.number}.json"]
    chosen = ""  # cancelled
    with qtbot.assertNotEmitted(detail.asked):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_wrong_record_says_what_comes_by_itself(detail: OrderDetail) -> None:
    detail.show_snapshot(FAULTY)
    assert "comes back by itself" in _todo(detail)
    assert _said(detail, "order.todo.due")
    detail.show_snapshot(COMPLAINING)
    assert "complaining for you" in _todo(detail)


def test_an_untrue_statement_is_the_persons_to_weigh(detail: OrderDetail) -> None:
    detail.show_snapshot(UNTRUE)
    assert "cannot be claimed back" in _todo(detail)
    for name in ("order.confirm", "order.report"):
        assert detail.findChild(QPushButton, name).isVisible()


def _sheet_words(detail: OrderDetail, qtbot, action: str, order: OrderSnapshot) -> QWidget:
    detail.show_snapshot(order)
    qtbot.mouseClick(detail.findChild(QPushButton, f"order.{action}"), Qt.MouseButton.LeftButton)
    assert detail.sheet is not None
    QApplication.processEvents()
    return detail.sheet


def _visible(sheet: QWidget, name: str) -> str:
    found = sheet.findChild(QWidget, name)
    assert found is not None
    if not found.isVisible():
        return ""
    return found.accessibleName() or getattr(found, "text", str)()


def test_before_paying_it_is_said_that_somebody_has_to_watch(detail: OrderDetail, qtbot) -> None:
    sheet = _sheet_words(detail, qtbot, "pay", PAYING)
    assert "on line within 7 days" in _visible(sheet, "pay.watch")
    assert "second device" in _visible(sheet, "pay.watch")
    assert _visible(sheet, "pay.unaudited") == ""
    assert _visible(sheet, "pay.bond_low") == ""
    assert sheet.action.isEnabled()


def test_before_the_first_real_payment_the_beta_says_what_it_is(detail: OrderDetail, qtbot) -> None:
    sheet = _sheet_words(detail, qtbot, "pay", replace(PAYING, unaudited=True))
    assert "no outside audit" in _visible(sheet, "pay.unaudited")
    assert sheet.action.isEnabled()


def test_a_bond_that_may_not_cover_a_complaint_is_said(detail: OrderDetail, qtbot) -> None:
    sheet = _sheet_words(detail, qtbot, "pay", replace(PAYING, bond=usdc(119)))
    assert "less than the usual 120.00 USDC" in _visible(sheet, "pay.bond_low")


def test_the_owner_reads_what_complaints_cost_in_coins(detail: OrderDetail, qtbot) -> None:
    order = replace(NEGOTIATING, complaints_wei=5_850_000_000_000_000)
    sheet = _sheet_words(detail, qtbot, "sign", order)
    hints = [
        part.text() for part in sheet.findChildren(QLabel) if "Three complaints" in part.text()
    ]
    assert len(hints) == 1
    assert "0.00585 ETH" in hints[0]


@pytest.mark.parametrize("order", [WON, LOST, FAULTY, UNTRUE, ended("unrevealed")])
@pytest.mark.parametrize("width", [560, 776])
def test_nothing_is_cut_off_and_everything_has_a_name(
    detail: OrderDetail, order: OrderSnapshot, width: int
) -> None:
    detail.show_snapshot(order)
    settle(detail, width)
    assert clipped(detail) == []
    assert nameless(detail) == []
