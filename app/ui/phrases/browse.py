"""Browse: search, filters and cards; and making an offer or asking from the dataset page."""

from __future__ import annotations

from app.domain.snapshots.datasets import Card
from app.ui.phrases import dataset as shared
from app.ui.phrases import words
from app.ui.phrases.words import plural, translate


def title() -> str:
    return translate("phrases", "Browse")


def wanted() -> str:
    return translate("phrases", "Wanted")


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


def found(total: int, *, more: bool, looking: bool) -> str:
    if more:
        return translate(
            "phrases", "The newest {n} of those that fit: more words or filters show others"
        ).format(n=words.number(total))
    if looking:
        return translate("phrases", "{n} found so far…").format(n=words.number(total))
    return plural(total, translate("phrases", "{n} dataset"), translate("phrases", "{n} datasets"))


def syncing() -> str:
    return translate("phrases", "Still reading the record: more may appear in a moment.")


def indexing(read: int, total: int, per_second: int) -> str:
    """How much of what is on record can be found already."""
    if per_second:
        return translate(
            "phrases", "Still indexing: {read} of {total} can be found, {speed} more a second."
        ).format(read=words.number(read), total=words.number(total), speed=words.number(per_second))
    return translate("phrases", "Still indexing: {read} of {total} can be found.").format(
        read=words.number(read), total=words.number(total)
    )


def counted(name: str, count: int) -> str:
    """A choice with how many of the results have it."""
    return f"{name}  ({words.number(count)})"


def coming() -> str:
    return translate("phrases", "Just a moment…")


def order() -> str:
    return translate("phrases", "Order of the results")


def orders() -> list[tuple[str, str]]:
    return [
        ("best", translate("phrases", "Best match")),
        ("newest", translate("phrases", "Newest")),
        ("cheapest", translate("phrases", "Cheapest")),
        ("dearest", translate("phrases", "Dearest")),
    ]


def more_filters() -> str:
    return translate("phrases", "More filters")


def min_price() -> str:
    return translate("phrases", "Lowest price")


def min_price_in(symbol: str) -> str:
    return translate("phrases", "From … {symbol}").format(symbol=symbol)


def licence() -> str:
    return translate("phrases", "Licence")


def every_licence() -> str:
    return translate("phrases", "Any licence")


def licence_for(use: str) -> str:
    return {
        "internal": translate("phrases", "For own use"),
        "product": translate("phrases", "For products"),
        "research": translate("phrases", "For research"),
        "any": translate("phrases", "For any use"),
    }.get(use, use)


def rating() -> str:
    return translate("phrases", "Rating")


def ratings() -> list[tuple[str, str]]:
    least = translate("phrases", "Rated {n} or better")
    return [
        ("", translate("phrases", "Any rating")),
        *((str(n), least.format(n=n)) for n in (3, 4, 5)),
    ]


def size() -> str:
    return translate("phrases", "Size")


def sizes() -> list[tuple[str, str]]:
    most = translate("phrases", "Up to {size}")
    return [
        ("", translate("phrases", "Any size")),
        *((str(n), most.format(size=words.size(n))) for n in (10**6, 10**8, 10**9, 10**11)),
    ]


def age() -> str:
    return translate("phrases", "Registered")


def ages() -> list[tuple[str, str]]:
    return [
        ("", translate("phrases", "At any time")),
        ("7", translate("phrases", "In the last week")),
        ("31", translate("phrases", "In the last month")),
        ("366", translate("phrases", "In the last year")),
    ]


def tables_only() -> str:
    return translate("phrases", "Tables only")


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


def warning(card: Card) -> str:
    """What one should know before anything else about where it comes from."""
    if card.later_copy:
        return shared.later_copy()
    return shared.unclear() if card.unclear else ""


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
    parts.append(warning(card))
    return ", ".join(part for part in parts if part)
