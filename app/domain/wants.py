"""What a buyer looks for, as it stands on record, and whether a listing fits it.

A want is a JSON object like a listing (`chain.listing`), of at most 4 KiB compressed. Reading is
forgiving in the same way. Who owns data compares it with the listings of its own, on its own
computer; the reasons are shown with the match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain import telling, wording
from app.domain.errors import RuleError
from app.domain.listing import LONGEST, MAX_PRICE_UNITS, Listing
from app.domain.want_commands import Want as Want

MOST_COLUMNS = 20
LONGEST_COLUMN = 80
WHOLE = 10_000
LEAST_DAYS, MOST_DAYS = 1, 366
COMMON_WORDS = 2
"""Words that want and listing must share where no column that says something is found."""
MOST_TIMES = 10
"""The highest price that is still worth a talk, as a multiple of what is offered for it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a dataset fits: ``what`` is "words", "columns", "field", "region", "period", "price",
    "complete" or "rating"; ``said`` is what both say, "" where the name says it all."""

    what: str
    said: str = ""


def check(want: Want) -> None:
    """RuleError names what is missing or too long."""
    if not want.title.strip():
        raise RuleError("want.title", "Say in a few words what you look for.")
    for name in ("title", "what", "field", "region", "period"):
        if len(getattr(want, name)) > LONGEST[name]:
            raise RuleError(
                "describe.long",
                f"Shorten the {name}: at most {LONGEST[name]} characters fit.",
                field=name,
                longest=LONGEST[name],
            )
    if len(want.columns) > MOST_COLUMNS or any(len(c) > LONGEST_COLUMN for c in want.columns):
        raise RuleError("want.columns", "At most 20 columns of 80 characters each fit.")
    if want.max_price_units is not None and not 0 < want.max_price_units <= MAX_PRICE_UNITS:
        raise RuleError("price.zero", "The price must be more than zero.")
    if not 0 <= want.least_complete <= WHOLE:
        raise RuleError("want.complete", "At most all of the cells can be filled in.")


def document(want: Want) -> dict[str, Any]:
    """The JSON object that goes on record."""
    price = want.max_price_units
    quality = {"quality": {"completeness": want.least_complete}} if want.least_complete else {}
    return {
        "lading": 1,
        "title": want.title.strip(),
        "what": want.what.strip(),
        "field": want.field.strip(),
        "region": want.region.strip(),
        "period": want.period.strip(),
        "columns": list(want.columns),
        **quality,
    } | ({} if price is None else {"price": {"token": want.token, "units": str(price)}})


def read(raw: dict[str, Any]) -> Want:
    """What a want on record says, whatever it says."""
    texts = {name: _text(raw.get(name), longest) for name, longest in LONGEST.items()}
    columns = raw.get("columns")
    names = [_text(one, LONGEST_COLUMN) for one in columns[:MOST_COLUMNS]] if isinstance(
        columns, list) else []  # fmt: skip
    token, units = _price(raw.get("price"))
    return Want(
        **texts,
        columns=tuple(name for name in names if name),
        token=token,
        max_price_units=units,
        least_complete=_complete(raw.get("quality")),
    )


def fits(want: Want, listing: Listing, rating: int | None = None) -> tuple[Reason, ...]:
    """Why the listing may be what is wanted, the strongest reason first; nothing if it is not.
    ``rating`` of the dataset in tenths of 5. Another field or region than was asked for never fits,
    nor other years, nor what is declared to be less complete; a higher price may, since it can be
    talked about, unless it is another order of magnitude."""
    complete = listing.claims.completeness
    if complete is not None and complete < want.least_complete:
        return ()
    said = listing.description
    field, region = said.field.casefold(), said.region.casefold()
    if (want.field and field != want.field.casefold()) or (
        want.region and region and region != want.region.casefold()
    ):
        return ()
    asked_years, years = _years(want.period), _years(said.period)
    if asked_years and years and not asked_years & years:
        return ()
    price = listing.price_units if listing.token == want.token else None
    if want.max_price_units is not None and (price or 0) > want.max_price_units * MOST_TIMES:
        return ()
    theirs = {telling.column(column.name) for column in listing.columns}
    columns = [name for name in want.columns if telling.column(name) in theirs]
    asked = telling.words(f"{want.title}\n{want.what}")
    told = telling.words(f"{said.title}\n{said.what}")
    common = [told[word] for word in told if word in asked]
    needed = min(COMMON_WORDS, max(len(asked), 1))
    if len(common) < needed and all(telling.says_little(name) for name in columns):
        return ()
    reasons = [Reason("columns", ", ".join(columns))] if columns else []
    reasons += [Reason("words", ", ".join(sorted(common, key=lambda w: (-len(w), w))[:6]))] * bool(
        common
    )
    reasons += [Reason("field")] * bool(want.field)
    reasons += [Reason("region", said.region)] * bool(want.region and region)
    if asked_years & years:
        reasons.append(Reason("period", said.period))
    if want.max_price_units is not None and price is not None:
        reasons += [Reason("price")] * (price <= want.max_price_units)
    if want.least_complete and complete is not None:
        reasons.append(Reason("complete", f"{complete / 100:.2f}".rstrip("0").rstrip(".")))
    if rating is not None and rating >= 40:
        reasons.append(Reason("rating", f"{rating / 10:.1f}"))
    return tuple(reasons)


def _years(text: str) -> set[int]:
    """Years that a period names, with those between two of them."""
    found = [int(word) for word in wording.words(text) if len(word) == 4 and word.isdecimal()]
    return set(range(min(found), max(found) + 1)) if found and max(found) < 3000 else set()


def _text(raw: Any, longest: int) -> str:
    text = raw[:longest] if isinstance(raw, str) else ""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def _complete(raw: Any) -> int:
    said = raw.get("completeness") if isinstance(raw, dict) else 0
    return said if type(said) is int and 0 <= said <= WHOLE else 0


def _price(raw: Any) -> tuple[str, int | None]:
    token, units = (raw.get("token"), raw.get("units")) if isinstance(raw, dict) else ("", "")
    if not isinstance(token, str) or not isinstance(units, str) or len(units) > 25:
        return "", None
    if not (token.isascii() and units.isascii() and units.isdigit()):
        return "", None
    return token[:42], int(units) or None
