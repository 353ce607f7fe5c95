"""What a description that a draft was filled in from says of quality, beside what was measured."""

from __future__ import annotations

from collections.abc import Sequence

from app.domain.stated import Beside, Statement
from app.ui.phrases import profile, words
from app.ui.phrases.words import plural, translate

_LONGEST_NAME = 40


def title() -> str:
    return translate("phrases", "What the description says about quality")


def hint() -> str:
    return translate(
        "phrases",
        "It stands in the file you filled in from, beside what was measured on this computer. None"
        " of it is declared, and buyers do not see it here.",
    )


def lead(lines: Sequence[Beside], left_out: int, *, looking: bool) -> str:
    """How many agree, and how many cannot be told."""
    if looking:
        return translate("phrases", "It is compared once the values have been looked at.")
    said = []
    differ = sum(not line.agrees for line in lines)
    if differ:
        said.append(
            plural(
                differ,
                translate("phrases", "{n} statement differs from what was measured."),
                translate("phrases", "{n} statements differ from what was measured."),
            )
        )
    if len(lines) > differ:
        said.append(
            plural(
                len(lines) - differ,
                translate("phrases", "{n} statement agrees with what was measured."),
                translate("phrases", "{n} statements agree with what was measured."),
            )
        )
    if left_out:
        said.append(
            plural(
                left_out,
                translate("phrases", "{n} statement cannot be compared and is left out."),
                translate("phrases", "{n} statements cannot be compared and are left out."),
            )
        )
    return " ".join(said)


def about(one: Statement) -> str:
    """ "Completeness of load_kw"."""
    name = profile.dimension(one.what)
    if not one.column:
        return name
    short = one.column[:_LONGEST_NAME] + ("…" if len(one.column) > _LONGEST_NAME else "")
    return translate("phrases", "{what} of {column}").format(what=name, column=short)


def line(one: Beside) -> str:
    text = translate("phrases", "The description says: {said}. Measured: {found}.")
    if not one.agrees:
        text = translate(
            "phrases", "The description says: {said}. Measured: {found}, which differs."
        )
    return text.format(said=_said(one.statement), found=_figure(one.statement, one.measured))


def more(n: int) -> str:
    return plural(
        n,
        translate("phrases", "{n} more is not shown here."),
        translate("phrases", "{n} more are not shown here."),
    )


def _said(one: Statement) -> str:
    if one.text:
        return _figure(one, one.text)
    least = "" if one.least is None else _figure(one, one.least)
    most = "" if one.most is None else _figure(one, one.most)
    if one.least == one.most:
        return least
    if least and most:
        return translate("phrases", "{least} to {most}").format(least=least, most=most)
    if least:
        return translate("phrases", "at least {figure}").format(figure=least)
    return translate("phrases", "at most {figure}").format(figure=most)


def _figure(one: Statement, value: float | str) -> str:
    if isinstance(value, str):
        return profile.value(one.what, value)
    if not one.faults and one.what != "rows":
        return profile.share(value)
    count = words.number(int(value)) if float(value).is_integer() else f"{value:.2f}"
    if one.what == "rows":
        return count
    text = {
        "accuracy": translate("phrases", "{n} that repeat another row"),
        "completeness": translate("phrases", "{n} not filled in"),
        "conformity": translate("phrases", "{n} of another kind"),
    }[one.what]
    return text.format(n=count)
