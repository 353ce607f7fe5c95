"""Limits of the line and the hours they hold."""

from __future__ import annotations

import re
from decimal import Decimal

from app.domain.bandwidth import LEAST_BYTES, MOST_BYTES
from app.ui.phrases.words import translate

_MB = 1_000_000
_NUMBER = re.compile(r"\d{1,5}([.,]\d{0,3})?|[.,]\d{1,3}", re.ASCII)


def limit(limit_bytes: int) -> str:
    """2500000 → "2.5"; nothing where there is no limit."""
    return f"{Decimal(limit_bytes) / _MB:f}" if limit_bytes else ""


def limit_of(text: str) -> int | None:
    """Bytes a second of what was typed, 0 for no limit, None if it is no limit one can set."""
    typed = text.strip()
    if not typed:
        return 0
    if not _NUMBER.fullmatch(typed):
        return None
    found = int(Decimal(typed.replace(",", ".")) * _MB)
    return found if LEAST_BYTES <= found <= MOST_BYTES else None


def upload() -> str:
    return translate("phrases", "Send at most")


def download() -> str:
    return translate("phrases", "Receive at most")


def unit() -> str:
    return translate("phrases", "MB a second, all deliveries together")


def no_limit() -> str:
    return translate("phrases", "no limit")


def no_number() -> str:
    return translate("phrases", "Type a number from 0.1 to 10000, or nothing for no limit.")


def at_once() -> str:
    return translate("phrases", "Deliveries at the same time")


def at_once_text() -> str:
    return translate("phrases", "Each way; the others wait their turn.")


def awake() -> str:
    return translate("phrases", "Stay awake while delivering")


def awake_text() -> str:
    return translate(
        "phrases", "The computer does not fall asleep by itself while data moves or is checked."
    )


def on_battery() -> str:
    return translate("phrases", "Not on battery")


def on_battery_text() -> str:
    return translate(
        "phrases",
        "Deliveries wait until the computer is plugged in. Keys, receipts and payments never wait.",
    )


def leaves() -> str:
    return translate("phrases", "Leave deliveries at a relay while the buyer is away")


def leaves_text() -> str:
    return translate(
        "phrases",
        "By itself after ten minutes, where one of your relays keeps parcels. Sealed for the buyer"
        " alone. Stop it on the order's page, and that order is not left by itself again.",
    )


def hours() -> str:
    return translate("phrases", "Full speed at certain hours")


def hours_text() -> str:
    return translate("phrases", "At night, say: the limits do not hold then.")


def since() -> str:
    return translate("phrases", "from")


def until() -> str:
    return translate("phrases", "until")


def full_speed_now() -> str:
    return translate("phrases", "Full speed now.")


def never_full_speed() -> str:
    return translate("phrases", "From and until are the same time: the limits hold all day.")


def time_of_day(minute: int) -> str:
    """1350 → "22:30"."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
