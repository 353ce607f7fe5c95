"""Records: the table, the entry beside it, and a CSV file that runs nothing."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester

from app.domain.commands import OpenDataset, OpenOrder, OpenRecords
from app.domain.snapshots.records import RecordsSnapshot
from app.ui.pages.entries.export import harmless, table
from app.ui.pages.entries.table import EntryModel, EntryTable
from app.ui.pages.records import RecordsPage
from tests.ui.desk_samples import (
    DATASET,
    ORDER,
    RECORDS,
    WINDOW_WIDTHS,
    Window,
    codes,
    entry,
    found,
)
from tests.ui.looking import clipped, nameless


@pytest.fixture
def window(qtbot) -> Window:
    made = Window(RecordsPage(), qtbot)
    made.tell(RECORDS)
    return made


def _table(window: Window) -> EntryTable:
    return found(window.page, EntryTable, "records.table")


def _choose(window: Window, row: int) -> None:
    shown = _table(window)
    shown.setCurrentIndex(shown.model().index(row, 0))


def test_rows_say_what_who_when_state_and_fee(window: Window) -> None:
    model = _table(window).model()
    spoken = [
        [model.index(row, column).data(Qt.ItemDataRole.AccessibleTextRole) for column in range(4)]
        for row in range(4)
    ]
    assert spoken[0][0] == "Key recorded, Hourly feeder load"
    assert spoken[0][2].startswith("being recorded…")
    assert spoken[1][1].startswith("Baltic Grid, 21 Nov")
    assert spoken[2][2].startswith("failed")
    assert spoken[3] == [
        "Dataset registered, Hourly feeder load",
        spoken[3][1],
        "final, 0000 0000 0000 … 0004",
        "0.000913 ETH, 182,345 gas",
    ]
    assert spoken[3][1].startswith("you, 21 Nov")


def test_totals_are_read(window: Window) -> None:
    assert "4 entries  ·  recording fees 0.000913 ETH  ·  182,345 gas" in window.words()


def test_the_entry_is_shown_whole_and_can_be_copied(window: Window) -> None:
    _choose(window, 3)
    text = window.words()
    for part in ("Nordhaven Energy (you)", "1,234,567", "182,345", "0.000913 ETH", "for good"):
        assert part in text
    window.button("records.entry.copy").click()
    assert QGuiApplication.clipboard().text() == "0x" + f"{4:064x}"


@pytest.mark.parametrize(
    ("row", "said", "unsaid"),
    [
        (0, "On its way.", "for good"),
        (1, "becomes final", "On its way."),
        (2, "The check period is over.", "becomes final"),
        (3, "for good", "This was not recorded."),
    ],
)
def test_each_state_is_explained(window: Window, row: int, said: str, unsaid: str) -> None:
    _choose(window, row)
    assert said in window.words()
    assert unsaid not in window.words()


def test_the_others_fee_is_theirs(window: Window) -> None:
    _choose(window, 1)
    assert "paid by them" in window.words()
    _choose(window, 0)
    assert "paid by them" not in window.words()


def test_arrow_keys_move_through_the_entries(window: Window, qtbot) -> None:
    _table(window).setFocus()
    qtbot.keyClick(_table(window), Qt.Key.Key_Down)
    qtbot.keyClick(_table(window), Qt.Key.Key_Down)
    assert "This was not recorded." in window.words()
    qtbot.keyClick(_table(window), Qt.Key.Key_Tab)
    assert not _table(window).hasFocus()


def test_subjects_orders_and_datasets_are_asked_for(window: Window) -> None:
    chooser = window.page.subject
    chooser.setCurrentIndex(chooser.findData(DATASET))
    chooser.activated.emit(chooser.currentIndex())
    _choose(window, 0)
    window.button("records.order").click()
    window.button("records.only").click()
    _choose(window, 3)
    window.button("records.dataset").click()
    assert window.asked == [
        OpenRecords(DATASET),
        OpenOrder(ORDER),
        OpenRecords(ORDER),
        OpenDataset(DATASET),
    ]


def test_snapshots_ask_nothing_and_show_their_subject(window: Window) -> None:
    window.tell(replace(RECORDS, key=ORDER))
    assert window.page.subject.currentText() == "Order: Hourly feeder load"
    assert window.asked == []
    _choose(window, 0)
    assert not window.button("records.only").isVisible()


def test_the_chosen_entry_stays_chosen_when_others_come(window: Window) -> None:
    _choose(window, 2)
    newer = entry("bond", "being_recorded", 9)
    window.tell(replace(RECORDS, entries=(newer, *RECORDS.entries)))
    assert _table(window).currentIndex().row() == 3
    assert "This was not recorded." in window.words()
    window.tell(replace(RECORDS, entries=(newer,)))
    assert _table(window).currentIndex().row() == 0
    assert "Bond added" in window.words()


def test_the_model_keeps_its_promises(qtbot) -> None:
    model = EntryModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(RECORDS)
    model.show(replace(RECORDS, entries=RECORDS.entries[1:]))
    model.show(RecordsSnapshot())
    assert tester.model() is model
    assert model.rowCount() == 0


def test_nothing_recorded_teaches_what_will_be(window: Window) -> None:
    window.tell(RecordsSnapshot())
    assert "Nothing recorded yet" in window.words()
    assert not window.button("records.export").isEnabled()
    window.button("records.register").click()
    assert window.went == ["register"]


# --- CSV --------------------------------------------------------------------------------------


def _read(content: bytes) -> list[list[str]]:
    return list(csv.reader(content.decode("utf-8-sig").splitlines()))


def test_the_table_is_read_back_as_it_was(window: Window) -> None:
    lines = _read(table(RECORDS))
    assert lines[0][8] == "Fee (ETH)"
    assert len(lines) == 5
    assert lines[4][0] == "Dataset registered"
    assert lines[4][5] == "0x" + f"{4:064x}"
    assert lines[4][6:9] == ["1234567", "182345", "0.000912345678901234"]
    assert lines[4][3].endswith("+00:00")
    assert lines[1][3] == ""


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "=1", "|calc", "%x", "−1"]
)
def test_what_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    lines = table(replace(RECORDS, entries=(replace(RECORDS.entries[0], title=cell),)))
    assert f'"\'{cell}"'.encode() in lines


@pytest.mark.parametrize("cell", ["", "Hourly load", "0xab", "1.5", "a=b", "2019–2024"])
def test_what_is_harmless_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell


def test_a_file_is_written_where_one_says(
    window: Window, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.csv"
    dialog = "app.ui.pages.records.QFileDialog.getSaveFileName"
    monkeypatch.setattr(dialog, lambda *_: (str(tmp_path / "out"), ""))
    window.button("records.export").click()
    assert target.read_bytes() == table(RECORDS)
    assert f"4 entries saved as {target}." in window.words()
    monkeypatch.setattr(dialog, lambda *_: (str(tmp_path / "no" / "out.csv"), ""))
    window.button("records.export").click()
    assert "It could not be saved (No such file or directory)" in window.words()
    monkeypatch.setattr(dialog, lambda *_: ("", ""))
    target.unlink()
    window.button("records.export").click()
    assert not target.exists()


# --- how it looks -----------------------------------------------------------------------------


def test_nothing_is_clipped_or_nameless(window: Window) -> None:
    for row in range(4):
        _choose(window, row)
        for width in WINDOW_WIDTHS:
            window.resize(width, 680)
            assert clipped(window.page) == [], (row, width)
        assert nameless(window.page) == [], row
        assert codes(window) == [], row


def test_the_fee_gives_way_where_it_is_narrow(window: Window) -> None:
    window.resize(1060)
    assert _table(window).isColumnHidden(3)
    assert _table(window).columnWidth(0) > 180
    window.resize(1360)
    assert not _table(window).isColumnHidden(3)
