"""Wanted: the board, posting, answering and taking back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QPlainTextEdit, QPushButton

from app.domain.commands import (
    AnswerWant,
    BlockParty,
    KeepContact,
    OpenOrder,
    PostWant,
    TakeBackWant,
)
from app.domain.snapshots.shell import Notice
from app.domain.snapshots.wants import WantedSnapshot
from app.domain.wants import Want
from app.ui.pages.wanted import WantedPage
from tests.ui.dataset_samples import DOLLAR, PAGE_WIDTHS
from tests.ui.looking import clipped, nameless, settle
from tests.ui.want_samples import BLOCKED, BOARD, MINE, THEIRS


@pytest.fixture
def page(qtbot) -> WantedPage:
    made = WantedPage()
    qtbot.addWidget(made)
    made.resize(1148, 860)
    made.show_snapshot(BOARD)
    made.show()
    return made


@pytest.fixture
def asked(page: WantedPage) -> list[object]:
    heard: list[object] = []
    page.asked.connect(heard.append)
    return heard


def _words(page: WantedPage) -> str:
    return "\n".join(text.text() for text in page.findChildren(QLabel) if text.isVisible())


def _sheet(page: WantedPage) -> QDialog:
    return next(one for one in page.findChildren(QDialog) if one.isVisible())


def test_what_fits_is_said_with_the_reasons(page: WantedPage) -> None:
    said = _words(page)
    assert "2 of your datasets may be that:" in said
    assert (
        "columns timestamp, load_kw  ·  words hourly, load  ·  same field  ·  region Estonia"
        "  ·  within the price  ·  99.35% complete"
    ) in said
    assert (
        "Energy  ·  Estonia  ·  2020–2024  ·  at least 95% complete  ·  up to 1,500.00 PRAC" in said
    )
    for width in PAGE_WIDTHS:
        settle(page, width)
        assert clipped(page) == [], width
    assert nameless(page) == []
    page.show_snapshot(WantedSnapshot())
    assert "Nobody looks for anything now" in _words(page)
    assert not page.findChild(QPushButton, "wanted.post").isEnabled()


def test_what_is_looked_for_is_posted(page: WantedPage, asked) -> None:
    page.findChild(QPushButton, "wanted.post").click()
    sheet = _sheet(page)
    do = sheet.findChild(QPushButton, "post.do")
    do.click()
    assert asked == []
    sheet.findChild(QLineEdit, "post.title_edit").setText(" Feeder load ")
    sheet.findChild(QPlainTextEdit, "post.what").setPlainText("Hourly")
    sheet.findChild(QComboBox, "post.field").setCurrentIndex(1)
    sheet.findChild(QLineEdit, "post.columns").setText("timestamp，load, load")
    complete = sheet.findChild(QComboBox, "post.complete")
    complete.setCurrentIndex(complete.findText("At least 99.9%"))
    price = sheet.findChild(QLineEdit, "post.price")
    price.setText("cheap")
    do.click()
    assert asked == [], "the price is no amount"
    price.setText("1,500")
    do.click()
    want = Want(
        title="Feeder load",
        what="Hourly",
        field="energy",
        columns=("timestamp", "load"),
        token=DOLLAR.token,
        max_price_units=1_500_000_000,
        least_complete=9990,
    )
    assert asked == [PostWant(want, 30)]
    page.show_snapshot(Notice("rule", "want.long", "too long", about="PostWant"))
    page.findChild(QPushButton, "wanted.post").click()
    again = _sheet(page)
    kept = (
        again.findChild(QLineEdit, "post.title_edit").text(),
        again.findChild(QPlainTextEdit, "post.what").toPlainText(),
        again.findChild(QLineEdit, "post.columns").text(),
    )
    assert kept == ("Feeder load", "Hourly", "timestamp, load"), "what was refused is not lost"


def test_an_answer_goes_to_who_wants_it(page: WantedPage, asked, qtbot) -> None:
    page.findChild(QPushButton, "wanted.answer").click()
    sheet = _sheet(page)
    words = sheet.findChild(QPlainTextEdit, "answer.words")
    assert "Hourly feeder load 2019–2024" in words.toPlainText()
    words.setPlainText("")
    sheet.findChild(QPushButton, "answer.do").click()
    assert asked == []
    words.setPlainText("I have it.")
    with qtbot.waitSignal(page.went) as went:
        sheet.findChild(QPushButton, "answer.do").click()
    assert asked == [AnswerWant(THEIRS.want, "a" * 64, "I have it.")]
    assert went.args == ["orders"]
    page.findChild(QPushButton, "wanted.open").click()
    assert asked[-1] == OpenOrder("c" * 32)


def test_mine_can_be_taken_back(page: WantedPage, asked) -> None:
    page.findChild(QPushButton, "wanted.take_back").click()
    _sheet(page).findChild(QPushButton, "take_back.do").click()
    assert asked == [TakeBackWant(MINE.want)]
    page.show_snapshot(replace(BOARD, wants=(THEIRS,)))
    assert (
        page.findChild(QPushButton, "wanted.take_back") is None
        or not page.findChild(QPushButton, "wanted.take_back").isVisible()
    )


def test_who_posts_can_be_kept_as_a_contact_and_blocked(page: WantedPage, asked) -> None:
    links = page.findChildren(QPushButton, "wanted.person")
    assert [link.accessibleName() for link in links] == [
        "Note, contact, block…: Baltic Grid Analytics",
        "Note, contact, block…: Brightdata Leads",
    ], "of others, not of one's own"
    links[0].click()
    sheet = _sheet(page)
    sheet.findChild(QPushButton, "person.contact").click()
    sheet.findChild(QPushButton, "person.block").click()
    address = THEIRS.person.address
    assert asked == [KeepContact(address, True), BlockParty(address, True)]
    blocked = replace(THEIRS, person=replace(THEIRS.person, blocked=True))
    page.show_snapshot(replace(BOARD, wants=(MINE, blocked)))
    assert sheet.findChild(QPushButton, "person.block").accessibleName() == "Unblock"
    assert page.findChild(QLabel, "wanted.person.state").text() == "blocked"
    sheet.findChild(QPushButton, "person.block").click()
    assert asked[-1] == BlockParty(address, False)


def test_of_the_blocked_only_is_shown_who_they_are(page: WantedPage) -> None:
    said = _words(page)
    assert "By Brightdata Leads" in said
    assert BLOCKED.title not in said
