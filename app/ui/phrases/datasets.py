"""My datasets: the list, and what can be done with one of them."""

from __future__ import annotations

from app.domain.snapshots.datasets import OwnDataset
from app.ui.phrases import dataset as shared
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_STATES = {
    "draft": QT_TRANSLATE_NOOP("phrases", "Draft"),
    "being_recorded": QT_TRANSLATE_NOOP("phrases", "Being recorded…"),
    "recorded": QT_TRANSLATE_NOOP("phrases", "Recorded"),
    "final": QT_TRANSLATE_NOOP("phrases", "On sale"),
    "failed": QT_TRANSLATE_NOOP("phrases", "Not recorded"),
    "withdrawn": QT_TRANSLATE_NOOP("phrases", "Withdrawn"),
}
TONES = {
    "draft": "quiet",
    "being_recorded": "accent",
    "recorded": "accent",
    "final": "accent",
    "failed": "danger",
    "withdrawn": "quiet",
}


def title() -> str:
    return translate("phrases", "My datasets")


def summary(rows: tuple[OwnDataset, ...]) -> str:
    """ "3 on sale · 1 draft"."""
    on_sale = sum(row.state in ("recorded", "final") for row in rows)
    drafts = sum(row.state == "draft" for row in rows)
    parts = [translate("phrases", "{n} on sale").format(n=words.number(on_sale))]
    if drafts:
        parts.append(
            plural(drafts, translate("phrases", "{n} draft"), translate("phrases", "{n} drafts"))
        )
    return "  ·  ".join(parts)


def register() -> str:
    return translate("phrases", "Register a dataset")


def empty() -> tuple[str, str]:
    return (
        translate("phrases", "Sell data without giving it away first"),
        translate(
            "phrases",
            "Register a file or a folder: its fingerprint goes on the permanent record, the data"
            " stays on this computer until a buyer has paid. You set price and licence.",
        ),
    )


def state(code: str) -> str:
    return say(_STATES, code)


def name(row: OwnDataset) -> str:
    return row.title or shared.untitled()


def facts(row: OwnDataset) -> str:
    """Size, files, records and when it was registered; the path of a draft without content."""
    if not row.records:
        return row.path or translate("phrases", "Nothing chosen yet")
    parts = [words.size(row.size_bytes), shared.files(row.files), shared.records(row.records)]
    if row.registered_at is not None:
        parts.append(
            translate("phrases", "registered {when}").format(when=words.date(row.registered_at))
        )
    return "  ·  ".join(parts)


def price() -> str:
    return translate("phrases", "price")


def orders() -> str:
    return translate("phrases", "orders")


def rating() -> str:
    return translate("phrases", "rating")


def go_on() -> str:
    return translate("phrases", "Continue")


def watch() -> str:
    return translate("phrases", "See how it goes")


def discard() -> str:
    return translate("phrases", "Discard")


def open_page() -> str:
    return translate("phrases", "Open")


def change_price() -> str:
    return translate("phrases", "Change price")


def withdraw() -> str:
    return translate("phrases", "Withdraw")


def locate() -> str:
    return translate("phrases", "Locate…")


def about(action: str, row: OwnDataset) -> str:
    """ "Withdraw: Hourly feeder load", for screen readers."""
    return f"{action}: {name(row)}"


def moved() -> tuple[str, str]:
    return (
        translate("phrases", "The files are not where they were."),
        translate("phrases", "Nothing can be delivered until Lading knows where they are."),
    )


def was_at(path: str) -> str:
    return translate("phrases", "Last seen at {path}").format(path=path)


# --- review pages -----------------------------------------------------------------------------


def fee() -> str:
    return translate("phrases", "Recording fee")


def price_title() -> str:
    return translate("phrases", "Change the price")


def price_explained() -> str:
    return translate(
        "phrases",
        "The new price goes on the permanent record. Orders under way keep the price agreed.",
    )


def price_now() -> str:
    return translate("phrases", "Price now")


def price_new() -> str:
    return translate("phrases", "New price")


def price_same() -> str:
    return translate("phrases", "This is the price already.")


def price_huge() -> str:
    return translate("phrases", "Nobody could pay this price. Type a smaller amount.")


def price_save() -> str:
    return translate("phrases", "Save to the record")


def withdraw_title() -> str:
    return translate("phrases", "Withdraw from sale")


def withdraw_explained() -> str:
    return translate(
        "phrases",
        "Nobody can make a new offer after this. Orders under way go on as agreed. The"
        " registration itself stays on the permanent record: it cannot be deleted.",
    )


def withdraw_do() -> str:
    return translate("phrases", "Withdraw from sale")


def discard_title() -> str:
    return translate("phrases", "Discard this draft")


def discard_explained() -> str:
    return translate(
        "phrases",
        "What you typed about it is deleted. The files themselves stay where they are, and"
        " nothing of this was public.",
    )


def discard_do() -> str:
    return translate("phrases", "Discard the draft")


def locate_title() -> str:
    return translate("phrases", "Where are the files now?")


def locate_explained() -> str:
    return translate(
        "phrases",
        "Choose the file or folder at its new place. It is read and compared with the"
        " fingerprint on record; only the same data is accepted.",
    )


def locate_do() -> str:
    return translate("phrases", "Compare and use")


def dataset() -> str:
    return translate("phrases", "Dataset")


def last_seen() -> str:
    return translate("phrases", "Last seen")


def fingerprint_fits() -> str:
    return translate("phrases", "The new place")
