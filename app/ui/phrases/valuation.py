"""What a dataset may be worth: the three approaches, their inputs, and the sheet on paper."""

from __future__ import annotations

from app.domain.pricing import ENOUGH, Comparable, Factors, Range, Step, Year
from app.domain.snapshots.money import Amount, Currency
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "What is it worth?"),
    "explained": QT_TRANSLATE_NOOP(
        "phrases",
        "Three ways to a price for one licence, from what you say and from settled orders on"
        " record. Each is a range, none is the truth. What you type stays on this computer.",
    ),
    "save": QT_TRANSLATE_NOOP("phrases", "Save with the dataset"),
    "open": QT_TRANSLATE_NOOP("phrases", "What is it worth?"),
    "scale": QT_TRANSLATE_NOOP("phrases", "Side by side"),
    "scale_meaning": QT_TRANSLATE_NOOP("phrases", "The three ranges on one scale"),
    "cost": QT_TRANSLATE_NOOP("phrases", "Cost"),
    "income": QT_TRANSLATE_NOOP("phrases", "Income"),
    "market": QT_TRANSLATE_NOOP("phrases", "Market"),
    "no_cost": QT_TRANSLATE_NOOP("phrases", "Say below what it cost to make"),
    "no_income": QT_TRANSLATE_NOOP("phrases", "Say below what a buyer gains by it"),
    "take": QT_TRANSLATE_NOOP("phrases", "Take as price"),
    "currency": QT_TRANSLATE_NOOP("phrases", "Currency"),
    "cost_title": QT_TRANSLATE_NOOP("phrases", "Cost: what it took to make, with a margin"),
    "collecting": QT_TRANSLATE_NOOP("phrases", "Collecting, once"),
    "preparing": QT_TRANSLATE_NOOP("phrases", "Preparing and checking, once"),
    "keeping": QT_TRANSLATE_NOOP("phrases", "Keeping and updating, a year"),
    "cost_years": QT_TRANSLATE_NOOP("phrases", "Years"),
    "licences": QT_TRANSLATE_NOOP("phrases", "Licences expected in all"),
    "low_margin": QT_TRANSLATE_NOOP("phrases", "Margin from, %"),
    "high_margin": QT_TRANSLATE_NOOP("phrases", "to, %"),
    "income_title": QT_TRANSLATE_NOOP("phrases", "Income: what a buyer gains, as of today"),
    "gain": QT_TRANSLATE_NOOP("phrases", "Gained in the first year"),
    "change": QT_TRANSLATE_NOOP("phrases", "Change each year, %"),
    "income_years": QT_TRANSLATE_NOOP("phrases", "Years of use"),
    "discount": QT_TRANSLATE_NOOP("phrases", "Discount a year, %"),
    "low_share": QT_TRANSLATE_NOOP("phrases", "Share for you from, %"),
    "high_share": QT_TRANSLATE_NOOP("phrases", "to, %"),
    "market_title": QT_TRANSLATE_NOOP("phrases", "Market: what like datasets were sold for"),
    "market_hint": QT_TRANSLATE_NOOP(
        "phrases",
        "Settled orders on record: the same field, up to ten times larger or smaller, about as"
        " well rated, in the same currency; taken back to a plain licence by the listing's terms."
        " What two agreed to besides that is not on record.",
    ),
    "licence_title": QT_TRANSLATE_NOOP("phrases", "Licence: what the price is for"),
    "licence_hint": QT_TRANSLATE_NOOP(
        "phrases",
        "All three are for this licence. A plain one (internal, a year, no resale, no AI training,"
        " not exclusive) is 100%; change what more costs. The listing's own terms do not change"
        " here.",
    ),
    "training": QT_TRANSLATE_NOOP("phrases", "May train AI"),
    "exclusive": QT_TRANSLATE_NOOP("phrases", "For one buyer alone"),
    "product": QT_TRANSLATE_NOOP("phrases", "In a product, %"),
    "research": QT_TRANSLATE_NOOP("phrases", "Research, %"),
    "any": QT_TRANSLATE_NOOP("phrases", "Any use, %"),
    "years": QT_TRANSLATE_NOOP("phrases", "Each further year, + %"),
    "derived": QT_TRANSLATE_NOOP("phrases", "Results passed on, %"),
    "resale": QT_TRANSLATE_NOOP("phrases", "Resale, %"),
    "training_percent": QT_TRANSLATE_NOOP("phrases", "AI training, %"),
    "exclusive_percent": QT_TRANSLATE_NOOP("phrases", "Exclusive, %"),
    "pdf": QT_TRANSLATE_NOOP("phrases", "Save as PDF"),
    "pdf_file": QT_TRANSLATE_NOOP("phrases", "valuation.pdf"),
    "pdf_filter": QT_TRANSLATE_NOOP("phrases", "PDF (*.pdf)"),
    "pdf_saved": QT_TRANSLATE_NOOP("phrases", "The valuation sheet was saved."),
    "whole": QT_TRANSLATE_NOOP("phrases", "A whole number from {low} to {high}."),
    "order": QT_TRANSLATE_NOOP("phrases", "The second must not be smaller than the first."),
    "year": QT_TRANSLATE_NOOP("phrases", "Year"),
    "gained": QT_TRANSLATE_NOOP("phrases", "Gained"),
    "worth_today": QT_TRANSLATE_NOOP("phrases", "Worth today"),
    "paper_title": QT_TRANSLATE_NOOP("phrases", "Valuation sheet"),
    "paper_basis": QT_TRANSLATE_NOOP(
        "phrases",
        "Made with Lading from the owner's own figures and from settled orders on the public"
        " record. It is arithmetic on these inputs, not an appraisal by an expert.",
    ),
    "paper_assumptions": QT_TRANSLATE_NOOP("phrases", "Inputs and assumptions"),
    "paper_result": QT_TRANSLATE_NOOP("phrases", "Result for one licence"),
    "paper_low": QT_TRANSLATE_NOOP("phrases", "Low"),
    "paper_middle": QT_TRANSLATE_NOOP("phrases", "Middle"),
    "paper_high": QT_TRANSLATE_NOOP("phrases", "High"),
    "paper_dataset": QT_TRANSLATE_NOOP("phrases", "Dataset"),
    "paper_fingerprint": QT_TRANSLATE_NOOP("phrases", "Fingerprint"),
    "paper_size": QT_TRANSLATE_NOOP("phrases", "Size"),
    "paper_price": QT_TRANSLATE_NOOP("phrases", "Price asked now"),
    "paper_date": QT_TRANSLATE_NOOP("phrases", "Date of this sheet"),
    "paper_inputs": QT_TRANSLATE_NOOP("phrases", "Inputs last saved"),
    "paper_by": QT_TRANSLATE_NOOP("phrases", "Owner, who made it"),
    "paper_account": QT_TRANSLATE_NOOP("phrases", "The owner's address"),
    "paper_id": QT_TRANSLATE_NOOP("phrases", "Dataset on record"),
    "paper_network": QT_TRANSLATE_NOOP("phrases", "Network"),
    "paper_registered": QT_TRANSLATE_NOOP("phrases", "Registered"),
    "paper_draft": QT_TRANSLATE_NOOP("phrases", "Not yet"),
    "whole_cost": QT_TRANSLATE_NOOP("phrases", "In all"),
    "each_cost": QT_TRANSLATE_NOOP("phrases", "For each licence expected"),
    "this_cost": QT_TRANSLATE_NOOP("phrases", "For this licence, before the margin"),
    "whole_income": QT_TRANSLATE_NOOP("phrases", "Worth today in all"),
    "this_income": QT_TRANSLATE_NOOP("phrases", "For this licence, before the share"),
    "price_now": QT_TRANSLATE_NOOP("phrases", "The dashed line is the price asked now: {price}."),
}
STEPS = {
    "use": QT_TRANSLATE_NOOP("phrases", "use"),
    "period": QT_TRANSLATE_NOOP("phrases", "period"),
    "resale": QT_TRANSLATE_NOOP("phrases", "passing on"),
    "training": QT_TRANSLATE_NOOP("phrases", "AI training"),
    "exclusive": QT_TRANSLATE_NOOP("phrases", "exclusive"),
}
FACTORS = (
    ("product_percent", "product"),
    ("research_percent", "research"),
    ("any_percent", "any"),
    ("years_percent", "years"),
    ("derived_percent", "derived"),
    ("resale_percent", "resale"),
    ("training_percent", "training_percent"),
    ("exclusive_percent", "exclusive_percent"),
)
"""`app.domain.pricing.Factors`, each with its name here."""
assert len(FACTORS) == len(Factors.__dataclass_fields__)


def text(code: str, **values: object) -> str:
    return say(TEXTS, code, **values)


def amount(units: int, currency: Currency) -> str:
    return words.money(Amount(units, currency))


def figure(units: int, currency: Currency) -> str:
    """Short, for a scale: without cents."""
    return f"{units // 10**currency.decimals:,}"


def range_of(found: Range, currency: Currency) -> str:
    low = words.figure(found.low_units, currency.decimals, most=2)
    return translate("phrases", "{low} to {high}").format(
        low=low, high=words.money(_rounded(found.high_units, currency))
    )


def _rounded(units: int, currency: Currency) -> Amount:
    step = 10 ** max(0, currency.decimals - 2)
    return Amount(-(-units // step) * step, currency)


def middle(found: Range, currency: Currency) -> str:
    return translate("phrases", "middle {amount}").format(
        amount=words.money(_rounded(found.middle_units, currency))
    )


def take_meaning(name: str) -> str:
    return translate("phrases", "Take the middle of {approach} as price").format(approach=name)


def no_market(found: int) -> str:
    """Why there is no range."""
    if not found:
        return translate("phrases", "No like dataset was sold yet: too few to say")
    if found < ENOUGH:
        return plural(
            found,
            translate("phrases", "{n} like dataset was sold: too few to say"),
            translate("phrases", "{n} like datasets were sold: too few to say"),
        )
    return translate("phrases", "All like datasets were sold by one owner: too few to say")


def found_in_market(found: int) -> str:
    return plural(
        found,
        translate("phrases", "{n} like dataset was sold"),
        translate("phrases", "{n} like datasets were sold"),
    )


def needs_field() -> str:
    return translate("phrases", "Choose a field for the dataset first: it is compared by that.")


_SIMILAR = {
    "field": QT_TRANSLATE_NOOP("phrases", "field"),
    "size": QT_TRANSLATE_NOOP("phrases", "size"),
    "quality": QT_TRANSLATE_NOOP("phrases", "rating"),
    "exclusivity": QT_TRANSLATE_NOOP("phrases", "exclusivity"),
}


def comparable(one: Comparable, currency: Currency) -> tuple[str, str]:
    """What was sold, and for how much, when, how often."""
    sold = (
        translate("phrases", "sold once, perhaps to one buyer alone")
        if one.sale.sales == 1
        else translate("phrases", "sold {n} times").format(n=words.number(one.sale.sales))
    )
    similar = ", ".join(say(_SIMILAR, code) for code in one.similar)
    line = translate(
        "phrases", "{plain} for a plain licence · {when} · {sold} · alike in {similar}"
    )
    return (
        one.sale.title or translate("phrases", "Untitled dataset"),
        line.format(
            plain=words.money(_rounded(one.plain_units, currency)),
            when=words.date(one.sale.at),
            sold=sold,
            similar=similar,
        ),
    )


def factor(parts: tuple[Step, ...], percent: int) -> str:
    """ "195% of a plain licence: use 150%, period 130%"."""
    more = [f"{say(STEPS, one.what)} {one.percent}%" for one in parts if one.percent != 100]
    whole = translate("phrases", "{percent}% of a plain licence").format(
        percent=words.number(percent)
    )
    return f"{whole}: {', '.join(more)}" if more else whole


def year(line: Year, currency: Currency) -> tuple[str, str]:
    value = translate("phrases", "{gain}, worth {today} today")
    return (
        translate("phrases", "Year {n}").format(n=line.number),
        value.format(
            gain=words.figure(_rounded(line.gain_units, currency).units, currency.decimals),
            today=words.money(_rounded(line.today_units, currency)),
        ),
    )


def saved_at(at: int) -> str:
    return translate("phrases", "Saved on {when}").format(when=words.moment(at))


def not_written(reason: str) -> str:
    return translate("phrases", "The file could not be written: {reason}.").format(reason=reason)
