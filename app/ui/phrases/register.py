"""Registering a dataset: the page and its steps."""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_STEPS = {
    "file": QT_TRANSLATE_NOOP("phrases", "File"),
    "check": QT_TRANSLATE_NOOP("phrases", "Check"),
    "describe": QT_TRANSLATE_NOOP("phrases", "Describe"),
    "price": QT_TRANSLATE_NOOP("phrases", "Price"),
    "review": QT_TRANSLATE_NOOP("phrases", "Review"),
}
_HEADS = {
    "file": QT_TRANSLATE_NOOP("phrases", "Choose the data"),
    "check": QT_TRANSLATE_NOOP("phrases", "Was it registered before?"),
    "describe": QT_TRANSLATE_NOOP("phrases", "Describe it for buyers"),
    "price": QT_TRANSLATE_NOOP("phrases", "What does it cost?"),
    "review": QT_TRANSLATE_NOOP("phrases", "Review and save"),
}
_LEADS = {
    "file": QT_TRANSLATE_NOOP(
        "phrases", "It stays on this computer. Lading reads it once and computes its fingerprint."
    ),
    "check": QT_TRANSLATE_NOOP(
        "phrases", "The fingerprint is looked up among everything that was registered."
    ),
    "describe": QT_TRANSLATE_NOOP(
        "phrases", "Buyers see only what you write here and the columns, never the data."
    ),
    "price": QT_TRANSLATE_NOOP(
        "phrases", "Buyers can make other offers; you decide about each of them."
    ),
    "review": QT_TRANSLATE_NOOP(
        "phrases", "This is everything that becomes public. Read it once more."
    ),
}
_STANDINGS = {
    "done": QT_TRANSLATE_NOOP("phrases", "done"),
    "now": QT_TRANSLATE_NOOP("phrases", "open now"),
    "to_come": QT_TRANSLATE_NOOP("phrases", "to come"),
    "problem": QT_TRANSLATE_NOOP("phrases", "needs a look"),
}


def title() -> str:
    return translate("phrases", "Register")


def step(code: str) -> str:
    return say(_STEPS, code)


def head(code: str) -> str:
    return say(_HEADS, code)


def lead(code: str) -> str:
    return say(_LEADS, code)


def step_meaning(number: int, of: int, name: str, standing: str) -> str:
    return translate("phrases", "Step {n} of {of}: {name}, {standing}").format(
        n=number, of=of, name=name, standing=say(_STANDINGS, standing)
    )


def go_on() -> str:
    return translate("phrases", "Continue")


def start_another() -> str:
    return translate("phrases", "Start another")


def start_another_hint() -> str:
    return translate("phrases", "This one is kept as a draft in My datasets.")


def kept() -> str:
    return translate("phrases", "Saved as a draft on this computer")
