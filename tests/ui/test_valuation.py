"""What a dataset may be worth: ranges that follow the inputs, saved, on paper, taken as price."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QWidget

from app.domain.commands import PriceDraft, SaveValuation
from app.domain.pricing import Factors, Range
from app.ui.dialogs import valuation_paper
from app.ui.dialogs.valuation import ValuationSheet
from app.ui.pages.dataset import DatasetPage
from app.ui.pages.register import RegisterPage
from app.ui.pages.registration.steps import STEPS
from app.ui.widgets.price_scale import Bar, PriceScale, top_of
from tests.ui import dataset_samples as data
from tests.ui.dataset_samples import DOLLAR, SAMPLES, WORTH, dollars
from tests.ui.looking import nameless


@pytest.fixture
def over(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1060, 900)
    made.show()
    return made


@pytest.fixture
def sheet(over: QWidget) -> ValuationSheet:
    made = ValuationSheet(WORTH, over)
    made.show()
    return made


def field(within: QWidget, name: str) -> QLineEdit:
    found = within.findChild(QLineEdit, name)
    assert isinstance(found, QLineEdit), name
    return found


def button(within: QWidget, name: str) -> QAbstractButton:
    found = within.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton), name
    return found


def said(within: QWidget, name: str) -> str:
    return str(within.findChild(QLabel, name).text())


def result(sheet: ValuationSheet) -> dict[str, Range | None]:
    assert sheet._valued is not None
    made = sheet._valued.result
    return {"cost": made.cost, "income": made.income, "market": made.market}


def test_three_ranges_side_by_side(sheet: ValuationSheet) -> None:
    assert all(result(sheet).values())
    assert said(sheet, "valuation.result.cost").startswith("1,876.88 to 2,559.38 PRAC")
    scale = sheet.findChild(PriceScale)
    assert [bar.there for bar in scale.bars] == [True] * 3
    read = scale.accessibleDescription()
    for words in ("Cost: 1,876.88 to 2,559.38 PRAC", "Income:", "Market:", "price asked now"):
        assert words in read
    assert said(sheet, "valuation.market_said") == "5 like datasets were sold"
    assert said(sheet, "valuation.factor").startswith("195% of a plain licence")
    assert nameless(sheet) == []


def test_every_range_follows_its_inputs_and_the_licence(sheet: ValuationSheet) -> None:
    before = result(sheet)
    field(sheet, "valuation.cost.collecting_units").setText("8000")
    after = result(sheet)
    assert after["cost"].low_units > before["cost"].low_units
    assert after["income"] == before["income"]
    field(sheet, "valuation.income.gain_units").setText("12000")
    assert result(sheet)["income"].middle_units == pytest.approx(2 * after["income"].middle_units)
    middle = result(sheet)["market"].middle_units
    button(sheet, "valuation.exclusive").click()
    assert result(sheet)["market"].middle_units == 3 * middle
    resale = sheet.findChild(QComboBox, "valuation.resale")
    resale.setCurrentIndex(resale.findData("yes"))
    assert result(sheet)["market"].middle_units == pytest.approx(7.5 * middle, abs=2)
    field(sheet, "valuation.resale_percent").setText("100")
    assert result(sheet)["market"].middle_units == 3 * middle


def test_what_is_no_figure_is_said_and_not_saved(sheet: ValuationSheet) -> None:
    before = result(sheet)
    years = field(sheet, "valuation.cost.years")
    years.setText("31")
    assert years.accessibleDescription() == "A whole number from 1 to 30."
    assert not button(sheet, "valuation.do").isEnabled()
    years.setText("3")
    field(sheet, "valuation.cost.low_margin_percent").setText("60")
    assert (
        "must not be smaller"
        in field(sheet, "valuation.cost.high_margin_percent").accessibleDescription()
    )
    assert result(sheet) == before
    field(sheet, "valuation.cost.low_margin_percent").setText("10")
    assert button(sheet, "valuation.do").isEnabled()


def test_too_few_to_say(over: QWidget) -> None:
    made = ValuationSheet(replace(WORTH, sales=WORTH.sales[:2], inputs=None), over)
    made.show()
    assert result(made) == {"cost": None, "income": None, "market": None}
    assert said(made, "valuation.market_said") == "2 like datasets were sold: too few to say"
    assert said(made, "valuation.result.cost") == "Say below what it cost to make"
    assert not button(made, "valuation.take.market").isEnabled()
    other = ValuationSheet(replace(WORTH, field=""), over)
    assert "Choose a field" in said(other, "valuation.market_said")


def test_it_is_saved_with_the_dataset(sheet: ValuationSheet) -> None:
    heard: list[object] = []
    sheet.asked.connect(heard.append)
    field(sheet, "valuation.cost.licences").setText("20")
    button(sheet, "valuation.exclusive").click()
    button(sheet, "valuation.do").click()
    (command,) = heard
    assert isinstance(command, SaveValuation)
    assert command.dataset == WORTH.key
    assert (command.inputs.cost.licences, command.inputs.exclusive) == (20, True)
    assert command.inputs.income == WORTH.inputs.income
    assert command.inputs.factors == Factors()


def test_a_sheet_on_paper(sheet: ValuationSheet, tmp_path: Path) -> None:
    assert sheet._valued is not None
    strange = replace(WORTH, title="<b>Load</b> & more")
    text = valuation_paper.html(replace(sheet._valued, facts=strange))
    for words in (
        "&lt;b&gt;Load&lt;/b&gt; &amp; more",
        "4,000.00 PRAC",
        "1,876.88 PRAC",
        "Port calls of the Baltic",
        "Discount a year, %",
        "In a product or service",
        "Date of this sheet",
        "Tartu Grid",
        "0x" + "7c" * 20,
        "d5" * 32,
        "Practice network",
        "7,000.00 PRAC",  # 4,000 + 1,500 + 3 · 500
        "875.00 PRAC",  # for each of eight licences
        WORTH.sales[0].dataset,
    ):
        assert words in text
    draft = replace(sheet._valued, facts=replace(WORTH, dataset="", registered_at=0))
    assert "Not yet" in valuation_paper.html(draft)
    target = tmp_path / "sheet.pdf"
    sheet.write_pdf(target)
    written = target.read_bytes()
    assert written.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", written)) > 1
    assert said(sheet, "valuation.said") == "The valuation sheet was saved."
    sheet.write_pdf(tmp_path / "nowhere" / "sheet.pdf")
    assert "could not be written" in said(sheet, "valuation.said")


def test_taken_as_the_price_of_a_draft(qtbot) -> None:
    page = RegisterPage()
    qtbot.addWidget(page)
    page.resize(1148, 860)
    page.show()
    page.show_snapshot(replace(data.COMPLETE, opened=1))
    page._show_step(STEPS.index("price"))
    heard: list[object] = []
    page.asked.connect(heard.append)
    button(page, "register.worth").click()
    made = page.findChild(ValuationSheet)
    button(made, "valuation.take.cost").click()
    assert field(page, "register.price").text() == "2218.13"
    kinds = [type(one) for one in heard]
    assert kinds.index(SaveValuation) < kinds.index(PriceDraft)
    assert heard[kinds.index(PriceDraft)].price_units == 2_218_130_000


def test_taken_as_the_new_price_of_a_dataset(qtbot) -> None:
    page = DatasetPage()
    qtbot.addWidget(page)
    page.resize(1148, 860)
    page.show()
    own = SAMPLES["allowed"]
    page.show_snapshot(own)
    row = replace(data.ON_SALE, key=own.card.dataset, price=dollars(1200))
    page.show_snapshot(replace(data.OWN, rows=(row,)))
    button(page, "dataset.worth").click()
    button(page.findChild(ValuationSheet), "valuation.take.income").click()
    assert field(page, "price.new").text() == "3837.97"


def test_the_scale_ends_above_everything() -> None:
    assert top_of((), 0) == 1
    for most in (1, 7, 99, 100, 101, 4_321, 10**24):
        top = top_of((Bar("a", "", 1, 1, most),), most // 2)
        assert most <= top <= max(2, most * 3 // 2 + 1)
    assert DOLLAR.decimals == 6
