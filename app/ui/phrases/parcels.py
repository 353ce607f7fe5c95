"""Delivery parcels: the data as files, on a stick, in a cloud folder or by mail."""

from __future__ import annotations

from app.domain.snapshots.orders import OrderSnapshot, ParcelView
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

RUNS_SHOWN = 6

_DOING = {
    "saving": QT_TRANSLATE_NOOP("phrases", "Saving the parcel"),
    "opening": QT_TRANSLATE_NOOP("phrases", "Opening the parcel"),
    "leaving": QT_TRANSLATE_NOOP("phrases", "Leaving the parcel at the relay"),
}

_WAITS = {
    "paused_all": QT_TRANSLATE_NOOP(
        "phrases", "The parcel waits: you have paused all deliveries. It goes on when they do"
    ),
    "unplugged": QT_TRANSLATE_NOOP("phrases", "The parcel waits until this computer is plugged in"),
    "queued": QT_TRANSLATE_NOOP(
        "phrases", "The parcel waits its turn: other deliveries are sent first"
    ),
}

SIZES = {
    "0": QT_TRANSLATE_NOOP("phrases", "One file"),
    "4000": QT_TRANSLATE_NOOP("phrases", "Parts of 4 GB, for sticks"),
    "700": QT_TRANSLATE_NOOP("phrases", "Parts of 700 MB"),
    "18": QT_TRANSLATE_NOOP("phrases", "Parts of 18 MB, for mail"),
    "other": QT_TRANSLATE_NOOP("phrases", "Parts of another size"),
}
"""By megabytes."""


def save() -> str:
    return translate("phrases", "Save as a parcel…")


def open_() -> str:
    return translate("phrases", "Open a parcel…")


def stop() -> str:
    return translate("phrases", "Stop")


def hint(order: OrderSnapshot) -> str:
    """Beside the button."""
    if order.selling:
        return translate(
            "phrases",
            "Files for a stick, a cloud folder or mail, instead of the network or to go on where"
            " it stopped.",
        )
    return translate(
        "phrases",
        "Files that {other} saved for you, whole or in parts. You can also drop them on this"
        " window.",
    ).format(other=order.other)


def leave() -> str:
    return translate("phrases", "Leave it at a relay")


def leave_hint(order: OrderSnapshot) -> str:
    """Beside the button."""
    return translate(
        "phrases",
        "{other} fetches it there, also while you are off line. It is sealed: the relay cannot read"
        " it.",
    ).format(other=order.other)


def kept(order: OrderSnapshot, view: ParcelView) -> str:
    """Where a parcel is, or came from."""
    if order.selling:
        return translate(
            "phrases",
            "Everything is at the relay {relay} until {moment}. {other} fetches it there; receipt"
            " and key follow when both of you are on line.",
        ).format(relay=view.relay, moment=words.moment(view.until), other=order.other)
    return translate(
        "phrases",
        "It comes from the relay {relay}, where {other} left it for you. It is checked like"
        " everything else.",
    ).format(relay=view.relay, other=order.other)


def doing(view: ParcelView) -> str:
    """What is done with it, or what it waits for."""
    return say(_WAITS, view.waits) if view.waits else say(_DOING, view.doing)


def missing(view: ParcelView) -> str:
    """ "Of the 12 parts of the parcel, still missing: 3, 5–7"."""
    runs = [str(first) if first == last else f"{first}–{last}" for first, last in view.missing]
    shown = ", ".join(runs[:RUNS_SHOWN]) + (", …" if len(runs) > RUNS_SHOWN else "")
    if view.parts == 1:
        return translate("phrases", "The parcel was not whole. Copy it again and open it again.")
    return translate("phrases", "Of the {n} parts of the parcel, still missing: {which}").format(
        n=words.number(view.parts), which=shown
    )


def choose_files() -> str:
    return translate("phrases", "Choose a parcel, or all its parts")


def files() -> str:
    return translate("phrases", "Delivery parcels (*.lading);;All files (*)")


# --- the sheet ------------------------------------------------------------------------------


def folder() -> str:
    return translate("phrases", "Folder to save it in")


def folder_hint() -> str:
    return translate("phrases", "A stick, a cloud folder, or any other place. It needs {size}.")


def needs(size_bytes: int) -> str:
    return folder_hint().format(size=words.size(size_bytes))


def folder_missing() -> str:
    return translate("phrases", "Choose the folder to save it in.")


def choose() -> str:
    return translate("phrases", "Choose…")


def size() -> str:
    return translate("phrases", "As one file or in parts")


def parts(n: int) -> str:
    return plural(n, translate("phrases", "{n} file"), translate("phrases", "{n} files"))


def megabytes() -> str:
    return translate("phrases", "Largest part, in MB")


def megabytes_wrong() -> str:
    return translate("phrases", "Type a whole number of MB, 2 or more.")
