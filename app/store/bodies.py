"""Events of both contracts as rows of `chain_events`: kind, subject and body, and back.

A body is a JSON list, a zero byte, and the event's bytes one after the other: the list has the
other fields, then the lengths of the bytes. Until version 7 it was text, a JSON object with hex
digits; such rows stay as they are.
"""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from json.encoder import encode_basestring_ascii
from operator import attrgetter
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
    kind: type = type(body)
    value: bytes | str = getattr(body, _subject_field(kind))
    return bytes.fromhex(value[2:]) if isinstance(value, str) else value


@cache
def _subject_field(kind: type) -> str:
    names = {item.name for item in fields(kind)}
    return next(name for name in _SUBJECTS if name in names)


def encode(body: Any) -> bytes:
    """Whatever text or bytes the chain holds can be stored."""
    kind: type = type(body)
    plain, held = _getters(kind)
    values = held(body)
    said = [*plain(body), *map(len, values)]
    return b"".join((b"[", ",".join(map(_json, said)).encode(), b"]\0", *values))


def decode(kind: str, body: bytes | str) -> Any:
    """The event that `encode` was given; ``kind`` is its name in `BODY_TYPES`."""
    if isinstance(body, str):
        return _typed(BODY_TYPES[kind], json.loads(body))
    head, _, rest = body.partition(b"\0")
    plain, held = _names(BODY_TYPES[kind])
    raw, at = dict(zip(plain + held, json.loads(head), strict=True)), 0
    for name in held:
        at, start = at + raw[name], at
        raw[name] = rest[start:at]
    return _typed(BODY_TYPES[kind], raw)


@cache
def _names(kind: type) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fields of an event that JSON can hold, and those that are bytes."""
    hints = _hints(kind)
    held = tuple(name for name, hint in hints.items() if hint is bytes)
    return tuple(name for name in hints if name not in held), held


@cache
def _getters(kind: type) -> tuple[Callable[[Any], tuple[Any, ...]], ...]:
    """What gets the values of `_names`, each as a tuple."""
    return tuple(_getter(names) for names in _names(kind))


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return cast(Callable[[Any], tuple[Any, ...]], attrgetter(*names))
    return lambda body: tuple(getattr(body, name) for name in names)


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {item.name: hints[item.name] for item in fields(kind)}


def _inner(value: Any) -> Any:
    """What stands inside an event, an offer or a profile, is in the JSON with all its bytes."""
    if isinstance(value, bytes):
        return value.hex()
    kind: type = type(value)
    return {name: getattr(value, name) for name in _hints(kind)}


def _json(value: Any) -> str:
    """Numbers and short texts, of which a long record has millions, without the encoder's ado."""
    kind = type(value)
    if kind is int:
        return str(value)
    return encode_basestring_ascii(value) if kind is str else _JSON.encode(value)


_JSON = json.JSONEncoder(separators=(",", ":"), check_circular=False, default=_inner)


def _typed(kind: Any, raw: Any) -> Any:
    if kind is bytes:
        return raw if isinstance(raw, bytes) else bytes.fromhex(raw)
    if is_dataclass(kind):
        made = cast(Any, kind)
        return made(**{name: _typed(hint, raw[name]) for name, hint in _hints(made).items()})
    return tuple(raw) if isinstance(raw, list) else raw
