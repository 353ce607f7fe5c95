"""Words used everywhere, and how amounts, sizes, times and codes are written."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from app.domain.snapshots.money import Amount, Currency

translate = QCoreApplication.translate

_DAY = 86_400
_PLAIN_YEAR = 300 * _DAY  # so far from now a date needs no year to be understood


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Marks ``text`` for Qt Linguist and leaves it as it is; `say` translates it when shown."""
    return text


def say(table: Mapping[str, str], code: str, **values: object) -> str:
    """The sentence for ``code``, with ``values`` in its gaps; the code itself if it is unknown."""
    text = translate("phrases", table[code]) if code in table else code
    return text.format(**values) if values else text


def plural(n: int, one: str, many: str) -> str:
    """``one`` or ``many``, both already translated, with ``{n}`` filled in."""
    return (one if n == 1 else many).format(n=f"{n:,}")


# --- amounts --------------------------------------------------------------------------------


def figure(units: int, decimals: int, *, most: int | None = None) -> str:
    """1200000000 with 6 decimals → "1,200.00": two decimals at least, more only if they count.

    With ``most`` decimals the rest is rounded up, so that a cost is never shown too low.
    """
    shown = decimals if most is None else min(most, decimals)
    scaled = -(-units // 10 ** (decimals - shown))
    whole, part = divmod(abs(scaled), 10**shown)
    digits = f"{part:0{shown}d}".rstrip("0").ljust(min(2, shown), "0") if shown else ""
    sign = "−" if scaled < 0 else ""
    return f"{sign}{whole:,}.{digits}" if digits else f"{sign}{whole:,}"


def money(amount: Amount) -> str:
    """ "1,200.00 USDC"."""
    return f"{figure(amount.units, amount.currency.decimals)} {amount.currency.symbol}"


def fee(wei: int | None, currency: Currency | None) -> str:
    """What recording costs, at most six decimals and rounded up; in words while unknown."""
    if wei is None or currency is None:
        return translate("phrases", "not known yet")
    if wei == 0:
        return translate("phrases", "none")
    return f"{figure(wei, currency.decimals, most=6)} {currency.symbol}"


def number(n: int) -> str:
    return f"{n:,}"


def percent(share: float) -> str:
    """Rounded down: 100 % means all of it."""
    return f"{int(share * 100)}%"


# --- sizes and times ------------------------------------------------------------------------


def size(count: int) -> str:
    """Bytes as "4.6 GB", powers of 1000 as file systems' makers count."""
    if count < 1000:
        return translate("phrases", "{n} bytes").format(n=count)
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def size_of(done: int, total: int) -> str:
    """ "2.9 of 4.6 GB", the unit once where it is the same."""
    first, last = size(done), size(total)
    if first.rpartition(" ")[2] == last.rpartition(" ")[2]:
        first = first.rpartition(" ")[0]
    return translate("phrases", "{done} of {total}").format(done=first, total=last)


def speed(per_second: int) -> str:
    return f"{size(per_second)}/s" if per_second else translate("phrases", "waiting")


def duration(seconds: int) -> str:
    """ "7 days", "4 min": the largest unit that fits, rounded."""
    if seconds >= 2 * _DAY:
        return plural(
            round(seconds / _DAY), translate("phrases", "{n} day"), translate("phrases", "{n} days")
        )
    if seconds >= 2 * 3600:
        return plural(
            round(seconds / 3600),
            translate("phrases", "{n} hour"),
            translate("phrases", "{n} hours"),
        )
    if seconds >= 60:
        return translate("phrases", "{n} min").format(n=round(seconds / 60))
    return translate("phrases", "{n} s").format(n=max(0, seconds))


def time_left(seconds: int | None) -> str:
    if seconds is None:
        return "–"
    return translate("phrases", "about {time}").format(time=duration(seconds))


def _written(at: int, pattern: str) -> str:
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(at), pattern)


def date(at: int | None) -> str:
    """ "18 Nov", with the year where that is not plain."""
    if at is None:
        return ""
    near = abs(at - time.time()) < _PLAIN_YEAR
    short, long = translate("phrases", "d MMM"), translate("phrases", "d MMM yyyy")
    return _written(at, short if near else long)


def moment(at: int | None) -> str:
    """ "21 Nov, 14:02"."""
    return "" if at is None else f"{date(at)}, {_written(at, 'HH:mm')}"


def today() -> str:
    """The date with its year, as it stands on paper."""
    return QLocale().toString(QDate.currentDate(), translate("phrases", "d MMM yyyy"))


def ago(at: int, now: int | None = None) -> str:
    """ "5 min ago"; the moment itself once it is a day old."""
    passed = (int(time.time()) if now is None else now) - at
    if passed < 60:
        return translate("phrases", "just now")
    if passed < _DAY:
        return translate("phrases", "{time} ago").format(time=duration(passed))
    return moment(at)


# --- codes ----------------------------------------------------------------------------------


def fingerprint(code: str) -> str:
    """A long hex code as people compare it: "7c1f 09ae 5bd2 … e441"."""
    plain = code.removeprefix("0x")
    if len(plain) <= 20:
        return plain
    return f"{plain[:4]} {plain[4:8]} {plain[8:12]} … {plain[-4:]}"


def grouped(code: str) -> str:
    """The whole code in groups of four."""
    plain = code.removeprefix("0x")
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))


# --- words on buttons -----------------------------------------------------------------------


def copy() -> str:
    return translate("phrases", "Copy")


def copy_details() -> str:
    return translate("phrases", "Copy details")


def cancel() -> str:
    return translate("phrases", "Cancel")


def close() -> str:
    return translate("phrases", "Close")


def back() -> str:
    return translate("phrases", "Back")


def next_step() -> str:
    return translate("phrases", "Next")


def dismiss() -> str:
    return translate("phrases", "Dismiss")


def show_password() -> str:
    return translate("phrases", "Show the password")


def required(what: str) -> str:
    return translate("phrases", "{what} is missing.").format(what=what)


# --- money fields ---------------------------------------------------------------------------


def money_problem(code: str, currency: Currency) -> str:
    """Why an amount was not understood: "empty", "number", "negative", "zero", "precise"."""
    return say(_MONEY_PROBLEMS, code, symbol=currency.symbol, decimals=currency.decimals)


_MONEY_PROBLEMS = {
    "empty": QT_TRANSLATE_NOOP("phrases", "Type an amount in {symbol}."),
    "number": QT_TRANSLATE_NOOP("phrases", "Type the amount in figures, such as 1200.50."),
    "negative": QT_TRANSLATE_NOOP("phrases", "The amount cannot be negative."),
    "zero": QT_TRANSLATE_NOOP("phrases", "The amount must be more than zero."),
    "precise": QT_TRANSLATE_NOOP(
        "phrases", "{symbol} has at most {decimals} figures after the point."
    ),
    "large": QT_TRANSLATE_NOOP("phrases", "This amount is too large."),
}


def record_state(state: str) -> str:
    return say(_RECORD_STATES, state)


_RECORD_STATES = {
    "draft": QT_TRANSLATE_NOOP("phrases", "draft"),
    "being_recorded": QT_TRANSLATE_NOOP("phrases", "being recorded…"),
    "recorded": QT_TRANSLATE_NOOP("phrases", "recorded"),
    "final": QT_TRANSLATE_NOOP("phrases", "final"),
    "failed": QT_TRANSLATE_NOOP("phrases", "failed"),
    "withdrawn": QT_TRANSLATE_NOOP("phrases", "withdrawn"),
}


def record_entry(what: str) -> str:
    """What a record entry says happened; ``what`` as in `app.domain.snapshots.records`."""
    return say(_RECORD_ENTRIES, what)


_RECORD_ENTRIES = {
    "commit": QT_TRANSLATE_NOOP("phrases", "Registration announced"),
    "register": QT_TRANSLATE_NOOP("phrases", "Dataset registered"),
    "listing": QT_TRANSLATE_NOOP("phrases", "Listing changed"),
    "want": QT_TRANSLATE_NOOP("phrases", "Said what you look for"),
    "unwant": QT_TRANSLATE_NOOP("phrases", "Took back what you look for"),
    "withdraw_listing": QT_TRANSLATE_NOOP("phrases", "Listing withdrawn"),
    "transfer_title": QT_TRANSLATE_NOOP("phrases", "Title handed on"),
    "same_content": QT_TRANSLATE_NOOP("phrases", "Same content registered"),
    "alike": QT_TRANSLATE_NOOP("phrases", "Much the same data registered"),
    "profile": QT_TRANSLATE_NOOP("phrases", "Identity published"),
    "approve": QT_TRANSLATE_NOOP("phrases", "Payment allowed"),
    "fund": QT_TRANSLATE_NOOP("phrases", "Payment placed in holding"),
    "acknowledge": QT_TRANSLATE_NOOP("phrases", "Delivery acknowledged"),
    "reveal": QT_TRANSLATE_NOOP("phrases", "Key recorded"),
    "confirm": QT_TRANSLATE_NOOP("phrases", "Accepted, payment released"),
    "complain": QT_TRANSLATE_NOOP("phrases", "Wrong record proven, payment returned"),
    "accept": QT_TRANSLATE_NOOP("phrases", "Check period over, payment released"),
    "rate": QT_TRANSLATE_NOOP("phrases", "Rated"),
    "refund": QT_TRANSLATE_NOOP("phrases", "Payment returned"),
    "bond": QT_TRANSLATE_NOOP("phrases", "Bond added"),
    "take_out": QT_TRANSLATE_NOOP("phrases", "Taken out"),
    "send": QT_TRANSLATE_NOOP("phrases", "Sent"),
    "practice": QT_TRANSLATE_NOOP("phrases", "Practice dollars received"),
}
