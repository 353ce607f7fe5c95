"""The licence as a form: eight choices with the words both sides will sign."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.errors import RuleError
from app.domain.terms import Liability, Personal, Resale, TermsChoice, Territory, Use
from app.ui.phrases import sheets as phrases
from app.ui.phrases import terms as words
from app.ui.phrases.words import say
from app.ui.widgets.check_box import CheckBox
from app.ui.widgets.fields import Choice, Field, line_edit
from app.ui.widgets.layout import Pair, column

MONTHS = (1, 3, 6, 12, 24, 36, 60, 0)


def _options(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(code, say(table, code)) for code in table]


class TermsForm(QWidget):
    """Reads and writes a `TermsChoice`; ``value`` is None while the country is missing."""

    changed = Signal()

    def __init__(self, name: str = "terms") -> None:
        super().__init__()
        self.setObjectName(name)
        self._use = Choice(f"{name}.use", _options(words.USES))
        self._months = Choice(f"{name}.months", [(str(m), words.period(m)) for m in MONTHS])
        self._territory = Choice(f"{name}.territory", _options(words.TERRITORIES))
        self._country = line_edit(f"{name}.country", most=80)
        self._resale = Choice(f"{name}.resale", _options(words.RESALES))
        self._personal = Choice(f"{name}.personal_data", _options(words.PERSONALS))
        self._liability = Choice(f"{name}.liability", _options(words.LIABILITIES))
        self._training = CheckBox(phrases.training(), f"{name}.ai_training")
        self._exclusive = CheckBox(phrases.exclusive(), f"{name}.exclusive")

        def field(code: str, editor: QWidget) -> Field:
            return Field(say(words.FIELDS, code), editor)

        self._named = field("country", self._country)
        self.setLayout(
            column(
                Pair(field("use", self._use), field("months", self._months), below=0),
                Pair(field("territory", self._territory), field("resale", self._resale), below=0),
                self._named,
                Pair(
                    field("personal_data", self._personal),
                    field("liability", self._liability),
                    below=0,
                ),
                self._training,
                self._exclusive,
                spacing=12,
            )
        )
        choices = (self._use, self._months, self._territory, self._resale, self._personal)
        for choice in (*choices, self._liability):
            choice.currentIndexChanged.connect(lambda _: self._changed())
        self._country.textChanged.connect(lambda _: self._changed())
        for box in (self._training, self._exclusive):
            box.toggled.connect(lambda _: self._changed())
        self.set_value(TermsChoice())

    def set_value(self, terms: TermsChoice) -> None:
        months = list(dict.fromkeys((*MONTHS[:-1], terms.months, 0)))
        self._months.set_options([(str(m), words.period(m)) for m in months])
        self._use.set_value(terms.use)
        self._months.set_value(str(terms.months))
        self._territory.set_value(terms.territory)
        self._country.setText(terms.country)
        self._resale.set_value(terms.resale)
        self._personal.set_value(terms.personal_data)
        self._liability.set_value(terms.liability)
        self._training.setChecked(terms.ai_training)
        self._exclusive.setChecked(terms.exclusive)

    def value(self) -> TermsChoice | None:
        """The choices made; None, with the reason under the field, while they are no licence."""
        territory = self._territory.value()
        country = self._country.text().strip() if territory == "country" else ""
        try:
            terms = TermsChoice(
                use=cast(Use, self._use.value()),
                months=int(self._months.value()),
                territory=cast(Territory, territory),
                country=country,
                resale=cast(Resale, self._resale.value()),
                ai_training=self._training.isChecked(),
                personal_data=cast(Personal, self._personal.value()),
                liability=cast(Liability, self._liability.value()),
                exclusive=self._exclusive.isChecked(),
            )
        except RuleError:
            self._named.set_error(phrases.country_missing())
            return None
        self._named.set_error()
        return terms

    def _changed(self) -> None:
        self._named.setVisible(self._territory.value() == "country")
        self._named.set_error()
        self.changed.emit()
