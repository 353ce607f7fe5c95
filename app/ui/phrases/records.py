"""Records: what stands on the permanent record, and what is on its way there."""

from __future__ import annotations

from app.domain.snapshots.records import RecordEntry, RecordsSnapshot, Subject
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

_TEXTS = {
    "title": QT_TRANSLATE_NOOP("phrases", "Records"),
    "text": QT_TRANSLATE_NOOP(
        "phrases", "Public and permanent: nobody can change or delete what was recorded."
    ),
    "export": QT_TRANSLATE_NOOP("phrases", "Export as CSV…"),
    "export.filter": QT_TRANSLATE_NOOP("phrases", "CSV tables (*.csv)"),
    "export.file": QT_TRANSLATE_NOOP("phrases", "Lading records.csv"),
    "subject": QT_TRANSLATE_NOOP("phrases", "Entries of"),
    "subject.all": QT_TRANSLATE_NOOP("phrases", "Everything, newest first"),
    "table": QT_TRANSLATE_NOOP("phrases", "Record entries"),
    "none.title": QT_TRANSLATE_NOOP("phrases", "Nothing recorded yet"),
    "none.text": QT_TRANSLATE_NOOP(
        "phrases",
        "Registering a dataset, paying into holding, releasing a payment: each of these steps"
        " will stand here with its time, its fee and its entry id.",
    ),
    "none.do": QT_TRANSLATE_NOOP("phrases", "Register a dataset"),
    "what": QT_TRANSLATE_NOOP("phrases", "What"),
    "about": QT_TRANSLATE_NOOP("phrases", "About"),
    "by": QT_TRANSLATE_NOOP("phrases", "By"),
    "time": QT_TRANSLATE_NOOP("phrases", "Time"),
    "state": QT_TRANSLATE_NOOP("phrases", "State"),
    "entry": QT_TRANSLATE_NOOP("phrases", "Entry id"),
    "block": QT_TRANSLATE_NOOP("phrases", "Block"),
    "gas": QT_TRANSLATE_NOOP("phrases", "Gas used"),
    "fee": QT_TRANSLATE_NOOP("phrases", "Fee"),
    "network": QT_TRANSLATE_NOOP("phrases", "Network"),
    "first": QT_TRANSLATE_NOOP("phrases", "First"),
    "first.unclear": QT_TRANSLATE_NOOP(
        "phrases", "Cannot be told from the clocks: registered on two networks within an hour."
    ),
    "problem": QT_TRANSLATE_NOOP("phrases", "Problem"),
    "none": QT_TRANSLATE_NOOP("phrases", "not yet"),
    "theirs": QT_TRANSLATE_NOOP("phrases", "paid by them"),
    "order": QT_TRANSLATE_NOOP("phrases", "Open order"),
    "dataset": QT_TRANSLATE_NOOP("phrases", "Open dataset"),
    "only": QT_TRANSLATE_NOOP("phrases", "Only entries of this"),
    "failed.lead": QT_TRANSLATE_NOOP("phrases", "This was not recorded."),
}

_MARKS = {
    "being_recorded": QT_TRANSLATE_NOOP("phrases", "Sent"),
    "recorded": QT_TRANSLATE_NOOP("phrases", "Recorded"),
    "final": QT_TRANSLATE_NOOP("phrases", "Final"),
}

_STATES = {
    "being_recorded": QT_TRANSLATE_NOOP(
        "phrases", "On its way. It is sent again by itself until it is recorded."
    ),
    "recorded": QT_TRANSLATE_NOOP(
        "phrases", "It stands on the record and becomes final with the next blocks."
    ),
    "final": QT_TRANSLATE_NOOP("phrases", "It stands on the record for good."),
    "failed": QT_TRANSLATE_NOOP("phrases", "The record refused it."),
}

_KINDS = {
    "order": QT_TRANSLATE_NOOP("phrases", "Order: {title}"),
    "dataset": QT_TRANSLATE_NOOP("phrases", "Dataset: {title}"),
}


def text(code: str) -> str:
    return say(_TEXTS, code)


def mark(code: str) -> str:
    return say(_MARKS, code)


def state(code: str) -> str:
    """What a state means."""
    return say(_STATES, code)


def subject(value: Subject) -> str:
    return say(_KINDS, value.kind, title=value.title)


def by(entry: RecordEntry) -> str:
    return translate("phrases", "you") if entry.by_me else entry.by


def by_whole(entry: RecordEntry) -> str:
    if not entry.by_me:
        return entry.by
    return translate("phrases", "{name} (you)").format(name=entry.by)


def fee(wei: int | None, snapshot: RecordsSnapshot) -> str:
    """A fee with its currency, rounded up to six decimals; a dash while unknown."""
    if wei is None:
        return "–"
    figure = words.figure(wei, snapshot.fee_decimals, most=6)
    return f"{figure} {snapshot.fee_symbol}".strip()


def gas(amount: int | None) -> str:
    if amount is None:
        return ""
    return translate("phrases", "{n} gas").format(n=words.number(amount))


def totals(snapshot: RecordsSnapshot) -> str:
    """How many entries, and what they cost altogether."""
    count = plural(
        len(snapshot.entries),
        translate("phrases", "{n} entry"),
        translate("phrases", "{n} entries"),
    )
    known = [entry.fee_wei for entry in snapshot.entries if entry.fee_wei is not None]
    facts = [count]
    if known:
        paid = translate("phrases", "recording fees {amount}")
        facts.append(paid.format(amount=fee(sum(known), snapshot)))
    if snapshot.total_gas:
        facts.append(gas(snapshot.total_gas))
    return "  ·  ".join(facts)


def exported(count: int, path: str) -> str:
    one = translate("phrases", "{n} entry saved as {path}.")
    many = translate("phrases", "{n} entries saved as {path}.")
    shown = path.replace("{", "{{").replace("}", "}}")
    return plural(count, *(text.replace("{path}", shown) for text in (one, many)))


def not_exported(reason: str) -> str:
    return translate("phrases", "It could not be saved ({reason}). Choose another folder.").format(
        reason=reason
    )
