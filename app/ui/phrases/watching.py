"""Letting a second device watch an order."""

from __future__ import annotations

from app.ui.phrases.words import translate


def code() -> str:
    return translate("phrases", "Watch code of the other device")


def code_like() -> str:
    return translate("phrases", "what “lading node --watch --code” prints there")


def code_hint() -> str:
    return translate(
        "phrases",
        "The file is sealed to this code: only that device can open it. It can report a wrong"
        " record and claim the refund, and nothing else: it never has your identity or your money.",
    )


def code_missing() -> str:
    return translate("phrases", "Type the watch code of the other device.")


def file() -> str:
    return translate("phrases", "File for the other device")


def place() -> str:
    return translate("phrases", "Where to save it, for instance on a stick")


def file_hint() -> str:
    return translate(
        "phrases",
        "It holds the sealed data of this order, so it is as large. Put it into the folder that the"
        " other device watches.",
    )


def file_missing() -> str:
    return translate("phrases", "Choose where to save the file.")


def file_name(number: str) -> str:
    return f"order-{number}.watch"


def filter() -> str:
    return translate("phrases", "Watched orders (*.watch)")


def choose() -> str:
    return translate("phrases", "Choose…")


def coins(amount: str) -> str:
    return translate(
        "phrases",
        "Recording fee it may need: {amount}. This goes to an account of the other device's own,"
        " and what is left comes back to you when the order has ended.",
    ).format(amount=amount)
