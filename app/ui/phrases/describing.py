"""Registering a dataset: what buyers will read about it."""

from __future__ import annotations

from app.ui.phrases.words import plural, translate


def what_it_is() -> str:
    return translate("phrases", "What it is")


def public_hint() -> str:
    return translate(
        "phrases",
        "No personal data and no free text about persons: what you write here is public and"
        " permanent.",
    )


def title_field() -> str:
    return translate("phrases", "Title")


def title_example() -> str:
    return translate("phrases", "Hourly feeder load 2019–2024")


def what_field() -> str:
    return translate("phrases", "What the data is")


def what_example() -> str:
    return translate(
        "phrases", "What was measured, how, how often, in which units, and what is missing."
    )


def field_field() -> str:
    return translate("phrases", "Field")


def no_field() -> str:
    return translate("phrases", "Choose a field")


def region_field() -> str:
    return translate("phrases", "Region")


def region_example() -> str:
    return translate("phrases", "Estonia")


def period_field() -> str:
    return translate("phrases", "Period")


def period_example() -> str:
    return translate("phrases", "2019–2024")


def columns_title() -> str:
    return translate("phrases", "Columns found")


def columns_hint(rows: int | None) -> str:
    if rows is None:
        return translate("phrases", "Names, types and how complete they are become public.")
    return plural(
        rows,
        translate("phrases", "In {n} row. Names, types and how complete they are become public."),
        translate("phrases", "In {n} rows. Names, types and how complete they are become public."),
    )


def no_columns() -> str:
    return translate("phrases", "This is not a table, so there are no columns to list.")


def columns_wait() -> str:
    return translate("phrases", "Columns are listed once the data is read to the end.")


def personal_found(names: tuple[str, ...], more: int) -> tuple[str, str]:
    """``names`` are of columns; none if it was seen in a text."""
    listed = ", ".join(names)
    if more:
        listed = translate("phrases", "{names} and {n} more").format(names=listed, n=more)
    return (
        translate("phrases", "There may be personal data in: {names}.").format(names=listed)
        if names
        else translate("phrases", "This looks like it holds personal data."),
        translate(
            "phrases",
            "Say so below if there is. Register it only if the persons have agreed or the law"
            " allows it.",
        ),
    )


def privacy_title() -> str:
    return translate("phrases", "Personal data and confidentiality")


def personal_data() -> str:
    return translate("phrases", "The data contains personal data")


def personal_data_hint() -> str:
    return translate("phrases", "Anything about a person who can be recognised, also indirectly.")


def confidential() -> str:
    return translate("phrases", "Register confidentially")


def confidential_hint() -> str:
    return translate(
        "phrases",
        "The fingerprint of the files stays off the record: nobody who has the same files can"
        " tell that you registered them, but copies cannot be found either.",
    )


def confidential_must_personal() -> str:
    return translate(
        "phrases", "Always on for personal data: nobody may find persons by comparing files."
    )


def confidential_must_small() -> str:
    return translate(
        "phrases",
        "Always on for content under 64 KiB or with personal data: it could be guessed from its"
        " fingerprint.",
    )


def licence_title() -> str:
    return translate("phrases", "Licence you offer")


def licence_hint() -> str:
    return translate("phrases", "Buyers can ask for other terms; nothing binds before you sign.")


def leaves_title() -> str:
    return translate("phrases", "What leaves this computer")


def leaves() -> str:
    return translate(
        "phrases",
        "Title, description, columns, licence, price, fingerprint and, of a table, a sketch to find"
        " edited copies by, if you do not leave it out. Nothing else: the data itself goes only to"
        " a buyer who has paid.",
    )
