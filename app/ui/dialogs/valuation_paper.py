"""The valuation sheet on paper: results, every input and assumption, comparables, date."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from html import escape

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QUrl
from PySide6.QtGui import (
    QColor,
    QImage,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

from app.domain import pricing
from app.domain.pricing import Comparable, Cost, Inputs, Range, Valuation
from app.domain.snapshots.money import Currency
from app.domain.snapshots.valuation import ValuationFacts
from app.domain.terms import TermsChoice
from app.ui import theme
from app.ui.phrases import terms as term_words
from app.ui.phrases import valuation as phrases
from app.ui.phrases import words
from app.ui.widgets import price_scale
from app.ui.widgets.price_scale import Bar

_WIDE, _TALL, _SHARP = 640, 180, 3
_APPROACHES = ("cost", "income", "market")
_COST = (
    ("collecting_units", "collecting"),
    ("preparing_units", "preparing"),
    ("keeping_units", "keeping"),
    ("years", "cost_years"),
    ("licences", "licences"),
    ("low_margin_percent", "low_margin"),
    ("high_margin_percent", "high_margin"),
)
_INCOME = (
    ("gain_units", "gain"),
    ("change_percent", "change"),
    ("years", "income_years"),
    ("discount_percent", "discount"),
    ("low_share_percent", "low_share"),
    ("high_share_percent", "high_share"),
)


@dataclass(frozen=True, slots=True)
class Valued:
    """A valuation with everything it was made from."""

    facts: ValuationFacts
    currency: Currency
    inputs: Inputs
    terms: TermsChoice
    result: Valuation
    found: tuple[Comparable, ...]


def bars(valued: Valued) -> tuple[Bar, ...]:
    """The three lines of the scale."""
    made = []
    why = {
        "cost": phrases.text("no_cost"),
        "income": phrases.text("no_income"),
        "market": market_said(valued),
    }
    for name in _APPROACHES:
        found: Range | None = getattr(valued.result, name)
        if found is None or not found.high_units:
            made.append(Bar(phrases.text(name), why[name]))
            continue
        text = (
            f"{phrases.range_of(found, valued.currency)}  ·  "
            f"{phrases.middle(found, valued.currency)}"
        )
        made.append(
            Bar(phrases.text(name), text, found.low_units, found.middle_units, found.high_units)
        )
    return tuple(made)


def market_said(valued: Valued) -> str:
    if not valued.facts.field:
        return phrases.needs_field()
    if valued.result.market is None:
        return phrases.no_market(len(valued.found))
    return phrases.found_in_market(len(valued.found))


def html(valued: Valued) -> str:
    """The sheet. Everything that others wrote is escaped."""
    text, currency = phrases.text, valued.currency
    inputs, result = valued.inputs, valued.result
    factor = pricing.times(result.licence)
    head = [text(code) for code in ("paper_low", "paper_middle", "paper_high")]
    results = [["", *head]]
    for name, bar in zip(_APPROACHES, bars(valued), strict=True):
        found: Range | None = getattr(result, name)
        if found is None or not bar.there:
            results.append([text(name), bar.text, "", ""])
            continue
        amounts = (found.low_units, found.middle_units, found.high_units)
        written = [phrases.amount(cents(units, currency), currency) for units in amounts]
        results.append([text(name), *written])
    parts = [
        f"<h1>{escape(text('paper_title'))}</h1>",
        f"<p>{escape(text('paper_basis'))}</p>",
        _table(_about(valued)),
        f"<h2>{escape(text('paper_result'))}</h2>",
        _table(results),
        f'<p><img src="scale" width="{_WIDE}"></p>',
        f"<p>{escape(phrases.factor(result.licence, round(factor * 100)))}</p>",
        f"<h2>{escape(text('paper_assumptions'))}</h2>",
        f"<h3>{escape(text('cost_title'))}</h3>",
        _table(_figures(inputs.cost, _COST, currency)),
        _table(_cost_worked_out(inputs.cost, factor, currency)),
        f"<h3>{escape(text('income_title'))}</h3>",
        _table(_figures(inputs.income, _INCOME, currency)),
    ]
    if inputs.income.gain_units:
        years = pricing.income_table(inputs.income)
        parts.append(_table([list(phrases.year(line, currency)) for line in years]))
        whole = pricing.worth_today(inputs.income)
        worked_out = (("whole_income", whole), ("this_income", whole * factor))
        parts.append(_table([_sum(code, units, currency) for code, units in worked_out]))
    factors = [[text(code), str(getattr(inputs.factors, name))] for name, code in phrases.FACTORS]
    parts += [
        f"<h3>{escape(text('licence_title'))}</h3>",
        _table([[name, value] for _, name, value in term_words.lines(valued.terms)]),
        _table(factors),
        f"<h3>{escape(text('market_title'))}</h3>",
        f"<p>{escape(market_said(valued))}. {escape(text('market_hint'))}</p>",
        _table([[*phrases.comparable(one, currency), one.sale.dataset] for one in valued.found]),
    ]
    return "".join(parts)


def _about(valued: Valued) -> list[list[str]]:
    """What is valued, whose it is, where it stands on record, and when this was said."""
    text, facts = phrases.text, valued.facts
    lines = [
        [text("paper_dataset"), facts.title],
        [text("paper_by"), facts.by],
        [text("paper_account"), facts.account],
        [text("paper_network"), facts.network],
        [text("paper_registered"), text("paper_draft")],
        [text("paper_id"), facts.dataset],
        [text("paper_fingerprint"), words.grouped(facts.fingerprint)],
        [text("paper_size"), words.size(facts.size_bytes)],
        [text("paper_date"), words.today()],
    ]
    if facts.registered_at:
        lines[4][1] = words.moment(facts.registered_at)
    if facts.inputs is not None:
        lines.append([text("paper_inputs"), words.moment(facts.inputs.said_at)])
    if facts.price is not None:
        lines.append([text("paper_price"), words.money(facts.price)])
    return [line for line in lines if line[1]]


def _cost_worked_out(cost: Cost, factor: Fraction, currency: Currency) -> list[list[str]]:
    whole = pricing.whole_cost(cost)
    each = Fraction(whole, cost.licences)
    sums = (("whole_cost", Fraction(whole)), ("each_cost", each), ("this_cost", each * factor))
    return [_sum(code, units, currency) for code, units in sums] if whole else []


def _sum(code: str, units: Fraction, currency: Currency) -> list[str]:
    return [phrases.text(code), phrases.amount(cents(round(units), currency), currency)]


def _figures(
    values: object, members: tuple[tuple[str, str], ...], currency: Currency
) -> list[list[str]]:
    lines = []
    for member, code in members:
        value = getattr(values, member)
        shown = phrases.amount(value, currency) if member.endswith("_units") else f"{value:,}"
        lines.append([phrases.text(code), shown])
    return lines


def _table(lines: list[list[str]]) -> str:
    def cells(line: list[str]) -> str:
        return "".join(f'<td style="padding-right:18px">{escape(cell)}</td>' for cell in line)

    rows = "".join(f"<tr>{cells(line)}</tr>" for line in lines)
    return f'<table cellspacing="0" cellpadding="2">{rows}</table>' if lines else ""


def cents(units: int, currency: Currency) -> int:
    """As it is shown: rounded up to two decimals."""
    step: int = 10 ** max(0, currency.decimals - 2)
    return -(-units // step) * step


def scale(valued: Valued) -> QImage:
    """The painted scale, black on white whatever the theme is."""
    picture = QImage(_WIDE * _SHARP, _TALL * _SHARP, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    painter.scale(_SHARP, _SHARP)
    price = valued.facts.price
    marker = price.units if price and price.currency == valued.currency else 0
    price_scale.paint(
        painter,
        QRectF(0, 0, _WIDE, _TALL),
        bars(valued),
        marker,
        lambda n: phrases.figure(n, valued.currency),
        lambda token: QColor(theme.LIGHT[token]),
    )
    painter.end()
    return picture


def pdf(valued: Valued) -> bytes:
    """The sheet on A4 pages, each with its number. The document brings margins of its own."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(phrases.text("paper_title"))
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    writer.setResolution(96)
    document = QTextDocument()
    document.setDefaultFont(theme.font(12))
    document.setDefaultStyleSheet("h1{font-size:22px} h2{font-size:16px} h3{font-size:13px}")
    document.addResource(
        QTextDocument.ResourceType.ImageResource.value, QUrl("scale"), scale(valued)
    )
    document.setHtml(html(valued))
    document.print_(writer)
    buffer.close()
    return bytes(buffer.data().data())
