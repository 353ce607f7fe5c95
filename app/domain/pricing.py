"""What a dataset may be worth: by cost, by income, by market, each a range with its inputs.

These are the three approaches of valuation (International Valuation Standards; China's guiding
opinions on valuing data assets of 2023 have the same). Each gives the price of one *plain licence*:
internal use, a year, no resale, no AI training, not exclusive. What else a licence allows is a
factor on that. All of it is arithmetic on what its owner says and on settled orders; nothing here
knows a true value.

Money is integers in a currency's smallest unit (``…_units``), shares and factors are whole percents
(``…_percent``), time is years. Pure and exact: fractions inside, rounded once at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from app.domain.errors import RuleError
from app.domain.terms import TermsChoice

MOST_UNITS = 10**24
MOST_YEARS = 30
ENOUGH = 3
"""Comparable datasets below which the market is not asked: two prices are no market."""
SIZE_TIMES = 10
RATING_APART = 1.5


@dataclass(frozen=True, slots=True)
class Range:
    """The price of one licence, ``low_units`` ≤ ``middle_units`` ≤ ``high_units``."""

    low_units: int
    middle_units: int
    high_units: int


# The approaches' inputs


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took to make: ``collecting`` and ``preparing`` once, ``keeping`` a year, for so many
    years; spread over the licences expected, with a margin between two percents."""

    collecting_units: int = 0
    preparing_units: int = 0
    keeping_units: int = 0
    years: int = 3
    licences: int = 5
    low_margin_percent: int = 10
    high_margin_percent: int = 50


@dataclass(frozen=True, slots=True)
class Income:
    """What a buyer gains by it in the first year, how that changes each year, for so many years,
    discounted; the owner asks for a share of it between two percents."""

    gain_units: int = 0
    change_percent: int = -10
    years: int = 3
    discount_percent: int = 12
    low_share_percent: int = 10
    high_share_percent: int = 30


@dataclass(frozen=True, slots=True)
class Factors:
    """What a licence costs that allows more than the plain one, in percent of that."""

    product_percent: int = 150
    research_percent: int = 60
    any_percent: int = 200
    years_percent: int = 30
    """Added for each further year, up to four; a licence without end counts as five more."""
    derived_percent: int = 150
    resale_percent: int = 250
    training_percent: int = 150
    exclusive_percent: int = 300


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything its owner has said, as it is saved with the dataset. ``token``: of the amounts."""

    token: str = ""
    cost: Cost = Cost()
    income: Income = Income()
    factors: Factors = Factors()
    exclusive: bool = False
    said_at: int = 0


def check(inputs: Inputs) -> None:
    """RuleError if something is out of bounds."""
    cost, income, factors = inputs.cost, inputs.income, inputs.factors
    amounts = (cost.collecting_units, cost.preparing_units, cost.keeping_units, income.gain_units)
    within = [0 <= units <= MOST_UNITS for units in amounts]
    within += [1 <= years <= MOST_YEARS for years in (cost.years, income.years)]
    within += [
        1 <= cost.licences <= 100_000,
        0 <= cost.low_margin_percent <= cost.high_margin_percent <= 1000,
        -100 <= income.change_percent <= 1000,
        0 <= income.discount_percent <= 1000,
        0 <= income.low_share_percent <= income.high_share_percent <= 100,
        0 <= factors.years_percent <= 1000,
    ]
    within += [
        1 <= percent <= 10_000
        for percent in (
            factors.product_percent,
            factors.research_percent,
            factors.any_percent,
            factors.derived_percent,
            factors.resale_percent,
            factors.training_percent,
            factors.exclusive_percent,
        )
    ]
    if not all(within):
        raise RuleError("valuation.bounds", "A figure of the valuation is out of bounds.")


# Licences


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a licence and its factor; ``what`` names it: "use", "period", "resale",
    "training" or "exclusive"."""

    what: str
    percent: int


def steps(terms: TermsChoice, factors: Factors, exclusive: bool = False) -> tuple[Step, ...]:
    """What each part of a licence costs, in percent of the plain one. ``exclusive``: whatever the
    terms say."""
    use = {
        "internal": 100,
        "research": factors.research_percent,
        "product": factors.product_percent,
        "any": factors.any_percent,
    }[terms.use]
    more_years = min(4, max(0, -(-terms.months // 12) - 1)) if terms.months else 5
    resale = {"no": 100, "derived": factors.derived_percent, "yes": factors.resale_percent}
    return (
        Step("use", use),
        Step("period", 100 + more_years * factors.years_percent),
        Step("resale", resale[terms.resale]),
        Step("training", factors.training_percent if terms.ai_training else 100),
        Step("exclusive", factors.exclusive_percent if exclusive or terms.exclusive else 100),
    )


def times(parts: Iterable[Step]) -> Fraction:
    """The factor of a whole licence."""
    product = Fraction(1)
    for part in parts:
        product *= Fraction(part.percent, 100)
    return product


# The approaches


def whole_cost(cost: Cost) -> int:
    """All that was and will be spent, in units."""
    return cost.collecting_units + cost.preparing_units + cost.keeping_units * cost.years


def by_cost(cost: Cost, factor: Fraction) -> Range | None:
    """None while nothing was said about cost."""
    if not whole_cost(cost):
        return None
    each = Fraction(whole_cost(cost), cost.licences) * factor
    low, high = cost.low_margin_percent, cost.high_margin_percent
    return _range(each * (100 + low) / 100, each * (100 + high) / 100)


@dataclass(frozen=True, slots=True)
class Year:
    """A line of the income table: what is gained in the year, and what that is worth today."""

    number: int
    gain_units: int
    today_units: int


def income_table(income: Income) -> tuple[Year, ...]:
    """Gains at the end of each year, discounted to today."""
    lines = []
    for number, gain, today in _years(income):
        lines.append(Year(number, round(gain), round(today)))
    return tuple(lines)


def _years(income: Income) -> Iterable[tuple[int, Fraction, Fraction]]:
    gain = Fraction(income.gain_units)
    worth = Fraction(1)
    for number in range(1, income.years + 1):
        worth /= 1 + Fraction(income.discount_percent, 100)
        yield number, gain, gain * worth
        gain *= 1 + Fraction(income.change_percent, 100)


def worth_today(income: Income) -> Fraction:
    """All that a buyer gains, discounted, in units."""
    return sum((today for _, _, today in _years(income)), Fraction(0))


def by_income(income: Income, factor: Fraction) -> Range | None:
    """None while nothing was said about what a buyer gains."""
    if not income.gain_units:
        return None
    whole = worth_today(income) * factor
    low, high = income.low_share_percent, income.high_share_percent
    return _range(whole * low / 100, whole * high / 100)


@dataclass(frozen=True, slots=True)
class Sale:
    """A settled order of another dataset, as it is on record: ``price_units`` in ``token``; the
    licence is the one of the listing, which may differ from what the two signed; ``sales`` of this
    dataset in all: one that was sold once may have been sold for its buyer alone."""

    dataset: str
    title: str
    owner: str
    token: str
    price_units: int
    at: int
    field: str
    size_bytes: int
    terms: TermsChoice
    rating: float | None = None
    sales: int = 1


@dataclass(frozen=True, slots=True)
class Comparable:
    """A dataset that is like this one: the middle of its prices as of a plain licence, the newest
    of its orders at ``at``; ``similar`` are those of "field", "size", "quality" and "exclusivity"
    that it is alike in."""

    sale: Sale
    plain_units: int
    similar: tuple[str, ...]


def comparables(
    sales: Sequence[Sale],
    *,
    token: str,
    field: str,
    size_bytes: int,
    rating: float | None,
    factors: Factors,
    exclusive: bool,
) -> tuple[Comparable, ...]:
    """Datasets of the same field and about the same size sold for the same currency, the newest
    first. One counts once, however often it was sold, so that an owner who buys from itself moves
    one price and not the range. Where they are enough, only those sold as ``exclusive`` as this one
    count: what an exclusive licence is worth then need not be guessed by a factor."""
    grouped: dict[str, list[Sale]] = {}
    for sale in sales:
        small, large = sorted((sale.size_bytes, size_bytes))
        if sale.token == token and sale.field == field and field and large <= small * SIZE_TIMES:
            grouped.setdefault(sale.dataset, []).append(sale)
    found = []
    for same in grouped.values():
        newest = max(same, key=lambda sale: sale.at)
        if not _as_good(newest.rating, rating):
            continue
        plain = [sale.price_units / times(steps(sale.terms, factors)) for sale in same]
        similar: tuple[str, ...] = ("field", "size")
        if newest.rating is not None and rating is not None:
            similar = (*similar, "quality")
        if newest.terms.exclusive == exclusive:
            similar = (*similar, "exclusivity")
        found.append(Comparable(newest, round(median(plain)), similar))
    found.sort(key=lambda one: (-one.sale.at, one.sale.dataset))
    nearest = [one for one in found if "exclusivity" in one.similar]
    return tuple(nearest if _enough(nearest) else found)


def _enough(found: Sequence[Comparable]) -> bool:
    """Prices of one owner say what one person asks, not what a market pays."""
    return len(found) >= ENOUGH and len({one.sale.owner for one in found}) > 1


def _as_good(one: float | None, other: float | None) -> bool:
    return one is None or other is None or abs(one - other) <= RATING_APART


def by_market(found: Sequence[Comparable], factor: Fraction) -> Range | None:
    """Between the quartiles of the comparable prices. None where they are too few, or all of one
    owner."""
    if not _enough(found):
        return None
    prices = sorted(Fraction(one.plain_units) * factor for one in found)
    return Range(
        round(_quantile(prices, Fraction(1, 4))),
        round(_quantile(prices, Fraction(1, 2))),
        round(_quantile(prices, Fraction(3, 4))),
    )


def _quantile(ordered: Sequence[Fraction], share: Fraction) -> Fraction:
    """Between the two nearest, in a straight line (Hyndman and Fan, type 7)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    if below + 1 == len(ordered):
        return ordered[below]
    return ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])


def _range(low: Fraction, high: Fraction) -> Range:
    return Range(round(low), round((low + high) / 2), round(high))


@dataclass(frozen=True, slots=True)
class Valuation:
    """All three for one licence. ``licence`` are the factors of its parts."""

    cost: Range | None
    income: Range | None
    market: Range | None
    licence: tuple[Step, ...]

    @property
    def ranges(self) -> tuple[Range, ...]:
        return tuple(one for one in (self.cost, self.income, self.market) if one is not None)


def valued(inputs: Inputs, terms: TermsChoice, found: Sequence[Comparable]) -> Valuation:
    """RuleError if an input is out of bounds."""
    check(inputs)
    licence = steps(terms, inputs.factors, inputs.exclusive)
    factor = times(licence)
    return Valuation(
        by_cost(inputs.cost, factor),
        by_income(inputs.income, factor),
        by_market(found, factor),
        licence,
    )
