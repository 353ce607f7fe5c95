"""What a dataset may be worth: three approaches side by side, their inputs, a sheet on paper."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget

from app.domain import pricing
from app.domain.commands import SaveValuation
from app.domain.pricing import Comparable, Cost, Factors, Income, Inputs, Range, Valuation
from app.domain.snapshots.money import Amount, Currency
from app.domain.snapshots.valuation import ValuationFacts
from app.ui.dialogs import valuation_paper
from app.ui.dialogs.sheet import Sheet
from app.ui.dialogs.valuation_form import Figures, LicenceForm
from app.ui.dialogs.valuation_paper import Valued
from app.ui.phrases import valuation as phrases
from app.ui.phrases import words
from app.ui.widgets.buttons import Button
from app.ui.widgets.facts import KeyValues
from app.ui.widgets.fields import Choice, Field
from app.ui.widgets.layout import Pair, card, row
from app.ui.widgets.price_scale import PriceScale
from app.ui.widgets.text import label, set_property

WIDE = 940
MOST_SHOWN = 8
APPROACHES = ("cost", "income", "market")


class ValuationSheet(Sheet):
    """``taken`` emits the `Amount` that shall be the price."""

    taken = Signal(object)

    def __init__(self, facts: ValuationFacts, parent: QWidget) -> None:
        text = phrases.text
        super().__init__(
            "valuation", text("title"), text("explained"), text("save"), parent, width=WIDE
        )
        self._facts = facts
        saved = facts.inputs or Inputs()
        self._currency = next(
            (c for c in facts.currencies if c.token == (saved.token or _token(facts))),
            facts.currencies[0] if facts.currencies else Currency("", "", "", 2),
        )
        self._valued: Valued | None = None
        self._build()
        self.cost.fill(saved.cost, self._currency)
        self.income.fill(saved.income, self._currency)
        self.licence.show_terms(
            facts.terms, saved.factors, saved.exclusive or facts.terms.exclusive
        )
        for part in (self.cost, self.income, self.licence):
            part.changed.connect(self._compute)
        self._compute()

    def _build(self) -> None:
        text = phrases.text
        self.scale = PriceScale("valuation.scale", text("scale_meaning"))
        self._results = {name: label(role="strong", wrap=True) for name in APPROACHES}
        self._takes: dict[str, Button] = {}
        lines = []
        for name in APPROACHES:
            self._results[name].setObjectName(f"valuation.result.{name}")
            take = Button(
                text("take"),
                name=f"valuation.take.{name}",
                meaning=phrases.take_meaning(text(name)),
            )
            take.clicked.connect(lambda _=False, name=name: self._take(name))
            self._takes[name] = take
            title = label(text(name), "muted")
            title.setFixedWidth(88)
            line = row(title, self._results[name], take, spacing=8)
            line.setStretch(1, 1)
            lines.append(line)
        self._now = label(role="hint", wrap=True, name="valuation.now")
        options = [(c.token, c.symbol) for c in self._facts.currencies]
        self._choice = Choice("valuation.currency", options)
        self._choice.set_value(self._currency.token)
        self._choice.currentIndexChanged.connect(lambda _: self._change_currency())
        currency = Field(text("currency"), self._choice)
        currency.setMaximumWidth(260)
        currency.setVisible(len(options) > 1)
        self.cost = Figures(
            "valuation.cost",
            (
                (("collecting_units", "collecting", 0, 0), ("preparing_units", "preparing", 0, 0)),
                (("keeping_units", "keeping", 0, 0), ("years", "cost_years", 1, 30)),
                (
                    ("licences", "licences", 1, 100_000),
                    ("low_margin_percent", "low_margin", 0, 1000),
                    ("high_margin_percent", "high_margin", 0, 1000),
                ),
            ),
        )
        self.income = Figures(
            "valuation.income",
            (
                (("gain_units", "gain", 0, 0), ("change_percent", "change", -100, 1000)),
                (("years", "income_years", 1, 30), ("discount_percent", "discount", 0, 1000)),
                (
                    ("low_share_percent", "low_share", 0, 100),
                    ("high_share_percent", "high_share", 0, 100),
                ),
            ),
        )
        self._table = KeyValues(key_width=96, name="valuation.table")
        self._market = KeyValues(key_width=240, name="valuation.market")
        self._market_said: QLabel = label(role="muted", wrap=True, name="valuation.market_said")
        self.licence = LicenceForm()
        self._factor = label(role="strong", wrap=True, name="valuation.factor")
        self.pdf = Button(text("pdf"), icon="save", name="valuation.pdf")
        self.pdf.clicked.connect(self._save_pdf)
        self._said = label(role="hint", wrap=True, name="valuation.said")
        saved = self._facts.inputs
        self._said.setText(phrases.saved_at(saved.said_at) if saved else "")
        self.foot.insertWidget(0, self.pdf)
        self.foot.insertWidget(1, self._said, 1)
        self.fill(
            card(label(text("scale"), "h2"), self.scale, *lines, self._now, currency),
            Pair(
                card(label(text("cost_title"), "h2", wrap=True), self.cost, None),
                card(label(text("income_title"), "h2", wrap=True), self.income, self._table, None),
                below=0,
                spacing=14,
            ),
            card(
                label(text("licence_title"), "h2"),
                self._factor,
                self.licence,
                label(text("licence_hint"), "hint", wrap=True),
            ),
            card(
                label(text("market_title"), "h2"),
                self._market_said,
                self._market,
                label(text("market_hint"), "hint", wrap=True),
            ),
            answer=self._answer_saved,
        )

    # --- computing --------------------------------------------------------------------------

    def _inputs(self) -> Inputs | None:
        cost, income = self.cost.values(), self.income.values()
        factors = self.licence.factors.values()
        if cost is None or income is None or factors is None:
            return None
        return Inputs(
            token=self._currency.token,
            cost=Cost(**cost),
            income=Income(**income),
            factors=Factors(**factors),
            exclusive=self.licence.exclusive.isChecked(),
        )

    def _compute(self) -> None:
        inputs = self._inputs()
        self.action.setEnabled(inputs is not None)
        self.pdf.setEnabled(inputs is not None)
        if inputs is None:
            return
        terms = self.licence.terms()
        found = pricing.comparables(
            self._facts.sales,
            token=self._currency.token,
            field=self._facts.field,
            size_bytes=self._facts.size_bytes,
            rating=self._facts.rating,
            factors=inputs.factors,
            exclusive=inputs.exclusive or terms.exclusive,
        )
        made = pricing.valued(inputs, terms, found)
        self._valued = Valued(self._facts, self._currency, inputs, terms, made, found)
        self._show(made, found, inputs)

    def _show(self, made: Valuation, found: tuple[Comparable, ...], inputs: Inputs) -> None:
        assert self._valued is not None
        bars = valuation_paper.bars(self._valued)
        now = self._facts.price
        marker = now.units if now and now.currency == self._currency else 0
        said = phrases.text("price_now", price=words.money(now)) if now and marker else ""
        for name, bar in zip(APPROACHES, bars, strict=True):
            self._results[name].setText(bar.text)
            set_property(self._results[name], "role", "strong" if bar.there else "muted")
            self._takes[name].setEnabled(bar.there)
        read = ". ".join([*(f"{bar.name}: {bar.text}" for bar in bars), said])
        self.scale.say(bars, marker, lambda n: phrases.figure(n, self._currency), read)
        self._now.setText(said)
        self._now.setVisible(bool(said))
        table = pricing.income_table(inputs.income) if inputs.income.gain_units else ()
        self._table.say(*(phrases.year(line, self._currency) for line in table))
        self._table.setVisible(bool(table))
        percent = round(pricing.times(made.licence) * 100)
        self._factor.setText(phrases.factor(made.licence, percent))
        self._market.say(*(phrases.comparable(one, self._currency) for one in found[:MOST_SHOWN]))
        self._market.setVisible(bool(found))
        self._market_said.setText(valuation_paper.market_said(self._valued))
        self.fit()

    def _change_currency(self) -> None:
        token = self._choice.value()
        self._currency = next(c for c in self._facts.currencies if c.token == token)
        for part in (self.cost, self.income):
            part.use(self._currency)
        self._compute()

    # --- doing ------------------------------------------------------------------------------

    def _answer_saved(self) -> SaveValuation | None:
        inputs = self._inputs()
        return None if inputs is None else SaveValuation(self._facts.key, inputs)

    def _take(self, name: str) -> None:
        """The inputs are kept too: they are why the price is what it is."""
        found: Range | None = getattr(self._valued.result, name) if self._valued else None
        command = self._answer_saved()
        if found is None or command is None:
            return
        self._send(command)
        units = valuation_paper.cents(found.middle_units, self._currency)
        self.taken.emit(Amount(units, self._currency))

    def _save_pdf(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self,
            phrases.text("pdf"),
            phrases.text("pdf_file"),
            phrases.text("pdf_filter"),
        )
        if path and self._valued is not None:
            self.write_pdf(Path(path if path.lower().endswith(".pdf") else f"{path}.pdf"))

    def write_pdf(self, path: Path) -> None:
        assert self._valued is not None
        try:
            path.write_bytes(valuation_paper.pdf(self._valued))
        except OSError as error:
            self._said.setText(phrases.not_written(error.strerror or type(error).__name__))
            set_property(self._said, "role", "error")
        else:
            self._said.setText(phrases.text("pdf_saved"))
            set_property(self._said, "role", "hint")


def _token(facts: ValuationFacts) -> str:
    return facts.price.currency.token if facts.price else ""
