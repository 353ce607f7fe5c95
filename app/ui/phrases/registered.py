"""Registering a dataset: what came of it."""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP, translate

_OUTCOMES = {
    "being_recorded": (
        QT_TRANSLATE_NOOP("phrases", "Being recorded…"),
        QT_TRANSLATE_NOOP(
            "phrases", "This takes a minute at most. You can close this page: it goes on by itself."
        ),
    ),
    "recorded": (
        QT_TRANSLATE_NOOP("phrases", "Recorded."),
        QT_TRANSLATE_NOOP("phrases", "Buyers can find it already. It is final in a moment."),
    ),
    "final": (
        QT_TRANSLATE_NOOP("phrases", "Your dataset is registered."),
        QT_TRANSLATE_NOOP(
            "phrases", "Keep the files where they are: Lading delivers them from there."
        ),
    ),
    "failed": (
        QT_TRANSLATE_NOOP("phrases", "It could not be recorded."),
        QT_TRANSLATE_NOOP("phrases", "Nothing was made public. Everything you typed is kept."),
    ),
    "withdrawn": (
        QT_TRANSLATE_NOOP("phrases", "This dataset is withdrawn."),
        QT_TRANSLATE_NOOP("phrases", "It stays on the record, but nobody can order it."),
    ),
}


def outcome(state: str) -> tuple[str, str]:
    first, second = _OUTCOMES[state]
    return translate("phrases", first), translate("phrases", second)


def marks() -> tuple[str, str, str, str]:
    return (
        translate("phrases", "Saved"),
        translate("phrases", "Being recorded"),
        translate("phrases", "Recorded"),
        translate("phrases", "Final"),
    )


def outcome_head() -> str:
    return translate("phrases", "Your registration")


def what_was_recorded(state: str) -> str:
    if state in ("being_recorded", "failed"):
        return translate("phrases", "What is to be recorded")
    return translate("phrases", "What stands on the record")


def key_dataset() -> str:
    return translate("phrases", "Dataset")


def open_page() -> str:
    return translate("phrases", "See it as buyers do")


def open_records() -> str:
    return translate("phrases", "Show in Records")


def try_again() -> str:
    return translate("phrases", "Try again")


def change_first() -> str:
    return translate("phrases", "Change it first")


def all_datasets() -> str:
    return translate("phrases", "My datasets")


def register_another() -> str:
    return translate("phrases", "Register another")
