"""The sample of a dataset: what a buyer is shown before paying, and what an owner allows."""

from __future__ import annotations

from app.domain.snapshots.samples import Sample, SampleAllowance, SampleRows, SampleSeen
from app.ui.phrases import profile, words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, translate

REASONS = (
    QT_TRANSLATE_NOOP("phrases", "The owner shows no samples of this dataset."),
    QT_TRANSLATE_NOOP("phrases", "This dataset is not mine to show."),
    QT_TRANSLATE_NOOP("phrases", "This dataset is no longer for sale."),
    QT_TRANSLATE_NOOP(
        "phrases", "The dataset holds personal data, of which its owner shows no samples."
    ),
    QT_TRANSLATE_NOOP("phrases", "The owner has shown as much of this dataset as it allows."),
    QT_TRANSLATE_NOOP(
        "phrases",
        "The owner has given as many samples as it allows in a day. Ask again tomorrow.",
    ),
    QT_TRANSLATE_NOOP(
        "phrases",
        "The owner's answers came after the block that draws the records, so it could have"
        " chosen them.",
    ),
    QT_TRANSLATE_NOOP("phrases", "It has not said yet where it can be reached."),
    QT_TRANSLATE_NOOP("phrases", "The other side does not answer. It will be tried again."),
    QT_TRANSLATE_NOOP(
        "phrases",
        "The owner's files are not where they were, or not what was registered.",
    ),
    QT_TRANSLATE_NOOP("phrases", "The block that draws the sample is not final here yet."),
)
"""What the other side's app, or the engine, says in these very words."""


def reason(text: str) -> str:
    """Known words in the person's language; others are shown as they came."""
    return translate("phrases", text) if text in REASONS else text


def records(n: int) -> str:
    return plural(n, translate("phrases", "{n} record"), translate("phrases", "{n} records"))


# --- the buyer --------------------------------------------------------------------------------


def lead(sample: Sample) -> tuple[str, str]:
    """What there is, and what it means."""
    if sample.step == "none":
        return (
            translate("phrases", "See a few records before you pay."),
            translate(
                "phrases",
                "Neither you nor the owner can choose them: they are drawn by a block of the"
                " public record that does not exist yet, and each is proven to belong to the"
                " registered data. The owner learns that you asked.",
            ),
        )
    if sample.step == "asked":
        return (
            translate("phrases", "The owner has been asked for a sample."),
            translate("phrases", "It goes on by itself once the owner's app is there."),
        )
    if sample.step == "granted" and sample.blocks_left:
        text = translate(
            "phrases",
            "The owner agreed to open {records}. Block {block} draws them; nobody can know which"
            " ones before it is final.",
        )
        return (
            translate("phrases", "The records are about to be drawn."),
            text.format(records=records(sample.drawn), block=words.number(sample.block)),
        )
    if sample.step == "granted":
        text = translate("phrases", "Block {block} has drawn {records}; the owner opens them.")
        return (
            translate("phrases", "The records have been drawn."),
            text.format(records=records(sample.drawn), block=words.number(sample.block)),
        )
    if sample.step == "refused":
        return translate("phrases", "There is no sample."), reason(sample.reason)
    if sample.step == "unopened":
        text = translate(
            "phrases",
            "It signed that it would open what block {block} draws, and did not: {reason}",
        )
        return (
            translate("phrases", "The owner agreed and did not open the records."),
            text.format(block=words.number(sample.block), reason=reason(sample.reason)),
        )
    if sample.step == "false":
        return (
            translate("phrases", "What the owner opened is not what was drawn."),
            translate(
                "phrases",
                "Lading does not show it: it is no part of the registered data, or not what the"
                " block drew. Better not to buy here.",
            ),
        )
    text = translate("phrases", "{proven} of {of} are proven to belong to the registered data.")
    return (
        text.format(proven=words.number(sample.proven), of=records(sample.of)),
        _drawn(sample),
    )


def _drawn(sample: Sample) -> str:
    text = translate(
        "phrases",
        "They were drawn by block {block} of {when}, which did not exist when the owner agreed,"
        " so nobody chose them. When you buy, you get exactly these records, among all others.",
    ).format(block=words.number(sample.block), when=words.moment(sample.block_at))
    if sample.withheld:
        kept = plural(
            sample.withheld,
            translate("phrases", "{n} more was drawn and kept back: it looks like personal data."),
            translate(
                "phrases", "{n} more were drawn and kept back: they look like personal data."
            ),
        )
        text = f"{text} {kept}"
    return text


def waits(text: str) -> str:
    return translate("phrases", "Not yet: {reason}").format(reason=reason(text))


def ask() -> str:
    return translate("phrases", "Ask for a sample")


def ask_again() -> str:
    return translate("phrases", "Ask again")


def rows_title(rows: SampleRows) -> str:
    """ "78 rows cut out of these records"."""
    shown = len(rows.rows)
    if rows.kind == "text":
        return plural(
            shown,
            translate("phrases", "{n} line cut out of these records"),
            translate("phrases", "{n} lines cut out of these records"),
        )
    return plural(
        shown,
        translate("phrases", "{n} row cut out of these records"),
        translate("phrases", "{n} rows cut out of these records"),
    )


def rows_meaning() -> str:
    return translate("phrases", "Rows of the sample")


def cell_read(column: str, value: str) -> str:
    """A cell as a screen reader says it."""
    return translate("phrases", "{column}: {value}").format(column=column, value=value)


def rows_hint(sample: Sample) -> str:
    """What is left out, and why."""
    rows = sample.rows
    said = []
    if rows.cut:
        said.append(
            plural(
                rows.cut,
                translate("phrases", "{n} line at the edge of a record was cut and is left out."),
                translate(
                    "phrases", "{n} lines at the edges of records were cut and are left out."
                ),
            )
        )
    if rows.odd:
        said.append(
            plural(
                rows.odd,
                translate("phrases", "{n} line does not have the columns of the listing."),
                translate("phrases", "{n} lines do not have the columns of the listing."),
            )
        )
    if rows.more:
        said.append(
            plural(
                rows.more,
                translate("phrases", "{n} more is not shown here."),
                translate("phrases", "{n} more are not shown here."),
            )
        )
    if rows.unreadable:
        said.append(
            plural(
                rows.unreadable,
                translate("phrases", "{n} record holds no text."),
                translate("phrases", "{n} records hold no text."),
            )
        )
    if sample.list_of_files:
        said.append(
            plural(
                sample.list_of_files,
                translate("phrases", "{n} record holds a part of the list of files."),
                translate("phrases", "{n} records hold a part of the list of files."),
            )
        )
    return " ".join(said)


def no_rows(sample: Sample) -> tuple[str, str]:
    """Title and words where records are proven and none can be read."""
    if not sample.proven:
        return (
            translate("phrases", "Nothing can be shown"),
            translate(
                "phrases",
                "Everything that was drawn looks like personal data, and the owner keeps it back.",
            ),
        )
    said = translate("phrases", "{kinds} What is proven holds all the same.")
    title = translate("phrases", "These records cannot be shown as rows")
    return title, said.format(kinds=_kinds())


def _kinds() -> str:
    return translate(
        "phrases",
        "Text, tables of text (CSV, TSV) and JSON lines can. Pictures, sound, Parquet, spreadsheets"
        " and whatever is compressed cannot be read from single records.",
    )


_AS_ROWS = ("csv", "tsv", "jsonl", "json", "text")


def rows_expected(accessibility: str) -> str:
    """Before anybody asks: whether what is drawn can be shown as rows, by the format that the
    listing declares (`Claims.accessibility`). Nothing where it can."""
    format = accessibility.partition(" ")[0]
    if format in _AS_ROWS:
        return ""
    if format and format not in profile.FORMATS:
        return translate(
            "phrases",
            "The owner declares a format that is not known here. Not every kind of file can be"
            " shown as rows. {kinds}",
        ).format(kinds=_kinds())
    if not format:
        return translate(
            "phrases",
            "The owner declares no format. Not every kind of file can be shown as rows. {kinds}",
        ).format(kinds=_kinds())
    return translate(
        "phrases",
        "By what the owner declares, these records cannot be shown as rows (format: {format})."
        " {kinds}",
    ).format(format=profile.format_and_encoding(format, ""), kinds=_kinds())


# --- the owner --------------------------------------------------------------------------------


def allow() -> str:
    return translate("phrases", "Buyers may see a sample")


def allow_text(allowance: SampleAllowance) -> str:
    text = translate(
        "phrases",
        "A buyer who asks sees {records} of {of}, drawn by chance. Your app gives them while it"
        " runs; refusing costs nothing.",
    )
    return text.format(records=records(allowance.for_one), of=words.number(allowance.of))


def personal() -> str:
    return translate("phrases", "Also records with personal data")


def personal_text(has: bool) -> str:
    if has:
        return translate(
            "phrases",
            "This dataset is said to hold personal data, a column looks like it, or its columns"
            " were not looked at: without this, no sample of it is given. You answer for what you"
            " show.",
        )
    return translate(
        "phrases",
        "Otherwise a record with something like an e-mail address, a phone number or an identity"
        " number is kept back, and the buyer is told how many were.",
    )


def most_records() -> str:
    return translate("phrases", "Records for one buyer, at most")


def most_records_hint() -> str:
    return translate("phrases", "And never more than one in a hundred.")


def buyers_a_day() -> str:
    return translate("phrases", "New buyers a day, at most")


def share() -> str:
    return translate("phrases", "Of all records, for all buyers together")


def share_hint() -> str:
    return translate("phrases", "One person may ask under many names; this is what they can get.")


def share_of(percent: int) -> str:
    return translate("phrases", "{n} %").format(n=percent)


def seen_title(n: int) -> str:
    if not n:
        return translate("phrases", "Nobody has asked for a sample yet.")
    return plural(
        n,
        translate("phrases", "{n} buyer has a sample"),
        translate("phrases", "{n} buyers have a sample"),
    )


def seen(one: SampleSeen) -> tuple[str, str]:
    """Who, and what they got."""
    if not one.records:
        text = translate("phrases", "agreed on {when}, not fetched")
        return one.by, text.format(when=words.moment(one.at))
    text = translate("phrases", "{records}, agreed on {when}")
    return one.by, text.format(records=records(one.records), when=words.moment(one.at))
