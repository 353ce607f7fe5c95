"""Events of both contracts as rows of `chain_events`: kind, subject and JSON body, and back."""

import json
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast, get_type_hints

from chain import exchange, registry
from chain.agreement import Offer

BODY_TYPES: dict[str, type] = {
    f"{module}.{kind.__name__}": kind
    for module, kinds in {
        "registry": (
            registry.Committed,
            registry.Registered,
            registry.ListingUpdated,
            registry.Withdrawn,
            registry.TitleTransferred,
            registry.ProfileSet,
            registry.Wanted,
            registry.Unwanted,
        ),
        "exchange": (
            exchange.Funded,
            exchange.Confirmed,
            exchange.Revealed,
            exchange.Accepted,
            exchange.Refunded,
            exchange.Rated,
            exchange.Deposited,
            exchange.Withdrawn,
            exchange.Credited,
            exchange.EpochRaised,
        ),
    }.items()
    for kind in kinds
}
KINDS: dict[type, str] = {kind: name for name, kind in BODY_TYPES.items()}

_SUBJECTS = ("dataset", "order_id", "want", "account", "owner")


def subject(body: Any) -> bytes:
    """What an event is about: a dataset, an order or a want (32 bytes), else an account (20)."""
    value: bytes | str = getattr(body, _subject_field(type(body)))
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


@cache
def _subject_field(kind: type) -> str:
    names = {item.name for item in fields(kind)}
    return next(name for name in _SUBJECTS if name in names)


def encode(body: Any) -> str:
    """ASCII JSON: whatever text the chain holds can be stored."""
    return json.dumps(_plain(body), separators=(",", ":"))


def decode(kind: str, text: str) -> Any:
    """The event that `encode` was given; ``kind`` is its name in `BODY_TYPES`."""
    return _typed(BODY_TYPES[kind], json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Offer):
        return value.to_json()
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _typed(kind: Any, raw: Any) -> Any:
    if kind is bytes:
        return bytes.fromhex(raw)
    if kind is Offer:
        return Offer.from_json(raw)
    if is_dataclass(kind):
        made = cast(Any, kind)
        return made(**{name: _typed(hint, raw[name]) for name, hint in _hints(made).items()})
    return tuple(raw) if isinstance(raw, list) else raw
