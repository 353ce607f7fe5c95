"""Licence terms: what both sides sign, as ODRL 2.2 from plain-language choices.

The terms document is a W3C ODRL 2.2 *Agreement* template in JSON; its SHA-256 over the RFC 8785
bytes goes into the signed Offer (`chain.agreement.terms_hash`). `document` and `choice_of` are
inverse to each other, so that either side can show any terms document as the choices it was made
of; a document that was not made here is refused rather than shown half understood.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from app.domain.errors import RuleError

Use = Literal["internal", "product", "research", "any"]
Territory = Literal["world", "china", "eu", "country"]
Resale = Literal["no", "derived", "yes"]
Personal = Literal["none", "with_consent"]
Liability = Literal["as_is", "price", "double"]

MAX_MONTHS = 1200


@dataclass(frozen=True, slots=True)
class TermsChoice:
    """The licence in eight choices.

    ``months`` counts from delivery, 0 means without end. ``territory`` "country" names it in
    ``country``, else that is empty. ``resale`` "derived": only results, never the records.
    ``liability``: none beyond the law, up to the price, up to twice the price. ``exclusive``: the
    owner gives nobody else a licence as long as this one runs.
    """

    use: Use = "internal"
    months: int = 12
    territory: Territory = "world"
    country: str = ""
    resale: Resale = "no"
    ai_training: bool = False
    personal_data: Personal = "none"
    liability: Liability = "price"
    exclusive: bool = False

    def __post_init__(self) -> None:
        choices = (
            (self.use, Use),
            (self.territory, Territory),
            (self.resale, Resale),
            (self.personal_data, Personal),
            (self.liability, Liability),
        )
        if any(value not in get_args(kind) for value, kind in choices):
            raise RuleError("terms.choice", "These licence terms contain a choice Lading lacks.")
        if not 0 <= self.months <= MAX_MONTHS:
            raise RuleError("terms.months", "The licence period must be 0 to 1,200 months.")
        if (self.territory == "country") != bool(self.country) or len(self.country) > 80:
            raise RuleError("terms.country", "Name the country the licence is for.")


_ID = re.compile(r"[0-9a-f]{64}")
_CONTEXT = ["http://www.w3.org/ns/odrl.jsonld", {"lading": "urn:lading:terms:1#"}]


def document(choice: TermsChoice, dataset: str, subscription: str = "") -> dict[str, Any]:
    """The ODRL 2.2 document for ``choice`` about ``dataset``, which is delivered as a part of
    ``subscription`` if that is named (64 hex characters each)."""
    constraints: list[dict[str, Any]] = [
        {"leftOperand": "purpose", "operator": "eq", "rightOperand": f"lading:{choice.use}"}
    ]
    if choice.months:
        constraints.append(
            {
                "leftOperand": "elapsedTime",
                "operator": "lteq",
                "rightOperand": {"@type": "xsd:duration", "@value": f"P{choice.months}M"},
            }
        )
    if choice.territory != "world":
        place = choice.country or f"lading:{choice.territory}"
        constraints.append({"leftOperand": "spatial", "operator": "eq", "rightOperand": place})
    permissions: list[dict[str, Any]] = [{"action": "use", "constraint": constraints}]
    prohibitions: list[dict[str, Any]] = []
    for action, allowed in (
        ("sell", choice.resale == "yes"),
        ("distribute", choice.resale in ("yes", "derived")),
        ("lading:trainModel", choice.ai_training),
    ):
        (permissions if allowed else prohibitions).append({"action": action})
    choices = asdict(choice)
    if not choice.exclusive:  # as before there was this choice: what was signed stays what it is
        del choices["exclusive"]
    alone = {"obligation": [{"action": "lading:licenseToNobodyElse"}]} if choice.exclusive else {}
    named = {"lading:subscription": subscription} if subscription else {}
    return {
        "@context": _CONTEXT,
        "@type": "Offer",
        "profile": "urn:lading:terms:1",
        "target": f"urn:lading:dataset:{dataset}",
        "permission": permissions,
        "prohibition": prohibitions,
        "lading:choices": choices,
        **alone,
        **named,
    }


def choice_of(terms: dict[str, Any], dataset: str) -> TermsChoice:
    """The choices a terms document was made of.

    Raises:
        RuleError: it is not exactly the document these choices make for ``dataset``, so showing
            the choices would not show what is signed.
    """
    refused = RuleError("terms.unknown", "These licence terms were not made by Lading's templates.")
    raw = terms.get("lading:choices")
    if not isinstance(raw, dict):
        raise refused
    try:
        choice = TermsChoice(**raw)
    except (TypeError, RuleError):
        raise refused from None
    if type(choice.months) is not int or type(choice.ai_training) is not bool:
        raise refused
    if type(choice.exclusive) is not bool:
        raise refused
    if document(choice, dataset, subscription_of(terms)) != terms:
        raise refused
    return choice


def subscription_of(terms: dict[str, Any]) -> str:
    """The subscription that a terms document names (64 hex characters); empty if it names none."""
    named = terms.get("lading:subscription")
    return named if isinstance(named, str) and _ID.fullmatch(named) else ""
