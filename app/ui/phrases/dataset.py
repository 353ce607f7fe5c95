"""The dataset page, and the words about a dataset that other pages share."""

from __future__ import annotations

from app.domain.snapshots.datasets import Card, Column, Newer, Version, WordsState
from app.ui.phrases import words
from app.ui.phrases.sheets import CRITERIA
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

# --- words about any dataset ------------------------------------------------------------------

FIELDS_OF_DATA = {
    "energy": QT_TRANSLATE_NOOP("phrases", "Energy"),
    "agriculture": QT_TRANSLATE_NOOP("phrases", "Agriculture and food"),
    "environment": QT_TRANSLATE_NOOP("phrases", "Environment and weather"),
    "transport": QT_TRANSLATE_NOOP("phrases", "Transport and logistics"),
    "industry": QT_TRANSLATE_NOOP("phrases", "Industry and machines"),
    "retail": QT_TRANSLATE_NOOP("phrases", "Retail and consumption"),
    "finance": QT_TRANSLATE_NOOP("phrases", "Finance and prices"),
    "health": QT_TRANSLATE_NOOP("phrases", "Health and science"),
    "places": QT_TRANSLATE_NOOP("phrases", "Maps and places"),
    "language": QT_TRANSLATE_NOOP("phrases", "Text and language"),
    "media": QT_TRANSLATE_NOOP("phrases", "Pictures, sound and video"),
    "other": QT_TRANSLATE_NOOP("phrases", "Something else"),
}
KINDS = {
    "integer": QT_TRANSLATE_NOOP("phrases", "Whole numbers"),
    "number": QT_TRANSLATE_NOOP("phrases", "Numbers"),
    "date": QT_TRANSLATE_NOOP("phrases", "Dates"),
    "text": QT_TRANSLATE_NOOP("phrases", "Text"),
    "yes_no": QT_TRANSLATE_NOOP("phrases", "Yes or no"),
    "empty": QT_TRANSLATE_NOOP("phrases", "Empty"),
}
PERSONAL = {
    "email": QT_TRANSLATE_NOOP("phrases", "looks like e-mail addresses"),
    "phone": QT_TRANSLATE_NOOP("phrases", "looks like phone numbers"),
    "name": QT_TRANSLATE_NOOP("phrases", "looks like names of persons"),
    "id": QT_TRANSLATE_NOOP("phrases", "looks like numbers of persons"),
    "card": QT_TRANSLATE_NOOP("phrases", "looks like card numbers"),
    "address": QT_TRANSLATE_NOOP("phrases", "looks like addresses of persons"),
    "birth": QT_TRANSLATE_NOOP("phrases", "looks like dates of birth"),
}


def field_of_data(code: str) -> str:
    """The field in words; what an owner named differently stays as it is."""
    return say(FIELDS_OF_DATA, code) if code else ""


def kind(code: str) -> str:
    return say(KINDS, code)


def personal(code: str) -> str:
    return say(PERSONAL, code)


def column_heads() -> tuple[str, ...]:
    return (
        translate("phrases", "Column"),
        translate("phrases", "Holds"),
        translate("phrases", "Filled in"),
        translate("phrases", "Values"),
        translate("phrases", "Note"),
    )


def column_read(column: Column) -> str:
    """A column as a screen reader says it."""
    text = translate("phrases", "{name}: {kind}, {share} filled in").format(
        name=column.name, kind=kind(column.kind), share=words.percent(column.complete)
    )
    return f"{text}, {personal(column.personal)}" if column.personal else text


def columns_meaning() -> str:
    return translate("phrases", "Columns of the table")


def files(n: int) -> str:
    return plural(n, translate("phrases", "{n} file"), translate("phrases", "{n} files"))


def records(n: int) -> str:
    return plural(n, translate("phrases", "{n} record"), translate("phrases", "{n} records"))


def rows(n: int) -> str:
    return plural(n, translate("phrases", "{n} row"), translate("phrases", "{n} rows"))


def columns(n: int) -> str:
    return plural(n, translate("phrases", "{n} column"), translate("phrases", "{n} columns"))


def ratings(n: int) -> str:
    return plural(n, translate("phrases", "{n} rating"), translate("phrases", "{n} ratings"))


def rating(mean: float | None) -> str:
    return "–" if mean is None else f"{mean:.1f}"


def price(card_price: str) -> str:
    return card_price or translate("phrases", "No price yet")


def untitled() -> str:
    return translate("phrases", "Untitled dataset")


def later_copy() -> str:
    return translate("phrases", "Later copy")


def unclear() -> str:
    return translate("phrases", "First is unclear")


def withdrawn() -> str:
    return translate("phrases", "Withdrawn")


# --- the head of the page ---------------------------------------------------------------------


def back() -> str:
    return translate("phrases", "Browse")


def by(card: Card) -> str:
    who = f"{card.by}  ·  {card.by_code}" if card.by else card.by_code
    return translate("phrases", "By {who}").format(who=who)


def online(reachable: bool) -> str:
    return translate("phrases", "Online now") if reachable else translate("phrases", "Offline")


def make_offer() -> str:
    return translate("phrases", "Make an offer")


def ask_owner() -> str:
    return translate("phrases", "Ask the owner")


def open_order() -> str:
    return translate("phrases", "Open order")


def your_order() -> tuple[str, str]:
    return (
        translate("phrases", "You have an open order for this dataset."),
        translate("phrases", "Everything agreed so far is there."),
    )


def my_own() -> tuple[str, str]:
    return (
        translate("phrases", "This is your dataset."),
        translate("phrases", "Buyers see it like this. Change its price in My datasets."),
    )


def my_datasets() -> str:
    return translate("phrases", "My datasets")


def is_withdrawn() -> tuple[str, str]:
    return (
        translate("phrases", "The owner withdrew this dataset."),
        translate("phrases", "No new offers can be made. Orders under way go on as agreed."),
    )


def is_unclear() -> tuple[str, str]:
    return (
        translate("phrases", "Somebody else registered it on another network within an hour."),
        translate("phrases", "Which was first cannot be told from the clocks. More under History."),
    )


def is_later_copy() -> tuple[str, str]:
    return (
        translate("phrases", "The same content was registered earlier by somebody else."),
        translate("phrases", "Ask the owner where it comes from before you make an offer."),
    )


def is_newer(newer: Newer) -> tuple[str, str]:
    return (
        translate("phrases", "The owner has registered a newer version."),
        translate("phrases", "“{title}”, {when}").format(
            title=newer.title or untitled(), when=words.date(newer.at)
        ),
    )


def open_newer() -> str:
    return translate("phrases", "Open it")


def tab_names() -> tuple[str, str, str, str, str]:
    return (
        translate("phrases", "Overview"),
        translate("phrases", "Columns"),
        translate("phrases", "Sample"),
        translate("phrases", "Quality"),
        translate("phrases", "History"),
    )


def tabs_meaning() -> str:
    return translate("phrases", "Parts of the dataset page")


def loading() -> tuple[str, str]:
    return (
        translate("phrases", "No dataset is open"),
        translate("phrases", "Choose one in Browse to read about it and make an offer."),
    )


# --- overview ---------------------------------------------------------------------------------


def about() -> str:
    return translate("phrases", "About the data")


def no_words() -> str:
    return translate("phrases", "The owner wrote no description.")


def key_field() -> str:
    return translate("phrases", "Field")


def key_region() -> str:
    return translate("phrases", "Region")


def key_period() -> str:
    return translate("phrases", "Period")


def key_size() -> str:
    return translate("phrases", "Size")


def key_personal() -> str:
    return translate("phrases", "Personal data")


def key_registered() -> str:
    return translate("phrases", "Registered")


def personal_data(has: bool) -> str:
    if has:
        return translate("phrases", "Contains personal data")
    return translate("phrases", "The owner says: none")


def licence() -> str:
    return translate("phrases", "Licence the owner offers")


def licence_hint() -> str:
    return translate("phrases", "You can ask for other terms in your offer.")


def proof() -> str:
    return translate("phrases", "Fingerprint")


def proof_hint() -> str:
    return translate(
        "phrases",
        "Payment is released only for records with this fingerprint. Everything else here is"
        " the owner's statement; it is checked after delivery and goes into the rating.",
    )


def key_fingerprint() -> str:
    return translate("phrases", "Of the records")


def key_content() -> str:
    return translate("phrases", "Of the files")


def confidential() -> str:
    return translate(
        "phrases",
        "Registered confidentially: the fingerprint of the files is not public, so the content"
        " cannot be compared with other registrations.",
    )


# --- columns, quality, history ----------------------------------------------------------------


def columns_lead(n: int, row_count: int | None) -> str:
    if row_count is None:
        return columns(n)
    return f"{columns(n)}  ·  {rows(row_count)}"


def columns_claim() -> str:
    return translate("phrases", "As the owner's app found them when the data was registered.")


def no_columns() -> tuple[str, str]:
    return (
        translate("phrases", "Not a table"),
        translate(
            "phrases",
            "The owner's app found no columns to list. Ask the owner how the files are laid out.",
        ),
    )


def criteria() -> tuple[str, ...]:
    """The names of the six scores of a rating, in their order."""
    return tuple(say(CRITERIA, code) for code in CRITERIA)


def score(name: str, value: float) -> str:
    return translate("phrases", "{name}: {value} of 5").format(name=name, value=f"{value:.1f}")


def quality_lead() -> str:
    return translate("phrases", "What buyers found")


def no_ratings() -> tuple[str, str]:
    return (
        translate("phrases", "No ratings yet"),
        translate(
            "phrases",
            "Buyers rate five things after they have checked the data. Ratings are public and"
            " permanent, and only who paid can give one.",
        ),
    )


def words_elsewhere(n: int, state: WordsState) -> str:
    """About ratings whose words are not here; ``state`` other than ""."""
    if state == "asking":
        return translate("phrases", "Their buyers and the owner are being asked.")
    if state == "asked":
        return plural(
            n,
            translate(
                "phrases",
                "The words of {n} rating did not come: who has them may be off line. Ask again"
                " later.",
            ),
            translate(
                "phrases",
                "The words of {n} ratings did not come: who has them may be off line. Ask again"
                " later.",
            ),
        )
    return plural(
        n,
        translate(
            "phrases",
            "The words of {n} rating are with its buyer and the owner. Whoever is asked learns"
            " that you look at this dataset.",
        ),
        translate(
            "phrases",
            "The words of {n} ratings are with their buyers and the owner. Whoever is asked learns"
            " that you look at this dataset.",
        ),
    )


def ask_words() -> str:
    return translate("phrases", "Ask for the words")


def review(words: str | None) -> str:
    """What stands where a rating has no words to show."""
    if words is None:
        return translate("phrases", "The words of this rating are with its buyer and the owner.")
    return words or translate("phrases", "Rated without words.")


_VERSIONS = {
    "registered": QT_TRANSLATE_NOOP("phrases", "Registered by {by}"),
    "price_changed": QT_TRANSLATE_NOOP("phrases", "Listing changed by {by}"),
    "withdrawn": QT_TRANSLATE_NOOP("phrases", "Withdrawn by {by}"),
    "title_transferred": QT_TRANSLATE_NOOP("phrases", "Handed on to {by}"),
    "same_content": QT_TRANSLATE_NOOP("phrases", "The same content was registered by {by}"),
    "same_elsewhere": QT_TRANSLATE_NOOP(
        "phrases", "The same content was registered on {network} by {by}"
    ),
    "version_of": QT_TRANSLATE_NOOP("phrases", "A new version of an earlier dataset, says {by}"),
    "newer_version": QT_TRANSLATE_NOOP("phrases", "A newer version was registered by {by}"),
}


def version(entry: Version) -> str:
    return say(_VERSIONS, entry.what, by=entry.by, network=entry.network)


def history_lead() -> str:
    return translate("phrases", "On the permanent record")


def open_other() -> str:
    return translate("phrases", "Open")


def open_other_meaning(by_whom: str) -> str:
    return translate("phrases", "Open the registration by {by}").format(by=by_whom)
