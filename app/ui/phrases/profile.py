"""What was found in a file's values, what is declared of it, and why a table could not be read."""

from __future__ import annotations

from app.domain.snapshots.datasets import Column, Comparison, Profile
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

FORMATS = {
    "csv": "CSV",
    "tsv": "TSV",
    "jsonl": QT_TRANSLATE_NOOP("phrases", "JSON lines"),
    "json": "JSON",
    "parquet": "Parquet",
    "excel": QT_TRANSLATE_NOOP("phrases", "Spreadsheet"),
    "png": "PNG",
    "jpeg": "JPEG",
    "gif": "GIF",
    "webp": "WebP",
    "tiff": "TIFF",
    "pdf": "PDF",
    "zip": "ZIP",
    "gzip": "gzip",
    "zstd": "Zstandard",
    "7z": "7z",
    "sqlite": "SQLite",
    "hdf5": "HDF5",
    "mp3": "MP3",
    "mp4": "MP4",
    "ogg": "Ogg",
    "flac": "FLAC",
    "wav": "WAV",
    "text": QT_TRANSLATE_NOOP("phrases", "Text"),
}
_ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030",
    "big5": "Big5",
    "latin-1": "Latin-1",
    "utf-16": "UTF-16",
    "unknown": QT_TRANSLATE_NOOP(
        "phrases", "unknown encoding: names may be wrong, save it as UTF-8 to have them right"
    ),
}
_PROBLEMS = {
    "failed": QT_TRANSLATE_NOOP(
        "phrases",
        "Looking at this file ended early: there may be too little memory, or no room on the disk."
        " It can be registered as it is.",
    ),
    "broken": QT_TRANSLATE_NOOP(
        "phrases",
        "This file is broken, or not what its beginning says: its columns could not be read. It"
        " can be registered all the same; nothing is declared about its values.",
    ),
    "encrypted": QT_TRANSLATE_NOOP(
        "phrases",
        "This file has a password, so its columns could not be read. Buyers will need the"
        " password too: save it without one, or say in the description how they get it.",
    ),
    "too_large": QT_TRANSLATE_NOOP(
        "phrases",
        "This file unpacks to more than Lading looks at, or one cell of its sheet stands far away"
        " from the others. Delete what is far out, or save it as CSV or Parquet, to have its"
        " columns listed; it can be registered as it is.",
    ),
    "one_line": QT_TRANSLATE_NOOP(
        "phrases",
        "A line of this file goes on for more than a megabyte, so there are no rows to count. If it"
        " should be a table, save it again with one row in each line.",
    ),
    "binary": QT_TRANSLATE_NOOP(
        "phrases",
        "There are bytes in this file that no text has, though its name is that of a table, so its"
        " columns could not be read. Save it again as UTF-8 to have them listed; it can be"
        " registered as it is.",
    ),
    "wide": QT_TRANSLATE_NOOP(
        "phrases",
        "This table has more than 20,000 columns, more than Lading reads. It can be registered"
        " as it is.",
    ),
    "slow": QT_TRANSLATE_NOOP(
        "phrases",
        "Looking at the values took more than half an hour and was stopped. The file can be"
        " registered as it is.",
    ),
    "stopped": QT_TRANSLATE_NOOP(
        "phrases",
        "You stopped the look at the values. Choose the file again to have its columns listed.",
    ),
}
_DIMENSIONS = {
    "rows": QT_TRANSLATE_NOOP("phrases", "Rows"),
    "accuracy": QT_TRANSLATE_NOOP("phrases", "Accuracy"),
    "completeness": QT_TRANSLATE_NOOP("phrases", "Completeness"),
    "consistency": QT_TRANSLATE_NOOP("phrases", "Consistency"),
    "timeliness": QT_TRANSLATE_NOOP("phrases", "Timeliness"),
    "accessibility": QT_TRANSLATE_NOOP("phrases", "Accessibility"),
    "conformity": QT_TRANSLATE_NOOP("phrases", "Conformity"),
}
_MEANINGS = {
    "accuracy": QT_TRANSLATE_NOOP(
        "phrases", "Rows that repeat no other row. Whether values are true cannot be measured."
    ),
    "completeness": QT_TRANSLATE_NOOP("phrases", "Cells that are filled in."),
    "consistency": QT_TRANSLATE_NOOP("phrases", "Lines that have the columns of the first line."),
    "timeliness": QT_TRANSLATE_NOOP("phrases", "The latest date in the table."),
    "accessibility": QT_TRANSLATE_NOOP("phrases", "What a program has to read."),
    "conformity": QT_TRANSLATE_NOOP(
        "phrases", "Values that are what their column holds, such as a number among numbers."
    ),
}


def looking() -> str:
    return translate("phrases", "Looking at the values")


def stop() -> str:
    return translate("phrases", "Stop looking")


def problem(code: str) -> str:
    return say(_PROBLEMS, code)


def format_and_encoding(format: str, encoding: str) -> str:
    named = say(FORMATS, format)
    if not encoding:
        return named
    return translate("phrases", "{format}, {encoding}").format(
        format=named, encoding=say(_ENCODINGS, encoding) if encoding in _ENCODINGS else encoding
    )


def dimension(code: str) -> str:
    return say(_DIMENSIONS, code)


def meaning(code: str) -> str:
    return say(_MEANINGS, code)


def value(code: str, said: int | str | None) -> str:
    """A declared or measured figure as it is read."""
    if said is None or said == "":
        return "–"
    if code == "rows":
        return words.number(int(said))
    if isinstance(said, int):
        return share(said)
    return format_and_encoding(*f"{said} ".split(" ")[:2]) if code == "accessibility" else said


def claim(code: str, said: int | str) -> str:
    return translate("phrases", "{what}: {value}").format(
        what=dimension(code), value=value(code, said)
    )


def share(of_10000: float) -> str:
    """ "98.75%", to hundredths; 100% is all of it."""
    percent = of_10000 / 100 if of_10000 >= 10_000 else min(of_10000 / 100, 99.99)
    return f"{percent:.2f}".rstrip("0").rstrip(".") + "%"


def claims_title() -> str:
    return translate("phrases", "What you declare about its quality")


def claims_hint() -> str:
    return translate(
        "phrases",
        "Measured on this computer. The buyer's app measures again after delivery, and shows both"
        " beside each other; a difference goes into the rating.",
    )


def facts(profile: Profile) -> str:
    """What is known beside the columns, on one line."""
    said = []
    if profile.format != "other":
        said.append(format_and_encoding(profile.format, profile.encoding))
    if not profile.head:
        said.append(translate("phrases", "no line with names found: the columns are numbered"))
    if profile.head > 1:
        said.append(
            plural(
                profile.head - 1,
                translate("phrases", "{n} line above the names left out"),
                translate("phrases", "{n} lines above the names left out"),
            )
        )
    if profile.columns_found > len(profile.columns):
        said.append(
            translate("phrases", "the first {n} of {all} columns").format(
                n=words.number(len(profile.columns)), all=words.number(profile.columns_found)
            )
        )
    if profile.broken:
        said.append(
            plural(
                profile.broken,
                translate("phrases", "{n} broken line left out"),
                translate("phrases", "{n} broken lines left out"),
            )
        )
    if profile.repeated is not None and profile.rows:
        said.append(_repeated(profile))
    if profile.newest:
        said.append(translate("phrases", "latest date {date}").format(date=_day(profile.newest)))
    said += [_fact(code, text) for code, text in profile.facts]
    return "  ·  ".join(part for part in said if part)


def _repeated(profile: Profile) -> str:
    share_ = profile.repeated or 0.0
    if not share_:
        return translate("phrases", "no row twice")
    text = translate("phrases", "{share} of the rows repeat another")
    if not profile.repeated_exact:
        text = translate("phrases", "about {share} of the rows repeat another")
    return text.format(share=share(max(1, int(share_ * 10_000))))


def _fact(code: str, text: str) -> str:
    if code == "pixels":
        return translate("phrases", "{size} pixels").format(size=text)
    if code == "problem":
        return translate("phrases", "broken")
    if code == "held":
        return "" if "network" in text.split() else _network_open()
    if code == "personal":
        return translate("phrases", "looks like it holds personal data")
    if code == "not_compared":
        if text == "columns":
            return translate("phrases", "too large to be compared by columns")
        return translate("phrases", "too large to be compared")
    if code == "locked":
        return translate("phrases", "with a password")
    if not text.isdigit():
        return ""
    count = int(text)
    if code == "lines":
        return plural(count, translate("phrases", "{n} line"), translate("phrases", "{n} lines"))
    if code == "files":
        return plural(count, translate("phrases", "{n} file"), translate("phrases", "{n} files"))
    if code == "unseen":
        return plural(
            count,
            translate("phrases", "{n} file that could not be looked into"),
            translate("phrases", "{n} files that could not be looked into"),
        )
    if code in FORMATS:
        return translate("phrases", "{n} × {kind}").format(
            n=words.number(count), kind=say(FORMATS, code)
        )
    if code == "unpacked":
        return translate("phrases", "{size} unpacked").format(size=words.size(count))
    return ""


def _network_open() -> str:
    return translate("phrases", "read with the network open: this system cannot shut it off")


def values(column: Column) -> str:
    """What a column's values are like, in a few words."""
    if column.least:
        return translate("phrases", "{least} – {most}").format(
            least=_day(column.least), most=_day(column.most)
        )
    if column.different is None or column.kind == "empty":
        return ""
    return plural(
        column.different,
        translate("phrases", "about {n} different"),
        translate("phrases", "about {n} different"),
    )


def _day(value: str) -> str:
    """Of a moment its day."""
    return value[:10] if len(value) > 16 and value[4] == "-" else value


def values_in_full(column: Column) -> str:
    """The same with everything that is known."""
    return "  ·  ".join(details(column))


def details(column: Column) -> tuple[str, ...]:
    """All that was measured of a column's values, a sentence part each."""
    said = [values(column)] if values(column) else []
    if _day(column.least) != column.least:
        said = [f"{column.least} – {column.most}"]
    if column.least and column.different is not None:
        said.append(
            translate("phrases", "about {n} different").format(n=words.number(column.different))
        )
    if len(column.quantiles) == 5:
        names = ("least", "low", "middle", "high", "most")
        said.append(
            translate(
                "phrases",
                "5% up to {least}, 25% up to {low}, half up to {middle}, 75% up to {high}, 95% up"
                " to {most}",
            ).format(**dict(zip(names, map(_day, column.quantiles), strict=True)))
        )
    if column.shape:
        said.append(translate("phrases", "like {shape}").format(shape=column.shape))
    if column.fits < 1:
        said.append(
            translate("phrases", "{share} fit the kind").format(share=words.percent(column.fits))
        )
    return tuple(said)


def no_details() -> str:
    return translate("phrases", "Nothing was measured of its values.")


def declared_title() -> str:
    return translate("phrases", "What the owner declares")


def declared_hint() -> str:
    return translate(
        "phrases",
        "Your app measures the same after delivery and shows what differs. A difference is no"
        " reason for a refund; it goes into the rating.",
    )


def claimed(code: str, said: int | str) -> str:
    """A figure and what it counts."""
    return f"{value(code, said)}  ·  {meaning(code)}"


# --- declared against received ---------------------------------------------------------------


def compared_title(lines: int) -> str:
    if lines:
        return translate("phrases", "Declared against received")
    return translate("phrases", "Measuring what was received…")


def compared_hint() -> str:
    return translate(
        "phrases",
        "Measured on this computer in the same way as on the owner's. A share may differ by 0.01%"
        " in rounding, and by 0.5% where repeated rows are estimated; anything more counts as a"
        " difference. A difference is no reason for a refund; it goes into your rating.",
    )


def compared(line: Comparison) -> str:
    said, found = value(line.what, line.declared), value(line.what, line.received)
    if line.verdict == "differs":
        return translate("phrases", "{declared} declared, {received} received").format(
            declared=said, received=found
        )
    if line.verdict == "better":
        return translate("phrases", "{received}, better than the {declared} declared").format(
            declared=said, received=found
        )
    return translate("phrases", "{received}, as declared").format(received=found)


def differences(lines: tuple[Comparison, ...]) -> str:
    """What goes into the words of a rating before somebody writes more."""
    said = [
        f"{dimension(line.what)}: {compared(line)}." for line in lines if line.verdict == "differs"
    ]
    return "\n".join(said)


def rating_filled() -> str:
    return translate(
        "phrases",
        "Points in lines that your app has measured are filled in from it: five where all is as"
        " declared. Change what you see differently.",
    )


def rating_measuring() -> str:
    return translate(
        "phrases",
        "What has come is still being measured. A rating that is given now says nothing about"
        " whether it is as declared; come back when the order's page shows it.",
    )


# --- ratings ---------------------------------------------------------------------------------

_MARKS = {
    "self": QT_TRANSLATE_NOOP(
        "phrases", "The buyer registered this dataset itself. Shown, but not counted."
    ),
    "ring": QT_TRANSLATE_NOOP(
        "phrases",
        "Buyer and owner also sell to each other, directly or through a third. Shown, but not"
        " counted.",
    ),
}


def mark(code: str) -> str:
    return say(_MARKS, code)


def differed(codes: tuple[str, ...]) -> str:
    return translate("phrases", "Other than declared, by the buyer’s own measure: {what}").format(
        what=", ".join(dimension(code) for code in codes)
    )


def ratings_weighted() -> str:
    return translate(
        "phrases",
        "Every rating belongs to an order that was paid. Each buyer has one voice, however many"
        " orders; it counts up to four times as much or as little as is typical, by the price"
        " paid.",
    )


def ratings_left_out(n: int) -> str:
    return plural(
        n,
        translate("phrases", "{n} rating is marked below and not counted."),
        translate("phrases", "{n} ratings are marked below and not counted."),
    )
