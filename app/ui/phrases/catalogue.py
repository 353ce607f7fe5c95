"""Descriptions as other catalogues have them: saved on a dataset page, read for a draft."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.described import Asked
from app.domain.snapshots.money import Amount, Currency
from app.ui.phrases import words
from app.ui.phrases.rules import RULES
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_KINDS = {
    "croissant": QT_TRANSLATE_NOOP("phrases", "Croissant 1.1, for machine learning (*.json)"),
    "dcat": QT_TRANSLATE_NOOP("phrases", "DCAT 3, for data catalogues (*.json)"),
    "odcs": QT_TRANSLATE_NOOP("phrases", "ODCS 3.1, a data contract (*.json)"),
}


def kind(code: str) -> str:
    return say(_KINDS, code)


def save() -> str:
    return translate("phrases", "Save the description…")


def save_meaning() -> str:
    return translate(
        "phrases", "As Croissant, DCAT or a data contract, for other catalogues and tools"
    )


def file_name() -> str:
    return translate("phrases", "dataset.json")


def saved(path: str) -> str:
    return translate("phrases", "Saved as {path}.").format(path=path)


def not_saved(reason: str) -> str:
    return translate("phrases", "It could not be saved ({reason}). Choose another folder.").format(
        reason=reason
    )


def fill_in() -> str:
    return translate("phrases", "Fill in from a description…")


def fill_in_meaning() -> str:
    return translate(
        "phrases",
        "Title, text, field, region and period from a Croissant, DCAT or ODCS file, the price that"
        " an ODCS file asks, and the licence if it was saved by Lading. What it says about quality"
        " is shown beside what was measured.",
    )


def filter_() -> str:
    return translate("phrases", "Descriptions (*.json *.jsonld)")


def price_read(asked: Asked, price: Amount | None, here: Sequence[Currency]) -> str:
    """Whether the price could be taken over, and if not, why."""
    if price is not None:
        return translate("phrases", "The price was taken over, too: {price} for a licence.").format(
            price=words.money(price)
        )
    said = f"{asked.amount} {asked.currency}".strip()
    if not asked.whole:
        return translate(
            "phrases",
            "The price was not taken over: the file asks {price} for each “{unit}”, and here a"
            " price is for a licence of the whole.",
        ).format(price=said, unit=asked.unit)
    if asked.currency.lower() in [one.symbol.lower() for one in here]:
        return translate(
            "phrases",
            "The price was not taken over: {price} is no amount that can be asked here.",
        ).format(price=said)
    return translate(
        "phrases",
        "The price was not taken over: the file asks {price}, and here prices are in {currencies}.",
    ).format(price=said, currencies=", ".join(one.symbol for one in here))


def problem(code: str) -> str:
    return say(RULES, code)


def not_read(reason: str) -> str:
    return translate("phrases", "The file could not be read ({reason}).").format(reason=reason)
