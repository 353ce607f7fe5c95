"""Subscriptions: asked for on a dataset's page, answered, changed and ended on their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)

from app.domain.commands import (
    AcceptSubscription,
    CounterSubscription,
    EndSubscription,
    LimitSubscription,
    OpenDataset,
    OpenOrder,
    SaveAgreement,
    Subscribe,
)
from app.domain.snapshots.shell import HomeSnapshot, Notice, Task
from app.domain.snapshots.subscriptions import SubscriptionsSnapshot
from app.ui.pages.dataset import DatasetPage
from app.ui.pages.home import HomePage
from app.ui.pages.orders import OrdersPage
from app.ui.pages.subscriptions import SubscriptionsPage
from tests.ui import gallery
from tests.ui.dataset_samples import DOLLAR, OFFERED, PAGE_WIDTHS
from tests.ui.looking import clipped, nameless, settle
from tests.ui.order_samples import usdc
from tests.ui.subscription_samples import ASKED, COUNTERED, ENDED, EVERY, RUNNING, WAITING


def shown(qtbot: Any, page: Any, *snapshots: object) -> tuple[Any, list[object], list[str]]:
    """The page, what it asks and where it goes."""
    qtbot.addWidget(page)
    page.resize(1148, 860)
    for snapshot in snapshots:
        page.show_snapshot(snapshot)
    page.show()
    asked: list[object] = []
    went: list[str] = []
    page.asked.connect(asked.append)
    page.went.connect(went.append)
    return page, asked, went


def words(page: QWidget) -> str:
    return "\n".join(text.text() for text in page.findChildren(QLabel) if text.isVisible())


def sheet_of(page: QWidget) -> QDialog:
    return next(one for one in page.window().findChildren(QDialog) if one.isVisible())


def press(within: QWidget, name: str) -> None:
    button = next(one for one in within.findChildren(QPushButton, name) if one.isVisible())
    button.click()


def names(page: QWidget) -> set[str]:
    return {one.objectName() for one in page.findChildren(QPushButton) if one.isVisible()}


# asking for one


def test_a_buyer_asks_for_new_versions_and_pays_each(qtbot: Any) -> None:
    page, asked, went = shown(qtbot, DatasetPage(), OFFERED)
    press(page, "dataset.subscribe")
    sheet = sheet_of(page)
    assert "12 × 1,200.00 PRAC: at most 14,400.00 PRAC in all." in words(sheet)
    assert not sheet.findChild(QLineEdit, "subscribe.limit").isVisible()
    sheet.findChild(QLineEdit, "subscribe.price").setText("900")
    sheet.findChild(QLineEdit, "subscribe.versions").setText("4")
    assert "4 × 900.00 PRAC: at most 3,600.00 PRAC in all." in words(sheet)
    sheet.findChild(QComboBox, "subscribe.days").setCurrentIndex(2)
    sheet.findChild(QPlainTextEdit, "subscribe.note").setPlainText(" Each month. ")
    press(sheet, "subscribe.do")
    token = DOLLAR.token
    wanted = Subscribe(
        OFFERED.card.dataset, token, 900_000_000, 4, 182, OFFERED.terms, None, "Each month."
    )
    assert asked == [wanted]
    assert went == ["subscriptions"]
    # what was refused is not lost
    page.show_snapshot(Notice("rule", "subscription.have", "", about=OFFERED.card.dataset))
    press(page, "dataset.subscribe")
    again = sheet_of(page)
    assert again.findChild(QLineEdit, "subscribe.versions").text() == "4"
    assert again.findChild(QLineEdit, "subscribe.price").text() == "900.00"


def test_a_limit_is_suggested_kept_when_typed_and_never_less_than_one_version(
    qtbot: Any,
) -> None:
    page, asked, _ = shown(qtbot, DatasetPage(), OFFERED)
    press(page, "dataset.subscribe")
    sheet = sheet_of(page)
    sheet.findChild(QComboBox, "subscribe.paying").setCurrentIndex(1)
    limit = sheet.findChild(QLineEdit, "subscribe.limit")
    assert limit.isVisible()
    assert "Recording fees come on top." in words(sheet)
    assert limit.text() == "14400.00"
    sheet.findChild(QLineEdit, "subscribe.versions").setText("2")
    assert limit.text() == "2400.00"
    limit.setFocus()
    limit.selectAll()
    QTest.keyClicks(limit, "1000")
    sheet.findChild(QLineEdit, "subscribe.versions").setText("3")
    assert limit.text() == "1000"
    for text, reason in (
        ("1000", "less than one version costs"),
        ("lots", "Type an amount"),
        ("", "Type an amount"),
    ):
        limit.setText(text)
        press(sheet, "subscribe.do")
        assert asked == [], text
        assert reason.split()[0] in words(sheet), text
    limit.setText("1200")
    press(sheet, "subscribe.do")
    (command,) = asked
    assert isinstance(command, Subscribe)
    assert (command.versions, command.limit_units) == (3, 1_200_000_000)


@pytest.mark.parametrize("typed", ["", "0", "1001", "-1", "1.5", "twelve", "１２"])
def test_how_many_versions_is_a_whole_number(qtbot: Any, typed: str) -> None:
    page, asked, _ = shown(qtbot, DatasetPage(), OFFERED)
    press(page, "dataset.subscribe")
    sheet = sheet_of(page)
    sheet.findChild(QLineEdit, "subscribe.versions").setText(typed)
    press(sheet, "subscribe.do")
    assert asked == []
    assert "Type a whole number from 1 to 1,000." in words(sheet)


def test_other_bad_input_is_named_at_its_field(qtbot: Any) -> None:
    page, asked, _ = shown(qtbot, DatasetPage(), OFFERED)
    press(page, "dataset.subscribe")
    sheet = sheet_of(page)
    for price in ("", "cheap", "0", "9" * 40):
        sheet.findChild(QLineEdit, "subscribe.price").setText(price)
        press(sheet, "subscribe.do")
    sheet.findChild(QLineEdit, "subscribe.price").setText("5")
    sheet.findChild(QPlainTextEdit, "subscribe.note").setPlainText("x" * 4097)
    press(sheet, "subscribe.do")
    assert asked == []


def test_who_subscribed_sees_that_instead_and_owners_neither(qtbot: Any) -> None:
    page, _, went = shown(qtbot, DatasetPage(), replace(OFFERED, subscription="1" * 32))
    assert "dataset.subscribe" not in names(page)
    press(page, "dataset.subscription")
    assert went == ["subscriptions"]
    page.show_snapshot(replace(OFFERED, can_offer=False))
    assert not {"dataset.subscribe", "dataset.subscription"} & names(page)


# the list


def test_each_says_how_it_stands(qtbot: Any) -> None:
    page, asked, _ = shown(qtbot, SubscriptionsPage(), EVERY)
    said = words(page)
    for sentence in (
        "Aalto Forecasting subscribes to new versions of yours",
        "You subscribe to new versions, from Baltic Grid Analytics",
        "2 of at most 12",
        "Paid by itself up to 1,440.00 USDC in all, while Lading is open and unlocked; beyond that"
        " you are asked. Recording fees come on top.",
        "You are asked before each version is paid.",
        "Volta Charging ended it. What was under way is finished; no new versions come.",
        "“We need it no longer, thank you.”",
        "Read what Aalto Forecasting asks for, and answer until",
    ):
        assert sentence in said, sentence
    for width in PAGE_WIDTHS:
        settle(page, width)
        assert clipped(page) == [], width
    assert nameless(page) == []
    press(page, "subscription.order")
    assert asked == [OpenOrder(RUNNING.orders[0].order)]
    press(page, "subscription.dataset")
    assert asked[1:] == [OpenDataset(ENDED.dataset)]


@pytest.mark.parametrize(
    ("card", "said"),
    [
        (replace(RUNNING, standing="over"), "Versions registered in the period"),
        (replace(ASKED, standing="expired"), "Not answered in time"),
        (replace(ASKED, standing="declined", ended_by_me=True), "You did not go on with it."),
        (replace(ASKED, standing="declined"), "Aalto Forecasting did not go on with it."),
        (replace(ENDED, ended_by_me=True), "You ended it."),
        (COUNTERED, "proposes something else: the price, the period. Answer until"),
        (replace(RUNNING, delivered=0, orders=()), "0 of at most 12"),
    ],
)
def test_other_standings_have_their_words(qtbot: Any, card: Any, said: str) -> None:
    page, _, _ = shown(qtbot, SubscriptionsPage(), SubscriptionsSnapshot((card,)))
    assert said in words(page)
    settle(page, 1060 - 212)
    assert clipped(page) == []


def test_an_owner_reads_all_of_it_and_accepts(qtbot: Any) -> None:
    page, asked, _ = shown(qtbot, SubscriptionsPage(), SubscriptionsSnapshot((ASKED,)))
    press(page, "subscription.accept")
    sheet = sheet_of(page)
    said = words(sheet)
    for part in (
        "the offer for each new version you register is signed by itself",
        "with 4.00 USDC held as bond",
        "6, so at most 240.00 USDC in all",
        "those registered from",
        "Research, not commercial",
        "7 days",
    ):
        assert part in said, part
    press(sheet, "accept_subscription.do")
    assert asked == [AcceptSubscription(ASKED.subscription, ASKED.id)]


def test_it_is_countered_declined_and_taken_back(qtbot: Any) -> None:
    page, asked, _ = shown(qtbot, SubscriptionsPage(), SubscriptionsSnapshot((COUNTERED, WAITING)))
    press(page, "subscription.counter")
    sheet = sheet_of(page)
    assert sheet.findChild(QComboBox, "subscribe.paying") is None
    sheet.findChild(QLineEdit, "subscribe.price").setText("45")
    press(sheet, "subscribe.do")
    key = COUNTERED.subscription
    assert asked == [CounterSubscription(key, 45_000_000, 6, 182, COUNTERED.terms, "")]
    press(page, "subscription.decline")
    declining = sheet_of(page)
    assert "Decline this subscription?" in words(declining)
    declining.findChild(QPlainTextEdit, "end_subscription.note").setPlainText("x" * 4097)
    press(declining, "end_subscription.do")
    assert len(asked) == 1
    declining.findChild(QPlainTextEdit, "end_subscription.note").setPlainText("Too dear.")
    press(declining, "end_subscription.do")
    assert asked[1:] == [EndSubscription(key, "Too dear.")]
    press(page, "subscription.end")
    assert "Take back your proposal?" in words(sheet_of(page))


def test_payment_is_changed_and_it_is_ended(qtbot: Any) -> None:
    page, asked, _ = shown(qtbot, SubscriptionsPage(), SubscriptionsSnapshot((RUNNING,)))
    press(page, "subscription.paying")
    sheet = sheet_of(page)
    sheet.findChild(QLineEdit, "subscribe.limit").setText("119.99")
    press(sheet, "paying.do")
    assert asked == []
    sheet.findChild(QComboBox, "subscribe.paying").setCurrentIndex(0)
    press(sheet, "paying.do")
    assert asked == [LimitSubscription(RUNNING.subscription, None)]
    press(page, "subscription.end")
    ending = sheet_of(page)
    assert "Versions registered before" in words(ending)
    press(ending, "end_subscription.do")
    assert asked[1:] == [EndSubscription(RUNNING.subscription, "")]


@pytest.mark.parametrize("card", [RUNNING, ENDED, replace(RUNNING, standing="over")])
def test_what_both_signed_is_saved_as_a_file(qtbot: Any, monkeypatch: Any, card: Any) -> None:
    page, asked, _ = shown(qtbot, SubscriptionsPage(), SubscriptionsSnapshot((card,)))
    chosen, offered = "/tmp/agreed.json", []

    def choose(parent: QWidget, title: str, name: str, kinds: str) -> tuple[str, str]:
        offered.append(name)
        return chosen, kinds

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    press(page, "subscription.save")
    assert asked == [SaveAgreement(card.subscription, Path(chosen))]
    assert offered == [f"Lading subscription {card.id[:8]}.json"]
    chosen = ""  # cancelled
    press(page, "subscription.save")
    assert len(asked) == 1


def test_what_nobody_or_one_signed_is_no_agreement(qtbot: Any) -> None:
    cards = (
        ASKED,
        WAITING,
        replace(ASKED, subscription="5" * 32, standing="declined"),
        replace(ASKED, subscription="6" * 32, standing="expired"),
    )
    page, _, _ = shown(qtbot, SubscriptionsPage(), SubscriptionsSnapshot(cards))
    assert "subscription.save" not in names(page)


def test_a_card_that_did_not_change_keeps_its_buttons_and_the_focus(qtbot: Any) -> None:
    page, _, _ = shown(qtbot, SubscriptionsPage(), EVERY)
    page.activateWindow()
    button = page.findChild(QPushButton, "subscription.accept")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    more = replace(RUNNING, delivered=3, spent=usdc(480))
    page.show_snapshot(SubscriptionsSnapshot((ASKED, WAITING, more, ENDED)))
    assert page.findChild(QPushButton, "subscription.accept") is button
    assert page.focusWidget() is button
    assert "3 of at most 12" in words(page)
    page.show_snapshot(SubscriptionsSnapshot())
    assert "No subscriptions yet" in words(page)


# the ways there


def test_orders_and_home_lead_to_them(qtbot: Any) -> None:
    page, _, went = shown(qtbot, OrdersPage())
    assert "orders.subscriptions" not in names(page)
    page.show_snapshot(SubscriptionsSnapshot((RUNNING,)))
    assert page.findChild(QPushButton, "orders.subscriptions").text().strip() == "1 subscription"
    press(page, "orders.subscriptions")
    assert went == ["subscriptions"]
    task = Task("2" * 32, "subscription", "Wind", "Aalto", usdc(40), None)
    home, asked, led = shown(qtbot, HomePage(), HomeSnapshot(needs_you=(task,), datasets=1))
    assert "Answer the subscription for Wind" in words(home)
    press(home, "home.task")
    assert (asked, led) == ([], ["subscriptions"])


def test_by_mouse_in_a_real_window(qtbot: Any) -> None:
    """From Orders to the list, into the sheet and out of it, as a person goes."""
    window = gallery.window(1060, 680)
    qtbot.addWidget(window)
    asked: list[object] = []
    window.asked.connect(asked.append)
    window.told(EVERY)
    window.go("orders")
    gallery.settle()

    def click(within: QWidget, name: str) -> None:
        button = next(one for one in within.findChildren(QPushButton, name) if one.isVisible())
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        gallery.settle()

    click(window, "orders.subscriptions")
    assert isinstance(window.stack.currentWidget(), SubscriptionsPage)
    assert window.rail.findChild(QWidget, "rail.orders").isChecked()
    click(window, "subscription.accept")
    sheet = sheet_of(window)
    assert sheet.height() <= window.height()
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    gallery.settle()
    assert not sheet.isVisible()
    click(window, "subscription.accept")
    click(sheet_of(window), "accept_subscription.do")
    assert asked[-1] == AcceptSubscription(ASKED.subscription, ASKED.id)
    click(window, "subscriptions.back")
    assert isinstance(window.stack.currentWidget(), OrdersPage)
