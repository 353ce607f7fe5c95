"""Browse: search, filters and cards; and making an offer or asking from the dataset page."""

from __future__ import annotations

from app.domain.snapshots.datasets import Card
from app.ui.phrases import dataset as shared
from app.ui.phrases import words
from app.ui.phrases.words import plural, translate


def title() -> str:
    return translate("phrases", "Browse")


def search() -> str:
    return translate("phrases", "Search titles and descriptions")


def every_field() -> str:
    return translate("phrases", "Every field")


def every_region() -> str:
    return translate("phrases", "Every region")


def field() -> str:
    return translate("phrases", "Field")


def region() -> str:
    return translate("phrases", "Region")


def max_price() -> str:
    return translate("phrases", "Highest price")


def max_price_in(symbol: str) -> str:
    return translate("phrases", "Up to … {symbol}").format(symbol=symbol)


def online_only() -> str:
    return translate("phrases", "Online now")


def clear() -> str:
    return translate("phrases", "Clear filters")


def found(shown: int, total: int) -> str:
    if shown < total:
        return translate("phrases", "The newest {shown} of {total} datasets").format(
            shown=words.number(shown), total=words.number(total)
        )
    return plural(total, translate("phrases", "{n} dataset"), translate("phrases", "{n} datasets"))


def syncing() -> str:
    return translate("phrases", "Still reading the record: more may appear in a moment.")


def results() -> str:
    return translate("phrases", "Datasets found")


def nothing_found() -> tuple[str, str]:
    return (
        translate("phrases", "Nothing fits this search"),
        translate("phrases", "Try fewer words, or clear the filters to see everything on offer."),
    )


def nothing_yet() -> tuple[str, str]:
    return (
        translate("phrases", "Nothing is on offer here yet"),
        translate(
            "phrases",
            "What anybody registers on this network appears here by itself. You can be the first.",
        ),
    )


def reading() -> tuple[str, str]:
    return (
        translate("phrases", "Reading the record…"),
        translate("phrases", "Datasets appear here as soon as they are read. This is done once."),
    )


def register() -> str:
    return translate("phrases", "Register a dataset")


# --- a card -----------------------------------------------------------------------------------


def where_and_when(card: Card) -> str:
    parts = (shared.field_of_data(card.field), card.region, card.period)
    return "  ·  ".join(part for part in parts if part)


def mine() -> str:
    return translate("phrases", "Yours")


def by(card: Card) -> str:
    return card.by or card.by_code


def price(card: Card) -> str:
    return words.money(card.price) if card.price else translate("phrases", "No price yet")


def read(card: Card) -> str:
    """The whole card as a screen reader says it."""
    parts = [
        card.title or shared.untitled(),
        price(card),
        translate("phrases", "by {who}").format(who=by(card)),
        "" if card.mine else shared.online(card.online),
        where_and_when(card),
        words.size(card.size_bytes),
    ]
    if card.rating is not None:
        parts.append(
            translate("phrases", "rated {rating} of 5").format(rating=shared.rating(card.rating))
        )
    if card.mine:
        parts.append(mine())
    if card.later_copy:
        parts.append(shared.later_copy())
    return ", ".join(part for part in parts if part)
