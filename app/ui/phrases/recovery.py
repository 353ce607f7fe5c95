"""The recovery sheet, on the screen and on paper."""

from __future__ import annotations

from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_TEXTS = {
    "words": QT_TRANSLATE_NOOP("phrases", "The 24 words"),
    "print": QT_TRANSLATE_NOOP("phrases", "Print…"),
    "save": QT_TRANSLATE_NOOP("phrases", "Save as file…"),
    "filter": QT_TRANSLATE_NOOP("phrases", "PDF (*.pdf)"),
    "file": QT_TRANSLATE_NOOP("phrases", "Lading recovery sheet.pdf"),
    "unprinted": QT_TRANSLATE_NOOP("phrases", "The printer did not take it. Nothing was printed."),
    "printed": QT_TRANSLATE_NOOP("phrases", "Sent to the printer."),
    "paper.title": QT_TRANSLATE_NOOP("phrases", "Recovery sheet"),
    "paper.use": QT_TRANSLATE_NOOP(
        "phrases",
        "These 24 words, in this order, bring the identity back on any computer: start Lading,"
        " choose “I have one already” and type them.",
    ),
    "paper.warning": QT_TRANSLATE_NOOP(
        "phrases",
        "Whoever reads them can take the money. Keep this sheet like cash: on paper, in a safe"
        " place, not in a picture, a mail or a cloud folder. Nobody from Lading ever asks for it.",
    ),
}


def text(code: str) -> str:
    return say(_TEXTS, code)


def numbered(position: int, word: str) -> str:
    """One word for screen readers."""
    return translate("phrases", "word {n}: {word}").format(n=position, word=word)


def saved(path: str) -> str:
    return translate(
        "phrases", "Saved as {path}. Move it to a stick or print it; do not leave it here."
    ).format(path=path)


def unsaved(reason: str) -> str:
    return translate(
        "phrases", "It could not be saved ({reason}). Choose another folder or print it."
    ).format(reason=reason)


def paper_name(name: str, day: str) -> str:
    return translate("phrases", "{name}, written on {day}").format(name=name, day=day)
