"""Wanted: what buyers look for, and what of mine may be that."""

from __future__ import annotations

from app.domain.snapshots.wants import WantCard
from app.domain.wants import Reason
from app.ui.phrases import dataset as shared
from app.ui.phrases import words
from app.ui.phrases.profile import share
from app.ui.phrases.words import plural, translate


def title() -> str:
    return translate("phrases", "Wanted")


def lead() -> str:
    return translate(
        "phrases",
        "What buyers look for. Your own datasets are compared with it on this computer; nobody sees"
        " what fits until you answer.",
    )


def post() -> str:
    return translate("phrases", "Say what you look for")


def posting() -> str:
    return translate("phrases", "What you look for is being recorded…")


def nothing() -> tuple[str, str]:
    return (
        translate("phrases", "Nobody looks for anything now"),
        translate(
            "phrases",
            "Say what data you need: owners whose data fits are told, and write to you.",
        ),
    )


def back() -> str:
    return translate("phrases", "Browse")


def facts(want: WantCard) -> str:
    price = translate("phrases", "up to {price}").format(price=words.money(want.price)) if (
        want.price) else ""  # fmt: skip
    complete = translate("phrases", "at least {share} complete").format(
        share=share(want.least_complete)) if want.least_complete else ""  # fmt: skip
    parts = (shared.field_of_data(want.field), want.region, want.period, complete, price)
    return "  ·  ".join(part for part in parts if part)


def columns(want: WantCard) -> str:
    return translate("phrases", "Columns: {names}").format(names=", ".join(want.columns))


def by(want: WantCard) -> str:
    who = translate("phrases", "you") if want.mine else want.by
    return translate("phrases", "By {who}, until {when}").format(
        who=who, when=words.date(want.expires_at)
    )


def untitled() -> str:
    return translate("phrases", "No title")


def fits(count: int) -> str:
    return plural(
        count,
        translate("phrases", "{n} of your datasets may be that:"),
        translate("phrases", "{n} of your datasets may be that:"),
    )


def reason(one: Reason) -> str:
    text = {
        "columns": translate("phrases", "columns {said}"),
        "words": translate("phrases", "words {said}"),
        "field": translate("phrases", "same field"),
        "region": translate("phrases", "region {said}"),
        "period": translate("phrases", "period {said}"),
        "price": translate("phrases", "within the price"),
        "complete": translate("phrases", "{said}% complete"),
        "rating": translate("phrases", "rated {said} of 5"),
    }[one.what]
    return text.format(said=one.said)


def reasons(some: tuple[Reason, ...]) -> str:
    return "  ·  ".join(reason(one) for one in some)


def answer() -> str:
    return translate("phrases", "Answer")


def open_answer() -> str:
    return translate("phrases", "Open the conversation")


def take_back() -> str:
    return translate("phrases", "Take back")


def for_what(what: str, want: WantCard) -> str:
    """A button among many, as a screen reader says it."""
    return translate("phrases", "{what}: {name}").format(what=what, name=want.title)


# --- posting and answering --------------------------------------------------------------------


def post_explained() -> str:
    return translate(
        "phrases",
        "It stands on the permanent record with your name: write nothing about persons. Owners are"
        " told where their data fits.",
    )


def fee(text: str) -> str:
    return translate("phrases", "Recording fee: about {fee}").format(fee=text)


def field_names() -> dict[str, tuple[str, str]]:
    """Field → its name and what stands under it."""
    return {
        "title": (translate("phrases", "What you look for, in a few words"), ""),
        "what": (translate("phrases", "More about it"), ""),
        "field": (translate("phrases", "Field"), ""),
        "region": (translate("phrases", "Region"), ""),
        "period": (translate("phrases", "Period, such as 2019–2024"), ""),
        "columns": (
            translate("phrases", "Columns you need"),
            translate("phrases", "With commas between them."),
        ),
        "complete": (
            translate("phrases", "How complete"),
            translate("phrases", "Cells of the table that are filled in, as the owner declares."),
        ),
        "price": (translate("phrases", "Highest price"), ""),
        "days": (translate("phrases", "It stands for"), ""),
    }


def any_field() -> str:
    return translate("phrases", "Any field")


def complete() -> list[tuple[str, str]]:
    least = translate("phrases", "At least {share}")
    some = [(str(one), least.format(share=share(one))) for one in (9000, 9500, 9900, 9990)]
    return [("", translate("phrases", "Does not matter")), *some]


def days() -> list[tuple[str, str]]:
    return [
        ("30", translate("phrases", "A month")),
        ("7", translate("phrases", "A week")),
        ("91", translate("phrases", "Three months")),
        ("365", translate("phrases", "A year")),
    ]


def post_do() -> str:
    return translate("phrases", "Put it on the record")


def missing_title() -> str:
    return translate("phrases", "Say in a few words what you look for.")


def answer_title() -> str:
    return translate("phrases", "Answer what is wanted")


def answer_explained(who: str, dataset: str) -> str:
    return translate(
        "phrases",
        "Your words go to {who} with “{dataset}”. They can write back and make an offer for it.",
    ).format(who=who, dataset=dataset)


def answer_text(want: WantCard, dataset: str) -> str:
    """What the answer begins with; it can be changed."""
    return translate(
        "phrases", "You look for “{title}”. My dataset “{dataset}” may be what you need."
    ).format(title=want.title, dataset=dataset)


def answer_words() -> str:
    return translate("phrases", "Your words")


def answer_do() -> str:
    return translate("phrases", "Send")


def take_back_title() -> str:
    return translate("phrases", "Take back what you look for?")


def take_back_explained() -> str:
    return translate("phrases", "Owners no longer see it. What was recorded stays on the record.")
