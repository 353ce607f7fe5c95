"""Browse: filters in, a search out; any number of results as cards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from app.domain.commands import OpenDataset, Search, ShowResults
from app.domain.snapshots.datasets import BrowseSnapshot, Count
from app.ui.pages.browse import BrowsePage
from app.ui.pages.listings.cards import CardList, CardsModel
from tests.ui.dataset_samples import COIN, DOLLAR, PAGE_WIDTHS, result
from tests.ui.looking import clipped, nameless, settle

MANY = tuple(result(n) for n in range(5000))
FOUND = BrowseSnapshot(
    cards=MANY[:6],
    total=6,
    fields=(Count("energy", 4), Count("Lighthouses", 2)),
    regions=(Count("Estonia", 5), Count("Denmark", 1)),
    currencies=(DOLLAR, COIN),
)


@pytest.fixture
def page(qtbot) -> BrowsePage:
    made = BrowsePage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show_snapshot(FOUND)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


@pytest.fixture
def asked(page: BrowsePage) -> list[object]:
    heard: list[object] = []
    page.asked.connect(heard.append)
    return heard


def _cards(page: BrowsePage) -> CardList:
    found = page.findChild(CardList, "browse.results")
    assert isinstance(found, CardList)
    return found


def _words(page: QWidget) -> list[str]:
    return [text.text() for text in page.findChildren(QLabel) if text.isVisible()]


def test_coming_here_asks_for_what_is_on_offer(page: BrowsePage, asked) -> None:
    page.opened()
    assert asked == [Search()]


def test_words_are_searched_once_they_are_typed(page: BrowsePage, asked, qtbot) -> None:
    with qtbot.waitSignal(page.asked):
        qtbot.keyClicks(page.findChild(QLineEdit, "browse.search"), "load")
    assert asked == [Search(text="load")]


def test_every_filter_goes_into_the_search(page: BrowsePage, asked, qtbot) -> None:
    field = page.findChild(QComboBox, "browse.field")
    assert [field.itemText(i) for i in range(field.count())] == [
        "Every field",
        "Energy  (4)",
        "Lighthouses  (2)",
    ]
    field.setCurrentIndex(1)
    region = page.findChild(QComboBox, "browse.region")
    region.setCurrentIndex(2)
    price = page.findChild(QLineEdit, "browse.max_price")
    qtbot.keyClicks(price, "1,500.5")
    qtbot.keyClick(price, Qt.Key.Key_Return)
    page.findChild(QPushButton, "browse.online").click()
    assert asked[-1] == Search("", "energy", "Denmark", 1_500_500_000, True)


def test_a_price_that_is_none_says_so_and_does_not_filter(page: BrowsePage, asked, qtbot) -> None:
    price = page.findChild(QLineEdit, "browse.max_price")
    qtbot.keyClicks(price, "cheap")
    qtbot.keyClick(price, Qt.Key.Key_Return)
    assert "Type the amount in figures, such as 1200.50." in _words(page)
    assert asked == []


def test_filters_can_be_cleared(page: BrowsePage, asked) -> None:
    clear = page.findChild(QPushButton, "browse.clear")
    assert not clear.isVisible()
    page.findChild(QPushButton, "browse.online").click()
    page.show_snapshot(FOUND)
    assert clear.isVisible()
    clear.click()
    assert asked == [Search(online_only=True), Search()]


def test_a_snapshot_never_changes_the_filters(page: BrowsePage, qtbot) -> None:
    text = page.findChild(QLineEdit, "browse.search")
    qtbot.keyClicks(text, "lo")
    page.findChild(QComboBox, "browse.region").setCurrentIndex(1)
    page.show_snapshot(BrowseSnapshot(Search("other"), currencies=(DOLLAR,)))
    assert text.text() == "lo"
    assert page.findChild(QComboBox, "browse.region").currentText() == "Estonia"


def test_a_click_opens_a_dataset(page: BrowsePage, asked, qtbot) -> None:
    cards = _cards(page)
    at = cards.visualRect(cards.cards.index(2)).center()
    with qtbot.waitSignal(page.went) as heard:
        qtbot.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert asked == [OpenDataset(MANY[2].dataset)]
    assert heard.args == ["dataset"]


def test_the_keyboard_opens_a_dataset(page: BrowsePage, asked, qtbot) -> None:
    cards = _cards(page)
    cards.setFocus()
    cards.setCurrentIndex(cards.cards.index(0))
    qtbot.keyClick(cards, Qt.Key.Key_Right)
    qtbot.keyClick(cards, Qt.Key.Key_Return)
    assert asked == [OpenDataset(MANY[1].dataset)]


def test_a_card_is_read_out_whole() -> None:
    model = CardsModel()
    model.show((result(1, later_copy=True), result(2, mine=True, price=None, rating=None)))
    read = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in (0, 1)]
    assert read == [
        "Dataset 1, 1,200.00 PRAC, by Baltic Grid Analytics, Online now,"
        " Energy  ·  Estonia  ·  2019–2024, 4.6 GB, rated 4.5 of 5, Later copy",
        "Dataset 2, No price yet, by Baltic Grid Analytics,"
        " Energy  ·  Estonia  ·  2019–2024, 4.6 GB, Yours",
    ]


def test_the_model_keeps_qts_rules() -> None:
    model = CardsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert model.show(MANY[:3]) is False
    assert model.show(MANY[:10]) is False  # more of the same record
    assert model.show((replace(MANY[0], online=False), *MANY[1:10])) is False
    assert model.show(MANY[5:8]) is True  # other results
    assert model.show(MANY[:3], 40, 100) is False
    assert model.show(MANY[43:60], 43, 200) is False
    assert (model.card(43), model.card(39), model.first_missing(41, 70)) == (MANY[43], None, 60)
    assert model.show(MANY[43:60], 43, 200, 1) is False
    assert (model.card(59), model.card(40)) == (MANY[59], None), "of another edition"
    assert model.show(()) is True
    assert model.rowCount() == 0


def test_more_results_leave_the_chosen_card_chosen(page: BrowsePage, qtbot) -> None:
    cards = _cards(page)
    cards.setCurrentIndex(cards.cards.index(3))
    page.show_snapshot(replace(FOUND, cards=MANY[:50]))
    assert cards.currentIndex().row() == 3
    page.show_snapshot(replace(FOUND, cards=(MANY[99], *MANY[:50])))
    assert cards.currentIndex().row() == 4


def test_thousands_are_one_widget(page: BrowsePage) -> None:
    before = len(page.findChildren(QWidget))
    page.show_snapshot(replace(FOUND, cards=MANY, total=9000, more=True))
    settle(page, 1148)
    assert len(page.findChildren(QWidget)) == before
    said = "The newest 9,000 of those that fit: more words or filters show others"
    assert said in _words(page)


def test_cards_come_where_the_person_looks(page: BrowsePage, asked, qtbot) -> None:
    page.show_snapshot(replace(FOUND, cards=MANY[:120], total=5000))
    settle(page, 1148)
    cards = _cards(page)
    assert cards.cards.rowCount() == 5000
    assert cards.cards.card(3000) is None
    with qtbot.waitSignal(page.asked):
        cards.verticalScrollBar().setValue(cards.verticalScrollBar().maximum() // 2)
    (wanted,) = asked
    assert isinstance(wanted, ShowResults)
    at = cards.verticalScrollBar().value()
    first = wanted.first - 40
    page.show_snapshot(replace(FOUND, cards=MANY[first : first + 120], first=first, total=5000))
    settle(page, 1148)
    assert cards.verticalScrollBar().value() == at
    seen = cards.indexAt(cards.viewport().rect().center()).row()
    assert cards.cards.card(seen) == MANY[seen]
    qtbot.wait(100)
    assert asked == [wanted], "all that is looked at is here"


def test_cards_that_come_by_themselves_are_not_asked_for(page: BrowsePage, asked, qtbot) -> None:
    page.show_snapshot(replace(FOUND, cards=MANY[:24], total=300, looking=True))
    settle(page, 1148)
    qtbot.wait(100)
    assert asked == []
    page.show_snapshot(replace(FOUND, cards=MANY[:24], total=300))
    settle(page, 1148)
    qtbot.waitUntil(lambda: asked == [ShowResults(24)])


def test_a_new_search_begins_at_the_top(page: BrowsePage) -> None:
    page.show_snapshot(replace(FOUND, cards=MANY[:120], total=5000))
    settle(page, 1148)
    bar = _cards(page).verticalScrollBar()
    bar.setValue(600)
    page.show_snapshot(replace(FOUND, cards=(MANY[-1], *MANY[:120]), total=5001))
    settle(page, 1148)
    assert bar.value() == 600, "something new on record moves nobody"
    page.show_snapshot(replace(FOUND, search=Search("load"), cards=MANY[7:90], total=83))
    settle(page, 1148)
    assert bar.value() == 0


def test_a_second_row_has_the_rarer_filters(page: BrowsePage, asked) -> None:
    licence = page.findChild(QComboBox, "browse.licence")
    assert not licence.isVisible()
    page.findChild(QPushButton, "browse.more").click()
    assert licence.isVisible()
    page.show_snapshot(replace(FOUND, licences=(Count("research", 3),)))
    licence.setCurrentIndex(1)
    for name, at in (("rating", 2), ("size", 3), ("age", 1), ("order", 2)):
        page.findChild(QComboBox, f"browse.{name}").setCurrentIndex(at)
    page.findChild(QPushButton, "browse.tables").click()
    wanted = Search(
        licence="research",
        min_rating=4,
        max_bytes=10**9,
        days=7,
        order="cheapest",
        tables_only=True,
    )
    assert asked[-1] == wanted
    page.show_snapshot(replace(FOUND, search=wanted, licences=()))
    assert licence.currentText() == "For research", "what is chosen stays to be seen"
    page.findChild(QPushButton, "browse.clear").click()
    assert asked[-1] == Search(order="cheapest")


def test_what_is_not_indexed_yet_is_said(page: BrowsePage) -> None:
    page.show_snapshot(replace(FOUND, read=400_000, to_read=1_000_000, read_per_second=9_000))
    said = "Still indexing: 400,000 of 1,000,000 can be found, 9,000 more a second."
    assert said in _words(page)
    page.show_snapshot(replace(FOUND, read=5, to_read=5, looking=True))
    assert said not in _words(page)
    assert "6 found so far…" in _words(page)


def test_each_kind_of_nothing_says_what_to_do(page: BrowsePage, asked, qtbot) -> None:
    page.show_snapshot(BrowseSnapshot(syncing=True))
    assert "Reading the record…" in _words(page)
    page.show_snapshot(BrowseSnapshot())
    assert "Nothing is on offer here yet" in _words(page)
    page.findChild(QPushButton, "browse.online").click()
    page.show_snapshot(BrowseSnapshot())
    assert "Nothing fits this search" in _words(page)
    page.findChild(QPushButton, "browse.clear_nothing").click()
    assert asked[-1] == Search()


def test_reading_the_record_is_said_beside_what_is_there(page: BrowsePage) -> None:
    note = "Still reading the record: more may appear in a moment."
    assert note not in _words(page)
    page.show_snapshot(replace(FOUND, syncing=True))
    assert note in _words(page)


def test_without_a_currency_prices_do_not_filter(page: BrowsePage) -> None:
    page.show_snapshot(replace(FOUND, currencies=()))
    assert not page.findChild(QLineEdit, "browse.max_price").isEnabled()


def test_no_words_are_cut_and_everything_has_a_name(page: BrowsePage) -> None:
    for snapshot in (replace(FOUND, syncing=True), BrowseSnapshot()):
        page.show_snapshot(snapshot)
        for width in PAGE_WIDTHS:
            settle(page, width)
            assert clipped(page) == [], width
        assert nameless(page) == []


def test_cards_fill_the_width_at_every_window_size(page: BrowsePage) -> None:
    cards = _cards(page)
    across = []
    for width in PAGE_WIDTHS:
        settle(page, width)
        first = cards.visualRect(cards.cards.index(0))
        tops = [cards.visualRect(cards.cards.index(n)).top() for n in range(6)]
        across.append(tops.count(first.top()))
        assert first.width() >= 330
    assert across == [2, 3, 2, 3, 3]


def test_the_scroll_bar_comes_only_when_it_is_needed_and_moves_no_card(qtbot) -> None:
    page = BrowsePage()
    qtbot.addWidget(page)
    page.show()
    settle(page, 1148)
    cards = _cards(page)
    page.show_snapshot(BrowseSnapshot(cards=tuple(result(n) for n in range(3))))
    settle(page, 1148)
    few = cards.visualRect(cards.model().index(2, 0))
    assert not cards.verticalScrollBar().isVisible()
    page.show_snapshot(BrowseSnapshot(cards=tuple(result(n) for n in range(60))))
    settle(page, 1148)
    assert cards.verticalScrollBar().isVisible()
    assert cards.visualRect(cards.model().index(2, 0)) == few
