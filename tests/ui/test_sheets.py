"""Review pages: what is read is what is done."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPlainTextEdit, QPushButton

from app.domain import commands
from app.domain.terms import TermsChoice
from app.ui.dialogs.order_sheet import OrderSheet
from app.ui.dialogs.recovery import WordsSheet
from app.ui.pages.order.detail import OrderDetail
from tests.ui.desk_samples import SETTINGS, WORDS
from tests.ui.looking import clipped, nameless, tab_order
from tests.ui.order_samples import BUYING, COMPARED, NEGOTIATING, NOW, PAYING, SELLING, usdc

THEIRS = replace(NEGOTIATING, selling=False, actions=("accept", "counter", "decline"))
RATING = replace(BUYING, todo="rate", actions=("rate",))
OPENED = [
    ("sign", NEGOTIATING),
    ("counter", NEGOTIATING),
    ("accept", THEIRS),
    ("decline", NEGOTIATING),
    ("pay", PAYING),
    ("confirm", BUYING),
    ("rate", RATING),
    ("report", BUYING),
    ("return_payment", SELLING),
]


def _open(qtbot, detail: OrderDetail, action: str, order) -> OrderSheet:
    detail.show_snapshot(order)
    button = detail.findChild(QPushButton, f"order.{action}")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert detail.sheet is not None
    return detail.sheet


def _do(qtbot, detail: OrderDetail, sheet: OrderSheet) -> object:
    with qtbot.waitSignal(detail.asked) as heard:
        qtbot.mouseClick(sheet.action, Qt.MouseButton.LeftButton)
    return heard.args[0]


def _refused(qtbot, detail: OrderDetail, sheet: OrderSheet) -> None:
    with qtbot.assertNotEmitted(detail.asked):
        qtbot.mouseClick(sheet.action, Qt.MouseButton.LeftButton)
    assert sheet.isVisible()


def _words(sheet: OrderSheet) -> str:
    labels = (part for part in sheet.findChildren(QLabel) if part.isVisible())
    return "\n".join(part.accessibleName() or part.text() for part in labels)


@pytest.mark.parametrize(("action", "order"), OPENED)
def test_a_sheet_is_whole(detail: OrderDetail, qtbot, qtlog, action: str, order) -> None:
    sheet = _open(qtbot, detail, action, order)
    assert clipped(sheet) == []
    assert nameless(sheet) == []
    assert [r.message for r in qtlog.records if "TabOrder" in r.message] == []


@pytest.mark.parametrize(("action", "order"), OPENED)
def test_cancelling_does_nothing(detail: OrderDetail, qtbot, action: str, order) -> None:
    sheet = _open(qtbot, detail, action, order)
    with qtbot.assertNotEmitted(detail.asked):
        qtbot.mouseClick(sheet.cancel, Qt.MouseButton.LeftButton)
    assert detail.sheet is None


@pytest.mark.parametrize(("action", "order"), OPENED)
def test_what_is_no_longer_possible_cannot_be_pressed(
    detail: OrderDetail, qtbot, action: str, order
) -> None:
    sheet = _open(qtbot, detail, action, order)
    detail.show_snapshot(replace(order, actions=()))
    assert not sheet.action.isEnabled()
    assert "can no longer be done" in _words(sheet)


@pytest.mark.parametrize("action", ["sign", "pay", "accept"])
@pytest.mark.parametrize(
    "change",
    [
        {"price": usdc(1)},
        {"terms": TermsChoice(resale="yes")},
        {"window_seconds": 86_400},
        {"fingerprint": "00" * 32},
        {"terms_fingerprint": "00" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_offer_cannot_be_signed_unread(
    detail: OrderDetail, qtbot, action: str, change: dict[str, object]
) -> None:
    order = dict(OPENED)[action]
    sheet = _open(qtbot, detail, action, order)
    detail.show_snapshot(replace(order, thread=()))  # nothing that is signed
    assert sheet.action.isEnabled()
    detail.show_snapshot(replace(order, **change))
    assert not sheet.action.isEnabled()
    assert "changed while you were reading" in _words(sheet)
    detail.show_snapshot(order)  # and it stays so: the person reads anew
    assert not sheet.action.isEnabled()


def test_signing_shows_all_that_is_signed(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "sign", NEGOTIATING)
    said = _words(sheet)
    for part in (
        "AgriSense ApS (51aa-c03d)",
        "1,000.00 USDC",
        "12 months from delivery",
        "Not to be passed on or resold",
        "Training models is not allowed",
        "Contains no personal data",
        "Up to the price paid",
        "7 days, then payment is released",
        "9b9b 9b9b",
    ):
        assert part in said
    assert _do(qtbot, detail, sheet) == _signed(120_000_000)


def _signed(bond_units: int) -> commands.SignOffer:
    """What was read goes along, so that nothing else is signed."""
    read = (NEGOTIATING.price.units, NEGOTIATING.terms_fingerprint)
    return commands.SignOffer("b" * 32, bond_units, *read)


def test_the_bond_is_said_once_where_it_is_typed(detail: OrderDetail, qtbot) -> None:
    proposed = replace(NEGOTIATING, bond=usdc(77))
    assert "77.00" not in _words(_open(qtbot, detail, "sign", proposed))


def test_a_bond_that_is_no_amount_is_not_signed(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "sign", NEGOTIATING)
    sheet.findChild(QLineEdit, "sign.bond").setText("-1")
    _refused(qtbot, detail, sheet)


def test_less_bond_is_possible_with_a_warning(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "sign", NEGOTIATING)
    assert "Less than the usual" not in _words(sheet)
    sheet.findChild(QLineEdit, "sign.bond").setText("0")
    assert "Less than the usual 120.00 USDC" in _words(sheet)
    assert _do(qtbot, detail, sheet) == _signed(0)


def test_paying_says_price_fee_and_that_it_is_held(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "pay", PAYING)
    said = _words(sheet)
    assert "1,200.00 USDC" in said
    assert "0.000132 ETH" in said
    assert "The payment is held until you have checked the data" in said
    assert _do(qtbot, detail, sheet) == commands.FundOrder(
        "f" * 32, PAYING.price.units, PAYING.terms_fingerprint
    )


def test_without_enough_money_paying_is_not_offered(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "pay", replace(PAYING, can_pay=False))
    assert not sheet.action.isEnabled()
    detail.show_snapshot(PAYING)
    assert sheet.action.isEnabled()


def test_paying_waits_until_the_bond_is_in_place(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "pay", replace(PAYING, ready_to_pay=False))
    assert not sheet.action.isEnabled()
    assert "Not yet" in _words(sheet)
    detail.show_snapshot(PAYING)
    assert sheet.action.isEnabled()


def test_a_counter_offer_carries_what_was_typed(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "counter", NEGOTIATING)
    sheet.findChild(QLineEdit, "offer.price").setText("1100.50")
    resale = sheet.findChild(QComboBox, "offer.terms.resale")
    resale.setCurrentIndex(resale.findData("derived"))
    sheet.findChild(QPlainTextEdit, "offer.note").setPlainText("Our last word")
    before = int(time.time())
    asked = _do(qtbot, detail, sheet)
    assert asked == commands.CounterOffer(
        order="b" * 32,
        price_units=1_100_500_000,
        terms=TermsChoice(resale="derived"),
        expires_at=asked.expires_at,
        window_seconds=7 * 86_400,
        note="Our last word",
    )
    assert before + 7 * 86_400 <= asked.expires_at <= time.time() + 7 * 86_400


@pytest.mark.parametrize("price", ["", "-1", "0", "1.2345678", "cheap"])
def test_a_counter_offer_without_a_price_is_not_sent(
    detail: OrderDetail, qtbot, price: str
) -> None:
    sheet = _open(qtbot, detail, "counter", NEGOTIATING)
    field = sheet.findChild(QLineEdit, "offer.price")
    field.setText(price)
    _refused(qtbot, detail, sheet)
    assert field.accessibleDescription()


def test_a_note_too_long_for_the_wire_is_refused(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "counter", NEGOTIATING)
    note = sheet.findChild(QPlainTextEdit, "offer.note")
    note.setPlainText("ü" * 2049)
    _refused(qtbot, detail, sheet)
    note.setPlainText("ü" * 2048)
    assert isinstance(_do(qtbot, detail, sheet), commands.CounterOffer)


def test_a_snapshot_does_not_take_what_is_being_typed(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "counter", NEGOTIATING)
    price = sheet.findChild(QLineEdit, "offer.price")
    price.setText("1100")
    detail.show_snapshot(replace(NEGOTIATING, other_online=False))
    detail.show_snapshot(replace(NEGOTIATING, proposal=replace(NEGOTIATING.proposal, at=NOW + 9)))
    assert price.text() == "1100"


def test_accepting_is_an_equal_counter_offer(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "accept", THEIRS)
    asked = _do(qtbot, detail, sheet)
    assert (asked.price_units, asked.terms) == (1_000_000_000, THEIRS.proposal.terms)
    assert asked.window_seconds == THEIRS.proposal.window_seconds
    assert asked.expires_at == THEIRS.proposal.expires_at


@pytest.mark.parametrize(
    ("action", "order", "kind"),
    [("confirm", BUYING, commands.ConfirmOrder), ("rate", RATING, commands.RateOrder)],
)
def test_rating_needs_all_six(detail: OrderDetail, qtbot, action, order, kind) -> None:
    sheet = _open(qtbot, detail, action, order)
    assert "public and permanent" in _words(sheet)
    names = ("overall", "accuracy", "completeness", "consistency", "timeliness", "conformity")
    for points, name in enumerate(names[:5], start=1):
        button = sheet.findChild(QPushButton, f"rate.{name}.{points}")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    _refused(qtbot, detail, sheet)
    assert "one to five points in every line" in _words(sheet)
    last = sheet.findChild(QPushButton, "rate.conformity.4")
    assert last.accessibleName() == "As described: 4 of 5"
    qtbot.mouseClick(last, Qt.MouseButton.LeftButton)
    sheet.findChild(QPlainTextEdit, "rate.words").setPlainText("Good.")
    assert _do(qtbot, detail, sheet) == kind("c" * 32, (1, 2, 3, 4, 5, 4), "Good.")


def test_a_rating_begins_with_what_was_measured(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "confirm", COMPARED)
    assert "filled in from it" in _words(sheet)
    _refused(qtbot, detail, sheet)
    for name, points in (("overall", 3), ("consistency", 4)):
        button = sheet.findChild(QPushButton, f"rate.{name}.{points}")
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    said = "Rows: 43,800 declared, 43,771 received.\nCompleteness: 99.5% declared, 97.12% received."
    assert _do(qtbot, detail, sheet) == commands.ConfirmOrder("c" * 32, (3, 5, 2, 4, 5, 2), said)


def test_a_rating_before_all_is_measured_says_what_it_leaves_out(
    detail: OrderDetail, qtbot
) -> None:
    early = replace(COMPARED, comparing=True, compared=())
    hint = _open(qtbot, detail, "confirm", early).findChild(QLabel, "rate.measured")
    assert hint.isVisible()
    assert "still being measured" in hint.text()
    nothing = replace(COMPARED, compared=())
    hint = _open(qtbot, detail, "confirm", nothing).findChild(QLabel, "rate.measured")
    assert not hint.isVisible()


def test_a_report_needs_words(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "report", BUYING)
    _refused(qtbot, detail, sheet)
    sheet.findChild(QPlainTextEdit, "report.words").setPlainText("March is missing.")
    expected = commands.ReportProblem("c" * 32, "March is missing.")
    assert _do(qtbot, detail, sheet) == expected


def test_declining_needs_no_reason(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "decline", NEGOTIATING)
    assert _do(qtbot, detail, sheet) == commands.DeclineOrder("b" * 32, "")


def test_returning_the_payment_names_the_amount(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "return_payment", SELLING)
    assert sheet.action.text() == "Return 1,200.00 USDC"
    assert _do(qtbot, detail, sheet) == commands.ReturnPayment("a" * 32)


def test_the_agreement_is_there_to_be_read(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(SELLING)
    button = detail.findChild(QPushButton, "order.agreement")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert detail.sheet is not None
    assert "Liability" in _words(detail.sheet)
    assert not detail.sheet.action.isVisible()


def test_tab_reaches_what_is_typed_before_the_buttons(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "counter", NEGOTIATING)
    price = sheet.findChild(QLineEdit, "offer.price")
    assert sheet.focusWidget() is price
    names = tab_order(price, sheet)
    assert names[:3] == ["offer.price", "offer.valid_for", "offer.window"]
    assert names[-3:] == ["offer.note", "counter.cancel", "counter.do"]


def test_the_first_real_payment_asks_for_the_words_that_were_put_off(
    detail: OrderDetail, qtbot
) -> None:
    detail.tell(SETTINGS)
    sheet = _open(qtbot, detail, "pay", replace(PAYING, recovery_first=True))
    assert not sheet.action.isEnabled()
    assert "First save your recovery sheet." in _words(sheet)
    asked = []
    detail.asked.connect(asked.append)
    button = sheet.findChild(QPushButton, "pay.recovery")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (words,) = sheet.findChildren(WordsSheet)
    qtbot.keyClicks(words.password.edit, "the password")
    qtbot.mouseClick(words.action, Qt.MouseButton.LeftButton)
    detail.tell(replace(SETTINGS, words=WORDS))
    qtbot.mouseClick(words.action, Qt.MouseButton.LeftButton)
    for field, position in zip(words.proof, (3, 9), strict=True):
        qtbot.keyClicks(field.edit, WORDS[position - 1])
    qtbot.mouseClick(words.action, Qt.MouseButton.LeftButton)
    proof = commands.ProveWords({3: WORDS[2], 9: WORDS[8]})
    assert asked == [commands.ShowRecoverySheet("the password"), proof]
    detail.tell(replace(SETTINGS, backed_up=True))
    assert not words.isVisible()
    detail.show_snapshot(PAYING)
    assert "First save" not in _words(sheet)
    assert _do(qtbot, detail, sheet) == commands.FundOrder(
        "f" * 32, PAYING.price.units, PAYING.terms_fingerprint
    )


def test_a_payment_with_saved_words_asks_nothing_more(detail: OrderDetail, qtbot) -> None:
    sheet = _open(qtbot, detail, "pay", PAYING)
    assert "recovery sheet" not in _words(sheet)
    assert sheet.action.isEnabled()
