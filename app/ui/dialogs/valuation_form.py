"""The inputs of a valuation: figures in groups, and the licence they are for."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from app.domain.pricing import Factors
from app.domain.snapshots.money import Currency
from app.domain.terms import Resale, TermsChoice, Use
from app.ui.phrases import terms as term_words
from app.ui.phrases import valuation as phrases
from app.ui.phrases.words import say
from app.ui.widgets.check_box import CheckBox
from app.ui.widgets.fields import Choice, Field, MoneyEdit
from app.ui.widgets.layout import Pair, column
from app.ui.widgets.terms_form import MONTHS


class WholeEdit(QLineEdit):
    """A whole number from ``low`` to ``high``."""

    changed = Signal()

    def __init__(self, name: str, low: int, high: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setMaxLength(7)
        self._low, self._high = low, high
        self.setValidator(QIntValidator(min(low, -9_999), 9_999_999, self))
        self.textChanged.connect(lambda _: self.changed.emit())

    def value(self) -> int | None:
        try:
            number = int(self.text())
        except ValueError:
            return None
        return number if self._low <= number <= self._high else None

    def problem(self) -> str:
        if self.value() is not None:
            return ""
        return phrases.text("whole", low=f"{self._low:,}", high=f"{self._high:,}")


class Figures(QWidget):
    """Fields for the members of a dataclass of integers; those that end in ``_units`` are money."""

    changed = Signal()

    def __init__(self, name: str, rows: tuple[tuple[tuple[str, str, int, int], ...], ...]) -> None:
        """rows of (member, title's code, least, most)."""
        super().__init__()
        self._fields: dict[str, Field] = {}
        box = column(spacing=10)
        for line in rows:
            made = []
            for member, title, low, high in line:
                editor: MoneyEdit | WholeEdit
                if member.endswith("_units"):
                    editor = MoneyEdit(f"{name}.{member}", Currency("", "", "", 2), allow_zero=True)
                else:
                    editor = WholeEdit(f"{name}.{member}", low, high)
                editor.changed.connect(self._typed)
                self._fields[member] = Field(phrases.text(title), editor)
                made.append(self._fields[member])
            box.addWidget(Pair(*made, below=0, spacing=12) if len(made) > 1 else made[0])
        self.setLayout(box)

    def fill(self, values: object, currency: Currency) -> None:
        for member, field in self._fields.items():
            value = getattr(values, member)
            editor = field.editor
            if isinstance(editor, MoneyEdit):
                editor.set_currency(currency)
                if value:
                    editor.set_units(value)
                else:
                    editor.clear()
            elif isinstance(editor, WholeEdit):
                editor.setText(str(value))

    def use(self, currency: Currency) -> None:
        for field in self._fields.values():
            if isinstance(field.editor, MoneyEdit):
                field.editor.set_currency(currency)

    def values(self) -> dict[str, int] | None:
        """What was typed; None if some of it is no number, which its field says."""
        found: dict[str, int] = {}
        for member, field in self._fields.items():
            editor = field.editor
            if isinstance(editor, MoneyEdit):
                value = editor.units() if editor.text().strip() else 0
                problem = "" if value is not None else editor.problem()
            else:
                value, problem = cast(WholeEdit, editor).value(), cast(WholeEdit, editor).problem()
            field.set_error(problem)
            if value is not None:
                found[member] = value
        for low in [name for name in found if name.startswith("low_")]:
            high = low.replace("low_", "high_")
            if high in found and found[high] < found[low]:
                self._fields[high].set_error(phrases.text("order"))
                return None
        return found if len(found) == len(self._fields) else None

    def _typed(self) -> None:
        self.changed.emit()


class LicenceForm(QWidget):
    """What the price is for, and what each part of it costs."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._terms = TermsChoice()
        self.use = Choice(
            "valuation.use", [(code, say(term_words.USES, code)) for code in term_words.USES]
        )
        self.months = Choice("valuation.months", [(str(m), term_words.period(m)) for m in MONTHS])
        self.resale = Choice(
            "valuation.resale",
            [(code, say(term_words.RESALES, code)) for code in term_words.RESALES],
        )
        self.training = CheckBox(phrases.text("training"), "valuation.training")
        self.exclusive = CheckBox(phrases.text("exclusive"), "valuation.exclusive")
        bounds = {"years_percent": (0, 1000)}
        rows = [
            tuple((member, code, *bounds.get(member, (1, 10_000))) for member, code in part)
            for part in (phrases.FACTORS[:4], phrases.FACTORS[4:])
        ]
        self.factors = Figures("valuation", tuple(rows))
        self.factors.changed.connect(self.changed)
        for choice in (self.use, self.months, self.resale):
            choice.currentIndexChanged.connect(lambda _: self.changed.emit())
        for box in (self.training, self.exclusive):
            box.toggled.connect(lambda _: self.changed.emit())

        def field(code: str, editor: QWidget) -> Field:
            return Field(say(term_words.FIELDS, code), editor)

        self.setLayout(
            column(
                Pair(field("use", self.use), field("months", self.months), below=0, spacing=12),
                Pair(field("resale", self.resale), _stack(self.training, self.exclusive), below=0),
                self.factors,
                spacing=12,
            )
        )

    def show_terms(self, terms: TermsChoice, factors: Factors, exclusive: bool) -> None:
        self._terms = terms
        self.use.set_value(terms.use)
        options = sorted({*MONTHS, terms.months}, key=lambda m: m or 10_000)
        self.months.set_options([(str(m), term_words.period(m)) for m in options])
        self.months.set_value(str(terms.months))
        self.resale.set_value(terms.resale)
        self.training.setChecked(terms.ai_training)
        self.exclusive.setChecked(exclusive)
        self.factors.fill(factors, Currency("", "", "", 2))

    def terms(self) -> TermsChoice:
        values: dict[str, Any] = {
            one.name: getattr(self._terms, one.name) for one in fields(TermsChoice)
        }
        values |= {
            "use": cast(Use, self.use.value()),
            "months": int(self.months.value() or 0),
            "resale": cast(Resale, self.resale.value()),
            "ai_training": self.training.isChecked(),
            "exclusive": self.exclusive.isChecked(),
        }
        return TermsChoice(**values)


def _stack(*parts: QWidget) -> QWidget:
    made = QWidget()
    made.setLayout(column(None, *parts, spacing=8))
    return made
