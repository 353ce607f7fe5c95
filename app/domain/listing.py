"""The listing: what stands on record about a dataset for everyone to read, and its rules.

A JSON object of at most 8 KiB compressed (`chain.registry.encode_listing`). Reading is forgiving:
a listing is anyone's words, so what is missing or of the wrong type reads as empty, and every text
is cut to its length. Nothing in it is proven but what the registration itself proves.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from typing import Any

from app.domain import claims, heading, similarity
from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.profile_check import KINDS
from app.domain.snapshots.datasets import Claims, Column, Profile
from app.domain.terms import TermsChoice

LEAST_OPEN_BYTES = 64 * 1024
MAX_PRICE_UNITS = 10**24
LONGEST = {"title": 120, "what": 2000, "field": 60, "region": 80, "period": 80}
MAX_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing as it is shown."""

    description: Description
    terms: TermsChoice
    token: str
    price_units: int | None
    files: int
    rows: int | None
    columns: tuple[Column, ...]
    sketch: bytes = b""
    claims: Claims = Claims()


def check_price(price_units: int | None) -> None:
    """RuleError unless it is a price somebody can pay."""
    if price_units is None or price_units <= 0:
        raise RuleError("price.zero", "The price must be more than zero.")
    if price_units > MAX_PRICE_UNITS:
        raise RuleError("price.huge", "This price is larger than any currency can hold.")


def check_description(description: Description) -> None:
    """RuleError names the first field that is missing or too long."""
    if not description.title.strip():
        raise RuleError("describe.title", "Give the dataset a title.")
    if not description.what.strip():
        raise RuleError("describe.what", "Say in a sentence or two what the data is.")
    for name, longest in LONGEST.items():
        if len(getattr(description, name)) > longest:
            raise RuleError(
                "describe.long",
                f"Shorten the {name}: at most {longest} characters fit.",
                field=name,
                longest=longest,
            )


def document(
    *,
    description: Description,
    terms: dict[str, Any],
    token: str,
    price_units: int,
    files: int,
    profile: Profile | None,
) -> dict[str, Any]:
    """The listing's JSON object; money as decimal text, completeness in thousandths."""
    shown = profile.columns[:MAX_COLUMNS] if profile else ()
    sketch = shared_sketch(description, profile)
    said = claims.document(claims.declared(profile, description.undeclared)) if profile else {}
    optional = {"sketch": b64encode(sketch).decode(), "claims": said}
    return {name: value for name, value in optional.items() if value} | {
        "lading": 1,
        "title": description.title.strip(),
        "what": description.what.strip(),
        "field": description.field.strip(),
        "region": description.region.strip(),
        "period": description.period.strip(),
        "personal": description.personal_data,
        "files": files,
        "rows": profile.rows if profile else None,
        "columns": [
            [name, column.kind, int(column.complete * 1000)]
            for name, column in zip(heading.told(one.name for one in shown), shown, strict=True)
        ],
        "terms": terms,
        "price": {"token": token, "units": str(price_units)},
    }


def shared_sketch(description: Description, profile: Profile | None) -> bytes:
    """The sketch that goes on record; nothing where the owner leaves it out, and never where others
    must not be able to compare: of personal data, and of confidential registrations."""
    hidden = description.personal_data or description.confidential or not description.comparable
    return b"" if hidden or profile is None else profile.sketch


def read(raw: dict[str, Any]) -> Listing:
    """What a listing on record says, whatever it says."""
    texts: dict[str, Any] = {
        name: _text(raw.get(name), longest) for name, longest in LONGEST.items()
    }
    token, price_units = _price(raw.get("price"))
    return Listing(
        description=replace(Description(personal_data=raw.get("personal") is True), **texts),
        terms=_terms(raw.get("terms")),
        token=token,
        price_units=price_units,
        files=_count(raw.get("files")) or 1,
        rows=_count(raw.get("rows")),
        columns=_columns(raw.get("columns")),
        sketch=_sketch(raw.get("sketch")),
        claims=claims.read(raw.get("claims")),
    )


def _text(raw: Any, longest: int) -> str:
    if not isinstance(raw, str):
        return ""
    text = raw[:longest]
    if text.isprintable():
        return text
    return "".join(c for c in text if c.isprintable() or c == "\n")


def _count(raw: Any) -> int | None:
    return raw if type(raw) is int and 0 <= raw < 2**53 else None


def _price(raw: Any) -> tuple[str, int | None]:
    if not isinstance(raw, dict):
        return "", None
    token, units = raw.get("token"), raw.get("units")
    if not isinstance(token, str) or not isinstance(units, str):
        return "", None
    if not units.isascii() or not units.isdigit() or len(units) > 25:
        return "", None
    return token[:42], int(units) or None


def _terms(raw: Any) -> TermsChoice:
    if not isinstance(raw, dict):
        return TermsChoice()
    try:
        return TermsChoice(**raw)
    except (TypeError, RuleError):
        return TermsChoice()


def _sketch(raw: Any) -> bytes:
    if not isinstance(raw, str) or len(raw) > 2 * similarity.MAX_SKETCH_BYTES:
        return b""
    try:
        sketch = b64decode(raw, validate=True)
        similarity.check(sketch)
    except ValueError:
        return b""
    return sketch


def _columns(raw: Any) -> tuple[Column, ...]:
    columns = []
    for item in raw[:MAX_COLUMNS] if isinstance(raw, list) else ():
        match item:
            case [str(name), str(kind), int(complete)] if kind in KINDS:
                columns.append(Column(_text(name, 80), kind, min(max(complete, 0), 1000) / 1000))
    return tuple(columns)
