"""Delivery parcels in the window: saved from a sheet, opened by button or dropped, never lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton, QWidget

from app.domain.commands import ExportParcel, ImportParcel, LeaveParcel, StopParcel
from app.domain.snapshots.orders import OrderSnapshot, ParcelView
from app.domain.snapshots.shell import Notice
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.pages.order.detail import OrderDetail
from app.ui.phrases import notices, parcels
from app.ui.widgets.fields import Choice
from tests.ui import gallery
from tests.ui.looking import clipped, nameless
from tests.ui.order_samples import (
    BUYING,
    FROM_RELAY,
    LEAVES,
    LEAVING,
    LEFT,
    OPENING,
    RECEIVING,
    SAVING,
    SELLING,
)

FILES = ("/media/stick/order-0042.1-of-2.lading", "/media/stick/order-0042.2-of-2.lading")


def _button(detail: QWidget, name: str) -> QPushButton:
    found = detail.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def _click(qtbot, detail: QWidget, name: str) -> None:
    qtbot.mouseClick(_button(detail, name), Qt.MouseButton.LeftButton)


def _words(root: QWidget) -> str:
    labels = (part for part in root.findChildren(QLabel) if part.isVisible())
    return "\n".join(part.accessibleName() or part.text() for part in labels)


@pytest.mark.parametrize(
    ("order", "shown"),
    [
        (SELLING, {"save_parcel"}),
        (LEAVES, {"save_parcel", "leave_parcel"}),
        (LEAVING, {"stop_parcel"}),
        (LEFT, {"save_parcel"}),
        (FROM_RELAY, {"open_parcel"}),
        (RECEIVING, {"open_parcel"}),
        (SAVING, {"stop_parcel"}),
        (OPENING, {"stop_parcel"}),
        (BUYING, set()),
    ],
)
def test_each_side_is_offered_its_own_and_only_while_it_helps(
    detail: OrderDetail, order: OrderSnapshot, shown: set[str]
) -> None:
    detail.show_snapshot(order)
    names = {"save_parcel", "leave_parcel", "open_parcel", "stop_parcel"}
    assert {name for name in names if _button(detail, f"order.{name}").isVisible()} == shown
    assert nameless(detail) == []


def test_missing_parts_are_named(detail: OrderDetail) -> None:
    detail.show_snapshot(RECEIVING)
    assert "Of the 12 parts of the parcel, still missing: 3, 5–7" in _words(detail)
    detail.show_snapshot(OPENING)
    assert "missing" not in _words(detail)


def test_leaving_it_at_a_relay_and_where_it_is(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(LEAVES)
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.leave_parcel")
    assert heard.args == [LeaveParcel(LEAVES.order)]
    detail.show_snapshot(LEAVING)
    assert "Leaving the parcel at the relay" in _words(detail)
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.stop_parcel")
    assert heard.args == [StopParcel(LEAVING.order)]
    detail.show_snapshot(LEFT)
    assert "is at the relay relay.example.org until" in _words(detail)
    detail.show_snapshot(FROM_RELAY)
    assert "It comes from the relay relay.example.org" in _words(detail)
    detail.show_snapshot(SELLING)
    assert "relay.example.org" not in _words(detail)


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ("paused_all", "you have paused all deliveries"),
        ("unplugged", "until this computer is plugged in"),
        ("queued", "waits its turn"),
    ],
)
def test_a_parcel_that_waits_says_why(detail: OrderDetail, waits: Any, said: str) -> None:
    assert LEAVING.delivery is not None
    assert LEAVING.delivery.parcel is not None
    parcel = replace(LEAVING.delivery.parcel, waits=waits)
    detail.show_snapshot(replace(LEAVING, delivery=replace(LEAVING.delivery, parcel=parcel)))
    assert said in _words(detail)
    assert "Leaving the parcel at the relay" not in _words(detail)


def test_many_missing_parts_are_a_short_line() -> None:
    runs = tuple((n, n) for n in range(1, 99, 2))
    assert parcels.missing(ParcelView(parts=99, missing=runs)).endswith("1, 3, 5, 7, 9, 11, …")
    assert "Copy it again" in parcels.missing(ParcelView(parts=1, missing=((1, 1),)))


def test_how_far_it_is_and_stop(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(OPENING)
    said = _words(detail)
    assert "Opening the parcel" in said
    assert "1.3 of 4.7 GB" in said
    assert "Waiting for the other computer" not in said
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.stop_parcel")
    assert heard.args == [StopParcel(OPENING.order)]


def test_chosen_files_are_opened_for_this_order(
    detail: OrderDetail, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail.show_snapshot(RECEIVING)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: (list(FILES), ""))
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.open_parcel")
    assert heard.args == [ImportParcel(tuple(map(Path, FILES)), RECEIVING.order)]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    with qtbot.assertNotEmitted(detail.asked):
        _click(qtbot, detail, "order.open_parcel")


# the sheet


def _open(qtbot, detail: OrderDetail) -> OrderSheet:
    detail.show_snapshot(SELLING)
    _click(qtbot, detail, "order.save_parcel")
    assert detail.sheet is not None
    return detail.sheet


def test_the_sheet_is_whole_and_says_what_it_takes(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail)
    assert clipped(sheet) == []
    assert nameless(sheet) == []
    assert "It needs 4.7 GB." in _words(sheet)
    assert "Only Baltic Grid Analytics can open it" in _words(sheet)


@pytest.mark.parametrize(
    ("choice", "files", "part_bytes"),
    [("0", "1 file", 0), ("4000", "2 files", 4_000_000_000), ("18", "260 files", 18_000_000)],
)
def test_one_file_or_parts_into_a_folder(
    detail: OrderDetail,
    qtbot,
    monkeypatch: pytest.MonkeyPatch,
    choice: str,
    files: str,
    part_bytes: int,
) -> None:
    sheet = _open(qtbot, detail)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "/media/stick")
    _click(qtbot, sheet, "save_parcel.choose")
    sheet.findChild(Choice, "save_parcel.size").set_value(choice)
    assert files in _words(sheet).splitlines()
    with qtbot.waitSignal(sheet.asked) as heard:
        _click(qtbot, sheet, "save_parcel.do")
    assert heard.args == [ExportParcel(SELLING.order, Path("/media/stick"), part_bytes)]


@pytest.mark.parametrize("typed", ["", "1", "0", "-5", "2.5", "²", "many"])
def test_another_size_has_to_be_one(detail: OrderDetail, qtbot, typed: str) -> None:
    sheet = _open(qtbot, detail)
    sheet.findChild(QLineEdit, "save_parcel.path").setText("/media/stick")
    sheet.findChild(Choice, "save_parcel.size").set_value("other")
    field = sheet.findChild(QLineEdit, "save_parcel.megabytes")
    field.setText(typed)
    with qtbot.assertNotEmitted(sheet.asked):
        _click(qtbot, sheet, "save_parcel.do")
    assert "2 or more" in _words(sheet)
    field.setText("100")
    with qtbot.waitSignal(sheet.asked) as heard:
        _click(qtbot, sheet, "save_parcel.do")
    assert heard.args == [ExportParcel(SELLING.order, Path("/media/stick"), 100_000_000)]


def test_without_a_folder_nothing_is_saved(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail)
    with qtbot.assertNotEmitted(sheet.asked):
        _click(qtbot, sheet, "save_parcel.do")
    assert "Choose the folder" in _words(sheet)


def test_once_the_buyer_has_everything_there_is_nothing_to_save(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail)
    detail.show_snapshot(replace(SELLING, todo="wait_check", actions=()))
    assert not _button(sheet, "save_parcel.do").isEnabled()


# dropped


def _data(*urls: str) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    return data


def _drop(target: QWidget, data: QMimeData) -> bool:
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    copy = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(40, 40), copy, data, left, none)
    enter.ignore()
    target.dragEnterEvent(enter)
    if enter.isAccepted():
        target.dropEvent(QDropEvent(QPointF(40, 40), copy, data, left, none))
    return enter.isAccepted()


def test_files_dropped_anywhere_on_the_window_are_opened_on_the_orders_page(qtbot) -> None:
    window = gallery.window()
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.asked) as heard:
        assert _drop(window, _data(*(f"file://{path}" for path in FILES)))
    assert heard.args == [ImportParcel(tuple(map(Path, FILES)))]
    assert window.stack.currentWidget().findChild(QWidget, "orders.list") is not None


def test_what_is_not_on_this_computer_is_not_taken(qtbot) -> None:
    window = gallery.window()
    qtbot.addWidget(window)
    words = QMimeData()
    words.setText("/media/stick/order.lading")
    with qtbot.assertNotEmitted(window.asked):
        assert not _drop(window, words)
        assert not _drop(window, _data("https://example.org/order.lading"))
        assert not _drop(window, _data(f"file://{FILES[0]}", "https://example.org/2.lading"))


def test_a_locked_window_takes_nothing(qtbot) -> None:
    window = gallery.window()
    qtbot.addWidget(window)
    gallery.VIEWS["locked"](window)
    with qtbot.assertNotEmitted(window.asked):
        assert not _drop(window, _data(f"file://{FILES[0]}"))


def test_what_was_done_and_what_went_wrong_is_said_in_words() -> None:
    done = Notice("done", "done.parcel_parts", "", {"parts": "12"})
    assert notices.written(done)[0] == "The parcel was saved in 12 parts."
    spoiled = Notice("rule", "parcel.spoiled", "x", {"names": "a.lading, b.lading"})
    assert notices.written(spoiled)[0].startswith("Damaged or cut short: a.lading, b.lading.")
