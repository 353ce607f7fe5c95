"""How an order ended, in plain words for each side, and what to do with the proof of a dispute."""

from __future__ import annotations

from app.domain.snapshots.orders import Ending, OrderSnapshot
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, translate

_BOUGHT = {
    "accepted": (
        QT_TRANSLATE_NOOP("phrases", "Paid because you accepted the data"),
        QT_TRANSLATE_NOOP("phrases", "You released the payment to {other} with your rating."),
    ),
    "window": (
        QT_TRANSLATE_NOOP("phrases", "Paid because the check period ended"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "{other} recorded the key, and no wrong record was reported in the {window} after that:"
            " so the payment was released.",
        ),
    ),
    "returned": (
        QT_TRANSLATE_NOOP("phrases", "Returned because {other} gave it back"),
        QT_TRANSLATE_NOOP("phrases", "The whole payment came back to you."),
    ),
    "unrevealed": (
        QT_TRANSLATE_NOOP("phrases", "Returned because {other} did not record the key in time"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "Everything was delivered, but the key to it has to stand on the record before the"
            " deadline, or be answered by your acceptance. The whole payment came back to you.",
        ),
    ),
    "nothing_came": (
        QT_TRANSLATE_NOOP("phrases", "Returned because the data never came"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "The delivery was not complete when its time ended. The whole payment came back to"
            " you.",
        ),
    ),
    "dispute": (
        QT_TRANSLATE_NOOP("phrases", "Dispute won: record {record} was not what was registered"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "The contract opened record {record} of {records} itself and found other content than"
            " the fingerprint says. Your payment came back to you{bond}.",
        ),
    ),
}

_SOLD = {
    "accepted": (
        QT_TRANSLATE_NOOP("phrases", "Paid because {other} accepted the data"),
        QT_TRANSLATE_NOOP("phrases", "The payment is yours, and your bond is free again."),
    ),
    "window": (
        QT_TRANSLATE_NOOP("phrases", "Paid because the check period ended"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "{other} reported no wrong record in the {window} after the key was recorded. The"
            " payment is yours, and your bond is free again.",
        ),
    ),
    "returned": (
        QT_TRANSLATE_NOOP("phrases", "Returned because you gave the payment back"),
        QT_TRANSLATE_NOOP("phrases", "{other} has it, and your bond is free again."),
    ),
    "unrevealed": (
        QT_TRANSLATE_NOOP("phrases", "Returned because the key was not recorded in time"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "{other} did not accept, and the key was not recorded before the deadline: your app was"
            " not on line, or their receipt came too late for it. The payment went back; your bond"
            " is free again.",
        ),
    ),
    "nothing_came": (
        QT_TRANSLATE_NOOP("phrases", "Returned because the data was not delivered in time"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "{other} gave no receipt before the deadline: their computer or yours was not on line"
            " long enough. The payment went back; your bond is free again.",
        ),
    ),
    "dispute": (
        QT_TRANSLATE_NOOP("phrases", "Dispute lost: record {record} was not what you registered"),
        QT_TRANSLATE_NOOP(
            "phrases",
            "The contract opened record {record} of {records} itself and found other content than"
            " the fingerprint says. The payment went back{bond}. Your app compares every record"
            " with the fingerprint before it seals it: if you did not change it, the memory of"
            " this computer may be failing.",
        ),
    ),
}


def told(order: OrderSnapshot, ending: Ending) -> tuple[str, str]:
    """Why it ended so, as a title and the sentences under it."""
    title, text = (_SOLD if order.selling else _BOUGHT)[ending.code]
    gaps = {
        "other": order.other,
        "window": words.duration(order.window_seconds),
        "record": words.number(ending.record or 0),
        "records": words.number(ending.records),
        "bond": _bond(order, ending),
    }
    return translate("phrases", title).format(**gaps), translate("phrases", text).format(**gaps)


def _bond(order: OrderSnapshot, ending: Ending) -> str:
    """The end of the sentence about where the payment went."""
    if ending.bond is None:
        return ""
    if order.selling:
        text = translate("phrases", " to {other}, and your bond of {bond} with it")
    else:
        text = translate("phrases", ", and {other}'s bond of {bond} with it")
    return text.format(other=order.other, bond=words.money(ending.bond))


def save_proof() -> str:
    return translate("phrases", "Save proof…")


def proof_hint() -> str:
    return translate(
        "phrases",
        "The proof holds the signed offer, the receipt, the record and both keys. Anybody can check"
        " it, off line.",
    )


def proof_filter() -> str:
    return translate("phrases", "Proofs (*.json)")


def proof_file(order: OrderSnapshot) -> str:
    return translate("phrases", "Lading proof {number}.json").format(number=order.number)
