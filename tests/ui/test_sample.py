"""The sample on the dataset page: asked for, waited for, read; and what an owner allows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QTabBar, QWidget

from app.domain.commands import AskSample, SetSamplePolicy
from app.domain.samples import SamplePolicy
from app.domain.snapshots.datasets import Claims
from app.domain.snapshots.samples import Sample
from app.ui.pages.dataset import DatasetPage
from app.ui.pages.listings.sample import SampleTable
from tests.ui.dataset_samples import DRAWN, OFFERED, PAGE_WIDTHS, SAMPLES
from tests.ui.looking import clipped, nameless, settle

KEY = OFFERED.card.dataset
CAN = "Text, tables of text (CSV, TSV) and JSON lines can."
CANNOT = "Pictures, sound, Parquet, spreadsheets and whatever is compressed cannot be read"


@pytest.fixture
def page(qtbot) -> DatasetPage:
    made = DatasetPage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show()
    made.show_snapshot(OFFERED)
    made.findChild(QTabBar, "dataset.tabs").setCurrentIndex(2)
    return made


@pytest.fixture
def asked(page: DatasetPage) -> list[object]:
    heard: list[object] = []
    page.asked.connect(heard.append)
    return heard


def lead(page: QWidget) -> str:
    found = page.findChild(QLabel, "sample.lead")
    assert found.isVisible()
    return str(found.accessibleName())


def shown(page: QWidget, name: str) -> bool:
    return bool(page.findChild(QWidget, name).isVisible())


def table(page: QWidget) -> SampleTable:
    found = page.findChild(SampleTable)
    assert isinstance(found, SampleTable)
    return found


def say(page: DatasetPage, sample: Sample) -> None:
    page.show_snapshot(replace(OFFERED, sample=sample))


def test_a_sample_can_be_asked_for(page: DatasetPage, asked: list[object]) -> None:
    assert "Neither you nor the owner can choose them" in lead(page)
    page.findChild(QAbstractButton, "sample.ask").click()
    assert asked == [AskSample(KEY)]


def test_what_it_waits_for(page: DatasetPage) -> None:
    say(page, Sample("asked", reason="It has not said yet where it can be reached."))
    assert "has been asked" in lead(page)
    assert page.findChild(QLabel, "sample.waits").text().startswith("Not yet: It has not said")
    assert not shown(page, "sample.ask")
    say(page, Sample("granted", drawn=48, block=1234, blocks_left=3))
    assert "agreed to open 48 records. Block 1,234 draws them" in lead(page)
    assert not shown(page, "sample.waits")
    say(page, Sample("granted", drawn=1, block=1234))
    assert "Block 1,234 has drawn 1 record" in lead(page)


def test_rows_and_the_state_of_the_proof(page: DatasetPage) -> None:
    say(page, DRAWN)
    words = lead(page)
    assert words.startswith("46 of 1,132,000 records are proven")
    assert "block 21,433,908" in words
    assert "2 more were drawn and kept back" in words
    model = table(page).lines
    assert (model.rowCount(), model.columnCount()) == (40, 4)
    assert model.headerData(1, Qt.Orientation.Horizontal) == "load_kw"
    cell = model.index(0, 1, QModelIndex())
    assert model.data(cell) == "137.25"
    assert model.data(cell, Qt.ItemDataRole.AccessibleTextRole) == "load_kw: 137.25"
    hint = page.findChild(QLabel, "sample.rows_hint").text()
    for said in ("90 lines at the edges", "1 line does not have", "1,512 more", "list of files"):
        assert said in hint


def test_text_is_shown_as_it_is(page: DatasetPage) -> None:
    page.show_snapshot(SAMPLES["text"])
    assert not table(page).horizontalHeader().isVisible()
    assert page.findChild(QLabel, "sample.rows_title").text() == "3 lines cut out of these records"


def test_records_that_cannot_be_read_are_proven_all_the_same(page: DatasetPage) -> None:
    page.show_snapshot(replace(SAMPLES["other"], claims=Claims(accessibility="parquet")))
    settle(page, 1148)
    assert not table(page).isVisible()
    said = [one.text() for one in page.findChildren(QLabel) if one.isVisible()]
    assert "These records cannot be shown as rows" in said
    assert any(CAN in text and CANNOT in text for text in said)
    assert not shown(page, "sample.kinds"), "it is said once"
    assert "48 of 1,132,000 records" in lead(page)
    say(page, replace(DRAWN, proven=0, withheld=48, rows=SAMPLES["other"].sample.rows))
    settle(page, 1148)
    said = [one.text() for one in page.findChildren(QLabel) if one.isVisible()]
    assert "Nothing can be shown" in said


@pytest.mark.parametrize(
    ("accessibility", "words"),
    [
        ("parquet", "cannot be shown as rows (format: Parquet)."),
        ("excel", "cannot be shown as rows (format: Spreadsheet)."),
        ("", "The owner declares no format."),
        ("nonsense utf-8", "declares a format that is not known here."),
    ],
)
def test_what_cannot_be_shown_is_said_before_it_is_asked_for(
    page: DatasetPage, accessibility: str, words: str
) -> None:
    page.show_snapshot(replace(OFFERED, claims=Claims(accessibility=accessibility)))
    said = page.findChild(QLabel, "sample.kinds")
    assert shown(page, "sample.ask")
    assert said.isVisible()
    assert all(part in said.text() for part in (words, CAN, CANNOT))
    settle(page, min(PAGE_WIDTHS))
    assert clipped(page) == []


@pytest.mark.parametrize("format", ["csv utf-8", "tsv latin-1", "jsonl utf-8", "json", "text"])
def test_of_what_can_be_shown_nothing_is_said(page: DatasetPage, format: str) -> None:
    page.show_snapshot(replace(OFFERED, claims=Claims(accessibility=format)))
    assert not shown(page, "sample.kinds")


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("refused", "There is no sample. No, thank you."),
        ("unopened", "did not open the records"),
        ("false", "not what was drawn"),
    ],
)
def test_what_went_wrong_can_be_asked_again(
    page: DatasetPage, asked: list[object], step: str, words: str
) -> None:
    say(page, Sample(step, reason="No, thank you.", drawn=4, block=7))  # type: ignore[arg-type]
    assert words in lead(page)
    assert not table(page).isVisible()
    page.findChild(QAbstractButton, "sample.ask").click()
    assert asked == [AskSample(KEY)]


def test_an_owner_decides(page: DatasetPage, asked: list[object]) -> None:
    own = SAMPLES["allowed"]
    assert own.allowance is not None
    page.show_snapshot(replace(own, allowance=replace(own.allowance, policy=SamplePolicy())))
    assert not page.findChild(QLabel, "sample.lead").isVisible()
    assert not shown(page, "sample.records")
    page.findChild(QAbstractButton, "sample.allow").click()
    assert asked == [SetSamplePolicy(KEY, SamplePolicy(allowed=True))]
    page.show_snapshot(own)
    choice = page.findChild(QComboBox, "sample.records")
    choice.setCurrentIndex(choice.findData("12"))
    choice.activated.emit(choice.currentIndex())
    assert asked[-1] == SetSamplePolicy(KEY, SamplePolicy(allowed=True, records=12))
    page.findChild(QAbstractButton, "sample.personal").click()
    assert asked[-1] == SetSamplePolicy(KEY, SamplePolicy(allowed=True, records=12, personal=True))
    assert page.findChild(QLabel, "sample.seen_title").text() == "2 buyers have a sample"


def test_a_limit_set_elsewhere_is_shown(page: DatasetPage) -> None:
    own = SAMPLES["allowed"]
    policy = SamplePolicy(allowed=True, records=33)
    page.show_snapshot(replace(own, allowance=replace(own.allowance, policy=policy)))
    assert page.findChild(QComboBox, "sample.records").value() == "33"


@pytest.mark.parametrize("width", PAGE_WIDTHS)
def test_nothing_is_clipped_or_nameless(page: DatasetPage, width: int) -> None:
    for snapshot in (OFFERED, *SAMPLES.values()):
        page.show_snapshot(snapshot)
        settle(page, width)
        settle(page, width)
        assert clipped(page) == []
        assert nameless(page) == []
