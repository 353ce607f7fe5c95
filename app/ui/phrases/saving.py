"""Registering a dataset: the price, and everything read once more before it is saved."""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

# --- price ------------------------------------------------------------------------------------


def price_title() -> str:
    return translate("phrases", "Price for one licence")


def price_field() -> str:
    return translate("phrases", "Price")


def currency_field() -> str:
    return translate("phrases", "Currency")


def price_hint() -> str:
    return translate("phrases", "You can change it later; orders keep the price that was agreed.")


def price_huge() -> str:
    return translate("phrases", "Nobody could pay this price. Type a smaller amount.")


def price_wait() -> str:
    return translate("phrases", "The currencies of this network are not known yet.")


def price_yours() -> tuple[str, str]:
    return (
        translate("phrases", "The whole price is yours."),
        translate(
            "phrases",
            "Nobody takes a share. The buyer's payment is held until the data has arrived and"
            " was checked, and then released to you.",
        ),
    )


# --- review -----------------------------------------------------------------------------------


def card_data() -> str:
    return translate("phrases", "Data")


def card_description() -> str:
    return translate("phrases", "Description")


def card_cost() -> str:
    return translate("phrases", "Recording")


def change() -> str:
    return translate("phrases", "Change")


def change_meaning(what: str) -> str:
    return translate("phrases", "Change: {what}").format(what=what)


def key_path() -> str:
    return translate("phrases", "From")


def key_check() -> str:
    return translate("phrases", "Checked")


def key_confidential() -> str:
    return translate("phrases", "Confidential")


def yes_no(value: bool) -> str:
    return translate("phrases", "Yes") if value else translate("phrases", "No")


def missing() -> str:
    return translate("phrases", "missing")


def recording_fee() -> str:
    return translate("phrases", "Recording fee")


def recording_fee_hint() -> str:
    return translate("phrases", "expected, for two record entries")


def listing_size() -> str:
    return translate("phrases", "Public listing")


def listing_of(used: int, most: int) -> str:
    if not used:
        return translate("phrases", "not known yet")
    return translate("phrases", "{used} of {most} KiB").format(
        used=f"{used / 1024:.1f}", most=most // 1024
    )


def listing_too_large() -> str:
    return translate("phrases", "Too large for the record: shorten the description.")


def forever() -> tuple[str, str]:
    return (
        translate("phrases", "It cannot be deleted later."),
        translate(
            "phrases",
            "What is saved to the record stays there for everyone to read. You can withdraw the"
            " dataset from sale at any time.",
        ),
    )


_NEEDS = {
    "read": QT_TRANSLATE_NOOP("phrases", "The data is not read to the end."),
    "looking": QT_TRANSLATE_NOOP(
        "phrases", "The values are still being looked at: wait, or stop it where the columns are."
    ),
    "title": QT_TRANSLATE_NOOP("phrases", "A title is missing."),
    "what": QT_TRANSLATE_NOOP("phrases", "The description is missing."),
    "terms": QT_TRANSLATE_NOOP("phrases", "The licence is not complete."),
    "price": QT_TRANSLATE_NOOP("phrases", "A price is missing."),
    "listing": QT_TRANSLATE_NOOP("phrases", "The description is too long for the record."),
}


def need(code: str) -> str:
    return say(_NEEDS, code)


def needs_title() -> str:
    return translate("phrases", "Before it can be saved:")


def save() -> str:
    return translate("phrases", "Save to the record")


def saving() -> str:
    return translate("phrases", "Saving…")
