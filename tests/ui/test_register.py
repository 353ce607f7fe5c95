"""Registering: five steps, nothing typed is lost, nothing is saved before it was read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from app.domain.commands import (
    CancelFingerprint,
    ChooseContent,
    DescribeDraft,
    OpenDataset,
    OpenRecords,
    PriceDraft,
    Reconnect,
    RegisterDraft,
    RelateDraft,
)
from app.domain.profile_check import PROBLEMS
from app.domain.snapshots.datasets import Match, Profile, Progress, RegisterSnapshot
from app.domain.snapshots.shell import Notice
from app.ui.pages.listings.columns import ColumnsModel
from app.ui.pages.register import DESCRIBE, FILE, PRICE, REVIEW, RegisterPage
from app.ui.pages.registration.paths import typed_path
from app.ui.pages.registration.statements import MOST_SHOWN
from app.ui.pages.registration.steps import STEPS, StepButton
from app.ui.phrases import profile as profile_phrases
from app.ui.phrases.registered import outcome_head
from app.ui.widgets.facts import Lines
from app.ui.widgets.fields import Choice
from tests.ui.dataset_samples import (
    COIN,
    COLUMNS,
    COMPLETE,
    DESCRIPTION,
    DOLLAR,
    KEY,
    KNOWN_ELSEWHERE,
    LIKE_ELSEWHERE,
    LIKE_OTHERS,
    PAGE_WIDTHS,
    READ,
    dollars,
)
from tests.ui.looking import clipped, nameless, settle


class Reader:
    """The page as a person uses it: by object names, and everything it asked for."""

    def __init__(self, page: RegisterPage) -> None:
        self.page = page
        self.asked: list[object] = []
        self.went: list[str] = []
        page.asked.connect(self.asked.append)
        page.went.connect(self.went.append)

    def find(self, kind: type, name: str):
        found = self.page.findChild(kind, f"register.{name}")
        assert found is not None, name
        return found

    def click(self, name: str) -> None:
        button = self.find(QPushButton, name)
        assert button.isEnabled(), name
        assert button.isVisible(), name
        button.click()

    def step(self, code: str) -> StepButton:
        return self.find(StepButton, f"step.{code}")

    def read(self, name: str) -> str:
        return self.find(QLabel, name).text()

    def said(self, name: str) -> str:
        return self.find(QWidget, name).accessibleName()

    def key(self) -> str:
        return next(c.draft for c in self.asked if isinstance(c, ChooseContent))

    def take(self, kind: type) -> list:
        found = [c for c in self.asked if isinstance(c, kind)]
        self.asked.clear()
        return found


@pytest.fixture
def page(qtbot) -> RegisterPage:
    made = RegisterPage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


@pytest.fixture
def reader(page: RegisterPage) -> Reader:
    return Reader(page)


def _show(reader: Reader, step: int, draft: RegisterSnapshot = COMPLETE) -> None:
    reader.page.show_snapshot(draft)
    reader.step(STEPS[step]).click()
    assert (
        reader.read("head")
        == {
            0: "Choose the data",
            1: "Was it registered before?",
            2: "Describe it for buyers",
            3: "What does it cost?",
            4: "Review and save",
        }[step]
    )


# --- choosing ---------------------------------------------------------------------------------


def test_a_typed_path_is_read_under_a_fresh_key(reader: Reader, qtbot) -> None:
    path = reader.find(QLineEdit, "path")
    qtbot.keyClicks(path, "/data/hourly.csv")
    qtbot.keyClick(path, Qt.Key.Key_Return)
    assert reader.asked == [ChooseContent(reader.key(), Path("/data/hourly.csv"))]
    assert len(reader.key()) == 32
    assert int(reader.key(), 16) > 0
    assert reader.read("reading_hint") == "Starting to read…"


def test_every_registration_has_another_key(qtbot) -> None:
    keys = set()
    for _ in range(3):
        made = RegisterPage()
        qtbot.addWidget(made)
        reader = Reader(made)
        reader.find(QLineEdit, "path").setText("/data/x")
        reader.find(QPushButton, "use").click()
        keys.add(reader.key())
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "Type or paste where the file or folder is."),
        ("data/hourly.csv", "Type the whole path, from the top folder down to the file."),
        ("https://example.org/x.csv", "This is not on this computer. Save it here first"),
    ],
)
def test_what_is_no_path_is_refused_in_words(reader: Reader, typed: str, problem: str) -> None:
    reader.find(QLineEdit, "path").setText(typed)
    reader.click("use")
    assert reader.asked == []
    error = [text.text() for text in reader.page.findChildren(QLabel) if text.text()]
    assert any(text.startswith(problem) for text in error)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("  /data/a b.csv \n", "/data/a b.csv"),
        ('"/data/a.csv"', "/data/a.csv"),
        ("file:///data/a%20b.csv", "/data/a b.csv"),
        ("~/a.csv", str(Path.home() / "a.csv")),
    ],
)
def test_paths_come_as_people_paste_them(text: str, path: str) -> None:
    assert typed_path(text) == (Path(path), "")


def test_two_lines_are_two_files(reader: Reader) -> None:
    assert typed_path("/data/a\n/data/b") == (None, "several")


def _drop(target: QWidget, *urls: str) -> None:
    data = QMimeData()
    data.setUrls([QUrl(url) for url in urls])
    event = QDropEvent(
        QPointF(QPoint(40, 40)),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    target.dropEvent(event)


def test_a_folder_dropped_anywhere_on_the_page_is_read(reader: Reader) -> None:
    _drop(reader.page, "file:///data/soil")
    assert reader.asked == [ChooseContent(reader.key(), Path("/data/soil"))]


def test_two_files_dropped_together_are_refused(reader: Reader) -> None:
    _drop(reader.page, "file:///data/a", "file:///data/b")
    assert reader.asked == []
    assert reader.page.findChild(QWidget, "register.drop").error().startswith("One file or one")


def test_a_file_can_be_pasted_from_the_file_manager(reader: Reader, qtbot) -> None:
    data = QMimeData()
    data.setUrls([QUrl("file:///data/hourly.csv")])
    QGuiApplication.clipboard().setMimeData(data)
    drop = reader.find(QWidget, "drop")
    qtbot.keyClick(drop, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert reader.asked == [ChooseContent(reader.key(), Path("/data/hourly.csv"))]


def test_a_file_and_a_folder_can_be_chosen(reader: Reader, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/data/a.csv", ""))
    reader.click("file")
    assert reader.asked == [ChooseContent(reader.key(), Path("/data/a.csv"))]


def test_choosing_nothing_asks_for_nothing(reader: Reader, monkeypatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    reader.click("folder")
    assert reader.asked == []


# --- reading ----------------------------------------------------------------------------------


def _choose(reader: Reader) -> str:
    reader.find(QLineEdit, "path").setText("/data/hourly.csv")
    reader.click("use")
    key = reader.key()
    reader.asked.clear()
    return key


def test_progress_shows_speed_and_time_left_and_can_be_stopped(reader: Reader) -> None:
    key = _choose(reader)
    half = Progress(2_900_000_000, 4_600_000_000, 410_000_000, 4)
    reader.page.show_snapshot(replace(READ, draft=key, fingerprint="", reading=half))
    shown = [text.text() for text in reader.page.findChildren(QLabel) if text.isVisible()]
    assert "2.9 of 4.6 GB  ·  410 MB/s  ·  about 4 s" in shown
    assert "63%" in shown
    reader.click("cancel_reading")
    assert reader.asked == [CancelFingerprint(key)]
    assert reader.read("reading_hint") == "Stopping…"
    reader.page.show_snapshot(RegisterSnapshot(key, path="/data/hourly.csv"))
    assert reader.find(QWidget, "drop").isVisible()


def test_it_can_be_described_while_it_is_read(reader: Reader, qtbot) -> None:
    key = _choose(reader)
    reading = replace(READ, draft=key, fingerprint="", reading=Progress(1, 10, 1, 9))
    reader.page.show_snapshot(reading)
    reader.step("describe").click()
    qtbot.keyClicks(reader.find(QLineEdit, "title"), "Load")
    for done in range(2, 9):
        reader.page.show_snapshot(replace(reading, reading=Progress(done, 10, 1, 9)))
    assert reader.find(QLineEdit, "title").text() == "Load"


def test_what_was_found_is_shown_and_can_be_replaced(reader: Reader) -> None:
    key = _choose(reader)
    reader.page.show_snapshot(replace(READ, draft=key))
    assert reader.said("size") == "size: 4.6 GB"
    assert reader.said("files") == "file: 1"
    assert reader.read("name") == "hourly.csv"
    reader.click("other")
    assert reader.find(QWidget, "drop").isVisible()


def test_files_of_a_registered_dataset_show_its_registration(reader: Reader) -> None:
    """Once more, too: the page has left that registration by then."""
    for times in (1, 2):
        key = _choose(reader)
        reader.page.show_snapshot(replace(READ, draft=key, reading=Progress(1, 10, 1, 9)))
        known = replace(COMPLETE, draft="f" * 32, state="final", dataset="d" * 64, opened=times)
        reader.page.show_snapshot(known)
        assert reader.read("head") == outcome_head()
        assert reader.find(QPushButton, "open_page").isVisible()
        assert reader.asked == []
        reader.click("another")


def test_files_that_cannot_be_read_bring_back_the_choice(reader: Reader) -> None:
    reader_key = _choose(reader)
    reader.page.show_snapshot(Notice("rule", "content", "There is no file.", about=reader_key))
    assert reader.find(QWidget, "drop").isVisible()


def test_a_notice_about_another_page_changes_nothing(reader: Reader) -> None:
    _choose(reader)
    reader.page.show_snapshot(Notice("rule", "content", "Too little.", about="money"))
    assert not reader.find(QWidget, "drop").isVisible()


# --- check ------------------------------------------------------------------------------------

_MATCH = Match("ff" * 32, "Feeder load", "Baltic Grid", False, 1_727_860_500, "Practice network")


_CHECKS = {
    "none_yet": "Not looked up yet.",
    "checking": "Looking it up…",
    "new": "Not registered before.",
    "known": "The same content was registered before.",
    "not_comparable": "Not comparable.",
    "unreachable": "The record cannot be reached.",
}


def test_the_check_says_what_came_of_it(reader: Reader) -> None:
    for check, words in _CHECKS.items():
        _show(reader, 1, replace(COMPLETE, check=check))
        assert reader.said("check").startswith(words)
        assert reader.find(QPushButton, "try_now").isVisible() == (check == "unreachable")


def test_an_earlier_registration_is_named_and_opens(reader: Reader) -> None:
    _show(reader, 1, replace(COMPLETE, check="known", matches=(_MATCH,)))
    shown = [text.text() for text in reader.page.findChildren(QLabel)]
    assert any(t.startswith("Registered before by Baltic Grid on ") for t in shown)
    reader.click("match.ffffffff")
    assert reader.asked == [OpenDataset("ff" * 32)]


def test_one_s_own_earlier_registration_is_called_that(reader: Reader) -> None:
    _show(reader, 1, replace(COMPLETE, check="known", matches=(replace(_MATCH, by_me=True),)))
    shown = [text.text() for text in reader.page.findChildren(QLabel)]
    assert any(t.startswith("Registered before by you on ") for t in shown)


def test_an_unreachable_record_can_be_tried_now(reader: Reader) -> None:
    _show(reader, 1, replace(COMPLETE, check="unreachable"))
    reader.click("try_now")
    assert reader.asked == [Reconnect()]


def test_what_is_much_like_it_is_named_with_what_was_compared(reader: Reader) -> None:
    _show(reader, 1, LIKE_OTHERS)
    assert reader.said("check").startswith("Much like what was registered before.")
    shown = [text.text() for text in reader.page.findChildren(QLabel)]
    assert any(t.startswith("82% alike. Registered by Baltic Grid on ") for t in shown)
    assert any(t.startswith("61% alike. Registered by you on ") for t in shown)
    assert "Compared by columns. Alike: load_kw, feeder. Not alike: remark." in shown
    assert reader.step("check").accessibleName() == "Step 2 of 5: Check, open now"
    reader.click("match.fefefefe")
    assert reader.asked == [OpenDataset("fe" * 32)]


def test_the_owner_says_what_it_is_to_the_earlier_one(reader: Reader) -> None:
    _show(reader, 1, LIKE_OTHERS)
    reader.click("version.fefefefe")
    reader.click("different.edededed")
    assert reader.take(RelateDraft) == [RelateDraft(KEY, "fe" * 32), RelateDraft(KEY, "")]
    reader.page.show_snapshot(replace(LIKE_OTHERS, parent="fe" * 32))
    assert reader.said("check").startswith("Yours is a new version.")
    assert reader.find(QPushButton, "version.fefefefe").isChecked()
    for other in ("version.edededed", "different.fefefefe", "different.edededed"):
        assert not reader.find(QPushButton, other).isChecked()
    reader.page.show_snapshot(replace(LIKE_OTHERS, parent=""))
    assert reader.said("check").startswith("Yours is different data.")
    assert not reader.find(QPushButton, "version.fefefefe").isChecked()
    for one in ("different.fefefefe", "different.edededed"):
        assert reader.find(QPushButton, one).isChecked()


def test_data_that_is_renewed_is_a_new_version_without_any_likeness(reader: Reader) -> None:
    _show(reader, 1, replace(LIKE_OTHERS, alike=(), before=()))
    before = reader.find(Choice, "before")
    assert not before.isVisible()
    _show(reader, 1, replace(LIKE_OTHERS, alike=()))
    assert before.isVisible()
    assert [before.itemText(at) for at in range(before.count())] == [
        "Nothing: it stands by itself",
        "Feeder load 2018–2023",
        "Soil moisture",
    ]
    reader.take(RelateDraft)
    _pick(before, "Soil moisture")
    assert reader.take(RelateDraft) == [RelateDraft(KEY, "ec" * 32)]
    _show(reader, 1, replace(LIKE_OTHERS, alike=(), parent="ec" * 32))
    assert before.value() == "ec" * 32
    _pick(before, "Soil moisture")
    assert reader.take(RelateDraft) == []
    _pick(before, "Nothing: it stands by itself")
    assert reader.take(RelateDraft) == [RelateDraft(KEY, "")]


def _pick(choice: Choice, text: str) -> None:
    at = choice.findText(text)
    choice.setCurrentIndex(at)
    choice.activated.emit(at)


def test_the_same_content_is_more_than_something_like_it(reader: Reader) -> None:
    _show(reader, 1, replace(LIKE_OTHERS, check="known", matches=(_MATCH,)))
    assert reader.said("check").startswith("The same content was registered before.")
    assert reader.find(QPushButton, "version.fefefefe").isVisible()


def test_other_networks_are_told_of_and_what_could_not_be_read(reader: Reader) -> None:
    _show(reader, 1, KNOWN_ELSEWHERE)
    assert reader.read("networks") == (
        "Registered on two networks within an hour: which was first cannot be told from the"
        " clocks. Not looked through to the end: Baltic data exchange."
    )
    assert reader.page.findChildren(QPushButton, "register.match.fcfcfcfc") == []
    _show(reader, 1, LIKE_ELSEWHERE)
    assert not reader.find(QWidget, "networks").isVisible()
    assert reader.find(QPushButton, "version.fcfcfcfc").isHidden()
    assert not reader.find(QPushButton, "different.fcfcfcfc").isHidden()


# --- describe ---------------------------------------------------------------------------------


def test_columns_and_warnings_are_read(reader: Reader) -> None:
    _show(reader, DESCRIBE)
    assert "contact_email" in reader.said("personal_found")
    model = reader.find(QWidget, "columns").model()
    assert model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole) == (
        "load_kw: Numbers, 98% filled in"
    )


def test_what_was_measured_of_a_column_is_read_below_the_list(reader: Reader, qtbot) -> None:
    """By arrow keys, and where the list has no room for it."""
    _show(reader, DESCRIBE, READ)
    settle(reader.page, min(PAGE_WIDTHS))
    table, details = (reader.find(QWidget, name) for name in ("columns", "column_details"))
    assert table.isColumnHidden(3)
    assert (reader.read("column_name"), details.isVisible()) == ("timestamp", True)
    assert details.text().split("\n") == [
        "2019-01-01 00:00:00 – 2024-12-31 23:00:00",
        "about 43,800 different",
    ]
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert reader.read("column_name") == "load_kw"
    assert details.text().split("\n") == [
        "0 – 412.7",
        "about 8,214 different",
        "5% up to 4.1, 25% up to 22, half up to 61.5, 75% up to 120, 95% up to 263",
        "99% fit the kind",
    ]
    assert "about 8,214 different" in reader.said("column")
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert details.text().split("\n") == ["about 37 different", "like A@A.A"]
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert details.text() == "Nothing was measured of its values."
    reader.page.show_snapshot(replace(READ, parent=""))
    assert reader.read("column_name") == "remark", "the choice stays"
    other = replace(READ.profile, columns=READ.profile.columns[1:])
    reader.page.show_snapshot(replace(READ, profile=other))
    assert reader.read("column_name") == "load_kw"
    reader.page.show_snapshot(replace(READ, profile=None))
    assert not reader.find(QWidget, "column").isVisible()


def test_what_is_declared_can_be_left_out(reader: Reader) -> None:
    _show(reader, DESCRIBE)
    tick = reader.find(QCheckBox, "claim.completeness")
    assert tick.text() == "Completeness: 57.42%"
    assert tick.isChecked()
    reader.asked.clear()
    tick.click()
    reader.step("review").click()
    (told,) = (one for one in reader.asked if isinstance(one, DescribeDraft))
    assert told.description.undeclared == ("completeness",)


def test_looking_at_values_is_shown_and_can_be_stopped(reader: Reader) -> None:
    _show(reader, DESCRIBE, replace(READ, profile=None, looking=0.42))
    assert reader.find(QProgressBar, "looking").value() == 420
    assert reader.find(QProgressBar, "looking").isVisible()
    reader.asked.clear()
    reader.find(QPushButton, "stop_looking").click()
    assert reader.asked == [CancelFingerprint(KEY)]
    reader.page.show_snapshot(READ)
    assert not reader.find(QProgressBar, "looking").isVisible()


WHY_NOT_READ = {
    "broken": "This file is broken",
    "encrypted": "This file has a password",
    "too_large": "unpacks to more than Lading looks at",
    "one_line": "more than a megabyte",
    "wide": "more than 20,000 columns",
    "binary": "bytes in this file that no text has",
    "slow": "more than half an hour",
    "stopped": "You stopped the look",
    "failed": "ended early",
}


@pytest.mark.parametrize("problem", PROBLEMS[1:])
def test_why_a_table_was_not_read_is_told(reader: Reader, problem: str) -> None:
    _show(reader, DESCRIBE, replace(READ, profile=Profile("other", None, problem=problem)))
    said = reader.read("columns_hint")
    assert WHY_NOT_READ[problem] in said
    assert said.endswith(".")
    assert not reader.find(QProgressBar, "looking").isVisible()


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (("held", "limits"), "the network open"),
        (("not_compared", "columns"), "too large to be compared by columns"),
        (("unseen", "2"), "2 files that could not be looked into"),
        (("csv", "3"), "3 × CSV"),
        (("personal", ""), "personal data"),
    ],
)
def test_what_is_known_of_files_is_told(reader: Reader, fact: tuple[str, str], words: str) -> None:
    def shown(*facts: tuple[str, str]) -> str:
        found = Profile("other", None, facts=facts)
        _show(reader, DESCRIBE, replace(READ, profile=found))
        return reader.read("table_facts")

    assert words in shown(fact)
    assert reader.find(QWidget, "personal_found").isVisible() == (fact[0] == "personal")
    assert words not in shown(("held", "files limits network"))


def test_where_a_table_has_its_names_is_said() -> None:
    assert "names" not in profile_phrases.facts(Profile("csv", 9))
    assert "the columns are numbered" in profile_phrases.facts(Profile("csv", 9, head=0))
    assert "2 lines above the names left out" in profile_phrases.facts(Profile("excel", 9, head=3))


def test_a_description_fills_the_form_in(reader: Reader, tmp_path, monkeypatch) -> None:
    _show(reader, DESCRIBE, READ)
    file = tmp_path / "croissant.json"
    file.write_text('{"@type": "sc:Dataset", "name": "Port calls", "description": "All of them."}')
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    reader.find(QPushButton, "fill_in").click()
    assert reader.find(QLineEdit, "title").text() == "Port calls"
    assert reader.find(QPlainTextEdit, "what").toPlainText() == "All of them."
    file.write_text("kind: DataContract")
    reader.find(QPushButton, "fill_in").click()
    assert "is YAML, and Lading reads JSON" in reader.read("fill_in_problem")
    assert reader.find(QLineEdit, "title").text() == "Port calls", "nothing is lost"


def test_the_price_of_a_contract_is_taken_or_it_is_said_why_not(
    reader: Reader, tmp_path, monkeypatch
) -> None:
    _show(reader, DESCRIBE, replace(READ, price=None))
    file = tmp_path / "contract.json"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))

    def read(amount: float, currency: str, unit: str) -> str:
        price = {"priceAmount": amount, "priceCurrency": currency, "priceUnit": unit}
        file.write_text(json.dumps({"kind": "DataContract", "name": "Ports", "price": price}))
        reader.find(QPushButton, "fill_in").click()
        return reader.read("fill_in_price")

    taken = "The price was taken over, too: 1,200.50 PRAC for a licence."
    assert read(1200.5, "PRAC", "licence") == taken
    assert reader.find(QLineEdit, "price").text() == "1200.50"
    assert reader.take(PriceDraft) == [PriceDraft(KEY, DOLLAR.token, 1_200_500_000)]
    assert "here prices are in PRAC" in read(99, "EUR", "licence")
    assert "the file asks 5 PRAC for each “megabyte”" in read(5, "PRAC", "megabyte")
    assert "0 PRAC is no amount that can be asked here." in read(0, "PRAC", "licence")
    assert reader.find(QLineEdit, "price").text() == "1200.50", "nothing is lost"
    file.write_text('{"@type": "sc:Dataset", "name": "Port calls"}')
    reader.find(QPushButton, "fill_in").click()
    assert not reader.find(QLabel, "fill_in_price").isVisible()


def test_what_a_description_says_of_quality_stands_beside_what_was_measured(
    reader: Reader, tmp_path, monkeypatch
) -> None:
    _show(reader, DESCRIBE, replace(READ, profile=None, looking=0.4))
    file = tmp_path / "contract.json"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))

    def read(*rules: object, **columns: list[object]) -> None:
        properties = [{"name": name, "quality": said} for name, said in columns.items()]
        table = {"quality": rules, "properties": properties}
        file.write_text(json.dumps({"kind": "DataContract", "name": "Load", "schema": [table]}))
        reader.find(QPushButton, "fill_in").click()

    def shown() -> list[str]:
        """The lines, as they stand and as they are read to somebody."""
        settle(reader.page, 1148)
        lines = reader.find(Lines, "statement_lines").children()
        made = [one for one in lines if isinstance(one, QWidget) and one.isVisible()]
        for one in made:
            texts = [part.text() for part in one.findChildren(QLabel) if not part.pixmap()]
            texts = [text for text in texts if text]
            assert one.accessibleName() == ": ".join(texts)
        return [one.accessibleName() for one in made]

    assert not reader.find(QWidget, "statements").isVisible()
    rows = {"metric": "rowCount", "mustBeGreaterThan": 40_000}
    missing = {"metric": "missingValues", "unit": "percent", "mustBeLessOrEqualTo": 1}
    cells = {"metric": "nullValues", "mustBeLessThan": 100}
    read(rows, {"type": "sql"}, load_kw=[missing, cells], nowhere=[missing])
    assert reader.find(QWidget, "statements").isVisible()
    assert reader.read("statements_lead") == "It is compared once the values have been looked at."
    assert shown() == []
    reader.page.show_snapshot(READ)
    assert reader.read("statements_lead") == (
        "2 statements differ from what was measured. 1 statement agrees with what was measured."
        " 2 statements cannot be compared and are left out."
    )
    assert shown() == [
        "Completeness of load_kw: The description says: at least 99%. Measured: 98.7%, which"
        " differs.",
        "Completeness of load_kw: The description says: at most 99 not filled in. Measured: 569"
        " not filled in, which differs.",
        "Rows: The description says: at least 40,001. Measured: 43,800.",
    ]
    told = [one for one in reader.take(DescribeDraft) if one.description.title == "Load"]
    assert all(one.description.undeclared == () for one in told), "none of it is declared"
    read(*[rows] * 20)
    assert len(shown()) == MOST_SHOWN
    assert reader.read("statements_more") == "8 more are not shown here."
    reader.page.show_snapshot(replace(READ, profile=Profile("png", None)))
    assert "20 statements cannot be compared and are left out." in reader.read("statements_lead")
    file.write_text('{"@type": "sc:Dataset", "name": "Port calls"}')
    reader.find(QPushButton, "fill_in").click()
    assert not reader.find(QWidget, "statements").isVisible()
    read(rows)
    reader.page.show_snapshot(replace(READ, draft="f" * 32, opened=1))
    reader.step("describe").click()
    assert not reader.find(QWidget, "statements").isVisible(), "it is another draft"


def test_without_suspect_columns_nobody_is_warned(reader: Reader) -> None:
    clean = replace(READ, profile=replace(READ.profile, columns=COLUMNS[:2]))
    _show(reader, DESCRIBE, replace(clean, description=DESCRIPTION))
    assert not reader.find(QWidget, "personal_found").isVisible()


def test_typing_is_sent_when_the_step_is_left(reader: Reader, qtbot) -> None:
    _show(reader, DESCRIBE, READ)
    qtbot.keyClicks(reader.find(QLineEdit, "title"), "Feeder load")
    qtbot.keyClicks(reader.find(QPlainTextEdit, "what"), "Hourly.")
    reader.asked.clear()
    reader.step("file").click()
    (sent,) = reader.take(DescribeDraft)
    assert (sent.draft, sent.description.title) == (KEY, "Feeder load")
    assert sent.description.what == "Hourly."
    reader.step("describe").click()
    reader.step("file").click()
    assert reader.take(DescribeDraft) == []  # nothing new: nothing sent


def test_typing_is_sent_when_a_field_is_left(reader: Reader, qtbot) -> None:
    _show(reader, DESCRIBE, READ)
    title = reader.find(QLineEdit, "title")
    title.setFocus()
    qtbot.keyClicks(title, "Feeder load")
    reader.asked.clear()
    qtbot.keyClick(title, Qt.Key.Key_Tab)
    assert [c.description.title for c in reader.take(DescribeDraft)] == ["Feeder load"]


def test_snapshots_never_change_what_is_being_typed(reader: Reader, qtbot) -> None:
    _show(reader, DESCRIBE, READ)
    title = reader.find(QLineEdit, "title")
    qtbot.keyClicks(title, "Mine")
    title.setCursorPosition(2)
    reader.page.show_snapshot(COMPLETE)
    assert title.text() == "Mine"
    assert title.cursorPosition() == 2


def test_an_untouched_form_follows_the_draft(reader: Reader) -> None:
    _show(reader, DESCRIBE, READ)
    reader.page.show_snapshot(COMPLETE)
    assert reader.find(QLineEdit, "title").text() == DESCRIPTION.title
    assert reader.find(QComboBox, "field").currentText() == "Energy"


def test_a_missing_title_is_said_at_the_field(reader: Reader) -> None:
    _show(reader, DESCRIBE, READ)
    reader.click("next")
    shown = [text.text() for text in reader.page.findChildren(QLabel) if text.isVisible()]
    assert "Title is missing." in shown
    assert reader.read("head") == "Describe it for buyers"


def test_personal_data_is_always_confidential_and_in_the_licence(reader: Reader) -> None:
    _show(reader, DESCRIBE)
    confidential = reader.find(QCheckBox, "confidential")
    assert confidential.isEnabled()
    assert not confidential.isChecked()
    reader.find(QCheckBox, "personal_data").setChecked(True)
    assert confidential.isChecked()
    assert not confidential.isEnabled()
    licence = reader.find(QComboBox, "terms.personal_data")
    assert licence.currentData() == "with_consent"
    licence.setCurrentIndex(licence.findData("none"))
    assert not reader.find(QCheckBox, "personal_data").isChecked()
    reader.step("file").click()
    assert not reader.take(DescribeDraft)[-1].description.personal_data


def test_the_sketch_can_be_left_out_and_never_goes_with_confidential_data(reader: Reader) -> None:
    _show(reader, DESCRIBE)
    comparable = reader.find(QCheckBox, "comparable")
    assert comparable.isChecked()
    assert "sketch" in reader.read("comparable_hint")
    assert "sketch" in reader.said("leaves")
    reader.find(QCheckBox, "confidential").setChecked(True)
    assert not comparable.isChecked()
    assert not comparable.isEnabled()
    reader.find(QCheckBox, "confidential").setChecked(False)
    assert comparable.isChecked()  # as it was wanted
    comparable.setChecked(False)
    reader.step("review").click()
    assert not reader.take(DescribeDraft)[-1].description.comparable
    shown = [text.text() for text in reader.page.findChildren(QLabel) if text.isVisible()]
    assert "Left out" in shown


def test_without_anything_to_compare_by_there_is_no_choice(reader: Reader) -> None:
    _show(reader, DESCRIBE, replace(COMPLETE, profile=replace(READ.profile, sketch=b"")))
    assert not reader.find(QCheckBox, "comparable").isVisible()


def test_small_content_must_be_confidential(reader: Reader) -> None:
    _show(reader, DESCRIBE, replace(COMPLETE, must_be_confidential=True))
    assert not reader.find(QCheckBox, "confidential").isEnabled()
    assert "64 KiB" in reader.read("confidential_hint")


def test_a_text_too_long_for_the_record_is_cut_while_it_is_pasted(reader: Reader) -> None:
    _show(reader, DESCRIBE, READ)
    what = reader.find(QPlainTextEdit, "what")
    what.setPlainText("x" * 3000)
    assert len(what.toPlainText()) == 2000


def test_the_columns_model_keeps_qts_rules() -> None:
    model = ColumnsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.show(COLUMNS)
    assert model.rowCount() == len(COLUMNS)
    model.show(())
    assert model.rowCount() == 0


# --- price ------------------------------------------------------------------------------------


_NO_PRICES = {
    "": "Type an amount in PRAC.",
    "0": "The amount must be more than zero.",
    "-5": "The amount cannot be negative.",
    "1.2345678": "PRAC has at most 6 figures after the point.",
    "1" + "0" * 30: "Nobody could pay this price. Type a smaller amount.",
    "much": "Type the amount in figures, such as 1200.50.",
}


def test_what_is_no_price_says_why(reader: Reader) -> None:
    _show(reader, PRICE, replace(COMPLETE, price=None))
    for typed, words in _NO_PRICES.items():
        reader.find(QLineEdit, "price").setText(typed)
        reader.click("next")
        shown = [text.text() for text in reader.page.findChildren(QLabel) if text.isVisible()]
        assert words in shown
        assert reader.take(PriceDraft) == []
        assert reader.read("head") == "What does it cost?"


def test_a_price_is_sent_in_units_of_the_chosen_currency(reader: Reader, qtbot) -> None:
    _show(reader, PRICE, replace(COMPLETE, price=None))
    qtbot.keyClicks(reader.find(QLineEdit, "price"), "1,200.50")
    reader.click("next")
    assert reader.take(PriceDraft) == [PriceDraft(KEY, DOLLAR.token, 1_200_500_000)]
    reader.step("price").click()
    currency = reader.find(QComboBox, "currency")
    currency.setCurrentIndex(currency.findData(COIN.token))
    assert reader.take(PriceDraft) == [PriceDraft(KEY, COIN.token, 1_200_500_000_000_000_000_000)]


def test_a_price_being_typed_is_not_changed(reader: Reader, qtbot) -> None:
    _show(reader, PRICE, replace(COMPLETE, price=None))
    price = reader.find(QLineEdit, "price")
    qtbot.keyClicks(price, "77")
    reader.page.show_snapshot(replace(COMPLETE, price=dollars(5)))
    assert price.text() == "77"


# --- review and save --------------------------------------------------------------------------


def test_the_review_holds_everything_and_saves_once(reader: Reader) -> None:
    _show(reader, REVIEW)
    shown = " | ".join(t.text() for t in reader.page.findChildren(QLabel) if t.isVisible())
    for words in (
        DESCRIPTION.title,
        DESCRIPTION.what,
        "1,200.00 PRAC",
        "Internal analysis",
        "/data/load 2024/hourly.csv",
        "7c1f 09ae 5bd2 … e441",
    ):
        assert words in shown
    assert reader.said("fee") == "Recording fee: 0.000082 ETH"
    assert reader.said("listing") == "Public listing: 2.3 of 8 KiB"
    assert reader.said("forever").startswith("It cannot be deleted later.")
    reader.click("next")
    assert reader.take(RegisterDraft) == [RegisterDraft(KEY)]
    save = reader.find(QPushButton, "next")
    assert not save.isEnabled()
    save.click()
    assert reader.asked == []


def test_what_is_missing_is_named_and_one_click_away(reader: Reader) -> None:
    for code, step, draft in (
        ("price", PRICE, replace(COMPLETE, price=None)),
        ("read", FILE, replace(COMPLETE, fingerprint="")),
        ("title", DESCRIBE, replace(COMPLETE, description=replace(DESCRIPTION, title=""))),
        ("what", DESCRIBE, replace(COMPLETE, description=replace(DESCRIPTION, what=""))),
        ("listing", DESCRIBE, replace(COMPLETE, listing_bytes=9000)),
    ):
        _show(reader, REVIEW, draft)
        assert not reader.find(QPushButton, "next").isEnabled()
        reader.click(f"need.{code}")
        assert reader.step(STEPS[step]).accessibleName().endswith("open now")


def test_saving_that_was_refused_can_be_tried_again(reader: Reader) -> None:
    _show(reader, REVIEW)
    reader.click("next")
    reader.page.show_snapshot(Notice("rule", "fee", "Not enough.", about=KEY))
    assert reader.find(QPushButton, "next").isEnabled()


def test_every_step_can_be_gone_back_to(reader: Reader) -> None:
    _show(reader, REVIEW)
    for _ in range(4):
        reader.click("back")
    assert reader.read("head") == "Choose the data"


def test_steps_say_where_one_is(reader: Reader) -> None:
    _show(reader, 1)
    assert reader.step("file").accessibleName() == "Step 1 of 5: File, done"
    assert reader.step("check").accessibleName() == "Step 2 of 5: Check, open now"
    assert reader.step("review").accessibleName() == "Step 5 of 5: Review, to come"


def test_nothing_but_the_file_is_open_before_it_is_chosen(reader: Reader) -> None:
    assert [reader.step(code).isEnabled() for code in STEPS] == [True, False, False, False, False]
    assert not reader.find(QPushButton, "next").isEnabled()


# --- afterwards -------------------------------------------------------------------------------


def test_each_state_of_recording_is_told(reader: Reader) -> None:
    for state, words in (
        ("being_recorded", "Being recorded…"),
        ("recorded", "Recorded."),
        ("final", "Your dataset is registered."),
        ("failed", "It could not be recorded."),
    ):
        reader.page.show_snapshot(replace(COMPLETE, state=state, dataset="ee" * 32))
        assert reader.said("outcome").startswith(words)
        assert reader.find(QPushButton, "try_again").isVisible() == (state == "failed")
        assert not reader.step("describe").isEnabled()


def test_a_failed_recording_is_tried_again_by_a_click(reader: Reader) -> None:
    reader.page.show_snapshot(replace(COMPLETE, state="failed"))
    reader.click("try_again")
    assert reader.take(RegisterDraft) == [RegisterDraft(KEY)]


def test_what_failed_can_be_changed_before_it_is_tried_again(reader: Reader, qtbot) -> None:
    failed = replace(COMPLETE, state="failed")
    reader.page.show_snapshot(failed)
    reader.click("change_first")
    assert reader.read("head") == "Review and save"
    reader.page.show_snapshot(replace(failed, fee_wei=7))
    assert reader.read("head") == "Review and save"
    reader.step("describe").click()
    qtbot.keyClicks(reader.find(QLineEdit, "region"), " and Latvia")
    reader.step("review").click()
    assert reader.take(DescribeDraft)[-1].description.region == "Estonia and Latvia"
    reader.click("next")
    assert reader.take(RegisterDraft) == [RegisterDraft(KEY)]


def test_what_was_recorded_leads_on(reader: Reader) -> None:
    reader.page.show_snapshot(replace(COMPLETE, state="final", dataset="ee" * 32))
    reader.click("open_page")
    reader.click("open_records")
    assert reader.asked == [OpenDataset("ee" * 32), OpenRecords("ee" * 32)]
    assert reader.went == ["records"]


def test_another_one_starts_empty_and_the_old_one_stays_away(reader: Reader) -> None:
    reader.page.show_snapshot(replace(COMPLETE, state="being_recorded"))
    reader.click("another")
    assert reader.find(QLineEdit, "title").text() == ""
    reader.page.show_snapshot(replace(COMPLETE, state="final", dataset="ee" * 32))
    assert reader.find(QWidget, "drop").isVisible()
    reader.find(QLineEdit, "path").setText("/data/next.csv")
    reader.click("use")
    assert reader.key() != KEY


@pytest.mark.parametrize(
    ("state", "kept"),
    [("draft", True), ("being_recorded", True), ("failed", True)]
    + [(state, False) for state in ("recorded", "final", "withdrawn")],
)
def test_who_comes_again_finds_what_is_not_done_yet(reader: Reader, state: str, kept: bool) -> None:
    reader.page.show_snapshot(replace(COMPLETE, state=state))
    reader.page.opened()
    assert (reader.find(QLineEdit, "title").text() == DESCRIPTION.title) is kept


def test_a_draft_that_was_asked_for_is_continued(reader: Reader, qtbot) -> None:
    _choose(reader)
    reader.page.show_snapshot(replace(COMPLETE, draft="b" * 32))
    assert reader.find(QLineEdit, "title").text() == DESCRIPTION.title
    qtbot.keyClicks(reader.find(QLineEdit, "region"), " and Latvia")
    reader.asked.clear()
    reader.step("review").click()
    (sent,) = reader.take(DescribeDraft)
    assert (sent.draft, sent.description.region) == ("b" * 32, "Estonia and Latvia")


def test_a_draft_that_was_left_comes_back_only_when_it_is_asked_for(reader: Reader) -> None:
    reader.page.show_snapshot(COMPLETE)
    reader.click("start_another")
    reader.page.show_snapshot(replace(COMPLETE, fee_wei=1))
    assert reader.find(QLineEdit, "title").text() == ""
    reader.page.show_snapshot(replace(COMPLETE, opened=1))
    assert reader.find(QLineEdit, "title").text() == DESCRIPTION.title
    reader.click("start_another")
    reader.page.show_snapshot(replace(COMPLETE, opened=1, fee_wei=1))  # the same request still
    assert reader.find(QLineEdit, "title").text() == ""


def test_leaving_the_page_keeps_what_is_typed(reader: Reader, qtbot) -> None:
    _show(reader, DESCRIBE, READ)
    qtbot.keyClicks(reader.find(QLineEdit, "title"), "Load")
    reader.asked.clear()
    reader.page.hide()
    assert [c.description.title for c in reader.take(DescribeDraft)][-1] == "Load"


# --- looks ------------------------------------------------------------------------------------


def test_no_words_are_cut_and_everything_has_a_name(reader: Reader) -> None:
    known = replace(COMPLETE, check="known", matches=(_MATCH,))
    final = replace(COMPLETE, state="final", dataset="ee" * 32)
    reach: dict[str, Callable[[], None]] = {
        "file": lambda: None,
        "missing": lambda: _show(reader, REVIEW, READ),
        "read": lambda: _show(reader, FILE),
        "check": lambda: _show(reader, 1, known),
        "alike": lambda: _show(reader, 1, replace(LIKE_OTHERS, parent="")),
        "describe": lambda: _show(reader, DESCRIBE),
        "price": lambda: _show(reader, PRICE),
        "review": lambda: _show(reader, REVIEW),
        "final": lambda: reader.page.show_snapshot(final),
    }
    for name, go in reach.items():
        go()
        for width in PAGE_WIDTHS:
            settle(reader.page, width)
            assert clipped(reader.page) == [], (name, width)
        assert nameless(reader.page) == [], name
