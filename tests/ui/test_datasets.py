"""My datasets: how each stands, and what can be done with it after a look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton, QWidget

from app.domain.commands import (
    ChangePrice,
    DiscardDraft,
    LocateContent,
    OpenDataset,
    WithdrawListing,
)
from app.domain.snapshots.datasets import DatasetsSnapshot
from app.ui.pages.datasets import DatasetsPage
from tests.ui.dataset_samples import DRAFT, MOVED, ON_SALE, OWN, PAGE_WIDTHS
from tests.ui.looking import clipped, nameless, settle


@pytest.fixture
def page(qtbot) -> DatasetsPage:
    made = DatasetsPage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show()
    made.show_snapshot(OWN)
    return made


@pytest.fixture
def asked(page: DatasetsPage) -> list[object]:
    heard: list[object] = []
    page.asked.connect(heard.append)
    return heard


def _button(page: QWidget, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert isinstance(found, QPushButton), name
    return found


def _words(page: QWidget) -> list[str]:
    return [text.text() for text in page.findChildren(QLabel) if text.isVisible()]


def _sheet(page: DatasetsPage, kind: str) -> QDialog:
    found = page.findChild(QDialog, f"sheet.{kind}")
    assert isinstance(found, QDialog)
    return found


def test_nothing_yet_teaches_and_leads_on(page: DatasetsPage, qtbot) -> None:
    page.show_snapshot(DatasetsSnapshot())
    assert "Sell data without giving it away first" in _words(page)
    assert not _button(page, "datasets.register").isVisible()
    with qtbot.waitSignal(page.went) as heard:
        _button(page, "datasets.register_first").click()
    assert heard.args == ["register"]


def test_each_dataset_is_told_in_words(page: DatasetsPage) -> None:
    said = _words(page)
    assert "2 on sale  ·  1 draft" in said
    assert "4.6 GB  ·  1 file  ·  1,132,000 records  ·  registered 2 Oct 2025" in said
    assert {"Draft", "On sale", "Withdrawn", "1,200.00 PRAC", "4.5"} <= set(said)
    assert "/data/soil" in said


def test_moved_files_are_said_only_where_they_moved(page: DatasetsPage) -> None:
    assert "Last seen at /usb/ports" in _words(page)
    assert _button(page, "datasets.locate.bbbbbbbb").isVisible()
    assert not _button(page, "datasets.locate.aaaaaaaa").isVisible()


def test_only_what_is_on_sale_can_be_changed(page: DatasetsPage) -> None:
    for key, wanted in (
        ("aaaaaaaa", {"open", "price", "withdraw"}),
        ("dddddddd", {"continue", "discard"}),
        ("cccccccc", {"open"}),
    ):
        actions = ("open", "price", "withdraw", "continue", "discard")
        shown = {a for a in actions if _button(page, f"datasets.{a}.{key}").isVisible()}
        assert shown == wanted


def test_a_registered_one_opens(page: DatasetsPage, asked, qtbot) -> None:
    with qtbot.waitSignal(page.went) as heard:
        _button(page, "datasets.open.aaaaaaaa").click()
    assert asked == [OpenDataset(ON_SALE.key)]
    assert heard.args == ["dataset"]


def test_a_draft_goes_on_in_register(page: DatasetsPage, asked, qtbot) -> None:
    with qtbot.waitSignal(page.went) as heard:
        _button(page, "datasets.continue.dddddddd").click()
    assert heard.args == ["register"]
    assert len(asked) == 1


def test_the_price_is_changed_after_a_look(page: DatasetsPage, asked, qtbot) -> None:
    _button(page, "datasets.price.aaaaaaaa").click()
    sheet = _sheet(page, "price")
    assert "0.000052 ETH" in _words(sheet)
    new = sheet.findChild(QLineEdit, "price.new")
    for typed, problem in (
        ("", "Type an amount in PRAC."),
        ("1200", "This is the price already."),
        ("1" + "0" * 25, "Nobody could pay this price. Type a smaller amount."),
    ):
        new.setText(typed)
        _button(sheet, "price.do").click()
        assert problem in _words(sheet)
    assert asked == []
    new.clear()
    qtbot.keyClicks(new, "990.50")
    _button(sheet, "price.do").click()
    assert asked == [ChangePrice(ON_SALE.key, 990_500_000)]


def test_withdrawing_is_reviewed_and_can_be_left(page: DatasetsPage, asked) -> None:
    _button(page, "datasets.withdraw.aaaaaaaa").click()
    sheet = _sheet(page, "withdraw")
    assert any("it cannot be deleted" in words for words in _words(sheet))
    _button(sheet, "withdraw.cancel").click()
    assert asked == []
    _button(page, "datasets.withdraw.aaaaaaaa").click()
    again = [s for s in page.findChildren(QDialog, "sheet.withdraw") if s.isVisible()]
    _button(again[-1], "withdraw.do").click()
    assert asked == [WithdrawListing(ON_SALE.key)]


def test_a_draft_is_discarded_after_a_look(page: DatasetsPage, asked) -> None:
    _button(page, "datasets.discard.dddddddd").click()
    _button(_sheet(page, "discard"), "discard.do").click()
    assert asked == [DiscardDraft(DRAFT.key)]


def test_moved_files_are_found_by_keyboard(page: DatasetsPage, asked, qtbot) -> None:
    _button(page, "datasets.locate.bbbbbbbb").click()
    sheet = _sheet(page, "locate")
    _button(sheet, "locate.do").click()
    assert "Type or paste where the file or folder is." in _words(sheet)
    assert asked == []
    path = sheet.findChild(QLineEdit, "locate.path")
    qtbot.keyClicks(path, "/data/ports")
    qtbot.keyClick(path, Qt.Key.Key_Return)
    _button(sheet, "locate.do").click()
    assert asked == [LocateContent(MOVED.key, Path("/data/ports"))]


def test_cards_change_in_place_and_keep_the_focus(page: DatasetsPage) -> None:
    page.activateWindow()
    button = _button(page, "datasets.open.aaaaaaaa")
    button.setFocus()
    page.show_snapshot(replace(OWN, rows=(replace(ON_SALE, orders=5), DRAFT)))
    assert _button(page, "datasets.open.aaaaaaaa") is button
    assert button.hasFocus()
    assert "5" in _words(page)
    assert (
        page.findChild(QWidget, "datasets.card.bbbbbbbb") is None
        or not page.findChild(QWidget, "datasets.card.bbbbbbbb").isVisible()
    )


def test_names_of_others_are_never_markup(page: DatasetsPage) -> None:
    page.show_snapshot(DatasetsSnapshot((replace(ON_SALE, title="<b>bold</b> & more"),)))
    titles = page.findChildren(QLabel, "datasets.card.title")
    (shown,) = [title for title in titles if title.isVisible()]
    assert (shown.text(), shown.textFormat()) == (
        "<b>bold</b> & more",
        Qt.TextFormat.PlainText,
    )


def test_no_words_are_cut_and_everything_has_a_name(page: DatasetsPage) -> None:
    for snapshot in (OWN, DatasetsSnapshot()):
        page.show_snapshot(snapshot)
        for width in PAGE_WIDTHS:
            settle(page, width)
            assert clipped(page) == [], width
        assert nameless(page) == []


def test_the_sheets_are_whole(page: DatasetsPage) -> None:
    for name in ("price.aaaaaaaa", "withdraw.aaaaaaaa", "locate.bbbbbbbb", "discard.dddddddd"):
        _button(page, f"datasets.{name}").click()
        sheet = _sheet(page, name.partition(".")[0])
        settle(sheet, sheet.width(), sheet.height())
        assert clipped(sheet) == [], name
        assert nameless(sheet) == [], name
