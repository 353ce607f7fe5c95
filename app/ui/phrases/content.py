"""Registering a dataset: choosing the files, reading them, looking up whether they are known."""

from __future__ import annotations

from app.domain.snapshots.datasets import Match
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

# --- file -------------------------------------------------------------------------------------


def drop_here() -> str:
    return translate("phrases", "Drop a file or a folder here")


def drop_hint() -> str:
    return translate("phrases", "or choose it, or paste it with Ctrl+V")


def choose_file() -> str:
    return translate("phrases", "Choose a file…")


def choose_folder() -> str:
    return translate("phrases", "Choose a folder…")


def path() -> str:
    return translate("phrases", "Or type where it is")


def path_example() -> str:
    return translate("phrases", "/home/me/data/measurements.csv")


def use_path() -> str:
    return translate("phrases", "Use this")


def drop_meaning() -> str:
    return translate("phrases", "Place to drop or paste a file or a folder")


_PATH_PROBLEMS = {
    "empty": QT_TRANSLATE_NOOP("phrases", "Type or paste where the file or folder is."),
    "relative": QT_TRANSLATE_NOOP(
        "phrases", "Type the whole path, from the top folder down to the file."
    ),
    "several": QT_TRANSLATE_NOOP(
        "phrases", "One file or one folder at a time. Put several files into a folder first."
    ),
    "remote": QT_TRANSLATE_NOOP(
        "phrases", "This is not on this computer. Save it here first, then choose it."
    ),
}


def path_problem(code: str) -> str:
    return say(_PATH_PROBLEMS, code)


def reading() -> str:
    return translate("phrases", "Reading and computing the fingerprint")


def starting() -> str:
    return translate("phrases", "Starting to read…")


def stopping() -> str:
    return translate("phrases", "Stopping…")


def reading_hint() -> str:
    return translate("phrases", "You can go on and describe it while it is read.")


def cancel_reading() -> str:
    return translate("phrases", "Stop reading")


def not_read() -> tuple[str, str]:
    return (
        translate("phrases", "Not read to the end."),
        translate("phrases", "Read it again, or choose something else."),
    )


def read_again() -> str:
    return translate("phrases", "Read it again")


def is_read() -> str:
    return translate("phrases", "Read to the end")


def other_content() -> str:
    return translate("phrases", "Choose something else")


def size() -> str:
    return translate("phrases", "size")


def files(n: int) -> str:
    return translate("phrases", "file") if n == 1 else translate("phrases", "files")


def records() -> str:
    return translate("phrases", "records of 4 KiB")


def fingerprint() -> str:
    return translate("phrases", "Fingerprint")


def fingerprint_hint() -> str:
    return translate(
        "phrases", "Any change to the data, however small, would give another fingerprint."
    )


# --- check ------------------------------------------------------------------------------------

_CHECKS = {
    "none_yet": (
        QT_TRANSLATE_NOOP("phrases", "Not looked up yet."),
        QT_TRANSLATE_NOOP("phrases", "It is looked up as soon as the data is read to the end."),
    ),
    "checking": (
        QT_TRANSLATE_NOOP("phrases", "Looking it up…"),
        QT_TRANSLATE_NOOP("phrases", "You can go on meanwhile."),
    ),
    "new": (
        QT_TRANSLATE_NOOP("phrases", "Not registered before."),
        QT_TRANSLATE_NOOP("phrases", "Nobody has openly registered the same content."),
    ),
    "known": (
        QT_TRANSLATE_NOOP("phrases", "The same content was registered before."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "You can register it too. Everywhere in Lading it will be marked as a later copy.",
        ),
    ),
    "not_comparable": (
        QT_TRANSLATE_NOOP("phrases", "Not comparable."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "A confidential registration keeps the fingerprint of the files to itself, so nobody"
            " can tell whether the same content was registered before.",
        ),
    ),
    "unreachable": (
        QT_TRANSLATE_NOOP("phrases", "The record cannot be reached."),
        QT_TRANSLATE_NOOP(
            "phrases", "The network does not answer. It is tried again by itself; go on meanwhile."
        ),
    ),
}


def check(code: str) -> tuple[str, str]:
    first, second = _CHECKS[code]
    return translate("phrases", first), translate("phrases", second)


def check_short(code: str) -> str:
    return check(code)[0].rstrip(".")


def match(found: Match) -> str:
    """ "Registered before by Baltic Grid on 2 Oct 2025, 11:15"."""
    if found.by_me:
        text = translate("phrases", "Registered before by you on {when}")
    else:
        text = translate("phrases", "Registered before by {by} on {when}")
    return text.format(by=found.by, when=words.moment(found.at))


def open_match() -> str:
    return translate("phrases", "Open")


def open_match_meaning(name: str) -> str:
    return translate("phrases", "Open the earlier registration {title}").format(title=name)


def try_now() -> str:
    return translate("phrases", "Try now")
