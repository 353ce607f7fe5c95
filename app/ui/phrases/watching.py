"""Letting a second device watch: the code, the parcel, the coins."""

from __future__ import annotations

from app.ui.phrases.words import translate


def code() -> str:
    return translate("phrases", "Watch code of the other device")


def code_hint() -> str:
    return translate("phrases", "It is what “lading node --watch --code” prints there.")


def code_wrong() -> str:
    return translate(
        "phrases", "This is not a watch code. Copy what “lading node --watch --code” prints there."
    )


def place() -> str:
    return translate("phrases", "Where to save the parcel")


def place_hint() -> str:
    return translate(
        "phrases",
        "It is about as large as the data. Bring it into the folder that “lading node --watch”"
        " names.",
    )


def place_missing() -> str:
    return translate("phrases", "Choose where to save it.")


def choose() -> str:
    return translate("phrases", "Choose…")


def file(number: str) -> str:
    return translate("phrases", "order-{number}.parcel").format(number=number)


def filter() -> str:
    return translate("phrases", "Watch parcels (*.parcel)")


def coins() -> str:
    return translate("phrases", "The device gets for fees, about")


def coins_rest() -> str:
    return translate("phrases", "from your money; what is left comes back when the order ends")
