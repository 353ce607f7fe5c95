"""Frozen dataclasses ↔ JSON text, for the journal: bytes as hex, tuples as lists, by field type.

Only what the journal holds is supported: str, int, bool, float, bytes, dict, None, tuples and
nested dataclasses. Reading is strict, so that a damaged row is an error and not another event.
"""

from __future__ import annotations

import json
import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any


def encode(value: Any) -> str:
    """JSON text of a dataclass instance; its class is stored beside it, not in it."""
    return json.dumps(_plain(value), ensure_ascii=False, separators=(",", ":"))


def decode(kind: type, text: str) -> Any:
    """The instance of ``kind`` that ``text`` encodes.

    Raises:
        ValueError: the text is not JSON or does not have the fields and types of ``kind``.
    """
    return _typed(kind, json.loads(text))


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _needed(kind: type) -> frozenset[str]:
    """The fields without a default."""
    return frozenset(
        f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING
    )


def _typed(kind: Any, raw: Any) -> Any:
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if raw is None and type(None) in typing.get_args(kind):
            return None
        (inner,) = (k for k in typing.get_args(kind) if k is not type(None))
        return _typed(inner, raw)
    if origin is typing.Literal:
        return _expect(raw in typing.get_args(kind), raw)
    if origin is tuple:
        arguments = typing.get_args(kind)
        _expect(isinstance(raw, list), raw)
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return tuple(_typed(arguments[0], item) for item in raw)
        _expect(len(raw) == len(arguments), raw)
        return tuple(_typed(k, item) for k, item in zip(arguments, raw, strict=True))
    if origin is dict:
        return _expect(isinstance(raw, dict), raw)
    if is_dataclass(kind):
        hints = _hints(typing.cast(type, kind))
        _expect(isinstance(raw, dict), raw)
        # what a later version added with a default is missing in the rows of an earlier one
        _expect(_needed(typing.cast(type, kind)) <= raw.keys() <= hints.keys(), raw)
        return typing.cast(Any, kind)(**{name: _typed(hints[name], raw[name]) for name in raw})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(_expect(isinstance(raw, str), raw))
    if kind is bytes:
        return bytes.fromhex(_expect(isinstance(raw, str), raw))
    return _expect(type(raw) is kind, raw)


def _expect(true: bool, raw: Any) -> Any:
    if not true:
        raise ValueError("a journal row does not have the fields of its kind")
    return raw
