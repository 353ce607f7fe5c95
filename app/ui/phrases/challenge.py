"""Two registrations side by side."""

from __future__ import annotations

from app.domain.snapshots.challenge import ChallengeSnapshot, ColumnAlike, Side
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Side by side"),
    "back": QT_TRANSLATE_NOOP("phrases", "Back"),
    "save": QT_TRANSLATE_NOOP("phrases", "Save as a file…"),
    "save.file": QT_TRANSLATE_NOOP("phrases", "Lading comparison.json"),
    "save.filter": QT_TRANSLATE_NOOP("phrases", "Comparisons (*.json)"),
    "none.title": QT_TRANSLATE_NOOP("phrases", "Nothing to compare yet"),
    "none.text": QT_TRANSLATE_NOOP(
        "phrases", "Choose “Compare” beside a registration that is much like another."
    ),
    "compare": QT_TRANSLATE_NOOP("phrases", "Compare"),
    "open": QT_TRANSLATE_NOOP("phrases", "Open dataset"),
    "draft": QT_TRANSLATE_NOOP("phrases", "not registered yet"),
    "by": QT_TRANSLATE_NOOP("phrases", "By"),
    "network": QT_TRANSLATE_NOOP("phrases", "Network"),
    "committed": QT_TRANSLATE_NOOP("phrases", "Announced"),
    "registered": QT_TRANSLATE_NOOP("phrases", "Registered"),
    "block": QT_TRANSLATE_NOOP("phrases", "Block"),
    "size": QT_TRANSLATE_NOOP("phrases", "Size"),
    "entry": QT_TRANSLATE_NOOP("phrases", "Record entry"),
    "block_hash": QT_TRANSLATE_NOOP("phrases", "Block hash"),
    "fingerprint": QT_TRANSLATE_NOOP("phrases", "Fingerprint"),
    "content": QT_TRANSLATE_NOOP("phrases", "Content"),
    "confidential": QT_TRANSLATE_NOOP("phrases", "confidential"),
    "alike": QT_TRANSLATE_NOOP("phrases", "What was compared"),
    "alike.hint": QT_TRANSLATE_NOOP(
        "phrases",
        "For each column: how much of what its rows say, together with another column, stands in"
        " both. Worked out from the sketches that the owners put on record.",
    ),
    "alike.pieces": QT_TRANSLATE_NOOP(
        "phrases",
        "Pieces of about half a KiB, cut where the content itself says: so many of the smaller one"
        " are in both. White space in texts does not matter, nor do names and order of files."
        " Worked out from the sketches that the owners put on record.",
    ),
    "alike.all": QT_TRANSLATE_NOOP("phrases", "All pieces"),
    "alike.none": QT_TRANSLATE_NOOP(
        "phrases",
        "There is no sketch of one of them or of both, so only the fingerprints could be compared.",
    ),
    "checks": QT_TRANSLATE_NOOP("phrases", "What can be checked, and by what"),
    "checks.file": QT_TRANSLATE_NOOP(
        "phrases",
        "With the saved file alone, off line: whether the fingerprints are equal, and the likeness,"
        " worked out anew from both sketches.",
    ),
    "checks.data": QT_TRANSLATE_NOOP(
        "phrases",
        "With the data: its content fingerprint (BLAKE3). Lading works it out; for a single file"
        " any other program does, too.",
    ),
    "checks.node": QT_TRANSLATE_NOOP(
        "phrases",
        "With any computer of the network: that the entry stands in its block, and the block's"
        " time.",
    ),
    "checks.never": QT_TRANSLATE_NOOP(
        "phrases",
        "Not at all: who made the data. The record says who came first, not whose it is.",
    ),
}


def text(code: str) -> str:
    return say(_TEXTS, code)


def compare_meaning(title: str) -> str:
    return translate("phrases", "Compare with {title}").format(title=title)


def verdict(shown: ChallengeSnapshot) -> tuple[str, str]:
    """What it comes to: the likeness, and who was first."""
    if shown.same_content:
        lead = translate("phrases", "The same content.")
    elif shown.score is None:
        lead = translate("phrases", "Different fingerprints.")
    else:
        lead = translate("phrases", "{share} alike.").format(share=words.percent(shown.score))
    return lead, _first(shown)


def _first(shown: ChallengeSnapshot) -> str:
    if shown.first == "unclear":
        return translate(
            "phrases",
            "Registered on two networks within an hour: which was first cannot be told from the"
            " clocks.",
        )
    if shown.first == "none":
        return translate("phrases", "Yours is not registered yet; the other one is.")
    first = shown.one if shown.first == "one" else shown.other
    when = words.moment(first.committed_at)
    if first.by_me:
        return translate("phrases", "Yours was first, on {when}.").format(when=when)
    return translate("phrases", "{by} was first, on {when}.").format(by=first.by, when=when)


def by(side: Side) -> str:
    return translate("phrases", "{name} (you)").format(name=side.by) if side.by_me else side.by


def side_meaning(number: int, side: Side) -> str:
    """For screen readers."""
    which = translate("phrases", "First") if number == 0 else translate("phrases", "Second")
    return f"{which}: {side.title}"


def when(at: int | None) -> str:
    return words.moment(at) if at else text("draft")


def block(side: Side) -> str:
    """ "12,345, final"."""
    if side.block is None:
        return text("draft")
    final = translate("phrases", "final") if side.final else translate("phrases", "not final yet")
    return f"{words.number(side.block)}, {final}"


def size(side: Side) -> str:
    return words.size(side.size_bytes)


def column(one: ColumnAlike) -> str:
    """ "load_kw is like load"; the second name only where it is another."""
    if not one.other:
        return translate("phrases", "{name}: like none").format(name=one.name)
    if one.other == one.name:
        return one.name
    return translate("phrases", "{name} and {other}").format(name=one.name, other=one.other)


def percent(one: ColumnAlike) -> str:
    return words.percent(one.score)


def column_spoken(one: ColumnAlike) -> str:
    return f"{column(one)}: {words.percent(one.score)}"


def left_out(names: tuple[str, ...]) -> str:
    """Columns that the sketch does not hold; nothing where there are none."""
    if not names:
        return ""
    said = translate(
        "phrases",
        "Not compared: {names}. Dates, yes and no, running numbers and columns with few different"
        " values are alike in tables that have nothing to do with each other.",
    )
    shown = [name if len(name) <= 32 else f"{name[:32]}…" for name in names[:12]]
    return said.format(names=", ".join(shown) + ("…" if len(names) > 12 else ""))
