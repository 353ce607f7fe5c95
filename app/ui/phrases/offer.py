"""Making a first offer for a dataset, and asking its owner a question."""

from __future__ import annotations

from app.ui.phrases.words import plural, translate


def title() -> str:
    return translate("phrases", "Make an offer")


def explained(owner: str) -> str:
    return translate(
        "phrases",
        "It is sent to {owner} and binds nobody: both can propose changes. You agree only by"
        " paying into holding, after the owner has signed.",
    ).format(owner=owner)


def send() -> str:
    return translate("phrases", "Send offer")


def dataset() -> str:
    return translate("phrases", "Dataset")


def asked_price() -> str:
    return translate("phrases", "The owner asks")


def price() -> str:
    return translate("phrases", "You offer")


def currency() -> str:
    return translate("phrases", "Currency")


def price_huge() -> str:
    return translate("phrases", "Nobody could pay this price. Type a smaller amount.")


def terms() -> str:
    return translate("phrases", "Licence you ask for")


def terms_hint() -> str:
    return translate("phrases", "Set to what the owner offers. Change what you need otherwise.")


def valid_for() -> str:
    return translate("phrases", "Offer is good for")


def window() -> str:
    return translate("phrases", "Time to check the data")


def window_hint() -> str:
    return translate("phrases", "After this the payment is released by itself.")


def days(n: int) -> str:
    return plural(n, translate("phrases", "{n} day"), translate("phrases", "{n} days"))


def note() -> str:
    return translate("phrases", "Message to the owner (optional)")


def note_example() -> str:
    return translate("phrases", "What you need it for, and what you would like to know.")


def too_long() -> str:
    return translate("phrases", "This is too long; about 1,300 words fit.")


# --- asking -----------------------------------------------------------------------------------


def ask_title() -> str:
    return translate("phrases", "Ask the owner")


def ask_explained(owner: str) -> str:
    return translate(
        "phrases",
        "Your question goes to {owner} directly; nothing of it is public. The answer appears in"
        " Orders. If they are offline it is sent when they are back.",
    ).format(owner=owner)


def question() -> str:
    return translate("phrases", "Your question")


def question_missing() -> str:
    return translate("phrases", "Type your question first.")


def ask_send() -> str:
    return translate("phrases", "Send question")
