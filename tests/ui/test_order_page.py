"""The page of one order: what it says, what its buttons do, and that it never loses typing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget

from app.domain.commands import (
    BlockParty,
    DeliverNext,
    KeepContact,
    OpenDataset,
    OpenRecords,
    PauseDelivery,
    ResumeAll,
    ResumeDelivery,
    SendText,
)
from app.domain.snapshots.datasets import Newer
from app.domain.snapshots.orders import Line, RecordLine
from app.ui.dialogs.person import PersonSheet
from app.ui.pages.order.detail import OrderDetail
from app.ui.phrases.words import moment
from app.ui.widgets.progress import Swatch
from tests.ui.order_samples import BUYING, COMPARED, NEGOTIATING, NOW, PAYING, RECEIVING, SELLING


@pytest.fixture
def detail(qtbot) -> OrderDetail:
    made = OrderDetail()
    qtbot.addWidget(made)
    made.resize(776, 1100)
    made.show()
    return made


def _words(detail: OrderDetail) -> str:
    QApplication.processEvents()  # new lines are shown by the layout's next round
    labels = (part for part in detail.findChildren(QLabel) if part.isVisible())
    return "\n".join(part.accessibleName() or part.text() for part in labels)


def _click(qtbot, detail: OrderDetail, name: str) -> None:
    qtbot.mouseClick(detail.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def _buttons(detail: OrderDetail) -> set[str]:
    return {
        part.objectName()
        for part in detail.findChildren(QPushButton)
        if part.isVisible() and part.objectName().startswith("order.")
    }


def test_before_the_first_order_it_teaches(detail: OrderDetail) -> None:
    assert "Choose an order" in _words(detail)


def test_a_running_sale_says_where_it_stands(detail: OrderDetail) -> None:
    detail.show_snapshot(SELLING)
    said = _words(detail)
    for part in (
        "Selling to Baltic Grid Analytics   ·   order 0042",
        "1,200.00 USDC",
        "held until the buyer has checked",
        "Nothing for you to do.",
        "62%",
        "2.9 of 4.6 GB",
        "about 4 min",
        "7.4 MB/s",
        "part 161 of 256",
        "Use: Internal analysis, no resale",
        "Check period: 7 days, then payment is released",
        "Fingerprint: 7c1f 09ae 5bd2 … e441",
        "Payment placed in holding",
        "First three months open fine on our side.",
    ):
        assert part in said


def test_steps_and_parts_are_read_out(detail: OrderDetail) -> None:
    detail.show_snapshot(SELLING)
    steps = detail.findChild(QWidget, "order.steps").accessibleName()
    assert steps.startswith("Step 4 of 6: Delivering (Offer ")
    parts = detail.findChild(QWidget, "order.parts").accessibleName()
    assert parts == "161 of 256 parts confirmed by the buyer, 172 sent"


def test_sent_is_not_called_received_by_the_owner(detail: OrderDetail) -> None:
    detail.show_snapshot(SELLING)
    assert "received" not in _words(detail)
    detail.show_snapshot(BUYING)
    assert "received and kept" in _words(detail)


def test_pause_and_resume(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(SELLING)
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.pause")
    assert heard.args == [PauseDelivery("a" * 32)]
    detail.show_snapshot(replace(SELLING, actions=("resume",)))
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.resume")
    assert heard.args == [ResumeDelivery("a" * 32)]
    assert "order.pause" not in _buttons(detail)


def test_what_was_paused_with_all_others_goes_on_with_them(detail: OrderDetail, qtbot) -> None:
    view = replace(SELLING.delivery, state="paused_all", speed_bytes=0)
    detail.show_snapshot(
        replace(SELLING, todo="paused", actions=("resume_all",), delivery=view, todo_due_at=NOW)
    )
    assert "Paused by you, with all other deliveries" in _words(detail)
    assert f"Until {moment(NOW)}" in _words(detail)
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.resume_all")
    assert heard.args == [ResumeAll()]
    assert not {"order.pause", "order.resume"} & _buttons(detail)


def test_a_delivery_that_waits_says_its_place_and_can_be_put_first(
    detail: OrderDetail, qtbot
) -> None:
    view = replace(SELLING.delivery, state="queued", place=3)
    buttons = ("deliver_next", "pause")
    detail.show_snapshot(replace(SELLING, todo="queued", actions=buttons, delivery=view))
    assert "Waits its turn: number 3 of those that wait" in _words(detail)
    assert "Other deliveries run first" in _words(detail)
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.deliver_next")
    assert heard.args == [DeliverNext("a" * 32)]
    view = replace(view, state="other_queued", place=0)
    detail.show_snapshot(
        replace(RECEIVING, todo="other_queued", delivery=replace(view, parcel=None))
    )
    assert "the other side sends to others first" in _words(detail)
    assert "order.deliver_next" not in _buttons(detail)


@pytest.mark.parametrize("order", [SELLING, RECEIVING])
def test_who_paused_and_what_time_does_is_said_on_both_sides(detail: OrderDetail, order) -> None:
    view = replace(order.delivery, state="other_paused", parcel=None)
    detail.show_snapshot(replace(order, todo="other_paused", delivery=view))
    said = _words(detail)
    assert f"{order.other} paused the delivery." in said
    assert "Paused by the other side" in said
    assert ("payment goes back to them" in said) is order.selling
    assert ("payment comes back to you" in said) is not order.selling
    detail.show_snapshot(replace(order, todo="paused_late", todo_warn=True))
    assert "Resume now if you want" in _words(detail)


@pytest.mark.parametrize(
    ("order", "buttons"),
    [
        (NEGOTIATING, {"order.sign", "order.counter", "order.decline"}),
        (PAYING, {"order.pay", "order.decline"}),
        (BUYING, {"order.confirm", "order.report", "order.open_folder"}),
    ],
)
def test_only_what_works_now_can_be_pressed(detail: OrderDetail, order, buttons) -> None:
    detail.show_snapshot(order)
    always = {"order.person", "order.agreement", "order.records", "order.send"}
    assert _buttons(detail) - always == buttons


def test_paying_waits_until_everything_is_in_place_and_says_so(detail: OrderDetail) -> None:
    early = detail.findChild(QLabel, "order.not_ready")
    detail.show_snapshot(replace(PAYING, ready_to_pay=False))
    assert early.isVisible()
    detail.show_snapshot(PAYING)
    assert not early.isVisible()


def test_a_question_is_shown_without_an_offer(detail: OrderDetail, qtbot) -> None:
    asked = replace(
        NEGOTIATING, todo="question", todo_warn=False, steps=(), actions=(), proposal=None
    )
    detail.show_snapshot(replace(asked, thread=NEGOTIATING.thread[3:], window_seconds=0))
    said = _words(detail)
    assert "asking price" in said
    assert "A question before any offer." in said
    assert "On the table" not in said
    assert "order.dataset" not in _buttons(detail), "its owner needs no way to it"
    detail.show_snapshot(replace(asked, dataset="d" * 64, actions=("dataset",)))
    heard: list[object] = []
    detail.asked.connect(heard.append)
    with qtbot.waitSignal(detail.went) as went:
        _click(qtbot, detail, "order.dataset")
    assert (heard, went.args) == ([OpenDataset("d" * 64)], ["dataset"])


def test_a_proposal_shows_what_changed(detail: OrderDetail) -> None:
    detail.show_snapshot(NEGOTIATING)
    said = _words(detail)
    assert "Price: 1,000.00 USDC, was 1,200.00 USDC" in said
    assert "was European Union" in said
    assert "was Internal analysis" not in said
    assert "You: 1,200.00 USDC" in said


def test_other_peoples_words_are_plain_text(detail: OrderDetail) -> None:
    detail.show_snapshot(replace(NEGOTIATING, other="<b>Evil</b>", title="<h1>x</h1>"))
    for part in detail.findChildren(QLabel):
        if part.textFormat() == Qt.TextFormat.RichText:
            assert "<b>Evil" not in part.text()
        else:
            assert part.textFormat() == Qt.TextFormat.PlainText or not part.text()
    assert "<b>Could</b> you include 2018?" in _words(detail)


def test_a_name_in_the_todo_line_is_escaped(detail: OrderDetail) -> None:
    detail.show_snapshot(replace(SELLING, todo="wait_peer", other="<img src=x>"))
    assert "&lt;img src=x&gt;" in detail.findChild(QLabel, "order.todo.text").text()


def test_the_persons_turn_is_amber_and_nothing_else_is(detail: OrderDetail) -> None:
    todo = detail.findChild(QWidget, "order.todo")
    detail.show_snapshot(BUYING)
    assert todo.property("surface") == "act"
    detail.show_snapshot(SELLING)
    assert todo.property("surface") == "next"


def test_too_little_money_is_said_before_the_review(detail: OrderDetail) -> None:
    detail.show_snapshot(PAYING)
    short = detail.findChild(QLabel, "order.short")
    assert not short.isVisible()
    detail.show_snapshot(replace(PAYING, can_pay=False))
    assert short.isVisible()


def test_a_message_is_sent_and_the_field_is_free_again(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(SELLING)
    field = detail.findChild(QLineEdit, "order.message")
    field.setText("  Thank you  ")
    with qtbot.waitSignal(detail.asked) as heard:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert heard.args == [SendText("a" * 32, "Thank you")]
    assert field.text() == ""
    with qtbot.assertNotEmitted(detail.asked):
        _click(qtbot, detail, "order.send")


def test_typing_survives_snapshots_and_keeps_the_focus(detail: OrderDetail) -> None:
    detail.show_snapshot(SELLING)
    field = detail.findChild(QLineEdit, "order.message")
    field.setText("half a sent")
    field.setFocus()
    field.setCursorPosition(4)
    line = Line(False, "Jaan", SELLING.thread[0].at, "another")
    for done in range(3):
        view = replace(SELLING.delivery, confirmed_parts=170 + done)
        detail.show_snapshot(replace(SELLING, delivery=view, thread=(*SELLING.thread, line)))
    assert (field.text(), field.cursorPosition()) == ("half a sent", 4)
    assert detail.focusWidget() is field


def test_what_is_typed_belongs_to_its_order(detail: OrderDetail) -> None:
    detail.show_snapshot(SELLING)
    field = detail.findChild(QLineEdit, "order.message")
    field.setText("for Baltic Grid")
    detail.show_snapshot(NEGOTIATING)
    assert field.text() == ""
    detail.show_snapshot(SELLING)
    assert field.text() == "for Baltic Grid"


def test_older_messages_are_one_click_away(detail: OrderDetail, qtbot) -> None:
    lines = tuple(Line(False, "Jaan", 1000 + n, f"message {n}") for n in range(6))
    detail.show_snapshot(replace(SELLING, thread=lines))
    assert "message 2" not in _words(detail)
    _click(qtbot, detail, "order.earlier_messages")
    assert "message 0" in _words(detail)


def test_a_message_that_waits_says_so(detail: OrderDetail) -> None:
    detail.show_snapshot(NEGOTIATING)
    assert "waits until they are online" in _words(detail)


def test_ticks_say_right_wrong_and_open(detail: OrderDetail) -> None:
    detail.show_snapshot(BUYING)
    names = {part.accessibleName() for part in detail.findChildren(QWidget)}
    assert "Every single record: correct" in names
    assert "Content as the owner stated it: wrong" in names
    assert "Size as stated: still to be checked" in names


def test_declared_stands_beside_received(detail: OrderDetail) -> None:
    detail.show_snapshot(replace(BUYING, comparing=True))
    assert "Measuring what was received…" in _words(detail)
    detail.show_snapshot(COMPARED)
    names = {part.accessibleName() for part in detail.findChildren(QWidget)}
    assert "Rows: 43,800 declared, 43,771 received" in names
    assert "Consistency: 100%, better than the 99.99% declared" in names
    assert "Accessibility: CSV, UTF-8, as declared" in names
    detail.show_snapshot(BUYING)
    assert "Declared against received" not in _words(detail)


def test_an_entry_is_not_called_final_before_it_is(detail: OrderDetail) -> None:
    entry = RecordLine("confirm", None, "being_recorded")
    detail.show_snapshot(replace(SELLING, records=(entry,)))
    assert "being recorded…" in _words(detail)


def test_show_in_records_asks_and_goes(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(SELLING)
    with qtbot.waitSignals([detail.asked, detail.went], order="strict"):
        _click(qtbot, detail, "order.records")
    with qtbot.waitSignal(detail.asked) as heard:
        _click(qtbot, detail, "order.records")
    assert heard.args == [OpenRecords("a" * 32)]


def test_the_legend_names_only_what_its_side_can_see(detail: OrderDetail) -> None:
    detail.show_snapshot(SELLING)
    said = _words(detail)
    for part in ("confirmed by the buyer", "sent, not confirmed yet", "to send"):
        assert part in said
    detail.show_snapshot(BUYING)
    lines = _words(detail).splitlines()
    assert {"received", "to come"} <= set(lines)
    assert "sent, not confirmed yet" not in lines
    assert sum(key.isVisible() for key in detail.findChildren(Swatch)) == 2


def test_the_buyer_sees_that_there_is_a_newer_version(detail: OrderDetail, qtbot) -> None:
    detail.show_snapshot(BUYING)
    assert "order.newer" not in _buttons(detail)
    detail.show_snapshot(replace(BUYING, newer=Newer("9" * 64, "Load 2025", NOW)))
    assert "Load 2025" in _words(detail)
    heard: list[object] = []
    detail.asked.connect(heard.append)
    with qtbot.waitSignal(detail.went) as went:
        _click(qtbot, detail, "order.newer")
    assert (heard, went.args) == ([OpenDataset("9" * 64)], ["dataset"])


def test_the_other_can_be_kept_as_a_contact_and_blocked(detail: OrderDetail, qtbot) -> None:
    heard: list[object] = []
    detail.asked.connect(heard.append)
    detail.show_snapshot(SELLING)
    state = detail.findChild(QLabel, "order.person.state")
    assert not state.isVisible()
    _click(qtbot, detail, "order.person")
    sheet = detail.findChild(PersonSheet)
    sheet.findChild(QPushButton, "person.contact").click()
    sheet.findChild(QPushButton, "person.block").click()
    address = SELLING.person.address
    assert heard == [KeepContact(address, True), BlockParty(address, True)]
    detail.show_snapshot(replace(SELLING, person=replace(SELLING.person, blocked=True)))
    assert (state.isVisible(), state.text()) == (True, "blocked")
    unblock = sheet.findChild(QPushButton, "person.block")
    assert unblock.accessibleName() == "Unblock"
    unblock.click()
    assert heard[-1] == BlockParty(address, False)
    sheet.close()
    detail.show_snapshot(replace(SELLING, person=replace(SELLING.person, contact=True)))
    assert state.text() == "contact"
