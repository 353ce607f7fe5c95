"""Registering a dataset, step by step."""

from __future__ import annotations

from app.domain.snapshots.datasets import Match
from app.ui.phrases import words
from app.ui.phrases.words import QT_TRANSLATE_NOOP, plural, say, translate

# --- the page ---------------------------------------------------------------------------------

_STEPS = {
    "file": QT_TRANSLATE_NOOP("phrases", "File"),
    "check": QT_TRANSLATE_NOOP("phrases", "Check"),
    "describe": QT_TRANSLATE_NOOP("phrases", "Describe"),
    "price": QT_TRANSLATE_NOOP("phrases", "Price"),
    "review": QT_TRANSLATE_NOOP("phrases", "Review"),
}
_HEADS = {
    "file": QT_TRANSLATE_NOOP("phrases", "Choose the data"),
    "check": QT_TRANSLATE_NOOP("phrases", "Was it registered before?"),
    "describe": QT_TRANSLATE_NOOP("phrases", "Describe it for buyers"),
    "price": QT_TRANSLATE_NOOP("phrases", "What does it cost?"),
    "review": QT_TRANSLATE_NOOP("phrases", "Review and save"),
}
_LEADS = {
    "file": QT_TRANSLATE_NOOP(
        "phrases", "It stays on this computer. Lading reads it once and computes its fingerprint."
    ),
    "check": QT_TRANSLATE_NOOP(
        "phrases", "The fingerprint is looked up among everything that was registered."
    ),
    "describe": QT_TRANSLATE_NOOP(
        "phrases", "Buyers see only what you write here and the columns, never the data."
    ),
    "price": QT_TRANSLATE_NOOP(
        "phrases", "Buyers can make other offers; you decide about each of them."
    ),
    "review": QT_TRANSLATE_NOOP(
        "phrases", "This is everything that becomes public. Read it once more."
    ),
}
_STANDINGS = {
    "done": QT_TRANSLATE_NOOP("phrases", "done"),
    "now": QT_TRANSLATE_NOOP("phrases", "open now"),
    "to_come": QT_TRANSLATE_NOOP("phrases", "to come"),
    "problem": QT_TRANSLATE_NOOP("phrases", "needs a look"),
}


def title() -> str:
    return translate("phrases", "Register")


def step(code: str) -> str:
    return say(_STEPS, code)


def head(code: str) -> str:
    return say(_HEADS, code)


def lead(code: str) -> str:
    return say(_LEADS, code)


def step_meaning(number: int, of: int, name: str, standing: str) -> str:
    return translate("phrases", "Step {n} of {of}: {name}, {standing}").format(
        n=number, of=of, name=name, standing=say(_STANDINGS, standing)
    )


def go_on() -> str:
    return translate("phrases", "Continue")


def start_another() -> str:
    return translate("phrases", "Start another")


def start_another_hint() -> str:
    return translate("phrases", "This one is kept as a draft in My datasets.")


def kept() -> str:
    return translate("phrases", "Saved as a draft on this computer")


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


# --- describe ---------------------------------------------------------------------------------


def what_it_is() -> str:
    return translate("phrases", "What it is")


def public_hint() -> str:
    return translate(
        "phrases",
        "No personal data and no free text about persons: what you write here is public and"
        " permanent.",
    )


def title_field() -> str:
    return translate("phrases", "Title")


def title_example() -> str:
    return translate("phrases", "Hourly feeder load 2019–2024")


def what_field() -> str:
    return translate("phrases", "What the data is")


def what_example() -> str:
    return translate(
        "phrases", "What was measured, how, how often, in which units, and what is missing."
    )


def field_field() -> str:
    return translate("phrases", "Field")


def no_field() -> str:
    return translate("phrases", "Choose a field")


def region_field() -> str:
    return translate("phrases", "Region")


def region_example() -> str:
    return translate("phrases", "Estonia")


def period_field() -> str:
    return translate("phrases", "Period")


def period_example() -> str:
    return translate("phrases", "2019–2024")


def columns_title() -> str:
    return translate("phrases", "Columns found")


def columns_hint(rows: int | None) -> str:
    if rows is None:
        return translate("phrases", "Names, types and how complete they are become public.")
    return plural(
        rows,
        translate("phrases", "In {n} row. Names, types and how complete they are become public."),
        translate("phrases", "In {n} rows. Names, types and how complete they are become public."),
    )


def no_columns() -> str:
    return translate("phrases", "This is not a table, so there are no columns to list.")


def columns_wait() -> str:
    return translate("phrases", "Columns are listed once the data is read to the end.")


def personal_found(names: tuple[str, ...], more: int) -> tuple[str, str]:
    listed = ", ".join(names)
    if more:
        listed = translate("phrases", "{names} and {n} more").format(names=listed, n=more)
    return (
        translate("phrases", "There may be personal data in: {names}.").format(names=listed),
        translate(
            "phrases",
            "Say so below if there is. Register it only if the persons have agreed or the law"
            " allows it.",
        ),
    )


def privacy_title() -> str:
    return translate("phrases", "Personal data and confidentiality")


def personal_data() -> str:
    return translate("phrases", "The data contains personal data")


def personal_data_hint() -> str:
    return translate("phrases", "Anything about a person who can be recognised, also indirectly.")


def confidential() -> str:
    return translate("phrases", "Register confidentially")


def confidential_hint() -> str:
    return translate(
        "phrases",
        "The fingerprint of the files stays off the record: nobody who has the same files can"
        " tell that you registered them, but copies cannot be found either.",
    )


def confidential_must_personal() -> str:
    return translate(
        "phrases", "Always on for personal data: nobody may find persons by comparing files."
    )


def confidential_must_small() -> str:
    return translate(
        "phrases",
        "Always on for content under 64 KiB or with personal data: it could be guessed from its"
        " fingerprint.",
    )


def licence_title() -> str:
    return translate("phrases", "Licence you offer")


def licence_hint() -> str:
    return translate("phrases", "Buyers can ask for other terms; nothing binds before you sign.")


def leaves_title() -> str:
    return translate("phrases", "What leaves this computer")


def leaves() -> str:
    return translate(
        "phrases",
        "Title, description, columns, licence, price and fingerprint. Nothing else: the data"
        " itself goes only to a buyer who has paid.",
    )


# --- price ------------------------------------------------------------------------------------


def price_title() -> str:
    return translate("phrases", "Price for one licence")


def price_field() -> str:
    return translate("phrases", "Price")


def currency_field() -> str:
    return translate("phrases", "Currency")


def price_hint() -> str:
    return translate("phrases", "You can change it later; orders keep the price that was agreed.")


def price_huge() -> str:
    return translate("phrases", "Nobody could pay this price. Type a smaller amount.")


def price_wait() -> str:
    return translate("phrases", "The currencies of this network are not known yet.")


def price_yours() -> tuple[str, str]:
    return (
        translate("phrases", "The whole price is yours."),
        translate(
            "phrases",
            "Nobody takes a share. The buyer's payment is held until the data has arrived and"
            " was checked, and then released to you.",
        ),
    )


# --- review -----------------------------------------------------------------------------------


def card_data() -> str:
    return translate("phrases", "Data")


def card_description() -> str:
    return translate("phrases", "Description")


def card_cost() -> str:
    return translate("phrases", "Recording")


def change() -> str:
    return translate("phrases", "Change")


def change_meaning(what: str) -> str:
    return translate("phrases", "Change: {what}").format(what=what)


def key_path() -> str:
    return translate("phrases", "From")


def key_check() -> str:
    return translate("phrases", "Checked")


def key_confidential() -> str:
    return translate("phrases", "Confidential")


def yes_no(value: bool) -> str:
    return translate("phrases", "Yes") if value else translate("phrases", "No")


def missing() -> str:
    return translate("phrases", "missing")


def recording_fee() -> str:
    return translate("phrases", "Recording fee")


def recording_fee_hint() -> str:
    return translate("phrases", "expected, for two record entries")


def listing_size() -> str:
    return translate("phrases", "Public listing")


def listing_of(used: int, most: int) -> str:
    if not used:
        return translate("phrases", "not known yet")
    return translate("phrases", "{used} of {most} KiB").format(
        used=f"{used / 1024:.1f}", most=most // 1024
    )


def listing_too_large() -> str:
    return translate("phrases", "Too large for the record: shorten the description.")


def forever() -> tuple[str, str]:
    return (
        translate("phrases", "It cannot be deleted later."),
        translate(
            "phrases",
            "What is saved to the record stays there for everyone to read. You can withdraw the"
            " dataset from sale at any time.",
        ),
    )


_NEEDS = {
    "read": QT_TRANSLATE_NOOP("phrases", "The data is not read to the end."),
    "title": QT_TRANSLATE_NOOP("phrases", "A title is missing."),
    "what": QT_TRANSLATE_NOOP("phrases", "The description is missing."),
    "terms": QT_TRANSLATE_NOOP("phrases", "The licence is not complete."),
    "price": QT_TRANSLATE_NOOP("phrases", "A price is missing."),
    "listing": QT_TRANSLATE_NOOP("phrases", "The description is too long for the record."),
}


def need(code: str) -> str:
    return say(_NEEDS, code)


def needs_title() -> str:
    return translate("phrases", "Before it can be saved:")


def save() -> str:
    return translate("phrases", "Save to the record")


def saving() -> str:
    return translate("phrases", "Saving…")


# --- what came of it --------------------------------------------------------------------------

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
