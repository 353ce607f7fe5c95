"""The list of orders and what opens at its right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from app.domain.commands import OpenOrder
from app.domain.snapshots.orders import OrdersSnapshot
from app.ui.pages.order.list_model import ROW, OrderModel
from app.ui.pages.orders import OrdersPage
from tests.ui.looking import clipped, nameless, settle, tab_order
from tests.ui.order_samples import BUYING, NEGOTIATING, ROWS, SELLING, usdc


@pytest.fixture
def page(qtbot) -> OrdersPage:
    made = OrdersPage()
    qtbot.addWidget(made)
    made.show_snapshot(ROWS)
    made.resize(1148, 860)
    made.show()
    return made


def _titles(page: OrdersPage) -> list[str]:
    model = page.list.model()
    return [model.index(i, 0).data() for i in range(model.rowCount())]


def test_the_model_keeps_qts_rules() -> None:
    model = OrderModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_rows(ROWS.rows)
    model.set_rows(ROWS.rows[2:])
    model.set_rows((replace(ROWS.rows[2], status="pay"), *ROWS.rows[3:]))
    assert model.index(0).data(ROW).status == "pay"
    model.set_rows(())
    assert model.rowCount() == 0


def test_progress_changes_one_line_and_does_not_start_anew(qtbot) -> None:
    model = OrderModel()
    model.set_rows(ROWS.rows)
    later = (replace(ROWS.rows[0], done=0.7), *ROWS.rows[1:])
    with qtbot.assertNotEmitted(model.modelReset), qtbot.waitSignal(model.dataChanged) as heard:
        model.set_rows(later)
    assert heard.args[0].row() == heard.args[1].row() == 0


def test_a_line_is_read_out_whole(page: OrdersPage) -> None:
    said = page.list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == (
        "Hourly feeder load 2019–2024, Baltic Grid Analytics, 1,200.00 USDC, Delivering, 63%"
    )


def test_choosing_a_line_opens_the_order(page: OrdersPage, qtbot) -> None:
    with qtbot.waitSignal(page.asked) as heard:
        page.list.setCurrentIndex(page.list.model().index(1, 0))
    assert heard.args == [OpenOrder("b" * 32)]


def test_the_arrow_keys_open_the_next_order(page: OrdersPage, qtbot) -> None:
    page.show_snapshot(SELLING)
    page.list.setFocus()
    with qtbot.waitSignal(page.asked) as heard:
        qtbot.keyClick(page.list, Qt.Key.Key_Down)
    assert heard.args == [OpenOrder("b" * 32)]


def test_an_order_that_arrives_is_marked_without_asking_again(page: OrdersPage, qtbot) -> None:
    with qtbot.assertNotEmitted(page.asked):
        page.show_snapshot(BUYING)
    assert page.list.currentIndex().row() == 2


def test_what_arrives_late_about_the_order_left_is_not_shown(page: OrdersPage) -> None:
    page.show_snapshot(SELLING)
    page.list.setCurrentIndex(page.list.model().index(1, 0))
    page.show_snapshot(replace(SELLING, todo="paused"))
    assert page.list.currentIndex().row() == 1
    page.show_snapshot(NEGOTIATING)
    assert page.findChild(QLabel, "order.title").text() == "Soil moisture, 42 plots"
    page.show_snapshot(SELLING)  # coming back is not late
    assert page.findChild(QLabel, "order.title").text() == "Hourly feeder load 2019–2024"


@pytest.mark.parametrize(
    ("chip", "count"), [("all", 5), ("needs_you", 2), ("active", 4), ("done", 1)]
)
def test_the_chips_filter(page: OrdersPage, qtbot, chip: str, count: int) -> None:
    button = page.findChild(QPushButton, f"orders.filter.{chip}")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert len(_titles(page)) == count


def test_search_finds_titles_and_people(page: OrdersPage) -> None:
    search = page.findChild(QLineEdit, "orders.search")
    search.setText("TARTU")
    assert _titles(page) == ["Hourly feeder load 2019–2024"]
    search.setText("zebra")
    assert _titles(page) == []
    assert page.findChild(type(page.list), "orders.list").isVisible() is False


def test_typing_in_the_search_survives_snapshots(page: OrdersPage) -> None:
    page.search.setText("soil")
    page.search.setFocus()
    page.show_snapshot(OrdersSnapshot(rows=(*ROWS.rows, replace(ROWS.rows[1], order="9" * 32))))
    assert page.search.text() == "soil"
    assert page.focusWidget() is page.search
    assert len(_titles(page)) == 2


def test_the_marked_line_stays_marked_when_orders_come(page: OrdersPage, qtbot) -> None:
    page.show_snapshot(SELLING)
    new = replace(ROWS.rows[1], order="9" * 32)
    with qtbot.assertNotEmitted(page.asked):
        page.show_snapshot(OrdersSnapshot(rows=(new, *ROWS.rows)))
    assert page.list.currentIndex().row() == 1


def test_no_orders_teach_how_the_first_comes(page: OrdersPage, qtbot) -> None:
    page.show_snapshot(OrdersSnapshot())
    button = page.findChild(QPushButton, "orders.browse")
    assert button.isVisible()
    with qtbot.waitSignal(page.went) as heard:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert heard.args == ["browse"]


def test_a_long_name_and_a_large_price_can_be_painted(page: OrdersPage) -> None:
    row = replace(ROWS.rows[0], title="x" * 300, other="y" * 300, price=usdc(10**9))
    page.show_snapshot(OrdersSnapshot(rows=(row,)))
    assert not page.grab().isNull()


@pytest.mark.parametrize("width", [992, 1092, 1028, 1148, 1388])
@pytest.mark.parametrize("order", [SELLING, NEGOTIATING, BUYING])
def test_no_words_are_clipped(page: OrdersPage, width: int, order) -> None:
    page.show_snapshot(order)
    settle(page, width)
    assert clipped(page) == []


@pytest.mark.parametrize("order", [SELLING, NEGOTIATING, BUYING])
def test_everything_has_a_name(page: OrdersPage, order) -> None:
    page.show_snapshot(order)
    assert nameless(page) == []


def test_tab_goes_in_the_order_of_reading(page: OrdersPage) -> None:
    page.show_snapshot(NEGOTIATING)
    names = tab_order(page.search, page)
    filters = [f"orders.filter.{code}" for code in ("all", "needs_you", "active", "done")]
    upper = ["orders.search", *filters, "orders.list"]
    actions = ["order.sign", "order.counter", "order.decline"]
    assert names == [*upper, "order.person", *actions, "order.message", "order.send"]
