"""Events of both contracts as rows of `chain_events`: kind, subject and body, and back.

A body is JSON, a zero byte, and the event's bytes one after the other, whose lengths are in the
JSON. Earlier versions wrote bytes as hex digits, which is read as before.
"""

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
    value: bytes | str = getattr(body, _subject_field(type(body)))
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


@cache
def _subject_field(kind: type) -> str:
    names = {item.name for item in fields(kind)}
    return next(name for name in _SUBJECTS if name in names)


def encode(body: Any) -> bytes:
    """Whatever text or bytes the chain holds can be stored."""
    names, plain, bytes_ = _names(type(body))
    held = [getattr(body, name) for name in bytes_]
    values = [getattr(body, name) for name in plain]
    said = _JSON.encode(dict(zip(names, (*values, *map(len, held)), strict=True)))
    return b"".join((said.encode(), b"\0", *held))


def decode(kind: str, body: bytes | str) -> Any:
    """The event that `encode` was given; ``kind`` is its name in `BODY_TYPES`."""
    whole = body.encode() if isinstance(body, str) else body
    said, _, held = whole.partition(b"\0")
    raw, at = json.loads(said), 0
    for name in _names(BODY_TYPES[kind])[2]:
        if type(length := raw[name]) is int:
            raw[name] = held[at : at + length]
            at += length
    return _typed(BODY_TYPES[kind], raw)


@cache
def _names(kind: type) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The fields of an event: all, those that JSON can hold, those that are bytes."""
    hints = _hints(kind)
    held = tuple(name for name, hint in hints.items() if hint is bytes)
    plain = tuple(name for name in hints if name not in held)
    return plain + held, plain, held


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _inner(value: Any) -> Any:
    """What stands inside an event, an offer or a profile, is in the JSON with all its bytes."""
    if isinstance(value, bytes):
        return value.hex()
    return {name: getattr(value, name) for name in _hints(type(value))}


_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=_inner)


def _typed(kind: Any, raw: Any) -> Any:
    if kind is bytes:
        return raw if isinstance(raw, bytes) else bytes.fromhex(raw)
    if is_dataclass(kind):
        made = cast(Any, kind)
        return made(**{name: _typed(hint, raw[name]) for name, hint in _hints(made).items()})
    return tuple(raw) if isinstance(raw, list) else raw
