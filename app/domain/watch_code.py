"""The code of a watching device: its X25519 key as text that can be copied or typed."""

from __future__ import annotations

import contextlib
import hashlib
from base64 import b32decode, b32encode

from app.domain.errors import RuleError

PREFIX = "LW-"
_KEY_BYTES = 32
_CHECK_BYTES = 3


def watch_code(public: bytes) -> str:
    """An X25519 public key (32 bytes) as text, with a checksum: base32 in groups of eight."""
    text = b32encode(public + _checksum(public)).decode()
    return PREFIX + "-".join(text[at : at + 8] for at in range(0, len(text), 8))


def read_code(text: str) -> bytes:
    """The key of a watch code; RuleError if it is none, or has a slip in it."""
    bare = "".join(text.upper().split()).removeprefix(PREFIX).replace("-", "")
    raw = b""
    with contextlib.suppress(ValueError):
        raw = b32decode(bare)
    key, check = raw[:_KEY_BYTES], raw[_KEY_BYTES:]
    if len(raw) != _KEY_BYTES + _CHECK_BYTES or check != _checksum(key):
        raise RuleError(
            "watch.code",
            "This is not a watch code. Copy what “lading node --watch --code” prints on the other "
            "device.",
        )
    return key


def _checksum(public: bytes) -> bytes:
    return hashlib.sha256(b"lading/watch" + public).digest()[:_CHECK_BYTES]
