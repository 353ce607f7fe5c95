"""Events of both contracts as rows of `chain_events`: kind, subject and JSON body, and back."""

import json
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast, get_args, get_type_hints

from chain.exchange_events import ExchangeEvent
from chain.registry_events import RegistryEvent

BODY_TYPES: dict[str, type] = {
    f"{contract}.{kind.__name__}": kind
    for contract, events in (("registry", RegistryEvent), ("exchange", ExchangeEvent))
    for kind in get_args(events)
}
KINDS: dict[type, str] = {kind: name for name, kind in BODY_TYPES.items()}

_SUBJECTS = ("dataset", "order_id", "want", "account", "owner")


def subject(body: Any) -> bytes:
    """What an event is about: a dataset, an order or a want (32 bytes), else an account (20)."""
    value: bytes | str = getattr(body, _subject_field(KINDS[type(body)]))
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


@cache
def _subject_field(kind: str) -> str:
    names = {item.name for item in fields(BODY_TYPES[kind])}
    return next(name for name in _SUBJECTS if name in names)


def encode(body: Any) -> str:
    """ASCII JSON: whatever text the chain holds can be stored."""
    return _JSON.encode(_plain(body))


def decode(kind: str, text: str) -> Any:
    """The event that `encode` was given; ``kind`` is its name in `BODY_TYPES`."""
    return _typed(BODY_TYPES[kind], json.loads(text))


_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False)


def _plain(value: Any) -> Any:
    kind: type = type(value)
    if kind is bytes:
        return value.hex()
    if kind is int or kind is str or kind is bool or kind is tuple:
        return value
    return {name: _plain(getattr(value, name)) for name in _hints(kind)}


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _typed(kind: Any, raw: Any) -> Any:
    if kind is bytes:
        return bytes.fromhex(raw)
    if is_dataclass(kind):
        made = cast(Any, kind)
        return made(**{name: _typed(hint, raw[name]) for name, hint in _hints(made).items()})
    return tuple(raw) if isinstance(raw, list) else raw
