"""A description of a dataset in the words of another catalogue, read for a draft.

Croissant, DCAT and ODCS as JSON, whoever wrote them: `described` takes title, description, field
and coverage from any of them, `licensed` the licence from those that `app.domain.catalogue` made,
`asked` the price that a contract names. What it says of quality `app.domain.stated` reads.
It is somebody else's file: how long and how deep it is is bounded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from sys import float_info
from typing import Any
from urllib.parse import unquote

from app.domain import terms
from app.domain.catalogue import NO_DOMAIN, PRICE_UNIT
from app.domain.commands import Description
from app.domain.errors import RuleError
from app.domain.listing import LONGEST, MAX_PRICE_UNITS
from app.domain.snapshots.money import Amount, Currency
from app.domain.terms import TermsChoice

MOST_BYTES = 4 << 20
DEEPEST = 64
_LOOKED_AT = 4096
_LONGEST_UNIT = 40
_YAML = re.compile(r"^(apiVersion|kind|dataContractSpecification):\s*\S", re.MULTILINE)
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.?)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


def described(raw: bytes, before: Description = Description(), language: str = "en") -> Description:
    """``before`` with what a description of any of the three kinds says of title, content, field,
    region and period; in ``language`` or else in English, where it is said in several. RuleError
    says what is wrong with it."""
    said = opened(raw)
    own = _own(said)
    speaks = (language[:2].lower(), "en")
    contract = said.get("kind") == "DataContract"
    found = {
        "title": _first(said, speaks, "name", "dcterms:title", "dct:title", "title"),
        "what": _what(said, speaks)
        or _first(said, speaks, "description", "dcterms:description", "dct:description"),
        "field": _first(said, speaks, "keywords", "dcat:keyword", "domain" if contract else ""),
        "region": _first(
            said | own, speaks, "spatialCoverage", "dcterms:spatial", "dct:spatial", "region"
        ),
        "period": _first(
            said | own, speaks, "temporalCoverage", "dcterms:temporal", "dct:temporal", "period"
        ),
    }
    if contract and found["field"] == NO_DOMAIN:
        del found["field"]
    kept = {name: text[: LONGEST[name]] for name, text in found.items() if text}
    if not kept.keys() & {"title", "what"}:
        raise RuleError("catalogue.empty", "This description has no title and no text.")
    return replace(before, **kept)  # type: ignore[arg-type]


def licensed(raw: bytes, before: TermsChoice = TermsChoice()) -> TermsChoice:
    """The licence that a description was saved with here; ``before`` if it says none that is one of
    ours. RuleError as `described`."""
    said = opened(raw)
    for policy in (said.get("odrl:hasPolicy"), said.get("usageInfo"), _own(said).get("odrl")):
        if isinstance(policy, dict):
            dataset = str(policy.get("target")).rpartition(":")[2]
            try:
                return terms.choice_of(_signed(policy, dataset), dataset)
            except RuleError:
                continue
    return before


@dataclass(frozen=True, slots=True)
class Asked:
    """What a contract asks: ``amount`` of ``currency`` for each ``unit``, which may be empty."""

    amount: int | float
    currency: str
    unit: str

    @property
    def whole(self) -> bool:
        """Whether it is for one licence of all there is, and not for each megabyte or month."""
        return self.unit.lower() in ("", PRICE_UNIT, "license")

    def price(self, currencies: Sequence[Currency]) -> Amount | None:
        """The same in one of ``currencies``, by its symbol; None if it cannot be said in them."""
        symbol = self.currency.lower()
        here = next((one for one in currencies if one.symbol.lower() == symbol), None)
        if here is None or not self.whole:
            return None
        units = Fraction(str(self.amount)) * 10**here.decimals
        fits = units.denominator == 1 and 0 < units <= MAX_PRICE_UNITS
        return Amount(int(units), here) if fits else None


def asked(raw: bytes) -> Asked | None:
    """The price in a contract (ODCS 3.1, ``price``), None where none is said. RuleError as
    `described`."""
    said = opened(raw)
    price = said.get("price") if said.get("kind") == "DataContract" else None
    if not isinstance(price, dict):
        return None
    amount = price.get("priceAmount")
    if isinstance(amount, bool) or not isinstance(amount, int | float):
        return None
    if not abs(amount) <= float_info.max:  # nor is what is no number
        return None
    currency, unit = (_text(price.get(name), ()) for name in ("priceCurrency", "priceUnit"))
    return Asked(amount, currency[:_LONGEST_UNIT], unit[:_LONGEST_UNIT])


def _signed(policy: dict[str, Any], dataset: str) -> dict[str, Any]:
    """What of an exported policy both sides would sign, as `terms.document` has it."""
    context = terms.document(TermsChoice(), dataset)["@context"]
    return {name: value for name, value in policy.items() if name not in ("@id", "assigner")} | {
        "@context": context
    }


def opened(raw: bytes) -> dict[str, Any]:
    """The dataset or contract in a file, no deeper than `DEEPEST`. RuleError as `described`."""
    if len(raw) > MOST_BYTES:
        raise RuleError("catalogue.long", "This description is longer than any of its kind.")
    text = raw.decode("utf-8-sig", "replace")
    try:
        raw.decode("utf-8-sig")
        if _depth(text) > DEEPEST:  # the reader would leave the stack
            raise ValueError("deeper than a description")
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _YAML.search(text[:_LOOKED_AT]):
            raise RuleError("catalogue.yaml", "This contract is YAML, not JSON.") from error
        raise RuleError("catalogue.json", "This file is not JSON.") from error
    if isinstance(said, dict) and isinstance(said.get("@graph"), list):
        said = said["@graph"]
    if isinstance(said, list):
        said = next((one for one in said if _is_dataset(one)), None)
    if not isinstance(said, dict) or not (_is_dataset(said) or said.get("kind") == "DataContract"):
        raise RuleError(
            "catalogue.kind", "This is not a description in Croissant, DCAT or ODCS as JSON."
        )
    if any(name.startswith(("http://", "https://")) for name in said):
        raise RuleError("catalogue.expanded", "This is expanded JSON-LD.")
    return said


def _own(said: dict[str, Any]) -> dict[str, Any]:
    """The properties that a contract has beside those of the standard."""
    own = said.get("customProperties")
    return {
        one["property"]: one.get("value")
        for one in (own if isinstance(own, list) else ())
        if isinstance(one, dict) and isinstance(one.get("property"), str)
    }


def _what(said: dict[str, Any], speaks: Sequence[str]) -> str:
    """What a contract says of its purpose, and of its usage and limits below."""
    about = said.get("description")
    if not isinstance(about, dict) or said.get("kind") != "DataContract":
        return ""
    parts = (_text(about.get(name), speaks) for name in ("purpose", "usage", "limitations"))
    return "\n".join(part for part in parts if part)


def _depth(text: str) -> int:
    """How deep brackets stand within each other, those in strings left out."""
    deep = deepest = 0
    for bracket in _BRACKETS.findall(text):
        deep += 1 if bracket in "[{" else -1 if bracket in "]}" else 0
        deepest = max(deepest, deep)
    return deepest


def _is_dataset(said: Any) -> bool:
    kinds = said.get("@type") if isinstance(said, dict) else None
    named = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and kind.endswith("Dataset") for kind in named)


def _first(said: dict[str, Any], speaks: Sequence[str], *keys: str) -> str:
    """The first text under one of the keys, in any of the ways JSON-LD has for it."""
    for key in keys:
        text = _text(said.get(key), speaks)
        if text:
            return text
    return ""


_NAMES = ("@value", "name", "dcterms:title", "dct:title", "skos:prefLabel", "rdfs:label", "purpose")
_BEGINS = ("startDate", "dcat:startDate", "schema:startDate")
_ENDS = ("endDate", "dcat:endDate", "schema:endDate")


def _text(raw: Any, speaks: Sequence[str], deep: int = 0) -> str:
    if isinstance(raw, str):
        return "".join(c for c in raw if c.isprintable() or c == "\n").strip()
    if isinstance(raw, list) and raw and deep < 4:
        return _text(min(raw, key=lambda one: _far(one, speaks)), speaks, deep + 1)
    if isinstance(raw, dict) and deep < 4:
        for key in (*speaks, *_NAMES):
            text = _text(raw.get(key), speaks, deep + 1)
            if text:
                return text
        ends = (_of(raw, names, speaks, deep) for names in (_BEGINS, _ENDS))
        between = " – ".join(text for text in ends if text)
        place = raw.get("@id")
        return between or (_label(place) if isinstance(place, str) else "")
    return ""


def _of(raw: dict[str, Any], names: Sequence[str], speaks: Sequence[str], deep: int) -> str:
    texts = (_text(raw.get(name), speaks, deep + 1) for name in names)
    return next((text for text in texts if text), "")


def _far(one: Any, speaks: Sequence[str]) -> int:
    """How far a text's language is from those wanted; without one it is after them."""
    said = one.get("@language") if isinstance(one, dict) else None
    if not isinstance(said, str):
        return len(speaks)
    said = said[:2].lower()
    return speaks.index(said) if said in speaks else len(speaks) + 1


def _label(address: str) -> str:
    """What the end of an address that names something says."""
    if "/" not in address:
        return ""
    return _text(unquote(re.split(r"[/#]", address.rstrip("/#"))[-1]).replace("_", " "), ())
