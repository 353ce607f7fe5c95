"""Fields: what they take, what they refuse and say about it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLineEdit

from app.domain.snapshots.money import Currency
from app.domain.terms import TermsChoice
from app.ui.widgets.fields import Choice, Field, MoneyEdit, PasswordEdit, line_edit
from app.ui.widgets.terms_form import TermsForm
from tests.ui.order_samples import USDC


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("1200", 1_200_000_000),
        ("1,200.50", 1_200_500_000),
        ("1 200.5 USDC", 1_200_500_000),
        (".000001", 1),
        ("1.1000000", 1_100_000),
        ("7.", 7_000_000),
    ],
)
def test_an_amount_is_exact_units(qtbot, text: str, units: int) -> None:
    field = MoneyEdit("price", USDC)
    qtbot.addWidget(field)
    field.setText(text)
    assert (field.units(), field.problem()) == (units, "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Type an amount"),
        ("abc", "in figures"),
        ("1e3", "in figures"),
        ("١٢", "in figures"),
        ("-5", "negative"),
        ("0", "more than zero"),
        ("0.0000001", "at most 6"),
        ("9" * 80, "too large"),
        ("1.2.3", "in figures"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_reason(qtbot, text: str, said: str) -> None:
    field = MoneyEdit("price", USDC)
    qtbot.addWidget(field)
    field.setText(text)
    assert field.units() is None
    assert said in field.problem()


def test_zero_where_zero_is_allowed(qtbot) -> None:
    field = MoneyEdit("bond", USDC, allow_zero=True)
    qtbot.addWidget(field)
    field.setText("0")
    assert field.units() == 0


def test_a_currency_without_decimals(qtbot) -> None:
    field = MoneyEdit("price", Currency("0x1", "JPY", "Yen", 0))
    qtbot.addWidget(field)
    field.setText("1500")
    assert field.units() == 1500
    field.setText("1500.5")
    assert field.units() is None


def test_what_is_set_is_read_back(qtbot) -> None:
    field = MoneyEdit("price", USDC)
    qtbot.addWidget(field)
    field.set_units(1_234_567_890)
    assert field.units() == 1_234_567_890


def test_an_error_takes_the_place_of_the_hint_and_is_read_out(qtbot) -> None:
    edit = line_edit("name")
    field = Field("Name", edit, "As others see it")
    qtbot.addWidget(field)
    field.set_error("Name is missing.")
    assert edit.accessibleDescription() == field.error() == "Name is missing."
    assert edit.property("invalid") == "true"
    field.set_error()
    assert edit.accessibleDescription() == "As others see it"
    assert field.error() == ""


def test_a_password_is_hidden_and_taken_only_once(qtbot) -> None:
    field = PasswordEdit("password")
    qtbot.addWidget(field)
    field.setText("correct horse")
    assert field.echoMode() == QLineEdit.EchoMode.Password
    assert field.take() == "correct horse"
    assert field.text() == ""


def test_new_options_keep_what_was_chosen(qtbot) -> None:
    choice = Choice("days", [("1", "1 day"), ("7", "7 days")])
    qtbot.addWidget(choice)
    choice.set_value("7")
    choice.set_options([("7", "7 days"), ("14", "14 days")])
    assert choice.value() == "7"


def test_the_licence_form_reads_back_what_it_was_given(qtbot) -> None:
    form = TermsForm()
    qtbot.addWidget(form)
    terms = TermsChoice("any", 7, "country", "Norway", "derived", True, "with_consent", "double")
    form.set_value(terms)
    assert form.value() == terms


def test_a_licence_for_one_country_needs_its_name(qtbot) -> None:
    form = TermsForm()
    qtbot.addWidget(form)
    box = form.findChild(QComboBox, "terms.territory")
    box.setCurrentIndex(box.findData("country"))
    assert form.value() is None
    form.findChild(QLineEdit, "terms.country").setText("Norway")
    assert form.value() == TermsChoice(territory="country", country="Norway")
