"""Datasets that are much like another: an edited copy, a new version, or by chance."""

from __future__ import annotations

from app.domain.snapshots.datasets import Alike
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_NAMES = 6
_LONGEST_NAME = 32


def found(one: Alike) -> str:
    """ "82% alike. Registered by Baltic Grid on 2 Oct 2025, 11:15"."""
    if one.match.by_me:
        text = translate("phrases", "{share} alike. Registered by you on {when}")
    elif one.standing == "first":
        text = translate("phrases", "{share} alike. Registered by {by} on {when}")
    elif one.standing == "unclear":
        text = translate(
            "phrases",
            "{share} alike. Registered by {by} on {when}, on another network within an hour of this"
            " one: which was first cannot be told from the clocks.",
        )
    else:
        text = translate("phrases", "{share} alike. Registered later by {by} on {when}")
    return text.format(
        share=words.percent(one.score), by=one.match.by, when=words.moment(one.match.at)
    )


def compared(one: Alike) -> str:
    """ "Alike in load_kw and feeder. Not alike in remark"."""
    if not one.alike and not one.other:
        return translate(
            "phrases",
            "Compared by pieces of about half a KiB: so much of the smaller one is in both.",
        )
    alike = translate("phrases", "Compared by columns. Alike: {names}.")
    text = alike.format(names=_listed(one.alike))
    if one.other:
        other = translate("phrases", "Not alike: {names}.")
        text = f"{text} {other.format(names=_listed(one.other))}"
    return text


def _listed(names: tuple[str, ...]) -> str:
    short = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…" for name in names]
    listed = ", ".join(short[:_NAMES])
    if len(short) <= _NAMES:
        return listed
    more = translate("phrases", "{names} and {n} more")
    return more.format(names=listed, n=len(short) - _NAMES)


def untitled() -> str:
    return translate("phrases", "Dataset without a title")


def open_meaning(one: Alike) -> str:
    return translate("phrases", "Open the dataset {title}").format(title=one.match.title)


# --- registering ------------------------------------------------------------------------------

_LEADS = {
    "open": (
        QT_TRANSLATE_NOOP("phrases", "Much like what was registered before."),
        QT_TRANSLATE_NOOP(
            "phrases",
            "It is not the same content, but it has much in common with what stands below. Say"
            " what yours is; you can go on either way.",
        ),
    ),
    "version": (
        QT_TRANSLATE_NOOP("phrases", "Yours is a new version."),
        QT_TRANSLATE_NOOP(
            "phrases", "It will be recorded as a new version of the dataset that you chose below."
        ),
    ),
    "different": (
        QT_TRANSLATE_NOOP("phrases", "Yours is different data."),
        QT_TRANSLATE_NOOP(
            "phrases", "Both can stand on the record. Buyers will see that they are much alike."
        ),
    ),
}


def lead(parent: str | None) -> tuple[str, str]:
    """``parent`` as in `RegisterSnapshot`."""
    code = "open" if parent is None else "version" if parent else "different"
    first, second = _LEADS[code]
    return translate("phrases", first), translate("phrases", second)


def new_version() -> str:
    return translate("phrases", "New version of it")


def new_version_meaning(one: Alike) -> str:
    return translate("phrases", "Mine is a new version of {title}").format(title=one.match.title)


def different() -> str:
    return translate("phrases", "Different")


def different_meaning() -> str:
    return translate("phrases", "Mine is different data")


def version_of() -> str:
    return translate("phrases", "A new version of")


def no_version() -> str:
    return translate("phrases", "Nothing: it stands by itself")


def version_hint() -> str:
    return translate(
        "phrases",
        "For data that you renew, such as next month’s rows. What you said of the one before, and"
        " its price, are taken over where you said nothing yet; who bought it is told of the new"
        " one.",
    )


# --- describing -------------------------------------------------------------------------------


def comparable() -> str:
    return translate("phrases", "Let edited copies be found")


_HINTS = {
    "": QT_TRANSLATE_NOOP(
        "phrases",
        "A sketch of the data, up to 4 KiB, goes on the public record, so that everyone is told"
        " when much the same data is registered again. There are no values in it; but who has"
        " rows or pieces of yours can tell that you have them too, and who tries out all possible"
        " values of two columns can find some that occur.",
    ),
    "hidden": QT_TRANSLATE_NOOP(
        "phrases", "Never with personal data or a confidential registration: nothing to compare by."
    ),
}


def comparable_hint(code: str) -> str:
    """``code``: "" or "hidden"."""
    return say(_HINTS, code)


def key_sketch() -> str:
    return translate("phrases", "Sketch")


def sketch_said(public: bool) -> str:
    if public:
        return translate("phrases", "Public, so that edited copies are found")
    return translate("phrases", "Left out")


# --- the dataset page -------------------------------------------------------------------------


def title() -> str:
    return translate("phrases", "Much like it")


def title_hint() -> str:
    return translate(
        "phrases",
        "Worked out from sketches that the owners put on record. It may be an edited copy, a new"
        " version, or chance: look at what was compared, and ask the owner.",
    )


def strip(one: Alike) -> tuple[str, str]:
    if one.standing == "unclear":
        lead = translate("phrases", "Much like a dataset on another network.")
        text = translate(
            "phrases",
            "{share} alike with “{title}” by {by}, registered within an hour of this one: which was"
            " first cannot be told from the clocks. More under History.",
        )
    else:
        lead = translate("phrases", "Much like an earlier dataset.")
        text = translate("phrases", "{share} alike with “{title}” by {by}. More under History.")
    return lead, text.format(share=words.percent(one.score), title=one.match.title, by=one.match.by)
