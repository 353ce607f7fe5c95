"""The dataset page: what it is, what others found, and the way to an offer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QWidget,
)

from app.domain.commands import AskOwner, AskReviews, OpenDataset, OpenOrder, RequestOffer
from app.domain.snapshots.datasets import Claims, Newer
from app.domain.snapshots.shell import Notice
from app.ui.dialogs import offer
from app.ui.pages.dataset import DatasetPage
from tests.ui.dataset_samples import (
    COIN,
    DOLLAR,
    OFFERED,
    OFFERED_ALIKE,
    OFFERED_TWICE,
    PAGE_WIDTHS,
    RATINGS,
    ROOT,
    result,
)
from tests.ui.looking import clipped, nameless, settle

NOW = 1_770_000_000
DAY = 86_400


@pytest.fixture
def page(qtbot) -> DatasetPage:
    made = DatasetPage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show()
    made.show_snapshot(OFFERED)
    return made


@pytest.fixture
def asked(page: DatasetPage) -> list[object]:
    heard: list[object] = []
    page.asked.connect(heard.append)
    return heard


def _button(page: QWidget, name: str) -> QPushButton:
    found = page.findChild(QPushButton, name)
    assert isinstance(found, QPushButton), name
    return found


def _words(page: QWidget) -> list[str]:
    return [text.text() for text in page.findChildren(QLabel) if text.isVisible()]


def _strip(page: DatasetPage) -> str:
    found = page.findChild(QLabel, "dataset.strip")
    return found.accessibleName() if found.isVisible() else ""


def _tab(page: DatasetPage, index: int) -> None:
    page.findChild(QTabBar, "dataset.tabs").setCurrentIndex(index)


def test_before_anything_is_open_the_page_says_where_to_go(qtbot) -> None:
    page = DatasetPage()
    qtbot.addWidget(page)
    page.show()
    assert "Choose one in Browse to read about it and make an offer." in _words(page)
    with qtbot.waitSignal(page.went) as heard:
        _button(page, "dataset.back").click()
    assert heard.args == ["browse"]


def test_the_overview_tells_all_there_is(page: DatasetPage) -> None:
    said = _words(page)
    assert {
        "Hourly feeder load",
        "By Baltic Grid Analytics  ·  7c1f-09ae",
        "Online now",
        "1,200.00 PRAC",
        "4.5  ·  2 ratings",
        "Energy",
        "4.6 GB  ·  1 file  ·  1,132,000 records",
        "Research, not commercial",
        "2 years from delivery",
        "The owner says: none",
    } <= set(said)
    assert any(text.replace(" ", "") == ROOT for text in said)


def test_a_confidential_one_shows_no_content_fingerprint(page: DatasetPage) -> None:
    content = page.findChild(QWidget, "dataset.content_id")
    assert content.isVisible()
    page.show_snapshot(replace(OFFERED, confidential=True))
    assert not content.isVisible()
    assert any(text.startswith("Registered confidentially") for text in _words(page))


def test_columns_are_a_table_or_said_to_be_none(page: DatasetPage) -> None:
    _tab(page, 1)
    assert "2 columns  ·  43,800 rows" in _words(page)
    page.show_snapshot(replace(OFFERED, columns=()))
    assert "Not a table" in _words(page)


def test_what_the_owner_declares_is_said(page: DatasetPage) -> None:
    page.show_snapshot(OFFERED)
    _tab(page, 3)
    said = _words(page)
    assert "99.35%  ·  Cells that are filled in." in said
    assert "CSV, UTF-8  ·  What a program has to read." in said
    assert "Conformity" not in said, "it is not declared"
    page.show_snapshot(replace(OFFERED, claims=Claims()))
    assert "What the owner declares" not in _words(page)


def test_a_description_is_saved_as_what_was_chosen(
    page: DatasetPage, tmp_path, monkeypatch
) -> None:
    page.show_snapshot(OFFERED)
    target = tmp_path / "contract"

    def choose(_parent: object, _title: str, _name: str, kinds: str) -> tuple[str, str]:
        return str(target), kinds.split(";;")[2]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    _button(page, "dataset.save_description").click()
    saved = target.with_suffix(".json")
    assert json.loads(saved.read_bytes())["apiVersion"] == "v3.1.0"
    assert f"Saved as {saved}." in _words(page)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no/x"), ""))
    _button(page, "dataset.save_description").click()
    assert any("could not be saved" in text for text in _words(page))


def test_quality_is_the_mean_of_what_buyers_gave(page: DatasetPage) -> None:
    _tab(page, 3)
    said = _words(page)
    assert "4.5" in said
    assert "Complete and <b>clean</b>." in said  # their words, never markup
    assert "Rated without words." in said
    assert (
        "Accuracy 5  ·  Completeness 4  ·  Consistency 5  ·  Timeliness 4  ·  As described 5"
        in (said)
    )
    assert "1 rating is marked below and not counted." in said
    assert "Other than declared, by the buyer’s own measure: Rows, Completeness" in said
    assert any("Buyer and owner also sell to each other" in text for text in said)
    own = replace(OFFERED.ratings[-1], mark="self")
    page.show_snapshot(replace(OFFERED, ratings=(own,), means=()))
    settle(page, 1148)
    said = _words(page)
    assert "The buyer registered this dataset itself. Shown, but not counted." in said
    assert "1 rating is marked below and not counted." in said
    assert not any("Buyer and owner also sell to each other" in text for text in said)
    page.show_snapshot(replace(OFFERED, ratings=OFFERED.ratings[-1:], means=()))
    assert "–" in _words(page)
    unread = replace(RATINGS[1], words=None)
    page.show_snapshot(replace(OFFERED, ratings=(unread,)))
    settle(page, 1148)
    said = _words(page)
    assert "The words of this rating are with its buyer and the owner." in said
    assert "Rated without words." not in said
    page.show_snapshot(replace(OFFERED, ratings=()))
    assert "No ratings yet" in _words(page)


def test_words_that_are_not_here_can_be_asked_for(page: DatasetPage) -> None:
    _tab(page, 3)
    heard: list[object] = []
    page.asked.connect(heard.append)
    ask = page.findChild(QAbstractButton, "dataset.ask_words")
    unread = replace(OFFERED, ratings=(replace(RATINGS[0], words=None), RATINGS[1]))
    page.show_snapshot(unread)
    assert not ask.isVisible(), "nobody is here who could ask"
    page.show_snapshot(replace(unread, words="can"))
    settle(page, 1148)
    assert any(
        text.startswith("The words of 1 rating are with") and "learns" in text
        for text in _words(page)
    )
    ask.click()
    assert heard == [AskReviews(OFFERED.card.dataset)]
    page.show_snapshot(replace(unread, words="asking"))
    assert ask.isVisible()
    assert not ask.isEnabled()
    page.show_snapshot(replace(unread, words="asked"))
    assert ask.isEnabled()
    assert any(text.startswith("The words of 1 rating did not come") for text in _words(page))
    page.show_snapshot(replace(OFFERED, words="asked"))
    assert not ask.isVisible(), "all are here"


def test_history_opens_other_registrations_of_the_content(page: DatasetPage, asked) -> None:
    _tab(page, 4)
    said = _words(page)
    assert "The same content was registered by Copy Cat Data" in said
    assert "Registered by Baltic Grid Analytics" in said
    _button(page, "dataset.other.ffffffff").click()
    assert asked == [OpenDataset("ff" * 32)]
    assert page.findChild(QPushButton, "dataset.other.00000000") is None  # itself


def test_another_dataset_opens_at_its_beginning(page: DatasetPage) -> None:
    _tab(page, 2)
    page.show_snapshot(replace(OFFERED, withdrawn=True))
    tabs = page.findChild(QTabBar, "dataset.tabs")
    assert tabs.currentIndex() == 2  # the same dataset, newly told
    page.show_snapshot(replace(OFFERED, card=result(7)))
    assert tabs.currentIndex() == 0


# --- what one should know, what one can do ----------------------------------------------------


def test_on_offer_it_can_be_ordered_and_asked_about(page: DatasetPage) -> None:
    assert _strip(page) == ""
    assert _button(page, "dataset.offer").isVisible()
    assert _button(page, "dataset.ask").isVisible()


def test_withdrawn_it_can_only_be_read(page: DatasetPage) -> None:
    page.show_snapshot(replace(OFFERED, withdrawn=True, can_offer=False))
    assert _strip(page).startswith("The owner withdrew this dataset.")
    assert not _button(page, "dataset.offer").isVisible()
    assert not _button(page, "dataset.ask").isVisible()


def test_one_s_own_leads_to_my_datasets(page: DatasetPage, qtbot) -> None:
    page.show_snapshot(replace(OFFERED, card=result(1, mine=True), can_offer=False))
    assert _strip(page).startswith("This is your dataset.")
    assert not _button(page, "dataset.ask").isVisible()
    with qtbot.waitSignal(page.went) as heard:
        _button(page, "dataset.mine").click()
    assert heard.args == ["datasets"]


def test_an_open_order_is_one_click_away(page: DatasetPage, asked, qtbot) -> None:
    page.show_snapshot(replace(OFFERED, open_order="b" * 32))
    assert _strip(page).startswith("You have an open order for this dataset.")
    assert not _button(page, "dataset.offer").isVisible()
    with qtbot.waitSignal(page.went) as heard:
        _button(page, "dataset.open_order").click()
    assert asked == [OpenOrder("b" * 32)]
    assert heard.args == ["orders"]


def test_a_later_copy_is_marked(page: DatasetPage) -> None:
    page.show_snapshot(replace(OFFERED, card=result(1, later_copy=True)))
    assert _strip(page).startswith("The same content was registered earlier by somebody else.")


# --- offer and question -----------------------------------------------------------------------


@pytest.fixture
def sheet(page: DatasetPage, monkeypatch) -> QDialog:
    monkeypatch.setattr(offer.time, "time", lambda: NOW)
    _button(page, "dataset.offer").click()
    found = page.findChild(QDialog, "sheet.offer")
    assert isinstance(found, QDialog)
    return found


def test_an_offer_starts_from_what_the_owner_asks(sheet: QDialog, asked) -> None:
    _button(sheet, "offer.do").click()
    assert asked == [
        RequestOffer(
            dataset=OFFERED.card.dataset,
            token=DOLLAR.token,
            price_units=1_200_000_000,
            terms=OFFERED.terms,
            expires_at=NOW + 7 * DAY,
            window_seconds=7 * DAY,
        )
    ]


def test_everything_in_an_offer_can_be_changed(sheet: QDialog, asked, qtbot) -> None:
    currency = sheet.findChild(QComboBox, "offer.currency")
    currency.setCurrentIndex(currency.findData(COIN.token))
    price = sheet.findChild(QLineEdit, "offer.price")
    price.clear()
    qtbot.keyClicks(price, "0.5")
    sheet.findChild(QComboBox, "offer.valid_for").setCurrentIndex(0)
    window = sheet.findChild(QComboBox, "offer.window")
    window.setCurrentIndex(window.findData(str(14 * DAY)))
    terms = sheet.findChild(QComboBox, "offer.terms.use")
    terms.setCurrentIndex(terms.findData("internal"))
    qtbot.keyClicks(sheet.findChild(QPlainTextEdit, "offer.note"), "For a study.")
    _button(sheet, "offer.do").click()
    assert asked == [
        RequestOffer(
            dataset=OFFERED.card.dataset,
            token=COIN.token,
            price_units=5 * 10**17,
            terms=replace(OFFERED.terms, use="internal"),
            expires_at=NOW + DAY,
            window_seconds=14 * DAY,
            note="For a study.",
        )
    ]


def test_an_offer_without_a_price_stays_open(sheet: QDialog, asked) -> None:
    price = sheet.findChild(QLineEdit, "offer.price")
    for typed, problem in (
        ("", "Type an amount in PRAC."),
        ("0", "The amount must be more than zero."),
        ("1" + "0" * 25, "Nobody could pay this price. Type a smaller amount."),
    ):
        price.setText(typed)
        _button(sheet, "offer.do").click()
        assert problem in _words(sheet)
    assert asked == []
    assert sheet.isVisible()


def test_a_message_too_long_for_a_letter_stays_here(sheet: QDialog, asked) -> None:
    sheet.findChild(QPlainTextEdit, "offer.note").setPlainText("é" * 2049)
    _button(sheet, "offer.do").click()
    assert "This is too long; about 1,300 words fit." in _words(sheet)
    assert asked == []


def test_an_offer_outlives_a_snapshot_while_it_is_typed(
    page: DatasetPage, sheet: QDialog, qtbot
) -> None:
    note = sheet.findChild(QPlainTextEdit, "offer.note")
    qtbot.keyClicks(note, "For a st")
    page.show_snapshot(replace(OFFERED, ratings=()))
    assert note.toPlainText() == "For a st"


def test_short_check_periods_exist_only_where_the_network_has_them(page: DatasetPage) -> None:
    page.show_snapshot(replace(OFFERED, min_window_seconds=600))
    _button(page, "dataset.offer").click()
    window = page.findChild(QDialog, "sheet.offer").findChild(QComboBox, "offer.window")
    assert (window.itemText(0), window.itemData(0)) == ("10 min", "600")
    assert window.currentData() == str(7 * DAY)


def test_a_question_goes_to_the_owner(page: DatasetPage, asked, qtbot) -> None:
    _button(page, "dataset.ask").click()
    sheet = page.findChild(QDialog, "sheet.ask")
    _button(sheet, "ask.do").click()
    assert "Type your question first." in _words(sheet)
    assert asked == []
    qtbot.keyClicks(sheet.findChild(QPlainTextEdit, "ask.question"), "Which feeders?")
    _button(sheet, "ask.do").click()
    assert asked == [AskOwner(OFFERED.card.dataset, "Which feeders?")]


def test_asking_leads_to_where_the_answer_comes(page: DatasetPage, qtbot) -> None:
    _button(page, "dataset.ask").click()
    sheet = page.findChild(QDialog, "sheet.ask")
    sheet.findChild(QPlainTextEdit, "ask.question").setPlainText("Which feeders?")
    with qtbot.waitSignal(page.went) as heard:
        _button(sheet, "ask.do").click()
    assert heard.args == ["orders"]


def test_an_offer_that_was_refused_is_there_again(page: DatasetPage, sheet: QDialog) -> None:
    sheet.findChild(QPlainTextEdit, "offer.note").setPlainText("For a study.")
    sheet.findChild(QLineEdit, "offer.price").setText("77")
    _button(sheet, "offer.do").click()
    for about, note in (("ff" * 32, ""), (OFFERED.card.dataset, "For a study.")):
        page.show_snapshot(Notice("rule", "request.expired", "Too late.", about=about))
        _button(page, "dataset.offer").click()
        again = [s for s in page.findChildren(QDialog, "sheet.offer") if s.isVisible()][-1]
        assert again.findChild(QPlainTextEdit, "offer.note").toPlainText() == note
        again.reject()
    assert again.findChild(QLineEdit, "offer.price").text() == "77.00"


# --- looks ------------------------------------------------------------------------------------


def test_no_words_are_cut_and_everything_has_a_name(page: DatasetPage) -> None:
    states = (
        OFFERED,
        replace(OFFERED, open_order="b" * 32),
        replace(OFFERED, columns=(), ratings=(), confidential=True, withdrawn=True),
    )
    for snapshot in states:
        page.show_snapshot(snapshot)
        for tab in range(4):
            settle(page, PAGE_WIDTHS[0])
            _tab(page, tab)
            for width in PAGE_WIDTHS:
                settle(page, width)
                settle(page, width)  # a tab that was hidden meanwhile takes a second pass
                assert clipped(page) == [], (tab, width)
            assert nameless(page) == [], tab


def test_the_sheets_are_whole(page: DatasetPage) -> None:
    for name in ("offer", "ask"):
        _button(page, f"dataset.{name}").click()
        sheet = page.findChild(QDialog, f"sheet.{name}")
        settle(sheet, sheet.width(), sheet.height())
        assert clipped(sheet) == [], name
        assert nameless(sheet) == [], name


def test_a_title_is_never_markup(page: DatasetPage) -> None:
    page.show_snapshot(replace(OFFERED, card=result(1, title="<h1>x</h1>")))
    title = page.findChild(QLabel, "dataset.title")
    assert (title.text(), title.textFormat()) == ("<h1>x</h1>", Qt.TextFormat.PlainText)


def test_what_is_much_like_it_is_told_with_what_was_compared(page: DatasetPage, asked) -> None:
    page.show_snapshot(OFFERED_ALIKE)
    assert _strip(page).startswith("Much like an earlier dataset. 82% alike with “Feeder load")
    _tab(page, 4)
    said = _words(page)
    assert any(line.startswith("82% alike. Registered by Baltic Grid on ") for line in said)
    assert "Compared by columns. Alike: load_kw, feeder. Not alike: remark." in said
    assert "A new version of an earlier dataset, says Baltic Grid" in said
    _button(page, "dataset.alike.fefefefe").click()
    assert asked == [OpenDataset("fe" * 32)]
    page.show_snapshot(OFFERED)
    assert "Much like it" not in _words(page)
    assert _strip(page) == ""


def test_nobody_is_warned_of_their_own_earlier_version_or_of_a_later_copy(
    page: DatasetPage,
) -> None:
    (like, _) = OFFERED_ALIKE.alike
    later = replace(like, standing="later")
    own = replace(like, match=replace(like.match, by=OFFERED.card.by))
    for other in (later, own):
        page.show_snapshot(replace(OFFERED, alike=(other,)))
        assert _strip(page) == ""


def test_likeness_within_an_hour_on_two_networks_makes_nobody_first(page: DatasetPage) -> None:
    (unclear,) = OFFERED_TWICE.alike
    page.show_snapshot(replace(OFFERED, alike=(unclear,)))
    assert _strip(page) == (
        "Much like a dataset on another network. 82% alike with “Feeder load” by Baltic Grid,"
        " registered within an hour of this one: which was first cannot be told from the clocks."
        " More under History."
    )
    _tab(page, 4)
    (told,) = [line for line in _words(page) if line.startswith("82% alike. Registered")]
    assert told.startswith("82% alike. Registered by Baltic Grid on ")
    assert told.endswith(
        ", on another network within an hour of this one: which was first cannot be told from the"
        " clocks."
    )
    page.show_snapshot(replace(OFFERED, alike=(unclear, OFFERED_ALIKE.alike[0])))
    assert _strip(page).startswith("Much like an earlier dataset."), "what is certain says more"


def test_likeness_fits_every_width(page: DatasetPage) -> None:
    page.show_snapshot(OFFERED_ALIKE)
    _tab(page, 4)
    for width in PAGE_WIDTHS:
        settle(page, width)
        assert clipped(page) == [], width
    assert nameless(page) == []


def test_the_same_content_on_another_network_is_told_and_not_opened(page: DatasetPage) -> None:
    page.show_snapshot(OFFERED_TWICE)
    _tab(page, 4)
    told = "The same content was registered on Company chain by Baltic Grid"
    assert told in _words(page)
    assert "Which was first cannot be told from the clocks." in _strip(page)
    for name in ("dataset.other.fcfcfcfc", "dataset.alike.fcfcfcfc"):
        assert page.findChildren(QPushButton, name) == []
    for width in PAGE_WIDTHS:
        settle(page, width)
        assert clipped(page) == [], width
    page.show_snapshot(OFFERED)
    assert _strip(page) == ""
    assert told not in _words(page)


def test_a_newer_version_is_said_and_opened(page: DatasetPage, asked) -> None:
    assert not page.findChild(QPushButton, "dataset.newer").isVisible()
    page.show_snapshot(
        replace(OFFERED, alike=(), newer=Newer("9" * 64, "Load 2025", 1_759_400_000))
    )
    page.findChild(QPushButton, "dataset.newer").click()
    assert asked == [OpenDataset("9" * 64)]
