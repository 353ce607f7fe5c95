"""Licence terms in plain words; the same choices in forms, reviews and agreements."""

from __future__ import annotations

from app.domain.terms import TermsChoice
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

USES = {
    "internal": QT_TRANSLATE_NOOP("phrases", "Internal analysis"),
    "product": QT_TRANSLATE_NOOP("phrases", "In a product or service"),
    "research": QT_TRANSLATE_NOOP("phrases", "Research, not commercial"),
    "any": QT_TRANSLATE_NOOP("phrases", "Any lawful use"),
}
TERRITORIES = {
    "world": QT_TRANSLATE_NOOP("phrases", "Worldwide"),
    "china": QT_TRANSLATE_NOOP("phrases", "Mainland China"),
    "eu": QT_TRANSLATE_NOOP("phrases", "European Union"),
    "country": QT_TRANSLATE_NOOP("phrases", "One country"),
}
RESALES = {
    "no": QT_TRANSLATE_NOOP("phrases", "Not to be passed on or resold"),
    "derived": QT_TRANSLATE_NOOP("phrases", "Results may be passed on, the records may not"),
    "yes": QT_TRANSLATE_NOOP("phrases", "May be passed on and resold"),
}
PERSONALS = {
    "none": QT_TRANSLATE_NOOP("phrases", "Contains no personal data"),
    "with_consent": QT_TRANSLATE_NOOP("phrases", "Contains personal data, collected with consent"),
}
LIABILITIES = {
    "as_is": QT_TRANSLATE_NOOP("phrases", "As it is: none beyond what the law demands"),
    "price": QT_TRANSLATE_NOOP("phrases", "Up to the price paid"),
    "double": QT_TRANSLATE_NOOP("phrases", "Up to twice the price paid"),
}
FIELDS = {
    "use": QT_TRANSLATE_NOOP("phrases", "Use"),
    "months": QT_TRANSLATE_NOOP("phrases", "Period"),
    "territory": QT_TRANSLATE_NOOP("phrases", "Where"),
    "country": QT_TRANSLATE_NOOP("phrases", "Country"),
    "resale": QT_TRANSLATE_NOOP("phrases", "Passing on"),
    "ai_training": QT_TRANSLATE_NOOP("phrases", "AI training"),
    "personal_data": QT_TRANSLATE_NOOP("phrases", "Personal data"),
    "liability": QT_TRANSLATE_NOOP("phrases", "Liability"),
    "exclusive": QT_TRANSLATE_NOOP("phrases", "Other buyers"),
}


def period(months: int) -> str:
    if not months:
        return translate("phrases", "Without end")
    if months % 12 == 0 and months > 12:
        return plural(
            months // 12,
            translate("phrases", "{n} year from delivery"),
            translate("phrases", "{n} years from delivery"),
        )
    return plural(
        months,
        translate("phrases", "{n} month from delivery"),
        translate("phrases", "{n} months from delivery"),
    )


def territory(terms: TermsChoice) -> str:
    return terms.country or say(TERRITORIES, terms.territory)


def training(allowed: bool) -> str:
    if allowed:
        return translate("phrases", "Training models is allowed")
    return translate("phrases", "Training models is not allowed")


def lines(terms: TermsChoice) -> list[tuple[str, str, str]]:
    """The whole licence: (field, its name, what is agreed), in the order of reading."""
    values = {
        "use": say(USES, terms.use),
        "months": period(terms.months),
        "territory": territory(terms),
        "resale": say(RESALES, terms.resale),
        "ai_training": training(terms.ai_training),
        "personal_data": say(PERSONALS, terms.personal_data),
        "liability": say(LIABILITIES, terms.liability),
    }
    if terms.exclusive:
        values["exclusive"] = translate("phrases", "None: for one buyer alone")
    return [(field, say(FIELDS, field), value) for field, value in values.items()]


def short(terms: TermsChoice) -> str:
    """The two choices people ask for first: "Internal analysis, no resale"."""
    resale = {
        "no": translate("phrases", "no resale"),
        "derived": translate("phrases", "results may be passed on"),
        "yes": translate("phrases", "resale allowed"),
    }[terms.resale]
    said = f"{say(USES, terms.use)}, {resale}"
    if terms.exclusive:
        said = translate("phrases", "{terms}, for one buyer alone").format(terms=said)
    return said
